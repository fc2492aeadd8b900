//! A comparison of layouts in plain words, on a terminal and as a page.

use super::aggregate::distinct;
use super::charts::differences::{self, Difference};
use super::charts::{self, Chart, DataTable};
use super::decisions::ComparisonRows;
use super::format::{Unit, percent, points};
use super::html::decision::Decision;
use super::plan::RunInfo;
use super::terminal::{TerminalOptions, colored, head, objective_value, objectives_block, styled_line, table};
use crate::metrics::rows::{ObjectiveRow, Tables};
use crate::metrics::verdicts::{BestRow, CompareRow};
use crate::source::Problem;
use comfy_table::{Cell, CellAlignment, Color, Row, Table, presets};
use serde::{Deserialize, Serialize};

/// What a reader must know besides the rows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
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
pub fn render(shown: ComparisonRows<'_>, notes: &ComparisonNotes, options: TerminalOptions) -> String {
    let ComparisonRows { differences, best, objectives } = shown;
    let mut blocks = Vec::new();
    for group in differences.chunk_by(|a, b| a.metric == b.metric) {
        let metric = group[0].metric.as_str();
        let mut lines = vec![styled_line(&title(metric, best), options), rows(group, notes, options).trim_fmt()];
        lines.extend(best.iter().filter(|row| row.metric == metric).map(|row| sentence(row, notes)));
        blocks.push(lines.join("\n"));
    }
    if !objectives.is_empty() {
        let tables = Tables { objectives: objectives.to_vec(), ..Tables::default() };
        blocks.push(format!("{}\n{}", objectives_block(&tables, true, options), who_meets(objectives)));
    }
    let mut paragraph = table(options);
    paragraph.add_row(vec![confidence(differences, notes).join("\n")]);
    blocks.push(paragraph.trim_fmt());
    blocks.join("\n\n") + "\n"
}

/// Which layouts meet every objective: the best of them by a metric may miss others.
fn who_meets(objectives: &[ObjectiveRow]) -> String {
    let layouts = distinct(objectives.iter().map(|row| row.layout.as_str()));
    let meets = |layout: &&str| objectives.iter().filter(|row| row.layout == *layout).all(|row| row.verdict == "met");
    let misses = |layout: &&str| objectives.iter().any(|row| row.layout == *layout && row.verdict == "missed");
    let open: Vec<&str> = layouts.iter().copied().filter(|layout| !meets(layout) && !misses(layout)).collect();
    let good: Vec<&str> = layouts.iter().copied().filter(meets).collect();
    let text = match good.as_slice() {
        [] if open.is_empty() => "No layout meets all objectives".to_string(),
        [] => format!("No layout is shown to meet all objectives; undecided: {}", open.join(", ")),
        [one] => format!("Only {one} meets all objectives"),
        all if all.len() == layouts.len() => "Every layout meets all objectives".to_string(),
        some => format!("{} meet all objectives", some.join(", ")),
    };
    format!("{text}.")
}

/// The metric and what is good of it, as the selection of the best takes it.
fn title(metric: &str, best: &[BestRow]) -> String {
    match best.iter().find(|row| row.metric == metric).map(|row| row.goal.as_str()) {
        Some("smallest") => format!("{metric} (less is better)"),
        Some("largest") => format!("{metric} (more is better)"),
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
        let mean = |value: Option<f64>| value.map_or_else(|| "–".to_string(), |value| unit.show(value));
        let (verdict, color) = verdict(row, notes);
        table.add_row(vec![
            Cell::new(format!("{}: {}", row.first, mean(row.first_mean))),
            Cell::new(format!("{}: {}", row.second, mean(row.second_mean))),
            Cell::new(difference(row)),
            Cell::new(interval(row)),
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

/// A difference of shares is in percentage points, so that it is not taken for a change in per cent.
fn signed(unit: Unit, value: f64) -> String {
    let shown = if unit == Unit::Percent { points(value) } else { unit.show(value) };
    format!("{}{shown}", if value > 0.0 { "+" } else { "" })
}

fn show_signed(row: &CompareRow, value: Option<f64>) -> String {
    value.map_or_else(|| "–".to_string(), |value| signed(Unit::from_name(&row.unit), value))
}

/// The difference, and in brackets what it is of the first layout's mean.
fn difference(row: &CompareRow) -> String {
    let change = match (row.difference, row.first_mean) {
        (Some(difference), Some(mean)) if mean != 0.0 && difference != 0.0 => {
            format!(" ({}{})", if difference > 0.0 { "+" } else { "" }, percent(difference / mean.abs()))
        }
        _ => String::new(),
    };
    format!("{}{change}", show_signed(row, row.difference))
}

fn interval(row: &CompareRow) -> String {
    if row.ci_low == row.ci_high && row.ci_low.is_some() {
        "it is always that".to_string()
    } else {
        format!("{} and {}", show_signed(row, row.ci_low), show_signed(row, row.ci_high))
    }
}

fn verdict(row: &CompareRow, notes: &ComparisonNotes) -> (String, Color) {
    let is_equal = row.difference == Some(0.0) && row.ci_low == row.ci_high;
    match row.verdict.as_str() {
        "same" if is_equal => ("equal in every replication".to_string(), Color::Blue),
        "same" => (format!("the same within {}", percent(notes.indifference_ratio)), Color::Blue),
        "undecided" if row.difference.is_none() => (format!("undecided: {}", without_value(row)), Color::Yellow),
        "undecided" => ("undecided: more replications are needed".to_string(), Color::Yellow),
        _ if !row.better.is_empty() && row.difference.is_none() => {
            let other = if row.better == row.first { &row.second } else { &row.first };
            (format!("{} is better: {other} never does all of it", row.better), Color::Green)
        }
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

/// In which layout the metric does not exist: more replications would not help.
fn without_value(row: &CompareRow) -> String {
    let sides = [(&row.first, row.first_mean), (&row.second, row.second_mean)];
    let without: Vec<&str> = sides.iter().filter(|(_, mean)| mean.is_none()).map(|(name, _)| name.as_str()).collect();
    format!(
        "{} has no value for it in some replication (nothing to do, or too much never done); more replications do not help",
        without.join(" and ")
    )
}

fn sentence(row: &BestRow, notes: &ComparisonNotes) -> String {
    let unit = Unit::from_name(&row.unit);
    // Its own number of replications: a selection may end earlier or later than a difference.
    let mean = row.mean.map_or_else(String::new, |mean| format!(" ({} in {} replications)", unit.show(mean), row.n));
    let others = &row.as_good;
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
        _ if row.layout.is_empty() => {
            "best: undecided: the metric does not have a value in each replication of each layout".to_string()
        }
        _ if others.is_empty() => format!("best: undecided: {}{mean} leads", row.layout),
        _ => format!("best: undecided: {}{mean} leads, not to be told from {others}", row.layout),
    }
}

/// How far to believe it.
fn confidence(differences: &[CompareRow], notes: &ComparisonNotes) -> Vec<String> {
    let last = notes.looks.last().copied().unwrap_or(0);
    let statements = match differences.len() {
        1 => "this statement".to_string(),
        count => format!("any of these {count} statements"),
    };
    let mut texts = vec![format!(
        "The probability that {statements} misleads is at most {} (Holm's procedure over the rows, the \
         error rate split over {} planned looks at up to {last} replications); all intervals hold together with {}.",
        percent(notes.error_rate),
        notes.looks.len(),
        percent(1.0 - notes.error_rate)
    )];
    let mut ratios: Vec<f64> = differences.iter().filter_map(|row| row.variance_reduction_ratio).collect();
    ratios.sort_by(f64::total_cmp);
    if let Some(median) = ratios.get(ratios.len() / 2) {
        let saved: f64 = differences.iter().filter_map(|row| row.replications_saved).map(|saved| saved.max(0.0)).sum();
        texts.push(format!(
            "Common random numbers: with independent seeds the same intervals would take {} times as many replications \
             (median of the rows; {} more in all).",
            Unit::Plain.show(median.max(0.0)),
            Unit::Plain.show(saved.round())
        ));
    }
    let equal = differences.iter().filter(|row| row.n > 0 && row.ci_low.is_some() && row.ci_low == row.ci_high);
    if let Some(n) = equal.map(|row| row.n).min() {
        texts.push(format!(
            "What is the same in all of {n} replications may still differ in {} of all replications, with 95 %: rare events \
             need more.",
            percent(1.0 - 0.05_f64.powf(1.0 / f64::from(n)))
        ));
    }
    let groups = differences.chunk_by(|a, b| a.metric == b.metric);
    if groups.into_iter().any(|group| group.iter().any(|row| row.n != group[0].n)) {
        texts.push(
            "A difference is shown as it was when it was decided: means of one layout in two rows may rest on other \
             numbers of replications (n)."
                .to_string(),
        );
    }
    let is_open = |row: &&CompareRow| row.verdict == "undecided" && row.difference.is_some();
    let undecided = differences.iter().filter(is_open).count();
    if undecided > 0 {
        texts.push(format!(
            "{undecided} of {} differences are undecided: allow more replications with --max-replications.",
            differences.len()
        ));
    }
    texts.push(format!("{} simulations", notes.simulations));
    texts
}

/// The chart of differences. All intervals hold together with 95 %, so each is wider than one of its own.
///
/// # Errors
/// None that a user can cause.
pub fn charts(rows: &[CompareRow]) -> Result<Vec<Chart>, Problem> {
    let drawn = rows.iter().filter_map(|row| {
        Some(Difference {
            label: format!("{}: {} − {}", row.metric, row.second, row.first),
            difference: row.difference?,
            low: row.ci_low,
            high: row.ci_high,
            unit: row.unit.clone(),
        })
    });
    let chart = differences::chart("Differences between layouts", &drawn.collect::<Vec<_>>())?;
    Ok(chart.into_iter().collect())
}

/// What the page shows.
pub fn decision<'a>(
    rows: ComparisonRows<'_>,
    notes: &ComparisonNotes,
    run: &'a RunInfo,
    charts: &'a [Chart],
) -> Decision<'a> {
    let is_open = rows.differences.iter().any(|row| row.verdict == "undecided")
        || rows.best.iter().any(|row| row.verdict == "undecided");
    let sentences = rows.best.iter().map(|row| format!("{}: {}.", row.metric, sentence(row, notes)));
    let mut verdict = sentences.collect::<Vec<_>>().join(" ");
    if verdict.is_empty() {
        verdict = "No metric judges the layouts.".to_string();
    }
    if !rows.objectives.is_empty() {
        verdict = format!("{verdict} {}", who_meets(rows.objectives));
    }
    let mut tables = vec![differences_table(rows.differences, notes)];
    if !rows.objectives.is_empty() {
        tables.push(objectives_table(rows));
    }
    let notes = confidence(rows.differences, notes);
    let status = if is_open { "undecided" } else { "none" };
    Decision { kind: "comparison", status, verdict, notes, charts, tables, texts: Vec::new(), run }
}

fn differences_table(rows: &[CompareRow], notes: &ComparisonNotes) -> DataTable {
    let columns = ["metric", "from", "to", "difference", "it lies between", "replications", "verdict"];
    let line = |row: &CompareRow| {
        let unit = Unit::from_name(&row.unit);
        let side = |layout: &str, mean: Option<f64>| {
            charts::Cell::words(format!("{layout}: {}", mean.map_or_else(|| "–".to_string(), |mean| unit.show(mean))))
        };
        vec![
            charts::Cell::words(row.metric.clone()),
            side(&row.first, row.first_mean),
            side(&row.second, row.second_mean),
            charts::Cell { text: difference(row), value: row.difference },
            charts::Cell::words(interval(row)),
            charts::Cell::number(row.n.to_string(), f64::from(row.n)),
            charts::Cell::words(verdict(row, notes).0),
        ]
    };
    DataTable {
        caption: "Differences between layouts, the second minus the first".to_string(),
        columns: columns.map(str::to_string).to_vec(),
        rows: rows.iter().map(line).collect(),
    }
}

fn objectives_table(rows: ComparisonRows<'_>) -> DataTable {
    let line = |row: &ObjectiveRow| {
        let found = objective_value(&Tables::default(), row);
        [&row.layout, &row.objective, &row.verdict, &found].map(|text| charts::Cell::words(text.clone())).to_vec()
    };
    DataTable {
        caption: "Objectives".to_string(),
        columns: ["layout", "objective", "verdict", "found"].map(str::to_string).to_vec(),
        rows: rows.objectives.iter().map(line).collect(),
    }
}
