//! A node id that no node of the cluster has.

use super::facts::{Division, Facts, division};
use super::registry::Rule;
use super::{Finding, Severity, words};
use crate::layout::{Item, LayoutRules, RoleList};

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
        let named =
            list.items.iter().filter(|item| !is_told(facts, list, item)).flat_map(|item| item.nodes.iter().flatten());
        let unknown: Vec<_> = named.filter(|node| !known.contains(&node.id)).collect();
        let Some(first) = unknown.first() else { continue };
        let mut ids: Vec<u64> = unknown.iter().map(|node| node.id).collect();
        ids.sort_unstable();
        ids.dedup();
        let message =
            format!("`{}` names {}, but the cluster has {}", list.role, words::nodes(&ids), words::nodes(&all));
        findings.push(RULE.warning(message).about(list.role).at(Some(first.span.clone())));
    }
    findings
}

/// Whether `role-without-node` or `shard-without-node` says already that the item's nodes do not exist.
fn is_told(facts: &Facts<'_>, list: &RoleList, item: &Item) -> bool {
    let served = facts.shards(list.role);
    if served.is_empty() {
        return true;
    }
    let is_divided = facts.rules == LayoutRules::Shards && division(list.role) != Division::None;
    let shard = list.shards().position(|other| other.key == item.key).and_then(|shard| u32::try_from(shard).ok());
    is_divided && facts.shard_count(list.role) > 1 && shard.is_some_and(|shard| !served.contains_key(&shard))
}
