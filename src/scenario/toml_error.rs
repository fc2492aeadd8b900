//! Errors of the TOML reader in a user's words: what was found, what would be right.
//!
//! The reader (serde and `toml`) speaks of Rust's types. The position that it gives is right; the words
//! are translated here, and a way out is added.

use super::reader::Place;
use crate::layout::closest;
use crate::source::Problem;

/// Longest list of known names that is shown when one of them is suggested anyway.
const SHORT_LIST: usize = 12;

/// The problem behind an error of the TOML reader.
pub(super) fn problem(place: &Place, error: &toml::de::Error) -> Problem {
    let span = error.span().unwrap_or(0..0);
    let found = place.source.text.get(span.clone()).unwrap_or_default();
    let (message, help) = translate(error.message().trim(), found);
    let line = line_of(&place.source.text, span.start);
    if is_text_behind_number(error.message(), line) {
        let help = "write the number alone, or a text in quotes, such as 200 or \"300s\"";
        return place.problem(span, "not TOML: unexpected text behind a number", help);
    }
    let help = help_for_line(line).map_or(help, ToOwned::to_owned);
    place.problem(span, message, help)
}

/// The line around a position.
fn line_of(text: &str, position: usize) -> &str {
    let start = text.get(..position).and_then(|before| before.rfind('\n')).map_or(0, |end| end + 1);
    text.get(start..).and_then(|rest| rest.lines().next()).unwrap_or_default()
}

/// Whether the reader takes for a text without quotes what begins as a number: `accounts = 200 mailboxes`.
fn is_text_behind_number(message: &str, line: &str) -> bool {
    let value = line.split_once('=').map_or("", |(_, value)| value).trim_start();
    message.contains("must be quoted") && value.starts_with(|c: char| c.is_ascii_digit())
}

/// The way out of mistakes that the reader notices only by what follows them.
fn help_for_line(line: &str) -> Option<&'static str> {
    let value = line.split_once('=').map_or("", |(_, value)| value).split('#').next().unwrap_or_default().trim();
    let groups: Vec<&str> = value.split(',').collect();
    let is_number = |group: &&str| !group.is_empty() && group.chars().all(|c| c.is_ascii_digit());
    let has_commas = groups.len() > 1 && groups.iter().all(is_number);
    has_commas.then_some("write the number without commas, such as 100_000")
}

fn translate(message: &str, found: &str) -> (String, String) {
    if let Some(rest) = message.strip_prefix("unknown field ").or_else(|| message.strip_prefix("unknown variant ")) {
        return unknown(message, rest);
    }
    if let Some(field) = message.strip_prefix("missing field ") {
        return (format!("the key {field} is missing"), format!("add {}", example(field.trim_matches('`'))));
    }
    let wrong = message.strip_prefix("invalid type: ").or_else(|| message.strip_prefix("invalid value: "));
    if let Some((what, wanted)) = wrong.and_then(|rest| rest.split_once(", expected ")) {
        return wrong_type(what, wanted, found);
    }
    let help = known_help(message);
    match message {
        "duplicate key" => (format!("the key `{}` is given twice", found.trim_matches('"')), help.into()),
        _ if help.is_empty() => {
            (format!("not TOML: {message}"), "mend the text here; https://toml.io has the rules".into())
        }
        _ => (message.to_owned(), help.into()),
    }
}

/// The way out of errors that this crate's own types raise, and of some of the reader's; empty if the
/// message is of neither kind.
fn known_help(message: &str) -> &'static str {
    let helps = [
        ("duplicate key", "keep one of the two"),
        ("is no time", "write a number with a unit in quotes, such as \"300s\", \"5ms\" or \"1h30m\""),
        ("is no node id", "node ids are whole numbers of 0 or more"),
        ("names no kind of fault", "add a kind, such as crash = { node = 2, at = \"9h\", for = \"30m\" }"),
        ("a [[fault]] has one kind", "begin each fault with a [[fault]] of its own"),
        ("names no distribution", "add a distribution, such as exponential = { mean = \"5ms\" }"),
        ("a distribution has one name", "keep one of the two"),
        ("a metric is not in quotes", "put the whole name in quotes, such as \"fts-indexing.latency.p99\" = \"< 60s\""),
        ("invalid date", "write a date that exists, such as 2026-03-02T00:00:00Z"),
        ("invalid time", "write a time such as 2026-03-02T00:00:00Z"),
    ];
    helps.into_iter().find(|(part, _)| message.contains(part)).map_or("", |(_, help)| help)
}

/// A name that is not known, with what would be right.
fn unknown(message: &str, rest: &str) -> (String, String) {
    let mut quoted = rest.split('`').skip(1).step_by(2);
    let name = quoted.next().unwrap_or_default();
    let known: Vec<&str> = quoted.collect();
    let what = match () {
        () if message.starts_with("unknown field") => "unknown key",
        () if known.contains(&"exponential") || known.contains(&"geometric") => "unknown distribution",
        () if known.contains(&"crash") => "unknown kind of fault",
        () => "unknown choice",
    };
    let list = known.join(", ");
    let help = match closest(name, known.iter().copied()) {
        Some(near) if known.len() > SHORT_LIST => format!("did you mean `{near}`?"),
        Some(near) if known.len() > 1 => format!("did you mean `{near}`? known here: {list}"),
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("known here: {list}"),
    };
    (format!("{what} `{name}`"), help)
}

/// A value of a wrong type.
fn wrong_type(what: &str, wanted: &str, found: &str) -> (String, String) {
    let what = what.trim_end_matches(" as i128").trim_end_matches(" as u128");
    let found_kind = match what.split_once(' ') {
        Some(("integer", value)) => format!("the whole number {value}"),
        Some(("floating", value)) => format!("the number {}", value.trim_start_matches("point ")),
        Some(("boolean", value)) => format!("{value}, which is true or false"),
        Some(("string", text)) => format!("the text {text}"),
        _ if what == "map" => "a table".to_owned(),
        _ if what == "sequence" => "a list".to_owned(),
        _ => what.to_owned(),
    };
    let (short, long) = match wanted {
        "f64" => ("a number", "write a number without quotes, such as 0.5".to_owned()),
        "i64" | "u64" | "u32" if what.starts_with("integer") => {
            ("a smaller whole number", "write a whole number below 9223372036854775808".to_owned())
        }
        "i64" | "u64" | "u32" => ("a whole number", "write a whole number without quotes, such as 10".to_owned()),
        "a boolean" => ("true or false", "write true or false without quotes".to_owned()),
        "a string" if what.starts_with("integer") || what.starts_with("floating") => {
            ("a text", format!("put it in quotes: \"{found}\""))
        }
        "a string" => ("a text", "write a text in quotes".to_owned()),
        "a sequence" if what == "map" => {
            ("a list", "write the heading with two brackets, such as [[fault]]".to_owned())
        }
        "a sequence" => ("a list", "write a list in brackets".to_owned()),
        "a TOML datetime" => ("a date and a time", "write it without quotes, such as 2026-03-02T00:00:00Z".to_owned()),
        "struct NodeOverride" => (
            "a table",
            "what holds for all nodes stands in [nodes]; a single one has a table such as [node.2]".to_owned(),
        ),
        _ if wanted == "a map" || wanted.starts_with("struct ") => {
            ("a table", "write a table, such as [heading] with keys below it, or { key = value }".to_owned())
        }
        _ => {
            let (short, _) = wanted.split_once(" such as").unwrap_or((wanted, ""));
            (short.trim_end_matches(','), format!("write {wanted}"))
        }
    };
    (format!("expected {short}, found {found_kind}"), long)
}

/// A line with a key that is missing.
fn example(key: &str) -> String {
    let value = match key {
        "mean" | "low" => "\"5ms\"",
        "high" => "\"20ms\"",
        "cv" | "sigma" | "shape" => "1.5",
        "node" => "2",
        "at" => "\"9h\"",
        "for" => "\"30m\"",
        "down" => "\"20s\"",
        "pause" => "\"60s\"",
        "between" => "{ exponential = { mean = \"30d\" } }",
        "repair" => "{ exponential = { mean = \"1h\" } }",
        "zone" => "\"a\"",
        "factor" => "0.5",
        _ => return format!("`{key}`"),
    };
    format!("it, such as `{key} = {value}`")
}
