//! Chains: work whose whole course is known when it begins.
//!
//! A worker that takes a task asks for its lock, uses the processor and the database, deletes the task and releases
//! the lock; a delivery uses the processor and the database. While there is a core and a connection for everybody,
//! all these times follow from the demands, and nobody but the worker itself has to hear of the steps. Such a chain
//! is one event, at its end, or when its tasks are deleted. Its locks are taken when they are asked for, if nobody else can
//! get them first.
//!
//! **What keeps this exact.** A chain keeps a core of its node and a connection of the database for itself. As soon
//! as somebody else needs them, or before anything looks at or changes the cluster as a whole (a fault, the end of a
//! bin of the time line), the chain is *unravelled*: what it has done so far is put down, and the rest goes on with
//! an event for every step.

use super::event::{Event, Job, Work};
use super::node::WorkerState;
use super::slab::Slab;
use super::{Cluster, foresee};
use crate::engine::Agenda;
use crate::faults::Service;
use crate::layout::Role;
use crate::server::DispatchRule;
use crate::time::{SimDuration, SimTime};

/// What a chain is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Waiting,
    Locking,
    Running,
    Storing,
    Deleting,
}

/// The course of a piece of work. A delivery has neither lock nor deletion: it begins at `locked` and ends at `stored`.
/// It takes one line of the cache.
#[derive(Clone, Copy)]
#[repr(align(64))]
struct Chain {
    job: Job,
    node: u16,
    epoch: u16,
    /// Whether it begins with a lock that is asked for.
    asks: bool,
    /// Whether the chain has been unravelled.
    is_void: bool,
    /// Its place among events of equal times.
    place: u64,
    /// When it asks, if later than it became known; zero else.
    begins: SimTime,
    /// The lock is taken, and the processor begins.
    locked: SimTime,
    /// The processor is done, and the database begins.
    processed: SimTime,
    /// The run is over, and the deletion begins.
    stored: SimTime,
    /// The tasks are deleted: the end.
    deleted: SimTime,
}

const _: () = assert!(size_of::<Chain>() == 64, "one line of the cache");

impl Chain {
    /// What it is doing when the present event happens: each of its steps ends at its time and at the chain's place.
    fn step(&self, agenda: &Agenda<Event>) -> Step {
        let is_over = |end| agenda.is_past(end, self.place);
        if self.begins > SimTime::ZERO && !is_over(self.begins) {
            Step::Waiting
        } else if self.asks && !is_over(self.locked) {
            Step::Locking
        } else if !is_over(self.processed) {
            Step::Running
        } else if !is_over(self.stored) {
            Step::Storing
        } else {
            Step::Deleting
        }
    }
}

/// The chains of all nodes.
#[derive(Default)]
pub(super) struct Chains {
    chains: Slab<Chain>,
    /// Chains that are neither over nor void.
    live: u32,
}

impl Chains {
    /// Chains that keep a core and a connection.
    #[inline]
    pub(super) fn live(&self) -> u32 {
        self.live
    }
}

impl Cluster<'_> {
    /// Whether there is a core and a connection to spare.
    #[inline]
    fn may_chain(&mut self, node: u16, agenda: &Agenda<Event>) -> bool {
        self.has_core(node, agenda)
            && self.spares_connection(agenda)
            && !self.database.is_down()
            && self.reaches(node, Service::Database)
    }

    // Inline, so that the chain is written where it stays.
    #[inline(always)]
    fn begin_chain(&mut self, chain: Chain, agenda: &mut Agenda<Event>) {
        let slot = self.chains.chains.add(chain);
        self.chains.live += 1;
        let cores = &mut self.cores[chain.node as usize];
        cores.in_use += 1;
        cores.chains.push(slot);
        agenda.at_place(chain.deleted, chain.place, Event::ChainEnds(slot));
    }

    /// A delivery begins, as a chain if it can.
    pub(super) fn chain_delivery(&mut self, node: u16, slot: u32, agenda: &mut Agenda<Event>) -> bool {
        let message = *self.messages.get(slot);
        if message.cpu.is_zero() || !self.may_chain(node, agenda) {
            return false;
        }
        let locked = agenda.now();
        let processed = self.cores[node as usize].speed.alone_until(locked, message.cpu);
        let stored = processed + self.database.duration(message.database);
        let chain = Chain {
            job: Job::Ingest(slot),
            node,
            epoch: self.epochs[node as usize],
            asks: false,
            is_void: false,
            place: message.place,
            begins: SimTime::ZERO,
            locked,
            processed,
            stored,
            deleted: stored,
        };
        self.begin_chain(chain, agenda);
        true
    }

    /// A worker asks for the lock of the only task in its hands, as a chain if it can: the lock is free and nobody has
    /// asked for it before.
    pub(super) fn chain_ask(&mut self, node: u16, role: Role, slot: u32, agenda: &mut Agenda<Event>) -> bool {
        let now = agenda.now();
        let task = self.tasks.get(slot);
        if self.is_locked(slot, agenda) || task.asked_until >= now || !self.has_locks(node) {
            return false;
        }
        let locked = now + self.setup.costs.lock_round_trip;
        let until = locked + self.setup.rules.lock_time[role.index()];
        if !self.chain_run(node, role, Some(SimTime::ZERO), locked, until, agenda) {
            return false;
        }
        self.tasks.get_mut(slot).promise_lock(node, locked, until);
        true
    }

    /// A worker whose locks are taken at `locked` begins to run its tasks, as a chain if it can.
    pub(super) fn chain_start(&mut self, node: u16, role: Role, agenda: &mut Agenda<Event>) -> bool {
        if self.setup.rules.dispatch == DispatchRule::Once {
            return false;
        }
        let hands = &self.nodes[node as usize].roles[role.index()].hands;
        let until = hands.iter().map(|&slot| {
            let task = self.tasks.get(slot);
            if task.lock_owner == node { task.locked_until } else { SimTime::ZERO }
        });
        let until = until.min().unwrap_or(SimTime::ZERO);
        let is_chain = self.chain_run(node, role, None, agenda.now(), until, agenda);
        if is_chain {
            // At once: whoever has lost its lock may start the same task before the chain is over.
            self.count_starts(node, role, agenda.now());
        }
        is_chain
    }

    /// Begins a chain that has its locks at `locked` if it can, and if it is over before they expire. `asks` is when it
    /// asks for them, if it does and that is later than now.
    pub(super) fn chain_run(
        &mut self,
        node: u16,
        role: Role,
        asks: Option<SimTime>,
        locked: SimTime,
        expiry: SimTime,
        agenda: &mut Agenda<Event>,
    ) -> bool {
        if !self.may_chain(node, agenda) {
            return false;
        }
        let state = &self.nodes[node as usize];
        let hands = &state.roles[role.index()].hands;
        let (mut cpu, mut database, mut fails) = (SimDuration::ZERO, SimDuration::ZERO, false);
        for &slot in hands {
            let task = self.tasks.get(slot);
            cpu += task.cpu;
            database += task.database;
            fails |= task.failures_left > 0;
        }
        let costs = &self.setup.costs;
        let processed = self.cores[node as usize].speed.alone_until(locked, cpu);
        let stored = processed + self.database.duration(database);
        let deleted = stored + self.database.duration(costs.delete);
        let released = deleted + self.round_trips(hands.len());
        if fails || cpu.is_zero() || released >= expiry {
            return false;
        }
        for &slot in &self.nodes[node as usize].roles[role.index()].hands {
            self.tasks.get_mut(slot).is_chained = true;
        }
        let chain = Chain {
            job: Job::Run(role),
            node,
            epoch: self.epochs[node as usize],
            asks: asks.is_some(),
            is_void: false,
            place: self.nodes[node as usize].roles[role.index()].place,
            begins: asks.unwrap_or(SimTime::ZERO),
            locked,
            processed,
            stored,
            deleted,
        };
        self.begin_chain(chain, agenda);
        self.nodes[node as usize].roles[role.index()].worker = WorkerState::Running;
        true
    }

    /// A chain is over.
    pub(super) fn chain_ends(&mut self, slot: u32, agenda: &mut Agenda<Event>) {
        let chain = *self.chains.chains.get(slot);
        self.chains.chains.remove(slot);
        if chain.is_void {
            return;
        }
        let node = chain.node;
        let cores = &mut self.cores[node as usize];
        if let Some(place) = cores.chains.iter().position(|&other| other == slot) {
            cores.chains.swap_remove(place);
        }
        cores.in_use -= 1;
        self.chains.live -= 1;
        match chain.job {
            Job::Ingest(message) => {
                self.put_down(&chain, Step::Deleting, agenda.now());
                self.deliver(node, message, agenda);
            }
            Job::Run(role) => {
                if let [slot] = self.nodes[node as usize].roles[role.index()].hands[..] {
                    self.put_down_run(&chain, role, slot);
                } else {
                    self.put_down(&chain, Step::Deleting, agenda.now());
                    self.unchain_hands(node, role, true);
                }
                self.tasks_deleted(node, role, agenda);
            }
            _ => {}
        }
    }

    /// Puts down the whole run of one task, which is what most chains are: as [`Self::put_down`], with fewer detours.
    fn put_down_run(&mut self, chain: &Chain, role: Role, slot: u32) {
        let &Chain { node, asks, locked, processed, stored, deleted, .. } = chain;
        let node = usize::from(node);
        let task = self.tasks.get_mut(slot);
        task.is_chained = false;
        task.is_promised = false;
        let was_started = std::mem::replace(&mut task.is_started, true);
        let task = self.tasks.get(slot);
        let by_role = &mut self.record.roles[role.index()];
        let by_node = &mut self.nodes[node].roles[role.index()].record;
        if task.is_measured {
            if asks && !was_started {
                by_role.wait_ns += u128::from(locked.since(self.tasks.origin(slot).created).as_nanos());
                by_role.started += 1;
            }
            by_role.executions += 1;
            by_role.service_ns += u128::from(stored.since(locked).as_nanos());
            by_node.executions += 1;
        }
        let cores = &mut self.cores[node];
        cores.note_alone(processed.since(locked));
        if self.setup.is_measured(processed) {
            by_node.busy_ns += u128::from(cores.speed.core_ns(task.cpu));
        }
        if self.setup.is_measured(stored) {
            by_node.database_ns += u128::from(task.database.as_nanos());
        }
        self.database.note_used(deleted.since(processed), 1);
    }

    /// The tasks in a worker's hands are in no chain any more. A worker that has the lock is promised it no more.
    pub(super) fn unchain_hands(&mut self, node: u16, role: Role, has_lock: bool) {
        for &slot in &self.nodes[node as usize].roles[role.index()].hands {
            let task = self.tasks.get_mut(slot);
            task.is_chained = false;
            task.is_promised &= !has_lock;
        }
    }

    /// When, and at which place, a node's job that is a chain will be over if nothing interferes, its locks released.
    pub(super) fn chain_end(&self, node: u16, job: Job) -> (SimTime, u64) {
        let chains = self.cores[node as usize].chains.iter().map(|&slot| self.chains.chains.get(slot));
        let Some(chain) = chains.into_iter().find(|chain| chain.job == job) else { return (SimTime::ZERO, 0) };
        let locks =
            if let Job::Run(role) = job { self.nodes[node as usize].roles[role.index()].hands.len() } else { 0 };
        (chain.deleted + self.round_trips(locks), chain.place)
    }

    /// Puts down what a chain has done up to `step`, which it is at `now`; deletions are not among it.
    fn put_down(&mut self, chain: &Chain, step: Step, now: SimTime) {
        let node = chain.node;
        if matches!(step, Step::Waiting | Step::Locking) {
            return;
        }
        if let (Job::Run(role), true) = (chain.job, chain.asks) {
            self.count_starts(node, role, chain.locked);
        }
        self.cores[node as usize].note_alone(now.min(chain.processed).since(chain.locked));
        if step == Step::Running {
            return;
        }
        match chain.job {
            Job::Run(role) => self.count_processed(node, role, chain.processed),
            Job::Ingest(message) => self.count_ingest(node, message, chain.processed),
            _ => {}
        }
        self.database.note_used(now.min(chain.deleted).since(chain.processed), 1);
        if let (Job::Run(role), Step::Deleting) = (chain.job, step) {
            self.count_runs(node, role, chain.locked, chain.stored);
        }
    }

    /// A job that may not be alone is about to use the processor: if there may be no core for it, the node's chains and
    /// flights are unravelled.
    #[inline]
    pub(super) fn claim_core(&mut self, node: u16, agenda: &mut Agenda<Event>) {
        let cores = &self.cores[node as usize];
        if !cores.has_one() && !cores.are_simple(self.nodes[node as usize].processor.len()) {
            self.claim_unneeded_core(node, agenda);
        }
    }

    #[cold]
    fn claim_unneeded_core(&mut self, node: u16, agenda: &mut Agenda<Event>) {
        self.land(agenda);
        let state = &self.nodes[node as usize];
        let need_core = |slot: &&u32| {
            let chain = self.chains.chains.get(**slot);
            !agenda.is_past(chain.processed, chain.place)
        };
        let needed = state.processor.len()
            + self.cores[node as usize].flying as usize
            + self.cores[node as usize].chains.iter().filter(need_core).count();
        if needed >= state.processor.cores() {
            self.unravel_flights(node, agenda);
            self.unravel(node, agenda);
        }
    }

    /// A request is about to ask for a connection: if there may be none, all chains and scans are unravelled.
    #[inline]
    pub(super) fn claim_connection(&mut self, agenda: &mut Agenda<Event>) {
        if self.connections_taken() >= self.setup.costs.connections {
            self.claim_kept_connection(agenda);
        }
    }

    #[cold]
    fn claim_kept_connection(&mut self, agenda: &mut Agenda<Event>) {
        self.end_empty_scans(agenda);
        if self.connections_taken() >= self.setup.costs.connections {
            self.unravel_chains(agenda);
            self.unravel_scans(agenda);
        }
    }

    fn unravel_chains(&mut self, agenda: &mut Agenda<Event>) {
        for node in 0..self.nodes.len() as u16 {
            if self.chains.live == 0 {
                return;
            }
            self.unravel(node, agenda);
        }
    }

    /// From now on every step of every chain, flight and scan is an event.
    pub(super) fn unravel_all(&mut self, agenda: &mut Agenda<Event>) {
        self.unravel_scans(agenda);
        for node in 0..self.nodes.len() as u16 {
            self.unravel_flights(node, agenda);
        }
        self.unravel_chains(agenda);
    }

    /// From now on every step of a node's chains is an event.
    pub(super) fn unravel(&mut self, node: u16, agenda: &mut Agenda<Event>) {
        let slots = std::mem::take(&mut self.cores[node as usize].chains);
        for &slot in &slots {
            self.unravel_chain(slot, agenda);
        }
    }

    /// From now on every step of this job is an event, if it is a chain.
    pub(super) fn unravel_job(&mut self, node: u16, job: Job, agenda: &mut Agenda<Event>) {
        let own = &mut self.cores[node as usize].chains;
        if let Some(number) = own.iter().position(|&slot| self.chains.chains.get(slot).job == job) {
            let slot = own.swap_remove(number);
            self.unravel_chain(slot, agenda);
        }
    }

    fn unravel_chain(&mut self, slot: u32, agenda: &mut Agenda<Event>) {
        let chain = self.chains.chains.get_mut(slot);
        chain.is_void = true;
        let chain = *chain;
        self.chains.live -= 1;
        self.cores[chain.node as usize].in_use -= 1;
        let step = chain.step(agenda);
        self.put_down(&chain, step, agenda.now());
        self.go_on(&chain, step, agenda);
    }

    /// What a chain still has to do from `step` on goes on with an event for its next step.
    fn go_on(&mut self, chain: &Chain, step: Step, agenda: &mut Agenda<Event>) {
        let now = agenda.now();
        let &Chain { node, epoch, job, .. } = chain;
        let work = Work::new(node, epoch, job);
        if let Job::Run(role) = job {
            if step == Step::Waiting {
                self.wait_on(node, role, agenda);
                return;
            }
            self.unchain_hands(node, role, step != Step::Locking);
            let part = &mut self.nodes[node as usize].roles[role.index()];
            part.run_start = chain.locked;
            part.worker = match step {
                Step::Waiting => WorkerState::Releasing,
                Step::Locking => WorkerState::Locking,
                Step::Running | Step::Storing => WorkerState::Running,
                Step::Deleting => WorkerState::Deleting,
            };
        }
        match (step, job) {
            (Step::Locking, Job::Run(role)) => {
                agenda.at_place(chain.locked, chain.place, Event::Locked { node, epoch, role })
            }
            (Step::Deleting, Job::Run(role)) => {
                self.database.adopt(now);
                self.request_ends(chain.deleted, Work::new(node, epoch, Job::Delete(role)), agenda);
            }
            (Step::Running, _) => {
                self.cores[node as usize].in_use += 1;
                let processor = &mut self.nodes[node as usize].processor;
                let forecast = processor.adopt(now, chain.processed, work, chain.place);
                foresee(node, forecast, agenda);
            }
            _ => {
                self.database.adopt(now);
                self.request_ends(chain.stored, work, agenda);
            }
        }
    }
}
