//! Mended lines are tried: one that leaves an error where it is put is not offered.

use super::facts::Facts;
use super::finding::{CheckContext, Finding, Severity};
use crate::layout::Layout;
use crate::source::SourceText;
use toml::de::{DeTable, DeValue};

/// Takes away the lines that do not mend.
pub(super) fn keep_what_mends(context: &CheckContext<'_>, facts: &Facts<'_>, findings: &mut [Finding]) {
    for finding in findings {
        if is_still_wrong(context, facts, finding) {
            finding.fixed_line = None;
        }
    }
}

/// Whether the layout with the finding's line has an error of the same role, or the same finding again. Lines that are to
/// be added, and lists over several lines, are taken as they are.
fn is_still_wrong(context: &CheckContext<'_>, facts: &Facts<'_>, finding: &Finding) -> bool {
    let layout = context.layout;
    let (Some(line), Some(span)) = (&finding.fixed_line, facts.replaced_span(finding)) else { return false };
    let Some(text) = with_line(&layout.source.text, span, line) else { return false };
    let Some(mended) = read_again(layout, text) else { return true };
    let again = super::find_all(&Facts::new(&CheckContext { layout: &mended, ..*context }));
    again.iter().any(|other| {
        let is_same = other.rule == finding.rule && other.role == finding.role;
        match finding.role {
            Some(_) => is_same || (other.role == finding.role && other.severity == Severity::Error),
            None => {
                is_same && other.span.as_ref().map(|span| span.start) == finding.span.as_ref().map(|span| span.start)
            }
        }
    })
}

/// The text with the line around a place replaced; `None` if it is several lines.
fn with_line(text: &str, span: std::ops::Range<usize>, line: &str) -> Option<String> {
    if text.get(span.clone())?.contains('\n') {
        return None;
    }
    let start = text.get(..span.start)?.rfind('\n').map_or(0, |at| at + 1);
    let end = text.get(span.end..)?.find('\n').map_or(text.len(), |at| span.end + at);
    // Blanks in front of the line are not part of what is shown; with them places stay where they are.
    let blanks = text.get(start..end)?.len() - text.get(start..end)?.trim_start().len();
    Some(format!("{}{line}{}", text.get(..start + blanks)?, text.get(end..)?))
}

/// The layout of another text: a file of its own, or written in place in a scenario.
fn read_again(layout: &Layout, text: String) -> Option<Layout> {
    let source = SourceText::new(layout.source.name.clone(), text);
    let mended = match DeTable::parse(&source.text).ok().and_then(|document| in_place(&document, &layout.name)) {
        Some(table) => Layout::from_toml_table(&layout.name, source.clone(), &table),
        None => Layout::parse(&layout.name, source.clone()),
    };
    mended.ok().map(|mended| Layout { push_shards_total: layout.push_shards_total, ..mended })
}

/// The table of a layout in a scenario, without its version.
fn in_place<'i>(document: &toml::Spanned<DeTable<'i>>, name: &str) -> Option<DeTable<'i>> {
    let DeValue::Table(layouts) = document.get_ref().get("layouts")?.get_ref() else { return None };
    let DeValue::Table(table) = layouts.get(name)?.get_ref() else { return None };
    let mut table = table.clone();
    table.remove("version");
    Some(table)
}
