//! Timed roles: purges, metrics, certificates, training as a job (server facts, section 4).
//!
//! Each node keeps its own timers from its start on; a node that is down when a timer would fire misses
//! it. A job uses the processor, then the database. The walk over accounts takes and releases a lock
//! for each account; the purge of a store runs under one lock, and a node that finds it taken skips
//! that day. `documented` keeps one timer for the cluster and gives each item to one live node.

use super::Cluster;
use super::event::{Event, TimedKind};
use super::walk::Walk;
use crate::engine::Agenda;
use crate::engine::random::Stream;
use crate::layout::Role;
use crate::server::Coordination;
use crate::time::{NANOS_PER_SECOND, SimDuration, SimTime};
use std::collections::{HashMap, VecDeque};

/// The timed jobs of one node.
pub struct TimedState {
    pub jobs: [TimedJob; TimedKind::COUNT],
    pub random: Stream,
    /// Last time at which the expensive metrics were begun.
    pub last_full_metrics: Option<SimTime>,
}

impl TimedState {
    /// Nothing running.
    pub fn new(random: Stream) -> Self {
        Self { jobs: std::array::from_fn(|_| TimedJob::default()), random, last_full_metrics: None }
    }
}

/// One timed job of a node.
#[derive(Clone, Default)]
pub struct TimedJob {
    pub is_running: bool,
    /// When it fell due.
    pub(super) due: SimTime,
    pub(super) started: SimTime,
    pub(super) is_measured: bool,
    /// Processor and database time of the item in hand.
    pub(super) cpu: SimDuration,
    pub(super) database_left: SimDuration,
    pub(super) database: SimDuration,
    /// Database requests under way.
    pub(super) requests: u32,
    /// The accounts that are still to be visited, and the one in hand.
    pub(super) walk: Walk,
    pub(super) account: Option<u32>,
    /// Certificate in hand.
    pub(super) provider: usize,
}

/// What timed jobs share.
pub(super) struct TimedShared {
    /// Who purges which account, until when.
    pub(super) account_locks: HashMap<u32, SimTime>,
    pub(super) store_locks: [SimTime; 3],
    /// The last date on which each store was purged.
    pub(super) store_done: [Option<SimTime>; 3],
    /// When each certificate is renewed next.
    pub(super) acme_due: Vec<SimTime>,
    /// Since when each certificate's renewal is due, if it is.
    pub(super) acme_open: Vec<Option<SimTime>>,
    /// The last purge of accounts: when it fell due, and who has been purged since.
    pub(super) purge_due: SimTime,
    pub(super) purged: crate::metrics::record::AccountSet,
    /// `documented`: items that no live node could take yet, and the accounts that each shard has left.
    pub(super) pending: [VecDeque<SimTime>; TimedKind::COUNT],
    pub(super) walks: Vec<Walk>,
}

/// Stands for the cluster in timers that no node keeps.
pub(super) const CLUSTER: u16 = u16::MAX;

impl TimedShared {
    pub fn new(acme_due: Vec<SimTime>, accounts: u32, purge_shards: u32) -> Self {
        Self {
            account_locks: HashMap::new(),
            store_locks: [SimTime::ZERO; 3],
            store_done: [None; 3],
            acme_open: vec![None; acme_due.len()],
            acme_due,
            purge_due: SimTime::ZERO,
            purged: crate::metrics::record::AccountSet::new(accounts),
            pending: std::array::from_fn(|_| VecDeque::new()),
            walks: vec![Walk::default(); purge_shards as usize],
        }
    }
}

impl Cluster<'_> {
    pub(super) fn exists(&self, kind: TimedKind) -> bool {
        let rules = &self.setup.rules;
        match kind {
            // Queued or not, the cluster keeps the date; nodes walk only where it is not queued.
            TimedKind::PurgeAccounts => true,
            TimedKind::SpamTraining => rules.training_interval.is_some(),
            _ => true,
        }
    }

    /// When a job that has just fallen due (or whose node starts) falls due next.
    pub(super) fn next_due(&self, node: u16, kind: TimedKind, now: SimTime, is_start: bool) -> SimTime {
        let rules = &self.setup.rules;
        let calendar = self.setup.calendar;
        // What is due at the very moment at which the simulation starts is done.
        let now_or_later = |second: u64| {
            let is_due = calendar.nanos_of_day(now) == second * NANOS_PER_SECOND;
            if is_start && now == SimTime::ZERO && is_due { now } else { calendar.next_daily(now, second) }
        };
        match kind {
            TimedKind::PurgeAccounts => now_or_later(rules.purge_accounts_at_s),
            TimedKind::PurgeData => now_or_later(rules.purge_stores_at_s[0]),
            TimedKind::PurgeBlobs => now_or_later(rules.purge_stores_at_s[1]),
            TimedKind::PurgeMemory => now_or_later(rules.purge_stores_at_s[2]),
            // Metrics are counted when the server starts (log of a real server), then at intervals.
            TimedKind::MetricsCalculate if is_start => now,
            TimedKind::MetricsCalculate => now + rules.metrics_interval,
            TimedKind::MetricsPush => now + rules.metrics_push_interval,
            TimedKind::SpamTraining => rules.training_interval.map_or(SimTime::NEVER, |interval| now + interval),
            TimedKind::AcmeRenew => {
                let served = (0..self.timed.acme_due.len()).filter(|&p| self.serves_certificate(node, p));
                served.map(|provider| self.timed.acme_due[provider].max(now)).min().unwrap_or(SimTime::NEVER)
            }
        }
    }

    pub(super) fn serves_certificate(&self, node: u16, provider: usize) -> bool {
        let coverage = self.setup.coverage(Role::AcmeRenew);
        node == CLUSTER || coverage.assignments[node as usize].serves(certificate_hash(provider))
    }

    /// Timers of the cluster: the days of the purges (what falls due is counted even if no node is there to
    /// do it), what the scheduler writes and, in `documented`, everything.
    pub(super) fn start_cluster_timers(&mut self, agenda: &mut Agenda<Event>) {
        for kind in TimedKind::ALL {
            let keeps_all = self.setup.rules.timed == Coordination::Once;
            let is_daily = kind == TimedKind::PurgeAccounts || kind.store().is_some();
            if self.exists(kind) && (keeps_all || is_daily || self.is_queued(kind)) {
                self.set_timer(CLUSTER, kind, true, agenda);
            }
        }
    }

    /// A node has started: it sets its own timers, or takes what waited for it.
    pub(super) fn timed_starts(&mut self, node: u16, agenda: &mut Agenda<Event>) {
        if self.setup.rules.timed == Coordination::Once {
            self.join_walk(node, agenda);
            self.take_pending(agenda);
            return;
        }
        for kind in TimedKind::ALL {
            let is_enabled = self.setup.coverage(kind.role()).assignments[node as usize].is_enabled();
            if self.exists(kind) && is_enabled && !self.is_queued(kind) {
                self.set_timer(node, kind, true, agenda);
            }
        }
    }

    /// A timer fires.
    pub(super) fn timer_fires(&mut self, node: u16, epoch: u16, kind: TimedKind, agenda: &mut Agenda<Event>) {
        let now = agenda.now();
        if node == CLUSTER {
            self.cluster_timer_fires(kind, agenda);
            return;
        }
        if self.epochs[node as usize] != epoch {
            return;
        }
        if kind != TimedKind::AcmeRenew {
            self.set_timer(node, kind, false, agenda);
        }
        // A job that is still running when it falls due again goes on; this time is skipped.
        if !self.nodes[node as usize].timed.jobs[kind as usize].is_running {
            self.begin_job(node, kind, now, agenda);
        }
    }

    pub(super) fn cluster_timer_fires(&mut self, kind: TimedKind, agenda: &mut Agenda<Event>) {
        let now = agenda.now();
        if kind != TimedKind::AcmeRenew {
            self.set_timer(CLUSTER, kind, false, agenda);
        }
        if self.is_queued(kind) {
            self.schedule(kind, agenda);
            return;
        }
        if kind == TimedKind::PurgeAccounts {
            self.purge_day_begins(now);
        }
        let is_measured = self.setup.is_measured(now);
        if self.setup.rules.timed != Coordination::Once {
            if is_measured && kind.store().is_some() {
                self.count_created(kind, 0);
            }
            return;
        }
        if kind == TimedKind::PurgeAccounts {
            for shard in 0..self.timed.walks.len() as u32 {
                self.timed.walks[shard as usize] = self.new_walk(shard, None);
            }
            for node in 0..self.nodes.len() as u16 {
                self.join_walk(node, agenda);
            }
            return;
        }
        if is_measured && kind != TimedKind::AcmeRenew {
            self.count_created(kind, 0);
        }
        self.timed.pending[kind as usize].push_back(now);
        self.take_pending(agenda);
    }

    /// A node has died: its jobs are gone; `documented` gives what it had in hand to another one.
    pub(super) fn timed_dies(&mut self, node: u16, agenda: &mut Agenda<Event>) {
        for kind in TimedKind::ALL {
            let job = self.nodes[node as usize].timed.jobs[kind as usize].clone();
            if !job.is_running {
                continue;
            }
            if job.is_measured {
                self.record.roles[kind.role().index()].interrupted_executions += 1;
            }
            self.end_job(node, kind);
            if self.setup.rules.timed == Coordination::Once {
                match job.account {
                    Some(account) => {
                        let shard = self.setup.coverage(Role::PurgeAccounts).shards_of(node as usize).start;
                        self.timed.walks[shard as usize].give_back(account);
                        for other in 0..self.nodes.len() as u16 {
                            self.join_walk(other, agenda);
                        }
                    }
                    None => self.timed.pending[kind as usize].push_back(job.due),
                }
            }
        }
        self.nodes[node as usize].timed.last_full_metrics = None;
        self.take_pending(agenda);
    }

    /// `documented`: gives what is due to live nodes that serve it and do not run such a job already.
    pub(super) fn take_pending(&mut self, agenda: &mut Agenda<Event>) {
        for kind in TimedKind::ALL {
            while let (Some(&due), Some(node)) = (self.timed.pending[kind as usize].front(), self.free_node(kind)) {
                self.timed.pending[kind as usize].pop_front();
                self.begin_job(node, kind, due, agenda);
            }
        }
    }

    fn free_node(&self, kind: TimedKind) -> Option<u16> {
        let coverage = self.setup.coverage(kind.role());
        let shard = kind.store().map_or(0, |store| store as u32 % coverage.shards) as usize;
        let is_free = |node: &u16| {
            let state = &self.nodes[*node as usize];
            state.is_up() && !state.timed.jobs[kind as usize].is_running
        };
        if kind == TimedKind::AcmeRenew {
            coverage.members.iter().flatten().copied().find(is_free)
        } else {
            coverage.members[shard].iter().copied().find(is_free)
        }
    }
}

/// Stands in for the hash of a certificate provider's id (server facts, section 1.1).
pub(super) fn certificate_hash(provider: usize) -> u64 {
    xxhash_rust::xxh3::xxh3_64_with_seed(&(provider as u64).to_be_bytes(), 191_179)
}
