//! Layouts: which node does which background work.

mod assignment;
mod role;

pub use assignment::Assignment;
pub use role::Role;
