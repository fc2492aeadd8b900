//! `rolesim import edges`.

use super::Output;
use super::failures::time_format;
use crate::import::edges::{Options, read};
use crate::import::trace;
use crate::input::{Moment, TimeFormat};
use crate::source::Problem;
use std::path::PathBuf;

/// Arguments of `rolesim import edges`.
#[derive(Debug, Clone, clap::Args)]
pub struct Args {
    /// CSV file with one row per recipient of a message
    file: PathBuf,
    /// The message trace
    #[arg(long, value_name = "FILE", default_value = "trace.csv")]
    out: PathBuf,
    /// Columns of time, sender and recipient [default: time,from,to and the like]
    #[arg(long, value_name = "TIME,FROM,TO", value_parser = three)]
    columns: Option<[String; 3]>,
    /// `auto`, `unix`, or a pattern such as "%m/%d/%Y %H:%M"
    #[arg(long, value_name = "FORMAT", default_value = "auto", value_parser = time_format)]
    time_format: TimeFormat,
    /// Leave out earlier messages
    #[arg(long, value_name = "TIME", value_parser = moment)]
    from: Option<Moment>,
    /// Leave out messages from this time on
    #[arg(long, value_name = "TIME", value_parser = moment)]
    until: Option<Moment>,
    #[command(flatten)]
    output: Output,
}

fn three(text: &str) -> Result<[String; 3], String> {
    let parts: Vec<String> = text.split(',').map(|part| part.trim().to_string()).collect();
    parts.try_into().map_err(|_| "give three names with commas between them, such as time,from,to".into())
}

/// Reads a date or a time of the command line.
pub(super) fn moment(text: &str) -> Result<Moment, String> {
    let date = TimeFormat::Pattern("%Y-%m-%d".into());
    let found = TimeFormat::Auto.parse(text).or_else(|| date.parse(text));
    found.ok_or_else(|| "use a date or a time, such as 2026-03-02 or 2026-03-02T09:30:00Z".into())
}

/// Runs the command.
///
/// # Errors
/// The table cannot be read, or the trace cannot be written.
pub fn run(args: &Args) -> Result<u8, Problem> {
    args.output.check(&[&args.out])?;
    let options = Options {
        path: args.file.clone(),
        columns: args.columns.clone(),
        time_format: args.time_format.clone(),
        from: args.from,
        until: args.until,
    };
    let bar = args.output.progress(&[&args.file]);
    let edges = read(&options, &|bytes| bar.inc(bytes))?;
    bar.finish_and_clear();
    let text = trace::messages(&edges.population.deliveries());
    args.output.finish(edges.summary(&args.file), vec![(args.out.clone(), text)])
}
