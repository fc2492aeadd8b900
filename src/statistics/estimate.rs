//! The mean of independent replications with Student's interval.

use super::confidence::{Confidence, Interval};
use super::distributions::student_upper_quantile;
use super::error::{StatisticsError, finite};
use super::moments::Moments;

/// A mean over replications and how sure it is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Estimate {
    /// Number of replications.
    pub n: usize,
    pub mean: f64,
    /// Sample standard deviation (denominator n − 1), `None` for one replication.
    pub std_dev: Option<f64>,
    /// Standard error of the mean, `None` for one replication.
    pub std_error: Option<f64>,
    /// Two-sided confidence interval of the expectation, `None` for one replication.
    pub interval: Option<Interval>,
    pub confidence: Confidence,
    pub min: f64,
    pub max: f64,
}

impl Estimate {
    /// The mean of `values`, one a replication, with the interval x̄ ± t(n−1, 1−α/2) · s / √n
    /// (Law, "Simulation Modeling and Analysis", 5th edition, section 4.5).
    ///
    /// One replication has no interval. Replications that are all equal have one of width zero.
    ///
    /// # Errors
    /// No values, a value that is not finite, or values so large that the interval is not finite.
    pub fn from_replications(values: &[f64], confidence: Confidence) -> Result<Self, StatisticsError> {
        let moments = Moments::of(values)?;
        let interval = match moments.std_error() {
            Some(std_error) => Some(student_interval(&moments, std_error, confidence)?),
            None => None,
        };
        Ok(Self {
            n: moments.n,
            mean: moments.mean,
            std_dev: moments.std_dev,
            std_error: moments.std_error(),
            interval,
            confidence,
            min: moments.min,
            max: moments.max,
        })
    }

    /// Lower end of the interval, if there is one.
    pub fn ci_low(&self) -> Option<f64> {
        self.interval.map(|interval| interval.low)
    }

    /// Upper end of the interval, if there is one.
    pub fn ci_high(&self) -> Option<f64> {
        self.interval.map(|interval| interval.high)
    }

    /// Half the width of the interval, if there is one.
    pub fn half_width(&self) -> Option<f64> {
        self.interval.map(|interval| interval.half_width())
    }

    /// Half-width over the size of the mean. `None` without an interval, and for a mean of zero with an interval
    /// that is not of width zero.
    pub fn relative_half_width(&self) -> Option<f64> {
        let half_width = self.half_width()?;
        if half_width == 0.0 {
            return Some(0.0);
        }
        let ratio = half_width / self.mean.abs();
        ratio.is_finite().then_some(ratio)
    }
}

fn student_interval(moments: &Moments, std_error: f64, confidence: Confidence) -> Result<Interval, StatisticsError> {
    if std_error == 0.0 {
        return Ok(Interval { low: moments.mean, high: moments.mean });
    }
    let quantile = student_upper_quantile(0.5 * confidence.error_rate(), (moments.n - 1) as f64);
    let half_width = quantile * std_error;
    Ok(Interval {
        low: finite(moments.mean - half_width, "the confidence interval")?,
        high: finite(moments.mean + half_width, "the confidence interval")?,
    })
}
