//! From a layout to who serves what.

use crate::cluster::setup::Coverage;
use crate::layout::{Assignment, Layout, LayoutRules, NodeSettings, Role};

/// Whether shards divide the work of a role (server facts, section 1.1): every enabled node runs the others.
fn is_divided(role: Role) -> bool {
    !matches!(role, Role::PurgeStores | Role::MetricsCalculate | Role::MetricsPush | Role::SpamTraining)
}

/// For every role what each node derives from the layout.
pub fn coverage(layout: &Layout, nodes: &[NodeSettings], rules: LayoutRules) -> Vec<Coverage> {
    Role::ALL
        .into_iter()
        .map(|role| {
            let derived = nodes.iter().map(|node| layout.assignment(role, node, rules));
            if is_divided(role) {
                return Coverage::new(derived.collect(), layout.shard_count(role, rules).max(1));
            }
            let undivided =
                |assignment: Assignment| if assignment.is_enabled() { Assignment::Enabled } else { assignment };
            Coverage::new(derived.map(undivided).collect(), 1)
        })
        .collect()
}

/// Indexes of the nodes that run the task scheduler (0.16).
pub fn schedulers(layout: &Layout, nodes: &[NodeSettings]) -> Vec<u16> {
    nodes.iter().enumerate().filter(|(_, node)| layout.is_scheduler(node)).map(|(index, _)| index as u16).collect()
}
