//! The state of one simulated server process.

use super::balancer::Health;
use super::links::Links;
use super::processor::Processor;
use super::setup::{NodeSpec, Setup};
use super::timed::TimedState;
use crate::engine::random::{NearStream, Purpose, Streams};
use crate::layout::Role;
use crate::metrics::record::NodeRoleRecord;
use crate::time::SimTime;
use smallvec::SmallVec;
use std::collections::VecDeque;

/// What a dispatcher is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DispatcherState {
    /// It waits for a wake-up.
    Asleep,
    /// It reads the task table.
    Scanning,
    /// It waits for the lock store (locks taken at dispatch).
    Locking,
    /// It waits for room in the channel of a role.
    Blocked(Role),
}

/// What everybody looks at who wakes the dispatcher of a node. Small, and kept apart from the nodes: one alert wakes the
/// dispatchers of all nodes.
pub struct Dispatcher {
    pub state: DispatcherState,
    /// The one stored wake-up.
    pub is_woken: bool,
    /// Whether a refresh event is pending.
    pub has_alarm: bool,
    /// Whether its node is up, and whether it can reach the database.
    pub is_up: bool,
    pub reaches_database: bool,
    /// The first entry of its `seen` maps does not expire before.
    pub seen_expires: SimTime,
    /// When the scan began.
    pub scan_start: SimTime,
    /// Place of the last scan, and of the alarm that follows it, among events of equal times.
    pub scan_place: u64,
    /// When the scan ends, or has ended, that finds nothing and has no event; zero if there is none.
    pub empty_until: SimTime,
    /// When it wakes at the latest.
    pub sleep_until: SimTime,
}

impl Dispatcher {
    /// Whether it sleeps, has set its alarm and would find nothing if it woke now; `news` are the roles in whose queues
    /// there may be tasks for it, and `is_past` tells whether a time and a place lie before the present event.
    #[inline]
    pub fn finds_nothing(&self, now: SimTime, news: u16, is_past: impl Fn(SimTime, u64) -> bool) -> bool {
        self.state == DispatcherState::Asleep
            && news == 0
            && self.seen_expires > now
            && self.reaches_database
            && self.has_alarm
            && (self.empty_until < now || is_past(self.empty_until, self.scan_place))
    }

    /// The dispatcher of a node that is about to start.
    pub fn new() -> Self {
        Self {
            state: DispatcherState::Asleep,
            is_woken: false,
            has_alarm: false,
            is_up: true,
            reaches_database: true,
            seen_expires: SimTime::NEVER,
            scan_start: SimTime::ZERO,
            scan_place: 0,
            empty_until: SimTime::ZERO,
            sleep_until: SimTime::ZERO,
        }
    }
}

/// A task that a scan has found. Its role stands here too: where many tasks wait, each is far away.
#[derive(Debug, Clone, Copy)]
pub struct Found {
    pub slot: u32,
    pub role: Role,
}

/// Tasks that a scan finds: few, most of the time.
pub type Batch = SmallVec<[Found; 4]>;

/// What a dispatcher reads.
pub struct Reading {
    /// What it read and has still to put into channels, from `next_in_batch` on.
    pub batch: Batch,
    pub next_in_batch: usize,
    pub random: NearStream,
}

/// What a worker is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WorkerState {
    Idle,
    /// It waits for the lock store.
    Locking,
    /// It runs its tasks.
    Running,
    /// It deletes them from the table.
    Deleting,
    /// It releases their locks.
    Releasing,
    /// It is idle from a known moment on, which is no event: nothing waits in its channel.
    Resting,
}

/// An entry of the `seen` map: tasks in a row of their queue's log are not dispatched again before `expires`.
#[derive(Debug, Clone, Copy)]
pub struct Seen {
    pub expires: SimTime,
    /// Position of the first.
    pub from: u64,
    /// Position behind the last.
    pub to: u64,
}

/// The `seen` map of a role, in the order of expiry (all its entries live equally long). Most of the time there is one
/// entry at most: the first stands here, the rest elsewhere.
#[repr(C)]
pub struct SeenMap {
    /// Nothing if it ends at 0.
    first: Seen,
    rest: VecDeque<Seen>,
}

impl SeenMap {
    const NOTHING: Seen = Seen { expires: SimTime::NEVER, from: 0, to: 0 };

    /// An empty map.
    pub fn new() -> Self {
        Self { first: Self::NOTHING, rest: VecDeque::new() }
    }

    /// The entry that expires first.
    #[inline]
    pub fn front(&self) -> Option<Seen> {
        (self.first.to > 0).then_some(self.first)
    }

    /// Takes out the entry that expires first.
    #[inline]
    pub fn pop_front(&mut self) -> Option<Seen> {
        let first = self.front()?;
        self.first = self.rest.pop_front().unwrap_or(Self::NOTHING);
        Some(first)
    }

    /// Puts in an entry, of one task at least, that expires after all others.
    #[inline]
    pub fn push_back(&mut self, entry: Seen) {
        debug_assert!(entry.to > entry.from, "an entry is of one task at least");
        if self.first.to == 0 {
            self.first = entry;
        } else {
            self.rest.push_back(entry);
        }
    }

    /// Takes out everything.
    pub fn clear(&mut self) {
        self.first = Self::NOTHING;
        self.rest.clear();
    }
}

/// The tasks in a worker's hands: most workers take one at a time.
pub type Hands = SmallVec<[u32; 4]>;

/// One role's part of a node: what it has read, its channel, its worker. It fills whole lines of the cache, in the order in
/// which things stand here: what is used together stands together.
#[repr(C, align(64))]
pub struct RoleState {
    pub channel: VecDeque<u32>,
    /// The tasks in the worker's hands.
    pub hands: Hands,
    /// Place of the worker's present tasks among events of equal times.
    pub place: u64,

    /// What it did. Here, since it is counted when all this is looked at.
    pub record: NodeRoleRecord,

    pub worker: WorkerState,
    /// From when on a worker is idle that rests, or takes the task that is in its hands already.
    pub rests_until: SimTime,
    /// When the channel's length last changed.
    pub channel_changed: SimTime,
    /// Position up to which the dispatcher has read the queue's log.
    pub cursor: u64,
    /// The queue that the node serves, if any.
    pub queue: Option<u32>,
    /// The `seen` map; what is not its first entry stands in the next line.
    pub seen: SeenMap,

    /// Positions of tasks that found the channel full and were left for a later scan.
    pub backlog: Vec<u64>,
    /// When the run began.
    pub run_start: SimTime,
}

// Only where tests are built: it depends on the sizes of others' types, and nothing but time depends on it.
#[cfg(all(test, target_pointer_width = "64"))]
const _: () = {
    assert!(size_of::<RoleState>() == 4 * 64, "four lines of the cache");
    assert!(
        std::mem::offset_of!(RoleState, record) == 64 && std::mem::offset_of!(RoleState, worker) == 128,
        "lines of the cache"
    );
    assert!(std::mem::offset_of!(RoleState, backlog) == 192 + size_of::<VecDeque<Seen>>(), "lines of the cache");
};

/// The push service of a node.
pub struct PushState {
    /// Postponed subscriptions, in the order in which they were postponed.
    pub postponed: Vec<u32>,
    pub last_tick: SimTime,
    pub has_tick: bool,
    /// Until when the node hears nothing from the coordinator, if it has a state of its own.
    pub deaf_until: SimTime,
    /// Whether it may hear other messages of the coordinator than most nodes.
    pub is_apart: bool,
}

/// One server process.
pub struct Node {
    /// Causes that keep it down.
    pub down_causes: u32,
    /// What the load balancer believes.
    pub health: Health,
    /// What it can reach.
    pub links: Links,
    pub down_since: SimTime,
    pub up_since: SimTime,
    /// Product of all changes of speed in force.
    pub speed_factor: f64,
    pub processor: Processor,
    pub reading: Reading,
    pub roles: [RoleState; Role::COUNT],
    pub push: PushState,
    /// Apart, so that nodes are small: what is looked at often stays in the cache.
    pub timed: Box<TimedState>,
}

impl Node {
    /// A node that is about to start.
    pub fn new(index: usize, setup: &Setup, queues: &[Option<u32>], streams: Streams) -> Self {
        let entity = index as u64;
        let &NodeSpec { cores, speed, .. } = &setup.nodes[index];
        Self {
            down_causes: 0,
            health: Health::new(true),
            links: Links::default(),
            down_since: SimTime::ZERO,
            up_since: SimTime::ZERO,
            speed_factor: 1.0,
            processor: Processor::new(cores, speed),
            reading: Reading {
                batch: Batch::new(),
                next_in_batch: 0,
                random: streams.stream(Purpose::Dispatch, entity).into(),
            },
            roles: Role::ALL.map(|role| RoleState::new(queues[role.index()])),
            push: PushState {
                postponed: Vec::new(),
                last_tick: SimTime::ZERO,
                has_tick: false,
                deaf_until: SimTime::ZERO,
                is_apart: false,
            },
            timed: Box::new(TimedState::new(streams.stream(Purpose::TimedJobs, entity))),
        }
    }

    pub fn is_up(&self) -> bool {
        self.down_causes == 0
    }
}

impl RoleState {
    fn new(queue: Option<u32>) -> Self {
        Self {
            channel: VecDeque::new(),
            hands: Hands::new(),
            place: 0,
            record: NodeRoleRecord::default(),
            worker: WorkerState::Idle,
            rests_until: SimTime::ZERO,
            channel_changed: SimTime::ZERO,
            cursor: 0,
            queue,
            seen: SeenMap::new(),
            backlog: Vec::new(),
            run_start: SimTime::ZERO,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// First in, first out, wherever an entry stands: as one queue for all of them.
        #[test]
        fn the_seen_map_is_a_queue(steps in prop::collection::vec(0_u8..5, 1..100)) {
            let (mut map, mut queue) = (SeenMap::new(), VecDeque::new());
            for (number, step) in (1..).zip(steps) {
                match step {
                    0..=2 => {
                        map.push_back(Seen { expires: SimTime::ZERO, from: number - 1, to: number });
                        queue.push_back(number);
                    }
                    3 => prop_assert_eq!(map.pop_front().map(|entry| entry.to), queue.pop_front()),
                    _ if number % 8 == 0 => {
                        map.clear();
                        queue.clear();
                    }
                    _ => {}
                }
                prop_assert_eq!(map.front().map(|entry| entry.to), queue.front().copied());
            }
        }
    }
}
