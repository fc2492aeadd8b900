//! `run --write-trace`: a synthetic run and the replay of its messages are the same, to the byte.

use super::support::{folder, write};
use assert_cmd::Command;
use predicates::str::contains;
use std::path::Path;
use tempfile::TempDir;

/// Everything that draws: groups, clumps, growth, a mailing, alerts, invitations, failures, three servers, a warm-up
/// and a drain with traffic of their own.
const SCENARIO: &str = r#"
start = 2026-03-02T09:20:00Z
duration = "30m"
warmup = "7m"
drain = "20m"
replications = 2
seed = 11
[layouts.a]
version = "0.14"
cluster.roles = { push-notifications = ["1,2", "3"], fts-indexing = ["1", "2,3"] }
[layouts.b]
version = "0.15"
cluster.roles = { push-notifications = ["1", "2", "3"] }
[layouts.c]
version = "0.16"
[nodes]
ids = "1-3"
load_balancer = "random"
start_spread = "1m"
[workload]
first_account_id = 40
messages_per_account_per_day = 200
calendar_alerts_per_account_per_day = 20
calendar_alert_clustering = { full = 0.4, half = 0.2 }
invitations_per_message = 0.1
trainings_per_message = 0.1
thread_merges_per_message = 0.1
push_subscriptions_per_account = 1.3
[[population]]
name = "office"
accounts = 150
arrivals = { weibull = { shape = 0.6 } }
growth_per_day = 0.1
[[population]]
name = "abroad"
accounts = 100
time_zone = "-05:30"
invitations_per_message = 0.5
recipients_per_message = { geometric = { mean = 4 } }
[push]
failure_probability = 0.05
[tasks.fts-indexing]
failure_probability = 0.05
[[fault]]
crash = { node = 2, at = "5m", for = "5m" }
[[fault]]
random_crashes = { between = "20m", repair = "2m" }
"#;
const BURST: &str = "[[burst]]\nat = \"10m\"\nshare = 0.4\n";

fn run(folder: &TempDir, arguments: &[&str]) -> assert_cmd::assert::Assert {
    let mut command = Command::cargo_bin("rolesim").expect("the program");
    command.current_dir(folder.path()).arg("run").args(arguments).arg("--quiet").assert()
}

fn replay(trace: &str) -> String {
    SCENARIO.replacen("[workload]", &format!("[workload]\nreplay = \"{trace}\""), 1)
}

fn csv(folder: &Path, result: &str, name: &str) -> String {
    std::fs::read_to_string(folder.join(result).join(name)).expect("a file of the result")
}

/// Replication 1: all files are equal. Replication 2: its rows are, under the same number.
#[test]
fn a_replay_is_the_run() {
    let folder = folder();
    write(&folder, "s.toml", format!("{SCENARIO}{BURST}"));
    run(&folder, &["s.toml", "--out", "one", "--replications", "1", "--write-trace", "t.csv.zst"]).success();
    write(&folder, "r.toml", replay("t.csv.zst"));
    run(&folder, &["r.toml", "--out", "again", "--replications", "1"]).success();
    for name in ["roles.csv", "nodes.csv", "push.csv", "shards.csv", "timeline.csv", "balance.csv", "latency.csv"] {
        let (first, second) = (csv(folder.path(), "one", name), csv(folder.path(), "again", name));
        assert!(first.lines().count() > 3, "{name} is empty");
        assert_eq!(first, second, "{name}");
    }
    run(&folder, &["s.toml", "--out", "two", "--write-trace", "t2.csv.gz", "--trace-replication", "1"]).success();
    write(&folder, "r2.toml", replay("t2.csv.gz"));
    run(&folder, &["r2.toml", "--out", "again2"]).success();
    for name in ["roles.csv", "nodes.csv", "push.csv", "shards.csv"] {
        let second = |result| -> Vec<String> {
            let text = csv(folder.path(), result, name);
            text.lines().filter(|line| line.split(',').nth(1) == Some("1")).map(str::to_string).collect()
        };
        assert_eq!(second("two"), second("again2"), "{name}");
    }
    assert_ne!(csv(folder.path(), "two", "push.csv"), csv(folder.path(), "again2", "push.csv"));
}

/// The trace of a replay is the trace, with nodes where they are named.
#[test]
fn the_trace_of_a_replay_is_the_trace() {
    let folder = folder();
    let trace = "time_s,account,message,tasks,node\n-1.000000000,40,1,,2\n-1.000000000,41,1,imip-processing,2\n\
                 0.000000001,42,2,bayes-training merge-threads,\n1799.999999999,40,3,,1\n";
    write(&folder, "t.csv", trace);
    write(&folder, "r.toml", replay("t.csv"));
    run(&folder, &["r.toml", "--write-trace", "u.csv", "--replications", "1"]).success();
    assert_eq!(csv(folder.path(), ".", "u.csv"), trace);
    // A file that exists is not replaced, nor is a replication written that there is not.
    run(&folder, &["r.toml", "--write-trace", "u.csv"]).code(2).stderr(contains("`u.csv` exists already"));
    let missing = ["r.toml", "--write-trace", "v.csv", "--trace-replication", "3"];
    run(&folder, &missing).code(2).stderr(contains("no replication 3"));
    run(&folder, &["r.toml", "--trace-replication", "1"]).code(2).stderr(contains("--write-trace"));
}

/// Rows of a message share its time; work has a name.
#[test]
fn wrong_messages_are_placed() {
    for (row, message) in [
        ("0,40,1,\n1,41,1,\n", "t.csv:3:1: message `1` has another time"),
        ("0,40,1,fts-indexing\n", "t.csv:2:8: `fts-indexing` is no work that follows"),
    ] {
        let folder = folder();
        write(&folder, "t.csv", format!("time_s,account,message,tasks\n{row}"));
        write(&folder, "r.toml", replay("t.csv"));
        run(&folder, &["r.toml"]).code(2).stderr(contains(message));
    }
}
