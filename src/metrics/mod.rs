//! What is recorded in a run.

pub mod rows;
