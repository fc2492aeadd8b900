//! Is the candidate worse than the baseline by more than a margin? Paired, in planned looks, with its power stated.

use super::looks::Looks;
use crate::statistics::confidence::Confidence;
use crate::statistics::distributions::{
    chi_squared_lower_quantile, noncentral_student_upper_tail, student_upper_quantile,
};
use crate::statistics::error::{StatisticsError, finite, require};
use crate::statistics::estimate::Estimate;
use crate::statistics::paired::differences;

/// Which direction of a change is a regression.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Worse {
    Higher,
    Lower,
}

/// The change that is still accepted.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Margin {
    /// In the metric's unit, 0 or more.
    Absolute(f64),
    /// As a fraction of the baseline's mean, 0 or more. For metrics whose mean is positive.
    Relative(f64),
}

/// What a look decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GateDecision {
    /// Worse by more than the margin.
    Regression,
    /// Not worse by more than the margin.
    NoRegression,
    /// Neither can be said yet: replicate both up to the next look.
    Continue { next_look: usize },
    /// The final look, and neither can be said.
    Undecided,
}

/// One look.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct GateLook {
    pub decision: GateDecision,
    /// By how much the candidate is worse than the margin allows, in the metric's unit; below 0 it is within. The
    /// interval is two-sided and each of its ends has the error rate of this look.
    pub excess: Estimate,
}

/// The probability of finding a given regression.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Power {
    /// That the test of the final look finds it.
    pub at_final_look: f64,
    /// That the procedure finds it at one of its looks is at least this: the final look's power less the error rate
    /// of the earlier looks, at which it might have passed the candidate wrongly.
    pub at_least: f64,
}

/// A one-sided paired decision with planned looks.
///
/// With dᵢ = candidateᵢ − baselineᵢ − δ for an absolute margin and dᵢ = candidateᵢ − (1 + δ) · baselineᵢ for a relative
/// one (signs turned where lower is worse), a regression is E d > 0. A relative margin thus needs no division by an
/// estimate. At each look Student's one-sided limits of E d at that look's error rate decide: above 0, regression;
/// below, none. A wrong alarm needs E d ≤ 0 and a wrong pass E d > 0, so for any truth only one of them is possible,
/// and each has the whole error rate, split over the looks by Bonferroni's inequality.
///
/// A margin of 0 asks whether there is any regression; equal versions then stay undecided unless their replications are
/// equal to the bit. With common random numbers and a margin above 0, equal versions pass.
#[derive(Debug, Clone, PartialEq)]
pub struct Gate {
    looks: Looks,
    worse: Worse,
    margin: Margin,
}

impl Gate {
    /// The gate with these looks and this margin.
    ///
    /// # Errors
    /// A margin that is not a finite number of 0 or more; a relative one of 1 or more where lower is worse, which no
    /// positive metric can reach.
    pub fn new(looks: Looks, worse: Worse, margin: Margin) -> Result<Self, StatisticsError> {
        let (Margin::Absolute(width) | Margin::Relative(width)) = margin;
        require(width >= 0.0 && width.is_finite(), "the margin", width, "a finite number of 0 or more")?;
        let reachable = !(matches!(margin, Margin::Relative(_)) && worse == Worse::Lower && width >= 1.0);
        require(reachable, "the relative margin", width, "below 1 where lower is worse")?;
        Ok(Self { looks, worse, margin })
    }

    /// The plan of looks.
    pub fn looks(&self) -> &Looks {
        &self.looks
    }

    /// Decides on all replications so far, as many of each side as a planned look has; value i of both sides is
    /// replication i.
    ///
    /// # Errors
    /// Sides that differ in length, a number that is not that of a planned look, a value that is not finite, or a
    /// result beyond a double.
    pub fn look(&self, baseline: &[f64], candidate: &[f64]) -> Result<GateLook, StatisticsError> {
        let values = self.excesses(baseline, candidate)?;
        let error_rate = self.looks.error_rate_at(values.len())?;
        let excess = Estimate::from_replications(&values, Confidence::from_error_rate(2.0 * error_rate))?;
        let decision = match (excess.interval, self.looks.next_after(values.len())) {
            (Some(interval), _) if interval.low > 0.0 => GateDecision::Regression,
            // Differences without variance at exactly the margin are within it.
            (Some(interval), _) if interval.high < 0.0 || excess.std_dev == Some(0.0) => GateDecision::NoRegression,
            (_, Some(next_look)) => GateDecision::Continue { next_look },
            (_, None) => GateDecision::Undecided,
        };
        Ok(GateLook { decision, excess })
    }

    fn excesses(&self, baseline: &[f64], candidate: &[f64]) -> Result<Vec<f64>, StatisticsError> {
        let (sign, factor) = match (self.worse, self.margin) {
            (Worse::Higher, Margin::Relative(ratio)) => (1.0, 1.0 + ratio),
            (Worse::Lower, Margin::Relative(ratio)) => (-1.0, 1.0 - ratio),
            (Worse::Higher, Margin::Absolute(_)) => (1.0, 1.0),
            (Worse::Lower, Margin::Absolute(_)) => (-1.0, 1.0),
        };
        let allowed = if let Margin::Absolute(width) = self.margin { width } else { 0.0 };
        let changes = differences(baseline, candidate, factor)?;
        Ok(changes.into_iter().map(|change| sign * change - allowed).collect())
    }

    /// How far a change for the worse by `change` lies beyond the margin, in the metric's unit. With a relative margin
    /// `change` is a fraction of `baseline_mean`; with an absolute one it is in the metric's unit, and the mean is not
    /// used.
    pub fn excess_of(&self, change: f64, baseline_mean: f64) -> f64 {
        match self.margin {
            Margin::Absolute(width) => change - width,
            Margin::Relative(ratio) => (change - ratio) * baseline_mean.abs(),
        }
    }

    /// The power to find a regression that lies `excess` beyond the margin, when the paired excesses have this
    /// standard deviation (that of a [`GateLook`], say).
    ///
    /// The test's exact power for normal differences, from the noncentral t distribution with noncentrality
    /// excess · √n / s. With an estimated deviation the power is an estimate too.
    ///
    /// # Errors
    /// An excess that is not finite, or a deviation that is not a finite number of 0 or more.
    pub fn power(&self, excess: f64, std_dev: f64) -> Result<Power, StatisticsError> {
        require(excess.is_finite(), "the excess", excess, "a finite number")?;
        let valid = std_dev >= 0.0 && std_dev.is_finite();
        require(valid, "the standard deviation", std_dev, "a finite number of 0 or more")?;
        let earlier_rate = self.looks.confidence().error_rate() - self.looks.final_error_rate();
        let at_final_look = match (std_dev == 0.0, excess > 0.0) {
            (true, true) => 1.0,
            (true, false) => 0.0,
            (false, _) => self.final_power(excess / std_dev * (self.looks.last() as f64).sqrt()),
        };
        Ok(Power { at_final_look, at_least: (at_final_look - earlier_rate).max(0.0) })
    }

    /// The power of the final look at this noncentrality, the excess in standard errors.
    fn final_power(&self, noncentrality: f64) -> f64 {
        let degrees = self.looks.last() as f64 - 1.0;
        let critical = student_upper_quantile(self.looks.final_error_rate(), degrees);
        noncentral_student_upper_tail(critical, degrees, noncentrality)
    }

    /// The smallest change for the worse that the gate promises to find with probability `power`: a fraction of
    /// `baseline_mean` with a relative margin, in the metric's unit with an absolute one.
    ///
    /// The paired excesses of `n` replications have the standard deviation `std_dev`; with 95 % the true one is below
    /// √((n − 1) s² / χ²), χ² the 5 % quantile of its distribution with n − 1 degrees of freedom, for normal excesses, and
    /// the promise is made with that. What the earlier looks may pass wrongly is asked of the final one in addition.
    ///
    /// # Errors
    /// As [`Gate::detectable_excess`]; fewer than two replications; a baseline mean of 0 with a relative margin.
    pub fn promised_change(
        &self,
        (std_dev, n): (f64, usize),
        power: f64,
        baseline_mean: f64,
    ) -> Result<f64, StatisticsError> {
        require(n >= 2, "the number of replications", n as f64, "2 or more")?;
        let degrees = n as f64 - 1.0;
        let largest = std_dev * (degrees / chi_squared_lower_quantile(0.05, degrees)).sqrt();
        let earlier_rate = self.looks.confidence().error_rate() - self.looks.final_error_rate();
        let excess = self.detectable_excess(largest, power + earlier_rate)?;
        match self.margin {
            Margin::Absolute(width) => Ok(width + excess),
            Margin::Relative(ratio) => finite(ratio + excess / baseline_mean.abs(), "the change"),
        }
    }

    /// The smallest excess that the final look finds with probability `power`, at this standard deviation of the
    /// paired excesses: what the gate can promise.
    ///
    /// # Errors
    /// A power not between 0.5 and 0.9999, a deviation that is not a finite number of 0 or more, or an excess beyond a
    /// double.
    pub fn detectable_excess(&self, std_dev: f64, power: f64) -> Result<f64, StatisticsError> {
        require((0.5..=0.9999).contains(&power), "the power", power, "between 0.5 and 0.9999")?;
        let valid = std_dev >= 0.0 && std_dev.is_finite();
        require(valid, "the standard deviation", std_dev, "a finite number of 0 or more")?;
        let (mut low, mut high) = (0.0, 1.0);
        while self.final_power(high) < power && high < 1e15 {
            low = high;
            high *= 2.0;
        }
        while high - low > 1e-6 * high {
            let middle = 0.5 * (low + high);
            if self.final_power(middle) < power {
                low = middle;
            } else {
                high = middle;
            }
        }
        finite(high * (std_dev / (self.looks.last() as f64).sqrt()), "the excess")
    }
}
