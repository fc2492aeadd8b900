//! Rules and constants of each version, with their source in the server facts.

use super::version::{Family, Version};
use crate::layout::{LayoutRules, Role};
use crate::time::SimDuration;
use serde::{Serialize, Serializer};

/// How queue tasks reach a worker (server facts, sections 2 and 5).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum DispatchRule {
    /// Each node reads the shared table on its own.
    OwnScans,
    /// Each task is done once by a live node of its shard, at once if one is free.
    Once,
}

/// When a task's lock is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum LockTaken {
    /// By the worker, before it runs the task (0.13 to 0.15).
    ByWorker,
    /// By the dispatcher, before the task enters the channel; the worker then checks that the task
    /// still exists (0.16).
    AtDispatch,
}

/// What the dispatcher does with a task for a full channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FullChannel {
    /// Waits, for all roles of the node (0.13 to 0.15).
    Wait,
    /// Leaves the task for a later scan (0.16).
    Skip,
}

/// What becomes of a task that failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Retry {
    /// It stays in the table and comes back when the node's `seen` entry has expired.
    WhenSeenExpires,
    /// It falls due again after an exponentially growing delay, and is given up after a number of
    /// attempts.
    BackOff {
        /// Delay after the first failure; doubles with each further one.
        initial: SimDuration,
        /// Attempts after which the task is marked failed.
        max_attempts: u32,
    },
}

/// Who sends a push notification.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum PushRule {
    /// Every live node that serves the account.
    EveryLiveNode,
    /// One live node of the shard; a notification waits while there is none.
    OneLiveNode,
}

/// How work that is not queued is coordinated between nodes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Coordination {
    /// Each node follows its own timers.
    OwnTimers,
    /// Each item is done once by a live node.
    Once,
}

/// Where locks are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum LockStore {
    /// Redis.
    Redis,
    /// The database.
    Database,
}

/// Rules and constants of one version.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub struct Rules {
    /// How a layout is read (section 1).
    pub layout: LayoutRules,
    /// How queue tasks reach a worker.
    pub dispatch: DispatchRule,
    /// When locks are taken.
    pub lock_taken: LockTaken,
    /// What a full channel does.
    pub full_channel: FullChannel,
    /// What a failed task does.
    pub retry: Retry,
    /// Who sends push notifications.
    pub push: PushRule,
    /// How timed work is coordinated.
    pub timed: Coordination,
    /// Longest sleep of an idle dispatcher (2.1: 300 s; 2.3: 60 s).
    pub refresh_interval: SimDuration,
    /// Whether the dispatcher is woken when a batch ends or a channel runs empty (2.3).
    pub wake_when_empty: bool,
    /// Tasks that a channel holds, by role (2.1: 1,024; 2.3: 10, indexing 100, purges 1, spam filter 2).
    #[serde(serialize_with = "by_role")]
    pub channel_capacity: [usize; Role::COUNT],
    /// Tasks that a worker takes at once, by role (2.2: indexing 100).
    #[serde(serialize_with = "by_role")]
    pub batch: [usize; Role::COUNT],
    /// Lifetime of a task's lock, by role (2.1).
    #[serde(serialize_with = "by_role")]
    pub lock_time: [SimDuration; Role::COUNT],
    /// Whether the lock is released after success, by role (2.1: not for training).
    #[serde(serialize_with = "by_role")]
    pub release_after_success: [bool; Role::COUNT],
    /// How much longer than the lock a `seen` entry lives (2.1: 1 s).
    pub seen_margin: SimDuration,
    /// Whether a failed try renews the lock's expiry (2.1: Redis, up to 0.16.15).
    pub failed_try_renews: bool,
    /// Time after receiving a coordinator message in which a node hears no other (3: up to 0.16.14).
    pub resubscribe_gap: SimDuration,
    /// Least time between two requests of a subscription (3: 1 s).
    pub push_throttle: SimDuration,
    /// Time after which a request has failed (3: 10 s).
    pub push_timeout: SimDuration,
    /// Delay after a failed request (3: 60 s).
    pub push_retry_delay: SimDuration,
    /// Requests after which a notification is dropped (3: 3).
    pub push_max_attempts: u32,
    /// How often postponed requests are looked at (3: 1 s).
    pub push_retry_tick: SimDuration,
    /// Queue roles in which messages make tasks; the others are timed or do not exist.
    pub queue_roles: &'static [Role],
    /// How often the classifier is trained, where training is no task of a message (2.2: 12 h).
    pub training_interval: Option<SimDuration>,
    /// Whether the purge of accounts is one task an account in the queue (4, 0.16).
    pub purge_accounts_queued: bool,
    /// Whether training is a task in the queue (2.3: a task type with a channel of its own) instead of a timed job of
    /// every enabled node.
    pub training_queued: bool,
    /// Lifetime of a purge's lock (4: 3,600 s).
    pub purge_lock_time: SimDuration,
    /// Second of the day of the purge of accounts (4: 00:00).
    pub purge_accounts_at_s: u64,
    /// Seconds of the day of the purges of the data, blob and in-memory store (4: 03:00, 04:00, 05:00).
    pub purge_stores_at_s: [u64; 3],
    /// Interval of the cheap metrics (4: 300 s).
    pub metrics_interval: SimDuration,
    /// Interval of the expensive metrics (4: 24 h).
    pub metrics_full_interval: SimDuration,
    /// Interval at which metrics are sent (4: the configured one).
    pub metrics_push_interval: SimDuration,
    /// Time between two renewals of a certificate.
    pub acme_interval: SimDuration,
    /// Delay after a failed renewal (4: 3,600 s).
    pub acme_retry_delay: SimDuration,
}

/// A table indexed by role, as a map from the roles' names.
fn by_role<T: Serialize, S: Serializer>(values: &[T; Role::COUNT], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_map(Role::ALL.iter().zip(values))
}

impl Rules {
    /// The rules of `version` with locks in `store`.
    pub fn of(version: Version, store: LockStore) -> Self {
        let mut rules = match version.family {
            Family::V0_13 => Self { layout: LayoutRules::Lists, ..Self::v0_14() },
            Family::V0_14 => Self::v0_14(),
            Family::V0_15 => Self::v0_15(),
            Family::V0_16 => Self::v0_16(),
            Family::Documented => Self::documented(),
        };
        rules.failed_try_renews = store == LockStore::Redis && version.up_to(Family::V0_16, 15);
        // Earlier versions subscribe again too, but the log of a real 0.14.1 cluster shows no message lost.
        if version.family == Family::V0_16 && version.up_to(Family::V0_16, 14) {
            rules.resubscribe_gap = SimDuration::from_millis(1);
        }
        rules
    }

    /// The roles that this version knows, in the order of the documentation.
    pub fn roles(&self) -> Vec<Role> {
        let is_known = |role: &Role| match role {
            Role::BayesTraining | Role::MergeThreads => self.queue_roles.contains(role),
            Role::SpamTraining => self.training_interval.is_some(),
            _ => true,
        };
        Role::ALL.into_iter().filter(is_known).collect()
    }

    fn v0_14() -> Self {
        let mut lock_time = [SimDuration::from_secs(120); Role::COUNT];
        lock_time[Role::FtsIndexing.index()] = SimDuration::from_secs(300);
        lock_time[Role::BayesTraining.index()] = SimDuration::from_secs(1_800);
        let mut release_after_success = [true; Role::COUNT];
        release_after_success[Role::BayesTraining.index()] = false;
        Self {
            layout: LayoutRules::Shards,
            dispatch: DispatchRule::OwnScans,
            lock_taken: LockTaken::ByWorker,
            full_channel: FullChannel::Wait,
            retry: Retry::WhenSeenExpires,
            push: PushRule::EveryLiveNode,
            timed: Coordination::OwnTimers,
            refresh_interval: SimDuration::from_secs(300),
            wake_when_empty: false,
            channel_capacity: [1_024; Role::COUNT],
            batch: [1; Role::COUNT],
            lock_time,
            release_after_success,
            seen_margin: SimDuration::from_secs(1),
            failed_try_renews: false,
            resubscribe_gap: SimDuration::ZERO,
            push_throttle: SimDuration::from_secs(1),
            push_timeout: SimDuration::from_secs(10),
            push_retry_delay: SimDuration::from_secs(60),
            push_max_attempts: 3,
            push_retry_tick: SimDuration::from_secs(1),
            queue_roles: &[Role::FtsIndexing, Role::BayesTraining, Role::ImipProcessing, Role::CalendarAlerts],
            training_interval: None,
            purge_accounts_queued: false,
            training_queued: false,
            purge_lock_time: SimDuration::from_secs(3_600),
            purge_accounts_at_s: 0,
            purge_stores_at_s: [3 * 3_600, 4 * 3_600, 5 * 3_600],
            metrics_interval: SimDuration::from_secs(300),
            metrics_full_interval: SimDuration::from_secs(86_400),
            metrics_push_interval: SimDuration::from_secs(60),
            acme_interval: SimDuration::from_secs(60 * 86_400),
            acme_retry_delay: SimDuration::from_secs(3_600),
        }
    }

    fn v0_15() -> Self {
        let mut rules = Self::v0_14();
        rules.batch[Role::FtsIndexing.index()] = 100;
        rules.queue_roles = &[Role::FtsIndexing, Role::ImipProcessing, Role::CalendarAlerts, Role::MergeThreads];
        rules.training_interval = Some(SimDuration::from_secs(12 * 3_600));
        rules
    }

    fn v0_16() -> Self {
        let mut channel_capacity = [10; Role::COUNT];
        channel_capacity[Role::FtsIndexing.index()] = 100;
        channel_capacity[Role::PurgeAccounts.index()] = 1;
        channel_capacity[Role::PurgeStores.index()] = 1;
        channel_capacity[Role::SpamTraining.index()] = 2;
        Self {
            layout: LayoutRules::Objects,
            lock_taken: LockTaken::AtDispatch,
            full_channel: FullChannel::Skip,
            retry: Retry::BackOff { initial: SimDuration::from_secs(60), max_attempts: 5 },
            refresh_interval: SimDuration::from_secs(60),
            wake_when_empty: true,
            channel_capacity,
            lock_time: [SimDuration::from_secs(3_600); Role::COUNT],
            release_after_success: [true; Role::COUNT],
            purge_accounts_queued: true,
            training_queued: true,
            queue_roles: &[
                Role::PurgeAccounts,
                Role::FtsIndexing,
                Role::SpamTraining,
                Role::ImipProcessing,
                Role::CalendarAlerts,
                Role::MergeThreads,
            ],
            ..Self::v0_15()
        }
    }

    fn documented() -> Self {
        Self { dispatch: DispatchRule::Once, push: PushRule::OneLiveNode, timed: Coordination::Once, ..Self::v0_14() }
    }
}
