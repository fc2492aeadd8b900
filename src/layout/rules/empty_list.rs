//! A key without items (server facts, section 1.1).

use super::facts::Facts;
use super::registry::Rule;
use super::{Finding, Severity};

pub(super) const RULE: Rule = Rule {
    id: "empty-list",
    severity: Severity::Warning,
    versions: "0.13 to 0.15",
    finds: "an empty list, which enables every node",
    why: "An empty list leaves no key behind in the server's configuration, so it is the same as none: every node is enabled.",
    mend: "name the nodes that are to do it, or remove the key; a role cannot be switched off with an empty list",
    find,
};

fn find(facts: &Facts<'_>) -> Vec<Finding> {
    let empty = facts.lists().filter(|list| list.items.is_empty());
    empty
        .map(|list| {
            let message =
                format!("the list of `{}` is empty, which is the same as no list: every node does it", list.role);
            RULE.warning(message).about(list.role).at(facts.list_span(list.role))
        })
        .collect()
}
