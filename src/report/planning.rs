//! A plan in words, on a terminal and as a page: the cluster, why no smaller one does, the configuration to paste.

use super::charts::cost::{self, Candidate, CostAxes};
use super::charts::{self, Chart, DataTable};
use super::decisions::PlanRows;
use super::format::{Unit, count, percent};
use super::html::decision::Decision;
use super::plan::RunInfo;
use super::terminal::{TerminalOptions, colored, head, styled_line, table};
use crate::metrics::verdicts::{PlanObjectiveRow, PlanRow};
use crate::source::Problem;
use comfy_table::{Cell, CellAlignment, Color, Row, presets};
use serde::{Deserialize, Serialize};

/// What a reader must know besides the rows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PlanNotes {
    /// Level of the certificate.
    pub confidence: f64,
    /// Whether any one node may be down.
    pub survive: bool,
    pub max_nodes: u32,
    pub simulations: u64,
    /// Simulations that trying everything would have taken.
    pub simulations_for_all: u64,
    /// What to know about the winner, a sentence each.
    pub notes: Vec<String>,
    /// Seed of the certifying replications.
    pub certified_seed: u64,
    /// The configuration of the winner, with a heading for each part.
    pub configuration: Vec<(String, String)>,
}

/// The plan as text, ending in a line feed.
pub fn render(shown: PlanRows<'_>, notes: &PlanNotes, options: TerminalOptions) -> String {
    let (rows, objectives) = (shown.candidates, shown.objectives);
    let winner = rows.iter().find(|row| row.verdict == "certified");
    let mut blocks = Vec::new();
    match winner {
        Some(winner) => {
            let mut lines = vec![styled_line(&verdict(winner, notes), options)];
            lines.push(objective_table(&of(objectives, winner), options));
            lines.push(format!("What is used up first: {}", winner.limiting));
            blocks.push(lines.join("\n"));
            blocks.extend(smaller(rows, objectives, winner).map(|text| wrapped(&text, options)));
            blocks.extend(notes.notes.iter().map(|text| wrapped(text, options)));
            blocks.extend(repeat(&of(objectives, winner), notes).map(|text| wrapped(&text, options)));
        }
        None => {
            blocks.push(styled_line(
                &format!("No cluster of up to {} nodes is shown to meet the objectives", notes.max_nodes),
                options,
            ));
            blocks.extend(failure(rows, objectives, notes.max_nodes).map(|text| wrapped(&text, options)));
            blocks.extend(reasons(rows, objectives, notes.max_nodes).map(|text| wrapped(&text, options)));
            blocks.extend(notes.notes.iter().map(|text| wrapped(text, options)));
        }
    }
    blocks.push(sizes(rows, options));
    blocks.push(wrapped(&saved(rows, notes), options));
    for (heading, text) in &notes.configuration {
        blocks.push(format!("{}\n{}", styled_line(heading, options), text.trim_end()));
    }
    blocks.join("\n\n") + "\n"
}

/// A paragraph in the width of the terminal.
fn wrapped(text: &str, options: TerminalOptions) -> String {
    let mut paragraph = table(options);
    paragraph.add_row(vec![text]);
    paragraph.trim_fmt()
}

fn saved(rows: &[PlanRow], notes: &PlanNotes) -> String {
    format!(
        "{} simulations; trying all {} clusters of up to {} nodes would have taken {}: {} saved",
        count(notes.simulations),
        rows.len(),
        notes.max_nodes,
        count(notes.simulations_for_all),
        count(notes.simulations_for_all.saturating_sub(notes.simulations))
    )
}

/// How to repeat the worst replication of the first objective that varies.
fn repeat(rows: &[&PlanObjectiveRow], notes: &PlanNotes) -> Option<String> {
    let row = rows.iter().find(|row| row.worst.is_some() && row.worst != row.value)?;
    let down = row.node_down.map_or_else(String::new, |node| {
        format!(", and with node {node} down for the whole span (a [[fault]] `crash = {{ node = {node}, at = \"0s\", for = … }}`)")
    });
    Some(format!(
        "Seed {}. The worst replication for {} is {} ({}). To repeat it, run the scenario with this configuration{down} \
         and --seed {} --replication {}",
        notes.certified_seed,
        row.objective,
        row.worst_replication?,
        show(row, row.worst),
        notes.certified_seed,
        row.worst_replication?
    ))
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
        let untried = untried(rows, nodes).map_or_else(String::new, |text| format!("; {text}"));
        return Some(format!("Smaller ones that may do, which the replications allowed do not tell: {names}{untried}"));
    }
    failure(rows, objectives, nodes)
}

/// How many clusters of up to this size passed screening and were not tried further, and how to go on.
fn untried(rows: &[PlanRow], nodes: u32) -> Option<String> {
    let passed = rows.iter().filter(|row| row.nodes <= nodes && row.verdict == "passed").count();
    (passed > 0).then(|| {
        format!("{passed} that passed screening were not tried, the most promising were: try more with --max-attempts")
    })
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
    let own = of(objectives, best);
    let with = |verdict: &str| own.iter().find(|objective| objective.verdict == verdict);
    let why = with("missed").or_else(|| with("undecided")).map_or_else(String::new, |row| {
        let down = row.node_down.map_or_else(String::new, |node| format!(" while node {node} is down"));
        let interval = match (row.ci_low, row.ci_high) {
            (Some(_), Some(_)) => format!(" ({} to {})", show(row, row.ci_low), show(row, row.ci_high)),
            _ => String::new(),
        };
        format!("{} is {}{interval}{down}; ", row.objective, show(row, row.value))
    });
    let mut more = if best.verdict == "undecided" { "; allow more with --max-replications" } else { "" }.to_string();
    more.extend(untried(rows, nodes).map(|text| format!("; {text}")));
    let noun = if nodes == 1 { "node" } else { "nodes" };
    Some(format!("{nodes} {noun}, {}: {}: {why}{}{more}", best.pattern, best.verdict, best.limiting))
}

/// What clusters of this size were thrown out for, if not all for the same: how many, and the first one's reason.
fn reasons(rows: &[PlanRow], objectives: &[PlanObjectiveRow], nodes: u32) -> Option<String> {
    let of_size: Vec<&PlanRow> = rows.iter().filter(|row| row.nodes == nodes).collect();
    let mut groups: Vec<(String, usize, String)> = Vec::new();
    for row in &of_size {
        let own = of(objectives, row);
        let missed = own.iter().find(|objective| objective.verdict == "missed");
        // What is missed by calculation is said with its objective.
        let (objective, why) = match (missed, row.limiting.split_once(": ")) {
            (Some(missed), _) => (missed.objective.as_str(), row.limiting.as_str()),
            (None, Some(both)) => both,
            (None, None) => ("", row.limiting.as_str()),
        };
        let verb = match row.verdict.as_str() {
            "missed" => format!("missed {objective}"),
            "unstable" => "overloaded".to_string(),
            "uncovered" => "without a node for a shard".to_string(),
            _ => continue,
        };
        match groups.iter_mut().find(|group| group.0 == verb) {
            Some(group) => group.1 += 1,
            None => groups.push((verb, 1, why.to_string())),
        }
    }
    if groups.len() < 2 {
        return None;
    }
    groups.sort_by_key(|group| std::cmp::Reverse(group.1));
    let shown: Vec<String> = groups.iter().map(|(verb, count, why)| format!("{count} {verb} ({why})")).collect();
    let missed =
        |metric: &str| groups.iter().any(|group| group.0.starts_with(&format!("missed push-notifications.{metric}")));
    let dilemma = if missed("missed.fraction") && missed("copies.mean") {
        ". A push shard of one node loses what comes while that node is down, and each node of a larger one sends a copy: \
         allow more of one of the two, or more nodes if the share of one shard may be lost"
    } else {
        ""
    };
    Some(format!("Of {} such clusters: {}{dilemma}", of_size.len(), shown.join("; ")))
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

/// The chart of what better costs, by the objective that tells most: the first on a time, else the first that sets a limit.
/// Of several cases (a node down) the worst counts.
///
/// # Errors
/// None that a user can cause.
pub fn charts(rows: PlanRows<'_>) -> Result<Vec<Chart>, Problem> {
    let is_limit = |row: &&PlanObjectiveRow| row.objective.contains(" <") || row.objective.contains(" >");
    let first = |is_wanted: &dyn Fn(&&PlanObjectiveRow) -> bool| rows.objectives.iter().find(is_wanted);
    let chosen =
        first(&|row| is_limit(row) && row.unit == "s").or_else(|| first(&is_limit)).or(rows.objectives.first());
    let Some(chosen) = chosen else { return Ok(Vec::new()) };
    let sign = if chosen.objective.contains(" >") { -1.0 } else { 1.0 };
    let candidates = rows.candidates.iter().filter_map(|candidate| {
        let own = of(rows.objectives, candidate).into_iter().filter(|row| row.objective == chosen.objective);
        let worst =
            own.filter_map(|row| Some((row, row.value?))).max_by(|a, b| (sign * a.1).total_cmp(&(sign * b.1)))?;
        Some(Candidate {
            label: candidate.candidate.clone(),
            cost: f64::from(candidate.nodes),
            value: worst.1,
            low: worst.0.ci_low,
            high: worst.0.ci_high,
            meets: candidate.verdict == "certified",
        })
    });
    let axes = CostAxes {
        cost: "nodes".to_string(),
        value: chosen.objective.split_whitespace().next().unwrap_or_default().to_string(),
        unit: chosen.unit.clone(),
        limit: chosen.limit,
    };
    Ok(cost::chart(&axes, &candidates.collect::<Vec<_>>())?.into_iter().collect())
}

/// What the page shows.
pub fn decision<'a>(rows: PlanRows<'_>, notes: &PlanNotes, run: &'a RunInfo, charts: &'a [Chart]) -> Decision<'a> {
    let winner = rows.candidates.iter().find(|row| row.verdict == "certified");
    let is_open = rows.candidates.iter().any(|row| matches!(row.verdict.as_str(), "undecided" | "passed"));
    let (status, sentences) = match winner {
        Some(winner) => {
            let limiting = format!("What is used up first: {}", winner.limiting);
            let smaller = smaller(rows.candidates, rows.objectives, winner);
            ("met", [verdict(winner, notes), limiting].into_iter().chain(smaller).collect::<Vec<_>>())
        }
        None => {
            let none = format!("No cluster of up to {} nodes is shown to meet the objectives", notes.max_nodes);
            let nearest = failure(rows.candidates, rows.objectives, notes.max_nodes);
            let status = if is_open { "undecided" } else { "missed" };
            let reasons = reasons(rows.candidates, rows.objectives, notes.max_nodes);
            (status, [none].into_iter().chain(nearest).chain(reasons).collect())
        }
    };
    let mut believe = notes.notes.clone();
    believe.extend(winner.and_then(|winner| repeat(&of(rows.objectives, winner), notes)));
    believe.push(saved(rows.candidates, notes));
    Decision {
        kind: "plan",
        status,
        verdict: sentences.join(". ") + ".",
        notes: believe,
        charts,
        tables: winner
            .map(|winner| objectives(rows, winner))
            .into_iter()
            .chain([candidates(rows.candidates)])
            .collect(),
        texts: notes.configuration.clone(),
        run,
    }
}

fn objectives(rows: PlanRows<'_>, winner: &PlanRow) -> DataTable {
    let line = |row: &PlanObjectiveRow| {
        vec![
            charts::Cell::words(row.objective.clone()),
            charts::Cell::words(row.node_down.map_or_else(|| "none".to_string(), |node| node.to_string())),
            charts::Cell { text: show(row, row.value), value: row.value },
            charts::Cell::words(format!("{} to {}", show(row, row.ci_low), show(row, row.ci_high))),
            charts::Cell::words(row.verdict.clone()),
        ]
    };
    let columns = ["objective", "node down", "is", "95 % interval or wider", "verdict"];
    DataTable {
        caption: "Objectives of the cluster found".to_string(),
        columns: columns.map(str::to_string).to_vec(),
        rows: of(rows.objectives, winner).into_iter().map(line).collect(),
    }
}

fn candidates(rows: &[PlanRow]) -> DataTable {
    let line = |row: &PlanRow| {
        vec![
            charts::Cell::words(row.candidate.clone()),
            charts::Cell::number(row.nodes.to_string(), f64::from(row.nodes)),
            charts::Cell::words(row.pattern.clone()),
            charts::Cell::words(row.verdict.replace('_', " ")),
            charts::Cell::words(row.limiting.clone()),
            charts::Cell::number(row.simulations.to_string(), row.simulations as f64),
        ]
    };
    let columns = ["cluster", "nodes", "pattern", "verdict", "limited by", "simulations"];
    DataTable {
        caption: "Every cluster considered".to_string(),
        columns: columns.map(str::to_string).to_vec(),
        rows: rows.iter().map(line).collect(),
    }
}
