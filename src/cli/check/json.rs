//! Findings as JSON: one object with a list of layouts.

use super::{Checked, place};
use crate::layout::rules::Finding;
use serde_json::{Value, json};

pub(super) fn render(checked: &[Checked<'_>]) -> String {
    let layouts: Vec<Value> = checked.iter().map(layout).collect();
    format!("{:#}\n", json!({ "layouts": layouts }))
}

fn layout(checked: &Checked<'_>) -> Value {
    let findings: Vec<Value> = checked.findings.iter().map(|finding| one(checked, finding)).collect();
    json!({
        "layout": checked.layout.name,
        "file": checked.layout.source.name,
        "version": checked.version,
        "nodes": checked.nodes,
        "findings": findings,
    })
}

/// `shard` counts from 1, as messages do.
fn one(checked: &Checked<'_>, finding: &Finding) -> Value {
    let place = place(checked.layout, finding);
    json!({
        "rule": finding.rule,
        "severity": finding.severity.name(),
        "role": finding.role.map(|role| role.key()),
        "shard": finding.shard.map(|shard| u64::from(shard) + 1),
        "message": finding.message,
        "help": finding.help,
        "fixed_line": finding.fixed_line,
        "line": place.as_ref().map(|place| place.start.0),
        "column": place.as_ref().map(|place| place.start.1),
        "end_line": place.as_ref().map(|place| place.end.0),
        "end_column": place.as_ref().map(|place| place.end.1),
    })
}
