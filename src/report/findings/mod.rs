//! Findings: what the numbers of a run mean for the operator, each with its number and a way out.
//!
//! These follow from simulated results. Faults that can be seen in a layout without running it are the
//! business of the layout's own rules. One file a subject: `push`, `tasks`, `nodes`, `cover`,
//! `steady`.

mod cover;
mod nodes;
mod push;
mod steady;
mod tasks;

use super::aggregate::{Estimate, layouts};
use super::format;
use super::plan::LayoutPlan;
use crate::metrics::rows::{FindingRow, NodeRow, PushRow, RoleRow, ShardRow, Tables};
use std::collections::BTreeMap;

/// Of more than so many shards with the same finding only one row is made, for all of them.
const SHARDS_MAX: usize = 4;

/// What findings must know besides the tables.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct FindingContext {
    /// How often a dispatcher that nothing wakes looks for tasks (300 s in 0.14 and 0.15, 60 s in 0.16).
    pub refresh_s: f64,
    /// Seconds after midnight at the start of the measured span.
    pub start_second_of_day: f64,
    /// The simulated server's version, which decides what a remedy is called.
    pub server_version: String,
    /// Names of the layouts of version `documented`, which keeps notifications for a node that is down.
    pub documented: Vec<String>,
    /// The layouts; without them a node counts as enabled for a role if it did some of its work.
    pub plans: Vec<LayoutPlan>,
    /// The span of a scenario that says it is in steady state.
    pub steady: Option<SteadySpan>,
}

/// A span that is to be in steady state.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct SteadySpan {
    pub warmup_s: f64,
    pub duration_s: f64,
}

impl FindingContext {
    /// Whether roles are given by `ClusterRole` objects and not by lists of shards.
    fn has_named_roles(&self) -> bool {
        self.server_version.starts_with("0.16")
    }
}

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    Error,
    Warning,
    Note,
}

impl Severity {
    /// As `findings.csv` has it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Note => "note",
        }
    }

    /// From `findings.csv`; what is not known is a note.
    pub fn from_name(name: &str) -> Self {
        match name {
            "error" => Self::Error,
            "warning" => Self::Warning,
            _ => Self::Note,
        }
    }
}

/// Every finding of every layout, sorted as `findings.csv` is: layout (in the order of the tables), rule,
/// role, shard.
pub fn from_results(tables: &Tables, context: &FindingContext) -> Vec<FindingRow> {
    let mut all = Vec::new();
    for layout in layouts(tables) {
        let view = View::new(tables, layout, context);
        let mut findings = Vec::new();
        push::find(&view, &mut findings);
        tasks::find(&view, &mut findings);
        nodes::find(&view, &mut findings);
        cover::find(&view, &mut findings);
        steady::find(&view, &mut findings);
        findings.sort_by(|a, b| (&a.rule, &a.role, &a.shard).cmp(&(&b.rule, &b.role, &b.shard)));
        all.extend(findings);
    }
    all
}

/// Rules from what users notice to what only costs; what is not named comes between.
const GRAVE: [&str; 4] = ["never-served", "push-duplicates", "push-missed", "duplicate-work"];
const LIGHT: [&str; 2] = ["imbalance", "idle-node"];

/// Findings in the order in which a person should read them: the worst first, else as they are.
pub fn worst_first(findings: &[FindingRow]) -> Vec<&FindingRow> {
    let place = |rules: &[&str], rule: &str| rules.iter().position(|r| *r == rule);
    let rank = |rule: &str| match (place(&GRAVE, rule), place(&LIGHT, rule)) {
        (Some(i), _) => (0, i),
        (_, Some(i)) => (2, i),
        _ => (1, 0),
    };
    let mut sorted: Vec<&FindingRow> = findings.iter().collect();
    sorted.sort_by_key(|finding| (Severity::from_name(&finding.severity), rank(&finding.rule)));
    sorted
}

/// Findings of one rule in one layout, which have one remedy.
#[derive(Debug, Clone, PartialEq)]
pub struct Group<'a> {
    pub first: &'a FindingRow,
    pub messages: Vec<&'a str>,
}

/// Findings in groups, the worst first.
pub fn grouped(findings: &[FindingRow]) -> Vec<Group<'_>> {
    let mut groups: Vec<Group<'_>> = Vec::new();
    for finding in worst_first(findings) {
        let same = |group: &&mut Group<'_>| {
            let first = group.first;
            (&first.layout, &first.rule, &first.severity) == (&finding.layout, &finding.rule, &finding.severity)
        };
        match groups.iter_mut().find(same) {
            Some(group) => group.messages.push(&finding.message),
            None => groups.push(Group { first: finding, messages: vec![&finding.message] }),
        }
    }
    groups
}

/// The rows of one layout.
struct View<'a> {
    tables: &'a Tables,
    context: &'a FindingContext,
    layout: &'a str,
    roles: BTreeMap<&'a str, Vec<&'a RoleRow>>,
    /// Rows `all` only.
    nodes: BTreeMap<u64, Vec<&'a NodeRow>>,
    /// By role, without `all` and `ingest`.
    work: BTreeMap<&'a str, BTreeMap<u64, Vec<&'a NodeRow>>>,
    shards: BTreeMap<(&'a str, u32), Vec<&'a ShardRow>>,
    push: BTreeMap<&'a str, Vec<&'a PushRow>>,
}

impl<'a> View<'a> {
    fn new(tables: &'a Tables, layout: &'a str, context: &'a FindingContext) -> Self {
        let mut view = Self {
            tables,
            context,
            layout,
            roles: BTreeMap::new(),
            nodes: BTreeMap::new(),
            work: BTreeMap::new(),
            shards: BTreeMap::new(),
            push: BTreeMap::new(),
        };
        for row in tables.roles.iter().filter(|row| row.layout == layout) {
            view.roles.entry(&row.role).or_default().push(row);
        }
        for row in tables.nodes.iter().filter(|row| row.layout == layout) {
            match row.role.as_str() {
                "all" => view.nodes.entry(row.node).or_default().push(row),
                "ingest" => {}
                role => view.work.entry(role).or_default().entry(row.node).or_default().push(row),
            }
        }
        for row in tables.shards.iter().filter(|row| row.layout == layout) {
            view.shards.entry((&row.role, row.shard)).or_default().push(row);
        }
        for row in tables.push.iter().filter(|row| row.layout == layout) {
            view.push.entry(&row.shard).or_default().push(row);
        }
        view
    }

    /// The nodes that are to do `role`'s work, by the layout or else by what they did.
    fn enabled(&self, role: &str) -> Vec<u64> {
        let plan = self.context.plans.iter().find(|plan| plan.layout == self.layout);
        let planned = plan.and_then(|plan| plan.enabled(role));
        planned.unwrap_or_else(|| {
            let nodes = self.work.get(role).into_iter().flatten();
            nodes.filter(|(_, rows)| rows.iter().any(|row| row.executions > 0)).map(|(node, _)| *node).collect()
        })
    }

    fn row(
        &self,
        rule: &str,
        severity: Severity,
        (role, shard): (&str, &str),
        message: String,
        help: String,
    ) -> FindingRow {
        FindingRow {
            layout: self.layout.to_owned(),
            rule: rule.to_owned(),
            role: role.to_owned(),
            shard: shard.to_owned(),
            severity: severity.name().to_owned(),
            message,
            help,
        }
    }
}

/// The mean over replications of `value`, where it exists.
fn mean<T>(rows: &[&T], value: impl Fn(&T) -> Option<f64>) -> Option<Estimate> {
    Estimate::from_values(rows.iter().filter_map(|row| value(row)))
}

/// The mean over replications of the share of `part` in `whole`.
fn share<T>(rows: &[&T], part: impl Fn(&T) -> u64, whole: impl Fn(&T) -> u64) -> Option<Estimate> {
    Estimate::from_values(rows.iter().filter(|row| whole(row) > 0).map(|row| part(row) as f64 / whole(row) as f64))
}

/// The mean over replications of a count.
fn count<T>(rows: &[&T], value: impl Fn(&T) -> u64) -> Estimate {
    let none = Estimate { n: 0, mean: 0.0, half_width: None, min: 0.0, max: 0.0 };
    Estimate::from_values(rows.iter().map(|row| value(row) as f64)).unwrap_or(none)
}

/// A count with its interval; a whole number where there is none.
fn shown(count: &Estimate) -> String {
    match count.half_width {
        Some(half) if half > 0.0 => format::estimate(count, format::Unit::Plain),
        _ => format::number(count.mean.round()),
    }
}
