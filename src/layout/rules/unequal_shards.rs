//! Shards that have equal work and unequal nodes.

use super::facts::{Division, Facts, division};
use super::registry::Rule;
use super::{Finding, NodeInfo, Severity, words};
use crate::layout::{LayoutRules, Role};

pub(super) const RULE: Rule = Rule {
    id: "unequal-shards",
    severity: Severity::Warning,
    versions: "0.14, 0.15",
    finds: "shards of one role with different numbers of nodes, or with nodes of different strength",
    why: "Every shard gets the same share of the work, whoever serves it. The weakest shard is the first to fall behind.",
    mend: "give every shard the same number of nodes of the same strength",
    find,
};

/// Strengths that differ by less are taken for equal.
const TOLERANCE: f64 = 1.1;

fn find(facts: &Facts<'_>) -> Vec<Finding> {
    if facts.rules != LayoutRules::Shards {
        return Vec::new();
    }
    let divided = facts.roles().filter(|role| division(*role) != Division::None);
    let divided = divided.filter(|role| !matches!(role, Role::AcmeRenew | Role::PushNotifications));
    divided.filter_map(|role| of_role(facts, role)).collect()
}

fn of_role(facts: &Facts<'_>, role: Role) -> Option<Finding> {
    let served = facts.shards(role);
    let shards = facts.shard_count(role);
    let by_strength = |a: &f64, b: &f64| a.total_cmp(b);
    let strengths = || served.iter().map(|(shard, nodes)| (*shard, strength(nodes), nodes.len()));
    let (weak, weakest, fewest) = strengths().min_by(|a, b| by_strength(&a.1, &b.1))?;
    let (strong, strongest, most) = strengths().max_by(|a, b| by_strength(&a.1, &b.1))?;
    if strongest <= weakest * TOLERANCE {
        return None;
    }
    let nodes = |number: usize, strength: f64| {
        let plural = if number == 1 { "" } else { "s" };
        format!("{number} node{plural}, strength {}", (strength * 100.0).round() / 100.0)
    };
    let message = format!(
        "each shard of `{role}` gets {} of the {}, but shard {} has {} and shard {} has {}",
        words::percent_of_one_in(shards),
        words::items(role),
        weak + 1,
        nodes(fewest, weakest),
        strong + 1,
        nodes(most, strongest)
    );
    Some(RULE.warning(message).about(role).in_shard(weak).at(facts.shard_span(role, weak)))
}

fn strength(nodes: &[&NodeInfo]) -> f64 {
    nodes.iter().map(|node| node.strength).sum()
}
