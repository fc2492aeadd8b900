//! Times of a simulation on the command line: `12m` after the start of the measured span, or `09:12:03`, the first
//! time that the clock shows that.

use crate::scenario::{Scenario, Time};
use crate::source::Problem;
use crate::time::{NANOS_PER_SECOND, SimDuration, SimTime};
use std::ops::Range;
use std::str::FromStr;

/// A time as somebody wrote it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// After the start of the measured span.
    After(SimDuration),
    /// Nanoseconds since midnight.
    Clock(u64),
}

impl FromStr for When {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text.contains(':') {
            let help = || format!("`{text}` is no time of day: write 09:12 or 09:12:03");
            return clock(text).map(Self::Clock).ok_or_else(help);
        }
        match text.parse() {
            Ok(Time(after)) => Ok(Self::After(after)),
            Err(error) => Err(format!("{error}; write 12m (after the start of the measured span) or 09:12:03")),
        }
    }
}

/// Nanoseconds since midnight of `09:12` or `09:12:03.5`.
fn clock(text: &str) -> Option<u64> {
    let mut parts = text.split(':');
    let mut whole = |below: u64| -> Option<u64> {
        let part = parts.next()?;
        let is_plain = part.len() <= 2 && part.chars().all(|c| c.is_ascii_digit());
        part.parse().ok().filter(|value| is_plain && *value < below)
    };
    let (hours, minutes) = (whole(24)?, whole(60)?);
    let seconds = match parts.next() {
        None => 0.0,
        Some(part) if part.starts_with(|c: char| c.is_ascii_digit()) => part.parse().ok()?,
        Some(_) => return None,
    };
    let is_right = parts.next().is_none() && (0.0..60.0).contains(&seconds);
    is_right.then(|| (hours * 3_600 + minutes * 60) * NANOS_PER_SECOND + (seconds * NANOS_PER_SECOND as f64) as u64)
}

impl When {
    /// The time on the clock of the scenario's simulations.
    ///
    /// # Errors
    /// The simulation is over by then; `option` says where the time was written.
    pub fn resolve(self, scenario: &Scenario, option: &str) -> Result<SimTime, Problem> {
        let origin = SimTime::ZERO + scenario.warmup;
        let at = match self {
            Self::After(after) => origin + after,
            Self::Clock(nanos) => {
                let day = 86_400 * NANOS_PER_SECOND;
                let now = scenario.calendar.nanos_of_day(origin);
                origin + SimDuration::from_nanos((nanos + day - now) % day)
            }
        };
        let last = origin + scenario.duration + scenario.drain;
        if at > last {
            return Err(Problem::new(
                format!("{option}: the simulation is over {} after the start of its measured span", last.since(origin)),
                format!("name a time before that; the measured span starts at {}", scenario.start),
            ));
        }
        Ok(at)
    }
}

/// A window of time, `10m..12m`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    from: When,
    to: When,
}

impl FromStr for Window {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (from, to) =
            text.split_once("..").ok_or_else(|| format!("`{text}` is no window: write FROM..TO, such as 10m..12m"))?;
        Ok(Self { from: from.parse()?, to: to.parse()? })
    }
}

impl Window {
    /// The window on the clock of the scenario's simulations, nanoseconds.
    ///
    /// # Errors
    /// It is empty, or not in the simulation.
    pub fn resolve(self, scenario: &Scenario, option: &str) -> Result<Range<u64>, Problem> {
        let from = self.from.resolve(scenario, option)?;
        let to = self.to.resolve(scenario, option)?;
        if to <= from {
            return Err(Problem::new(
                format!("{option}: the window ends before it begins, or at the same moment"),
                "write the earlier time first, such as 10m..12m",
            ));
        }
        Ok(from.as_nanos()..to.as_nanos())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_as_they_are_written() {
        let after = |text: &str| match text.parse() {
            Ok(When::After(after)) => after.as_secs_f64(),
            other => panic!("{other:?}"),
        };
        assert_eq!(after("9h12m"), 33_120.0);
        assert_eq!("09:12:03".parse(), Ok(When::Clock(33_123 * NANOS_PER_SECOND)));
        assert_eq!("0:00".parse(), Ok(When::Clock(0)));
        for wrong in ["", "9", "25:00", "9:60", "9:00:61", "9:", ":", "1:2:3:4", "-1h", "9:00:-1", "+9:00", "9:0:nan"] {
            assert!(wrong.parse::<When>().is_err(), "{wrong}");
        }
        assert!("9h".parse::<Window>().is_err());
        assert!("9h..10x".parse::<Window>().is_err());
    }
}
