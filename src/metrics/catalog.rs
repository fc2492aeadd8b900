//! The metrics that objectives and `summary.csv` name.
//!
//! A metric's name is `subject.quantity.statistic`, where the subject is a role, `nodes`, `all`,
//! `database` or `messages`. What a metric's value is in one replication is worked out by the experiment.

use crate::layout::Role;

/// What is measured of a role's tasks.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum RoleQuantity {
    Created,
    Completed,
    Executions,
    DuplicateExecutions,
    /// Duplicate executions over executions.
    DuplicateFraction,
    Failed,
    WaitingAtEnd,
    LatencyMean,
    /// The latency that this share does not exceed.
    LatencyQuantile(f64),
    LatencyMax,
    WaitMean,
    ServiceMean,
}

/// How evenly busy time is spread.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum BalanceQuantity {
    Jain,
    Gini,
    Cv,
    MaxOverMean,
}

/// What is measured of push notifications.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum PushQuantity {
    /// Copies over notifications that were delivered at least once.
    CopiesMean,
    /// Duplicates over notifications that were delivered at least once.
    DuplicatesMean,
    /// Notifications never delivered over all.
    MissedFraction,
    Requests,
    RequestFailures,
    /// Accounts that got a duplicate over all accounts.
    AccountsWithDuplicates,
    /// Accounts that missed a notification over all accounts.
    AccountsWithMissed,
}

/// What is measured of the cluster.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum ClusterQuantity {
    UtilizationMax,
    UtilizationMean,
    /// Time down over nodes and span.
    DownFraction,
    DatabaseUtilization,
    Messages,
    MessagesDeferred,
}

/// What a metric is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Quantity {
    Role(Role, RoleQuantity),
    /// Of one role over its enabled nodes, or (`None`) of all work over all nodes.
    Balance(Option<Role>, BalanceQuantity),
    Push(PushQuantity),
    Cluster(ClusterQuantity),
}

/// One metric.
#[derive(Debug, Clone, PartialEq)]
pub struct Metric {
    /// Name as in objectives.
    pub name: String,
    /// Unit: `s`, `ratio` (of a part to its whole), `index` (a number without unit), `copies` or `count`.
    pub unit: &'static str,
    /// What it is.
    pub quantity: Quantity,
}

const ROLE_QUANTITIES: [(&str, &str, RoleQuantity); 16] = [
    ("created", "count", RoleQuantity::Created),
    ("completed", "count", RoleQuantity::Completed),
    ("executions", "count", RoleQuantity::Executions),
    ("duplicate_executions", "count", RoleQuantity::DuplicateExecutions),
    ("duplicate_executions.fraction", "ratio", RoleQuantity::DuplicateFraction),
    ("failed", "count", RoleQuantity::Failed),
    ("waiting_at_end", "count", RoleQuantity::WaitingAtEnd),
    ("latency.mean", "s", RoleQuantity::LatencyMean),
    ("latency.p50", "s", RoleQuantity::LatencyQuantile(0.5)),
    ("latency.p90", "s", RoleQuantity::LatencyQuantile(0.9)),
    ("latency.p95", "s", RoleQuantity::LatencyQuantile(0.95)),
    ("latency.p99", "s", RoleQuantity::LatencyQuantile(0.99)),
    ("latency.p999", "s", RoleQuantity::LatencyQuantile(0.999)),
    ("latency.max", "s", RoleQuantity::LatencyMax),
    ("wait.mean", "s", RoleQuantity::WaitMean),
    ("service.mean", "s", RoleQuantity::ServiceMean),
];

const BALANCE_QUANTITIES: [(&str, BalanceQuantity); 4] = [
    ("balance.jain", BalanceQuantity::Jain),
    ("balance.gini", BalanceQuantity::Gini),
    ("balance.cv", BalanceQuantity::Cv),
    ("balance.max_over_mean", BalanceQuantity::MaxOverMean),
];

const PUSH_QUANTITIES: [(&str, &str, PushQuantity); 7] = [
    ("copies.mean", "copies", PushQuantity::CopiesMean),
    ("duplicates.mean", "copies", PushQuantity::DuplicatesMean),
    ("missed.fraction", "ratio", PushQuantity::MissedFraction),
    ("requests", "count", PushQuantity::Requests),
    ("request_failures", "count", PushQuantity::RequestFailures),
    ("accounts_with_duplicates.fraction", "ratio", PushQuantity::AccountsWithDuplicates),
    ("accounts_with_missed.fraction", "ratio", PushQuantity::AccountsWithMissed),
];

const CLUSTER_QUANTITIES: [(&str, &str, ClusterQuantity); 6] = [
    ("nodes.utilization.max", "ratio", ClusterQuantity::UtilizationMax),
    ("nodes.utilization.mean", "ratio", ClusterQuantity::UtilizationMean),
    ("nodes.down.fraction", "ratio", ClusterQuantity::DownFraction),
    ("database.utilization", "ratio", ClusterQuantity::DatabaseUtilization),
    ("messages.received", "count", ClusterQuantity::Messages),
    ("messages.deferred", "count", ClusterQuantity::MessagesDeferred),
];

/// Every metric of the given roles, and those that belong to no role.
pub fn metrics(roles: &[Role]) -> Vec<Metric> {
    let metric = |name: String, unit, quantity| Metric { name, unit, quantity };
    let mut all = Vec::new();
    for &role in roles {
        for (name, unit, quantity) in ROLE_QUANTITIES {
            all.push(metric(format!("{role}.{name}"), unit, Quantity::Role(role, quantity)));
        }
        for (name, quantity) in BALANCE_QUANTITIES {
            all.push(metric(format!("{role}.{name}"), "index", Quantity::Balance(Some(role), quantity)));
        }
    }
    for (name, quantity) in BALANCE_QUANTITIES {
        all.push(metric(format!("all.{name}"), "index", Quantity::Balance(None, quantity)));
    }
    for (name, unit, quantity) in PUSH_QUANTITIES {
        all.push(metric(format!("{}.{name}", Role::PushNotifications), unit, Quantity::Push(quantity)));
    }
    for (name, unit, quantity) in CLUSTER_QUANTITIES {
        all.push(metric(name.to_string(), unit, Quantity::Cluster(quantity)));
    }
    all
}

/// The names of all metrics of all roles.
pub fn names() -> impl Iterator<Item = String> {
    metrics(&Role::ALL).into_iter().map(|metric| metric.name)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    #[test]
    fn names_are_unique_and_those_of_the_documentation_exist() {
        let names: Vec<String> = super::names().collect();
        let set: BTreeSet<&String> = names.iter().collect();
        assert_eq!(set.len(), names.len());
        for name in [
            "fts-indexing.latency.p99",
            "push-notifications.copies.mean",
            "fts-indexing.balance.jain",
            "push-notifications.missed.fraction",
        ] {
            assert!(names.iter().any(|known| known == name), "{name}");
        }
    }
}
