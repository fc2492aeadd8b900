//! How far a simulation is, for somebody who looks on from another thread.
//!
//! Written once a bin of the time line, so that it costs nothing; read whenever the picture is drawn.

use std::sync::atomic::{AtomicU64, Ordering};

/// The state of one simulation as of a moment ago.
#[derive(Debug, Default)]
pub struct Live {
    at_ns: AtomicU64,
    events: AtomicU64,
    waiting: AtomicU64,
}

/// What a [`Live`] says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    /// Simulated time, nanoseconds from the start of the warm-up.
    pub at_ns: u64,
    /// Events handled.
    pub events: u64,
    /// Tasks in the table.
    pub waiting: u64,
}

impl Live {
    /// The simulation has come to `at_ns`, with `events` handled and `waiting` tasks in the table.
    pub fn note(&self, at_ns: u64, events: u64, waiting: u64) {
        self.at_ns.store(at_ns, Ordering::Relaxed);
        self.events.store(events, Ordering::Relaxed);
        self.waiting.store(waiting, Ordering::Relaxed);
    }

    /// What was noted last.
    pub fn moment(&self) -> Moment {
        let of = |value: &AtomicU64| value.load(Ordering::Relaxed);
        Moment { at_ns: of(&self.at_ns), events: of(&self.events), waiting: of(&self.waiting) }
    }
}
