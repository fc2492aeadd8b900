//! The model: independent queues of customers with four servers each. How long customers take and what is measured is
//! the same code for every engine; when it happens is the engine's work.

use rolesim::engine::distribution::exp1;
use rolesim::engine::random::{Purpose, Stream, Streams};
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;

/// Servers of a queue.
pub const SERVERS: u32 = 4;
/// Customers a second; each is served in a second on average.
pub const ARRIVAL_RATE: f64 = 3.6;

/// A time as an engine keeps it.
pub trait Time: Copy {
    /// Seconds since an earlier time.
    fn seconds_since(self, earlier: Self) -> f64;
}

/// Nanoseconds.
impl Time for u64 {
    fn seconds_since(self, earlier: Self) -> f64 {
        (self - earlier) as f64 * 1e-9
    }
}

/// Seconds.
impl Time for f64 {
    fn seconds_since(self, earlier: Self) -> f64 {
        self - earlier
    }
}

/// A delay in nanoseconds.
pub fn nanos(seconds: f64) -> u64 {
    (seconds * 1e9) as u64
}

/// What the queues of a run have in common: random numbers and the waits.
pub struct Common {
    random: Stream,
    waited_s: f64,
    served: u64,
}

impl Default for Common {
    fn default() -> Self {
        Self { random: Streams { seed: 1, replication: 0 }.stream(Purpose::Arrivals, 0), waited_s: 0.0, served: 0 }
    }
}

impl Common {
    /// Seconds until the next customer comes.
    pub fn until_arrival(&mut self) -> f64 {
        exp1(&mut self.random) / ARRIVAL_RATE
    }

    /// Seconds that a customer is served.
    pub fn service(&mut self) -> f64 {
        exp1(&mut self.random)
    }

    /// A customer has waited and will now be served.
    pub fn begins(&mut self, waited_s: f64) {
        self.waited_s += waited_s;
        self.served += 1;
    }

    /// Mean wait of those that were served, and their number.
    pub fn waits(&self) -> Waits {
        Waits { mean_s: self.waited_s / self.served as f64, customers: self.served }
    }
}

/// What a run has found.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Waits {
    /// Mean wait before service.
    pub mean_s: f64,
    /// Customers that it is the mean of.
    pub customers: u64,
}

/// A queue. At the start four customers are in service, whose waits are not counted.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Queue<T> {
    in_service: u32,
    to_come: u32,
    line: VecDeque<T>,
}

impl<T: Time> Queue<T> {
    /// A queue that so many customers will come to.
    pub fn new(customers: u32) -> Self {
        Self { in_service: SERVERS, to_come: customers, line: VecDeque::new() }
    }

    /// A customer comes: when the next one does, and when this one is served, unless it has to wait.
    #[inline]
    pub fn arrival(&mut self, now: T, common: &mut Common) -> (Option<f64>, Option<f64>) {
        self.to_come -= 1;
        let next = (self.to_come > 0).then(|| common.until_arrival());
        if self.in_service == SERVERS {
            self.line.push_back(now);
            return (next, None);
        }
        self.in_service += 1;
        common.begins(0.0);
        (next, Some(common.service()))
    }

    /// A customer goes: when the next in line is served.
    #[inline]
    pub fn departure(&mut self, now: T, common: &mut Common) -> Option<f64> {
        if let Some(came) = self.line.pop_front() {
            common.begins(now.seconds_since(came));
            Some(common.service())
        } else {
            self.in_service -= 1;
            None
        }
    }
}
