//! `rolesim plan`: the smallest cluster that meets the objectives.

use super::common::{bar_of, default_target, print, terminal_options, use_threads};
use super::interrupt::Interrupt;
use super::live::LINE_EVERY;
use super::run::{cannot_write, manifest, write_run_json};
use crate::experiment::planning::{Candidate, Plan, PlanOptions, Step, plan};
use crate::experiment::{doubling_looks, run_info};
use crate::layout::LayoutRules;
use crate::report::Publication;
use crate::report::decisions::{PlanRows, write_plan};
use crate::report::planning::{PlanNotes, render};
use crate::scenario::Scenario;
use crate::source::Problem;
use crate::statistics::Confidence;
use clap::Args;
use indicatif::ProgressBar;
use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

/// Replications of screening.
const SCREENING: usize = 5;
/// Replications at the first look of certification, unless fewer are allowed.
const FIRST_LOOK: u32 = 10;

/// Find the smallest cluster that meets the objectives.
#[derive(Debug, Args)]
#[command(
    after_help = "The nodes are like those of [nodes] in the scenario, whose number and layouts are ignored; so are the\n\
                        tables of single nodes, and the nodes that a replayed trace names: the load balancer chooses.\n\n\
                        Exit codes: 0 a cluster is found, 1 it could not be done, 2 the input is wrong, 3 no cluster of\n\
                        the sizes allowed meets the objectives, 4 undecided: the replications allowed do not tell."
)]
pub struct PlanArgs {
    /// The scenario file; it needs objectives.
    pub scenario: PathBuf,
    /// The most nodes to consider.
    #[arg(long, value_name = "N", default_value_t = 16, value_parser = clap::value_parser!(u32).range(1..=500))]
    pub max_nodes: u32,
    /// Number of nodes, any of them, that may be down for the whole span: 0 or 1.
    #[arg(long, value_name = "NODES", default_value_t = 0, value_parser = clap::value_parser!(u8).range(0..=1))]
    pub survive: u8,
    /// The most replications for certifying a cluster.
    #[arg(long, value_name = "N", default_value_t = 80, value_parser = clap::value_parser!(u32).range(2..=100_000))]
    pub max_replications: u32,
    /// Of one size, the most clusters to certify, the most promising first.
    #[arg(long, value_name = "N", default_value_t = 4, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub max_attempts: u32,
    /// Threads to use [default: all cores].
    #[arg(long, value_name = "N", allow_hyphen_values = true, value_parser = clap::value_parser!(u16).range(1..=1_024))]
    pub threads: Option<u16>,
    /// Folder for the results [default: results/SCENARIO-plan].
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Print nothing but errors.
    #[arg(long, short)]
    pub quiet: bool,
    /// Print the result as JSON instead of tables.
    #[arg(long)]
    pub json: bool,
    /// Progress as lines on standard error, also where that is no terminal.
    #[arg(long)]
    pub progress: bool,
}

/// Runs the command; the exit code says whether a cluster was found.
///
/// # Errors
/// The scenario is wrong, or the results could not be written.
pub fn run(args: &PlanArgs) -> Result<u8, Problem> {
    let scenario = Scenario::read(&args.scenario)?;
    let target = args.out.clone().unwrap_or_else(|| default_target(&args.scenario, "plan"));
    let publication = Publication::begin(&target, &scenario.source.name)?;
    let interrupt = Interrupt::listen_to_end_at_once();
    interrupt.unfinished(publication.dir());
    let options = PlanOptions {
        max_nodes: args.max_nodes,
        survive: args.survive == 1,
        screening: SCREENING,
        looks: doubling_looks(FIRST_LOOK.min(args.max_replications) as usize, args.max_replications as usize),
        confidence: Confidence::default(),
        attempts: args.max_attempts as usize,
    };
    use_threads(args.threads);
    let started = Instant::now();
    let view = View::new(args.progress, args.quiet || args.json);
    let plan = plan(&scenario, &options, &|step| view.show(step))?;
    view.bar.finish_and_clear();

    let configuration = plan.winner.as_ref().map_or_else(Vec::new, |winner| configuration(&scenario, winner));
    let notes = notes(args, &scenario, &plan, &configuration);
    write(publication.dir(), &scenario, args, (&plan, &notes), &configuration)?;
    write_run_json(publication.dir(), started.elapsed().as_secs_f64(), plan.events)?;
    interrupt.commit(|| publication.commit())?;
    show(args, &scenario, (&plan, &notes), configuration, &target)?;
    Ok(match (&plan.winner, plan.has_undecided()) {
        (Some(_), _) => 0,
        (None, false) => 3,
        (None, true) => 4,
    })
}

/// What a search shows of itself while it lasts.
struct View {
    bar: ProgressBar,
    /// When the last line was written; `None`: no lines.
    lines: Option<Mutex<Instant>>,
}

impl View {
    /// Lines if `as_lines`, else a bar if standard error is a terminal and it is not `is_hidden`.
    fn new(as_lines: bool, is_hidden: bool) -> Self {
        Self { bar: bar_of(0, as_lines || is_hidden), lines: as_lines.then(|| Mutex::new(Instant::now())) }
    }

    fn show(&self, step: Step) {
        self.bar.inc(u64::from(step.done > 0));
        let noun = if step.nodes == 1 { "node" } else { "nodes" };
        let what = if step.is_screening { "screening" } else { "certifying" };
        let text = format!("{} {noun}: {what}, {} of {} simulations", step.nodes, step.done, step.total);
        if let Some(last) = &self.lines {
            let mut last = last.lock().unwrap_or_else(PoisonError::into_inner);
            if step.done == 0 || last.elapsed() >= LINE_EVERY {
                eprintln!("{text}");
                *last = Instant::now();
            }
        }
        self.bar.set_message(text);
    }
}

/// A part of the configuration: name of its file, heading, text.
struct Part {
    file: &'static str,
    heading: String,
    text: String,
}

/// What to write on the nodes for a cluster.
fn configuration(scenario: &Scenario, winner: &Candidate) -> Vec<Part> {
    let part = |file, heading: &str, text| Part { file, heading: heading.to_string(), text };
    let mut parts = if scenario.rules.layout == LayoutRules::Objects {
        vec![
            part("cluster-roles.json", "ClusterRole objects and pushShardsTotal", winner.json()),
            part("environment.txt", "Environment of each node", winner.environment()),
        ]
    } else {
        vec![part("config.toml", "For config.toml of every node", winner.toml(&scenario.rules.roles()))]
    };
    if winner.dedicated > 0 && !winner.dedicated_mail {
        let nodes: Vec<u64> = (u64::from(winner.general()) + 1..=u64::from(winner.nodes)).collect();
        let text = format!("leave {} out of the load balancer for mail\n", crate::report::format::nodes(&nodes));
        parts.push(part("load-balancer.txt", "Load balancer", text));
    }
    parts
}

/// The command that repeats the search.
fn command(args: &PlanArgs) -> String {
    format!(
        "rolesim plan {} --max-nodes {} --survive {} --max-replications {} --max-attempts {}",
        args.scenario.display(),
        args.max_nodes,
        args.survive,
        args.max_replications,
        args.max_attempts
    )
}

/// What the scenario says of single nodes, which are not planned with, a sentence each.
fn ignored(scenario: &Scenario) -> Vec<String> {
    let place = |span: &Range<usize>| {
        let (line, column) = scenario.source.line_column(span.start);
        format!("{}:{line}:{column}", scenario.source.name)
    };
    let of_node = scenario.unlike_nodes.iter().map(|(id, span)| {
        format!(
            "{}: [node.{id}] has cores, speed or a share of the mail of its own, and is not planned with: every node of a \
             planned cluster is as [nodes] says.",
            place(span)
        )
    });
    of_node.chain(recorded_nodes(scenario)).collect()
}

/// What holds of a trace that names nodes, if there is one.
fn recorded_nodes(scenario: &Scenario) -> Option<String> {
    let recording = scenario.workload.replay.as_ref().filter(|recording| recording.names_nodes());
    recording.map(|_| {
        "The load balancer chooses who receives a recorded message: the nodes that the trace names are those of another \
         cluster. To run the cluster found, take the column `node` out of the trace."
            .to_string()
    })
}

fn notes(args: &PlanArgs, scenario: &Scenario, plan: &Plan, parts: &[Part]) -> PlanNotes {
    PlanNotes {
        confidence: Confidence::default().level(),
        survive: args.survive == 1,
        max_nodes: args.max_nodes,
        simulations: plan.simulations,
        simulations_for_all: plan.simulations_for_all,
        notes: plan.notes.iter().cloned().chain(ignored(scenario)).collect(),
        certified_seed: plan.certified_seed,
        configuration: parts.iter().map(|part| (part.heading.clone(), part.text.clone())).collect(),
    }
}

fn write(
    dir: &Path,
    scenario: &Scenario,
    args: &PlanArgs,
    (plan, notes): (&Plan, &PlanNotes),
    parts: &[Part],
) -> Result<(), Problem> {
    for part in parts {
        let path = dir.join(part.file);
        fs::write(&path, &part.text).map_err(|error| cannot_write(&path, &error))?;
    }
    let mut info = run_info(scenario, &command(args));
    info.replications = plan.rows.iter().map(|row| row.n).max().unwrap_or(0);
    info.assumptions.extend(recorded_nodes(scenario));
    let rows = PlanRows { candidates: &plan.rows, objectives: &plan.objectives };
    write_plan(dir, rows, notes, &manifest(scenario, &info, &[]))
}

fn show(
    args: &PlanArgs,
    scenario: &Scenario,
    (plan, notes): (&Plan, &PlanNotes),
    parts: Vec<Part>,
    target: &Path,
) -> Result<(), Problem> {
    if args.json {
        let files: serde_json::Map<String, serde_json::Value> =
            parts.into_iter().map(|part| (part.file.to_string(), part.text.into())).collect();
        let json = serde_json::json!({
            "winner": plan.winner.as_ref().map(Candidate::name),
            "version": scenario.version.to_string(),
            "configuration": files,
            "candidates": plan.rows,
            "objectives": plan.objectives,
            "notes": notes.notes,
            "certified_seed": plan.certified_seed,
            "simulations": plan.simulations,
            "simulations_for_all": plan.simulations_for_all,
        });
        return print(&format!("{json:#}\n"));
    }
    if args.quiet {
        return Ok(());
    }
    let rows = PlanRows { candidates: &plan.rows, objectives: &plan.objectives };
    print(&render(rows, notes, terminal_options()))?;
    print(&format!("\nresults in {}\n", target.display()))
}
