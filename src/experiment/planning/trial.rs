//! One candidate on its way: thrown out by calculation, screened, certified.

use super::candidate::Candidate;
use super::capacity::{Rates, Resource, loads};
use super::kinds::kinds;
use super::{faults, goals::Goal};
use crate::cluster::setup::Setup;
use crate::experiment::Sampler;
use crate::experiment::objectives::forbids_undone;
use crate::layout::Role;
use crate::metrics::catalog::{PushQuantity, Quantity};
use crate::metrics::verdicts::{PlanObjectiveRow, PlanRow};
use crate::report::format::percent;
use crate::scenario::Scenario;
use crate::server::{DispatchRule, PushRule};
use crate::source::Problem;
use crate::statistics::{Comparison, Confidence, Estimate, Verdict, judge, worst_of};

/// Where a candidate stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    Open,
    Unstable,
    Uncovered,
    Missed,
    Undecided,
    Certified,
}

/// A candidate and what is known of it.
pub struct Trial {
    pub candidate: Candidate,
    /// The node that is down in each case; the first case has none.
    pub cases: Vec<Option<u32>>,
    pub setups: Vec<Setup>,
    pub standing: Standing,
    pub limiting: String,
    /// The busiest resource of each case.
    pub busiest: Resource,
    /// Of the last judgement.
    pub objectives: Vec<PlanObjectiveRow>,
    pub n: usize,
    pub simulations: u64,
    pattern: String,
    cores: u32,
}

impl Trial {
    /// A candidate and its cases, thrown out if calculation tells that it cannot do.
    ///
    /// # Errors
    /// A fault of the scenario does not fit a cluster of another size.
    pub fn new(
        scenario: &Scenario,
        candidate: Candidate,
        goals: &[Goal],
        (survive, rates): (bool, &Rates),
    ) -> Result<Self, Problem> {
        let own = candidate.scenario(scenario)?;
        let all_up = own.setup(&own.layouts[0]);
        let mut cases = vec![None];
        if survive {
            cases.extend(kinds(&all_up).into_iter().map(|node| Some(u32::from(node) + 1)));
        }
        let setup = |case: &Option<u32>| {
            let mut setup = all_up.clone();
            setup.faults.extend(case.map(|node| faults::down(&own, node as u16 - 1)));
            setup
        };
        let setups: Vec<Setup> = cases.iter().map(setup).collect();
        let busiest = cases.iter().zip(&setups).map(|(case, setup)| busiest(setup, rates, *case));
        let busiest = busiest.reduce(|a, b| if b.load > a.load { b } else { a });
        let busiest = busiest.unwrap_or(Resource { name: "nothing".to_string(), load: 0.0 });
        let mut trial = Self {
            pattern: candidate.words(scenario.rules.layout),
            cores: candidate.nodes * scenario.node_template.cores,
            standing: Standing::Open,
            limiting: at(&busiest),
            objectives: Vec::new(),
            n: 0,
            simulations: 0,
            candidate,
            cases,
            setups,
            busiest,
        };
        trial.calculate(goals);
        Ok(trial)
    }

    fn calculate(&mut self, goals: &[Goal]) {
        if let Some(shard) = self.uncovered(goals) {
            (self.standing, self.limiting) = (Standing::Uncovered, shard);
        }
        if let Some(copies) = self.copies(goals).or_else(|| self.lost(goals)) {
            (self.standing, self.limiting) = (Standing::Missed, copies);
        }
        if self.busiest.load >= 1.0 {
            (self.standing, self.limiting) = (Standing::Unstable, at(&self.busiest));
        }
    }

    /// A shard with an objective that nobody serves in some case.
    fn uncovered(&self, goals: &[Goal]) -> Option<String> {
        for (case, setup) in self.cases.iter().zip(&self.setups) {
            for goal in goals {
                let Quantity::Role(role, _) = goal.metric.quantity else { continue };
                if !setup.rules.queue_roles.contains(&role) {
                    continue;
                }
                let is_up = |node: &u16| *case != Some(u32::from(*node) + 1);
                let members = &setup.coverage(role).members;
                if let Some(shard) = members.iter().position(|shard| !shard.iter().any(is_up)) {
                    let down = case.map_or_else(String::new, |node| format!(" while node {node} is down"));
                    return Some(format!("shard {} of {role} has no node{down}", shard + 1));
                }
            }
        }
        None
    }

    /// Copies of a notification that the rules of push make certain, where an objective forbids them. Nodes would have to
    /// be down half of the time for k nodes of a shard to send fewer than (1 + k) / 2 copies.
    fn copies(&self, goals: &[Goal]) -> Option<String> {
        let nodes = self.candidate.push_replicas;
        let sent = 0.5 * (1.0 + f64::from(nodes));
        let forbids = |goal: &&Goal| {
            let is_upper = matches!(goal.comparison, Comparison::Less | Comparison::LessOrEqual | Comparison::Equal);
            goal.metric.quantity == Quantity::Push(PushQuantity::CopiesMean) && is_upper && goal.limit < sent
        };
        let goal = goals.iter().find(forbids).filter(|_| self.setups[0].rules.push == PushRule::EveryLiveNode)?;
        Some(format!("{}: the {nodes} nodes of a push shard each send a copy", goal.text))
    }

    /// A push shard of one node whose notifications are lost in some case, and the mean share of all that a shard has.
    fn alone(&self) -> Option<(u32, f64)> {
        let setup = &self.setups[0];
        let shards = &setup.coverage(Role::PushNotifications).members;
        let is_lost = |node: u32| shards.iter().any(|shard| shard.iter().all(|member| u32::from(*member) + 1 == node));
        let node = self.cases.iter().flatten().copied().find(|node| is_lost(*node))?;
        Some((node, 1.0 / shards.len().max(1) as f64))
    }

    /// Notifications that are certainly lost while a node is down, where an objective forbids it. Accounts are not equal,
    /// but some shard has the mean share at least; half of it leaves room for chance.
    fn lost(&self, goals: &[Goal]) -> Option<String> {
        let (node, share) = self.alone()?;
        let forbids = |goal: &&Goal| {
            let is_upper = matches!(goal.comparison, Comparison::Less | Comparison::LessOrEqual | Comparison::Equal);
            goal.metric.quantity == Quantity::Push(PushQuantity::MissedFraction) && is_upper && goal.limit < 0.5 * share
        };
        let goal = goals.iter().find(forbids)?;
        Some(format!("{}: a push shard without a live node while node {node} is down", goal.text))
    }

    /// What is lost that no objective asks for, a sentence each.
    pub fn notes(&self, goals: &[Goal]) -> Vec<String> {
        let asked = |name: &str| goals.iter().any(|goal| goal.metric.name == name);
        let lost = self.alone().filter(|_| !asked("push-notifications.missed.fraction")).map(|(_, share)| {
            format!(
                "While a node is down, the notifications of its push shard are lost, {} of all on average over the shards, \
                 and no objective minds: ask for \"push-notifications.missed.fraction\" if they matter. A second node in the shard keeps \
                 them, and sends every notification twice while both are up.",
                percent(share)
            )
        });
        let copies = f64::from(self.candidate.push_replicas);
        let every_node = self.setups[0].rules.push == PushRule::EveryLiveNode;
        let twice = (every_node && copies > 1.0 && !asked("push-notifications.copies.mean")).then(|| {
            format!(
                "Every notification comes {copies} times, once from each node of its push shard, and no objective minds: \
                 ask for \"push-notifications.copies.mean\" if it matters."
            )
        });
        let implied: Vec<&str> = goals.iter().filter(|goal| goal.is_implied).map(|goal| goal.text.as_str()).collect();
        let implied = (!implied.is_empty()).then(|| {
            format!(
                "{} was added: a quantile may hold although a few tasks are never done, and a cluster must leave none when the drain ends.",
                implied.join(", ")
            )
        });
        lost.into_iter().chain(twice).chain(implied).collect()
    }

    /// Judges all objectives in the cases that have these systems in a sampler, by their first `n` replications.
    pub fn judge(&mut self, sampler: &Sampler, systems: &[usize], goals: &[Goal], n: usize, confidence: Confidence) {
        self.n = n;
        self.objectives.clear();
        let mut failure = None;
        for (case, system) in self.cases.iter().zip(systems) {
            for (number, goal) in goals.iter().enumerate() {
                let values = sampler.complete(*system, number, n).unwrap_or_default();
                // What is asked beside the objectives is asked of what was simulated, not of what may be unseen.
                let judged = if goal.is_implied {
                    judge(&values, goal.comparison, goal.limit, confidence).ok()
                } else {
                    sampler.judge(*system, number, &values, (goal.comparison, goal.limit), confidence)
                };
                let worst = worst_of(&values, goal.comparison, goal.limit);
                let is_undone = sampler.undone(*system, number).iter().take(n).any(|undone| *undone);
                let verdict = match judged {
                    _ if is_undone && forbids_undone(goal.comparison) => Verdict::Missed,
                    // For throwing out the interval that is shown is enough: it cannot lie beyond the limit and pass.
                    Some(judged) if judged.verdict == Verdict::Undecided && lies_beyond(&judged.estimate, goal) => {
                        Verdict::Missed
                    }
                    Some(judged) => judged.verdict,
                    None => Verdict::Undecided,
                };
                if verdict == Verdict::Missed && failure.is_none() {
                    failure = Some((goal, *case));
                }
                self.objectives.push(PlanObjectiveRow {
                    candidate: self.candidate.name(),
                    node_down: *case,
                    objective: goal.text.clone(),
                    limit: Some(goal.limit),
                    verdict: verdict.key().to_string(),
                    n: n as u32,
                    value: judged.map(|judged| judged.estimate.mean),
                    ci_low: judged.and_then(|judged| judged.estimate.ci_low()),
                    ci_high: judged.and_then(|judged| judged.estimate.ci_high()),
                    unit: goal.metric.unit.to_string(),
                    worst: worst.map(|place| values[place]),
                    worst_replication: worst.map(|place| place as u32),
                });
            }
        }
        if let Some((goal, case)) = failure {
            self.standing = Standing::Missed;
            self.limiting = self.reason(goal, case);
        }
    }

    /// Objectives of the last judgement that are not shown to be met.
    pub fn open_objectives(&self) -> usize {
        self.objectives.iter().filter(|row| row.verdict != "met").count()
    }

    /// By how much the objective that is farthest from being met exceeds its limit, as a fraction of it: the smaller,
    /// the more promising. Equal for all of which nothing is open.
    pub fn excess(&self, goals: &[Goal]) -> f64 {
        let rows = self.objectives.iter().zip(goals.iter().cycle()).filter(|(row, _)| row.verdict != "met");
        let excess = rows.filter_map(|(row, goal)| {
            let over = row.value? - goal.limit;
            let over = match goal.comparison {
                Comparison::Less | Comparison::LessOrEqual => over,
                Comparison::Greater | Comparison::GreaterOrEqual => -over,
                Comparison::Equal => over.abs(),
            };
            Some(over / goal.limit.abs().max(f64::MIN_POSITIVE))
        });
        excess.fold(f64::NEG_INFINITY, f64::max)
    }

    /// What a missed objective is missed for.
    fn reason(&self, goal: &Goal, case: Option<u32>) -> String {
        let setup = &self.setups[0];
        let own_scans = setup.rules.dispatch == DispatchRule::OwnScans;
        let down = case.map_or_else(String::new, |node| format!(" while node {node} is down"));
        match goal.metric.quantity {
            Quantity::Push(_) if goal.metric.name.contains("missed") => {
                format!("a push shard without a live node{down}")
            }
            Quantity::Role(role, _) if own_scans && role == self.candidate.heavy && self.is_deaf() => {
                format!(
                    "refresh interval of {}: nodes that receive no mail find work only then",
                    setup.rules.refresh_interval
                )
            }
            _ => at(&self.busiest),
        }
    }

    /// Whether nodes that do the heaviest role are not woken by mail.
    fn is_deaf(&self) -> bool {
        self.candidate.dedicated > 0 && !self.candidate.dedicated_mail
    }

    /// The row of `plan.csv`.
    pub fn row(&self) -> PlanRow {
        let verdict = match self.standing {
            Standing::Open => "passed",
            Standing::Unstable => "unstable",
            Standing::Uncovered => "uncovered",
            Standing::Missed => "missed",
            Standing::Undecided => "undecided",
            Standing::Certified => "certified",
        };
        PlanRow {
            candidate: self.candidate.name(),
            nodes: self.candidate.nodes,
            cores: self.cores,
            pattern: self.pattern.clone(),
            verdict: verdict.to_string(),
            limiting: self.limiting.clone(),
            load_ratio: Some(self.busiest.load),
            n: self.n as u32,
            simulations: self.simulations,
        }
    }
}

/// Whether the whole interval of an estimate is on the wrong side of an inequality.
fn lies_beyond(estimate: &Estimate, goal: &Goal) -> bool {
    estimate.interval.is_some_and(|interval| match goal.comparison {
        Comparison::Less | Comparison::LessOrEqual => interval.low > goal.limit,
        Comparison::Greater | Comparison::GreaterOrEqual => interval.high < goal.limit,
        Comparison::Equal => false,
    })
}

/// The busiest resource of a case.
fn busiest(setup: &Setup, rates: &Rates, case: Option<u32>) -> Resource {
    let down = case.map(|node| node as u16 - 1);
    let mut first =
        loads(setup, rates, down).into_iter().next().unwrap_or(Resource { name: "nothing".to_string(), load: 0.0 });
    if let Some(node) = case {
        first.name.push_str(&format!(" while node {node} is down"));
    }
    first
}

fn at(resource: &Resource) -> String {
    format!("{} at {}", resource.name, percent(resource.load))
}
