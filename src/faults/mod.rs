//! Failures: what is down, slow or cut off, and when.
//!
//! A [`Fault`] is what the scenario says; [`timetable`] turns all faults of a replication into one list
//! of [`Change`]s sorted by time. Causes add up: a node is up when no cause keeps it down, and slowed
//! by the product of all factors in force; likewise for the shared services. Random failures are drawn
//! here, from streams of their own, so that every layout meets the same ones.

use crate::engine::distribution::Distribution;
use crate::engine::random::{Purpose, Streams};
use crate::time::{SimDuration, SimTime};
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
    /// Nodes crash and are repaired, independently of each other.
    RandomCrashes {
        /// Indexes of the nodes.
        nodes: Vec<u16>,
        /// Time from a repair (or the start) to the next crash.
        between: Distribution,
        /// Time from a crash to the repair.
        repair: Distribution,
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
    /// All nodes of a zone are down for a while.
    ZoneOutage {
        /// Indexes of the nodes in the zone.
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
    /// Times in the database are multiplied by the factor.
    DatabaseTimes(f64),
}

/// All changes of one replication, sorted by time; equal times keep the order of the scenario.
/// `origin` is the start of the measured span, `end` the time after which nothing is of interest.
pub fn timetable(faults: &[Fault], origin: SimTime, end: SimTime, streams: Streams) -> Vec<(SimTime, Change)> {
    let mut changes = Vec::new();
    for (number, fault) in faults.iter().enumerate() {
        match fault {
            Fault::Crash { node, at, lasts } => down(&mut changes, &[*node], origin + *at, *lasts),
            Fault::ZoneOutage { nodes, at, lasts } => down(&mut changes, nodes, origin + *at, *lasts),
            Fault::RollingRestart { at, nodes, down: stopped, pause } => {
                let mut next = origin + *at;
                for node in nodes {
                    down(&mut changes, &[*node], next, *stopped);
                    next = next + *stopped + *pause;
                }
            }
            Fault::SlowNode { node, at, lasts, factor } => {
                let start = origin + *at;
                changes.push((start, Change::NodeSpeed(*node, *factor)));
                changes.push((start + *lasts, Change::NodeSpeed(*node, 1.0 / factor)));
            }
            Fault::Outage { service, at, lasts } => {
                let start = origin + *at;
                changes.push((start, Change::ServiceDown(*service)));
                changes.push((start + *lasts, Change::ServiceUp(*service)));
            }
            Fault::DatabaseSlowdown { at, lasts, factor } => {
                let start = origin + *at;
                changes.push((start, Change::DatabaseTimes(*factor)));
                changes.push((start + *lasts, Change::DatabaseTimes(1.0 / factor)));
            }
            Fault::Recorded(recorded) => {
                for (node, at, lasts) in recorded.outages.iter() {
                    down(&mut changes, &[*node], origin + *at, *lasts);
                }
            }
            Fault::RandomCrashes { nodes, between, repair } => {
                for &node in nodes {
                    let entity = ((number as u64) << 32) | u64::from(node);
                    let mut stream = streams.stream(Purpose::Faults, entity);
                    let mut at = SimTime::ZERO + between.duration(&mut stream);
                    while at < end {
                        let lasts = repair.duration(&mut stream);
                        down(&mut changes, &[node], at, lasts);
                        at = at + lasts + between.duration(&mut stream).max(SimDuration::from_nanos(1));
                    }
                }
            }
        }
    }
    changes.retain(|(at, _)| *at < end);
    changes.sort_by_key(|(at, _)| *at);
    changes
}

fn down(changes: &mut Vec<(SimTime, Change)>, nodes: &[u16], at: SimTime, lasts: SimDuration) {
    for &node in nodes {
        changes.push((at, Change::NodeDown(node)));
        changes.push((at + lasts, Change::NodeUp(node)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Availability of an alternating renewal process is E[up] / (E[up] + E[repair]): 9 h and 1 h give
    /// 0.9. Over 2,000 cycles its standard error is about 0.1 · √(2 / 2,000) · 0.9 ≈ 0.003; 5 of them.
    #[test]
    fn availability_of_random_crashes() {
        let fault = Fault::RandomCrashes {
            nodes: vec![0],
            between: Distribution::weibull_mean(9.0 * 3_600.0, 0.7).expect("valid"),
            repair: Distribution::exponential(3_600.0).expect("valid"),
        };
        let end = SimTime::ZERO + SimDuration::from_secs(20_000 * 3_600);
        let changes = timetable(&[fault], SimTime::ZERO, end, Streams { seed: 4, replication: 0 });
        let mut down_s = 0.0;
        let mut since = None;
        for (at, change) in changes {
            match change {
                Change::NodeDown(_) => since = Some(at),
                Change::NodeUp(_) => {
                    down_s += since.take().map_or(0.0, |start: SimTime| at.since(start).as_secs_f64());
                }
                _ => {}
            }
        }
        let availability = 1.0 - down_s / end.as_secs_f64();
        assert!((availability - 0.9).abs() < 0.018, "{availability}");
    }

    #[test]
    fn rolling_restart_takes_one_node_at_a_time() {
        // Down 20 s, pause 60 s: stops at 0, 80 and 160 s after 12 h.
        let fault = Fault::RollingRestart {
            at: SimDuration::from_secs(43_200),
            nodes: vec![2, 0, 1],
            down: SimDuration::from_secs(20),
            pause: SimDuration::from_secs(60),
        };
        let end = SimTime::ZERO + SimDuration::from_secs(100_000);
        let changes = timetable(&[fault], SimTime::ZERO, end, Streams { seed: 1, replication: 0 });
        let at = |s: u64| SimTime::ZERO + SimDuration::from_secs(43_200 + s);
        assert_eq!(
            changes,
            vec![
                (at(0), Change::NodeDown(2)),
                (at(20), Change::NodeUp(2)),
                (at(80), Change::NodeDown(0)),
                (at(100), Change::NodeUp(0)),
                (at(160), Change::NodeDown(1)),
                (at(180), Change::NodeUp(1)),
            ]
        );
    }
}
