//! Findings as GitHub workflow commands, which annotate the lines of a pull request.

use super::{Checked, place};
use crate::layout::rules::{Finding, Severity};
use std::fmt::Write;

pub(super) fn render(checked: &[Checked<'_>]) -> String {
    let mut text = String::new();
    for checked in checked {
        for finding in &checked.findings {
            text.push_str(&one(checked, finding));
        }
    }
    text
}

fn one(checked: &Checked<'_>, finding: &Finding) -> String {
    let command = match finding.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "notice",
    };
    let mut text = format!("::{command} file={}", property(&checked.layout.source.name));
    // Writing to a String does not fail.
    if let Some(place) = place(checked.layout, finding) {
        let _ = write!(text, ",line={},endLine={}", place.start.0, place.end.0);
        if place.start.0 == place.end.0 {
            let _ = write!(text, ",col={},endColumn={}", place.start.1, place.end.1);
        }
    }
    let mended = finding.fixed_line.as_ref().map(|line| format!("\n{line}")).unwrap_or_default();
    let body = data(&format!("{}{}\n{}{mended}", checked.prefix(), finding.message, finding.help));
    let _ = writeln!(text, ",title={}::{body}", property(finding.rule));
    text
}

fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
