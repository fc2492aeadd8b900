//! Simulated time as integers of nanoseconds.
//!
//! [`SimTime`] is a point on the simulation's clock, [`SimDuration`] the distance between two points.
//! Both are unsigned 64-bit counts of nanoseconds (584 years), so that equal inputs give equal bits on
//! every machine. Zero is the start of the warm-up. Calendar questions (which second of the day is it,
//! when is 03:00 next) go through [`Calendar`], which knows the date at time zero.
//! This module knows nothing of events, mail or files.

use serde::{Serialize, Serializer};
use std::fmt;
use std::ops::{Add, AddAssign, Sub};

/// Nanoseconds in one second.
pub const NANOS_PER_SECOND: u64 = 1_000_000_000;
const SECONDS_PER_DAY: u64 = 86_400;

/// A point in simulated time: nanoseconds since the start of the warm-up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SimTime(u64);

/// A length of simulated time in nanoseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SimDuration(u64);

impl SimTime {
    /// The start of the simulation.
    pub const ZERO: Self = Self(0);
    /// Later than everything that happens.
    pub const NEVER: Self = Self(u64::MAX);

    /// The point `nanos` nanoseconds after the start.
    pub const fn from_nanos(nanos: u64) -> Self {
        Self(nanos)
    }

    /// Nanoseconds since the start.
    pub const fn as_nanos(self) -> u64 {
        self.0
    }

    /// Seconds since the start, rounded to the nearest representable value.
    pub fn as_secs_f64(self) -> f64 {
        self.0 as f64 / NANOS_PER_SECOND as f64
    }

    /// The time that has passed since `earlier`; zero if `earlier` is not earlier.
    pub const fn since(self, earlier: Self) -> SimDuration {
        SimDuration(self.0.saturating_sub(earlier.0))
    }
}

impl SimDuration {
    /// No time at all.
    pub const ZERO: Self = Self(0);
    /// The longest duration.
    pub const MAX: Self = Self(u64::MAX);

    /// A duration of `nanos` nanoseconds.
    pub const fn from_nanos(nanos: u64) -> Self {
        Self(nanos)
    }

    /// A duration of `seconds` whole seconds.
    pub const fn from_secs(seconds: u64) -> Self {
        Self(seconds.saturating_mul(NANOS_PER_SECOND))
    }

    /// A duration of `millis` whole milliseconds.
    pub const fn from_millis(millis: u64) -> Self {
        Self(millis.saturating_mul(1_000_000))
    }

    /// A duration of `seconds`, rounded to whole nanoseconds. Negative and undefined values become
    /// zero, values beyond the range the longest duration.
    pub fn from_secs_f64(seconds: f64) -> Self {
        Self(nearest(seconds * NANOS_PER_SECOND as f64))
    }

    /// Nanoseconds.
    pub const fn as_nanos(self) -> u64 {
        self.0
    }

    /// Seconds, rounded to the nearest representable value.
    pub fn as_secs_f64(self) -> f64 {
        self.0 as f64 / NANOS_PER_SECOND as f64
    }

    /// Whether this is no time at all.
    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }

    /// This duration `factor` times (a non-negative number), rounded to whole nanoseconds.
    pub fn mul_f64(self, factor: f64) -> Self {
        Self(nearest(self.0 as f64 * factor))
    }
}

/// The nearest whole number, halves up, below zero 0. A call of `round` takes longer where the processor's instruction
/// for it cannot be assumed.
#[inline]
fn nearest(value: f64) -> u64 {
    // Most processors convert signed numbers in one step, unsigned ones in many.
    if value < i64::MAX as f64 {
        let below = value as i64;
        (below + i64::from(value - below as f64 >= 0.5)).max(0) as u64
    } else {
        value as u64
    }
}

impl Serialize for SimDuration {
    /// As text with a unit, as scenario files have it.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let nanos = self.0;
        let units =
            [(86_400 * NANOS_PER_SECOND, "d"), (NANOS_PER_SECOND, "s"), (1_000_000, "ms"), (1_000, "us"), (1, "ns")];
        let (unit, name) = units.into_iter().find(|(unit, _)| nanos.is_multiple_of(*unit)).unwrap_or((1, "ns"));
        serializer.collect_str(&format_args!("{}{}", nanos / unit, if nanos == 0 { "s" } else { name }))
    }
}

impl Add<SimDuration> for SimTime {
    type Output = Self;
    fn add(self, rhs: SimDuration) -> Self {
        Self(self.0.saturating_add(rhs.0))
    }
}

impl Sub<SimDuration> for SimTime {
    type Output = Self;
    fn sub(self, rhs: SimDuration) -> Self {
        Self(self.0.saturating_sub(rhs.0))
    }
}

impl Add for SimDuration {
    type Output = Self;
    fn add(self, rhs: Self) -> Self {
        Self(self.0.saturating_add(rhs.0))
    }
}

impl AddAssign for SimDuration {
    fn add_assign(&mut self, rhs: Self) {
        *self = *self + rhs;
    }
}

impl fmt::Display for SimDuration {
    /// Two significant units, as a person would say it: `1h30m`, `150s`, `2.4ms`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.0 / NANOS_PER_SECOND;
        match seconds {
            86_400.. => two(f, seconds, SECONDS_PER_DAY, "d", 3_600, "h"),
            7_200.. => two(f, seconds, 3_600, "h", 60, "m"),
            600.. => two(f, seconds, 60, "m", 1, "s"),
            10.. => write!(f, "{}s", (self.as_secs_f64() * 10.0).round() / 10.0),
            1.. => write!(f, "{}s", (self.as_secs_f64() * 100.0).round() / 100.0),
            0 if self.0 >= 1_000_000 => write!(f, "{}ms", (self.0 as f64 / 1e5).round() / 10.0),
            0 if self.0 >= 1_000 => write!(f, "{}us", (self.0 as f64 / 1e2).round() / 10.0),
            0 if self.0 == 0 => write!(f, "0s"),
            0 => write!(f, "{}ns", self.0),
        }
    }
}

fn two(
    f: &mut fmt::Formatter<'_>,
    seconds: u64,
    big: u64,
    big_name: &str,
    small: u64,
    small_name: &str,
) -> fmt::Result {
    let rest = seconds % big / small;
    if rest == 0 {
        write!(f, "{}{big_name}", seconds / big)
    } else {
        write!(f, "{}{big_name}{rest}{small_name}", seconds / big)
    }
}

/// The calendar behind the clock: which second of which day is time zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Calendar {
    /// Seconds since Monday 00:00 at time zero.
    zero_second_of_week: u64,
}

impl Calendar {
    /// A calendar in which time zero is `second_of_week` seconds after Monday 00:00.
    pub const fn from_second_of_week(second_of_week: u64) -> Self {
        Self { zero_second_of_week: second_of_week % (7 * SECONDS_PER_DAY) }
    }

    /// The calendar of a clock that is this many seconds ahead (or behind, if negative).
    #[must_use]
    pub const fn ahead(self, seconds: i64) -> Self {
        let week = 7 * SECONDS_PER_DAY;
        Self { zero_second_of_week: (self.zero_second_of_week + seconds.rem_euclid(week as i64) as u64) % week }
    }

    /// Nanoseconds since midnight at `at`.
    pub fn nanos_of_day(self, at: SimTime) -> u64 {
        self.nanos_of_week(at) % (SECONDS_PER_DAY * NANOS_PER_SECOND)
    }

    /// Hour of the day (0-23) at `at`.
    pub fn hour_of_day(self, at: SimTime) -> usize {
        (self.nanos_of_day(at) / (3_600 * NANOS_PER_SECOND)) as usize
    }

    /// Day of the week (0 is Monday) at `at`.
    pub fn day_of_week(self, at: SimTime) -> usize {
        (self.nanos_of_week(at) / (SECONDS_PER_DAY * NANOS_PER_SECOND)) as usize
    }

    /// The first time strictly after `after` at which the clock shows `second_of_day` seconds since
    /// midnight.
    pub fn next_daily(self, after: SimTime, second_of_day: u64) -> SimTime {
        let day = SECONDS_PER_DAY * NANOS_PER_SECOND;
        let now = self.nanos_of_day(after);
        let target = (second_of_day % SECONDS_PER_DAY) * NANOS_PER_SECOND;
        let ahead = if target > now { target - now } else { target + day - now };
        after + SimDuration::from_nanos(ahead)
    }

    fn nanos_of_week(self, at: SimTime) -> u64 {
        let week = 7 * SECONDS_PER_DAY * NANOS_PER_SECOND;
        (self.zero_second_of_week * NANOS_PER_SECOND + at.as_nanos() % week) % week
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn daily_job_is_strictly_later() {
        // Monday 23:00: midnight is in one hour; asked at midnight, the next one is a day later.
        let calendar = Calendar::from_second_of_week(23 * 3_600);
        let midnight = calendar.next_daily(SimTime::ZERO, 0);
        assert_eq!(midnight, SimTime::ZERO + SimDuration::from_secs(3_600));
        assert_eq!(calendar.next_daily(midnight, 0), midnight + SimDuration::from_secs(86_400));
        assert_eq!(calendar.day_of_week(midnight), 1);
        assert_eq!(calendar.hour_of_day(SimTime::ZERO), 23);
    }

    #[test]
    fn durations_read_as_a_person_would_say_them() {
        let show = |s: f64| SimDuration::from_secs_f64(s).to_string();
        assert_eq!(show(150.0), "150s");
        assert_eq!(show(0.0024), "2.4ms");
        assert_eq!(show(5_400.0), "90m");
        assert_eq!(show(9_000.0), "2h30m");
        assert_eq!(show(90_000.0), "1d1h");
        assert_eq!(show(0.0), "0s");
    }
}
