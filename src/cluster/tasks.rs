//! The task table in the shared database.
//!
//! A task is created with its message, *written* when the message is delivered (or when an alert falls
//! due), *done* when a worker has deleted it. Written tasks stand in the log of their queue, one queue a
//! role and shard, in the order of writing; a node remembers how far it has read each log, so that no
//! scan touches a task twice. A slot is used again when its task is done and no channel or worker holds
//! it any more.

use crate::layout::Role;
use crate::time::{SimDuration, SimTime};
use std::collections::VecDeque;

/// "No task" in links between tasks.
pub const NONE: u32 = u32::MAX;

/// One task, as everybody sees it who works with it: in one line of the cache.
#[derive(Debug, Clone, Copy)]
#[repr(align(64))]
pub struct Task {
    /// Time on a reference core.
    pub cpu: SimDuration,
    /// Time in the database.
    pub database: SimDuration,
    /// Until when its lock is held; the past if it is free.
    pub locked_until: SimTime,
    /// Place, among events of equal times, at which a lock is released that has been given up for `locked_until`.
    pub released_place: u64,
    /// When its lock's owner gets it, to whom it is promised.
    pub promised_for: SimTime,
    /// When the last one who has asked for its lock is answered.
    pub asked_until: SimTime,
    /// Channels, batches and workers that hold it.
    pub holders: u16,
    /// Node that took the lock last.
    pub lock_owner: u16,
    /// Runs that are still to fail.
    pub failures_left: u8,
    /// Runs that have failed.
    pub attempts: u8,
    pub role: Role,
    pub is_measured: bool,
    pub is_written: bool,
    pub is_done: bool,
    pub is_started: bool,
    /// Whether it belongs to a chain of its lock's owner.
    pub is_chained: bool,
    /// Whether its lock's owner has asked for it first and will get it, whatever happens meanwhile.
    pub is_promised: bool,
    /// Whether the lock will be released at `locked_until`, whatever happens meanwhile.
    pub is_given_up: bool,
    /// Whether the lock was taken from somebody who has not released it, and may still do so.
    pub is_contested: bool,
}

const _: () = assert!(size_of::<Task>() == 64, "one line of the cache");

/// Where a task comes from and where it stands: what is seldom looked at.
#[derive(Debug, Clone, Copy)]
pub struct Origin {
    /// When it was written or fell due.
    pub created: SimTime,
    /// Delay of the coordinator for the change that the task's delivery makes.
    pub delay: SimDuration,
    /// Position in its queue's log.
    pub position: u64,
    pub account: u32,
    /// Its message's next task, or [`NONE`].
    pub next: u32,
    /// Tells it from earlier tasks in the same slot, and from itself before it was postponed.
    pub generation: u32,
    pub queue: u32,
}

impl Task {
    /// A task that is not written yet; its lock is free.
    #[inline]
    pub fn new(role: Role, cpu: SimDuration, database: SimDuration, failures: u8, is_measured: bool) -> Self {
        Self {
            cpu,
            database,
            locked_until: SimTime::ZERO,
            released_place: 0,
            promised_for: SimTime::ZERO,
            asked_until: SimTime::ZERO,
            holders: 0,
            lock_owner: 0,
            failures_left: failures,
            attempts: 0,
            role,
            is_measured,
            is_written: false,
            is_done: false,
            is_started: false,
            is_chained: false,
            is_promised: false,
            is_given_up: false,
            is_contested: false,
        }
    }

    /// `node` has the lock from now on, until it expires.
    #[inline]
    pub fn take_lock(&mut self, node: u16, expires: SimTime) {
        self.is_contested |= self.locked_until > SimTime::ZERO && !self.is_given_up;
        self.is_given_up = false;
        self.locked_until = expires;
        self.lock_owner = node;
    }

    /// `node` gets the lock at `at`, whatever happens before.
    #[inline]
    pub fn promise_lock(&mut self, node: u16, at: SimTime, expires: SimTime) {
        self.take_lock(node, expires);
        self.promised_for = at;
        self.is_promised = true;
    }

    /// Nobody has the lock.
    #[inline]
    pub fn free_lock(&mut self) {
        self.locked_until = SimTime::ZERO;
        self.is_given_up = false;
    }
}

/// The written tasks of one role and shard.
#[derive(Debug, Default)]
pub struct Queue {
    pub shard: u32,
    /// Their slots; [`NONE`] stands where one has left.
    log: VecDeque<u32>,
    /// Position of the log's first entry.
    first: u64,
    /// Tasks written and not done.
    pub waiting: u32,
    /// Measured tasks that were written.
    pub created: u64,
}

impl Queue {
    /// Position behind the last entry.
    pub fn end(&self) -> u64 {
        self.first + self.log.len() as u64
    }

    /// Position of the first entry; what stood before it is done, or was postponed and comes back at a new position.
    #[inline]
    pub fn first(&self) -> u64 {
        self.first
    }
}

/// All tasks.
#[derive(Default)]
pub struct TaskTable {
    slots: Vec<Task>,
    /// By slot.
    origins: Vec<Origin>,
    free: Vec<u32>,
    pub queues: Vec<Queue>,
    /// Tasks written and not done, all queues together.
    pub waiting: u32,
    /// Measured tasks that are done and still in somebody's hands: whoever comes late runs them again.
    pub lingering: u32,
}

impl TaskTable {
    /// An empty table with one queue for each of these shards.
    pub fn new(queues: Vec<u32>) -> Self {
        let queues = queues.into_iter().map(|shard| Queue { shard, ..Queue::default() }).collect();
        Self { queues, ..Self::default() }
    }

    /// Makes room for so many new tasks, and not for twice as many.
    pub fn reserve(&mut self, count: usize) {
        let new = count.saturating_sub(self.free.len());
        self.slots.reserve_exact(new);
        self.origins.reserve_exact(new);
    }

    /// Stores a new task of an account, not yet written, with `next` behind it.
    pub fn add(&mut self, task: Task, account: u32, next: u32) -> u32 {
        let (created, delay) = (SimTime::ZERO, SimDuration::ZERO);
        let origin = Origin { created, delay, position: 0, account, next, generation: 0, queue: NONE };
        if let Some(slot) = self.free.pop() {
            let place = slot as usize;
            self.slots[place] = task;
            self.origins[place] = Origin { generation: self.origins[place].generation, ..origin };
            slot
        } else {
            self.slots.push(task);
            self.origins.push(origin);
            (self.slots.len() - 1) as u32
        }
    }

    #[inline]
    pub fn get(&self, slot: u32) -> &Task {
        &self.slots[slot as usize]
    }

    #[inline]
    pub fn get_mut(&mut self, slot: u32) -> &mut Task {
        &mut self.slots[slot as usize]
    }

    #[inline]
    pub fn origin(&self, slot: u32) -> &Origin {
        &self.origins[slot as usize]
    }

    /// The delay of the coordinator for what a task's delivery changes.
    pub fn set_delay(&mut self, slot: u32, delay: SimDuration) {
        self.origins[slot as usize].delay = delay;
    }

    /// The task at a position of a queue's log, from the first entry on, if it is in the table (written, not done).
    #[inline]
    pub fn waiting_at(&self, queue: u32, position: u64) -> Option<u32> {
        let queue = &self.queues[queue as usize];
        let place = position.checked_sub(queue.first)?;
        queue.log.get(place as usize).copied().filter(|&slot| slot != NONE)
    }

    /// Writes a task into its queue.
    pub fn write(&mut self, slot: u32, queue: u32, now: SimTime) {
        let origin = &mut self.origins[slot as usize];
        origin.created = now;
        origin.queue = queue;
        let queue = &mut self.queues[queue as usize];
        queue.waiting += 1;
        self.waiting += 1;
        self.enter(slot);
    }

    fn enter(&mut self, slot: u32) {
        self.slots[slot as usize].is_written = true;
        let origin = &mut self.origins[slot as usize];
        let queue = &mut self.queues[origin.queue as usize];
        origin.position = queue.end();
        queue.log.push_back(slot);
    }

    /// Nothing stands any more where a task stands in its queue's log.
    fn leave(&mut self, slot: u32) {
        let &Origin { queue, position, .. } = self.origin(slot);
        let queue = &mut self.queues[queue as usize];
        let place = position.checked_sub(queue.first);
        if let Some(entry) = place.and_then(|place| queue.log.get_mut(place as usize)) {
            *entry = NONE;
        }
    }

    /// A task that has failed leaves the queue until it falls due again. Whoever has seen it has seen it
    /// in vain: it comes back as a new entry.
    pub fn postpone(&mut self, slot: u32) {
        self.leave(slot);
        self.slots[slot as usize].is_written = false;
        let origin = &mut self.origins[slot as usize];
        origin.generation = origin.generation.wrapping_add(1);
    }

    /// A postponed task falls due.
    pub fn put_back(&mut self, slot: u32) {
        self.enter(slot);
    }

    /// Takes a task out of the table. The slot lives on while somebody holds it.
    pub fn delete(&mut self, slot: u32) {
        let task = &mut self.slots[slot as usize];
        task.is_done = true;
        self.lingering += u32::from(task.is_measured);
        self.leave(slot);
        let queue = &mut self.queues[self.origins[slot as usize].queue as usize];
        queue.waiting -= 1;
        self.waiting -= 1;
        while queue.log.front() == Some(&NONE) {
            queue.log.pop_front();
            queue.first += 1;
        }
        self.free_if_unused(slot);
    }

    /// Somebody holds the task from now on.
    #[inline]
    pub fn hold(&mut self, slot: u32) {
        self.slots[slot as usize].holders += 1;
    }

    /// Somebody holds the task no more.
    #[inline]
    pub fn let_go(&mut self, slot: u32) {
        self.slots[slot as usize].holders -= 1;
        self.free_if_unused(slot);
    }

    fn free_if_unused(&mut self, slot: u32) {
        let task = &mut self.slots[slot as usize];
        if task.is_done && task.holders == 0 {
            task.is_written = false;
            self.lingering -= u32::from(task.is_measured);
            let origin = &mut self.origins[slot as usize];
            origin.generation = origin.generation.wrapping_add(1);
            self.free.push(slot);
        }
    }

    /// Tasks in the table: written (postponed ones too) and not done.
    pub fn in_table(&self) -> impl Iterator<Item = &Task> {
        let tasks = self.slots.iter().zip(&self.origins);
        tasks.filter(|(task, origin)| !task.is_done && origin.queue != NONE).map(|(task, _)| task)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A table with one queue, in which so many tasks are written, each held by a reader.
    fn written(count: u32) -> TaskTable {
        let mut table = TaskTable::new(vec![0]);
        for account in 0..count {
            let task = Task::new(Role::FtsIndexing, SimDuration::ZERO, SimDuration::ZERO, 0, true);
            let slot = table.add(task, account, NONE);
            table.write(slot, 0, SimTime::from_nanos(u64::from(account)));
            table.hold(slot);
        }
        table
    }

    fn log(table: &TaskTable) -> Vec<Option<u32>> {
        (0..table.queues[0].end()).map(|position| table.waiting_at(0, position)).collect()
    }

    /// Four tasks at positions 0 to 3. What is done stands nowhere; the log begins at the first that is not.
    #[test]
    fn the_log_begins_at_the_first_task_that_waits() {
        let mut table = written(4);
        table.delete(1);
        assert_eq!((log(&table), table.queues[0].first()), (vec![Some(0), None, Some(2), Some(3)], 0));
        table.delete(0);
        assert_eq!((log(&table), table.queues[0].first()), (vec![None, None, Some(2), Some(3)], 2));
        assert_eq!((table.waiting, table.queues[0].waiting), (2, 2));
    }

    /// Of three tasks the middle one is postponed: it is not to be read, but still in the table, until it comes back at
    /// position 3. One that is done while it is postponed leaves the others where they are.
    #[test]
    fn a_postponed_task_comes_back_at_the_end() {
        let mut table = written(3);
        let before = table.origin(1).generation;
        table.postpone(1);
        assert_eq!((log(&table), table.in_table().count()), (vec![Some(0), None, Some(2)], 3));
        assert_ne!(table.origin(1).generation, before);
        table.put_back(1);
        assert_eq!(log(&table), vec![Some(0), None, Some(2), Some(1)]);
        table.postpone(1);
        table.delete(0);
        table.delete(1);
        assert_eq!((log(&table), table.queues[0].first(), table.waiting), (vec![None, None, Some(2), None], 2, 1));
    }

    /// A slot is used again when nobody holds its task any more, and the next task there is told from it.
    #[test]
    fn a_slot_is_used_again_when_nobody_holds_its_task() {
        let mut table = written(1);
        let before = table.origin(0).generation;
        table.delete(0);
        let task = Task::new(Role::FtsIndexing, SimDuration::ZERO, SimDuration::ZERO, 0, true);
        assert_eq!(table.add(task, 5, NONE), 1);
        table.let_go(0);
        assert_eq!(table.add(task, 6, NONE), 0);
        assert_eq!((table.origin(0).account, table.origin(0).created), (6, SimTime::ZERO));
        assert_ne!(table.origin(0).generation, before);
    }
}
