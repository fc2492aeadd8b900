//! The folders of `compare` and `plan`: what they write besides the configuration, and their page made again from it.

use super::charts::Chart;
use super::comparison::{self, ComparisonNotes};
use super::csv::{read_rows, write_rows};
use super::folder::cannot_write;
use super::html::decision;
use super::manifest::Manifest;
use super::planning::{self, PlanNotes};
use crate::metrics::rows::ObjectiveRow;
use crate::metrics::verdicts::{BestRow, CompareRow, PlanObjectiveRow, PlanRow};
use crate::source::{Problem, SourceText};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::fs;
use std::path::Path;

/// What a comparison found.
#[derive(Debug, Clone, Copy)]
pub struct ComparisonRows<'a> {
    pub differences: &'a [CompareRow],
    pub best: &'a [BestRow],
    /// Verdicts on the scenario's objectives.
    pub objectives: &'a [ObjectiveRow],
}

/// What a plan found.
#[derive(Debug, Clone, Copy)]
pub struct PlanRows<'a> {
    pub candidates: &'a [PlanRow],
    pub objectives: &'a [PlanObjectiveRow],
}

/// Writes `compare.csv`, `best.csv`, `objectives.csv`, `compare.json`, the manifest, the chart and the page.
///
/// # Errors
/// A file could not be written.
pub fn write_comparison(
    dir: &Path,
    rows: ComparisonRows<'_>,
    notes: &ComparisonNotes,
    manifest: &Manifest,
) -> Result<(), Problem> {
    write_rows(dir, "compare.csv", rows.differences)?;
    write_rows(dir, "best.csv", rows.best)?;
    write_rows(dir, "objectives.csv", rows.objectives)?;
    write_json(dir, "compare.json", notes)?;
    manifest.write(dir)?;
    let charts = comparison::charts(rows.differences)?;
    write_charts(dir, &charts)?;
    write_page(dir, &decision::page(&comparison::decision(rows, notes, &manifest.run_info, &charts))?)
}

/// Writes `plan.csv`, `plan_objectives.csv`, `plan.json`, the manifest, the chart and the page.
///
/// # Errors
/// A file could not be written.
pub fn write_plan(dir: &Path, rows: PlanRows<'_>, notes: &PlanNotes, manifest: &Manifest) -> Result<(), Problem> {
    write_rows(dir, "plan.csv", rows.candidates)?;
    write_rows(dir, "plan_objectives.csv", rows.objectives)?;
    write_json(dir, "plan.json", notes)?;
    manifest.write(dir)?;
    let charts = planning::charts(rows)?;
    write_charts(dir, &charts)?;
    write_page(dir, &decision::page(&planning::decision(rows, notes, &manifest.run_info, &charts))?)
}

/// Whether `compare` or `plan` wrote the folder.
pub fn is_decision(dir: &Path) -> bool {
    dir.join("compare.json").is_file() || dir.join("plan.json").is_file()
}

/// The page of a folder of `compare` or `plan`, from its files.
///
/// # Errors
/// A file cannot be read.
pub fn page_of(dir: &Path) -> Result<String, Problem> {
    let manifest = Manifest::read(dir)?;
    if dir.join("compare.json").is_file() {
        let (differences, best) = (read_rows(dir, "compare.csv")?, read_rows(dir, "best.csv")?);
        let objectives = read_rows(dir, "objectives.csv")?;
        let rows = ComparisonRows { differences: &differences, best: &best, objectives: &objectives };
        let charts = comparison::charts(&differences)?;
        let notes: ComparisonNotes = read_json(dir, "compare.json")?;
        return decision::page(&comparison::decision(rows, &notes, &manifest.run_info, &charts));
    }
    let (candidates, objectives) = (read_rows(dir, "plan.csv")?, read_rows(dir, "plan_objectives.csv")?);
    let rows = PlanRows { candidates: &candidates, objectives: &objectives };
    let charts = planning::charts(rows)?;
    let notes: PlanNotes = read_json(dir, "plan.json")?;
    decision::page(&planning::decision(rows, &notes, &manifest.run_info, &charts))
}

fn write_charts(dir: &Path, charts: &[Chart]) -> Result<(), Problem> {
    let folder = dir.join("charts");
    fs::create_dir_all(&folder).map_err(|error| cannot_write(&folder, &error))?;
    for chart in charts {
        let path = folder.join(format!("{}.svg", chart.file_stem));
        fs::write(&path, &chart.svg).map_err(|error| cannot_write(&path, &error))?;
    }
    Ok(())
}

fn write_page(dir: &Path, html: &str) -> Result<(), Problem> {
    let path = dir.join("report.html");
    fs::write(&path, html).map_err(|error| cannot_write(&path, &error))
}

fn write_json<T: Serialize>(dir: &Path, name: &str, notes: &T) -> Result<(), Problem> {
    let path = dir.join(name);
    // A struct of numbers and texts always has a JSON form.
    let text = serde_json::to_string_pretty(notes).unwrap_or_default();
    fs::write(&path, text + "\n").map_err(|error| cannot_write(&path, &error))
}

fn read_json<T: DeserializeOwned>(dir: &Path, name: &str) -> Result<T, Problem> {
    let path = dir.join(name);
    let shown = path.display().to_string();
    let text = fs::read_to_string(&path).map_err(|error| {
        Problem::new(format!("{shown}: cannot be read: {error}"), "name a folder that rolesim wrote")
    })?;
    serde_json::from_str(&text).map_err(|error| {
        let before = text.split_inclusive('\n').take(error.line().saturating_sub(1)).map(str::len).sum::<usize>();
        let at = (before + error.column().saturating_sub(1)).min(text.len());
        let help = "make the folder again: this file is broken, or of another version";
        Problem::at(&SourceText::new(shown.clone(), text.clone()), at..at, error.to_string(), help)
    })
}
