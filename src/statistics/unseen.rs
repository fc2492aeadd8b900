//! What replications that are all equal do not show, where something that comes by chance may have come in none of them.

use super::confidence::{Confidence, Interval};
use super::error::StatisticsError;
use super::objective::{Comparison, Judgement, Verdict, judge, verdict_by};
use super::willink::rule_of_three;

/// Of a cause with an unknown rate it is asked that this share of the replications would have shown it.
const UNKNOWN_SHARE: f64 = 0.05;

/// How far replications that were not seen may differ from those that were seen, which are all equal.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Unseen {
    /// What the metric cannot leave; may be infinite.
    pub bounds: Interval,
    /// At most this share of all replications can differ, whatever was seen: 1 if nothing is known of the causes.
    pub most_share: f64,
    /// Share of the replications in which the rarest cause comes, if it is known.
    pub rarest_share: Option<f64>,
}

impl Unseen {
    /// Interval of the expectation if `n` replications gave `value`: with confidence at most a share 1 − α^(1/n) of all
    /// replications differs ([`rule_of_three`]), and none of them leaves the bounds.
    ///
    /// # Errors
    /// No replications.
    pub fn interval(&self, value: f64, n: usize, confidence: Confidence) -> Result<Interval, StatisticsError> {
        let share = rule_of_three(n as u64, confidence)?.min(self.most_share);
        let towards = |bound: f64| if bound == value { value } else { value + share * (bound - value) };
        Ok(Interval { low: towards(self.bounds.low), high: towards(self.bounds.high) })
    }

    /// So many replications show the rarest cause with confidence: its share p is missed by all with (1 − p)ⁿ.
    pub fn needed_to_see(&self, confidence: Confidence) -> usize {
        needed(self.rarest_share.unwrap_or(UNKNOWN_SHARE), confidence)
    }

    /// So many replications that are all `value` would tell on which side of `limit` the expectation is. What lies at the
    /// limit, or has no bound behind it, can only be asked to have seen the rarest cause.
    fn needed_for(&self, value: f64, limit: f64, confidence: Confidence) -> usize {
        let bound = if limit > value { self.bounds.high } else { self.bounds.low };
        let share = (limit - value) / (bound - value);
        if share > 0.0 && share.is_finite() { needed(share, confidence) } else { self.needed_to_see(confidence) }
    }
}

/// The fewest trials of which none has an event of probability `share` with at most the error rate.
fn needed(share: f64, confidence: Confidence) -> usize {
    // A cast of what is too large gives the largest number.
    (confidence.error_rate().ln() / (-share.clamp(1e-9, 1.0 - 1e-9)).ln_1p()).ceil() as usize
}

/// As [`judge`]; values that are all equal do not say more than [`Unseen::interval`], if something may be unseen.
///
/// A limit at the value itself (never, always) and a metric without a bound behind the limit are judged as if all
/// replications were like these once there are enough to have seen the rarest cause.
///
/// # Errors
/// As [`judge`].
pub fn judge_unseen(
    values: &[f64],
    comparison: Comparison,
    limit: f64,
    confidence: Confidence,
    unseen: Option<&Unseen>,
) -> Result<Judgement, StatisticsError> {
    let plain = judge(values, comparison, limit, confidence)?;
    let (n, value) = (values.len(), plain.estimate.mean);
    let Some(unseen) = unseen.filter(|_| n > 1 && plain.estimate.min == plain.estimate.max) else { return Ok(plain) };
    let interval = unseen.interval(value, n, confidence)?;
    let is_bounded = interval.low.is_finite() && interval.high.is_finite();
    let bound = if limit > value { unseen.bounds.high } else { unseen.bounds.low };
    let is_enough = (limit == value || !bound.is_finite()) && n >= unseen.needed_to_see(confidence);
    let verdict = if is_enough { plain.verdict } else { verdict_by(interval, comparison, limit, false) };
    let shown = is_bounded.then_some(interval);
    let mut estimate = plain.estimate;
    estimate.interval = shown.or(estimate.interval);
    let needed = (verdict == Verdict::Undecided).then(|| unseen.needed_for(value, limit, confidence));
    Ok(Judgement { verdict, estimate, decided_by: shown, needed, ..plain })
}
