//! The rules in words: the table for the documentation and the text for one rule.

use super::registry::{Rule, rules};
use std::fmt::Write;

/// A Markdown table of all rules.
pub fn markdown_table() -> String {
    let mut table =
        String::from("| rule | worst severity | server | finds | mended by |\n| --- | --- | --- | --- | --- |\n");
    for rule in rules() {
        let cells = [rule.id, rule.severity.name(), rule.versions, rule.finds, rule.mend];
        let cells = cells.map(|cell| cell.replace('|', "\\|"));
        // Writing to a String does not fail.
        let _ = writeln!(table, "| `{}` | {} | {} | {} | {} |", cells[0], cells[1], cells[2], cells[3], cells[4]);
    }
    table
}

/// One rule in full.
pub fn explanation(rule: &Rule) -> String {
    format!(
        "{} ({}, server {})\n\nFinds: {}\n\nWhy it matters: {}\n\nWhat to do: {}\n",
        rule.id, rule.severity, rule.versions, rule.finds, rule.why, rule.mend
    )
}
