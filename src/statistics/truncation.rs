//! Where the start-up of a steady-state simulation ends: MSER-5 to decide, Welch's moving average to look at.

use super::error::{StatisticsError, check_finite, finite, require};
use super::moments::CompensatedSum;

/// Observations in one batch of MSER-5.
const BATCH: usize = 5;

/// Batches at the end that are no candidates: few values agree by chance (Franklin & White, "Stationarity tests and
/// MSER-5", Proceedings of the 2008 Winter Simulation Conference, 541-546).
const LAST_BATCHES: usize = 5;

/// What MSER-5 advises.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Truncation {
    /// Leave out this many observations at the start.
    After { observations: usize },
    /// The criterion is least in the second half: the series is too short to tell start-up from steady state.
    Refused { least_after: usize },
}

/// The truncation point of `series`, observations in the order of simulated time.
///
/// K. P. White, "An effective truncation heuristic for bias reduction in simulation output", Simulation 69 (1997),
/// 323-334, on means of batches of five (White, Cobb & Spratt, Proceedings of the 2000 Winter Simulation Conference,
/// 755-760): with Zᵢ the m batch means, leave out the d batches that minimize Σᵢ₌d₊₁..m (Zᵢ − Z̄)² / (m − d)², the squared
/// standard error of what is left. Of equal minima the earliest counts. A minimum in the second half is refused.
/// Observations after the last whole batch are not looked at.
///
/// # Errors
/// Fewer than 50 observations, or one that is not finite; values beyond what a double can square.
pub fn mser5(series: &[f64]) -> Result<Truncation, StatisticsError> {
    if series.is_empty() || series.len() < 2 * LAST_BATCHES * BATCH {
        return Err(StatisticsError::TooFew { needed: 2 * LAST_BATCHES * BATCH, got: series.len() });
    }
    check_finite(series)?;
    let batches: Vec<f64> =
        series.chunks_exact(BATCH).map(|batch| batch.iter().map(|value| value / BATCH as f64).sum()).collect();
    // Welford's recursion from the end backwards: after each batch, mean and squares of everything from it on.
    let (mut count, mut mean, mut squares) = (0.0, 0.0, 0.0);
    let (mut least, mut least_after) = (f64::INFINITY, 0);
    for (index, batch) in batches.iter().enumerate().rev() {
        count += 1.0;
        let deviation = batch - mean;
        mean += deviation / count;
        squares += deviation * (batch - mean);
        if batches.len() - index > LAST_BATCHES {
            let criterion = finite(squares, "the sum of squares")? / (count * count);
            if criterion <= least {
                (least, least_after) = (criterion, index);
            }
        }
    }
    let observations = least_after * BATCH;
    if 2 * least_after > batches.len() {
        Ok(Truncation::Refused { least_after: observations })
    } else {
        Ok(Truncation::After { observations })
    }
}

/// The mean over replications, observation by observation.
///
/// # Errors
/// No replications, replications that differ in length, or an observation that is not finite.
pub fn mean_over_replications<S: AsRef<[f64]>>(replications: &[S]) -> Result<Vec<f64>, StatisticsError> {
    let first = replications.first().ok_or(StatisticsError::Empty)?.as_ref();
    for replication in replications {
        let other = replication.as_ref();
        if other.len() != first.len() {
            return Err(StatisticsError::LengthMismatch { left: first.len(), right: other.len() });
        }
        check_finite(other)?;
    }
    let count = replications.len() as f64;
    let means = (0..first.len())
        .map(|index| CompensatedSum::of(replications.iter().map(|replication| replication.as_ref()[index] / count)));
    Ok(means.collect())
}

/// Welch's moving average of the mean over replications, with `window` observations on either side.
///
/// P. D. Welch, "The statistical analysis of simulation results", in The Computer Performance Modeling Handbook, 1983;
/// Law, section 9.5.1: near the start, where the window does not fit, it shrinks to what lies before; the last `window`
/// observations have no average. A window of 0 gives the means themselves.
///
/// # Errors
/// As [`mean_over_replications`]; a window wider than a quarter of the series.
pub fn welch_moving_average<S: AsRef<[f64]>>(replications: &[S], window: usize) -> Result<Vec<f64>, StatisticsError> {
    let means = mean_over_replications(replications)?;
    require(window <= means.len() / 4, "the window", window as f64, "at most a quarter of the observations")?;
    let average = |index: usize| {
        let reach = window.min(index);
        let width = (2 * reach + 1) as f64;
        CompensatedSum::of(means[index - reach..=index + reach].iter().map(|mean| mean / width))
    };
    Ok((0..means.len() - window).map(average).collect())
}
