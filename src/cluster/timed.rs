//! Timed roles: purges, metrics, certificates, training as a job (server facts, section 4).
//!
//! Each node keeps its own timers from its start on; a node that is down when a timer would fire misses
//! it. A job uses the processor, then the database. The walk over accounts takes and releases a lock
//! for each account; the purge of a store runs under one lock, and a node that finds it taken skips
//! that day. `documented` keeps one timer for the cluster and gives each item to one live node.

use super::Cluster;
use super::event::{Event, Job, TimedKind};
use super::walk::Walk;
use crate::engine::Agenda;
use crate::engine::random::Stream;
use crate::layout::Role;
use crate::server::Coordination;
use crate::time::{SimDuration, SimTime};
use crate::workload::happens;
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
    due: SimTime,
    started: SimTime,
    is_measured: bool,
    /// Processor and database time of the item in hand.
    cpu: SimDuration,
    database_left: SimDuration,
    database: SimDuration,
    /// Database requests under way.
    requests: u32,
    /// The accounts that are still to be visited, and the one in hand.
    walk: Walk,
    account: Option<u32>,
    /// Certificate in hand.
    provider: usize,
}

/// What timed jobs share.
pub(super) struct TimedShared {
    /// Who purges which account, until when.
    account_locks: HashMap<u32, SimTime>,
    store_locks: [SimTime; 3],
    /// When each store was last counted as due, and as purged.
    store_created: [Option<SimTime>; 3],
    store_done: [Option<SimTime>; 3],
    /// When each certificate is renewed next.
    acme_due: Vec<SimTime>,
    acme_created: Vec<Option<SimTime>>,
    /// The last purge of accounts: when it fell due, and who has been purged since.
    purge_due: SimTime,
    purged: crate::metrics::record::AccountSet,
    /// `documented`: items that no live node could take yet, and the accounts that each shard has left.
    pending: [VecDeque<SimTime>; TimedKind::COUNT],
    walks: Vec<Walk>,
}

/// Stands for the cluster in timers that no node keeps.
pub(super) const CLUSTER: u16 = u16::MAX;

impl TimedShared {
    pub fn new(acme_due: Vec<SimTime>, accounts: u32, purge_shards: u32) -> Self {
        Self {
            account_locks: HashMap::new(),
            store_locks: [SimTime::ZERO; 3],
            store_created: [None; 3],
            store_done: [None; 3],
            acme_created: vec![None; acme_due.len()],
            acme_due,
            purge_due: SimTime::ZERO,
            purged: crate::metrics::record::AccountSet::new(accounts),
            pending: std::array::from_fn(|_| VecDeque::new()),
            walks: vec![Walk::default(); purge_shards as usize],
        }
    }
}

impl Cluster<'_> {
    fn exists(&self, kind: TimedKind) -> bool {
        let rules = &self.setup.rules;
        match kind {
            // Queued or not, the cluster keeps the date; nodes walk only where it is not queued.
            TimedKind::PurgeAccounts => true,
            TimedKind::SpamTraining => rules.training_interval.is_some(),
            _ => true,
        }
    }

    /// When a job that has just fallen due (or whose node starts) falls due next.
    fn next_due(&self, node: u16, kind: TimedKind, now: SimTime, is_start: bool) -> SimTime {
        let rules = &self.setup.rules;
        let calendar = self.setup.calendar;
        match kind {
            TimedKind::PurgeAccounts => calendar.next_daily(now, rules.purge_accounts_at_s),
            TimedKind::PurgeData => calendar.next_daily(now, rules.purge_stores_at_s[0]),
            TimedKind::PurgeBlobs => calendar.next_daily(now, rules.purge_stores_at_s[1]),
            TimedKind::PurgeMemory => calendar.next_daily(now, rules.purge_stores_at_s[2]),
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

    fn serves_certificate(&self, node: u16, provider: usize) -> bool {
        let coverage = self.setup.coverage(Role::AcmeRenew);
        node == CLUSTER || coverage.assignments[node as usize].serves(certificate_hash(provider))
    }

    fn set_timer(&mut self, node: u16, kind: TimedKind, is_start: bool, agenda: &mut Agenda<Event>) {
        let at = self.next_due(node, kind, agenda.now(), is_start);
        if at < SimTime::NEVER {
            let epoch = if node == CLUSTER { 0 } else { self.nodes[node as usize].epoch };
            agenda.at(at, Event::Timer { node, epoch, kind });
        }
    }

    /// Timers of the cluster: the day of the purge of accounts and, in `documented`, everything.
    pub(super) fn start_cluster_timers(&mut self, agenda: &mut Agenda<Event>) {
        for kind in TimedKind::ALL {
            let keeps_all = self.setup.rules.timed == Coordination::Once;
            if self.exists(kind) && (keeps_all || kind == TimedKind::PurgeAccounts) {
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
            let is_queued = kind == TimedKind::PurgeAccounts && self.setup.rules.purge_accounts_queued;
            let is_enabled = self.setup.coverage(kind.role()).assignments[node as usize].is_enabled();
            if self.exists(kind) && is_enabled && !is_queued {
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
        if self.nodes[node as usize].epoch != epoch {
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

    fn cluster_timer_fires(&mut self, kind: TimedKind, agenda: &mut Agenda<Event>) {
        let now = agenda.now();
        if kind != TimedKind::AcmeRenew {
            self.set_timer(CLUSTER, kind, false, agenda);
        }
        if kind == TimedKind::PurgeAccounts && self.setup.rules.purge_accounts_queued {
            self.write_purge_tasks(agenda);
            return;
        }
        if kind == TimedKind::PurgeAccounts {
            self.purge_day_begins(now);
        }
        if self.setup.rules.timed != Coordination::Once {
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
        if self.setup.is_measured(now) && kind != TimedKind::AcmeRenew {
            self.record.roles[kind.role().index()].created += 1;
            self.count_created_shard(kind, 0);
        }
        self.timed.pending[kind as usize].push_back(now);
        self.take_pending(agenda);
    }

    /// All accounts fall due for purging.
    fn purge_day_begins(&mut self, now: SimTime) {
        self.timed.purge_due = now;
        self.timed.purged.clear();
        if !self.setup.is_measured(now) {
            return;
        }
        let role = Role::PurgeAccounts.index();
        self.record.roles[role].created += u64::from(self.setup.workload.accounts);
        let shards = self.setup.coverage[role].shards;
        for shard in 0..shards {
            let count = u64::from(self.accounts_of_shard(shard, shards));
            self.record.shards[role][shard as usize].created += count;
        }
    }

    /// Number of accounts whose id is `shard` modulo `shards`.
    pub(super) fn accounts_of_shard(&self, shard: u32, shards: u32) -> u32 {
        let first = self.first_of_shard(shard, shards);
        let accounts = self.setup.workload.accounts;
        if first >= accounts { 0 } else { (accounts - first).div_ceil(shards) }
    }

    /// Index of the first account whose id is `shard` modulo `shards`.
    fn first_of_shard(&self, shard: u32, shards: u32) -> u32 {
        (shard + shards - self.setup.workload.first_account_id % shards) % shards
    }

    /// The accounts of a shard in an order drawn from the node's own stream, or in ascending order.
    fn new_walk(&mut self, shard: u32, node: Option<u16>) -> Walk {
        let shards = self.setup.coverage(Role::PurgeAccounts).shards;
        let count = self.accounts_of_shard(shard, shards);
        let first = self.first_of_shard(shard, shards);
        let random = node.map(|node| &mut self.nodes[node as usize].timed.random);
        Walk::new(first, shards, count, random)
    }

    fn begin_job(&mut self, node: u16, kind: TimedKind, due: SimTime, agenda: &mut Agenda<Event>) {
        let now = agenda.now();
        let is_measured = self.setup.is_measured(due);
        let is_once = self.setup.rules.timed == Coordination::Once;
        let mut job = TimedJob { is_running: true, due, started: now, is_measured, ..TimedJob::default() };
        match kind {
            TimedKind::PurgeAccounts if !is_once => {
                let shard = self.setup.coverage(Role::PurgeAccounts).shards_of(node as usize).start;
                job.walk = self.new_walk(shard, Some(node));
            }
            TimedKind::AcmeRenew => {
                let due_now = |p: &usize| self.timed.acme_due[*p] <= now && self.serves_certificate(node, *p);
                let Some(provider) = (0..self.timed.acme_due.len()).find(due_now) else {
                    self.set_timer(node, kind, false, agenda);
                    return;
                };
                job.provider = provider;
                let first = self.timed.acme_created[provider].replace(self.timed.acme_due[provider])
                    != Some(self.timed.acme_due[provider]);
                if first && is_measured {
                    self.record.roles[Role::AcmeRenew.index()].created += 1;
                    self.count_created_shard(kind, certificate_hash(provider));
                }
            }
            _ if is_once => {}
            _ => {
                let first = match kind.store() {
                    Some(store) => self.timed.store_created[store].replace(due) != Some(due),
                    None => true,
                };
                if first && is_measured && kind != TimedKind::PurgeAccounts {
                    self.record.roles[kind.role().index()].created += 1;
                    self.count_created_shard(kind, 0);
                }
            }
        }
        if is_measured {
            self.open_timed += 1;
        }
        let has_lock = !is_once && (kind == TimedKind::PurgeAccounts || kind.store().is_some());
        self.nodes[node as usize].timed.jobs[kind as usize] = job;
        if kind == TimedKind::PurgeAccounts {
            self.next_account(node, agenda);
        } else if has_lock {
            self.ask_for_lock(node, kind, agenda);
        } else {
            self.start_item(node, kind, agenda);
        }
    }

    fn count_created_shard(&mut self, kind: TimedKind, key: u64) {
        let role = kind.role().index();
        let shard = if kind == TimedKind::AcmeRenew { self.setup.coverage[role].shard_of(key) } else { 0 };
        self.record.shards[role][shard as usize].created += 1;
    }

    fn ask_for_lock(&mut self, node: u16, kind: TimedKind, agenda: &mut Agenda<Event>) {
        let epoch = self.nodes[node as usize].epoch;
        agenda.after(self.setup.costs.lock_round_trip, Event::TimedLocked { node, epoch, kind });
    }

    /// The walk goes on to the next account, or is over.
    fn next_account(&mut self, node: u16, agenda: &mut Agenda<Event>) {
        let kind = TimedKind::PurgeAccounts;
        let is_once = self.setup.rules.timed == Coordination::Once;
        let walk = if is_once {
            let shard = self.setup.coverage(Role::PurgeAccounts).shards_of(node as usize).start;
            &mut self.timed.walks[shard as usize]
        } else {
            &mut self.nodes[node as usize].timed.jobs[kind as usize].walk
        };
        let next = walk.next();
        self.nodes[node as usize].timed.jobs[kind as usize].account = next;
        match next {
            None => self.end_job(node, kind),
            Some(_) if is_once => self.start_item(node, kind, agenda),
            Some(_) => self.ask_for_lock(node, kind, agenda),
        }
    }

    /// The lock store has answered.
    pub(super) fn timed_locked(&mut self, node: u16, epoch: u16, kind: TimedKind, agenda: &mut Agenda<Event>) {
        if self.nodes[node as usize].epoch != epoch {
            return;
        }
        let now = agenda.now();
        let expires = now + self.setup.rules.purge_lock_time;
        let is_available = self.lock_store_outages == 0;
        let account = self.nodes[node as usize].timed.jobs[kind as usize].account;
        let taken = match (kind.store(), account) {
            (Some(store), _) => {
                let lock = &mut self.timed.store_locks[store];
                let free = is_available && *lock <= now;
                if free {
                    *lock = expires;
                }
                free
            }
            (None, Some(account)) => {
                let free = is_available && self.timed.account_locks.get(&account).is_none_or(|until| *until <= now);
                if free {
                    self.timed.account_locks.insert(account, expires);
                }
                free
            }
            (None, None) => false,
        };
        if taken {
            self.start_item(node, kind, agenda);
        } else if kind == TimedKind::PurgeAccounts {
            self.next_account(node, agenda);
        } else {
            self.end_job(node, kind);
        }
    }

    /// Draws what the item in hand needs, and begins with the processor.
    fn start_item(&mut self, node: u16, kind: TimedKind, agenda: &mut Agenda<Event>) {
        let now = agenda.now();
        let setup = self.setup;
        let state = &mut self.nodes[node as usize].timed;
        let is_full = kind == TimedKind::MetricsCalculate
            && state.last_full_metrics.is_none_or(|last| now.since(last) >= setup.rules.metrics_full_interval);
        let demand = if is_full { &setup.costs.metrics_full } else { &setup.costs.tasks[kind.role().index()] };
        if is_full {
            state.last_full_metrics = Some(now);
        }
        let job = &mut state.jobs[kind as usize];
        job.started = now;
        job.cpu = demand.cpu.duration(&mut state.random);
        job.database = demand.database.duration(&mut state.random);
        job.database_left = job.database;
        let (cpu, due, is_measured) = (job.cpu, job.due, job.is_measured);
        if is_measured {
            let record = &mut self.record.roles[kind.role().index()];
            record.wait_ns += u128::from(now.since(due).as_nanos());
            record.started += 1;
        }
        self.use_processor(node, cpu, Job::Timed(kind), agenda);
    }

    /// The processor part is over: on to the database.
    pub(super) fn timed_processed(&mut self, node: u16, kind: TimedKind, agenda: &mut Agenda<Event>) {
        let cpu = self.nodes[node as usize].timed.jobs[kind as usize].cpu;
        self.note_busy(node, kind.role(), cpu, agenda.now());
        let streams = if kind.store().is_some() { self.setup.costs.purge_parallel.max(1) } else { 1 };
        self.nodes[node as usize].timed.jobs[kind as usize].requests = streams;
        for _ in 0..streams {
            self.next_request(node, kind, agenda);
        }
    }

    /// One of the job's streams of database requests goes on, or ends.
    fn next_request(&mut self, node: u16, kind: TimedKind, agenda: &mut Agenda<Event>) {
        let length = if kind.store().is_some() { self.setup.costs.purge_request } else { SimDuration::MAX };
        let job = &mut self.nodes[node as usize].timed.jobs[kind as usize];
        let request = job.database_left.min(length);
        if request.is_zero() {
            job.requests -= 1;
            if job.requests == 0 {
                self.item_done(node, kind, agenda);
            }
            return;
        }
        job.database_left = SimDuration::from_nanos(job.database_left.as_nanos() - request.as_nanos());
        self.use_database(node, request, Job::Timed(kind), agenda);
    }

    /// A database request of a timed job is done.
    pub(super) fn timed_stored(&mut self, node: u16, kind: TimedKind, agenda: &mut Agenda<Event>) {
        self.next_request(node, kind, agenda);
    }

    fn item_done(&mut self, node: u16, kind: TimedKind, agenda: &mut Agenda<Event>) {
        let now = agenda.now();
        let job = &self.nodes[node as usize].timed.jobs[kind as usize];
        let (database, started, is_measured, provider) = (job.database, job.started, job.is_measured, job.provider);
        self.note_database(node, kind.role(), database, now);
        let fails = {
            let probability = self.setup.costs.tasks[kind.role().index()].failure_probability;
            happens(probability, &mut self.nodes[node as usize].timed.random)
        };
        if is_measured {
            let record = &mut self.record.roles[kind.role().index()];
            record.executions += 1;
            record.service_ns += u128::from(now.since(started).as_nanos());
            record.failed_executions += u64::from(fails);
            self.record.node_roles[node as usize][kind.role().index()].executions += 1;
        }
        let first = self.is_first_completion(node, kind, fails, now);
        if let (true, Some(first)) = (is_measured && !fails, first) {
            self.record_timed(node, kind, provider, first, now);
        }
        let is_once = self.setup.rules.timed == Coordination::Once;
        if !is_once && (kind == TimedKind::PurgeAccounts || kind.store().is_some()) {
            let epoch = self.nodes[node as usize].epoch;
            agenda.after(self.setup.costs.lock_round_trip, Event::TimedReleased { node, epoch, kind });
        } else if kind == TimedKind::PurgeAccounts {
            self.next_account(node, agenda);
        } else {
            self.end_job(node, kind);
            if kind == TimedKind::AcmeRenew {
                let keeper = if is_once { CLUSTER } else { node };
                self.set_timer(keeper, kind, false, agenda);
            }
            if is_once {
                self.take_pending(agenda);
            }
        }
    }

    /// Whether this is the first time that the item was done; moves the certificate's date. `None` if it
    /// does not count: it failed, or it belongs to a purge that the next one has overtaken.
    fn is_first_completion(&mut self, node: u16, kind: TimedKind, fails: bool, now: SimTime) -> Option<bool> {
        let job = &self.nodes[node as usize].timed.jobs[kind as usize];
        let rules = &self.setup.rules;
        if kind == TimedKind::AcmeRenew {
            let due = &mut self.timed.acme_due[job.provider];
            let first = *due <= job.started;
            if fails {
                *due = now + rules.acme_retry_delay;
            } else {
                *due = (*due).max(now + rules.acme_interval);
            }
            return Some(first);
        }
        if fails {
            return None;
        }
        match (kind.store(), job.account) {
            (Some(store), _) => Some(self.timed.store_done[store].replace(job.due) != Some(job.due)),
            (None, Some(account)) => (job.due == self.timed.purge_due).then(|| self.timed.purged.insert(account)),
            (None, None) => Some(true),
        }
    }

    fn record_timed(&mut self, node: u16, kind: TimedKind, provider: usize, first: bool, now: SimTime) {
        let role = kind.role().index();
        if !first {
            self.record.roles[role].duplicate_executions += 1;
            return;
        }
        let latency = now.since(self.nodes[node as usize].timed.jobs[kind as usize].due);
        let record = &mut self.record.roles[role];
        record.completed += 1;
        record.latency.record(latency);
        let shard = match kind {
            TimedKind::PurgeAccounts => self.setup.coverage[role].shards_of(node as usize).start,
            TimedKind::AcmeRenew => self.setup.coverage[role].shard_of(certificate_hash(provider)),
            _ => 0,
        };
        let record = &mut self.record.shards[role][shard as usize];
        record.completed += 1;
        record.latency.record(latency);
    }

    /// The lock is released.
    pub(super) fn timed_released(&mut self, node: u16, epoch: u16, kind: TimedKind, agenda: &mut Agenda<Event>) {
        if self.nodes[node as usize].epoch != epoch {
            return;
        }
        let is_available = self.lock_store_outages == 0;
        let account = self.nodes[node as usize].timed.jobs[kind as usize].account;
        match (kind.store(), account) {
            (Some(store), _) if is_available => self.timed.store_locks[store] = SimTime::ZERO,
            (None, Some(account)) if is_available => {
                self.timed.account_locks.remove(&account);
            }
            _ => {}
        }
        if kind == TimedKind::PurgeAccounts {
            self.next_account(node, agenda);
        } else {
            self.end_job(node, kind);
        }
    }

    fn end_job(&mut self, node: u16, kind: TimedKind) {
        let job = &mut self.nodes[node as usize].timed.jobs[kind as usize];
        if std::mem::take(&mut job.is_running) && job.is_measured {
            self.open_timed -= 1;
        }
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

    /// `documented`: a live node takes part in the purge of its shard's accounts.
    fn join_walk(&mut self, node: u16, agenda: &mut Agenda<Event>) {
        let state = &self.nodes[node as usize];
        let shard = self.setup.coverage(Role::PurgeAccounts).shards_of(node as usize).start;
        let is_enabled = self.setup.coverage(Role::PurgeAccounts).assignments[node as usize].is_enabled();
        let is_free = state.is_up() && !state.timed.jobs[TimedKind::PurgeAccounts as usize].is_running;
        if is_enabled && is_free && !self.timed.walks[shard as usize].is_over() {
            self.begin_job(node, TimedKind::PurgeAccounts, self.timed.purge_due, agenda);
        }
    }

    /// `documented`: gives what is due to live nodes that serve it and do not run such a job already.
    fn take_pending(&mut self, agenda: &mut Agenda<Event>) {
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
        let members =
            if kind == TimedKind::AcmeRenew { &coverage.members[..] } else { &coverage.members[shard..=shard] };
        members.iter().flatten().copied().find(|&node| {
            let state = &self.nodes[node as usize];
            state.is_up() && !state.timed.jobs[kind as usize].is_running
        })
    }
}

/// Stands in for the hash of a certificate provider's id (server facts, section 1.1).
fn certificate_hash(provider: usize) -> u64 {
    xxhash_rust::xxh3::xxh3_64_with_seed(&(provider as u64).to_be_bytes(), 191_179)
}
