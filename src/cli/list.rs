//! `rolesim list`: the scenarios of a folder with what they are about.

use super::common::{print, scenario_files, terminal_options};
use crate::report::format::{count, list as words};
use crate::scenario::Scenario;
use crate::source::Problem;
use clap::Args;
use comfy_table::{ColumnConstraint, ContentArrangement, Table, presets};
use serde::Serialize;
use std::path::{Path, PathBuf};

/// List the scenarios of a folder.
#[derive(Debug, Args)]
#[command(after_help = "Exit codes: 0 all can be read, 2 one or more cannot: they are listed with their error.")]
pub struct ListArgs {
    /// A folder with scenario files (*.toml), or one file.
    #[arg(default_value = "scenarios", value_name = "DIR")]
    pub path: PathBuf,
    /// Print a list of objects as JSON.
    #[arg(long)]
    pub json: bool,
}

/// What is said of a scenario.
#[derive(Debug, Serialize)]
struct Entry {
    file: String,
    /// What is wrong with it; the rest is missing then.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
    #[serde(flatten)]
    about: Option<About>,
}

#[derive(Debug, Serialize)]
struct About {
    title: String,
    description: String,
    layouts: Vec<String>,
    versions: Vec<String>,
    nodes: usize,
    accounts: u32,
    duration: String,
    duration_s: f64,
    replications: u32,
}

impl Entry {
    fn read(path: &Path) -> Self {
        let file = path.display().to_string();
        match Scenario::read(path) {
            Ok(scenario) => Self { file, error: None, about: Some(About::of(&scenario)) },
            Err(problem) => {
                let line = format!("{problem}; {}", problem.help);
                Self { file, error: Some(line.split_whitespace().collect::<Vec<_>>().join(" ")), about: None }
            }
        }
    }
}

impl About {
    fn of(scenario: &Scenario) -> Self {
        let mut versions: Vec<String> = Vec::new();
        for server in &scenario.servers {
            let version = server.version.to_string();
            if !versions.contains(&version) {
                versions.push(version);
            }
        }
        Self {
            title: scenario.title.clone(),
            description: scenario.description.clone(),
            layouts: scenario.layouts.iter().map(|layout| layout.name.clone()).collect(),
            versions,
            nodes: scenario.nodes.len(),
            accounts: scenario.workload.accounts,
            duration: scenario.duration.to_string(),
            duration_s: scenario.duration.as_secs_f64(),
            replications: scenario.replications,
        }
    }
}

/// Runs the command; the exit code says whether all scenarios can be read.
///
/// # Errors
/// The folder cannot be read or has no scenario.
pub fn run(args: &ListArgs) -> Result<u8, Problem> {
    let entries: Vec<Entry> = scenario_files(&args.path)?.iter().map(|path| Entry::read(path)).collect();
    if args.json {
        print(&format!("{:#}\n", serde_json::json!(entries)))?;
    } else {
        print(&table(&entries))?;
    }
    Ok(if entries.iter().any(|entry| entry.error.is_some()) { 2 } else { 0 })
}

/// A table of the scenarios, then a line for each broken file.
fn table(entries: &[Entry]) -> String {
    let mut table = Table::new();
    table.load_style(presets::UTF8_FULL_CONDENSED).set_content_arrangement(ContentArrangement::Dynamic);
    table.set_width(terminal_options().width);
    table.set_header(["file", "about", "layouts", "nodes", "accounts", "duration"]);
    let (mut text, mut broken) = (String::new(), String::new());
    for entry in entries {
        if let Some(about) = &entry.about {
            let shown = if about.description.is_empty() { &about.title } else { &about.description };
            let file = Path::new(&entry.file).file_name().unwrap_or_default().to_string_lossy().into_owned();
            table.add_row([
                file,
                shown.clone(),
                words(&about.layouts),
                about.nodes.to_string(),
                count(u64::from(about.accounts)),
                about.duration.clone(),
            ]);
        }
        if let Some(error) = &entry.error {
            // Errors with a place name their file already.
            let file = if error.starts_with(&entry.file) { String::new() } else { format!("{}: ", entry.file) };
            broken.push_str(&format!("error: {file}{error}\n"));
        }
    }
    // Names of files stay whole, to be copied.
    if let Some(column) = table.column_mut(0) {
        column.set_constraint(ColumnConstraint::ContentWidth);
    }
    if !table.is_empty() {
        text.push_str(&format!("{table}\n"));
    }
    text + &broken
}
