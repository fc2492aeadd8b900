//! One item of a role's list: a text or a number that should hold node ids.

use std::ops::Range;

/// How an item is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ItemKind {
    /// `"1,4"`
    Text,
    /// `1`
    Integer,
    /// `4.0`, `true`: the server keeps what is written, which is no node id.
    Other,
}

/// A node id in an item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NodeName {
    /// The id.
    pub id: u64,
    /// Where it is written.
    pub span: Range<usize>,
}

/// One item of a role's list, which from 0.14 on is one shard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// The key under which the server files it; its order is the order of the items.
    pub key: String,
    /// What is written, without quotes.
    pub written: String,
    /// How it is written.
    pub kind: ItemKind,
    /// Where, with quotes.
    pub span: Range<usize>,
    /// The node ids in the order written, or why the server drops the item.
    pub nodes: Result<Vec<NodeName>, String>,
    /// Whether it is an item of a list inside a list.
    pub in_inner_list: bool,
}

impl Item {
    /// Reads an item as 0.14 does: `written` split at commas, blanks trimmed, each part an integer of
    /// 64 bits without sign (server facts, section 1.1). `raw` is the item as it stands in the text.
    pub(super) fn read(key: String, written: String, kind: ItemKind, span: Range<usize>, raw: &str) -> Self {
        let quotes = raw.len().saturating_sub(written.len());
        let verbatim_start = raw.find(written.as_str()).filter(|_| quotes <= 2);
        let nodes = read_ids(&written, &span, verbatim_start);
        Self { key, written, kind, span, nodes, in_inner_list: false }
    }

    /// The item's node ids; none if the server drops it.
    pub fn ids(&self) -> impl Iterator<Item = u64> + '_ {
        self.nodes.iter().flatten().map(|node| node.id)
    }

    /// Whether the server (0.14 and later) takes the item for a shard.
    pub fn is_read(&self) -> bool {
        self.nodes.is_ok()
    }

    /// Whether the item names the node.
    pub fn names(&self, node: u64) -> bool {
        self.ids().any(|id| id == node)
    }

    /// The one node that 0.13 takes the item for. It reads each item as one integer, so that a list
    /// of several in a text is dropped.
    pub fn single_id(&self) -> Option<u64> {
        self.written.parse().ok()
    }
}

fn read_ids(written: &str, span: &Range<usize>, verbatim_start: Option<usize>) -> Result<Vec<NodeName>, String> {
    let mut nodes = Vec::new();
    let mut offset = 0;
    for part in written.split(',') {
        let trimmed = part.trim();
        let id = trimmed.parse().map_err(|_| fault(written, trimmed))?;
        let blanks = part.len() - part.trim_start().len();
        let place = verbatim_start.map_or(span.clone(), |start| {
            let start = span.start + start + offset + blanks;
            start..start + trimmed.len()
        });
        nodes.push(NodeName { id, span: place });
        offset += part.len() + 1;
    }
    Ok(nodes)
}

/// Why `part` of `written` is not a node id.
fn fault(written: &str, part: &str) -> String {
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if written.trim().is_empty() {
        "it is empty".to_owned()
    } else if part.is_empty() {
        "it has a comma too many".to_owned()
    } else if is_number(part) {
        format!("`{part}` is larger than 64 bits hold")
    } else if part.split_once('-').is_some_and(|(from, to)| is_number(from.trim()) && is_number(to.trim())) {
        format!("`{part}` is a range, which the server does not know")
    } else {
        format!("`{part}` is not a node id")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(written: &str) -> Item {
        let raw = format!("\"{written}\"");
        Item::read("key".to_owned(), written.to_owned(), ItemKind::Text, 10..10 + raw.len(), &raw)
    }

    #[test]
    fn ids_have_positions_and_blanks_do_not_matter() {
        let item = text(" 1, 44 ,0");
        assert_eq!(item.ids().collect::<Vec<_>>(), [1, 44, 0]);
        let spans: Vec<_> = item.nodes.iter().flatten().map(|node| node.span.clone()).collect();
        assert_eq!(spans, [12..13, 15..17, 19..20]);
    }

    #[test]
    fn what_is_not_an_integer_is_dropped() {
        for wrong in ["", " ", "1,", ",1", "0-1000", "one", "1;2", "-1", "1.5", "0x10", "18446744073709551616"] {
            assert!(!text(wrong).is_read(), "{wrong}");
        }
        assert_eq!(text("18446744073709551615").ids().collect::<Vec<_>>(), [u64::MAX]);
    }

    #[test]
    fn version_0_13_reads_one_integer_an_item() {
        assert_eq!(text("3").single_id(), Some(3));
        assert_eq!(text("1,4").single_id(), None);
    }
}
