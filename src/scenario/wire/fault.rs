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
    /// A node or several are down
    Crash(Crash),
    /// Each node crashes at random times, independently
    RandomCrashes(Box<RandomCrashes>),
    /// One node after the other is restarted
    RollingRestart(RollingRestart),
    /// All nodes of a zone are down
    ZoneOutage(ZoneOutage),
    /// A node is slower or faster
    SlowNode(SlowNode),
    /// Nodes live but do not reach a service
    CutOff(CutOff),
    /// No change reaches other nodes
    CoordinatorOutage(Outage),
    /// No lock can be taken
    LockStoreOutage(Outage),
    /// Requests to the database wait
    DatabaseOutage(Outage),
    /// Requests to the database take longer
    DatabaseSlowdown(Slowdown),
    /// Recorded failures: a CSV file with node, down_s, up_s (or down, up)
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
    /// One node, or else `nodes`
    pub node: Option<Spanned<NodeId>>,
    /// Several: "2,3", or "all"
    pub nodes: Option<Spanned<Ids>>,
    /// After the start of the measured span
    pub at: Time,
    /// How long it lasts
    #[serde(rename = "for")]
    pub lasts: Spanned<Time>,
}

#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RandomCrashes {
    /// Which crash [all]
    pub nodes: Option<Spanned<Ids>>,
    /// Those of a zone, instead of `nodes`
    pub zone: Option<Spanned<String>>,
    /// That a crash takes the whole zone along [0]
    pub zone_probability: Option<Spanned<f64>>,
    /// From being up again to the next crash of the same node
    pub between: Spanned<Distribution>,
    /// How long it is down
    pub repair: Spanned<Distribution>,
}

#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RollingRestart {
    /// After the start of the measured span
    pub at: Time,
    /// Which, in this order [all]
    pub nodes: Option<Spanned<Ids>>,
    /// How long each is down
    pub down: Time,
    /// From one being up again to the next
    pub pause: Time,
}

#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ZoneOutage {
    /// Name of the zone
    pub zone: Spanned<String>,
    /// After the start of the measured span
    pub at: Time,
    /// How long it lasts
    #[serde(rename = "for")]
    pub lasts: Spanned<Time>,
}

#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SlowNode {
    /// Which
    pub node: Spanned<NodeId>,
    /// After the start of the measured span
    pub at: Time,
    /// How long it lasts
    #[serde(rename = "for")]
    pub lasts: Spanned<Time>,
    /// Of its speed: 0.5 is half as fast
    pub factor: Spanned<f64>,
}

#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CutOff {
    /// One node, or else `nodes`
    pub node: Option<Spanned<NodeId>>,
    /// Several: "2,3", or "all"
    pub nodes: Option<Spanned<Ids>>,
    /// Which service they do not reach
    pub from: Reach,
    /// After the start of the measured span
    pub at: Time,
    /// How long it lasts
    #[serde(rename = "for")]
    pub lasts: Spanned<Time>,
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
    /// After the start of the measured span
    pub at: Time,
    /// How long it lasts
    #[serde(rename = "for")]
    pub lasts: Spanned<Time>,
}

#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Slowdown {
    /// After the start of the measured span
    pub at: Time,
    /// How long it lasts
    #[serde(rename = "for")]
    pub lasts: Spanned<Time>,
    /// Of the time of a request: 10 is ten times as long
    pub factor: Spanned<f64>,
}
