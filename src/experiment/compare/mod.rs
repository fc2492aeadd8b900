//! Comparison of layouts under common random numbers: which differ, by how much, and which is the best.
//!
//! [`compare`] replicates up to planned looks. At each look every pair of layouts and metric is asked three questions
//! ([`Differences`]), and for each metric the best layout is selected ([`Selections`]). Layouts that no open question
//! needs are replicated no further. It ends when nothing is open, or at the last look.

mod differences;
mod selections;

pub use differences::{Answer, Differences};
pub use selections::Selections;

use super::Sampler;
use crate::metrics::verdicts::{BestRow, CompareRow};
use crate::statistics::{Confidence, StatisticsError};
use std::collections::BTreeSet;

/// What is compared and how surely.
#[derive(Debug, Clone, PartialEq)]
pub struct ComparePlan {
    /// So many of the sampler's metrics are compared, the first ones.
    pub metrics: usize,
    /// Systems of the sampler, the one that is subtracted first.
    pub pairs: Vec<(usize, usize)>,
    /// Numbers of replications at which to look, rising, the first at least 2.
    pub looks: Vec<usize>,
    /// Of all statements about differences together; of each selection.
    pub confidence: Confidence,
    /// Differences below this fraction of the mean do not matter.
    pub indifference_ratio: f64,
}

/// What came out.
#[derive(Debug, Clone, PartialEq)]
pub struct Comparison {
    /// By metric, then pair.
    pub differences: Vec<CompareRow>,
    /// By metric; those that judge nothing are left out.
    pub best: Vec<BestRow>,
    /// Replications at the planned looks.
    pub looks: Vec<usize>,
    /// Probability that any statement about a difference is wrong is at most this.
    pub error_rate: f64,
    /// Differences below this fraction of the mean do not matter.
    pub indifference_ratio: f64,
    /// Simulations made.
    pub simulations: u64,
}

impl Comparison {
    /// Whether the replications allowed did not tell everything.
    pub fn is_undecided(&self) -> bool {
        self.differences.iter().any(|row| row.verdict == "undecided")
            || self.best.iter().any(|row| row.verdict == "undecided")
    }
}

/// Pairs of all systems, or of all with the baseline.
pub fn pairs(systems: usize, baseline: Option<usize>) -> Vec<(usize, usize)> {
    match baseline {
        Some(baseline) => (0..systems).filter(|other| *other != baseline).map(|other| (baseline, other)).collect(),
        None => (0..systems).flat_map(|first| (first + 1..systems).map(move |second| (first, second))).collect(),
    }
}

/// Compares the systems of a sampler; `done` is called after each simulation.
///
/// # Errors
/// A plan that is none (looks that do not rise), or values beyond what a double holds.
pub fn compare(
    sampler: &mut Sampler,
    plan: &ComparePlan,
    done: &(dyn Fn() + Sync),
) -> Result<Comparison, StatisticsError> {
    let mut differences = Differences::new(sampler, plan)?;
    let mut selections = Selections::new(sampler, plan);
    let mut needed: BTreeSet<usize> = (0..sampler.len()).collect();
    for &look in &plan.looks {
        if needed.is_empty() {
            break;
        }
        sampler.extend(&needed.iter().copied().collect::<Vec<_>>(), look, done);
        differences.look(sampler)?;
        selections.look(sampler, look)?;
        needed = differences.needed();
        needed.extend(selections.needed());
    }
    Ok(Comparison {
        best: selections.rows(sampler, &differences)?,
        differences: differences.rows(sampler)?,
        looks: plan.looks.clone(),
        error_rate: plan.confidence.error_rate(),
        indifference_ratio: plan.indifference_ratio,
        simulations: sampler.simulations(),
    })
}
