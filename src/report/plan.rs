//! What a report must be told besides the tables: how the run was made and what the layouts are.

use serde::{Deserialize, Serialize};

/// How a run was made.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct RunInfo {
    /// The scenario's title.
    pub title: String,
    /// The scenario's file as the user wrote it.
    pub scenario_file: String,
    /// The command that repeats the run.
    pub command: String,
    pub seed: u64,
    pub replications: u32,
    /// The simulated server's version, or `documented`.
    pub server_version: String,
    pub rolesim_version: String,
    /// The measured span.
    pub duration_s: f64,
    /// Simulated before it and not measured.
    pub warmup_s: f64,
    /// Whether the scenario says that the measured span is in steady state.
    #[serde(default)]
    pub steady_state: bool,
    /// Date and time at the start of the measured span, RFC 3339.
    pub start: String,
    /// In the order of the scenario.
    pub layouts: Vec<String>,
    /// What the numbers rest on, a sentence each.
    pub assumptions: Vec<String>,
    /// What a reader must know before believing the numbers, a sentence each.
    #[serde(default)]
    pub warnings: Vec<String>,
}

impl RunInfo {
    /// Seconds after midnight at the start of the measured span; 0 if `start` has no time of day.
    pub fn start_second_of_day(&self) -> f64 {
        let time = self.start.split_once(['T', ' ']).map_or("", |(_, time)| time);
        let mut parts = time.split(|c: char| !c.is_ascii_digit()).map(|part| part.parse::<f64>().unwrap_or(0.0));
        let mut next = || parts.next().unwrap_or(0.0);
        next() * 3_600.0 + next() * 60.0 + next()
    }
}

/// One layout as a grid of nodes and roles.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct LayoutPlan {
    pub layout: String,
    /// Node ids, the columns of the grid.
    pub nodes: Vec<u64>,
    /// One row a role.
    pub cells: Vec<PlanRow>,
    /// One a node; may be empty if no node is marked.
    #[serde(default)]
    pub marks: Vec<NodeMark>,
}

/// A role's row of a [`LayoutPlan`].
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct PlanRow {
    pub role: String,
    /// One cell a node: `all`, a shard such as `1/2` (the first of two), or empty.
    pub cells: Vec<String>,
}

/// What is special about a node in a layout.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NodeMark {
    /// Nothing.
    #[default]
    None,
    /// Runs, and has no background work.
    Idle,
    /// The layout names it, and there is no such node.
    Dead,
}

impl LayoutPlan {
    /// The nodes that do some of `role`'s work; `None` if the plan does not know the role.
    pub fn enabled(&self, role: &str) -> Option<Vec<u64>> {
        let row = self.cells.iter().find(|row| row.role == role)?;
        let served = self.nodes.iter().zip(&row.cells).filter(|(_, cell)| !cell.is_empty());
        Some(served.map(|(node, _)| *node).collect())
    }

    /// The mark of the node in column `column`.
    pub fn mark(&self, column: usize) -> NodeMark {
        self.marks.get(column).copied().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn second_of_day_of_a_start() {
        let at = |start: &str| RunInfo { start: start.to_owned(), ..RunInfo::default() }.start_second_of_day();
        assert_eq!(at("2026-03-02T06:30:05Z"), 6.0 * 3_600.0 + 30.0 * 60.0 + 5.0);
        assert_eq!(at("2026-03-02"), 0.0);
    }
}
