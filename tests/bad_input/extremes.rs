//! Values at the edge of what is allowed: each is simulated in the end, or refused at the start.
//!
//! A base that has little to do, with one or a few keys set to an extreme. Tests in the debug profile find
//! overflows too.

use super::{rolesim, stderr};
use proptest::prelude::*;
use proptest::test_runner::{Config, RngSeed, TestRunner};
use std::collections::BTreeMap;
use std::fs;

/// Table and line. A later line replaces an earlier one with the same table and key.
type Line = (&'static str, &'static str);

const BASE: &[Line] = &[
    ("", "duration = \"1h\""),
    ("", "drain = \"30m\""),
    ("", "replications = 1"),
    ("[nodes]", "ids = \"1-3\""),
    ("[workload]", "accounts = 5"),
    ("[workload]", "messages_per_account_per_day = 200"),
    ("[workload]", "calendar_alerts_per_account_per_day = 24"),
    ("[layouts.a.cluster.roles]", "push-notifications = [\"1,2\", \"3\"]"),
];

/// Extremes that are simulated.
#[rustfmt::skip]
const SIMULATED: &[Line] = &[
    ("", "warmup = \"30d\""),
    ("", "drain = \"0s\""),
    ("", "drain = \"100y\""),
    ("", "duration = \"1ns\""),
    ("", "duration = \"1s\""),
    ("", "timeline_step = \"100y\""),
    ("", "timeline_step = \"100ms\""),
    ("", "start = 0001-01-01T00:00:00Z"),
    ("", "start = 9999-12-31T23:59:59Z"),
    ("", "seed = 9223372036854775807"),
    ("[nodes]", "ids = \"0,4294967296,18446744073709551615\""),
    ("[nodes]", "cores = 65536"),
    ("[nodes]", "speed = 1e6"),
    ("[nodes]", "speed = 1e-6"),
    ("[nodes]", "mail_share = 1e6"),
    ("[node.2]", "mail_share = 1e-6"),
    ("[workload]", "accounts = 1"),
    ("[workload]", "first_account_id = 4294967290"),
    ("[workload]", "messages_per_account_per_day = 0"),
    ("[workload]", "messages_per_account_per_day = 1e5"),
    ("[workload]", "messages_per_account_per_day = 1e-9"),
    ("[workload]", "activity = { lognormal = { sigma = 3 } }"),
    ("[workload]", "recipients_per_message = 5"),
    ("[workload]", "recipients_per_message = { geometric = { mean = 1000 } }"),
    ("[workload]", "push_subscriptions_per_account = 100"),
    ("[workload]", "push_subscriptions_per_account = 0"),
    ("[workload]", "calendar_alerts_per_account_per_day = 1e4"),
    ("[workload]", "calendar_alert_lead = \"100y\""),
    ("[workload]", "calendar_alert_lead = \"0s\""),
    ("[workload]", "calendar_alert_step = \"0s\""),
    ("[workload]", "calendar_alert_step = \"100y\""),
    ("[workload]", "daily_cycle = [1e6,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,1e-6]"),
    ("[workload]", "sender_retry = \"1s\""),
    ("[workload]", "sender_retry = \"100y\""),
    ("[workload]", "invitations_per_message = 1.0"),
    ("[tasks.ingest]", "cpu = \"100y\""),
    ("[tasks.ingest]", "cpu = \"0s\""),
    ("[tasks.ingest]", "database = \"100y\""),
    ("[tasks.ingest]", "database = \"0s\""),
    ("[tasks.fts-indexing]", "cpu = \"100y\""),
    ("[tasks.fts-indexing]", "cpu = \"0s\""),
    ("[tasks.fts-indexing]", "database = \"0s\""),
    ("[tasks.fts-indexing]", "cpu = { weibull = { scale = \"1s\", shape = 0.05 } }"),
    ("[tasks.fts-indexing]", "cpu = { pareto = { scale = \"1s\", shape = 0.05 } }"),
    ("[tasks.fts-indexing]", "cpu = { gamma = { mean = \"1s\", cv = 1000 } }"),
    ("[tasks.fts-indexing]", "cpu = { gamma = { mean = \"1s\", cv = 0.001 } }"),
    ("[tasks.fts-indexing]", "cpu = { lognormal = { mean = \"100y\", cv = 1000 } }"),
    ("[tasks.fts-indexing]", "cpu = { lognormal = { median = \"100y\", sigma = 10 } }"),
    ("[tasks.fts-indexing]", "failure_probability = 0.99"),
    ("[tasks.metrics]", "calculate = { failure_probability = 0.99 }"),
    ("[tasks.purge]", "accounts = { failure_probability = 0.99, cpu = \"100y\" }"),
    ("[database]", "connections = 1"),
    ("[database]", "connections = 1_000_000"),
    ("[coordinator]", "delay = \"100y\""),
    ("[coordinator]", "delay = \"0s\""),
    ("[push]", "endpoint = \"100y\""),
    ("[push]", "endpoint = \"0s\""),
    ("[push]", "failure_probability = 1.0"),
    ("[server]", "push_max_attempts = 1000"),
    ("[server]", "push_throttle = \"0s\""),
    ("[server]", "push_throttle = \"100y\""),
    ("[server]", "push_timeout = \"0s\""),
    ("[server]", "push_timeout = \"100y\""),
    ("[server]", "push_retry_delay = \"0s\""),
    ("[server]", "push_retry_delay = \"100y\""),
    ("[server]", "push_retry_tick = \"100y\""),
    ("[server]", "push_retry_tick = \"10ms\""),
    ("[server]", "refresh_interval = \"100y\""),
    ("[server]", "refresh_interval = \"10ms\""),
    ("[server]", "channel_capacity = 1"),
    ("[server]", "channel_capacity = 4294967296"),
    ("[server]", "batch = { fts-indexing = 1_000_000 }"),
    ("[server]", "lock_time = { fts-indexing = \"0s\", calendar-alerts = \"0s\" }"),
    ("[server]", "lock_time = { fts-indexing = \"100y\", calendar-alerts = \"100y\" }"),
    ("[server]", "seen_margin = \"1ns\""),
    ("[server]", "seen_margin = \"100y\""),
    ("[server]", "scan_base = \"0s\""),
    ("[server]", "scan_base = \"1h\""),
    ("[server]", "scan_per_task = \"0s\""),
    ("[server]", "scan_per_task = \"1h\""),
    ("[server]", "lock_round_trip = \"0s\""),
    ("[server]", "lock_round_trip = \"1h\""),
    ("[server]", "delete_time = \"0s\""),
    ("[server]", "delete_time = \"1h\""),
    ("[server]", "resubscribe_gap = \"100y\""),
    ("[server]", "purge_lock_time = \"0s\""),
    ("[server]", "purge_parallel = 10_000"),
    ("[server]", "purge_request = \"100y\""),
    ("[server]", "metrics_full_interval = \"0s\""),
    ("[server]", "metrics_interval = \"10ms\""),
    ("[server]", "metrics_push_interval = \"100y\""),
    ("[server]", "acme_providers = 10_000"),
    ("[server]", "acme_providers = 0"),
    ("[server]", "acme_interval = \"100ms\""),
    ("[[fault]]", "crash = { node = 2, at = \"100y\", for = \"100y\" }"),
    ("[[fault]]", "crash = { node = 2, at = \"0s\", for = \"1ns\" }"),
    ("[[fault]]", "crash = { node = 2, at = \"0s\", for = \"100y\" }"),
    ("[[fault]]", "rolling_restart = { at = \"0s\", down = \"0s\", pause = \"0s\" }"),
    ("[[fault]]", "zone_outage = { zone = \"a\", at = \"10m\", for = \"100y\" }"),
    ("[[fault]]", "slow_node = { node = 1, at = \"1m\", for = \"10m\", factor = 1e6 }"),
    ("[[fault]]", "slow_node = { node = 1, at = \"1m\", for = \"10m\", factor = 1e-6 }"),
    ("[[fault]]", "database_slowdown = { at = \"1m\", for = \"10m\", factor = 1e6 }"),
    ("[[fault]]", "database_slowdown = { at = \"1m\", for = \"10m\", factor = 1e-6 }"),
    ("[[fault]]", "database_outage = { at = \"1m\", for = \"100y\" }"),
    ("[[fault]]", "lock_store_outage = { at = \"1m\", for = \"100y\" }"),
    ("[[fault]]", "coordinator_outage = { at = \"1m\", for = \"100y\" }"),
    ("[[fault]]", "cut_off = { nodes = \"all\", from = \"all\", at = \"1m\", for = \"100y\" }"),
    ("[[fault]]", "cut_off = { node = 2, from = \"database\", at = \"0s\", for = \"1ns\" }"),
    ("[[fault]]", "crash = { nodes = \"all\", at = \"1m\", for = \"1m\" }"),
    ("[[fault]]", "random_crashes = { zone = \"a\", zone_probability = 1, between = \"1h\", repair = \"100y\" }"),
    ("[nodes]", "notice_delay = \"100y\""),
    ("[coordinator]", "loss_probability = 1"),
    ("[[fault]]", "random_crashes = { between = \"1s\", repair = \"0s\" }"),
    ("[[fault]]", "random_crashes = { between = { weibull = { mean = \"30d\", shape = 0.05 } }, repair = \"1s\" }"),
    ("[[fault]]", "random_crashes = { between = { pareto = { scale = \"1s\", shape = 0.05 } }, repair = \"100y\" }"),
];

/// Extremes that are refused because they cannot be simulated.
#[rustfmt::skip]
const REFUSED: &[Line] = &[
    ("", "duration = \"100y\"\nwarmup = \"100y\"\ntimeline_step = \"1s\""),
    ("[workload]", "messages_per_account_per_day = 1e9\naccounts = 1_000_000"),
    ("[server]", "refresh_interval = \"1ns\""),
    ("[server]", "push_retry_tick = \"1ns\""),
    ("[server]", "metrics_push_interval = \"1ns\""),
    ("[server]", "acme_retry_delay = \"1ns\""),
    ("[server]", "purge_request = \"1ns\""),
    ("[[fault]]", "random_crashes = { between = \"1ns\", repair = \"0s\" }"),
];

/// The base with some lines added or replaced.
fn scenario(lines: &[Line]) -> String {
    let mut tables: BTreeMap<&str, BTreeMap<String, String>> = BTreeMap::new();
    let mut faults = String::new();
    for (table, line) in BASE.iter().chain(lines) {
        if *table == "[[fault]]" {
            faults += &format!("[[fault]]\n{line}\n");
            continue;
        }
        let key = line.split('=').next().unwrap_or_default().trim().to_owned();
        tables.entry(table).or_default().insert(key, (*line).to_owned());
    }
    let mut text = String::new();
    for (table, lines) in tables {
        text += &format!("{table}\n{}\n", lines.into_values().collect::<Vec<_>>().join("\n"));
    }
    text + &faults
}

/// Runs a scenario through the whole program: exit code and what was said.
fn run(text: &str) -> (Option<i32>, String) {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("s.toml"), text).expect("it is written");
    let output = rolesim(folder.path(), &["run", "s.toml", "--quiet", "--out", "out"]);
    (output.status.code(), stderr(&output))
}

#[test]
fn extremes_are_simulated() {
    let mut failures = Vec::new();
    for line in SIMULATED {
        let (code, said) = run(&scenario(&[*line]));
        if code != Some(0) {
            failures.push(format!("{} {}: {code:?} {said}", line.0, line.1));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// The same under the rules of the other versions, where timers and queues differ.
#[test]
fn extremes_are_simulated_under_other_versions() {
    let mut failures = Vec::new();
    for version in ["version = \"0.16\"", "version = \"documented\""] {
        for line in
            SIMULATED.iter().filter(|line| line.0 == "[server]" || line.0 == "[[fault]]" || line.1.contains("cpu"))
        {
            let (code, said) = run(&scenario(&[("[server]", version), *line]));
            if code != Some(0) {
                failures.push(format!("{version}, {} {}: {code:?} {said}", line.0, line.1));
            }
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn what_cannot_be_simulated_is_refused() {
    for line in REFUSED {
        let (code, said) = run(&scenario(&[*line]));
        assert_eq!(code, Some(2), "{} {}: {said}", line.0, line.1);
        assert!(said.contains("help: "), "{said}");
    }
}

/// Three extremes at once: simulated, or refused with a place. Nothing else, and it ends.
#[test]
fn extremes_together() {
    let config = Config {
        cases: 60,
        failure_persistence: None,
        max_shrink_iters: 20,
        // The same cases everywhere: some that end take much longer than others.
        rng_seed: RngSeed::Fixed(1),
        ..Config::default()
    };
    let strategy = prop::collection::vec(0..SIMULATED.len(), 3);
    let result = TestRunner::new(config).run(&strategy, |numbers| {
        let lines: Vec<Line> = numbers.into_iter().map(|number| SIMULATED[number]).collect();
        // Work that nobody does piles up for as long as the drain lasts; by itself a long one is simulated above.
        if lines.iter().any(|line| line.1.starts_with("drain")) {
            return Ok(());
        }
        let text = scenario(&lines);
        let (code, said) = run(&text);
        let is_refused = code == Some(2) && said.contains("s.toml:") && said.contains("help: ");
        prop_assert!(code == Some(0) || is_refused, "{code:?} {said}\n{text}");
        Ok(())
    });
    assert!(result.is_ok(), "{}", result.expect_err("a failure"));
}
