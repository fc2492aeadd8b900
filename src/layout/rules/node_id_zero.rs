//! Node id 0 (server facts, introduction).

use super::facts::Facts;
use super::registry::Rule;
use super::{Finding, Severity};

pub(super) const RULE: Rule = Rule {
    id: "node-id-zero",
    severity: Severity::Note,
    versions: "0.13 to 0.15",
    finds: "node id 0",
    why: "Node ids are positive integers. 0 works in the lists, but is not what the documentation has.",
    mend: "number the nodes from 1",
    find,
};

fn find(facts: &Facts<'_>) -> Vec<Finding> {
    let first = facts.lists().find_map(|list| {
        let mut named = list.items.iter().flat_map(|item| item.nodes.iter().flatten());
        named.find(|node| node.id == 0).map(|node| (list.role, node.span.clone()))
    });
    let finding = |(role, span)| RULE.note("node id 0: ids are to be positive".to_owned()).about(role).at(Some(span));
    first.map(finding).into_iter().collect()
}
