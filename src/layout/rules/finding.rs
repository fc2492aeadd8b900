//! What a rule finds, and what it is given.

use super::registry::Rule;
use crate::layout::{Layout, LayoutRules, NodeSettings, Role};
use std::fmt;
use std::ops::Range;

/// How bad a finding is; worst first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// The layout does what nobody wants: duplicates, lost work, a key that has no effect.
    Error,
    /// The layout covers less, or costs more, than it seems.
    Warning,
    /// Worth knowing.
    Note,
}

impl Severity {
    /// `error`, `warning` or `note`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Note => "note",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
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
    /// The shard concerned, from 0, if it is one. Messages count from 1, as the documentation does.
    pub shard: Option<u32>,
    /// What is so, and what follows, with numbers.
    pub message: String,
    /// What would be right.
    pub help: String,
    /// Bytes of the layout's source; `None` if it is about what is not written.
    pub span: Option<Range<usize>>,
    /// The line as it should be, where one can be written without guessing.
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

impl NodeInfo {
    /// A node like all others: one share of the mail, strength 1.
    pub fn new(id: u64) -> Self {
        Self { settings: NodeSettings::new(id), mail_share: 1.0, strength: 1.0 }
    }
}

/// What the rules look at.
#[derive(Debug, Clone, Copy)]
pub struct CheckContext<'a> {
    /// The layout.
    pub layout: &'a Layout,
    /// How it is read.
    pub rules: LayoutRules,
    /// The server's version, such as `0.14.1` or `documented`. One that is not known is taken for
    /// the oldest with the same `rules`.
    pub version: &'a str,
    /// The nodes of the cluster.
    pub nodes: &'a [NodeInfo],
}

impl Rule {
    pub(super) fn error(&self, message: String) -> Finding {
        self.finding(Severity::Error, message)
    }

    pub(super) fn warning(&self, message: String) -> Finding {
        self.finding(Severity::Warning, message)
    }

    pub(super) fn note(&self, message: String) -> Finding {
        self.finding(Severity::Note, message)
    }

    fn finding(&self, severity: Severity, message: String) -> Finding {
        Finding {
            rule: self.id,
            severity,
            role: None,
            shard: None,
            message,
            help: self.mend.to_owned(),
            span: None,
            fixed_line: None,
        }
    }
}

impl Finding {
    pub(super) fn about(mut self, role: Role) -> Self {
        self.role = Some(role);
        self
    }

    pub(super) fn in_shard(mut self, shard: u32) -> Self {
        self.shard = Some(shard);
        self
    }

    pub(super) fn at(mut self, span: Option<Range<usize>>) -> Self {
        self.span = span;
        self
    }

    pub(super) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = help.into();
        self
    }

    pub(super) fn mended(mut self, line: Option<String>) -> Self {
        self.fixed_line = line;
        self
    }
}
