//! A shard that no node of the cluster serves (server facts, section 1.1).

use super::facts::{Division, Facts, division};
use super::registry::Rule;
use super::{Finding, Severity, words};
use crate::layout::{Item, LayoutRules, Role, RoleList};
use std::collections::BTreeSet;
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
            .filter_map(|list| of_list(facts, list.role))
            .collect(),
        LayoutRules::Objects => of_settings(facts).into_iter().collect(),
    }
}

/// One finding for all of a role's shards without a node. That a role has none at all is for `role-without-node`.
fn of_list(facts: &Facts<'_>, role: Role) -> Option<Finding> {
    let shards = facts.shard_count(role);
    let served = facts.shards(role);
    if shards <= 1 || served.is_empty() {
        return None;
    }
    let empty: Vec<u32> = (0..shards).filter(|shard| !served.contains_key(shard)).collect();
    let first = empty.first()?;
    let number = u32::try_from(empty.len()).unwrap_or(u32::MAX);
    let consequence = words::undone_shards(role, number, shards);
    let what = match empty.as_slice() {
        [one] => words::shard(role, *one, shards),
        _ => {
            let names: Vec<String> = empty.iter().map(|shard| (shard + 1).to_string()).collect();
            format!("shards {} of {shards} of `{role}`", words::and(&names))
        }
    };
    let mut message = format!("no node serves {what}: {consequence}");
    let reasons = reasons(facts, role, &empty);
    if !reasons.is_empty() {
        message.push_str(&format!(" ({})", reasons.join("; ")));
    }
    let line = facts.list(role).and_then(|list| line_without(facts, list));
    Some(RULE.error(message).about(role).in_shard(*first).at(facts.shard_span(role, *first)).mended(line))
}

/// The list without the shards that no node serves, each node where it serves now; for push each in a shard of its own.
fn line_without(facts: &Facts<'_>, list: &RoleList) -> Option<String> {
    if !list.items.iter().all(Item::is_read) {
        return None;
    }
    let served = facts.shards(list.role).values();
    let ids = served.map(|nodes| nodes.iter().map(|node| node.settings.id).collect::<Vec<_>>());
    let shards: Vec<Vec<u64>> = match list.role {
        Role::PushNotifications if !facts.is_documented() => ids.flatten().map(|id| vec![id]).collect(),
        _ => ids.collect(),
    };
    facts.line_with_shards(list.role, &shards)
}

/// Why the shards have no node although they name some.
fn reasons(facts: &Facts<'_>, role: Role, empty: &[u32]) -> Vec<String> {
    let Some(list) = facts.list(role) else { return Vec::new() };
    let known = facts.known_ids();
    let is_empty = |shard: usize| u32::try_from(shard).is_ok_and(|shard| empty.binary_search(&shard).is_ok());
    let named = list.shards().enumerate().filter(|(shard, _)| is_empty(*shard)).flat_map(|(_, item)| item.ids());
    let named: BTreeSet<u64> = named.collect();
    let (taken, unknown): (Vec<u64>, Vec<u64>) = named.into_iter().partition(|id| known.contains(id));
    let mut reasons = Vec::new();
    if !unknown.is_empty() {
        let verb = if unknown.len() == 1 { "does" } else { "do" };
        reasons.push(format!("{} {verb} not exist", words::nodes(&unknown)));
    }
    if !taken.is_empty() {
        let verb = if taken.len() == 1 { "serves" } else { "serve" };
        reasons.push(format!("{} {verb} an earlier shard", words::nodes(&taken)));
    }
    reasons
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
