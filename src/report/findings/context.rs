//! What findings must know besides the tables.

use crate::report::plan::LayoutPlan;
use std::collections::BTreeMap;

/// What findings must know besides the tables.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct FindingContext {
    /// Length of the measured span; 0 if it is not known.
    pub duration_s: f64,
    /// Seconds after midnight at the start of the measured span.
    pub start_second_of_day: f64,
    /// The server under each layout.
    pub servers: BTreeMap<String, ServerFacts>,
    /// The layouts; without them a node counts as enabled for a role if it did some of its work.
    pub plans: Vec<LayoutPlan>,
    /// The span of a scenario that says it is in steady state.
    pub steady: Option<SteadySpan>,
}

/// A span that is to be in steady state.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct SteadySpan {
    pub warmup_s: f64,
    pub duration_s: f64,
}

/// The rules and costs of a server that tell causes and remedies apart.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ServerFacts {
    /// Such as `0.14`, or `documented`: decides what a remedy is called.
    pub version: String,
    /// How often a dispatcher that nothing wakes looks for tasks (300 s up to 0.15, 60 s in 0.16).
    pub refresh_s: f64,
    /// Whether a full channel holds up the dispatcher for all roles of its node (up to 0.15).
    pub blocks_when_full: bool,
    /// Of each role that has workers.
    pub workers: BTreeMap<String, WorkerFacts>,
}

/// What a worker needs besides the run itself.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct WorkerFacts {
    /// Its part of the deletion and of the lock's round trips, a run.
    pub overhead_s: f64,
    /// Tasks that its channel holds.
    pub channel: u64,
}

impl ServerFacts {
    /// Whether roles are given by `ClusterRole` objects and not by lists of shards.
    pub fn has_named_roles(&self) -> bool {
        self.version.starts_with("0.16")
    }

    /// Whether lists divide indexing, alerts and push between nodes: not in 0.13, where every node does all of them.
    pub fn has_shards(&self) -> bool {
        !self.has_named_roles() && !self.version.starts_with("0.13")
    }

    /// Whether notifications for a node that is down are kept for it.
    pub fn is_documented(&self) -> bool {
        self.version == "documented"
    }
}
