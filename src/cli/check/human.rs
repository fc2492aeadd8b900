//! Findings as a compiler shows them.

use super::{Checked, Place, place};
use crate::layout::rules::{Finding, Severity};
use std::fmt::Write;

/// Longest part of a line that is shown, in characters.
const WIDTH_MAX: usize = 160;

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
    let file = printable(&format!("{}{}", checked.layout.source.name, checked.suffix()));
    format!("{file}: {counts} (server {}, {} node{plural})", checked.version, checked.nodes)
}

fn one(checked: &Checked<'_>, finding: &Finding, colours: bool) -> String {
    let paint = Paint { colours, code: code(finding.severity) };
    let mut text = String::new();
    let head = paint.strong(&format!("{}[{}]", finding.severity, finding.rule));
    // Writing to a String does not fail.
    let _ = writeln!(text, "{head}: {}", printable(&finding.message));
    let mut margin = 1;
    if let Some(place) = place(checked.layout, finding) {
        margin = place.start.0.to_string().len();
        text.push_str(&excerpt(checked, &place, margin, &paint));
    } else {
        let file = printable(&format!("{}{}", checked.layout.source.name, checked.suffix()));
        let _ = writeln!(text, "{:margin$}--> {file}", "");
    }
    let _ = writeln!(text, "{:margin$} = help: {}", "", printable(&finding.help));
    if let Some(line) = &finding.fixed_line {
        let shown = line.lines().map(printable).collect::<Vec<_>>().join(" ");
        let _ = writeln!(text, "{:margin$} = mended: {shown}", "");
    }
    text
}

/// The line with the place underlined. Of a long line only the part around the place is shown.
fn excerpt(checked: &Checked<'_>, place: &Place, margin: usize, paint: &Paint) -> String {
    let (line, column) = place.start;
    let file = printable(&checked.layout.source.name);
    let layout = printable(&checked.suffix());
    let letters: Vec<char> = checked.layout.source.text.lines().nth(line - 1).unwrap_or_default().chars().collect();
    let start = (column - 1).min(letters.len());
    let end = if place.end.0 == line { (place.end.1 - 1).min(letters.len()) } else { letters.len() };
    let from = if letters.len() > WIDTH_MAX { start.saturating_sub(WIDTH_MAX / 4) } else { 0 };
    let to = (from + WIDTH_MAX).min(letters.len());
    let (before, after) = (if from > 0 { "..." } else { "" }, if to < letters.len() { "..." } else { "" });
    let shown = printable(&letters[from..to].iter().collect::<String>());
    let indent = before.len() + start - from;
    let mark = paint.strong(&"^".repeat(end.min(to).saturating_sub(start).max(1)));
    format!(
        "{:margin$}--> {file}:{line}:{column}{layout}\n{:margin$} |\n{line} | {before}{shown}{after}\n{:margin$} | {:indent$}{mark}\n",
        "", "", "", ""
    )
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
