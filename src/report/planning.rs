//! A plan on a terminal: the cluster, why no smaller one does, and the configuration to paste.

use super::format::{Unit, count, percent};
use super::terminal::{TerminalOptions, colored, head, styled_line, table};
use crate::metrics::verdicts::{PlanObjectiveRow, PlanRow};
use comfy_table::{Cell, CellAlignment, Color, Row, presets};

/// What a reader must know besides the rows.
#[derive(Debug, Clone, PartialEq)]
pub struct PlanNotes {
    /// Level of the certificate.
    pub confidence: f64,
    /// Whether any one node may be down.
    pub survive: bool,
    pub max_nodes: u32,
    pub simulations: u64,
    /// Simulations that trying everything would have taken.
    pub simulations_for_all: u64,
    /// The configuration of the winner, with a heading for each part.
    pub configuration: Vec<(String, String)>,
}

/// The plan as text, ending in a line feed.
pub fn render(
    rows: &[PlanRow],
    objectives: &[PlanObjectiveRow],
    notes: &PlanNotes,
    options: TerminalOptions,
) -> String {
    let winner = rows.iter().find(|row| row.verdict == "certified");
    let mut blocks = Vec::new();
    match winner {
        Some(winner) => {
            let mut lines = vec![styled_line(&verdict(winner, notes), options)];
            lines.push(objective_table(&of(objectives, winner), options));
            lines.push(format!("What is used up first: {}", winner.limiting));
            blocks.push(lines.join("\n"));
            blocks.extend(smaller(rows, objectives, winner));
        }
        None => {
            blocks.push(styled_line(
                &format!("No cluster of up to {} nodes is shown to meet the objectives", notes.max_nodes),
                options,
            ));
            blocks.extend(failure(rows, objectives, notes.max_nodes));
        }
    }
    blocks.push(sizes(rows, options));
    let saved = notes.simulations_for_all.saturating_sub(notes.simulations);
    blocks.push(format!(
        "{} simulations; trying all {} clusters of up to {} nodes would have taken {}: {} saved",
        count(notes.simulations),
        rows.len(),
        notes.max_nodes,
        count(notes.simulations_for_all),
        count(saved)
    ));
    for (heading, text) in &notes.configuration {
        blocks.push(format!("{}\n{}", styled_line(heading, options), text.trim_end()));
    }
    blocks.join("\n\n") + "\n"
}

fn verdict(winner: &PlanRow, notes: &PlanNotes) -> String {
    let survives = if notes.survive { ", with all nodes up and with any one down" } else { "" };
    let nodes = if winner.nodes == 1 { "1 node" } else { &format!("{} nodes", winner.nodes) };
    format!(
        "{nodes} ({} cores): {}. Certified with {} by {} replications of other seeds{survives}",
        winner.cores,
        winner.pattern,
        percent(notes.confidence),
        winner.n
    )
}

fn of<'a>(objectives: &'a [PlanObjectiveRow], row: &PlanRow) -> Vec<&'a PlanObjectiveRow> {
    objectives.iter().filter(|objective| objective.candidate == row.candidate).collect()
}

fn objective_table(rows: &[&PlanObjectiveRow], options: TerminalOptions) -> String {
    let mut table = table(options);
    table.load_style(presets::UTF8_BORDERS_ONLY);
    table.set_header(Row::from(
        ["objective", "node down", "is", "95 % interval or wider", "verdict"].map(|name| head(name, options)).to_vec(),
    ));
    for row in rows {
        let color = match row.verdict.as_str() {
            "met" => Color::Green,
            "missed" => Color::Red,
            _ => Color::Yellow,
        };
        table.add_row(vec![
            Cell::new(&row.objective),
            Cell::new(row.node_down.map_or_else(|| "none".to_string(), |node| node.to_string())),
            Cell::new(show(row, row.value)),
            Cell::new(format!("{} to {}", show(row, row.ci_low), show(row, row.ci_high))),
            colored(&row.verdict, color, options),
        ]);
    }
    for column in 1..4 {
        if let Some(column) = table.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table.trim_fmt()
}

fn show(row: &PlanObjectiveRow, value: Option<f64>) -> String {
    value.map_or_else(|| "–".to_string(), |value| Unit::from_name(&row.unit).show(value))
}

/// Why one node fewer does not do.
fn smaller(rows: &[PlanRow], objectives: &[PlanObjectiveRow], winner: &PlanRow) -> Option<String> {
    let nodes = winner.nodes - 1;
    if nodes == 0 {
        return None;
    }
    let open = rows.iter().filter(|row| row.nodes <= nodes && matches!(row.verdict.as_str(), "undecided" | "passed"));
    let open: Vec<String> = open.map(|row| row.candidate.clone()).collect();
    if !open.is_empty() {
        let names = open.join(", ");
        return Some(format!("Smaller ones that may do, which the replications allowed do not tell: {names}"));
    }
    failure(rows, objectives, nodes)
}

/// The failure of the cluster of this size that comes nearest.
fn failure(rows: &[PlanRow], objectives: &[PlanObjectiveRow], nodes: u32) -> Option<String> {
    // By what it came to, then by objectives missed, then by how far the first of them is missed.
    let rank = |row: &&PlanRow| {
        let own = of(objectives, row);
        let missed: Vec<&&PlanObjectiveRow> = own.iter().filter(|objective| objective.verdict == "missed").collect();
        let class = match row.verdict.as_str() {
            "undecided" | "passed" => 0,
            "missed" => 1,
            "uncovered" => 2,
            _ => 3,
        };
        let sign = |row: &PlanObjectiveRow| if row.objective.contains(" >") { -1.0 } else { 1.0 };
        let far =
            missed.first().and_then(|row| Some(sign(row) * row.value?)).or(row.load_ratio).unwrap_or(f64::INFINITY);
        (class, missed.len(), far)
    };
    let of_size = rows.iter().filter(|row| row.nodes == nodes);
    let best = of_size.min_by(|a, b| {
        let (a, b) = (rank(a), rank(b));
        (a.0, a.1).cmp(&(b.0, b.1)).then(a.2.total_cmp(&b.2))
    })?;
    let missed = of(objectives, best).into_iter().find(|objective| objective.verdict == "missed");
    let why = missed.map_or_else(String::new, |row| {
        let down = row.node_down.map_or_else(String::new, |node| format!(" while node {node} is down"));
        format!("{} is {}{down}; ", row.objective, show(row, row.value))
    });
    let noun = if nodes == 1 { "node" } else { "nodes" };
    Some(format!("{nodes} {noun}, {}: {}: {why}{}", best.pattern, best.verdict, best.limiting))
}

/// How many clusters of each size came to what.
fn sizes(rows: &[PlanRow], options: TerminalOptions) -> String {
    const VERDICTS: [&str; 7] = ["unstable", "uncovered", "missed", "undecided", "passed", "certified", "not_needed"];
    let shown: Vec<&str> =
        VERDICTS.into_iter().filter(|verdict| rows.iter().any(|row| row.verdict == *verdict)).collect();
    let mut table = table(options);
    table.load_style(presets::UTF8_BORDERS_ONLY);
    let names = ["nodes", "clusters"].into_iter().chain(shown.iter().copied());
    table.set_header(Row::from(names.map(|name| head(&name.replace('_', " "), options)).collect::<Vec<_>>()));
    let tried = |group: &&[PlanRow]| group.iter().any(|row| row.verdict != "not_needed");
    for group in rows.chunk_by(|a, b| a.nodes == b.nodes).filter(tried) {
        let counts = shown.iter().map(|verdict| group.iter().filter(|row| row.verdict == *verdict).count());
        let cells = [group[0].nodes as usize, group.len()].into_iter().chain(counts);
        table
            .add_row(cells.map(|count| if count == 0 { String::new() } else { count.to_string() }).collect::<Vec<_>>());
    }
    for column in table.column_iter_mut() {
        column.set_cell_alignment(CellAlignment::Right);
    }
    table.trim_fmt()
}
