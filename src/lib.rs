//! rolesim: what will this role/shard layout do?

pub mod layout;
pub mod metrics;
pub mod source;
pub mod statistics;
pub mod time;
