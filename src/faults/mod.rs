//! Failures: what is down, slow or cut off, and when.
//!
//! A [`Fault`] is what the scenario says; [`timetable`] turns all faults of a replication into one list
//! of [`Change`]s sorted by time. Causes add up: a node is up when no cause keeps it down, and slowed
//! by the product of all factors in force; likewise for the shared services. Random failures are drawn
//! here, from streams of their own, so that every layout meets the same ones.

mod timetable;

pub use timetable::timetable;

use crate::engine::distribution::Distribution;
use crate::time::SimDuration;
use serde::Serialize;
use std::sync::Arc;

/// Something shared by all nodes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Service {
    /// Publishes changes to all nodes.
    Coordinator,
    /// Holds the locks.
    LockStore,
    /// Holds everything else.
    Database,
}

impl Service {
    /// Number of services.
    pub const COUNT: usize = 3;

    /// Every service.
    pub const ALL: [Self; Self::COUNT] = [Self::Coordinator, Self::LockStore, Self::Database];
}

/// A fault of a scenario. Times count from the start of the measured span.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Fault {
    /// A node is down for a while.
    Crash {
        /// Index of the node.
        node: u16,
        /// When.
        at: SimDuration,
        /// How long.
        lasts: SimDuration,
    },
    /// Nodes crash and are repaired, independently of each other, unless a crash takes a zone along.
    RandomCrashes {
        /// Indexes of the nodes.
        nodes: Vec<u16>,
        /// Time from a repair (or the start) to the next crash.
        between: Distribution,
        /// Time from a crash to the repair.
        repair: Distribution,
        /// Whether crashes take zones along.
        #[serde(skip_serializing_if = "Option::is_none")]
        zones: Option<ZoneCrashes>,
    },
    /// Nodes are restarted one after the other.
    RollingRestart {
        /// When the first one stops.
        at: SimDuration,
        /// Indexes of the nodes, in order.
        nodes: Vec<u16>,
        /// How long each is down.
        down: SimDuration,
        /// Time between one coming up and the next going down.
        pause: SimDuration,
    },
    /// All nodes of a zone, or several others, are down for the same while.
    ZoneOutage {
        /// Indexes of the nodes.
        nodes: Vec<u16>,
        /// When.
        at: SimDuration,
        /// How long.
        lasts: SimDuration,
    },
    /// A node's cores run slower (or faster) for a while.
    SlowNode {
        /// Index of the node.
        node: u16,
        /// When.
        at: SimDuration,
        /// How long.
        lasts: SimDuration,
        /// The speed is multiplied by this.
        factor: f64,
    },
    /// A shared service answers nobody for a while.
    Outage {
        /// Which.
        service: Service,
        /// When.
        at: SimDuration,
        /// How long.
        lasts: SimDuration,
    },
    /// Nodes live but cannot reach services for a while.
    CutOff {
        /// Indexes of the nodes.
        nodes: Vec<u16>,
        /// What they do not reach.
        from: Vec<Service>,
        /// When.
        at: SimDuration,
        /// How long.
        lasts: SimDuration,
    },
    /// The database takes longer for a while.
    DatabaseSlowdown {
        /// When.
        at: SimDuration,
        /// How long.
        lasts: SimDuration,
        /// Times in the database are multiplied by this.
        factor: f64,
    },
    /// Nodes are down as they were recorded.
    Recorded(RecordedOutages),
}

/// Crashes that take all nodes of the crashed node's zone along, for the same time.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ZoneCrashes {
    /// Probability that a crash does.
    pub probability: f64,
    /// Number of the zone of each node of the cluster.
    #[serde(skip)]
    pub of_node: Arc<[u16]>,
}

impl ZoneCrashes {
    /// Number of nodes in the largest zone.
    pub fn largest(&self) -> usize {
        let mut zones = self.of_node.to_vec();
        zones.sort_unstable();
        zones.chunk_by(|a, b| a == b).map(<[u16]>::len).max().unwrap_or(0)
    }
}

/// Recorded times at which nodes were down.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RecordedOutages {
    /// The file that they come from.
    pub file: String,
    /// A digest of all of them.
    pub xxh3: String,
    /// Index of the node, when (from the start of the measured span) and how long.
    #[serde(skip)]
    pub outages: Arc<[(u16, SimDuration, SimDuration)]>,
}

impl Fault {
    /// When the fault begins, if its time is fixed, from the start of the measured span.
    pub fn starts_at(&self) -> Option<SimDuration> {
        match self {
            Self::Crash { at, .. }
            | Self::RollingRestart { at, .. }
            | Self::ZoneOutage { at, .. }
            | Self::SlowNode { at, .. }
            | Self::Outage { at, .. }
            | Self::CutOff { at, .. }
            | Self::DatabaseSlowdown { at, .. } => Some(*at),
            Self::RandomCrashes { .. } | Self::Recorded(_) => None,
        }
    }
}

/// What changes at one moment.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Change {
    /// One more cause keeps the node down.
    NodeDown(u16),
    /// One cause fewer keeps the node down.
    NodeUp(u16),
    /// The speed of the node's cores is multiplied by the factor.
    NodeSpeed(u16, f64),
    /// One more cause stops the service.
    ServiceDown(Service),
    /// One cause fewer stops the service.
    ServiceUp(Service),
    /// One more cause cuts the node off from the service.
    CutOff(u16, Service),
    /// One cause fewer cuts the node off from the service.
    Reconnected(u16, Service),
    /// Times in the database are multiplied by the factor.
    DatabaseTimes(f64),
}
