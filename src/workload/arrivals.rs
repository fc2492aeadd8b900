//! When things happen: a point process whose mean rate follows the clock.
//!
//! All processes run in operational time (Çinlar 1975, section 4.7): the integral of the mean rate. Its
//! unit is one expected arrival, so that an interval of mean 1 keeps the mean rate whatever its
//! distribution. In front of the rate stands, for a Markov-modulated process, the factor of its state.

use super::cycle::HOUR;
use super::rate::Rate;
use crate::engine::distribution::exp1;
use crate::engine::random::Stream;
use crate::time::{NANOS_PER_SECOND, SimDuration, SimTime};
use rand::RngExt;
use rand_distr::{Distribution as _, Gamma};
use serde::Serialize;
use statrs::function::gamma::gamma;

/// How arrivals scatter about their mean rate.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Scatter {
    /// Independent of each other.
    Poisson,
    /// A stationary renewal process in operational time with Weibull intervals; below shape 1 arrivals come in
    /// clumps. The variance of long counts over their mean is the squared coefficient of variation of an interval.
    Weibull {
        /// Shape of the intervals.
        shape: f64,
    },
    /// A Poisson process whose rate changes between two values at random moments (Heffes and Lucantoni 1986).
    /// The mean rate over both states is the rate of the cycle; it starts in equilibrium.
    MarkovModulated {
        /// Rate of the busy state over that of the quiet one.
        ratio: f64,
        /// Mean length of a busy time.
        busy_mean: SimDuration,
        /// Mean length of a quiet time.
        quiet_mean: SimDuration,
    },
}

/// The two states of a Markov-modulated process.
struct Modulation {
    stream: Stream,
    is_busy: bool,
    /// End of the present state.
    until: SimTime,
    /// Factor of the mean rate and mean length in nanoseconds: quiet, busy.
    factors: [f64; 2],
    means: [f64; 2],
}

impl Modulation {
    fn new(mut stream: Stream, ratio: f64, busy_mean: SimDuration, quiet_mean: SimDuration) -> Self {
        let means = [quiet_mean.as_nanos() as f64, busy_mean.as_nanos() as f64];
        let busy_share = means[1] / (means[0] + means[1]);
        let quiet_factor = 1.0 / (busy_share * ratio + 1.0 - busy_share);
        let is_busy = stream.random::<f64>() < busy_share;
        let mut modulation =
            Self { stream, is_busy, until: SimTime::ZERO, factors: [quiet_factor, quiet_factor * ratio], means };
        modulation.stay();
        modulation
    }

    /// Draws the end of the state that begins where the last one ended.
    fn stay(&mut self) {
        let length = (exp1(&mut self.stream) * self.means[usize::from(self.is_busy)]).round().max(1.0);
        self.until = self.until + SimDuration::from_nanos(length as u64);
    }

    /// The factor from `at` on.
    fn enter(&mut self, at: SimTime) -> f64 {
        while self.until <= at && self.until < SimTime::NEVER {
            self.is_busy = !self.is_busy;
            self.stay();
        }
        self.factors[usize::from(self.is_busy)]
    }
}

/// A point process.
///
/// Times are found by inversion: an interval of operational time is used up at the current rate, hour by hour.
/// Nothing is thrown away, so one interval is drawn per arrival.
pub struct RateClock {
    stream: Stream,
    rate: Rate,
    /// Shape and scale of Weibull intervals of mean 1; none for exponential ones.
    weibull: Option<(f64, f64)>,
    modulation: Option<Modulation>,
    is_first: bool,
    last: SimTime,
    segment_end: SimTime,
    /// Arrivals in a nanosecond in the current segment.
    current: f64,
}

impl RateClock {
    /// A Poisson process from time zero.
    pub fn new(stream: Stream, rate: Rate) -> Self {
        let mut clock = Self {
            stream,
            rate,
            weibull: None,
            modulation: None,
            is_first: true,
            last: SimTime::ZERO,
            segment_end: SimTime::ZERO,
            current: 0.0,
        };
        clock.enter_segment(SimTime::ZERO);
        clock
    }

    /// The process with another scatter; states of modulated processes come from a stream of their own.
    pub fn scattered(mut self, scatter: Scatter, states: Stream) -> Self {
        match scatter {
            Scatter::Poisson => {}
            Scatter::Weibull { shape } => self.weibull = Some((shape, 1.0 / gamma(1.0 + 1.0 / shape))),
            Scatter::MarkovModulated { ratio, busy_mean, quiet_mean } => {
                self.modulation = Some(Modulation::new(states, ratio, busy_mean, quiet_mean));
            }
        }
        self.enter_segment(SimTime::ZERO);
        self
    }

    fn enter_segment(&mut self, at: SimTime) {
        self.segment_end = self.rate.hour_end(at);
        self.current = self.rate.at(at);
        if let Some(modulation) = &mut self.modulation {
            self.current *= modulation.enter(at);
            self.segment_end = self.segment_end.min(modulation.until);
        }
    }

    /// Operational time to the next arrival, of mean 1. The first interval of a renewal process is the rest of one
    /// that began before time zero: a uniform part of a length-biased interval, whose k-th power is gamma with
    /// shape 1 + 1/k (Cox 1962, section 5.3). So the process has its mean rate from the first moment on.
    fn interval(&mut self) -> f64 {
        let Some((shape, scale)) = self.weibull else { return exp1(&mut self.stream) };
        if std::mem::take(&mut self.is_first) {
            let biased = Gamma::new(1.0 + 1.0 / shape, 1.0).map_or(1.0, |power| power.sample(&mut self.stream));
            return self.stream.random::<f64>() * scale * biased.powf(1.0 / shape);
        }
        scale * exp1(&mut self.stream).powf(1.0 / shape)
    }

    /// The next arrival; [`SimTime::NEVER`] if there are none.
    #[inline]
    pub fn next_arrival(&mut self) -> SimTime {
        if self.rate.per_second <= 0.0 {
            return SimTime::NEVER;
        }
        let mut needed = self.interval();
        loop {
            let left = self.segment_end.since(self.last).as_nanos() as f64;
            let available = left * self.current;
            if needed < available {
                let step = (needed / self.current).round() as u64;
                self.last = SimTime::from_nanos(self.last.as_nanos() + step);
                return self.last;
            }
            needed -= available;
            self.last = self.segment_end;
            if self.last == SimTime::NEVER {
                return SimTime::NEVER;
            }
            self.enter_segment(self.last);
        }
    }
}

/// How many calendar alerts fall due at full and half hours.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
#[serde(rename_all = "snake_case")]
pub struct Clustering {
    /// Share at full hours.
    pub full: f64,
    /// Share at half past.
    pub half: f64,
}

/// A stream of alerts of one group, with what is done to its times.
struct AlertStream {
    clock: RateClock,
    rounding: Rounding,
    group: usize,
    next: SimTime,
}

/// What becomes of the time of an alert.
#[derive(Clone, Copy)]
enum Rounding {
    /// It is rounded up to a multiple of the step since midnight of the day on which the measured span starts.
    Up(SimDuration),
    /// It is rounded down to this many nanoseconds past an hour of the clock.
    DownTo(u64),
}

impl AlertStream {
    fn advance(&mut self) {
        self.next = loop {
            let at = self.clock.next_arrival();
            match self.rounding {
                _ if at == SimTime::NEVER => break at,
                Rounding::Up(step) => break self.clock.rate.round_up(at, step),
                Rounding::DownTo(past_hour) => {
                    let past = (self.clock.rate.calendar.nanos_of_day(at) + HOUR - past_hour) % HOUR;
                    // What belongs to an hour before the simulation fell due before it.
                    if past <= at.as_nanos() {
                        break SimTime::from_nanos(at.as_nanos() - past);
                    }
                }
            }
        };
    }
}

/// When calendar alerts fall due, of all groups, in order of time.
///
/// Each group's alerts form a Poisson process. With clustering each alert, independently, falls due at the full hour
/// before it with probability `full`, at the last half hour (:30) before it with probability `half`, and at its own
/// time otherwise. By the colouring theorem (Kingman 1993, section 5.1) these are three independent processes.
pub struct Alerts {
    streams: Vec<AlertStream>,
}

impl Alerts {
    /// `rates` are those of the groups; `stream` gives the random stream of a group's part 0 to 2.
    pub fn new(rates: &[(Rate, Clustering)], step: SimDuration, stream: impl Fn(usize, usize) -> Stream) -> Self {
        let mut streams = Vec::new();
        for (group, (rate, clustering)) in rates.iter().enumerate() {
            let parts = [
                (1.0 - clustering.full - clustering.half, Rounding::Up(step)),
                (clustering.full, Rounding::DownTo(0)),
                (clustering.half, Rounding::DownTo(1_800 * NANOS_PER_SECOND)),
            ];
            for (part, (share, rounding)) in parts.into_iter().enumerate() {
                if part > 0 && share <= 0.0 {
                    continue;
                }
                let own = Rate { per_second: rate.per_second * share.max(0.0), ..rate.clone() };
                let clock = RateClock::new(stream(group, part), own);
                let mut stream = AlertStream { clock, rounding, group, next: SimTime::ZERO };
                stream.advance();
                streams.push(stream);
            }
        }
        Self { streams }
    }

    /// The next alert and its group, not before the last one; [`SimTime::NEVER`] if there are no more.
    pub fn next_due(&mut self) -> (SimTime, usize) {
        let Some(first) = self.streams.iter_mut().min_by_key(|stream| stream.next) else { return (SimTime::NEVER, 0) };
        let due = (first.next, first.group);
        first.advance();
        due
    }
}
