//! Nodes that do too much, too little or nothing.

use super::{Severity, View, count, mean};
use crate::metrics::rows::{FindingRow, NodeRow};
use crate::report::aggregate::{Estimate, RUNS_MIN, is_redundant};
use crate::report::format::{self, Unit};
use std::collections::{BTreeMap, BTreeSet};

/// Utilization above which the server's documentation says to scale out (70-80 %).
const OVERLOAD_WARNING: f64 = 0.8;
/// Above this, queues grow without end in the busy hour.
const OVERLOAD_ERROR: f64 = 0.95;
/// Jain's index below this is no balance.
const JAIN_MIN: f64 = 0.8;

/// `overloaded-node`, `imbalance` and `idle-node`.
pub fn find(view: &View<'_>, out: &mut Vec<FindingRow>) {
    out.extend(overloaded(view));
    for (role, nodes) in &view.work {
        out.extend(imbalance(view, role, nodes));
    }
    out.extend(idle(view));
}

fn overloaded(view: &View<'_>) -> Option<FindingRow> {
    let uses = view.nodes.iter().filter_map(|(node, rows)| Some((*node, mean(rows, |row| row.utilization_ratio)?)));
    let over: Vec<(u64, Estimate)> = uses.filter(|(_, used)| used.mean > OVERLOAD_WARNING).collect();
    let (worst, used) = over.iter().max_by(|a, b| a.1.mean.total_cmp(&b.1.mean).then(b.0.cmp(&a.0)))?;
    let severity = if used.low() > OVERLOAD_ERROR { Severity::Error } else { Severity::Warning };
    let busy = format::estimate(used, Unit::Percent);
    let message = if over.len() == 1 {
        format!("node {worst} is busy {busy} of the time")
    } else {
        let nodes: Vec<u64> = over.iter().map(|(node, _)| *node).collect();
        format!(
            "{} are busy more than {} of the time, node {worst} {busy}",
            format::nodes(&nodes),
            format::percent(OVERLOAD_WARNING)
        )
    };
    let help = "take roles or mail from it, or add cores or a node: above 70 to 80 % waiting times grow fast";
    Some(view.row("overloaded-node", severity, ("", ""), message, help.to_owned()))
}

fn imbalance(view: &View<'_>, role: &str, nodes: &BTreeMap<u64, Vec<&NodeRow>>) -> Option<FindingRow> {
    let enabled: Vec<u64> = view.enabled(role).into_iter().filter(|node| !is_mostly_down(view, *node)).collect();
    let all_enabled = view.enabled(role).len() == enabled.len();
    let runs: f64 = nodes.values().map(|rows| count(rows, |row| row.executions).mean).sum();
    if enabled.len() < 2 || runs < RUNS_MIN {
        return None;
    }
    let rows: Vec<_> = view.tables.balance.iter().filter(|row| row.layout == view.layout && row.role == role).collect();
    // The index counts nodes that are down, which have no share to be given.
    let index = mean(&rows, |row| row.jain_index).filter(|_| all_enabled);
    let shares: Vec<(u64, Estimate)> = enabled
        .iter()
        .map(|node| (*node, nodes.get(node).and_then(|rows| mean(rows, |row| row.share_ratio))))
        .map(|(node, share)| {
            (node, share.unwrap_or(Estimate { n: 0, mean: 0.0, half_width: None, min: 0.0, max: 0.0 }))
        })
        .collect();
    let fair = 1.0 / enabled.len() as f64;
    let little = shares.iter().filter(|(_, share)| is_redundant(share.mean, fair));
    let little: Vec<u64> = little.map(|(node, _)| *node).collect();
    let uneven = index.filter(|index| index.mean < JAIN_MIN);
    if uneven.is_none() && little.is_empty() {
        return None;
    }
    let (top, most) = shares.iter().max_by(|a, b| a.1.mean.total_cmp(&b.1.mean).then(b.0.cmp(&a.0)))?;
    let mut message = format!("node {top} does {} of {role}", format::estimate(most, Unit::Percent));
    if !little.is_empty() {
        message.push_str(&format!(", {} nearly nothing", format::nodes(&little)));
    }
    if let Some(index) = index {
        message.push_str(&format!(" (Jain's index {}, 1 is even)", format::estimate(&index, Unit::Index)));
    }
    let severity = if most.low() > fair { Severity::Warning } else { Severity::Note };
    Some(view.row("imbalance", severity, (role, ""), message, imbalance_help(view, role).to_owned()))
}

fn imbalance_help(view: &View<'_>, role: &str) -> &'static str {
    let cells = view.cells(role);
    let shards: BTreeSet<&str> = cells.iter().map(|(_, cell)| *cell).collect();
    let has_own_shards = cells.len() > 1 && shards.len() == cells.len();
    if view.server.has_named_roles() {
        "a node that is woken more often takes more: spread the mail over the role's nodes, or count on fewer nodes"
    } else if has_own_shards {
        "each node has a shard of its own: one that was down, or is slower, or has fewer tasks, does less or takes longer"
    } else if !view.server.has_shards() || view.server.is_documented() {
        "the node that looks first takes all: count on fewer nodes"
    } else {
        "the node that looks first takes all: give each node a shard of its own, or count on fewer nodes"
    }
}

/// Whether a node is down for most of the span.
fn is_mostly_down(view: &View<'_>, node: u64) -> bool {
    let down = view.nodes.get(&node).and_then(|rows| mean(rows, |row| row.down_s));
    view.context.duration_s > 0.0 && down.is_some_and(|down| down.mean > view.context.duration_s / 2.0)
}

fn idle(view: &View<'_>) -> Option<FindingRow> {
    let works = |node: u64| {
        let rows = view.work.values().filter_map(|nodes| nodes.get(&node)).flatten();
        rows.into_iter().any(|row| row.executions > 0)
    };
    let serves = |rows: &[&NodeRow]| {
        rows.iter().any(|row| row.messages_received.unwrap_or(0) > 0 || row.push_requests.unwrap_or(0) > 0)
    };
    let idle: Vec<(u64, bool)> =
        view.nodes.iter().filter(|(node, _)| !works(**node)).map(|(node, rows)| (*node, serves(rows))).collect();
    if idle.is_empty() || view.work.is_empty() {
        return None;
    }
    let nodes: Vec<u64> = idle.iter().map(|(node, _)| *node).collect();
    let verb = if nodes.len() == 1 { "does" } else { "do" };
    let of = format!("{} of {}", nodes.len(), view.nodes.len());
    let useless = idle.iter().all(|(_, serves)| !serves);
    let message = if useless {
        format!("{} {verb} nothing at all ({of} nodes)", format::nodes(&nodes))
    } else {
        format!("{} {verb} no background work ({of} nodes)", format::nodes(&nodes))
    };
    let them = if nodes.len() == 1 { "it" } else { "them" };
    let help = format!("give {them} a shard of the roles that are late or unbalanced, or save {them}");
    let severity = if useless { Severity::Warning } else { Severity::Note };
    Some(view.row("idle-node", severity, ("", ""), message, help))
}
