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

/// Which values of a metric an operator wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Better {
    Smaller,
    Larger,
    /// Neither: the metric describes, it does not judge.
    Neither,
}

/// One metric.
#[derive(Debug, Clone, PartialEq)]
pub struct Metric {
    /// Name as in objectives.
    pub name: String,
    /// Unit: `s`, `ratio` (of a part to its whole), `index` (a number without unit), `copies` or `count`.
    pub unit: &'static str,
    /// Which of its values are better.
    pub better: Better,
    /// What it is.
    pub quantity: Quantity,
}

impl Metric {
    /// An interval of this metric, cut at the values that are possible: none is negative, shares and the indexes of Jain and
    /// Gini are at most 1.
    pub fn cut(&self, (low, high): (f64, f64)) -> (f64, f64) {
        let is_share = self.unit == "ratio"
            || matches!(self.quantity, Quantity::Balance(_, BalanceQuantity::Jain | BalanceQuantity::Gini));
        let most = if is_share { 1.0 } else { f64::INFINITY };
        (low.clamp(0.0, most), high.clamp(0.0, most))
    }
}

const ROLE_QUANTITIES: [(&str, &str, Better, RoleQuantity); 16] = [
    ("created", "count", Better::Neither, RoleQuantity::Created),
    ("completed", "count", Better::Larger, RoleQuantity::Completed),
    ("executions", "count", Better::Neither, RoleQuantity::Executions),
    ("duplicate_executions", "count", Better::Smaller, RoleQuantity::DuplicateExecutions),
    ("duplicate_executions.fraction", "ratio", Better::Smaller, RoleQuantity::DuplicateFraction),
    ("failed", "count", Better::Smaller, RoleQuantity::Failed),
    ("waiting_at_end", "count", Better::Smaller, RoleQuantity::WaitingAtEnd),
    ("latency.mean", "s", Better::Smaller, RoleQuantity::LatencyMean),
    ("latency.p50", "s", Better::Smaller, RoleQuantity::LatencyQuantile(0.5)),
    ("latency.p90", "s", Better::Smaller, RoleQuantity::LatencyQuantile(0.9)),
    ("latency.p95", "s", Better::Smaller, RoleQuantity::LatencyQuantile(0.95)),
    ("latency.p99", "s", Better::Smaller, RoleQuantity::LatencyQuantile(0.99)),
    ("latency.p999", "s", Better::Smaller, RoleQuantity::LatencyQuantile(0.999)),
    ("latency.max", "s", Better::Smaller, RoleQuantity::LatencyMax),
    ("wait.mean", "s", Better::Smaller, RoleQuantity::WaitMean),
    ("service.mean", "s", Better::Smaller, RoleQuantity::ServiceMean),
];

const BALANCE_QUANTITIES: [(&str, Better, BalanceQuantity); 4] = [
    ("balance.jain", Better::Larger, BalanceQuantity::Jain),
    ("balance.gini", Better::Smaller, BalanceQuantity::Gini),
    ("balance.cv", Better::Smaller, BalanceQuantity::Cv),
    ("balance.max_over_mean", Better::Smaller, BalanceQuantity::MaxOverMean),
];

const PUSH_QUANTITIES: [(&str, &str, Better, PushQuantity); 7] = [
    ("copies.mean", "copies", Better::Smaller, PushQuantity::CopiesMean),
    ("duplicates.mean", "copies", Better::Smaller, PushQuantity::DuplicatesMean),
    ("missed.fraction", "ratio", Better::Smaller, PushQuantity::MissedFraction),
    ("requests", "count", Better::Neither, PushQuantity::Requests),
    ("request_failures", "count", Better::Smaller, PushQuantity::RequestFailures),
    ("accounts_with_duplicates.fraction", "ratio", Better::Smaller, PushQuantity::AccountsWithDuplicates),
    ("accounts_with_missed.fraction", "ratio", Better::Smaller, PushQuantity::AccountsWithMissed),
];

const CLUSTER_QUANTITIES: [(&str, &str, Better, ClusterQuantity); 6] = [
    ("nodes.utilization.max", "ratio", Better::Smaller, ClusterQuantity::UtilizationMax),
    ("nodes.utilization.mean", "ratio", Better::Smaller, ClusterQuantity::UtilizationMean),
    ("nodes.down.fraction", "ratio", Better::Smaller, ClusterQuantity::DownFraction),
    ("database.utilization", "ratio", Better::Smaller, ClusterQuantity::DatabaseUtilization),
    ("messages.received", "count", Better::Neither, ClusterQuantity::Messages),
    ("messages.deferred", "count", Better::Smaller, ClusterQuantity::MessagesDeferred),
];

/// Every metric of the given roles, and those that belong to no role.
pub fn metrics(roles: &[Role]) -> Vec<Metric> {
    let metric = |name: String, unit, better, quantity| Metric { name, unit, better, quantity };
    let mut all = Vec::new();
    for &role in roles {
        for (name, unit, better, quantity) in ROLE_QUANTITIES {
            all.push(metric(format!("{role}.{name}"), unit, better, Quantity::Role(role, quantity)));
        }
        for (name, better, quantity) in BALANCE_QUANTITIES {
            all.push(metric(format!("{role}.{name}"), "index", better, Quantity::Balance(Some(role), quantity)));
        }
    }
    for (name, better, quantity) in BALANCE_QUANTITIES {
        all.push(metric(format!("all.{name}"), "index", better, Quantity::Balance(None, quantity)));
    }
    for (name, unit, better, quantity) in PUSH_QUANTITIES {
        all.push(metric(format!("{}.{name}", Role::PushNotifications), unit, better, Quantity::Push(quantity)));
    }
    for (name, unit, better, quantity) in CLUSTER_QUANTITIES {
        all.push(metric(name.to_string(), unit, better, Quantity::Cluster(quantity)));
    }
    all
}

/// What to look at where the user names nothing: lateness, duplicates, losses, load.
pub const DEFAULTS: [&str; 4] = [
    "fts-indexing.latency.p99",
    "push-notifications.copies.mean",
    "push-notifications.missed.fraction",
    "nodes.utilization.max",
];

/// The metric of this name, of any role.
pub fn find(name: &str) -> Option<Metric> {
    metrics(&Role::ALL).into_iter().find(|metric| metric.name == name)
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
        assert!(super::DEFAULTS.iter().all(|name| names.iter().any(|known| known == name)));
    }

    #[test]
    fn intervals_are_cut_at_what_is_possible() {
        let cut = |name: &str| super::find(name).map(|metric| metric.cut((-0.2, 1.3)));
        assert_eq!(cut("fts-indexing.latency.p99"), Some((0.0, 1.3)));
        assert_eq!(cut("push-notifications.missed.fraction"), Some((0.0, 1.0)));
        assert_eq!(cut("all.balance.jain"), Some((0.0, 1.0)));
        assert_eq!(cut("all.balance.max_over_mean"), Some((0.0, 1.3)));
    }

    #[test]
    fn late_and_lopsided_is_worse() {
        let better = |name: &str| {
            super::metrics(&super::Role::ALL).into_iter().find(|metric| metric.name == name).map(|metric| metric.better)
        };
        for (name, expected) in [
            ("fts-indexing.latency.p99", super::Better::Smaller),
            ("imip-processing.wait.mean", super::Better::Smaller),
            ("push-notifications.copies.mean", super::Better::Smaller),
            ("push-notifications.missed.fraction", super::Better::Smaller),
            ("nodes.utilization.max", super::Better::Smaller),
            ("all.balance.gini", super::Better::Smaller),
            ("all.balance.jain", super::Better::Larger),
            ("fts-indexing.completed", super::Better::Larger),
            ("fts-indexing.created", super::Better::Neither),
        ] {
            assert_eq!(better(name), Some(expected), "{name}");
        }
    }
}
