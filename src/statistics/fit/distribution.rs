//! The families, with their densities and distribution functions.

use statrs::function::{erf::erfc, gamma::checked_gamma_lr, gamma::ln_gamma};
use std::f64::consts::{PI, SQRT_2};

/// A family of distributions of durations.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Family {
    Exponential,
    Lognormal,
    Weibull,
    Gamma,
    Pareto,
}

impl Family {
    /// Every family, that with one parameter first.
    pub const ALL: [Self; 5] = [Self::Exponential, Self::Lognormal, Self::Weibull, Self::Gamma, Self::Pareto];

    /// The name in scenario files.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Exponential => "exponential",
            Self::Lognormal => "lognormal",
            Self::Weibull => "weibull",
            Self::Gamma => "gamma",
            Self::Pareto => "pareto",
        }
    }
}

/// A distribution with its parameters. Means, scales and minima are in the unit of the samples, `mu` is the logarithm
/// of the median, shapes and `sigma` have no unit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum FittedDistribution {
    Exponential { mean: f64 },
    Lognormal { mu: f64, sigma: f64 },
    Weibull { shape: f64, scale: f64 },
    Gamma { shape: f64, scale: f64 },
    Pareto { shape: f64, minimum: f64 },
}

impl FittedDistribution {
    /// The family it belongs to.
    pub fn family(&self) -> Family {
        match self {
            Self::Exponential { .. } => Family::Exponential,
            Self::Lognormal { .. } => Family::Lognormal,
            Self::Weibull { .. } => Family::Weibull,
            Self::Gamma { .. } => Family::Gamma,
            Self::Pareto { .. } => Family::Pareto,
        }
    }

    /// P(X ≤ x).
    pub fn cumulative(&self, x: f64) -> f64 {
        if x <= 0.0 {
            return 0.0;
        }
        match *self {
            Self::Exponential { mean } => -(-x / mean).exp_m1(),
            Self::Lognormal { mu, sigma } => 0.5 * erfc((mu - x.ln()) / (sigma * SQRT_2)),
            Self::Weibull { shape, scale } => -(-(x / scale).powf(shape)).exp_m1(),
            Self::Gamma { shape, scale } => checked_gamma_lr(shape, x / scale).unwrap_or(f64::NAN),
            Self::Pareto { shape, minimum } if x >= minimum => -(shape * (minimum / x).ln()).exp_m1(),
            Self::Pareto { .. } => 0.0,
        }
    }

    /// The logarithm of the density at x > 0 within the support.
    pub(super) fn log_density(&self, x: f64) -> f64 {
        match *self {
            Self::Exponential { mean } => -mean.ln() - x / mean,
            Self::Lognormal { mu, sigma } => {
                let z = (x.ln() - mu) / sigma;
                -x.ln() - sigma.ln() - 0.5 * (2.0 * PI).ln() - 0.5 * z * z
            }
            Self::Weibull { shape, scale } => {
                let log_ratio = x.ln() - scale.ln();
                shape.ln() - scale.ln() + (shape - 1.0) * log_ratio - (shape * log_ratio).exp()
            }
            Self::Gamma { shape, scale } => {
                let ratio = x / scale;
                (shape - 1.0) * ratio.ln() - ratio - scale.ln() - ln_gamma(shape)
            }
            Self::Pareto { shape, minimum } => shape.ln() + shape * minimum.ln() - (shape + 1.0) * x.ln(),
        }
    }
}
