//! The value of every metric in one replication.

use crate::cluster::setup::Setup;
use crate::layout::Role;
use crate::metrics::catalog::{BalanceQuantity, ClusterQuantity, PushQuantity, Quantity, RoleQuantity};
use crate::metrics::record::{Record, RoleRecord};
use crate::statistics::Balance;

/// The value of a metric; `None` if it does not exist (no task ended, no time was busy, a time has no upper limit).
pub fn values(setup: &Setup, record: &Record, quantity: Quantity) -> Option<f64> {
    if undone(record, quantity).is_some() {
        return None;
    }
    match quantity {
        Quantity::Role(role, quantity) => role_value(record, role, quantity),
        Quantity::Balance(role, quantity) => balance(setup, record, role).map(|balance| match quantity {
            BalanceQuantity::Jain => balance.jain_index,
            BalanceQuantity::Gini => balance.gini_index,
            BalanceQuantity::Cv => balance.cv_ratio,
            BalanceQuantity::MaxOverMean => balance.max_over_mean_ratio,
        }),
        Quantity::Push(quantity) => push_value(setup, record, quantity),
        Quantity::Cluster(quantity) => Some(cluster_value(setup, record, quantity)),
    }
}

/// Tasks that leave a time without an upper limit in a replication: they were created, and when the drain ended they were
/// neither done nor given up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Undone {
    pub left: u64,
    /// All that was to be done, without what was given up.
    pub owed: u64,
}

/// What leaves a time without a value in a replication though there was something to do. A quantile is that of all that was
/// to be done: it has a value as long as the task of its rank was done. A maximum and a mean need all of them.
pub fn undone(record: &Record, quantity: Quantity) -> Option<Undone> {
    let Quantity::Role(role, quantity) = quantity else { return None };
    let record = &record.roles[role.index()];
    let owed = record.created - record.failed;
    let left = owed - record.completed;
    let is_undone = match quantity {
        RoleQuantity::LatencyQuantile(quantile) => rank(quantile, owed) > record.completed,
        RoleQuantity::LatencyMean | RoleQuantity::LatencyMax => left > 0,
        RoleQuantity::WaitMean => left > 0 && record.started < record.created,
        RoleQuantity::ServiceMean => false,
        _ => return None,
    };
    let is_nothing_done = record.created > 0 && record.completed == 0;
    let owed = if owed == 0 { record.created } else { owed };
    (is_undone || is_nothing_done).then_some(Undone { left: owed - record.completed, owed })
}

/// The place, from 1, of a quantile among so many values in order.
fn rank(quantile: f64, count: u64) -> u64 {
    (quantile * count as f64).ceil() as u64
}

/// A quantile of the latency of all that was to be done, of which some may be undone: the value at its rank.
fn latency_quantile(record: &RoleRecord, quantile: f64) -> Option<f64> {
    let owed = record.created - record.failed;
    if owed <= record.completed {
        return record.latency.quantile_s(quantile);
    }
    let rank = rank(quantile, owed);
    // The middle of the rank, so that rounding does not lead to the next one.
    (rank <= record.completed)
        .then(|| record.latency.quantile_s((rank as f64 - 0.5).max(0.0) / record.completed as f64))
        .flatten()
}

/// `part` over `whole`, if there is a whole.
pub(super) fn ratio(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}

fn role_value(record: &Record, role: Role, quantity: RoleQuantity) -> Option<f64> {
    let record = &record.roles[role.index()];
    match quantity {
        RoleQuantity::Created => Some(record.created as f64),
        RoleQuantity::Completed => Some(record.completed as f64),
        RoleQuantity::Executions => Some(record.executions as f64),
        RoleQuantity::DuplicateExecutions => Some(record.duplicate_executions as f64),
        RoleQuantity::DuplicateFraction => ratio(record.duplicate_executions, record.executions),
        RoleQuantity::Failed => Some(record.failed as f64),
        RoleQuantity::WaitingAtEnd => Some((record.created - record.completed - record.failed) as f64),
        RoleQuantity::LatencyMean => record.latency.mean_s(),
        RoleQuantity::LatencyQuantile(quantile) => latency_quantile(record, quantile),
        RoleQuantity::LatencyMax => record.latency.max_s(),
        RoleQuantity::WaitMean => mean_ns(record.wait_ns, record.started),
        RoleQuantity::ServiceMean => mean_ns(record.service_ns, record.executions),
    }
}

/// Mean in seconds of a sum of nanoseconds.
pub(super) fn mean_ns(sum_ns: u128, count: u64) -> Option<f64> {
    (count > 0).then(|| sum_ns as f64 / count as f64 / 1e9)
}

/// How evenly the busy time of a role is spread over its enabled nodes (of all work over all nodes).
pub(super) fn balance(setup: &Setup, record: &Record, role: Option<Role>) -> Option<Balance> {
    let loads: Vec<f64> = match role {
        None => record.nodes.iter().map(|node| node.busy_ns).collect(),
        Some(role) => {
            let enabled = setup.coverage(role).assignments.iter().map(|assignment| assignment.is_enabled());
            let busy = record.node_roles.iter().map(|roles| roles[role.index()].busy_ns as f64);
            busy.zip(enabled).filter(|(_, enabled)| *enabled).map(|(busy, _)| busy).collect()
        }
    };
    Balance::of(&loads).ok().flatten()
}

fn push_value(setup: &Setup, record: &Record, quantity: PushQuantity) -> Option<f64> {
    let sum = |field: fn(&crate::metrics::record::PushRecord) -> u64| record.push.iter().map(field).sum::<u64>();
    let notifications = sum(|shard| shard.notifications);
    let delivered = sum(|shard| shard.delivered);
    let accounts = u64::from(setup.workload.accounts);
    match quantity {
        PushQuantity::CopiesMean => ratio(sum(|shard| shard.copies), delivered),
        PushQuantity::DuplicatesMean => ratio(sum(|shard| shard.copies - shard.delivered), delivered),
        PushQuantity::MissedFraction => ratio(sum(|shard| shard.missed), notifications),
        PushQuantity::Requests => Some(sum(|shard| shard.requests) as f64),
        PushQuantity::RequestFailures => Some(sum(|shard| shard.request_failures) as f64),
        PushQuantity::AccountsWithDuplicates => {
            ratio(record.accounts_with_duplicates.count_by_shard(0, 1).iter().sum(), accounts)
        }
        PushQuantity::AccountsWithMissed => {
            ratio(record.accounts_with_missed.count_by_shard(0, 1).iter().sum(), accounts)
        }
    }
}

/// Processor time over cores times span.
pub(super) fn utilization(setup: &Setup, record: &Record, node: usize) -> f64 {
    record.nodes[node].busy_ns / (f64::from(setup.nodes[node].cores) * span_ns(setup))
}

/// Length of the measured span in nanoseconds.
pub(super) fn span_ns(setup: &Setup) -> f64 {
    setup.span.measure_end.since(setup.span.measure_start).as_nanos() as f64
}

fn cluster_value(setup: &Setup, record: &Record, quantity: ClusterQuantity) -> f64 {
    let nodes = setup.nodes.len();
    match quantity {
        ClusterQuantity::UtilizationMax => (0..nodes).map(|node| utilization(setup, record, node)).fold(0.0, f64::max),
        ClusterQuantity::UtilizationMean => {
            (0..nodes).map(|node| utilization(setup, record, node)).sum::<f64>() / nodes as f64
        }
        ClusterQuantity::DownFraction => {
            record.nodes.iter().map(|node| node.down_ns as f64).sum::<f64>() / (nodes as f64 * span_ns(setup))
        }
        ClusterQuantity::DatabaseUtilization => {
            record.database_busy_ns / (f64::from(setup.costs.connections) * span_ns(setup))
        }
        ClusterQuantity::Messages => record.messages as f64,
        ClusterQuantity::MessagesDeferred => record.messages_deferred as f64,
    }
}
