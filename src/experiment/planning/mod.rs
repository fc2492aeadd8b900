//! Planning: the smallest cluster that meets the objectives.
//!
//! Clusters are tried in the order of their number of nodes. Of each size every pattern of shards ([`Candidate`]) is
//! * thrown out by calculation: a load of 1 or more ([`loads`]), a shard with an objective and no node, or more copies of
//!   a notification than an objective allows;
//! * screened with few replications, and thrown out if an objective is missed with 99 % confidence;
//! * certified with other seeds, in planned looks: every objective is met, in every case.
//!
//! The first one certified is the plan. The cases are: all nodes up, and, if a node may fail, one node of each kind
//! ([`kinds`](fn@kinds)) down for the whole measured span. A wrong certificate needs one objective of one case to be called
//! met wrongly; testing all of them at the full error rate is enough for that (intersection-union test). The i-th attempt
//! to certify has 6/(π²i²) of the error rate, which add up to the whole, and splits it over its looks.

mod candidate;
mod capacity;
mod faults;
mod goals;
mod kinds;
mod trial;

pub use candidate::{Candidate, candidates};
pub use capacity::{Rates, Resource, heaviest, loads};
pub use goals::{Goal, goals};
pub use kinds::kinds;
pub use trial::Standing;

use super::Sampler;
use crate::layout::{LayoutRules, Role};
use crate::metrics::catalog::Quantity;
use crate::metrics::verdicts::{PlanObjectiveRow, PlanRow};
use crate::scenario::Scenario;
use crate::source::Problem;
use crate::statistics::{Confidence, StatisticsError};
use candidate::without_nodes;
use std::sync::atomic::{AtomicU64, Ordering};
use trial::Trial;

/// What screening needs to throw a candidate out.
const SCREENING_LEVEL: f64 = 0.99;
/// Makes the seed of certification from that of screening.
const FRESH: u64 = 0x2545_F491_4F6C_DD1D;

/// What is searched and how surely.
#[derive(Debug, Clone, PartialEq)]
pub struct PlanOptions {
    pub max_nodes: u32,
    /// Whether the objectives are to hold with any one node down, too.
    pub survive: bool,
    /// Replications of screening.
    pub screening: usize,
    /// Numbers of replications at which certification looks.
    pub looks: Vec<usize>,
    pub confidence: Confidence,
    /// Of one size, so many candidates are certified at most.
    pub attempts: usize,
}

/// What came out.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// Every candidate up to the most nodes, by nodes.
    pub rows: Vec<PlanRow>,
    /// Every objective of every candidate that was simulated.
    pub objectives: Vec<PlanObjectiveRow>,
    /// The smallest cluster that is certified.
    pub winner: Option<Candidate>,
    /// What to know about the winner, a sentence each.
    pub notes: Vec<String>,
    /// Seed of the certifying replications.
    pub certified_seed: u64,
    /// Simulations made.
    pub simulations: u64,
    /// Events of these.
    pub events: u64,
    /// Simulations that trying every candidate in every case would have taken.
    pub simulations_for_all: u64,
}

impl Plan {
    /// Whether a smaller cluster than the winner (any, without a winner) could not be judged.
    pub fn has_undecided(&self) -> bool {
        let smaller = |row: &&PlanRow| self.winner.as_ref().is_none_or(|winner| row.nodes < winner.nodes);
        self.rows.iter().filter(smaller).any(|row| row.verdict == "undecided" || row.verdict == "passed")
    }
}

/// How far a search is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    /// Size of the clusters in question.
    pub nodes: u32,
    /// Whether they are screened; else one of them is to be certified.
    pub is_screening: bool,
    /// Simulations of this step so far.
    pub done: u64,
    /// Simulations of this step.
    pub total: u64,
}

/// Searches; `look` is told of every step when it begins, and after each simulation.
///
/// # Errors
/// The scenario has no objectives, or faults that do not fit a cluster of another size.
pub fn plan(scenario: &Scenario, options: &PlanOptions, look: &(dyn Fn(Step) + Sync)) -> Result<Plan, Problem> {
    let goals = goals(scenario)?;
    // Once, and not for every candidate.
    let mut scenario = scenario.clone();
    scenario.workload.replay = scenario.workload.replay.map(without_nodes);
    let scenario = &scenario;
    let mut search = Search { options, goals, attempts: 0, simulations: 0, events: 0, certified_at: 0, look };
    let mut plan = Plan {
        rows: Vec::new(),
        objectives: Vec::new(),
        winner: None,
        notes: Vec::new(),
        certified_seed: scenario.seed ^ FRESH,
        simulations: 0,
        events: 0,
        simulations_for_all: 0,
    };
    let own = scenario.setup(&scenario.layouts[0]);
    let rates = Rates::of(&own);
    let heavy = match scenario.rules.layout {
        LayoutRules::Shards => heaviest(&own, &rates),
        _ => Role::FtsIndexing,
    };
    let has_push = scenario.workload.groups.iter().any(|group| group.push_subscriptions_per_account > 0.0)
        || search.goals.iter().any(|goal| matches!(goal.metric.quantity, Quantity::Push(_)));
    let mut cases = 0;
    for nodes in 1..=options.max_nodes {
        let mut trials = Vec::new();
        let mut considered = candidates(nodes, scenario.rules.layout, options.survive);
        if !has_push {
            // Nothing distinguishes patterns that differ in push only.
            considered
                .dedup_by(|twin, first| *twin == Candidate { push_replicas: twin.push_replicas, ..first.clone() });
        }
        for candidate in considered {
            let candidate = Candidate { heavy, ..candidate };
            trials.push(Trial::new(scenario, candidate, &search.goals, (options.survive, &rates))?);
        }
        cases += trials.iter().map(|trial| trial.cases.len() as u64).sum::<u64>();
        if plan.winner.is_none() {
            search.screen(&mut trials);
            plan.winner = search.certify(&mut trials)?;
            let certified = trials.iter().find(|trial| trial.standing == Standing::Certified);
            plan.notes = certified.map_or_else(Vec::new, |trial| trial.notes(&search.goals));
            plan.rows.extend(trials.iter().map(Trial::row));
        } else {
            let not_needed = |trial: &Trial| PlanRow { verdict: "not_needed".to_string(), ..trial.row() };
            plan.rows.extend(trials.iter().map(not_needed));
        }
        plan.objectives.extend(trials.into_iter().flat_map(|trial| trial.objectives));
    }
    plan.simulations = search.simulations;
    plan.events = search.events;
    let replications =
        if search.certified_at > 0 { search.certified_at } else { options.looks.first().copied().unwrap_or(0) };
    plan.simulations_for_all = cases * replications as u64;
    Ok(plan)
}

/// The search under way.
struct Search<'a> {
    options: &'a PlanOptions,
    goals: Vec<Goal>,
    /// Attempts to certify so far.
    attempts: usize,
    simulations: u64,
    events: u64,
    /// Replications with which the winner was certified.
    certified_at: usize,
    look: &'a (dyn Fn(Step) + Sync),
}

impl Search<'_> {
    /// Throws out what misses an objective clearly: first with all nodes up, then with one down.
    fn screen(&mut self, trials: &mut [Trial]) {
        let confidence = Confidence::new(SCREENING_LEVEL).unwrap_or_default();
        let n = self.options.screening;
        let mut sampler = self.sampler();
        let mut systems: Vec<Vec<usize>> = vec![Vec::new(); trials.len()];
        for is_first in [true, false] {
            let mut wanted = Vec::new();
            for (trial, systems) in trials.iter_mut().zip(&mut systems).filter(|(t, _)| t.standing == Standing::Open) {
                let cases = if is_first { 0..1 } else { 1..trial.cases.len() };
                for case in cases {
                    let system = sampler.add(trial.candidate.name(), trial.setups[case].clone());
                    systems.push(system);
                    wanted.push(system);
                    trial.simulations += n as u64;
                }
            }
            let nodes = trials.first().map_or(0, |trial| trial.candidate.nodes);
            self.extend(&mut sampler, &wanted, n, (nodes, true));
            for (trial, systems) in trials.iter_mut().zip(&systems).filter(|(t, _)| t.standing == Standing::Open) {
                trial.judge(&sampler, systems, &self.goals, n, confidence);
            }
        }
        self.simulations += sampler.simulations();
        self.events += sampler.events();
    }

    /// Certifies the most promising that passed screening, one after the other, until one is.
    fn certify(&mut self, trials: &mut [Trial]) -> Result<Option<Candidate>, Problem> {
        let mut order: Vec<usize> = (0..trials.len()).filter(|&t| trials[t].standing == Standing::Open).collect();
        let excess = |trial: usize| trials[trial].excess(&self.goals);
        order.sort_by(|&a, &b| {
            let by_open = trials[a].open_objectives().cmp(&trials[b].open_objectives());
            by_open.then(excess(a).total_cmp(&excess(b)))
        });
        for number in order.into_iter().take(self.options.attempts) {
            let trial = &mut trials[number];
            self.attempts += 1;
            let looks = &self.options.looks;
            let confidence = attempt_confidence(self.options.confidence, self.attempts, looks.len());
            let confidence = confidence.map_err(|error| Problem::new(error.to_string(), "allow fewer nodes"))?;
            let mut sampler = self.sampler();
            let systems: Vec<usize> = trial
                .setups
                .iter()
                .map(|setup| {
                    let mut setup = setup.clone();
                    setup.seed ^= FRESH;
                    sampler.add(trial.candidate.name(), setup)
                })
                .collect();
            trial.standing = Standing::Undecided;
            for &look in looks {
                self.extend(&mut sampler, &systems, look, (trial.candidate.nodes, false));
                trial.judge(&sampler, &systems, &self.goals, look, confidence);
                if trial.standing == Standing::Missed {
                    break;
                }
                if trial.open_objectives() == 0 {
                    trial.standing = Standing::Certified;
                    break;
                }
            }
            trial.simulations += sampler.simulations();
            self.simulations += sampler.simulations();
            self.events += sampler.events();
            if trial.standing == Standing::Certified {
                self.certified_at = trial.n;
                return Ok(Some(trial.candidate.clone()));
            }
        }
        Ok(None)
    }

    /// Simulates until each of these systems has `n` replications.
    fn extend(&self, sampler: &mut Sampler, systems: &[usize], n: usize, (nodes, is_screening): (u32, bool)) {
        let total = systems.iter().map(|system| n.saturating_sub(sampler.replications(*system)) as u64).sum();
        let tell = |done| (self.look)(Step { nodes, is_screening, done, total });
        let done = AtomicU64::new(0);
        if total > 0 {
            tell(0);
        }
        sampler.extend(systems, n, &|| tell(done.fetch_add(1, Ordering::Relaxed) + 1));
    }

    fn sampler(&self) -> Sampler {
        Sampler::new(Vec::new(), self.goals.iter().map(|goal| goal.metric.clone()).collect())
    }
}

/// Level of each statement of the i-th attempt, at each look.
fn attempt_confidence(whole: Confidence, attempt: usize, looks: usize) -> Result<Confidence, StatisticsError> {
    let part = 6.0 / (std::f64::consts::PI * attempt as f64).powi(2);
    Confidence::new(1.0 - whole.error_rate() * part / looks.max(1) as f64)
}
