//! The pending-event set.
//!
//! Two parts. The *front* is a 4-ary implicit heap over a packed 128-bit key (time, sequence number): one
//! comparison decides both. It holds everything up to a time, the *bound*. What lies behind the bound is
//! kept unsorted in a radix heap (Ahuja, Mehlhorn, Orlin and Tarjan 1990) with 16 digits a level: an event
//! stands in the bucket of the highest hexadecimal digit in which its time differs from the *base*. When
//! the front is used up, the earliest bucket becomes the front if it is small, or is spread over the levels
//! below it.
//!
//! So a small set is a heap and nothing else; in a large one an event is appended to a bucket, moved about
//! once for every factor 16 of the set's size, and sorted among few others at the end. Few cache lines are
//! touched where a heap of a million events walks through memory at random.
//!
//! **Invariant**: the front holds all events up to the bound and no others; it is empty only if there are
//! none at all. The base is at most the bound, and no event in a bucket differs from it in a digit above
//! the bucket's level.

use crate::time::SimTime;

/// Children per heap node. Four children of 32 bytes span two cache lines, and the tree is half as deep as
/// a binary one.
const ARITY: usize = 4;

/// Bits of a digit.
const DIGIT_BITS: usize = 4;

/// Values of a digit.
const DIGITS: usize = 1 << DIGIT_BITS;

/// Digits of a time.
const LEVELS: usize = 64 / DIGIT_BITS;

/// A front that grows beyond this many events is moved into buckets.
const FRONT_LIMIT: usize = 512;

/// A bucket of up to this many events becomes the front as it is.
const BUCKET_LIMIT: usize = 96;

/// One pending event: the packed key orders by time, then by sequence number.
#[derive(Clone, Copy)]
struct Entry<E> {
    key: u128,
    event: E,
}

impl<E> Entry<E> {
    #[inline]
    fn nanos(&self) -> u64 {
        (self.key >> 64) as u64
    }
}

/// Events that are to happen, taken out in the order (time, order of insertion).
pub struct PendingEvents<E> {
    front: Front<E>,
    /// Greatest time, in nanoseconds, of what belongs to the front.
    bound: u64,
    buckets: Buckets<E>,
    /// Length at which the front is moved into buckets.
    front_limit: usize,
    next_sequence: u64,
}

impl<E: Copy> Default for PendingEvents<E> {
    fn default() -> Self {
        Self {
            front: Front { entries: Vec::new(), len: 0 },
            bound: u64::MAX,
            buckets: Buckets::default(),
            front_limit: FRONT_LIMIT,
            next_sequence: 1,
        }
    }
}

impl<E: Copy> PendingEvents<E> {
    /// Number of pending events.
    pub fn len(&self) -> usize {
        self.front.len + self.buckets.len
    }

    /// Whether nothing is pending.
    pub fn is_empty(&self) -> bool {
        self.front.len == 0
    }

    /// Time of the earliest event.
    #[inline]
    pub fn next_time(&self) -> Option<SimTime> {
        self.front.first().map(|entry| SimTime::from_nanos(entry.nanos()))
    }

    /// Time of the earliest event, and its place among those of that time.
    #[inline]
    pub fn next_time_and_place(&self) -> Option<(SimTime, u64)> {
        self.front.first().map(|entry| (SimTime::from_nanos(entry.nanos()), entry.key as u64))
    }

    /// Adds an event. Events added with equal times come out in the order of their addition.
    #[inline]
    pub fn push(&mut self, at: SimTime, event: E) {
        let place = self.place();
        self.push_at(at, place, event);
    }

    /// A place in the order of addition, for an event that is added later: see [`Self::push_at`].
    #[inline]
    pub fn place(&mut self) -> u64 {
        self.next_sequence += 1;
        self.next_sequence - 1
    }

    /// Adds an event as if it had been added when its place was given out. Of events with equal time and place any
    /// may come first.
    #[inline]
    pub fn push_at(&mut self, at: SimTime, place: u64, event: E) {
        let nanos = at.as_nanos();
        let key = (u128::from(nanos) << 64) | u128::from(place);
        if nanos > self.bound {
            self.buckets.add(key, event);
            return;
        }
        self.front.push(key, event);
        if self.front.len > self.front_limit {
            self.spill();
        }
    }

    /// Takes out the earliest event.
    #[inline]
    pub fn pop(&mut self) -> Option<(SimTime, E)> {
        let earliest = self.front.pop()?;
        if self.front.len == 0 && self.buckets.len > 0 {
            self.refill();
        }
        Some((SimTime::from_nanos(earliest.nanos()), earliest.event))
    }

    /// The front has become long: all of it but the earliest time goes into buckets.
    #[cold]
    #[inline(never)]
    fn spill(&mut self) {
        // Times before the base can only be in the front, and stay there.
        self.bound = self.front.first().map_or(0, Entry::nanos).max(self.buckets.base);
        self.buckets.base = self.bound;
        let mut entries = self.front.take();
        for entry in entries.drain(..) {
            if entry.nanos() > self.bound {
                self.buckets.add(entry.key, entry.event);
            } else {
                self.front.push(entry.key, entry.event);
            }
        }
        // Many events of one time cannot be parted; they must not be tried again and again.
        self.front_limit = FRONT_LIMIT.max(2 * self.front.len);
    }

    /// The front is used up: the earliest events in buckets become the front.
    #[inline(never)]
    fn refill(&mut self) {
        let mut entries = self.front.take();
        if self.buckets.len <= BUCKET_LIMIT {
            self.buckets.drain_into(&mut entries);
            self.buckets.base = 0;
            self.bound = u64::MAX;
        } else {
            self.bound = self.buckets.take_earliest(&mut entries);
        }
        self.front = Front::from_any_order(entries);
        self.front_limit = FRONT_LIMIT.max(2 * self.front.len);
    }
}

/// A 4-ary heap. Behind its entries stand [`ARITY`] or more that are greater than any other, so that every
/// entry has four children.
struct Front<E> {
    entries: Vec<Entry<E>>,
    len: usize,
}

impl<E: Copy> Front<E> {
    /// A heap of these entries.
    fn from_any_order(mut entries: Vec<Entry<E>>) -> Self {
        let len = entries.len();
        if let Some(&Entry { event, .. }) = entries.first() {
            entries.extend([Entry { key: u128::MAX, event }; ARITY]);
        }
        let mut heap = Self { entries, len };
        for parent in (0..len.div_ceil(ARITY)).rev() {
            heap.sift_down(parent);
        }
        heap
    }

    /// Takes out all entries, in no order.
    fn take(&mut self) -> Vec<Entry<E>> {
        let mut entries = std::mem::take(&mut self.entries);
        entries.truncate(self.len);
        self.len = 0;
        entries
    }

    #[inline]
    fn first(&self) -> Option<&Entry<E>> {
        if self.len == 0 { None } else { self.entries.first() }
    }

    #[inline]
    fn push(&mut self, key: u128, event: E) {
        let mut hole = self.len;
        self.len += 1;
        if self.entries.len() < self.len + ARITY {
            self.entries.resize(self.len + 2 * ARITY, Entry { key: u128::MAX, event });
        }
        while hole > 0 {
            let parent = (hole - 1) / ARITY;
            if self.entries[parent].key <= key {
                break;
            }
            self.entries[hole] = self.entries[parent];
            hole = parent;
        }
        self.entries[hole] = Entry { key, event };
    }

    #[inline]
    fn pop(&mut self) -> Option<Entry<E>> {
        let &earliest = self.first()?;
        self.len -= 1;
        self.entries[0] = self.entries[self.len];
        self.entries[self.len].key = u128::MAX;
        self.sift_down(0);
        Some(earliest)
    }

    /// Brings the entry at `hole` to its place among those below it.
    #[inline]
    fn sift_down(&mut self, mut hole: usize) {
        let entry = self.entries[hole];
        loop {
            let first = hole * ARITY + 1;
            if first >= self.len {
                break;
            }
            let children = &self.entries[first..first + ARITY];
            // The least of four without a branch: which one it is cannot be foretold.
            let left = usize::from(children[1].key < children[0].key);
            let right = 2 + usize::from(children[3].key < children[2].key);
            let least = if children[right].key < children[left].key { right } else { left };
            let child = children[least];
            if child.key >= entry.key {
                break;
            }
            self.entries[hole] = child;
            hole = first + least;
        }
        self.entries[hole] = entry;
    }
}

/// The radix heap: events by the highest digit in which they differ from the base.
struct Buckets<E> {
    /// By level, then digit.
    buckets: Vec<Vec<Entry<E>>>,
    /// Which digits of each level have events.
    digits: [u16; LEVELS],
    /// Which levels have events.
    levels: u16,
    /// Time, in nanoseconds, from which the digits of the others are told apart.
    base: u64,
    len: usize,
    /// Room for the events of a bucket while they are spread.
    spread: Vec<Entry<E>>,
}

impl<E> Default for Buckets<E> {
    fn default() -> Self {
        Self { buckets: Vec::new(), digits: [0; LEVELS], levels: 0, base: 0, len: 0, spread: Vec::new() }
    }
}

impl<E: Copy> Buckets<E> {
    /// Adds an event later than the base. By its words: an entry that is written to memory only to be read there at once
    /// takes longer than all else.
    #[inline]
    fn add(&mut self, key: u128, event: E) {
        if self.buckets.is_empty() {
            self.buckets.resize_with(LEVELS * DIGITS, Vec::new);
        }
        let entry = Entry { key, event };
        let nanos = entry.nanos();
        let level = ((nanos ^ self.base) | 1).ilog2() as usize / DIGIT_BITS;
        let digit = (nanos >> (level * DIGIT_BITS)) as usize % DIGITS;
        self.buckets[level * DIGITS + digit].push(entry);
        self.digits[level] |= 1 << digit;
        self.levels |= 1 << level;
        self.len += 1;
    }

    /// Moves everything into `front`.
    fn drain_into(&mut self, front: &mut Vec<Entry<E>>) {
        while self.len > 0 {
            let (level, digit) = self.earliest();
            self.take(level, digit, front);
        }
    }

    /// Moves the earliest events into `front`, and the base to them; returns up to which time they are all
    /// there. There must be some.
    fn take_earliest(&mut self, front: &mut Vec<Entry<E>>) -> u64 {
        loop {
            let (level, digit) = self.earliest();
            let shift = level * DIGIT_BITS;
            let below = (1_u64 << shift) - 1;
            let above = u64::MAX.checked_shl((shift + DIGIT_BITS) as u32).unwrap_or(0);
            self.base = (self.base & above) | ((digit as u64) << shift);
            if level == 0 || self.buckets[level * DIGITS + digit].len() <= BUCKET_LIMIT {
                self.take(level, digit, front);
                return self.base | below;
            }
            let mut spread = std::mem::take(&mut self.spread);
            self.take(level, digit, &mut spread);
            for entry in spread.drain(..) {
                if entry.nanos() == self.base {
                    front.push(entry);
                } else {
                    self.add(entry.key, entry.event);
                }
            }
            self.spread = spread;
            if !front.is_empty() {
                return self.base;
            }
        }
    }

    /// Level and digit of the earliest bucket that has events.
    fn earliest(&self) -> (usize, usize) {
        let level = self.levels.trailing_zeros() as usize;
        (level, self.digits[level].trailing_zeros() as usize)
    }

    /// Moves a bucket's events behind those of `target`.
    fn take(&mut self, level: usize, digit: usize, target: &mut Vec<Entry<E>>) {
        let bucket = &mut self.buckets[level * DIGITS + digit];
        self.len -= bucket.len();
        target.append(bucket);
        self.digits[level] &= !(1 << digit);
        if self.digits[level] == 0 {
            self.levels &= !(1 << level);
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

    /// Steps: `Some(delay)` adds an event so much later than the last one taken out, `None` takes one out.
    fn agrees(steps: impl IntoIterator<Item = Option<u64>>) {
        let mut pending = PendingEvents::default();
        let mut reference = BTreeMap::new();
        let mut now = 0_u64;
        for (number, step) in steps.into_iter().enumerate() {
            if let Some(delay) = step {
                let time = now.saturating_add(delay);
                pending.push(SimTime::from_nanos(time), number);
                reference.insert((time, number), ());
            } else {
                let expected = reference.pop_first().map(|(key, ())| key);
                assert_eq!(pending.next_time(), expected.map(|(time, _)| SimTime::from_nanos(time)));
                assert_eq!(pending.pop(), expected.map(|(time, number)| (SimTime::from_nanos(time), number)));
                now = expected.map_or(now, |(time, _)| time);
            }
            assert_eq!(pending.len(), reference.len());
            assert_eq!(pending.is_empty(), reference.is_empty());
        }
    }

    /// Delays of all magnitudes, ties among them.
    fn delays() -> impl proptest::strategy::Strategy<Value = u64> {
        use proptest::prelude::*;
        prop_oneof![Just(0), 0_u64..50, (0_u32..64, any::<u64>()).prop_map(|(shift, bits)| bits >> shift)]
    }

    proptest::proptest! {
        /// The set against a sorted map keyed by (time, insertion number): few events, then so many that the
        /// front is moved into buckets, then fewer again until none is left.
        #[test]
        fn agrees_with_a_sorted_map(
            few in proptest::collection::vec(proptest::option::weighted(0.6, delays()), 0..400),
            many in proptest::collection::vec(proptest::option::weighted(0.9, delays()), 0..3_000),
            held in proptest::collection::vec(proptest::option::weighted(0.5, delays()), 0..3_000),
        ) {
            let drained = std::iter::repeat_n(None, 8_000);
            agrees(few.into_iter().chain(many).chain(held).chain(drained));
        }
    }

    /// More events of one moment than the front holds, and one before them.
    #[test]
    fn many_events_of_one_moment() {
        let many = std::iter::repeat_n(Some(7), 3 * FRONT_LIMIT);
        agrees(many.chain([Some(3), None]).chain(std::iter::repeat_n(None, 3 * FRONT_LIMIT + 1)));
    }
}
