//! The mean rate of a group over time: cycle, time zone and growth.

use super::cycle::{Cycle, HOUR};
use crate::time::{Calendar, NANOS_PER_SECOND, SimDuration, SimTime};

const DAY: f64 = 86_400.0 * NANOS_PER_SECOND as f64;

/// Arrivals a nanosecond, constant within each hour of the group's clock.
#[derive(Debug, Clone)]
pub struct Rate {
    /// Arrivals a second on a mean day without growth.
    pub per_second: f64,
    /// Daily and weekly cycle.
    pub cycle: Cycle,
    /// The group's own clock.
    pub calendar: Calendar,
    /// By how much more a day is than the day before: 0.01 is one per cent.
    pub growth_per_day: f64,
    /// When growth begins from 1: the start of the measured span.
    pub origin: SimTime,
}

impl Rate {
    /// The end of the hour of the clock in which `at` lies.
    pub fn hour_end(&self, at: SimTime) -> SimTime {
        let into_hour = self.calendar.nanos_of_day(at) % HOUR;
        SimTime::from_nanos(at.as_nanos().saturating_add(HOUR - into_hour))
    }

    /// The first multiple of `step` from `at` on, counted from midnight before the origin, by this clock: it does not depend
    /// on how long the simulation has run before.
    pub fn round_up(&self, at: SimTime, step: SimDuration) -> SimTime {
        let midnight = i128::from(self.origin.as_nanos()) - i128::from(self.calendar.nanos_of_day(self.origin));
        let step = i128::from(step.as_nanos().max(1));
        let missing = (midnight - i128::from(at.as_nanos())).rem_euclid(step);
        SimTime::from_nanos(at.as_nanos().saturating_add(missing as u64))
    }

    /// The rate in the hour in which `at` lies, per nanosecond.
    pub fn at(&self, at: SimTime) -> f64 {
        self.per_second / NANOS_PER_SECOND as f64 * self.cycle.at(self.calendar, at) * self.growth(at)
    }

    /// Growth since the origin, (1 + g)^days: that of the middle of the hour of the clock.
    fn growth(&self, at: SimTime) -> f64 {
        if self.growth_per_day == 0.0 {
            return 1.0;
        }
        let middle = self.hour_end(at).as_nanos() as f64 - HOUR as f64 / 2.0;
        ((middle - self.origin.as_nanos() as f64) / DAY * self.growth_per_day.ln_1p()).exp()
    }

    /// Mean of the rate between two times over `per_second`.
    pub fn mean_factor(&self, start: SimTime, end: SimTime) -> f64 {
        if self.growth_per_day == 0.0 {
            return self.cycle.mean_over(self.calendar, start, end);
        }
        let (mut at, mut sum) = (start, 0.0);
        while at < end {
            let stop = self.hour_end(at).min(end);
            sum += stop.since(at).as_nanos() as f64 * self.cycle.at(self.calendar, at) * self.growth(at);
            at = stop;
        }
        let total = end.since(start);
        if total == SimDuration::ZERO { self.cycle.at(self.calendar, start) } else { sum / total.as_nanos() as f64 }
    }
}
