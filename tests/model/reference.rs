//! The fast simulation against the plain one, in which every end of a job is an event: the same results, to the
//! bit, on random small scenarios with busy and idle processors, faults, failures, all versions and balancers.

use super::harness::{scenario, with_messages};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use rolesim::cluster::{simulate, simulate_plainly};
use rolesim::experiment::{LayoutResult, tables};
use rolesim::layout::Role;
use rolesim::scenario::Scenario;
use rolesim::source::SourceText;
use std::path::Path;

fn scenario_text() -> impl Strategy<Value = String> {
    let cluster = (
        prop::sample::select(vec!["0.13", "0.14", "0.15", "0.16.14", "0.16.18", "documented"]),
        (1_u32..9, prop::sample::select(vec![1_u32, 4, 12, 100]), prop::sample::select(vec!["0s", "40s"])),
        prop::sample::select(vec!["rotation", "random", "least_busy", "by_account"]),
        prop::sample::select(vec![r#"["1,2,3,4"]"#, r#"["1,2", "3,4"]"#, r#"["1", "2", "3", "4"]"#]),
        prop::sample::select(vec![
            "",
            "[[fault]]\nslow_node = { node = 2, at = \"3m\", for = \"4m\", factor = 0.3 }\n",
            "[[fault]]\ncut_off = { node = 2, from = \"database\", at = \"3m\", for = \"20s\" }\n[[fault]]\ndatabase_outage = { at = \"6m\", for = \"3s\" }\n",
            "[[fault]]\ncut_off = { node = 3, from = \"all\", at = \"1m\", for = \"20s\" }\n[[fault]]\nlock_store_outage = { at = \"6m\", for = \"3s\" }\n",
        ]),
        prop::sample::select(vec![
            "",
            "[[fault]]\nrandom_crashes = { between = { exponential = { mean = \"10m\" } }, repair = { constant = \"90s\" } }\n",
        ]),
    );
    let work = (
        // Messages for an account and day, from idle to overloaded, and alerts.
        (prop::sample::select(vec![300_u32, 3_000, 20_000]), prop::sample::select(vec![1_u32, 2_000])),
        // Constant demands make many things happen at the same nanosecond.
        prop::sample::select(vec![
            r#"{ lognormal = { mean = "1ms", cv = 1.5 } }"#,
            r#"{ lognormal = { mean = "30ms", cv = 1.5 } }"#,
            r#"{ lognormal = { mean = "300ms", cv = 1.5 } }"#,
            "\"2ms\"\ndatabase = \"1ms\"",
        ]),
        prop::sample::select(vec!["\"5ms\"", "{ lognormal = { mean = \"60ms\", cv = 2 } }"]),
        // Locks that expire while their tasks run, and others.
        prop::sample::select(vec!["40ms", "1s", "300s"]),
        // Where the lock store or a deletion takes no time, its answer comes at the same nanosecond.
        prop::sample::select(vec![
            "",
            "lock_round_trip = \"0s\"",
            "delete_time = \"0s\"",
            "lock_round_trip = \"0s\"\ndelete_time = \"0s\"",
        ]),
        prop::sample::select(vec!["150ms", "2s", "9s"]),
        prop::sample::select(vec![0.0, 0.05]),
        prop::sample::select(vec![0.7, 1.0, 2.5]),
        any::<u32>(),
    );
    (cluster, work).prop_map(
        |(
            (version, (cores, connections, spread), balancer, shards, slow, crashes),
            ((messages, alerts), cpu, push_cpu, lock_time, costs, answer, failures, devices, seed),
        )| {
            format!(
                r#"
start = 2026-03-02T23:55:00Z
duration = "12m"
warmup = "2m"
drain = "3m"
replications = 1
seed = {seed}
[server]
version = "{version}"
lock_time = {{ fts-indexing = "{lock_time}" }}
{costs}
[layouts.a.cluster.roles]
push-notifications = {shards}
fts-indexing = {shards}
[nodes]
ids = "1-4"
cores = {cores}
load_balancer = "{balancer}"
start_spread = "{spread}"
[database]
connections = {connections}
[workload]
accounts = 60
messages_per_account_per_day = {messages}
calendar_alerts_per_account_per_day = {alerts}
push_subscriptions_per_account = {devices}
daily_cycle = "flat"
[tasks.fts-indexing]
cpu = {cpu}
failure_probability = {failures}
[tasks.push-notifications]
cpu = {push_cpu}
[push]
endpoint = {{ lognormal = {{ mean = "{answer}", cv = 1 }} }}
failure_probability = {failures}
{slow}{crashes}"#
            )
        },
    )
}

/// Scenarios in which everything takes whole milliseconds, so that most things happen at the same nanosecond as others:
/// the text, and the messages as millisecond, account and node.
fn lattice() -> impl Strategy<Value = (String, Vec<(u32, u32, u64)>)> {
    let short = || prop::sample::select(vec!["0s", "1ms", "1ms", "2ms", "3ms"]);
    let server = (
        prop::sample::select(vec!["0.13", "0.14", "0.15", "0.16.14", "0.16.18", "documented"]),
        prop::sample::select(vec!["1ms", "10ms", "1s"]),
        (short(), prop::sample::select(vec!["0s", "2us", "1ms"]), short(), short()),
        (1_u32..9, prop::sample::select(vec![1_u32, 2, 3, 4, 8, 20]), prop::sample::select(vec![0.5, 1.0, 2.0])),
        prop::sample::select(vec![r#"["1,2,3,4"]"#, r#"["1,2", "3,4"]"#, r#"["1", "2", "3", "4"]"#]),
        prop::sample::select(vec!["", "[[fault]]\ncrash = { node = 2, at = \"5s\", for = \"2s\" }\n"]),
        prop::sample::select(vec![r#"["1,2,3,4"]"#, r#"["1,3"]"#, r#"["1,3", "2,4"]"#]),
    );
    let work = (
        (short(), short(), short(), short(), short()),
        (short(), prop::sample::select(vec!["0s", "1ms", "100ms"]), prop::sample::select(vec!["0s", "1ms"])),
        prop::collection::vec(
            ((0_u32..200, prop::sample::select(vec![0_u32, 0, 0, 1, 2, 3, 4, 5, 6, 8])), 0_u32..20, 1_u64..5),
            1..300,
        ),
    );
    (server, work).prop_map(
        |(
            (version, refresh, (base, per_task, trip, delete), (cores, connections, speed), shards, fault, alerts),
            ((ingest_cpu, ingest_database, cpu, database, bayes_cpu), (push_cpu, answer, delay), messages),
        )| {
            let text = format!(
                r#"
duration = "12s"
warmup = "0s"
drain = "10s"
replications = 1
timeline_step = "1s"
[server]
version = "{version}"
refresh_interval = "{refresh}"
scan_base = "{base}"
scan_per_task = "{per_task}"
lock_round_trip = "{trip}"
delete_time = "{delete}"
[layouts.a.cluster.roles]
push-notifications = {shards}
fts-indexing = {shards}
bayes-training = ["1,3", "2,4"]
calendar-alerts = {alerts}
[nodes]
ids = "1-4"
cores = {cores}
[node.1]
speed = {speed}
[database]
connections = {connections}
[coordinator]
delay = "{delay}"
[workload]
accounts = 20
activity = "equal"
trainings_per_message = 0.5
calendar_alerts_per_account_per_day = 2_000
push_subscriptions_per_account = 1
[tasks.ingest]
cpu = "{ingest_cpu}"
database = "{ingest_database}"
[tasks.fts-indexing]
cpu = "{cpu}"
database = "{database}"
[tasks.bayes-training]
cpu = "{bayes_cpu}"
database = "1ms"
[tasks.push-notifications]
cpu = "{push_cpu}"
[push]
endpoint = "{answer}"
{fault}"#
            );
            let on_lattice =
                messages.into_iter().map(|((at, more), account, node)| (40 * at + more, account, node)).collect();
            (text, on_lattice)
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 600,
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(1),
        ..ProptestConfig::default()
    })]

    #[test]
    fn fast_and_plain_simulations_agree_to_the_bit(text in scenario_text()) {
        let scenario = Scenario::parse(SourceText::new("s.toml", text), Path::new(".")).expect("a valid scenario");
        assert_equal(&scenario);
    }

    #[test]
    fn they_agree_where_many_things_happen_at_once((text, mut messages) in lattice()) {
        let scenario = Scenario::parse(SourceText::new("s.toml", text), Path::new(".")).expect("a valid scenario");
        messages.sort_unstable();
        let messages: Vec<_> =
            messages.into_iter().map(|(at_ms, account, node)| (f64::from(at_ms) / 1e3, account, node)).collect();
        assert_equal(&with_messages(scenario, &messages));
    }
}

/// The fast and the plain simulation of a scenario have the same tables.
#[track_caller]
fn assert_equal(scenario: &Scenario) {
    let setup = scenario.setup(&scenario.layouts[0]);
    let result =
        |record| LayoutResult { layout: "a".to_owned(), setup: setup.clone(), first: 0, records: vec![record] };
    let (fast, plain) = (simulate(&setup, 0), simulate_plainly(&setup, 0));
    assert_eq!(tables(scenario, &[result(fast)]), tables(scenario, &[result(plain)]));
}

/// An alert that concerns nodes 1 and 3 wakes node 2 between them in a part of the cases; a message makes its scan one that
/// is looked at. All three end at the same moment, and look again for the tasks of the messages.
#[test]
fn scans_that_end_together_let_others_between_them() {
    let changes = [
        ("duration = \"1h\"", "duration = \"2m\"\nwarmup = \"0s\""),
        ("scan_base = \"0s\"", "scan_base = \"3ms\""),
        ("lock_round_trip = \"0s\"", "lock_round_trip = \"1ms\""),
        ("calendar_alerts_per_account_per_day = 0", "calendar_alerts_per_account_per_day = 5000"),
        ("cpu = \"1s\"", "cpu = \"1ms\""),
    ];
    let seconds = (1..120).flat_map(|second| {
        let second = f64::from(second);
        [(second + 0.001, 0, 2), (second + 0.002, 1, 3)]
    });
    let layout = "[layouts.a.cluster.roles]\ncalendar-alerts = [\"1,3\"]\n";
    assert_equal(&with_messages(scenario(&changes, layout), &seconds.collect::<Vec<_>>()));
}

/// Nodes that hear the same messages of the coordinator share one state of hearing. With a loss so improbable that it
/// never comes, each node has a state of its own, and the results are the same: while nodes crash and are cut off, one
/// message in three falls into the gap in which a node subscribes again.
#[test]
fn nodes_that_hear_the_same_share_their_state() {
    let cut = |at: u32| {
        format!("[[fault]]\ncut_off = {{ nodes = \"2,5\", from = \"coordinator\", at = \"{at}s\", for = \"1s\" }}\n")
    };
    let cuts: String = (0..200).map(|number| cut(5 * number)).collect();
    let run = |loss: f64, seed: u32| {
        let text = format!(
            r#"
start = 2026-03-02T12:00:00Z
duration = "20m"
warmup = "1m"
replications = 1
seed = {seed}
[server]
version = "0.16.14"
resubscribe_gap = "40ms"
[coordinator]
loss_probability = {loss:e}
[layouts.a.cluster.roles]
push-notifications = ["1,2,3,4", "5,6"]
[nodes]
ids = "1-6"
[workload]
accounts = 600
messages_per_account_per_day = 1_500
push_subscriptions_per_account = 1
daily_cycle = "flat"
[[fault]]
random_crashes = {{ between = {{ exponential = {{ mean = "5m" }} }}, repair = {{ constant = "20s" }} }}
[[fault]]
cut_off = {{ node = 3, from = "all", at = "4m", for = "5m" }}
{cuts}"#
        );
        let scenario = Scenario::parse(SourceText::new("s.toml", text), Path::new(".")).expect("a valid scenario");
        let setup = scenario.setup(&scenario.layouts[0]);
        simulate(&setup, 0).push
    };
    for seed in 0..5 {
        let (together, apart) = (run(0.0, seed), run(1e-300, seed));
        assert!(together[0].copies * 10 < together[0].notifications * 35, "messages get lost");
        for (one, other) in together.iter().zip(&apart) {
            assert_eq!((one.notifications, one.copies, one.missed), (other.notifications, other.copies, other.missed));
            assert_eq!(one.latency.mean_s(), other.latency.mean_s());
        }
    }
}

/// Where there are cores and connections for everybody, a run is one event instead of four (processor, database,
/// deletion, release) or, with the answer of the lock store, five; a delivery is one instead of two. Where there are
/// not, unravelled chains may cost more events than they save. Push requests and scans that find nothing (those of the
/// refreshes of nodes without mail) need none.
#[test]
fn idle_clusters_need_few_events() {
    let text = "duration = \"1h\"\nreplications = 1\n[nodes]\nids = \"1-4\"\ncores = 16\n[workload]\naccounts = 2_000\n\
                [layouts.a.cluster.roles]\nfts-indexing = [\"1,2\", \"3,4\"]\n";
    let scenario = Scenario::parse(SourceText::new("s.toml", text), Path::new(".")).expect("a valid scenario");
    let setup = scenario.setup(&scenario.layouts[0]);
    let (fast, plain) = (simulate(&setup, 0), simulate_plainly(&setup, 0));
    let runs = plain.roles[Role::FtsIndexing.index()].executions;
    let requests: u64 = plain.push.iter().map(|shard| shard.requests).sum();
    let spared = 3 * runs + plain.messages + requests;
    assert!(runs > 1_000 && requests > 1_000);
    assert!(fast.events + spared <= plain.events, "{} of {} events, {spared} spared", fast.events, plain.events);

    let text = "duration = \"10h\"\nreplications = 1\n[nodes]\nids = \"1-4\"\n[workload]\naccounts = 1\nmessages_per_account_per_day = 1\n\
                calendar_alerts_per_account_per_day = 0\n[layouts.a.cluster.roles]\nfts-indexing = [\"1,2\", \"3,4\"]\n";
    let scenario = Scenario::parse(SourceText::new("s.toml", text), Path::new(".")).expect("a valid scenario");
    let setup = scenario.setup(&scenario.layouts[0]);
    let (fast, plain) = (simulate(&setup, 0), simulate_plainly(&setup, 0));
    // Ten hours of a refresh every 300 s on each of four nodes.
    assert!(fast.events + 4 * 118 <= plain.events, "{} of {} events", fast.events, plain.events);
}
