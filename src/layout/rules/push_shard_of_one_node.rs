//! Push shards that a single node serves (server facts, section 3).

use super::facts::Facts;
use super::registry::Rule;
use super::{Finding, Severity, words};
use crate::layout::{LayoutRules, Role};

pub(super) const RULE: Rule = Rule {
    id: "push-shard-of-one-node",
    severity: Severity::Note,
    versions: "0.14 to 0.16",
    finds: "push shards that a single node serves: their share of the notifications is lost while it is down",
    why: "Nobody takes over another's push shard, and what happens while its node is down is not sent later. A second node in the \
          shard would cover it, but as long as both are up each sends every notification: k nodes, k copies. So this is the \
          price of sending each notification once, and worth knowing before a restart.",
    mend: "nothing, if lost notifications are the lesser evil; k nodes a shard cover each other at the price of k copies",
    find,
};

fn find(facts: &Facts<'_>) -> Vec<Finding> {
    let role = Role::PushNotifications;
    if facts.is_documented() || facts.rules == LayoutRules::Lists || facts.nodes.len() < 2 {
        return Vec::new();
    }
    let shards = facts.shard_count(role);
    let served = facts.shards(role).iter();
    let alone: Vec<(u32, u64)> = served
        .filter_map(|(shard, nodes)| match nodes.as_slice() {
            [node] => Some((*shard, node.settings.id)),
            _ => None,
        })
        .collect();
    let Some((first, node)) = alone.first().copied() else { return Vec::new() };
    let share = words::percent_of(1, shards);
    let message = match alone.len() {
        1 => {
            let what = words::shard(role, first, shards);
            format!(
                "only node {node} serves {what}: while it is down, notifications to {share} of the accounts are lost"
            )
        }
        number => format!(
            "{number} of {shards} push shards have a single node: while one is down, notifications to its {share} of the \
             accounts are lost"
        ),
    };
    let span = facts.shard_span(role, first).or_else(|| facts.list_span(role));
    let span = span.or_else(|| facts.objects().and_then(|objects| objects.push_shards_span.clone()));
    let help = "a second node in the shard covers it, at the price of two copies of each of its notifications while both are up";
    vec![RULE.note(message).about(role).in_shard(first).at(span).help(help)]
}
