//! A comparison of layouts on a terminal, in plain words.

use super::format::{Unit, percent};
use super::terminal::{TerminalOptions, colored, head, styled_line, table};
use crate::metrics::catalog::{self, Better};
use crate::metrics::verdicts::{BestRow, CompareRow};
use comfy_table::{Cell, CellAlignment, Color, Row, Table, presets};

/// What a reader must know besides the rows.
#[derive(Debug, Clone, PartialEq)]
pub struct ComparisonNotes {
    /// Replications at the planned looks.
    pub looks: Vec<usize>,
    /// Probability that any statement about a difference is wrong is at most this.
    pub error_rate: f64,
    /// Differences below this fraction of the mean do not matter.
    pub indifference_ratio: f64,
    /// Simulations made.
    pub simulations: u64,
}

/// The comparison as text, ending in a line feed.
pub fn render(
    differences: &[CompareRow],
    best: &[BestRow],
    notes: &ComparisonNotes,
    options: TerminalOptions,
) -> String {
    let mut blocks = Vec::new();
    for group in differences.chunk_by(|a, b| a.metric == b.metric) {
        let metric = group[0].metric.as_str();
        let mut lines = vec![styled_line(&title(metric), options), rows(group, notes, options).trim_fmt()];
        lines.extend(best.iter().filter(|row| row.metric == metric).map(|row| sentence(row, notes)));
        blocks.push(lines.join("\n"));
    }
    let mut paragraph = table(options);
    paragraph.add_row(vec![confidence(differences, notes)]);
    blocks.push(paragraph.trim_fmt());
    blocks.join("\n\n") + "\n"
}

/// The metric and what is good of it.
fn title(metric: &str) -> String {
    match catalog::find(metric).map(|known| known.better) {
        Some(Better::Smaller) => format!("{metric} (less is better)"),
        Some(Better::Larger) => format!("{metric} (more is better)"),
        _ => metric.to_string(),
    }
}

fn rows(group: &[CompareRow], notes: &ComparisonNotes, options: TerminalOptions) -> Table {
    let mut table = table(options);
    table.load_style(presets::UTF8_BORDERS_ONLY);
    let names = ["from", "to", "difference", "it lies between", "n", "verdict"];
    table.set_header(Row::from(names.map(|name| head(name, options)).to_vec()));
    for row in group {
        let unit = Unit::from_name(&row.unit);
        let show = |value: Option<f64>| value.map_or_else(|| "–".to_string(), |value| signed(unit, value));
        let mean = |value: Option<f64>| value.map_or_else(|| "–".to_string(), |value| unit.show(value));
        let change = match (row.difference, row.first_mean) {
            (Some(difference), Some(mean)) if mean != 0.0 && difference != 0.0 => {
                format!(" ({}{})", if difference > 0.0 { "+" } else { "" }, percent(difference / mean.abs()))
            }
            _ => String::new(),
        };
        let (verdict, color) = verdict(row, notes);
        table.add_row(vec![
            Cell::new(format!("{}: {}", row.first, mean(row.first_mean))),
            Cell::new(format!("{}: {}", row.second, mean(row.second_mean))),
            Cell::new(format!("{}{change}", show(row.difference))),
            Cell::new(if row.ci_low == row.ci_high && row.ci_low.is_some() {
                "it is always that".to_string()
            } else {
                format!("{} and {}", show(row.ci_low), show(row.ci_high))
            }),
            Cell::new(row.n),
            colored(&verdict, color, options),
        ]);
    }
    for column in [2, 3, 4] {
        if let Some(column) = table.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table
}

fn signed(unit: Unit, value: f64) -> String {
    format!("{}{}", if value > 0.0 { "+" } else { "" }, unit.show(value))
}

fn verdict(row: &CompareRow, notes: &ComparisonNotes) -> (String, Color) {
    let is_equal = row.difference == Some(0.0) && row.ci_low == row.ci_high;
    match row.verdict.as_str() {
        "same" if is_equal => ("equal in every replication".to_string(), Color::Blue),
        "same" => (format!("the same within {}", percent(notes.indifference_ratio)), Color::Blue),
        "undecided" if row.difference.is_none() => ("undecided: nothing was measured".to_string(), Color::Yellow),
        "undecided" => ("undecided: more replications are needed".to_string(), Color::Yellow),
        _ if !row.better.is_empty() => {
            let zone = row.first_mean.map_or(0.0, |mean| notes.indifference_ratio * mean.abs());
            let is_small = [row.ci_low, row.ci_high].iter().all(|end| end.is_some_and(|end| end.abs() < zone));
            let by =
                if is_small { format!(", by less than {}", percent(notes.indifference_ratio)) } else { String::new() };
            (format!("{} is better{by}", row.better), Color::Green)
        }
        size => (format!("{} is {size}", row.second), Color::Blue),
    }
}

fn sentence(row: &BestRow, notes: &ComparisonNotes) -> String {
    let unit = Unit::from_name(&row.unit);
    let mean = row.mean.map_or_else(String::new, |mean| format!(" ({})", unit.show(mean)));
    let others = row.as_good.replace(' ', ", ");
    match row.verdict.as_str() {
        "alike" => format!("best: all alike ({others}) in every replication"),
        "selected" => {
            let tie = if others.is_empty() { String::new() } else { format!("; as good: {others}") };
            format!(
                "best: {}{mean}, with probability {}, or within {} of the best{tie}",
                row.layout,
                percent(row.confidence_ratio),
                percent(notes.indifference_ratio)
            )
        }
        _ if row.layout.is_empty() => "best: undecided: the metric has no value in every replication".to_string(),
        _ => format!("best: undecided: {}{mean} leads, not to be told from {others}", row.layout),
    }
}

/// How far to believe it.
fn confidence(differences: &[CompareRow], notes: &ComparisonNotes) -> String {
    let last = notes.looks.last().copied().unwrap_or(0);
    let statements = match differences.len() {
        1 => "this statement".to_string(),
        count => format!("any of these {count} statements"),
    };
    let mut text = format!(
        "The probability that {statements} misleads is at most {} (Holm's procedure over the rows, the \
         error rate split over {} planned looks at up to {last} replications); all intervals hold together with {}.",
        percent(notes.error_rate),
        notes.looks.len(),
        percent(1.0 - notes.error_rate)
    );
    let mut ratios: Vec<f64> = differences.iter().filter_map(|row| row.variance_reduction_ratio).collect();
    ratios.sort_by(f64::total_cmp);
    if let Some(median) = ratios.get(ratios.len() / 2) {
        let saved: f64 = differences.iter().filter_map(|row| row.replications_saved).map(|saved| saved.max(0.0)).sum();
        text.push_str(&format!(
            "\nCommon random numbers: with independent seeds the same intervals would take {} times as many replications \
             (median of the rows; {} more in all).",
            Unit::Plain.show(median.max(0.0)),
            Unit::Plain.show(saved.round())
        ));
    }
    let undecided = differences.iter().filter(|row| row.verdict == "undecided").count();
    if undecided > 0 {
        text.push_str(&format!(
            "\n{undecided} of {} differences are undecided: allow more replications with --max-replications.",
            differences.len()
        ));
    }
    text.push_str(&format!("\n{} simulations", notes.simulations));
    text
}
