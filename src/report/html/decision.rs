//! `report.html` of a comparison or a plan: the verdict, how far to believe it, charts, tables, what to paste.

use crate::report::charts::{Chart, DataTable};
use crate::report::plan::RunInfo;
use crate::source::Problem;
use askama::Template;

/// What the page shows.
#[derive(Debug, Clone, Template)]
#[template(path = "decision.html")]
pub struct Decision<'a> {
    /// `comparison` or `plan`.
    pub kind: &'static str,
    /// `met`, `missed`, `undecided` or `none`.
    pub status: &'static str,
    /// The answer in a sentence or several.
    pub verdict: String,
    /// How far to believe it, a paragraph each.
    pub notes: Vec<String>,
    pub charts: &'a [Chart],
    pub tables: Vec<DataTable>,
    /// Texts to paste, each with its heading.
    pub texts: Vec<(String, String)>,
    pub run: &'a RunInfo,
}

/// The whole page.
///
/// # Errors
/// None that a user can cause.
pub fn page(decision: &Decision<'_>) -> Result<String, Problem> {
    decision.render().map_err(|error| {
        Problem::new(format!("the page cannot be made: {error}"), "this is a fault of the program: please report it")
    })
}

impl<'a> Decision<'a> {
    fn style(&self) -> &'static str {
        include_str!("../../../assets/report.css")
    }

    fn script(&self) -> &'static str {
        include_str!("../../../assets/report.js")
    }

    fn svg(chart: &'a Chart) -> &'a str {
        &chart.svg
    }

    /// Whether a column holds numbers, which stand at its right edge.
    fn is_number(table: &DataTable, column: usize) -> bool {
        table.rows.first().and_then(|row| row.get(column)).is_some_and(|cell| cell.value.is_some())
    }
}
