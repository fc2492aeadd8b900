//! A gate's findings as JUnit XML: a suite a scenario, a case a layout and metric.

use super::{reason, repeat, summary};
use crate::metrics::verdicts::{GateReport, GateRow};
use std::fmt::Write;

/// The document, ending in a line feed.
pub fn render(reports: &[GateReport]) -> String {
    let total = |verdict: &str| reports.iter().map(|report| report.count(verdict)).sum::<usize>();
    let tests: usize = reports.iter().map(|report| report.rows.len()).sum();
    let mut xml = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    // Writing to a string cannot fail.
    let _ = writeln!(
        xml,
        "<testsuites name=\"rolesim gate\" tests=\"{tests}\" failures=\"{}\" errors=\"{}\">",
        total("regression"),
        total("undecided")
    );
    for report in reports {
        suite(&mut xml, report);
    }
    xml.push_str("</testsuites>\n");
    xml
}

fn suite(xml: &mut String, report: &GateReport) {
    let _ = writeln!(
        xml,
        "  <testsuite name=\"{}\" tests=\"{}\" failures=\"{}\" errors=\"{}\" skipped=\"0\">",
        escape(&report.scenario),
        report.rows.len(),
        report.count("regression"),
        report.count("undecided")
    );
    for row in &report.rows {
        case(xml, report, row);
    }
    let mut notes = vec![summary(report)];
    notes.extend(report.changes.iter().map(|change| format!("since the baseline, {change}")));
    notes.extend(repeat(report));
    let _ = writeln!(xml, "    <system-out>{}</system-out>", escape(&notes.join("\n")));
    xml.push_str("  </testsuite>\n");
}

fn case(xml: &mut String, report: &GateReport, row: &GateRow) {
    let class = format!("{}.{}", report.scenario, row.layout);
    let start = format!("    <testcase classname=\"{}\" name=\"{}\"", escape(&class), escape(&row.metric));
    let element = match row.verdict.as_str() {
        "regression" => "failure",
        "undecided" => "error",
        _ => {
            let _ = writeln!(xml, "{start}/>");
            return;
        }
    };
    let message = escape(&reason(row));
    let _ = writeln!(xml, "{start}>\n      <{element} type=\"{}\" message=\"{message}\"/>", row.verdict);
    xml.push_str("    </testcase>\n");
}

/// Text for content and attributes; characters that XML 1.0 does not have become replacement characters.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&apos;"),
            '\t' | '\n' | '\r' => {
                let _ = write!(escaped, "&#{};", c as u32);
            }
            '\u{0}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => escaped.push('\u{fffd}'),
            _ => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::escape;

    #[test]
    fn nothing_leaves_its_attribute() {
        assert_eq!(escape("a<b>&\"c\"'\n\u{1}\u{fffe}é"), "a&lt;b&gt;&amp;&quot;c&quot;&apos;&#10;\u{fffd}\u{fffd}é");
    }
}
