//! The result files: [`Tables`] as ten CSV files in a folder, and back.
//!
//! RFC 4180 quoting, lines end in a line feed, a header row even where there are no rows, numbers in the
//! shortest form that reads back to the same value, an empty field for what does not exist. Equal tables
//! give equal bytes. The columns are the fields of the row structs, in their order.

use crate::metrics::rows::{
    BalanceRow, FindingRow, LatencyRow, NodeRow, ObjectiveRow, PushRow, RoleRow, ShardRow, SummaryRow, Tables,
    TimelineRow,
};
use crate::source::{Problem, SourceText};
use serde::de::value::Error as FieldError;
use serde::de::{DeserializeOwned, Error as _, Visitor};
use serde::{Deserializer, Serialize, forward_to_deserialize_any};
use std::fs;
use std::io::{BufWriter, Write};
use std::path::Path;

impl Tables {
    /// Writes the ten files into the folder `dir`, which must exist.
    pub fn write(&self, dir: &Path) -> Result<(), Problem> {
        write_rows::<RoleRow>(dir, "roles.csv", &self.roles)?;
        write_rows::<NodeRow>(dir, "nodes.csv", &self.nodes)?;
        write_rows::<ShardRow>(dir, "shards.csv", &self.shards)?;
        write_rows::<PushRow>(dir, "push.csv", &self.push)?;
        write_rows::<BalanceRow>(dir, "balance.csv", &self.balance)?;
        write_rows::<TimelineRow>(dir, "timeline.csv", &self.timeline)?;
        write_rows::<LatencyRow>(dir, "latency.csv", &self.latency)?;
        write_rows::<SummaryRow>(dir, "summary.csv", &self.summary)?;
        write_rows::<ObjectiveRow>(dir, "objectives.csv", &self.objectives)?;
        write_rows::<FindingRow>(dir, "findings.csv", &self.findings)
    }

    /// Reads the ten files of the folder `dir`. An error names the file and the line.
    pub fn read(dir: &Path) -> Result<Self, Problem> {
        Ok(Self {
            roles: read_rows(dir, "roles.csv")?,
            nodes: read_rows(dir, "nodes.csv")?,
            shards: read_rows(dir, "shards.csv")?,
            push: read_rows(dir, "push.csv")?,
            balance: read_rows(dir, "balance.csv")?,
            timeline: read_rows(dir, "timeline.csv")?,
            latency: read_rows(dir, "latency.csv")?,
            summary: read_rows(dir, "summary.csv")?,
            objectives: read_rows(dir, "objectives.csv")?,
            findings: read_rows(dir, "findings.csv")?,
        })
    }
}

/// Writes rows with the names of their fields as the header into the file `name` of the folder `dir`.
///
/// # Errors
/// The file could not be written.
pub fn write_rows<T: Serialize + DeserializeOwned>(dir: &Path, name: &str, rows: &[T]) -> Result<(), Problem> {
    let path = dir.join(name);
    let failed = |error: &dyn std::fmt::Display| {
        Problem::machine(
            format!("{}: cannot be written: {error}", path.display()),
            "is there room, and may you write there?",
        )
    };
    let file = fs::File::create(&path).map_err(|e| failed(&e))?;
    let mut writer = ::csv::WriterBuilder::new().has_headers(false).from_writer(BufWriter::new(file));
    writer.write_record(columns::<T>()).map_err(|e| failed(&e))?;
    for row in rows {
        writer.serialize(row).map_err(|e| failed(&e))?;
    }
    let mut file = writer.into_inner().map_err(|e| failed(&e))?;
    file.flush().map_err(|e| failed(&e))
}

pub(super) fn read_rows<T: DeserializeOwned>(dir: &Path, name: &str) -> Result<Vec<T>, Problem> {
    let path = dir.join(name);
    let shown = path.display();
    let text = fs::read_to_string(&path).map_err(|error| {
        Problem::new(format!("{shown}: cannot be read: {error}"), "name a folder that `rolesim run` wrote")
    })?;
    let mut reader = ::csv::Reader::from_reader(text.as_bytes());
    reader
        .deserialize()
        .map(|row| {
            row.map_err(|error: ::csv::Error| {
                let start = error.position().map_or(0, |p| p.byte() as usize);
                let start =
                    start + text[start.min(text.len())..].len() - text[start.min(text.len())..].trim_start().len();
                let end = text[start..].find('\n').map_or(text.len(), |i| start + i);
                let source = SourceText::new(shown.to_string(), text.clone());
                let help = format!("the columns of {name} are {}", columns::<T>().join(", "));
                Problem::at(&source, start..end, reason(&error), help)
            })
        })
        .collect()
}

/// What a CSV error says, without the position (which the problem has in its own form).
fn reason(error: &::csv::Error) -> String {
    match error.kind() {
        ::csv::ErrorKind::Deserialize { err, .. } => match err.field() {
            Some(field) => format!("field {}: {}", field + 1, err.kind()),
            None => err.kind().to_string(),
        },
        ::csv::ErrorKind::UnequalLengths { expected_len, len, .. } => {
            format!("{len} fields where the header has {expected_len}")
        }
        _ => error.to_string(),
    }
}

/// The names of the fields of the struct `T`, in their order; none if `T` is not a struct.
fn columns<T: DeserializeOwned>() -> &'static [&'static str] {
    let mut names: &'static [&'static str] = &[];
    // Ends in an error always: it is only asked for its fields.
    let _asked = T::deserialize(FieldNames(&mut names));
    names
}

/// A deserializer that notes the fields that a struct asks for, and gives none.
struct FieldNames<'a>(&'a mut &'static [&'static str]);

impl<'de> Deserializer<'de> for FieldNames<'_> {
    type Error = FieldError;

    fn deserialize_any<V: Visitor<'de>>(self, _visitor: V) -> Result<V::Value, FieldError> {
        Err(FieldError::custom("not a struct"))
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        fields: &'static [&'static str],
        _visitor: V,
    ) -> Result<V::Value, FieldError> {
        *self.0 = fields;
        Err(FieldError::custom("only the names are wanted"))
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 u8 u16 u32 u64 f32 f64 char str string bytes byte_buf option unit
        unit_struct newtype_struct seq tuple tuple_struct map enum identifier ignored_any
    }
}
