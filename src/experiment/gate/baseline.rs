//! Baselines: what a scenario gave when somebody was content with it, one value a replication.
//!
//! A baseline can be held against a scenario if both meet the same messages and failures; only then is a difference
//! between their replications the difference of what is under test. [`Baseline::check`] compares everything that
//! messages and failures depend on, name by name. What may differ is the server's version and constants, the layouts'
//! content, the nodes, the costs of tasks, and rolesim itself: that is what a gate is there to judge.

use crate::engine::random::SEED_SCHEME;
use crate::experiment::Sampler;
use crate::scenario::Scenario;
use crate::source::{Problem, SourceText};
use crate::workload::{Clustering, Group, Scatter};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};

/// Version of the file's form.
const FORMAT: u32 = 1;
/// The way out of most refusals.
const UPDATE: &str = "look at what changed, then make a new baseline with --update";

/// The content of a baseline file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Baseline {
    pub format: u32,
    /// The scenario's file name, for people.
    pub scenario: String,
    pub rolesim_version: String,
    pub server_version: String,
    pub seed_scheme: String,
    /// Everything that messages and failures depend on.
    pub same: BTreeMap<String, String>,
    /// SHA-256 of the scenario's text.
    pub scenario_sha256: String,
    /// SHA-256 of the layouts that have files of their own, by layout.
    pub layout_sha256: BTreeMap<String, String>,
    /// Checksum of the messages, one a replication.
    pub messages: Vec<String>,
    pub layouts: Vec<BaselineLayout>,
}

/// Values of one layout.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BaselineLayout {
    pub name: String,
    pub metrics: Vec<BaselineMetric>,
}

/// Values of one metric.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BaselineMetric {
    pub name: String,
    pub unit: String,
    /// One a replication; null where the metric has no value.
    pub values: Vec<Option<f64>>,
}

impl Baseline {
    /// The baseline of what a sampler has of a scenario's layouts.
    pub fn new(scenario: &Scenario, sampler: &Sampler) -> Self {
        let metrics = |system: usize| {
            sampler.metrics().iter().enumerate().map(move |(number, metric)| BaselineMetric {
                name: metric.name.clone(),
                unit: metric.unit.to_string(),
                values: sampler.values(system, number).to_vec(),
            })
        };
        let layouts = (0..sampler.len()).map(|system| BaselineLayout {
            name: sampler.name(system).to_string(),
            metrics: metrics(system).collect(),
        });
        Self {
            format: FORMAT,
            scenario: file_name(scenario),
            rolesim_version: env!("CARGO_PKG_VERSION").to_string(),
            server_version: scenario.version.to_string(),
            seed_scheme: SEED_SCHEME.to_string(),
            same: same(scenario),
            scenario_sha256: sha256(&scenario.source.text),
            layout_sha256: layout_hashes(scenario),
            messages: checksums(sampler),
            layouts: layouts.collect(),
        }
    }

    /// Reads a baseline file.
    ///
    /// # Errors
    /// The text is no baseline, or one of another form.
    pub fn parse(name: &str, text: &str) -> Result<Self, Problem> {
        let baseline: Self = serde_json::from_str(text).map_err(|error| {
            let lines = text.split_inclusive('\n').take(error.line().saturating_sub(1));
            let at = (lines.map(str::len).sum::<usize>() + error.column().saturating_sub(1)).min(text.len());
            let source = SourceText::new(name, text);
            Problem::at(&source, at..at, format!("this is no baseline: {error}"), "make a new one with --update")
        })?;
        if baseline.format != FORMAT {
            let message = format!("{name}: a baseline of form {}, not {FORMAT}", baseline.format);
            return Err(Problem::new(message, UPDATE));
        }
        let replications = baseline.messages.len();
        let mut metrics = baseline.layouts.iter().flat_map(|layout| &layout.metrics);
        if replications < 2 || metrics.any(|metric| metric.values.len() != replications) {
            let message = format!("{name}: the metrics do not have one value for each of {replications} replications");
            return Err(Problem::new(message, "make a new one with --update"));
        }
        Ok(baseline)
    }

    /// The file's text.
    pub fn to_json(&self) -> String {
        // A struct of strings and numbers always has a JSON form; values are finite or null.
        let mut text = serde_json::to_string_pretty(self).unwrap_or_default();
        text.push('\n');
        text
    }

    /// Replications that it holds.
    pub fn replications(&self) -> usize {
        self.messages.len()
    }

    /// Whether the scenario meets the same messages and failures; what else has changed, a sentence each.
    ///
    /// # Errors
    /// It does not: the first reason.
    pub fn check(&self, name: &str, scenario: &Scenario) -> Result<Vec<String>, Problem> {
        if self.seed_scheme != SEED_SCHEME {
            let message = format!(
                "{name}: made with seed scheme `{}`, and this rolesim draws with `{SEED_SCHEME}`: replications cannot \
                 be paired",
                self.seed_scheme
            );
            return Err(Problem::new(message, UPDATE));
        }
        let now = same(scenario);
        let keys: BTreeSet<&String> = self.same.keys().chain(now.keys()).collect();
        let value = |of: &BTreeMap<String, String>, key| of.get(key).map_or("not set".to_string(), String::clone);
        let differs = |key| {
            let (old, new) = (value(&self.same, key), value(&now, key));
            (new != old).then(|| format!("`{key}` was {old} and is {new}"))
        };
        let differences: Vec<String> = keys.into_iter().filter_map(differs).collect();
        if !differences.is_empty() {
            let message = format!(
                "{name}: the baseline of another scenario ({}), with other messages or failures: {}",
                self.scenario,
                differences.join(", ")
            );
            return Err(Problem::new(message, UPDATE));
        }
        for layout in &self.layouts {
            if scenario.layouts.iter().all(|known| known.name != layout.name) {
                let message = format!("{name}: layout `{}` is not in the scenario any more", layout.name);
                return Err(Problem::new(message, UPDATE));
            }
        }
        Ok(self.changes(scenario))
    }

    /// Whether the first replications of a sampler met the messages of the baseline.
    ///
    /// # Errors
    /// They did not.
    pub fn check_messages(&self, name: &str, sampler: &Sampler) -> Result<(), Problem> {
        match checksums(sampler).iter().zip(&self.messages).position(|(now, old)| now != old) {
            None => Ok(()),
            Some(replication) => Err(Problem::new(
                format!("{name}: other messages in replication {replication}, so that replications cannot be paired"),
                UPDATE,
            )),
        }
    }

    fn changes(&self, scenario: &Scenario) -> Vec<String> {
        let mut changes = Vec::new();
        let mut note = |what: &str, old: &str, new: &str| {
            if old != new {
                changes.push(format!("{what} was {old} and is {new}"));
            }
        };
        note("rolesim", &self.rolesim_version, env!("CARGO_PKG_VERSION"));
        note("the server's version", &self.server_version, &scenario.version.to_string());
        if self.scenario_sha256 != sha256(&scenario.source.text) {
            changes.push("the scenario file has changed".to_string());
        }
        let now = layout_hashes(scenario);
        for (layout, old) in &self.layout_sha256 {
            if now.get(layout) != Some(old) {
                changes.push(format!("the file of layout `{layout}` has changed"));
            }
        }
        for layout in &scenario.layouts {
            if self.layouts.iter().all(|known| known.name != layout.name) {
                changes.push(format!("layout `{}` is new and is not judged", layout.name));
            }
        }
        changes
    }
}

fn file_name(scenario: &Scenario) -> String {
    let path = std::path::Path::new(&scenario.source.name);
    path.file_name().map_or_else(|| scenario.source.name.clone(), |name| name.to_string_lossy().into_owned())
}

fn sha256(text: &str) -> String {
    Sha256::digest(text).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn layout_hashes(scenario: &Scenario) -> BTreeMap<String, String> {
    let own_files = scenario.layouts.iter().filter(|layout| layout.source.name != scenario.source.name);
    own_files.map(|layout| (layout.name.clone(), sha256(&layout.source.text))).collect()
}

/// Of the messages of each replication; all layouts meet the same ones.
fn checksums(sampler: &Sampler) -> Vec<String> {
    let simulated = (0..sampler.len()).find(|system| sampler.replications(*system) > 0).unwrap_or(0);
    sampler.messages(simulated).iter().map(|(count, checksum)| format!("{count}-{checksum:016x}")).collect()
}

/// Everything that messages and failures depend on, by name.
fn same(scenario: &Scenario) -> BTreeMap<String, String> {
    let workload = &scenario.workload;
    let ingest = &scenario.costs.ingest;
    let mut pairs = vec![
        ("seed".to_string(), scenario.seed.to_string()),
        ("start".into(), scenario.start.clone()),
        ("warmup".into(), scenario.warmup.to_string()),
        ("duration".into(), scenario.duration.to_string()),
        ("drain".into(), scenario.drain.to_string()),
        ("workload.accounts".into(), workload.accounts.to_string()),
        ("workload.first_account_id".into(), workload.first_account_id.to_string()),
        ("workload.calendar_alert_lead".into(), workload.calendar_alert_lead.to_string()),
        ("workload.calendar_alert_step".into(), workload.calendar_alert_step.to_string()),
        ("workload.sender_retry".into(), workload.sender_retry.to_string()),
        ("tasks.ingest".into(), format!("{:?}, {:?}", ingest.cpu, ingest.database)),
        ("fault".into(), format!("{:?}", scenario.faults)),
    ];
    if !workload.bursts.is_empty() {
        pairs.push(("burst".into(), format!("{:?}", workload.bursts)));
    }
    if let Some(recording) = &workload.replay {
        pairs.push(("workload.replay".into(), serde_json::to_string(recording).unwrap_or_default()));
    }
    for group in &workload.groups {
        let prefix = match workload.groups.len() {
            1 => "workload".to_string(),
            _ => format!("population.{}", group.name),
        };
        pairs.extend(of_group(group).into_iter().map(|(key, value)| (format!("{prefix}.{key}"), value)));
    }
    pairs.into_iter().collect()
}

/// Everything that the messages of a group depend on. What is not at its default is there only then, so that
/// baselines that do not know of it stay valid.
fn of_group(group: &Group) -> Vec<(&'static str, String)> {
    let cycle = sha256(&format!("{:?}", group.cycle))[..16].to_string();
    let mut pairs = vec![
        ("messages_per_account_per_day", group.messages_per_account_per_day.to_string()),
        ("activity", format!("{:?}", group.activity)),
        ("daily_cycle and weekly_cycle", cycle),
        ("recipients_per_message", format!("{:?}", group.recipients)),
        ("push_subscriptions_per_account", group.push_subscriptions_per_account.to_string()),
        ("calendar_alerts_per_account_per_day", group.calendar_alerts_per_account_per_day.to_string()),
        ("invitations_per_message", group.invitations_per_message.to_string()),
        ("trainings_per_message", group.trainings_per_message.to_string()),
        ("thread_merges_per_message", group.thread_merges_per_message.to_string()),
    ];
    if group.arrivals != Scatter::Poisson {
        pairs.push(("arrivals", format!("{:?}", group.arrivals)));
    }
    if group.clock_ahead_s != 0 {
        pairs.push(("time_zone", format!("{} s ahead of the start's", group.clock_ahead_s)));
    }
    if group.growth_per_day != 0.0 {
        pairs.push(("growth_per_day", group.growth_per_day.to_string()));
    }
    if group.calendar_alert_clustering != Clustering::default() {
        pairs.push(("calendar_alert_clustering", format!("{:?}", group.calendar_alert_clustering)));
    }
    pairs
}
