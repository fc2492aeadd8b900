//! Lists of integers, which change their meaning after 0.13 (server facts, section 1.1).

use super::facts::{Division, Facts, division};
use super::registry::Rule;
use super::{Finding, Severity, words};
use crate::layout::{ItemKind, LayoutRules, RoleList, ServerVersion};

pub(super) const RULE: Rule = Rule {
    id: "integers-become-shards",
    severity: Severity::Warning,
    versions: "0.13 to 0.15",
    finds: "a list of integers: enabled nodes in 0.13, one shard each from 0.14 on",
    why: "The same line means something else after the upgrade: in 0.13 each of the nodes does all of the work, from 0.14 on \
          each does a part, and nobody stands in for a node that is down.",
    mend: "from 0.14 on write one text with all nodes for the old meaning, or texts for shards",
    find,
};

fn find(facts: &Facts<'_>) -> Vec<Finding> {
    if facts.rules == LayoutRules::Objects {
        return Vec::new();
    }
    let both = facts.lists().filter(|list| ServerVersion::V0_13.has_key(list.role));
    let integers =
        both.filter(|list| list.items.len() > 1 && list.items.iter().all(|item| item.kind == ItemKind::Integer));
    integers.map(|list| of_list(facts, list)).collect()
}

fn of_list(facts: &Facts<'_>, list: &RoleList) -> Finding {
    let role = list.role;
    let ids: Vec<u64> = list.shards().flat_map(|item| item.ids()).collect();
    let shards = ids.len();
    let share = words::percent_of_one_in(u32::try_from(shards).unwrap_or(u32::MAX));
    let finding = if division(role) == Division::None {
        RULE.note(format!(
            "this list of integers is {shards} shards from 0.14 on; `{role}` is not divided, so nothing changes"
        ))
    } else if facts.rules == LayoutRules::Lists {
        let items = words::items(role);
        RULE.warning(format!(
            "this list of integers turns into {shards} shards in 0.14: each node then serves {share} of the {items} alone"
        ))
    } else {
        let items = words::items(role);
        RULE.warning(format!(
            "this list of integers is {shards} shards, each node serves {share} of the {items} alone; in 0.13 each served all"
        ))
    };
    finding.about(role).at(facts.list_span(role)).mended(facts.line_with_shards(role, &[ids]))
}
