//! `rolesim compare`: which layouts differ, by how much, and which is the best.

use super::common::{
    bar_of, better, default_metrics, default_target, metrics_named, print, statistics_problem, terminal_options,
};
use super::interrupt::Interrupt;
use super::run::{manifest, write_run_json};
use crate::experiment::compare::{ComparePlan, Comparison, compare, pairs};
use crate::experiment::{Found, Sampler, doubling_looks, objective_row, run_info};
use crate::layout::closest;
use crate::metrics::rows::ObjectiveRow;
use crate::report::Publication;
use crate::report::comparison::{ComparisonNotes, render};
use crate::report::decisions::{ComparisonRows, write_comparison};
use crate::report::terminal::repeat_line;
use crate::scenario::Scenario;
use crate::source::Problem;
use crate::statistics::Confidence;
use clap::Args;
use std::path::{Path, PathBuf};
use std::time::Instant;

/// Fewest replications before anything is said, unless fewer are allowed.
const FIRST_LOOK: u32 = 10;
/// Unless told, so many times the first look are allowed.
const GROWTH: u32 = 16;

/// Compare layouts under the same messages and failures, and name the best.
#[derive(Debug, Args)]
#[command(after_help = "Exit codes: 0 every difference is decided, 1 it could not be done, 2 the input is wrong,\n\
                        4 undecided: the replications allowed do not tell.")]
pub struct CompareArgs {
    /// The scenario file.
    pub scenario: PathBuf,
    /// Layouts to compare, with commas between [default: all].
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    pub layouts: Vec<String>,
    /// A metric to compare; may be given several times [default: those of the objectives].
    #[arg(long, value_name = "METRIC")]
    pub metric: Vec<String>,
    /// Compare every layout with this one instead of each with each.
    #[arg(long, value_name = "NAME")]
    pub baseline: Option<String>,
    /// Differences below this are of no interest, such as 1% (of the mean).
    #[arg(long, value_name = "PERCENT", default_value = "1%", value_parser = percentage)]
    pub indifference: f64,
    /// The most replications of a layout [default: 16 times the first look].
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(2..=100_000))]
    pub max_replications: Option<u32>,
    /// Folder for the results [default: results/SCENARIO-compare].
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Print nothing but errors.
    #[arg(long, short)]
    pub quiet: bool,
    /// Print the result as JSON instead of tables.
    #[arg(long)]
    pub json: bool,
}

/// A percentage above 0 and below 100, as a fraction. Without its sign a number below 1 may be meant as a fraction.
fn percentage(text: &str) -> Result<f64, String> {
    let (number, is_signed) = match text.strip_suffix('%') {
        Some(number) => (number.trim(), true),
        None => (text.trim(), false),
    };
    match number.parse::<f64>() {
        Ok(value) if value > 0.0 && value < 1.0 && !is_signed => {
            Err(format!("is that {} or {}? write the sign", signed_percent(value / 100.0), signed_percent(value)))
        }
        Ok(value) if value > 0.0 && value < 100.0 => Ok(value / 100.0),
        _ => Err("give a percentage above 0 % and below 100 %, such as 1%".to_string()),
    }
}

/// A fraction as the option takes it.
fn signed_percent(ratio: f64) -> String {
    // Ten digits: what a person wrote comes out as it was, without the rounding of the product.
    let digits = format!("{:.10}", 100.0 * ratio);
    format!("{}%", digits.trim_end_matches('0').trim_end_matches('.'))
}

/// Runs the command; the exit code says whether everything is decided.
///
/// # Errors
/// The scenario or an argument is wrong, or the results could not be written.
pub fn run(args: &CompareArgs) -> Result<u8, Problem> {
    let mut scenario = Scenario::read(&args.scenario)?;
    choose_layouts(&mut scenario, &args.layouts)?;
    let baseline = args.baseline.as_ref().map(|name| find_layout(&scenario, name)).transpose()?;
    let names = if args.metric.is_empty() { default_metrics(&scenario) } else { args.metric.clone() };
    let mut metrics = metrics_named(&scenario, &names)?;
    for metric in &mut metrics {
        metric.better = better(&scenario, metric);
    }
    let compared = metrics.len();
    for objective in &scenario.objectives {
        // The versions of the layouts chosen may not have the metric of every objective.
        let known = metrics_named(&scenario, std::slice::from_ref(&objective.metric)).unwrap_or_default();
        metrics.extend(known.into_iter().filter(|metric| !names.contains(&metric.name)));
    }
    let target = args.out.clone().unwrap_or_else(|| default_target(&args.scenario, "compare"));
    let publication = Publication::begin(&target, &scenario.source.name)?;
    let interrupt = Interrupt::listen_to_end_at_once();
    interrupt.unfinished(publication.dir());

    let first_look = scenario.replications.max(FIRST_LOOK);
    let most = args.max_replications.unwrap_or_else(|| first_look.saturating_mul(GROWTH));
    let plan = ComparePlan {
        metrics: compared,
        pairs: pairs(scenario.layouts.len(), baseline),
        looks: doubling_looks(first_look as usize, most as usize),
        confidence: Confidence::default(),
        indifference_ratio: args.indifference,
    };
    let systems = scenario.layouts.iter().map(|layout| (layout.name.clone(), scenario.setup(layout))).collect();
    let mut sampler = Sampler::new(systems, metrics);
    let started = Instant::now();
    let bar = bar_of(scenario.layouts.len() as u64 * u64::from(most), args.quiet || args.json);
    let comparison = compare(&mut sampler, &plan, &|| bar.inc(1)).map_err(|error| statistics_problem(&error))?;
    bar.finish_and_clear();

    let objectives = objectives(&scenario, &sampler);
    write(publication.dir(), &scenario, args, (&comparison, &objectives))?;
    write_run_json(publication.dir(), started.elapsed().as_secs_f64(), sampler.events())?;
    interrupt.commit(|| publication.commit())?;
    show(args, &scenario, (&comparison, &objectives), &target)?;
    Ok(if comparison.is_undecided() { 4 } else { 0 })
}

/// Keeps the layouts that were named, in that order.
fn choose_layouts(scenario: &mut Scenario, names: &[String]) -> Result<(), Problem> {
    if !names.is_empty() {
        let mut chosen: Vec<usize> = Vec::new();
        for name in names {
            let layout = find_layout(scenario, name)?;
            if chosen.contains(&layout) {
                return Err(Problem::new(format!("layout `{name}` is named twice"), "name each layout once"));
            }
            chosen.push(layout);
        }
        scenario.servers = chosen.iter().map(|layout| scenario.server(&scenario.layouts[*layout])).collect();
        scenario.layouts = chosen.into_iter().map(|layout| scenario.layouts[layout].clone()).collect();
    }
    if scenario.layouts.len() < 2 {
        return Err(Problem::new(
            format!("there is nothing to compare layout `{}` with", scenario.layouts[0].name),
            "give the scenario a second layout, or name two with --layouts",
        ));
    }
    Ok(())
}

pub(super) fn find_layout(scenario: &Scenario, name: &str) -> Result<usize, Problem> {
    scenario.layouts.iter().position(|layout| layout.name == name).ok_or_else(|| {
        let known: Vec<&str> = scenario.layouts.iter().map(|layout| layout.name.as_str()).collect();
        let help = match closest(name, known.iter().copied()) {
            Some(near) => format!("did you mean `{near}`? the layouts are {}", known.join(", ")),
            None => format!("the layouts are {}", known.join(", ")),
        };
        Problem::new(format!("there is no layout `{name}`"), help)
    })
}

/// The command that repeats the comparison.
fn command(args: &CompareArgs) -> String {
    let mut words = vec!["rolesim compare".to_string(), args.scenario.display().to_string()];
    if !args.layouts.is_empty() {
        words.push(format!("--layouts {}", args.layouts.join(",")));
    }
    words.extend(args.metric.iter().map(|metric| format!("--metric {metric}")));
    words.extend(args.baseline.iter().map(|name| format!("--baseline {name}")));
    words.push(format!("--indifference {}", signed_percent(args.indifference)));
    words.extend(args.max_replications.map(|most| format!("--max-replications {most}")));
    words.join(" ")
}

/// Verdicts on the scenario's objectives by all replications of each layout. They do not change the exit code: a
/// comparison is about differences.
fn objectives(scenario: &Scenario, sampler: &Sampler) -> Vec<ObjectiveRow> {
    let mut rows = Vec::new();
    for system in 0..sampler.len() {
        for objective in &scenario.objectives {
            let metric = sampler.metrics().iter().position(|metric| metric.name == objective.metric);
            let found = metric.map_or_else(Found::default, |metric| sampler.found(system, metric));
            rows.push(objective_row(sampler.name(system), objective, &found));
        }
    }
    rows.sort_by(|a, b| a.layout.cmp(&b.layout));
    rows
}

fn write(
    dir: &Path,
    scenario: &Scenario,
    args: &CompareArgs,
    (comparison, objectives): (&Comparison, &[ObjectiveRow]),
) -> Result<(), Problem> {
    let mut info = run_info(scenario, &command(args));
    info.replications = comparison.differences.iter().map(|row| row.n).max().unwrap_or(0);
    let rows = ComparisonRows { differences: &comparison.differences, best: &comparison.best, objectives };
    write_comparison(dir, rows, &notes(comparison), &manifest(scenario, &info, &[]))
}

fn notes(comparison: &Comparison) -> ComparisonNotes {
    ComparisonNotes {
        looks: comparison.looks.clone(),
        error_rate: comparison.error_rate,
        indifference_ratio: comparison.indifference_ratio,
        simulations: comparison.simulations,
    }
}

fn show(
    args: &CompareArgs,
    scenario: &Scenario,
    (comparison, objectives): (&Comparison, &[ObjectiveRow]),
    target: &Path,
) -> Result<(), Problem> {
    let rows = ComparisonRows { differences: &comparison.differences, best: &comparison.best, objectives };
    if args.json {
        let json = serde_json::json!({
            "differences": comparison.differences,
            "best": comparison.best,
            "objectives": objectives,
            "looks": comparison.looks,
            "error_rate": comparison.error_rate,
            "indifference_ratio": comparison.indifference_ratio,
            "simulations": comparison.simulations,
        });
        return print(&format!("{json:#}\n"));
    }
    if args.quiet {
        return Ok(());
    }
    print(&render(rows, &notes(comparison), terminal_options()))?;
    let again = format!("rolesim run {}", args.scenario.display());
    if let Some(line) = repeat_line(objectives, scenario.seed, &again) {
        print(&format!("{line}\n"))?;
    }
    print(&format!("results in {}\n", target.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn indifference_is_a_percentage() {
        for (text, ratio) in [("1%", 0.01), ("1", 0.01), ("0.5 %", 0.005), ("25", 0.25)] {
            assert_eq!(percentage(text), Ok(ratio), "{text}");
        }
        assert_eq!(signed_percent(0.07), "7%");
        assert_eq!(percentage(&signed_percent(0.07)), Ok(0.07));
        assert_eq!(percentage("0.01"), Err("is that 0.01% or 1%? write the sign".to_string()));
        for wrong in ["", "0", "0%", "100", "100%", "-1%", "nan%", "x"] {
            assert!(percentage(wrong).is_err_and(|reason| reason.contains("such as 1%")), "{wrong}");
        }
    }
}
