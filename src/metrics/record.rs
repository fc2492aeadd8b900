//! What one simulation records: counters, latency histograms, time-weighted values, the time line.
//!
//! Roles, nodes and shards are plain indexes here; names are given to them by those who write the
//! result files. Sums are integers of nanoseconds, so that they do not depend on the order of addition.

use crate::layout::Role;
use crate::time::{SimDuration, SimTime};
use hdrhistogram::Histogram;
use std::borrow::Cow;

/// Values that wait to be counted together: each histogram is so large that one value at a time would have to wait for
/// memory.
const BUFFER: usize = 64;

/// Latencies: an HDR histogram in microseconds (three digits) with exact count, sum and maximum.
#[derive(Clone)]
pub struct Latencies {
    histogram: Option<Histogram<u32>>,
    /// In nanoseconds, not counted yet.
    buffer: Vec<u64>,
    digits: u8,
    sum_ns: u128,
    min_ns: u64,
    max_ns: u64,
    count: u64,
}

impl Latencies {
    /// No latencies yet; quantiles will have `digits` significant digits (1 to 5).
    pub fn new(digits: u8) -> Self {
        Self { histogram: None, buffer: Vec::new(), digits, sum_ns: 0, min_ns: u64::MAX, max_ns: 0, count: 0 }
    }

    /// Records one latency.
    #[inline]
    pub fn record(&mut self, latency: SimDuration) {
        self.buffer.push(latency.as_nanos());
        if self.buffer.len() == BUFFER {
            self.settle();
        }
    }

    /// Counts what waits.
    pub fn settle(&mut self) {
        if self.histogram.is_none() {
            self.histogram = Histogram::new(self.digits).ok();
        }
        for &nanos in &self.buffer {
            self.count += 1;
            self.sum_ns += u128::from(nanos);
            self.min_ns = self.min_ns.min(nanos);
            self.max_ns = self.max_ns.max(nanos);
        }
        if let Some(histogram) = &mut self.histogram {
            for nanos in self.buffer.drain(..) {
                // Half a microsecond rounds up. The histogram grows by itself, so recording cannot fail.
                let recorded = histogram.record((nanos + 500) / 1_000);
                debug_assert!(recorded.is_ok(), "histograms that resize take every value");
            }
        }
    }

    /// All that was recorded, counted.
    fn settled(&self) -> Cow<'_, Self> {
        if self.buffer.is_empty() {
            return Cow::Borrowed(self);
        }
        let mut settled = self.clone();
        settled.settle();
        Cow::Owned(settled)
    }

    /// Adds what another simulation recorded.
    pub fn merge(&mut self, other: &Self) {
        self.count += other.count;
        self.sum_ns += other.sum_ns;
        self.min_ns = self.min_ns.min(other.min_ns);
        self.max_ns = self.max_ns.max(other.max_ns);
        match (&mut self.histogram, &other.histogram) {
            (Some(own), Some(theirs)) => {
                // Both grow by themselves, so the addition cannot fail.
                let added = own.add(theirs);
                debug_assert!(added.is_ok(), "histograms that resize always add");
            }
            (None, Some(theirs)) => self.histogram = Some(theirs.clone()),
            (_, None) => {}
        }
        self.buffer.extend(&other.buffer);
        self.settle();
    }

    /// Number of latencies.
    pub fn count(&self) -> u64 {
        self.count + self.buffer.len() as u64
    }

    /// Mean in seconds.
    pub fn mean_s(&self) -> Option<f64> {
        let Self { sum_ns, count, .. } = *self.settled();
        (count > 0).then(|| sum_ns as f64 / count as f64 / 1e9)
    }

    /// Largest in seconds.
    pub fn max_s(&self) -> Option<f64> {
        let Self { max_ns, count, .. } = *self.settled();
        (count > 0).then(|| max_ns as f64 / 1e9)
    }

    /// The latency in seconds that a share `quantile` of all does not exceed, to the histogram's resolution, and never
    /// outside of what was recorded.
    pub fn quantile_s(&self, quantile: f64) -> Option<f64> {
        let settled = self.settled();
        let histogram = settled.histogram.as_ref().filter(|_| settled.count > 0)?;
        let value = histogram.value_at_quantile(quantile);
        let middle = histogram.median_equivalent(value) as f64 / 1e6;
        Some(middle.clamp(settled.min_ns as f64 / 1e9, settled.max_ns as f64 / 1e9))
    }
}

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
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 1 ms to 1,000 ms: mean 500.5 ms, p50 500 ms, p99 990 ms within the histogram's 0.1 %.
    #[test]
    fn latencies_of_a_known_list() {
        let mut latencies = Latencies::new(3);
        for millis in 1..=1_000 {
            latencies.record(SimDuration::from_millis(millis));
        }
        assert_eq!(latencies.mean_s(), Some(0.5005));
        assert_eq!(latencies.max_s(), Some(1.0));
        let close = |quantile, value: f64| {
            let got = latencies.quantile_s(quantile).expect("there are values");
            assert!((got - value).abs() <= value * 1e-3, "{quantile}: {got}");
        };
        close(0.5, 0.5);
        close(0.99, 0.99);
        assert_eq!(Latencies::new(3).quantile_s(0.5), None);
    }

    /// Three parts of 10 ms to 100 ms, of 3, 3 and 4 values, none enough to fill the buffer: merged, p50 is 50 ms and p90 is
    /// 90 ms, within 0.1 %.
    #[test]
    fn what_waits_for_the_histogram_is_merged() {
        let mut merged = Latencies::new(3);
        for part in [1..=3, 4..=6, 7..=10] {
            let mut latencies = Latencies::new(3);
            part.for_each(|tens| latencies.record(SimDuration::from_millis(10 * tens)));
            merged.merge(&latencies);
        }
        for (quantile, value) in [(0.5, 0.05), (0.9, 0.09)] {
            let got = merged.quantile_s(quantile).expect("there are values");
            assert!((got - value).abs() <= value * 1e-3, "{quantile}: {got}");
        }
    }

    /// 5.0003 s three times: every quantile is 5.0003 s, though the histogram's bucket reaches from 4.997 to 5.001 s.
    #[test]
    fn quantiles_lie_within_what_was_recorded() {
        let mut latencies = Latencies::new(2);
        for _ in 0..3 {
            latencies.record(SimDuration::from_nanos(5_000_300_000));
        }
        for quantile in [0.5, 0.9, 0.99, 0.999] {
            assert_eq!(latencies.quantile_s(quantile), Some(5.0003));
        }
    }

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
