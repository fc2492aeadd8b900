//! Pending-event sets as one writes them by hand into a loop, each with first-in-first-out ties: what the
//! engine is measured against.

use crate::Event;
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// A pending-event set.
pub trait EventSet: Default {
    /// Adds an event.
    fn push(&mut self, at: u64, event: Event);
    /// Takes out the earliest one.
    fn pop(&mut self) -> Option<(u64, Event)>;
}

/// The standard library's binary heap over (time, sequence number).
#[derive(Default)]
pub struct Binary {
    heap: BinaryHeap<Reverse<(u64, u64, Event)>>,
    sequence: u64,
}

impl EventSet for Binary {
    fn push(&mut self, at: u64, event: Event) {
        self.heap.push(Reverse((at, self.sequence, event)));
        self.sequence += 1;
    }

    fn pop(&mut self) -> Option<(u64, Event)> {
        self.heap.pop().map(|Reverse((at, _, event))| (at, event))
    }
}

/// A 4-ary heap over a packed key of 128 bits.
#[derive(Default)]
pub struct FourAry {
    heap: Vec<(u128, Event)>,
    sequence: u64,
}

impl EventSet for FourAry {
    fn push(&mut self, at: u64, event: Event) {
        let entry = ((u128::from(at) << 64) | u128::from(self.sequence), event);
        self.sequence += 1;
        let mut hole = self.heap.len();
        self.heap.push(entry);
        while hole > 0 {
            let parent = (hole - 1) / 4;
            if self.heap[parent].0 <= entry.0 {
                break;
            }
            self.heap[hole] = self.heap[parent];
            hole = parent;
        }
        self.heap[hole] = entry;
    }

    fn pop(&mut self) -> Option<(u64, Event)> {
        let entry = self.heap.pop()?;
        let Some(&earliest) = self.heap.first() else { return Some(((entry.0 >> 64) as u64, entry.1)) };
        let length = self.heap.len();
        let mut hole = 0;
        loop {
            let first = hole * 4 + 1;
            if first >= length {
                break;
            }
            let children = first..length.min(first + 4);
            let smallest = children.fold(first, |a, b| if self.heap[b].0 < self.heap[a].0 { b } else { a });
            if self.heap[smallest].0 >= entry.0 {
                break;
            }
            self.heap[hole] = self.heap[smallest];
            hole = smallest;
        }
        self.heap[hole] = entry;
        Some(((earliest.0 >> 64) as u64, earliest.1))
    }
}

/// A radix heap (Ahuja, Mehlhorn, Orlin and Tarjan 1990): events by the highest bit in which their time differs from
/// the last one taken out. Each bucket keeps the order of insertion, and a redistribution keeps it too.
pub struct Radix {
    buckets: Vec<Vec<(u64, Event)>>,
    /// Events of the earliest time, from `next` on.
    ready: Vec<(u64, Event)>,
    next: usize,
    last: u64,
    occupied: u64,
}

impl Default for Radix {
    fn default() -> Self {
        Self { buckets: vec![Vec::new(); 64], ready: Vec::new(), next: 0, last: 0, occupied: 0 }
    }
}

impl EventSet for Radix {
    fn push(&mut self, at: u64, event: Event) {
        if at == self.last {
            self.ready.push((at, event));
        } else {
            let bucket = (at ^ self.last).ilog2() as usize;
            self.buckets[bucket].push((at, event));
            self.occupied |= 1 << bucket;
        }
    }

    fn pop(&mut self) -> Option<(u64, Event)> {
        if self.next == self.ready.len() {
            self.ready.clear();
            self.next = 0;
            if self.occupied == 0 {
                return None;
            }
            let bucket = self.occupied.trailing_zeros() as usize;
            self.occupied &= self.occupied - 1;
            let mut entries = std::mem::take(&mut self.buckets[bucket]);
            self.last = entries.iter().map(|entry| entry.0).min()?;
            for (at, event) in entries.drain(..) {
                self.push(at, event);
            }
            self.buckets[bucket] = entries;
        }
        self.next += 1;
        Some(self.ready[self.next - 1])
    }
}
