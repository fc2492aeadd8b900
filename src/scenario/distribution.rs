//! From a distribution as it is written to one that can be sampled.

use super::reader::Place;
use super::wire;
use crate::engine::distribution::{Distribution, ParameterError};
use crate::source::Problem;
use toml::Spanned;

/// Checks a distribution of times.
pub(super) fn read(place: &Place, written: &Spanned<wire::Distribution>) -> Result<Distribution, Problem> {
    let wrong = |error: ParameterError| {
        place.problem(written.span(), error.to_string(), "change the distribution's parameters")
    };
    let choose = |name: &str, forms: &str| {
        place.problem(
            written.span(),
            format!("these parameters do not define a {name} distribution"),
            format!("give {forms}"),
        )
    };
    match written.get_ref() {
        wire::Distribution::Constant(value) => Distribution::constant(value.as_secs_f64()).map_err(wrong),
        wire::Distribution::Exponential(p) => Distribution::exponential(p.mean.as_secs_f64()).map_err(wrong),
        wire::Distribution::Uniform(p) => {
            Distribution::uniform(p.low.as_secs_f64(), p.high.as_secs_f64()).map_err(wrong)
        }
        wire::Distribution::Lognormal(p) => match (p.mean, p.median, p.cv, p.sigma) {
            (Some(mean), None, Some(cv), None) => {
                Distribution::lognormal_mean_cv(mean.as_secs_f64(), cv).map_err(wrong)
            }
            (Some(mean), None, None, Some(sigma)) => {
                Distribution::lognormal_mean_sigma(mean.as_secs_f64(), sigma).map_err(wrong)
            }
            (None, Some(median), None, Some(sigma)) => {
                Distribution::lognormal_median_sigma(median.as_secs_f64(), sigma).map_err(wrong)
            }
            _ => Err(choose("lognormal", "`mean` and `cv`, `mean` and `sigma`, or `median` and `sigma`")),
        },
        wire::Distribution::Gamma(p) => match (p.mean, p.cv, p.shape, p.scale) {
            (Some(mean), Some(cv), None, None) => Distribution::gamma_mean_cv(mean.as_secs_f64(), cv).map_err(wrong),
            (Some(mean), None, Some(shape), None) => {
                Distribution::gamma(shape, mean.as_secs_f64() / shape).map_err(wrong)
            }
            (None, None, Some(shape), Some(scale)) => Distribution::gamma(shape, scale.as_secs_f64()).map_err(wrong),
            _ => Err(choose("gamma", "`mean` and `cv`, `mean` and `shape`, or `scale` and `shape`")),
        },
        wire::Distribution::Erlang(p) => {
            let shape = f64::from(p.shape);
            Distribution::gamma(shape, p.mean.as_secs_f64() / shape).map_err(wrong)
        }
        wire::Distribution::Weibull(p) => match (p.mean, p.scale, p.shape, p.cv) {
            (Some(mean), None, Some(shape), None) => {
                Distribution::weibull_mean(mean.as_secs_f64(), shape).map_err(wrong)
            }
            (None, Some(scale), Some(shape), None) => Distribution::weibull(scale.as_secs_f64(), shape).map_err(wrong),
            _ => Err(choose("weibull", "`mean` and `shape`, or `scale` and `shape`")),
        },
        wire::Distribution::Pareto(p) => match (p.mean, p.scale, p.shape, p.cv) {
            (Some(mean), None, Some(shape), None) => {
                Distribution::pareto_mean(mean.as_secs_f64(), shape).map_err(wrong)
            }
            (None, Some(scale), Some(shape), None) => Distribution::pareto(scale.as_secs_f64(), shape).map_err(wrong),
            _ => Err(choose("pareto", "`mean` and `shape`, or `scale` and `shape`")),
        },
        wire::Distribution::Hyperexponential(p) => {
            Distribution::hyperexponential_mean_cv(p.mean.as_secs_f64(), p.cv).map_err(wrong)
        }
        wire::Distribution::Empirical(path) => empirical(place, written, path),
    }
}

/// The values of a CSV file: seconds in the first column, below a header.
fn empirical(place: &Place, written: &Spanned<wire::Distribution>, path: &str) -> Result<Distribution, Problem> {
    let full = place.folder.join(path);
    let wrong = |message: String| {
        place.problem(
            written.span(),
            message,
            "give a CSV file with a header and one time in seconds a row (relative to the scenario)",
        )
    };
    let mut reader =
        csv::Reader::from_path(&full).map_err(|error| wrong(format!("cannot read `{}`: {error}", full.display())))?;
    let mut values = Vec::new();
    for row in reader.records() {
        let row = row.map_err(|error| wrong(format!("cannot read `{}`: {error}", full.display())))?;
        let line = row.position().map_or(0, csv::Position::line);
        let field = row.get(0).unwrap_or_default().trim();
        let value: f64 = field
            .parse()
            .map_err(|_| wrong(format!("{}:{line}:1: `{field}` is no number of seconds", full.display())))?;
        values.push(value);
    }
    Distribution::empirical(values).map_err(|error| wrong(format!("`{}`: {error}", full.display())))
}
