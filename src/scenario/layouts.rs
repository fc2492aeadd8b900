//! `[layouts]`: files of operators, or tables in place.

use super::Server;
use super::nodes::Nodes;
use super::reader::Place;
use super::{toml_error, wire};
use crate::layout::{Layout, closest};
use crate::source::Problem;
use std::ops::Range;
use std::path::Path;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// A layout, and the version of the server that it is for if it names one.
pub(super) struct Named {
    pub layout: Layout,
    pub version: Option<wire::Spanned<String>>,
}

const HELP: &str = "add [layouts] with NAME = \"config.toml\", NAME = { file = \"config.toml\", version = \"0.13\" }, \
                    or [layouts.NAME.cluster.roles]";

/// Reads the layouts in the order of the file.
pub(super) fn read(place: &Place) -> Result<Vec<Named>, Problem> {
    let document = DeTable::parse(&place.source.text).map_err(|error| toml_error::problem(place, &error))?;
    let Some(table) = document.get_ref().get("layouts") else {
        return Err(place.problem(0..0, "the scenario has no layout", HELP));
    };
    let DeValue::Table(layouts) = table.get_ref() else {
        return Err(place.problem(table.span(), "`layouts` is no table", HELP));
    };
    if layouts.is_empty() {
        return Err(place.problem(table.span(), "the scenario has no layout", HELP));
    }
    layouts.iter().map(|(name, value)| read_one(place, name.get_ref(), value)).collect()
}

fn read_one(place: &Place, name: &str, value: &Spanned<DeValue<'_>>) -> Result<Named, Problem> {
    match value.get_ref() {
        DeValue::String(path) => Ok(Named { layout: read_file(place, name, path, value.span())?, version: None }),
        DeValue::Table(table) => {
            let mut table = table.clone();
            let version = take_text(place, &mut table, "version")?;
            let layout = match take_text(place, &mut table, "file")? {
                Some(path) => {
                    if let Some((key, _)) = table.iter().next() {
                        let message = format!("unknown key `{}` beside `file`", key.get_ref());
                        return Err(place.problem(key.span(), message, "use only `file` and `version`"));
                    }
                    read_file(place, name, path.get_ref(), path.span())?
                }
                None => {
                    check_keys(place, &table)?;
                    Layout::from_toml_table(name, place.source.clone(), &table)?
                }
            };
            Ok(Named { layout, version })
        }
        _ => {
            let message = format!("layout `{name}` is neither a path nor a table");
            Err(place.problem(value.span(), message, HELP))
        }
    }
}

/// A key that is nearly `file`, `version` or `cluster`.
fn check_keys(place: &Place, table: &DeTable<'_>) -> Result<(), Problem> {
    let unknown = table.iter().map(|(key, _)| key).filter(|key| key.get_ref() != "cluster");
    for key in unknown {
        if let Some(near) = closest(key.get_ref(), ["file", "version", "cluster"]) {
            let message = format!("unknown key `{}` in a layout", key.get_ref());
            return Err(place.problem(key.span(), message, format!("did you mean `{near}`?")));
        }
    }
    Ok(())
}

fn read_file(place: &Place, name: &str, path: &str, span: Range<usize>) -> Result<Layout, Problem> {
    let full = place.folder.join(path);
    // An error inside of the file has a place there, any other one here.
    Layout::read_file(name, &full).map_err(|problem| match problem.source {
        Some(_) => problem,
        None => unreadable(place, span, &full, problem),
    })
}

/// Takes a key that must be a string out of a table.
fn take_text(place: &Place, table: &mut DeTable<'_>, key: &str) -> Result<Option<wire::Spanned<String>>, Problem> {
    let Some(value) = table.remove(key) else { return Ok(None) };
    let span = value.span();
    match value.into_inner() {
        DeValue::String(text) => Ok(Some(wire::Spanned::new(span, text.into_owned()))),
        _ => Err(place.problem(span, format!("`{key}` of a layout is no text"), HELP)),
    }
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

fn start_help(layout: &Layout) -> String {
    let roles = layout.objects().map(|objects| &objects.roles[..]).unwrap_or_default();
    let names: Vec<&str> = roles.iter().map(|role| role.name.as_str()).collect();
    if names.is_empty() {
        "the layout has no roles: use one with roles, or remove `role`".into()
    } else {
        format!("its roles are {}", names.join(", "))
    }
}

/// A node that would not start makes the scenario impossible.
pub(super) fn check_start(place: &Place, layouts: &[Layout], servers: &[Server], nodes: &Nodes) -> Result<(), Problem> {
    for (layout, server) in layouts.iter().zip(servers) {
        for (node, span) in nodes.settings.iter().zip(&nodes.role_spans) {
            if let Some(reason) = layout.start_problem(node, server.rules.layout) {
                let message = format!("layout `{}`: {reason}", layout.name);
                return Err(place.problem(span.clone(), message, start_help(layout)));
            }
        }
    }
    Ok(())
}
