//! Tables of messages with one row per recipient: time, sender, recipient.
//!
//! In order: rows are read; rows that say the same are taken once; rows of one sender and time are one message; recipients
//! become accounts ([`Population`]).

use super::population::{Message, Population, is_within};
use super::summary::Summary;
use crate::input::{Moment, Row, Table, TimeFormat};
use crate::source::Problem;
use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Names under which the columns are looked for.
const TIME_NAMES: [&str; 5] = ["time", "date", "timestamp", "time_s", "ts"];
const FROM_NAMES: [&str; 5] = ["from", "from_vertex", "sender", "source", "src"];
const TO_NAMES: [&str; 6] = ["to", "to_vertex", "recipient", "target", "dst", "rcpt"];

/// What to read, and how.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Options {
    /// The file.
    pub path: PathBuf,
    /// Columns of time, sender and recipient.
    pub columns: Option<[String; 3]>,
    /// How times are written.
    pub time_format: TimeFormat,
    /// Earlier messages are left out.
    pub from: Option<Moment>,
    /// Messages at or after this are left out.
    pub until: Option<Moment>,
}

/// Messages of a table.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Edges {
    /// Rows of the file.
    pub rows: u64,
    /// Rows outside of the span that was asked for.
    pub outside: u64,
    /// Rows without a sender or a recipient.
    pub incomplete: u64,
    /// Rows that say the same as another one.
    pub repeated: u64,
    /// The messages.
    pub population: Population,
}

/// Reads a table of messages.
///
/// # Errors
/// A column is missing, a time cannot be read, or no message is left.
pub fn read(options: &Options, progress: &dyn Fn(u64)) -> Result<Edges, Problem> {
    let mut table = Table::open(&options.path, progress)?;
    let [time, from, to] = columns(&table, options)?;
    let mut found = Edges::default();
    let mut messages: BTreeMap<(Moment, String), BTreeSet<String>> = BTreeMap::new();
    let mut row = Row::default();
    while table.next(&mut row)? {
        found.rows += 1;
        let field = row.field(time);
        let at = options.time_format.parse(field).ok_or_else(|| {
            let help = format!("expected is {}; say --time-format", options.time_format.expected());
            table.problem(&row, time, format!("`{field}` is no time"), help)
        })?;
        if !is_within(at, options.from, options.until) {
            found.outside += 1;
        } else if row.field(from).is_empty() || row.field(to).is_empty() {
            found.incomplete += 1;
        } else {
            let recipients = messages.entry((at, row.field(from).to_string())).or_default();
            found.repeated += u64::from(!recipients.insert(row.field(to).to_string()));
        }
    }
    if messages.is_empty() {
        let message = format!("{}: no message is left of {} rows", options.path.display(), found.rows);
        return Err(Problem::new(message, "give other --from and --until, or another file"));
    }
    let messages = messages.into_iter().map(|((at, sender), recipients)| Message {
        at,
        sender,
        recipients: recipients.into_iter().collect(),
        size_bytes: None,
    });
    found.population = Population::new(messages.collect());
    Ok(found)
}

fn columns(table: &Table, options: &Options) -> Result<[usize; 3], Problem> {
    if let Some([time, from, to]) = &options.columns {
        return Ok([table.column(time)?, table.column(from)?, table.column(to)?]);
    }
    let one = |names: &[&str]| {
        table.find(names).ok_or_else(|| {
            let help = format!("say --columns TIME,FROM,TO; the columns are {}", table.header.join(", "));
            table.header_problem(0, format!("no column is called one of {}", names.join(", ")), help)
        })
    };
    Ok([one(&TIME_NAMES)?, one(&FROM_NAMES)?, one(&TO_NAMES)?])
}

impl Edges {
    /// What was read, dropped and found.
    pub fn summary(&self, path: &Path) -> Summary {
        let mut summary = Summary::default();
        summary.fact(path.display().to_string(), format!("{} rows", self.rows));
        self.population.describe(&mut summary);
        summary.dropped("rows outside of --from and --until", self.outside);
        summary.dropped("rows without a sender or a recipient", self.incomplete);
        summary.dropped("rows that say the same as another one", self.repeated);
        summary.note("rows of one sender and one time are one message");
        summary
    }
}
