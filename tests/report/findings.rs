//! Findings on small tables, whose numbers can be followed by hand.

use rolesim::metrics::rows::{BalanceRow, FindingRow, NodeRow, PushRow, RoleRow, ShardRow, Tables, TimelineRow};
use rolesim::report::findings::{ServerFacts, WorkerFacts, from_results, join, worst_first};
use rolesim::report::{FindingContext, LayoutPlan, PlanRow};

fn context() -> FindingContext {
    under("0.14")
}

/// A day under a version; runs have two lock round trips of 0.5 ms and a deletion of 1 ms.
fn under(version: &str) -> FindingContext {
    let worker = WorkerFacts { overhead_s: 0.002, channel: 1_024 };
    let roles = ["fts-indexing", "calendar-alerts", "imip-processing"];
    let server = ServerFacts {
        version: version.to_owned(),
        refresh_s: 300.0,
        blocks_when_full: true,
        workers: roles.map(|role| (role.to_owned(), worker)).into(),
    };
    FindingContext { duration_s: 86_400.0, servers: [("a".to_owned(), server)].into(), ..FindingContext::default() }
}

fn plan(role: &str, cells: &[&str]) -> LayoutPlan {
    LayoutPlan {
        layout: "a".to_owned(),
        nodes: (1..=cells.len() as u64).collect(),
        cells: vec![PlanRow { role: role.to_owned(), cells: cells.iter().map(|cell| (*cell).to_owned()).collect() }],
        marks: Vec::new(),
    }
}

fn role(replication: u32) -> RoleRow {
    RoleRow {
        layout: "a".to_owned(),
        replication,
        role: "fts-indexing".to_owned(),
        created: 1_000,
        completed: 1_000,
        executions: 1_000,
        duplicate_executions: 0,
        failed: 0,
        waiting_at_end: 0,
        latency_mean_s: None,
        latency_p50_s: None,
        latency_p90_s: None,
        latency_p99_s: None,
        latency_p999_s: None,
        latency_max_s: None,
        wait_mean_s: Some(0.1),
        service_mean_s: None,
        failed_executions: 0,
        interrupted_executions: 0,
    }
}

fn node(node: u64, role: &str, executions: u64, share: f64) -> NodeRow {
    NodeRow {
        layout: "a".to_owned(),
        replication: 0,
        node,
        role: role.to_owned(),
        executions,
        busy_s: executions as f64,
        share_ratio: Some(share),
        queue_mean: None,
        queue_max: None,
        utilization_ratio: (role == "all").then_some(share),
        down_s: None,
        messages_received: (role == "all").then_some(executions),
        push_requests: None,
        database_s: 0.0,
    }
}

fn push(replication: u32, shard: &str, delivered: u64, copies: u64, missed: u64) -> PushRow {
    PushRow {
        layout: "a".to_owned(),
        replication,
        shard: shard.to_owned(),
        notifications: delivered + missed,
        delivered,
        copies,
        duplicates: copies - delivered,
        missed,
        requests: copies,
        request_failures: 0,
        latency_p50_s: None,
        latency_p99_s: None,
        accounts_with_duplicates: if copies > delivered { 7 } else { 0 },
        accounts_with_missed: missed.min(1),
    }
}

fn only<'a>(findings: &'a [FindingRow], rule: &str) -> &'a FindingRow {
    let mut found = findings.iter().filter(|f| f.rule == rule);
    let first = found.next().unwrap_or_else(|| panic!("no {rule} in {findings:#?}"));
    assert!(found.next().is_none(), "several {rule}");
    first
}

#[test]
fn nothing_wrong_finds_nothing() {
    let tables = Tables { roles: vec![role(0)], push: vec![push(0, "all", 10, 10, 0)], ..Tables::default() };
    assert_eq!(from_results(&tables, &context()), []);
}

/// Copies over delivered: 1.9, 2.0 and 2.1, mean 2; t(0.975, 2) = 4.303, s = 0.1, so ± 4.303 × 0.1 / √3 = 0.248.
#[test]
fn duplicates_have_their_number_with_its_interval() {
    let rows = [(0, 190), (1, 200), (2, 210)];
    let mut tables = Tables::default();
    for (replication, copies) in rows {
        tables.push.push(push(replication, "1", 100, copies, 0));
        tables.push.push(push(replication, "2", 100, 100, 0));
    }
    let findings = from_results(&tables, &context());
    let found = only(&findings, "push-duplicates");
    assert_eq!((found.shard.as_str(), found.severity.as_str()), ("1", "error"));
    assert_eq!(found.message, "each push notification of shard 1 comes 2.00 ± 0.25 times; 7 accounts get duplicates");
    assert!(found.help.contains("push-notifications = [\"1\", \"2\"]"));
    let help = |version: &str| only(&from_results(&tables, &under(version)), "push-duplicates").help.clone();
    assert!(help("0.16.18").contains("pushShardsTotal"));
    assert!(help("0.13").contains("0.13 knows no shards of push"), "{}", help("0.13"));
}

/// 5 of 1,000 are missed: 0.5 %, a warning; all of them in shard 2.
#[test]
fn losses_name_the_shard_that_has_most() {
    let push = vec![push(0, "1", 500, 500, 0), push(0, "2", 495, 495, 5), push(0, "all", 995, 995, 5)];
    let findings = from_results(&Tables { push, ..Tables::default() }, &context());
    let found = only(&findings, "push-missed");
    assert_eq!(
        found.message,
        "0.5 % of push notifications never come (5); 1 account loses some, most of them in shard 2"
    );
    assert_eq!(found.severity, "warning");
}

/// Of 1,000 notifications 50 did not come; 40 of them are still open at the end, so 10 are lost: 1 %. Shard 2 has 35 of
/// the 50, but all 40 that are open may be its.
#[test]
fn what_is_open_at_the_end_is_not_lost() {
    let push = vec![push(0, "1", 485, 485, 15), push(0, "2", 465, 465, 35), push(0, "all", 950, 950, 50)];
    let roles = vec![RoleRow {
        role: "push-notifications".to_owned(),
        completed: 950,
        failed: 10,
        waiting_at_end: 40,
        ..role(0)
    }];
    let findings = from_results(&Tables { push, roles, ..Tables::default() }, &context());
    assert_eq!(
        only(&findings, "push-missed").message,
        "1 % of push notifications never come (10); 1 account loses some; 40 more have not come by the end"
    );
}

#[test]
fn what_only_waits_is_said() {
    let push = vec![push(0, "all", 960, 960, 40)];
    let roles = vec![RoleRow { role: "push-notifications".to_owned(), completed: 960, waiting_at_end: 40, ..role(0) }];
    let findings = from_results(&Tables { push, roles, ..Tables::default() }, &context());
    let found = only(&findings, "push-missed");
    assert_eq!(found.message, "40 push notifications have not come by the end, and may come yet");
    assert_eq!(found.severity, "warning");
}

#[test]
fn a_role_that_nobody_serves_is_an_error_and_not_also_a_backlog() {
    let unserved = RoleRow { completed: 0, executions: 0, waiting_at_end: 1_000, wait_mean_s: None, ..role(0) };
    let findings = from_results(&Tables { roles: vec![unserved], ..Tables::default() }, &context());
    assert_eq!(findings.len(), 1);
    assert_eq!(only(&findings, "never-served").message, "none of the 1,000 fts-indexing tasks is done");
}

/// 75 s is a quarter of 300 s: just late. Node 2 does the role's work and receives no mail.
#[test]
fn late_pickup_begins_at_a_quarter_of_the_refresh_interval() {
    let tables = |wait: f64| Tables {
        roles: vec![RoleRow { wait_mean_s: Some(wait), ..role(0) }],
        nodes: vec![
            node(1, "all", 10, 0.1),
            node(1, "fts-indexing", 500, 0.5),
            node(2, "all", 0, 0.1),
            node(2, "fts-indexing", 500, 0.5),
        ],
        ..Tables::default()
    };
    assert!(from_results(&tables(74.9), &context()).is_empty());
    let findings = from_results(&tables(75.0), &context());
    let found = only(&findings, "late-pickup");
    assert_eq!(
        found.message,
        "fts-indexing tasks wait 75 s on average: node 2 serves it but receives no mail, and so looks only every 300 s"
    );
}

/// Node 1 has run 1,700,000 tasks of 25 ms on the core and 5 ms in the database; with 2 ms for locks and deletion each its
/// only worker is busy for 54,400 of 86,400 s, 63 %. That its tasks wait 40 min is not the doing of a node that looks every
/// 300 s, so the node without mail is not blamed, and neither is an outage of 10 min: 600² / (2 × 86,400) = 2 s.
#[test]
fn a_worker_that_cannot_keep_up_is_named_and_nothing_else_blamed() {
    let tables = |wait: f64, duplicates: u64| Tables {
        roles: vec![
            RoleRow { wait_mean_s: Some(wait), duplicate_executions: duplicates, executions: 1_700_000, ..role(0) },
            RoleRow { role: "calendar-alerts".to_owned(), wait_mean_s: Some(wait), ..role(0) },
        ],
        nodes: vec![
            node(1, "all", 10, 0.07),
            node(2, "all", 0, 0.01),
            NodeRow {
                busy_s: 1_700_000.0 * 0.025,
                database_s: 1_700_000.0 * 0.005,
                queue_mean: Some(500.0),
                queue_max: Some(1_024),
                ..node(1, "fts-indexing", 1_700_000, 0.8)
            },
            NodeRow { queue_max: Some(3), ..node(2, "fts-indexing", 1_000, 0.2) },
            node(1, "calendar-alerts", 1_000, 1.0),
        ],
        ..Tables::default()
    };
    let planned = |cells: &[&str]| FindingContext { plans: vec![plan("fts-indexing", cells)], ..context() };
    let findings = from_results(&tables(2_400.0, 1_360_000), &planned(&["all", "all"]));
    let found = only(&findings, "saturated-worker");
    assert_eq!(
        found.message,
        "the only worker of fts-indexing on node 1 is busy 63 % of the time and cannot keep up in the busy hours: tasks wait 40 min \
         on average, 500 of them in its channel; 80 % of the runs repeat what was done already"
    );
    assert_eq!(found.severity, "error");
    assert!(found.help.ends_with("give each node a shard of its own: fts-indexing = [\"1\", \"2\"]"), "{}", found.help);
    // The alerts wait for the dispatcher, which the full channel holds up.
    let late = only(&findings, "late-pickup");
    assert_eq!(late.role, "calendar-alerts");
    assert!(late.message.ends_with("the full channel of fts-indexing holds up the dispatcher of node 1 for all roles"));
    // Where nothing is repeated and each node has its shard, only more of them help.
    let findings = from_results(&tables(2_400.0, 0), &planned(&["1/2", "2/2"]));
    assert!(only(&findings, "saturated-worker").help.ends_with("add nodes, each with a shard of its own"));
    // A worker that is busy for 63 % and whose tasks hardly wait keeps up.
    assert!(from_results(&tables(10.0, 0), &planned(&["1/2", "2/2"])).iter().all(|f| f.rule != "saturated-worker"));
    // No finding refers to one that is not there.
    for finding in &findings {
        for rule in ["overloaded-node", "uncovered-shard", "database-saturated"] {
            assert!(!finding.help.contains(rule), "{finding:?}");
        }
    }
}

/// A shard is down for 5,700 of 86,400 s: a share of 0.066 waits 2,850 s, on average of all 188 s. That is the outage,
/// and not the 300 s after which a node looks.
#[test]
fn a_wait_that_an_outage_explains_is_the_outages() {
    let shard = ShardRow {
        layout: "a".to_owned(),
        replication: 0,
        role: "fts-indexing".to_owned(),
        shard: 1,
        nodes: 1,
        accounts: None,
        created: 1_000,
        completed: 1_000,
        latency_p99_s: None,
        uncovered_s: 5_700.0,
    };
    let tables = Tables {
        roles: vec![RoleRow { wait_mean_s: Some(188.0), ..role(0) }],
        shards: vec![shard],
        ..Tables::default()
    };
    let findings = from_results(&tables, &context());
    assert_eq!(findings.len(), 1, "{findings:#?}");
    assert_eq!(
        only(&findings, "uncovered-shard").message,
        "shard 1 of fts-indexing has no live node for 95 min: its tasks wait (all tasks of the role on average 188 s)"
    );
}

/// What may be nothing is a note: one of three replications had two repeated alerts of 1,000, 0.07 ± 0.29 %.
#[test]
fn what_may_be_nothing_is_no_error() {
    let alerts = |replication: u32, twice: u64| RoleRow {
        role: "calendar-alerts".to_owned(),
        duplicate_executions: twice,
        ..role(replication)
    };
    let severity = |twice: [u64; 3]| {
        let roles = (0..).zip(twice).map(|(replication, twice)| alerts(replication, twice)).collect();
        let findings = from_results(&Tables { roles, ..Tables::default() }, &context());
        only(&findings, "duplicate-work").severity.clone()
    };
    assert_eq!(severity([2, 0, 0]), "note");
    assert_eq!(severity([2, 2, 3]), "error");
}

/// A shard that nobody serves is one finding: no backlog and no uncovered shard beside it.
#[test]
fn a_shard_that_nobody_serves_is_one_finding() {
    let shard = |shard: u32, completed: u64, uncovered_s: f64| ShardRow {
        layout: "a".to_owned(),
        replication: 0,
        role: "calendar-alerts".to_owned(),
        shard,
        nodes: u32::from(completed > 0),
        accounts: None,
        created: 500,
        completed,
        latency_p99_s: None,
        uncovered_s,
    };
    let tables = Tables {
        roles: vec![RoleRow { role: "calendar-alerts".to_owned(), completed: 500, waiting_at_end: 500, ..role(0) }],
        shards: vec![shard(1, 500, 0.0), shard(2, 0, 86_400.0)],
        ..Tables::default()
    };
    let findings = from_results(&tables, &context());
    assert_eq!(findings.len(), 1, "{findings:#?}");
    assert_eq!(only(&findings, "never-served").message, "none of the 500 tasks of shard 2 of calendar-alerts is done");
}

/// Node 3 of three has its own shard and was down for 80,000 of 86,400 s: that is no imbalance.
#[test]
fn a_node_that_was_down_does_not_make_an_imbalance() {
    let down = NodeRow { down_s: Some(80_000.0), ..node(3, "all", 10, 0.01) };
    let nodes = |down: NodeRow| {
        vec![
            node(1, "fts-indexing", 500, 0.49),
            node(2, "fts-indexing", 480, 0.49),
            node(3, "fts-indexing", 20, 0.02),
            node(1, "all", 10, 0.1),
            node(2, "all", 10, 0.1),
            down,
        ]
    };
    let context = FindingContext { plans: vec![plan("fts-indexing", &["1/3", "2/3", "3/3"])], ..context() };
    let found = |down: NodeRow| {
        let tables = Tables { roles: vec![role(0)], nodes: nodes(down), ..Tables::default() };
        from_results(&tables, &context).into_iter().find(|finding| finding.rule == "imbalance")
    };
    assert_eq!(found(down.clone()), None);
    let help = found(NodeRow { down_s: None, ..down }).expect("node 3 does next to nothing").help;
    assert!(help.starts_with("each node has a shard of its own"), "{help}");
}

/// 50 of 1,000 runs: 5 %, a warning for indexing, an error where users see it.
#[test]
fn duplicate_work_is_worse_where_users_see_it() {
    let twice = RoleRow { duplicate_executions: 50, ..role(0) };
    let alerts = RoleRow { role: "calendar-alerts".to_owned(), ..twice.clone() };
    let severity = |row: RoleRow| {
        let findings = from_results(&Tables { roles: vec![row], ..Tables::default() }, &context());
        let found = only(&findings, "duplicate-work");
        assert!(found.message.starts_with("5 % of the runs"), "{}", found.message);
        found.severity.clone()
    };
    assert_eq!(severity(twice), "warning");
    assert_eq!(severity(alerts), "error");
}

/// Shares 0.97 and 3 × 0.01: Jain's index 1 / (4 × (0.97² + 3 × 0.01²)) = 0.2656. Node 4 is enabled and has no row.
#[test]
fn imbalance_counts_enabled_nodes_that_did_nothing() {
    let plan = plan("fts-indexing", &["all"; 4]);
    let tables = Tables {
        roles: vec![role(0)],
        nodes: vec![
            node(1, "fts-indexing", 970, 0.97),
            node(2, "fts-indexing", 20, 0.02),
            node(3, "fts-indexing", 10, 0.01),
        ],
        balance: vec![BalanceRow {
            layout: "a".to_owned(),
            replication: 0,
            role: "fts-indexing".to_owned(),
            max_over_mean_ratio: None,
            cv_ratio: None,
            jain_index: Some(0.266),
            gini_index: None,
        }],
        ..Tables::default()
    };
    let findings = from_results(&tables, &FindingContext { plans: vec![plan], ..context() });
    let found = only(&findings, "imbalance");
    let message = "node 1 does 97 % of fts-indexing, nodes 2 to 4 nearly nothing (Jain's index 0.266, 1 is even)";
    assert_eq!(found.message, message);
}

#[test]
fn overload_and_idleness_name_the_nodes() {
    let nodes = vec![
        node(1, "all", 10, 0.97),
        node(1, "fts-indexing", 500, 1.0),
        node(2, "all", 10, 0.3),
        node(3, "all", 0, 0.0),
    ];
    let findings = from_results(&Tables { nodes, roles: vec![role(0)], ..Tables::default() }, &context());
    let found = only(&findings, "overloaded-node");
    assert_eq!((found.message.as_str(), found.severity.as_str()), ("node 1 is busy 97 % of the time", "error"));
    assert_eq!(only(&findings, "idle-node").message, "nodes 2 and 3 do no background work (2 of 3 nodes)");
}

#[test]
fn an_uncovered_push_shard_loses_and_another_waits() {
    let shard = |role: &str| ShardRow {
        layout: "a".to_owned(),
        replication: 0,
        role: role.to_owned(),
        shard: 2,
        nodes: 1,
        accounts: None,
        created: 10,
        completed: 10,
        latency_p99_s: None,
        uncovered_s: 5_400.0,
    };
    let tables = |role: &str| Tables { roles: vec![self::role(0)], shards: vec![shard(role)], ..Tables::default() };
    // Nothing was lost: no mail came meanwhile, as when all nodes are down.
    let push = from_results(&tables("push-notifications"), &context());
    let message =
        "shard 2 of push-notifications has no live node for 90 min: nothing happened meanwhile that was to be pushed";
    assert_eq!((push[0].message.as_str(), push[0].severity.as_str()), (message, "note"));
    // What was lost is told once, with the time.
    let lost = Tables { push: vec![self::push(0, "all", 90, 90, 10)], ..tables("push-notifications") };
    let findings = from_results(&lost, &context());
    assert_eq!(findings.len(), 1, "{findings:#?}");
    let message =
        "10 % of push notifications never come (10); 1 account loses some; shard 2 has no live node for 90 min";
    assert_eq!((only(&findings, "push-missed").message.as_str(), findings[0].severity.as_str()), (message, "error"));
    // `documented` keeps them until a node of the shard is back.
    let kept = from_results(&tables("push-notifications"), &under("documented"));
    assert!(kept[0].message.ends_with("is sent when a node of it is back"), "{}", kept[0].message);
    assert_eq!(kept[0].severity, "warning");
    let index = from_results(&tables("fts-indexing"), &context());
    assert_eq!(index[0].severity, "warning");
    // Several shards of a role are one finding.
    let two = [1_800.0, 5_400.0].into_iter().zip([0, 1]);
    let shards =
        two.map(|(uncovered_s, number)| ShardRow { shard: number, uncovered_s, ..shard("fts-indexing") }).collect();
    let index = from_results(&Tables { roles: vec![self::role(0)], shards, ..Tables::default() }, &context());
    let message =
        "2 shards of fts-indexing have times without a live node, shard 1 the longest: 90 min; its tasks wait";
    assert_eq!(only(&index, "uncovered-shard").message, message);
}

/// Bins of 600 s, full in the 2nd, 3rd and 6th: from 08:10 to 08:30, and 30 min in all.
#[test]
fn a_saturated_database_has_its_times() {
    let bin = |i: usize, value: f64| TimelineRow {
        layout: "a".to_owned(),
        replication: 0,
        start_s: i as f64 * 600.0,
        node: None,
        series: "database_utilization_ratio".to_owned(),
        value,
    };
    let values = [0.2, 0.99, 1.0, 0.95, 0.1, 0.96];
    let timeline = values.into_iter().enumerate().map(|(i, v)| bin(i, v)).collect();
    let tables = Tables { roles: vec![role(0)], timeline, ..Tables::default() };
    let findings = from_results(&tables, &FindingContext { start_second_of_day: 8.0 * 3_600.0, ..context() });
    let message = "the database is saturated 2 times, 30 min in all, the longest from 08:10 to 08:30";
    assert_eq!(only(&findings, "database-saturated").message, message);
}

#[test]
fn what_users_notice_comes_first() {
    let make = |rule: &str, severity: &str| FindingRow {
        layout: "a".to_owned(),
        rule: rule.to_owned(),
        role: String::new(),
        shard: String::new(),
        severity: severity.to_owned(),
        message: String::new(),
        help: String::new(),
    };
    let rows = [
        make("imbalance", "warning"),
        make("database-saturated", "error"),
        make("late-pickup", "warning"),
        make("push-duplicates", "error"),
        make("idle-node", "note"),
    ];
    let order: Vec<&str> = worst_first(&rows).into_iter().map(|f| f.rule.as_str()).collect();
    assert_eq!(order, ["push-duplicates", "database-saturated", "late-pickup", "imbalance", "idle-node"]);
}

/// What the results show, the layout does not foretell too; why a shard is not served it knows better.
#[test]
fn one_mistake_is_one_finding() {
    let row = |rule: &str, shard: &str, severity: &str, message: &str| FindingRow {
        layout: "a".to_owned(),
        rule: rule.to_owned(),
        role: "calendar-alerts".to_owned(),
        shard: shard.to_owned(),
        severity: severity.to_owned(),
        message: message.to_owned(),
        help: String::new(),
    };
    let layout = vec![
        row("shard-without-node", "2", "error", "no node serves shard 2 (node 4 serves an earlier shard)"),
        row("node-without-mail", "1", "note", "node 5 receives no mail"),
        row("unequal-shards", "", "note", "more"),
    ];
    let results = vec![
        row("never-served", "2", "error", "none of the 500 tasks of shard 2 is done"),
        row("late-pickup", "", "warning", "node 5 looks only every 300 s"),
    ];
    let joined = join(layout, results);
    let rules: Vec<&str> = joined.iter().map(|finding| finding.rule.as_str()).collect();
    assert_eq!(rules, ["late-pickup", "shard-without-node", "unequal-shards"]);
    assert_eq!(
        joined[1].message,
        "no node serves shard 2 (node 4 serves an earlier shard); none of the 500 tasks of shard 2 is done"
    );
}
