//! What faults do to nodes and services.
//!
//! A node that dies forgets everything that it had in memory: channels, the `seen` map, requests, what it
//! was working on. Its locks stay until they expire. When it comes back it starts from the beginning:
//! it scans, sets its timers, loads its subscriptions.

use super::event::{Event, Job};
use super::node::{DispatcherState, WorkerState};
use super::processor::Speed;
use super::{Cluster, foresee};
use crate::engine::Agenda;
use crate::faults::{Change, Service};
use crate::layout::Role;
use crate::metrics::story::What;
use crate::server::DispatchRule;
use crate::time::SimTime;

impl Cluster<'_> {
    /// The change number `number` of the timetable is the next, if there are so many.
    pub(super) fn plan_fault(&mut self, number: u32, agenda: &mut Agenda<Event>) {
        self.next_fault = self.timetable.get(number as usize).map_or(SimTime::NEVER, |(at, _)| *at);
        if self.next_fault < SimTime::NEVER {
            agenda.at(self.next_fault, Event::Fault(number));
        }
    }

    /// The change number `number` of the timetable happens.
    pub(super) fn fault_happens(&mut self, number: u32, agenda: &mut Agenda<Event>) {
        let (_, change) = self.timetable[number as usize];
        self.plan_fault(number + 1, agenda);
        let now = agenda.now();
        self.unravel_all(agenda);
        self.tell_service(change);
        match change {
            Change::NodeDown(node) => {
                self.nodes[node as usize].down_causes += 1;
                self.note_reach(node);
                self.note_hearing();
                if self.nodes[node as usize].down_causes == 1 {
                    self.node_dies(node, agenda);
                }
            }
            Change::NodeUp(node) => {
                self.nodes[node as usize].down_causes -= 1;
                if self.nodes[node as usize].down_causes == 0 {
                    self.node_comes_back(node, agenda);
                }
            }
            Change::NodeSpeed(node, factor) => {
                let state = &mut self.nodes[node as usize];
                state.speed_factor *= factor;
                let speed = self.setup.nodes[node as usize].speed * state.speed_factor;
                self.cores[node as usize].speed = Speed(speed);
                let forecast = state.processor.set_speed(now, speed);
                foresee(node, forecast, agenda);
            }
            Change::CutOff(node, service) => self.cut_off(node, service),
            Change::Reconnected(node, service) => self.reconnect(node, service, agenda),
            Change::ServiceDown(Service::Coordinator) => self.coordinator.outages += 1,
            Change::ServiceUp(Service::Coordinator) => self.coordinator.outages -= 1,
            Change::ServiceDown(Service::LockStore) => self.lock_store_outages += 1,
            Change::ServiceUp(Service::LockStore) => self.lock_store_outages -= 1,
            Change::ServiceDown(Service::Database) => self.database.stop(),
            Change::ServiceUp(Service::Database) => self.database_resumes(agenda),
            Change::DatabaseTimes(factor) => self.database.time_factor *= factor,
        }
    }

    fn database_resumes(&mut self, agenda: &mut Agenda<Event>) {
        self.database.resume();
        if self.database.is_down() {
            return;
        }
        for work in std::mem::take(&mut self.stalled) {
            self.request_stored(work, agenda);
        }
        self.start_requests(agenda);
    }

    fn node_dies(&mut self, node: u16, agenda: &mut Agenda<Event>) {
        let now = agenda.now();
        if let Some(story) = &mut self.story {
            story.plain(What::NodeDown { node });
        }
        self.cover(node, false, now);
        let epoch = &mut self.epochs[node as usize];
        *epoch = epoch.wrapping_add(1);
        let state = &mut self.nodes[node as usize];
        state.down_since = now;
        state.health.turn(false, self.setup.notice_delay, now);
        let jobs = state.processor.clear(now);
        self.cores[node as usize].in_use -= jobs.len() as u32;
        self.dispatcher_dies(node);
        for role in Role::ALL {
            self.worker_dies(node, role, agenda);
        }
        let mut requests = Vec::new();
        for work in jobs {
            match work.job() {
                Job::Ingest(message) => self.defer(message, agenda),
                Job::Request(request) => requests.push(request),
                _ => {}
            }
        }
        self.links_die(node, agenda);
        self.push_dies(node, &requests, agenda);
        self.timed_dies(node, agenda);
    }

    fn dispatcher_dies(&mut self, node: u16) {
        let reading = &mut self.nodes[node as usize].reading;
        let held = reading.batch.drain(..).skip(reading.next_in_batch).map(|found| found.slot);
        let held: Vec<u32> = held.collect();
        reading.next_in_batch = 0;
        let dispatcher = &mut self.dispatchers[node as usize];
        dispatcher.state = DispatcherState::Asleep;
        dispatcher.is_woken = false;
        dispatcher.has_alarm = false;
        self.news[node as usize] = u16::MAX;
        dispatcher.seen_expires = SimTime::NEVER;
        self.tell_forgotten(node, &held);
        for slot in held {
            self.tasks.let_go(slot);
        }
    }

    fn worker_dies(&mut self, node: u16, role: Role, agenda: &mut Agenda<Event>) {
        self.note_channel(node, role, agenda.now());
        let part = &mut self.nodes[node as usize].roles[role.index()];
        let worker = std::mem::replace(&mut part.worker, WorkerState::Idle);
        part.cursor = 0;
        part.seen.clear();
        part.backlog.clear();
        let channel = std::mem::take(&mut part.channel);
        let measured = part.hands.iter().filter(|&&slot| self.tasks.get(slot).is_measured).count() as u64;
        match worker {
            WorkerState::Running => self.record.roles[role.index()].interrupted_executions += measured,
            WorkerState::Deleting => self.runs_lost[role.index()] += measured,
            WorkerState::Idle | WorkerState::Locking | WorkerState::Releasing | WorkerState::Resting => {}
        }
        if self.setup.rules.dispatch == DispatchRule::Once {
            self.once_dies(node, role, agenda);
            return;
        }
        let hands = std::mem::take(&mut self.nodes[node as usize].roles[role.index()].hands);
        for &slot in &hands {
            if worker == WorkerState::Locking && self.takes_promised(slot, node) {
                self.tasks.get_mut(slot).free_lock();
            }
        }
        for slot in channel.into_iter().chain(hands) {
            self.tell_forgotten(node, &[slot]);
            self.tasks.let_go(slot);
        }
    }

    fn node_comes_back(&mut self, node: u16, agenda: &mut Agenda<Event>) {
        let now = agenda.now();
        self.record.nodes[node as usize].down_ns += self.measured_part(self.nodes[node as usize].down_since, now);
        self.cover(node, true, now);
        self.nodes[node as usize].up_since = now;
        self.note_reach(node);
        self.note_hearing();
        if let Some(story) = &mut self.story {
            story.plain(What::NodeUp { node });
        }
        self.nodes[node as usize].health.turn(true, self.setup.notice_delay, now);
        self.node_starts(node, agenda);
    }

    /// A server process starts.
    pub(super) fn node_starts(&mut self, node: u16, agenda: &mut Agenda<Event>) {
        if self.reads_table {
            if let Some(story) = &mut self.story {
                story.starts(node);
            }
            self.wake(node, agenda);
        } else {
            for &role in self.setup.rules.queue_roles {
                self.take_once(node, role, agenda);
            }
        }
        self.push_starts(node, agenda);
        self.timed_starts(node, agenda);
    }

    /// Keeps account of the shards without a live node.
    pub(super) fn cover(&mut self, node: u16, is_up: bool, now: SimTime) {
        for role in Role::ALL {
            for shard in self.setup.coverage(role).shards_of(node as usize) {
                let (role, shard) = (role.index(), shard as usize);
                let live = &mut self.live_members[role][shard];
                if is_up {
                    *live += 1;
                    if *live == 1 {
                        let since = self.uncovered_since[role][shard];
                        self.record.shards[role][shard].uncovered_ns += self.measured_part(since, now);
                    }
                } else {
                    *live -= 1;
                    if *live == 0 {
                        self.uncovered_since[role][shard] = now;
                    }
                }
            }
        }
    }

    /// Nanoseconds of the measured span between two times.
    pub(super) fn measured_part(&self, from: SimTime, to: SimTime) -> u64 {
        let span = &self.setup.span;
        to.min(span.measure_end).since(from.max(span.measure_start)).as_nanos()
    }
}
