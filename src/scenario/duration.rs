//! Times as they are written in scenario files: `"300s"`, `"1d"`, `"5ms"`, `"1h30m"`.

use crate::time::SimDuration;
use serde::Deserialize;
use serde::de::{Deserializer, Error, Visitor};
use std::fmt;
use std::str::FromStr;

/// The longest time that a scenario may name, in seconds: 100 years of 365.25 days. Sums of such times stay
/// far below what an integer of nanoseconds can hold (584 years).
const LONGEST_S: u64 = 3_155_760_000;

/// The units that a time may have.
const UNITS: [&str; 9] = ["ns", "us", "ms", "s", "m", "h", "d", "w", "y"];

/// A time in a scenario file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Time(pub SimDuration);

impl Time {
    /// Seconds.
    pub fn as_secs_f64(self) -> f64 {
        self.0.as_secs_f64()
    }
}

impl FromStr for Time {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let fail = |why: &str| format!("`{text}` is no time: {why}");
        if text.trim_start().starts_with('-') {
            return Err(fail("times are not negative"));
        }
        // Elsewhere it is a month; who writes it means a minute.
        if text.split(|c: char| !c.is_ascii_alphabetic()).any(|unit| unit == "M") {
            return Err(fail("there is no unit `M`; a minute is `m`"));
        }
        let letters = |c: char| !c.is_alphabetic();
        let units: Vec<&str> = text.split(letters).filter(|unit| !unit.is_empty()).collect();
        if let Some(unit) = units.iter().find(|unit| !UNITS.contains(unit)) {
            return Err(fail(&format!("there is no unit `{unit}`; there are {}", UNITS.join(", "))));
        }
        if let Some(unit) = units.iter().enumerate().find_map(|(i, unit)| units[..i].contains(unit).then_some(unit)) {
            return Err(fail(&format!("it has the unit `{unit}` twice")));
        }
        let duration = humantime::parse_duration(text).map_err(|error| match error {
            humantime::DurationError::Empty => fail("it is empty"),
            humantime::DurationError::UnknownUnit { .. } => fail("it has no unit"),
            humantime::DurationError::NumberOverflow if text.contains('.') => {
                fail("it is finer than a nanosecond, or longer than 100 years")
            }
            humantime::DurationError::NumberOverflow => fail("it is longer than 100 years"),
            error => fail(&error.to_string()),
        })?;
        if duration.as_secs() > LONGEST_S {
            return Err(fail("it is longer than 100 years"));
        }
        Ok(Self(SimDuration::from_nanos(duration.as_nanos() as u64)))
    }
}

impl<'de> Deserialize<'de> for Time {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct TimeVisitor;
        impl Visitor<'_> for TimeVisitor {
            type Value = Time;
            fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
                f.write_str("a time with a unit in quotes, such as \"300s\"")
            }
            fn visit_str<E: Error>(self, text: &str) -> Result<Time, E> {
                text.parse().map_err(E::custom)
            }
        }
        deserializer.deserialize_str(TimeVisitor)
    }
}

/// Seconds since midnight of a clock time such as `"03:00"`.
pub fn second_of_day(text: &str) -> Option<u64> {
    let (hours, minutes) = text.split_once(':')?;
    let (hours, minutes): (u64, u64) = (hours.parse().ok()?, minutes.parse().ok()?);
    (hours < 24 && minutes < 60).then_some(hours * 3_600 + minutes * 60)
}
