//! Distributions for measured durations: maximum likelihood, ranked by Akaike's criterion, with a limit beyond which
//! none is good enough and the data should be used as they are.
//!
//! Order of events: the samples are checked and rounding is undone ([`Rounding`]), each family is fitted or said not to
//! apply, the fits are ranked by AIC, and the best of them is advised unless its Kolmogorov-Smirnov distance is above
//! the limit. AIC compares the families with each other; it does not say that the best of them is any good, which is
//! what the distance is for.

mod distribution;
mod families;
mod kolmogorov;
mod sample;
mod solve;

pub use distribution::{Family, FittedDistribution};
pub use sample::Rounding;

use super::confidence::{Confidence, Interval};
use super::error::{StatisticsError, require};
use families::Candidate;
use sample::Sample;

/// A parameter with its asymptotic interval.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ParameterEstimate {
    pub name: &'static str,
    pub value: f64,
    /// From the expected information at the estimate, for positive parameters on the logarithm, so that it stays
    /// positive; for Pareto's minimum the exact one of an exponential spacing. Needs many samples, and independent
    /// ones.
    pub interval: Interval,
}

/// One family fitted to the samples.
#[derive(Debug, Clone, PartialEq)]
pub struct Fit {
    pub distribution: FittedDistribution,
    pub parameters: Vec<ParameterEstimate>,
    pub log_likelihood: f64,
    /// 2 · (number of parameters) − 2 · log-likelihood (Akaike, IEEE Transactions on Automatic Control 19 (1974),
    /// 716-723). Comparable between fits to the same samples only; less is better.
    pub aic: f64,
    /// Greatest distance between the fitted and the empirical distribution function.
    pub ks_distance: f64,
}

/// Why a family does not apply.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unfit {
    pub family: Family,
    pub reason: &'static str,
}

/// What to use for the samples.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Advice {
    /// The family with the least AIC.
    Use(FittedDistribution),
    /// None fits: the samples themselves, as an empirical distribution.
    Empirical,
}

/// Every family, the best first.
#[derive(Debug, Clone, PartialEq)]
pub struct Ranking {
    /// By rising AIC; equal ones in the order of [`Family::ALL`].
    pub fits: Vec<Fit>,
    pub unfit: Vec<Unfit>,
    /// The distance above which a fit is not good enough.
    pub ks_limit: f64,
    pub advice: Advice,
}

/// How to fit.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct FitOptions {
    pub rounding: Rounding,
    /// Of the parameters' intervals.
    pub confidence: Confidence,
    /// The distance above which a fit is not good enough; `None` for [`default_ks_limit`].
    pub ks_limit: Option<f64>,
}

/// The limit of the Kolmogorov-Smirnov distance where none is given: 0.05, or what chance alone reaches in 5 % of
/// samples from a fitted family, if that is more.
///
/// With many samples any family is rejected by a test, though it may be off by nothing that matters; hence a fixed
/// limit. With few, chance exceeds it: for the exponential distribution with estimated mean the 5 % point is
/// 1.094 / (√n + 0.26 + 0.5/√n) + 0.2/n (Stephens, Journal of the American Statistical Association 69 (1974), 730-737). The
/// tests confirm the 5 % for it, and that truly exponential samples end as empirical no more often.
pub fn default_ks_limit(samples: usize) -> f64 {
    let n = samples.max(1) as f64;
    (1.094 / (n.sqrt() + 0.26 + 0.5 / n.sqrt()) + 0.2 / n).max(0.05)
}

/// Fits every family to `samples` (durations of 0 or more, in any unit) and ranks them.
///
/// # Errors
/// No samples, one that is not finite or below zero, a unit of rounding or a limit that is not a number above 0.
pub fn best_fit(samples: &[f64], options: &FitOptions) -> Result<Ranking, StatisticsError> {
    let sample = Sample::new(samples, options.rounding)?;
    let ks_limit = options.ks_limit.unwrap_or_else(|| default_ks_limit(samples.len()));
    require(ks_limit > 0.0, "the limit of the distance", ks_limit, "a number above 0")?;
    let (mut fits, mut unfit) = (Vec::new(), Vec::new());
    for family in Family::ALL {
        match fit_family(&sample, family, options.confidence) {
            Ok(fit) => fits.push(fit),
            Err(reason) => unfit.push(Unfit { family, reason }),
        }
    }
    fits.sort_by(|left, right| left.aic.total_cmp(&right.aic));
    let good = fits.first().filter(|fit| fit.ks_distance <= ks_limit);
    let advice = good.map_or(Advice::Empirical, |fit| Advice::Use(fit.distribution));
    Ok(Ranking { fits, unfit, ks_limit, advice })
}

fn fit_family(sample: &Sample, family: Family, confidence: Confidence) -> Result<Fit, &'static str> {
    let Candidate { distribution, parameters } = families::fit(sample, family, confidence)?;
    let log_likelihood = sample.log_likelihood(&distribution);
    let ks_distance = kolmogorov::distance(sample, &distribution);
    if !log_likelihood.is_finite() || !ks_distance.is_finite() {
        return Err("its likelihood is out of reach of a double");
    }
    let aic = 2.0 * parameters.len() as f64 - 2.0 * log_likelihood;
    Ok(Fit { distribution, parameters, log_likelihood, aic, ks_distance })
}
