//! `rolesim explain`: the story of one message in sentences.

use super::common::print;
use super::compare::find_layout;
use super::trace::check_account;
use super::when::When;
use crate::experiment::observe;
use crate::layout::Role;
use crate::metrics::story::TaskId;
use crate::report::explain::{ExplainContext, Listener, Story, Target};
use crate::report::format;
use crate::scenario::Scenario;
use crate::source::Problem;
use crate::time::NANOS_PER_SECOND;
use clap::Args;
use std::collections::BTreeSet;
use std::path::PathBuf;

/// Tell the story of one message in sentences: where it was written, who found it when and why not earlier, who ran
/// and who pushed it.
#[derive(Debug, Args)]
#[command(after_help = "A simulation repeats to the bit, so what is told is what `rolesim run` measured.\n\
                        Tasks are named as `rolesim run --trace` and this command show them, e.g. fts-indexing:12;\n\
                        a name means the same message under every layout of the scenario.")]
pub struct ExplainArgs {
    /// The scenario file.
    pub scenario: PathBuf,
    /// Account whose message is told.
    #[arg(long, value_name = "N", required_unless_present = "task", conflicts_with = "task", requires = "at")]
    pub account: Option<u32>,
    /// The message nearest to this time: 12m after the start of the measured span, or 09:12:03.
    #[arg(long, value_name = "TIME", requires = "account", allow_hyphen_values = true)]
    pub at: Option<When>,
    /// The message of this task, or the alert, such as fts-indexing:12.
    #[arg(long, value_name = "ROLE:NUMBER")]
    pub task: Option<TaskId>,
    /// The layout [default: the first of the file].
    #[arg(long, value_name = "NAME")]
    pub layout: Option<String>,
    /// The replication, from 0; the scenario need not have so many.
    #[arg(long, value_name = "R", default_value_t = 0, value_parser = clap::value_parser!(u32).range(..100_000))]
    pub replication: u32,
    /// Seed, instead of the scenario's.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(..=i64::MAX as u64))]
    pub seed: Option<u64>,
}

/// Runs the command.
///
/// # Errors
/// The scenario or the arguments are wrong, or there is no such task.
pub fn run(args: &ExplainArgs) -> Result<u8, Problem> {
    let mut scenario = Scenario::read(&args.scenario)?;
    scenario.seed = args.seed.unwrap_or(scenario.seed);
    let layout = args.layout.as_deref().map_or(Ok(0), |name| find_layout(&scenario, name))?;
    print(&tell(&scenario, layout, args.replication, target(args, &scenario)?)?)?;
    Ok(0)
}

fn target(args: &ExplainArgs, scenario: &Scenario) -> Result<Target, Problem> {
    match (args.account, args.at, args.task) {
        (Some(account), Some(at), None) => {
            check_account(scenario, account)?;
            Ok(Target::Account { account, at_ns: at.resolve(scenario, "--at")?.as_nanos() })
        }
        (None, None, Some(task)) => Ok(Target::Task(task)),
        _ => Err(Problem::new("it is not said which message", "give --account and --at, or --task")),
    }
}

/// Simulates one replication of a layout and tells the story that is asked for.
///
/// # Errors
/// There is nothing to tell.
pub fn tell(scenario: &Scenario, layout: usize, replication: u32, target: Target) -> Result<String, Problem> {
    let rules = &scenario.server(&scenario.layouts[layout]).rules;
    let origin = crate::time::SimTime::ZERO + scenario.warmup;
    let context = ExplainContext {
        nodes: scenario.nodes.iter().map(|node| node.id).collect(),
        origin_ns: origin.as_nanos(),
        start_second_of_day: scenario.calendar.nanos_of_day(origin) as f64 / NANOS_PER_SECOND as f64,
        refresh_s: rules.refresh_interval.as_secs_f64(),
        unserved: unserved(scenario, layout),
    };
    let mut listener = Listener::new(target);
    observe(scenario, layout, replication, &mut listener);
    let story = listener.story(&context).ok_or_else(|| match target {
        Target::Task(task) => Problem::new(
            format!("there is no task {task} in replication {replication}"),
            "--account with --at shows the names of the tasks of a message",
        ),
        Target::Account { account, .. } => Problem::new(
            format!("account {account} gets no message in replication {replication}"),
            "choose another account or replication, or simulate longer",
        ),
    })?;
    let name = &scenario.layouts[layout].name;
    let begins = format!("Account {} under layout {name}, replication {replication}", story.account);
    Ok(written(&story, begins, origin.as_nanos(), target))
}

/// The shards, counted from 1, that no node serves under a layout.
fn unserved(scenario: &Scenario, layout: usize) -> BTreeSet<(String, u32)> {
    let setup = scenario.setup(&scenario.layouts[layout]);
    let of_role = |role: Role| {
        let coverage = setup.coverage(role);
        let empty = (0..coverage.shards).filter(|shard| coverage.members[*shard as usize].is_empty());
        empty.map(move |shard| (role.to_string(), shard + 1)).collect::<Vec<_>>()
    };
    Role::ALL.into_iter().flat_map(of_role).collect()
}

fn written(story: &Story, begins: String, origin_ns: u64, target: Target) -> String {
    let mut text = begins + "\n\n";
    if story.begins_ns < origin_ns {
        text.push_str("This happens in the warm-up, which is simulated like the rest and not measured.\n\n");
    }
    if let Target::Account { at_ns, .. } = target {
        let apart = story.begins_ns.abs_diff(at_ns);
        if apart > 60 * NANOS_PER_SECOND {
            let side = if story.begins_ns < at_ns { "before" } else { "after" };
            let apart = format::duration(apart as f64 / 1e9);
            text.push_str(&format!("The message (or alert) nearest to that time came {apart} {side} it.\n\n"));
        }
    }
    for (clock, sentence) in &story.sentences {
        text.push_str(&format!("{clock}  {sentence}\n"));
    }
    let tasks: Vec<String> = story.tasks.iter().map(ToString::to_string).collect();
    text.push_str(&format!("\n{}\nTasks: {}\n", story.summary, tasks.join(", ")));
    text
}
