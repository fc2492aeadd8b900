//! The shared database: so many connections, first come first served.
//!
//! A request holds one connection for its whole time. During an outage nothing starts, and what was
//! running is answered when it is over. A slowdown stretches requests that start in it.

use super::event::Work;
use crate::time::{SimDuration, SimTime};
use std::collections::VecDeque;

/// A multi-server queue, first come first served.
pub struct Database {
    connections: u32,
    busy: u32,
    waiting: VecDeque<(Work, SimDuration)>,
    /// Product of the slowdowns in force.
    pub time_factor: f64,
    /// Causes that keep the database down.
    outages: u32,
    updated: SimTime,
    busy_connection_ns: u128,
}

impl Database {
    /// An idle database.
    pub fn new(connections: u32) -> Self {
        Self {
            connections,
            busy: 0,
            waiting: VecDeque::new(),
            time_factor: 1.0,
            outages: 0,
            updated: SimTime::ZERO,
            busy_connection_ns: 0,
        }
    }

    /// Connections in use.
    pub fn busy(&self) -> u32 {
        self.busy
    }

    /// Whether an outage is on.
    pub fn is_down(&self) -> bool {
        self.outages > 0
    }

    fn advance(&mut self, now: SimTime) {
        self.busy_connection_ns += u128::from(now.since(self.updated).as_nanos()) * u128::from(self.busy);
        self.updated = now;
    }

    /// Time that connections have been in use until `now`, in connection-nanoseconds.
    pub fn busy_connection_ns(&mut self, now: SimTime) -> u128 {
        self.advance(now);
        self.busy_connection_ns
    }

    /// Asks for a connection for `demand`. Returns the time at which the request is done, or `None` if
    /// it waits.
    pub fn request(&mut self, now: SimTime, demand: SimDuration, work: Work) -> Option<SimTime> {
        if self.busy >= self.connections || self.is_down() {
            self.waiting.push_back((work, demand));
            return None;
        }
        Some(self.start(now, demand))
    }

    fn start(&mut self, now: SimTime, demand: SimDuration) -> SimTime {
        self.advance(now);
        self.busy += 1;
        now + self.duration(demand)
    }

    /// How long a request takes that starts now.
    #[inline]
    pub fn duration(&self, demand: SimDuration) -> SimDuration {
        if self.time_factor == 1.0 { demand } else { demand.mul_f64(self.time_factor) }
    }

    /// So many connections have been in use for `time` that was not counted before.
    #[inline]
    pub fn note_used(&mut self, time: SimDuration, connections: u32) {
        self.busy_connection_ns += u128::from(time.as_nanos()) * u128::from(connections);
    }

    /// From now on a connection is in use that was kept free.
    pub fn adopt(&mut self, now: SimTime) {
        self.advance(now);
        self.busy += 1;
    }

    /// Gives back a connection.
    pub fn release(&mut self, now: SimTime) {
        self.advance(now);
        self.busy -= 1;
    }

    /// Starts the next waiting request that `is_wanted` (its node still waits for it), if a connection
    /// is free: the work and the time at which it is done.
    pub fn start_next(&mut self, now: SimTime, is_wanted: impl Fn(Work) -> bool) -> Option<(Work, SimTime)> {
        while self.busy < self.connections && !self.is_down() {
            let (work, demand) = self.waiting.pop_front()?;
            if is_wanted(work) {
                return Some((work, self.start(now, demand)));
            }
        }
        None
    }

    /// Takes out what a node is waiting for.
    pub fn take_waiting(&mut self, node: u16) -> Vec<(Work, SimDuration)> {
        let (taken, others): (Vec<_>, Vec<_>) = self.waiting.drain(..).partition(|(work, _)| work.node() == node);
        self.waiting = others.into();
        taken
    }

    /// An outage begins.
    pub fn stop(&mut self) {
        self.outages += 1;
    }

    /// An outage ends.
    pub fn resume(&mut self) {
        self.outages = self.outages.saturating_sub(1);
    }
}
