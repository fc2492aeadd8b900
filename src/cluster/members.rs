//! The nodes of each shard.

use std::ops::Index;

/// Indexes of the nodes of each shard, those of all shards in a row: with many shards, a list for each would be far away.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Members {
    nodes: Vec<u16>,
    /// Where each shard's nodes begin, and where the last one's end.
    starts: Vec<u32>,
}

impl Members {
    /// Number of shards.
    pub fn len(&self) -> usize {
        self.starts.len().saturating_sub(1)
    }

    /// Whether there are no shards.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The nodes of each shard.
    pub fn iter(&self) -> impl Iterator<Item = &[u16]> {
        (0..self.len()).map(|shard| &self[shard])
    }
}

impl Index<usize> for Members {
    type Output = [u16];

    #[inline]
    fn index(&self, shard: usize) -> &[u16] {
        &self.nodes[self.starts[shard] as usize..self.starts[shard + 1] as usize]
    }
}

impl<T: AsRef<[u16]>> FromIterator<T> for Members {
    fn from_iter<I: IntoIterator<Item = T>>(shards: I) -> Self {
        let mut members = Self { nodes: Vec::new(), starts: vec![0] };
        for shard in shards {
            members.nodes.extend_from_slice(shard.as_ref());
            members.starts.push(members.nodes.len() as u32);
        }
        members
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shards_keep_their_nodes() {
        let shards: [&[u16]; 3] = [&[4, 1], &[], &[2]];
        let members: Members = shards.iter().collect();
        assert_eq!(members.len(), 3);
        assert!(members.iter().eq(shards));
        assert!(Members::default().is_empty());
    }
}
