//! `rolesim layout`: what each node derives from a layout, in one or several server versions.

mod derived;

use super::check::{assumption, inferred_version, is_scenario_file, read_layout};
use super::cluster_args::{ClusterArgs, parse_version};
use super::output;
use crate::layout::Layout;
use crate::layout::rules::NodeInfo;
use crate::scenario::Scenario;
use crate::source::Problem;
use clap::{Args, ValueEnum};
use comfy_table::{ContentArrangement, Table, presets};
use derived::{Derived, differences};
use serde_json::{Map, Value, json};
use std::path::PathBuf;

/// Arguments of `rolesim layout`.
#[derive(Debug, Clone, Args)]
pub struct LayoutArgs {
    /// A layout (the server's config.toml, or ClusterRole objects in JSON) or a scenario, each of whose layouts is shown
    pub layout: PathBuf,
    #[command(flatten)]
    pub cluster: ClusterArgs,
    /// Version of the server: 0.13, 0.14, 0.15, 0.16 or documented; several are compared [default: the
    /// scenario's, or the latest whose keys the layout uses]
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
    /// One row per version, role and node; with the layout first for a scenario
    Csv,
}

/// Runs the command; returns the exit code.
///
/// # Errors
/// The input or the usage is wrong.
pub fn run(args: &LayoutArgs) -> Result<u8, Problem> {
    if is_scenario_file(&args.layout) {
        return of_scenario(args);
    }
    let layout = read_layout(&args.layout)?;
    let nodes = args.cluster.nodes(&layout)?;
    let given = args.version.iter().map(String::as_str);
    let inferred = inferred_version(&layout);
    let versions: Vec<&str> = if args.version.is_empty() { vec![inferred.name()] } else { given.collect() };
    let all = derive(&layout, &nodes, &versions)?;
    args.cluster.check_meaning(versions.iter().copied())?;
    let text = match args.format {
        LayoutFormat::Table if args.version.is_empty() => {
            format!("{}{}{LEGEND}", assumption(&layout, inferred.name()), tables(&all))
        }
        LayoutFormat::Table => tables(&all) + LEGEND,
        LayoutFormat::Json => format!("{:#}\n", to_json(&layout.name, &all)),
        LayoutFormat::Csv => to_csv(&[(None, all)])?,
    };
    Ok(output::print_and_exit(&text, 0))
}

/// Every layout of a scenario, with its nodes and its version.
fn of_scenario(args: &LayoutArgs) -> Result<u8, Problem> {
    let scenario = Scenario::read(&args.layout)?;
    let nodes = args.cluster.nodes_of(&scenario)?;
    let mut layouts: Vec<(Option<&str>, Vec<Derived>)> = Vec::new();
    for layout in &scenario.layouts {
        let own = scenario.server(layout).version.to_string();
        let given = args.version.iter().map(String::as_str);
        let versions: Vec<&str> = if args.version.is_empty() { vec![own.as_str()] } else { given.collect() };
        layouts.push((Some(&layout.name), derive(layout, &nodes, &versions)?));
    }
    let derived = layouts.iter().flat_map(|(_, all)| all);
    args.cluster.check_meaning(derived.map(|derived| derived.version.as_str()))?;
    let named = || layouts.iter().map(|(name, all)| (name.unwrap_or_default(), all));
    let text = match args.format {
        LayoutFormat::Table => {
            let table = |(name, all): (&str, &Vec<Derived>)| format!("layout {name}\n{}", tables(all));
            named().map(table).collect::<String>() + LEGEND
        }
        LayoutFormat::Json => {
            let all: Vec<Value> = named().map(|(name, all)| to_json(name, all)).collect();
            format!("{:#}\n", json!({ "layouts": all }))
        }
        LayoutFormat::Csv => to_csv(&layouts)?,
    };
    Ok(output::print_and_exit(&text, 0))
}

/// What the nodes derive from a layout in each of the versions.
fn derive(layout: &Layout, nodes: &[NodeInfo], versions: &[&str]) -> Result<Vec<Derived>, Problem> {
    let derived = |shown: &&str| Ok(Derived::new(layout, nodes, parse_version(shown)?, shown));
    versions.iter().map(derived).collect()
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

fn to_json(name: &str, all: &[Derived]) -> Value {
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
            json!({ "version": derived.version, "roles": roles, "problems": derived.problems })
        })
        .collect();
    json!({ "layout": name, "versions": versions })
}

/// `layouts`: with a name, for a first column, if there can be several.
fn to_csv(layouts: &[(Option<&str>, Vec<Derived>)]) -> Result<String, Problem> {
    let wrong = |error: &dyn std::fmt::Display| Problem::new(format!("cannot write CSV: {error}"), "report this");
    let mut writer = csv::Writer::from_writer(Vec::new());
    let first = layouts.iter().find_map(|(name, _)| *name).map(|_| "layout");
    let header = first.into_iter().chain(["version", "role", "node", "assignment"]);
    writer.write_record(header).map_err(|error| wrong(&error))?;
    for (layout, all) in layouts {
        for derived in all {
            for (role, cells) in &derived.rows {
                for (id, cell) in derived.nodes.iter().zip(cells) {
                    let record = [derived.version.as_str(), role, &id.to_string(), cell].map(str::to_owned);
                    let record = layout.map(str::to_owned).into_iter().chain(record);
                    writer.write_record(record).map_err(|error| wrong(&error))?;
                }
            }
        }
    }
    let bytes = writer.into_inner().map_err(|error| wrong(&error))?;
    String::from_utf8(bytes).map_err(|error| wrong(&error))
}
