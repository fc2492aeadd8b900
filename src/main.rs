//! `rolesim`: parses the command line, dispatches and sets the exit code.

use clap::{CommandFactory, Parser, Subcommand};
use mimalloc::MiMalloc;
use rolesim::cli::output::{print_and_exit, print_problem};
use rolesim::cli::{advice, check, compare, explain, gate, import, layout, list, plan, report, run, schema};
use std::process::ExitCode;

/// Keeps what is small together, in large pages where the system has them: a simulation of a thousand nodes takes about a
/// tenth less time.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

/// What will this role/shard layout do? Simulates the background work of a Stalwart mail cluster.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Simulate every layout of a scenario and report what it does
    Run(run::RunArgs),
    /// Compare layouts under the same messages and failures, and name the best
    Compare(compare::CompareArgs),
    /// Find out whether anything has become worse since a baseline
    Gate(gate::GateArgs),
    /// Find the smallest cluster that meets the objectives
    Plan(plan::PlanArgs),
    /// Tell the story of one message in sentences
    Explain(explain::ExplainArgs),
    /// Make traces and measured parameters from files of other programs
    Import(import::ImportArgs),
    /// Make report.html again from result folders, without simulating
    Report(report::Args),
    /// Find the faults of a layout without simulating
    Check(check::CheckArgs),
    /// Show what each node derives from a layout
    Layout(layout::LayoutArgs),
    /// List the scenarios of a folder
    List(list::ListArgs),
    /// Print the JSON schema of the scenario file
    Schema(schema::SchemaArgs),
}

fn main() -> ExitCode {
    let arguments = Arguments::try_parse().unwrap_or_else(|error| advice::advise(error, &Arguments::command()).exit());
    let result = match arguments.command {
        Command::Run(args) => run::run(&args),
        Command::Compare(args) => compare::run(&args),
        Command::Gate(args) => gate::run(&args),
        Command::Plan(args) => plan::run(&args),
        Command::Explain(args) => explain::run(&args),
        Command::Report(args) => report::run(&args).map(|path| print_and_exit(&format!("{}\n", path.display()), 0)),
        Command::Import(args) => import::run(&args),
        Command::Check(args) => check::run(&args),
        Command::Layout(args) => layout::run(&args),
        Command::List(args) => list::run(&args),
        Command::Schema(args) => schema::run(&args),
    };
    match result {
        Ok(code) => ExitCode::from(code),
        Err(problem) => {
            print_problem(&problem);
            // What a user wrote has a place or a way out; what the machine did is exit code 1.
            ExitCode::from(if problem.is_machine { 1 } else { 2 })
        }
    }
}
