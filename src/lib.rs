//! rolesim: what will this role/shard layout do?
//!
//! Data goes one way: scenario and layout files, experiment (layouts times replications), simulation, records,
//! statistics, report. A module knows only the modules before it.

pub mod cli;
pub mod cluster;
pub mod engine;
pub mod experiment;
pub mod faults;
pub mod import;
pub mod input;
pub mod layout;
pub mod metrics;
pub mod report;
pub mod scenario;
pub mod server;
pub mod source;
pub mod statistics;
pub mod time;
pub mod workload;
