//! Rests: what a worker waits for when nothing is left for it to do.
//!
//! A worker that has deleted its tasks waits until their locks are released; one that has asked for a lock which it will
//! not get waits for the answer. If its channel is empty nothing else happens then: the worker is idle, and nobody has
//! to hear of it. It *rests*, and needs no event. The lock is told at once when it will be free, or renewed; the task is
//! let go. Only if a task enters the channel while the rest lasts, the rest's end becomes an event
//! ([`Cluster::end_rest`]).
//!
//! **What keeps this exact.** A rest ends before the next fault, so nothing takes the worker's node or the lock store
//! away meanwhile. A lock that somebody may release who lost it long ago is contested, and no rest depends on it. That a
//! try will fail is known only if the lock's holder works in a chain, or rests itself: a chain that is unravelled takes
//! longer, never less.

use super::Cluster;
use super::event::{Event, Job};
use super::node::WorkerState;
use crate::engine::Agenda;
use crate::layout::Role;
use crate::time::SimTime;

impl Cluster<'_> {
    /// A worker is about to release the locks of the tasks in its hands until `released`: it can give them up now if
    /// nothing can come between.
    pub(super) fn gives_up_locks(&mut self, node: u16, role: Role, released: SimTime) -> bool {
        let rules = &self.setup.rules;
        if rules.wake_when_empty || !self.may_foresee || released >= self.next_fault {
            return false;
        }
        let has_locks = self.has_locks(node);
        let part = &mut self.nodes[node as usize].roles[role.index()];
        let is_released = rules.release_after_success[role.index()];
        let is_sure = |&slot: &u32| {
            let task = self.tasks.get(slot);
            task.locked_until > released && !task.is_contested
        };
        if is_released && !(has_locks && part.hands.iter().all(is_sure)) {
            return false;
        }
        for &slot in &part.hands {
            if is_released {
                let task = self.tasks.get_mut(slot);
                debug_assert_eq!(task.lock_owner, node, "who loses a lock leaves it contested");
                task.locked_until = released;
                task.released_place = part.place;
                task.is_given_up = true;
            }
            self.tasks.let_go(slot);
        }
        part.hands.clear();
        true
    }

    /// A worker has given up its locks for `released`, and rests until then if its channel is empty.
    pub(super) fn rest_after_release(&mut self, node: u16, role: Role, released: SimTime) -> bool {
        let part = &mut self.nodes[node as usize].roles[role.index()];
        let is_empty = part.channel.is_empty();
        if is_empty {
            part.worker = WorkerState::Resting;
            part.rests_until = released;
        }
        is_empty
    }

    /// A worker asks for the lock of the only task in its hands, and will be answered at `answer`: it rests until then if that
    /// will be no.
    #[inline]
    pub(super) fn rests_after_refusal(
        &mut self,
        node: u16,
        role: Role,
        slot: u32,
        answer: SimTime,
        agenda: &Agenda<Event>,
    ) -> bool {
        let part = &self.nodes[node as usize].roles[role.index()];
        // Without a round trip the answer may come before the present event.
        let is_later = answer < self.next_fault && !agenda.is_past(answer, part.place);
        let may_rest = self.may_foresee && part.channel.is_empty() && is_later;
        if !may_rest || self.free_at(slot) <= (answer, part.place) || !self.has_locks(node) {
            return false;
        }
        self.lock_refused(slot, answer + self.setup.rules.lock_time[role.index()]);
        self.tasks.let_go(slot);
        let part = &mut self.nodes[node as usize].roles[role.index()];
        part.hands.clear();
        part.worker = WorkerState::Resting;
        part.rests_until = answer;
        true
    }

    /// Time and place before which the lock of a task will not be free, whatever happens.
    fn free_at(&self, slot: u32) -> (SimTime, u64) {
        let task = self.tasks.get(slot);
        if task.is_contested {
            (SimTime::ZERO, 0)
        } else if task.is_given_up {
            (task.locked_until, task.released_place)
        } else if task.is_chained {
            self.chain_end(task.lock_owner, Job::Run(task.role))
        } else {
            (SimTime::ZERO, 0)
        }
    }

    /// A task has entered the channel of a worker that rests.
    pub(super) fn end_rest(&mut self, node: u16, role: Role, agenda: &mut Agenda<Event>) {
        let part = &self.nodes[node as usize].roles[role.index()];
        if agenda.is_past(part.rests_until, part.place) {
            self.take_tasks(node, role, agenda);
        } else {
            self.will_release(node, role, part.rests_until, agenda);
        }
    }
}
