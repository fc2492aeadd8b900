//! What happens in a simulation, told as it happens to an [`Observer`].
//!
//! A simulation without an observer tells nothing and is not slowed down. Nodes are numbered by their
//! place in the scenario, times are nanoseconds on the simulation's clock. Tasks, messages and changes
//! have numbers that do not depend on who listens or when; those of messages, and of tasks that come
//! with messages or alerts, are the same under every layout of a scenario.

use crate::layout::Role;
use std::fmt;
use std::str::FromStr;

/// Listens to a simulation.
pub trait Observer {
    /// Something has happened; times never decrease from one call to the next.
    fn tell(&mut self, at_ns: u64, what: &What);
}

/// A task: the how manieth of its role, counted from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TaskId {
    /// Its role.
    pub role: Role,
    /// Its number among the tasks of the role.
    pub number: u64,
}

impl fmt::Display for TaskId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.role, self.number)
    }
}

impl FromStr for TaskId {
    type Err = String;

    /// The error says what would be right.
    fn from_str(text: &str) -> Result<Self, String> {
        let right = "a task is written as its role and number, such as fts-indexing:12";
        let (role, number) = text.split_once(':').ok_or(right)?;
        let named = Role::ALL.into_iter().find(|known| known.to_string() == role);
        let role = named.ok_or_else(|| {
            let near = crate::layout::closest(role, Role::ALL.iter().map(|role| role.key()));
            near.map_or_else(
                || format!("there is no role `{role}`; {right}"),
                |near| format!("there is no role `{role}`; did you mean `{near}`?"),
            )
        })?;
        match number.parse() {
            Ok(number) if number > 0 => Ok(Self { role, number }),
            _ => Err(format!("`{number}` is no number of a task; they count from 1")),
        }
    }
}

/// One notification: a change of an account, for one of its subscriptions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NotificationId {
    /// Number of the change, from 1.
    pub change: u64,
    /// Which of the account's subscriptions, from 1.
    pub subscription: u32,
}

/// Why a dispatcher reads the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WakeCause {
    /// Its node has just started.
    Start,
    /// Something on its node wrote a task.
    OwnWrite,
    /// A task that it knew of has fallen due.
    Due,
    /// A worker of its node has room.
    Room,
    /// Nothing; it has slept as long as it may.
    Refresh,
}

/// What a worker begins to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// Asks for the locks of its tasks.
    Locking,
    /// Runs on the processor.
    Running,
    /// Uses the database.
    Storing,
    /// Deletes what it has done from the table.
    Deleting,
    /// Everything is deleted (and done): it gives the locks back.
    Releasing,
    /// Waits for tasks.
    Idle,
}

/// What a timed job begins to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TimedPhase {
    /// Asks for its lock.
    Locking,
    /// Runs on the processor.
    Running,
    /// Uses the database.
    Storing,
    /// Gives its lock back.
    Releasing,
    /// It is over, or has found its lock taken.
    Ended,
}

/// Why a node did not hear of a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unheard {
    /// It was down when the change was published, or has started since.
    Down,
    /// The coordinator was down.
    Coordinator,
    /// It was subscribing again after the last message that it heard.
    Resubscribing,
    /// It was cut off from the coordinator.
    CutOff,
    /// The node on which the change happened was cut off from the coordinator.
    OriginCutOff,
    /// The coordinator lost it on the way.
    Lost,
}

/// Something that happens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// A message is handed to a node, which begins to deliver it.
    Received { message: u64, node: u16 },
    /// No node takes the message, or its node has died: the sender keeps it for later.
    Deferred { message: u64 },
    /// The message's node has processed it and writes it to the database.
    IngestStoring { message: u64, node: u16 },
    /// The message is delivered.
    Delivered { message: u64, node: u16 },
    /// A task has been thought of: it will be written when its message is delivered.
    Drawn { task: TaskId, account: u32, message: Option<u64> },
    /// A task is written to the table (an alert: falls due); `shard` from 1.
    Written { task: TaskId, account: u32, node: Option<u16>, shard: u32 },
    /// A dispatcher begins to read the table.
    ScanStarted { node: u16, cause: WakeCause },
    /// A dispatcher finds a task in the table.
    Seen { node: u16, task: TaskId },
    /// A dispatcher has read the table and found so many tasks.
    ScanEnded { node: u16, found: u64 },
    /// A dispatcher waits for room in the channel of a role.
    Blocked { node: u16, role: Role },
    /// A dispatcher asks the lock store for a task.
    DispatchLocking { node: u16, task: TaskId },
    /// A dispatcher has put away what it found.
    Asleep { node: u16 },
    /// A task enters the channel of a node, behind `ahead` others.
    Queued { node: u16, task: TaskId, ahead: u64 },
    /// A node has taken the task's lock.
    Locked { node: u16, task: TaskId, until_ns: u64 },
    /// A node has found the task's lock taken, by `owner` (`None`: the lock store does not answer).
    Refused { node: u16, task: TaskId, owner: Option<u16>, until_ns: u64 },
    /// A worker of a node begins something with these tasks.
    Worker { node: u16, role: Role, phase: Phase, tasks: Vec<TaskId> },
    /// A run has failed.
    RunFailed { node: u16, task: TaskId },
    /// A task that has failed is tried again later.
    Postponed { task: TaskId, until_ns: u64 },
    /// A task has failed too often.
    GivenUp { task: TaskId },
    /// A task that its worker held is gone from the table already: it is dropped.
    Gone { node: u16, task: TaskId },
    /// A node had this task in its memory when it died; its lock is held until then, if at all.
    Forgotten { node: u16, task: TaskId, locked_until_ns: Option<u64> },
    /// The job of a role on a node waits for a database connection.
    ConnectionAwaited { node: u16, role: Role },
    /// It has got one.
    Connected { node: u16, role: Role },
    /// A change of an account is published by a node, to so many subscriptions.
    Published { change: u64, message: Option<u64>, account: u32, node: u16, subscriptions: u32 },
    /// A node hears of a change (or knows of it) and owes the notification a copy.
    Heard { node: u16, notification: NotificationId },
    /// A node that serves the account does not hear of a change.
    NotHeard { node: u16, change: u64, reason: Unheard },
    /// A notification waits on a node for the next request of its subscription.
    Throttled { node: u16, notification: NotificationId },
    /// A node begins a request that carries these notifications.
    RequestStarted { node: u16, request: u64, notifications: Vec<NotificationId> },
    /// The request goes out; it will be answered then.
    RequestSent { node: u16, request: u64, answered_ns: u64, has_failed: bool, notifications: Vec<NotificationId> },
    /// A node gives notifications up after too many failed requests.
    Dropped { node: u16, notifications: Vec<NotificationId> },
    /// A node that owed these notifications a copy has died.
    CopiesLost { node: u16, notifications: Vec<NotificationId> },
    /// No copy of a notification is outstanding any more.
    Settled { notification: NotificationId, copies: u32 },
    /// The simulation ends while a notification, not pushed so far, may come yet.
    StillOpen { notification: NotificationId },
    /// A timed job of a node begins something, for an account if it walks over accounts.
    Timed { node: u16, job: &'static str, phase: TimedPhase, account: Option<u32> },
    /// A node dies.
    NodeDown { node: u16 },
    /// A node starts.
    NodeUp { node: u16 },
    /// A shared service goes away.
    ServiceDown { service: &'static str },
    /// It is back.
    ServiceUp { service: &'static str },
}
