//! The dispatcher: one a node, over the shared task table (server facts, section 2.1).
//!
//! Asleep until something on the same node writes a task, an alert that it has seen falls due, or the
//! refresh interval is over. Then it reads all due tasks that its `seen` map does not hold, enters them
//! there, shuffles them and puts each into the channel of its role. If a channel is full it waits, for
//! all roles of the node. A wake-up that comes meanwhile is stored, once.
//! What it remembers of what it has read is the matter of `reading`.
//! Tasks of other shards are read by the server too, but nothing comes of it: here they only lengthen
//! the scan.

use super::Cluster;
use super::event::Event;
use super::node::{DispatcherState, Found, Reading, WorkerState};
use crate::engine::Agenda;
use crate::layout::Role;
use crate::metrics::story::{WakeCause, What};
use crate::server::{FullChannel, LockTaken};
use crate::time::{SimDuration, SimTime};
use rand::RngExt;

impl Cluster<'_> {
    /// Wakes the dispatcher of a node that is up, or stores the wake-up.
    pub(super) fn wake(&mut self, node: u16, agenda: &mut Agenda<Event>) {
        self.unravel_scan(node, agenda);
        let dispatcher = &mut self.dispatchers[node as usize];
        if dispatcher.state == DispatcherState::Asleep {
            self.start_scan(node, agenda);
        } else {
            dispatcher.is_woken = true;
        }
    }

    /// The alarm of the refresh interval. It may be early, since it is set once and the sleep may have
    /// begun anew; then it is set again.
    pub(super) fn refresh(&mut self, node: u16, epoch: u16, agenda: &mut Agenda<Event>) {
        if self.epochs[node as usize] != epoch {
            return;
        }
        let dispatcher = &mut self.dispatchers[node as usize];
        dispatcher.has_alarm = false;
        if dispatcher.state != DispatcherState::Asleep {
            return;
        }
        if agenda.is_reached(dispatcher.sleep_until, dispatcher.scan_place) {
            if let Some(story) = &mut self.story {
                story.woken(node, WakeCause::Refresh);
            }
            self.start_scan(node, agenda);
        } else {
            self.set_alarm(node, agenda);
        }
    }

    fn set_alarm(&mut self, node: u16, agenda: &mut Agenda<Event>) {
        let dispatcher = &mut self.dispatchers[node as usize];
        if !std::mem::replace(&mut dispatcher.has_alarm, true) {
            let epoch = self.epochs[node as usize];
            agenda.at_place(dispatcher.sleep_until, dispatcher.scan_place, Event::Refresh { node, epoch });
        }
    }

    fn start_scan(&mut self, node: u16, agenda: &mut Agenda<Event>) {
        let now = agenda.now();
        if let Some(story) = &mut self.story {
            story.scan_starts(node);
        }
        let finds = self.read_table(node, now);
        let dispatcher = &mut self.dispatchers[node as usize];
        dispatcher.scan_start = now;
        dispatcher.scan_place = agenda.place();
        dispatcher.empty_until = SimTime::ZERO;
        let duration = self.scan_duration();
        if finds || !self.scan_in_vain(node, duration, agenda) {
            self.dispatchers[node as usize].state = DispatcherState::Scanning;
            self.scan_table(node, duration, agenda);
        }
    }

    /// How long a scan takes that begins now, if no slowdown stretches it.
    pub(super) fn scan_duration(&self) -> SimDuration {
        let costs = &self.setup.costs;
        let per_task = costs.scan_per_task.as_nanos().saturating_mul(u64::from(self.tasks.waiting));
        costs.scan_base + SimDuration::from_nanos(per_task)
    }

    /// A queue has got a task: those who read it will look.
    pub(super) fn tell_readers(&mut self, role: Role, shard: u32) {
        let setup = self.setup;
        for &node in &setup.coverage(role).members[shard as usize] {
            self.news[node as usize] |= 1 << role.index();
        }
    }

    /// The scan is over: shuffle and dispatch.
    pub(super) fn finish_scan(&mut self, node: u16, agenda: &mut Agenda<Event>) {
        let Reading { batch, next_in_batch, random, .. } = &mut self.nodes[node as usize].reading;
        for last in (1..batch.len()).rev() {
            batch.swap(last, random.random_range(0..=last));
        }
        *next_in_batch = 0;
        if let Some(story) = &mut self.story {
            story.plain(What::ScanEnded { node, found: batch.len() as u64 });
        }
        self.dispatch(node, agenda);
    }

    /// Puts what was read into channels, as far as there is room, then goes to sleep.
    pub(super) fn dispatch(&mut self, node: u16, agenda: &mut Agenda<Event>) {
        let rules = &self.setup.rules;
        loop {
            let state = &mut self.nodes[node as usize];
            let Some(&found) = state.reading.batch.get(state.reading.next_in_batch) else { break };
            let Found { slot, role } = found;
            self.end_foresight(node, role, agenda);
            let state = &mut self.nodes[node as usize];
            let is_full = state.roles[role.index()].channel.len() >= rules.channel_capacity[role.index()];
            if rules.full_channel == FullChannel::Skip {
                if is_full {
                    self.leave_for_later(node, found);
                    continue;
                }
                if rules.lock_taken == LockTaken::ByWorker {
                    self.see(node, found);
                }
            } else if is_full {
                self.dispatchers[node as usize].state = DispatcherState::Blocked(role);
                if let Some(story) = &mut self.story {
                    story.plain(What::Blocked { node, role });
                }
                return;
            }
            if rules.lock_taken == LockTaken::AtDispatch {
                self.dispatchers[node as usize].state = DispatcherState::Locking;
                if let Some(story) = &mut self.story {
                    story.task(slot, |task| What::DispatchLocking { node, task });
                }
                let epoch = self.epochs[node as usize];
                agenda.after(self.setup.costs.lock_round_trip, Event::DispatchLocked { node, epoch });
                return;
            }
            self.enter_channel(node, found, agenda);
        }
        self.fall_asleep(node, agenda);
    }

    /// The lock store has answered the dispatcher: a task that is locked enters its channel.
    pub(super) fn dispatch_locked(&mut self, node: u16, epoch: u16, agenda: &mut Agenda<Event>) {
        if self.epochs[node as usize] != epoch {
            return;
        }
        let state = &mut self.nodes[node as usize];
        let found = state.reading.batch[state.reading.next_in_batch];
        let is_locked = self.try_lock(found.slot, node, agenda);
        if self.setup.rules.full_channel == FullChannel::Skip {
            // Without an answer nobody knows whether the task is another node's.
            if !self.has_locks(node) {
                self.leave_for_later(node, found);
                self.dispatch(node, agenda);
                return;
            }
            self.see(node, found);
        }
        if is_locked {
            self.enter_channel(node, found, agenda);
        } else {
            self.nodes[node as usize].reading.next_in_batch += 1;
            self.tasks.let_go(found.slot);
        }
        self.dispatch(node, agenda);
    }

    /// The next task of the batch enters the channel of its role; a worker that is idle takes it.
    fn enter_channel(&mut self, node: u16, found: Found, agenda: &mut Agenda<Event>) {
        let Found { slot, role } = found;
        let state = &mut self.nodes[node as usize];
        state.reading.next_in_batch += 1;
        let part = &mut state.roles[role.index()];
        let ahead = part.channel.len() as u64;
        if let Some(story) = &mut self.story {
            story.task(slot, |task| What::Queued { node, task, ahead });
        }
        if part.worker == WorkerState::Idle && self.setup.rules.lock_taken == LockTaken::ByWorker {
            debug_assert_eq!(ahead, 0, "an idle worker leaves nothing in its channel");
            self.take_task(node, role, slot, agenda);
            return;
        }
        self.note_channel(node, role, agenda.now());
        let part = &mut self.nodes[node as usize].roles[role.index()];
        part.channel.push_back(slot);
        match part.worker {
            WorkerState::Idle => self.take_tasks(node, role, agenda),
            WorkerState::Resting => self.end_rest(node, role, agenda),
            _ => {}
        }
    }

    fn fall_asleep(&mut self, node: u16, agenda: &mut Agenda<Event>) {
        let reading = &mut self.nodes[node as usize].reading;
        reading.batch.clear();
        reading.next_in_batch = 0;
        let dispatcher = &mut self.dispatchers[node as usize];
        dispatcher.state = DispatcherState::Asleep;
        if let Some(story) = &mut self.story {
            story.plain(What::Asleep { node });
        }
        if std::mem::take(&mut dispatcher.is_woken) {
            self.start_scan(node, agenda);
            return;
        }
        self.sleep_from(node, agenda.now(), agenda);
    }

    /// A dispatcher's sleep begins at `start`.
    pub(super) fn sleep_from(&mut self, node: u16, start: SimTime, agenda: &mut Agenda<Event>) {
        self.dispatchers[node as usize].sleep_until = start + self.setup.rules.refresh_interval;
        self.set_alarm(node, agenda);
    }
}
