//! Traces and importers: small files made here, with answers known beforehand.

mod log;
mod replay;
mod support;
