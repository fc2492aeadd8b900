//! `report.html`: everything in one page that needs no network and, for reading, no script.
//!
//! Order: the verdict, objectives, findings, the layouts, charts, tables, how it was computed. Whatever
//! comes from a user passes the template's escaping; only the charts, which escape by themselves, and the
//! page's own style and script are put in as they are.

pub mod decision;
mod grid;
mod tables;
mod verdict;

use super::charts::{Cell, Chart, DataTable};
use super::findings::{Group, grouped};
use super::format::{self, Unit};
use super::plan::{LayoutPlan, RunInfo};
use super::terminal::objective_value;
use crate::metrics::rows::{ObjectiveRow, Tables};
use crate::source::Problem;
use askama::Template;
use grid::Grid;

/// What a page is made from.
#[derive(Debug, Clone, Copy)]
pub struct PageInput<'a> {
    pub tables: &'a Tables,
    /// One, or several if results of several runs are shown together.
    pub runs: &'a [RunInfo],
    pub plans: &'a [LayoutPlan],
    /// In the order of the page.
    pub charts: &'a [Chart],
}

/// The whole page.
pub fn page(input: PageInput<'_>) -> Result<String, Problem> {
    let page = Page::new(input);
    page.render().map_err(|error| {
        Problem::new(format!("the page cannot be made: {error}"), "this is a fault of the program: please report it")
    })
}

#[derive(Template)]
#[template(path = "report.html")]
struct Page<'a> {
    style: &'static str,
    script: &'static str,
    title: String,
    /// `met`, `missed`, `undecided` or `none`.
    status: &'static str,
    verdict: String,
    layouts: Vec<&'a str>,
    objectives: Vec<Objective<'a>>,
    findings: Vec<Group<'a>>,
    grids: Vec<Grid>,
    charts: &'a [Chart],
    tables: Vec<DataTable>,
    runs: Vec<Run<'a>>,
    warnings: Vec<&'a str>,
}

/// A row of the table of objectives.
struct Objective<'a> {
    row: &'a ObjectiveRow,
    value: String,
    sign: &'static str,
}

/// How a run was made, in words.
struct Run<'a> {
    info: &'a RunInfo,
    duration: String,
    warmup: String,
}

impl<'a> Page<'a> {
    fn new(input: PageInput<'a>) -> Self {
        let layouts = super::aggregate::layouts(input.tables);
        let (status, verdict) = verdict::verdict(input.tables, &layouts);
        let titles: Vec<&str> = input.runs.iter().map(|run| run.title.as_str()).filter(|t| !t.is_empty()).collect();
        Self {
            style: include_str!("../../../assets/report.css"),
            script: include_str!("../../../assets/report.js"),
            title: if titles.is_empty() { "Results of a simulation".to_owned() } else { titles.join(" · ") },
            status,
            verdict,
            layouts,
            objectives: input.tables.objectives.iter().map(|row| objective(input.tables, row)).collect(),
            findings: grouped(&input.tables.findings),
            grids: input.plans.iter().map(Grid::new).collect(),
            charts: input.charts,
            tables: tables::all(input.tables),
            runs: input.runs.iter().map(run).collect(),
            warnings: input.runs.iter().flat_map(|run| run.warnings.iter().map(String::as_str)).collect(),
        }
    }

    fn several(&self) -> bool {
        self.layouts.len() > 1
    }

    fn svg(chart: &'a Chart) -> &'a str {
        &chart.svg
    }

    /// The layout that a row of a table belongs to, if its first column says so.
    fn layout_of<'t>(table: &'t DataTable, row: &'t [Cell]) -> Option<&'t str> {
        let is_named = self::first(&table.columns) == Some("layout");
        row.first().filter(|_| is_named).map(|cell| cell.text.as_str())
    }

    /// Whether a column holds numbers, which stand at its right edge.
    fn is_number(table: &DataTable, column: usize) -> bool {
        table.rows.first().and_then(|row| row.get(column)).is_some_and(|cell| cell.value.is_some())
    }

    fn sort_value(cell: &Cell) -> String {
        cell.value.map_or_else(String::new, |value| value.to_string())
    }
}

fn first(columns: &[String]) -> Option<&str> {
    columns.first().map(String::as_str)
}

fn objective<'a>(tables: &Tables, row: &'a ObjectiveRow) -> Objective<'a> {
    let sign = match row.verdict.as_str() {
        "met" => "✓",
        "missed" => "✗",
        _ => "?",
    };
    Objective { row, value: objective_value(tables, row), sign }
}

fn run(info: &RunInfo) -> Run<'_> {
    Run { info, duration: Unit::Seconds.show(info.duration_s), warmup: format::duration(info.warmup_s) }
}
