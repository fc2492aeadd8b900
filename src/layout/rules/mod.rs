//! Faults of a layout that show without simulating.

use super::{Layout, LayoutRules, NodeSettings, Role};
use std::ops::Range;

/// How bad a finding is; worst first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// The layout does something that nobody wants.
    Error,
    /// The layout does less, or costs more, than it seems.
    Warning,
    /// Worth knowing.
    Note,
}

/// One fault of a layout.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The rule that found it.
    pub rule: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// The role concerned, if it is one.
    pub role: Option<Role>,
    /// The shard concerned, from 0, if it is one.
    pub shard: Option<u32>,
    /// What is so, with numbers.
    pub message: String,
    /// What would be right.
    pub help: String,
    /// Bytes of the layout's source.
    pub span: Option<Range<usize>>,
    /// The line as it should be.
    pub fixed_line: Option<String>,
}

/// A node as far as the rules look at it.
#[derive(Debug, Clone, PartialEq)]
pub struct NodeInfo {
    /// What the node knows of itself.
    pub settings: NodeSettings,
    /// Weight at the load balancer; 0 = receives no mail.
    pub mail_share: f64,
    /// Cores times speed of a core.
    pub strength: f64,
}

/// What the rules look at.
#[derive(Debug, Clone, Copy)]
pub struct CheckContext<'a> {
    /// The layout.
    pub layout: &'a Layout,
    /// How it is read.
    pub rules: LayoutRules,
    /// The server's version, such as `0.14.1` or `documented`.
    pub version: &'a str,
    /// The nodes of the cluster.
    pub nodes: &'a [NodeInfo],
}

/// Every finding, worst first, then in the order of the text.
pub fn check(_context: &CheckContext) -> Vec<Finding> {
    Vec::new()
}
