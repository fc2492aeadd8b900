//! Workers that are busy nearly all the time. A node has one a role, which runs one task (or batch) after the other, so
//! that tasks can wait for hours on nodes whose cores are idle.

use super::View;
use crate::report::aggregate::Estimate;

/// A worker that is busy for so much of the time has no room for a busy hour.
const SATURATED: f64 = 0.85;
/// Over a day with its busy hours (the busiest has about twice the mean) less will do, if the wait is there.
const SATURATED_AT_PEAK: f64 = 0.4;
/// Workers this near to the busiest are as busy.
const ALIKE: f64 = 0.8;

/// The workers of a role that cannot keep up.
pub struct Saturated {
    /// The busiest first by node id, with the part of its time in which it is busy.
    pub nodes: Vec<u64>,
    pub busiest: (u64, Estimate),
    /// Whether it is busy all through the span, or only in its busy hours.
    pub always: bool,
    /// Tasks in the busiest worker's channel, the mean over time.
    pub queue: Option<Estimate>,
}

/// How busy each worker of a role is while its node is up: processor, database, deletions and locks, which follow each
/// other. (Waiting for a core or a connection comes on top and is not recorded by role.)
pub fn busy(view: &View<'_>, role: &str) -> Vec<(u64, Estimate)> {
    let Some(facts) = view.server.workers.get(role) else { return Vec::new() };
    let span_s = view.context.duration_s;
    let down_s = |node: u64, replication: u32| {
        let rows = view.nodes.get(&node).into_iter().flatten();
        rows.into_iter().find(|row| row.replication == replication).and_then(|row| row.down_s).unwrap_or(0.0)
    };
    let of_node = |node: u64, rows: &Vec<&crate::metrics::rows::NodeRow>| {
        let each = rows.iter().filter_map(|row| {
            let up_s = span_s - down_s(node, row.replication);
            let busy_s = row.busy_s + row.database_s + row.executions as f64 * facts.overhead_s;
            (up_s > 0.0).then(|| (busy_s / up_s).min(1.0))
        });
        Estimate::from_values(each)
    };
    let nodes = view.work.get(role).into_iter().flatten();
    nodes.filter_map(|(node, rows)| Some((*node, of_node(*node, rows)?))).collect()
}

/// The workers of `role` that cannot keep up: busy nearly all the time, or for much of a span in which tasks wait so long
/// (`is_late`) that nothing but a worker explains it.
pub fn saturated(view: &View<'_>, role: &str, is_late: bool) -> Option<Saturated> {
    let all = busy(view, role);
    let busiest = *all.iter().max_by(|a, b| a.1.mean.total_cmp(&b.1.mean).then(b.0.cmp(&a.0)))?;
    let always = busiest.1.mean >= SATURATED;
    let queue = |node: u64| {
        let rows = view.work.get(role).and_then(|nodes| nodes.get(&node)).into_iter().flatten();
        Estimate::from_values(rows.filter_map(|row| row.queue_mean))
    };
    let is_behind = is_late && busiest.1.mean >= SATURATED_AT_PEAK;
    if !always && !is_behind {
        return None;
    }
    let nodes = all.iter().filter(|(_, busy)| busy.mean >= ALIKE * busiest.1.mean).map(|(node, _)| *node).collect();
    Some(Saturated { nodes, busiest, always, queue: queue(busiest.0) })
}

/// Nodes whose dispatcher a full channel of `role` has held up.
pub fn blocked(view: &View<'_>, role: &str) -> Vec<u64> {
    let Some(facts) = view.server.workers.get(role).filter(|_| view.server.blocks_when_full) else { return Vec::new() };
    let is_full = |rows: &[&crate::metrics::rows::NodeRow]| {
        rows.iter().any(|row| row.queue_max.is_some_and(|most| most >= facts.channel))
    };
    let nodes = view.work.get(role).into_iter().flatten();
    nodes.filter(|(_, rows)| is_full(rows)).map(|(node, _)| *node).collect()
}
