//! Levels of confidence and the intervals that go with them.

use super::error::{StatisticsError, require};

/// A level of confidence, above one half and below one. Its complement is the error rate.
///
/// Levels of one half and less are refused: with them a lower limit would lie above the upper one.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub struct Confidence(f64);

impl Confidence {
    /// 95 %, the level used where nothing else is asked for.
    pub const DEFAULT: Self = Self(0.95);

    /// A level of `level`, such as 0.95.
    pub fn new(level: f64) -> Result<Self, StatisticsError> {
        let holds = level > 0.5 && level <= 1.0 - 1e-12;
        require(holds, "the level of confidence", level, "above 0.5 and below 1 (at most 1 - 1e-12), such as 0.95")?;
        Ok(Self(level))
    }

    /// The level with this error rate, which is known to be above 0 and below one. A two-sided interval with twice the
    /// error rate of a one-sided statement may have a level below one half.
    pub(super) fn from_error_rate(error_rate: f64) -> Self {
        Self((1.0 - error_rate).clamp(1e-12, 1.0 - 1e-12))
    }

    /// The level itself, such as 0.95.
    pub fn level(self) -> f64 {
        self.0
    }

    /// The error rate α, such as 0.05.
    pub fn error_rate(self) -> f64 {
        1.0 - self.0
    }

    /// The level at which each of `parts` statements must be made for all to hold together at this level
    /// (Bonferroni's inequality). No parts are taken as one.
    pub fn split(self, parts: usize) -> Self {
        Self::from_error_rate(self.error_rate() / parts.max(1) as f64)
    }
}

impl Default for Confidence {
    fn default() -> Self {
        Self::DEFAULT
    }
}

/// A closed interval of the real line.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Interval {
    pub low: f64,
    pub high: f64,
}

impl Interval {
    /// Half of the width.
    pub fn half_width(&self) -> f64 {
        0.5 * self.high - 0.5 * self.low
    }

    /// Whether `value` lies in the interval, its ends included.
    pub fn contains(&self, value: f64) -> bool {
        self.low <= value && value <= self.high
    }
}
