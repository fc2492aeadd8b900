//! Rows of what commands decide: `compare.csv`, `best.csv`, `plan.csv`, and the report of a gate.
//!
//! One struct a file, in the column order of the file, as in [`rows`](super::rows).

use super::rows::ObjectiveRow;
use serde::{Deserialize, Serialize};

/// A row of `compare.csv`: one metric, two layouts, the second minus the first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CompareRow {
    pub metric: String,
    /// The layout that is subtracted.
    pub first: String,
    pub second: String,
    /// `larger` or `smaller` (the second than the first), `same` (within the indifference zone), or `undecided`.
    pub verdict: String,
    /// The better layout of the two; empty if neither or undecided, or if the metric judges nothing.
    pub better: String,
    /// Replications that the row rests on.
    pub n: u32,
    /// Means of these replications; empty if the metric has no value in some of them.
    pub first_mean: Option<f64>,
    pub second_mean: Option<f64>,
    pub difference: Option<f64>,
    /// Interval of the difference; all intervals of the file hold together with 95 %.
    pub ci_low: Option<f64>,
    pub ci_high: Option<f64>,
    /// Of "no difference" by Student's paired test, this row and look alone.
    pub p_value: Option<f64>,
    /// The same for all rows and looks together (Holm over the rows, Bonferroni over the looks).
    pub p_adjusted: Option<f64>,
    /// How many times as many replications independent seeds would have needed.
    pub variance_reduction_ratio: Option<f64>,
    /// Replications that common random numbers saved.
    pub replications_saved: Option<f64>,
    /// Unit of means, difference and interval.
    pub unit: String,
}

/// A row of `best.csv`: the best layout by one metric.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BestRow {
    pub metric: String,
    /// `smallest` or `largest`.
    pub goal: String,
    /// `selected`, `alike` (equal in every replication), or `undecided`.
    pub verdict: String,
    /// The layout selected; of an undecided selection the one that leads; empty if all are alike.
    pub layout: String,
    /// Others that cannot be told from it, separated by commas.
    pub as_good: String,
    /// Replications of the layouts that came to the end.
    pub n: u32,
    pub mean: Option<f64>,
    /// Probability that the layout selected is the best, or worse than it by less than the indifference.
    pub confidence_ratio: f64,
    /// The smallest difference that matters.
    pub indifference: Option<f64>,
    /// Unit of mean and indifference.
    pub unit: String,
}

/// One metric of one layout, held against a baseline.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GateRow {
    pub layout: String,
    pub metric: String,
    /// `equal` (to the bit), `no_regression`, `regression` or `undecided`.
    pub verdict: String,
    /// Replications that the row rests on.
    pub n: u32,
    /// Means of these replications; empty if the metric has no value in some of them.
    pub baseline_mean: Option<f64>,
    pub mean: Option<f64>,
    /// 95 % interval of the mean.
    pub ci_low: Option<f64>,
    pub ci_high: Option<f64>,
    /// What change for the worse is accepted, such as `5 %`.
    pub tolerance: String,
    /// By how much it is worse than accepted, with its interval at the level of the look; below 0 it is within.
    pub excess: Option<f64>,
    pub excess_low: Option<f64>,
    pub excess_high: Option<f64>,
    /// The smallest change for the worse from the baseline that would be found with 90 %, in the unit of the means; empty
    /// where there are no differences to tell it by.
    pub found_change: Option<f64>,
    /// The replication (from 0) that is the most worse, and its values now and in the baseline.
    pub worst_replication: Option<u32>,
    pub worst: Option<f64>,
    pub worst_baseline: Option<f64>,
    /// Why it is undecided or worse, where the values do not tell.
    pub reason: String,
    /// Whether smaller values are the better ones.
    pub smaller_is_better: bool,
    /// Unit of means and excess.
    pub unit: String,
}

/// One scenario held against its baseline.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GateReport {
    /// The scenario's file.
    pub scenario: String,
    pub title: String,
    /// What differs from when the baseline was made, a sentence each.
    pub changes: Vec<String>,
    pub rows: Vec<GateRow>,
    /// Verdicts on the scenario's objectives by the new values.
    pub objectives: Vec<ObjectiveRow>,
    /// Seed of all replications.
    pub seed: u64,
    /// Replications at the planned looks.
    pub looks: Vec<usize>,
    /// Probability of any wrong alarm, and of any wrong pass, is at most this.
    pub error_rate: f64,
    /// Simulations made.
    pub simulations: u64,
}

impl GateReport {
    /// Rows with this verdict.
    pub fn count(&self, verdict: &str) -> usize {
        self.rows.iter().filter(|row| row.verdict == verdict).count()
    }
}

/// A row of `plan.csv`: one cluster that was considered.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PlanRow {
    pub candidate: String,
    pub nodes: u32,
    pub cores: u32,
    /// The pattern of shards in words.
    pub pattern: String,
    /// `certified`; `passed` (screening only: a simpler one of this size was certified); `missed` (an objective);
    /// `undecided`; `unstable` (by calculation); `uncovered` (a shard has no node); `not_needed` (larger).
    pub verdict: String,
    /// What it fails by or would fail by next.
    pub limiting: String,
    /// Load of the busiest resource by calculation, with the worst node down if one may be.
    pub load_ratio: Option<f64>,
    /// Replications of the last judgement.
    pub n: u32,
    /// Simulations spent on it.
    pub simulations: u64,
}

/// A row of `plan_objectives.csv`: one objective of one cluster.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PlanObjectiveRow {
    pub candidate: String,
    /// The node that is down for the whole span; empty if none.
    pub node_down: Option<u32>,
    pub objective: String,
    /// Its limit, in the unit of the value.
    pub limit: Option<f64>,
    /// `met`, `missed` or `undecided`.
    pub verdict: String,
    pub n: u32,
    pub value: Option<f64>,
    pub ci_low: Option<f64>,
    pub ci_high: Option<f64>,
    /// Unit of value and interval.
    pub unit: String,
    /// The value farthest on the wrong side, and the replication (from 0) that has it.
    pub worst: Option<f64>,
    pub worst_replication: Option<u32>,
}
