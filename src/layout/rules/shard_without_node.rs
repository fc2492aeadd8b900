//! A shard that no node of the cluster serves (server facts, section 1.1).

use super::facts::{Division, Facts, division};
use super::registry::Rule;
use super::{Finding, Severity, words};
use crate::layout::{LayoutRules, Role};
use std::ops::Range;

pub(super) const RULE: Rule = Rule {
    id: "shard-without-node",
    severity: Severity::Error,
    versions: "0.14 to 0.16",
    finds: "a shard that no known node serves: its share of the work waits for ever, or is lost (push)",
    why: "Work is divided by the number of shards, whether or not anyone serves them. No node takes over the share of \
          another shard.",
    mend: "give the shard a node that exists and is in no earlier shard, or remove the shard",
    find,
};

fn find(facts: &Facts<'_>) -> Vec<Finding> {
    match facts.rules {
        LayoutRules::Lists => Vec::new(),
        LayoutRules::Shards => facts
            .lists()
            .filter(|list| division(list.role) != Division::None)
            .flat_map(|list| of_list(facts, list.role))
            .collect(),
        LayoutRules::Objects => of_settings(facts).into_iter().collect(),
    }
}

fn of_list(facts: &Facts<'_>, role: Role) -> Vec<Finding> {
    let shards = facts.shard_count(role);
    let served = facts.shards(role);
    if shards <= 1 || served.is_empty() {
        return Vec::new();
    }
    let empty = (0..shards).filter(|shard| !served.contains_key(shard));
    empty.map(|shard| finding(facts, role, shard, shards).at(facts.shard_span(role, shard))).collect()
}

fn finding(facts: &Facts<'_>, role: Role, shard: u32, shards: u32) -> Finding {
    let consequence = words::undone(role, shards);
    let mut message = format!("no node serves {}: {consequence}", words::shard(role, shard, shards));
    if let Some(earlier) = taken_by_earlier(facts, role, shard) {
        message.push_str(&format!(" ({earlier})"));
    }
    RULE.error(message).about(role).in_shard(shard)
}

/// Whether the nodes of the shard exist, but serve an earlier one.
fn taken_by_earlier(facts: &Facts<'_>, role: Role, shard: u32) -> Option<String> {
    let item = facts.list(role)?.shards().nth(usize::try_from(shard).ok()?)?;
    let known = facts.known_ids();
    let taken: Vec<u64> = item.ids().filter(|id| known.contains(id)).collect();
    let verb = if taken.len() == 1 { "serves" } else { "serve" };
    (!taken.is_empty()).then(|| format!("{} {verb} an earlier shard", words::nodes(&taken)))
}

/// 0.16: shards are numbers that the nodes are given.
fn of_settings(facts: &Facts<'_>) -> Option<Finding> {
    let role = Role::PushNotifications;
    let objects = facts.objects()?;
    let shards = facts.shard_count(role);
    let served = facts.shards(role);
    let missing = shards.checked_sub(u32::try_from(served.len()).ok()?).filter(|missing| *missing > 0)?;
    let first = (0..shards).find(|shard| !served.contains_key(shard))?;
    let percent = 100.0 * f64::from(missing) / f64::from(shards);
    let message = format!(
        "{missing} of {shards} push shards have no node, first shard {}: {percent:.0} % of the accounts get no push \
         notifications",
        first + 1
    );
    let span: Option<Range<usize>> = objects.push_shards_span.clone();
    let help = "give one node `STALWART_PUSH_SHARD` for each shard from 1 on, or lower `pushShardsTotal`";
    Some(RULE.error(message).about(role).in_shard(first).at(span).help(help))
}
