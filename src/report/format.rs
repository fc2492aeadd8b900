//! Numbers, durations and lists as a person reads them.
//!
//! Three significant digits are enough to decide by; the CSV files have the rest.

use super::aggregate::Estimate;

/// What a number counts, which decides how it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// A count or an index, written as it is.
    Plain,
    /// Seconds, written in the unit that fits.
    Seconds,
    /// A fraction, written in per cent.
    Percent,
    /// An index between 0 and 1, written as it is.
    Index,
}

impl Unit {
    /// The unit that a result file names: `s`, `ratio`, or anything else.
    pub fn from_name(name: &str) -> Self {
        match name {
            "s" | "seconds" => Self::Seconds,
            "ratio" | "fraction" => Self::Percent,
            _ => Self::Plain,
        }
    }

    /// The largest value that a quantity of this unit can have.
    pub const fn most(self) -> f64 {
        match self {
            Self::Percent | Self::Index => 1.0,
            Self::Plain | Self::Seconds => f64::INFINITY,
        }
    }

    /// `value` with its unit.
    pub fn show(self, value: f64) -> String {
        match self {
            Self::Plain | Self::Index => number(value),
            Self::Seconds => duration(value),
            Self::Percent => percent(value),
        }
    }
}

/// A number with three significant digits and thousands separated: `1,234,567`, `42`, `0.031`.
/// Whole numbers keep all their digits.
pub fn number(value: f64) -> String {
    if !value.is_finite() {
        return "–".to_owned();
    }
    let rounded = if value.fract() == 0.0 && value.abs() < 1e15 { value } else { significant(value) };
    let magnitude = rounded.abs();
    let sign = if rounded < 0.0 { "−" } else { "" };
    if magnitude >= 1e15 || (magnitude > 0.0 && magnitude < 1e-6) {
        return format!("{sign}{magnitude:e}");
    }
    let text = format!("{magnitude}");
    match text.split_once('.') {
        Some((whole, rest)) => format!("{sign}{}.{rest}", thousands(whole)),
        None => format!("{sign}{}", thousands(&text)),
    }
}

/// A count.
pub fn count(value: u64) -> String {
    thousands(&value.to_string())
}

/// Seconds in the unit that fits: `2.4 ms`, `150 s`, `1 h 30 min`, `2 d 3 h`.
pub fn duration(seconds: f64) -> String {
    let size = seconds.abs();
    match size {
        _ if !seconds.is_finite() => "–".to_owned(),
        0.0 => "0 s".to_owned(),
        s if s < 1e-3 => format!("{} µs", number(seconds * 1e6)),
        s if s < 0.9995 => format!("{} ms", number(seconds * 1e3)),
        s if s < 600.0 => format!("{} s", number(significant(seconds))),
        s if s < 5_970.0 => format!("{} min", number((seconds / 60.0).round())),
        s if s < 86_400.0 * 2.0 => two(seconds, 3_600.0, "h", 60.0, "min"),
        _ => two(seconds, 86_400.0, "d", 3_600.0, "h"),
    }
}

/// A fraction in per cent: `97 %`, `0.31 %`. What is not all is never shown as 100 %.
pub fn percent(ratio: f64) -> String {
    if !ratio.is_finite() {
        return "–".to_owned();
    }
    let value = ratio * 100.0;
    let shown = match value.abs() {
        size if (99.9..100.0).contains(&size) => if value < 0.0 { "<−99.9" } else { ">99.9" }.to_owned(),
        size if (99.0..100.0).contains(&size) => number((value * 10.0).round() / 10.0),
        size if size >= 10.0 => number(value.round()),
        size if size >= 1.0 => number((value * 10.0).round() / 10.0),
        _ => number(two_digits(value)),
    };
    format!("{shown} %")
}

/// A difference of two fractions in percentage points.
pub fn points(difference: f64) -> String {
    let shown = percent(difference);
    format!("{} points", shown.strip_suffix(" %").unwrap_or(&shown))
}

/// A mean with its half-width, both to the digit that the half-width tells: `150 ± 3 s`,
/// `1.98 ± 0.02`; only the mean where there is no interval. The half-width has one digit, two if the
/// first is 1 or 2. An interval that reaches beyond what is possible is written with its ends, cut there: `12 s (0 s to 30 s)`.
pub fn estimate(value: &Estimate, unit: Unit) -> String {
    let Some(half_width) = value.half_width.filter(|half| *half > 1e-9 * value.mean.abs() && half.is_finite()) else {
        return unit.show(value.mean);
    };
    if value.mean - half_width < 0.0 || value.mean + half_width > unit.most() {
        let high = (value.mean + half_width).min(unit.most().max(value.mean));
        return format!("{} ({} to {})", unit.show(value.mean), unit.show(value.low()), unit.show(high));
    }
    let (scale, name) = scale(value.mean.abs().max(half_width), unit);
    let half = half_width / scale;
    let leading = half.log10().floor();
    let place = -leading as i32 + i32::from(half / 10f64.powf(leading) < 2.95);
    let name = if name.is_empty() { String::new() } else { format!(" {name}") };
    format!("{} ± {}{name}", at_place(value.mean / scale, place), at_place(half, place))
}

/// What to divide by for showing a value of about `size`, and the unit's name then.
fn scale(size: f64, unit: Unit) -> (f64, &'static str) {
    match unit {
        Unit::Plain | Unit::Index => (1.0, ""),
        Unit::Percent => (0.01, "%"),
        Unit::Seconds if size < 1e-3 => (1e-6, "µs"),
        Unit::Seconds if size < 0.9995 => (1e-3, "ms"),
        Unit::Seconds if size < 600.0 => (1.0, "s"),
        Unit::Seconds if size < 7_200.0 => (60.0, "min"),
        Unit::Seconds if size < 172_800.0 => (3_600.0, "h"),
        Unit::Seconds => (86_400.0, "d"),
    }
}

/// `value` with `place` decimals, or rounded to a power of ten if `place` is negative.
fn at_place(value: f64, place: i32) -> String {
    let power = 10f64.powi(-place.min(0));
    let rounded = if place < 0 { (value.abs() / power).round() * power } else { value.abs() };
    let text = format!("{rounded:.*}", place.clamp(0, 15) as usize);
    let sign = if value < 0.0 && text.contains(|c: char| ('1'..='9').contains(&c)) { "−" } else { "" };
    match text.split_once('.') {
        Some((whole, rest)) => format!("{sign}{}.{rest}", thousands(whole)),
        None => format!("{sign}{}", thousands(&text)),
    }
}

/// Time of day of `seconds` after midnight, with the day when it is not the first: `03:00`,
/// `day 2, 03:00`.
pub fn clock(seconds: f64) -> String {
    let minutes = (seconds.max(0.0) / 60.0).round() as u64;
    let (day, minute) = (minutes / 1_440, minutes % 1_440);
    let time = format!("{:02}:{:02}", minute / 60, minute % 60);
    if day == 0 { time } else { format!("day {}, {time}", day + 1) }
}

/// A list in words: `1`, `1 and 2`, `1, 2 and 3`; of a long list the first few and how many more.
pub fn list<T: ToString>(items: &[T]) -> String {
    const SHOWN: usize = 8;
    let texts: Vec<String> = items.iter().take(SHOWN).map(ToString::to_string).collect();
    if items.len() > SHOWN {
        return format!("{} and {} more", texts.join(", "), items.len() - SHOWN);
    }
    match texts.split_last() {
        None => "none".to_owned(),
        Some((last, [])) => last.clone(),
        Some((last, rest)) => format!("{} and {last}", rest.join(", ")),
    }
}

/// `node 3`, `nodes 1 and 2`, `nodes 1 to 4 and 9`; ids in ascending order.
pub fn nodes(nodes: &[u64]) -> String {
    let mut runs: Vec<(u64, u64)> = Vec::new();
    for node in nodes {
        match runs.last_mut() {
            Some((_, last)) if last.checked_add(1) == Some(*node) => *last = *node,
            _ => runs.push((*node, *node)),
        }
    }
    let texts = runs.into_iter().flat_map(|(first, last)| match last - first {
        0 => vec![first.to_string()],
        1 => vec![first.to_string(), last.to_string()],
        _ => vec![format!("{first} to {last}")],
    });
    format!("{} {}", if nodes.len() == 1 { "node" } else { "nodes" }, list(&texts.collect::<Vec<_>>()))
}

/// The first letter of `text` in upper case.
pub fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

fn significant(value: f64) -> f64 {
    digits(value, 3)
}

fn two_digits(value: f64) -> f64 {
    digits(value, 2)
}

/// `value` rounded to `digits` significant digits, but never beyond its whole part.
fn digits(value: f64, digits: i32) -> f64 {
    if value == 0.0 || !value.is_finite() {
        return value;
    }
    let decimals = (digits - 1 - value.abs().log10().floor() as i32).max(0);
    // Through text, so that 0.1 stays the shortest 0.1.
    format!("{value:.*}", decimals.min(300) as usize).parse().unwrap_or(value)
}

fn thousands(whole: &str) -> String {
    let mut out = String::with_capacity(whole.len() * 4 / 3);
    for (i, digit) in whole.chars().enumerate() {
        if i > 0 && (whole.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

fn two(seconds: f64, big: f64, big_name: &str, small: f64, small_name: &str) -> String {
    let smalls = (seconds.abs() / small).round();
    let per_big = big / small;
    let (bigs, rest) = ((smalls / per_big).floor(), smalls % per_big);
    let sign = if seconds < 0.0 { "−" } else { "" };
    if rest == 0.0 {
        format!("{sign}{bigs} {big_name}")
    } else {
        format!("{sign}{bigs} {big_name} {rest} {small_name}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_well() {
        let shown: Vec<String> =
            [1_234_567.0, 42.0, 0.0312, 1.987_654, 12_345.67, 0.0, -2.98765].into_iter().map(number).collect();
        assert_eq!(shown, ["1,234,567", "42", "0.0312", "1.99", "12,346", "0", "−2.99"]);
    }

    #[test]
    fn durations_take_the_unit_that_fits() {
        let shown: Vec<String> =
            [0.0024, 0.0000005, 0.9999, 150.0, 59.96, 900.0, 5_400.0, 9_000.0, 7_200.0, 183_600.0, 0.0, -2.5]
                .into_iter()
                .map(duration)
                .collect();
        assert_eq!(
            shown,
            [
                "2.4 ms",
                "0.5 µs",
                "1 s",
                "150 s",
                "60 s",
                "15 min",
                "90 min",
                "2 h 30 min",
                "2 h",
                "2 d 3 h",
                "0 s",
                "−2.5 s"
            ]
        );
    }

    #[test]
    fn percent_never_rounds_up_to_all() {
        let shown: Vec<String> =
            [0.97, 0.9999, -0.9999, 1.0, 0.994, 0.0312, 0.00031, 0.0].into_iter().map(percent).collect();
        assert_eq!(shown, ["97 %", ">99.9 %", "<−99.9 %", "100 %", "99.4 %", "3.1 %", "0.031 %", "0 %"]);
    }

    #[test]
    fn lists_end_with_and() {
        assert_eq!(list(&[1, 2, 3]), "1, 2 and 3");
        assert_eq!(nodes(&[7]), "node 7");
        assert_eq!(nodes(&[1, 2, 3, 4, 7, 8, 10]), "nodes 1 to 4, 7, 8 and 10");
        assert_eq!(list(&(1..=10).collect::<Vec<_>>()), "1, 2, 3, 4, 5, 6, 7, 8 and 2 more");
        assert_eq!(clock(3.0 * 3_600.0), "03:00");
        assert_eq!(clock(27.0 * 3_600.0), "day 2, 03:00");
    }

    #[test]
    fn estimates_carry_their_half_width() {
        let e = Estimate { n: 5, mean: 150.04, half_width: Some(3.21), min: 0.0, max: 0.0 };
        assert_eq!(estimate(&e, Unit::Seconds), "150 ± 3 s");
        let show = |mean: f64, half: f64, unit| {
            estimate(&Estimate { n: 5, mean, half_width: Some(half), min: mean, max: mean }, unit)
        };
        assert_eq!(show(1_203_977.0, 1_434.0, Unit::Plain), "1,204,000 ± 1,400");
        assert_eq!(show(2.00012, 0.000_61, Unit::Plain), "2.0001 ± 0.0006");
        assert_eq!(show(0.0312, 0.000_83, Unit::Percent), "3.12 ± 0.08 %");
        assert_eq!(show(1_781.0, 26.0, Unit::Seconds), "29.7 ± 0.4 min");
        assert_eq!(show(0.5, 0.0, Unit::Percent), "50 %");
        // What cannot be less than nothing or more than all is not said to be.
        assert_eq!(show(12.0, 18.0, Unit::Seconds), "12 s (0 s to 30 s)");
        assert_eq!(show(0.99, 0.03, Unit::Percent), "99 % (96 % to 100 %)");
        assert_eq!(show(1.5, 1.4, Unit::Plain), "1.5 ± 1.4");
        let one = Estimate { n: 1, mean: 0.5, half_width: None, min: 0.5, max: 0.5 };
        assert_eq!(estimate(&one, Unit::Percent), "50 %");
    }
}
