//! Locks in the shared in-memory store (server facts, section 2.1).
//!
//! A lock belongs to a task and expires by itself; it does not say which node holds it, so that a node
//! that dies and comes back finds its own old lock taken. A lock has at most one holder.

use super::Cluster;
use super::event::Event;
use crate::engine::Agenda;
use crate::time::SimTime;

impl Cluster<'_> {
    /// A try to take a task's lock. Without the lock store every try fails.
    pub(super) fn try_lock(&mut self, slot: u32, node: u16, agenda: &Agenda<Event>) -> bool {
        let has_locks = self.has_locks(node);
        if self.takes_promised(slot, node) {
            if !has_locks {
                self.tasks.get_mut(slot).free_lock();
            }
            return has_locks;
        }
        let is_taken = has_locks && !self.is_locked(slot, agenda);
        let expires = agenda.now() + self.setup.rules.lock_time[self.tasks.get(slot).role.index()];
        if is_taken {
            self.tasks.get_mut(slot).take_lock(node, expires);
        } else if has_locks {
            self.lock_refused(slot, expires);
        }
        self.tell_lock(node, slot, is_taken);
        is_taken
    }

    /// Whether somebody holds the lock.
    #[inline]
    pub(super) fn is_locked(&self, slot: u32, agenda: &Agenda<Event>) -> bool {
        let task = self.tasks.get(slot);
        if task.is_given_up {
            // If it is released at this event, that has been done: it belongs to the worker that gives it up.
            !agenda.is_reached(task.locked_until, task.released_place)
        } else {
            task.locked_until > agenda.now()
        }
    }

    /// A try to take the lock has failed. If that renews the lock, it now expires at `expires`, unless it is released
    /// before.
    #[inline]
    pub(super) fn lock_refused(&mut self, slot: u32, expires: SimTime) {
        let task = self.tasks.get_mut(slot);
        if self.setup.rules.failed_try_renews && !task.is_given_up {
            // Of tries that are known before they happen, a later one may be known first.
            task.locked_until = task.locked_until.max(expires);
        }
    }

    /// If `node` was promised the lock, it takes it now, or will never do so.
    pub(super) fn takes_promised(&mut self, slot: u32, node: u16) -> bool {
        let task = self.tasks.get_mut(slot);
        let is_promised = task.is_promised && task.lock_owner == node;
        task.is_promised &= !is_promised;
        is_promised
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
            task.free_lock();
        }
    }
}
