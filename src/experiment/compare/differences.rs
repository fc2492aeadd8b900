//! Three questions about each pair of layouts and metric, asked at planned looks.
//!
//! With d the expected difference and δ the indifference zone, a fraction of the first layout's mean, the hypotheses
//! are d ≤ 0, d ≥ 0 and |d| ≥ δ. Rejecting the first says "larger", the second "smaller", the third "the same for all
//! that matters" (two one-sided tests: Schuirmann, Journal of Pharmacokinetics and Biopharmaceutics 15 (1987), 657-680).
//! A relative zone is tested by the differences to (1 ± δ) times the first layout, so that no estimate is divided by.
//!
//! Holm's procedure runs over all hypotheses of all rows; each look has an equal part of the error rate. A row that is
//! answered stays answered: its rejected hypotheses count as rejected, its others are never rejected later. If nothing
//! wrong was said at earlier looks, all that counts as rejected is false, so Holm's argument holds at each look, and the
//! looks add up by Bonferroni's inequality.

use super::{ComparePlan, Sampler};
use crate::metrics::catalog::Better;
use crate::metrics::verdicts::CompareRow;
use crate::statistics::{Confidence, PairedDifference, StatisticsError, holm, paired_difference};
use std::collections::BTreeSet;

/// What is said about the second layout of a pair.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    Larger,
    Smaller,
    Same,
}

impl Answer {
    const ALL: [Self; 3] = [Self::Larger, Self::Smaller, Self::Same];

    const fn key(self) -> &'static str {
        match self {
            Self::Larger => "larger",
            Self::Smaller => "smaller",
            Self::Same => "same",
        }
    }
}

/// One pair and metric.
#[derive(Debug, Clone)]
struct Question {
    metric: usize,
    first: usize,
    second: usize,
    /// Replications at the last look at it.
    seen: usize,
    /// Whether the metric had a value in each of them.
    is_measured: bool,
    /// Whether one of the two left too much undone where the other did not, and never the other way round.
    is_one_sided: bool,
    /// Whether each of the three hypotheses is rejected.
    rejected: [bool; 3],
    answer: Option<Answer>,
    p_value: Option<f64>,
    p_adjusted: Option<f64>,
}

/// All pairs and metrics.
#[derive(Debug, Clone)]
pub struct Differences {
    questions: Vec<Question>,
    /// Level of the statements of one look.
    look_confidence: Confidence,
    looks: usize,
    indifference_ratio: f64,
    /// Level of each interval, for all of them to hold together.
    interval_confidence: Confidence,
}

impl Differences {
    /// The questions before the first look.
    ///
    /// # Errors
    /// Looks that do not rise, or a first one below 2.
    pub fn new(sampler: &Sampler, plan: &ComparePlan) -> Result<Self, StatisticsError> {
        crate::statistics::Looks::equal(&plan.looks, plan.confidence)?;
        let question = |metric: usize, (first, second): (usize, usize)| Question {
            metric,
            first,
            second,
            seen: 0,
            is_measured: false,
            is_one_sided: false,
            rejected: [false; 3],
            answer: None,
            p_value: None,
            p_adjusted: None,
        };
        let metrics = 0..plan.metrics.min(sampler.metrics().len());
        let questions: Vec<Question> =
            metrics.flat_map(|metric| plan.pairs.iter().map(move |pair| question(metric, *pair))).collect();
        Ok(Self {
            look_confidence: plan.confidence.split(plan.looks.len()),
            looks: plan.looks.len(),
            indifference_ratio: plan.indifference_ratio,
            interval_confidence: plan.confidence.split(plan.looks.len() * questions.len()),
            questions,
        })
    }

    /// Looks at what the sampler has.
    ///
    /// # Errors
    /// Values beyond what a double holds.
    pub fn look(&mut self, sampler: &Sampler) -> Result<(), StatisticsError> {
        let mut p_values = Vec::with_capacity(3 * self.questions.len());
        for question in &mut self.questions {
            p_values.extend(question.p_values(sampler, self.indifference_ratio)?);
        }
        let decisions = holm(&p_values, self.look_confidence)?;
        let open = self.questions.iter_mut().zip(decisions.chunks(3)).filter(|(question, _)| question.answer.is_none());
        for (question, decisions) in open {
            for (rejected, decision) in question.rejected.iter_mut().zip(decisions) {
                *rejected = decision.rejected;
            }
            let answers = Answer::ALL.into_iter().zip(question.rejected);
            question.answer = answers.filter(|(_, rejected)| *rejected).map(|(answer, _)| answer).next();
            let adjusted = decisions[0].adjusted_p_value.min(decisions[1].adjusted_p_value);
            question.p_adjusted = question.is_measured.then(|| (adjusted * self.looks as f64).min(1.0));
        }
        Ok(())
    }

    /// The systems that open questions need.
    pub fn needed(&self) -> BTreeSet<usize> {
        // A metric without a value in some replication stays undecided, however many follow.
        let is_open = |question: &&Question| {
            question.answer.is_none() && (question.is_measured || question.is_one_sided || question.seen == 0)
        };
        let open = self.questions.iter().filter(is_open);
        open.flat_map(|question| [question.first, question.second]).collect()
    }

    /// What is said about `other` beside `one`.
    pub fn answer(&self, metric: usize, one: usize, other: usize) -> Option<Answer> {
        let of = |question: &Question| match (question.first, question.second) {
            (first, second) if (first, second) == (one, other) => question.answer,
            (first, second) if (first, second) == (other, one) => question.answer.map(|answer| match answer {
                Answer::Larger => Answer::Smaller,
                Answer::Smaller => Answer::Larger,
                Answer::Same => Answer::Same,
            }),
            _ => None,
        };
        self.questions.iter().filter(|question| question.metric == metric).find_map(of)
    }

    /// The rows of `compare.csv`.
    ///
    /// # Errors
    /// Values beyond what a double holds.
    pub fn rows(&self, sampler: &Sampler) -> Result<Vec<CompareRow>, StatisticsError> {
        self.questions.iter().map(|question| question.row(sampler, self.interval_confidence)).collect()
    }
}

impl Question {
    /// Of the three hypotheses: 0 for what is rejected already, 1 for what an answered row has left.
    fn p_values(&mut self, sampler: &Sampler, indifference_ratio: f64) -> Result<[f64; 3], StatisticsError> {
        if self.answer.is_some() {
            return Ok(self.rejected.map(|rejected| if rejected { 0.0 } else { 1.0 }));
        }
        self.seen = sampler.replications(self.first).min(sampler.replications(self.second));
        let first = sampler.complete(self.first, self.metric, self.seen);
        let second = sampler.complete(self.second, self.metric, self.seen);
        let (Some(first), Some(second)) = (first, second) else {
            self.is_measured = false;
            return Ok(self.undone_p_values(sampler));
        };
        (self.is_measured, self.is_one_sided) = (true, false);
        let paired = paired_difference(&first, &second, Confidence::default())?;
        self.p_value = paired.p_value;
        if first == second {
            // Nothing is left to chance: equal in every replication.
            return Ok([1.0, 1.0, 0.0]);
        }
        let excess = |factor: f64| -> Result<PairedDifference, StatisticsError> {
            let scaled: Vec<f64> = first.iter().map(|value| value * factor).collect();
            paired_difference(&scaled, &second, Confidence::default())
        };
        let above = tail(&excess(1.0 - indifference_ratio)?, Answer::Larger);
        let below = tail(&excess(1.0 + indifference_ratio)?, Answer::Smaller);
        Ok([tail(&paired, Answer::Larger), tail(&paired, Answer::Smaller), above.max(below)])
    }

    /// What is never done takes for ever, so that a layout that leaves too much undone in some replications, where the
    /// other does not, has the larger expectation: a sign test of these replications.
    fn undone_p_values(&mut self, sampler: &Sampler) -> [f64; 3] {
        let sides = [self.first, self.second].map(|system| {
            let undone = &sampler.undone(system, self.metric)[..self.seen];
            let is_known = sampler.values(system, self.metric)[..self.seen].iter().zip(undone);
            (undone, is_known.into_iter().all(|(value, is_undone)| value.is_some() || *is_undone))
        });
        let [(first, is_first_known), (second, is_second_known)] = sides;
        let pairs = || first.iter().zip(second);
        let only_first = pairs().filter(|(first, second)| **first && !**second).count();
        let only_second = pairs().filter(|(first, second)| !**first && **second).count();
        let tail = |count: usize| 0.5_f64.powi(count as i32);
        self.is_one_sided = is_first_known && is_second_known && (only_first == 0) != (only_second == 0);
        match (self.is_one_sided, only_second > 0) {
            (false, _) => [1.0; 3],
            (true, true) => [tail(only_second), 1.0, 1.0],
            (true, false) => [1.0, tail(only_first), 1.0],
        }
    }

    fn row(&self, sampler: &Sampler, confidence: Confidence) -> Result<CompareRow, StatisticsError> {
        let metric = &sampler.metrics()[self.metric];
        let values = |system: usize| sampler.complete(system, self.metric, self.seen).filter(|_| self.seen > 0);
        let (first, second) = (values(self.first), values(self.second));
        let mean = |values: &Option<Vec<f64>>| {
            values.as_ref().map(|values| values.iter().sum::<f64>() / values.len().max(1) as f64)
        };
        let paired = match (&first, &second) {
            (Some(first), Some(second)) => Some(paired_difference(first, second, confidence)?),
            _ => None,
        };
        let better = match (self.answer, metric.better) {
            (Some(Answer::Larger), Better::Larger) | (Some(Answer::Smaller), Better::Smaller) => Some(self.second),
            (Some(Answer::Larger), Better::Smaller) | (Some(Answer::Smaller), Better::Larger) => Some(self.first),
            _ => None,
        };
        Ok(CompareRow {
            metric: metric.name.clone(),
            first: sampler.name(self.first).to_string(),
            second: sampler.name(self.second).to_string(),
            verdict: self.answer.map_or("undecided", Answer::key).to_string(),
            better: better.map(|system| sampler.name(system).to_string()).unwrap_or_default(),
            n: self.seen as u32,
            first_mean: mean(&first),
            second_mean: mean(&second),
            difference: paired.map(|paired| paired.difference.mean),
            ci_low: paired.and_then(|paired| paired.difference.ci_low()),
            ci_high: paired.and_then(|paired| paired.difference.ci_high()),
            p_value: self.p_value.filter(|_| self.is_measured),
            p_adjusted: self.p_adjusted,
            variance_reduction_ratio: paired.and_then(|paired| paired.variance_reduction_ratio),
            replications_saved: paired.and_then(|paired| paired.replications_saved),
            unit: metric.unit.to_string(),
        })
    }
}

/// One-sided p-value of "not larger" (or "not smaller") from Student's two-sided one.
fn tail(paired: &PairedDifference, answer: Answer) -> f64 {
    let two_sided = paired.p_value.unwrap_or(1.0);
    let is_that_way = match answer {
        Answer::Smaller => paired.difference.mean < 0.0,
        _ => paired.difference.mean > 0.0,
    };
    if is_that_way { 0.5 * two_sided } else { 1.0 - 0.5 * two_sided }
}
