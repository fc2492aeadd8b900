//! Events of the simulated cluster. Small and `Copy`: 16 bytes each.

pub use super::packed::Work;
use crate::layout::Role;

/// What holds a processor share or a database connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Job {
    /// Delivery of a message.
    Ingest(u32),
    /// The dispatcher reads the task table.
    Scan,
    /// A worker runs its tasks.
    Run(Role),
    /// A worker deletes what it has done.
    Delete(Role),
    /// A push request is prepared.
    Request(u32),
    /// A timed job.
    Timed(TimedKind),
}

/// The timed jobs of a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum TimedKind {
    /// Walk over the node's share of accounts.
    PurgeAccounts,
    /// Purge of the data store.
    PurgeData,
    /// Purge of the blob store.
    PurgeBlobs,
    /// Purge of the in-memory store.
    PurgeMemory,
    /// Metrics are counted.
    MetricsCalculate,
    /// Metrics are sent.
    MetricsPush,
    /// A certificate is renewed.
    AcmeRenew,
    /// The spam classifier is trained.
    SpamTraining,
}

impl TimedKind {
    /// Number of kinds.
    pub const COUNT: usize = 8;

    /// Every kind.
    pub const ALL: [Self; Self::COUNT] = [
        Self::PurgeAccounts,
        Self::PurgeData,
        Self::PurgeBlobs,
        Self::PurgeMemory,
        Self::MetricsCalculate,
        Self::MetricsPush,
        Self::AcmeRenew,
        Self::SpamTraining,
    ];

    /// The role that the job belongs to.
    pub const fn role(self) -> Role {
        match self {
            Self::PurgeAccounts => Role::PurgeAccounts,
            Self::PurgeData | Self::PurgeBlobs | Self::PurgeMemory => Role::PurgeStores,
            Self::MetricsCalculate => Role::MetricsCalculate,
            Self::MetricsPush => Role::MetricsPush,
            Self::AcmeRenew => Role::AcmeRenew,
            Self::SpamTraining => Role::SpamTraining,
        }
    }

    /// Position among the stores, for the purges of stores.
    pub const fn store(self) -> Option<usize> {
        match self {
            Self::PurgeData => Some(0),
            Self::PurgeBlobs => Some(1),
            Self::PurgeMemory => Some(2),
            _ => None,
        }
    }
}

/// A pending event.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Event {
    /// The processor's forecast of its next completion.
    Processed {
        /// Index of the node.
        node: u16,
        /// Number of the forecast.
        generation: u32,
    },
    /// Work that needs no processor time goes on.
    Continued(Work),
    /// A change that was published on `origin` reaches the other nodes; `first` is its first notification.
    Announced {
        /// Number of the notification.
        first: u32,
        /// Index of the node on which the change happened.
        origin: u16,
    },
    /// A database request is done.
    Stored(Work),
    /// The lock store has answered a worker.
    Locked {
        /// Index of the node.
        node: u16,
        /// Life of the node.
        epoch: u16,
        /// The worker's role.
        role: Role,
    },
    /// The lock store has released a worker's locks.
    Released {
        /// Index of the node.
        node: u16,
        /// Life of the node.
        epoch: u16,
        /// The worker's role.
        role: Role,
    },
    /// A dispatcher has slept long enough.
    Refresh {
        /// Index of the node.
        node: u16,
        /// Life of the node.
        epoch: u16,
    },
    /// The lock store has answered a dispatcher.
    DispatchLocked {
        /// Index of the node.
        node: u16,
        /// Life of the node.
        epoch: u16,
    },
    /// A task that had failed falls due again.
    TaskDue(u32),
    /// The next alert is written to the table.
    AlertWritten,
    /// The next alert falls due.
    AlertDue,
    /// A sender tries again.
    Resent(u32),
    /// A change reaches a node through the coordinator.
    Changed {
        /// Index of the node.
        node: u16,
        /// Life of the node when the change was published.
        epoch: u16,
        /// The copy that the node is to send.
        copy: u32,
    },
    /// A node looks at its postponed requests.
    PushTick {
        /// Index of the node.
        node: u16,
        /// Life of the node.
        epoch: u16,
    },
    /// A push request has failed.
    PushFailed(u32),
    /// Timed jobs fall due.
    Timers(u32),
    /// The lock store has answered a timed job.
    TimedLocked {
        /// Index of the node.
        node: u16,
        /// Life of the node.
        epoch: u16,
        /// The job.
        kind: TimedKind,
    },
    /// The lock of a timed job is released.
    TimedReleased {
        /// Index of the node.
        node: u16,
        /// Life of the node.
        epoch: u16,
        /// The job.
        kind: TimedKind,
    },
    /// The next change of the timetable of faults.
    Fault(u32),
    /// The measured span begins.
    MeasureStart,
    /// The measured span ends.
    MeasureEnd,
    /// A bin of the time line ends.
    BinEnd,
    /// A chain is over.
    ChainEnds(u32),
    /// Scans that began together are over.
    ScansEnd(u32),
}
