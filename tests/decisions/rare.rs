//! What comes seldom may come in none of the replications at hand.

use crate::common::scenario;
use rolesim::experiment::{chance, run, tables};
use rolesim::metrics::catalog::find;
use std::ops::ControlFlow;

/// Each of two nodes is up for 40 h and down for 2 h, on average and in equilibrium: it is down at some time of an hour in
/// 1 − 40/42 · exp(−1/40) = 7.1 % of the replications.
pub const SCENARIO: &str = r#"
start = 2026-03-02T09:00:00Z
duration = "1h"
drain = "10m"
replications = 10
seed = 1
[server]
version = "0.14"
[layouts.a.cluster.roles]
push-notifications = LAYOUT
[nodes]
ids = "1-2"
[workload]
accounts = 100
activity = "equal"
daily_cycle = "flat"
[[fault]]
random_crashes = { nodes = "all", between = { exponential = { mean = "40h" } }, repair = "2h" }
[objectives]
"push-notifications.missed.fraction" = "< 0.001"
"nodes.down.fraction" = "< 0.001"
"#;

/// The share of the time that a node is down is 2/42 = 4.8 %, a shard of one node misses as much: far more than the limits.
/// Ten replications are all without a crash with (40/42 · exp(−1/40))^20 = 23 %; not one of 20 seeds may call that met.
/// The interval of the mean must hold the truth in most: 95 %, less four standard deviations of 20, is 15.
#[test]
fn crash_that_no_replication_saw_is_not_excluded() {
    let mut scenario = scenario(&SCENARIO.replace("LAYOUT", "[\"1\", \"2\"]"));
    let (mut equal, mut covered) = (0, 0);
    for seed in 1..=20 {
        scenario.seed = seed;
        let rows = tables(&scenario, &run(&scenario, |_| ControlFlow::Continue(())));
        for row in &rows.objectives {
            assert_ne!(row.verdict, "met", "seed {seed}: {row:?}");
            equal +=
                u32::from(row.value == Some(0.0) && row.reason.contains("each node crashes in about 7.1 % of them"));
        }
        let down = rows.summary.iter().find(|row| row.metric == "nodes.down.fraction").expect("a row");
        let truth = 2.0 / 42.0;
        covered += u32::from(down.ci_low <= Some(truth) && Some(truth) <= down.ci_high);
    }
    assert!(equal > 0, "no seed without a crash: the test shows nothing");
    assert!(covered >= 15, "{covered} of 20");
}

/// Without crashes by chance, equal replications are as sure as before. One node a push shard never sends two copies,
/// whatever happens, two nodes do.
#[test]
fn what_no_chance_can_change_is_sure() {
    let text = SCENARIO.replace("LAYOUT", "[\"1\", \"2\"]");
    let copies = find("push-notifications.copies.mean").expect("a metric").quantity;
    let missed = find("push-notifications.missed.fraction").expect("a metric").quantity;
    let setup = |text: &str| {
        let scenario = scenario(text);
        scenario.setup(&scenario.layouts[0])
    };
    assert_eq!(chance(&setup(&text), copies), None);
    assert!(chance(&setup(&text.replace("[\"1\", \"2\"]", "[\"1,2\"]")), copies).is_some());
    assert!(chance(&setup(&text), missed).is_some());
    // A change that is lost concerns who is told of it, and no task.
    let lossy = text.replace("[[fault]]", "[coordinator]\nloss_probability = 0.9\n[[fault]]");
    let (lossy, _) = lossy.split_once("[[fault]]").expect("faults");
    let indexing = find("fts-indexing.waiting_at_end").expect("a metric").quantity;
    assert_eq!(chance(&setup(lossy), indexing), None);
    assert!(chance(&setup(lossy), missed).is_some());
    let (calm, _) = text.split_once("[[fault]]").expect("faults");
    assert_eq!(chance(&setup(calm), missed), None);
    let calm = scenario(&format!("{calm}[objectives]\n\"push-notifications.missed.fraction\" = \"< 0.001\"\n"));
    let rows = tables(&calm, &run(&calm, |_| ControlFlow::Continue(())));
    assert_eq!(rows.objectives[0].verdict, "met");
}
