//! Times in which a shard has no live node, or the database nothing to spare.

use super::waits::{QUEUED, is_outages};
use super::{Severity, View, graded, mean};
use crate::metrics::rows::{FindingRow, RoleRow};
use crate::report::aggregate::Estimate;
use crate::report::format::{self, Unit};
use std::collections::BTreeMap;

/// Utilization of the database above which work waits for it.
const SATURATED: f64 = 0.95;
const PUSH: &str = "push-notifications";

/// `uncovered-shard` and `database-saturated`.
pub fn find(view: &View<'_>, out: &mut Vec<FindingRow>) {
    let mut by_role: BTreeMap<&str, Vec<(u32, Estimate)>> = BTreeMap::new();
    for ((role, shard), rows) in &view.shards {
        // Of shards of which nothing is done `never-served` says so.
        let is_served = rows.iter().all(|row| row.created == 0) || rows.iter().any(|row| row.completed > 0);
        let uncovered = mean(rows, |row| Some(row.uncovered_s)).filter(|s| s.mean > 0.0 && is_served);
        if let Some(uncovered) = uncovered {
            by_role.entry(role).or_default().push((*shard, uncovered));
        }
    }
    for (role, shards) in by_role {
        uncovered(view, role, &shards, out);
    }
    out.extend(saturated(view));
}

/// One finding for all shards of a role.
fn uncovered(view: &View<'_>, role: &str, shards: &[(u32, Estimate)], out: &mut Vec<FindingRow>) {
    // Of a role of which nothing is done `never-served` says so.
    let is_served =
        |rows: &Vec<&RoleRow>| rows.iter().all(|row| row.created == 0) || rows.iter().any(|row| row.completed > 0);
    if role != PUSH && !view.roles.get(role).is_none_or(is_served) {
        return;
    }
    let Some((worst, uncovered)) = shards.iter().max_by(|a, b| a.1.mean.total_cmp(&b.1.mean).then(b.0.cmp(&a.0)))
    else {
        return;
    };
    let mut effect = "its tasks wait".to_owned();
    let mut severity = graded(uncovered, f64::INFINITY);
    let mut help = "add a node to the shard, or make the shards of the role fewer and larger";
    if role == PUSH {
        if !view.server.is_documented() && loses(view) {
            // `push-missed` tells of it.
            return;
        }
        (effect, help) = if view.server.is_documented() {
            (
                "what happens meanwhile is sent when a node of it is back".to_owned(),
                "keep restarts short, or put a second node in the shard",
            )
        } else {
            severity = Severity::Note;
            (
                "nothing happened meanwhile that was to be pushed".to_owned(),
                "keep restarts short: what does happen meanwhile is never sent",
            )
        };
    } else if let Some(wait) = view.roles.get(role).and_then(|rows| mean(rows, |row| row.wait_mean_s))
        && QUEUED.contains(&role)
        && wait.mean >= 1.0
        && is_outages(view, role, &wait)
    {
        effect.push_str(&format!(" (all tasks of the role on average {})", format::estimate(&wait, Unit::Seconds)));
    }
    let amount = format::estimate(uncovered, Unit::Seconds);
    let (shard, message) = match shards {
        [_] => (worst.to_string(), format!("shard {worst} of {role} has no live node for {amount}: {effect}")),
        _ => (
            "all".to_owned(),
            format!(
                "{} shards of {role} have times without a live node, shard {worst} the longest: {amount}; {effect}",
                shards.len()
            ),
        ),
    };
    out.push(view.row("uncovered-shard", severity, (role, &shard), message, help.to_owned()));
}

/// Whether notifications are lost.
fn loses(view: &View<'_>) -> bool {
    view.push.values().flatten().any(|row| row.missed > 0)
}

/// Spans of time bins in which the database has nothing to spare, by the mean over replications.
fn saturated(view: &View<'_>) -> Option<FindingRow> {
    let mut bins: BTreeMap<u64, Vec<f64>> = BTreeMap::new();
    for row in &view.tables.timeline {
        if row.layout == view.layout && row.series == "database_utilization_ratio" && row.start_s >= 0.0 {
            bins.entry((row.start_s * 1e3).round() as u64).or_default().push(row.value);
        }
    }
    let starts: Vec<u64> = bins.keys().copied().collect();
    let width = starts.windows(2).map(|pair| pair[1] - pair[0]).min()?;
    let full: Vec<u64> = bins
        .into_iter()
        .filter(|(_, values)| Estimate::from_values(values.iter().copied()).is_some_and(|e| e.mean > SATURATED))
        .map(|(start, _)| start)
        .collect();
    let mut spans: Vec<(u64, u64)> = Vec::new();
    for start in &full {
        match spans.last_mut() {
            Some((_, end)) if *end == *start => *end += width,
            _ => spans.push((*start, start + width)),
        }
    }
    let (from, to) = spans.iter().copied().max_by_key(|(from, to)| (to - from, std::cmp::Reverse(*from)))?;
    let clock = |ms: u64| format::clock(view.context.start_second_of_day + ms as f64 / 1e3);
    let total = format::duration((full.len() as u64 * width) as f64 / 1e3);
    let message = match spans.len() {
        1 => format!("the database is saturated from {} to {} ({total})", clock(from), clock(to)),
        n => format!(
            "the database is saturated {n} times, {total} in all, the longest from {} to {}",
            clock(from),
            clock(to)
        ),
    };
    let help = "give the database more connections or a faster disk, or move what runs then (purge.stores at 03:00 to 05:00) to fewer nodes";
    Some(view.row("database-saturated", Severity::Error, ("", ""), message, help.to_owned()))
}
