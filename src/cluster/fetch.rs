//! What will be needed soon is fetched into the cache: nothing but time depends on it.
//!
//! Where there are a thousand nodes, each is far away when it gets a message: its state has left the cache since the last
//! one. But who gets the next message is known a message before, and when a message arrives it is known where its delivery
//! will end: at the node's dispatcher, and at its part of the index, which every delivery concerns.

use super::Cluster;
use super::node::{Node, Reading, RoleState};
use crate::layout::Role;
use prefetch_index::prefetch_index;
use std::slice;

/// Fetches the line of the cache in which something begins.
#[inline(always)]
fn fetch<T>(what: &T) {
    prefetch_index(slice::from_ref(what), 0);
}

impl Cluster<'_> {
    /// A message is about to arrive at the node whose turn it is next, if nodes have turns.
    #[inline]
    pub(super) fn fetch_for_arrival(&self) {
        let Some(node) = self.balancer.next_turn() else { return };
        fetch(&self.cores[node as usize]);
        let Node { health, links, .. } = &self.nodes[node as usize];
        fetch(health);
        fetch(links);
    }

    /// A message has arrived at a node, and will be delivered there.
    #[inline]
    pub(super) fn fetch_for_delivery(&self, node: u16) {
        fetch(&self.dispatchers[node as usize]);
        fetch(&self.record.ingest[node as usize]);
        let Node { reading: Reading { batch, random, .. }, roles, .. } = &self.nodes[node as usize];
        fetch(batch);
        fetch(random);
        // All lines of it but the last, which is seldom needed.
        let RoleState { channel, record, worker, .. } = &roles[Role::FtsIndexing.index()];
        fetch(channel);
        fetch(record);
        fetch(worker);
    }

    /// A message is delivered on a node: its dispatcher is about to read the table.
    #[inline]
    pub(super) fn fetch_for_scan(&self, node: u16) {
        if let Some(queue) = self.nodes[node as usize].roles[Role::FtsIndexing.index()].queue {
            fetch(&self.tasks.queues[queue as usize]);
        }
    }
}
