//! The workers: one a role and node, fed by a channel (server facts, sections 2.1 and 2.2).
//!
//! A worker takes up to a batch of tasks from its channel, tries their locks (one round trip each) and
//! drops those that another node holds. It runs the rest on the processor and in the database, deletes
//! the tasks (one database write) and releases the locks. It does not look whether a task still exists:
//! a node that comes late runs it again.

use super::Cluster;
use super::event::{Event, Job};
use super::node::{DispatcherState, RoleState, WorkerState};
use super::tasks::{Origin, Task};
use crate::engine::Agenda;
use crate::layout::Role;
use crate::metrics::story::{Phase, WakeCause, What};
use crate::server::{DispatchRule, LockTaken, Retry};
use crate::time::{SimDuration, SimTime};

/// A task that has failed and waits to fall due again.
#[derive(Debug, Clone, Copy)]
pub(super) struct Postponed {
    since: SimTime,
    due: SimTime,
    generation: u32,
}

impl Cluster<'_> {
    /// An idle worker takes its next tasks, if there are any.
    pub(super) fn take_tasks(&mut self, node: u16, role: Role, agenda: &mut Agenda<Event>) {
        self.note_channel(node, role, agenda.now());
        let state = &mut self.nodes[node as usize];
        let part = &mut state.roles[role.index()];
        let count = part.channel.len().min(self.setup.rules.batch[role.index()]);
        if count == 0 {
            part.worker = WorkerState::Idle;
            if let Some(story) = &mut self.story {
                story.worker(node, role, Phase::Idle, &[]);
            }
            return;
        }
        let by_worker = self.setup.rules.lock_taken == LockTaken::ByWorker;
        if count > 1 || !by_worker {
            for _ in 0..count {
                part.hands.extend(part.channel.pop_front());
            }
            self.begin_to_lock(node, role, agenda);
            if by_worker {
                self.ask_for_locks(node, role, agenda);
            } else {
                self.check_hands(node, role, agenda);
                return;
            }
        } else if let Some(slot) = part.channel.pop_front() {
            self.take_task(node, role, slot, agenda);
        }
        if self.dispatchers[node as usize].state == DispatcherState::Blocked(role) {
            self.dispatch(node, agenda);
        }
    }

    /// A worker that locks its tasks itself takes one.
    pub(super) fn take_task(&mut self, node: u16, role: Role, slot: u32, agenda: &mut Agenda<Event>) {
        self.nodes[node as usize].roles[role.index()].hands.push(slot);
        self.begin_to_lock(node, role, agenda);
        let part = &self.nodes[node as usize].roles[role.index()];
        let place = part.place;
        let answer = agenda.now() + self.setup.costs.lock_round_trip;
        let task = self.tasks.get(slot);
        if task.is_promised {
            self.asks_first(slot, (answer, place), agenda);
        }
        if self.rests_after_refusal(node, role, slot, answer, agenda) || self.chain_ask(node, role, slot, agenda) {
            return;
        }
        self.will_be_answered(node, role, answer, agenda);
    }

    /// A worker has taken tasks in its hands.
    #[inline]
    fn begin_to_lock(&mut self, node: u16, role: Role, agenda: &mut Agenda<Event>) {
        let part = &mut self.nodes[node as usize].roles[role.index()];
        // A worker that has not been idle keeps its place, so that it is known before it takes them.
        if matches!(part.worker, WorkerState::Idle | WorkerState::Resting) {
            part.place = agenda.place();
        }
        part.worker = WorkerState::Locking;
        if let Some(story) = &mut self.story {
            story.worker(node, role, Phase::Locking, &part.hands);
        }
    }

    /// A worker asks for the locks of several tasks in its hands.
    fn ask_for_locks(&mut self, node: u16, role: Role, agenda: &mut Agenda<Event>) {
        let part = &self.nodes[node as usize].roles[role.index()];
        let (count, place) = (part.hands.len(), part.place);
        let answer = agenda.now() + self.round_trips(count);
        for number in 0..count {
            let slot = self.nodes[node as usize].roles[role.index()].hands[number];
            if self.tasks.get(slot).is_promised {
                self.asks_first(slot, (answer, place), agenda);
            }
        }
        self.will_be_answered(node, role, answer, agenda);
    }

    /// The lock store will have answered for the tasks in a worker's hands at `answer`.
    fn will_be_answered(&mut self, node: u16, role: Role, answer: SimTime, agenda: &mut Agenda<Event>) {
        let state = &self.nodes[node as usize];
        let part = &state.roles[role.index()];
        agenda.at_place(answer, part.place, Event::Locked { node, epoch: self.epochs[node as usize], role });
        for &slot in &part.hands {
            let task = self.tasks.get_mut(slot);
            task.asked_until = task.asked_until.max(answer);
        }
    }

    /// Time for a request to the lock store for each of `count` tasks.
    pub(super) fn round_trips(&self, count: usize) -> SimDuration {
        SimDuration::from_nanos(self.setup.costs.lock_round_trip.as_nanos() * count as u64)
    }

    /// 0.16: the tasks are locked already; those that are gone are dropped, the rest is run.
    fn check_hands(&mut self, node: u16, role: Role, agenda: &mut Agenda<Event>) {
        let mut hands = std::mem::take(&mut self.nodes[node as usize].roles[role.index()].hands);
        hands.retain(|&mut slot| {
            let exists = !self.tasks.get(slot).is_done;
            if !exists {
                if let Some(story) = &mut self.story {
                    story.task(slot, |task| What::Gone { node, task });
                }
                self.unlock(slot, node, agenda);
                self.tasks.let_go(slot);
            }
            exists
        });
        let is_empty = hands.is_empty();
        self.nodes[node as usize].roles[role.index()].hands = hands;
        if is_empty {
            self.batch_ended(node, role, agenda);
        }
        self.run_or_take_more(node, role, agenda);
    }

    fn run_or_take_more(&mut self, node: u16, role: Role, agenda: &mut Agenda<Event>) {
        if self.nodes[node as usize].roles[role.index()].hands.is_empty() {
            self.take_tasks(node, role, agenda);
        } else {
            self.start_run(node, role, agenda);
        }
    }

    /// The lock store has answered: run what could be locked.
    pub(super) fn locks_answered(&mut self, node: u16, epoch: u16, role: Role, agenda: &mut Agenda<Event>) {
        if self.epochs[node as usize] != epoch {
            return;
        }
        let mut hands = std::mem::take(&mut self.nodes[node as usize].roles[role.index()].hands);
        hands.retain(|&mut slot| {
            let locked = self.try_lock(slot, node, agenda);
            if !locked {
                self.tasks.let_go(slot);
            }
            locked
        });
        self.nodes[node as usize].roles[role.index()].hands = hands;
        self.run_or_take_more(node, role, agenda);
    }

    /// Begins to run the tasks in the worker's hands.
    pub(super) fn start_run(&mut self, node: u16, role: Role, agenda: &mut Agenda<Event>) {
        if self.chain_start(node, role, agenda) {
            return;
        }
        let now = agenda.now();
        let part = &mut self.nodes[node as usize].roles[role.index()];
        part.worker = WorkerState::Running;
        if let Some(story) = &mut self.story {
            story.worker(node, role, Phase::Running, &part.hands);
        }
        part.run_start = now;
        self.count_starts(node, role, now);
        let cpu = self.in_hands(node, role, |task| task.cpu);
        self.use_processor(node, cpu, Job::Run(role), agenda);
    }

    /// The sum of something over the tasks in a worker's hands.
    fn in_hands(&self, node: u16, role: Role, of: impl Fn(&Task) -> SimDuration) -> SimDuration {
        let mut sum = SimDuration::ZERO;
        for &slot in &self.nodes[node as usize].roles[role.index()].hands {
            sum += of(self.tasks.get(slot));
        }
        sum
    }

    /// The tasks in a worker's hands have begun to run at `at`.
    pub(super) fn count_starts(&mut self, node: u16, role: Role, at: SimTime) {
        for &slot in &self.nodes[node as usize].roles[role.index()].hands {
            let created = self.tasks.origin(slot).created;
            let task = self.tasks.get_mut(slot);
            if task.is_measured && !task.is_started {
                let record = &mut self.record.roles[role.index()];
                record.wait_ns += u128::from(at.since(created).as_nanos());
                record.started += 1;
            }
            task.is_started = true;
        }
    }

    /// The processor part of a run is over.
    pub(super) fn run_processed(&mut self, node: u16, role: Role, agenda: &mut Agenda<Event>) {
        if let Some(story) = &mut self.story {
            story.worker(node, role, Phase::Storing, &self.nodes[node as usize].roles[role.index()].hands);
        }
        self.count_processed(node, role, agenda.now());
        let database = self.in_hands(node, role, |task| task.database);
        self.use_database(node, database, Job::Run(role), agenda);
    }

    /// The processor part of a run was over at `at`.
    pub(super) fn count_processed(&mut self, node: u16, role: Role, at: SimTime) {
        let cpu = self.in_hands(node, role, |task| task.cpu);
        self.note_busy(node, role, cpu, at);
    }

    /// A run is over: count it, delete what succeeded.
    pub(super) fn run_finished(&mut self, node: u16, role: Role, agenda: &mut Agenda<Event>) {
        let now = agenda.now();
        let part = &mut self.nodes[node as usize].roles[role.index()];
        part.worker = WorkerState::Deleting;
        let start = part.run_start;
        self.count_runs(node, role, start, now);
        let mut hands = std::mem::take(&mut self.nodes[node as usize].roles[role.index()].hands);
        let mut failed = Vec::new();
        hands.retain(|&mut slot| {
            let task = self.tasks.get_mut(slot);
            let succeeded = task.failures_left == 0;
            if !succeeded {
                self.record.roles[role.index()].failed_executions += u64::from(task.is_measured);
                task.failures_left -= 1;
                failed.push(slot);
                if let Some(story) = &mut self.story {
                    story.task(slot, |task| What::RunFailed { node, task });
                }
            }
            succeeded
        });
        if self.setup.rules.dispatch == DispatchRule::Once {
            self.finish_once(node, role, hands, failed, agenda);
            return;
        }
        for slot in failed {
            self.run_failed(slot, node, agenda);
        }
        let is_empty = hands.is_empty();
        self.nodes[node as usize].roles[role.index()].hands = hands;
        if is_empty {
            self.batch_ended(node, role, agenda);
            self.take_tasks(node, role, agenda);
        } else {
            if let Some(story) = &mut self.story {
                story.worker(node, role, Phase::Deleting, &self.nodes[node as usize].roles[role.index()].hands);
            }
            self.use_database(node, self.setup.costs.delete, Job::Delete(role), agenda);
        }
    }

    /// The run of the tasks in a worker's hands, from `start` on, was over at `at`. (Which of them have failed is known
    /// one after the other: a task may be there twice.)
    pub(super) fn count_runs(&mut self, node: u16, role: Role, start: SimTime, at: SimTime) {
        let RoleState { hands, record: by_node, .. } = &mut self.nodes[node as usize].roles[role.index()];
        let service = at.since(start).as_nanos() / hands.len().max(1) as u64;
        let mut database = SimDuration::ZERO;
        for &slot in hands.iter() {
            let task = self.tasks.get(slot);
            database += task.database;
            if task.is_measured {
                let record = &mut self.record.roles[role.index()];
                record.executions += 1;
                record.service_ns += u128::from(service);
                by_node.executions += 1;
            }
        }
        self.note_database(node, role, database, at);
    }

    /// A failed task keeps its place in the table; its lock is released.
    fn run_failed(&mut self, slot: u32, node: u16, agenda: &mut Agenda<Event>) {
        let now = agenda.now();
        let task = self.tasks.get_mut(slot);
        task.attempts += 1;
        let attempts = u32::from(task.attempts);
        self.unlock(slot, node, agenda);
        match self.setup.rules.retry {
            Retry::WhenSeenExpires => {}
            Retry::BackOff { max_attempts, .. } if attempts >= max_attempts => self.give_up(slot),
            // A task that another node has done meanwhile is not tried again.
            Retry::BackOff { .. } if self.tasks.get(slot).is_done => {}
            Retry::BackOff { initial, .. } => {
                let delay = initial.mul_f64(f64::from(attempts - 1).exp2());
                self.tasks.postpone(slot);
                let postponed =
                    Postponed { since: now, due: now + delay, generation: self.tasks.origin(slot).generation };
                self.postponed.insert(slot, postponed);
                if let Some(story) = &mut self.story {
                    let until_ns = (now + delay).as_nanos();
                    story.task(slot, |task| What::Postponed { task, until_ns });
                }
                agenda.after(delay, Event::TaskDue(slot));
            }
        }
        self.tasks.let_go(slot);
    }

    /// The tasks in a worker's hands are deleted: they are done, and their locks are released.
    pub(super) fn tasks_deleted(&mut self, node: u16, role: Role, agenda: &mut Agenda<Event>) {
        let now = agenda.now();
        if let Some(story) = &mut self.story {
            story.worker(node, role, Phase::Releasing, &self.nodes[node as usize].roles[role.index()].hands);
        }
        let count = self.nodes[node as usize].roles[role.index()].hands.len();
        for number in 0..count {
            let slot = self.nodes[node as usize].roles[role.index()].hands[number];
            self.complete(slot, now);
        }
        let released = now + self.round_trips(count);
        let is_known = self.gives_up_locks(node, role, released)
            && (self.rest_after_release(node, role, released) || self.chain_later(node, role, released, agenda));
        if !is_known {
            self.will_release(node, role, released, agenda);
        }
    }

    /// A worker goes on at `released`, when it has released the locks of what it has in its hands.
    pub(super) fn will_release(&mut self, node: u16, role: Role, released: SimTime, agenda: &mut Agenda<Event>) {
        let epoch = self.epochs[node as usize];
        let part = &mut self.nodes[node as usize].roles[role.index()];
        part.worker = WorkerState::Releasing;
        agenda.at_place(released, part.place, Event::Released { node, epoch, role });
    }

    /// The locks are released: next.
    pub(super) fn locks_released(&mut self, node: u16, epoch: u16, role: Role, agenda: &mut Agenda<Event>) {
        if self.epochs[node as usize] == epoch {
            self.release_hands(node, role, agenda);
        }
    }

    /// The worker lets go of what it has done, and takes more.
    pub(super) fn release_hands(&mut self, node: u16, role: Role, agenda: &mut Agenda<Event>) {
        let mut hands = std::mem::take(&mut self.nodes[node as usize].roles[role.index()].hands);
        for slot in hands.drain(..) {
            if self.setup.rules.release_after_success[role.index()] {
                self.unlock(slot, node, agenda);
            }
            self.tasks.let_go(slot);
        }
        self.nodes[node as usize].roles[role.index()].hands = hands;
        self.batch_ended(node, role, agenda);
        self.take_tasks(node, role, agenda);
    }

    /// 0.16: the dispatcher is woken when a batch ends or a channel runs empty.
    fn batch_ended(&mut self, node: u16, role: Role, agenda: &mut Agenda<Event>) {
        let rules = &self.setup.rules;
        let is_empty = self.nodes[node as usize].roles[role.index()].channel.is_empty();
        if rules.wake_when_empty && (is_empty || rules.batch[role.index()] > 1) {
            if let Some(story) = &mut self.story {
                story.woken(node, WakeCause::Room);
            }
            self.wake(node, agenda);
        }
    }

    /// A task that had failed falls due again: dispatchers that have seen it wake.
    pub(super) fn task_due(&mut self, slot: u32, agenda: &mut Agenda<Event>) {
        // A node that had read it before may have done it, or failed again, meanwhile; the slot may be another task's.
        let Some(postponed) = self.postponed.get(&slot).copied().filter(|postponed| postponed.due == agenda.now())
        else {
            return;
        };
        self.postponed.remove(&slot);
        let task = self.tasks.get(slot);
        let &Origin { queue, generation, .. } = self.tasks.origin(slot);
        if task.is_done || generation != postponed.generation {
            return;
        }
        let (role, shard) = (task.role, self.tasks.queues[queue as usize].shard);
        self.tasks.put_back(slot);
        self.tell_readers(role, shard);
        self.wake_those_who_saw(postponed.since, agenda);
    }

    /// Marks a task as done, or counts the run as a duplicate if it was done before.
    pub(super) fn complete(&mut self, slot: u32, now: SimTime) {
        let task = *self.tasks.get(slot);
        let role = task.role.index();
        if task.is_done {
            self.record.roles[role].duplicate_executions += u64::from(task.is_measured);
            return;
        }
        if task.is_measured {
            let &Origin { created, queue, .. } = self.tasks.origin(slot);
            self.record.roles[role].completed += 1;
            let shard = self.tasks.queues[queue as usize].shard;
            self.record.record_latency(task.role, shard, now.since(created));
            self.close_measured(queue);
        }
        self.waiting_by_role[role] -= 1;
        self.tasks.delete(slot);
    }

    fn give_up(&mut self, slot: u32) {
        let task = *self.tasks.get(slot);
        if task.is_done {
            return;
        }
        if task.is_measured {
            self.record.roles[task.role.index()].failed += 1;
            self.close_measured(self.tasks.origin(slot).queue);
        }
        if let Some(story) = &mut self.story {
            story.task(slot, |task| What::GivenUp { task });
        }
        self.waiting_by_role[task.role.index()] -= 1;
        self.tasks.delete(slot);
    }
}
