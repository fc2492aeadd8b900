//! Distributions as they are written.

use super::Mean;
use crate::scenario::duration::Time;
use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor, value::MapAccessDeserializer};
use std::fmt;

/// A distribution of times: a table with one key, its name, or a plain time, always the same.
#[derive(Debug, Clone)]
pub enum Distribution {
    Constant(Time),
    Exponential(Mean<Time>),
    Uniform(Uniform),
    Lognormal(Lognormal),
    Gamma(Shaped),
    Erlang(Erlang),
    Weibull(Shaped),
    Pareto(Shaped),
    Hyperexponential(MeanCv),
    Empirical(String),
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
enum DistributionTable {
    Constant(Time),
    Exponential(Mean<Time>),
    Uniform(Uniform),
    Lognormal(Lognormal),
    Gamma(Shaped),
    Erlang(Erlang),
    Weibull(Shaped),
    Pareto(Shaped),
    Hyperexponential(MeanCv),
    Empirical(String),
}

impl<'de> Deserialize<'de> for Distribution {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct DistributionVisitor;
        impl<'de> Visitor<'de> for DistributionVisitor {
            type Value = Distribution;
            fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
                f.write_str("a distribution such as { exponential = { mean = \"5ms\" } } or a time such as \"5ms\"")
            }
            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Distribution, E> {
                text.parse().map(Distribution::Constant).map_err(E::custom)
            }
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Distribution, A::Error> {
                use DistributionTable as T;
                T::deserialize(MapAccessDeserializer::new(map)).map(|table| match table {
                    T::Constant(value) => Distribution::Constant(value),
                    T::Exponential(p) => Distribution::Exponential(p),
                    T::Uniform(p) => Distribution::Uniform(p),
                    T::Lognormal(p) => Distribution::Lognormal(p),
                    T::Gamma(p) => Distribution::Gamma(p),
                    T::Erlang(p) => Distribution::Erlang(p),
                    T::Weibull(p) => Distribution::Weibull(p),
                    T::Pareto(p) => Distribution::Pareto(p),
                    T::Hyperexponential(p) => Distribution::Hyperexponential(p),
                    T::Empirical(path) => Distribution::Empirical(path),
                })
            }
        }
        deserializer.deserialize_any(DistributionVisitor)
    }
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Uniform {
    #[serde(alias = "min")]
    pub low: Time,
    #[serde(alias = "max")]
    pub high: Time,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lognormal {
    pub mean: Option<Time>,
    pub median: Option<Time>,
    pub cv: Option<f64>,
    pub sigma: Option<f64>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Shaped {
    pub mean: Option<Time>,
    pub scale: Option<Time>,
    pub shape: Option<f64>,
    pub cv: Option<f64>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Erlang {
    pub mean: Time,
    #[serde(alias = "k")]
    pub shape: u32,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MeanCv {
    pub mean: Time,
    pub cv: f64,
}
