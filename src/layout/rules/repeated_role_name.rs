//! Two roles of one name.

use super::facts::Facts;
use super::registry::Rule;
use super::{Finding, Severity};
use std::collections::BTreeSet;

pub(super) const RULE: Rule = Rule {
    id: "repeated-role-name",
    severity: Severity::Warning,
    versions: "0.16",
    finds: "two roles of one name",
    why: "A node picks its role by name. Only the first of several is taken here.",
    mend: "give each role a name of its own",
    find,
};

fn find(facts: &Facts<'_>) -> Vec<Finding> {
    let mut seen = BTreeSet::new();
    let roles = facts.objects().into_iter().flat_map(|objects| &objects.roles);
    let later = roles.filter(|role| !seen.insert(role.name.as_str()));
    later
        .map(|role| RULE.warning(format!("a second role named `{}`", role.name)).at(Some(role.name_span.clone())))
        .collect()
}
