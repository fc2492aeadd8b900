//! Layouts: which node does which background work.
//!
//! A [`Layout`] is read from the operator's own file, unchanged: `[cluster.roles]` of a `config.toml`
//! (server versions 0.13 to 0.15) or `ClusterRole` objects in JSON (0.16). It answers, for each node,
//! role and reading of the file, what that node would derive at start ([`Layout::assignment`]). What
//! the server accepts is read as the server reads it, even where that is not what the author meant;
//! [`rules`] then finds those places. Only what no server can read is a [`Problem`].
//!
//! This module knows nothing of time passing, of load and of failures.

mod assignment;
mod item;
mod json;
mod json_reader;
mod objects;
mod role;
mod role_lists;
pub mod rules;
mod suggest;
mod task_type;
mod toml_reader;
mod version;

pub use assignment::Assignment;
pub use item::{Item, ItemKind, NodeName};
pub use objects::{ClusterRole, RoleObjects, TaskSet, TaskTypeEntry};
pub use role::Role;
pub use role_lists::{MisspeltTable, RoleList, RoleLists, UnknownKey};
pub use suggest::closest;
pub use task_type::TaskType;
pub use version::{LayoutRules, ServerVersion};

use crate::source::{Problem, SourceText};
use std::path::Path;
use std::sync::Arc;

/// What a node knows of itself when it reads the layout.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NodeSettings {
    /// `cluster.node-id`.
    pub id: u64,
    /// `STALWART_ROLE`, which only 0.16 reads: the name of a `ClusterRole`. Unset: everything is
    /// enabled (server facts, section 1.3).
    pub role: Option<String>,
    /// `STALWART_PUSH_SHARD`, which only 0.16 reads: counts from 1; unset, 0 or unreadable is the
    /// first shard (server facts, section 1.3).
    pub push_shard: Option<String>,
}

impl NodeSettings {
    /// A node with this id and neither of the two variables.
    pub fn new(id: u64) -> Self {
        Self { id, role: None, push_shard: None }
    }
}

/// A layout as written, with the position of each part of it.
#[derive(Debug, Clone)]
pub struct Layout {
    /// The name by which reports call it.
    pub name: String,
    /// The text that it was read from; all positions are bytes of it.
    pub source: Arc<SourceText>,
    /// 0.16 only: the setting `pushShardsTotal`, at least 1. A JSON layout may hold it; otherwise it
    /// is 1 until the scenario says something else.
    pub push_shards_total: u32,
    content: Content,
}

/// The two forms that layouts have.
#[derive(Debug, Clone)]
enum Content {
    Lists(RoleLists),
    Objects(RoleObjects),
}

impl Layout {
    /// Reads a layout file: JSON when its name ends in `.json` or its text starts as JSON does, TOML
    /// otherwise.
    ///
    /// # Errors
    /// The file is missing, not a file, or not UTF-8; or as for [`Layout::parse`].
    pub fn read_file(name: &str, path: &Path) -> Result<Self, Problem> {
        let shown = path.display();
        let bytes = std::fs::read(path).map_err(|error| {
            Problem::new(
                format!("cannot read layout `{shown}`: {error}"),
                "give the path of a config.toml or of a JSON file",
            )
        })?;
        let text = String::from_utf8(bytes).map_err(|error| {
            let at = error.utf8_error().valid_up_to();
            let message = format!("layout `{shown}` is not UTF-8 text: byte {at} is wrong");
            Problem::new(message, "save the file as UTF-8")
        })?;
        Self::parse(name, SourceText::new(shown.to_string(), text))
    }

    /// Reads a layout from the text of an operator's file. In TOML everything outside
    /// `cluster.roles` is ignored.
    ///
    /// # Errors
    /// The text is neither TOML nor JSON, or has something that the server cannot take for a layout.
    pub fn parse(name: &str, source: Arc<SourceText>) -> Result<Self, Problem> {
        if json_reader::looks_like_json(&source) {
            let (objects, push_shards_total) = json_reader::read(&source)?;
            return Ok(Self { name: name.to_owned(), source, push_shards_total, content: Content::Objects(objects) });
        }
        let lists = toml_reader::read_document(&source)?;
        Ok(Self::of_lists(name, source, lists))
    }

    /// Reads a layout that is written in place in a scenario: `table` is the one that holds
    /// `cluster`. Here the author can be held to the form, so keys that no server knows are errors.
    /// An empty table is the layout in which every node does everything.
    ///
    /// # Errors
    /// As for [`Layout::parse`], and on unknown keys.
    pub fn from_toml_table(
        name: &str,
        source: Arc<SourceText>,
        table: &toml::de::DeTable<'_>,
    ) -> Result<Self, Problem> {
        let lists = toml_reader::read_in_place(&source, table)?;
        Ok(Self::of_lists(name, source, lists))
    }

    fn of_lists(name: &str, source: Arc<SourceText>, lists: RoleLists) -> Self {
        Self { name: name.to_owned(), source, push_shards_total: 1, content: Content::Lists(lists) }
    }

    /// The lists of `[cluster.roles]`, if the layout is of that form.
    pub fn lists(&self) -> Option<&RoleLists> {
        match &self.content {
            Content::Lists(lists) => Some(lists),
            Content::Objects(_) => None,
        }
    }

    /// The `ClusterRole` objects, if the layout is of that form.
    pub fn objects(&self) -> Option<&RoleObjects> {
        match &self.content {
            Content::Lists(_) => None,
            Content::Objects(objects) => Some(objects),
        }
    }

    /// What `node` derives for `role`. A layout of the other form is not read by the server, so with
    /// it every node does everything.
    ///
    /// Push in 0.16 follows the shard alone, because a subscription that is created or renewed after
    /// the start is served whatever the node's role says; [`Layout::push_disabled_at_start`] tells the
    /// rest (server facts, section 1.3).
    pub fn assignment(&self, role: Role, node: &NodeSettings, rules: LayoutRules) -> Assignment {
        match rules {
            LayoutRules::Lists => self.lists().map_or(Assignment::Enabled, |lists| lists.enabled(role, node.id)),
            LayoutRules::Shards => self.lists().map_or(Assignment::Enabled, |lists| lists.sharded(role, node.id)),
            LayoutRules::Objects if role == Role::PushNotifications => {
                objects::push_assignment(node, self.push_shards_total)
            }
            LayoutRules::Objects => match TaskType::of_role(role) {
                Some(task) if self.task_enabled(task, node) => Assignment::Enabled,
                _ => Assignment::Disabled,
            },
        }
    }

    /// Number of shards into which the role's work is divided; 1 if it is not. Shards without a node
    /// count.
    pub fn shard_count(&self, role: Role, rules: LayoutRules) -> u32 {
        match rules {
            LayoutRules::Lists => 1,
            LayoutRules::Shards => self.lists().map_or(1, |lists| lists.shard_count(role)),
            LayoutRules::Objects if role == Role::PushNotifications => self.push_shards_total.max(1),
            LayoutRules::Objects => 1,
        }
    }

    /// Every node id that the layout names, ascending, each once. JSON layouts name none.
    pub fn named_nodes(&self) -> Vec<u64> {
        self.lists().map(RoleLists::named_nodes).unwrap_or_default()
    }

    /// Why `node` would not start, if so: in 0.16 its role has to exist.
    pub fn start_problem(&self, node: &NodeSettings, rules: LayoutRules) -> Option<String> {
        let role = node.role.as_ref().filter(|_| rules == LayoutRules::Objects)?;
        let known = self.objects().is_some_and(|objects| objects.find(role).is_some());
        (!known).then(|| format!("node {} does not start: there is no role named `{role}`", node.id))
    }

    /// 0.16 only: whether the node's role enables a type of task.
    pub fn task_enabled(&self, task: TaskType, node: &NodeSettings) -> bool {
        self.objects().is_none_or(|objects| objects.enables(node.role.as_deref(), task))
    }

    /// 0.16 only: whether the node writes timed tasks to the queue (`taskScheduler`).
    pub fn is_scheduler(&self, node: &NodeSettings) -> bool {
        self.task_enabled(TaskType::TaskScheduler, node)
    }

    /// 0.16 only: whether the node loads no push subscriptions at start because its role disables
    /// `pushNotifications`. It serves later ones all the same (server facts, section 1.3).
    pub fn push_disabled_at_start(&self, node: &NodeSettings) -> bool {
        !self.task_enabled(TaskType::PushNotifications, node)
    }
}
