//! Reads `ClusterRole` objects (0.16) from JSON: one object, a list of them, or an object whose key
//! `list` holds them and whose key `pushShardsTotal` may stand beside it.

use super::json::{self, Data, Value};
use super::objects::{ClusterRole, RoleObjects, TaskSet, TaskTypeEntry};
use super::{TaskType, closest};
use crate::source::{Problem, SourceText};
use std::ops::Range;
use std::sync::Arc;

const ROLE_HELP: &str = "write a role as {\"name\": \"...\", \"tasks\": {\"@type\": \"EnableAll\"}}";

/// Whether a text is JSON rather than TOML, by its file's name or else by its beginning.
pub(super) fn looks_like_json(source: &SourceText) -> bool {
    if let Some((_, extension)) = source.name.rsplit_once('.') {
        if extension.eq_ignore_ascii_case("json") {
            return true;
        }
        if extension.eq_ignore_ascii_case("toml") {
            return false;
        }
    }
    let text = source.text.trim_start_matches('\u{feff}').trim_start();
    text.starts_with('{') || text.strip_prefix('[').is_some_and(|rest| rest.trim_start().starts_with(['{', ']']))
}

/// The roles and the number of push shards.
///
/// # Errors
/// Not JSON, or not roles.
pub(super) fn read(source: &Arc<SourceText>) -> Result<(RoleObjects, u32), Problem> {
    let value = json::parse(source)?;
    let reader = Reader { source };
    let mut objects = RoleObjects::default();
    let mut push_shards_total = 1;
    match &value.data {
        Data::List(values) => objects.roles = reader.roles(values)?,
        Data::Object(_) => {
            if let Some(list) = value.member("list") {
                objects.roles = reader.roles(reader.list(&list.value)?)?;
            } else if value.member("name").is_some() || value.member("pushShardsTotal").is_none() {
                objects.roles = vec![reader.role(&value)?];
            }
            if let Some(total) = value.member("pushShardsTotal") {
                push_shards_total = reader.shards(&total.value)?;
                objects.push_shards_span = Some(total.value.span.clone());
            }
        }
        _ => return Err(reader.wrong(&value.span, format!("expected roles, found {}", value.kind()))),
    }
    Ok((objects, push_shards_total))
}

struct Reader<'a> {
    source: &'a Arc<SourceText>,
}

impl Reader<'_> {
    fn wrong(&self, span: &Range<usize>, message: impl Into<String>) -> Problem {
        Problem::at(self.source, span.clone(), message, ROLE_HELP)
    }

    fn list<'v>(&self, value: &'v Value) -> Result<&'v [Value], Problem> {
        match &value.data {
            Data::List(values) => Ok(values),
            _ => Err(self.wrong(&value.span, format!("`list` holds a list of roles, found {}", value.kind()))),
        }
    }

    fn roles(&self, values: &[Value]) -> Result<Vec<ClusterRole>, Problem> {
        values.iter().map(|value| self.role(value)).collect()
    }

    fn shards(&self, value: &Value) -> Result<u32, Problem> {
        let number = match &value.data {
            Data::Number(written) => written.parse().ok().filter(|number| *number > 0),
            _ => None,
        };
        let found = &self.source.text[value.span.clone()];
        number.ok_or_else(|| {
            let message = format!("`pushShardsTotal` is a number of shards, found `{found}`");
            Problem::at(self.source, value.span.clone(), message, "write an integer from 1, such as 4")
        })
    }

    fn role(&self, value: &Value) -> Result<ClusterRole, Problem> {
        if !matches!(value.data, Data::Object(_)) {
            return Err(self.wrong(&value.span, format!("expected a role, found {}", value.kind())));
        }
        let opening = value.span.start..value.span.start + 1;
        let name = value.member("name").ok_or_else(|| self.wrong(&opening, "a role without `name`"))?;
        let Data::Text(role_name) = &name.value.data else {
            return Err(self.wrong(&name.value.span, format!("`name` is a text, found {}", name.value.kind())));
        };
        let tasks = value
            .member("tasks")
            .ok_or_else(|| self.wrong(&opening, format!("role `{role_name}` does not say its `tasks`")))?;
        let set = self.task_set(&tasks.value)?;
        let (entries, list_span) = self.task_types(&tasks.value)?;
        Ok(ClusterRole {
            name: role_name.clone(),
            name_span: name.value.span.clone(),
            set,
            tasks_span: tasks.value.span.clone(),
            entries,
            list_span,
        })
    }

    fn task_set(&self, tasks: &Value) -> Result<TaskSet, Problem> {
        if !matches!(tasks.data, Data::Object(_)) {
            return Err(self.wrong(&tasks.span, format!("`tasks` is an object, found {}", tasks.kind())));
        }
        let opening = tasks.span.start..tasks.span.start + 1;
        let kind = tasks.member("@type").ok_or_else(|| self.wrong(&opening, "`tasks` without `@type`"))?;
        let names = TaskSet::ALL.map(TaskSet::name);
        let help = |name: &str| match closest(name, names) {
            Some(near) => format!("did you mean \"{near}\"?"),
            None => format!("write one of {}", names.join(", ")),
        };
        match &kind.value.data {
            Data::Text(name) => TaskSet::ALL.into_iter().find(|set| set.name() == name).ok_or_else(|| {
                let message = format!("unknown `@type` \"{name}\"");
                Problem::at(self.source, kind.value.span.clone(), message, help(name))
            }),
            _ => {
                let message = format!("`@type` is a text, found {}", kind.value.kind());
                Err(Problem::at(self.source, kind.value.span.clone(), message, help("")))
            }
        }
    }

    /// The entries of `taskTypes`, or where it stands if it is a list.
    fn task_types(&self, tasks: &Value) -> Result<(Vec<TaskTypeEntry>, Option<Range<usize>>), Problem> {
        let Some(types) = tasks.member("taskTypes") else {
            return Ok((Vec::new(), None));
        };
        let members = match &types.value.data {
            Data::Object(members) => members,
            Data::List(_) => return Ok((Vec::new(), Some(types.value.span.clone()))),
            Data::Null => return Ok((Vec::new(), None)),
            _ => {
                let message = format!("`taskTypes` is an object of `true` values, found {}", types.value.kind());
                return Err(self.wrong(&types.value.span, message));
            }
        };
        let mut entries = Vec::with_capacity(members.len());
        for member in members {
            let Data::Bool(value) = member.value.data else {
                let message = format!("`{}` in `taskTypes` is `true`, found {}", member.key, member.value.kind());
                return Err(self.wrong(&member.value.span, message));
            };
            entries.push(TaskTypeEntry {
                written: member.key.clone(),
                task: TaskType::from_name(&member.key),
                value,
                span: member.key_span.clone(),
            });
        }
        Ok((entries, None))
    }
}
