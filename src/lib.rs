//! rolesim: what will this role/shard layout do?

pub mod cli;
pub mod layout;
pub mod metrics;
pub mod source;
pub mod time;
