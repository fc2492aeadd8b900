//! What a dispatcher reads from the task table, and what it remembers of it: the `seen` map.
//!
//! Tasks are known by their position in the log of their queue. What a scan has read stands there in a row, so that one
//! entry of the map is enough for all of it. Where a full channel is skipped it is one a task, which is entered when its
//! turn comes and there is room: what finds none is read again. An entry goes when it expires, or when the log begins
//! behind it: nothing at these positions will be read again.

use super::Cluster;
use super::node::{Found, Seen};
use crate::layout::Role;
use crate::metrics::story::What;
use crate::server::FullChannel;
use crate::time::SimTime;
use std::ops::Range;

impl Cluster<'_> {
    /// Takes from the table what the node has not seen, as of now; returns whether there was anything.
    pub(super) fn read_table(&mut self, node: u16, now: SimTime) -> bool {
        let (news, seen_expires) = (self.news[node as usize], self.dispatchers[node as usize].seen_expires);
        let is_due = seen_expires <= now;
        if news == 0 && !is_due {
            return false;
        }
        let mut first_expires = if is_due { SimTime::NEVER } else { seen_expires };
        let mut unread = if is_due { u16::MAX } else { news };
        while unread != 0 {
            let index = unread.trailing_zeros() as usize;
            unread &= unread - 1;
            let Some(&role) = Role::ALL.get(index) else { break };
            let Some(queue) = self.nodes[node as usize].roles[index].queue else { continue };
            self.read_queue(node, role, queue, now);
            let part = &self.nodes[node as usize].roles[index];
            first_expires = first_expires.min(part.seen.front().map_or(SimTime::NEVER, |entry| entry.expires));
        }
        self.news[node as usize] = 0;
        self.dispatchers[node as usize].seen_expires = first_expires;
        !self.nodes[node as usize].reading.batch.is_empty()
    }

    /// Takes from one queue what the node has not seen, as of now.
    fn read_queue(&mut self, node: u16, role: Role, queue: u32, now: SimTime) {
        let rules = &self.setup.rules;
        let expires = now + rules.lock_time[role.index()] + rules.seen_margin;
        let first = self.tasks.queues[queue as usize].first();
        let part = &mut self.nodes[node as usize].roles[role.index()];
        while part.seen.front().is_some_and(|entry| entry.to <= first) {
            part.seen.pop_front();
        }
        let end = self.tasks.queues[queue as usize].end();
        let from = std::mem::replace(&mut part.cursor, end).max(first);
        if rules.full_channel == FullChannel::Skip {
            self.read_candidates(node, role, queue, from..end, now);
            return;
        }
        while let Some(entry) = self.next_expired(node, role, now) {
            self.read_row(node, role, queue, Seen { expires, from: entry.from.max(first), ..entry });
        }
        self.read_row(node, role, queue, Seen { expires, from, to: end });
    }

    /// Takes the first entry out of the `seen` map that has expired.
    fn next_expired(&mut self, node: u16, role: Role, now: SimTime) -> Option<Seen> {
        let seen = &mut self.nodes[node as usize].roles[role.index()].seen;
        let has_expired = seen.front().is_some_and(|entry| entry.expires <= now);
        if has_expired { seen.pop_front() } else { None }
    }

    /// Reads the tasks in a row of the log that are still waiting.
    fn read_row(&mut self, node: u16, role: Role, queue: u32, row: Seen) {
        let state = &mut self.nodes[node as usize];
        let before = state.reading.batch.len();
        for position in row.from..row.to {
            let Some(slot) = self.tasks.waiting_at(queue, position) else { continue };
            self.tasks.hold(slot);
            state.reading.batch.push(Found { slot, role });
            if let Some(story) = &mut self.story {
                story.task(slot, |task| What::Seen { node, task });
            }
        }
        if state.reading.batch.len() > before {
            state.roles[role.index()].seen.push_back(row);
        }
    }

    /// Where a full channel is skipped: reads what found no room before, what has expired in the `seen` map, and a row of the
    /// log. Whether there is room for it will be seen.
    fn read_candidates(&mut self, node: u16, role: Role, queue: u32, row: Range<u64>, now: SimTime) {
        let mut candidates = std::mem::take(&mut self.nodes[node as usize].roles[role.index()].backlog);
        while let Some(entry) = self.next_expired(node, role, now) {
            candidates.extend(entry.from..entry.to);
        }
        candidates.extend(row);
        for position in candidates {
            if let Some(slot) = self.tasks.waiting_at(queue, position) {
                self.tasks.hold(slot);
                self.nodes[node as usize].reading.batch.push(Found { slot, role });
            }
        }
    }

    /// Where a full channel is skipped: there is room for the next task of the batch, which is seen from now on.
    pub(super) fn see(&mut self, node: u16, Found { slot, role }: Found) {
        let rules = &self.setup.rules;
        let position = self.tasks.origin(slot).position;
        let dispatcher = &mut self.dispatchers[node as usize];
        let expires = dispatcher.scan_start + rules.lock_time[role.index()] + rules.seen_margin;
        dispatcher.seen_expires = dispatcher.seen_expires.min(expires);
        let seen = &mut self.nodes[node as usize].roles[role.index()].seen;
        seen.push_back(Seen { expires, from: position, to: position + 1 });
        if let Some(story) = &mut self.story {
            story.task(slot, |task| What::Seen { node, task });
        }
    }

    /// Where a full channel is skipped: there is no room for the next task of the batch, and a later scan reads it again.
    pub(super) fn leave_for_later(&mut self, node: u16, Found { slot, role }: Found) {
        let state = &mut self.nodes[node as usize];
        state.reading.next_in_batch += 1;
        state.roles[role.index()].backlog.push(self.tasks.origin(slot).position);
        self.news[node as usize] |= 1 << role.index();
        self.tasks.let_go(slot);
    }
}
