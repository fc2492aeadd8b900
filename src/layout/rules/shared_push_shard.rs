//! A push shard with several nodes, each of which sends every notification (server facts, section 3).

use super::facts::Facts;
use super::registry::Rule;
use super::{Finding, Severity, words};
use crate::layout::{LayoutRules, Role};

pub(super) const RULE: Rule = Rule {
    id: "shared-push-shard",
    severity: Severity::Error,
    versions: "0.14 to 0.16",
    finds: "a push shard that several nodes serve: k nodes send k copies of each notification",
    why: "Every live node of a shard sends each change to each subscription; there is no lock and no leader inside \
          a shard. The documentation reads as if the nodes of a shard shared the work.",
    mend: "give each node a push shard of its own",
    find,
};

fn find(facts: &Facts<'_>) -> Vec<Finding> {
    let role = Role::PushNotifications;
    let shards = facts.shard_count(role);
    if facts.is_documented() || facts.rules == LayoutRules::Lists || shards <= 1 {
        return Vec::new();
    }
    let alone: Vec<Vec<u64>> = facts.enabled(role).into_iter().map(|id| vec![id]).collect();
    let lost = words::percent_of_one_in(u32::try_from(alone.len()).unwrap_or(u32::MAX));
    let by_lists = facts.rules == LayoutRules::Shards;
    let setting = if by_lists {
        String::new()
    } else {
        format!(" (`pushShardsTotal` {}, `STALWART_PUSH_SHARD` from 1 on)", alone.len())
    };
    let shared = facts.shards(role).iter().filter(|(_, nodes)| nodes.len() > 1);
    shared
        .map(|(shard, nodes)| {
            let ids: Vec<u64> = nodes.iter().map(|node| node.settings.id).collect();
            let message = format!(
                "{} send every notification of push shard {} of {shards}: each reaches the device {} ({} of the accounts)",
                words::nodes(&ids),
                shard + 1,
                words::times(ids.len()),
                words::percent_of_one_in(shards)
            );
            let help = format!(
                "give each node a push shard of its own{setting}; while one is down, notifications to its {lost} of the \
                 accounts are lost"
            );
            let span = facts.shard_span(role, *shard);
            let span = span.or_else(|| facts.objects().and_then(|objects| objects.push_shards_span.clone()));
            let line = facts.line_with_shards(role, &alone);
            RULE.error(message).about(role).in_shard(*shard).at(span).help(help).mended(line)
        })
        .collect()
}
