//! A node id twice in one item.

use super::facts::Facts;
use super::registry::Rule;
use super::{Finding, Severity};
use crate::layout::Item;
use std::collections::BTreeSet;

pub(super) const RULE: Rule = Rule {
    id: "repeated-node-id",
    severity: Severity::Note,
    versions: "0.14, 0.15",
    finds: "a node id twice in one item",
    why: "An item is a set of nodes, so the second mention does nothing. Perhaps another node was meant.",
    mend: "remove the second mention, or write the node that was meant",
    find,
};

fn find(facts: &Facts<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for list in facts.lists() {
        let faulty = list.items.iter().filter(|item| item.ids().count() > once(item).split(',').count());
        let mut mended: Vec<_> = faulty.map(|item| (item.span.clone(), format!("\"{}\"", once(item)))).collect();
        mended.sort_by_key(|(span, _)| span.start);
        let is_read = list.items.iter().all(Item::is_read);
        let line = is_read.then(|| facts.line_with_all(&mended)).flatten();
        for item in &list.items {
            let mut seen = BTreeSet::new();
            let twice = item.nodes.iter().flatten().find(|node| !seen.insert(node.id));
            let Some(node) = twice else { continue };
            let message = format!("node {} is twice in one item of `{}`", node.id, list.role);
            findings.push(RULE.note(message).about(list.role).at(Some(node.span.clone())).mended(line.clone()));
        }
    }
    findings
}

fn once(item: &Item) -> String {
    let mut seen = BTreeSet::new();
    let ids: Vec<String> = item.ids().filter(|id| seen.insert(*id)).map(|id| id.to_string()).collect();
    ids.join(",")
}
