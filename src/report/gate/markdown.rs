//! A gate's findings as Markdown, for the summary of a step in GitHub Actions.

use super::{change, confidence, found_from, reason, repeat, show, summary};
use crate::metrics::rows::Tables;
use crate::metrics::verdicts::GateReport;
use crate::report::terminal::objective_value;
use std::fmt::Write;

/// The summary, ending in a line feed. What did not pass stands open, the rest is folded away.
pub fn render(reports: &[GateReport]) -> String {
    let mut text = String::from("## rolesim gate\n");
    for report in reports {
        section(&mut text, report);
    }
    text
}

fn section(text: &mut String, report: &GateReport) {
    let mark = match (report.count("regression"), report.count("undecided")) {
        (0, 0) => "✅",
        (0, _) => "❓",
        _ => "❌",
    };
    // Writing to a string cannot fail.
    let _ = writeln!(text, "\n### {mark} {}: {}\n", escape(&report.scenario), summary(report));
    for change in &report.changes {
        let _ = writeln!(text, "* since the baseline, {}", escape(change));
    }
    let failed = report.rows.iter().filter(|row| row.verdict == "regression" || row.verdict == "undecided");
    for row in failed {
        let _ = writeln!(text, "* **{}** in layout {}: {}", row.verdict, escape(&row.layout), escape(&reason(row)));
    }
    let _ = writeln!(text, "\n<details><summary>{} metrics</summary>\n", report.rows.len());
    text.push_str("| layout | metric | baseline | now | change | accepted | found from | n | verdict |\n");
    text.push_str("|---|---|--:|--:|--:|--:|--:|--:|---|\n");
    for row in &report.rows {
        let cells = [
            escape(&row.layout),
            escape(&row.metric),
            show(row, row.baseline_mean),
            show(row, row.mean),
            change(row),
            escape(&row.tolerance),
            found_from(row),
            row.n.to_string(),
            row.verdict.replace('_', " "),
        ];
        let _ = writeln!(text, "| {} |", cells.join(" | "));
    }
    let _ = writeln!(text, "\n</details>\n");
    for row in &report.objectives {
        let found = objective_value(&Tables::default(), row);
        let (objective, layout) = (escape(&row.objective), escape(&row.layout));
        let _ = writeln!(text, "* objective {objective} in layout {layout}: **{}**, {}", row.verdict, escape(&found));
    }
    let _ = writeln!(text, "\n{}", escape(&confidence(report)));
    if let Some(line) = repeat(report) {
        let _ = writeln!(text, "\n{}", escape(&line));
    }
}

/// Text in which nothing is markup: what could be is escaped, lines are joined.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '#' | '~' => {
                escaped.push('\\');
                escaped.push(c);
            }
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '&' => escaped.push_str("&amp;"),
            c if c.is_control() => escaped.push(' '),
            _ => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::escape;

    #[test]
    fn names_are_no_markup() {
        assert_eq!(escape("a|b_<c>\n`d`"), "a\\|b\\_&lt;c&gt; \\`d\\`");
    }
}
