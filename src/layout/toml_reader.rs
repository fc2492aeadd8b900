//! Reads `[cluster.roles]` from TOML as the server does.
//!
//! The server flattens its configuration into a sorted map from keys to texts: tables are joined with
//! `.`, the items of a list get their position in four digits (`cluster.roles.fts-indexing.0001`). It
//! then takes for a role's items every entry whose key is the role's key or starts with it and a dot,
//! in the order of the map. So it does not matter how tables are nested, a plain text is a list of
//! one, and lists inside lists or under further keys count too. This reader does the same with the
//! positions kept.

use super::item::{Item, ItemKind};
use super::role_lists::{MisspeltTable, RoleList, RoleLists, UnknownKey};
use super::{Role, closest};
use crate::source::{Problem, SourceText};
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;
use toml::de::{DeTable, DeValue};

const LIST_HELP: &str = "write the shards as a list of texts, such as [\"1,2\", \"3,4\"]";
const ROOT: &str = "cluster.roles";

/// The lists of an operator's whole file.
///
/// # Errors
/// Not TOML, or values that cannot be read.
pub(super) fn read_document(source: &Arc<SourceText>) -> Result<RoleLists, Problem> {
    let document = DeTable::parse(&source.text).map_err(|error| {
        let span = error.span().unwrap_or(0..0);
        let message = format!("not TOML: {}", error.message());
        Problem::at(source, span, message, "mend the TOML; the server does not start with it either")
    })?;
    let mut reader = Reader::new(source, false);
    reader.above_roles(document.get_ref(), "")?;
    Ok(reader.finish())
}

/// The lists of a table in a scenario, which may have nothing but `cluster.roles`.
///
/// # Errors
/// As above, and keys that no server knows.
pub(super) fn read_in_place(source: &Arc<SourceText>, table: &DeTable<'_>) -> Result<RoleLists, Problem> {
    let mut reader = Reader::new(source, true);
    reader.above_roles(table, "")?;
    Ok(reader.finish())
}

struct Reader<'a> {
    source: &'a Arc<SourceText>,
    in_place: bool,
    lists: Vec<RoleList>,
    unknown: Vec<UnknownKey>,
    misspelt: Vec<MisspeltTable>,
    /// Flattened keys seen, to refuse one that comes twice.
    seen: BTreeMap<String, Range<usize>>,
}

/// Where in the text and in the server's map a value stands.
struct Place {
    key: String,
    in_inner_list: bool,
}

impl<'a> Reader<'a> {
    fn new(source: &'a Arc<SourceText>, in_place: bool) -> Self {
        Self { source, in_place, lists: Vec::new(), unknown: Vec::new(), misspelt: Vec::new(), seen: BTreeMap::new() }
    }

    fn finish(mut self) -> RoleLists {
        for list in &mut self.lists {
            list.items.sort_by(|a, b| a.key.cmp(&b.key));
        }
        RoleLists { lists: self.lists, unknown: self.unknown, misspelt: self.misspelt }
    }

    fn problem(&self, span: Range<usize>, message: String, help: impl Into<String>) -> Problem {
        Problem::at(self.source, span, message, help)
    }

    /// Tables on the way to `cluster.roles`.
    fn above_roles(&mut self, table: &DeTable<'_>, prefix: &str) -> Result<(), Problem> {
        for (key, value) in table {
            let path = join(prefix, key.get_ref());
            if path == ROOT {
                self.roles(self.table(value.get_ref(), &path, value.span())?, "")?;
            } else if let Some(key_of_roles) = path.strip_prefix("cluster.roles.") {
                self.below_roles(key_of_roles, key.span(), value.get_ref(), value.span())?;
            } else if is_above(&path, ROOT) {
                self.above_roles(self.table(value.get_ref(), &path, value.span())?, &path)?;
            } else if self.in_place {
                let message = format!("unknown key `{path}` in a layout");
                return Err(self.problem(key.span(), message, "a layout has `file` and `version`, or `cluster.roles`"));
            } else if let Some(table) = value.get_ref().as_table() {
                self.misspelt(&path, key.span(), table);
            }
        }
        Ok(())
    }

    /// Takes note of a table that was meant to be `cluster.roles`: its name is nearly that, and it has roles.
    fn misspelt(&mut self, path: &str, span: Range<usize>, table: &DeTable<'_>) {
        let inner =
            table.iter().filter_map(|(key, value)| Some((join(path, key.get_ref()), value.get_ref().as_table()?)));
        let (path, roles) = match table.iter().any(|(key, _)| starts_a_role(key.get_ref())) {
            true => (path.to_owned(), table),
            // `clusters.roles`: the part above is wrong.
            false => {
                match inner.into_iter().find(|(_, roles)| roles.iter().any(|(key, _)| starts_a_role(key.get_ref()))) {
                    Some(found) => found,
                    None => return,
                }
            }
        };
        let is_near = match path.split_once('.') {
            Some((above, last)) => closest(above, ["cluster"]).is_some() && closest(last, ["roles"]).is_some(),
            None => closest(&path, [ROOT]).is_some(),
        };
        if !is_near {
            return;
        }
        let instead = match path.split_once('.') {
            Some(("cluster", _)) => Some("roles"),
            Some((_, "roles")) => Some("cluster"),
            Some(_) => None,
            None => Some(ROOT),
        };
        let mut reader = Reader::new(self.source, false);
        let nodes = reader.roles(roles, "").map(|()| reader.finish().named_nodes()).unwrap_or_default();
        self.misspelt.push(MisspeltTable { path, span, instead, nodes });
    }

    fn table<'t, 'i>(
        &self,
        value: &'t DeValue<'i>,
        path: &str,
        span: Range<usize>,
    ) -> Result<&'t DeTable<'i>, Problem> {
        value.as_table().ok_or_else(|| {
            let message = format!("`{path}` is a table, found {}", kind(value));
            self.problem(span, message, "write `[cluster.roles]` and the roles below it")
        })
    }

    /// Tables between `cluster.roles` and a role's key.
    fn roles(&mut self, table: &DeTable<'_>, prefix: &str) -> Result<(), Problem> {
        for (key, value) in table {
            self.below_roles(&join(prefix, key.get_ref()), key.span(), value.get_ref(), value.span())?;
        }
        Ok(())
    }

    fn below_roles(
        &mut self,
        path: &str,
        key_span: Range<usize>,
        value: &DeValue<'_>,
        span: Range<usize>,
    ) -> Result<(), Problem> {
        if let Some(role) = Role::ALL.into_iter().find(|role| path == role.key() || is_above(role.key(), path)) {
            return self.role(role, path, key_span, value, span);
        }
        let on_the_way = Role::ALL.into_iter().any(|role| is_above(path, role.key()));
        match value {
            DeValue::Table(table) if on_the_way => self.roles(table, path),
            _ => self.unknown_key(path, key_span),
        }
    }

    fn unknown_key(&mut self, path: &str, span: Range<usize>) -> Result<(), Problem> {
        if self.in_place {
            let message = format!("unknown role `{path}`");
            return Err(self.problem(span, message, unknown_role_help(path)));
        }
        self.unknown.push(UnknownKey { key: path.to_owned(), span });
        Ok(())
    }

    /// A value at or below a role's key.
    fn role(
        &mut self,
        role: Role,
        path: &str,
        key_span: Range<usize>,
        value: &DeValue<'_>,
        span: Range<usize>,
    ) -> Result<(), Problem> {
        let position = self.lists.iter().position(|list| list.role == role).unwrap_or_else(|| {
            let value_spans = Vec::new();
            let list =
                RoleList { role, key_span: key_span.clone(), value_spans, inner_keys: Vec::new(), items: Vec::new() };
            self.lists.push(list);
            self.lists.len() - 1
        });
        if path != role.key() {
            self.lists[position].inner_keys.push(key_span);
        }
        let place = Place { key: path.to_owned(), in_inner_list: false };
        self.values(position, &place, value, span)
    }

    /// A value under a role: items, lists of them, tables of those.
    fn values(&mut self, list: usize, place: &Place, value: &DeValue<'_>, span: Range<usize>) -> Result<(), Problem> {
        let role = self.lists[list].role;
        match value {
            DeValue::Table(table) => {
                for (key, value) in table {
                    if key.get_ref() != role.key() {
                        self.lists[list].inner_keys.push(key.span());
                    }
                    let place = Place { key: join(&place.key, key.get_ref()), in_inner_list: place.in_inner_list };
                    self.values(list, &place, value.get_ref(), value.span())?;
                }
                Ok(())
            }
            DeValue::Array(values) => {
                self.lists[list].value_spans.push(span);
                self.list(list, place, values)
            }
            _ => {
                self.lists[list].value_spans.push(span.clone());
                self.item(list, place, value, span)
            }
        }
    }

    fn list(&mut self, list: usize, place: &Place, values: &toml::de::DeArray<'_>) -> Result<(), Problem> {
        for (index, value) in values.iter().enumerate() {
            let key = format!("{}.{index:04}", place.key);
            match value.get_ref() {
                DeValue::Array(inner) => self.list(list, &Place { key, in_inner_list: true }, inner)?,
                DeValue::Table(_) => {
                    let message = format!("an item of `{}` is a table", self.lists[list].role);
                    return Err(self.problem(value.span(), message, LIST_HELP));
                }
                item => {
                    let place = Place { key, in_inner_list: place.in_inner_list };
                    self.item(list, &place, item, value.span())?;
                }
            }
        }
        Ok(())
    }

    fn item(&mut self, list: usize, place: &Place, value: &DeValue<'_>, span: Range<usize>) -> Result<(), Problem> {
        let role = self.lists[list].role;
        let raw = self.source.text.get(span.clone()).unwrap_or_default();
        let (written, kind) = match value {
            DeValue::String(text) => (text.to_string(), ItemKind::Text),
            DeValue::Integer(_) => (raw.to_owned(), ItemKind::Integer),
            // The server takes these as they stand, as far as letters, digits, signs and points go.
            DeValue::Float(_) | DeValue::Boolean(_) | DeValue::Datetime(_) if raw.chars().all(is_bare) => {
                (raw.to_owned(), ItemKind::Other)
            }
            other => {
                let message = format!("an item of `{role}` is a list of node ids, found {}", kind(other));
                return Err(self.problem(span, message, LIST_HELP));
            }
        };
        if kind == ItemKind::Integer && written.contains('_') {
            let message = format!("the server does not read `{written}`");
            return Err(self.problem(span, message, "write the number without underscores"));
        }
        if written.contains("%{") {
            let message = format!("`{written}` is replaced by the server with something that is not in this file");
            return Err(self.problem(span, message, "write the node ids that the macro stands for"));
        }
        if self.seen.insert(place.key.clone(), span.clone()).is_some() {
            let message = format!("`{role}` is given twice");
            return Err(self.problem(span, message, "keep one of the two; the server does not start with both"));
        }
        let mut item = Item::read(place.key.clone(), written, kind, span, raw);
        item.in_inner_list = place.in_inner_list;
        self.lists[list].items.push(item);
        Ok(())
    }
}

/// The role that was perhaps meant by a key that is none.
pub(super) fn meant_role(path: &str) -> Option<Role> {
    closest(path, Role::ALL.map(Role::key)).and_then(Role::from_key)
}

/// What to write instead of a role that does not exist.
pub(super) fn unknown_role_help(path: &str) -> String {
    match meant_role(path) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("roles are {}", Role::ALL.map(Role::key).join(", ")),
    }
}

/// Whether a key is that of a role or of a table of roles, such as `purge`.
fn starts_a_role(key: &str) -> bool {
    Role::ALL.into_iter().any(|role| role.key() == key || is_above(key, role.key()))
}

fn join(prefix: &str, key: &str) -> String {
    if prefix.is_empty() { key.to_owned() } else { format!("{prefix}.{key}") }
}

/// Whether `path` is a table above `below`.
fn is_above(path: &str, below: &str) -> bool {
    below.strip_prefix(path).is_some_and(|rest| rest.starts_with('.'))
}

/// Whether the server takes the character as part of a value without quotes.
fn is_bare(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || matches!(letter, '.' | '+' | '-')
}

fn kind(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a text",
        DeValue::Integer(_) => "an integer",
        DeValue::Float(_) => "a fraction",
        DeValue::Boolean(_) => "a boolean",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}
