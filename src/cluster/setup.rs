//! Everything about a simulation that does not change while it runs.

use super::members::Members;
use crate::engine::distribution::Distribution;
use crate::faults::Fault;
use crate::layout::{Assignment, Role};
use crate::server::Rules;
use crate::time::{Calendar, SimDuration, SimTime};
use crate::workload::Workload;
use serde::{Serialize, Serializer};

/// One node.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub struct NodeSpec {
    /// The server's `node-id`.
    pub id: u64,
    /// Number of cores.
    pub cores: u32,
    /// Speed of a core relative to the one that demands are stated for.
    pub speed: f64,
    /// Weight at the load balancer.
    pub mail_share: f64,
}

/// Which node receives the next message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Balancing {
    /// In turn, by weight.
    Rotation,
    /// By chance, by weight.
    Random,
    /// The node with the fewest jobs per core and weight.
    LeastBusy,
    /// The same node for the same account, as long as it is up.
    ByAccount,
}

/// What one piece of work needs.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub struct Demand {
    /// Time on a core.
    pub cpu: Distribution,
    /// Time in the database.
    pub database: Distribution,
    /// Probability that a run fails.
    pub failure_probability: f64,
}

/// A table indexed by role, as a map from the roles' names.
fn by_role<S: Serializer>(demands: &[Demand], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_map(Role::ALL.iter().zip(demands))
}

/// Small times and shared resources.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub struct Costs {
    /// Delivery of a message.
    pub ingest: Demand,
    /// One task (one account, one store, one certificate) of each role.
    #[serde(serialize_with = "by_role")]
    pub tasks: Vec<Demand>,
    /// The expensive metrics.
    pub metrics_full: Demand,
    /// Base time of a scan of the task table.
    pub scan_base: SimDuration,
    /// Further time of a scan for each task in the table.
    pub scan_per_task: SimDuration,
    /// One round trip to the lock store.
    pub lock_round_trip: SimDuration,
    /// Deleting a finished task.
    pub delete: SimDuration,
    /// Database requests that the purge of a store keeps running at once.
    pub purge_parallel: u32,
    /// Length of one database request of the purge of a store.
    pub purge_request: SimDuration,
    /// Connections of the database.
    pub connections: u32,
    /// From the publication of a change to its arrival at the other nodes.
    pub coordinator_delay: Distribution,
    /// Probability that a change does not reach a node, for each of the other nodes.
    pub coordinator_loss_probability: f64,
    /// From a push request to its answer.
    pub endpoint: Distribution,
    /// Probability that a push request fails.
    pub push_failure_probability: f64,
    /// Number of certificates.
    pub acme_providers: u32,
}

/// Who serves a role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Coverage {
    /// What each node derives.
    pub assignments: Vec<Assignment>,
    /// Number of shards.
    pub shards: u32,
    /// The nodes of each shard.
    pub members: Members,
}

impl Coverage {
    /// From what each node derives. Work is divided into `shards` parts; a node that is enabled serves
    /// all of them.
    pub fn new(assignments: Vec<Assignment>, shards: u32) -> Self {
        let of_shard = |shard: u32| -> Vec<u16> {
            let serving = assignments.iter().enumerate().filter(|(_, a)| a.serves(u64::from(shard)));
            serving.map(|(node, _)| node as u16).collect()
        };
        let members = (0..shards).map(of_shard).collect();
        Self { assignments, shards, members }
    }

    /// The shard of the item with this hash or account id.
    #[inline]
    pub fn shard_of(&self, key: u64) -> u32 {
        if self.shards == 1 { 0 } else { (key % u64::from(self.shards)) as u32 }
    }

    /// The shards that a node serves.
    pub fn shards_of(&self, node: usize) -> std::ops::Range<u32> {
        match self.assignments[node] {
            Assignment::Enabled => 0..self.shards,
            Assignment::Sharded { shard, .. } => shard..shard + 1,
            Assignment::Disabled => 0..0,
        }
    }
}

/// The spans of a simulation, from time zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// Start of the measured span.
    pub measure_start: SimTime,
    /// End of the measured span.
    pub measure_end: SimTime,
    /// End of the simulation at the latest.
    pub drain_end: SimTime,
    /// Length of a bin of the time line.
    pub bin: SimDuration,
}

/// Everything that defines the simulations of one layout.
#[derive(Debug, Clone, PartialEq)]
pub struct Setup {
    /// The nodes, by index.
    pub nodes: Vec<NodeSpec>,
    /// Who serves what, by role.
    pub coverage: Vec<Coverage>,
    /// Indexes of the nodes that write scheduled tasks to the queue (0.16).
    pub schedulers: Vec<u16>,
    /// Rules of the server.
    pub rules: Rules,
    /// Costs.
    pub costs: Costs,
    /// Nodes start at random moments within this time from the start of the simulation.
    pub start_spread: SimDuration,
    /// Which node receives a message.
    pub balancing: Balancing,
    /// How long the load balancer does not know that a node has died, or is back.
    pub notice_delay: SimDuration,
    /// The workload.
    pub workload: Workload,
    /// Faults.
    pub faults: Vec<Fault>,
    /// Spans.
    pub span: Span,
    /// Calendar at time zero.
    pub calendar: Calendar,
    /// Seed of all random streams.
    pub seed: u64,
}

impl Setup {
    /// Who serves `role`.
    #[inline]
    pub fn coverage(&self, role: Role) -> &Coverage {
        &self.coverage[role.index()]
    }

    /// Whether something created at `at` is measured.
    #[inline]
    pub fn is_measured(&self, at: SimTime) -> bool {
        at >= self.span.measure_start && at < self.span.measure_end
    }
}
