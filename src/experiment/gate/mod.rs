//! The gate: is a scenario worse than its baseline by more than is accepted?
//!
//! Values equal to the bit in every replication of the first look pass at once, unless something has changed and a cause
//! that comes by chance may have come in none of them ([`chance`]). The rest is decided by paired
//! differences at planned looks ([`Gate`]), each metric of each layout with its own margin, until each is decided or
//! the baseline has no more replications. The error rate is shared by all metrics and layouts: the probability of any
//! wrong alarm is at most the error rate, and so is that of any wrong pass.

mod baseline;

pub use baseline::{Baseline, BaselineLayout, BaselineMetric};

use super::{Chance, Sampler, chance, doubling_looks, objective_row};
use crate::metrics::catalog::{Better, Metric};
use crate::metrics::rows::ObjectiveRow;
use crate::metrics::verdicts::{GateReport, GateRow};
use crate::scenario::Scenario;
use crate::source::Problem;
use crate::statistics::{Confidence, Estimate, Gate, GateDecision, GateLook, Looks, Margin, StatisticsError, Worse};

/// With which probability the change that a row names would be found.
const POWER: f64 = 0.9;

/// A metric and what change for the worse is accepted.
#[derive(Debug, Clone, PartialEq)]
pub struct Tolerance {
    pub metric: Metric,
    pub margin: Margin,
    /// As a person reads it.
    pub text: String,
}

/// What is judged and how surely.
#[derive(Debug, Clone, PartialEq)]
pub struct GatePlan {
    pub tolerances: Vec<Tolerance>,
    pub confidence: Confidence,
    /// Replications at the first look.
    pub first_look: usize,
}

/// One metric of one layout.
struct Case<'a> {
    layout: usize,
    metric: usize,
    tolerance: &'a Tolerance,
    baseline: &'a [Option<f64>],
    verdict: Option<&'static str>,
    n: usize,
    look: Option<GateLook>,
    gate: Option<Gate>,
    /// What may make a difference by chance that equal replications do not show.
    chance: Option<Chance>,
    reason: String,
}

/// How a look is made.
struct LookPlan<'a> {
    looks: &'a [usize],
    /// Of each metric.
    confidence: Confidence,
}

/// A sampler of the scenario's layouts for the metrics of a plan.
pub fn sampler(scenario: &Scenario, plan: &GatePlan) -> Sampler {
    let systems = scenario.layouts.iter().map(|layout| (layout.name.clone(), scenario.setup(layout)));
    Sampler::new(systems.collect(), plan.tolerances.iter().map(|tolerance| tolerance.metric.clone()).collect())
}

/// Holds a scenario against its baseline, which `name` calls in messages; `done` is called after each simulation.
///
/// # Errors
/// The baseline is of another scenario or seed scheme, or does not have a metric.
pub fn gate(
    scenario: &Scenario,
    (name, baseline): (&str, &Baseline),
    plan: &GatePlan,
    done: &(dyn Fn() + Sync),
) -> Result<GateReport, Problem> {
    let changes = baseline.check(name, scenario)?;
    let mut sampler = sampler(scenario, plan);
    let mut cases = cases(scenario, (name, baseline), plan)?;
    // The same program, scenario and layouts give the same values whatever happens.
    for case in cases.iter_mut().filter(|_| !changes.is_empty()) {
        case.chance = chance(sampler.setup(case.layout), case.tolerance.metric.quantity);
    }
    let looks = doubling_looks(plan.first_look.min(baseline.replications()), baseline.replications());
    let how = LookPlan { looks: &looks, confidence: plan.confidence.split(cases.len()) };
    for (number, &look) in looks.iter().enumerate() {
        let mut open: Vec<usize> = cases.iter().filter(|case| case.verdict.is_none()).map(|case| case.layout).collect();
        open.dedup();
        if open.is_empty() {
            break;
        }
        sampler.extend(&open, look, done);
        if number == 0 {
            baseline.check_messages(name, &sampler)?;
        }
        for case in cases.iter_mut().filter(|case| case.verdict.is_none()) {
            case.look(&sampler, look, &how).map_err(|error| {
                Problem::new(format!("{} cannot be judged: {error}", case.tolerance.metric.name), "leave it out")
            })?;
        }
    }
    Ok(GateReport {
        scenario: scenario.source.name.clone(),
        title: scenario.title.clone(),
        changes,
        rows: cases.iter().map(|case| case.row(&sampler)).collect(),
        objectives: objectives(scenario, &sampler),
        seed: scenario.seed,
        looks,
        error_rate: plan.confidence.error_rate(),
        simulations: sampler.simulations(),
    })
}

/// Verdicts on the scenario's objectives.
fn objectives(scenario: &Scenario, sampler: &Sampler) -> Vec<ObjectiveRow> {
    let mut rows = Vec::new();
    for system in 0..sampler.len() {
        for objective in &scenario.objectives {
            let Some(metric) = sampler.metrics().iter().position(|metric| metric.name == objective.metric) else {
                continue;
            };
            rows.push(objective_row(sampler.name(system), objective, &sampler.found(system, metric)));
        }
    }
    rows
}

/// Every metric of every layout that the baseline has, by layout.
fn cases<'a>(
    scenario: &Scenario,
    (name, baseline): (&str, &'a Baseline),
    plan: &'a GatePlan,
) -> Result<Vec<Case<'a>>, Problem> {
    let mut cases = Vec::new();
    for (layout, known) in scenario.layouts.iter().enumerate() {
        let Some(old) = baseline.layouts.iter().find(|old| old.name == known.name) else { continue };
        for (metric, tolerance) in plan.tolerances.iter().enumerate() {
            let wanted = &tolerance.metric.name;
            let values = old.metrics.iter().find(|metric| metric.name == *wanted).ok_or_else(|| {
                let message = format!("{name}: the baseline of layout `{}` has no values of {wanted}", known.name);
                Problem::new(message, "make a new baseline with --update and the same --tolerance")
            })?;
            let baseline = values.values.as_slice();
            let (verdict, look, gate, chance, reason) = (None, None, None, None, String::new());
            cases.push(Case { layout, metric, tolerance, baseline, verdict, n: 0, look, gate, chance, reason });
        }
        let is_judged = |old: &&BaselineMetric| plan.tolerances.iter().any(|wanted| wanted.metric.name == old.name);
        let unjudged: Vec<&str> =
            old.metrics.iter().filter(|old| !is_judged(old)).map(|old| old.name.as_str()).collect();
        if !unjudged.is_empty() {
            let names = unjudged.join(", ");
            let message = format!("{name}: the baseline of layout `{}` has {names}, judged no more", known.name);
            let help = "put the objective back, name the metric with --tolerance, or make a new baseline with --update";
            return Err(Problem::new(message, help));
        }
    }
    if cases.is_empty() {
        let message = format!("{name}: the baseline has nothing to judge the scenario by");
        return Err(Problem::new(message, "make a new baseline with --update"));
    }
    Ok(cases)
}

/// Whether what had values does not have them any more, which is worse than any margin: nothing is done any more of what
/// there is to do in some replication, or there was a value in each and is one in none.
fn is_lost(old: &[Option<f64>], new: &[Option<f64>], undone: &[bool]) -> bool {
    let had = |place: usize| old[place].is_some() && new[place].is_none();
    let is_dead = (0..old.len()).any(|place| had(place) && undone[place]);
    is_dead || (!old.is_empty() && (0..old.len()).all(had))
}

impl Case<'_> {
    fn look(&mut self, sampler: &Sampler, look: usize, how: &LookPlan<'_>) -> Result<(), StatisticsError> {
        (self.n, self.reason) = (look, String::new());
        let old = &self.baseline[..look];
        let new = &sampler.values(self.layout, self.metric)[..look];
        let bits = |value: &Option<f64>| value.map(f64::to_bits);
        if old.iter().map(bits).eq(new.iter().map(bits)) {
            self.verdict = self.equal("equal", how);
            return Ok(());
        }
        let undone = &sampler.undone(self.layout, self.metric)[..look];
        if is_lost(old, new, undone) {
            self.verdict = Some("regression");
            self.reason = sampler.found(self.layout, self.metric).reason(None);
            return Ok(());
        }
        let complete = |values: &[Option<f64>]| values.iter().copied().collect::<Option<Vec<f64>>>();
        let (Some(old), Some(new)) = (complete(old), complete(new)) else {
            self.verdict = Some("undecided");
            return Ok(());
        };
        let worse = if self.tolerance.metric.better == Better::Larger { Worse::Lower } else { Worse::Higher };
        let gate = Gate::new(Looks::equal(how.looks, how.confidence)?, worse, self.tolerance.margin)?;
        let result = gate.look(&old, &new)?;
        self.look = Some(result);
        self.gate = Some(gate);
        self.verdict = match result.decision {
            GateDecision::Regression => Some("regression"),
            GateDecision::NoRegression if result.excess.std_dev == Some(0.0) => self.equal("no_regression", how),
            GateDecision::NoRegression => Some("no_regression"),
            GateDecision::Undecided => Some("undecided"),
            GateDecision::Continue { .. } => None,
        };
        Ok(())
    }

    /// The verdict on replications that differ by nothing, or all by the same: `verdict` if there are enough to have seen
    /// what comes by chance, none as long as there are more looks.
    fn equal(&mut self, verdict: &'static str, how: &LookPlan<'_>) -> Option<&'static str> {
        let Some(chance) = &self.chance else { return Some(verdict) };
        let needed = chance.unseen.needed_to_see(how.confidence);
        if self.n >= needed {
            return Some(verdict);
        }
        self.reason = format!(
            "no difference in {} replications, but {}: at least {needed} equal ones would tell (--update with --max-replications)",
            self.n, chance.cause
        );
        (how.looks.last() == Some(&self.n)).then_some("undecided")
    }

    /// The smallest change for the worse that is found with [`POWER`], in the metric's unit.
    fn found_change(&self, baseline_mean: f64) -> Option<f64> {
        let (gate, excess) = (self.gate.as_ref()?, self.look?.excess);
        let change = gate.promised_change((excess.std_dev?, excess.n), POWER, baseline_mean).ok()?;
        let change =
            if let Margin::Relative(_) = self.tolerance.margin { change * baseline_mean.abs() } else { change };
        Some(if self.tolerance.metric.better == Better::Larger { -change } else { change })
    }

    /// The replication that has become worst, with its values now and before; none if all are equal.
    fn worst(&self, old: Option<&[f64]>, new: Option<&[f64]>) -> Option<(u32, f64, f64)> {
        let sign = if self.tolerance.metric.better == Better::Larger { -1.0 } else { 1.0 };
        let pairs = (0..).zip(new?).zip(old?).map(|((number, now), before)| (number, *now, *before));
        let by_change =
            |a: &(u32, f64, f64), b: &(u32, f64, f64)| (sign * (a.1 - a.2)).total_cmp(&(sign * (b.1 - b.2)));
        pairs.filter(|(_, now, before)| now != before).max_by(by_change)
    }

    fn row(&self, sampler: &Sampler) -> GateRow {
        let metric = &self.tolerance.metric;
        let old: Option<Vec<f64>> = self.baseline[..self.n].iter().copied().collect();
        let new = sampler.complete(self.layout, self.metric, self.n);
        let estimate = |values: &Option<Vec<f64>>| {
            values.as_ref().and_then(|values| Estimate::from_replications(values, Confidence::default()).ok())
        };
        let (old_estimate, new_estimate) = (estimate(&old), estimate(&new));
        let worst = self.worst(old.as_deref(), new.as_deref());
        GateRow {
            layout: sampler.name(self.layout).to_string(),
            metric: metric.name.clone(),
            verdict: self.verdict.unwrap_or("undecided").to_string(),
            n: self.n as u32,
            baseline_mean: old_estimate.map(|estimate| estimate.mean),
            mean: new_estimate.map(|estimate| estimate.mean),
            ci_low: new_estimate.and_then(|estimate| estimate.ci_low()),
            ci_high: new_estimate.and_then(|estimate| estimate.ci_high()),
            tolerance: self.tolerance.text.clone(),
            excess: self.look.map(|look| look.excess.mean),
            excess_low: self.look.and_then(|look| look.excess.ci_low()),
            excess_high: self.look.and_then(|look| look.excess.ci_high()),
            found_change: old_estimate.and_then(|old| self.found_change(old.mean)),
            worst_replication: worst.map(|(number, ..)| number),
            worst: worst.map(|(_, now, _)| now),
            worst_baseline: worst.map(|(.., before)| before),
            reason: self.reason.clone(),
            smaller_is_better: metric.better == Better::Smaller,
            unit: metric.unit.to_string(),
        }
    }
}
