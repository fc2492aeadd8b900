//! The command line, one file a subcommand. Each has a struct of arguments and a `run` that returns
//! the exit code.

pub mod check;
pub mod cluster_args;
mod common;
pub mod compare;
pub mod gate;
pub mod import;
pub mod layout;
pub mod list;
pub mod output;
pub mod plan;
pub mod report;
pub mod run;
pub mod schema;
