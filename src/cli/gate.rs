//! `rolesim gate`: has anything become worse since the baseline? For continuous integration.

mod tolerances;

use super::common::{bar_of, print, scenario_files, terminal_options};
use super::interrupt::Interrupt;
use super::output::{print_problem, write_whole};
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
                        replications of the baseline do not tell. Objectives are judged too, but do not change the exit code:\n\
                        `rolesim run` fails where one is missed. Of a folder, scenarios that are in order are judged\n\
                        even if others are not (exit code 2).\n\
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
    /// With --update: replications of a new baseline, the most that a judgement may use [default: 4 times the scenario's].
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(2..=100_000))]
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
    if args.max_replications.is_some() && !args.update {
        return Err(Problem::new(
            "--max-replications is for --update: a judgement uses the replications that the baseline has",
            "leave it out, or make a new baseline of that size with --update",
        ));
    }
    let _listens = Interrupt::listen_to_end_at_once();
    let jobs = scenario_files(&args.scenario)?.into_iter().map(|path| job(args, &path));
    if args.update {
        return update(args, &jobs.collect::<Result<Vec<_>, _>>()?);
    }
    // All baselines are read and looked at before the first simulation. What is wrong with one scenario does not hide
    // what is to be said about the others.
    let mut problems = Vec::new();
    let mut cases = Vec::new();
    for job in jobs {
        match job.and_then(|job| with_baseline(args, job)) {
            Ok(case) => cases.push(case),
            Err(problem) => problems.push(problem),
        }
    }
    let total: usize =
        cases.iter().map(|((scenario, ..), baseline)| scenario.layouts.len() * baseline.replications()).sum();
    let bar = bar_of(total as u64, args.quiet || args.json);
    let mut reports = Vec::new();
    for ((scenario, plan, path), baseline) in &cases {
        match gate(scenario, (&path.display().to_string(), baseline), plan, &|| bar.inc(1)) {
            Ok(report) => reports.push(report),
            Err(problem) => problems.push(problem),
        }
    }
    bar.finish_and_clear();
    if problems.is_empty() || !reports.is_empty() {
        publish(args, &reports)?;
    }
    if let Some(last) = problems.pop() {
        problems.iter().for_each(print_problem);
        return Err(last);
    }
    let any = |verdict: &str| reports.iter().any(|report| report.count(verdict) > 0);
    Ok(if any("regression") {
        3
    } else if any("undecided") {
        4
    } else {
        0
    })
}

/// A scenario, what is judged of it, and the file of its baseline.
type Job = (Scenario, GatePlan, PathBuf);

fn job(args: &GateArgs, path: &Path) -> Result<Job, Problem> {
    let scenario = Scenario::read(path)?;
    let plan = GatePlan {
        tolerances: tolerances(&scenario, &args.tolerance)?,
        confidence: Confidence::default(),
        first_look: scenario.replications.max(FIRST_LOOK) as usize,
    };
    let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    Ok((scenario, plan, args.baseline.join(format!("{name}.json"))))
}

fn with_baseline(args: &GateArgs, job: Job) -> Result<(Job, Baseline), Problem> {
    let baseline = read_baseline(&job.2, args)?;
    baseline.check(&job.2.display().to_string(), &job.0)?;
    Ok((job, baseline))
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
fn update(args: &GateArgs, jobs: &[Job]) -> Result<u8, Problem> {
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
        write_text(path, &text)?;
        if !args.quiet {
            print(&format!("wrote {}\n", path.display()))?;
        }
    }
    Ok(0)
}

fn write_text(path: &Path, text: &str) -> Result<(), Problem> {
    write_whole(path, |mut file| file.write_all(text.as_bytes()))
        .map_err(|error| super::run::cannot_write(path, &error))
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
            write_text(path, &text(reports))?;
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
