//! A node that the layout gives next to nothing to do.

use super::facts::Facts;
use super::registry::Rule;
use super::{Finding, Severity};
use crate::layout::{LayoutRules, Role};

pub(super) const RULE: Rule = Rule {
    id: "node-of-one-role",
    severity: Severity::Note,
    versions: "0.13 to 0.15",
    finds: "a node that serves one role or none, in a cluster of several nodes",
    why: "Such a node adds capacity and cover to nothing else. That may be meant, for a node that only receives mail or only \
          indexes.",
    mend: "add the node to other roles if it is to share their work",
    find,
};

fn find(facts: &Facts<'_>) -> Vec<Finding> {
    if facts.rules == LayoutRules::Objects || facts.nodes.len() < 2 {
        return Vec::new();
    }
    let mut findings = Vec::new();
    for node in &facts.nodes {
        let id = node.settings.id;
        let serves = |role: &Role| facts.layout.assignment(*role, &node.settings, facts.rules).is_enabled();
        let roles: Vec<Role> = facts.roles().filter(serves).collect();
        match roles.as_slice() {
            [] => findings.push(RULE.note(format!("node {id} serves no role"))),
            [role] => {
                let message = format!("node {id} matters to one role only, `{role}`");
                findings.push(RULE.note(message).about(*role).at(place(facts, *role, id)));
            }
            _ => {}
        }
    }
    findings
}

/// Where the role's list names the node.
fn place(facts: &Facts<'_>, role: Role, id: u64) -> Option<std::ops::Range<usize>> {
    let mut named = facts.list(role)?.items.iter().flat_map(|item| item.nodes.iter().flatten());
    named.find(|node| node.id == id).map(|node| node.span.clone())
}
