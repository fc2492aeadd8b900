//! `rolesim run`: simulate a scenario, write the results, say what they mean.

use super::common::{exit_code, print_table, progress_bar};
use crate::experiment;
use crate::layout::Layout;
use crate::layout::rules::{CheckContext, check};
use crate::metrics::rows::{FindingRow, Tables};
use crate::report::findings::SteadySpan;
pub(super) use crate::report::folder::cannot_write;
use crate::report::terminal::repeat_line;
use crate::report::{FindingContext, LayoutPlan, Manifest, Publication, RunInfo, findings, folder};
use crate::scenario::Scenario;
use crate::source::Problem;
use clap::Args;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

/// Simulate every layout of a scenario and report what it does.
#[derive(Debug, Args)]
#[command(after_help = "Exit codes: 0 every objective is met, 1 it could not be done, 2 the input is wrong,\n\
                        3 an objective is missed, 4 undecided: more replications are needed.")]
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
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(..=i64::MAX as u64))]
    pub seed: Option<u64>,
    /// Threads to use [default: all cores].
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1_024))]
    pub threads: Option<u16>,
    /// Print nothing but errors.
    #[arg(long, short)]
    pub quiet: bool,
    /// Print the summary as JSON instead of tables.
    #[arg(long)]
    pub json: bool,
}

/// Runs the command; the exit code says whether the objectives are met.
///
/// # Errors
/// The scenario is wrong, or the results could not be written.
pub fn run(args: &RunArgs) -> Result<u8, Problem> {
    let mut scenario = Scenario::read(&args.scenario)?;
    scenario.replications = args.replication.map_or(args.replications.unwrap_or(scenario.replications), |_| 1);
    scenario.seed = args.seed.unwrap_or(scenario.seed);
    let target = args.out.clone().unwrap_or_else(|| default_target(args));
    let publication = Publication::begin(&target, &scenario.source.name)?;
    if let Some(threads) = args.threads {
        // Fails only if the pool exists already, which then keeps its threads.
        let pool = rayon::ThreadPoolBuilder::new().num_threads(usize::from(threads)).build_global();
        debug_assert!(pool.is_ok(), "the pool is built once");
    }
    let started = Instant::now();
    let bar = progress_bar(&scenario, args.quiet || args.json);
    let results = experiment::run_from(&scenario, args.replication.unwrap_or(0), |record| {
        bar.inc(1);
        bar.set_message(format!("{} events", record.events));
    });
    bar.finish_and_clear();
    let wall_s = started.elapsed().as_secs_f64();

    let info = experiment::run_info(&scenario, &command(args));
    let plans: Vec<LayoutPlan> =
        scenario.layouts.iter().zip(&results).map(|(layout, result)| experiment::plan(layout, result)).collect();
    let mut tables = experiment::tables(&scenario, &results);
    tables.findings = all_findings(&scenario, &tables, &info, &plans);
    let events: u64 = results.iter().flat_map(|result| &result.records).map(|record| record.events).sum();
    write(publication.dir(), &scenario, &tables, &info, &plans)?;
    write_run_json(publication.dir(), wall_s, events)?;
    publication.commit()?;
    if args.json {
        print_json(&tables)?;
    } else if !args.quiet {
        let repeat = repeat_line(&tables.objectives, scenario.seed, &again(args));
        print_table(&tables, repeat.as_deref(), &target, (wall_s, events))?;
    }
    Ok(exit_code(&tables.objectives))
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

/// The command that repeats the run; the number of threads makes no difference.
fn command(args: &RunArgs) -> String {
    let mut words = vec![again(args)];
    words.extend(args.replications.map(|n| format!("--replications {n}")));
    words.extend(args.replication.map(|n| format!("--replication {n}")));
    words.join(" ")
}

/// What the layouts show without simulating, and what the results show; sorted as the file is.
fn all_findings(scenario: &Scenario, tables: &Tables, info: &RunInfo, plans: &[LayoutPlan]) -> Vec<FindingRow> {
    let context = FindingContext {
        refresh_s: scenario.rules.refresh_interval.as_secs_f64(),
        start_second_of_day: info.start_second_of_day(),
        server_version: info.server_version.clone(),
        plans: plans.to_vec(),
        steady: info.steady_state.then_some(SteadySpan { warmup_s: info.warmup_s, duration_s: info.duration_s }),
    };
    let mut rows = findings::from_results(tables, &context);
    let nodes = scenario.node_infos();
    for layout in &scenario.layouts {
        let server = scenario.server(layout);
        let version = server.version.to_string();
        let context = CheckContext { layout, rules: server.rules.layout, version: &version, nodes: &nodes };
        for finding in check(&context) {
            rows.push(FindingRow {
                layout: layout.name.clone(),
                rule: finding.rule.to_string(),
                role: finding.role.map(|role| role.to_string()).unwrap_or_default(),
                shard: finding.shard.map(|shard| (shard + 1).to_string()).unwrap_or_default(),
                severity: finding.severity.to_string(),
                message: finding.message,
                help: finding.help,
            });
        }
    }
    rows.extend(late_faults(scenario));
    rows.sort_by(|a, b| (&a.layout, &a.rule, &a.role, &a.shard).cmp(&(&b.layout, &b.rule, &b.role, &b.shard)));
    rows
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

fn write(
    dir: &Path,
    scenario: &Scenario,
    tables: &Tables,
    info: &RunInfo,
    plans: &[LayoutPlan],
) -> Result<(), Problem> {
    folder::write(dir, tables, &manifest(scenario, info, plans), Vec::new())
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
