//! A layout as a grid of nodes and roles, its shards coloured and lettered.

use crate::report::format;
use crate::report::plan::{LayoutPlan, NodeMark};

/// More nodes than this are not worth reading one by one.
const NODES_MAX: usize = 200;
/// Up to so many are shown at once, more when asked for.
const OPEN_MAX: usize = 16;
/// Number of colours for shards; letters go on.
const COLORS: usize = 7;

/// The grid of one layout.
pub struct Grid {
    pub layout: String,
    /// How many nodes there are, and which are idle or dead.
    pub summary: String,
    pub is_open: bool,
    pub roles: Vec<String>,
    pub rows: Vec<GridRow>,
    /// Nodes that are not shown.
    pub left_out: usize,
}

/// One node.
pub struct GridRow {
    pub node: u64,
    /// `idle`, `dead` or empty.
    pub mark: &'static str,
    pub cells: Vec<GridCell>,
}

/// What one node does of one role.
pub struct GridCell {
    /// `all`, a shard's letter and number, or empty.
    pub text: String,
    /// CSS class: `all`, `s0` to `s6`, or `none`.
    pub class: String,
}

impl Grid {
    /// The grid of `plan`.
    pub fn new(plan: &LayoutPlan) -> Self {
        let rows = plan.nodes.iter().take(NODES_MAX).enumerate().map(|(i, node)| GridRow {
            node: *node,
            mark: match plan.mark(i) {
                NodeMark::None => "",
                NodeMark::Idle => "idle",
                NodeMark::Dead => "dead",
            },
            cells: plan.cells.iter().map(|row| cell(row.cells.get(i).map_or("", String::as_str))).collect(),
        });
        Self {
            layout: plan.layout.clone(),
            summary: summary(plan),
            is_open: plan.nodes.len() <= OPEN_MAX,
            roles: plan.cells.iter().map(|row| row.role.clone()).collect(),
            rows: rows.collect(),
            left_out: plan.nodes.len().saturating_sub(NODES_MAX),
        }
    }
}

fn summary(plan: &LayoutPlan) -> String {
    let marked = |mark: NodeMark| {
        let nodes = plan.nodes.iter().enumerate().filter(|(i, _)| plan.mark(*i) == mark);
        nodes.map(|(_, node)| *node).collect::<Vec<u64>>()
    };
    let mut text = match plan.nodes.len() {
        1 => "1 node".to_owned(),
        n => format!("{n} nodes"),
    };
    for (mark, says) in [(NodeMark::Idle, "without background work"), (NodeMark::Dead, "named but not there")] {
        let nodes = marked(mark);
        if !nodes.is_empty() {
            text.push_str(&format!("; {}: {}", says, format::nodes(&nodes)));
        }
    }
    text
}

fn cell(text: &str) -> GridCell {
    let shard = text.split_once('/').and_then(|(shard, _)| shard.trim().parse::<usize>().ok());
    match shard {
        Some(shard) => {
            let index = shard.saturating_sub(1);
            GridCell { text: format!("{} {text}", letters(index)), class: format!("s{}", index % COLORS) }
        }
        None if text.is_empty() => GridCell { text: String::new(), class: "none".to_owned() },
        None => GridCell { text: text.to_owned(), class: "all".to_owned() },
    }
}

/// A, B, … Z, AA, AB, …
fn letters(index: usize) -> String {
    let (mut index, mut letters) = (index + 1, Vec::new());
    while index > 0 {
        index -= 1;
        letters.push(char::from(b'A' + (index % 26) as u8));
        index /= 26;
    }
    letters.iter().rev().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shards_have_letters() {
        assert_eq!([0, 25, 26, 27, 701, 702].map(letters), ["A", "Z", "AA", "AB", "ZZ", "AAA"]);
        assert_eq!(cell("2/3").text, "B 2/3");
        assert_eq!(cell("9/9").class, "s1");
        assert_eq!(cell("all").class, "all");
    }
}
