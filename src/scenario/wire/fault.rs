//! Faults as they are written.

use super::{Distribution, Ids};
use crate::scenario::duration::Time;
use serde::Deserialize;
use toml::Spanned;

/// `[[fault]]`: a table with one key, the kind.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fault {
    Crash(NodeFault),
    RandomCrashes(RandomCrashes),
    RollingRestart(RollingRestart),
    ZoneOutage(ZoneOutage),
    SlowNode(SlowNode),
    CoordinatorOutage(Outage),
    LockStoreOutage(Outage),
    DatabaseOutage(Outage),
    DatabaseSlowdown(Slowdown),
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NodeFault {
    pub node: Spanned<u64>,
    pub at: Time,
    #[serde(rename = "for")]
    pub lasts: Time,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RandomCrashes {
    pub nodes: Option<Spanned<Ids>>,
    pub between: Spanned<Distribution>,
    pub repair: Spanned<Distribution>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RollingRestart {
    pub at: Time,
    pub nodes: Option<Spanned<Ids>>,
    pub down: Time,
    pub pause: Time,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ZoneOutage {
    pub zone: Spanned<String>,
    pub at: Time,
    #[serde(rename = "for")]
    pub lasts: Time,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SlowNode {
    pub node: Spanned<u64>,
    pub at: Time,
    #[serde(rename = "for")]
    pub lasts: Time,
    pub factor: Spanned<f64>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Outage {
    pub at: Time,
    #[serde(rename = "for")]
    pub lasts: Time,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Slowdown {
    pub at: Time,
    #[serde(rename = "for")]
    pub lasts: Time,
    pub factor: Spanned<f64>,
}
