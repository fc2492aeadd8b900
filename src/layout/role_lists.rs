//! `[cluster.roles]` as written, and what a node derives from it.

use super::version::is_role_of_lists;
use super::{Assignment, Item, Role};
use std::ops::Range;

/// The list of one role.
#[derive(Debug, Clone)]
pub struct RoleList {
    /// The role.
    pub role: Role,
    /// Where its key is written (the first time, if in several parts).
    pub key_span: Range<usize>,
    /// Where its values are written: one list or plain value in every usual spelling, none if the key
    /// is an empty table.
    pub value_spans: Vec<Range<usize>>,
    /// Keys below the role's own, other than a repetition of its name, which the documentation uses.
    pub inner_keys: Vec<Range<usize>>,
    /// All items, in the server's order.
    pub items: Vec<Item>,
}

impl RoleList {
    /// The items that the server takes for shards.
    pub fn shards(&self) -> impl Iterator<Item = &Item> {
        self.items.iter().filter(|item| item.is_read())
    }
}

/// A key under `cluster.roles` that no server knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownKey {
    /// The key below `cluster.roles`.
    pub key: String,
    /// Where it is written.
    pub span: Range<usize>,
}

/// A table with roles that is nearly, and so not, `cluster.roles`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MisspeltTable {
    /// Its path as written.
    pub path: String,
    /// The part of the path that is wrong.
    pub span: Range<usize>,
    /// What that part should be, if one part is wrong.
    pub instead: Option<&'static str>,
    /// The nodes that its lists name.
    pub nodes: Vec<u64>,
}

/// The lists of all roles.
#[derive(Debug, Clone, Default)]
pub struct RoleLists {
    pub(super) lists: Vec<RoleList>,
    pub(super) unknown: Vec<UnknownKey>,
    pub(super) misspelt: Vec<MisspeltTable>,
}

impl RoleLists {
    /// The role's list; `None` if its key is absent.
    pub fn get(&self, role: Role) -> Option<&RoleList> {
        self.lists.iter().find(|list| list.role == role)
    }

    /// The lists in the order written.
    pub fn iter(&self) -> impl Iterator<Item = &RoleList> {
        self.lists.iter()
    }

    /// Keys that the server ignores because no version knows them.
    pub fn unknown_keys(&self) -> &[UnknownKey] {
        &self.unknown
    }

    /// Tables that were meant to be `cluster.roles`.
    pub fn misspelt_tables(&self) -> &[MisspeltTable] {
        &self.misspelt
    }

    /// 0.13: a listed node is enabled; so is every node if no item can be read, and for roles that
    /// 0.13 does not have (server facts, section 1.2). Each item is read as one integer, so that
    /// `"1,4"` is dropped.
    pub(super) fn enabled(&self, role: Role, node: u64) -> Assignment {
        let Some(list) = self.get(role).filter(|_| is_role_of_lists(role)) else {
            return Assignment::Enabled;
        };
        let mut ids = list.items.iter().filter_map(Item::single_id).peekable();
        if ids.peek().is_none() || ids.any(|id| id == node) { Assignment::Enabled } else { Assignment::Disabled }
    }

    /// 0.14 and 0.15: the first item that names the node is its shard; one item is not divided; no
    /// item is the same as no key (server facts, section 1.1).
    pub(super) fn sharded(&self, role: Role, node: u64) -> Assignment {
        let shards = self.shard_items(role);
        if shards == 0 {
            return Assignment::Enabled;
        }
        let position = self.get(role).and_then(|list| list.shards().position(|item| item.names(node)));
        match position {
            None => Assignment::Disabled,
            Some(_) if shards == 1 => Assignment::Enabled,
            Some(shard) => Assignment::Sharded { shard: saturating_u32(shard), shards },
        }
    }

    pub(super) fn shard_count(&self, role: Role) -> u32 {
        self.shard_items(role).max(1)
    }

    fn shard_items(&self, role: Role) -> u32 {
        saturating_u32(self.get(role).map_or(0, |list| list.shards().count()))
    }

    pub(super) fn named_nodes(&self) -> Vec<u64> {
        let mut ids: Vec<u64> = self.lists.iter().flat_map(|list| &list.items).flat_map(Item::ids).collect();
        ids.extend(self.misspelt.iter().flat_map(|table| &table.nodes));
        ids.sort_unstable();
        ids.dedup();
        ids
    }
}

fn saturating_u32(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
