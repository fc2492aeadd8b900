//! `rolesim gate`: has anything become worse since the baseline? For continuous integration.

mod tolerances;

use super::common::{bar_of, print, terminal_options};
use crate::experiment::gate::{Baseline, GatePlan, gate, sampler};
use crate::metrics::verdicts::GateReport;
use crate::report::gate::{benchmarks, junit, markdown, render};
use crate::scenario::Scenario;
use crate::source::Problem;
use crate::statistics::Confidence;
use clap::Args;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use tolerances::{Wanted, tolerances};

/// Fewest replications before anything is said.
const FIRST_LOOK: u32 = 10;
/// Unless told, a baseline has so many times the first look.
const GROWTH: u32 = 4;

/// Find out whether anything has become worse since a baseline.
#[derive(Debug, Args)]
#[command(
    after_help = "Exit codes: 0 no regression (or the baseline is written), 1 it could not be done, 2 the input is\n\
                        wrong or the baseline is of another scenario, 3 a regression is found, 4 undecided: the\n\
                        replications of the baseline do not tell.\n\
                        Where $GITHUB_STEP_SUMMARY is set, the Markdown summary is appended to that file."
)]
pub struct GateArgs {
    /// A scenario file, or a folder whose scenario files (*.toml) are all judged.
    pub scenario: PathBuf,
    /// Folder of the baselines, one JSON file a scenario.
    #[arg(long, value_name = "DIR")]
    pub baseline: PathBuf,
    /// What change for the worse is accepted: METRIC=5%, METRIC=0.5s, METRIC=0.01, or 5% for all [default: 5%]. A
    /// metric that is named is judged, besides those of the objectives. May be given several times.
    #[arg(long, value_name = "TOLERANCE", value_parser = tolerances::parse)]
    pub tolerance: Vec<Wanted>,
    /// Write new baselines instead of judging.
    #[arg(long)]
    pub update: bool,
    /// Replications of a new baseline, which are the most that a judgement may use [default: 4 times the scenario's].
    #[arg(long, value_name = "N", requires = "update", value_parser = clap::value_parser!(u32).range(2..=100_000))]
    pub max_replications: Option<u32>,
    /// Write JUnit XML to this file.
    #[arg(long, value_name = "FILE")]
    pub junit: Option<PathBuf>,
    /// Write a Markdown summary to this file.
    #[arg(long, value_name = "FILE")]
    pub markdown: Option<PathBuf>,
    /// Write values for github-action-benchmark (customSmallerIsBetter) to this file.
    #[arg(long, value_name = "FILE")]
    pub benchmark_json: Option<PathBuf>,
    /// Write values in Bencher Metric Format to this file.
    #[arg(long, value_name = "FILE")]
    pub bencher_json: Option<PathBuf>,
    /// Print nothing but errors.
    #[arg(long, short)]
    pub quiet: bool,
    /// Print the result as JSON instead of tables.
    #[arg(long)]
    pub json: bool,
}

/// Runs the command; the exit code says whether anything is worse.
///
/// # Errors
/// A scenario, a baseline or an argument is wrong, or a file could not be written.
pub fn run(args: &GateArgs) -> Result<u8, Problem> {
    let mut jobs = Vec::new();
    for path in scenarios(&args.scenario)? {
        let scenario = Scenario::read(&path)?;
        let plan = GatePlan {
            tolerances: tolerances(&scenario, &args.tolerance)?,
            confidence: Confidence::default(),
            first_look: scenario.replications.max(FIRST_LOOK) as usize,
        };
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        jobs.push((scenario, plan, args.baseline.join(format!("{name}.json"))));
    }
    if args.update {
        return update(args, &jobs);
    }
    // All baselines are read and looked at before the first simulation.
    let mut baselines = Vec::new();
    for (scenario, _, path) in &jobs {
        let baseline = read_baseline(path, args)?;
        baseline.check(&path.display().to_string(), scenario)?;
        baselines.push(baseline);
    }
    let mut total = 0;
    for ((scenario, ..), baseline) in jobs.iter().zip(&baselines) {
        total += scenario.layouts.len() * baseline.replications();
    }
    let bar = bar_of(total as u64, args.quiet || args.json);
    let mut reports = Vec::new();
    for ((scenario, plan, path), baseline) in jobs.iter().zip(&baselines) {
        reports.push(gate(scenario, (&path.display().to_string(), baseline), plan, &|| bar.inc(1))?);
    }
    bar.finish_and_clear();
    publish(args, &reports)?;
    let any = |verdict: &str| reports.iter().any(|report| report.count(verdict) > 0);
    Ok(if any("regression") {
        3
    } else if any("undecided") {
        4
    } else {
        0
    })
}

/// The scenario itself, or those of a folder, sorted by name.
fn scenarios(path: &Path) -> Result<Vec<PathBuf>, Problem> {
    if !path.is_dir() {
        return Ok(vec![path.to_path_buf()]);
    }
    let shown = path.display();
    let cannot =
        |error: std::io::Error| Problem::new(format!("cannot read folder `{shown}`: {error}"), "may you read there?");
    let mut files = Vec::new();
    for entry in fs::read_dir(path).map_err(cannot)? {
        let file = entry.map_err(cannot)?.path();
        if file.is_file() && file.extension().is_some_and(|extension| extension == "toml") {
            files.push(file);
        }
    }
    files.sort();
    if files.is_empty() {
        return Err(Problem::new(format!("folder `{shown}` has no scenario"), "put scenario files (*.toml) into it"));
    }
    Ok(files)
}

fn read_baseline(path: &Path, args: &GateArgs) -> Result<Baseline, Problem> {
    let shown = path.display().to_string();
    match fs::read_to_string(path) {
        Ok(text) => Baseline::parse(&shown, &text),
        Err(error) => Err(Problem::new(
            format!("cannot read baseline `{shown}`: {error}"),
            format!(
                "make it once, from a version that you are content with: rolesim gate {} --baseline {} --update",
                args.scenario.display(),
                args.baseline.display()
            ),
        )),
    }
}

/// Simulates everything, then writes all baselines, each whole or not at all.
fn update(args: &GateArgs, jobs: &[(Scenario, GatePlan, PathBuf)]) -> Result<u8, Problem> {
    let replications = |plan: &GatePlan| {
        args.max_replications.map_or(plan.first_look * GROWTH as usize, |replications| replications as usize)
    };
    let total: usize = jobs.iter().map(|(scenario, plan, _)| scenario.layouts.len() * replications(plan)).sum();
    let bar = bar_of(total as u64, args.quiet || args.json);
    let mut texts = Vec::new();
    for (scenario, plan, path) in jobs {
        let mut sampler = sampler(scenario, plan);
        let all: Vec<usize> = (0..sampler.len()).collect();
        sampler.extend(&all, replications(plan), &|| bar.inc(1));
        texts.push((path, Baseline::new(scenario, &sampler).to_json()));
    }
    bar.finish_and_clear();
    fs::create_dir_all(&args.baseline).map_err(|error| super::run::cannot_write(&args.baseline, &error))?;
    for (path, text) in texts {
        write_whole(path, &text)?;
        if !args.quiet {
            print(&format!("wrote {}\n", path.display()))?;
        }
    }
    Ok(0)
}

/// Writes a file under another name beside its own and renames it.
fn write_whole(path: &Path, text: &str) -> Result<(), Problem> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or_else(|| Path::new("."));
    let cannot = |error: std::io::Error| super::run::cannot_write(path, &error);
    let mut builder = tempfile::Builder::new();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        builder.permissions(fs::Permissions::from_mode(0o666));
    }
    let mut file = builder.prefix(".rolesim-").tempfile_in(folder).map_err(cannot)?;
    file.write_all(text.as_bytes()).map_err(cannot)?;
    file.persist(path).map_err(|error| cannot(error.error))?;
    Ok(())
}

fn publish(args: &GateArgs, reports: &[GateReport]) -> Result<(), Problem> {
    let files = [
        (&args.junit, junit::render as fn(&[GateReport]) -> String),
        (&args.markdown, markdown::render),
        (&args.benchmark_json, benchmarks::github_action),
        (&args.bencher_json, benchmarks::bencher),
    ];
    for (path, text) in files {
        if let Some(path) = path {
            write_whole(path, &text(reports))?;
        }
    }
    if let Some(path) = std::env::var_os("GITHUB_STEP_SUMMARY").filter(|path| !path.is_empty()) {
        let path = PathBuf::from(path);
        let cannot = |error: std::io::Error| super::run::cannot_write(&path, &error);
        let mut file = fs::OpenOptions::new().create(true).append(true).open(&path).map_err(cannot)?;
        file.write_all(markdown::render(reports).as_bytes()).map_err(cannot)?;
    }
    if args.json {
        print(&format!("{:#}\n", serde_json::json!({ "scenarios": reports })))
    } else if args.quiet {
        Ok(())
    } else {
        print(&render(reports, terminal_options()))
    }
}
