//! From a layout to who serves what.

use crate::cluster::setup::Coverage;
use crate::layout::{Layout, LayoutRules, NodeSettings, Role};

/// For every role what each node derives from the layout.
pub fn coverage(layout: &Layout, nodes: &[NodeSettings], rules: LayoutRules) -> Vec<Coverage> {
    Role::ALL
        .into_iter()
        .map(|role| {
            let assignments = nodes.iter().map(|node| layout.assignment(role, node, rules)).collect();
            Coverage::new(assignments, layout.shard_count(role, rules).max(1))
        })
        .collect()
}

/// Indexes of the nodes that run the task scheduler (0.16).
pub fn schedulers(layout: &Layout, nodes: &[NodeSettings]) -> Vec<u16> {
    nodes.iter().enumerate().filter(|(_, node)| layout.is_scheduler(node)).map(|(index, _)| index as u16).collect()
}
