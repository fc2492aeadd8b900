//! What the commands share: progress, printing, exit codes.

use crate::layout::{Role, closest};
use crate::metrics::catalog::{Better, DEFAULTS, Metric, metrics};
use crate::metrics::rows::{ObjectiveRow, Tables};
use crate::report::terminal::{TerminalOptions, render};
use crate::scenario::Scenario;
use crate::source::Problem;
use crate::statistics::{Comparison, StatisticsError};
use indicatif::{ProgressBar, ProgressStyle};
use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};

/// Width of a table that goes to no terminal.
const PLAIN_WIDTH: u16 = 120;

/// A bar over at most `total` simulations on standard error (0: nobody knows how many); hidden if that is no terminal.
pub fn bar_of(total: u64, is_hidden: bool) -> ProgressBar {
    if is_hidden || !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let bar = if total == 0 { ProgressBar::no_length() } else { ProgressBar::new(total) };
    let template = match total {
        0 => "{spinner} {pos} simulations, {msg}",
        _ => "{bar:40} {pos}/{len} simulations, {eta} left, {msg}",
    };
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style);
    }
    bar.enable_steady_tick(std::time::Duration::from_millis(200));
    bar
}

/// Simulates on so many threads, if a number is given.
pub fn use_threads(threads: Option<u16>) {
    if let Some(threads) = threads {
        // Fails only if the pool exists already, which then keeps its threads.
        let pool = rayon::ThreadPoolBuilder::new().num_threads(usize::from(threads)).build_global();
        debug_assert!(pool.is_ok(), "the pool is built once");
    }
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
pub fn print_table(
    tables: &Tables,
    repeat: Option<&str>,
    target: &Path,
    (wall_s, events): (f64, u64),
) -> Result<(), Problem> {
    print(&render(tables, terminal_options()))?;
    if let Some(line) = repeat {
        print(&format!("\n{line}\n"))?;
    }
    let rate = events as f64 / wall_s.max(1e-9) / 1e6;
    print(&format!(
        "\n{events} events in {wall_s:.1} s ({rate:.1} million a second); results in {}\n",
        target.display()
    ))
}

/// How to print on standard output: colours and width of a terminal, or plain.
pub fn terminal_options() -> TerminalOptions {
    let width = if std::io::stdout().is_terminal() { terminal_width() } else { PLAIN_WIDTH };
    TerminalOptions { color: super::output::colours(), width }
}

/// The metrics of these names.
///
/// # Errors
/// A name that the scenario's version does not have.
pub fn metrics_named(scenario: &Scenario, names: &[String]) -> Result<Vec<Metric>, Problem> {
    let has = |role: &Role| scenario.servers.iter().any(|server| server.rules.roles().contains(role));
    let known = metrics(&Role::ALL.into_iter().filter(has).collect::<Vec<_>>());
    let find = |name: &String| {
        known.iter().find(|metric| metric.name == *name).cloned().ok_or_else(|| {
            let near = closest(name, known.iter().map(|metric| metric.name.as_str()));
            let help = match near {
                Some(near) => format!("did you mean `{near}`?"),
                None => "metrics are named as in summary.csv, for example fts-indexing.latency.p99".to_string(),
            };
            Problem::new(format!("version {} has no metric `{name}`", scenario.version), help)
        })
    };
    names.iter().map(find).collect()
}

/// Names of the metrics that matter to a scenario: those of its objectives, or a few that matter to most.
pub fn default_metrics(scenario: &Scenario) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for objective in &scenario.objectives {
        if !names.contains(&objective.metric) {
            names.push(objective.metric.clone());
        }
    }
    if names.is_empty() { DEFAULTS.iter().map(ToString::to_string).collect() } else { names }
}

/// Which values of a metric are better: where objectives set limits of one kind on it, those on their side, else as usual.
pub fn better(scenario: &Scenario, metric: &Metric) -> Better {
    let objectives = scenario.objectives.iter().filter(|objective| objective.metric == metric.name);
    let mut sides = objectives.filter_map(|objective| match objective.comparison {
        Comparison::Less | Comparison::LessOrEqual => Some(Better::Smaller),
        Comparison::Greater | Comparison::GreaterOrEqual => Some(Better::Larger),
        Comparison::Equal => None,
    });
    match sides.next() {
        Some(first) if sides.all(|side| side == first) => first,
        _ => metric.better,
    }
}

/// Where a command puts its results unless it is told: `results/<name of the scenario file>-<command>`.
pub fn default_target(scenario: &Path, command: &str) -> PathBuf {
    let stem = scenario.file_stem().unwrap_or_default().to_string_lossy();
    Path::new("results").join(format!("{stem}-{command}"))
}

/// An error of the statistics on what simulations gave.
pub fn statistics_problem(error: &StatisticsError) -> Problem {
    Problem::new(
        format!("the results cannot be judged: {error}"),
        "look at the metrics with `rolesim run`, or leave the metric out",
    )
}

/// The scenario itself, or those of a folder, sorted by name.
///
/// # Errors
/// The folder cannot be read, or has none.
pub fn scenario_files(path: &Path) -> Result<Vec<PathBuf>, Problem> {
    if !path.is_dir() {
        return Ok(vec![path.to_path_buf()]);
    }
    let shown = path.display();
    let cannot =
        |error: std::io::Error| Problem::new(format!("cannot read folder `{shown}`: {error}"), "may you read there?");
    let mut files = Vec::new();
    for entry in std::fs::read_dir(path).map_err(cannot)? {
        let file = entry.map_err(cannot)?.path();
        if file.is_file() && file.extension().is_some_and(|extension| extension == "toml") && !is_server_file(&file) {
            files.push(file);
        }
    }
    files.sort();
    if files.is_empty() {
        return Err(Problem::new(format!("folder `{shown}` has no scenario"), "put scenario files (*.toml) into it"));
    }
    Ok(files)
}

/// Whether a file is the configuration of a server, as layouts name it, and no scenario: it gives `[cluster]` at the top,
/// which no scenario does. What cannot be read may be a scenario, with an error that is to be shown.
fn is_server_file(path: &Path) -> bool {
    let text = std::fs::read_to_string(path).unwrap_or_default();
    text.parse::<toml::Table>().is_ok_and(|table| table.contains_key("cluster"))
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
