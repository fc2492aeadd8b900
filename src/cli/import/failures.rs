//! `rolesim import failures`.

use super::Output;
use crate::import::failures::{Mapping, Options, read};
use crate::import::trace;
use crate::input::TimeFormat;
use crate::source::Problem;
use std::path::PathBuf;

/// Arguments of `rolesim import failures`.
#[derive(Debug, Clone, clap::Args)]
pub struct Args {
    /// CSV file with one row per failure
    file: PathBuf,
    /// The failure trace
    #[arg(long, value_name = "FILE", default_value = "failures.csv")]
    out: PathBuf,
    /// Only rows of this system
    #[arg(long, value_name = "NAME")]
    system: Option<String>,
    /// Column of systems [default: System]
    #[arg(long, value_name = "COLUMN")]
    system_column: Option<String>,
    /// Column of machines [default: node, nodenumz, nodenum, machine, host, ...]
    #[arg(long, value_name = "COLUMN")]
    node_column: Option<String>,
    /// Column of starts [default: down, Prob Started, start, ...]
    #[arg(long, value_name = "COLUMN")]
    start_column: Option<String>,
    /// Column of ends [default: up, Prob Fixed, end, ...]
    #[arg(long, value_name = "COLUMN")]
    end_column: Option<String>,
    /// `auto`, `unix`, or a pattern such as "%m/%d/%Y %H:%M"
    #[arg(long, value_name = "FORMAT", default_value = "auto", value_parser = time_format)]
    time_format: TimeFormat,
    /// Number of nodes that stand for the machines [default: all machines]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=60_000))]
    nodes: Option<u32>,
    /// How many machines become few nodes
    #[arg(long, value_enum, default_value_t = Map::Sample, requires = "nodes")]
    map: Map,
    #[command(flatten)]
    output: Output,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Map {
    /// A node is one machine, from those that fail seldom to those that fail often
    Sample,
    /// A node is down when one of its machines is
    Fold,
}

/// Reads `--time-format`.
pub(super) fn time_format(text: &str) -> Result<TimeFormat, String> {
    TimeFormat::from_argument(text).ok_or_else(|| "use auto, unix, or a pattern such as \"%d/%m/%Y %H:%M\"".into())
}

/// Runs the command.
///
/// # Errors
/// The table cannot be read, or the trace cannot be written.
pub fn run(args: &Args) -> Result<u8, Problem> {
    args.output.check(&[&args.out])?;
    let options = Options {
        path: args.file.clone(),
        system: args.system.clone(),
        system_column: args.system_column.clone(),
        node_column: args.node_column.clone(),
        start_column: args.start_column.clone(),
        end_column: args.end_column.clone(),
        time_format: args.time_format.clone(),
        nodes: args.nodes,
        mapping: match args.map {
            Map::Sample => Mapping::Sample,
            Map::Fold => Mapping::Fold,
        },
    };
    let bar = args.output.progress(&[&args.file]);
    let failures = read(&options, &|bytes| bar.inc(bytes))?;
    bar.finish_and_clear();
    let text = failures.origin().map(|origin| trace::failures_from(&failures.of_nodes, origin)).unwrap_or_default();
    args.output.finish(failures.summary(&args.file), vec![(args.out.clone(), text)])
}
