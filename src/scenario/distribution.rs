//! From a distribution as it is written to one that can be sampled.
//!
//! Parameters are held to ranges in which sampling is sound: outside of them nearly every sample is zero
//! or larger than any simulation, and moments do not fit into a floating-point number.

use super::duration::Time;
use super::reader::Place;
use super::wire::Spanned;
use super::wire::{self, DistributionKind};
use crate::engine::distribution::{Distribution, ParameterError};
use crate::source::Problem;
use std::ops::Range;

/// Shapes of gamma, Weibull and Pareto distributions.
const SHAPES: (f64, f64) = (0.05, 1_000.0);
const MAX_SIGMA: f64 = 10.0;
const MAX_CV: f64 = 1_000.0;
/// A gamma with a smaller coefficient of variation has a shape over a million.
const MIN_GAMMA_CV: f64 = 0.001;

/// The parameters of one distribution, on the way to be checked.
struct Parameters<'a> {
    place: &'a Place<'a>,
    /// Place of the distribution's name, or of the whole distribution.
    name: Range<usize>,
}

/// Checks a distribution of times.
pub(super) fn read(place: &Place, written: &Spanned<wire::Distribution>) -> Result<Distribution, Problem> {
    let name = written.get_ref().name.clone().unwrap_or_else(|| written.span());
    let p = Parameters { place, name };
    match &written.get_ref().kind {
        DistributionKind::Constant(value) => p.made(Distribution::constant(value.as_secs_f64())),
        DistributionKind::Exponential(mean) => p.made(Distribution::exponential(mean.mean.get_ref().as_secs_f64())),
        DistributionKind::Uniform(bounds) => p.uniform(bounds),
        DistributionKind::Lognormal(written) => p.lognormal(written),
        DistributionKind::Gamma(written) => p.gamma(written),
        DistributionKind::Erlang(erlang) => {
            let shape = place.whole(Some(&erlang.shape), "shape", 1, SHAPES.1 as i64, 1)? as f64;
            p.made(Distribution::gamma(shape, p.time(&erlang.mean, "mean")? / shape))
        }
        DistributionKind::Weibull(shaped) => p.weibull(shaped),
        DistributionKind::Pareto(shaped) => p.pareto(shaped),
        DistributionKind::Hyperexponential(written) => {
            let cv = p.number(&written.cv, "cv", 1.0, MAX_CV)?;
            p.made(Distribution::hyperexponential_mean_cv(p.time(&written.mean, "mean")?, cv))
        }
        DistributionKind::Empirical(path) => empirical(place, path),
    }
}

impl Parameters<'_> {
    /// Each parameter was checked at its place before; what is left is a fault of their combination.
    fn made(&self, distribution: Result<Distribution, ParameterError>) -> Result<Distribution, Problem> {
        distribution.map_err(|error| {
            self.place.problem(self.name.clone(), error.to_string(), "change the distribution's parameters")
        })
    }

    fn wrong_choice(&self, name: &str, forms: &str) -> Problem {
        let message = format!("these parameters do not define a {name} distribution");
        self.place.problem(self.name.clone(), message, format!("give {forms}, and no other parameter"))
    }

    fn time(&self, time: &Spanned<Time>, name: &str) -> Result<f64, Problem> {
        self.place.positive_time(Some(time), name, time.get_ref().0).map(|time| time.as_secs_f64())
    }

    fn number(&self, number: &Spanned<f64>, name: &str, low: f64, high: f64) -> Result<f64, Problem> {
        self.place.number(Some(number), name, low, high, low)
    }

    fn shape(&self, shape: &Spanned<f64>) -> Result<f64, Problem> {
        self.number(shape, "shape", SHAPES.0, SHAPES.1)
    }

    fn uniform(&self, bounds: &wire::Uniform) -> Result<Distribution, Problem> {
        let (low, high) = (bounds.low.get_ref(), bounds.high.get_ref());
        if low.0 > high.0 {
            let message = format!("`low` is {}, more than `high`, which is {}", low.0, high.0);
            return Err(self.place.problem(bounds.low.span(), message, "exchange the two"));
        }
        self.made(Distribution::uniform(low.as_secs_f64(), high.as_secs_f64()))
    }

    fn lognormal(&self, p: &wire::Lognormal) -> Result<Distribution, Problem> {
        match (&p.mean, &p.median, &p.cv, &p.sigma) {
            (Some(mean), None, Some(cv), None) => self
                .made(Distribution::lognormal_mean_cv(self.time(mean, "mean")?, self.number(cv, "cv", 0.0, MAX_CV)?)),
            (Some(mean), None, None, Some(sigma)) => self.made(Distribution::lognormal_mean_sigma(
                self.time(mean, "mean")?,
                self.number(sigma, "sigma", 0.0, MAX_SIGMA)?,
            )),
            (None, Some(median), None, Some(sigma)) => self.made(Distribution::lognormal_median_sigma(
                self.time(median, "median")?,
                self.number(sigma, "sigma", 0.0, MAX_SIGMA)?,
            )),
            _ => Err(self.wrong_choice("lognormal", "`mean` and `cv`, `mean` and `sigma`, or `median` and `sigma`")),
        }
    }

    fn gamma(&self, p: &wire::Gamma) -> Result<Distribution, Problem> {
        match (&p.mean, &p.cv, &p.shape, &p.scale) {
            (Some(mean), Some(cv), None, None) => self.made(Distribution::gamma_mean_cv(
                self.time(mean, "mean")?,
                self.number(cv, "cv", MIN_GAMMA_CV, MAX_CV)?,
            )),
            (Some(mean), None, Some(shape), None) => {
                let shape = self.shape(shape)?;
                self.made(Distribution::gamma(shape, self.time(mean, "mean")? / shape))
            }
            (None, None, Some(shape), Some(scale)) => {
                self.made(Distribution::gamma(self.shape(shape)?, self.time(scale, "scale")?))
            }
            _ => Err(self.wrong_choice("gamma", "`mean` and `cv`, `mean` and `shape`, or `scale` and `shape`")),
        }
    }

    fn weibull(&self, p: &wire::Shaped) -> Result<Distribution, Problem> {
        match (&p.mean, &p.scale, &p.shape) {
            (Some(mean), None, Some(shape)) => {
                self.made(Distribution::weibull_mean(self.time(mean, "mean")?, self.shape(shape)?))
            }
            (None, Some(scale), Some(shape)) => {
                self.made(Distribution::weibull(self.time(scale, "scale")?, self.shape(shape)?))
            }
            _ => Err(self.wrong_choice("weibull", "`mean` and `shape`, or `scale` and `shape`")),
        }
    }

    fn pareto(&self, p: &wire::Shaped) -> Result<Distribution, Problem> {
        match (&p.mean, &p.scale, &p.shape) {
            (Some(mean), None, Some(shape)) => {
                let value = *shape.get_ref();
                if value <= 1.0 {
                    let message = format!("`shape` is {value}, with which a pareto distribution has no mean");
                    let help = "use a shape above 1, or give `scale`, the smallest value, instead of `mean`";
                    return Err(self.place.problem(shape.span(), message, help));
                }
                self.made(Distribution::pareto_mean(self.time(mean, "mean")?, self.shape(shape)?))
            }
            (None, Some(scale), Some(shape)) => {
                self.made(Distribution::pareto(self.time(scale, "scale")?, self.shape(shape)?))
            }
            _ => Err(self.wrong_choice("pareto", "`mean` and `shape`, or `scale` and `shape`")),
        }
    }
}

/// The values of a CSV file: seconds in the first column, below a header.
fn empirical(place: &Place, path: &Spanned<String>) -> Result<Distribution, Problem> {
    let shown = place.folder.join(path.get_ref()).display().to_string();
    let wrong = |message: String| {
        let help = "give a CSV file with a header and below it one time in seconds a row; paths start at the scenario's folder";
        place.problem(path.span(), message, help)
    };
    let is_number = |field: &str| field.trim().parse::<f64>().is_ok();
    let failed = |error: csv::Error| wrong(format!("cannot read `{shown}`: {}", reason(&error)));
    let mut reader = csv::Reader::from_path(&shown).map_err(failed)?;
    let first = reader.headers().map_err(failed)?.get(0).unwrap_or_default();
    if is_number(first) {
        return Err(wrong(format!("{shown}:1:1: the first row is no header but `{first}`")));
    }
    let mut values = Vec::new();
    for row in reader.records() {
        let row = row.map_err(failed)?;
        let line = row.position().map_or(0, csv::Position::line);
        let field = row.get(0).unwrap_or_default().trim();
        let value = field.parse().ok().filter(|value: &f64| value.is_finite() && *value >= 0.0);
        values.push(value.ok_or_else(|| wrong(format!("{shown}:{line}:1: `{field}` is no number of seconds")))?);
    }
    if values.is_empty() {
        return Err(wrong(format!("`{shown}` has no values below its header")));
    }
    Distribution::empirical(values).map_err(|error| wrong(format!("`{shown}`: {error}")))
}

/// Why a CSV file cannot be read, in a user's words.
fn reason(error: &csv::Error) -> String {
    match error.kind() {
        csv::ErrorKind::Io(error) => error.to_string(),
        csv::ErrorKind::Utf8 { pos, .. } => {
            format!("line {} is not UTF-8 text", pos.as_ref().map_or(1, csv::Position::line))
        }
        csv::ErrorKind::UnequalLengths { pos, expected_len, len } => {
            let line = pos.as_ref().map_or(0, csv::Position::line);
            format!("line {line} has {len} fields, the header {expected_len}")
        }
        _ => error.to_string(),
    }
}
