//! A node's processor: egalitarian processor sharing over its cores.
//!
//! With `n` jobs on `c` cores of speed `s` each job is served at rate `s · min(1, c/n)`.
//!
//! While there are enough cores each job runs alone on one, so that its end is known when it begins. Only
//! if there are more jobs than cores do they share: attained service is then the same for all jobs, so one
//! number, the virtual time `v` (service that a job would have received since sharing began), orders all
//! completions: a job with `d` left ends when `v` has grown by `d`.

use super::event::Work;
use crate::time::{SimDuration, SimTime};
use std::cmp::Ordering;
use std::collections::BinaryHeap;

/// One job in service.
#[derive(Clone, Copy)]
struct Share {
    /// When the job ends: a time in nanoseconds, or, while cores are shared, the bits of a virtual time (of
    /// two positive numbers the greater has the greater bits).
    finish: u64,
    /// Among jobs that end at the same time.
    place: u64,
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
        (other.finish, other.place).cmp(&(self.finish, self.place))
    }
}

/// When the next job will be done, if nothing changes. A new forecast makes older ones void.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Forecast {
    /// Time of the completion.
    pub at: SimTime,
    /// Number of the forecast.
    pub generation: u32,
    /// Place of the job among events of that time.
    pub place: u64,
}

/// How many times as fast as a reference core a core is.
#[derive(Clone, Copy)]
pub struct Speed(pub f64);

impl Speed {
    /// When a job ends that needs `left` on a reference core and has a core for itself from `start` on.
    #[inline]
    pub fn alone_until(self, start: SimTime, left: SimDuration) -> SimTime {
        // Most processors are the reference: a division takes long.
        if self.0 == 1.0 { start + left } else { self.alone_for(start, left.as_nanos() as f64) }
    }

    #[inline]
    fn alone_for(self, start: SimTime, left_ns: f64) -> SimTime {
        start + SimDuration::from_nanos(whole_up(left_ns / self.0))
    }

    /// Core-nanoseconds that `demand` takes, in whole ones: so sums do not depend on the order of addition.
    #[inline]
    pub fn core_ns(self, demand: SimDuration) -> u64 {
        if self.0 == 1.0 { demand.as_nanos() } else { (demand.as_nanos() as f64 / self.0).round() as u64 }
    }
}

/// A processor-sharing server with several cores.
pub struct Processor {
    cores: usize,
    speed: Speed,
    jobs: BinaryHeap<Share>,
    is_shared: bool,
    virtual_ns: f64,
    updated: SimTime,
    busy_core_ns: u128,
    generation: u32,
}

impl Processor {
    /// An idle processor with `cores` cores, each `speed` times as fast as a reference core.
    pub fn new(cores: u32, speed: f64) -> Self {
        Self {
            cores: cores as usize,
            speed: Speed(speed),
            jobs: BinaryHeap::new(),
            is_shared: false,
            virtual_ns: 0.0,
            updated: SimTime::ZERO,
            busy_core_ns: 0,
            generation: 0,
        }
    }

    /// Number of jobs in service.
    #[inline]
    pub fn len(&self) -> usize {
        self.jobs.len()
    }

    /// Virtual nanoseconds that pass in one real nanosecond while cores are shared.
    fn shared_rate(&self) -> f64 {
        self.speed.0 * self.cores as f64 / self.jobs.len() as f64
    }

    /// Moves on to `now`.
    #[inline]
    fn advance(&mut self, now: SimTime) {
        let passed = now.since(self.updated).as_nanos();
        self.updated = now;
        if self.is_shared {
            self.virtual_ns += passed as f64 * self.shared_rate();
        }
        self.busy_core_ns += u128::from(passed) * self.cores.min(self.len()) as u128;
    }

    /// Time that cores have been busy until `now`, in core-nanoseconds.
    pub fn busy_core_ns(&mut self, now: SimTime) -> u128 {
        self.advance(now);
        self.busy_core_ns
    }

    /// Adds a job that needs `demand` on a reference core; `place` orders jobs that end together. Returns the new forecast
    /// if the old one is void.
    #[inline]
    pub fn add(&mut self, now: SimTime, demand: SimDuration, work: Work, place: u64) -> Option<Forecast> {
        self.advance(now);
        if self.len() == self.cores {
            self.share(now);
        }
        if self.is_shared {
            let finish = (self.virtual_ns + demand.as_nanos() as f64).to_bits();
            self.jobs.push(Share { finish, place, work });
            return Some(self.predict());
        }
        let finish = self.speed.alone_until(now, demand).as_nanos();
        let is_first = self.jobs.peek().is_none_or(|head| (finish, place) < (head.finish, head.place));
        self.jobs.push(Share { finish, place, work });
        is_first.then(|| self.predict())
    }

    /// A job joins that has had a core for itself, kept free for it, and ends at `finish` if nothing changes. Returns
    /// the new forecast if the old one is void.
    pub fn adopt(&mut self, now: SimTime, finish: SimTime, work: Work, place: u64) -> Option<Forecast> {
        self.advance(now);
        let is_first = self.jobs.peek().is_none_or(|head| (finish.as_nanos(), place) < (head.finish, head.place));
        self.jobs.push(Share { finish: finish.as_nanos(), place, work });
        is_first.then(|| self.predict())
    }

    /// Number of cores.
    #[inline]
    pub fn cores(&self) -> usize {
        self.cores
    }

    /// Cores begin to be shared.
    fn share(&mut self, now: SimTime) {
        self.is_shared = true;
        self.virtual_ns = 0.0;
        let speed = self.speed.0;
        self.jobs = std::mem::take(&mut self.jobs)
            .into_iter()
            .map(|share| {
                let left = share.finish.saturating_sub(now.as_nanos()) as f64 * speed;
                Share { finish: left.to_bits(), ..share }
            })
            .collect();
    }

    /// Each job gets a core for itself again.
    fn part(&mut self, now: SimTime) {
        self.is_shared = false;
        for share in std::mem::take(&mut self.jobs) {
            let left = (f64::from_bits(share.finish) - self.virtual_ns).max(0.0);
            self.jobs.push(Share { finish: self.speed.alone_for(now, left).as_nanos(), ..share });
        }
    }

    /// Takes out the job whose completion was forecast, if the forecast still holds; with it comes the
    /// next forecast.
    pub fn complete(&mut self, now: SimTime, generation: u32) -> Option<(Work, Option<Forecast>)> {
        if generation != self.generation {
            return None;
        }
        self.advance(now);
        let done = self.jobs.pop()?;
        if self.is_shared {
            self.virtual_ns = self.virtual_ns.max(f64::from_bits(done.finish));
            if self.jobs.len() == self.cores {
                self.part(now);
            }
        }
        let next = (!self.jobs.is_empty()).then(|| self.predict());
        Some((done.work, next))
    }

    /// Changes the speed of the cores; returns the new forecast if there are jobs to wait for.
    pub fn set_speed(&mut self, now: SimTime, speed: f64) -> Option<Forecast> {
        self.advance(now);
        if !self.is_shared {
            self.share(now);
            self.speed = Speed(speed);
            self.part(now);
        }
        self.speed = Speed(speed);
        (!self.jobs.is_empty()).then(|| self.predict())
    }

    /// Drops all jobs, in the order in which they would have ended, and voids the forecast.
    pub fn clear(&mut self, now: SimTime) -> Vec<Work> {
        self.advance(now);
        self.generation = self.generation.wrapping_add(1);
        self.is_shared = false;
        let mut jobs = std::mem::take(&mut self.jobs).into_sorted_vec();
        jobs.reverse();
        jobs.into_iter().map(|share| share.work).collect()
    }

    fn predict(&mut self) -> Forecast {
        self.generation = self.generation.wrapping_add(1);
        let (first, place) = self.jobs.peek().map_or((0, 0), |head| (head.finish, head.place));
        let at = if self.is_shared {
            let left = (f64::from_bits(first) - self.virtual_ns).max(0.0) / self.shared_rate();
            self.updated + SimDuration::from_nanos(whole_up(left))
        } else {
            SimTime::from_nanos(first)
        };
        Forecast { at, generation: self.generation, place }
    }
}

/// The next whole number that is not below `value`.
#[inline]
fn whole_up(value: f64) -> u64 {
    let below = value as u64;
    below.saturating_add(u64::from((below as f64) < value))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cluster::event::Job;

    fn work(number: u32) -> Work {
        Work::new(0, 0, Job::Ingest(number))
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
        let first = processor.add(at(0.0), seconds(3.0), work(1), 1).expect("a forecast");
        assert_eq!(first.at, at(3.0));
        let second = processor.add(at(1.0), seconds(1.0), work(2), 2).expect("a forecast");
        assert_eq!(second.at, at(3.0));
        assert!(processor.complete(first.at, first.generation).is_none(), "the first forecast is void");
        let (done, next) = processor.complete(second.at, second.generation).expect("a completion");
        assert_eq!(done.job(), Job::Ingest(2));
        let next = next.expect("one job is left");
        assert_eq!(next.at, at(4.0));
        assert_eq!(processor.complete(next.at, next.generation).map(|(done, _)| done.job()), Some(Job::Ingest(1)));
        assert_eq!(processor.busy_core_ns(at(10.0)), 4_000_000_000);
    }

    /// Two cores of speed 2: demands of 4 s and 2 s run side by side and end at 2 s and 1 s.
    #[test]
    fn cores_do_not_share_while_there_are_enough() {
        let mut processor = Processor::new(2, 2.0);
        processor.add(at(0.0), seconds(4.0), work(1), 1);
        let forecast = processor.add(at(0.0), seconds(2.0), work(2), 2).expect("the second ends first");
        assert_eq!(forecast.at, at(1.0));
        let (_, next) = processor.complete(forecast.at, forecast.generation).expect("a completion");
        assert_eq!(next.expect("one is left").at, at(2.0));
    }

    /// Jobs of 2 s at t = 0 and of 1 s at t = 1 both end at 2 s. The second has the older place: it is first, and the
    /// forecast is made anew with its place.
    #[test]
    fn of_jobs_that_end_together_the_older_place_is_first() {
        let mut processor = Processor::new(2, 1.0);
        processor.add(at(0.0), seconds(2.0), work(1), 5);
        let forecast = processor.add(at(1.0), seconds(1.0), work(2), 3).expect("a new forecast");
        assert_eq!((forecast.at, forecast.place), (at(2.0), 3));
        let (done, next) = processor.complete(forecast.at, forecast.generation).expect("a completion");
        assert_eq!((done, next.map(|next| next.place)), (work(2), Some(5)));
    }
}
