//! Items in lists inside lists, or under further keys (server facts, section 1.1).

use super::facts::Facts;
use super::registry::Rule;
use super::{Finding, Severity};
use crate::layout::{Item, Role, RoleList};

pub(super) const RULE: Rule = Rule {
    id: "nested-items",
    severity: Severity::Error,
    versions: "0.13 to 0.15",
    finds: "a list in a list, or a key of its own below a role's key",
    why: "The server flattens the file and takes every value below the role's key for an item. `[[1,4], [2,3]]` is four \
          shards of one node each, not two of two; keys below the role's are items in alphabetical order.",
    mend: "write one list of texts, such as [\"1,4\", \"2,3\"]",
    find,
};

fn find(facts: &Facts<'_>) -> Vec<Finding> {
    facts.lists().flat_map(|list| inner_lists(facts, list).into_iter().chain(inner_keys(list))).collect()
}

fn inner_lists(facts: &Facts<'_>, list: &RoleList) -> Option<Finding> {
    let first = list.items.iter().find(|item| item.in_inner_list)?;
    let message = format!(
        "`{}` has a list in a list: to the server each of its {} values is an item of its own",
        list.role,
        list.items.len()
    );
    // Each inner list as the shard that it was meant to be.
    let mut shards: Vec<(&str, Vec<u64>)> = Vec::new();
    for item in &list.items {
        let parent =
            if item.in_inner_list { item.key.rsplit_once('.').map_or("", |(parent, _)| parent) } else { &item.key };
        match shards.last_mut() {
            Some((last, ids)) if *last == parent => ids.extend(item.ids()),
            _ => shards.push((parent, item.ids().collect())),
        }
    }
    let ids = shards.into_iter().map(|(_, ids)| ids);
    // A push shard of several nodes would send copies; as it is read now, each has one of its own.
    let shards: Vec<Vec<u64>> = match list.role {
        Role::PushNotifications if !facts.is_documented() => ids.flatten().map(|id| vec![id]).collect(),
        _ => ids.collect(),
    };
    let is_read = list.items.iter().all(Item::is_read);
    let line = is_read.then(|| facts.line_with_shards(list.role, &shards)).flatten();
    Some(RULE.error(message).about(list.role).at(Some(first.span.clone())).mended(line))
}

fn inner_keys(list: &RoleList) -> Option<Finding> {
    let first = list.inner_keys.first()?;
    let message = format!(
        "a key below `{}`: the server takes every value below the role's key for an item, in the order of the keys",
        list.role
    );
    Some(RULE.warning(message).about(list.role).at(Some(first.clone())))
}
