//! A gate's values for services that keep a history of benchmarks.

use crate::metrics::verdicts::{GateReport, GateRow};
use serde_json::{Map, Value, json};

/// For benchmark-action/github-action-benchmark, tool `customSmallerIsBetter`: a list of name, unit, value and range.
///
/// The format has one direction, so metrics of which more is better are left out.
pub fn github_action(reports: &[GateReport]) -> String {
    let rows = rows(reports).filter(|(_, row)| row.smaller_is_better);
    let entries = rows.filter_map(|(report, row)| {
        let mut entry = json!({
            "name": format!("{} / {} / {}", report.scenario, row.layout, row.metric),
            "unit": row.unit,
            "value": row.mean?,
        });
        if let (Some(low), Some(high), Some(entry)) = (row.ci_low, row.ci_high, entry.as_object_mut()) {
            entry.insert("range".into(), json!(format!("± {}", 0.5 * (high - low))));
            entry.insert("extra".into(), json!(format!("{} replications, 95 % interval", row.n)));
        }
        Some(entry)
    });
    format!("{:#}\n", Value::Array(entries.collect()))
}

/// Bencher Metric Format: benchmark (scenario and layout), measure (metric), value with lower and upper value.
pub fn bencher(reports: &[GateReport]) -> String {
    let mut benchmarks = Map::new();
    for (report, row) in rows(reports) {
        let Some(mean) = row.mean else { continue };
        let mut metric = Map::from_iter([("value".to_string(), json!(mean))]);
        if let (Some(low), Some(high)) = (row.ci_low, row.ci_high) {
            metric.insert("lower_value".into(), json!(low));
            metric.insert("upper_value".into(), json!(high));
        }
        let name = format!("{} / {}", report.scenario, row.layout);
        let measures = benchmarks.entry(name).or_insert_with(|| json!({}));
        if let Some(measures) = measures.as_object_mut() {
            measures.insert(row.metric.clone(), Value::Object(metric));
        }
    }
    format!("{:#}\n", Value::Object(benchmarks))
}

fn rows(reports: &[GateReport]) -> impl Iterator<Item = (&GateReport, &GateRow)> {
    reports.iter().flat_map(|report| report.rows.iter().map(move |row| (report, row)))
}
