//! rolesim: what will this role/shard layout do?

pub mod layout;
pub mod metrics;
pub mod report;
pub mod source;
pub mod time;
