//! Foresight: the chain of a worker's next task is known while it still releases the locks of the last one.
//!
//! A worker whose channel is not empty asks for the next lock as soon as it has released the last ones. If nobody else
//! asks before that, its course is known when the release begins: the chain follows at once, without an event between
//! the two.
//!
//! **What keeps this exact.** Until the release is over, the task still waits in the channel for everybody else. Who asks
//! for its lock before that is first ([`Cluster::asks_first`]); before another task enters the channel, and before the
//! chain is unravelled for any other reason, the task goes back ([`Cluster::wait_on`]).

use super::Cluster;
use super::event::{Event, Job};
use super::node::{DispatcherState, WorkerState};
use crate::engine::Agenda;
use crate::layout::Role;
use crate::server::{FullChannel, LockTaken};
use crate::time::SimTime;

impl Cluster<'_> {
    /// A worker that has given up its locks for `released` asks for the lock of its next task then: as a chain if it can.
    pub(super) fn chain_later(&mut self, node: u16, role: Role, released: SimTime, agenda: &mut Agenda<Event>) -> bool {
        let rules = &self.setup.rules;
        let part = &self.nodes[node as usize].roles[role.index()];
        let Some(&slot) = part.channel.front() else { return false };
        let takes_one = part.channel.len().min(rules.batch[role.index()]) == 1;
        let by_worker = rules.lock_taken == LockTaken::ByWorker && rules.full_channel == FullChannel::Wait;
        let is_blocked = self.dispatchers[node as usize].state == DispatcherState::Blocked(role);
        if !takes_one || !by_worker || is_blocked || !self.is_free(slot, agenda) || !self.has_locks(node) {
            return false;
        }
        let locked = released + self.setup.costs.lock_round_trip;
        let until = locked + rules.lock_time[role.index()];
        let part = &mut self.nodes[node as usize].roles[role.index()];
        let length = part.channel.len() as u64;
        part.channel.pop_front();
        part.hands.push(slot);
        if !self.chain_run(node, role, Some(released), locked, until, agenda) {
            let part = &mut self.nodes[node as usize].roles[role.index()];
            part.hands.clear();
            part.channel.push_front(slot);
            return false;
        }
        self.note_length(node, role, length, released);
        self.nodes[node as usize].roles[role.index()].rests_until = released;
        self.tasks.get_mut(slot).promise_lock(node, locked, until);
        true
    }

    /// Whether nobody has the lock of a task, is promised it or has asked for it.
    fn is_free(&self, slot: u32, agenda: &Agenda<Event>) -> bool {
        let task = self.tasks.get(slot);
        !self.is_locked(slot, agenda) && task.asked_until < agenda.now()
    }

    /// A worker asks for a lock that is promised, and will be answered at `answer`, a time and a place. Who is promised it and
    /// will be answered later, because it asks later or, at the same moment, has the younger place, was promised too much.
    #[cold]
    pub(super) fn asks_first(&mut self, slot: u32, answer: (SimTime, u64), agenda: &mut Agenda<Event>) {
        let task = self.tasks.get(slot);
        let (owner, role) = (task.lock_owner, task.role);
        if answer < (task.promised_for, self.nodes[owner as usize].roles[role.index()].place) {
            self.unravel_job(owner, Job::Run(role), agenda);
            let task = self.tasks.get_mut(slot);
            // It still asks, and is answered then.
            task.asked_until = task.asked_until.max(task.promised_for);
            task.is_promised = false;
            task.free_lock();
        }
    }

    /// From now on a worker waits for the end of its release, if it does: it has not taken its next task yet.
    #[inline]
    pub(super) fn end_foresight(&mut self, node: u16, role: Role, agenda: &mut Agenda<Event>) {
        let part = &self.nodes[node as usize].roles[role.index()];
        if part.worker == WorkerState::Running && !agenda.is_past(part.rests_until, part.place) {
            self.unravel_job(node, Job::Run(role), agenda);
        }
    }

    /// The task that a worker was to take goes back to its channel.
    pub(super) fn wait_on(&mut self, node: u16, role: Role, agenda: &mut Agenda<Event>) {
        self.unchain_hands(node, role, true);
        let part = &mut self.nodes[node as usize].roles[role.index()];
        for slot in part.hands.drain(..) {
            self.tasks.get_mut(slot).free_lock();
            part.channel.push_front(slot);
        }
        let (length, released) = (part.channel.len() as u64, part.rests_until);
        self.take_back_length(node, role, length, agenda.now(), released);
        self.will_release(node, role, released, agenda);
    }
}
