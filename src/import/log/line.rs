//! One line of the server's log: time, level, text, event in parentheses, `key = value` pairs (server facts, section 7).

use crate::input::{Moment, TimeFormat};
use std::borrow::Cow;

/// A line that tells of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Line<'a> {
    /// When.
    pub at: Moment,
    /// Id of the event, such as `message-ingest.ham`.
    pub event: &'a str,
    rest: &'a str,
}

impl<'a> Line<'a> {
    /// Reads a line; `None` if it has another form.
    pub fn parse(text: &'a str) -> Option<Self> {
        let (time, rest) = text.split_once(' ')?;
        if !time.starts_with(|first: char| first.is_ascii_digit()) {
            return None;
        }
        let at = TimeFormat::Auto.parse(time)?;
        rest.match_indices('(').find_map(|(open, _)| {
            let (event, rest) = rest[open + 1..].split_once(')')?;
            is_event(event).then_some(Self { at, event, rest })
        })
    }

    /// The value of a key where it occurs first. The server writes its own ids before any text of a message, which
    /// could hold the like.
    pub fn first(&self, key: &str) -> Option<&'a str> {
        let places = self.rest.match_indices(key).map(|(place, _)| place);
        places.filter_map(|place| self.value_at(place, key)).next()
    }

    /// The value of a key where it occurs last: sizes and times come after all texts.
    pub fn last(&self, key: &str) -> Option<&'a str> {
        let places = self.rest.rmatch_indices(key).map(|(place, _)| place);
        places.filter_map(|place| self.value_at(place, key)).next()
    }

    fn value_at(&self, place: usize, key: &str) -> Option<&'a str> {
        let before = self.rest[..place].trim_end_matches(' ');
        if !(before.is_empty() || before.ends_with(',')) {
            return None;
        }
        let value = self.rest[place + key.len()..].strip_prefix(" = ")?;
        match value.strip_prefix('"') {
            Some(quoted) => quoted.split_once('"').map(|(value, _)| value),
            None => Some(value.split([',', ' ']).next().unwrap_or(value)),
        }
    }
}

fn is_event(text: &str) -> bool {
    let is_word =
        |word: &str| !word.is_empty() && word.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-'));
    text.split_once('.').is_some_and(|(group, name)| is_word(group) && is_word(name))
}

/// Seconds of a value such as `6ms`.
pub fn elapsed_s(value: &str) -> Option<f64> {
    let digits = value.len() - value.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.').len();
    let (number, unit) = value.split_at(digits);
    let factor = match unit.trim() {
        "ns" => 1e-9,
        "us" | "µs" => 1e-6,
        "ms" | "" => 1e-3,
        "s" => 1.0,
        "m" => 60.0,
        _ => return None,
    };
    number.parse::<f64>().ok().map(|number| number * factor)
}

/// The text without the colours of a terminal (`ESC [ … m`).
pub fn without_colours(text: &str) -> Cow<'_, str> {
    if !text.contains('\u{1b}') {
        return Cow::Borrowed(text);
    }
    let mut plain = String::with_capacity(text.len());
    let mut parts = text.split("\u{1b}[");
    plain.push_str(parts.next().unwrap_or_default());
    for part in parts {
        plain.push_str(part.split_once('m').map_or("", |(_, rest)| rest));
    }
    Cow::Owned(plain)
}
