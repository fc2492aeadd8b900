//! What an importer read, dropped and found.

use super::fitting::FittedTime;
use serde::Serialize;
use std::path::PathBuf;

/// Something counted or measured.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Fact {
    /// What.
    pub name: String,
    /// How much, as text with its unit.
    pub value: String,
}

/// Rows, lines or messages that were not used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Dropped {
    /// Why.
    pub cause: String,
    /// How many.
    pub count: u64,
}

/// The result of an import in words and numbers.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Summary {
    /// What was read and found.
    pub facts: Vec<Fact>,
    /// What was dropped; causes that did not occur are left out.
    pub dropped: Vec<Dropped>,
    /// Distributions of measured times.
    pub fits: Vec<FittedTime>,
    /// What the reader should know of the method.
    pub notes: Vec<String>,
    /// Files written.
    pub files: Vec<PathBuf>,
}

impl Summary {
    /// Adds a fact.
    pub fn fact(&mut self, name: impl Into<String>, value: impl ToString) {
        self.facts.push(Fact { name: name.into(), value: value.to_string() });
    }

    /// Adds what was dropped, if it is anything.
    pub fn dropped(&mut self, cause: impl Into<String>, count: u64) {
        if count > 0 {
            self.dropped.push(Dropped { cause: cause.into(), count });
        }
    }

    /// Adds a note.
    pub fn note(&mut self, note: impl Into<String>) {
        self.notes.push(note.into());
    }
}
