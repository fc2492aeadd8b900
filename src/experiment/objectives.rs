//! The verdict on an objective by what the replications of a layout gave.

use crate::metrics::catalog::find;
use crate::metrics::rows::ObjectiveRow;
use crate::scenario::Objective;
use crate::statistics::{Comparison, Confidence, Verdict, judge, worst_of};

/// What a metric gave in the replications of a layout.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Found {
    /// Its values, each with the number of its replication.
    pub values: Vec<(u32, f64)>,
    /// Replications in which it has no value because nothing that there was to do was done.
    pub undone: u32,
    /// All replications.
    pub replications: u32,
}

impl Found {
    /// From the value of each replication, the first of which has the number `first`, and whether it is missing
    /// because nothing was done.
    pub fn new(first: u32, each: impl IntoIterator<Item = (Option<f64>, bool)>) -> Self {
        let mut found = Self::default();
        for (number, (value, is_undone)) in (first..).zip(each) {
            found.replications += 1;
            found.undone += u32::from(value.is_none() && is_undone);
            found.values.extend(value.map(|value| (number, value)));
        }
        found
    }
}

/// Whether tasks that are never done break an objective: their times have no upper limit.
pub fn forbids_undone(comparison: Comparison) -> bool {
    matches!(comparison, Comparison::Less | Comparison::LessOrEqual | Comparison::Equal)
}

/// The verdict on an objective by what was found for a layout. Replications in which there was nothing to do do not
/// count; one in which nothing was done, though there was something, breaks an upper limit on a time.
pub fn objective_row(layout: &str, objective: &Objective, found: &Found) -> ObjectiveRow {
    let plain: Vec<f64> = found.values.iter().map(|(_, value)| *value).collect();
    let judged = judge(&plain, objective.comparison, objective.limit, Confidence::default()).ok();
    let worst = worst_of(&plain, objective.comparison, objective.limit).map(|place| found.values[place]);
    let verdict = match &judged {
        _ if found.undone > 0 && forbids_undone(objective.comparison) => Verdict::Missed,
        Some(judgement) => judgement.verdict,
        None => Verdict::Undecided,
    };
    let decided_by = judged.as_ref().and_then(|judgement| judgement.decided_by);
    // The verdict is that of the limits as they are; what is written down is cut at what is possible.
    let metric = find(&objective.metric);
    let cut = |ends: (f64, f64)| metric.as_ref().map_or(ends, |metric| metric.cut(ends));
    let interval = judged.as_ref().and_then(|judgement| judgement.estimate.interval);
    let interval = interval.map(|interval| cut((interval.low, interval.high)));
    let decided = decided_by.map(|limits| cut((limits.low, limits.high)));
    ObjectiveRow {
        layout: layout.to_string(),
        objective: objective.text.clone(),
        value: judged.as_ref().map(|judgement| judgement.estimate.mean),
        ci_low: interval.map(|(low, _)| low),
        ci_high: interval.map(|(_, high)| high),
        verdict: verdict.key().to_string(),
        worst: worst.map(|(_, value)| value),
        worst_replication: worst.map(|(number, _)| number),
        limit: Some(objective.limit),
        decided_low: decided.map(|(low, _)| low),
        decided_high: decided.map(|(_, high)| high),
        n: plain.len() as u32,
        undone: found.undone,
        replications: found.replications,
    }
}
