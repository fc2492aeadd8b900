//! The pending-event set, the clock and the run loop.

use crate::time::{SimDuration, SimTime};

/// Children per heap node. Four children of 32 bytes span two cache lines, and the tree is half as
/// deep as a binary one.
const ARITY: usize = 4;

/// One pending event: the packed key orders by time, then by sequence number.
#[derive(Clone, Copy)]
struct Entry<E> {
    key: u128,
    event: E,
}

/// Events that are to happen, taken out in the order (time, order of insertion).
///
/// A 4-ary implicit heap over a packed 128-bit key: one comparison decides time and sequence.
pub struct PendingEvents<E> {
    heap: Vec<Entry<E>>,
    next_sequence: u64,
}

impl<E: Copy> Default for PendingEvents<E> {
    fn default() -> Self {
        Self { heap: Vec::new(), next_sequence: 0 }
    }
}

impl<E: Copy> PendingEvents<E> {
    /// Number of pending events.
    pub fn len(&self) -> usize {
        self.heap.len()
    }

    /// Whether nothing is pending.
    pub fn is_empty(&self) -> bool {
        self.heap.is_empty()
    }

    /// Time of the earliest event.
    #[inline]
    pub fn next_time(&self) -> Option<SimTime> {
        self.heap.first().map(|entry| time_of(entry.key))
    }

    /// Adds an event. Events added with equal times come out in the order of their addition.
    #[inline]
    pub fn push(&mut self, at: SimTime, event: E) {
        let key = (u128::from(at.as_nanos()) << 64) | u128::from(self.next_sequence);
        self.next_sequence += 1;
        self.heap.push(Entry { key, event });
        self.sift_up(self.heap.len() - 1);
    }

    /// Takes out the earliest event.
    #[inline]
    pub fn pop(&mut self) -> Option<(SimTime, E)> {
        let last = self.heap.pop()?;
        let Some(first) = self.heap.first_mut() else {
            return Some((time_of(last.key), last.event));
        };
        let earliest = std::mem::replace(first, last);
        self.sift_down();
        Some((time_of(earliest.key), earliest.event))
    }

    fn sift_up(&mut self, mut hole: usize) {
        let entry = self.heap[hole];
        while hole > 0 {
            let parent = (hole - 1) / ARITY;
            if self.heap[parent].key <= entry.key {
                break;
            }
            self.heap[hole] = self.heap[parent];
            hole = parent;
        }
        self.heap[hole] = entry;
    }

    fn sift_down(&mut self) {
        let length = self.heap.len();
        let entry = self.heap[0];
        let mut hole = 0;
        loop {
            let first_child = hole * ARITY + 1;
            if first_child >= length {
                break;
            }
            let mut smallest = first_child;
            for child in first_child + 1..length.min(first_child + ARITY) {
                if self.heap[child].key < self.heap[smallest].key {
                    smallest = child;
                }
            }
            if self.heap[smallest].key >= entry.key {
                break;
            }
            self.heap[hole] = self.heap[smallest];
            hole = smallest;
        }
        self.heap[hole] = entry;
    }
}

fn time_of(key: u128) -> SimTime {
    SimTime::from_nanos((key >> 64) as u64)
}

/// The clock and what is to happen.
pub struct Agenda<E> {
    now: SimTime,
    pending: PendingEvents<E>,
    handled: u64,
}

impl<E: Copy> Default for Agenda<E> {
    fn default() -> Self {
        Self { now: SimTime::ZERO, pending: PendingEvents::default(), handled: 0 }
    }
}

impl<E: Copy> Agenda<E> {
    /// The current simulated time.
    #[inline]
    pub fn now(&self) -> SimTime {
        self.now
    }

    /// Schedules `event` at `at`. A time that has passed is taken as now.
    #[inline]
    pub fn at(&mut self, at: SimTime, event: E) {
        self.pending.push(at.max(self.now), event);
    }

    /// Schedules `event` after `delay`.
    #[inline]
    pub fn after(&mut self, delay: SimDuration, event: E) {
        self.pending.push(self.now + delay, event);
    }

    /// Number of events handled so far, those of the source included.
    pub fn handled(&self) -> u64 {
        self.handled
    }

    /// Number of pending events.
    pub fn pending(&self) -> usize {
        self.pending.len()
    }
}

/// What is simulated.
pub trait Model {
    /// A pending event; small, since it is copied.
    type Event: Copy;

    /// Time of the next event of the model's own sorted source, [`SimTime::NEVER`] if it has none.
    /// Such events need not be scheduled.
    fn next_source_time(&self) -> SimTime;

    /// Handles the next event of the source.
    fn handle_source(&mut self, agenda: &mut Agenda<Self::Event>);

    /// Handles a scheduled event.
    fn handle(&mut self, event: Self::Event, agenda: &mut Agenda<Self::Event>);

    /// Whether the simulation is over; asked before every event.
    fn is_done(&self) -> bool;
}

/// Runs `model` until it is done, nothing is left to happen, or `limit` is reached; the clock then
/// stands at the last event handled.
pub fn run<M: Model>(model: &mut M, agenda: &mut Agenda<M::Event>, limit: SimTime) {
    while !model.is_done() {
        let source = model.next_source_time();
        let pending = agenda.pending.next_time().unwrap_or(SimTime::NEVER);
        let next = source.min(pending);
        if next > limit || next == SimTime::NEVER {
            return;
        }
        agenda.now = next;
        agenda.handled += 1;
        if source <= pending {
            model.handle_source(agenda);
        } else if let Some((_, event)) = agenda.pending.pop() {
            model.handle(event, agenda);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    #[test]
    fn equal_times_come_out_in_order_of_insertion() {
        let mut pending = PendingEvents::default();
        for (time, name) in [(5, 'a'), (3, 'b'), (5, 'c'), (3, 'd'), (5, 'e')] {
            pending.push(SimTime::from_nanos(time), name);
        }
        let order: String = std::iter::from_fn(|| pending.pop()).map(|(_, name)| name).collect();
        assert_eq!(order, "bdace");
    }

    proptest::proptest! {
        /// The heap against a sorted map keyed by (time, insertion number).
        #[test]
        fn agrees_with_a_sorted_map(steps in proptest::collection::vec(proptest::option::weighted(0.6, 0_u64..50), 0..400)) {
            let mut pending = PendingEvents::default();
            let mut reference = BTreeMap::new();
            for (number, step) in steps.into_iter().enumerate() {
                if let Some(time) = step {
                    pending.push(SimTime::from_nanos(time), number);
                    reference.insert((time, number), ());
                } else {
                    let expected = reference.pop_first().map(|((time, number), ())| (SimTime::from_nanos(time), number));
                    assert_eq!(pending.next_time(), expected.map(|(time, _)| time));
                    assert_eq!(pending.pop(), expected);
                }
                assert_eq!(pending.len(), reference.len());
            }
        }
    }
}
