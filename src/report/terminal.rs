//! The result on a terminal: what a person reads in ten seconds.
//!
//! A table of roles for each layout with its nodes and its push notifications below, then the findings,
//! the worst first, then the objectives. Means over replications; ± is half of the 95 % interval.

use super::aggregate::{Estimate, layouts, sorted};
use super::findings::{Group, Severity, grouped};
use super::format::{self, Unit};
use crate::metrics::rows::{NodeRow, ObjectiveRow, PushRow, RoleRow, Tables};
use crate::statistics::worst_of;
use comfy_table::{Attribute, Cell, CellAlignment, Color, ColumnConstraint, ContentArrangement, Row, Table, presets};
use std::collections::BTreeMap;

/// More nodes than this are summed up.
const NODES_MAX: usize = 12;
/// Of more findings of one rule only so many are spelt out.
const MESSAGES_MAX: usize = 4;
/// Narrower than this, a mean and its half-width do not fit side by side.
const WIDE: u16 = 105;
/// Narrower than this nothing can be read.
const WIDTH_MIN: u16 = 40;

/// How to print.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TerminalOptions {
    /// Whether to use colours.
    pub color: bool,
    /// Columns of the terminal.
    pub width: u16,
}

/// The whole result as text, ending in a line feed.
pub fn render(tables: &Tables, options: TerminalOptions) -> String {
    let names = layouts(tables);
    let mut blocks = Vec::new();
    for layout in &names {
        blocks.push(layout_block(tables, layout, options));
    }
    if !tables.findings.is_empty() {
        blocks.push(findings_block(tables, names.len() > 1, options));
    }
    if !tables.objectives.is_empty() {
        blocks.push(objectives_block(tables, names.len() > 1, options));
    }
    let mut text = blocks.join("\n\n");
    text.push('\n');
    text
}

fn layout_block(tables: &Tables, layout: &str, options: TerminalOptions) -> String {
    let roles: Vec<&RoleRow> = tables.roles.iter().filter(|row| row.layout == layout).collect();
    let nodes: Vec<&NodeRow> = tables.nodes.iter().filter(|row| row.layout == layout && row.role == "all").collect();
    let push: Vec<&PushRow> = tables.push.iter().filter(|row| row.layout == layout && row.shard == "all").collect();
    let runs = sorted(roles.iter().map(|row| row.replication)).len();
    let mut title = styled_line(layout, options);
    let mut parts = vec![role_table(&roles, options).trim_fmt()];
    let mut rest = table(options);
    if let Some(line) = undone_line(&roles) {
        rest.add_row(vec![head("not done", options), Cell::new(line)]);
        keep_whole(&mut rest, 0);
    }
    if !nodes.is_empty() {
        rest.add_row(vec![head("nodes", options), Cell::new(nodes_line(&nodes))]);
    }
    if !push.is_empty() {
        rest.add_row(vec![head("push", options), Cell::new(push_line(&push))]);
    }
    if !rest.is_empty() {
        parts.push(rest.trim_fmt());
    }
    title.push_str("\np50, p99, max: latency of what was done");
    if runs > 1 {
        title.push_str(&format!("\nmeans of {runs} replications, ± half of the 95 % interval"));
        if parts.iter().any(|part| part.contains('(')) {
            title.push_str(", (its ends) where it is cut at what is possible");
        }
    }
    parts.insert(0, title);
    parts.join("\n")
}

fn by_role<'a>(rows: &[&'a RoleRow]) -> BTreeMap<&'a str, Vec<&'a RoleRow>> {
    let mut by_role: BTreeMap<&str, Vec<&RoleRow>> = BTreeMap::new();
    for row in rows {
        by_role.entry(&row.role).or_default().push(row);
    }
    by_role
}

/// The share of each role's tasks that was not done, of the roles that leave some; `None` if none does.
fn undone_line(rows: &[&RoleRow]) -> Option<String> {
    let is_undone = |rows: &[&RoleRow]| rows.iter().any(|row| row.completed < row.created);
    let share = |row: &&RoleRow| Some(row.created.saturating_sub(row.completed) as f64 / row.created as f64);
    let undone = by_role(rows).into_iter().filter(|(_, rows)| is_undone(rows));
    let texts: Vec<String> =
        undone.map(|(role, rows)| format!("{role}: {}", estimate(rows.iter().map(share), Unit::Percent))).collect();
    (!texts.is_empty()).then(|| texts.join(",  "))
}

fn role_table(rows: &[&RoleRow], options: TerminalOptions) -> Table {
    let mut table = table(options);
    table.load_style(presets::UTF8_BORDERS_ONLY);
    table.set_header(Row::from(
        ["role", "created", "p50", "p99", "max", "done twice"].map(|name| head(name, options)).to_vec(),
    ));
    for (role, rows) in by_role(rows).into_iter().filter(|(_, rows)| rows.iter().any(|row| row.created > 0)) {
        let twice = rows.iter().filter(|row| row.executions > 0);
        let twice = twice.map(|row| Some(row.duplicate_executions as f64 / row.executions as f64));
        let cells = [
            estimate(rows.iter().map(|row| Some(row.created as f64)), Unit::Plain),
            estimate(rows.iter().map(|row| row.latency_p50_s), Unit::Seconds),
            estimate(rows.iter().map(|row| row.latency_p99_s), Unit::Seconds),
            estimate(rows.iter().map(|row| row.latency_max_s), Unit::Seconds),
            estimate(twice, Unit::Percent),
        ];
        // Where there is no room for both side by side, the half-width stands below the mean; the ends always do.
        let ends = |text: String| text.replace(" (", "\n(");
        let stacked = |text: String| ends(if options.width < WIDE { text.replace(" ± ", "\n± ") } else { text });
        table.add_row(std::iter::once(role.to_owned()).chain(cells.map(stacked)).collect::<Vec<_>>());
    }
    keep_whole(&mut table, 0);
    for column in table.column_iter_mut().skip(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    table
}

/// The mean with its half-width; a dash where there is nothing.
fn estimate(values: impl Iterator<Item = Option<f64>>, unit: Unit) -> String {
    Estimate::from_values(values.flatten()).map_or_else(|| "–".to_owned(), |e| format::estimate(&e, unit))
}

fn nodes_line(rows: &[&NodeRow]) -> String {
    let mut by_node: BTreeMap<u64, Vec<f64>> = BTreeMap::new();
    for row in rows {
        by_node.entry(row.node).or_default().extend(row.utilization_ratio);
    }
    let mut uses: Vec<(u64, Estimate)> =
        by_node.into_iter().filter_map(|(node, values)| Some((node, Estimate::from_values(values)?))).collect();
    let show = |(node, used): &(u64, Estimate)| format!("{node}: {}", format::estimate(used, Unit::Percent));
    if uses.len() <= NODES_MAX {
        return format!("busy  {}", uses.iter().map(show).collect::<Vec<_>>().join(",  "));
    }
    let total = uses.len();
    uses.sort_by(|a, b| b.1.mean.total_cmp(&a.1.mean).then(a.0.cmp(&b.0)));
    let at = |i: usize| uses.get(i).map_or_else(String::new, |(_, used)| format::percent(used.mean));
    let busiest: Vec<String> = uses.iter().take(3).map(show).collect();
    format!(
        "{total} nodes busy  min {}, median {}, max {};  busiest  {}",
        at(total - 1),
        at(total / 2),
        at(0),
        busiest.join(",  ")
    )
}

fn push_line(rows: &[&PushRow]) -> String {
    let ratio = |part: fn(&PushRow) -> u64, whole: fn(&PushRow) -> u64, unit| {
        let rows = rows.iter().filter(|row| whole(row) > 0);
        estimate(rows.map(|row| Some(part(row) as f64 / whole(row) as f64)), unit)
    };
    format!(
        "{} copies a notification,  {} missed,  {} requests",
        ratio(|row| row.copies, |row| row.delivered, Unit::Plain),
        ratio(|row| row.missed, |row| row.notifications, Unit::Percent),
        estimate(rows.iter().map(|row| Some(row.requests as f64)), Unit::Plain)
    )
}

fn findings_block(tables: &Tables, name_layouts: bool, options: TerminalOptions) -> String {
    let mut table = table(options);
    for Group { first, messages } in &grouped(&tables.findings) {
        let severity = Severity::from_name(&first.severity);
        let color = match severity {
            Severity::Error => Color::Red,
            Severity::Warning => Color::Yellow,
            Severity::Note => Color::Blue,
        };
        let who = if name_layouts && !first.layout.is_empty() { format!("{}: ", first.layout) } else { String::new() };
        let mut lines: Vec<String> = messages.iter().take(MESSAGES_MAX).map(|text| format!("{who}{text}")).collect();
        if messages.len() > MESSAGES_MAX {
            lines.push(format!("… and {} more [{}]", messages.len() - MESSAGES_MAX, first.rule));
        }
        if !first.help.is_empty() {
            lines.push(format!("→ {}", first.help));
        }
        table.add_row(vec![colored(severity.name(), color, options), Cell::new(lines.join("\n"))]);
    }
    format!("{}\n{}", styled_line("Findings, the worst first", options), table.trim_fmt())
}

pub(super) fn objectives_block(tables: &Tables, name_layouts: bool, options: TerminalOptions) -> String {
    let mut table = table(options);
    for row in &tables.objectives {
        let color = match row.verdict.as_str() {
            "met" => Color::Green,
            "missed" => Color::Red,
            _ => Color::Yellow,
        };
        let who = if name_layouts { format!("{}: ", row.layout) } else { String::new() };
        let text = format!("{who}{} — {}", row.objective, objective_value(tables, row));
        table.add_row(vec![colored(&row.verdict, color, options), Cell::new(text)]);
    }
    format!("{}\n{}", styled_line("Objectives", options), table.trim_fmt())
}

/// What was found for an objective, with its interval.
pub fn objective_value(tables: &Tables, row: &ObjectiveRow) -> String {
    let unit = objective_unit(tables, row);
    let worst = match (row.value, row.worst, row.worst_replication) {
        (Some(value), Some(worst), Some(number)) if value != worst => {
            format!("; worst {} in replication {number}", unit.show(worst))
        }
        _ => String::new(),
    };
    let undone = match row.undone {
        0 => String::new(),
        undone => format!("no limit to it in {undone} of {} replications: {}", row.replications, row.reason),
    };
    if row.value.is_none() && row.undone > 0 {
        return undone;
    }
    let unseen = if row.undone > 0 || row.reason.is_empty() { String::new() } else { format!("; {}", row.reason) };
    let counted = match row.n {
        n if n < row.replications => format!("; n = {n} of {} replications", row.replications),
        _ => String::new(),
    };
    let before = if undone.is_empty() { undone } else { format!("{undone}; in the others it ") };
    let found = match (row.value, row.ci_low, row.ci_high) {
        (None, ..) => "nothing was measured".to_owned(),
        (Some(value), Some(low), Some(high)) => {
            format!("is {} (95 % interval {} to {}){worst}", unit.show(value), unit.show(low), unit.show(high))
        }
        (Some(value), ..) => format!("is {} (no interval: one replication)", unit.show(value)),
    };
    let decided = deciding_limits(row).map_or_else(String::new, |(low, high)| {
        format!("; decided by limits adjusted for skewness: {} and {}", unit.show(low), unit.show(high))
    });
    format!("{before}{found}{counted}{decided}{unseen}")
}

/// The limits that decide, where the interval shown would say something else: it is Student's, which takes no heed of
/// skewness.
fn deciding_limits(row: &ObjectiveRow) -> Option<(f64, f64)> {
    let (limit, low, high) = (row.limit?, row.ci_low?, row.ci_high?);
    let is_told_by_interval = limit < low || limit > high;
    let is_told = row.verdict != "undecided";
    let decided = (row.decided_low?, row.decided_high?);
    (row.undone == 0 && row.reason.is_empty() && low < high && is_told != is_told_by_interval).then_some(decided)
}

/// The seed, and how to repeat the worst replication, under any layout, of the first objective that is not met (of the first,
/// if all are).
/// `again` is the command of a run without its replications. `None` if no replication is worse than another.
pub fn repeat_line(objectives: &[ObjectiveRow], seed: u64, again: &str) -> Option<String> {
    let is_told = |row: &&ObjectiveRow| row.worst_replication.is_some() && row.worst != row.value;
    // Of one without a limit there is no worst value.
    let is_endless = |row: &&ObjectiveRow| row.undone > 0 && row.worst.is_none() && row.worst_replication.is_some();
    let told: Vec<&ObjectiveRow> = objectives.iter().filter(|row| is_told(row) || is_endless(row)).collect();
    let first = told.iter().find(|row| row.verdict != "met").or(told.first())?;
    let same: Vec<&ObjectiveRow> = told.iter().copied().filter(|row| row.objective == first.objective).collect();
    let worst: Vec<f64> = same.iter().filter_map(|row| row.worst).collect();
    let comparison = first.objective.split_whitespace().nth(1).and_then(|sign| sign.parse().ok());
    let row = match (same.iter().find(|row| is_endless(row)), comparison, first.limit) {
        (Some(endless), ..) => endless,
        (None, Some(comparison), Some(limit)) => same.get(worst_of(&worst, comparison, limit)?)?,
        _ => first,
    };
    let number = row.worst_replication?;
    Some(format!(
        "Seed {seed}. The worst replication for {} is {number} (layout {}); this repeats it:\n  {again} --replication {number}",
        row.objective, row.layout
    ))
}

/// The unit of an objective's metric: as `summary.csv` has it, else by its name.
fn objective_unit(tables: &Tables, row: &ObjectiveRow) -> Unit {
    let metric = row.objective.split_whitespace().next().unwrap_or_default();
    let summary = tables.summary.iter().find(|summary| summary.metric == metric);
    if let Some(summary) = summary {
        return Unit::from_name(&summary.unit);
    }
    let has = |part: &str| metric.split('.').any(|p| p == part);
    match metric {
        _ if has("latency") || has("wait") || has("service") || metric.ends_with("_s") => Unit::Seconds,
        _ if has("fraction") || has("utilization") || has("share") || metric.ends_with("_ratio") => Unit::Percent,
        _ => Unit::Plain,
    }
}

pub(super) fn table(options: TerminalOptions) -> Table {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    table.set_content_arrangement(ContentArrangement::Dynamic).set_width(options.width.max(WIDTH_MIN));
    if options.color {
        table.enforce_styling();
    } else {
        table.force_no_tty();
    }
    table
}

/// The names in a column are not broken: others give way.
pub(super) fn keep_whole(table: &mut Table, column: usize) {
    if let Some(column) = table.column_mut(column) {
        column.set_constraint(ColumnConstraint::ContentWidth);
    }
}

pub(super) fn head(text: &str, options: TerminalOptions) -> Cell {
    if options.color { Cell::new(text).add_attribute(Attribute::Bold) } else { Cell::new(text) }
}

pub(super) fn colored(text: &str, color: Color, options: TerminalOptions) -> Cell {
    if options.color { Cell::new(text).fg(color).add_attribute(Attribute::Bold) } else { Cell::new(text) }
}

pub(super) fn styled_line(text: &str, options: TerminalOptions) -> String {
    if options.color { format!("\u{1b}[1m{text}\u{1b}[0m") } else { text.to_owned() }
}
