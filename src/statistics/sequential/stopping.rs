//! Replicate until the mean is known precisely enough.

use super::looks::Looks;
use crate::statistics::confidence::Confidence;
use crate::statistics::error::{StatisticsError, require};
use crate::statistics::estimate::Estimate;

/// How precisely a mean is to be known.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Precision {
    /// Half-width of the interval at most this fraction of the mean.
    Relative(f64),
    /// Half-width of the interval at most this much, in the metric's unit.
    Absolute(f64),
}

/// What to do after a look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StoppingOutcome {
    /// Precise enough.
    Reached,
    /// Not yet: replicate up to the next look.
    Continue { next_look: usize },
    /// The final look, and not precise enough.
    BudgetUsed,
}

/// One look: the estimate, at the confidence that this look has, and what to do.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct StoppingLook {
    pub estimate: Estimate,
    pub outcome: StoppingOutcome,
}

/// Stops replicating at a planned precision.
///
/// Stopping as soon as an interval is narrow favours samples whose spread looks small by chance, so that intervals at
/// the nominal level cover too seldom (Law, section 9.4.1; Singham & Schruben, INFORMS Journal on Computing 24 (2012),
/// 624-635). Here every look's interval is at a level such that all of them together cover at the planned confidence,
/// and so does the one at which it stops.
#[derive(Debug, Clone, PartialEq)]
pub struct StoppingRule {
    looks: Looks,
    precision: Precision,
}

impl StoppingRule {
    /// The rule with these looks and this precision.
    ///
    /// # Errors
    /// A precision that is not a finite number above 0.
    pub fn new(looks: Looks, precision: Precision) -> Result<Self, StatisticsError> {
        let (Precision::Relative(width) | Precision::Absolute(width)) = precision;
        require(width > 0.0 && width.is_finite(), "the half-width", width, "a finite number above 0")?;
        Ok(Self { looks, precision })
    }

    /// The plan of looks.
    pub fn looks(&self) -> &Looks {
        &self.looks
    }

    /// Judges the values of all replications so far, as many as a planned look has.
    ///
    /// # Errors
    /// Another number of values, a value that is not finite, or an interval beyond a double.
    pub fn look(&self, values: &[f64]) -> Result<StoppingLook, StatisticsError> {
        let error_rate = self.looks.error_rate_at(values.len())?;
        let estimate = Estimate::from_replications(values, Confidence::from_error_rate(error_rate))?;
        let reached = match self.precision {
            Precision::Relative(ratio) => estimate.relative_half_width().is_some_and(|width| width <= ratio),
            Precision::Absolute(width) => estimate.half_width().is_some_and(|half_width| half_width <= width),
        };
        let outcome = match (reached, self.looks.next_after(values.len())) {
            (true, _) => StoppingOutcome::Reached,
            (false, Some(next_look)) => StoppingOutcome::Continue { next_look },
            (false, None) => StoppingOutcome::BudgetUsed,
        };
        Ok(StoppingLook { estimate, outcome })
    }
}
