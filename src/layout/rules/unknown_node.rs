//! A node id that no node of the cluster has.

use super::facts::Facts;
use super::registry::Rule;
use super::{Finding, Severity, words};

pub(super) const RULE: Rule = Rule {
    id: "unknown-node",
    severity: Severity::Warning,
    versions: "0.13 to 0.15",
    finds: "a node id in a list that no node of the cluster has",
    why: "The server does not know which nodes exist and says nothing. The shard has fewer nodes than it seems.",
    mend: "remove the id, or add the node to the cluster (`--nodes`)",
    find,
};

fn find(facts: &Facts<'_>) -> Vec<Finding> {
    let known = facts.known_ids();
    let all: Vec<u64> = known.iter().copied().collect();
    let mut findings = Vec::new();
    for list in facts.lists() {
        let named = list.items.iter().flat_map(|item| item.nodes.iter().flatten());
        for node in named.filter(|node| !known.contains(&node.id)) {
            let message = format!("`{}` names node {}, but the cluster has {}", list.role, node.id, words::nodes(&all));
            findings.push(RULE.warning(message).about(list.role).at(Some(node.span.clone())));
        }
    }
    findings
}
