//! The coordinator: which nodes hear of a change (server facts, section 3).
//!
//! It is fire and forget. A change does not leave a node while the coordinator is out or the node is cut off
//! from it. A node misses what is published while it is down or cut off; what gets lost on the way to it; and,
//! up to 0.16.14, what reaches it while it subscribes again.

use super::Cluster;
use crate::engine::random::{Purpose, Stream, Streams};
use crate::faults::Service;
use crate::time::{SimDuration, SimTime};
use crate::workload::happens;

/// State of the coordinator.
pub(super) struct Coordinator {
    /// Causes that keep it down.
    pub outages: u32,
    losses: Stream,
    /// Until when the nodes hear nothing, but for those apart.
    deaf_until: SimTime,
    /// Whether the nodes miss the message that arrives now, but for those apart.
    is_deaf: bool,
    /// Nodes that have missed messages which the others heard, or the other way round.
    apart: Vec<u16>,
    /// Which nodes miss the message that arrives now, where each has a state of its own.
    is_lost: Vec<bool>,
}

impl Coordinator {
    pub fn new(nodes: usize, streams: Streams) -> Self {
        Self {
            outages: 0,
            losses: streams.stream(Purpose::CoordinatorLoss, 0),
            deaf_until: SimTime::ZERO,
            is_deaf: false,
            apart: Vec::new(),
            is_lost: vec![false; nodes],
        }
    }
}

impl Cluster<'_> {
    /// Whether others hear of what happens on a node.
    pub(super) fn can_publish(&self, origin: u16) -> bool {
        self.coordinator.outages == 0 && self.reaches(origin, Service::Coordinator)
    }

    /// A message of the coordinator arrives: works out which nodes miss it. Each message is lost to each node by a
    /// chance of its own, drawn whether the node serves the account or not, so that layouts meet the same losses. Up to
    /// 0.16.14 a node hears nothing while it subscribes again after the last message that it heard; its own messages
    /// come back to a node too.
    pub(super) fn hear(&mut self, now: SimTime) {
        let gap = self.setup.rules.resubscribe_gap;
        let probability = self.setup.costs.coordinator_loss_probability;
        if probability > 0.0 {
            for node in 0..self.nodes.len() as u16 {
                let is_gone = happens(probability, &mut self.coordinator.losses);
                self.hear_apart(node, is_gone, now, gap);
            }
        } else if !gap.is_zero() {
            self.hear_together(now, gap);
        }
    }

    /// Nodes that have heard the same messages hear the same ones from now on.
    fn hear_together(&mut self, now: SimTime, gap: SimDuration) {
        self.coordinator.is_deaf = now < self.coordinator.deaf_until;
        if !self.coordinator.is_deaf {
            self.coordinator.deaf_until = now + gap;
        }
        let mut apart = std::mem::take(&mut self.coordinator.apart);
        apart.retain(|&node| {
            self.hear_apart(node, false, now, gap);
            let state = &mut self.nodes[node as usize];
            let is_cut_off = !state.links.reaches(Service::Coordinator);
            state.push.is_apart = is_cut_off || state.push.deaf_until != self.coordinator.deaf_until;
            state.push.is_apart
        });
        self.coordinator.apart = apart;
    }

    /// Whether a node with a state of its own misses the message that arrives now.
    fn hear_apart(&mut self, node: u16, is_gone: bool, now: SimTime, gap: SimDuration) {
        let state = &mut self.nodes[node as usize];
        let is_lost = is_gone || now < state.push.deaf_until;
        self.coordinator.is_lost[node as usize] = is_lost;
        if !is_lost && state.links.reaches(Service::Coordinator) {
            state.push.deaf_until = now + gap;
        }
    }

    /// A node will not hear the same messages as the others.
    pub(super) fn set_apart(&mut self, node: u16) {
        let push = &mut self.nodes[node as usize].push;
        if !std::mem::replace(&mut push.is_apart, true) {
            self.coordinator.apart.push(node);
            if self.setup.costs.coordinator_loss_probability == 0.0 {
                push.deaf_until = self.coordinator.deaf_until;
            }
        }
    }

    #[inline]
    fn is_lost(&self, node: u16) -> bool {
        let has_own_state = self.setup.costs.coordinator_loss_probability > 0.0
            || !self.coordinator.apart.is_empty() && self.nodes[node as usize].push.is_apart;
        if has_own_state { self.coordinator.is_lost[node as usize] } else { self.coordinator.is_deaf }
    }

    /// Whether a node that serves the account hears of a change that was published at `changed` and arrives now.
    pub(super) fn hears(&self, node: u16, changed: SimTime) -> bool {
        if self.is_lost(node) {
            return false;
        }
        self.all_hear(changed) || {
            let state = &self.nodes[node as usize];
            let was_up = state.is_up() && (state.up_since <= changed || state.up_since == SimTime::ZERO);
            was_up && state.links.hears(changed)
        }
    }
}
