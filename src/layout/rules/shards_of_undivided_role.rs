//! Shards for a role whose work is not divided (server facts, sections 1.1 and 4).

use super::facts::{Division, Facts, division};
use super::registry::Rule;
use super::{Finding, Severity, words};
use crate::layout::{ItemKind, LayoutRules, Role};

pub(super) const RULE: Rule = Rule {
    id: "shards-of-undivided-role",
    severity: Severity::Warning,
    versions: "0.14, 0.15",
    finds: "shards for a role that every enabled node runs whole",
    why: "`purge.stores`, `metrics.calculate`, `metrics.push` and `spam-training` run on every node that any item names. \
          Shards do not divide them.",
    mend: "write one item with the nodes that are to run it",
    find,
};

fn find(facts: &Facts<'_>) -> Vec<Finding> {
    if facts.rules != LayoutRules::Shards || facts.is_documented() {
        return Vec::new();
    }
    let undivided = facts.lists().filter(|list| division(list.role) == Division::None);
    // Integers are no shards to whoever wrote them: `integers-become-shards` tells that.
    let meant =
        undivided.filter(|list| list.shards().count() > 1 && list.items.iter().any(|item| item.kind == ItemKind::Text));
    meant
        .map(|list| {
            let role = list.role;
            let mut ids: Vec<u64> = list.shards().flat_map(|item| item.ids()).collect();
            ids.sort_unstable();
            ids.dedup();
            let shards = list.shards().count();
            let message = format!(
                "the {shards} shards of `{role}` divide nothing: {} are each to run all of it",
                words::nodes(&ids)
            );
            // One node is enough for these, as `purge-at-the-same-time` and `training-on-several-nodes` say.
            let is_for_one = matches!(role, Role::PurgeStores | Role::SpamTraining);
            let line = if is_for_one { None } else { facts.line_with_shards(role, &[ids]) };
            RULE.warning(message).about(role).at(facts.list_span(role)).mended(line)
        })
        .collect()
}
