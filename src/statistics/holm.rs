//! Several tests at once: Holm's step-down procedure.

use super::confidence::Confidence;
use super::error::{StatisticsError, require};

/// One of several hypotheses tested together.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct HolmDecision {
    /// The p-value of this test alone.
    pub p_value: f64,
    /// The least family-wise error rate at which this hypothesis is rejected.
    pub adjusted_p_value: f64,
    /// Whether the hypothesis is rejected.
    pub rejected: bool,
}

/// Decides on all hypotheses together: the probability that any true one is rejected is at most the error rate of
/// `family`, however the tests depend on each other. The answers are in the order of the p-values given.
///
/// S. Holm, "A simple sequentially rejective multiple test procedure", Scandinavian Journal of Statistics 6 (1979),
/// 65-70. The adjusted value of the j-th smallest p-value of m is the greatest of (m − i + 1) p₍ᵢ₎ over i ≤ j, at most 1
/// (Wright, Biometrics 48 (1992), 1005-1013).
///
/// # Errors
/// A p-value outside 0 to 1. No p-values give no decisions.
pub fn holm(p_values: &[f64], family: Confidence) -> Result<Vec<HolmDecision>, StatisticsError> {
    for p_value in p_values {
        require((0.0..=1.0).contains(p_value), "a p-value", *p_value, "between 0 and 1")?;
    }
    let mut order: Vec<usize> = (0..p_values.len()).collect();
    order.sort_by(|left, right| p_values[*left].total_cmp(&p_values[*right]));
    let mut decisions: Vec<HolmDecision> = p_values
        .iter()
        .map(|p_value| HolmDecision { p_value: *p_value, adjusted_p_value: 1.0, rejected: false })
        .collect();
    let mut adjusted = 0.0_f64;
    for (position, index) in order.into_iter().enumerate() {
        adjusted = adjusted.max((p_values.len() - position) as f64 * p_values[index]).min(1.0);
        decisions[index].adjusted_p_value = adjusted;
        decisions[index].rejected = adjusted <= family.error_rate();
    }
    Ok(decisions)
}
