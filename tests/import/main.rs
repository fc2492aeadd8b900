//! Traces and importers: small files made here, with answers known beforehand.

mod replay;
mod support;
