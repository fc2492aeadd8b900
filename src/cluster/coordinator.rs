//! The coordinator: which nodes hear of a change (server facts, section 3).
//!
//! It is fire and forget. A change does not leave a node while the coordinator is out or the node is cut off
//! from it. A node misses what is published while it is down or cut off; what gets lost on the way to it; and,
//! up to 0.16.14, what reaches it while it subscribes again.

use super::Cluster;
use crate::engine::random::{Purpose, Stream, Streams};
use crate::faults::Service;
use crate::time::SimTime;
use crate::workload::happens;

/// State of the coordinator.
pub(super) struct Coordinator {
    /// Causes that keep it down.
    pub outages: u32,
    losses: Stream,
    /// Which nodes miss the message that arrives now.
    is_lost: Vec<bool>,
}

impl Coordinator {
    pub fn new(nodes: usize, streams: Streams) -> Self {
        Self { outages: 0, losses: streams.stream(Purpose::CoordinatorLoss, 0), is_lost: vec![false; nodes] }
    }
}

impl Cluster<'_> {
    /// Whether others hear of what happens on a node.
    pub(super) fn can_publish(&self, origin: u16) -> bool {
        self.coordinator.outages == 0 && self.nodes[origin as usize].links.reaches(Service::Coordinator)
    }

    /// A message of the coordinator arrives: works out for every node whether it misses it. Each message is lost to
    /// each node by a chance of its own, drawn whether the node serves the account or not, so that layouts meet the
    /// same losses. Up to 0.16.14 a node hears nothing while it subscribes again after the last message that it
    /// heard; its own messages come back to a node too.
    pub(super) fn hear(&mut self, now: SimTime) {
        let gap = self.setup.rules.resubscribe_gap;
        let probability = self.setup.costs.coordinator_loss_probability;
        if gap.is_zero() && probability == 0.0 {
            return;
        }
        for (node, state) in self.nodes.iter_mut().enumerate() {
            let is_gone = happens(probability, &mut self.coordinator.losses);
            let is_deaf = now < state.push.deaf_until;
            self.coordinator.is_lost[node] = is_gone || is_deaf;
            if !is_gone && !is_deaf && state.links.reaches(Service::Coordinator) {
                state.push.deaf_until = now + gap;
            }
        }
    }

    /// Whether a node that serves the account hears of a change that was published at `changed` and arrives now.
    pub(super) fn hears(&self, node: u16, changed: SimTime) -> bool {
        let state = &self.nodes[node as usize];
        let was_up = state.is_up() && (state.up_since <= changed || state.up_since == SimTime::ZERO);
        was_up && state.links.hears(changed) && !self.coordinator.is_lost[node as usize]
    }
}
