//! A run repeats to the bit: on any number of threads, on any run. Only `run.json` may differ.
//!
//! The scenario has all that could spoil it: several layouts, random crashes, failing tasks and requests,
//! timed jobs, a load balancer that draws.

use assert_cmd::Command;
use rolesim::cluster::simulate;
use rolesim::experiment;
use rolesim::scenario::Scenario;
use rolesim::source::SourceText;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

const SCENARIO: &str = r#"
title = "Determinism"
start = 2026-03-02T23:30:00Z
duration = "1h"
warmup = "10m"
replications = 5
seed = 42

[server]
version = "0.14"

[layouts.pairs.cluster.roles]
push-notifications = ["1,2", "3,4"]
fts-indexing = ["1,2", "3,4"]
[layouts.singles.cluster.roles]
push-notifications = ["1", "2", "3", "4"]
purge.accounts = ["1", "2", "3", "4"]
[layouts.newer]
version = "0.16"

[nodes]
ids = "1-4"
cores = 2
load_balancer = "random"

[workload]
accounts = 400

[tasks.fts-indexing]
failure_probability = 0.05

[push]
failure_probability = 0.02

[[fault]]
random_crashes = { between = { weibull = { mean = "2h", shape = 0.7 } }, repair = { lognormal = { median = "5m", sigma = 1.41 } } }

[objectives]
"fts-indexing.latency.p99" = "< 60s"
"push-notifications.copies.mean" = "= 1"
"#;

/// The layouts need not be in separate files, so one file is all.
fn run(folder: &Path, out: &str, options: &[&str]) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_rolesim"));
    command.current_dir(folder).args(["run", "s.toml", "--quiet", "--out", out]).args(options);
    let output = command.output().expect("it starts");
    // The layout in pairs sends two copies, so an objective is missed.
    assert_eq!(output.status.code(), Some(3), "{}", String::from_utf8_lossy(&output.stderr));
}

/// All files of a result by their paths below it, without `run.json`.
fn files(result: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut files = BTreeMap::new();
    let mut folders = vec![result.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.file_name().is_some_and(|name| name != "run.json") {
                let below = path.strip_prefix(result).expect("below").to_path_buf();
                files.insert(below, fs::read(&path).expect("a file"));
            }
        }
    }
    files
}

fn assert_equal(first: &BTreeMap<PathBuf, Vec<u8>>, second: &BTreeMap<PathBuf, Vec<u8>>) {
    assert_eq!(first.keys().collect::<Vec<_>>(), second.keys().collect::<Vec<_>>());
    for (path, content) in first {
        let line = content.split(|b| *b == b'\n').zip(second[path].split(|b| *b == b'\n')).find(|(a, b)| a != b);
        assert!(
            content == &second[path],
            "{}: {:?}",
            path.display(),
            line.map(|(a, b)| (String::from_utf8_lossy(a), String::from_utf8_lossy(b)))
        );
    }
}

#[test]
fn results_are_the_same_bytes_on_any_number_of_threads() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path();
    fs::write(path.join("s.toml"), SCENARIO).expect("it is written");
    run(path, "one", &["--threads", "1"]);
    run(path, "two", &["--threads", "2"]);
    run(path, "again", &["--threads", "2"]);
    run(path, "other-seed", &["--seed", "43"]);

    let one = files(&path.join("one"));
    let csv = one.keys().filter(|path| path.extension().is_some_and(|extension| extension == "csv")).count();
    // roles, nodes, shards, push, balance, timeline, latency, summary, objectives, findings.
    assert!(csv >= 10 && one.contains_key(Path::new("manifest.json")), "{:?}", one.keys());
    assert_equal(&one, &files(&path.join("two")));
    assert_equal(&one, &files(&path.join("again")));
    assert!(path.join("one/run.json").is_file());

    // Another seed draws other messages, and so has other results in every file of measurements.
    let other = files(&path.join("other-seed"));
    for file in ["roles.csv", "nodes.csv", "shards.csv", "push.csv", "balance.csv", "timeline.csv", "summary.csv"] {
        assert_ne!(one[Path::new(file)], other[Path::new(file)], "{file}");
    }
}

/// A profile is of the replication that is asked for: it handles as many events as that one does.
#[test]
fn a_profile_is_of_one_replication() {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("s.toml"), SCENARIO).expect("it is written");
    let mut command = Command::new(env!("CARGO_BIN_EXE_rolesim"));
    command.current_dir(folder.path()).args(["run", "s.toml", "--profile", "--replication", "1", "--out", "profiled"]);
    let output = command.output().expect("it starts");
    let text = String::from_utf8_lossy(&output.stdout).replace(',', "");
    let scenario = Scenario::parse(SourceText::new("s.toml", SCENARIO), Path::new("")).expect("a scenario");
    for layout in &scenario.layouts {
        let events = simulate(&scenario.setup(layout), 1).events;
        let expected = format!("Profile of {} replication 1 once more: {events} events", layout.name);
        assert!(text.contains(&expected), "{expected}: {text}");
        assert_ne!(events, simulate(&scenario.setup(layout), 0).events);
    }
}

/// Replications differ, and the layouts of one scenario meet the same messages in each (common random
/// numbers): the checksum is over times, accounts, demands and recipients of all arrivals.
#[test]
fn layouts_meet_the_same_messages() {
    let scenario = Scenario::parse(SourceText::new("s.toml", SCENARIO), Path::new("")).expect("a scenario");
    let results = experiment::run(&scenario, |_| std::ops::ControlFlow::Continue(()));
    assert_eq!(results.len(), 3);
    let arrivals = |layout: usize| -> Vec<(u64, u64)> {
        results[layout].records.iter().map(|record| (record.messages, record.workload_checksum)).collect()
    };
    let first = arrivals(0);
    assert_eq!(first.len(), 5);
    assert_eq!(first, arrivals(1));
    assert_eq!(first, arrivals(2));
    for (number, arrival) in first.iter().enumerate() {
        // Monday from 23:30 to 00:30: 400 accounts with 120 messages a day, 1.66 recipients each, at the weights
        // 0.30 and 0.20 of the hours. More than 100 messages, in any case.
        assert!(arrival.0 > 100, "{arrival:?}");
        assert!(first[..number].iter().all(|other| other != arrival), "replications repeat each other");
    }
}

/// A replication does not depend on how many there are.
#[test]
fn a_replication_stands_alone() {
    let mut scenario = Scenario::parse(SourceText::new("s.toml", SCENARIO), Path::new("")).expect("a scenario");
    scenario.replications = 1;
    let alone = experiment::run(&scenario, |_| std::ops::ControlFlow::Continue(()));
    scenario.replications = 3;
    let among = experiment::run(&scenario, |_| std::ops::ControlFlow::Continue(()));
    for (a, b) in alone.iter().zip(&among) {
        let (a, b) = (&a.records[0], &b.records[0]);
        assert_eq!(
            (a.messages, a.workload_checksum, a.events, a.ended),
            (b.messages, b.workload_checksum, b.events, b.ended)
        );
    }
}
