//! The best layout by each metric, selected by the procedure of Kim and Nelson.

use super::{Answer, ComparePlan, Differences, Sampler};
use crate::metrics::catalog::Better;
use crate::metrics::verdicts::BestRow;
use crate::statistics::{Confidence, Goal, KimNelson, Selection, SelectionPlan, StatisticsError};
use std::collections::BTreeSet;

/// Where one selection stands.
#[derive(Debug, Clone)]
enum State {
    /// Before the first look.
    Waiting,
    /// Under way or ended.
    Running { procedure: Box<KimNelson>, indifference: f64 },
    /// The survivors are equal in every replication; the best is among them, so each of them is.
    Tied { procedure: Box<KimNelson>, indifference: f64 },
    /// Equal in every replication of the first look.
    Alike,
    /// The metric has no value in some replication, or is zero on average while its values differ.
    Impossible,
}

/// One metric.
#[derive(Debug, Clone)]
struct Contest {
    metric: usize,
    goal: Goal,
    state: State,
}

/// The selections of all metrics that judge.
#[derive(Debug, Clone)]
pub struct Selections {
    contests: Vec<Contest>,
    systems: usize,
    first_look: usize,
    last_look: usize,
    confidence: Confidence,
    indifference_ratio: f64,
}

impl Selections {
    /// The selections before the first look.
    pub fn new(sampler: &Sampler, plan: &ComparePlan) -> Self {
        let contests = sampler.metrics().iter().take(plan.metrics).enumerate().filter_map(|(number, metric)| {
            let goal = match metric.better {
                Better::Smaller => Goal::Smallest,
                Better::Larger => Goal::Greatest,
                Better::Neither => return None,
            };
            Some(Contest { metric: number, goal, state: State::Waiting })
        });
        Self {
            contests: contests.collect(),
            systems: sampler.len(),
            first_look: plan.looks.first().copied().unwrap_or(2),
            last_look: plan.looks.last().copied().unwrap_or(2),
            confidence: plan.confidence,
            indifference_ratio: plan.indifference_ratio,
        }
    }

    /// Feeds the replications up to `look`.
    ///
    /// # Errors
    /// Values beyond what a double holds.
    pub fn look(&mut self, sampler: &Sampler, look: usize) -> Result<(), StatisticsError> {
        for number in 0..self.contests.len() {
            if matches!(self.contests[number].state, State::Waiting) {
                self.contests[number].state = self.start(sampler, &self.contests[number])?;
            }
            self.contests[number].feed(sampler, look)?;
            self.contests[number].end_in_a_tie(sampler);
        }
        Ok(())
    }

    fn start(&self, sampler: &Sampler, contest: &Contest) -> Result<State, StatisticsError> {
        let values: Option<Vec<Vec<f64>>> =
            (0..self.systems).map(|system| sampler.complete(system, contest.metric, self.first_look)).collect();
        let Some(values) = values else { return Ok(State::Impossible) };
        if values.iter().all(|system| *system == values[0]) {
            return Ok(State::Alike);
        }
        let total: f64 = values.iter().flatten().sum();
        let mean = total / (self.systems * self.first_look) as f64;
        let indifference = self.indifference_ratio * mean.abs();
        if indifference == 0.0 {
            return Ok(State::Impossible);
        }
        let procedure = KimNelson::new(SelectionPlan {
            systems: self.systems,
            first_stage: self.first_look,
            indifference,
            confidence: self.confidence,
            goal: contest.goal,
            budget: self.last_look,
        })?;
        Ok(State::Running { procedure: Box::new(procedure), indifference })
    }

    /// The systems that open selections need.
    pub fn needed(&self) -> BTreeSet<usize> {
        let open = self.contests.iter().filter_map(|contest| match &contest.state {
            State::Running { procedure, .. } if *procedure.selection() == Selection::Continue => {
                Some(procedure.survivors())
            }
            _ => None,
        });
        open.flatten().copied().collect()
    }

    /// The rows of `best.csv`.
    ///
    /// # Errors
    /// Values beyond what a double holds.
    pub fn rows(&self, sampler: &Sampler, differences: &Differences) -> Result<Vec<BestRow>, StatisticsError> {
        let rows = self.contests.iter().map(|contest| contest.row(sampler, differences, self.confidence));
        rows.collect()
    }
}

impl Contest {
    fn feed(&mut self, sampler: &Sampler, look: usize) -> Result<(), StatisticsError> {
        let State::Running { procedure, .. } = &mut self.state else { return Ok(()) };
        while *procedure.selection() == Selection::Continue && procedure.replications() < look {
            let at = procedure.replications();
            let survivors = procedure.survivors();
            let values: Option<Vec<f64>> = survivors
                .iter()
                .map(|&system| sampler.values(system, self.metric).get(at).copied().flatten())
                .collect();
            let Some(values) = values else {
                self.state = State::Impossible;
                return Ok(());
            };
            procedure.push(&values)?;
        }
        Ok(())
    }

    fn end_in_a_tie(&mut self, sampler: &Sampler) {
        let State::Running { procedure, indifference } = &self.state else { return };
        let values = |system: &usize| sampler.complete(*system, self.metric, procedure.replications());
        let survivors = procedure.survivors();
        let is_tied = survivors.len() > 1 && survivors.windows(2).all(|pair| values(&pair[0]) == values(&pair[1]));
        if is_tied && !matches!(procedure.selection(), Selection::Selected { .. }) {
            self.state = State::Tied { procedure: procedure.clone(), indifference: *indifference };
        }
    }

    /// What is said of a layout that is worse.
    fn worse(&self) -> Answer {
        if self.goal == Goal::Smallest { Answer::Larger } else { Answer::Smaller }
    }

    /// The layout that is better than each other one, or the same as it, and those that are the same.
    fn by_differences(&self, sampler: &Sampler, differences: &Differences) -> Option<(usize, Vec<usize>)> {
        let others = |one: usize| (0..sampler.len()).filter(move |other| *other != one);
        let answer = |one: usize, other: usize| differences.answer(self.metric, one, other);
        let is_best = |one: &usize| {
            others(*one)
                .all(|other| answer(*one, other).is_some_and(|said| said == self.worse() || said == Answer::Same))
        };
        let best = (0..sampler.len()).find(is_best)?;
        Some((best, others(best).filter(|other| answer(best, *other) == Some(Answer::Same)).collect()))
    }

    fn row(
        &self,
        sampler: &Sampler,
        differences: &Differences,
        confidence: Confidence,
    ) -> Result<BestRow, StatisticsError> {
        let metric = &sampler.metrics()[self.metric];
        let names = |systems: Vec<usize>| systems.into_iter().map(|system| sampler.name(system)).collect::<Vec<_>>();
        let (verdict, best, as_good, n, indifference) = match &self.state {
            State::Alike => ("alike", None, (0..sampler.len()).collect(), sampler.replications(0), None),
            State::Waiting | State::Impossible => ("undecided", None, Vec::new(), 0, None),
            State::Tied { procedure, indifference } => {
                let (best, others) = (procedure.survivors()[0], procedure.survivors()[1..].to_vec());
                ("selected", Some(best), others, procedure.replications(), Some(*indifference))
            }
            State::Running { procedure, indifference } => {
                let (verdict, best) = match *procedure.selection() {
                    Selection::Selected { system } => ("selected", Some(system)),
                    Selection::Undecided { leader } => ("undecided", Some(leader)),
                    Selection::Continue => ("undecided", None),
                };
                let is_as_good = |other: &usize| match best {
                    Some(best) if verdict == "selected" => {
                        *other != best && differences.answer(self.metric, best, *other) == Some(Answer::Same)
                    }
                    _ => {
                        let is_worse = best
                            .is_some_and(|best| differences.answer(self.metric, best, *other) == Some(self.worse()));
                        Some(*other) != best && procedure.survivors().contains(other) && !is_worse
                    }
                };
                let as_good = (0..sampler.len()).filter(is_as_good).collect();
                (verdict, best, as_good, procedure.replications(), Some(*indifference))
            }
        };
        // What the differences say together needs no other procedure.
        let by_differences = if verdict == "undecided" { self.by_differences(sampler, differences) } else { None };
        let (verdict, best, as_good, n) = match by_differences {
            Some((best, as_good)) => ("selected", Some(best), as_good, sampler.replications(best)),
            None => (verdict, best, as_good, n),
        };
        let values = best.and_then(|best| sampler.complete(best, self.metric, n)).filter(|values| !values.is_empty());
        Ok(BestRow {
            metric: metric.name.clone(),
            goal: if self.goal == Goal::Smallest { "smallest" } else { "largest" }.to_string(),
            verdict: verdict.to_string(),
            layout: best.map(|best| sampler.name(best).to_string()).unwrap_or_default(),
            as_good: names(as_good).join(", "),
            n: n as u32,
            mean: values.map(|values| values.iter().sum::<f64>() / values.len() as f64),
            confidence_ratio: confidence.level(),
            indifference,
            unit: metric.unit.to_string(),
        })
    }
}
