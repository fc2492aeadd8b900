//! CSV tables with a header row, read row by row.

use super::open::{Reader, cannot_read, open};
use crate::layout::closest;
use crate::source::{Problem, SourceText};
use csv::ByteRecord;
use std::io::{BufRead as _, Read as _};
use std::ops::Range;
use std::path::{Path, PathBuf};

/// A table that is read from its start to its end.
pub struct Table<'a> {
    path: PathBuf,
    /// Name of the file in messages.
    name: String,
    reader: csv::Reader<Reader<'a>>,
    /// Names of the columns.
    pub header: Vec<String>,
}

/// A row: its fields, and where it is.
#[derive(Debug, Default, Clone)]
pub struct Row {
    record: ByteRecord,
}

impl Row {
    /// The field of a column without spaces around it; empty if the row has no such field or it is not UTF-8.
    pub fn field(&self, column: usize) -> &str {
        self.record.get(column).and_then(|bytes| std::str::from_utf8(bytes).ok()).map_or("", str::trim)
    }

    /// Line of the file (from 1) on which the row starts.
    pub fn line(&self) -> u64 {
        self.record.position().map_or(0, csv::Position::line)
    }
}

impl<'a> Table<'a> {
    /// Opens a file; `progress` as for [`open`].
    ///
    /// # Errors
    /// The file cannot be read or has no header row.
    pub fn open(path: &Path, progress: &'a dyn Fn(u64)) -> Result<Self, Problem> {
        let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(open(path, progress)?);
        let header = reader.byte_headers().map_err(|error| csv_problem(path, error))?;
        let header: Vec<String> = header.iter().map(|name| String::from_utf8_lossy(name).trim().to_string()).collect();
        let name = path.display().to_string();
        if header.iter().all(String::is_empty) {
            return Err(Problem::new(format!("`{name}` is empty"), "give a CSV file with a header row"));
        }
        Ok(Self { path: path.to_path_buf(), name, reader, header })
    }

    /// Index of the first of `names` that is a column, whatever its case.
    pub fn find(&self, names: &[&str]) -> Option<usize> {
        names.iter().find_map(|name| self.header.iter().position(|column| column.eq_ignore_ascii_case(name)))
    }

    /// Index of a column that must be there.
    ///
    /// # Errors
    /// There is none; the message names the columns that there are.
    pub fn column(&self, name: &str) -> Result<usize, Problem> {
        self.find(&[name]).ok_or_else(|| {
            let known = self.header.join(", ");
            let help = match closest(name, self.header.iter().map(String::as_str)) {
                Some(near) => format!("did you mean `{near}`? the columns are {known}"),
                None => format!("the columns are {known} (they are separated by commas)"),
            };
            self.header_problem(0, format!("there is no column `{name}`"), help)
        })
    }

    /// Reads the next row; `false` at the end.
    ///
    /// # Errors
    /// The file cannot be read to its end.
    pub fn next(&mut self, row: &mut Row) -> Result<bool, Problem> {
        self.reader.read_byte_record(&mut row.record).map_err(|error| csv_problem(&self.path, error))
    }

    /// Refuses a row with more fields than the header has columns.
    ///
    /// # Errors
    /// At the first field too many.
    pub fn refuse_more_fields(&self, row: &Row) -> Result<(), Problem> {
        let (found, columns) = (row.record.len(), self.header.len());
        if found <= columns {
            return Ok(());
        }
        let message = format!("the row has {found} fields, the header {columns}");
        Err(self.problem(row, columns, message, "remove what is too many, or put a field that has commas in quotes"))
    }

    /// An error in the header, at a column (from 0).
    pub fn header_problem(&self, column: usize, message: impl Into<String>, help: impl Into<String>) -> Problem {
        self.at(0, column, message.into(), help.into())
    }

    /// An error in a field of a row.
    pub fn problem(&self, row: &Row, column: usize, message: impl Into<String>, help: impl Into<String>) -> Problem {
        let offset = row.record.position().map_or(0, csv::Position::byte);
        self.at(offset, column, message.into(), help.into())
    }

    /// The place of a field is found by reading the file again up to its row, so that nothing has to be kept.
    fn at(&self, offset: u64, column: usize, message: String, help: String) -> Problem {
        let Some((text, span)) = self.locate(offset, column) else {
            return Problem::new(format!("{}: {message}", self.name), help);
        };
        Problem::at(&SourceText::new(self.name.clone(), text), span, message, help)
    }

    fn locate(&self, offset: u64, column: usize) -> Option<(String, Range<usize>)> {
        let mut reader = open(&self.path, &|_| {}).ok()?;
        let mut before = Vec::new();
        reader.by_ref().take(offset).read_to_end(&mut before).ok()?;
        let mut line = Vec::new();
        // A row may be preceded by empty lines and the rest of a line end.
        while line.iter().all(|byte| matches!(byte, b'\r' | b'\n')) {
            before.append(&mut line);
            if reader.read_until(b'\n', &mut line).ok()? == 0 {
                break;
            }
        }
        let field = field_span(&line, column);
        let mut text = String::from_utf8_lossy(&before).into_owned();
        let start = text.len() + String::from_utf8_lossy(&line[..field.start]).len();
        let end = start + String::from_utf8_lossy(&line[field]).len();
        text.push_str(&String::from_utf8_lossy(&line));
        Some((text, start..end))
    }
}

/// Bytes of a field of a line; the end of the line if it has too few.
fn field_span(line: &[u8], column: usize) -> Range<usize> {
    let end = line.iter().rposition(|byte| !matches!(byte, b'\r' | b'\n')).map_or(0, |last| last + 1);
    let (mut number, mut start, mut is_quoted) = (0, 0, false);
    for (place, byte) in line[..end].iter().enumerate() {
        match byte {
            b'"' => is_quoted = !is_quoted,
            b',' if !is_quoted && number == column => return start..place,
            b',' if !is_quoted => (number, start) = (number + 1, place + 1),
            _ => {}
        }
    }
    if number == column { start..end } else { end..end }
}

fn csv_problem(path: &Path, error: csv::Error) -> Problem {
    match error.into_kind() {
        csv::ErrorKind::Io(error) => cannot_read(path, &error),
        other => Problem::new(format!("{}: {other:?}", path.display()), "give a CSV file with a header row"),
    }
}
