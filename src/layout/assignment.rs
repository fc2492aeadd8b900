//! What one node derives from a role's list of shards.

/// A node's own view of one role (server facts, section 1.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Assignment {
    /// The node does all of the role's work.
    Enabled,
    /// The node does the work of shard `shard` (from 0) of `shards`.
    Sharded {
        /// Position of the first item that names the node.
        shard: u32,
        /// Number of items.
        shards: u32,
    },
    /// The node does nothing of the role.
    Disabled,
}

impl Assignment {
    /// Whether the node serves the item with hash or account id `key`.
    pub const fn serves(self, key: u64) -> bool {
        match self {
            Self::Enabled => true,
            Self::Sharded { shard, shards } => key % shards as u64 == shard as u64,
            Self::Disabled => false,
        }
    }

    /// Whether the node does any of the role's work.
    pub const fn is_enabled(self) -> bool {
        !matches!(self, Self::Disabled)
    }
}
