//! Quantiles with intervals: of independent samples, and over replications whose samples depend on each other.

use super::confidence::{Confidence, Interval};
use super::distributions::binomial_lower_rank;
use super::error::{StatisticsError, check_finite, require};
use super::estimate::Estimate;

/// A quantile over replications.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct QuantileEstimate {
    /// The quantile of all samples of all replications together.
    pub pooled: f64,
    /// The mean of the replications' own quantiles, with Student's interval.
    pub over_replications: Estimate,
}

/// A quantile of independent samples with a distribution-free interval.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct OrderStatisticInterval {
    pub n: usize,
    pub value: f64,
    /// `None` when there are too few samples for any two of them to enclose the quantile at this confidence.
    pub interval: Option<Interval>,
    /// The probability that the interval covers the quantile of a continuous distribution: the level asked for or
    /// more, because ranks are whole numbers. `None` without interval.
    pub coverage: Option<f64>,
}

/// The quantile of `samples`: the smallest of them with at least the fraction `p` at or below it, the inverse of the
/// empirical distribution function (Hyndman & Fan, The American Statistician 50 (1996), 361-365, definition 1).
/// `p` = 0 gives the smallest, 1 the greatest.
///
/// # Errors
/// No samples, a sample that is not finite, `p` outside 0 to 1.
pub fn quantile(samples: &[f64], p: f64) -> Result<f64, StatisticsError> {
    require((0.0..=1.0).contains(&p), "the quantile", p, "between 0 and 1")?;
    check_finite(samples)?;
    let mut sorted = samples.to_vec();
    let (_, value, _) = sorted.select_nth_unstable_by(rank(samples.len(), p), f64::total_cmp);
    Ok(*value)
}

/// Index in rising order of the quantile `p` of `n` ≥ 1 samples.
fn rank(n: usize, p: f64) -> usize {
    let exact = p * n as f64;
    // 0.99 · 100 must be 99, whichever way the product was rounded.
    let nearest = exact.round();
    let whole = if (exact - nearest).abs() <= 1e-9 * nearest.max(1.0) { nearest } else { exact.ceil() };
    (whole as usize).clamp(1, n) - 1
}

/// The quantile `p` of independent, identically distributed `samples`, with an interval between two of them.
///
/// The number of samples below the quantile is binomial, so X₍ₗ₎ ≤ ξ < X₍ᵤ₎ with probability P(l ≤ B < u); l and u are
/// the innermost ranks that leave at most α/2 on either side (David & Nagaraja, "Order Statistics", 3rd edition,
/// section 7.1). Not for waiting times within one run, which depend on each other: see [`replication_quantile`].
///
/// # Errors
/// No samples, a sample that is not finite, `p` not between 0 and 1.
pub fn quantile_interval(
    samples: &[f64],
    p: f64,
    confidence: Confidence,
) -> Result<OrderStatisticInterval, StatisticsError> {
    require(p > 0.0 && p < 1.0, "the quantile", p, "above 0 and below 1")?;
    check_finite(samples)?;
    let n = samples.len();
    let mut sorted = samples.to_vec();
    sorted.sort_by(f64::total_cmp);
    let tail = 0.5 * confidence.error_rate();
    let (lower, below) = binomial_lower_rank(n, p, tail);
    let (failures, above) = binomial_lower_rank(n, 1.0 - p, tail);
    // As many as `failures` samples above the quantile are needed, which puts the upper rank at n + 1 − failures.
    let enclosed = lower >= 1 && failures >= 1;
    Ok(OrderStatisticInterval {
        n,
        value: sorted[rank(n, p)],
        interval: enclosed.then(|| Interval { low: sorted[lower - 1], high: sorted[n - failures] }),
        coverage: enclosed.then_some(1.0 - below - above),
    })
}

/// The quantile `p` over replications: pooled, and as the mean of each replication's own with Student's interval.
///
/// Samples of one replication may depend on each other; replications may not. The interval is for the expectation of a
/// replication's quantile. That differs from the quantile of the stationary distribution by a bias of the order of
/// one over the samples a replication has (Law, section 9.4.2), which `pooled` has less of.
///
/// # Errors
/// No replications, one without samples, a sample that is not finite (its index counts over all replications), `p`
/// outside 0 to 1.
pub fn replication_quantile<S: AsRef<[f64]>>(
    replications: &[S],
    p: f64,
    confidence: Confidence,
) -> Result<QuantileEstimate, StatisticsError> {
    if let Some(replication) = replications.iter().position(|samples| samples.as_ref().is_empty()) {
        return Err(StatisticsError::EmptyReplication { replication });
    }
    let all: Vec<f64> = replications.iter().flat_map(|samples| samples.as_ref()).copied().collect();
    let pooled = quantile(&all, p)?;
    let each = replications.iter().map(|samples| quantile(samples.as_ref(), p)).collect::<Result<Vec<_>, _>>()?;
    Ok(QuantileEstimate { pooled, over_replications: Estimate::from_replications(&each, confidence)? })
}
