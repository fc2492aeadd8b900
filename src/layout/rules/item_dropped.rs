//! An item that the server cannot read and drops (server facts, sections 1.1 and 1.2).

use super::facts::{Division, Facts, division};
use super::registry::Rule;
use super::{Finding, Severity};
use crate::layout::{Item, LayoutRules, RoleList};
use std::ops::Range;

pub(super) const RULE: Rule = Rule {
    id: "item-dropped",
    severity: Severity::Error,
    versions: "0.13 to 0.15",
    finds: "an item that does not parse: the server drops it, which changes the number of shards",
    why: "Each item is node ids separated by commas (one id in 0.13). What does not parse is logged and dropped; the \
          items after it move up, and every account and task is assigned anew over fewer shards. When nothing is left \
          the role is enabled on every node.",
    mend: "write node ids separated by commas, such as \"1,4\"; ranges are not known",
    find,
};

fn find(facts: &Facts<'_>) -> Vec<Finding> {
    match facts.rules {
        LayoutRules::Lists => facts.lists().flat_map(dropped_by_0_13).collect(),
        LayoutRules::Shards => facts.lists().flat_map(|list| dropped(facts, list)).collect(),
        LayoutRules::Objects => Vec::new(),
    }
}

fn dropped(facts: &Facts<'_>, list: &RoleList) -> Vec<Finding> {
    let written = list.items.len();
    let left = list.shards().count();
    let consequence = match left {
        0 => "nothing is left of the list, so every node is enabled".to_owned(),
        _ if division(list.role) == Division::None => format!("{left} of {written} items are left"),
        1 => format!("1 shard is left of {written}, so the work is not divided"),
        _ => format!("{left} shards are left of {written}, and all work is assigned anew"),
    };
    // All of them or none: a line that keeps one that is wrong is not mended.
    let wrong = list.items.iter().filter(|item| item.nodes.is_err());
    let mended = wrong.map(|item| Some((item.span.clone(), format!("\"{}\"", range_of(item)?)))).collect();
    let line = Option::and_then(mended, |mended| facts.line_with_all(&in_order(mended)));
    let faults = list.items.iter().filter_map(|item| Some((item, item.nodes.as_ref().err()?)));
    faults
        .map(|(item, fault)| {
            let message = format!("the server drops this item of `{}` ({fault}): {consequence}", list.role);
            RULE.error(message).about(list.role).at(Some(item.span.clone())).mended(line.clone())
        })
        .collect()
}

fn in_order(mut replacements: Vec<(Range<usize>, String)>) -> Vec<(Range<usize>, String)> {
    replacements.sort_by_key(|(span, _)| span.start);
    replacements
}

/// 0.13 reads each item as one integer.
fn dropped_by_0_13(list: &RoleList) -> Vec<Finding> {
    let left = list.items.iter().filter(|item| item.single_id().is_some()).count();
    let consequence = match left {
        0 => "nothing is left of the list, so every node is enabled".to_owned(),
        _ => format!("{left} of {} items are left", list.items.len()),
    };
    let faulty = list.items.iter().filter(|item| item.single_id().is_none());
    faulty
        .map(|item| {
            let message =
                format!("0.13 reads one node id an item and drops this one of `{}`: {consequence}", list.role);
            let help = "write each node as an item of its own, such as [1, 4]";
            RULE.error(message).about(list.role).at(Some(item.span.clone())).help(help)
        })
        .collect()
}

/// The ids that a short range such as `1-3` means.
fn range_of(item: &Item) -> Option<String> {
    let (from, to) = item.written.split_once('-')?;
    let (from, to): (u64, u64) = (from.trim().parse().ok()?, to.trim().parse().ok()?);
    let short = to.checked_sub(from)? < 20;
    short.then(|| (from..=to).map(|id| id.to_string()).collect::<Vec<_>>().join(","))
}
