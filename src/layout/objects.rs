//! `ClusterRole` objects as written, and what a node derives from them (server facts, section 1.3).

use super::{Assignment, NodeSettings, TaskType};
use std::ops::Range;

/// `tasks` of a role: which types of task it enables.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TaskSet {
    /// `EnableAll`
    EnableAll,
    /// `DisableAll`
    DisableAll,
    /// `EnableSome`: those in `taskTypes`.
    EnableSome,
    /// `DisableSome`: all but those in `taskTypes`.
    DisableSome,
}

impl TaskSet {
    /// Every value of `@type`.
    pub const ALL: [Self; 4] = [Self::EnableAll, Self::DisableAll, Self::EnableSome, Self::DisableSome];

    /// The value of `@type`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::EnableAll => "EnableAll",
            Self::DisableAll => "DisableAll",
            Self::EnableSome => "EnableSome",
            Self::DisableSome => "DisableSome",
        }
    }
}

/// An entry of `taskTypes`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaskTypeEntry {
    /// The name as written.
    pub written: String,
    /// The type of that name, if there is one.
    pub task: Option<TaskType>,
    /// Whether its value is `true`, without which it is not in the set.
    pub value: bool,
    /// Where the name is written.
    pub span: Range<usize>,
}

/// One named role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClusterRole {
    /// What `STALWART_ROLE` calls it.
    pub name: String,
    /// Where the name is written.
    pub name_span: Range<usize>,
    /// `@type` of its `tasks`.
    pub set: TaskSet,
    /// Where `tasks` is written.
    pub tasks_span: Range<usize>,
    /// `taskTypes`, if it is an object.
    pub entries: Vec<TaskTypeEntry>,
    /// Where `taskTypes` is written, if it is a list, which the server does not read.
    pub list_span: Option<Range<usize>>,
}

impl ClusterRole {
    /// Whether the role enables a type of task. A `taskTypes` that the server does not read is an
    /// empty set.
    pub fn enables(&self, task: TaskType) -> bool {
        let listed = self.entries.iter().any(|entry| entry.value && entry.task == Some(task));
        match self.set {
            TaskSet::EnableAll => true,
            TaskSet::DisableAll => false,
            TaskSet::EnableSome => listed,
            TaskSet::DisableSome => !listed,
        }
    }
}

/// All roles of a layout.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RoleObjects {
    /// The roles in the order written.
    pub roles: Vec<ClusterRole>,
    /// Where `pushShardsTotal` is written, if it is.
    pub push_shards_span: Option<Range<usize>>,
}

impl RoleObjects {
    /// The first role of this name.
    pub fn find(&self, name: &str) -> Option<&ClusterRole> {
        self.roles.iter().find(|role| role.name == name)
    }

    /// Whether a node with `STALWART_ROLE` = `role` does this type of task. A role that does not exist
    /// keeps the node from starting, so that it does nothing.
    pub(super) fn enables(&self, role: Option<&str>, task: TaskType) -> bool {
        role.is_none_or(|name| self.find(name).is_some_and(|role| role.enables(task)))
    }
}

/// The push shard of a node, from `STALWART_PUSH_SHARD` (counts from 1). A shard beyond the last
/// matches no account.
pub(super) fn push_assignment(node: &NodeSettings, shards: u32) -> Assignment {
    let shard = node.push_shard.as_deref().and_then(|text| text.parse::<u32>().ok()).unwrap_or(0).saturating_sub(1);
    if shard >= shards.max(1) {
        Assignment::Disabled
    } else if shards <= 1 {
        Assignment::Enabled
    } else {
        Assignment::Sharded { shard, shards }
    }
}
