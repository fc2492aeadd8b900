//! `rolesim layout`: what each node derives from a layout, in one or several server versions.

mod derived;

use super::check::{inferred_version, read_layout};
use super::cluster_args::{ClusterArgs, parse_version};
use super::output;
use crate::layout::ServerVersion;
use crate::source::Problem;
use clap::{Args, ValueEnum};
use comfy_table::{ContentArrangement, Table, presets};
use derived::{Derived, differences};
use serde_json::{Map, Value, json};
use std::path::PathBuf;

/// Arguments of `rolesim layout`.
#[derive(Debug, Clone, Args)]
pub struct LayoutArgs {
    /// A layout: the server's config.toml, or ClusterRole objects in JSON
    pub layout: PathBuf,
    #[command(flatten)]
    pub cluster: ClusterArgs,
    /// Version of the server: 0.13, 0.14, 0.15, 0.16 or documented; several are compared [default: the
    /// latest whose keys the layout uses]
    #[arg(long, value_name = "VERSION")]
    pub version: Vec<String>,
    /// How to write the result
    #[arg(long, value_enum, default_value_t = LayoutFormat::Table)]
    pub format: LayoutFormat,
}

/// How `rolesim layout` writes its result.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LayoutFormat {
    /// A table per version, and what changes between them
    Table,
    /// One JSON object
    Json,
    /// One row per version, role and node
    Csv,
}

/// Runs the command; returns the exit code.
///
/// # Errors
/// The input or the usage is wrong.
pub fn run(args: &LayoutArgs) -> Result<u8, Problem> {
    let layout = read_layout(&args.layout)?;
    let nodes = args.cluster.nodes(&layout)?;
    let mut versions: Vec<ServerVersion> =
        args.version.iter().map(|text| parse_version(text)).collect::<Result<_, _>>()?;
    if versions.is_empty() {
        versions.push(inferred_version(&layout));
    }
    let all: Vec<Derived> = versions.into_iter().map(|version| Derived::new(&layout, &nodes, version)).collect();
    let text = match args.format {
        LayoutFormat::Table => tables(&all),
        LayoutFormat::Json => to_json(&layout.name, &all),
        LayoutFormat::Csv => to_csv(&all)?,
    };
    Ok(output::print_and_exit(&text, 0))
}

const LEGEND: &str = "all: does all of the work; 1/2: does shard 1 of 2; -: does nothing of it\n";

fn tables(all: &[Derived]) -> String {
    let mut text = String::new();
    for (index, derived) in all.iter().enumerate() {
        text.push_str(&format!("server {}\n{}\n", derived.version, table(derived)));
        for problem in &derived.problems {
            text.push_str(&format!("{problem}\n"));
        }
        if let Some(previous) = index.checked_sub(1).and_then(|index| all.get(index)) {
            text.push_str(&format!("\nchanges from {} to {}\n", previous.version, derived.version));
            let changes = differences(previous, derived);
            for change in &changes {
                text.push_str(&format!("  {change}\n"));
            }
            if changes.is_empty() {
                text.push_str("  none\n");
            }
        }
        text.push('\n');
    }
    text.push_str(LEGEND);
    text
}

fn table(derived: &Derived) -> String {
    let mut table = Table::new();
    table.load_style(presets::ASCII_MARKDOWN).set_content_arrangement(ContentArrangement::Disabled);
    let columns = derived.columns();
    let header = columns.iter().map(|column| derived::ids_text(&column.nodes));
    table.set_header(std::iter::once("node".to_owned()).chain(header));
    for (row, (role, _)) in derived.rows.iter().enumerate() {
        let cells = columns.iter().map(|column| column.cells[row].clone());
        table.add_row(std::iter::once(role.clone()).chain(cells));
    }
    let lines: Vec<String> = table.lines().map(|line| line.trim_end().to_owned()).collect();
    lines.join("\n")
}

fn to_json(name: &str, all: &[Derived]) -> String {
    let versions: Vec<Value> = all
        .iter()
        .map(|derived| {
            let roles: Map<String, Value> = derived
                .rows
                .iter()
                .map(|(role, cells)| {
                    let nodes = derived.nodes.iter().zip(cells);
                    let nodes: Map<String, Value> = nodes.map(|(id, cell)| (id.to_string(), json!(cell))).collect();
                    (role.clone(), Value::Object(nodes))
                })
                .collect();
            json!({ "version": derived.version.name(), "roles": roles, "problems": derived.problems })
        })
        .collect();
    format!("{:#}\n", json!({ "layout": name, "versions": versions }))
}

fn to_csv(all: &[Derived]) -> Result<String, Problem> {
    let wrong = |error: &dyn std::fmt::Display| Problem::new(format!("cannot write CSV: {error}"), "report this");
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(["version", "role", "node", "assignment"]).map_err(|error| wrong(&error))?;
    for derived in all {
        for (role, cells) in &derived.rows {
            for (id, cell) in derived.nodes.iter().zip(cells) {
                let record = [derived.version.name(), role, &id.to_string(), cell];
                writer.write_record(record).map_err(|error| wrong(&error))?;
            }
        }
    }
    let bytes = writer.into_inner().map_err(|error| wrong(&error))?;
    String::from_utf8(bytes).map_err(|error| wrong(&error))
}
