//! Timed roles: purges, metrics, certificates, training as a job (server facts, section 4).
//!
//! Each node keeps its own timers from its start on; a node that is down when a timer would fire misses
//! it. A job uses the processor, then the database. The walk over accounts takes and releases a lock
//! for each account; the purge of a store runs under one lock, and a node that finds it taken skips
//! that day. `documented` keeps one timer for the cluster and gives each item to one live node.

use super::Cluster;
use super::certificates::certificate_hash;
use super::event::{Event, TimedKind};
use super::walk::Walk;
use crate::engine::Agenda;
use crate::engine::random::{Purpose, Stream, Streams};
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
    /// Whether the item in hand will fail.
    pub(super) fails: bool,
}

/// Something that has fallen due for a timed job.
#[derive(Clone, Copy)]
pub(super) struct DueItem {
    pub(super) due: SimTime,
    /// Which certificate, if it is one.
    pub(super) provider: usize,
}

/// What timed jobs share.
pub(super) struct TimedShared {
    /// Who purges which account, until when.
    pub(super) account_locks: HashMap<u32, SimTime>,
    pub(super) store_locks: [SimTime; 3],
    /// The last date on which each store was purged.
    pub(super) store_done: [Option<SimTime>; 3],
    /// When each certificate falls due, or is tried again.
    pub(super) acme_due: Vec<SimTime>,
    /// Since when each certificate's renewal is due, if it is known to be.
    pub(super) acme_open: Vec<Option<SimTime>>,
    /// `documented`: whether each certificate waits for a node or is in the hands of one.
    pub(super) acme_given: Vec<bool>,
    /// Demands, by kind of job.
    pub(super) demands: [Stream; TimedKind::COUNT],
    /// The last purge of accounts: when it fell due, and who has been purged since.
    pub(super) purge_due: SimTime,
    pub(super) purged: crate::metrics::record::AccountSet,
    /// `documented`: what waits for a node, and the accounts that each shard has left.
    pub(super) pending: [VecDeque<DueItem>; TimedKind::COUNT],
    pub(super) walks: Vec<Walk>,
}

/// Stands for the cluster in timers that no node keeps.
pub(super) const CLUSTER: u16 = u16::MAX;

impl TimedShared {
    pub fn new(acme_due: Vec<SimTime>, accounts: u32, purge_shards: u32, streams: Streams) -> Self {
        Self {
            account_locks: HashMap::new(),
            store_locks: [SimTime::ZERO; 3],
            store_done: [None; 3],
            acme_open: vec![None; acme_due.len()],
            acme_given: vec![false; acme_due.len()],
            acme_due,
            demands: TimedKind::ALL.map(|kind| streams.stream(Purpose::TimedDemands, kind as u64)),
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
            TimedKind::AcmeRenew => self.next_renewal(node, now),
        }
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
            if kind == TimedKind::AcmeRenew {
                self.renew_next(node, agenda);
            } else {
                self.begin_job(node, kind, DueItem { due: now, provider: 0 }, agenda);
            }
        }
    }

    pub(super) fn cluster_timer_fires(&mut self, kind: TimedKind, agenda: &mut Agenda<Event>) {
        let now = agenda.now();
        if kind == TimedKind::AcmeRenew {
            self.renewals_fall_due(agenda);
            return;
        }
        self.set_timer(CLUSTER, kind, false, agenda);
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
        if is_measured {
            self.count_created(kind, 0);
        }
        self.timed.pending[kind as usize].push_back(DueItem { due: now, provider: 0 });
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
                    None => {
                        let item = DueItem { due: job.due, provider: job.provider };
                        self.timed.pending[kind as usize].push_back(item);
                    }
                }
            }
        }
        self.nodes[node as usize].timed.last_full_metrics = None;
        self.take_pending(agenda);
    }

    /// `documented`: gives what is due to live nodes that serve it and do not run such a job already.
    pub(super) fn take_pending(&mut self, agenda: &mut Agenda<Event>) {
        for kind in TimedKind::ALL {
            while let Some((place, node)) = self.next_pending(kind) {
                let Some(item) = self.timed.pending[kind as usize].remove(place) else { break };
                self.begin_job(node, kind, item, agenda);
            }
        }
    }

    /// The first item of a kind that a node is free for, by its place among those that wait, and the node.
    fn next_pending(&self, kind: TimedKind) -> Option<(usize, u16)> {
        let items = &self.timed.pending[kind as usize];
        // Certificates have shards of their own; all else of a kind waits for the same nodes.
        let looked_at = if kind == TimedKind::AcmeRenew { items.len() } else { 1 };
        let mut items = items.iter().take(looked_at).enumerate();
        items.find_map(|(place, item)| Some((place, self.free_node(kind, item.provider)?)))
    }

    fn free_node(&self, kind: TimedKind, provider: usize) -> Option<u16> {
        let is_free = |node: &u16| {
            let state = &self.nodes[*node as usize];
            state.is_up() && !state.timed.jobs[kind as usize].is_running
        };
        self.members_of_item(kind, provider).iter().copied().find(is_free)
    }

    /// The nodes of an item's shard, where each item is one shard's.
    fn members_of_item(&self, kind: TimedKind, provider: usize) -> &[u16] {
        let coverage = self.setup.coverage(kind.role());
        let shard = match (kind, kind.store()) {
            (TimedKind::AcmeRenew, _) => coverage.shard_of(certificate_hash(provider)),
            (_, Some(store)) => store as u32 % coverage.shards,
            _ => 0,
        };
        &coverage.members[shard as usize]
    }

    /// Whether measured work is due that is neither done nor running and will be done as soon as it can: it waits for a
    /// node, or for the next try.
    pub(super) fn has_timed_work(&self) -> bool {
        let is_due = |kind: TimedKind, item: &DueItem| {
            self.setup.is_measured(item.due) && !self.members_of_item(kind, item.provider).is_empty()
        };
        let timed = &self.timed;
        let waits = |kind: TimedKind| timed.pending[kind as usize].iter().any(|item| is_due(kind, item));
        let is_overdue = |(provider, &next): (usize, &SimTime)| {
            is_due(TimedKind::AcmeRenew, &DueItem { due: timed.acme_open[provider].unwrap_or(next), provider })
        };
        let purges = self.setup.coverage(Role::PurgeAccounts).members.iter().zip(&timed.walks);
        TimedKind::ALL.into_iter().any(waits)
            || timed.acme_due.iter().enumerate().any(is_overdue)
            || self.setup.is_measured(timed.purge_due)
                && purges.into_iter().any(|(members, walk)| !members.is_empty() && !walk.is_over())
    }
}
