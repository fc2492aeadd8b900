//! Differences between two systems under common random numbers.

use super::confidence::Confidence;
use super::distributions::student_upper_tail;
use super::error::{StatisticsError, check_finite, finite};
use super::estimate::Estimate;
use super::moments::Moments;

/// What pairing says about the difference, and what it was worth.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PairedDifference {
    /// Candidate minus baseline, replication by replication.
    pub difference: Estimate,
    /// Two-sided p-value of Student's paired test of "no difference". `None` for one replication. 0 or 1 where the
    /// differences are all equal.
    pub p_value: Option<f64>,
    /// (Var X + Var Y) / Var(X − Y): how many times as many replications independent runs would need for an interval
    /// this wide. Below 1, pairing did harm. `None` for one replication or where the differences do not vary.
    pub variance_reduction_ratio: Option<f64>,
    /// The replications of each system that pairing saved: n · (ratio − 1). Negative if it did harm.
    pub replications_saved: Option<f64>,
}

/// Compares two systems run with the same random numbers: value i of both sides is replication i.
///
/// The paired interval of Law, section 10.2.1; the variance reduction of section 11.2, with the sample
/// variances in place of the true ones.
///
/// # Errors
/// Sides that differ in length, no values, a value that is not finite, or differences beyond a double.
pub fn paired_difference(
    baseline: &[f64],
    candidate: &[f64],
    confidence: Confidence,
) -> Result<PairedDifference, StatisticsError> {
    let differences = differences(baseline, candidate, 1.0)?;
    let difference = Estimate::from_replications(&differences, confidence)?;
    let spread = difference.std_dev.filter(|deviation| *deviation > 0.0);
    let variance_reduction_ratio = match (spread, Moments::of(baseline)?.std_dev, Moments::of(candidate)?.std_dev) {
        (Some(spread), Some(left), Some(right)) => {
            let ratio = (left / spread).powi(2) + (right / spread).powi(2);
            ratio.is_finite().then_some(ratio)
        }
        _ => None,
    };
    Ok(PairedDifference {
        difference,
        p_value: two_sided_p_value(&difference),
        variance_reduction_ratio,
        replications_saved: variance_reduction_ratio.map(|ratio| difference.n as f64 * (ratio - 1.0)),
    })
}

/// candidate − factor · baseline, pair by pair.
pub(super) fn differences(baseline: &[f64], candidate: &[f64], factor: f64) -> Result<Vec<f64>, StatisticsError> {
    if baseline.len() != candidate.len() {
        return Err(StatisticsError::LengthMismatch { left: baseline.len(), right: candidate.len() });
    }
    check_finite(baseline)?;
    check_finite(candidate)?;
    let pairs = baseline.iter().zip(candidate);
    pairs.map(|(before, after)| finite(after - factor * before, "a difference between two values")).collect()
}

fn two_sided_p_value(difference: &Estimate) -> Option<f64> {
    let std_error = difference.std_error?;
    if std_error == 0.0 {
        return Some(if difference.mean == 0.0 { 1.0 } else { 0.0 });
    }
    let statistic = (difference.mean / std_error).abs();
    Some((2.0 * student_upper_tail(statistic, (difference.n - 1) as f64)).min(1.0))
}
