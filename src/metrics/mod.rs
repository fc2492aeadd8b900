//! What is recorded in a run, and the rows of the files that it becomes.

pub mod catalog;
pub mod latencies;
pub mod live;
pub mod record;
pub mod rows;
pub mod story;
pub mod verdicts;
