//! What failures do (server facts, sections 2.1 and 3), by hand and by formula.

use crate::harness::{assert_mean, assert_seconds, interval, of, record, records, scenario, with_messages};
use rolesim::layout::Role::{FtsIndexing, PushNotifications};

const SLOW: (&str, &str) = ("cpu = \"1s\"", "cpu = \"20s\"");

/// Nodes 1 and 2 are one shard. Node 1 takes a task of 20 s at 10 s (lock until 310 s) and dies at 15 s.
/// Node 2 looks at 300 s: locked; in its `seen` map until 601 s. At 600 s it skips it. At 900 s it runs
/// it: done at 920 s, 910 s after the message. Switched off (no crash): 20 s.
#[test]
fn a_dead_node_leaves_its_lock_behind() {
    let layout = "[layouts.a.cluster.roles]\nfts-indexing = [\"1,2\"]\n";
    let crash = format!("{layout}[[fault]]\ncrash = {{ node = 1, at = \"15s\", for = \"2h\" }}\n");
    let record_with = |more: &str| record(&with_messages(scenario(&[SLOW], more), &[(10.0, 0, 1)]));
    let crashed = record_with(&crash);
    assert_seconds(of(&crashed, FtsIndexing).latency.mean_s(), 910.0);
    assert_eq!(of(&crashed, FtsIndexing).interrupted_executions, 1);
    assert_seconds(of(&record_with(layout), FtsIndexing).latency.mean_s(), 20.0);
}

/// The node comes back at 100 s: it has forgotten everything but the lock is still its own old one. It
/// scans at 100 s: locked until 310 s; seen until 401 s; at 400 s skipped, at 700 s run: done at 720 s.
#[test]
fn a_node_that_comes_back_finds_its_own_lock() {
    let more = "[layouts.a.cluster.roles]\nfts-indexing = [\"1\"]\n\
                [[fault]]\ncrash = { node = 1, at = \"15s\", for = \"85s\" }\n";
    let record = record(&with_messages(scenario(&[SLOW], more), &[(10.0, 0, 1)]));
    assert_seconds(of(&record, FtsIndexing).latency.mean_s(), 710.0);
}

/// Node 1 dies at 15 s with the lock of a task (taken at 10 s, until 310 s). Node 2 is woken every 5 s
/// from 20 s on, node 3 from 170 s on. With Redis up to 0.16.15 each failed try renews the lock: node 2
/// at 20 s (until 320 s), node 3 at 170 s (until 470 s), node 2 at 325 s (its `seen` entry expired at
/// 321 s; until 625 s), and so on for ever. With the database as lock store, node 2 takes it at 325 s.
#[test]
fn failed_tries_keep_a_dead_nodes_lock_alive() {
    let more = "[layouts.a.cluster.roles]\nfts-indexing = [\"1,2,3\"]\n\
                [[fault]]\ncrash = { node = 1, at = \"15s\", for = \"2h\" }\n";
    let mut messages = vec![(10.0, 0, 1)];
    messages.extend((0..700).map(|i| (20.0 + 5.0 * f64::from(i), 1, 2)));
    messages.extend((0..670).map(|i| (170.0 + 5.0 * f64::from(i), 2, 3)));
    let run = |store: &str, version: &str| {
        let store = format!("version = \"{version}\"\nlock_store = \"{store}\"");
        let changes = [
            ("version = \"0.14\"", store.as_str()),
            ("cpu = \"1s\"", "cpu = \"1ms\""),
            ("duration = \"1h\"", "duration = \"1h\"\ndrain = \"0s\""),
        ];
        // The first message alone takes long: node 1 is slowed until it dies.
        let slow = "[[fault]]\nslow_node = { node = 1, at = \"0s\", for = \"2h\", factor = 0.00001 }\n";
        record(&with_messages(scenario(&changes, &format!("{more}{slow}")), &messages))
    };
    let redis = run("redis", "0.14");
    let redis = of(&redis, FtsIndexing);
    assert_eq!(redis.created - redis.completed, 1);
    let database = run("database", "0.14");
    let database = of(&database, FtsIndexing);
    assert_eq!(database.created, database.completed);
    let max_s = database.latency.max_s().expect("latencies");
    assert!((315.0..315.1).contains(&max_s), "{max_s}");
}

/// Node 1 asks for the lock of a task at 10 s, has it from 12 to 1,012 s, and dies at 303 s. Node 2 asks at 300 s, would
/// be refused at 302 s, and dies at 301 s: its try renews nothing. It is back at 1,100 s, asks, has the lock at 1,102 s and
/// is done at 1,702 s, 1,692 s after the message. If it stays alive, its try renews the lock until 1,302 s; its `seen`
/// entry expires at 1,301 s; it asks at 1,500 s and is done at 2,102 s.
#[test]
fn a_try_that_dies_with_its_node_renews_nothing() {
    let changes = [
        ("lock_round_trip = \"0s\"", "lock_round_trip = \"2s\"\nlock_time = { fts-indexing = \"1000s\" }"),
        ("cpu = \"1s\"", "cpu = \"600s\""),
        // No look at the whole cluster in between.
        ("duration = \"1h\"", "duration = \"1h\"\ntimeline_step = \"1h\""),
    ];
    let more = "[layouts.a.cluster.roles]\nfts-indexing = [\"1,2\"]\n\
                [[fault]]\ncrash = { node = 1, at = \"303s\", for = \"2h\" }\n";
    let crash = format!("{more}[[fault]]\ncrash = {{ node = 2, at = \"301s\", for = \"799s\" }}\n");
    for (more, latency_s) in [(crash.as_str(), 1_692.0), (more, 2_092.0)] {
        let record = record(&with_messages(scenario(&changes, more), &[(10.0, 0, 1)]));
        assert_seconds(of(&record, FtsIndexing).latency.mean_s(), latency_s);
    }
}

/// Without the lock store no lock can be taken: a task of 150 s waits. It is tried at 150 s, dropped, seen
/// until 451 s; the refresh at 450 s skips it, that of 750 s runs it: 601 s.
#[test]
fn without_the_lock_store_nothing_is_run() {
    let more = "[layouts.a.cluster.roles]\nfts-indexing = [\"1\"]\n\
                [[fault]]\nlock_store_outage = { at = \"100s\", for = \"100s\" }\n";
    let record = record(&with_messages(scenario(&[], more), &[(150.0, 0, 1)]));
    assert_seconds(of(&record, FtsIndexing).latency.mean_s(), 601.0);
}

/// The database is down from 100 to 130 s: a scan of 1 s that began at 99.5 s is answered at 130 s; with the run of
/// 1 s 31.5 s. A message of 110 s cannot even be delivered before 130 s: 2 s from then. Slowed down by 10 instead,
/// a message of 110 s takes 10 + 1 = 11 s.
#[test]
fn the_database_makes_everybody_wait() {
    let scan = ("scan_base = \"0s\"", "scan_base = \"1s\"");
    let layout = "[layouts.a.cluster.roles]\nfts-indexing = [\"1\"]\n";
    let run = |fault: &str, at_s: f64| {
        let more = format!("{layout}[[fault]]\n{fault}\n");
        let record = record(&with_messages(scenario(&[scan], &more), &[(at_s, 0, 1)]));
        of(&record, FtsIndexing).latency.mean_s()
    };
    let outage = "database_outage = { at = \"100s\", for = \"30s\" }";
    assert_seconds(run(outage, 99.5), 31.5);
    assert_seconds(run(outage, 110.0), 2.0);
    assert_seconds(run("database_slowdown = { at = \"100s\", for = \"30s\", factor = 10 }", 110.0), 11.0);
}

/// Thirty-two messages at once on four nodes, 10 s of database time each. One connection: they end at 10, 20,
/// …, 320 s. Switched off (a connection a worker): the four workers do about eight each, side by side.
#[test]
fn connections_are_shared_first_come_first_served() {
    let changes = [("cpu = \"1s\"\ndatabase = \"0s\"", "cpu = \"0s\"\ndatabase = \"10s\"")];
    let layout = "[layouts.a.cluster.roles]\nfts-indexing = [\"1\", \"2\", \"3\", \"4\"]\n[database]\nconnections = ";
    let run = |connections: u32| {
        let scenario = scenario(&changes, &format!("{layout}{connections}\n"));
        let messages: Vec<(f64, u32, u64)> = (0..8).flat_map(|a| (1..=4).map(move |node| (10.0, a, node))).collect();
        record(&with_messages(scenario, &messages))
    };
    let one = run(1);
    // 32 tasks of 10 s on one connection end at 10, 20, …, 320 s: mean 165 s, if no run is repeated.
    assert_eq!(of(&one, FtsIndexing).duplicate_executions, 0);
    assert_seconds(of(&one, FtsIndexing).latency.max_s(), 320.0);
    assert_seconds(of(&one, FtsIndexing).latency.mean_s(), 165.0);
    assert!(of(&run(4), FtsIndexing).latency.mean_s() < Some(100.0));
}

/// A slow node: half the speed, twice the time.
#[test]
fn a_slow_node_takes_longer() {
    let more = "[layouts.a.cluster.roles]\nfts-indexing = [\"1\"]\n\
                [[fault]]\nslow_node = { node = 1, at = \"0s\", for = \"10m\", factor = 0.5 }\n";
    let record = record(&with_messages(scenario(&[], more), &[(10.0, 0, 1), (1_000.0, 1, 1)]));
    assert_seconds(of(&record, FtsIndexing).latency.max_s(), 2.0);
}

/// A message to a node that is down goes to another; with all nodes down the sender waits: down from 100 to
/// 150 s, message at 120 s, sent again after 300 s.
#[test]
fn senders_try_again() {
    let crash: String =
        (1..=4).map(|node| format!("[[fault]]\ncrash = {{ node = {node}, at = \"100s\", for = \"50s\" }}\n")).collect();
    let more = format!("[layouts.a.cluster.roles]\nfts-indexing = [\"1,2,3,4\"]\n{crash}");
    let record = record(&with_messages(scenario(&[], &more), &[(120.0, 0, 1)]));
    assert_eq!((record.messages, record.messages_delivered, record.messages_deferred), (1, 1, 1));
}

/// Overlapping causes: down from 100 to 300 s and from 200 to 400 s is down for 300 s, and nobody covers
/// its shard meanwhile.
#[test]
fn overlapping_outages_of_a_node_add_up_once() {
    let more = "[layouts.a.cluster.roles]\nfts-indexing = [\"1\",\"2\"]\n\
                [[fault]]\ncrash = { node = 1, at = \"100s\", for = \"200s\" }\n\
                [[fault]]\nzone_outage = { zone = \"b\", at = \"200s\", for = \"200s\" }\n[node.1]\nzone = \"b\"\n";
    let record = record(&with_messages(scenario(&[], more), &[]));
    assert_eq!(record.nodes[0].down_ns, 300_000_000_000);
    assert_eq!(record.shards[FtsIndexing.index()][0].uncovered_ns, 300_000_000_000);
    assert_eq!(record.shards[FtsIndexing.index()][1].uncovered_ns, 0);
}

/// One node a push shard, which fails for 1 h every 9 h on average (both exponential): it is down for a
/// tenth of the time, and so is the share of notifications that its accounts miss. 99.9 % interval over
/// 40 replications of 20 days. Switched off (no failures): nothing is missed.
#[test]
fn lost_notifications_agree_with_availability() {
    let changes = [
        ("push_subscriptions_per_account = 0", "push_subscriptions_per_account = 1"),
        ("accounts = 8", "accounts = 8\nmessages_per_account_per_day = 200"),
        ("duration = \"1h\"", "duration = \"20d\"\nwarmup = \"2d\""),
        ("ids = \"1-4\"", "ids = \"1-2\""),
    ];
    let layout =
        "[layouts.a.cluster.roles]\npush-notifications = [\"2\"]\nfts-indexing = [\"1\"]\n[node.2]\nmail_share = 0\n";
    let faults = "[[fault]]\nrandom_crashes = { nodes = \"2\", between = { exponential = { mean = \"9h\" } }, repair = { exponential = { mean = \"1h\" } } }\n";
    let failing = scenario(&changes, &format!("{layout}{faults}"));
    let records = records(&failing, 40);
    let missed: Vec<f64> = records
        .iter()
        .map(|record| of(record, PushNotifications).failed as f64 / of(record, PushNotifications).created as f64)
        .collect();
    assert_mean(&missed, 0.1);
    assert!(interval(&missed).0 > 0.05);
    let down: Vec<f64> =
        records.iter().map(|record| record.nodes[1].down_ns as f64 / 1e9 / (20.0 * 86_400.0)).collect();
    assert_mean(&down, 0.1);
    let healthy = record(&scenario(&changes, layout));
    assert_eq!(of(&healthy, PushNotifications).failed, 0);
}

/// `documented` with demands of zero: a backlog of 60,000 tasks is worked off without piling up calls.
#[test]
fn work_without_demand_is_no_danger() {
    let changes = [
        ("version = \"0.14\"", "version = \"documented\""),
        ("cpu = \"1s\"\ndatabase", "cpu = \"0s\"\ndatabase"),
        ("accounts = 8", "accounts = 60000\nmessages_per_account_per_day = 24"),
        ("duration = \"1h\"", "duration = \"2h\""),
    ];
    let more = "[layouts.a.cluster.roles]\nfts-indexing = [\"2\"]\n\
                [[fault]]\ncrash = { node = 2, at = \"0s\", for = \"1h\" }\n\
                [tasks.purge]\naccounts = { cpu = \"0s\", database = \"0s\" }\n";
    let record = record(&scenario(&changes, more));
    assert_eq!(of(&record, FtsIndexing).created, of(&record, FtsIndexing).completed);
}

/// Every account gets its messages, also where a message cannot go to more accounts than there are: 2 accounts,
/// 120 messages a day each, geometric recipients: 2,400 deliveries in 10 days (Poisson, 4.5 standard deviations).
#[test]
fn deliveries_to_few_accounts_are_as_many_as_asked_for() {
    let changes = [
        ("accounts = 8", "accounts = 2\nmessages_per_account_per_day = 120"),
        ("recipients_per_message = 1", "recipients_per_message = { geometric = { mean = 1.66 } }"),
        ("duration = \"1h\"", "duration = \"10d\""),
    ];
    let record = record(&scenario(&changes, "[layouts.a.cluster.roles]\n"));
    let created = of(&record, FtsIndexing).created as f64;
    // Up to two deliveries a message: the standard deviation is below √(2 · 2,400).
    assert!((created - 2_400.0).abs() < 4.5 * 4_800.0_f64.sqrt(), "{created}");
}
