//! `[layouts]`: files of operators, or tables in place.

use super::reader::Place;
use super::toml_error;
use crate::layout::{Layout, LayoutRules, NodeSettings};
use crate::source::Problem;
use std::ops::Range;
use std::path::Path;
use toml::de::{DeTable, DeValue};

/// Reads the layouts in the order of the file.
pub(super) fn read(place: &Place) -> Result<Vec<Layout>, Problem> {
    let document = DeTable::parse(&place.source.text).map_err(|error| toml_error::problem(place, &error))?;
    let help = "add [layouts] with NAME = \"config.toml\", or [layouts.NAME.cluster.roles]";
    let Some(table) = document.get_ref().get("layouts") else {
        return Err(place.problem(0..0, "the scenario has no layout", help));
    };
    let DeValue::Table(layouts) = table.get_ref() else {
        return Err(place.problem(table.span(), "`layouts` is no table", help));
    };
    if layouts.is_empty() {
        return Err(place.problem(table.span(), "the scenario has no layout", help));
    }
    let mut read = Vec::new();
    for (name, value) in layouts.iter() {
        let layout = match value.get_ref() {
            DeValue::String(path) => {
                let full = place.folder.join(path.as_ref());
                // An error inside of the file has a place there, any other one here.
                Layout::read_file(name.get_ref(), &full).map_err(|problem| match problem.source {
                    Some(_) => problem,
                    None => unreadable(place, value.span(), &full, problem),
                })?
            }
            DeValue::Table(table) => Layout::from_toml_table(name.get_ref(), place.source.clone(), table)?,
            _ => {
                let message = format!("layout `{}` is neither a path nor a table", name.get_ref());
                return Err(place.problem(value.span(), message, help));
            }
        };
        read.push(layout);
    }
    Ok(read)
}

/// A layout file that cannot be read as text, as an error at the place where the scenario names it.
fn unreadable(place: &Place, span: Range<usize>, path: &Path, problem: Problem) -> Problem {
    let shown = path.display();
    if path.is_dir() {
        let help = "name a file in it, such as its config.toml";
        return place.problem(span, format!("layout file `{shown}` is a folder"), help);
    }
    if !path.exists() {
        let help = "give the path of a config.toml or of a JSON file; paths start at the scenario's folder";
        return place.problem(span, format!("there is no layout file `{shown}`"), help);
    }
    place.problem(span, problem.message, problem.help)
}

/// A node that would not start makes the scenario impossible.
pub(super) fn check_start(
    place: &Place,
    layouts: &[Layout],
    nodes: &[NodeSettings],
    rules: LayoutRules,
) -> Result<(), Problem> {
    for layout in layouts {
        for node in nodes {
            if let Some(reason) = layout.start_problem(node, rules) {
                let message = format!("node {} does not start under layout `{}`: {reason}", node.id, layout.name);
                return Err(place.problem(0..0, message, "set `role` of the node to a name that the layout has"));
            }
        }
    }
    Ok(())
}
