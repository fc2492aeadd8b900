//! Findings as a compiler shows them.

use super::{Checked, place};
use crate::layout::rules::{Finding, Severity};
use std::fmt::Write;

pub(super) fn render(checked: &[Checked<'_>], colours: bool) -> String {
    let mut text = String::new();
    for checked in checked {
        for finding in &checked.findings {
            text.push_str(&one(checked, finding, colours));
            text.push('\n');
        }
        text.push_str(&summary(checked));
        text.push('\n');
    }
    text
}

fn summary(checked: &Checked<'_>) -> String {
    let count = |severity: Severity| {
        let number = checked.count(severity);
        let plural = if number == 1 { "" } else { "s" };
        (number > 0).then(|| format!("{number} {severity}{plural}"))
    };
    let counts: Vec<String> =
        [Severity::Error, Severity::Warning, Severity::Note].into_iter().filter_map(count).collect();
    let counts = if counts.is_empty() { "no findings".to_owned() } else { counts.join(", ") };
    let plural = if checked.nodes == 1 { "" } else { "s" };
    let file = printable(&checked.layout.source.name);
    format!("{file}: {counts} (server {}, {} node{plural})", checked.version, checked.nodes)
}

fn one(checked: &Checked<'_>, finding: &Finding, colours: bool) -> String {
    let paint = Paint { colours, code: code(finding.severity) };
    let mut text = String::new();
    let head = paint.strong(&format!("{}[{}]", finding.severity, finding.rule));
    // Writing to a String does not fail.
    let _ = writeln!(text, "{head}: {}", printable(&finding.message));
    let file = printable(&checked.layout.source.name);
    let mut margin = 1;
    if let Some(place) = place(checked.layout, finding) {
        let (line, column) = place.start;
        margin = line.to_string().len();
        let _ = writeln!(text, "{:margin$}--> {file}:{line}:{column}", "");
        let source = checked.layout.source.text.lines().nth(line - 1).unwrap_or_default();
        let rest = source.chars().count() + 1 - column.min(source.chars().count() + 1);
        let length = if place.end.0 == line { place.end.1 - column } else { rest };
        let mark = paint.strong(&"^".repeat(length.clamp(1, rest.max(1))));
        let _ = writeln!(text, "{:margin$} |", "");
        let _ = writeln!(text, "{line} | {}", printable(source));
        let _ = writeln!(text, "{:margin$} | {:indent$}{mark}", "", "", indent = column - 1);
    } else {
        let _ = writeln!(text, "{:margin$}--> {file}", "");
    }
    let _ = writeln!(text, "{:margin$} = help: {}", "", printable(&finding.help));
    if let Some(line) = &finding.fixed_line {
        let shown = line.lines().map(printable).collect::<Vec<_>>().join(" ");
        let _ = writeln!(text, "{:margin$} = mended: {shown}", "");
    }
    text
}

/// The text without characters that would move the cursor or colour a terminal.
fn printable(text: &str) -> String {
    text.chars()
        .map(|letter| {
            if letter == '\t' {
                ' '
            } else if letter.is_control() {
                '\u{fffd}'
            } else {
                letter
            }
        })
        .collect()
}

const fn code(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "31",
        Severity::Warning => "33",
        Severity::Note => "36",
    }
}

struct Paint {
    colours: bool,
    code: &'static str,
}

impl Paint {
    fn strong(&self, text: &str) -> String {
        if self.colours { format!("\u{1b}[1;{}m{text}\u{1b}[0m", self.code) } else { text.to_owned() }
    }
}
