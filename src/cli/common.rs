//! What the commands share: progress, printing, exit codes.

use crate::metrics::rows::{ObjectiveRow, Tables};
use crate::report::terminal::{TerminalOptions, render};
use crate::scenario::Scenario;
use crate::source::Problem;
use indicatif::{ProgressBar, ProgressStyle};
use std::io::{IsTerminal, Write};
use std::path::Path;

/// Width of a table that goes to no terminal.
const PLAIN_WIDTH: u16 = 120;

/// A bar over all simulations on standard error; hidden if that is no terminal.
pub fn progress_bar(scenario: &Scenario, is_hidden: bool) -> ProgressBar {
    if is_hidden || !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let total = scenario.layouts.len() as u64 * u64::from(scenario.replications);
    let bar = ProgressBar::new(total);
    if let Ok(style) = ProgressStyle::with_template("{bar:40} {pos}/{len} simulations, {eta} left, {msg}") {
        bar.set_style(style);
    }
    bar.enable_steady_tick(std::time::Duration::from_millis(200));
    bar
}

/// Prints to standard output. A reader that goes away (`| head`) is no error.
///
/// # Errors
/// Standard output cannot be written to.
pub fn print(text: &str) -> Result<(), Problem> {
    match std::io::stdout().write_all(text.as_bytes()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            Err(Problem::machine(format!("cannot write to standard output: {error}"), "is there room?"))
        }
        _ => Ok(()),
    }
}

/// Prints the result as tables and sentences, and where the files are.
///
/// # Errors
/// Standard output cannot be written to.
pub fn print_table(tables: &Tables, target: &Path, wall_s: f64, events: u64) -> Result<(), Problem> {
    let is_terminal = std::io::stdout().is_terminal();
    let color = is_terminal && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
    let width = if is_terminal { terminal_width() } else { PLAIN_WIDTH };
    print(&render(tables, TerminalOptions { color, width }))?;
    let rate = events as f64 / wall_s.max(1e-9) / 1e6;
    print(&format!(
        "\n{events} events in {wall_s:.1} s ({rate:.1} million a second); results in {}\n",
        target.display()
    ))
}

fn terminal_width() -> u16 {
    console::Term::stdout().size_checked().map_or(PLAIN_WIDTH, |(_, columns)| columns)
}

/// 0 if every objective is met, 3 if one is missed, else 4.
pub fn exit_code(objectives: &[ObjectiveRow]) -> u8 {
    if objectives.iter().any(|row| row.verdict == "missed") {
        3
    } else if objectives.iter().any(|row| row.verdict == "undecided") {
        4
    } else {
        0
    }
}
