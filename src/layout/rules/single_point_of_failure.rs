//! A role, or a shard of one, that a single node serves.

use super::facts::{Division, Facts, division};
use super::registry::Rule;
use super::{Finding, NodeInfo, Severity, words};
use crate::layout::{LayoutRules, Role, TaskType};

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
    watched.flat_map(|role| of_role(facts, role)).collect()
}

fn of_role(facts: &Facts<'_>, role: Role) -> Vec<Finding> {
    let shards = facts.shard_count(role);
    let alone = facts.shards(role).iter().filter_map(|(shard, nodes)| match nodes.as_slice() {
        [node] => Some((*shard, *node)),
        _ => None,
    });
    alone.map(|(shard, node)| finding(facts, role, shard, shards, node)).collect()
}

fn finding(facts: &Facts<'_>, role: Role, shard: u32, shards: u32, node: &NodeInfo) -> Finding {
    let id = node.settings.id;
    let what = words::shard(role, shard, shards);
    let message = format!("only node {id} serves {what}: while it is down, {}", words::undone(role, shards));
    let finding = RULE.warning(message).about(role).in_shard(shard).help(help(facts, role));
    let span = facts.shard_span(role, shard).or_else(|| facts.list_span(role));
    finding.at(span).mended(line_with_second(facts, role, shard, id))
}

fn help(facts: &Facts<'_>, role: Role) -> &'static str {
    let twice = matches!(role, Role::ImipProcessing | Role::CalendarAlerts) && facts.rules == LayoutRules::Shards;
    if twice && !facts.is_documented() {
        // Server facts, section 2.1: a task that both have queued is run again by the slower one.
        "name a second node; the price is that the two now and then both run a task, and a message goes out twice"
    } else {
        RULE.mend
    }
}

/// The list with the next node of the cluster added to the shard.
fn line_with_second(facts: &Facts<'_>, role: Role, shard: u32, alone: u64) -> Option<String> {
    let list = facts.list(role)?;
    let busy: Vec<u64> = list.items.iter().flat_map(|item| item.ids()).collect();
    let free: Vec<u64> = facts.known_ids().into_iter().filter(|id| !busy.contains(id)).collect();
    let after = free.partition_point(|id| *id < alone);
    // The next id after the lone node's, or the first of all.
    let second = *free.get(after).or(free.first())?;
    let mut shards: Vec<Vec<u64>> = list.shards().map(|item| item.ids().collect()).collect();
    shards.get_mut(usize::try_from(shard).ok()?)?.push(second);
    facts.line_with_shards(role, &shards)
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
