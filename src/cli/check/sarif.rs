//! Findings as SARIF 2.1.0 (OASIS standard), which code-scanning services read.

use super::{Checked, place};
use crate::layout::rules::{self, Finding, Rule};
use serde_json::{Value, json};

pub(super) fn render(checked: &[Checked<'_>]) -> String {
    let rules: Vec<Value> = rules::rules().iter().map(descriptor).collect();
    let results: Vec<Value> =
        checked.iter().flat_map(|checked| checked.findings.iter().map(|finding| result(checked, finding))).collect();
    let log = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": { "name": "rolesim", "version": env!("CARGO_PKG_VERSION"), "rules": rules } },
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    });
    format!("{log:#}\n")
}

fn descriptor(rule: &Rule) -> Value {
    json!({
        "id": rule.id,
        "shortDescription": { "text": rule.finds },
        "fullDescription": { "text": rule.why },
        "help": { "text": rule.mend },
        "defaultConfiguration": { "level": rule.severity.name() },
    })
}

fn result(checked: &Checked<'_>, finding: &Finding) -> Value {
    let index = rules::rules().iter().position(|rule| rule.id == finding.rule);
    let mut location = json!({ "artifactLocation": { "uri": uri(&checked.layout.source.name) } });
    if let Some(place) = place(checked.layout, finding) {
        location["region"] = json!({
            "startLine": place.start.0,
            "startColumn": place.start.1,
            "endLine": place.end.0,
            "endColumn": place.end.1,
        });
    }
    let mended = finding.fixed_line.as_ref().map(|line| format!("\n{line}")).unwrap_or_default();
    json!({
        "ruleId": finding.rule,
        "ruleIndex": index,
        "level": finding.severity.name(),
        "message": { "text": format!("{}{}\n{}{mended}", checked.prefix(), finding.message, finding.help) },
        "locations": [{ "physicalLocation": location }],
    })
}

/// The path as a URI reference, relative if the path is.
fn uri(path: &str) -> String {
    let mut uri = String::from(if path.starts_with('/') { "file://" } else { "" });
    for byte in path.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'.' | b'-' | b'_' | b'~' => uri.push(char::from(byte)),
            b'\\' => uri.push('/'),
            _ => uri.push_str(&format!("%{byte:02X}")),
        }
    }
    uri
}
