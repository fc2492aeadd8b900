//! Locks in the shared in-memory store (server facts, section 2.1).
//!
//! A lock belongs to a task and expires by itself; it does not say which node holds it, so that a node
//! that dies and comes back finds its own old lock taken. A lock has at most one holder: whoever takes
//! one that has not expired is a bug of the simulation, and is asserted.

use super::Cluster;
use super::event::Event;
use crate::engine::Agenda;
use crate::time::SimTime;

impl Cluster<'_> {
    /// A try to take a task's lock. Without the lock store every try fails.
    pub(super) fn try_lock(&mut self, slot: u32, node: u16, now: SimTime) -> bool {
        self.end_promise(slot, node, now);
        if !self.has_locks(node) {
            self.tell_lock(node, slot, false);
            return false;
        }
        let rules = &self.setup.rules;
        let task = self.tasks.get_mut(slot);
        let expires = now + rules.lock_time[task.role.index()];
        if task.locked_until > now {
            if rules.failed_try_renews {
                task.locked_until = expires;
            }
            self.tell_lock(node, slot, false);
            return false;
        }
        task.locked_until = expires;
        task.lock_owner = node;
        self.tell_lock(node, slot, true);
        true
    }

    /// If `node` was promised the lock, it takes it now, or will never do so.
    pub(super) fn end_promise(&mut self, slot: u32, node: u16, now: SimTime) {
        let task = self.tasks.get_mut(slot);
        if task.is_promised && task.lock_owner == node {
            task.is_promised = false;
            task.locked_until = now;
        }
    }

    /// Releases a task's lock, whoever holds it: the server deletes the key. Without the lock store the
    /// lock stays until it expires.
    pub(super) fn unlock(&mut self, slot: u32, node: u16, agenda: &mut Agenda<Event>) {
        if !self.has_locks(node) {
            return;
        }
        let task = self.tasks.get(slot);
        if task.is_chained {
            // Whoever counts on the lock may lose it now.
            self.unravel(task.lock_owner, agenda);
        }
        let task = self.tasks.get_mut(slot);
        if !task.is_promised {
            task.locked_until = agenda.now();
        }
    }
}
