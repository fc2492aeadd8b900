//! The roles that a layout gives to nodes.

use serde::{Serialize, Serializer};
use std::fmt;

/// A kind of background work that a layout assigns to nodes (server facts, section 1.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Role {
    /// Daily clean-up of the data, blob and in-memory stores.
    PurgeStores,
    /// Daily clean-up of each account.
    PurgeAccounts,
    /// Renewal of certificates.
    AcmeRenew,
    /// Counting for metrics.
    MetricsCalculate,
    /// Sending metrics away.
    MetricsPush,
    /// Push notifications to subscribed devices.
    PushNotifications,
    /// Full-text indexing of new messages.
    FtsIndexing,
    /// Spam classifier training, one task a message (0.14).
    BayesTraining,
    /// Spam classifier training as a timed job (0.15 and later).
    SpamTraining,
    /// Processing of calendar invitations that arrive by mail.
    ImipProcessing,
    /// Calendar alerts.
    CalendarAlerts,
    /// Merging of conversation threads (0.15 and later).
    MergeThreads,
}

impl Role {
    /// Number of roles.
    pub const COUNT: usize = 12;

    /// Every role, in the order of the server's documentation.
    pub const ALL: [Self; Self::COUNT] = [
        Self::PurgeStores,
        Self::PurgeAccounts,
        Self::AcmeRenew,
        Self::MetricsCalculate,
        Self::MetricsPush,
        Self::PushNotifications,
        Self::FtsIndexing,
        Self::BayesTraining,
        Self::SpamTraining,
        Self::ImipProcessing,
        Self::CalendarAlerts,
        Self::MergeThreads,
    ];

    /// The role's key under `cluster.roles`, which is its name in every output file too.
    pub const fn key(self) -> &'static str {
        match self {
            Self::PurgeStores => "purge.stores",
            Self::PurgeAccounts => "purge.accounts",
            Self::AcmeRenew => "acme.renew",
            Self::MetricsCalculate => "metrics.calculate",
            Self::MetricsPush => "metrics.push",
            Self::PushNotifications => "push-notifications",
            Self::FtsIndexing => "fts-indexing",
            Self::BayesTraining => "bayes-training",
            Self::SpamTraining => "spam-training",
            Self::ImipProcessing => "imip-processing",
            Self::CalendarAlerts => "calendar-alerts",
            Self::MergeThreads => "merge-threads",
        }
    }

    /// The role with this key, if there is one.
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.key() == key)
    }

    /// Position in [`Role::ALL`], for tables indexed by role.
    pub const fn index(self) -> usize {
        self as usize
    }
}

impl Serialize for Role {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.key())
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.key())
    }
}
