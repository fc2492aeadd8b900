//! The plan of looks: after how many replications, and with which part of the error rate.

use crate::statistics::confidence::Confidence;
use crate::statistics::error::{StatisticsError, require};
use crate::statistics::moments::CompensatedSum;

/// Planned looks at rising numbers of replications, with the error rate split over them.
#[derive(Debug, Clone, PartialEq)]
pub struct Looks {
    confidence: Confidence,
    /// Rising; the error rate of each beside it.
    at: Vec<(usize, f64)>,
}

impl Looks {
    /// Looks after each of these numbers of replications, the error rate in equal parts.
    ///
    /// # Errors
    /// No looks, a first one below 2, or numbers that do not rise.
    pub fn equal(at: &[usize], confidence: Confidence) -> Result<Self, StatisticsError> {
        Self::spending(at, &vec![1.0; at.len()], confidence)
    }

    /// Looks after each of these numbers of replications, the error rate split in proportion to `weights`. A weight
    /// that rises from look to look keeps more for the final one.
    ///
    /// # Errors
    /// As [`Looks::equal`]; as many weights as looks are needed, each a finite number above 0.
    pub fn spending(at: &[usize], weights: &[f64], confidence: Confidence) -> Result<Self, StatisticsError> {
        if at.is_empty() {
            return Err(StatisticsError::Empty);
        }
        if at.len() != weights.len() {
            return Err(StatisticsError::LengthMismatch { left: at.len(), right: weights.len() });
        }
        require(at[0] >= 2, "the first look", at[0] as f64, "2 replications or more")?;
        for pair in at.windows(2) {
            require(pair[1] > pair[0], "a look", pair[1] as f64, "after more replications than the look before it")?;
        }
        let whole = CompensatedSum::of(weights.iter().copied());
        let mut plan = Vec::with_capacity(at.len());
        for (replications, weight) in at.iter().zip(weights) {
            let part = weight / whole;
            require(*weight > 0.0 && part > 0.0 && part <= 1.0, "the weight of a look", *weight, "a number above 0")?;
            plan.push((*replications, confidence.error_rate() * part));
        }
        Ok(Self { confidence, at: plan })
    }

    /// The confidence of the whole procedure.
    pub fn confidence(&self) -> Confidence {
        self.confidence
    }

    /// Replications at the first look.
    pub fn first(&self) -> usize {
        self.at.first().map_or(0, |look| look.0)
    }

    /// Replications at the final look.
    pub fn last(&self) -> usize {
        self.at.last().map_or(0, |look| look.0)
    }

    /// The first look after more than `replications`.
    pub fn next_after(&self, replications: usize) -> Option<usize> {
        self.at.iter().map(|look| look.0).find(|look| *look > replications)
    }

    /// The error rate of the look after exactly `replications`.
    pub(super) fn error_rate_at(&self, replications: usize) -> Result<f64, StatisticsError> {
        let look = self.at.iter().find(|look| look.0 == replications);
        look.map(|look| look.1).ok_or(StatisticsError::Parameter {
            name: "the number of replications",
            value: replications as f64,
            expected: "that of a planned look",
        })
    }

    /// The error rate of the final look.
    pub(super) fn final_error_rate(&self) -> f64 {
        self.at.last().map_or(0.0, |look| look.1)
    }
}
