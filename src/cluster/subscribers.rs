//! What the nodes of a shard know of push subscriptions.
//!
//! A subscription to which nobody has sent anything lately, and for which nothing waits, is like one that has just been
//! loaded: it needs no memory. Of most others all that is known is when the next request may go out. These times stand
//! in two tables, of which new entries go into the younger; when all times in the older one have passed it is emptied,
//! and becomes the younger. So nobody has to look which entries can be forgotten, and the tables stay small however many
//! subscriptions there are: they have about as many entries as there are changes in twice the time between two requests.
//! What is *odd*, for which more is to be known or a time far away, stands in a table of its own.
//!
//! **Invariant**: whatever a table knows of an odd state is the mark [`ODD`]; every odd state that is not fresh is marked in
//! the table where its subscription is found first.

use super::members::Members;
use super::tasks::NONE;
use crate::time::{SimDuration, SimTime};
use rustc_hash::FxHashMap;
use std::ops::Range;

/// Entries from which on a table is looked upon as full.
const FEW: usize = 256;

/// In place of a time: the state is odd.
const ODD: SimTime = SimTime::NEVER;

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

impl Subscriber {
    /// A subscription that is free at a time, and of which nothing else is known.
    fn free_at(free_at: SimTime) -> Self {
        Self { free_at, first: NONE, attempts: 0, is_postponed: false }
    }

    fn is_fresh(&self, now: SimTime) -> bool {
        self.free_at <= now && self.first == NONE && self.attempts == 0 && !self.is_postponed
    }
}

/// Subscriptions, with the time at which each is free.
#[derive(Default)]
struct Table {
    /// Where the times of a subscription begin.
    begins: FxHashMap<u32, u32>,
    /// Of each subscription a time for each node of the shard, by the node's position.
    times: Vec<SimTime>,
    /// The account's shard, of each subscription.
    shards: Vec<u32>,
    /// No time is later.
    latest: SimTime,
}

impl Table {
    fn clear(&mut self) {
        self.begins.clear();
        self.times.clear();
        self.shards.clear();
        self.latest = SimTime::ZERO;
    }
}

/// The subscriptions of which something is known.
pub(super) struct Subscribers {
    younger: Table,
    older: Table,
    /// By node and subscription.
    odd: FxHashMap<(u16, u32), Subscriber>,
    /// Most nodes in a shard.
    width: usize,
    /// Position of each node in its shard.
    position: Vec<usize>,
    /// A time that is further away makes a state odd.
    horizon: SimDuration,
}

impl Subscribers {
    /// Nothing known yet, where shards have these members; `throttle` is the least time between two requests.
    pub fn new(members: &Members, nodes: usize, throttle: SimDuration) -> Self {
        let mut position = vec![0; nodes];
        for shard in members.iter() {
            for (place, &node) in shard.iter().enumerate() {
                position[node as usize] = place;
            }
        }
        Self {
            younger: Table::default(),
            older: Table::default(),
            odd: FxHashMap::default(),
            width: members.iter().map(<[u16]>::len).max().unwrap_or(0),
            position,
            horizon: throttle + throttle,
        }
    }

    /// Where the states of a subscription begin, whose account belongs to `shard`: for [`Self::state`], until this
    /// function is called again.
    pub fn states_of(&mut self, subscription: u32, shard: u32, now: SimTime) -> usize {
        if let Some(&begin) = self.younger.begins.get(&subscription) {
            return begin as usize;
        }
        if self.older.latest <= now && self.younger.begins.len() >= FEW.max(self.odd.len()) {
            self.forget(now);
        }
        self.add(subscription, shard)
    }

    /// A subscription that is not in the younger table moves there from the older, or is added fresh; returns where its
    /// states begin.
    fn add(&mut self, subscription: u32, shard: u32) -> usize {
        let Self { younger, older, width, .. } = self;
        let begin = younger.times.len();
        if let Some(&old) = older.begins.get(&subscription) {
            younger.times.extend_from_slice(&older.times[old as usize..][..*width]);
            younger.latest = younger.latest.max(older.latest);
        } else {
            younger.times.extend(std::iter::repeat_n(SimTime::ZERO, *width));
        }
        younger.begins.insert(subscription, begin as u32);
        younger.shards.push(shard);
        begin
    }

    /// What a node knows of a subscription whose states begin at `states`.
    #[inline]
    pub fn state(&self, states: usize, node: u16, subscription: u32) -> Subscriber {
        let time = self.younger.times[states + self.position[node as usize]];
        if time == ODD { self.odd[&(node, subscription)] } else { Subscriber::free_at(time) }
    }

    /// A subscription whose states begin at `states` is free again at `until`, from a node's sight.
    #[inline]
    pub fn occupy(&mut self, states: usize, node: u16, subscription: u32, until: SimTime, now: SimTime) {
        let time = &mut self.younger.times[states + self.position[node as usize]];
        if *time != ODD && until <= now + self.horizon {
            *time = until;
            self.younger.latest = self.younger.latest.max(until);
        } else {
            self.change(node, subscription).free_at = until;
        }
    }

    /// A node's state of a subscription of which something is known, to change it.
    pub fn change(&mut self, node: u16, subscription: u32) -> &mut Subscriber {
        let Self { younger, older, odd, position, .. } = self;
        odd.entry((node, subscription)).or_insert_with(|| {
            let is_younger = younger.begins.contains_key(&subscription);
            let table = if is_younger { younger } else { older };
            let time = &mut table.times[table.begins[&subscription] as usize + position[node as usize]];
            Subscriber::free_at(std::mem::replace(time, ODD))
        })
    }

    /// A node of these shards has restarted: it knows nothing any more.
    pub fn restart(&mut self, node: u16, shards: &Range<u32>) {
        if shards.is_empty() {
            return;
        }
        let Self { younger, older, odd, width, position, .. } = self;
        for Table { times, shards: of, .. } in [younger, older] {
            for (own, _) in times.chunks_exact_mut(*width).zip(of).filter(|(_, of)| shards.contains(of)) {
                own[position[node as usize]] = SimTime::ZERO;
            }
        }
        odd.retain(|&(owner, _), _| owner != node);
    }

    /// All times in the older table have passed: it is emptied and becomes the younger one. Odd states that are fresh by now
    /// are odd no more, the others keep their mark.
    #[cold]
    fn forget(&mut self, now: SimTime) {
        let Self { younger, older, odd, position, .. } = self;
        odd.retain(|&(node, subscription), subscriber| {
            let is_fresh = subscriber.is_fresh(now);
            for table in [&mut *younger, &mut *older] {
                if let (true, Some(&begin)) = (is_fresh, table.begins.get(&subscription)) {
                    table.times[begin as usize + position[node as usize]] = SimTime::ZERO;
                }
            }
            !is_fresh
        });
        let kept: Vec<u32> = odd.keys().map(|&(_, subscription)| subscription).collect();
        for subscription in kept {
            if !self.younger.begins.contains_key(&subscription) {
                let begin = self.older.begins[&subscription];
                let shard = self.older.shards[begin as usize / self.width];
                self.add(subscription, shard);
            }
        }
        std::mem::swap(&mut self.younger, &mut self.older);
        self.younger.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashMap;

    fn at(nanos: u64) -> SimTime {
        SimTime::from_nanos(nanos)
    }

    fn of_two_shards() -> Subscribers {
        Subscribers::new(&[vec![0, 2], vec![1]].iter().collect(), 3, SimDuration::from_nanos(200))
    }

    /// Against a table that forgets nothing: ten times as many subscriptions as are busy at any time, two shards with
    /// two nodes and one. Each subscription is busy for 300 steps, some for 3,000, and every 50th has failed for as long.
    /// At every step one that was busy up to 700 steps ago is looked at too.
    #[test]
    fn nothing_that_matters_is_forgotten() {
        let mut subscribers = of_two_shards();
        let mut reference: HashMap<(u32, u16), (u64, u16)> = HashMap::new();
        let mut most = 0;
        let mut busy = 0;
        let numbered = |step: u64| (step * 7_919 % 3_001) as u32;
        for now in 1..20_000_u64 {
            let subscription = numbered(now);
            for looked_at in [numbered(now.saturating_sub(now * 30 % 700)), subscription] {
                let shard = looked_at % 2;
                let states = subscribers.states_of(looked_at, shard, at(now));
                for &node in if shard == 1 { &[1][..] } else { &[0, 2] } {
                    let state = subscribers.state(states, node, looked_at);
                    let (free_at, attempts) = reference.get(&(looked_at, node)).copied().unwrap_or((0, 0));
                    assert_eq!(state.free_at <= at(now), free_at <= now, "subscription {looked_at} at {now}");
                    assert_eq!(state.attempts, attempts, "subscription {looked_at} at {now}");
                    busy += u32::from(free_at > now);
                }
            }
            let node = if subscription % 2 == 1 { 1 } else { (now % 2 * 2) as u16 };
            let states = subscribers.states_of(subscription, subscription % 2, at(now));
            let until = now + if now % 20 == 0 { 3_000 } else { 300 };
            subscribers.occupy(states, node, subscription, at(until), at(now));
            let attempts = u16::from(now % 50 == 0);
            if attempts > 0 || reference.get(&(subscription, node)).is_some_and(|&(_, attempts)| attempts > 0) {
                subscribers.change(node, subscription).attempts = attempts;
            }
            if now % 7 == 0 {
                // Odd for no reason.
                subscribers.change(node, subscription);
            }
            reference.insert((subscription, node), (until, attempts));
            assert_eq!(subscribers.state(states, node, subscription).free_at, at(until));
            most = most.max(subscribers.younger.begins.len() + subscribers.older.begins.len());
        }
        assert!(busy > 5_000, "{busy} busy ones were looked at");
        assert!((300..=2_000).contains(&most), "{most} entries");
    }

    /// Nodes 0 and 2 serve shard 0, node 1 serves shard 1. After the restart of node 0, it alone knows nothing, whichever
    /// table a subscription is in: 4 to 6 are in the older one, since so many others came after them, 8 is in the younger.
    #[test]
    fn a_restarted_node_knows_nothing() {
        let mut subscribers = of_two_shards();
        for (subscription, shard, node) in [(4, 0, 0), (4, 0, 2), (5, 1, 1)] {
            subscribers.states_of(subscription, shard, at(1));
            subscribers.change(node, subscription).attempts = 2;
        }
        let occupy = |subscribers: &mut Subscribers, subscription| {
            let states = subscribers.states_of(subscription, 0, at(1));
            subscribers.occupy(states, 0, subscription, at(100), at(1));
        };
        occupy(&mut subscribers, 6);
        for other in 0..FEW as u32 {
            subscribers.states_of(1_000 + 2 * other, 0, at(1));
        }
        occupy(&mut subscribers, 8);
        assert!(subscribers.older.begins.contains_key(&6) && subscribers.younger.begins.contains_key(&8));
        subscribers.restart(0, &(0..1));
        for (subscription, shard, node, attempts) in [(4, 0, 0, 0), (4, 0, 2, 2), (5, 1, 1, 2)] {
            let states = subscribers.states_of(subscription, shard, at(2));
            assert_eq!(subscribers.state(states, node, subscription).attempts, attempts, "{subscription} on {node}");
            assert_eq!(subscribers.change(node, subscription).attempts, attempts, "{subscription} on {node}");
        }
        for subscription in [6, 8] {
            let states = subscribers.states_of(subscription, 0, at(2));
            assert_eq!(subscribers.state(states, 0, subscription).free_at, SimTime::ZERO, "{subscription}");
        }
    }
}
