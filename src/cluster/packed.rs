//! Events in two words, as the agenda keeps them.
//!
//! The head holds, from its lowest bits: the kind of event (8 bits), a role, job or timer (8), the node (16), the
//! node's life (16), the role of a job (8). The value is a number of 32 bits.

use super::event::{Event, Job, TimedKind};
use crate::engine::Pack;
use crate::layout::Role;
use std::fmt;

/// A job on behalf of one life of a node. It is void once the node has died.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Work {
    /// As that of an event, but for the kind.
    head: u64,
    value: u32,
}

impl Work {
    /// The work of a node in a life that is counted by its deaths.
    #[inline(always)]
    pub fn new(node: u16, epoch: u16, job: Job) -> Self {
        let (kind, detail, value) = match job {
            Job::Ingest(slot) => (0, 0, slot),
            Job::Scan => (1, 0, 0),
            Job::Run(role) => (2, role as u8, 0),
            Job::Delete(role) => (3, role as u8, 0),
            Job::Request(slot) => (4, 0, slot),
            Job::Timed(timer) => (5, timer as u8, 0),
        };
        let packed = Packed::new(0, kind, node, epoch, value);
        Self { head: packed.head | u64::from(detail) << 48, value }
    }

    /// Index of the node.
    #[inline(always)]
    pub fn node(self) -> u16 {
        self.packed(0).node()
    }

    /// Which life of the node: counts its deaths.
    #[inline(always)]
    pub fn epoch(self) -> u16 {
        self.packed(0).epoch()
    }

    /// What it is.
    #[inline(always)]
    pub fn job(self) -> Job {
        let detail = usize::from((self.head >> 48) as u8);
        match self.packed(0).part() {
            0 => Job::Ingest(self.value),
            1 => Job::Scan,
            2 => Job::Run(Role::ALL[detail]),
            3 => Job::Delete(Role::ALL[detail]),
            4 => Job::Request(self.value),
            _ => Job::Timed(TimedKind::ALL[detail]),
        }
    }

    #[inline(always)]
    fn packed(self, kind: u8) -> Packed {
        Packed { head: self.head | u64::from(kind), value: self.value }
    }
}

impl fmt::Debug for Work {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:?} of node {} in life {}", self.job(), self.node(), self.epoch())
    }
}

/// An event in two words.
#[derive(Debug, Clone, Copy)]
pub struct Packed {
    head: u64,
    value: u32,
}

impl Packed {
    #[inline(always)]
    fn new(kind: u8, part: u8, node: u16, epoch: u16, value: u32) -> Self {
        let head = u64::from(kind) | u64::from(part) << 8 | u64::from(node) << 16 | u64::from(epoch) << 32;
        Self { head, value }
    }

    #[inline(always)]
    fn part(self) -> u8 {
        (self.head >> 8) as u8
    }

    #[inline(always)]
    fn node(self) -> u16 {
        (self.head >> 16) as u16
    }

    #[inline(always)]
    fn epoch(self) -> u16 {
        (self.head >> 32) as u16
    }

    #[inline(always)]
    fn role(self) -> Role {
        Role::ALL[usize::from(self.part())]
    }

    #[inline(always)]
    fn timer(self) -> TimedKind {
        TimedKind::ALL[usize::from(self.part())]
    }

    #[inline(always)]
    fn work(self) -> Work {
        Work { head: self.head & !0xff, value: self.value }
    }
}

/// Names of the kinds of events, by [`kind`].
pub const KIND_NAMES: [&str; 24] = [
    "processor",
    "continued",
    "change announced",
    "database",
    "lock answer",
    "lock release",
    "dispatcher refresh",
    "dispatcher lock answer",
    "failed task due",
    "alert written",
    "alert due",
    "message sent again",
    "change heard",
    "push tick",
    "push failed",
    "timers",
    "timed job lock answer",
    "timed job lock release",
    "fault",
    "measurement starts",
    "measurement ends",
    "bin ends",
    "chain ends",
    "scans end",
];

/// The kind of an event, for profiles.
pub fn kind(event: &Event) -> usize {
    usize::from(event.pack().head as u8)
}

impl Pack for Event {
    type Packed = Packed;

    #[inline(always)]
    fn pack(self) -> Packed {
        match self {
            Self::Processed { node, generation } => Packed::new(0, 0, node, 0, generation),
            Self::Continued(work) => work.packed(1),
            Self::Announced { first, origin } => Packed::new(2, 0, origin, 0, first),
            Self::Stored(work) => work.packed(3),
            Self::Locked { node, epoch, role } => Packed::new(4, role as u8, node, epoch, 0),
            Self::Released { node, epoch, role } => Packed::new(5, role as u8, node, epoch, 0),
            Self::Refresh { node, epoch } => Packed::new(6, 0, node, epoch, 0),
            Self::DispatchLocked { node, epoch } => Packed::new(7, 0, node, epoch, 0),
            Self::TaskDue(slot) => Packed::new(8, 0, 0, 0, slot),
            Self::AlertWritten => Packed::new(9, 0, 0, 0, 0),
            Self::AlertDue => Packed::new(10, 0, 0, 0, 0),
            Self::Resent(slot) => Packed::new(11, 0, 0, 0, slot),
            Self::Changed { node, epoch, copy } => Packed::new(12, 0, node, epoch, copy),
            Self::PushTick { node, epoch } => Packed::new(13, 0, node, epoch, 0),
            Self::PushFailed(slot) => Packed::new(14, 0, 0, 0, slot),
            Self::Timers(timers) => Packed::new(15, 0, 0, 0, timers),
            Self::TimedLocked { node, epoch, kind } => Packed::new(16, kind as u8, node, epoch, 0),
            Self::TimedReleased { node, epoch, kind } => Packed::new(17, kind as u8, node, epoch, 0),
            Self::Fault(number) => Packed::new(18, 0, 0, 0, number),
            Self::MeasureStart => Packed::new(19, 0, 0, 0, 0),
            Self::MeasureEnd => Packed::new(20, 0, 0, 0, 0),
            Self::BinEnd => Packed::new(21, 0, 0, 0, 0),
            Self::ChainEnds(chain) => Packed::new(22, 0, 0, 0, chain),
            Self::ScansEnd(scans) => Packed::new(23, 0, 0, 0, scans),
        }
    }

    #[inline(always)]
    fn unpack(packed: Packed) -> Self {
        let (node, epoch, value) = (packed.node(), packed.epoch(), packed.value);
        match packed.head as u8 {
            0 => Self::Processed { node, generation: value },
            1 => Self::Continued(packed.work()),
            2 => Self::Announced { first: value, origin: node },
            3 => Self::Stored(packed.work()),
            4 => Self::Locked { node, epoch, role: packed.role() },
            5 => Self::Released { node, epoch, role: packed.role() },
            6 => Self::Refresh { node, epoch },
            7 => Self::DispatchLocked { node, epoch },
            8 => Self::TaskDue(value),
            9 => Self::AlertWritten,
            10 => Self::AlertDue,
            11 => Self::Resent(value),
            12 => Self::Changed { node, epoch, copy: value },
            13 => Self::PushTick { node, epoch },
            14 => Self::PushFailed(value),
            15 => Self::Timers(value),
            16 => Self::TimedLocked { node, epoch, kind: packed.timer() },
            17 => Self::TimedReleased { node, epoch, kind: packed.timer() },
            18 => Self::Fault(value),
            19 => Self::MeasureStart,
            20 => Self::MeasureEnd,
            21 => Self::BinEnd,
            22 => Self::ChainEnds(value),
            _ => Self::ScansEnd(value),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn every_kind() -> Vec<Event> {
        let (node, epoch, value) = (60_001, 65_535, u32::MAX - 3);
        let mut jobs = vec![Job::Ingest(value), Job::Scan, Job::Request(value)];
        jobs.extend(Role::ALL.into_iter().flat_map(|role| [Job::Run(role), Job::Delete(role)]));
        jobs.extend(TimedKind::ALL.map(Job::Timed));
        let works = jobs.into_iter().map(|job| Work::new(node, epoch, job));
        let mut events: Vec<Event> = works.flat_map(|work| [Event::Continued(work), Event::Stored(work)]).collect();
        for role in Role::ALL {
            events.extend([Event::Locked { node, epoch, role }, Event::Released { node, epoch, role }]);
        }
        for kind in TimedKind::ALL {
            events.extend([Event::TimedLocked { node, epoch, kind }, Event::TimedReleased { node, epoch, kind }]);
        }
        events.extend([
            Event::Processed { node, generation: value },
            Event::Announced { first: value, origin: node },
            Event::Refresh { node, epoch },
            Event::DispatchLocked { node, epoch },
            Event::TaskDue(value),
            Event::AlertWritten,
            Event::AlertDue,
            Event::Resent(value),
            Event::Changed { node, epoch, copy: value },
            Event::PushTick { node, epoch },
            Event::PushFailed(value),
            Event::Timers(value),
            Event::Fault(value),
            Event::MeasureStart,
            Event::MeasureEnd,
            Event::BinEnd,
            Event::ChainEnds(value),
            Event::ScansEnd(value),
        ]);
        events
    }

    #[test]
    fn events_come_back_as_they_were() {
        for event in every_kind() {
            assert_eq!(Event::unpack(event.pack()), event);
        }
    }
}
