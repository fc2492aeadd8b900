//! Files that users hand over: opened whatever they are compressed with, read as tables, times understood.
//!
//! [`open`] finds gzip, xz and zstd by the first bytes of a file, not by its name. [`Table`] reads CSV with a header
//! row and gives every error the file's line and column. [`TimeFormat`] reads dates and times. This module knows
//! nothing of mail, nodes or scenarios; traces and importers are built on it.

mod clock;
mod open;
mod table;

pub use clock::{Moment, NANOS, TimeFormat};
pub use open::{Reader, file_bytes, open};
pub use table::{Row, Table};
