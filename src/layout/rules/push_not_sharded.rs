//! Push on several nodes without shards (server facts, section 3).

use super::facts::Facts;
use super::registry::Rule;
use super::{Finding, Severity, words};
use crate::layout::{LayoutRules, Role, toml_reader};

pub(super) const RULE: Rule = Rule {
    id: "push-not-sharded",
    severity: Severity::Error,
    versions: "0.14 to 0.16",
    finds: "push on several nodes without shards: every node sends every notification",
    why: "Without a list, with an empty one and with a single item the work is not divided: each node sends each \
          notification to each device.",
    mend: "give each node a push shard of its own",
    find,
};

fn find(facts: &Facts<'_>) -> Vec<Finding> {
    let role = Role::PushNotifications;
    let ids = facts.enabled(role);
    let one_shard = facts.shard_count(role) == 1;
    if facts.is_documented() || facts.rules == LayoutRules::Lists || !one_shard || ids.len() < 2 {
        return Vec::new();
    }
    let message = format!(
        "push is not divided: {} all send every notification, so each reaches the device {}",
        words::nodes(&ids),
        words::times(ids.len())
    );
    let alone: Vec<Vec<u64>> = ids.iter().map(|id| vec![*id]).collect();
    let misspelt = facts.layout.lists().filter(|_| facts.list(role).is_none()).and_then(|lists| {
        lists.unknown_keys().iter().find(|unknown| toml_reader::meant_role(&unknown.key) == Some(role))
    });
    let line = facts.line_with_shards(role, &alone).filter(|_| misspelt.is_none());
    let help = match facts.list(role) {
        _ if facts.rules == LayoutRules::Objects => {
            format!("set `pushShardsTotal` to {0} and `STALWART_PUSH_SHARD` from 1 to {0}", ids.len())
        }
        Some(_) => RULE.mend.to_owned(),
        None if misspelt.is_some() => "mend the misspelt key first, and check again".to_owned(),
        None => "add shards under `[cluster.roles]`, one node each".to_owned(),
    };
    vec![RULE.error(message).about(role).at(facts.list_span(role)).help(help).mended(line)]
}
