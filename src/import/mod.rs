//! Importers: from files of other programs to traces and measured parameters. One importer a file.
//!
//! Each reads its files row by row, counts what it drops and why, and returns what it found; nothing is printed here,
//! and nothing but the result's own files is written. In the order of use: an importer reads ([`log`], [`failures`],
//! [`edges`], [`mail`]), [`fitting`] chooses distributions for measured times, [`trace`] writes message and failure
//! traces, [`scenario`] a scenario around them, [`summary`] says what was done.

pub mod edges;
pub mod failures;
pub mod fitting;
pub mod log;
pub mod mail;
pub mod outages;
pub mod population;
pub mod scenario;
pub mod summary;
pub mod trace;
