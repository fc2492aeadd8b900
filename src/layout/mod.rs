//! Layouts: which node does which background work.

mod assignment;
mod role;

pub use assignment::Assignment;
pub use role::Role;

/// How a layout is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LayoutRules {
    /// 0.13.
    Lists,
    /// 0.14, 0.15.
    Shards,
    /// 0.16.
    Objects,
}
