//! The simulated servers.
//!
//! **Entities.** Nodes (a processor, a dispatcher, a channel and a worker a role, a push service, timed
//! jobs); the shared database with its task table; the lock store; the coordinator; the load balancer;
//! messages, tasks, notifications with the copies that nodes owe them.
//!
//! **Events** are listed in [`event`]. A message arrives at a node, uses its processor and the database
//! and is delivered: its tasks are written, the node's own dispatcher wakes, its changes are published.
//! Dispatchers move tasks into channels, workers lock, run and delete them. Nodes that hear of a change
//! send it to the subscriptions of the account. Timers start purges, metrics, renewals. Faults take
//! nodes and services away and give them back.
//!
//! **Conserved** (asserted at the end of every simulation, see `conservation`): messages that arrived =
//! delivered + under way; tasks made = done + given up + waiting; notifications due = delivered at
//! least once + missed.
//!
//! **What belongs to a message** (recipients, demands, delays) is drawn when it arrives, from streams
//! that no layout touches, so that all layouts meet the same messages. What belongs to a node (order of
//! dispatch) is drawn from the node's own streams; push requests are drawn from one stream, in the order in which they
//! begin.
//!
//! Not everything is an event: work whose course is known when it begins (`chains`), often before it begins
//! (`foresight`), what a worker with nothing left to do waits for (`rests`), push requests that will succeed (`flights`)
//! and scans that find nothing (`scans`) are carried out when something looks at them; scans and timers that end or fire
//! together (`scans`, `timers`) are one event. The results are those of an event
//! for everything.
//!
//! One mechanism a file. Where versions differ by a rule, the rule is a field of
//! [`Rules`](crate::server::Rules), looked at in one place.

mod balancer;
mod certificates;
mod chains;
mod conservation;
mod coordinator;
mod cores;
mod database;
mod dispatcher;
pub mod event;
mod fetch;
mod flights;
mod foresight;
mod ingest;
mod initial;
mod links;
mod locks;
mod measure;
pub mod members;
mod node;
mod once;
mod outages;
pub mod packed;
mod processor;
mod purge;
mod push;
mod push_routed;
mod push_settled;
mod reading;
mod rests;
mod scans;
mod scheduler;
pub mod setup;
mod simulate;
mod slab;
mod sources;
mod story;
mod subscribers;
mod tasks;
mod timed;
mod timed_job;
mod timers;
mod walk;
mod worker;

use crate::engine::random::Streams;
use crate::engine::{Agenda, Model};
use crate::faults::{Change, Service};
use crate::layout::Role;
use crate::metrics::live::Live;
use crate::metrics::record::Record;
use crate::server::DispatchRule;
use crate::time::{SimDuration, SimTime};
use crate::workload::Accounts;
pub use simulate::{Watch, simulate, simulate_plainly, simulate_profiled, simulate_watched};

use balancer::{Balancer, Health};
use chains::Chains;
use coordinator::Coordinator;
use cores::Cores;
use database::Database;
use event::{Event, Job, Work};
use ingest::Message;
use initial::{count_members, first_renewals, new_nodes};
use links::Reach;
use node::{Dispatcher, Node};
use once::OnceQueue;
use processor::Forecast;
use push::Push;
use scans::{EmptyScans, JointScans};
use setup::Setup;
use slab::Slab;
use sources::Sources;
use std::collections::HashMap;
use story::Story;
use tasks::{NONE, TaskTable};
use timed::TimedShared;
use timers::Timers;

/// The state of one simulation.
struct Cluster<'a> {
    setup: &'a Setup,
    accounts: Accounts,
    sources: Sources,
    next_arrival: SimTime,
    balancer: Balancer,
    nodes: Vec<Node>,
    /// How often each node has died.
    epochs: Vec<u16>,
    /// By node.
    cores: Vec<Cores>,
    /// By node.
    dispatchers: Vec<Dispatcher>,
    /// By node: roles in whose queues there may be tasks that its dispatcher has not read, a bit each, by index. Apart,
    /// since every task that is written changes it for all who read its queue.
    news: Vec<u16>,
    database: Database,
    /// Database requests whose answer an outage holds back.
    stalled: Vec<Work>,
    tasks: TaskTable,
    /// First queue of each role; [`NONE`] if the role has no queue.
    queue_base: [u32; Role::COUNT],
    /// Whether any node serves the queue, up or not.
    queue_is_served: Vec<bool>,
    waiting_by_role: [u32; Role::COUNT],
    /// Whether nodes read the task table by themselves.
    reads_table: bool,
    once: Vec<OnceQueue>,
    messages: Slab<Message>,
    next_document: u32,
    push: Push,
    coordinator: Coordinator,
    timed: TimedShared,
    timers: Timers,
    timetable: Vec<(SimTime, Change)>,
    /// When the next change of the timetable happens.
    next_fault: SimTime,
    reach: Reach,
    lock_store_outages: u32,
    /// Successful runs whose node died before the task was deleted, by role.
    runs_lost: [u64; Role::COUNT],
    live_members: Vec<Vec<u32>>,
    uncovered_since: Vec<Vec<SimTime>>,
    record: Record,
    bins: measure::Bins,
    /// Who is told what happens.
    story: Story<'a>,
    live: Option<&'a Live>,
    /// Measured messages and tasks that have not ended (tasks that no node serves are not counted).
    open_measured: u64,
    /// Tasks that wait to be tried again, by slot.
    postponed: HashMap<u32, worker::Postponed>,
    /// Measured timed jobs that are running.
    open_timed: u64,
    /// Whether the measured span is over.
    is_draining: bool,
    chains: Chains,
    empty_scans: EmptyScans,
    scans: JointScans,
    /// Whether work runs in chains, push requests and empty scans need no event, and what happens together is one event.
    may_foresee: bool,
}

impl<'a> Cluster<'a> {
    fn new(setup: &'a Setup, replication: u32) -> Self {
        let streams = Streams { seed: setup.seed, replication };
        let workload = &setup.workload;
        let accounts = workload.draw_accounts(streams);
        let mut queues = Vec::new();
        let mut queue_base = [NONE; Role::COUNT];
        let mut queue_is_served = Vec::new();
        for &role in setup.rules.queue_roles {
            queue_base[role.index()] = queues.len() as u32;
            for shard in 0..setup.coverage(role).shards {
                queues.push(shard);
                queue_is_served.push(!setup.coverage(role).members[shard as usize].is_empty());
            }
        }
        let nodes = new_nodes(setup, &queue_base, streams);
        let live_members = count_members(setup);
        let shards: Vec<u32> = setup.coverage.iter().map(|coverage| coverage.shards).collect();
        let push_coverage = setup.coverage(Role::PushNotifications);
        Self {
            sources: Sources::new(setup, streams),
            next_arrival: SimTime::NEVER,
            balancer: Balancer::new(setup.balancing, setup.notice_delay, &setup.nodes),
            database: Database::new(setup.costs.connections),
            stalled: Vec::new(),
            once: queues.iter().map(|_| OnceQueue::default()).collect(),
            tasks: TaskTable::new(queues),
            queue_base,
            queue_is_served,
            waiting_by_role: [0; Role::COUNT],
            reads_table: setup.rules.dispatch == DispatchRule::OwnScans,
            messages: Slab::default(),
            next_document: 0,
            push: Push::new(&push_coverage.members, nodes.len(), setup.rules.push_throttle),
            coordinator: Coordinator::new(nodes.len(), streams),
            timed: TimedShared::new(
                first_renewals(setup, streams),
                workload.accounts,
                setup.coverage(Role::PurgeAccounts).shards,
                streams,
            ),
            timers: Timers::default(),
            timetable: initial::changes(setup, streams),
            next_fault: SimTime::NEVER,
            reach: Reach::default(),
            lock_store_outages: 0,
            uncovered_since: live_members.iter().map(|shards| vec![SimTime::ZERO; shards.len()]).collect(),
            live_members,
            runs_lost: [0; Role::COUNT],
            record: Record::new(nodes.len(), &shards, push_coverage.shards, workload.accounts),
            bins: measure::Bins::new(nodes.len()),
            postponed: HashMap::new(),
            story: None,
            live: None,
            open_measured: 0,
            open_timed: 0,
            is_draining: false,
            chains: Chains::default(),
            empty_scans: EmptyScans::default(),
            scans: JointScans::default(),
            // A balancer that looks at the number of jobs needs it at every moment.
            may_foresee: setup.balancing != setup::Balancing::LeastBusy,
            accounts,
            cores: setup.nodes.iter().map(|node| Cores::new(node.cores, node.speed)).collect(),
            epochs: vec![0; nodes.len()],
            news: vec![u16::MAX; nodes.len()],
            dispatchers: nodes.iter().map(|_| Dispatcher::new()).collect(),
            nodes,
            setup,
        }
    }

    fn start(&mut self, agenda: &mut Agenda<Event>) {
        self.next_arrival = self.sources.mail.next_time();
        if self.sources.next_alert_written < SimTime::NEVER {
            agenda.at(self.sources.next_alert_written, Event::AlertWritten);
        }
        let first_due = self.sources.next_alert_due();
        if first_due < SimTime::NEVER {
            agenda.at(first_due, Event::AlertDue);
        }
        self.plan_fault(0, agenda);
        agenda.at(self.setup.span.measure_start, Event::MeasureStart);
        agenda.at(self.setup.span.measure_end, Event::MeasureEnd);
        self.start_cluster_timers(agenda);
        for node in 0..self.nodes.len() as u16 {
            if self.setup.start_spread.is_zero() {
                self.node_starts(node, agenda);
            } else {
                self.nodes[node as usize].down_causes = 1;
                self.nodes[node as usize].health = Health::new(false);
                self.cover(node, false, SimTime::ZERO);
                self.note_reach(node);
            }
        }
        self.note_hearing();
    }

    /// Uses a node's processor for `demand`; the job goes on in [`Self::processed`].
    fn use_processor(&mut self, node: u16, demand: SimDuration, job: Job, agenda: &mut Agenda<Event>) {
        let work = Work::new(node, self.epochs[node as usize], job);
        if demand.is_zero() {
            // A worker with nothing but such work would call itself for ever: its work goes on as an event.
            match job {
                Job::Run(_) | Job::Timed(_) => agenda.after(demand, Event::Continued(work)),
                _ => self.processed(work, agenda),
            }
            return;
        }
        self.claim_core(node, agenda);
        let place = self.place_of(work, agenda);
        self.cores[node as usize].in_use += 1;
        let forecast = self.nodes[node as usize].processor.add(agenda.now(), demand, work, place);
        foresee(node, forecast, agenda);
    }

    /// Uses a connection of the database for `demand`; the job goes on in [`Self::stored`].
    #[inline(always)]
    fn use_database(&mut self, node: u16, demand: SimDuration, job: Job, agenda: &mut Agenda<Event>) {
        let work = Work::new(node, self.epochs[node as usize], job);
        self.request_sent(work, demand, agenda);
    }

    /// A request goes to the database, unless its node is cut off from it.
    #[inline(always)]
    fn request_sent(&mut self, work: Work, demand: SimDuration, agenda: &mut Agenda<Event>) {
        if !self.reaches(work.node(), Service::Database) {
            self.nodes[work.node() as usize].links.hold(work, demand);
        } else if demand.is_zero() && !self.database.is_down() {
            self.stored(work, agenda);
        } else {
            self.claim_connection(agenda);
            if let Some(at) = self.database.request(agenda.now(), demand, work) {
                self.request_ends(at, work, agenda);
            } else if let Some(story) = &mut self.story {
                story.connection(work, true);
            }
        }
    }

    fn processor_forecast(&mut self, node: u16, generation: u32, agenda: &mut Agenda<Event>) {
        let state = &mut self.nodes[node as usize];
        if let Some((work, next)) = state.processor.complete(agenda.now(), generation) {
            self.cores[node as usize].in_use -= 1;
            foresee(node, next, agenda);
            self.processed(work, agenda);
        }
    }

    fn processed(&mut self, work: Work, agenda: &mut Agenda<Event>) {
        match work.job() {
            Job::Ingest(message) => self.ingest_processed(work.node(), message, agenda),
            Job::Run(role) => self.run_processed(work.node(), role, agenda),
            Job::Request(request) => self.request_prepared(request, agenda.now(), agenda),
            Job::Timed(kind) => self.timed_processed(work.node(), kind, agenda),
            Job::Scan | Job::Delete(_) => {}
        }
    }

    /// The place of a piece of work among what happens at the same moment. All steps of a run and of a delivery have
    /// the place of their beginning, so that it does not matter which of them are events.
    #[inline(always)]
    fn place_of(&self, work: Work, agenda: &mut Agenda<Event>) -> u64 {
        match work.job() {
            Job::Ingest(slot) => self.messages.get(slot).place,
            Job::Run(role) | Job::Delete(role) => self.nodes[work.node() as usize].roles[role.index()].place,
            Job::Scan => self.dispatchers[work.node() as usize].scan_place,
            Job::Request(_) | Job::Timed(_) => agenda.place(),
        }
    }

    /// Schedules the end of a database request.
    #[inline(always)] // Or the work is written to memory field by field, and read from it as a whole: see `Pack`.
    fn request_ends(&mut self, at: SimTime, work: Work, agenda: &mut Agenda<Event>) {
        let place = self.place_of(work, agenda);
        agenda.at_place(at, place, Event::Stored(work));
    }

    /// A database request is done: its connection goes to the next, its job goes on.
    fn request_stored(&mut self, work: Work, agenda: &mut Agenda<Event>) {
        if self.database.is_down() {
            self.stalled.push(work);
            return;
        }
        self.database.release(agenda.now());
        self.start_requests(agenda);
        self.answered(work, agenda);
    }

    /// The answer of the database reaches the node, or what is left of it.
    fn answered(&mut self, work: Work, agenda: &mut Agenda<Event>) {
        let node = work.node();
        if self.epochs[node as usize] != work.epoch() {
            if let Job::Ingest(message) = work.job() {
                self.defer(message, agenda);
            }
        } else if self.reaches(node, Service::Database) {
            self.stored(work, agenda);
        } else {
            self.nodes[node as usize].links.keep_answer(work);
        }
    }

    fn start_requests(&mut self, agenda: &mut Agenda<Event>) {
        loop {
            let epochs = &self.epochs;
            // A message must not get lost, so its request is never dropped.
            let is_wanted =
                |work: Work| epochs[work.node() as usize] == work.epoch() || matches!(work.job(), Job::Ingest(_));
            let Some((work, at)) = self.database.start_next(agenda.now(), is_wanted) else { return };
            if let Some(story) = &mut self.story {
                story.connection(work, false);
            }
            self.request_ends(at, work, agenda);
        }
    }

    fn stored(&mut self, work: Work, agenda: &mut Agenda<Event>) {
        match work.job() {
            Job::Ingest(message) => self.deliver(work.node(), message, agenda),
            Job::Scan => self.finish_scan(work.node(), agenda),
            Job::Run(role) => self.run_finished(work.node(), role, agenda),
            Job::Delete(role) => self.tasks_deleted(work.node(), role, agenda),
            Job::Timed(kind) => self.timed_stored(work.node(), kind, agenda),
            Job::Request(_) => {}
        }
    }

    /// A measured task of `queue` has ended.
    fn close_measured(&mut self, queue: u32) {
        self.open_measured -= u64::from(self.queue_is_served[queue as usize]);
    }
}

/// Schedules the next completion of a node's processor.
#[inline]
fn foresee(node: u16, forecast: Option<Forecast>, agenda: &mut Agenda<Event>) {
    if let Some(Forecast { at, generation, place }) = forecast {
        agenda.at_place(at, place, Event::Processed { node, generation });
    }
}

impl Model for Cluster<'_> {
    type Event = Event;
    const KINDS: usize = packed::KIND_NAMES.len();

    fn kind(event: &Event) -> usize {
        packed::kind(event)
    }

    #[inline]
    fn next_source_time(&self) -> SimTime {
        self.next_arrival
    }

    #[inline]
    fn handle_source(&mut self, agenda: &mut Agenda<Event>) {
        if let Some(story) = &mut self.story {
            story.at(agenda.now());
        }
        self.message_arrives(agenda);
    }

    #[inline]
    fn is_done(&self) -> bool {
        self.is_draining
            && self.open_measured == 0
            && self.tasks.lingering == 0
            && self.open_timed == 0
            && self.push.open == 0
            && !self.has_timed_work()
    }

    fn handle(&mut self, event: Event, agenda: &mut Agenda<Event>) {
        if let Some(story) = &mut self.story {
            story.at(agenda.now());
        }
        match event {
            Event::Processed { node, generation } => self.processor_forecast(node, generation, agenda),
            Event::Continued(work) => {
                if self.epochs[work.node() as usize] == work.epoch() {
                    self.processed(work, agenda);
                }
            }
            Event::Announced { first, origin } => self.change_announced(first, origin, agenda),
            Event::Stored(work) => self.request_stored(work, agenda),
            Event::Locked { node, epoch, role } => self.locks_answered(node, epoch, role, agenda),
            Event::Released { node, epoch, role } => self.locks_released(node, epoch, role, agenda),
            Event::Refresh { node, epoch } => self.refresh(node, epoch, agenda),
            Event::DispatchLocked { node, epoch } => self.dispatch_locked(node, epoch, agenda),
            Event::TaskDue(slot) => self.task_due(slot, agenda),
            Event::AlertWritten => self.alert_written(agenda),
            Event::AlertDue => self.alert_due(agenda),
            Event::Resent(message) => self.receive(message, agenda),
            Event::Changed { node, epoch, copy } => self.copy_arrives(node, epoch, copy, agenda),
            Event::PushTick { node, epoch } => self.push_tick(node, epoch, agenda),
            Event::PushFailed(request) => self.request_failed(request, agenda),
            Event::Timers(timers) => self.timers_fire(timers, agenda),
            Event::TimedLocked { node, epoch, kind } => self.timed_locked(node, epoch, kind, agenda),
            Event::TimedReleased { node, epoch, kind } => self.timed_released(node, epoch, kind, agenda),
            Event::Fault(number) => self.fault_happens(number, agenda),
            Event::MeasureStart => self.measure_starts(agenda),
            Event::MeasureEnd => self.measure_ends(agenda),
            Event::BinEnd => self.bin_ends(agenda),
            Event::ChainEnds(chain) => self.chain_ends(chain, agenda),
            Event::ScansEnd(scans) => self.scans_end(scans, agenda),
        }
    }
}
