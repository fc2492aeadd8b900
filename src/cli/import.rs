//! `rolesim import`: traces and measured parameters from files of other programs.

mod edges;
mod failures;
mod log;
mod mail;
mod show;

use crate::import::summary::Summary;
use crate::import::trace;
use crate::input::file_bytes;
use crate::source::Problem;
use clap::Subcommand;
use indicatif::{ProgressBar, ProgressStyle};
use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};

/// Make traces and measured parameters from files of other programs.
#[derive(Debug, Clone, clap::Args)]
#[command(after_help = "Files may be plain or compressed with gzip, xz or zstd.\n\
                        Exit codes: 0 done, 1 it could not be done, 2 the input or the usage is wrong.")]
pub struct ImportArgs {
    #[command(subcommand)]
    source: Source,
}

#[derive(Debug, Clone, Subcommand)]
enum Source {
    /// The server's own log files: a message trace, and a scenario with measured service times
    Log(log::Args),
    /// A table of failures: a failure trace, times between failures and to repair
    Failures(failures::Args),
    /// A table of messages with one row per recipient: a message trace, recipients and activity
    Edges(edges::Args),
    /// A mailbox in mbox format: a message trace
    Mbox(mail::MboxArgs),
    /// A mailbox in Maildir format: a message trace
    Maildir(mail::MaildirArgs),
}

/// Where the result goes.
#[derive(Debug, Clone, clap::Args)]
struct Output {
    /// Replace files that exist
    #[arg(long)]
    force: bool,
    /// Print nothing but errors
    #[arg(long, short)]
    quiet: bool,
    /// Print the summary as JSON
    #[arg(long)]
    json: bool,
}

/// Runs the command; returns the exit code.
///
/// # Errors
/// The input or the usage is wrong, or a file could not be written.
pub fn run(args: &ImportArgs) -> Result<u8, Problem> {
    match &args.source {
        Source::Log(args) => log::run(args),
        Source::Failures(args) => failures::run(args),
        Source::Edges(args) => edges::run(args),
        Source::Mbox(args) => mail::run_mbox(args),
        Source::Maildir(args) => mail::run_maildir(args),
    }
}

impl Output {
    /// A bar over the bytes of these files on standard error; hidden if that is no terminal.
    fn progress(&self, files: &[&Path]) -> ProgressBar {
        if self.quiet || self.json || !std::io::stderr().is_terminal() {
            return ProgressBar::hidden();
        }
        let bar = ProgressBar::new(files.iter().map(|path| file_bytes(path)).sum());
        if let Ok(style) = ProgressStyle::with_template("{bar:40} {bytes} of {total_bytes}, {eta} left") {
            bar.set_style(style);
        }
        bar
    }

    /// Refuses to write over a file that exists, before anything is read.
    fn check(&self, targets: &[&Path]) -> Result<(), Problem> {
        targets.iter().try_for_each(|path| trace::check_target(path, self.force))
    }

    /// Writes the files and prints the summary with their names.
    fn finish(&self, mut summary: Summary, files: Vec<(PathBuf, String)>) -> Result<u8, Problem> {
        for (path, text) in files {
            let written = super::output::write_whole(&path, |mut file| file.write_all(text.as_bytes()));
            written.map_err(|error| {
                let help = "is there room, does the folder exist, and may you write there?";
                Problem::unwritten(format!("{}: cannot be written: {error}", path.display()), help, &error)
            })?;
            summary.files.push(path);
        }
        if self.json {
            let json = serde_json::to_string_pretty(&summary)
                .map_err(|error| Problem::machine(format!("cannot write JSON: {error}"), "report this"))?;
            super::common::print(&format!("{json}\n"))?;
        } else if !self.quiet {
            super::common::print(&show::text(&summary))?;
        }
        Ok(0)
    }
}
