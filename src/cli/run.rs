//! `rolesim run`: simulate a scenario, write the results, say what they mean.

mod profile;
mod written_trace;

use super::common::{exit_code, print, print_table, use_threads};
use super::interrupt::Interrupt;
use super::live::LiveView;
use super::trace::TraceArgs;
use crate::experiment::{self, LayoutResult};
use crate::layout::Layout;
use crate::layout::rules::{CheckContext, check};
use crate::metrics::rows::{FindingRow, Tables};
use crate::report::findings::SteadySpan;
use crate::report::folder::Pictures;
pub(super) use crate::report::folder::cannot_write;
use crate::report::terminal::repeat_line;
use crate::report::{FindingContext, LayoutPlan, Manifest, Publication, RunInfo, findings, folder};
use crate::scenario::Scenario;
use crate::source::Problem;
use clap::Args;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fs;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::time::Instant;

/// Simulate every layout of a scenario and report what it does.
#[derive(Debug, Args)]
#[command(after_help = "Exit codes: 0 every objective is met, 1 it could not be done, 2 the input is wrong,\n\
                        3 an objective is missed, 4 undecided: more replications are needed.\n\
                        Every key of a scenario, with all faults and distributions: docs/scenario.md, `rolesim schema`.")]
pub struct RunArgs {
    /// The scenario file.
    pub scenario: PathBuf,
    /// Folder for the results (by default `results/` and the name of the scenario file).
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Number of replications, instead of the scenario's.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub replications: Option<u32>,
    /// Only this replication, counted from 0: the same as among all of them.
    #[arg(long, value_name = "N", conflicts_with = "replications", value_parser = clap::value_parser!(u32).range(..100_000))]
    pub replication: Option<u32>,
    /// Seed, instead of the scenario's.
    #[arg(long, value_name = "N", allow_hyphen_values = true, value_parser = clap::value_parser!(u64).range(..=i64::MAX as u64))]
    pub seed: Option<u64>,
    /// Threads to use [default: all cores].
    #[arg(long, value_name = "N", allow_hyphen_values = true, value_parser = clap::value_parser!(u16).range(1..=1_024))]
    pub threads: Option<u16>,
    /// Write the messages of one replication as a trace for `replay` (plain, .gz or .zst); the same scenario with this
    /// trace gives the same result.
    #[arg(long, value_name = "FILE")]
    pub write_trace: Option<PathBuf>,
    /// Print nothing but errors.
    #[arg(long, short)]
    pub quiet: bool,
    /// Print the summary as JSON instead of tables.
    #[arg(long)]
    pub json: bool,
    /// Progress as lines on standard error, also where that is no terminal.
    #[arg(long)]
    pub progress: bool,
    /// Write every chart as PNG too.
    #[arg(long)]
    pub png: bool,
    /// Simulate the first replication (or that of --replication) of every layout once more and say where events, time
    /// and simulated work went.
    #[arg(long, conflicts_with_all = ["json", "quiet"])]
    pub profile: bool,
    /// What is traced.
    #[command(flatten)]
    pub trace: TraceArgs,
}

/// Runs the command; the exit code says whether the objectives are met.
///
/// # Errors
/// The scenario is wrong, or the results could not be written.
pub fn run(args: &RunArgs) -> Result<u8, Problem> {
    let mut scenario = Scenario::read(&args.scenario)?;
    scenario.replications = args.replication.map_or(args.replications.unwrap_or(scenario.replications), |_| 1);
    scenario.seed = args.seed.unwrap_or(scenario.seed);
    if args.trace.trace_replication.is_some() && args.trace.trace.is_none() && args.write_trace.is_none() {
        let help = "give --trace or --write-trace too, or leave it out";
        return Err(Problem::new("--trace-replication says which replication of a trace that is not asked for", help));
    }
    let trace = args.trace.resolve(&scenario)?;
    let interrupt = Interrupt::listen();
    let written = args.write_trace.as_ref().map(|path| (path.as_path(), args.trace.trace_replication.unwrap_or(0)));
    if let Some((path, replication)) = written {
        written_trace::check(path, replication, &scenario)?;
    }
    let target = args.out.clone().unwrap_or_else(|| default_target(args));
    let publication = Publication::begin(&target, &scenario.source.name)?;
    interrupt.unfinished(publication.dir());
    use_threads(args.threads);
    let started = Instant::now();
    let asked = scenario.replications;
    let results = simulate(&scenario, args, &interrupt);
    scenario.replications = results.first().map_or(0, |result| result.records.len() as u32);
    if scenario.replications == 0 {
        return Err(Problem::machine(
            format!("interrupted before a replication was done under every layout; {} is as it was", target.display()),
            "let it run longer, or ask for less",
        ));
    }
    let wall_s = started.elapsed().as_secs_f64();
    let events: u64 = results.iter().flat_map(|result| &result.records).map(|record| record.events).sum();
    let is_short = scenario.replications < asked;
    let tables = write(publication.dir(), &scenario, &results, (args, is_short.then_some(asked)))?;
    write_run_json(publication.dir(), wall_s, events)?;
    if let Some((path, replication)) = written {
        written_trace::write(path, replication, &scenario)?;
    }
    interrupt.commit(|| publication.commit())?;
    if args.json {
        print_json(&tables)?;
    } else if !args.quiet {
        let repeat = repeat_line(&tables.objectives, scenario.seed, &again(args));
        print_table(&tables, repeat.as_deref(), &target, (wall_s, events))?;
    }
    if is_short {
        let done = scenario.replications;
        return Err(Problem::machine(
            format!("interrupted: {} holds the first {done} of {asked} replications", target.display()),
            format!("it is what `{}` would give", command(args, &scenario, true)),
        ));
    }
    if let Some(trace) = trace {
        let written = trace.write(&scenario)?;
        if !args.quiet && !args.json {
            print(&written)?;
        }
    }
    if args.profile {
        print(&profile::profile(&scenario, args.replication.unwrap_or(0)))?;
    }
    Ok(exit_code(&tables.objectives))
}

/// Simulates until all is done or somebody asks for an end.
fn simulate(scenario: &Scenario, args: &RunArgs, interrupt: &Interrupt) -> Vec<LayoutResult> {
    let mut view = LiveView::new(scenario, args.progress, args.quiet || args.json);
    let results = experiment::run_from(scenario, args.replication.unwrap_or(0), |progress| {
        view.show(progress);
        if interrupt.is_asked() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    view.end();
    results
}

/// SHA-256 of a text in hexadecimal.
pub(super) fn sha256(text: &str) -> String {
    Sha256::digest(text).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn default_target(args: &RunArgs) -> PathBuf {
    match args.replication {
        Some(number) => super::common::default_target(&args.scenario, &format!("replication-{number}")),
        None => Path::new("results").join(args.scenario.file_stem().unwrap_or_default()),
    }
}

/// The command without its replications.
fn again(args: &RunArgs) -> String {
    let seed = args.seed.map_or_else(String::new, |seed| format!(" --seed {seed}"));
    format!("rolesim run {}{seed}", args.scenario.display())
}

/// The command that gives these results again; the number of threads makes no difference.
fn command(args: &RunArgs, scenario: &Scenario, is_short: bool) -> String {
    let mut words = vec![again(args)];
    // Said too if it was interrupted: then there are fewer than the scenario asks for.
    if args.replications.is_some() || is_short {
        words.push(format!("--replications {}", scenario.replications));
    }
    words.extend(args.replication.map(|n| format!("--replication {n}")));
    words.join(" ")
}

/// What the layouts show without simulating, and what the results show; sorted as the file is.
fn all_findings(scenario: &Scenario, tables: &Tables, info: &RunInfo, plans: &[LayoutPlan]) -> Vec<FindingRow> {
    let servers =
        scenario.layouts.iter().map(|layout| (layout.name.clone(), experiment::server_facts(scenario, layout)));
    let context = FindingContext {
        duration_s: info.duration_s,
        start_second_of_day: info.start_second_of_day(),
        servers: servers.collect(),
        plans: plans.to_vec(),
        steady: info.steady_state.then_some(SteadySpan { warmup_s: info.warmup_s, duration_s: info.duration_s }),
    };
    let nodes = scenario.node_infos();
    let mut of_layouts = late_faults(scenario);
    for layout in &scenario.layouts {
        let server = scenario.server(layout);
        let version = server.version.to_string();
        let context = CheckContext { layout, rules: server.rules.layout, version: &version, nodes: &nodes };
        of_layouts.extend(check(&context).into_iter().map(|finding| FindingRow {
            layout: layout.name.clone(),
            rule: finding.rule.to_string(),
            role: finding.role.map(|role| role.to_string()).unwrap_or_default(),
            shard: finding.shard.map(|shard| (shard + 1).to_string()).unwrap_or_default(),
            severity: finding.severity.to_string(),
            message: finding.message,
            // Here the nodes are those of the scenario; the options are those of `check`.
            help: finding.help.replace("`--nodes`", "`ids` in `[nodes]`").replace("`--version`", "`version`"),
        }));
    }
    findings::join(of_layouts, findings::from_results(tables, &context))
}

/// A fault behind the measured span is no error (the span may have been shortened), but is not to be overlooked.
fn late_faults(scenario: &Scenario) -> Vec<FindingRow> {
    let late = scenario.late_faults();
    let Some(first) = late.iter().min() else { return Vec::new() };
    let row = |layout: &Layout| FindingRow {
        layout: layout.name.clone(),
        rule: "fault-after-span".into(),
        role: String::new(),
        shard: String::new(),
        severity: "warning".into(),
        message: format!(
            "{} of {} faults begin after the measured span of {} (the first at {first}): nothing measured shows them",
            late.len(),
            scenario.faults.len(),
            scenario.duration
        ),
        help:
            "times of faults count from the start of the measured span: let it last longer, or the fault begin earlier"
                .into(),
    };
    scenario.layouts.iter().map(row).collect()
}

/// Writes everything that does not vary from run to run, and returns the tables. `asked` is the number of replications if
/// there are fewer.
fn write(
    dir: &Path,
    scenario: &Scenario,
    results: &[LayoutResult],
    (args, asked): (&RunArgs, Option<u32>),
) -> Result<Tables, Problem> {
    let mut info = experiment::run_info(scenario, &command(args, scenario, asked.is_some()));
    info.warnings.extend(asked.map(|asked| {
        format!("The run was interrupted: this is of the first {} of {asked} replications.", scenario.replications)
    }));
    let layouts = scenario.layouts.iter().zip(results);
    let plans: Vec<LayoutPlan> = layouts.map(|(layout, result)| experiment::plan(layout, result)).collect();
    let mut tables = experiment::tables(scenario, results);
    tables.findings = all_findings(scenario, &tables, &info, &plans);
    let pictures = if args.png { Pictures::SvgAndPng } else { Pictures::Svg };
    folder::write(dir, &tables, &manifest(scenario, &info, &plans), Vec::new(), pictures)?;
    Ok(tables)
}

/// Hashes of what was read, and the scenario with every default filled in.
pub(super) fn manifest(scenario: &Scenario, info: &RunInfo, plans: &[LayoutPlan]) -> Manifest {
    let mut hashes = BTreeMap::from([(scenario.source.name.clone(), sha256(&scenario.source.text))]);
    for layout in &scenario.layouts {
        hashes.insert(layout.source.name.clone(), sha256(&layout.source.text));
    }
    Manifest::new(info.clone(), plans.to_vec(), hashes, scenario.resolved())
}

/// `run.json`: what varies from run to run.
pub(super) fn write_run_json(dir: &Path, wall_s: f64, events: u64) -> Result<(), Problem> {
    let path = dir.join("run.json");
    let run = serde_json::json!({
        "wall_s": wall_s,
        "events": events,
        "events_per_second": events as f64 / wall_s.max(1e-9),
        "threads": rayon::current_num_threads(),
        "machine": format!("{} {}", std::env::consts::OS, std::env::consts::ARCH),
    });
    fs::write(&path, format!("{run:#}\n")).map_err(|error| cannot_write(&path, &error))
}

fn print_json(tables: &Tables) -> Result<(), Problem> {
    let json = serde_json::json!({
        "summary": tables.summary,
        "objectives": tables.objectives,
        "findings": tables.findings,
    });
    super::common::print(&format!("{json:#}\n"))
}
