//! Means over replications with their intervals, and the groups in which reports look at rows.
//!
//! A replication gives one value; several give a mean and the half-width of its 95 % interval by
//! Student's t with n − 1 degrees of freedom. Groups keep the order in which they appear.

use crate::metrics::rows::Tables;
use statrs::distribution::{ContinuousCDF, StudentsT};

/// Probability that an interval covers the true mean.
const CONFIDENCE: f64 = 0.95;

/// A role that runs less often per replication has no balance to speak of: a timed job that one node does
/// under a lock is not unfair.
pub const RUNS_MIN: f64 = 100.0;

/// The mean of a quantity over replications.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Estimate {
    /// Replications in which the quantity exists.
    pub n: usize,
    pub mean: f64,
    /// Half the width of the 95 % interval; `None` for one replication.
    pub half_width: Option<f64>,
    pub min: f64,
    pub max: f64,
}

impl Estimate {
    /// The estimate from one value a replication; `None` if there is none. Values that are not finite
    /// are left out.
    pub fn from_values(values: impl IntoIterator<Item = f64>) -> Option<Self> {
        let values: Vec<f64> = values.into_iter().filter(|v| v.is_finite()).collect();
        let n = values.len();
        if n == 0 {
            return None;
        }
        let mean = values.iter().sum::<f64>() / n as f64;
        let min = values.iter().copied().fold(f64::INFINITY, f64::min);
        let max = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let half_width = (n > 1).then(|| {
            let variance = values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / (n - 1) as f64;
            t_quantile(n - 1) * (variance / n as f64).sqrt()
        });
        Some(Self { n, mean, half_width, min, max })
    }

    /// Lower end of the interval; the mean itself without one. It is cut at 0: nothing that reports estimate (counts,
    /// times, shares) can be less.
    pub fn low(&self) -> f64 {
        (self.mean - self.half_width.unwrap_or(0.0)).max(self.mean.min(0.0))
    }

    /// Upper end of the interval; the mean itself without one.
    pub fn high(&self) -> f64 {
        self.mean + self.half_width.unwrap_or(0.0)
    }
}

/// The two-sided 95 % quantile of Student's t; the normal one where the distribution cannot be built.
fn t_quantile(degrees: usize) -> f64 {
    StudentsT::new(0.0, 1.0, degrees as f64).map_or(1.96, |t| t.inverse_cdf(1.0 - (1.0 - CONFIDENCE) / 2.0))
}

/// The distinct values of `items`, in order of first appearance.
pub fn distinct<T: PartialEq>(items: impl IntoIterator<Item = T>) -> Vec<T> {
    let mut seen = Vec::new();
    for item in items {
        // Rows are sorted by their keys, so the last value repeats most often.
        if seen.last() != Some(&item) && !seen.contains(&item) {
            seen.push(item);
        }
    }
    seen
}

/// The distinct values of `items`, sorted.
pub fn sorted<T: Ord>(items: impl IntoIterator<Item = T>) -> Vec<T> {
    let set: std::collections::BTreeSet<T> = items.into_iter().collect();
    set.into_iter().collect()
}

/// The layouts of a run, in the order of the tables.
pub fn layouts(tables: &Tables) -> Vec<&str> {
    let roles = tables.roles.iter().map(|row| row.layout.as_str());
    let nodes = tables.nodes.iter().map(|row| row.layout.as_str());
    let push = tables.push.iter().map(|row| row.layout.as_str());
    let summary = tables.summary.iter().map(|row| row.layout.as_str());
    distinct(roles.chain(nodes).chain(push).chain(summary))
}

/// Jain's fairness index of non-negative shares: 1 when all are equal, 1/n when one has everything
/// (Jain, Chiu and Hawe 1984). `None` if there are no shares or all are zero.
pub fn jain(shares: &[f64]) -> Option<f64> {
    let sum: f64 = shares.iter().sum();
    let squares: f64 = shares.iter().map(|x| x * x).sum();
    (squares > 0.0).then(|| sum * sum / (shares.len() as f64 * squares))
}

/// Whether a node that is to do `fair` of a role's work does next to nothing of it: less than 5 % of the
/// whole and less than half of what is fair.
pub fn is_redundant(share: f64, fair: f64) -> bool {
    share < (fair / 2.0).min(0.05)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// t(0.975, 4) = 2.776 (any table); s of 1..5 is sqrt(2.5); half-width = 2.776 * sqrt(2.5 / 5).
    #[test]
    fn interval_is_student_t() {
        let e = Estimate::from_values([1.0, 2.0, 3.0, 4.0, 5.0]).unwrap();
        assert_eq!((e.n, e.mean, e.min, e.max), (5, 3.0, 1.0, 5.0));
        let half_width = e.half_width.unwrap();
        assert!((half_width - 2.776_445 * 0.5_f64.sqrt()).abs() < 1e-5, "{half_width}");
    }

    #[test]
    fn one_value_has_no_interval_and_none_no_estimate() {
        assert_eq!(Estimate::from_values([2.0]).unwrap().half_width, None);
        assert_eq!(Estimate::from_values([]), None);
        assert_eq!(Estimate::from_values([f64::NAN]), None);
    }

    /// By the definition: (3)^2 / (3 * 3) = 1 for equal shares, 1 / 4 for one of four.
    #[test]
    fn jain_of_equal_and_of_one() {
        assert_eq!(jain(&[1.0, 1.0, 1.0]), Some(1.0));
        assert_eq!(jain(&[0.0, 5.0, 0.0, 0.0]), Some(0.25));
        assert_eq!(jain(&[0.0]), None);
    }
}
