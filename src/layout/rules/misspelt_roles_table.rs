//! A table that was meant to be `cluster.roles`.

use super::facts::Facts;
use super::registry::Rule;
use super::{Finding, Severity};
use crate::layout::LayoutRules;

pub(super) const RULE: Rule = Rule {
    id: "misspelt-roles-table",
    severity: Severity::Error,
    versions: "0.13 to 0.15",
    finds: "a table with roles whose name is nearly `cluster.roles`",
    why: "The server looks for keys that start with `cluster.roles` and ignores all others without a word, so that every node does \
          everything.",
    mend: "write `[cluster.roles]`",
    find,
};

fn find(facts: &Facts<'_>) -> Vec<Finding> {
    let Some(lists) = facts.layout.lists().filter(|_| facts.rules != LayoutRules::Objects) else {
        return Vec::new();
    };
    let tables = lists.misspelt_tables().iter();
    tables
        .map(|table| {
            let message = format!("the server does not look at `{}`: its roles have no effect", table.path);
            let line = table.instead.and_then(|instead| facts.line_with(&table.span, instead));
            let help = "did you mean `cluster.roles`?";
            RULE.error(message).at(Some(table.span.clone())).help(help).mended(line)
        })
        .collect()
}
