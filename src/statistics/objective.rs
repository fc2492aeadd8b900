//! Whether an objective is met, missed, or not to be told from the replications at hand.

use super::confidence::{Confidence, Interval};
use super::error::{StatisticsError, require};
use super::estimate::Estimate;
use super::willink::{one_sided_limits, willink_interval};
use std::fmt;
use std::str::FromStr;

/// How a metric is to stand to its limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Comparison {
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Equal,
}

impl Comparison {
    /// The sign as users write it.
    pub const fn symbol(self) -> &'static str {
        match self {
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
            Self::Equal => "=",
        }
    }
}

impl fmt::Display for Comparison {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.symbol())
    }
}

/// The sign is none of `<`, `<=`, `>`, `>=`, `=`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown comparison {0:?}: it must be <, <=, >, >= or =")]
pub struct UnknownComparison(pub String);

impl FromStr for Comparison {
    type Err = UnknownComparison;

    fn from_str(sign: &str) -> Result<Self, Self::Err> {
        [Self::Less, Self::LessOrEqual, Self::Greater, Self::GreaterOrEqual, Self::Equal]
            .into_iter()
            .find(|comparison| comparison.symbol() == sign)
            .ok_or_else(|| UnknownComparison(sign.to_owned()))
    }
}

/// What the replications say about an objective.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Verdict {
    Met,
    Missed,
    /// The replications do not tell: more are needed, or the metric is at its limit.
    Undecided,
}

impl Verdict {
    /// The word in the result files.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Met => "met",
            Self::Missed => "missed",
            Self::Undecided => "undecided",
        }
    }
}

/// A verdict and what it rests on.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Judgement {
    pub verdict: Verdict,
    /// The metric over the replications; its interval is Student's, for display.
    pub estimate: Estimate,
    /// What the limit was held against: for an inequality Willink's two one-sided limits, each at the level of
    /// confidence; for `=` Willink's two-sided interval. `None` for one replication.
    pub decided_by: Option<Interval>,
    /// The probability of a wrong verdict is at most this, whatever the truth, as far as the limits hold: see
    /// [`judge`] on skewed values.
    pub error_rate: f64,
    /// Where equal replications may hide what comes by chance ([`super::judge_unseen`]): so many would tell.
    pub needed: Option<usize>,
}

/// Two numbers this close are equal in an objective with `=`.
const EQUALITY_TOLERANCE: f64 = 1e-9;

/// An interval about the limit of an objective with `=` confirms it if it lies within this fraction of the limit.
const EQUIVALENCE_RATIO: f64 = 0.01;

/// Judges the objective `metric <comparison> limit` from the metric's `values`, one a replication.
///
/// * One replication is always undecided: whether a metric varies cannot be told from one value.
/// * Inequalities: met if the expectation is on the right side with confidence, by Willink's one-sided limit; missed if
///   it is on the wrong side with confidence; undecided between. Either statement is wrong with probability α at most,
///   and only one of them can be wrong, so the level is not split between them.
/// * Replications that are all equal have both limits at their value, and `<` and `<=` differ there.
/// * `=`, all replications equal to the bit: met within 1e-9 of the limit, else missed.
/// * `=`, replications that differ: missed if the limit lies outside the two-sided interval by more than 1e-9. Inside
///   it, equality cannot be shown, only closeness: met if the whole interval lies within 1 % of the limit (within 1e-9
///   of a limit of 0), which is a test of equivalence by inclusion of the interval; else undecided.
///
/// Measured with the expectation at the limit and α = 5 % (`results/coverage.md`): normal values, 10 of them, are wrongly
/// met in 5 % and wrongly missed in 5 %. Lognormal values with σ = 1, more skewed than most, are wrongly met in 12 % with
/// 10 replications and in 10 % with 20; wrongly missed in 2 and 3 %. For metrics like that, replicate more.
///
/// # Errors
/// No values, a value or a limit that is not finite.
pub fn judge(
    values: &[f64],
    comparison: Comparison,
    limit: f64,
    confidence: Confidence,
) -> Result<Judgement, StatisticsError> {
    require(limit.is_finite(), "the limit of the objective", limit, "a finite number")?;
    let estimate = Estimate::from_replications(values, confidence)?;
    let decided_by = match comparison {
        Comparison::Equal => willink_interval(values, confidence)?,
        _ => one_sided_limits(values, confidence)?,
    };
    let is_equal = estimate.min == estimate.max;
    let verdict = decided_by.map_or(Verdict::Undecided, |range| verdict_by(range, comparison, limit, is_equal));
    Ok(Judgement { verdict, estimate, decided_by, error_rate: confidence.error_rate(), needed: None })
}

/// The verdict by an interval; `is_equal`: all replications are, and nothing else is to be expected.
pub(super) fn verdict_by(range: Interval, comparison: Comparison, limit: f64, is_equal: bool) -> Verdict {
    match comparison {
        Comparison::Less => decide(range.high < limit, range.low >= limit),
        Comparison::LessOrEqual => decide(range.high <= limit, range.low > limit),
        Comparison::Greater => decide(range.low > limit, range.high <= limit),
        Comparison::GreaterOrEqual => decide(range.low >= limit, range.high < limit),
        Comparison::Equal => equality(range, limit, is_equal),
    }
}

/// The place of the value that is farthest on the wrong side of the limit (for `=`, farthest from it); of equal ones the
/// first. `None` without values.
pub fn worst_of(values: &[f64], comparison: Comparison, limit: f64) -> Option<usize> {
    let badness = |value: f64| match comparison {
        Comparison::Less | Comparison::LessOrEqual => value,
        Comparison::Greater | Comparison::GreaterOrEqual => -value,
        Comparison::Equal => (value - limit).abs(),
    };
    let worse =
        |worst: usize, place: usize| if badness(values[place]) > badness(values[worst]) { place } else { worst };
    (0..values.len()).reduce(worse)
}

fn decide(met: bool, missed: bool) -> Verdict {
    match (met, missed) {
        (true, _) => Verdict::Met,
        (false, true) => Verdict::Missed,
        (false, false) => Verdict::Undecided,
    }
}

fn equality(range: Interval, limit: f64, all_equal: bool) -> Verdict {
    let outside = range.low > limit + EQUALITY_TOLERANCE || range.high < limit - EQUALITY_TOLERANCE;
    let tolerance = (EQUIVALENCE_RATIO * limit.abs()).max(EQUALITY_TOLERANCE);
    let close = all_equal || (range.low >= limit - tolerance && range.high <= limit + tolerance);
    decide(close && !outside, outside)
}
