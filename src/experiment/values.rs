//! The value of every metric in one replication.

use crate::cluster::setup::Setup;
use crate::layout::Role;
use crate::metrics::catalog::{BalanceQuantity, ClusterQuantity, PushQuantity, Quantity, RoleQuantity};
use crate::metrics::record::Record;
use crate::statistics::Balance;

/// The value of a metric; `None` if it does not exist (no task ended, no time was busy).
pub fn values(setup: &Setup, record: &Record, quantity: Quantity) -> Option<f64> {
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

/// Whether a time has no value in a replication though there was something to do: nothing of it was ever done.
pub fn is_undone(record: &Record, quantity: Quantity) -> bool {
    let Quantity::Role(role, quantity) = quantity else { return false };
    let is_time = matches!(
        quantity,
        RoleQuantity::LatencyMean
            | RoleQuantity::LatencyQuantile(_)
            | RoleQuantity::LatencyMax
            | RoleQuantity::WaitMean
            | RoleQuantity::ServiceMean
    );
    let record = &record.roles[role.index()];
    is_time && record.created > 0 && record.completed == 0
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
        RoleQuantity::LatencyQuantile(quantile) => record.latency.quantile_s(quantile),
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
