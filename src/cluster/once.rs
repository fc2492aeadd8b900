//! What the documentation promises (server facts, section 5): each task is done once, by a live node
//! of its shard, and waits only while all of them are busy or down.
//!
//! One queue a role and shard, first come first served; each live node of the shard has one worker that
//! takes the next task as soon as it is free. With Poisson arrivals and exponential demands on idle
//! processors this is M/M/c.

use super::Cluster;
use super::event::Event;
use super::node::{Hands, WorkerState};
use crate::engine::Agenda;
use crate::layout::Role;
use crate::metrics::story::Phase;
use crate::server::DispatchRule;
use std::collections::VecDeque;

/// Tasks and workers that wait for each other.
#[derive(Default)]
pub(super) struct OnceQueue {
    tasks: VecDeque<u32>,
    /// Nodes whose worker is idle, the longest idle first.
    idle: VecDeque<u16>,
}

impl Cluster<'_> {
    /// A task has been written: an idle worker takes it, or it waits.
    pub(super) fn offer_once(&mut self, slot: u32, queue: u32, agenda: &mut Agenda<Event>) {
        if self.setup.rules.dispatch != DispatchRule::Once {
            return;
        }
        self.tasks.hold(slot);
        self.once[queue as usize].tasks.push_back(slot);
        if let Some(node) = self.once[queue as usize].idle.pop_front() {
            let role = self.tasks.get(slot).role;
            self.take_once(node, role, agenda);
        }
    }

    /// A worker is free: it takes the next task of its queue, or becomes idle.
    pub(super) fn take_once(&mut self, node: u16, role: Role, agenda: &mut Agenda<Event>) {
        let part = &mut self.nodes[node as usize].roles[role.index()];
        let Some(queue) = part.queue else { return };
        let once = &mut self.once[queue as usize];
        match once.tasks.pop_front() {
            Some(slot) => {
                part.hands.push(slot);
                part.place = agenda.place();
                self.start_run(node, role, agenda);
            }
            None => {
                part.worker = WorkerState::Idle;
                if let Some(story) = &mut self.story {
                    story.worker(node, role, Phase::Idle, &[]);
                }
                once.idle.push_back(node);
            }
        }
    }

    /// A run is over: done tasks are done, failed ones go back to the end of the queue.
    pub(super) fn finish_once(
        &mut self,
        node: u16,
        role: Role,
        done: Hands,
        failed: Vec<u32>,
        agenda: &mut Agenda<Event>,
    ) {
        let now = agenda.now();
        if let Some(story) = &mut self.story {
            story.worker(node, role, Phase::Releasing, &done);
        }
        for slot in done {
            self.complete(slot, now);
            self.tasks.let_go(slot);
        }
        if let Some(queue) = self.nodes[node as usize].roles[role.index()].queue {
            self.once[queue as usize].tasks.extend(failed);
        }
        self.take_once(node, role, agenda);
    }

    /// A node has died: its task goes back to the head of the queue, for a worker that is idle.
    pub(super) fn once_dies(&mut self, node: u16, role: Role, agenda: &mut Agenda<Event>) {
        let part = &mut self.nodes[node as usize].roles[role.index()];
        let Some(queue) = part.queue else { return };
        let hands = std::mem::take(&mut part.hands);
        self.tell_forgotten(node, &hands);
        let once = &mut self.once[queue as usize];
        once.idle.retain(|&idle| idle != node);
        for slot in hands.into_iter().rev() {
            once.tasks.push_front(slot);
        }
        if let Some(idle) = (!once.tasks.is_empty()).then(|| once.idle.pop_front()).flatten() {
            self.take_once(idle, role, agenda);
        }
    }
}
