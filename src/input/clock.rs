//! Dates and times in files.

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

/// Nanoseconds in a second.
pub const NANOS: i64 = 1_000_000_000;

/// A point in time: nanoseconds since 1970-01-01T00:00:00Z (the years 1678 to 2261).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Moment(pub i64);

impl Moment {
    fn from_timestamp(timestamp: Timestamp) -> Option<Self> {
        i64::try_from(timestamp.as_nanosecond()).ok().map(Self)
    }

    /// Seconds from `earlier` to this one; negative if it is later.
    pub fn seconds_since(self, earlier: Self) -> f64 {
        (i128::from(self.0) - i128::from(earlier.0)) as f64 / NANOS as f64
    }

    /// This moment with the fraction of its second cut off.
    pub fn whole_second(self) -> Self {
        Self(self.0.div_euclid(NANOS) * NANOS)
    }

    /// Seconds since Monday, 1970-01-05T00:00:00Z, modulo a week.
    pub fn second_of_week(self) -> u64 {
        (self.0.div_euclid(NANOS) - 4 * 86_400).rem_euclid(7 * 86_400) as u64
    }
}

impl std::fmt::Display for Moment {
    /// RFC 3339 in UTC, with as many decimals as are needed.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match Timestamp::UNIX_EPOCH.checked_add(SignedDuration::from_nanos(self.0)) {
            Ok(timestamp) => write!(f, "{timestamp}"),
            Err(_) => write!(f, "{} ns", self.0),
        }
    }
}

/// How times are written. Times without a zone are taken as UTC.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum TimeFormat {
    /// RFC 3339, `2026-03-02 09:30[:15]`, or `3/2/2026 9:30[:15]` with the month first.
    #[default]
    Auto,
    /// Seconds since 1970.
    Unix,
    /// A pattern such as `%d/%m/%Y %H:%M`.
    Pattern(String),
}

/// Patterns that [`TimeFormat::Auto`] tries after the ISO forms.
const GUESSES: [&str; 4] = ["%m/%d/%Y %H:%M", "%m/%d/%Y %H:%M:%S", "%Y/%m/%d %H:%M:%S", "%Y-%m-%d %H:%M"];

impl TimeFormat {
    /// What `--time-format` takes: a pattern with `%`, `unix` or `auto`.
    pub fn from_argument(text: &str) -> Option<Self> {
        match text {
            "auto" => Some(Self::Auto),
            "unix" => Some(Self::Unix),
            pattern if pattern.contains('%') => Some(Self::Pattern(pattern.to_string())),
            _ => None,
        }
    }

    /// Reads a time.
    pub fn parse(&self, text: &str) -> Option<Moment> {
        let text = text.trim();
        match self {
            Self::Auto => timestamp(text).or_else(|| GUESSES.iter().find_map(|pattern| by_pattern(pattern, text))),
            Self::Unix => {
                let seconds: f64 = text.parse().ok()?;
                let in_range = seconds.is_finite() && seconds.abs() < 9e9;
                in_range.then(|| Moment((seconds * NANOS as f64).round() as i64))
            }
            Self::Pattern(pattern) => by_pattern(pattern, text),
        }
    }

    /// What would be right, for messages.
    pub fn expected(&self) -> String {
        match self {
            Self::Auto => {
                "a time such as 2026-03-02T09:30:00Z, 2026-03-02 09:30:00 or 3/2/2026 9:30 (month first)".into()
            }
            Self::Unix => "a number of seconds since 1970".into(),
            Self::Pattern(pattern) => format!("a time of the form `{pattern}`"),
        }
    }
}

fn timestamp(text: &str) -> Option<Moment> {
    match text.parse::<Timestamp>() {
        Ok(timestamp) => Moment::from_timestamp(timestamp),
        Err(_) => utc(text.parse().ok()?),
    }
}

fn by_pattern(pattern: &str, text: &str) -> Option<Moment> {
    let parts = jiff::fmt::strtime::parse(pattern, text).ok()?;
    if let Ok(timestamp) = parts.to_timestamp() {
        return Moment::from_timestamp(timestamp);
    }
    match parts.to_datetime() {
        Ok(time) => utc(time),
        Err(_) => utc(parts.to_date().ok()?.at(0, 0, 0, 0)),
    }
}

fn utc(time: DateTime) -> Option<Moment> {
    Moment::from_timestamp(TimeZone::UTC.to_timestamp(time).ok()?)
}
