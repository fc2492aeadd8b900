//! A summary as text.

use crate::import::fitting::{FamilyFit, FittedTime};
use crate::import::summary::Summary;
use comfy_table::{CellAlignment, ContentArrangement, Table, presets};

const WIDTH: usize = 118;

/// Facts, fits, what was dropped, notes, files.
pub fn text(summary: &Summary) -> String {
    let mut text = String::new();
    let facts = summary.facts.iter().map(|fact| (fact.name.as_str(), fact.value.clone()));
    pairs(&mut text, facts.collect());
    for fit in &summary.fits {
        text.push('\n');
        text.push_str(&fitted(fit));
    }
    if !summary.dropped.is_empty() {
        text.push_str("\nnot used\n");
        pairs(
            &mut text,
            summary.dropped.iter().map(|dropped| (dropped.cause.as_str(), dropped.count.to_string())).collect(),
        );
    }
    for note in &summary.notes {
        text.push('\n');
        text.push_str(&wrapped(note));
    }
    for file in &summary.files {
        text.push_str(&format!("\nwrote {}", file.display()));
    }
    text.push('\n');
    text
}

fn pairs(text: &mut String, pairs: Vec<(&str, String)>) {
    let width = pairs.iter().map(|(name, _)| name.chars().count()).max().unwrap_or(0);
    for (name, value) in pairs {
        text.push_str(&format!("  {name:width$}  {value}\n"));
    }
}

fn fitted(fit: &FittedTime) -> String {
    let unit = fit.unit;
    let mut text = format!(
        "{}: {} values, mean {} {unit}, median {} {unit}, 99 % {} {unit}\n",
        fit.name,
        fit.n,
        number(fit.mean),
        number(fit.median),
        number(fit.p99)
    );
    let mut table = Table::new();
    table.load_style(presets::UTF8_FULL_CONDENSED).set_content_arrangement(ContentArrangement::Disabled);
    table.set_header(["family", "parameters with 95 % intervals", "AIC", "KS"]);
    for family in &fit.fits {
        table.add_row([
            family.family.to_string(),
            parameters(family),
            format!("{:.1}", family.aic),
            format!("{:.4}", family.ks_distance),
        ]);
    }
    for column in 2..4 {
        if let Some(column) = table.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    if !fit.fits.is_empty() {
        text.push_str(&format!("{table}\n"));
    }
    match &fit.toml {
        Some(toml) => text.push_str(&format!("  KS within {:.4}: {toml}\n", fit.ks_limit)),
        None => {
            let nearest = fit.nearest.as_deref().unwrap_or("no family");
            text.push_str(&format!("  not within KS {:.4}, the best by AIC: {nearest}\n", fit.ks_limit));
        }
    }
    text
}

fn parameters(fit: &FamilyFit) -> String {
    let parameters = fit
        .parameters
        .iter()
        .map(|p| format!("{} {} ({} to {})", p.name, number(p.value), number(p.ci_low), number(p.ci_high)));
    parameters.collect::<Vec<_>>().join(", ")
}

/// To four significant digits.
fn number(value: f64) -> String {
    let rounded = format!("{value:.3e}").parse::<f64>().unwrap_or(value);
    format!("{rounded}")
}

fn wrapped(note: &str) -> String {
    let mut lines = vec![String::from("-")];
    for word in note.split_whitespace() {
        let width = lines.last().map_or(0, |line| line.chars().count());
        if width + word.chars().count() + 1 > WIDTH {
            lines.push(String::from(" "));
        }
        if let Some(line) = lines.last_mut() {
            line.push(' ');
            line.push_str(word);
        }
    }
    lines.join("\n")
}
