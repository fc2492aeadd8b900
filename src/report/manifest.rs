//! `manifest.json`: what a result is the result of. Nothing in it varies from run to run.

use super::plan::{LayoutPlan, RunInfo};
use crate::source::{Problem, SourceText};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// The content of `manifest.json`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Manifest {
    pub scenario_title: String,
    pub scenario_file: String,
    pub rolesim_version: String,
    pub server_version: String,
    pub seed: u64,
    /// SHA-256 in hexadecimal of every file that was read, by its name.
    pub hashes: BTreeMap<String, String>,
    pub run_info: RunInfo,
    pub plans: Vec<LayoutPlan>,
    /// The scenario with every default filled in.
    pub scenario: serde_json::Value,
}

impl Manifest {
    /// The manifest of the run `run_info` of the resolved `scenario`.
    pub fn new(
        run_info: RunInfo,
        plans: Vec<LayoutPlan>,
        hashes: BTreeMap<String, String>,
        scenario: serde_json::Value,
    ) -> Self {
        Self {
            scenario_title: run_info.title.clone(),
            scenario_file: run_info.scenario_file.clone(),
            rolesim_version: run_info.rolesim_version.clone(),
            server_version: run_info.server_version.clone(),
            seed: run_info.seed,
            hashes,
            run_info,
            plans,
            scenario,
        }
    }

    /// Writes `manifest.json` into the folder `dir`.
    pub fn write(&self, dir: &Path) -> Result<(), Problem> {
        let path = dir.join("manifest.json");
        let failed = |error: &dyn std::fmt::Display| {
            Problem::machine(format!("{}: cannot be written: {error}", path.display()), "is there room?")
        };
        let mut text = serde_json::to_string_pretty(self).map_err(|e| failed(&e))?;
        text.push('\n');
        fs::write(&path, text).map_err(|e| failed(&e))
    }

    /// Reads `manifest.json` of the folder `dir`.
    pub fn read(dir: &Path) -> Result<Self, Problem> {
        let path = dir.join("manifest.json");
        let shown = path.display().to_string();
        let text = fs::read_to_string(&path).map_err(|error| {
            let inside = results_in(dir);
            let help = if inside.is_empty() {
                "name a folder that `rolesim run` wrote".to_owned()
            } else {
                format!("name one or several of the results in it: {}", inside.join(", "))
            };
            Problem::new(format!("{shown}: cannot be read: {error}"), help)
        })?;
        serde_json::from_str(&text).map_err(|error| {
            let source = SourceText::new(shown, text.clone());
            let line_start =
                text.split_inclusive('\n').take(error.line().saturating_sub(1)).map(str::len).sum::<usize>();
            let at = (line_start + error.column().saturating_sub(1)).min(text.len());
            Problem::at(
                &source,
                at..at,
                error.to_string(),
                "run the scenario again: this manifest is of another version",
            )
        })
    }
}

/// The first few folders in `dir` that hold a result.
fn results_in(dir: &Path) -> Vec<String> {
    let entries = fs::read_dir(dir).into_iter().flatten().flatten();
    let mut inside: Vec<String> = entries
        .map(|entry| entry.path())
        .filter(|path| path.join("manifest.json").is_file())
        .map(|path| path.display().to_string())
        .collect();
    inside.sort();
    inside.truncate(5);
    inside
}
