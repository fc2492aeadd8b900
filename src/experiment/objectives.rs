//! The verdict on an objective by what the replications of a layout gave.

use super::{Chance, Undone, chance};
use crate::cluster::setup::Setup;
use crate::metrics::catalog::{Quantity, find};
use crate::metrics::rows::ObjectiveRow;
use crate::report::format::count;
use crate::scenario::Objective;
use crate::statistics::{Comparison, Confidence, Verdict, judge_unseen, worst_of};
use crate::time::SimDuration;

/// What a metric gave in the replications of a layout.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Found {
    /// Its values, each with the number of its replication.
    pub values: Vec<(u32, f64)>,
    /// Replications in which it has no value because of what there was to do too much was not done.
    pub undone: u32,
    /// The first of them.
    pub first_undone: Option<u32>,
    /// Tasks of these replications that were not done, and all that were to be done.
    pub left: u64,
    pub owed: u64,
    /// All replications.
    pub replications: u32,
    /// How long what was left could still have been done after the measured span.
    pub drain: SimDuration,
    /// What may change it by chance.
    pub chance: Option<Chance>,
}

impl Found {
    /// What a metric gave in simulations, from the value of each replication, the first of which has the number `first`,
    /// and what was undone.
    pub fn new(
        setup: &Setup,
        quantity: Quantity,
        first: u32,
        each: impl IntoIterator<Item = (Option<f64>, Option<Undone>)>,
    ) -> Self {
        let drain = setup.span.drain_end.since(setup.span.measure_end);
        let mut found = Self { drain, ..Self::default() };
        for (number, (value, undone)) in (first..).zip(each) {
            found.replications += 1;
            found.undone += u32::from(undone.is_some());
            found.first_undone = found.first_undone.or(undone.map(|_| number));
            found.left += undone.map_or(0, |undone| undone.left);
            found.owed += undone.map_or(0, |undone| undone.owed);
            found.values.extend(value.map(|value| (number, value)));
        }
        let is_equal = found.values.windows(2).all(|pair| pair[0].1 == pair[1].1);
        found.chance = if is_equal { chance(setup, quantity) } else { None };
        found
    }

    /// Why it is missed or undecided, where the values do not tell.
    pub(super) fn reason(&self, needed: Option<usize>) -> String {
        if self.undone > 0 {
            let (left, owed) = (count(self.left), count(self.owed));
            return format!("{left} of {owed} tasks were not done when the drain of {} ended", self.drain);
        }
        match (needed, &self.chance) {
            (Some(needed), Some(chance)) => format!(
                "equal in all {} replications, but others may differ ({}): at least {} equal ones would tell",
                self.values.len(),
                chance.cause,
                count(needed as u64)
            ),
            _ => String::new(),
        }
    }
}

/// Whether tasks that are never done break an objective: their times have no upper limit.
pub fn forbids_undone(comparison: Comparison) -> bool {
    matches!(comparison, Comparison::Less | Comparison::LessOrEqual | Comparison::Equal)
}

/// The verdict on an objective by what was found for a layout. Replications in which there was nothing to do do not
/// count; one in which too much was never done breaks an upper limit on a time.
pub fn objective_row(layout: &str, objective: &Objective, found: &Found) -> ObjectiveRow {
    let plain: Vec<f64> = found.values.iter().map(|(_, value)| *value).collect();
    let unseen = found.chance.as_ref().map(|chance| &chance.unseen);
    let judged = judge_unseen(&plain, objective.comparison, objective.limit, Confidence::default(), unseen).ok();
    let worst = worst_of(&plain, objective.comparison, objective.limit).map(|place| found.values[place]);
    // What takes for ever is worse than any value.
    let undone = found.first_undone.filter(|_| forbids_undone(objective.comparison));
    let verdict = match &judged {
        _ if undone.is_some() => Verdict::Missed,
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
        worst: worst.map(|(_, value)| value).filter(|_| undone.is_none()),
        worst_replication: undone.or(worst.map(|(number, _)| number)),
        limit: Some(objective.limit),
        decided_low: decided.map(|(low, _)| low),
        decided_high: decided.map(|(_, high)| high),
        n: plain.len() as u32,
        undone: found.undone,
        replications: found.replications,
        reason: found.reason(judged.and_then(|judgement| judgement.needed)),
    }
}
