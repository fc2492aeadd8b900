//! What a simulation tells of itself: traces and the stories of single messages, in systems so small that every
//! moment can be worked out on paper.

use crate::harness::{record, scenario, with_messages};
use rolesim::cli::explain::tell;
use rolesim::experiment::observe;
use rolesim::metrics::story::{Observer, What};
use rolesim::report::explain::Target;
use rolesim::report::trace::{TraceFile, TraceOptions};
use rolesim::scenario::Scenario;
use serde_json::Value;
use std::collections::BTreeMap;

fn story(scenario: &Scenario, task: &str) -> String {
    let task = task.parse().expect("a task");
    tell(scenario, 0, 0, Target::Task(task)).unwrap_or_else(|problem| panic!("{problem}"))
}

/// Only node 2 indexes and gets no mail. It looks at 0 s and again at 300 s; the message is written at 10 s by
/// node 1: found after 290 s, indexed 1 s later.
#[test]
fn nothing_wakes_the_node_that_indexes() {
    let scenario = scenario(&[], "[layouts.a.cluster.roles]\nfts-indexing = [\"2\"]\n");
    insta::assert_snapshot!(story(&with_messages(scenario, &[(10.0, 3, 1)]), "fts-indexing:1"));
}

/// Node 1 takes the lock at 10 s (until 310 s) for a run of 20 s and dies at 15 s. Node 2 looks at 300 s: locked by the
/// dead node. Its memory of the task lasts until 601 s, so it is at 900 s that it runs it: done at 920 s.
#[test]
fn the_lock_of_a_dead_node() {
    let more = "[layouts.a.cluster.roles]\nfts-indexing = [\"1,2\"]\n\
                [[fault]]\ncrash = { node = 1, at = \"15s\", for = \"2h\" }\n";
    let scenario = scenario(&[("cpu = \"1s\"", "cpu = \"20s\"")], more);
    insta::assert_snapshot!(story(&with_messages(scenario, &[(10.0, 0, 1)]), "fts-indexing:1"));
}

const PUSHED: (&str, &str) = ("push_subscriptions_per_account = 0", "push_subscriptions_per_account = 1");

/// Nodes 1 and 2 are one shard of push: each sends a copy, at once, answered after 100 ms.
#[test]
fn two_nodes_of_a_shard_push_twice() {
    let scenario = scenario(&[PUSHED], "[layouts.a.cluster.roles]\npush-notifications = [\"1,2\"]\n");
    insta::assert_snapshot!(story(&with_messages(scenario, &[(10.0, 0, 1)]), "fts-indexing:1"));
}

/// Account 1 belongs to node 2, which is down from 5 s on: nobody pushes.
#[test]
fn a_dead_node_misses_a_push() {
    let more = "[layouts.a.cluster.roles]\npush-notifications = [\"1\", \"2\"]\n\
                [[fault]]\ncrash = { node = 2, at = \"5s\", for = \"10m\" }\n";
    let scenario = scenario(&[PUSHED], more);
    insta::assert_snapshot!(story(&with_messages(scenario, &[(10.0, 1, 1)]), "fts-indexing:1"));
}

/// The node's requests are refused; 30 s after the message the simulation ends, before the second try.
#[test]
fn a_push_is_open_at_the_end() {
    let changes = [
        PUSHED,
        ("duration = \"1h\"", "duration = \"40s\"\ndrain = \"0s\""),
        ("endpoint = \"100ms\"", "endpoint = \"100ms\"\nfailure_probability = 1.0"),
    ];
    let scenario = scenario(&changes, "[layouts.a.cluster.roles]\npush-notifications = [\"1\"]\n");
    let told = story(&with_messages(scenario, &[(10.0, 0, 1)]), "fts-indexing:1");
    assert!(told.contains("the simulation ends; the notification is still open"), "{told}");
    assert!(told.contains("not pushed by the end, still open") && !told.contains("missed"), "{told}");
}

/// Node 1 pushes for account 0. A message at 10 s is pushed at once; the next request may go at 11 s. Those of 10.3 s
/// and 10.5 s wait for the tick that is set at 10.3 s, one second later: one request at 11.3 s for both.
#[test]
fn a_throttled_push_is_merged() {
    let scenario =
        scenario(&[PUSHED], "[layouts.a.cluster.roles]\npush-notifications = [\"1\", \"2\", \"3\", \"4\"]\n");
    let messages = [(10.0, 0, 1), (10.3, 0, 1), (10.5, 0, 1)];
    insta::assert_snapshot!(story(&with_messages(scenario, &messages), "fts-indexing:2"));
}

/// The nearest message of an account is that of its task; a task that is not there is an error.
#[test]
fn stories_are_found_by_account_and_by_task() {
    let quiet = || scenario(&[], "[layouts.a.cluster.roles]\nfts-indexing = [\"1\"]\n");
    let scenario = with_messages(quiet(), &[(10.0, 0, 1), (20.0, 1, 1), (50.0, 0, 1)]);
    let at = |s: u64| Target::Account { account: 0, at_ns: s * 1_000_000_000 };
    let told = |target| tell(&scenario, 0, 0, target).unwrap_or_else(|problem| panic!("{problem}"));
    assert_eq!(told(at(28)), story(&scenario, "fts-indexing:1"));
    assert_eq!(told(at(31)), story(&scenario, "fts-indexing:3"));
    let missing = tell(&scenario, 0, 0, Target::Task("fts-indexing:4".parse().expect("a task")));
    assert!(missing.is_err_and(|problem| problem.message.contains("no task fts-indexing:4")));
    assert!(tell(&scenario, 0, 0, Target::Account { account: 5, at_ns: 0 }).is_err());
}

/// Channels of one task. Node 2 alone indexes, gets no mail and finds four tasks at 300 s: the first runs at once, the
/// second is in the channel, the third gets there when the second runs (301 s), the fourth when the third does (302 s).
#[test]
fn a_full_channel_is_said() {
    let changes = [("version = \"0.14\"", "version = \"0.14\"\nchannel_capacity = 1")];
    let scenario = scenario(&changes, "[layouts.a.cluster.roles]\nfts-indexing = [\"2\"]\n");
    let messages = [(10.0, 0, 1), (11.0, 1, 1), (12.0, 2, 1), (13.0, 3, 1)];
    let scenario = with_messages(scenario, &messages);
    let stories: Vec<String> = (1..=4).map(|number| story(&scenario, &format!("fts-indexing:{number}"))).collect();
    let told = |said: &str| stories.iter().filter(|story| story.contains(said)).count();
    assert_eq!(told("put it away after"), 2, "{stories:#?}");
    let after =
        |length: &str| format!("node 2 has put it away after {length}: first it waited for room for fts-indexing");
    assert_eq!((told(&after("1 s")), told(&after("2 s"))), (1, 1), "{stories:#?}");
}

/// Node 1 finds the first task at 10 s, its second (of 600 s each) at 11 s, and cannot put away its third before 610 s: what
/// is written at 20 s it finds then.
#[test]
fn a_dispatcher_that_waits_finds_nothing() {
    let changes =
        [("version = \"0.14\"", "version = \"0.14\"\nchannel_capacity = 1"), ("cpu = \"1s\"", "cpu = \"600s\"")];
    let scenario = scenario(&changes, "[layouts.a.cluster.roles]\nfts-indexing = [\"1\"]\n");
    let messages = [(10.0, 0, 1), (11.0, 1, 1), (12.0, 2, 1), (20.0, 3, 1)];
    let told = story(&with_messages(scenario, &messages), "fts-indexing:4");
    assert!(told.contains("00:10:10.000  node 1 finds fts-indexing:4 after 590 s"), "{told}");
    assert!(told.contains("; until 00:10:10.000 it waited for room for fts-indexing"), "{told}");
}

/// Of a shard that no node serves it is said why nothing is done; other tasks are indexed.
#[test]
fn a_shard_without_a_node_is_said() {
    let scenario = scenario(&[], "[layouts.a.cluster.roles]\nfts-indexing = [\"1\", \"9\"]\n");
    let messages: Vec<_> = (0..64).map(|number| (10.0 + f64::from(number), number % 8, 1)).collect();
    let scenario = with_messages(scenario, &messages);
    let stories: Vec<String> = (1..=64).map(|number| story(&scenario, &format!("fts-indexing:{number}"))).collect();
    let told = |said: &str| stories.iter().filter(|story| story.contains(said)).count();
    let unserved = told("no node serves shard 2 of fts-indexing: nobody will do it");
    assert_eq!(told("Fts-indexing never done, as no node serves its shard."), unserved);
    assert_eq!(told("Indexed by node 1"), 64 - unserved);
    assert!((1..64).contains(&unserved), "{stories:#?}");
}

/// What happens before the measured span is not measured, which is said; what happens in it is.
#[test]
fn the_warm_up_is_said() {
    let mut scenario = with_messages(
        scenario(&[], "[layouts.a.cluster.roles]\nfts-indexing = [\"1\"]\n"),
        &[(10.0, 0, 1), (70.0, 0, 1)],
    );
    scenario.warmup = rolesim::time::SimDuration::from_secs(60);
    assert!(
        story(&scenario, "fts-indexing:1")
            .contains("in the warm-up, which is simulated like the rest and not measured")
    );
    assert!(!story(&scenario, "fts-indexing:2").contains("warm-up"));
}

/// Counts what it is told.
#[derive(Default)]
struct Counter {
    told: u64,
    last_ns: u64,
}

impl Observer for Counter {
    fn tell(&mut self, at_ns: u64, _what: &What) {
        assert!(at_ns >= self.last_ns, "times never decrease");
        self.last_ns = at_ns;
        self.told += 1;
    }
}

/// Busy enough that every hook is passed: crashes, outages, failures, purges.
fn busy(version: &str) -> Scenario {
    let changes = [
        ("version = \"0.14\"", &*format!("version = \"{version}\"")),
        ("lock_round_trip = \"0s\"", "lock_round_trip = \"500us\""),
        ("delete_time = \"0s\"", "delete_time = \"1ms\""),
        ("duration = \"1h\"", "start = 2026-03-02T23:30:00Z\nduration = \"1h\""),
        ("push_subscriptions_per_account = 0", "push_subscriptions_per_account = 2"),
        ("calendar_alerts_per_account_per_day = 0", "calendar_alerts_per_account_per_day = 50"),
        ("invitations_per_message = 0", "invitations_per_message = 0.5"),
        ("cpu = \"1s\"\ndatabase = \"0s\"", "cpu = \"1s\"\ndatabase = \"20ms\"\nfailure_probability = 0.2"),
        ("endpoint = \"100ms\"", "endpoint = \"100ms\"\nfailure_probability = 0.2"),
        ("accounts = 8", "accounts = 8\nmessages_per_account_per_day = 3000"),
    ];
    let more = "[database]\nconnections = 2\n[layouts.a.cluster.roles]\npush-notifications = [\"1,2\", \"3,4\"]\n\
                [[fault]]\ncrash = { node = 2, at = \"10m\", for = \"5m\" }\n\
                [[fault]]\ncrash = { node = 3, at = \"31m\", for = \"1m\" }\n\
                [[fault]]\ncoordinator_outage = { at = \"20m\", for = \"2m\" }\n\
                [[fault]]\nlock_store_outage = { at = \"25m\", for = \"2m\" }\n\
                [[fault]]\ndatabase_outage = { at = \"28m\", for = \"30s\" }\n";
    scenario(&changes, more)
}

const VERSIONS: [&str; 6] = ["0.13", "0.14", "0.15", "0.16", "0.16.14", "documented"];

/// Nobody who listens changes anything, and there is something to be told.
#[test]
fn an_observer_changes_nothing() {
    for version in VERSIONS {
        let scenario = busy(version);
        let setup = scenario.setup(&scenario.layouts[0]);
        let mut counter = Counter::default();
        let watch = rolesim::cluster::Watch { observer: Some(&mut counter), live: None };
        let told = rolesim::cluster::simulate_watched(&setup, 0, watch);
        let alone = record(&scenario);
        assert_eq!(told.ended, alone.ended, "{version}");
        let facts = |record: &rolesim::metrics::record::Record| -> Vec<(u64, u64, u64, Option<f64>)> {
            let roles = record.roles.iter();
            roles.map(|r| (r.completed, r.duplicate_executions, r.failed, r.latency.mean_s())).collect()
        };
        assert_eq!(facts(&told), facts(&alone), "{version}");
        assert!(counter.told > 1_000, "{version}: {} told", counter.told);
    }
}

fn trace(scenario: &Scenario, window_s: std::ops::Range<u64>, account: Option<u32>) -> String {
    let second = 1_000_000_000;
    let options = TraceOptions {
        window_ns: window_s.start * second..window_s.end * second,
        origin_ns: 0,
        account,
        nodes: scenario.nodes.iter().map(|node| node.id).collect(),
    };
    let mut bytes = Vec::new();
    let mut trace = TraceFile::new(&mut bytes, options);
    observe(scenario, 0, 0, &mut trace);
    trace.finish(&serde_json::json!({ "seed": 1 })).expect("memory is written to");
    String::from_utf8(bytes).expect("UTF-8")
}

/// Reads a trace as strictly as the format's description allows: known phases, required keys, slices that nest and
/// end, times that never decrease on a track, names for every track. Returns the events.
fn strict(text: &str) -> Vec<Value> {
    let file: Value = serde_json::from_str(text).expect("JSON");
    let events = file["traceEvents"].as_array().expect("a list of events").clone();
    let mut stacks: BTreeMap<(u64, u64), Vec<String>> = BTreeMap::new();
    let mut asyncs: BTreeMap<(String, String), Vec<String>> = BTreeMap::new();
    let mut last: BTreeMap<(u64, u64), f64> = BTreeMap::new();
    let mut names: BTreeMap<(String, u64, u64), String> = BTreeMap::new();
    for event in &events {
        let text = |key: &str| event[key].as_str().unwrap_or_else(|| panic!("{key} in {event}")).to_owned();
        let (phase, name) = (text("ph"), text("name"));
        let track = (event["pid"].as_u64().expect("pid"), event["tid"].as_u64().expect("tid"));
        let ts = event["ts"].as_f64().expect("ts");
        assert!(ts >= 0.0, "{event}");
        if phase == "M" {
            assert!(event["args"].is_object(), "{event}");
            if let Some(named) = event["args"]["name"].as_str() {
                let first = names.insert((name, track.0, track.1), named.to_owned());
                assert_eq!(first, None, "named twice: {event}");
            }
            continue;
        }
        assert!(names.contains_key(&("process_name".into(), track.0, 0)), "no name of the process of {event}");
        assert!(names.contains_key(&("thread_name".into(), track.0, track.1)), "no name of the thread of {event}");
        let before = last.insert(track, ts).unwrap_or(0.0);
        assert!(ts >= before, "{ts} after {before}: {event}");
        match phase.as_str() {
            "B" => stacks.entry(track).or_default().push(name),
            "E" => assert_eq!(stacks.get_mut(&track).and_then(Vec::pop), Some(name), "{event}"),
            "b" => asyncs.entry((text("cat"), text("id"))).or_default().push(name),
            "e" => {
                assert_eq!(asyncs.get_mut(&(text("cat"), text("id"))).and_then(Vec::pop), Some(name), "{event}");
            }
            "n" => assert!(!asyncs[&(text("cat"), text("id"))].is_empty(), "{event}"),
            "i" => assert_eq!(text("s"), "t"),
            other => panic!("unknown phase {other}"),
        }
    }
    assert!(stacks.values().all(Vec::is_empty), "slices without an end: {stacks:?}");
    assert!(asyncs.values().all(Vec::is_empty), "slices without an end: {asyncs:?}");
    events
}

/// Whatever happens, in every version, and wherever the window cuts: the file is valid.
#[test]
fn traces_are_valid() {
    for version in VERSIONS {
        let scenario = busy(version);
        let whole = strict(&trace(&scenario, 0..4_000, None));
        let outages = |events: &[Value]| events.iter().filter(|e| e["ph"] == "B" && e["name"] == "down").count();
        assert_eq!(outages(&whole), 2, "{version}: nodes 2 and 3");
        for service in ["coordinator down", "lock store down", "database down"] {
            let begun = whole.iter().filter(|e| e["ph"] == "B" && e["name"] == service).count();
            assert_eq!(begun, 1, "{version}: {service}");
        }
        for window in [0..1, 601..605, 895..1_505, 1_799..1_801, 100_000..100_001] {
            strict(&trace(&scenario, window, None));
        }
        let one = strict(&trace(&scenario, 0..4_000, Some(3)));
        assert!(one.len() < whole.len() / 2, "{version}: {} of {} events", one.len(), whole.len());
        assert!(one.iter().all(|e| e["args"]["account"].as_u64().is_none_or(|account| account == 3)), "{version}");
    }
}

/// One node, a lock that takes 1 s, a run of 1 s on the processor and 2 s in the database, a deletion of 1 s. The
/// message comes at 10 s: lock until 11 s, processor until 12 s, database until 14 s, delete until 15 s, release
/// until 16 s. The task is in the table from 10 s to 15 s.
#[test]
fn the_parts_of_a_run() {
    let changes = [
        ("lock_round_trip = \"0s\"", "lock_round_trip = \"1s\""),
        ("delete_time = \"0s\"", "delete_time = \"1s\""),
        ("cpu = \"1s\"\ndatabase = \"0s\"", "cpu = \"1s\"\ndatabase = \"2s\""),
    ];
    let scenario =
        with_messages(scenario(&changes, "[layouts.a.cluster.roles]\nfts-indexing = [\"1\"]\n"), &[(10.0, 0, 1)]);
    let events = strict(&trace(&scenario, 5..60, None));
    let shown = |wanted: &dyn Fn(&Value) -> bool| -> Vec<String> {
        let chosen = events.iter().filter(|event| wanted(event));
        chosen
            .map(|e| {
                format!(
                    "{} {} {}",
                    e["ph"].as_str().unwrap_or(""),
                    e["name"].as_str().unwrap_or(""),
                    e["ts"].as_f64().unwrap_or(-1.0) / 1e6
                )
            })
            .collect()
    };
    let thread = events.iter().find(|e| e["ph"] == "M" && e["args"]["name"] == "fts-indexing").expect("a worker");
    let slices = shown(&|e| e["pid"] == thread["pid"] && e["tid"] == thread["tid"] && e["ph"] != "M");
    let expected = [
        "B fts-indexing:1 10",
        "B lock 10",
        "E lock 11",
        "B processor 11",
        "E processor 12",
        "B database 12",
        "E database 14",
        "B delete 14",
        "E delete 15",
        "B release 15",
        "E release 16",
        "E fts-indexing:1 16",
    ];
    assert_eq!(slices, expected);
    let table = shown(&|e| e["cat"] == "fts-indexing" && e["ph"] != "n");
    assert_eq!(table, ["b fts-indexing:1 waits 10", "e fts-indexing:1 waits 15"]);
}
