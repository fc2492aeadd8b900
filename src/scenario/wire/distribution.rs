//! Distributions as they are written: a plain time, or a table with one key, the distribution's name.
//!
//! The table is read by hand, so that an error points at the word that is wrong: at the name if it is
//! unknown, at the parameter if that is, at the second name if there are two.

use super::Spanned;
use super::one_key::{NoMoreKeys, second_key};
use crate::scenario::duration::Time;
use schemars::JsonSchema;
use serde::Deserialize;
use serde::de::{Deserializer, Error, MapAccess, Visitor};
use std::fmt;
use std::ops::Range;

/// A distribution of times.
#[derive(Debug, Clone)]
pub struct Distribution {
    /// Place of its name; none for a plain time.
    pub name: Option<Range<usize>>,
    pub kind: DistributionKind,
}

/// The distributions, with their parameters.
#[derive(Debug, Clone, JsonSchema)]
#[schemars(rename_all = "snake_case")]
pub enum DistributionKind {
    /// Always the same
    Constant(Time),
    /// Random and without memory: the mean
    Exponential(Mean<Spanned<Time>>),
    /// Between two times
    Uniform(Uniform),
    /// mean and cv, mean and sigma, or median and sigma
    Lognormal(Lognormal),
    /// mean and cv, mean and shape, or scale and shape
    Gamma(Gamma),
    /// Sum of exponential times: mean and shape, their number
    Erlang(Erlang),
    /// mean and shape, or scale and shape
    Weibull(Shaped),
    /// mean and shape, or scale (the smallest value) and shape
    Pareto(Shaped),
    /// mean and cv of 1 or more
    Hyperexponential(MeanCv),
    /// Measured values: a CSV file with a header, seconds in the first column
    Empirical(Spanned<String>),
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Name {
    Constant,
    Exponential,
    Uniform,
    Lognormal,
    Gamma,
    Erlang,
    Weibull,
    Pareto,
    Hyperexponential,
    Empirical,
}

impl<'de> Deserialize<'de> for Distribution {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct DistributionVisitor;
        impl<'de> Visitor<'de> for DistributionVisitor {
            type Value = Distribution;
            fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
                f.write_str("a distribution such as { exponential = { mean = \"5ms\" } } or a time such as \"5ms\"")
            }
            fn visit_str<E: Error>(self, text: &str) -> Result<Distribution, E> {
                let time = text.parse().map_err(E::custom)?;
                Ok(Distribution { name: None, kind: DistributionKind::Constant(time) })
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Distribution, A::Error> {
                let Some(name) = map.next_key::<Spanned<Name>>()? else {
                    return Err(A::Error::custom("the table names no distribution"));
                };
                let kind = match name.get_ref() {
                    Name::Constant => map.next_value().map(DistributionKind::Constant),
                    Name::Exponential => map.next_value().map(DistributionKind::Exponential),
                    Name::Uniform => map.next_value().map(DistributionKind::Uniform),
                    Name::Lognormal => map.next_value().map(DistributionKind::Lognormal),
                    Name::Gamma => map.next_value().map(DistributionKind::Gamma),
                    Name::Erlang => map.next_value().map(DistributionKind::Erlang),
                    Name::Weibull => map.next_value().map(DistributionKind::Weibull),
                    Name::Pareto => map.next_value().map(DistributionKind::Pareto),
                    Name::Hyperexponential => map.next_value().map(DistributionKind::Hyperexponential),
                    Name::Empirical => map.next_value().map(DistributionKind::Empirical),
                }?;
                second_key(&mut map, NoMoreKeys("a distribution has one name"))?;
                Ok(Distribution { name: Some(name.span()), kind })
            }
        }
        deserializer.deserialize_any(DistributionVisitor)
    }
}

#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Mean<T> {
    pub mean: T,
}

#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Uniform {
    #[serde(alias = "min")]
    pub low: Spanned<Time>,
    #[serde(alias = "max")]
    pub high: Spanned<Time>,
}

#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Lognormal {
    pub mean: Option<Spanned<Time>>,
    pub median: Option<Spanned<Time>>,
    pub cv: Option<Spanned<f64>>,
    pub sigma: Option<Spanned<f64>>,
}

#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Gamma {
    pub mean: Option<Spanned<Time>>,
    pub scale: Option<Spanned<Time>>,
    pub shape: Option<Spanned<f64>>,
    pub cv: Option<Spanned<f64>>,
}

#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Shaped {
    pub mean: Option<Spanned<Time>>,
    pub scale: Option<Spanned<Time>>,
    pub shape: Option<Spanned<f64>>,
}

#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Erlang {
    pub mean: Spanned<Time>,
    #[serde(alias = "k")]
    pub shape: Spanned<i64>,
}

#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MeanCv {
    pub mean: Spanned<Time>,
    pub cv: Spanned<f64>,
}
