//! `rolesim run --trace`: a window of one simulation as a file for Perfetto.

use super::compare::find_layout;
use super::when::Window;
use crate::experiment::observe;
use crate::report::trace::{TraceFile, TraceOptions};
use crate::scenario::Scenario;
use crate::source::Problem;
use clap::Args;
use std::fs::File;
use std::io::BufWriter;
use std::path::PathBuf;

/// What is traced.
#[derive(Debug, Clone, Args)]
pub struct TraceArgs {
    /// Write what happens in a window of one simulation as Trace Event JSON, for ui.perfetto.dev or chrome://tracing.
    #[arg(long, value_name = "FILE", requires = "trace_window")]
    pub trace: Option<PathBuf>,
    /// The window: times after the start of the measured span (10m..12m) or of day (09:00..09:10).
    #[arg(long, value_name = "FROM..TO", requires = "trace")]
    pub trace_window: Option<Window>,
    /// Only what concerns this account (outages are there in any case).
    #[arg(long, value_name = "N", requires = "trace")]
    pub account: Option<u32>,
    /// The layout [default: the first of the file].
    #[arg(long, value_name = "NAME", requires = "trace")]
    pub trace_layout: Option<String>,
    /// Which replication --trace and --write-trace write, from 0 as in the result files.
    #[arg(long, value_name = "R")]
    pub trace_replication: Option<u32>,
}

/// What is to be traced, checked against the scenario.
pub struct Trace {
    path: PathBuf,
    layout: usize,
    replication: u32,
    options: TraceOptions,
}

impl TraceArgs {
    /// What is asked for; `None` if nothing is.
    ///
    /// # Errors
    /// The scenario has no such time, account, layout or replication.
    pub fn resolve(&self, scenario: &Scenario) -> Result<Option<Trace>, Problem> {
        let (Some(path), Some(window)) = (&self.trace, self.trace_window) else { return Ok(None) };
        let layout = self.trace_layout.as_deref().map_or(Ok(0), |name| find_layout(scenario, name))?;
        let replication = self.trace_replication.unwrap_or(0);
        check_replication(scenario, replication, "--trace-replication")?;
        if let Some(account) = self.account {
            check_account(scenario, account)?;
        }
        Ok(Some(Trace {
            path: path.clone(),
            layout,
            replication,
            options: TraceOptions {
                window_ns: window.resolve(scenario, "--trace-window")?,
                origin_ns: scenario.warmup.as_nanos(),
                account: self.account,
                nodes: scenario.nodes.iter().map(|node| node.id).collect(),
            },
        }))
    }
}

/// That the scenario has this account.
///
/// # Errors
/// It has not.
pub fn check_account(scenario: &Scenario, account: u32) -> Result<(), Problem> {
    let first = scenario.workload.first_account_id;
    let count = scenario.workload.accounts;
    if account.wrapping_sub(first) < count {
        return Ok(());
    }
    let last = first.wrapping_add(count - 1);
    Err(Problem::new(
        format!("there is no account {account}"),
        format!("the accounts of the scenario are {first} to {last}"),
    ))
}

/// That the scenario has this replication.
///
/// # Errors
/// It has not.
pub fn check_replication(scenario: &Scenario, replication: u32, option: &str) -> Result<(), Problem> {
    if replication < scenario.replications {
        return Ok(());
    }
    Err(Problem::new(
        format!("{option}: there is no replication {replication}"),
        format!("they are numbered from 0 to {}", scenario.replications - 1),
    ))
}

impl Trace {
    /// Simulates once more, with somebody listening, and writes the file. It appears whole or not at all.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn write(&self, scenario: &Scenario) -> Result<String, Problem> {
        let failed = |error: &std::io::Error| {
            let message = format!("{}: cannot be written: {error}", self.path.display());
            Problem::unwritten(message, "choose another file with --trace", error)
        };
        let layout = &scenario.layouts[self.layout].name;
        let about = serde_json::json!({
            "scenario": scenario.source.name,
            "layout": layout,
            "replication": self.replication,
            "seed": scenario.seed,
            "server_version": scenario.server(&scenario.layouts[self.layout]).version.to_string(),
            "rolesim_version": env!("CARGO_PKG_VERSION"),
            "zero": scenario.start,
        });
        let fill = |file: &File| {
            let mut trace = TraceFile::new(BufWriter::new(file), self.options.clone());
            observe(scenario, self.layout, self.replication, &mut trace);
            trace.finish(&about)
        };
        let events = super::output::write_whole(&self.path, fill).map_err(|e| failed(&e))?;
        Ok(format!(
            "{events} events of replication {} of {layout} in {}: open it at https://ui.perfetto.dev\n",
            self.replication,
            self.path.display()
        ))
    }
}
