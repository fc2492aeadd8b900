//! What the nodes of a shard know of push subscriptions.
//!
//! A subscription to which nobody has sent anything lately, and for which nothing waits, is like one that has just been
//! loaded: it needs no memory. What is known of the others stands in one table, which stays small however many
//! subscriptions there are: about as many entries as there are changes in the time between two requests.

use super::members::Members;
use super::tasks::NONE;
use crate::time::SimTime;
use rustc_hash::FxHashMap;
use std::ops::Range;

/// Entries from which on the table looks which of them it can forget.
const FEW: usize = 256;

/// A push subscription as one node knows it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Subscriber {
    /// Earliest time of the next request: throttle, request in flight, delay after a failure.
    pub free_at: SimTime,
    /// First of the copies that wait for the next request.
    pub first: u32,
    /// Failed requests in a row.
    pub attempts: u16,
    /// Whether the node looks at it at the next tick.
    pub is_postponed: bool,
}

/// A subscription that has just been loaded.
const FRESH: Subscriber = Subscriber { free_at: SimTime::ZERO, first: NONE, attempts: 0, is_postponed: false };

impl Subscriber {
    fn is_fresh(&self, now: SimTime) -> bool {
        self.free_at <= now && self.first == NONE && self.attempts == 0 && !self.is_postponed
    }
}

/// What is known of a subscription.
struct Entry {
    /// Where its states begin.
    states: u32,
    /// Its account's shard.
    shard: u32,
}

/// The subscriptions of which something is known.
pub(super) struct Subscribers {
    entries: FxHashMap<u32, Entry>,
    /// Of each entry, a state for each node of the shard, by the node's position; those of new entries stand together.
    states: Vec<Subscriber>,
    /// Room for the states that are kept when others are dropped.
    kept: Vec<Subscriber>,
    /// Most nodes in a shard.
    width: usize,
    /// Position of each node in its shard.
    position: Vec<usize>,
    /// Entries from which on the table is looked through.
    limit: usize,
}

impl Subscribers {
    /// Nothing known yet, where shards have these members.
    pub fn new(members: &Members, nodes: usize) -> Self {
        let mut position = vec![0; nodes];
        for shard in members.iter() {
            for (place, &node) in shard.iter().enumerate() {
                position[node as usize] = place;
            }
        }
        Self {
            entries: FxHashMap::default(),
            states: Vec::new(),
            kept: Vec::new(),
            width: members.iter().map(<[u16]>::len).max().unwrap_or(0),
            position,
            limit: FEW,
        }
    }

    /// Where the states of a subscription begin, whose account belongs to `shard`: for [`Self::state`], until this
    /// function is called again.
    pub fn states_of(&mut self, subscription: u32, shard: u32, now: SimTime) -> usize {
        if let Some(entry) = self.entries.get(&subscription) {
            return entry.states as usize;
        }
        if self.entries.len() >= self.limit {
            self.forget(now);
        }
        let states = self.states.len();
        self.states.resize(states + self.width, FRESH);
        self.entries.insert(subscription, Entry { states: states as u32, shard });
        states
    }

    /// A node's state of the subscription whose states begin at `states`.
    #[inline]
    pub fn state(&mut self, states: usize, node: u16) -> &mut Subscriber {
        &mut self.states[states + self.position[node as usize]]
    }

    /// A node's state of a subscription of which something is known.
    #[inline]
    pub fn get(&mut self, node: u16, subscription: u32) -> &mut Subscriber {
        let states = self.entries[&subscription].states;
        self.state(states as usize, node)
    }

    /// A node of these shards has restarted: it knows nothing any more.
    pub fn restart(&mut self, node: u16, shards: &Range<u32>) {
        let position = self.position[node as usize];
        for entry in self.entries.values().filter(|entry| shards.contains(&entry.shard)) {
            self.states[entry.states as usize + position] = FRESH;
        }
    }

    /// Drops the entries of fresh subscriptions.
    #[cold]
    fn forget(&mut self, now: SimTime) {
        let Self { entries, states, kept, width, .. } = self;
        entries.retain(|_, entry| {
            let own = &states[entry.states as usize..][..*width];
            let is_fresh = own.iter().all(|subscriber| subscriber.is_fresh(now));
            if !is_fresh {
                entry.states = kept.len() as u32;
                kept.extend_from_slice(own);
            }
            !is_fresh
        });
        states.clear();
        std::mem::swap(states, kept);
        self.limit = FEW.max(2 * self.entries.len());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashMap;

    fn at(nanos: u64) -> SimTime {
        SimTime::from_nanos(nanos)
    }

    /// Against a table that forgets nothing: ten times as many subscriptions as are busy at any time, two shards with
    /// two nodes and one; each subscription is busy for 300 steps.
    #[test]
    fn nothing_that_matters_is_forgotten() {
        let mut subscribers = Subscribers::new(&[vec![0, 2], vec![1]].iter().collect(), 3);
        let mut reference = HashMap::new();
        let mut most = 0;
        for now in 1..20_000_u64 {
            let subscription = (now * 7_919 % 3_001) as u32;
            let shard = subscription % 2;
            let node = if shard == 1 { 1 } else { (now % 2 * 2) as u16 };
            let states = subscribers.states_of(subscription, shard, at(now));
            let state = subscribers.state(states, node);
            let free_at = reference.get(&(subscription, node)).copied().unwrap_or(0);
            assert_eq!(state.free_at <= at(now), free_at <= now, "subscription {subscription} at {now}");
            state.free_at = at(now + 300);
            reference.insert((subscription, node), now + 300);
            assert_eq!(subscribers.get(node, subscription).free_at, at(now + 300));
            most = most.max(subscribers.entries.len());
        }
        assert!((300..=1_000).contains(&most), "{most} entries");
    }

    /// Nodes 0 and 2 serve shard 0, node 1 serves shard 1. After the restart of node 0, it alone knows nothing.
    #[test]
    fn a_restarted_node_knows_nothing() {
        let mut subscribers = Subscribers::new(&[vec![0, 2], vec![1]].iter().collect(), 3);
        for (subscription, shard, node) in [(4, 0, 0), (4, 0, 2), (5, 1, 1)] {
            let states = subscribers.states_of(subscription, shard, at(1));
            subscribers.state(states, node).attempts = 2;
        }
        subscribers.restart(0, &(0..1));
        let attempts =
            [(0, 4), (2, 4), (1, 5)].map(|(node, subscription)| subscribers.get(node, subscription).attempts);
        assert_eq!(attempts, [0, 2, 2]);
    }
}
