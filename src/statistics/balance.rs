//! How evenly a load is spread over nodes.

use super::error::{StatisticsError, check_finite};
use super::moments::{CompensatedSum, Moments};

/// Four indices of balance of one vector of loads.
///
/// The loads are all there are (every enabled node), not a sample: the coefficient of variation has the denominator n,
/// so that Jain's index is exactly 1 / (1 + cv²).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Balance {
    /// The greatest load over the mean: 1 when even, n when one node carries everything.
    pub max_over_mean_ratio: f64,
    /// Standard deviation (denominator n) over the mean: 0 when even.
    pub cv_ratio: f64,
    /// (Σx)² / (n Σx²): 1 when even, 1/n when one node carries everything (Jain, Chiu & Hawe, "A quantitative measure
    /// of fairness and discrimination", DEC-TR-301, 1984).
    pub jain_index: f64,
    /// Σ(2i − n − 1) x₍ᵢ₎ / (n Σx) over the loads in rising order: 0 when even, 1 − 1/n when one node carries
    /// everything (Sen, "On Economic Inequality", 1973, chapter 2).
    pub gini_index: f64,
}

impl Balance {
    /// The balance of `loads`. `None` when there are none or all are zero: nothing is spread then.
    ///
    /// # Errors
    /// A load that is not finite or below zero.
    pub fn of(loads: &[f64]) -> Result<Option<Self>, StatisticsError> {
        if loads.is_empty() {
            return Ok(None);
        }
        check_finite(loads)?;
        if let Some(index) = loads.iter().position(|load| *load < 0.0) {
            return Err(StatisticsError::Negative { index, value: loads[index] });
        }
        let greatest = loads.iter().copied().fold(0.0, f64::max);
        if greatest == 0.0 {
            return Ok(None);
        }
        // In units of the greatest load nothing overflows; the indices do not depend on the unit.
        let mut shares: Vec<f64> = loads.iter().map(|load| load / greatest).collect();
        let moments = Moments::of(&shares)?;
        let n = moments.n as f64;
        let cv = moments.std_dev.map_or(0.0, |deviation| deviation * ((n - 1.0) / n).sqrt() / moments.mean);
        shares.sort_by(f64::total_cmp);
        let ranked = shares.iter().enumerate().map(|(index, share)| (2.0 * index as f64 + 1.0 - n) * share);
        let gini = CompensatedSum::of(ranked) / (n * n * moments.mean);
        Ok(Some(Self {
            max_over_mean_ratio: 1.0 / moments.mean,
            cv_ratio: cv,
            jain_index: 1.0 / (1.0 + cv * cv),
            gini_index: gini.max(0.0),
        }))
    }
}
