//! A role, or a shard of one, that a single node serves.

use super::facts::{Division, Facts, division};
use super::registry::Rule;
use super::{Finding, NodeInfo, Severity, words};
use crate::layout::{Item, LayoutRules, Role, RoleList, TaskType};

pub(super) const RULE: Rule = Rule {
    id: "single-point-of-failure",
    severity: Severity::Warning,
    versions: "all",
    finds: "work that waits as long as one certain node is down, though the cluster has others",
    why: "No node takes over another's role or shard. Push is left out, since a second node in a push shard sends \
          everything twice; so are timed jobs that nobody misses for a day.",
    mend: "name a second node",
    find,
};

fn find(facts: &Facts<'_>) -> Vec<Finding> {
    if facts.nodes.len() < 2 {
        return Vec::new();
    }
    if facts.rules == LayoutRules::Objects {
        return [TaskType::SearchIndexing, TaskType::TaskQueueProcessing]
            .into_iter()
            .filter_map(|task| of_task(facts, task))
            .collect();
    }
    let watched = facts.roles().filter(|role| division(*role) == Division::Items);
    watched.filter_map(|role| of_role(facts, role)).collect()
}

fn of_role(facts: &Facts<'_>, role: Role) -> Option<Finding> {
    let shards = facts.shard_count(role);
    let alone: Vec<(u32, &NodeInfo)> = facts
        .shards(role)
        .iter()
        .filter_map(|(shard, nodes)| match nodes.as_slice() {
            [node] => Some((*shard, *node)),
            _ => None,
        })
        .collect();
    let (first, node) = *alone.first()?;
    let undone = words::undone(role, shards);
    let message = if alone.len() == 1 {
        let what = words::shard(role, first, shards);
        format!("only node {} serves {what}: while it is down, {undone}", node.settings.id)
    } else {
        format!("{} of {shards} shards of `{role}` have a single node: while one is down, {undone}", alone.len())
    };
    let finding = RULE.warning(message).about(role).in_shard(first).help(help(facts, role));
    let span = facts.shard_span(role, first).or_else(|| facts.list_span(role));
    Some(finding.at(span).mended(line_with_second(facts, role, &alone)))
}

fn help(facts: &Facts<'_>, role: Role) -> &'static str {
    if facts.is_documented() || facts.rules != LayoutRules::Shards {
        return RULE.mend;
    }
    // Server facts, section 2.1: a task that both have queued is run again by the slower one.
    match role {
        Role::ImipProcessing | Role::CalendarAlerts => {
            "name a second node; the price is that the two now and then both run a task, and a message goes out twice"
        }
        // The lock of training is kept after it.
        Role::FtsIndexing | Role::MergeThreads => {
            "name a second node; the price is that the two now and then both run a task, and the second run is wasted"
        }
        _ => RULE.mend,
    }
}

/// The list with an unused node of the cluster added to each of the shards: the next higher id, or the
/// lowest of all. `None` if there are too few, or if something else is wrong with the list, which would be kept.
fn line_with_second(facts: &Facts<'_>, role: Role, alone: &[(u32, &NodeInfo)]) -> Option<String> {
    let list = facts.list(role).filter(|list| is_whole(facts, list))?;
    let mut free = facts.known_ids();
    for id in list.items.iter().flat_map(|item| item.ids()) {
        free.remove(&id);
    }
    let mut shards: Vec<Vec<u64>> = list.shards().map(|item| item.ids().collect()).collect();
    for (shard, node) in alone {
        let second = *free.range(node.settings.id..).next().or(free.first())?;
        free.remove(&second);
        shards.get_mut(usize::try_from(*shard).ok()?)?.push(second);
    }
    facts.line_with_shards(role, &shards)
}

/// Whether each item is read, each shard is served, and each node is named once and exists.
fn is_whole(facts: &Facts<'_>, list: &RoleList) -> bool {
    let mut unseen = facts.known_ids();
    let served = facts.shards(list.role).len();
    list.items.iter().all(Item::is_read)
        && list.items.iter().flat_map(Item::ids).all(|id| unseen.remove(&id))
        && u32::try_from(served) == Ok(facts.shard_count(list.role))
}

fn of_task(facts: &Facts<'_>, task: TaskType) -> Option<Finding> {
    match facts.enabled_for_task(task).as_slice() {
        [id] => {
            let message = format!("only node {id} does `{task}`: while it is down, that work waits");
            let node = facts.nodes.iter().find(|node| node.settings.id == *id)?;
            let role = node.settings.role.as_deref().and_then(|name| facts.objects()?.find(name));
            let help = "give a second node a role that enables it";
            Some(RULE.warning(message).at(role.map(|role| role.tasks_span.clone())).help(help))
        }
        _ => None,
    }
}
