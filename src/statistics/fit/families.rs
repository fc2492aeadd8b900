//! Maximum likelihood, family by family, with the expected information at the estimate.

use super::ParameterEstimate;
use super::distribution::{Family, FittedDistribution};
use super::sample::Sample;
use super::solve::{positive_root, trigamma};
use crate::statistics::confidence::{Confidence, Interval};
use crate::statistics::distributions::normal_upper_quantile;
use statrs::function::gamma::digamma;
use std::f64::consts::PI;

/// A distribution and its parameters, before it is held against the samples.
pub struct Candidate {
    pub distribution: FittedDistribution,
    pub parameters: Vec<ParameterEstimate>,
}

const NO_SPREAD: &str = "all samples are equal, or nearly";
const ZEROS: &str = "a sample is zero, which has no density here: say how the samples were rounded";

/// Fits the family, or says why it does not apply.
pub fn fit(sample: &Sample, family: Family, confidence: Confidence) -> Result<Candidate, &'static str> {
    if family == Family::Exponential {
        return exponential(sample, confidence);
    }
    if sample.min() <= 0.0 {
        return Err(ZEROS);
    }
    if sample.max() <= sample.min() {
        return Err(NO_SPREAD);
    }
    match family {
        Family::Exponential => exponential(sample, confidence),
        Family::Lognormal => lognormal(sample, confidence),
        Family::Weibull => weibull(sample, confidence),
        Family::Gamma => gamma(sample, confidence),
        Family::Pareto => pareto(sample, confidence),
    }
}

/// A positive parameter: value · exp(± z · standard error / value).
fn positive(name: &'static str, value: f64, std_error: f64, confidence: Confidence) -> ParameterEstimate {
    let factor = (two_sided_quantile(confidence) * std_error / value).exp();
    ParameterEstimate { name, value, interval: Interval { low: value / factor, high: value * factor } }
}

fn two_sided_quantile(confidence: Confidence) -> f64 {
    normal_upper_quantile(0.5 * confidence.error_rate())
}

/// Mean x̄, standard error mean / √n.
fn exponential(sample: &Sample, confidence: Confidence) -> Result<Candidate, &'static str> {
    let mean = sample.mean;
    if mean <= 0.0 {
        return Err("all samples are zero");
    }
    let parameters = vec![positive("mean", mean, mean / sample.n.sqrt(), confidence)];
    Ok(Candidate { distribution: FittedDistribution::Exponential { mean }, parameters })
}

/// Mean and standard deviation (denominator n) of the logarithms; standard errors σ / √n and σ / √(2n).
fn lognormal(sample: &Sample, confidence: Confidence) -> Result<Candidate, &'static str> {
    let mu = sample.mean_of(f64::ln);
    let sigma = sample.mean_of(|x| (x.ln() - mu).powi(2)).sqrt();
    if sigma <= 0.0 {
        return Err(NO_SPREAD);
    }
    let half_width = two_sided_quantile(confidence) * sigma / sample.n.sqrt();
    let parameters = vec![
        ParameterEstimate { name: "mu", value: mu, interval: Interval { low: mu - half_width, high: mu + half_width } },
        positive("sigma", sigma, sigma / (2.0 * sample.n).sqrt(), confidence),
    ];
    Ok(Candidate { distribution: FittedDistribution::Lognormal { mu, sigma }, parameters })
}

/// The shape k solves Σxᵏ ln x / Σxᵏ − 1/k = mean of ln x, and the scale is (mean of xᵏ)^(1/k). Standard errors
/// k √(0.6079/n) and (scale/k) √(1.1087/n), 6/π² and 1 + 6(1−γ)²/π² (Johnson, Kotz & Balakrishnan, "Continuous Univariate
/// Distributions" 1, 2nd edition, chapter 21). Samples are taken in units of the greatest, so that powers stay below one.
fn weibull(sample: &Sample, confidence: Confidence) -> Result<Candidate, &'static str> {
    const EULER_GAMMA: f64 = 0.577_215_664_901_532_9;
    let greatest = sample.max();
    let log_mean = sample.mean_of(|x| (x / greatest).ln());
    let log_deviation = sample.mean_of(|x| ((x / greatest).ln() - log_mean).powi(2)).sqrt();
    let equation = |shape: f64| {
        let power = |x: f64| (shape * (x / greatest).ln()).exp();
        let zeroth = sample.mean_of(power);
        let first = sample.mean_of(|x| power(x) * (x / greatest).ln()) / zeroth;
        let second = sample.mean_of(|x| power(x) * (x / greatest).ln().powi(2)) / zeroth;
        (first - 1.0 / shape - log_mean, second - first * first + 1.0 / (shape * shape))
    };
    let shape = positive_root(PI / 6.0_f64.sqrt() / log_deviation, equation).ok_or(NO_SPREAD)?;
    let scale = greatest * sample.mean_of(|x| (shape * (x / greatest).ln()).exp()).powf(1.0 / shape);
    let scale_variance = 1.0 + 6.0 * (1.0 - EULER_GAMMA).powi(2) / (PI * PI);
    let parameters = vec![
        positive("shape", shape, shape * (6.0 / (PI * PI) / sample.n).sqrt(), confidence),
        positive("scale", scale, scale / shape * (scale_variance / sample.n).sqrt(), confidence),
    ];
    Ok(Candidate { distribution: FittedDistribution::Weibull { shape, scale }, parameters })
}

/// The shape k solves ln k − ψ(k) = ln x̄ − mean of ln x, and the scale is x̄/k (Minka, "Estimating a Gamma distribution",
/// 2002, whose closed-form start is used). Information n [ψ′(k), 1/θ; 1/θ, k/θ²].
fn gamma(sample: &Sample, confidence: Confidence) -> Result<Candidate, &'static str> {
    let gap = -sample.mean_of(|x| (x / sample.mean).ln());
    if gap.is_nan() || gap < 1e-9 {
        return Err(NO_SPREAD);
    }
    let start = (3.0 - gap + ((gap - 3.0).powi(2) + 24.0 * gap).sqrt()) / (12.0 * gap);
    let equation = |shape: f64| (gap - shape.ln() + digamma(shape), trigamma(shape) - 1.0 / shape);
    let shape = positive_root(start, equation).ok_or(NO_SPREAD)?;
    let scale = sample.mean / shape;
    let determinant = sample.n * (shape * trigamma(shape) - 1.0);
    let parameters = vec![
        positive("shape", shape, (shape / determinant).sqrt(), confidence),
        positive("scale", scale, scale * (trigamma(shape) / determinant).sqrt(), confidence),
    ];
    Ok(Candidate { distribution: FittedDistribution::Gamma { shape, scale }, parameters })
}

/// Minimum: the least sample; shape: one over the mean of ln(x/minimum), standard error shape / √n. The least sample
/// exceeds c times the true minimum with probability c^(−n·shape), which gives the lower end of the minimum's interval.
fn pareto(sample: &Sample, confidence: Confidence) -> Result<Candidate, &'static str> {
    let minimum = sample.min();
    let shape = 1.0 / sample.mean_of(|x| (x / minimum).ln());
    if !shape.is_finite() {
        return Err(NO_SPREAD);
    }
    let low = minimum * confidence.error_rate().powf(1.0 / (sample.n * shape));
    let parameters = vec![
        positive("shape", shape, shape / sample.n.sqrt(), confidence),
        ParameterEstimate { name: "minimum", value: minimum, interval: Interval { low, high: minimum } },
    ];
    Ok(Candidate { distribution: FittedDistribution::Pareto { shape, minimum }, parameters })
}
