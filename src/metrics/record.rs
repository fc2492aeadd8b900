//! What one simulation records: counters, latency histograms, time-weighted values, the time line.
//!
//! Roles, nodes and shards are plain indexes here; names are given to them by those who write the
//! result files. Sums are integers of nanoseconds, so that they do not depend on the order of addition.

use crate::layout::Role;
use crate::metrics::latencies::Latencies;
use crate::time::{SimDuration, SimTime};

/// What waits to be counted together: one at a time would have to wait for memory.
const BUFFER: usize = 64;

/// Latencies that wait to be counted.
const LATENCIES: usize = 1_024;

/// Counters and latencies of one role.
#[derive(Clone)]
pub struct RoleRecord {
    /// Tasks created in the measured span.
    pub created: u64,
    /// Of these, done at least once.
    pub completed: u64,
    /// Finished runs.
    pub executions: u64,
    /// Successful runs of tasks that were done already.
    pub duplicate_executions: u64,
    /// Tasks given up.
    pub failed: u64,
    /// Runs that failed.
    pub failed_executions: u64,
    /// Runs cut short by the end of their node.
    pub interrupted_executions: u64,
    /// From creation to completion.
    pub latency: Latencies,
    /// From creation to the start of the first run, summed.
    pub wait_ns: u128,
    /// Tasks whose first run has started.
    pub started: u64,
    /// Duration of finished runs, summed.
    pub service_ns: u128,
}

impl RoleRecord {
    fn new() -> Self {
        Self {
            created: 0,
            completed: 0,
            executions: 0,
            duplicate_executions: 0,
            failed: 0,
            failed_executions: 0,
            interrupted_executions: 0,
            latency: Latencies::new(3),
            wait_ns: 0,
            started: 0,
            service_ns: 0,
        }
    }
}

/// Work of one role on one node within the measured span.
#[derive(Clone, Copy, Default)]
pub struct NodeRoleRecord {
    /// Finished runs of measured tasks.
    pub executions: u64,
    /// Processor time, core-nanoseconds.
    pub busy_ns: u128,
    /// Database time, connection-nanoseconds.
    pub database_ns: u128,
    /// Time integral of the channel's length, nanoseconds.
    pub queue_integral_ns: u128,
    /// Longest the channel has been.
    pub queue_max: u64,
}

/// One node within the measured span.
#[derive(Clone, Copy, Default)]
pub struct NodeRecord {
    /// Processor time, core-nanoseconds.
    pub busy_ns: f64,
    /// Time down, nanoseconds.
    pub down_ns: u64,
    /// Messages received.
    pub messages_received: u64,
    /// Push requests sent.
    pub push_requests: u64,
}

/// One shard of one role.
#[derive(Clone)]
pub struct ShardRecord {
    /// Tasks created in the measured span.
    pub created: u64,
    /// Of these, done at least once.
    pub completed: u64,
    /// From creation to completion.
    pub latency: Latencies,
    /// Time without a live node in the measured span, nanoseconds.
    pub uncovered_ns: u64,
}

impl Default for ShardRecord {
    fn default() -> Self {
        Self { created: 0, completed: 0, latency: Latencies::new(2), uncovered_ns: 0 }
    }
}

/// Push notifications of one shard whose event lies in the measured span.
#[derive(Clone)]
pub struct PushRecord {
    /// Notifications due: changes times subscriptions.
    pub notifications: u64,
    /// Of these, delivered at least once.
    pub delivered: u64,
    /// Deliveries, counted per notification that they carry.
    pub copies: u64,
    /// Notifications never delivered.
    pub missed: u64,
    /// Requests that carry at least one measured notification.
    pub requests: u64,
    /// Of these, failed.
    pub request_failures: u64,
    /// From the change to the first delivery.
    pub latency: Latencies,
}

impl Default for PushRecord {
    fn default() -> Self {
        Self {
            notifications: 0,
            delivered: 0,
            copies: 0,
            missed: 0,
            requests: 0,
            request_failures: 0,
            latency: Latencies::new(3),
        }
    }
}

/// One bin of the time line.
#[derive(Clone, Default)]
pub struct Bin {
    /// Tasks due and not done, by role, at the end of the bin.
    pub waiting: Vec<u32>,
    /// Processor use of each node over the bin.
    pub utilization: Vec<f32>,
    /// Nodes up at the end of the bin.
    pub nodes_up: u32,
    /// Duplicate deliveries of notifications whose fate was settled in the bin.
    pub push_duplicates: u64,
    /// Notifications found to be missed in the bin.
    pub push_missed: u64,
    /// Connections in use over connections there are, over the bin.
    pub database_utilization: f64,
}

/// A set of accounts.
#[derive(Clone, Default)]
pub struct AccountSet {
    words: Vec<u64>,
    /// Accounts that are in, and not among the words yet.
    buffer: Vec<u32>,
}

impl AccountSet {
    /// An empty set of accounts below `count`.
    pub fn new(count: u32) -> Self {
        Self { words: vec![0; count.div_ceil(64) as usize], buffer: Vec::new() }
    }

    /// Puts an account in; returns whether it is new.
    pub fn insert(&mut self, account: u32) -> bool {
        let (word, bit) = (account as usize / 64, 1_u64 << (account % 64));
        let new = self.words[word] & bit == 0;
        self.words[word] |= bit;
        new
    }

    /// Puts an account in, with others some time later, so that none waits for the memory of the one before.
    #[inline]
    pub fn insert_later(&mut self, account: u32) {
        self.buffer.push(account);
        if self.buffer.len() == BUFFER {
            self.settle();
        }
    }

    /// Puts in who waits to be put in.
    pub fn settle(&mut self) {
        for number in 0..self.buffer.len() {
            self.insert(self.buffer[number]);
        }
        self.buffer.clear();
    }

    /// Takes everybody out.
    pub fn clear(&mut self) {
        self.words.fill(0);
    }

    /// How many accounts are in, by `account id % shards` where account `i` has id `first_id + i`.
    pub fn count_by_shard(&self, first_id: u32, shards: u32) -> Vec<u64> {
        debug_assert!(self.buffer.is_empty(), "somebody waits to be put in");
        let mut counts = vec![0; shards as usize];
        for (position, word) in self.words.iter().enumerate() {
            let mut rest = *word;
            while rest != 0 {
                let account = position as u64 * 64 + u64::from(rest.trailing_zeros());
                counts[((account + u64::from(first_id)) % u64::from(shards)) as usize] += 1;
                rest &= rest - 1;
            }
        }
        counts
    }
}

/// A latency that waits to be counted.
#[derive(Clone, Copy)]
struct Latency {
    duration: SimDuration,
    shard: u32,
    role: Role,
}

/// Everything that one simulation records.
#[derive(Clone)]
pub struct Record {
    /// By role.
    pub roles: Vec<RoleRecord>,
    /// By node, then role.
    pub node_roles: Vec<[NodeRoleRecord; Role::COUNT]>,
    /// By node: deliveries of messages.
    pub ingest: Vec<NodeRoleRecord>,
    /// By node.
    pub nodes: Vec<NodeRecord>,
    /// By role, then shard.
    pub shards: Vec<Vec<ShardRecord>>,
    /// By push shard.
    pub push: Vec<PushRecord>,
    /// Each shard is far away, so what happens in different ones is counted some time later.
    latencies: Vec<Latency>,
    /// Accounts that got a notification more than once.
    pub accounts_with_duplicates: AccountSet,
    /// Accounts that missed a notification.
    pub accounts_with_missed: AccountSet,
    /// The time line of the measured span.
    pub bins: Vec<Bin>,
    /// Database time in the measured span, connection-nanoseconds.
    pub database_busy_ns: f64,
    /// Messages that arrived in the measured span.
    pub messages: u64,
    /// Of these, delivered.
    pub messages_delivered: u64,
    /// Times that a sender had to try again.
    pub messages_deferred: u64,
    /// Checksum of the arrivals (times, accounts, demands): equal for layouts that met the same messages.
    pub workload_checksum: u64,
    /// Events handled.
    pub events: u64,
    /// When the simulation ended.
    pub ended: SimTime,
}

impl Record {
    /// An empty record of a cluster with `nodes` nodes, `shards[role]` shards a role, `push_shards` push
    /// shards and `accounts` accounts.
    pub fn new(nodes: usize, shards: &[u32], push_shards: u32, accounts: u32) -> Self {
        Self {
            roles: vec![RoleRecord::new(); Role::COUNT],
            node_roles: vec![[NodeRoleRecord::default(); Role::COUNT]; nodes],
            ingest: vec![NodeRoleRecord::default(); nodes],
            nodes: vec![NodeRecord::default(); nodes],
            shards: shards.iter().map(|&count| vec![ShardRecord::default(); count as usize]).collect(),
            push: vec![PushRecord::default(); push_shards as usize],
            latencies: Vec::with_capacity(LATENCIES),
            accounts_with_duplicates: AccountSet::new(accounts),
            accounts_with_missed: AccountSet::new(accounts),
            bins: Vec::new(),
            database_busy_ns: 0.0,
            messages: 0,
            messages_delivered: 0,
            messages_deferred: 0,
            workload_checksum: 0,
            events: 0,
            ended: SimTime::ZERO,
        }
    }

    /// Records the latency of something that a role has done for one of its shards.
    #[inline]
    pub fn record_latency(&mut self, role: Role, shard: u32, duration: SimDuration) {
        self.latencies.push(Latency { duration, shard, role });
        if self.latencies.len() == LATENCIES {
            self.count_latencies();
        }
    }

    /// Counts the latencies that wait.
    fn count_latencies(&mut self) {
        for Latency { duration, shard, role } in self.latencies.drain(..) {
            if role == Role::PushNotifications {
                // What becomes of notifications is added up for the role in the end.
                self.push[shard as usize].latency.record(duration);
            } else {
                self.roles[role.index()].latency.record(duration);
                self.shards[role.index()][shard as usize].latency.record(duration);
            }
        }
    }

    /// Counts all that waits.
    pub fn settle(&mut self) {
        self.count_latencies();
        self.roles.iter_mut().for_each(|role| role.latency.settle());
        self.shards.iter_mut().flatten().for_each(|shard| shard.latency.settle());
        self.push.iter_mut().for_each(|push| push.latency.settle());
        self.accounts_with_duplicates.settle();
        self.accounts_with_missed.settle();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn account_sets_count_by_shard() {
        let mut set = AccountSet::new(200);
        assert!(set.insert(3) && !set.insert(3));
        set.insert(130);
        set.insert(131);
        // Ids are 1 higher: 4, 131, 132 modulo 2.
        assert_eq!(set.count_by_shard(1, 2), vec![2, 1]);
    }
}
