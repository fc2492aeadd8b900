//! The rows of the result files, one struct a file, in the column order of the files.
//!
//! These are what a run hands to the reports and what `rolesim report` reads back. A quantity that
//! does not exist is `None` and is written as an empty field. Units are the last word of a name;
//! `_ratio` columns have no unit.

use serde::{Deserialize, Serialize};

/// A row of `roles.csv`: what happened to one role's tasks in one replication.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RoleRow {
    pub layout: String,
    pub replication: u32,
    pub role: String,
    /// Tasks that came into being (or fell due) in the measured span.
    pub created: u64,
    /// Of these, done at least once.
    pub completed: u64,
    /// Finished runs of these tasks, successful or not.
    pub executions: u64,
    /// Successful runs of a task that had been done already.
    pub duplicate_executions: u64,
    /// Tasks given up for good.
    pub failed: u64,
    /// Tasks neither done nor given up when the simulation ended.
    pub waiting_at_end: u64,
    pub latency_mean_s: Option<f64>,
    pub latency_p50_s: Option<f64>,
    pub latency_p90_s: Option<f64>,
    pub latency_p99_s: Option<f64>,
    pub latency_p999_s: Option<f64>,
    pub latency_max_s: Option<f64>,
    /// Mean time from creation to the start of the first run.
    pub wait_mean_s: Option<f64>,
    /// Mean duration of a run, without the lock's round trips.
    pub service_mean_s: Option<f64>,
    /// Runs that ended in an error and are to be tried again.
    pub failed_executions: u64,
    /// Runs cut short because their node stopped.
    pub interrupted_executions: u64,
}

/// A row of `nodes.csv`: one role (or `all`, or `ingest`) on one node.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NodeRow {
    pub layout: String,
    pub replication: u32,
    pub node: u64,
    pub role: String,
    pub executions: u64,
    /// Processor time in core-seconds.
    pub busy_s: f64,
    /// Share of the role's processor time over all nodes.
    pub share_ratio: Option<f64>,
    /// Time average of the tasks in the node's channel of this role.
    pub queue_mean: Option<f64>,
    pub queue_max: Option<u64>,
    /// Rows `all` only: processor time over cores times span.
    pub utilization_ratio: Option<f64>,
    pub down_s: Option<f64>,
    pub messages_received: Option<u64>,
    pub push_requests: Option<u64>,
    /// Database time of this role's work started by this node, connection-seconds.
    pub database_s: f64,
}

/// A row of `shards.csv`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ShardRow {
    pub layout: String,
    pub replication: u32,
    pub role: String,
    pub shard: u32,
    /// Nodes that serve the shard when all are up.
    pub nodes: u32,
    /// Accounts of the shard; empty where work is not split by account.
    pub accounts: Option<u64>,
    pub created: u64,
    pub completed: u64,
    pub latency_p99_s: Option<f64>,
    /// Time without a live node.
    pub uncovered_s: f64,
}

/// A row of `push.csv`; `shard` is a number or `all`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PushRow {
    pub layout: String,
    pub replication: u32,
    pub shard: String,
    pub notifications: u64,
    pub delivered: u64,
    pub copies: u64,
    pub duplicates: u64,
    pub missed: u64,
    pub requests: u64,
    pub request_failures: u64,
    pub latency_p50_s: Option<f64>,
    pub latency_p99_s: Option<f64>,
    pub accounts_with_duplicates: u64,
    pub accounts_with_missed: u64,
}

/// A row of `balance.csv`: of busy time per enabled node.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BalanceRow {
    pub layout: String,
    pub replication: u32,
    pub role: String,
    pub max_over_mean_ratio: Option<f64>,
    pub cv_ratio: Option<f64>,
    pub jain_index: Option<f64>,
    pub gini_index: Option<f64>,
}

/// A row of `timeline.csv`. `node` is empty for series of the whole cluster.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TimelineRow {
    pub layout: String,
    pub replication: u32,
    pub start_s: f64,
    pub node: Option<u64>,
    /// `waiting:<role>`, `utilization_ratio`, `nodes_up`, `push_duplicates`, `push_missed`,
    /// `database_utilization_ratio`.
    pub series: String,
    pub value: f64,
}

/// A row of `latency.csv`: a quantile of a role's latencies.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LatencyRow {
    pub layout: String,
    pub role: String,
    pub quantile: f64,
    /// The mean of the replications' own quantiles of what was completed.
    pub value_s: f64,
    pub ci_low_s: Option<f64>,
    pub ci_high_s: Option<f64>,
    /// The quantile of all replications together.
    #[serde(default)]
    pub pooled_s: Option<f64>,
}

/// A row of `summary.csv`: one metric over the replications.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SummaryRow {
    pub layout: String,
    pub metric: String,
    pub n: u32,
    pub mean: f64,
    pub ci_low: Option<f64>,
    pub ci_high: Option<f64>,
    pub min: f64,
    pub max: f64,
    pub unit: String,
}

/// A row of `objectives.csv`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ObjectiveRow {
    pub layout: String,
    /// As written: metric, comparison, limit.
    pub objective: String,
    pub value: Option<f64>,
    pub ci_low: Option<f64>,
    pub ci_high: Option<f64>,
    /// `met`, `missed` or `undecided`.
    pub verdict: String,
    /// The value farthest on the wrong side, and the replication (from 0) that has it; where too much is never done the
    /// first such replication, without a value.
    #[serde(default)]
    pub worst: Option<f64>,
    #[serde(default)]
    pub worst_replication: Option<u32>,
    /// What the value is held against, in its unit.
    #[serde(default)]
    pub limit: Option<f64>,
    /// The limits that decide: one-sided ones adjusted for skewness, or for `=` a two-sided interval of that kind.
    #[serde(default)]
    pub decided_low: Option<f64>,
    #[serde(default)]
    pub decided_high: Option<f64>,
    /// Replications with a value.
    #[serde(default)]
    pub n: u32,
    /// Replications without one because of what there was to do too much was never done.
    #[serde(default)]
    pub undone: u32,
    /// All replications; in the others there was nothing to do.
    #[serde(default)]
    pub replications: u32,
    /// Why it is missed or undecided, where the values do not tell: what was never done, what by chance may be unseen.
    #[serde(default)]
    pub reason: String,
}

/// A row of `findings.csv`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FindingRow {
    pub layout: String,
    pub rule: String,
    pub role: String,
    pub shard: String,
    /// `error`, `warning` or `note`.
    pub severity: String,
    pub message: String,
    pub help: String,
}

/// All tables of one run (the CSV files of one results folder).
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Tables {
    pub roles: Vec<RoleRow>,
    pub nodes: Vec<NodeRow>,
    pub shards: Vec<ShardRow>,
    pub push: Vec<PushRow>,
    pub balance: Vec<BalanceRow>,
    pub timeline: Vec<TimelineRow>,
    pub latency: Vec<LatencyRow>,
    pub summary: Vec<SummaryRow>,
    pub objectives: Vec<ObjectiveRow>,
    pub findings: Vec<FindingRow>,
}
