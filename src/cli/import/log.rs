//! `rolesim import log`.

use super::Output;
use crate::import::log::{NodeFile, read};
use crate::import::scenario::{Target, of_log};
use crate::import::trace;
use crate::source::Problem;
use std::path::{Path, PathBuf};

/// Arguments of `rolesim import log`.
#[derive(Debug, Clone, clap::Args)]
pub struct Args {
    /// Log files, one or more a node; the node is found in the log, else taken from the order, or said as ID=FILE
    #[arg(required = true, value_name = "FILE")]
    logs: Vec<PathBuf>,
    /// The message trace [default: trace.csv]
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// A scenario with the trace and the measured service times
    #[arg(long, value_name = "FILE")]
    scenario: Option<PathBuf>,
    /// The layout that the scenario names: your own config.toml
    #[arg(long, value_name = "FILE", requires = "scenario")]
    layout: Option<PathBuf>,
    /// A failure trace from starts and stops of the nodes
    #[arg(long, value_name = "FILE")]
    failures: Option<PathBuf>,
    #[command(flatten)]
    output: Output,
}

/// Runs the command.
///
/// # Errors
/// A log cannot be read, or a file cannot be written.
pub fn run(args: &Args) -> Result<u8, Problem> {
    let files: Vec<NodeFile> = args.logs.iter().map(|path| NodeFile::from_argument(path)).collect::<Result<_, _>>()?;
    let trace_path = args.out.clone().unwrap_or_else(|| PathBuf::from("trace.csv"));
    let targets = [Some(&trace_path), args.scenario.as_ref(), args.failures.as_ref()];
    args.output.check(&targets.into_iter().flatten().map(PathBuf::as_path).collect::<Vec<&Path>>())?;
    let bar = args.output.progress(&files.iter().map(|file| file.path.as_path()).collect::<Vec<_>>());
    let log = read(&files, &|bytes| bar.inc(bytes))?;
    bar.finish_and_clear();
    let summary = log.summary();
    let mut written = vec![(trace_path.clone(), trace::messages(&log.deliveries))];
    if let Some(path) = &args.scenario {
        let target = Target { scenario: path.clone(), trace: trace_path, layout: args.layout.clone() };
        let scenario = of_log(&log, &summary.fits, &target)?;
        args.output.check(&scenario.files.iter().map(|(path, _)| path.as_path()).collect::<Vec<_>>())?;
        written.extend(scenario.files);
        written.push((path.clone(), scenario.text));
    }
    if let Some(path) = &args.failures {
        written.push((path.clone(), trace::failures(&log.outages)));
    }
    args.output.finish(summary, written)
}
