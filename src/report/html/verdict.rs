//! The whole result in a sentence.

use crate::metrics::rows::Tables;
use crate::report::findings::{Severity, worst_first};
use crate::report::format;

/// The status (`met`, `missed`, `undecided`, or `none` without objectives) and the sentence.
pub fn verdict(tables: &Tables, layouts: &[&str]) -> (&'static str, String) {
    if tables.objectives.is_empty() {
        return ("none", without_objectives(tables));
    }
    let count = |layout: &str, verdict: &str| {
        tables.objectives.iter().filter(|row| row.layout == layout && row.verdict == verdict).count()
    };
    let total = |verdict: &str| tables.objectives.iter().filter(|row| row.verdict == verdict).count();
    let (missed, undecided) = (total("missed"), total("undecided"));
    let status = match (missed, undecided) {
        (0, 0) => "met",
        (0, _) => "undecided",
        _ => "missed",
    };
    let judged: Vec<&str> =
        layouts.iter().copied().filter(|layout| tables.objectives.iter().any(|row| row.layout == *layout)).collect();
    let says = |layout: &&str| {
        let all = tables.objectives.iter().filter(|row| row.layout == **layout).count();
        let who = if layouts.len() > 1 { (*layout).to_owned() } else { "the layout".to_owned() };
        match (count(layout, "missed"), count(layout, "undecided")) {
            (0, 0) => format!("{who} meets {}", every(all)),
            (0, open) => format!("{who} leaves {open} of {} undecided", objectives(all)),
            (bad, 0) => format!("{who} misses {bad} of {}", objectives(all)),
            (bad, open) => format!("{who} misses {bad} of {}, and {open} more {} undecided", objectives(all), is(open)),
        }
    };
    let sentence = if judged.len() <= 4 {
        judged.iter().map(says).collect::<Vec<_>>().join("; ")
    } else {
        let good = judged.iter().filter(|l| count(l, "missed") == 0 && count(l, "undecided") == 0).count();
        let bad = judged.iter().filter(|l| count(l, "missed") > 0).count();
        format!("of {} layouts {good} meet every objective and {bad} miss at least one", judged.len())
    };
    (status, format!("{}.", format::capital(&sentence)))
}

fn every(n: usize) -> String {
    if n == 1 { "its objective".to_owned() } else { format!("all {n} objectives") }
}

fn objectives(n: usize) -> String {
    if n == 1 { "1 objective".to_owned() } else { format!("{n} objectives") }
}

const fn is(n: usize) -> &'static str {
    if n == 1 { "is" } else { "are" }
}

fn without_objectives(tables: &Tables) -> String {
    let errors = tables.findings.iter().filter(|f| Severity::from_name(&f.severity) == Severity::Error).count();
    let worst = worst_first(&tables.findings).first().map(|f| f.message.clone());
    match (errors, worst) {
        (_, None) => "No objectives were set, and nothing was found that needs a change.".to_owned(),
        (0, Some(worst)) => {
            format!("No objectives were set; nothing is wrong, and the most important finding is: {worst}.")
        }
        (1, Some(worst)) => format!("No objectives were set; one thing is wrong: {worst}."),
        (n, Some(worst)) => format!("No objectives were set; {n} things are wrong, the worst: {worst}."),
    }
}
