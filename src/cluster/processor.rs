//! A node's processor: egalitarian processor sharing over its cores.
//!
//! With `n` jobs on `c` cores of speed `s` each job is served at rate `s · min(1, c/n)`. Attained
//! service is the same for all jobs present, so one number, the virtual time `v` (service that a job
//! would have received since the processor was last idle), orders all completions: a job that arrives
//! with demand `d` ends when `v` reaches `v(arrival) + d`. Completions are found in O(log n).

use super::event::Work;
use crate::time::{SimDuration, SimTime};
use std::cmp::Ordering;
use std::collections::BinaryHeap;

/// One job in service.
#[derive(Clone, Copy)]
struct Share {
    /// Virtual time at which the job is done.
    finish: f64,
    sequence: u64,
    work: Work,
}

impl PartialEq for Share {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}
impl Eq for Share {}
impl PartialOrd for Share {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for Share {
    /// The heap's largest is the job that ends first.
    fn cmp(&self, other: &Self) -> Ordering {
        other.finish.total_cmp(&self.finish).then(other.sequence.cmp(&self.sequence))
    }
}

/// When the next job will be done, if nothing changes. A new forecast makes older ones void.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Forecast {
    /// Time of the completion.
    pub at: SimTime,
    /// Number of the forecast.
    pub generation: u32,
}

/// A processor-sharing server with several cores.
pub struct Processor {
    cores: f64,
    speed: f64,
    jobs: BinaryHeap<Share>,
    next_sequence: u64,
    virtual_ns: f64,
    updated: SimTime,
    busy_core_ns: f64,
    forecast: Forecast,
}

impl Processor {
    /// An idle processor with `cores` cores, each `speed` times as fast as a reference core.
    pub fn new(cores: u32, speed: f64) -> Self {
        Self {
            cores: f64::from(cores),
            speed,
            jobs: BinaryHeap::new(),
            next_sequence: 0,
            virtual_ns: 0.0,
            updated: SimTime::ZERO,
            busy_core_ns: 0.0,
            forecast: Forecast { at: SimTime::NEVER, generation: 0 },
        }
    }

    /// Number of jobs in service.
    pub fn len(&self) -> usize {
        self.jobs.len()
    }

    /// Virtual nanoseconds that pass in one real nanosecond.
    fn rate(&self) -> f64 {
        let jobs = self.jobs.len() as f64;
        if jobs <= self.cores { self.speed } else { self.speed * self.cores / jobs }
    }

    fn advance(&mut self, now: SimTime) {
        let passed = now.since(self.updated).as_nanos() as f64;
        self.updated = now;
        if self.jobs.is_empty() {
            return;
        }
        self.virtual_ns += passed * self.rate();
        self.busy_core_ns += passed * self.cores.min(self.jobs.len() as f64);
    }

    /// Time that cores have been busy until `now`, in core-nanoseconds.
    pub fn busy_core_ns(&mut self, now: SimTime) -> f64 {
        self.advance(now);
        self.busy_core_ns
    }

    /// Adds a job that needs `demand` on a reference core. Returns the new forecast if the old one is
    /// void.
    pub fn add(&mut self, now: SimTime, demand: SimDuration, work: Work) -> Option<Forecast> {
        self.advance(now);
        if self.jobs.is_empty() {
            self.virtual_ns = 0.0;
        }
        let rate_before = self.rate();
        let finish = self.virtual_ns + demand.as_nanos() as f64;
        let first = self.jobs.peek().is_none_or(|head| finish < head.finish);
        self.jobs.push(Share { finish, sequence: self.next_sequence, work });
        self.next_sequence += 1;
        (first || self.rate() != rate_before).then(|| self.predict())
    }

    /// Takes out the job whose completion was forecast, if the forecast still holds; with it comes the
    /// next forecast.
    pub fn complete(&mut self, now: SimTime, generation: u32) -> Option<(Work, Option<Forecast>)> {
        if generation != self.forecast.generation {
            return None;
        }
        self.advance(now);
        let done = self.jobs.pop()?;
        self.virtual_ns = self.virtual_ns.max(done.finish);
        let next = (!self.jobs.is_empty()).then(|| self.predict());
        Some((done.work, next))
    }

    /// Changes the speed of the cores; returns the new forecast if there are jobs.
    pub fn set_speed(&mut self, now: SimTime, speed: f64) -> Option<Forecast> {
        self.advance(now);
        self.speed = speed;
        (!self.jobs.is_empty()).then(|| self.predict())
    }

    /// The present speed of a core.
    pub fn speed(&self) -> f64 {
        self.speed
    }

    /// Drops all jobs, in the order in which they would have ended, and voids the forecast.
    pub fn clear(&mut self, now: SimTime) -> Vec<Work> {
        self.advance(now);
        self.forecast.generation = self.forecast.generation.wrapping_add(1);
        let mut jobs = std::mem::take(&mut self.jobs).into_sorted_vec();
        jobs.reverse();
        jobs.into_iter().map(|share| share.work).collect()
    }

    fn predict(&mut self) -> Forecast {
        let left = self.jobs.peek().map_or(0.0, |head| (head.finish - self.virtual_ns).max(0.0) / self.rate());
        self.forecast = Forecast {
            at: self.updated + SimDuration::from_nanos(left.ceil() as u64),
            generation: self.forecast.generation.wrapping_add(1),
        };
        self.forecast
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cluster::event::Job;

    fn work(number: u32) -> Work {
        Work { node: 0, epoch: 0, job: Job::Ingest(number) }
    }

    fn seconds(s: f64) -> SimDuration {
        SimDuration::from_secs_f64(s)
    }

    fn at(s: f64) -> SimTime {
        SimTime::ZERO + seconds(s)
    }

    /// One core, demands 3 s at t = 0 and 1 s at t = 1. From 1 s on both get half a core: the second
    /// ends at 1 + 2·1 = 3 s, when the first has had 1 + 1 = 2 s; it ends alone at 4 s.
    #[test]
    fn one_core_is_shared_in_halves() {
        let mut processor = Processor::new(1, 1.0);
        let first = processor.add(at(0.0), seconds(3.0), work(1)).expect("a forecast");
        assert_eq!(first.at, at(3.0));
        let second = processor.add(at(1.0), seconds(1.0), work(2)).expect("a forecast");
        assert_eq!(second.at, at(3.0));
        assert!(processor.complete(first.at, first.generation).is_none(), "the first forecast is void");
        let (done, next) = processor.complete(second.at, second.generation).expect("a completion");
        assert_eq!(done.job, Job::Ingest(2));
        let next = next.expect("one job is left");
        assert_eq!(next.at, at(4.0));
        assert_eq!(processor.complete(next.at, next.generation).map(|(done, _)| done.job), Some(Job::Ingest(1)));
        assert!((processor.busy_core_ns(at(10.0)) - 4e9).abs() < 1.0);
    }

    /// Two cores of speed 2: demands of 4 s and 2 s run side by side and end at 2 s and 1 s.
    #[test]
    fn cores_do_not_share_while_there_are_enough() {
        let mut processor = Processor::new(2, 2.0);
        processor.add(at(0.0), seconds(4.0), work(1));
        let forecast = processor.add(at(0.0), seconds(2.0), work(2)).expect("the second ends first");
        assert_eq!(forecast.at, at(1.0));
        let (_, next) = processor.complete(forecast.at, forecast.generation).expect("a completion");
        assert_eq!(next.expect("one is left").at, at(2.0));
    }
}
