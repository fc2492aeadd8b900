//! Findings: what the numbers of a run mean for the operator, each with its number and a way out.
//!
//! These follow from simulated results. Faults that can be seen in a layout without running it are the
//! business of the layout's own rules. One file a subject: `push`, `tasks`, `waits`, `workers`, `nodes`,
//! `cover`, `steady`.

mod context;
mod cover;
mod joined;
mod nodes;
mod push;
mod steady;
mod tasks;
mod waits;
mod workers;

pub use context::{FindingContext, ServerFacts, SteadySpan, WorkerFacts};
pub use joined::join;

use super::aggregate::{Estimate, layouts};
use super::format;
use crate::metrics::rows::{FindingRow, NodeRow, PushRow, RoleRow, ShardRow, Tables};
use std::collections::BTreeMap;

/// Of more than so many shards with the same finding only one row is made, for all of them.
const SHARDS_MAX: usize = 4;

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
        nodes::find(&view, &mut findings);
        cover::find(&view, &mut findings);
        tasks::find(&view, &mut findings);
        // Only now it is known which findings there are to refer to.
        waits::find(&view, &mut findings);
        steady::find(&view, &mut findings);
        findings.sort_by(|a, b| (&a.rule, &a.role, &a.shard).cmp(&(&b.rule, &b.role, &b.shard)));
        all.extend(findings);
    }
    all
}

/// Rules from what users notice to what only costs; what is not named comes between.
const GRAVE: [&str; 5] = ["never-served", "push-duplicates", "push-missed", "saturated-worker", "duplicate-work"];
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
    server: ServerFacts,
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
            server: context.servers.get(layout).cloned().unwrap_or_default(),
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

    /// The layout's cells of `role`, by node: `all`, or a shard such as `1/2`.
    fn cells(&self, role: &str) -> Vec<(u64, &'a str)> {
        let plan = self.context.plans.iter().find(|plan| plan.layout == self.layout);
        let row = plan.and_then(|plan| Some((plan, plan.cells.iter().find(|row| row.role == role)?)));
        let cells = row.into_iter().flat_map(|(plan, row)| plan.nodes.iter().copied().zip(&row.cells));
        cells.filter(|(_, cell)| !cell.is_empty()).map(|(node, cell)| (node, cell.as_str())).collect()
    }

    /// Shards of `role` of which nothing is done.
    fn unserved(&self, role: &str) -> Vec<u32> {
        let of_role = self.shards.iter().filter(|((name, _), _)| *name == role);
        let is_unserved =
            |rows: &[&ShardRow]| rows.iter().any(|row| row.created > 0) && rows.iter().all(|row| row.completed == 0);
        of_role.filter(|(_, rows)| is_unserved(rows)).map(|((_, shard), _)| *shard).collect()
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

/// How bad what there is `value` of is: an error from `error` on, else a warning. The whole interval must tell; what may be
/// nothing is a note.
fn graded(value: &Estimate, error: f64) -> Severity {
    match value.low() {
        low if low >= error && low > 0.0 => Severity::Error,
        low if low > 0.0 => Severity::Warning,
        _ => Severity::Note,
    }
}

/// Whether a rule has found something.
fn has(findings: &[FindingRow], rule: &str) -> bool {
    findings.iter().any(|finding| finding.rule == rule)
}

/// `1 run`, `12 runs`.
fn counted(count: &Estimate, one: &str, several: &str) -> String {
    match shown(count).as_str() {
        "1" => format!("1 {one}"),
        number => format!("{number} {several}"),
    }
}

/// A count with its interval; a whole number where there is none.
fn shown(count: &Estimate) -> String {
    match count.half_width {
        Some(half) if half > 0.0 => format::estimate(count, format::Unit::Plain),
        _ => format::number(count.mean.round()),
    }
}
