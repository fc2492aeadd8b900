//! Nodes that the layout gives next to nothing to share.

use super::facts::Facts;
use super::registry::Rule;
use super::{Finding, Severity, words};
use crate::layout::{LayoutRules, Role};
use std::collections::BTreeMap;
use std::ops::Range;

pub(super) const RULE: Rule = Rule {
    id: "node-of-one-role",
    severity: Severity::Note,
    versions: "0.13 to 0.15",
    finds: "a node that shares the work of one role or none with other nodes",
    why: "Such a node adds capacity and cover to nothing else. That may be meant, for a node that only receives mail or only \
          indexes.",
    mend: "add the nodes to other roles if they are to share their work",
    find,
};

fn find(facts: &Facts<'_>) -> Vec<Finding> {
    if facts.rules == LayoutRules::Objects || facts.nodes.len() < 2 {
        return Vec::new();
    }
    let several: Vec<Role> = facts.roles().filter(|role| facts.enabled(*role).len() > 1).collect();
    let mut by_role: BTreeMap<Option<Role>, Vec<u64>> = BTreeMap::new();
    for node in &facts.nodes {
        let serves = |role: &Role| facts.layout.assignment(*role, &node.settings, facts.rules).is_enabled();
        let shared: Vec<Role> = several.iter().copied().filter(serves).collect();
        if shared.len() <= 1 {
            by_role.entry(shared.first().copied()).or_default().push(node.settings.id);
        }
    }
    let alone: Vec<(Role, u64)> = facts
        .roles()
        .filter_map(|role| match facts.enabled(role).as_slice() {
            [id] => Some((role, *id)),
            _ => None,
        })
        .collect();
    by_role.into_iter().map(|(role, ids)| finding(facts, role, &ids, &alone)).collect()
}

/// `alone`: roles that one node serves, with the node.
fn finding(facts: &Facts<'_>, role: Option<Role>, ids: &[u64], alone: &[(Role, u64)]) -> Finding {
    let verb = if ids.len() == 1 { "shares" } else { "share" };
    let what = role.map_or_else(|| "no role".to_owned(), |role| format!("the work of one role only, `{role}`"));
    let mut message = format!("{} {verb} {what}", words::nodes(ids));
    for id in ids {
        let own = alone.iter().filter(|(_, node)| node == id).map(|(role, _)| format!("`{role}`"));
        let own: Vec<String> = own.collect();
        if !own.is_empty() {
            message.push_str(&format!("; node {id} serves {} alone", words::and(&own)));
        }
    }
    let finding = RULE.note(message).at(role.and_then(|role| place(facts, role, ids)));
    if let Some(role) = role { finding.about(role) } else { finding }
}

/// Where the role's list names the first of the nodes.
fn place(facts: &Facts<'_>, role: Role, ids: &[u64]) -> Option<Range<usize>> {
    let mut named = facts.list(role)?.items.iter().flat_map(|item| item.nodes.iter().flatten());
    named.find(|node| ids.contains(&node.id)).map(|node| node.span.clone())
}
