//! Findings of the layout and of the results together: one mistake is one finding.

use super::Severity;
use crate::metrics::rows::FindingRow;

/// Rules of the layout and the rule of the results that shows what they foretell.
const SHOWN: [(&str, &str); 3] = [
    ("shared-push-shard", "push-duplicates"),
    ("push-not-sharded", "push-duplicates"),
    ("node-without-mail", "late-pickup"),
];
/// Rules of the layout that know why nothing is done.
const UNSERVED: [&str; 3] = ["shard-without-node", "role-without-node", "task-type-without-node"];

/// All findings, sorted as `findings.csv` is. What the results show is not foretold by the layout too; only why a shard
/// is not served the layout knows better, and gets the number of the results.
pub fn join(mut layout: Vec<FindingRow>, results: Vec<FindingRow>) -> Vec<FindingRow> {
    layout.retain(|own| {
        let shown = SHOWN.iter().filter(|(rule, _)| *rule == own.rule);
        let mut rules = shown.map(|(_, shown)| *shown);
        !rules.any(|rule| results.iter().any(|finding| finding.rule == rule && is_same(own, finding)))
    });
    let mut joined: Vec<FindingRow> = Vec::new();
    for finding in results {
        let explains = |own: &&mut FindingRow| UNSERVED.contains(&own.rule.as_str()) && is_same(own, &finding);
        match layout.iter_mut().find(explains).filter(|_| finding.rule == "never-served") {
            Some(own) => {
                own.message = format!("{}; {}", own.message, finding.message);
                own.severity = Severity::Error.name().to_owned();
            }
            None => joined.push(finding),
        }
    }
    joined.extend(layout);
    joined.sort_by(|a, b| (&a.layout, &a.rule, &a.role, &a.shard).cmp(&(&b.layout, &b.rule, &b.role, &b.shard)));
    joined
}

/// Whether both speak of the same shard, or one of them of the whole role.
fn is_same(a: &FindingRow, b: &FindingRow) -> bool {
    let is_whole = |finding: &FindingRow| matches!(finding.shard.as_str(), "" | "all");
    (&a.layout, &a.role) == (&b.layout, &b.role) && (a.shard == b.shard || is_whole(a) || is_whole(b))
}
