//! A node that several shards of one role name (server facts, section 1.1).

use super::facts::Facts;
use super::registry::Rule;
use super::{Finding, Severity};
use crate::layout::{LayoutRules, RoleList};
use std::collections::BTreeMap;

pub(super) const RULE: Rule = Rule {
    id: "node-in-two-shards",
    severity: Severity::Warning,
    versions: "0.14, 0.15",
    finds: "a node in two shards of a role: it serves only the first",
    why: "A node takes the first item that names it. The later shard has one node fewer than it seems, perhaps none.",
    mend: "name each node once per role",
    find,
};

fn find(facts: &Facts<'_>) -> Vec<Finding> {
    if facts.rules != LayoutRules::Shards {
        return Vec::new();
    }
    facts.lists().flat_map(|list| of_list(facts, list)).collect()
}

fn of_list(facts: &Facts<'_>, list: &RoleList) -> Vec<Finding> {
    let mut first: BTreeMap<u64, usize> = BTreeMap::new();
    let mut later = Vec::new();
    let mut once: Vec<Vec<u64>> = Vec::new();
    for (shard, item) in list.shards().enumerate() {
        let mut kept = Vec::new();
        for node in item.nodes.iter().flatten() {
            let serves = *first.entry(node.id).or_insert(shard);
            if serves != shard {
                later.push((shard, serves, node));
            } else if !kept.contains(&node.id) {
                kept.push(node.id);
            }
        }
        once.push(kept);
    }
    let mended = !later.is_empty() && once.iter().all(|ids| !ids.is_empty());
    let line = mended.then(|| facts.line_with_shards(list.role, &once)).flatten();
    later
        .into_iter()
        .map(|(shard, serves, node)| {
            let message = format!(
                "node {} is in shards {} and {} of `{}` and serves only shard {}",
                node.id,
                serves + 1,
                shard + 1,
                list.role,
                serves + 1
            );
            let shard = u32::try_from(shard).unwrap_or(u32::MAX);
            RULE.warning(message).about(list.role).in_shard(shard).at(Some(node.span.clone())).mended(line.clone())
        })
        .collect()
}
