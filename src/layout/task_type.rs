//! The types of background task that 0.16 gives to roles.

use super::Role;
use std::fmt;

/// A task type of a `ClusterRole` (server facts, section 1.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TaskType {
    /// Clean-up of the stores.
    StoreMaintenance,
    /// Clean-up of each account.
    AccountMaintenance,
    /// Counting for metrics.
    MetricsCalculate,
    /// Sending metrics away.
    MetricsPush,
    /// Loading push subscriptions at start.
    PushNotifications,
    /// Full-text indexing.
    SearchIndexing,
    /// Training of the spam classifier.
    SpamClassifierTraining,
    /// Sending mail; read, but not modelled.
    OutboundMta,
    /// All other queued tasks: invitations, alerts, threads, certificates.
    TaskQueueProcessing,
    /// Writing timed tasks to the queue.
    TaskScheduler,
}

impl TaskType {
    /// Every type, in the order of the server's list.
    pub const ALL: [Self; 10] = [
        Self::StoreMaintenance,
        Self::AccountMaintenance,
        Self::MetricsCalculate,
        Self::MetricsPush,
        Self::PushNotifications,
        Self::SearchIndexing,
        Self::SpamClassifierTraining,
        Self::OutboundMta,
        Self::TaskQueueProcessing,
        Self::TaskScheduler,
    ];

    /// The name in `taskTypes`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::StoreMaintenance => "storeMaintenance",
            Self::AccountMaintenance => "accountMaintenance",
            Self::MetricsCalculate => "metricsCalculate",
            Self::MetricsPush => "metricsPush",
            Self::PushNotifications => "pushNotifications",
            Self::SearchIndexing => "searchIndexing",
            Self::SpamClassifierTraining => "spamClassifierTraining",
            Self::OutboundMta => "outboundMta",
            Self::TaskQueueProcessing => "taskQueueProcessing",
            Self::TaskScheduler => "taskScheduler",
        }
    }

    /// The type with this name, if there is one.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|task| task.name() == name)
    }

    /// The type that decides whether a node does a role's work; `None` for a role that 0.16 does not
    /// have.
    pub const fn of_role(role: Role) -> Option<Self> {
        Some(match role {
            Role::PurgeStores => Self::StoreMaintenance,
            Role::PurgeAccounts => Self::AccountMaintenance,
            Role::MetricsCalculate => Self::MetricsCalculate,
            Role::MetricsPush => Self::MetricsPush,
            Role::PushNotifications => Self::PushNotifications,
            Role::FtsIndexing => Self::SearchIndexing,
            Role::SpamTraining => Self::SpamClassifierTraining,
            Role::AcmeRenew | Role::ImipProcessing | Role::CalendarAlerts | Role::MergeThreads => {
                Self::TaskQueueProcessing
            }
            Role::BayesTraining => return None,
        })
    }
}

impl fmt::Display for TaskType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}
