//! Distributions of times, sampled from a random stream.
//!
//! Values are seconds (or plain numbers) as `f64`; [`Distribution::duration`] rounds to nanoseconds.
//! Parameters are checked when a distribution is made, so that sampling cannot fail.

use crate::time::SimDuration;
use rand::{Rng, RngExt};
use rand_distr::{Distribution as _, Exp1, Gamma, StandardNormal};
use serde::Serialize;
use std::sync::Arc;

/// A distribution of non-negative values.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Distribution {
    /// Always the same value.
    Constant(f64),
    /// Exponential with this mean.
    Exponential {
        /// Mean.
        mean: f64,
    },
    /// Uniform between two values.
    Uniform {
        /// Smallest value.
        low: f64,
        /// Largest value.
        high: f64,
    },
    /// Lognormal: the logarithm is normal with mean `mu` and standard deviation `sigma`.
    LogNormal {
        /// Mean of the logarithm.
        mu: f64,
        /// Standard deviation of the logarithm.
        sigma: f64,
    },
    /// Gamma (Erlang with a whole shape).
    Gamma {
        /// Shape.
        shape: f64,
        /// Scale.
        scale: f64,
    },
    /// Weibull.
    Weibull {
        /// Scale.
        scale: f64,
        /// Shape; below 1 the hazard falls with time.
        shape: f64,
    },
    /// Pareto (type I).
    Pareto {
        /// Smallest value.
        scale: f64,
        /// Tail index.
        shape: f64,
    },
    /// A mixture of two exponentials.
    HyperExponential {
        /// Probability of the first.
        probability: f64,
        /// Mean of the first.
        mean_first: f64,
        /// Mean of the second.
        mean_second: f64,
    },
    /// One of the recorded values, each equally likely.
    Empirical(Arc<[f64]>),
}

/// A parameter that no distribution of the kind can have.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{parameter} must be {requirement}")]
pub struct ParameterError {
    /// Name of the parameter.
    pub parameter: &'static str,
    /// What would be right.
    pub requirement: &'static str,
}

fn positive(parameter: &'static str, value: f64) -> Result<f64, ParameterError> {
    if value.is_finite() && value > 0.0 {
        Ok(value)
    } else {
        Err(ParameterError { parameter, requirement: "a number above zero" })
    }
}

fn non_negative(parameter: &'static str, value: f64) -> Result<f64, ParameterError> {
    if value.is_finite() && value >= 0.0 {
        Ok(value)
    } else {
        Err(ParameterError { parameter, requirement: "zero or more" })
    }
}

impl Distribution {
    /// Always `value`.
    pub fn constant(value: f64) -> Result<Self, ParameterError> {
        non_negative("the value", value).map(Self::Constant)
    }

    /// Exponential with mean `mean`; a mean of zero is always zero.
    pub fn exponential(mean: f64) -> Result<Self, ParameterError> {
        let mean = non_negative("mean", mean)?;
        Ok(if mean == 0.0 { Self::Constant(0.0) } else { Self::Exponential { mean } })
    }

    /// Uniform on `low` to `high`.
    pub fn uniform(low: f64, high: f64) -> Result<Self, ParameterError> {
        non_negative("low", low)?;
        non_negative("high", high)?;
        if low > high {
            return Err(ParameterError { parameter: "low", requirement: "no more than high" });
        }
        Ok(Self::Uniform { low, high })
    }

    /// Lognormal with mean `mean` and coefficient of variation `cv`: σ² = ln(1 + cv²),
    /// μ = ln(mean) − σ²/2.
    pub fn lognormal_mean_cv(mean: f64, cv: f64) -> Result<Self, ParameterError> {
        let mean = positive("mean", mean)?;
        let variance = non_negative("cv", cv)?.mul_add(cv, 1.0).ln();
        Ok(Self::LogNormal { mu: mean.ln() - variance / 2.0, sigma: variance.sqrt() })
    }

    /// Lognormal with median `median` = e^μ.
    pub fn lognormal_median_sigma(median: f64, sigma: f64) -> Result<Self, ParameterError> {
        Ok(Self::LogNormal { mu: positive("median", median)?.ln(), sigma: non_negative("sigma", sigma)? })
    }

    /// Lognormal with mean `mean` and log standard deviation `sigma`: μ = ln(mean) − σ²/2.
    pub fn lognormal_mean_sigma(mean: f64, sigma: f64) -> Result<Self, ParameterError> {
        let sigma = non_negative("sigma", sigma)?;
        Ok(Self::LogNormal { mu: positive("mean", mean)?.ln() - sigma * sigma / 2.0, sigma })
    }

    /// Gamma with shape and scale.
    pub fn gamma(shape: f64, scale: f64) -> Result<Self, ParameterError> {
        Ok(Self::Gamma { shape: positive("shape", shape)?, scale: positive("scale", scale)? })
    }

    /// Gamma with mean and coefficient of variation: shape = 1/cv², scale = mean·cv².
    pub fn gamma_mean_cv(mean: f64, cv: f64) -> Result<Self, ParameterError> {
        let cv = positive("cv", cv)?;
        Self::gamma(1.0 / (cv * cv), positive("mean", mean)? * cv * cv)
    }

    /// Weibull with scale and shape.
    pub fn weibull(scale: f64, shape: f64) -> Result<Self, ParameterError> {
        Ok(Self::Weibull { scale: positive("scale", scale)?, shape: positive("shape", shape)? })
    }

    /// Weibull with mean: scale = mean / Γ(1 + 1/shape).
    pub fn weibull_mean(mean: f64, shape: f64) -> Result<Self, ParameterError> {
        let shape = positive("shape", shape)?;
        Self::weibull(positive("mean", mean)? / statrs::function::gamma::gamma(1.0 + 1.0 / shape), shape)
    }

    /// Pareto with smallest value `scale` and tail index `shape`.
    pub fn pareto(scale: f64, shape: f64) -> Result<Self, ParameterError> {
        Ok(Self::Pareto { scale: positive("scale", scale)?, shape: positive("shape", shape)? })
    }

    /// Pareto with mean (needs a tail index above 1): scale = mean·(shape − 1)/shape.
    pub fn pareto_mean(mean: f64, shape: f64) -> Result<Self, ParameterError> {
        if shape.is_nan() || shape <= 1.0 {
            return Err(ParameterError { parameter: "shape", requirement: "above 1 for the mean to exist" });
        }
        Self::pareto(positive("mean", mean)? * (shape - 1.0) / shape, shape)
    }

    /// Two exponentials with balanced means for this mean and coefficient of variation (at least 1):
    /// p = (1 + √((cv²−1)/(cv²+1)))/2, means mean/(2p) and mean/(2(1−p)) (Whitt 1982, eq. 3.7).
    pub fn hyperexponential_mean_cv(mean: f64, cv: f64) -> Result<Self, ParameterError> {
        if cv.is_nan() || cv < 1.0 {
            return Err(ParameterError { parameter: "cv", requirement: "1 or more" });
        }
        let square = cv * cv;
        let probability = f64::midpoint(1.0, ((square - 1.0) / (square + 1.0)).sqrt());
        let mean = positive("mean", mean)?;
        Ok(Self::HyperExponential {
            probability,
            mean_first: mean / (2.0 * probability),
            mean_second: mean / (2.0 * (1.0 - probability)),
        })
    }

    /// One of `values`.
    pub fn empirical(values: Vec<f64>) -> Result<Self, ParameterError> {
        if values.is_empty() {
            return Err(ParameterError { parameter: "the list of values", requirement: "one value or more" });
        }
        for &value in &values {
            non_negative("every value", value)?;
        }
        Ok(Self::Empirical(values.into()))
    }

    /// Whether every sample is zero.
    pub fn is_zero(&self) -> bool {
        matches!(self, Self::Constant(0.0))
    }

    /// The mean; infinite for a Pareto with a tail index of 1 or less.
    pub fn mean(&self) -> f64 {
        match self {
            Self::Constant(value) => *value,
            Self::Exponential { mean } => *mean,
            Self::Uniform { low, high } => f64::midpoint(*low, *high),
            Self::LogNormal { mu, sigma } => (mu + sigma * sigma / 2.0).exp(),
            Self::Gamma { shape, scale } => shape * scale,
            Self::Weibull { scale, shape } => scale * statrs::function::gamma::gamma(1.0 + 1.0 / shape),
            Self::Pareto { scale, shape } if *shape > 1.0 => scale * shape / (shape - 1.0),
            Self::Pareto { .. } => f64::INFINITY,
            Self::HyperExponential { probability, mean_first, mean_second } => {
                probability * mean_first + (1.0 - probability) * mean_second
            }
            Self::Empirical(values) => values.iter().sum::<f64>() / values.len() as f64,
        }
    }

    /// Draws a value.
    #[inline]
    pub fn sample<R: Rng>(&self, rng: &mut R) -> f64 {
        match self {
            Self::Constant(value) => *value,
            Self::Exponential { mean } => mean * exp1(rng),
            Self::Uniform { low, high } => (high - low) * rng.random::<f64>() + low,
            Self::LogNormal { mu, sigma } => {
                let z: f64 = StandardNormal.sample(rng);
                // No `mul_add`: without the instruction for it, it is a function.
                (sigma * z + mu).exp()
            }
            // The parameters were checked, so the fallback, the mean, is never used.
            Self::Gamma { shape, scale } => Gamma::new(*shape, *scale).map_or(shape * scale, |gamma| gamma.sample(rng)),
            Self::Weibull { scale, shape } => scale * exp1(rng).powf(1.0 / shape),
            Self::Pareto { scale, shape } => scale * (exp1(rng) / shape).exp(),
            Self::HyperExponential { probability, mean_first, mean_second } => {
                let mean = if rng.random::<f64>() < *probability { mean_first } else { mean_second };
                mean * exp1(rng)
            }
            Self::Empirical(values) => values[rng.random_range(0..values.len())],
        }
    }

    /// Draws a value with a probability proportional to its size: the whole length of the interval, of many in a row, that
    /// somebody meets who comes by at any time. Its mean is `E[X²] / E[X]`; the mean of the distribution must be finite.
    pub fn sample_length_biased<R: Rng>(&self, rng: &mut R) -> f64 {
        let gamma = |shape: f64, rng: &mut R| Gamma::new(shape, 1.0).map_or(shape, |gamma| gamma.sample(rng));
        match self {
            Self::Constant(value) => *value,
            Self::Exponential { mean } => mean * (exp1(rng) + exp1(rng)),
            Self::Uniform { low, high } => (low * low + rng.random::<f64>() * (high * high - low * low)).sqrt(),
            Self::LogNormal { mu, sigma } => Self::LogNormal { mu: mu + sigma * sigma, sigma: *sigma }.sample(rng),
            Self::Gamma { shape, scale } => scale * gamma(shape + 1.0, rng),
            Self::Weibull { scale, shape } => scale * gamma(1.0 + 1.0 / shape, rng).powf(1.0 / shape),
            Self::Pareto { scale, shape } => Self::Pareto { scale: *scale, shape: shape - 1.0 }.sample(rng),
            Self::HyperExponential { probability, mean_first, mean_second } => {
                let (first, second) = (probability * mean_first, (1.0 - probability) * mean_second);
                let mean = if rng.random::<f64>() * (first + second) < first { mean_first } else { mean_second };
                mean * (exp1(rng) + exp1(rng))
            }
            Self::Empirical(values) => {
                let mut left = rng.random::<f64>() * values.iter().sum::<f64>();
                let is_met = |value: &&f64| {
                    left -= **value;
                    left < 0.0
                };
                values.iter().find(is_met).or(values.last()).copied().unwrap_or_default()
            }
        }
    }

    /// Draws a duration, rounded to nanoseconds; the values are taken as seconds.
    #[inline]
    pub fn duration<R: Rng>(&self, rng: &mut R) -> SimDuration {
        SimDuration::from_secs_f64(self.sample(rng))
    }
}

/// A standard exponential.
#[inline]
pub fn exp1<R: Rng>(rng: &mut R) -> f64 {
    Exp1.sample(rng)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::random::{Purpose, Streams};

    /// Each distribution's sample mean lies within 4.5 standard errors of the mean that its
    /// parameters promise (two-sided error 7e-6 a distribution).
    #[test]
    fn sample_means_agree_with_the_parameters() {
        let promised = [
            (Distribution::exponential(3.0), 3.0),
            (Distribution::uniform(1.0, 5.0), 3.0),
            (Distribution::lognormal_mean_cv(3.0, 1.5), 3.0),
            (Distribution::lognormal_mean_sigma(3.0, 0.8), 3.0),
            (Distribution::lognormal_median_sigma(3.0, 0.5), 3.0 * (0.125_f64).exp()),
            (Distribution::gamma_mean_cv(3.0, 0.5), 3.0),
            (Distribution::weibull_mean(3.0, 0.7), 3.0),
            (Distribution::pareto_mean(3.0, 3.5), 3.0),
            (Distribution::hyperexponential_mean_cv(3.0, 2.0), 3.0),
            (Distribution::empirical(vec![1.0, 2.0, 6.0]), 3.0),
            (Distribution::constant(3.0), 3.0),
        ];
        for (number, (distribution, mean)) in promised.into_iter().enumerate() {
            let distribution = distribution.expect("valid parameters");
            assert!((distribution.mean() - mean).abs() < 1e-9, "{distribution:?}");
            let mut stream = Streams { seed: 7, replication: 0 }.stream(Purpose::Demands, number as u64);
            let samples: Vec<f64> = (0..200_000).map(|_| distribution.sample(&mut stream)).collect();
            let average = samples.iter().sum::<f64>() / samples.len() as f64;
            let variance = samples.iter().map(|x| (x - average).powi(2)).sum::<f64>() / samples.len() as f64;
            let error = (variance / samples.len() as f64).sqrt();
            assert!((average - mean).abs() <= 4.5 * error + 1e-12, "{distribution:?}: {average} ± {error}");
        }
    }

    /// cv of the hyperexponential with balanced means is the one asked for: E[X²] = 2(p m₁² + (1−p) m₂²).
    #[test]
    fn hyperexponential_has_its_coefficient_of_variation() {
        let Ok(Distribution::HyperExponential { probability: p, mean_first: a, mean_second: b }) =
            Distribution::hyperexponential_mean_cv(2.0, 3.0)
        else {
            unreachable!("valid parameters")
        };
        let second_moment = 2.0 * (p * a * a + (1.0 - p) * b * b);
        assert!(((second_moment / 4.0 - 1.0).sqrt() - 3.0).abs() < 1e-9);
    }

    #[test]
    fn impossible_parameters_are_refused() {
        assert!(Distribution::exponential(-1.0).is_err());
        assert!(Distribution::pareto_mean(1.0, 1.0).is_err());
        assert!(Distribution::uniform(2.0, 1.0).is_err());
        assert!(Distribution::lognormal_mean_cv(f64::NAN, 1.0).is_err());
        assert!(Distribution::empirical(vec![]).is_err());
    }

    /// The mean of a length-biased draw is E[X²] / E[X]: exponential 2m; uniform on 1 to 3 (26/6) / 2; lognormal
    /// e^(μ + 1.5 σ²); gamma (k + 1) θ; Weibull λ Γ(1 + 2/k) / Γ(1 + 1/k), 1 / Γ(1.5) for k = 2; Pareto
    /// (α / (α − 2)) / (α / (α − 1)); nine in ten of mean 1 and one of mean 10: 2 (0.9 + 10) / 1.9; of 1 and 3: 10 / 4. 200,000
    /// draws each, to 2 %: their standard errors are below 0.4 %.
    #[test]
    fn longer_intervals_are_met_more_often() {
        let pareto = 4.5;
        let cases = [
            (Distribution::Constant(4.0), 4.0),
            (Distribution::Exponential { mean: 2.0 }, 4.0),
            (Distribution::Uniform { low: 1.0, high: 3.0 }, 26.0 / 12.0),
            (Distribution::LogNormal { mu: 0.0, sigma: 0.5 }, 0.375_f64.exp()),
            (Distribution::Gamma { shape: 2.0, scale: 3.0 }, 9.0),
            (Distribution::Weibull { scale: 1.0, shape: 2.0 }, std::f64::consts::FRAC_2_SQRT_PI),
            (Distribution::Pareto { scale: 1.0, shape: pareto }, (pareto - 1.0) / (pareto - 2.0)),
            (Distribution::HyperExponential { probability: 0.9, mean_first: 1.0, mean_second: 10.0 }, 21.8 / 1.9),
            (Distribution::Empirical([1.0, 3.0].into()), 2.5),
        ];
        for (number, (distribution, expected)) in cases.into_iter().enumerate() {
            let mut stream = Streams { seed: 3, replication: 0 }.stream(Purpose::Faults, number as u64);
            let sum: f64 = (0..200_000).map(|_| distribution.sample_length_biased(&mut stream)).sum();
            let mean = sum / 200_000.0;
            assert!((mean / expected - 1.0).abs() < 0.02, "{distribution:?}: {mean} instead of {expected}");
        }
    }
}
