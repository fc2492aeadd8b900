//! The cases, in the order of the rules.

use super::Case;

const FOUR: &[(&str, &str)] = &[("nodes", "1-4")];
const SIX: &[(&str, &str)] = &[("nodes", "1-6")];

const fn lists(rule: &'static str, found: &'static str, silent: &'static str) -> Case {
    Case { rule, version: "0.14", cluster: FOUR, found, silent, silent_cluster: None }
}

const fn objects(
    rule: &'static str,
    cluster: &'static [(&'static str, &'static str)],
    found: &'static str,
    silent: &'static str,
) -> Case {
    Case { rule, version: "0.16", cluster, found, silent, silent_cluster: None }
}

const TWO_ROLES: &str = r#"[{"name": "all", "tasks": {"@type": "EnableAll"}},
 {"name": "web", "tasks": {"@type": "DisableSome", "taskTypes": {"taskScheduler": true, "pushNotifications": true}}}]"#;

const TWO_WITH_ROLES: &[(&str, &str)] = &[("nodes", "1-2"), ("role", "1=all"), ("role", "2=web")];

pub(super) const CASES: &[Case] = &[
    lists(
        "shared-push-shard",
        r#"cluster.roles.push-notifications = ["1,2", "3,4"]"#,
        r#"cluster.roles.push-notifications = ["1", "2", "3", "4"]"#,
    ),
    lists(
        "push-not-sharded",
        r#"cluster.roles.push-notifications = ["1,2,3"] # one shard"#,
        r#"cluster.roles.push-notifications = ["1"]"#,
    ),
    lists(
        "shard-without-node",
        r#"cluster.roles.fts-indexing = ["1,2", "7", "2"]"#,
        r#"cluster.roles.fts-indexing = ["1,7", "2,3"]"#,
    ),
    lists(
        "role-without-node",
        r#"cluster.roles.calendar-alerts = ["7,8"]"#,
        r#"cluster.roles.calendar-alerts = ["1,8"]"#,
    ),
    lists(
        "item-dropped",
        r#"cluster.roles.fts-indexing = ["1-2", "3", "4,"]"#,
        r#"cluster.roles.fts-indexing = [" 1 , 2 ", "3", 4]"#,
    ),
    lists(
        "unknown-role",
        "[cluster.roles]\npush_notifications = [\"1\"]\nindexing = [\"2\"]",
        "[cluster]\nnode-id = 1\n[cluster.roles.push-notifications]\npush-notifications = [\"1\"]",
    ),
    lists(
        "misspelt-roles-table",
        "[cluster.role]\npush-notifications = [\"1\", \"2\"]\n[clusters.roles.purge]\naccounts = \"1\"",
        "[cluster]\nnode-id = 1\n[cluster.roles]\npush-notifications = [\"1\"]\n[cluster.node]\nmetrics = 1\n[metrics.roles]\na = 1",
    ),
    lists(
        "nested-items",
        "cluster.roles.purge.accounts = [[1, 4], [2, 3]]\n[cluster.roles.fts-indexing]\nnodes = [\"1\", \"2\"]",
        "[cluster.roles.fts-indexing]\nfts-indexing = [\"1\", \"2\"]",
    ),
    Case {
        rule: "layout-of-another-version",
        version: "0.16",
        cluster: FOUR,
        found: "[cluster.roles]\nfts-indexing = [\"1\", \"2\"]",
        silent: TWO_ROLES,
        silent_cluster: None,
    },
    lists(
        "single-point-of-failure",
        "cluster.roles.calendar-alerts = [\"1\"]\ncluster.roles.fts-indexing = [\"1\", \"2\"]\ncluster.roles.metrics.push = [\"1\"]",
        "cluster.roles.calendar-alerts = [\"1,2\"]\ncluster.roles.fts-indexing = [\"1,3\", \"2,4\"]",
    ),
    lists(
        "node-in-two-shards",
        r#"cluster.roles.fts-indexing = ["1,2", "2,3", "4,1"]"#,
        r#"cluster.roles.fts-indexing = ["1,2", "3", "4"]"#,
    ),
    lists(
        "unequal-shards",
        r#"cluster.roles.fts-indexing = ["1,2,3", "4"]"#,
        r#"cluster.roles.fts-indexing = ["1,2", "3,4"]"#,
    ),
    Case {
        rule: "node-without-mail",
        version: "0.14",
        cluster: &[("nodes", "1-6"), ("no-mail", "4-6")],
        found: "cluster.roles.fts-indexing = [\"1,4\", \"5,6\"]\ncluster.roles.calendar-alerts = [\"5,6\"]",
        silent: "cluster.roles.fts-indexing = [\"1,2\"]\ncluster.roles.imip-processing = [\"1,2\"]\ncluster.roles.bayes-training = [\"1,3\"]",
        silent_cluster: None,
    },
    Case {
        rule: "purge-at-the-same-time",
        version: "0.14",
        cluster: SIX,
        found: "[cluster.roles.purge]\nstores = [\"1,4\"]\naccounts = [\"1,4\", \"2\", \"3,5,6\"]",
        silent: "[cluster.roles.purge]\nstores = [\"1\"]\naccounts = [\"1\", \"2\"]",
        silent_cluster: None,
    },
    Case {
        rule: "training-on-several-nodes",
        version: "0.15",
        cluster: FOUR,
        found: r#"cluster.roles.spam-training = ["2", "3"]"#,
        silent: r#"cluster.roles.spam-training = ["2"]"#,
        silent_cluster: None,
    },
    lists(
        "shards-of-undivided-role",
        r#"cluster.roles.metrics.calculate = ["1,2", "3"]"#,
        r#"cluster.roles.metrics.calculate = ["1,2,3"]"#,
    ),
    lists(
        "integers-become-shards",
        "[cluster.roles.purge]\nstores = [1, 2]\naccounts = [1, 2]",
        "cluster.roles.purge.accounts = [1]\ncluster.roles.push-notifications = [1, 2]",
    ),
    Case {
        rule: "key-of-another-version",
        version: "0.15",
        cluster: FOUR,
        found: r#"cluster.roles.bayes-training = ["1"]"#,
        silent: r#"cluster.roles.spam-training = ["1"]"#,
        silent_cluster: None,
    },
    lists("empty-list", "cluster.roles.fts-indexing = []", "cluster.roles.fts-indexing = [\"1,2\"]"),
    lists(
        "unknown-node",
        r#"cluster.roles.fts-indexing = ["1,12", "2"]"#,
        r#"cluster.roles.fts-indexing = ["1,3", "2"]"#,
    ),
    Case {
        rule: "node-id-zero",
        version: "0.14",
        cluster: &[("nodes", "0-2")],
        found: r#"cluster.roles.fts-indexing = ["0,1", "2"]"#,
        silent: r#"cluster.roles.fts-indexing = ["1,2", "10"]"#,
        silent_cluster: None,
    },
    lists(
        "repeated-node-id",
        r#"cluster.roles.fts-indexing = ["1,2,1"]"#,
        r#"cluster.roles.fts-indexing = ["1,2,11"]"#,
    ),
    lists(
        "node-of-one-role",
        concat!(
            "cluster.roles = { purge = { stores = \"1\", accounts = \"1\" }, acme.renew = \"1,2\", metrics = { calculate = \"1\", push = \"1\" },\n",
            "push-notifications = [1, 2, 3], fts-indexing = \"1,2\", bayes-training = \"1,2\", imip-processing = \"3\", calendar-alerts = \"1,2\" }",
        ),
        "cluster.roles.push-notifications = [1, 2, 3, 4]\ncluster.roles.fts-indexing = [\"1,2\", \"3,4\"]",
    ),
    lists(
        "push-shard-of-one-node",
        r#"cluster.roles.push-notifications = ["1", "2,3", "4"]"#,
        r#"cluster.roles.push-notifications = ["1,2", "3,4"]"#,
    ),
    objects(
        "task-type-without-node",
        &[("nodes", "1-2"), ("role", "1-2=web")],
        TWO_ROLES,
        r#"[{"name": "web", "tasks": {"@type": "EnableAll"}}]"#,
    ),
    Case {
        rule: "unknown-cluster-role",
        version: "0.16",
        cluster: &[("nodes", "1-2"), ("role", "2=webb")],
        found: TWO_ROLES,
        silent: TWO_ROLES,
        silent_cluster: Some(TWO_WITH_ROLES),
    },
    objects(
        "unknown-task-type",
        FOUR,
        r#"[{"name": "a", "tasks": {"@type": "EnableSome", "taskTypes": {"searchIndex": true, "fts": true}}}]"#,
        r#"[{"name": "a", "tasks": {"@type": "EnableSome", "taskTypes": {"searchIndexing": true, "outboundMta": true}}}]"#,
    ),
    objects(
        "task-types-not-read",
        FOUR,
        r#"[{"name": "a", "tasks": {"@type": "EnableSome", "taskTypes": ["searchIndexing", "metricsPush"]}},
 {"name": "b", "tasks": {"@type": "DisableSome", "taskTypes": {"searchIndexing": false}}}]"#,
        r#"[{"name": "a", "tasks": {"@type": "EnableSome", "taskTypes": {"searchIndexing": true}}}]"#,
    ),
    Case {
        rule: "push-shard-out-of-range",
        version: "0.16",
        cluster: &[("nodes", "1-3"), ("push-shard", "1=2"), ("push-shard", "2=0"), ("push-shard", "3=one")],
        found: TWO_ROLES,
        silent: TWO_ROLES,
        silent_cluster: Some(&[("nodes", "1-2"), ("push-shard", "1=1")]),
    },
    Case {
        rule: "push-despite-role",
        version: "0.16",
        cluster: TWO_WITH_ROLES,
        found: TWO_ROLES,
        silent: TWO_ROLES,
        silent_cluster: Some(&[("nodes", "1-2"), ("role", "1=all"), ("role", "2=web"), ("push-shard", "2=2")]),
    },
    Case {
        rule: "several-schedulers",
        version: "0.16",
        cluster: &[("nodes", "1-2")],
        found: TWO_ROLES,
        silent: TWO_ROLES,
        silent_cluster: Some(TWO_WITH_ROLES),
    },
    objects(
        "repeated-role-name",
        FOUR,
        r#"[{"name": "a", "tasks": {"@type": "EnableAll"}}, {"name": "a", "tasks": {"@type": "DisableAll"}}]"#,
        TWO_ROLES,
    ),
];
