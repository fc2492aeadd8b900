//! Distributions for measured times, and how scenario files write them.
//!
//! The criterion is that of [`best_fit`]: of five families fitted by maximum likelihood that with the least AIC, if its
//! Kolmogorov-Smirnov distance is at most 0.05 (or what chance alone reaches in 5 % of samples); else the measured values
//! themselves.

use crate::statistics::{
    Advice, Family, Fit, FitOptions, FittedDistribution, Ranking, Rounding, StatisticsError, best_fit,
};
use crate::time::SimDuration;
use serde::Serialize;

/// The criterion in a sentence.
pub const CRITERION: &str = "of exponential, lognormal, Weibull, gamma and Pareto, fitted by maximum likelihood, the one with the \
     least AIC is used if its Kolmogorov-Smirnov distance (KS) is within the limit; a scenario of `import log` has the \
     measured values themselves where none is; \
     intervals are 95 % and hold for independent values";

/// A parameter of a fitted distribution.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Parameter {
    /// Its name.
    pub name: &'static str,
    /// Its estimate.
    pub value: f64,
    /// Lower end of the 95 % interval.
    pub ci_low: f64,
    /// Upper end.
    pub ci_high: f64,
}

/// One family, fitted.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FamilyFit {
    /// Its name in scenario files.
    pub family: &'static str,
    /// Its parameters; times in the unit of [`FittedTime::unit`].
    pub parameters: Vec<Parameter>,
    /// Akaike's criterion.
    pub aic: f64,
    /// Distance between fitted and measured distribution function.
    pub ks_distance: f64,
}

/// A measured time and its distribution.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FittedTime {
    /// What was measured.
    pub name: String,
    /// Number of values.
    pub n: usize,
    /// Unit of everything here.
    pub unit: &'static str,
    /// Mean of the values as they were recorded.
    pub mean: f64,
    /// Median.
    pub median: f64,
    /// 99 % quantile.
    pub p99: f64,
    /// Every family that could be fitted, the best first.
    pub fits: Vec<FamilyFit>,
    /// Greatest distance that is good enough.
    pub ks_limit: f64,
    /// The chosen family, or `empirical`.
    pub chosen: &'static str,
    /// As a scenario file writes it; `None` if the values themselves are to be used.
    pub toml: Option<String>,
    /// The best family as a scenario file writes it, whether or not it is good enough.
    pub nearest: Option<String>,
}

/// Fits times in seconds, of which `rounding` (in seconds too) says how they were recorded; shown in `unit`, of which a
/// second has `per_second`.
///
/// # Errors
/// There are no values, or one is negative.
pub fn fit(
    name: impl Into<String>,
    seconds: &[f64],
    rounding: Rounding,
    (unit, per_second): (&'static str, f64),
) -> Result<FittedTime, StatisticsError> {
    let scaled: Vec<f64> = seconds.iter().map(|value| value * per_second).collect();
    let rounding = match rounding {
        Rounding::Exact => Rounding::Exact,
        Rounding::Nearest { unit } => Rounding::Nearest { unit: unit * per_second },
        Rounding::Down { unit } => Rounding::Down { unit: unit * per_second },
    };
    let ranking = best_fit(&scaled, &FitOptions { rounding, ..FitOptions::default() })?;
    let mut sorted = scaled;
    sorted.sort_by(f64::total_cmp);
    let quantile = |q: f64| sorted[((sorted.len() - 1) as f64 * q).round() as usize];
    let toml = match &ranking.advice {
        Advice::Use(distribution) => to_toml(distribution, per_second),
        Advice::Empirical => None,
    };
    Ok(FittedTime {
        name: name.into(),
        n: sorted.len(),
        unit,
        mean: sorted.iter().sum::<f64>() / sorted.len() as f64,
        median: quantile(0.5),
        p99: quantile(0.99),
        ks_limit: ranking.ks_limit,
        chosen: chosen(&ranking, toml.is_some()),
        fits: ranking.fits.iter().map(family_fit).collect(),
        nearest: ranking.fits.first().and_then(|best| to_toml(&best.distribution, per_second)),
        toml,
    })
}

fn chosen(ranking: &Ranking, can_be_written: bool) -> &'static str {
    match &ranking.advice {
        Advice::Use(distribution) if can_be_written => distribution.family().key(),
        _ => "empirical",
    }
}

fn family_fit(fit: &Fit) -> FamilyFit {
    let parameters = fit.parameters.iter().map(|parameter| Parameter {
        name: parameter.name,
        value: parameter.value,
        ci_low: parameter.interval.low,
        ci_high: parameter.interval.high,
    });
    FamilyFit {
        family: fit.distribution.family().key(),
        parameters: parameters.collect(),
        aic: fit.aic,
        ks_distance: fit.ks_distance,
    }
}

impl FittedTime {
    /// The fit of one family.
    pub fn family(&self, family: Family) -> Option<&FamilyFit> {
        self.fits.iter().find(|fit| fit.family == family.key())
    }

    /// The best family's fit, whether or not it is good enough.
    pub fn best(&self) -> Option<&FamilyFit> {
        self.fits.first()
    }
}

impl FamilyFit {
    /// The value of a parameter.
    pub fn value(&self, name: &str) -> Option<f64> {
        self.parameters.iter().find(|parameter| parameter.name == name).map(|parameter| parameter.value)
    }
}

/// A distribution as a scenario writes it; its times are in a unit of which a second has `per_second`. `None` if a time
/// is too short or too long to be written.
pub fn to_toml(distribution: &FittedDistribution, per_second: f64) -> Option<String> {
    let time = |value: f64| time_text(value / per_second);
    Some(match *distribution {
        FittedDistribution::Exponential { mean } => format!("{{ exponential = {{ mean = {} }} }}", time(mean)?),
        FittedDistribution::Lognormal { mu, sigma } => {
            format!("{{ lognormal = {{ median = {}, sigma = {} }} }}", time(mu.exp())?, significant(sigma))
        }
        FittedDistribution::Weibull { shape, scale } => {
            format!("{{ weibull = {{ scale = {}, shape = {} }} }}", time(scale)?, significant(shape))
        }
        FittedDistribution::Gamma { shape, scale } => {
            format!("{{ gamma = {{ scale = {}, shape = {} }} }}", time(scale)?, significant(shape))
        }
        FittedDistribution::Pareto { shape, minimum } => {
            format!("{{ pareto = {{ scale = {}, shape = {} }} }}", time(minimum)?, significant(shape))
        }
    })
}

/// A time in quotes, to four significant digits: `"2312us"`.
pub fn time_text(seconds: f64) -> Option<String> {
    let rounded = format!("{seconds:.3e}").parse::<f64>().ok()?;
    let duration = SimDuration::from_secs_f64(rounded);
    if duration.is_zero() || duration.as_secs_f64() > 3e9 {
        return None;
    }
    serde_json::to_string(&duration).ok()
}

/// A number to four significant digits, with a decimal point (TOML tells whole numbers from others).
pub fn significant(value: f64) -> String {
    let rounded = format!("{value:.3e}").parse::<f64>().unwrap_or(value);
    format!("{rounded:?}")
}
