//! Traces and importers: small files made here, with answers known beforehand.

mod command;
mod edges;
mod failures;
mod log;
mod mail;
mod replay;
mod support;
mod written;
