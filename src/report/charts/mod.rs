//! Charts as SVG, one a file. Each says in its title what it found.
//!
//! Made from the tables alone, without fonts of the system and without randomness: the same tables give the
//! same bytes. Every chart carries its numbers as a [`DataTable`], for those who cannot see it.

mod canvas;
pub mod cost;
pub mod differences;
mod heat;
mod latency;
mod palette;
mod plot;
mod push;
mod resources;
mod series;
mod share;
mod timeline;
mod undone;
mod utilization;
mod welch;

use super::aggregate::{distinct, layouts};
use super::plan::{LayoutPlan, RunInfo};
use crate::metrics::rows::Tables;
use crate::source::Problem;

/// A finished chart.
#[derive(Debug, Clone, PartialEq)]
pub struct Chart {
    /// Name of its file without `.svg`; unique in a run.
    pub file_stem: String,
    /// The layout that it shows; `None` if it compares layouts.
    pub layout: Option<String>,
    /// What it shows, as a heading.
    pub subject: String,
    /// What it found, in a sentence.
    pub title: String,
    /// What there is to see, for those who cannot.
    pub alt: String,
    /// The picture, a whole SVG document.
    pub svg: String,
    /// The numbers behind it.
    pub data: DataTable,
}

/// Numbers behind a chart or a section of a report.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DataTable {
    pub caption: String,
    pub columns: Vec<String>,
    pub rows: Vec<Vec<Cell>>,
}

/// A cell of a [`DataTable`].
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Cell {
    /// As a person reads it.
    pub text: String,
    /// What to sort by; `None` for words.
    pub value: Option<f64>,
}

impl Cell {
    /// A cell of words.
    pub fn words(text: impl Into<String>) -> Self {
        Self { text: text.into(), value: None }
    }

    /// A cell of a number, shown as `text`.
    pub fn number(text: impl Into<String>, value: f64) -> Self {
        Self { text: text.into(), value: Some(value) }
    }
}

/// What charts are made from.
#[derive(Debug, Clone, Copy)]
pub struct ChartInput<'a> {
    pub tables: &'a Tables,
    pub run: &'a RunInfo,
    pub plans: &'a [LayoutPlan],
}

/// One layout of a run, and how its charts are called.
#[derive(Debug, Clone, Copy)]
struct Subject<'a> {
    tables: &'a Tables,
    layout: &'a str,
    /// The only layout of the run needs no mention in titles.
    alone: bool,
    slug: &'a str,
}

impl Subject<'_> {
    fn stem(&self, chart: &str) -> String {
        if self.alone { chart.to_owned() } else { format!("{chart}-{}", self.slug) }
    }

    /// `finding`, with the layout's name before it where there are several.
    fn title(&self, finding: &str) -> String {
        if self.alone { finding.to_owned() } else { format!("{}: {finding}", self.layout) }
    }
}

/// Every chart that the tables have the numbers for, in the order of a report.
pub fn all(input: ChartInput<'_>) -> Result<Vec<Chart>, Problem> {
    let names = layouts(input.tables);
    let slugs = slugs(&names);
    let mut charts = Vec::new();
    charts.extend(push::chart(input.tables)?);
    charts.extend(latency::charts(input.tables)?);
    charts.extend(resources::chart(input.tables, input.run)?);
    for (layout, slug) in names.iter().zip(&slugs) {
        let subject = Subject { tables: input.tables, layout, alone: names.len() == 1, slug };
        charts.extend(utilization::chart(subject)?);
        charts.extend(share::chart(subject, input.plans)?);
        charts.extend(timeline::chart(subject, input.run)?);
        charts.extend(heat::chart(subject, input.run)?);
        charts.extend(welch::chart(subject, input.run)?);
    }
    Ok(charts)
}

/// The layouts of a run, in the order of the tables: a layout has the colour and the marker of its place here in every chart,
/// also where others are absent.
fn places(tables: &Tables) -> Vec<&str> {
    distinct(layouts(tables).into_iter().chain(tables.latency.iter().map(|row| row.layout.as_str())))
}

/// Distinct names for files, one a layout.
fn slugs(layouts: &[&str]) -> Vec<String> {
    let mut slugs: Vec<String> = Vec::with_capacity(layouts.len());
    for (i, layout) in layouts.iter().enumerate() {
        let slug = slug(layout);
        let taken = slug.is_empty() || slugs.contains(&slug);
        slugs.push(if taken {
            format!("{slug}{}{}", if slug.is_empty() { "layout-" } else { "-" }, i + 1)
        } else {
            slug
        });
    }
    slugs
}

/// `name` in lower-case letters, digits and single hyphens.
fn slug(name: &str) -> String {
    let mut slug = String::new();
    for c in name.chars().take(40) {
        if c.is_ascii_alphanumeric() {
            slug.push(c.to_ascii_lowercase());
        } else if !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
    }
    slug.trim_end_matches('-').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn file_names_are_safe_and_distinct() {
        let names = slugs(&["Docs example", "docs/example", "<>", "b"]);
        assert_eq!(names, ["docs-example", "docs-example-2", "layout-3", "b"]);
    }
}
