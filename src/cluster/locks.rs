//! Locks in the shared in-memory store (server facts, section 2.1).
//!
//! A lock belongs to a task and expires by itself; it does not say which node holds it, so that a node
//! that dies and comes back finds its own old lock taken. A lock has at most one holder: whoever takes
//! one that has not expired is a bug of the simulation, and is asserted.

use super::Cluster;
use crate::time::SimTime;

impl Cluster<'_> {
    /// A try to take a task's lock. Without the lock store every try fails.
    pub(super) fn try_lock(&mut self, slot: u32, node: u16, now: SimTime) -> bool {
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

    /// Releases a task's lock, whoever holds it: the server deletes the key. Without the lock store the
    /// lock stays until it expires.
    pub(super) fn unlock(&mut self, slot: u32, node: u16, now: SimTime) {
        if self.has_locks(node) {
            self.tasks.get_mut(slot).locked_until = now;
        }
    }
}
