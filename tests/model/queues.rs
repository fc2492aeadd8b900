//! Queue roles in 0.14 (server facts, section 2.1), by hand.

use crate::harness::{assert_mean, assert_seconds, interval, of, record, records, scenario, with_messages};
use rolesim::layout::Role::{FtsIndexing, ImipProcessing};

/// The line of the quiet scenario that says how many alerts there are.
const NO_ALERTS: &str = "calendar_alerts_per_account_per_day = 0";

/// Node 1 indexes, node 2 receives the message at 100 s. Nothing wakes node 1 before its refresh at
/// 300 s; the run takes 1 s: 201 s. Switched off (the message arrives on node 1 itself): 1 s.
#[test]
fn a_task_written_elsewhere_waits_for_the_refresh() {
    let layout = "[layouts.a.cluster.roles]\nfts-indexing = [\"1\"]\n";
    let elsewhere = record(&with_messages(scenario(&[], layout), &[(100.0, 0, 2)]));
    assert_seconds(of(&elsewhere, FtsIndexing).latency.mean_s(), 201.0);
    let here = record(&with_messages(scenario(&[], layout), &[(100.0, 0, 1)]));
    assert_seconds(of(&here, FtsIndexing).latency.mean_s(), 1.0);
}

/// The refresh interval counts from the last scan: a message on node 1 at 100 s wakes it, so its next
/// refresh is at 400 s. The message on node 2 at 150 s waits for that: 251 s.
#[test]
fn a_wake_up_puts_off_the_refresh() {
    let layout = "[layouts.a.cluster.roles]\nfts-indexing = [\"1\"]\n";
    let record = record(&with_messages(scenario(&[], layout), &[(100.0, 0, 1), (150.0, 1, 2)]));
    assert_seconds(of(&record, FtsIndexing).latency.max_s(), 251.0);
}

/// One worker a role: three messages at once on one node end after 1, 2 and 3 s.
#[test]
fn one_worker_runs_one_task_at_a_time() {
    let layout = "[layouts.a.cluster.roles]\nfts-indexing = [\"1\"]\n";
    let record = record(&with_messages(scenario(&[], layout), &[(10.0, 0, 1), (10.0, 1, 1), (10.0, 2, 1)]));
    assert_seconds(of(&record, FtsIndexing).latency.mean_s(), 2.0);
    assert_seconds(of(&record, FtsIndexing).latency.max_s(), 3.0);
}

/// Scan 10 ms + 1 ms a task in the table (1 task), lock 20 ms there and back, run 1 s, delete 5 ms:
/// done after 1.036 s.
#[test]
fn the_small_times_add_up() {
    let times = [
        ("scan_base = \"0s\"", "scan_base = \"10ms\""),
        ("scan_per_task = \"0s\"", "scan_per_task = \"1ms\""),
        ("lock_round_trip = \"0s\"", "lock_round_trip = \"20ms\""),
        ("delete_time = \"0s\"", "delete_time = \"5ms\""),
    ];
    let layout = "[layouts.a.cluster.roles]\nfts-indexing = [\"1\"]\n";
    let record = record(&with_messages(scenario(&times, layout), &[(10.0, 0, 1)]));
    assert_seconds(of(&record, FtsIndexing).latency.mean_s(), 1.036);
    assert_seconds(Some(of(&record, FtsIndexing).wait_ns as f64 / 1e9), 0.031);
}

/// Nodes 1 and 2 are one shard, a run takes 20 s. A arrives on node 1 at 8 s (runs until 28 s), B on
/// node 2 at 9 s. Node 2 then reads both and shuffles. A first: A is locked, dropped; B runs. B first: B
/// runs until 29 s, then A's lock is free and A is run again. So A is run twice in half of the cases:
/// of 400 replications 200 ± 3.3 standard deviations of 10 (error 1e-3). Switched off (a shard a node):
/// never.
#[test]
fn a_slower_node_runs_a_released_task_again() {
    let slow = [("cpu = \"1s\"", "cpu = \"20s\"")];
    let messages = [(8.0, 0, 1), (9.0, 1, 2)];
    let shared = with_messages(scenario(&slow, "[layouts.a.cluster.roles]\nfts-indexing = [\"1,2\"]\n"), &messages);
    let twice: u64 = records(&shared, 400).iter().map(|record| of(record, FtsIndexing).duplicate_executions).sum();
    assert!((167..=233).contains(&twice), "{twice} of 400");
    let split = with_messages(scenario(&slow, "[layouts.a.cluster.roles]\nfts-indexing = [\"1\", \"2\"]\n"), &messages);
    assert!(records(&split, 20).iter().all(|record| of(record, FtsIndexing).duplicate_executions == 0));
}

/// Channels of one task. Each message makes an index task (10 s) and an invitation (no time). At 0 s the
/// worker takes the first index task, at 1 s the second fills the channel, at 2 s the third makes the
/// dispatcher wait until 10 s. The invitation of 3 s is not even read before that: 7 s or more. Switched
/// off (channels of 1,024): every invitation is processed at once.
#[test]
fn a_full_channel_blocks_all_roles_of_the_node() {
    let base = [
        ("invitations_per_message = 0", "invitations_per_message = 1"),
        ("cpu = \"1s\"", "cpu = \"10s\""),
        (
            "[tasks.push-notifications]",
            "[tasks.imip-processing]\ncpu = \"0s\"\ndatabase = \"0s\"\n[tasks.push-notifications]",
        ),
    ];
    let layout = "[layouts.a.cluster.roles]\nfts-indexing = [\"1\"]\nimip-processing = [\"1\"]\n";
    let messages = [(10.0, 0, 1), (11.0, 1, 1), (12.0, 2, 1), (13.0, 3, 1)];
    let roomy = record(&with_messages(scenario(&base, layout), &messages));
    assert_seconds(of(&roomy, ImipProcessing).latency.max_s(), 0.0);
    let mut small = base.to_vec();
    small.push(("acme_providers = 0", "acme_providers = 0\nchannel_capacity = 1"));
    let blocked = record(&with_messages(scenario(&small, layout), &messages));
    let max_s = of(&blocked, ImipProcessing).latency.max_s().expect("a latency");
    assert!(max_s >= 7.0, "{max_s}");
}

/// A run fails with probability 1/2; the task comes back when its entry in `seen` (300 + 1 s) has
/// expired, at the first refresh after that: 600 s later. Failures before a success: mean 1. Mean latency
/// 600 + 1 s (99.9 % interval over 300 replications; runs: 2 a task). Switched off (no failures): 1 s.
#[test]
fn a_failed_task_comes_back_when_it_is_no_longer_seen() {
    let failing = [("cpu = \"1s\"", "cpu = \"1s\"\nfailure_probability = 0.5")];
    let layout = "[layouts.a.cluster.roles]\nfts-indexing = [\"1\"]\n";
    let changes = [failing[0], ("duration = \"1h\"", "duration = \"1h\"\ndrain = \"1d\"")];
    let scenario = with_messages(scenario(&changes, layout), &[(10.0, 0, 1)]);
    let records = records(&scenario, 300);
    let latencies: Vec<f64> =
        records.iter().map(|record| of(record, FtsIndexing).latency.mean_s().expect("done")).collect();
    assert_mean(&latencies, 601.0);
    let runs: Vec<f64> = records.iter().map(|record| of(record, FtsIndexing).executions as f64).collect();
    assert_mean(&runs, 2.0);
}

/// As before, but every 100 s an alert, which is written and run elsewhere, wakes all dispatchers (a scan takes 1 ms): the entry of a task
/// written at 10 s expires at 311 s, so it comes back at 400 s, and every 400 s from then on. After k failures it takes
/// 400 k + 1.001 s, less 10 s if k > 0: mean 400 + 1.001 - 10 / 2 s.
#[test]
fn an_alert_brings_back_a_failed_task() {
    let changes = [
        ("cpu = \"1s\"", "cpu = \"1s\"\nfailure_probability = 0.5"),
        ("duration = \"1h\"", "duration = \"1h\"\ndrain = \"1d\""),
        ("scan_base = \"0s\"", "scan_base = \"1ms\""),
        (NO_ALERTS, "calendar_alerts_per_account_per_day = 2000\ncalendar_alert_step = \"100s\""),
    ];
    let layout =
        "[layouts.a.cluster.roles]\nfts-indexing = [\"1\"]\ncalendar-alerts = [\"4\"]\n[node.1]\nmail_share = 0\n";
    let records = records(&with_messages(scenario(&changes, layout), &[(10.0, 0, 1)]), 300);
    let latencies: Vec<f64> =
        records.iter().map(|record| of(record, FtsIndexing).latency.mean_s().expect("done")).collect();
    assert_mean(&latencies, 396.001);
}

/// An alert that is written and run elsewhere wakes node 1 at 1000 s, in vain. It reads for 1 ms and sleeps for 300 s, so that
/// it finds at 1300.001 s what was written elsewhere at 1010 s, and has read it 1 ms and run it 1 s later. (If the alert did
/// not put off the refresh, that would come before 1210 s.)
#[test]
fn an_alert_puts_off_the_refresh() {
    let changes = [
        ("scan_base = \"0s\"", "scan_base = \"1ms\""),
        (NO_ALERTS, "calendar_alerts_per_account_per_day = 200\ncalendar_alert_step = \"1000s\""),
    ];
    let layout =
        "[layouts.a.cluster.roles]\nfts-indexing = [\"1\"]\ncalendar-alerts = [\"4\"]\n[node.1]\nmail_share = 0\n";
    let record = record(&with_messages(scenario(&changes, layout), &[(1010.0, 0, 2)]));
    assert_seconds(of(&record, FtsIndexing).latency.mean_s(), 1301.002 - 1010.0);
}

/// Node 1 reads four tasks of 10 s at 991 s and waits for room in its channel of one place until 1011 s. An alert at 1000 s
/// wakes it; that is remembered, so that at 1011 s it finds the task that was written elsewhere at 1005 s. The tasks are done
/// at 1001, 1011, ... 1041 s and 1 ms (the scan). (Without memory it would find the fifth at the refresh, after 1300 s.)
#[test]
fn an_alert_that_comes_while_a_channel_is_full_is_remembered() {
    let changes = [
        ("cpu = \"1s\"", "cpu = \"10s\""),
        ("scan_base = \"0s\"", "scan_base = \"1ms\""),
        ("acme_providers = 0", "acme_providers = 0\nchannel_capacity = 1"),
        (NO_ALERTS, "calendar_alerts_per_account_per_day = 200\ncalendar_alert_step = \"1000s\""),
    ];
    let layout =
        "[layouts.a.cluster.roles]\nfts-indexing = [\"1\"]\ncalendar-alerts = [\"4\"]\n[node.1]\nmail_share = 0\n";
    let written = [(990.0, 0, 2), (990.1, 1, 2), (990.2, 2, 2), (991.0, 3, 1), (1005.0, 4, 2)];
    let record = record(&with_messages(scenario(&changes, layout), &written));
    let done: f64 = (0..5).map(|number| 1001.001 + 10.0 * f64::from(number)).sum();
    let begun: f64 = written.iter().map(|(at, _, _)| at).sum();
    assert_seconds(of(&record, FtsIndexing).latency.mean_s(), (done - begun) / 5.0);
}

/// Two nodes that receive no mail are one shard and refresh together every 300 s: a message on another
/// node at a random time waits U(0, 300) s, mean 150 s. Switched off (one of them receives mail, one
/// message a second): it is woken within seconds.
#[test]
fn waits_of_nodes_without_mail_are_uniform() {
    let changes = [
        ("accounts = 8", "accounts = 100\nmessages_per_account_per_day = 432"),
        ("ids = \"1-4\"", "ids = \"1-3\""),
        ("cpu = \"1s\"", "cpu = \"1ms\""),
        ("duration = \"1h\"", "duration = \"10h\"\nwarmup = \"1h\""),
    ];
    let nodes =
        "[layouts.a.cluster.roles]\nfts-indexing = [\"2,3\"]\n[node.2]\nmail_share = 0\n[node.3]\nmail_share = 0\n";
    let wait = |record: &rolesim::metrics::record::Record| {
        let role = of(record, FtsIndexing);
        role.wait_ns as f64 / role.started as f64 / 1e9
    };
    let waits: Vec<f64> = records(&scenario(&changes, nodes), 20).iter().map(wait).collect();
    assert_mean(&waits, 150.0);
    for record in records(&scenario(&changes, nodes), 3) {
        let latency = &of(&record, FtsIndexing).latency;
        // Uniform: quantiles lie on a line, to within the noise of 18,000 waits in 120 intervals.
        for quantile in [0.1, 0.5, 0.9] {
            let value = latency.quantile_s(quantile).expect("waits");
            assert!((value - 300.0 * quantile).abs() < 6.0, "{quantile}: {value}");
        }
    }
    let mail = nodes.replace("[node.2]\nmail_share = 0\n", "");
    let waits: Vec<f64> = records(&scenario(&changes, &mail), 5).iter().map(wait).collect();
    assert!(interval(&waits).1 < 10.0, "{waits:?}");
}

/// Nodes 2 and 3 are one shard, only node 2 receives mail (a message a second, served in 1 ms). Node 3
/// looks every 300 s and finds at most what node 2 is just doing: it does next to nothing. Switched off
/// (both receive mail): each does about half.
#[test]
fn a_redundant_node_without_mail_does_nothing() {
    let changes = [
        ("accounts = 8", "accounts = 100\nmessages_per_account_per_day = 864"),
        ("ids = \"1-4\"", "ids = \"2-3\""),
        ("cpu = \"1s\"", "cpu = \"1ms\""),
    ];
    let layout = "[layouts.a.cluster.roles]\nfts-indexing = [\"2,3\"]\n";
    let share = |more: &str| {
        let record = record(&scenario(&changes, &format!("{layout}{more}")));
        let runs = |node: usize| record.node_roles[node][FtsIndexing.index()].executions as f64;
        runs(1) / (runs(0) + runs(1))
    };
    assert!(share("[node.3]\nmail_share = 0\n") < 0.01);
    let both = share("");
    assert!((0.45..0.55).contains(&both), "{both}");
}

/// Two nodes of one shard get 20 messages, in turn, every 0.3 s, 1 s of work each: both read most of them, and the slower
/// one runs again what the other has done (server facts, section 2.1). That belongs to these tasks whether the measured span
/// is over meanwhile or not: spans that end 6 s and an hour after the first message tell the same, in whatever order the
/// dispatchers of 20 replications shuffle what they read.
#[test]
fn what_is_run_again_after_the_span_is_counted() {
    let runs = |duration: &str| {
        let duration = format!("duration = \"{duration}\"");
        let messages: Vec<(f64, u32, u64)> =
            (0..20).map(|n| (3_594.0 + 0.3 * f64::from(n), n % 8, u64::from(n % 2) + 1)).collect();
        let changes = [("duration = \"1h\"", duration.as_str()), ("ids = \"1-4\"", "ids = \"1-2\"")];
        let layout = "[layouts.a.cluster.roles]\nfts-indexing = [\"1,2\"]\n";
        let records = records(&with_messages(scenario(&changes, layout), &messages), 20);
        records.iter().map(|record| of(record, FtsIndexing).duplicate_executions).collect::<Vec<_>>()
    };
    let duplicates = runs("1h");
    assert!(duplicates.iter().all(|&count| count > 0), "{duplicates:?}");
    assert_eq!(duplicates, runs("2h"));
}
