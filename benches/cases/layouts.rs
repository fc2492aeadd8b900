//! Layouts of any size: every role is divided over the same shards of three nodes.

use rolesim::layout::{Assignment, Layout, LayoutRules, NodeSettings, Role};
use rolesim::source::SourceText;
use std::fmt::Write as _;
use std::ops::RangeInclusive;

/// The node ids of each shard.
pub fn shards(nodes: u64) -> impl Iterator<Item = RangeInclusive<u64>> {
    (1..=nodes).step_by(3).map(move |first| first..=nodes.min(first + 2))
}

/// The layout as an operator writes it.
pub fn text(nodes: u64) -> String {
    let item = |ids: RangeInclusive<u64>| format!("\"{}\"", ids.map(|id| id.to_string()).collect::<Vec<_>>().join(","));
    let items = shards(nodes).map(item).collect::<Vec<_>>().join(", ");
    let mut text = String::from("[cluster.roles]\n");
    for role in Role::ALL {
        let _ = writeln!(text, "{role} = [{items}]");
    }
    text
}

/// Reads a layout.
pub fn read(text: &str) -> Layout {
    match Layout::parse("bench", SourceText::new("bench.toml", text.to_owned())) {
        Ok(layout) => layout,
        Err(problem) => panic!("{problem}"),
    }
}

/// The nodes by id.
pub fn nodes(count: u64) -> Vec<NodeSettings> {
    (1..=count).map(NodeSettings::new).collect()
}

/// What every node derives for every role, as 0.14 reads it; returned is a sum that tells different answers apart.
pub fn derive(layout: &Layout, nodes: &[NodeSettings]) -> u64 {
    let mut sum = 0;
    for node in nodes {
        for role in Role::ALL {
            sum += match layout.assignment(role, node, LayoutRules::Shards) {
                Assignment::Sharded { shard, .. } => node.id * (u64::from(shard) + 1),
                Assignment::Enabled => node.id,
                Assignment::Disabled => 0,
            };
        }
    }
    sum
}
