//! Small scenarios: written in place, with recorded messages.

use rolesim::cluster::simulate;
use rolesim::layout::Role;
use rolesim::metrics::record::{Record, RoleRecord};
use rolesim::scenario::Scenario;
use rolesim::source::SourceText;
use rolesim::time::{SimDuration, SimTime};
use rolesim::workload::{RecordedMessage, Recording};
use std::path::Path;
use std::sync::Arc;

/// A cluster in which nothing happens unless a test says so and nothing takes time unless it says so.
pub const QUIET: &str = r#"
duration = "1h"
[server]
version = "0.14"
scan_base = "0s"
scan_per_task = "0s"
lock_round_trip = "0s"
delete_time = "0s"
acme_providers = 0
[nodes]
ids = "1-4"
[workload]
accounts = 8
activity = "equal"
daily_cycle = "flat"
recipients_per_message = 1
push_subscriptions_per_account = 0
calendar_alerts_per_account_per_day = 0
invitations_per_message = 0
trainings_per_message = 0
[tasks.ingest]
cpu = "0s"
database = "0s"
[tasks.fts-indexing]
cpu = "1s"
database = "0s"
[tasks.push-notifications]
cpu = "0s"
[tasks.metrics]
calculate = { cpu = "0s", database = "0s" }
calculate-full = { cpu = "0s", database = "0s" }
push = { cpu = "0s" }
[coordinator]
delay = "0s"
[push]
endpoint = "100ms"
"#;

/// [`QUIET`] with `changes`, a list of `(from, to)` replacements, and `more` at the end.
pub fn scenario(changes: &[(&str, &str)], more: &str) -> Scenario {
    scenario_in(Path::new("."), changes, more)
}

/// The same, with a layout `a` of 0.16 role objects.
pub fn scenario_with_roles(roles: &str, changes: &[(&str, &str)], more: &str) -> Scenario {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("roles.json"), roles).expect("a file");
    scenario_in(folder.path(), changes, &format!("[layouts]\na = \"roles.json\"\n{more}"))
}

fn scenario_in(folder: &Path, changes: &[(&str, &str)], more: &str) -> Scenario {
    let mut text = QUIET.to_string();
    for (from, to) in changes {
        assert!(text.contains(from), "`{from}` is not in the scenario");
        text = text.replacen(from, to, 1);
    }
    text.push_str(more);
    Scenario::parse(SourceText::new("test.toml", text), folder).unwrap_or_else(|problem| panic!("{problem}"))
}

/// Lets messages arrive at these times: seconds of the measured span, account, node (by id).
pub fn with_messages(mut scenario: Scenario, messages: &[(f64, u32, u64)]) -> Scenario {
    let origin = SimTime::ZERO + scenario.warmup;
    let recorded = messages.iter().map(|&(at_s, account, node)| RecordedMessage {
        at: origin + SimDuration::from_secs_f64(at_s),
        account,
        node: Some(scenario.nodes.iter().position(|spec| spec.id == node).expect("a node of the scenario") as u16),
        ..RecordedMessage::default()
    });
    scenario.workload.replay = Some(Arc::new(Recording::new(recorded.collect())));
    scenario
}

/// The record of replication 0 under the first layout.
pub fn record(scenario: &Scenario) -> Record {
    simulate(&scenario.setup(&scenario.layouts[0]), 0)
}

/// The records of `count` replications under the first layout.
pub fn records(scenario: &Scenario, count: u32) -> Vec<Record> {
    let setup = scenario.setup(&scenario.layouts[0]);
    (0..count).map(|replication| simulate(&setup, replication)).collect()
}

/// What happened to one role.
pub fn of(record: &Record, role: Role) -> &RoleRecord {
    &record.roles[role.index()]
}

/// Seconds, to within a microsecond.
#[track_caller]
pub fn assert_seconds(value: Option<f64>, expected: f64) {
    let value = value.expect("a latency");
    assert!((value - expected).abs() < 1e-6, "{value} s instead of {expected} s");
}

/// That the 99.9 % interval of a mean over replications holds `expected`: the test errs in one of a
/// thousand seeds, and its seed is fixed.
#[track_caller]
pub fn assert_mean(values: &[f64], expected: f64) {
    let (low, high) = interval(values);
    assert!((low..=high).contains(&expected), "{expected} is not in {low}..{high}");
}

/// The 99.9 % interval of a mean.
pub fn interval(values: &[f64]) -> (f64, f64) {
    let confidence = rolesim::statistics::Confidence::new(0.999).expect("a level");
    let estimate = rolesim::statistics::Estimate::from_replications(values, confidence).expect("values");
    (estimate.ci_low().expect("several values"), estimate.ci_high().expect("several values"))
}
