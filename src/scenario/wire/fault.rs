//! Faults as they are written: a table with one key, the kind.

use super::Spanned;
use super::one_key::{NoMoreKeys, second_key};
use super::{Distribution, Ids, NodeId};
use crate::scenario::duration::Time;
use schemars::JsonSchema;
use serde::Deserialize;
use serde::de::{Deserializer, Error, MapAccess, Visitor};
use std::fmt;

/// `[[fault]]`.
#[derive(Debug, Clone, JsonSchema)]
#[schemars(rename_all = "snake_case")]
pub enum Fault {
    Crash(Crash),
    RandomCrashes(Box<RandomCrashes>),
    RollingRestart(RollingRestart),
    ZoneOutage(ZoneOutage),
    SlowNode(SlowNode),
    CutOff(CutOff),
    CoordinatorOutage(Outage),
    LockStoreOutage(Outage),
    DatabaseOutage(Outage),
    DatabaseSlowdown(Slowdown),
    Trace(Spanned<String>),
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    Crash,
    RandomCrashes,
    RollingRestart,
    ZoneOutage,
    SlowNode,
    CutOff,
    CoordinatorOutage,
    LockStoreOutage,
    DatabaseOutage,
    DatabaseSlowdown,
    Trace,
}

impl<'de> Deserialize<'de> for Fault {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct FaultVisitor;
        impl<'de> Visitor<'de> for FaultVisitor {
            type Value = Fault;
            fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
                f.write_str("a fault such as crash = { node = 2, at = \"9h\", for = \"30m\" }")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Fault, A::Error> {
                let Some(kind) = map.next_key::<Kind>()? else {
                    return Err(A::Error::custom("the table names no kind of fault"));
                };
                let fault = match kind {
                    Kind::Crash => map.next_value().map(Fault::Crash),
                    Kind::RandomCrashes => map.next_value().map(Fault::RandomCrashes),
                    Kind::RollingRestart => map.next_value().map(Fault::RollingRestart),
                    Kind::ZoneOutage => map.next_value().map(Fault::ZoneOutage),
                    Kind::SlowNode => map.next_value().map(Fault::SlowNode),
                    Kind::CutOff => map.next_value().map(Fault::CutOff),
                    Kind::CoordinatorOutage => map.next_value().map(Fault::CoordinatorOutage),
                    Kind::LockStoreOutage => map.next_value().map(Fault::LockStoreOutage),
                    Kind::DatabaseOutage => map.next_value().map(Fault::DatabaseOutage),
                    Kind::DatabaseSlowdown => map.next_value().map(Fault::DatabaseSlowdown),
                    Kind::Trace => map.next_value().map(Fault::Trace),
                }?;
                second_key(&mut map, NoMoreKeys("a [[fault]] has one kind"))?;
                Ok(fault)
            }
        }
        deserializer.deserialize_map(FaultVisitor)
    }
}

#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Crash {
    pub node: Option<Spanned<NodeId>>,
    pub nodes: Option<Spanned<Ids>>,
    pub at: Time,
    #[serde(rename = "for")]
    pub lasts: Time,
}

#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RandomCrashes {
    pub nodes: Option<Spanned<Ids>>,
    pub zone: Option<Spanned<String>>,
    pub zone_probability: Option<Spanned<f64>>,
    pub between: Spanned<Distribution>,
    pub repair: Spanned<Distribution>,
}

#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RollingRestart {
    pub at: Time,
    pub nodes: Option<Spanned<Ids>>,
    pub down: Time,
    pub pause: Time,
}

#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ZoneOutage {
    pub zone: Spanned<String>,
    pub at: Time,
    #[serde(rename = "for")]
    pub lasts: Time,
}

#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SlowNode {
    pub node: Spanned<NodeId>,
    pub at: Time,
    #[serde(rename = "for")]
    pub lasts: Time,
    pub factor: Spanned<f64>,
}

#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CutOff {
    pub node: Option<Spanned<NodeId>>,
    pub nodes: Option<Spanned<Ids>>,
    pub from: Reach,
    pub at: Time,
    #[serde(rename = "for")]
    pub lasts: Time,
}

/// What a node is cut off from.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Reach {
    Coordinator,
    LockStore,
    Database,
    All,
}

#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Outage {
    pub at: Time,
    #[serde(rename = "for")]
    pub lasts: Time,
}

#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Slowdown {
    pub at: Time,
    #[serde(rename = "for")]
    pub lasts: Time,
    pub factor: Spanned<f64>,
}
