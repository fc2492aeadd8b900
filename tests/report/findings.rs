//! Findings on small tables, whose numbers can be followed by hand.

use rolesim::metrics::rows::{BalanceRow, FindingRow, NodeRow, PushRow, RoleRow, ShardRow, Tables, TimelineRow};
use rolesim::report::findings::{from_results, worst_first};
use rolesim::report::{FindingContext, LayoutPlan, PlanRow};

fn context() -> FindingContext {
    FindingContext { refresh_s: 300.0, server_version: "0.14".to_owned(), ..FindingContext::default() }
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
    let named = FindingContext { server_version: "0.16".to_owned(), ..context() };
    assert!(only(&from_results(&tables, &named), "push-duplicates").help.contains("pushShardsTotal"));
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
    let plan = LayoutPlan {
        layout: "a".to_owned(),
        nodes: vec![1, 2, 3, 4],
        cells: vec![PlanRow { role: "fts-indexing".to_owned(), cells: vec!["all".to_owned(); 4] }],
        marks: Vec::new(),
    };
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
    let push = from_results(&tables("push-notifications"), &context());
    let message = "shard 2 of push-notifications has no live node for 90 min: what happens meanwhile is never sent";
    assert_eq!((push[0].message.as_str(), push[0].severity.as_str()), (message, "error"));
    assert!(push[0].help.contains("two copies"), "{}", push[0].help);
    // `documented` keeps them until a node of the shard is back.
    let documented = FindingContext { documented: vec!["a".to_owned()], ..context() };
    let kept = from_results(&tables("push-notifications"), &documented);
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
