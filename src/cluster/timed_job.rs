//! How a timed job runs: lock, processor, database, release.
//!
//! The walk over accounts takes and releases a lock for each account; the purge of a store runs under one lock,
//! and a node that finds it taken skips that day. Other jobs, and all of `documented`, need no lock.

use super::Cluster;
use super::certificates::certificate_hash;
use super::event::{Event, Job, TimedKind};
use super::timed::{CLUSTER, DueItem, TimedJob};
use crate::engine::Agenda;
use crate::layout::Role;
use crate::metrics::story::TimedPhase;
use crate::server::Coordination;
use crate::time::{SimDuration, SimTime};
use crate::workload::happens;

impl Cluster<'_> {
    pub(super) fn begin_job(&mut self, node: u16, kind: TimedKind, item: DueItem, agenda: &mut Agenda<Event>) {
        let now = agenda.now();
        let DueItem { due, provider } = item;
        let is_measured = self.setup.is_measured(due);
        let is_once = self.setup.rules.timed == Coordination::Once;
        let mut job = TimedJob { is_running: true, due, started: now, is_measured, provider, ..TimedJob::default() };
        match kind {
            TimedKind::PurgeAccounts if !is_once => {
                let shard = self.setup.coverage(Role::PurgeAccounts).shards_of(node as usize).start;
                job.walk = self.new_walk(shard, Some(node));
            }
            // What falls due for the whole cluster is counted by its own timer.
            TimedKind::PurgeAccounts | TimedKind::PurgeData | TimedKind::PurgeBlobs | TimedKind::PurgeMemory => {}
            // A renewal is counted when it is opened.
            TimedKind::AcmeRenew => {}
            _ if is_once => {}
            _ if is_measured => self.count_created(kind, 0),
            _ => {}
        }
        self.open_timed += u64::from(is_measured);
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

    /// One item of a timed role has fallen due; certificates are divided by their hash.
    pub(super) fn count_created(&mut self, kind: TimedKind, key: u64) {
        let role = kind.role().index();
        self.record.roles[role].created += 1;
        let shard = if kind == TimedKind::AcmeRenew { self.setup.coverage[role].shard_of(key) } else { 0 };
        self.record.shards[role][shard as usize].created += 1;
    }

    pub(super) fn ask_for_lock(&mut self, node: u16, kind: TimedKind, agenda: &mut Agenda<Event>) {
        let epoch = self.epochs[node as usize];
        self.tell_timed(node, kind, TimedPhase::Locking);
        agenda.after(self.setup.costs.lock_round_trip, Event::TimedLocked { node, epoch, kind });
    }

    /// The lock store has answered.
    pub(super) fn timed_locked(&mut self, node: u16, epoch: u16, kind: TimedKind, agenda: &mut Agenda<Event>) {
        if self.epochs[node as usize] != epoch {
            return;
        }
        let now = agenda.now();
        let expires = now + self.setup.rules.purge_lock_time;
        let renews = self.setup.rules.failed_try_renews;
        let is_available = self.has_locks(node);
        let account = self.nodes[node as usize].timed.jobs[kind as usize].account;
        let taken = match (kind.store(), account) {
            (Some(store), _) => {
                let lock = &mut self.timed.store_locks[store];
                let free = is_available && *lock <= now;
                if free || (is_available && renews) {
                    *lock = expires;
                }
                free
            }
            (None, Some(account)) => {
                let free = is_available && self.timed.account_locks.get(&account).is_none_or(|until| *until <= now);
                if free || (is_available && renews) {
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
    pub(super) fn start_item(&mut self, node: u16, kind: TimedKind, agenda: &mut Agenda<Event>) {
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
        let random = &mut self.timed.demands[kind as usize];
        random.set_word_pos(place_of_demand(node, kind, job, now));
        job.started = now;
        job.cpu = demand.cpu.duration(random);
        job.database = demand.database.duration(random);
        job.fails = happens(demand.failure_probability, random);
        job.database_left = job.database;
        let cpu = job.cpu;
        self.tell_timed(node, kind, TimedPhase::Running);
        self.use_processor(node, cpu, Job::Timed(kind), agenda);
    }

    /// The processor part is over: on to the database.
    pub(super) fn timed_processed(&mut self, node: u16, kind: TimedKind, agenda: &mut Agenda<Event>) {
        let cpu = self.nodes[node as usize].timed.jobs[kind as usize].cpu;
        self.note_busy(node, kind.role(), cpu, agenda.now());
        let streams = if kind.store().is_some() { self.setup.costs.purge_parallel.max(1) } else { 1 };
        self.nodes[node as usize].timed.jobs[kind as usize].requests = streams;
        self.tell_timed(node, kind, TimedPhase::Storing);
        for _ in 0..streams {
            self.next_request(node, kind, agenda);
        }
    }

    /// One of the job's streams of database requests goes on, or ends.
    pub(super) fn next_request(&mut self, node: u16, kind: TimedKind, agenda: &mut Agenda<Event>) {
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

    pub(super) fn item_done(&mut self, node: u16, kind: TimedKind, agenda: &mut Agenda<Event>) {
        let now = agenda.now();
        let job = &self.nodes[node as usize].timed.jobs[kind as usize];
        let &TimedJob { database, started, is_measured, provider, fails, .. } = job;
        self.note_database(node, kind.role(), database, now);
        if is_measured {
            let record = &mut self.record.roles[kind.role().index()];
            record.executions += 1;
            record.service_ns += u128::from(now.since(started).as_nanos());
            record.failed_executions += u64::from(fails);
            self.nodes[node as usize].roles[kind.role().index()].record.executions += 1;
        }
        let first = self.is_first_completion(node, kind, fails, now);
        if let (true, Some(first)) = (is_measured && !fails, first) {
            self.record_timed(node, kind, provider, first, now);
        }
        let is_once = self.setup.rules.timed == Coordination::Once;
        if !is_once && (kind == TimedKind::PurgeAccounts || kind.store().is_some()) {
            let epoch = self.epochs[node as usize];
            self.tell_timed(node, kind, TimedPhase::Releasing);
            agenda.after(self.setup.costs.lock_round_trip, Event::TimedReleased { node, epoch, kind });
        } else if kind == TimedKind::PurgeAccounts {
            self.next_account(node, agenda);
        } else {
            self.end_job(node, kind);
            if kind == TimedKind::AcmeRenew {
                self.timed.acme_given[provider] = false;
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
    pub(super) fn is_first_completion(
        &mut self,
        node: u16,
        kind: TimedKind,
        fails: bool,
        now: SimTime,
    ) -> Option<bool> {
        let job = &self.nodes[node as usize].timed.jobs[kind as usize];
        if kind == TimedKind::AcmeRenew {
            return self.renewal_ends(job.provider, fails, now);
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

    pub(super) fn record_timed(&mut self, node: u16, kind: TimedKind, provider: usize, first: bool, now: SimTime) {
        let role = kind.role().index();
        if !first {
            self.record.roles[role].duplicate_executions += 1;
            return;
        }
        let job = &self.nodes[node as usize].timed.jobs[kind as usize];
        let latency = now.since(job.due);
        let wait = job.started.since(job.due);
        let record = &mut self.record.roles[role];
        record.wait_ns += u128::from(wait.as_nanos());
        record.started += 1;
        record.completed += 1;
        let shard = match kind {
            TimedKind::PurgeAccounts => self.setup.coverage[role].shards_of(node as usize).start,
            TimedKind::AcmeRenew => self.setup.coverage[role].shard_of(certificate_hash(provider)),
            _ => 0,
        };
        self.record.shards[role][shard as usize].completed += 1;
        self.record.record_latency(kind.role(), shard, latency);
    }

    /// The lock is released.
    pub(super) fn timed_released(&mut self, node: u16, epoch: u16, kind: TimedKind, agenda: &mut Agenda<Event>) {
        if self.epochs[node as usize] != epoch {
            return;
        }
        let is_available = self.has_locks(node);
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

    pub(super) fn end_job(&mut self, node: u16, kind: TimedKind) {
        self.tell_timed(node, kind, TimedPhase::Ended);
        let job = &mut self.nodes[node as usize].timed.jobs[kind as usize];
        if std::mem::take(&mut job.is_running) && job.is_measured {
            self.open_timed -= 1;
        }
    }
}

/// Where a job's demand stands in the stream of its kind: it belongs to the item (a store's purge of a day, an account's, a
/// try to renew a certificate, a node's own job), not to the node that happens to do it, so that all layouts meet the same
/// demands. Milliseconds tell the times apart.
fn place_of_demand(node: u16, kind: TimedKind, job: &TimedJob, now: SimTime) -> u128 {
    let (item, since) = match (kind, job.account) {
        (TimedKind::AcmeRenew, _) => (job.provider as u32, now),
        (_, Some(account)) => (account, job.due),
        _ if kind.store().is_some() => (0, job.due),
        _ => (u32::from(node), job.due),
    };
    let millis = (since.as_nanos() / 1_000_000) as u32;
    // A block of 16 words for each.
    (u128::from(item) << 32 | u128::from(millis)) << 4
}
