//! `rolesim`: parses the command line, dispatches and sets the exit code.

use clap::{Parser, Subcommand};
use rolesim::cli::{check, layout};
use std::process::ExitCode;

/// What will this role/shard layout do?
#[derive(Parser)]
#[command(version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Find the faults of a layout without simulating
    Check(check::CheckArgs),
    /// Show what each node derives from a layout
    Layout(layout::LayoutArgs),
}

fn main() -> ExitCode {
    let result = match Arguments::parse().command {
        Command::Check(args) => check::run(&args),
        Command::Layout(args) => layout::run(&args),
    };
    match result {
        Ok(code) => ExitCode::from(code),
        Err(problem) => {
            eprintln!("{:?}", miette::Report::new(problem));
            ExitCode::from(2)
        }
    }
}
