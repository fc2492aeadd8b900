//! A layout in the form that another server version reads.

use super::facts::Facts;
use super::registry::Rule;
use super::{Finding, Severity};
use crate::layout::LayoutRules;

pub(super) const RULE: Rule = Rule {
    id: "layout-of-another-version",
    severity: Severity::Error,
    versions: "all",
    finds: "`[cluster.roles]` for 0.16, or role objects for an older server: the layout has no effect",
    why: "Up to 0.15 the server reads `[cluster.roles]`; 0.16 reads `ClusterRole` objects and two environment variables. \
          A layout of the other form is not read, so every node does everything.",
    mend: "write the layout in the form of the server's version, or check it with `--version`",
    find,
};

fn find(facts: &Facts<'_>) -> Vec<Finding> {
    let of_0_16 = facts.rules == LayoutRules::Objects;
    let span = match (facts.layout.lists(), facts.layout.objects()) {
        (Some(lists), _) if of_0_16 => lists.iter().next().map(|list| list.key_span.clone()),
        (_, Some(objects)) if !of_0_16 => objects.roles.first().map(|role| role.name_span.clone()),
        _ => return Vec::new(),
    };
    let form = if of_0_16 { "`[cluster.roles]`" } else { "`ClusterRole` objects" };
    let message = format!("version {} does not read {form}: every node does everything", facts.version);
    vec![RULE.error(message).at(span)]
}
