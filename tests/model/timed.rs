//! Timed roles (server facts, section 4), by hand.

use crate::harness::{assert_seconds, of, record, scenario, with_messages};
use rolesim::layout::Role::{AcmeRenew, MetricsCalculate, MetricsPush, PurgeAccounts, PurgeStores, SpamTraining};

const DAY: (&str, &str) = ("duration = \"1h\"", "duration = \"1d\"\nwarmup = \"1h\"\nstart = 2026-03-02T00:00:00Z");
const FAST_PURGE: &str = "[tasks.purge]\naccounts = { cpu = \"0s\", database = \"2s\" }\nstores = { cpu = \"0s\", database = \"10s\" }\n[push]";

/// Eight accounts, 2 s each. Two nodes of one shard both purge every account: 16 runs, 8 of them
/// duplicates. One node a shard: 8 runs, and each node is done after 4 · 2 = 8 s.
#[test]
fn two_nodes_of_a_shard_both_purge_every_account() {
    let changes = [DAY, ("[push]", FAST_PURGE)];
    let purge = |shards: &str| {
        let layout = format!("[layouts.a.cluster.roles]\npurge.accounts = {shards}\n");
        record(&with_messages(scenario(&changes, &layout), &[]))
    };
    let shared = purge(r#"["1,2"]"#);
    let shared = of(&shared, PurgeAccounts);
    assert_eq!(shared.created, 8);
    assert_eq!(shared.completed, 8);
    // Each meets an account that the other has in hand at most now and then: then it is skipped.
    assert!((14..=16).contains(&shared.executions), "{}", shared.executions);
    let split = purge(r#"["1","2"]"#);
    let split = of(&split, PurgeAccounts);
    assert_eq!((split.completed, split.executions, split.duplicate_executions), (8, 8, 0));
    assert_seconds(split.latency.max_s(), 8.0);
}

/// All four nodes start the purge of each of the three stores; one gets the lock, three skip the day:
/// 3 runs. 10 s of database time in 4 requests at a time take 2.5 s.
#[test]
fn one_node_purges_a_store() {
    let changes = [DAY, ("[push]", FAST_PURGE)];
    let record = record(&with_messages(scenario(&changes, "[layouts.a.cluster.roles]\n"), &[]));
    let stores = of(&record, PurgeStores);
    assert_eq!((stores.created, stores.completed, stores.executions), (3, 3, 3));
    assert_seconds(stores.latency.max_s(), 2.5);
}

/// 20 certificates, renewed every 60 days, fall due 200 times in 600 days, each at most once more or less for where its
/// first date lies. Half of the runs fail. A node that fails after another one has renewed does not make the certificate
/// due again, so this holds for any number of nodes a shard.
#[test]
fn a_failed_run_does_not_make_a_renewed_certificate_due() {
    let created = |shards: &str| {
        let changes = [
            ("duration = \"1h\"", "duration = \"600d\"\ntimeline_step = \"10d\""),
            ("acme_providers = 0", "acme_providers = 20"),
            ("[push]", "[tasks.acme.renew]\nfailure_probability = 0.5\n[push]"),
        ];
        let layout = format!(
            "[layouts.a.cluster.roles]\nacme.renew = {shards}\nmetrics.calculate = [\"1\"]\nmetrics.push = [\"1\"]\n"
        );
        of(&record(&with_messages(scenario(&changes, &layout), &[])), AcmeRenew).created
    };
    for shards in [r#"["1","2"]"#, r#"["1,2"]"#, r#"["1,2,3,4"]"#] {
        let created = created(shards);
        assert!((180..=220).contains(&created), "{shards}: {created}");
    }
}

/// Four certificates, renewed every hour, fall due 24 times a day each, wherever their first dates lie: 96 renewals, each
/// done once, in `documented` and where every shard has one node: by the node of the certificate's shard, so that each node
/// does as many in both.
#[test]
fn every_shard_renews_its_certificates() {
    let by_node = ["0.14", "documented"].map(|version| {
        let version = format!("version = \"{version}\"\nacme_interval = \"1h\"");
        let changes = [
            ("duration = \"1h\"", "duration = \"1d\""),
            ("acme_providers = 0", "acme_providers = 4"),
            ("version = \"0.14\"", version.as_str()),
            ("[push]", "[tasks.acme.renew]\ncpu = \"0s\"\ndatabase = \"0s\"\n[push]"),
        ];
        let layout = "[layouts.a.cluster.roles]\nacme.renew = [\"1\",\"2\",\"3\"]\n";
        let record = record(&with_messages(scenario(&changes, layout), &[]));
        let renewals = of(&record, AcmeRenew);
        assert_eq!((renewals.created, renewals.completed, renewals.executions), (96, 96, 96), "{version}");
        record.node_roles.iter().map(|roles| roles[AcmeRenew.index()].executions).collect::<Vec<_>>()
    });
    assert!(by_node[0].iter().filter(|&&count| count > 0).count() > 1, "{by_node:?}");
    assert_eq!(by_node[0], by_node[1]);
}

/// A certificate falls due in the first hour, as each hour, and its only node is down for the first 10 hours: it is renewed
/// after 9 to 10 hours, within the drain. If the node does not come back it is due all the same, and not done.
#[test]
fn a_renewal_falls_due_without_a_node() {
    for (version, lasts, done) in
        [("0.14", "10h", 1), ("documented", "10h", 1), ("0.14", "30h", 0), ("documented", "30h", 0)]
    {
        let version = format!("version = \"{version}\"\nacme_interval = \"1h\"");
        let changes = [
            ("duration = \"1h\"", "duration = \"1h\"\ndrain = \"20h\""),
            ("acme_providers = 0", "acme_providers = 1"),
            ("version = \"0.14\"", version.as_str()),
        ];
        let more = format!(
            "[layouts.a.cluster.roles]\nacme.renew = [\"1\"]\n[[fault]]\ncrash = {{ node = 1, at = \"0s\", for = \"{lasts}\" }}\n"
        );
        let record = record(&with_messages(scenario(&changes, &more), &[]));
        let renewals = of(&record, AcmeRenew);
        assert_eq!((renewals.created, renewals.completed), (1, done), "{version}, {lasts}");
        if let Some(latency_s) = renewals.latency.max_s() {
            assert!((9.0 * 3_600.0..10.0 * 3_600.0 + 60.0).contains(&latency_s), "{latency_s}");
        }
    }
}

/// `documented`: the data store is to be purged at 03:00, and its only node is down from 02:00 to 05:00. The measured span is
/// over at 03:30, but what is measured is waited for: 10 s of the database in four streams are over at 05:00:02.5, 2 h
/// 2.5 s after the purge fell due.
#[test]
fn what_waits_for_a_node_is_waited_for() {
    let changes = [
        ("duration = \"1h\"", "duration = \"3h30m\"\ndrain = \"6h\"\nstart = 2026-03-02T00:00:00Z"),
        ("[push]", FAST_PURGE),
        ("version = \"0.14\"", "version = \"documented\""),
    ];
    let more = "[layouts.a.cluster.roles]\npurge.stores = [\"1\"]\n\
                [[fault]]\ncrash = { node = 1, at = \"2h\", for = \"3h\" }\n";
    let record = record(&with_messages(scenario(&changes, more), &[]));
    let stores = of(&record, PurgeStores);
    assert_eq!((stores.created, stores.completed), (1, 1));
    assert_seconds(stores.latency.max_s(), 7_202.5);
}

/// The purge of a store takes as long on whichever node it runs, and whatever else the node has to do: the same messages,
/// demands and failures meet every layout.
#[test]
fn all_layouts_meet_the_same_purges() {
    let changes = [DAY, ("[push]", "[tasks.purge]\nstores = { cpu = { exponential = { mean = \"60s\" } } }\n[push]")];
    let latency = |layout: &str| {
        let layout = format!("[layouts.a.cluster.roles]\n{layout}\n");
        of(&record(&with_messages(scenario(&changes, &layout), &[])), PurgeStores).latency.mean_s()
    };
    let first = latency("purge.stores = [\"1\"]\nmetrics.calculate = [\"2\"]");
    assert!(first > Some(0.0));
    assert_eq!(first, latency("purge.stores = [\"2\"]\nmetrics.calculate = [\"2\"]"));
}

/// A node that is down at 03:00 misses the purge of the data store; the only enabled node: 2 of 3 runs.
#[test]
fn a_node_that_is_down_misses_its_timer() {
    let changes = [DAY, ("[push]", FAST_PURGE)];
    let more = "[layouts.a.cluster.roles]\npurge.stores = [\"1\"]\n\
                [[fault]]\ncrash = { node = 1, at = \"2h59m\", for = \"2m\" }\n";
    let record = record(&with_messages(scenario(&changes, more), &[]));
    assert_eq!(of(&record, PurgeStores).executions, 2);
}

/// Metrics are counted at the start and every 300 s: in an hour after an hour of warm-up, 12 times on each
/// of two enabled nodes.
#[test]
fn metrics_are_counted_every_five_minutes_on_each_node() {
    let changes = [("duration = \"1h\"", "duration = \"1h\"\nwarmup = \"1h\"")];
    let layout = "[layouts.a.cluster.roles]\nmetrics.calculate = [\"3,4\"]\n";
    let record = record(&with_messages(scenario(&changes, layout), &[]));
    assert_eq!(of(&record, MetricsCalculate).executions, 24);
}

/// `documented` does each item once: every account and every store one time, whatever the layout.
#[test]
fn documented_purges_once() {
    let changes = [DAY, ("[push]", FAST_PURGE), ("version = \"0.14\"", "version = \"documented\"")];
    let layout = "[layouts.a.cluster.roles]\npurge.accounts = [\"1,2\"]\npurge.stores = [\"1,4\",\"2,3\"]\n";
    let record = record(&with_messages(scenario(&changes, layout), &[]));
    let accounts = of(&record, PurgeAccounts);
    assert_eq!((accounts.completed, accounts.executions), (8, 8));
    // Two nodes share eight accounts of 2 s each.
    assert_seconds(accounts.latency.max_s(), 8.0);
    assert_eq!(of(&record, PurgeStores).executions, 3);
}

/// Two nodes have set two timers each, one after the other: every minute node 1 sends metrics and trains, then node 2 does.
/// Each job needs 1 s of a core, and then 1 s of the only connection, which serves them in this order: metrics are sent
/// after 2 and 4 s, trainings are over after 3 and 5 s. (One kind after the other it would be 2 and 3 s, 4 and 5 s.)
#[test]
fn timers_of_two_kinds_fire_in_the_order_in_which_they_were_set() {
    let changes = [
        ("version = \"0.14\"", "version = \"0.15\"\ntraining_interval = \"60s\""),
        ("ids = \"1-4\"", "ids = \"1-2\""),
        ("push = { cpu = \"0s\" }", "push = { cpu = \"1s\", database = \"1s\" }"),
        ("[push]", "[tasks.spam-training]\ncpu = \"1s\"\ndatabase = \"1s\"\n[database]\nconnections = 1\n[push]"),
    ];
    let layout = "[layouts.a.cluster.roles]\nmetrics.push = [\"1,2\"]\nspam-training = [\"1,2\"]\n";
    let record = record(&with_messages(scenario(&changes, layout), &[]));
    for (role, mean_s, max_s) in [(MetricsPush, 3.0, 4.0), (SpamTraining, 4.0, 5.0)] {
        assert_seconds(of(&record, role).latency.mean_s(), mean_s);
        assert_seconds(of(&record, role).latency.max_s(), max_s);
    }
}
