//! The command line, one file a subcommand. Each has a struct of arguments and a `run` that returns
//! the exit code.

pub mod advice;
pub mod check;
pub mod cluster_args;
mod common;
pub mod compare;
pub mod explain;
pub mod gate;
pub mod import;
mod interrupt;
pub mod layout;
pub mod list;
mod live;
pub mod output;
pub mod plan;
pub mod report;
pub mod run;
pub mod schema;
pub mod trace;
mod when;
