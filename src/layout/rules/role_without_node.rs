//! A role whose list names no node of the cluster.

use super::facts::Facts;
use super::registry::Rule;
use super::{Finding, Severity, words};

pub(super) const RULE: Rule = Rule {
    id: "role-without-node",
    severity: Severity::Error,
    versions: "0.13 to 0.15",
    finds: "a role whose list names no node that exists: nobody does the work",
    why: "A node that is in no item is disabled for the role, and there is no fallback when that is every node.",
    mend: "name at least one node that exists",
    find,
};

fn find(facts: &Facts<'_>) -> Vec<Finding> {
    let nobody = facts.lists().filter(|list| facts.shards(list.role).is_empty());
    nobody
        .map(|list| {
            let role = list.role;
            let consequence = words::undone(role, 1);
            let mut named: Vec<u64> = list.items.iter().flat_map(|item| item.ids()).collect();
            named.sort_unstable();
            named.dedup();
            let known: Vec<u64> = facts.known_ids().into_iter().collect();
            let message = format!(
                "no node serves `{role}`, which names {} where the cluster has {}: {consequence}",
                words::nodes(&named),
                words::nodes(&known)
            );
            RULE.error(message).about(role).at(facts.list_span(role))
        })
        .collect()
}
