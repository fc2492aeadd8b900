//! What a gate found: for a terminal, and for the services of continuous integration.

pub mod benchmarks;
pub mod junit;
pub mod markdown;

use super::format::{Unit, percent, points};
use super::terminal::{TerminalOptions, colored, head, keep_whole, objectives_block, styled_line, table};
use crate::metrics::rows::Tables;
use crate::metrics::verdicts::{GateReport, GateRow};
use comfy_table::{Cell, CellAlignment, Color, Row, presets};

/// The reports as text, ending in a line feed.
pub fn render(reports: &[GateReport], options: TerminalOptions) -> String {
    let blocks: Vec<String> = reports.iter().map(|report| block(report, options)).collect();
    blocks.join("\n\n") + "\n"
}

fn block(report: &GateReport, options: TerminalOptions) -> String {
    let mut lines = vec![styled_line(&format!("{}: {}", report.scenario, summary(report)), options)];
    lines.extend(report.changes.iter().map(|change| format!("since the baseline, {change}")));
    let mut rows = table(options);
    rows.load_style(presets::UTF8_BORDERS_ONLY);
    let names = ["layout", "metric", "baseline", "now", "change", "accepted", "found from", "n", "verdict"];
    rows.set_header(Row::from(names.map(|name| head(name, options)).to_vec()));
    for row in &report.rows {
        let (verdict, color) = match row.verdict.as_str() {
            "equal" => ("equal to the bit", Color::Green),
            "no_regression" => ("no regression", Color::Green),
            "regression" => ("regression", Color::Red),
            _ => ("undecided", Color::Yellow),
        };
        rows.add_row(vec![
            Cell::new(&row.layout),
            Cell::new(&row.metric),
            Cell::new(show(row, row.baseline_mean)),
            Cell::new(show(row, row.mean)),
            Cell::new(change(row)),
            Cell::new(&row.tolerance),
            Cell::new(found_from(row)),
            Cell::new(row.n),
            colored(verdict, color, options),
        ]);
    }
    for column in 2..8 {
        if let Some(column) = rows.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    keep_whole(&mut rows, 0);
    keep_whole(&mut rows, 1);
    lines.push(rows.trim_fmt());
    if !report.objectives.is_empty() {
        let tables = Tables { objectives: report.objectives.clone(), ..Tables::default() };
        lines.push(objectives_block(&tables, true, options));
    }
    let mut paragraph = table(options);
    for row in report.rows.iter().filter(|row| !row.reason.is_empty()) {
        paragraph.add_row(vec![format!("{} of layout {}: {}", row.metric, row.layout, row.reason)]);
    }
    paragraph.add_row(vec![confidence(report)]);
    repeat(report).into_iter().for_each(|text| {
        paragraph.add_row(vec![text]);
    });
    lines.push(paragraph.trim_fmt());
    lines.join("\n")
}

/// A value in the row's unit, or a dash.
fn show(row: &GateRow, value: Option<f64>) -> String {
    value.map_or_else(|| "–".to_string(), |value| Unit::from_name(&row.unit).show(value))
}

/// The change from the baseline: relative, or absolute from a baseline of zero.
fn change(row: &GateRow) -> String {
    let (Some(old), Some(new)) = (row.baseline_mean, row.mean) else { return "–".to_string() };
    let sign = if new > old { "+" } else { "" };
    if old == new {
        "none".to_string()
    } else if old == 0.0 {
        format!("{sign}{}", difference(row, new - old))
    } else {
        format!("{sign}{}", percent((new - old) / old.abs()))
    }
}

/// The change from the baseline's mean from which on it would be found with 90 %.
fn found_from(row: &GateRow) -> String {
    let (Some(change), Some(old)) = (row.found_change, row.baseline_mean) else { return "–".to_string() };
    let sign = if change > 0.0 { "+" } else { "" };
    if old == 0.0 {
        format!("{sign}{}", difference(row, change))
    } else {
        format!("{sign}{}", percent(change / old.abs()))
    }
}

/// A difference in the row's unit; of shares in percentage points, so that it is not taken for a change in per cent.
fn difference(row: &GateRow, value: f64) -> String {
    match Unit::from_name(&row.unit) {
        Unit::Percent => points(value),
        unit => unit.show(value),
    }
}

/// How to repeat the replication that has become worst, of the first metric that did not pass.
fn repeat(report: &GateReport) -> Option<String> {
    let row = report.rows.iter().find(|row| matches!(row.verdict.as_str(), "regression" | "undecided"))?;
    let number = row.worst_replication?;
    Some(format!(
        "Seed {}. {} of layout {} has become worst in replication {number}: {} was {}. This repeats it: rolesim run {} \
         --replication {number}",
        report.seed,
        row.metric,
        row.layout,
        show(row, row.worst),
        show(row, row.worst_baseline),
        report.scenario
    ))
}

/// What came out, in a few words.
fn summary(report: &GateReport) -> String {
    let (total, equal) = (report.rows.len(), report.count("equal"));
    let (worse, open) = (report.count("regression"), report.count("undecided"));
    match (worse, open) {
        (0, 0) if equal == total => format!("equal to the bit in all {total} metrics"),
        (0, 0) => format!("no regression in {total} metrics"),
        (0, _) => format!("undecided in {open} of {total} metrics"),
        (_, 0) => format!("regression in {worse} of {total} metrics"),
        _ => format!("regression in {worse} and undecided in {open} of {total} metrics"),
    }
}

/// What is wrong with a row that did not pass.
fn reason(row: &GateRow) -> String {
    let (Some(excess), Some(low), Some(high)) = (row.excess, row.excess_low, row.excess_high) else {
        return match row.verdict.as_str() {
            "regression" => {
                let why = if row.reason.is_empty() { "nothing was done" } else { &row.reason };
                format!("{} was {} and has no value now: {why}", row.metric, show(row, row.baseline_mean))
            }
            _ if !row.reason.is_empty() => format!("{}: {}", row.metric, row.reason),
            _ => "the metric has no value in some replication".to_string(),
        };
    };
    format!(
        "{} was {} and is {} ({}); worse than the accepted {} by {} (between {} and {}, {} replications)",
        row.metric,
        show(row, row.baseline_mean),
        show(row, row.mean),
        change(row),
        row.tolerance,
        difference(row, excess),
        difference(row, low),
        difference(row, high),
        row.n
    )
}

/// How far to believe it.
fn confidence(report: &GateReport) -> String {
    let last = report.looks.last().copied().unwrap_or(0);
    format!(
        "The probability of any wrong alarm is at most {}, and so is that of any wrong pass (shared by {} metrics and {} \
         planned looks at up to {last} replications, paired with the baseline's); a change for the worse \
         of `found from` is found with at least 90 %, if differences vary as they do here; {} simulations.",
        percent(report.error_rate),
        report.rows.len(),
        report.looks.len(),
        Unit::Plain.show(report.simulations as f64)
    )
}
