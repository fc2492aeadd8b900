//! The task scheduler of 0.16: what other versions do by timers on every node, it writes to the queue.
//!
//! At the time of the purge a task for every account, at the interval of the training one task (server facts, sections
//! 2.3 and 4). The first scheduler that is up and reaches the database writes them, and its own dispatcher wakes.

use super::Cluster;
use super::event::{Event, TimedKind};
use super::tasks::NONE;
use crate::engine::Agenda;
use crate::faults::Service;
use crate::layout::Role;

impl Cluster<'_> {
    /// Whether the scheduler writes this kind of work to the queue.
    pub(super) fn is_queued(&self, kind: TimedKind) -> bool {
        let rules = &self.setup.rules;
        match kind {
            TimedKind::PurgeAccounts => rules.purge_accounts_queued,
            TimedKind::SpamTraining => rules.training_queued,
            _ => false,
        }
    }

    /// A kind of queued work falls due.
    pub(super) fn schedule(&mut self, kind: TimedKind, agenda: &mut Agenda<Event>) {
        let is_able = |node: &u16| {
            let state = &self.nodes[*node as usize];
            state.is_up() && state.links.reaches(Service::Database)
        };
        let Some(node) = self.setup.schedulers.iter().copied().find(is_able) else { return };
        let tasks = if kind.role() == Role::PurgeAccounts { self.setup.workload.accounts } else { 1 };
        self.tasks.reserve(tasks as usize);
        if let Some(story) = &mut self.story {
            story.no_message();
        }
        for account in 0..tasks {
            if let Some(slot) = self.draw_task(kind.role(), account, NONE, false) {
                self.write_task(slot, Some(node), agenda);
            }
        }
        self.written_on(node, agenda);
    }
}
