//! Traces: messages (`[workload] replay`) and failures (`[[fault]] trace`) at recorded times.
//!
//! A trace is a CSV file with a header, plain or compressed (gzip, xz, zstd). Times are seconds of the measured span or
//! RFC 3339, counted from the scenario's start. What lies before the warm-up or after the drain is not simulated; a
//! trace with no message in the measured span is an error.

use super::nodes::Nodes;
use super::reader::Place;
use super::wire;
use super::wire::Spanned;
use crate::faults::{Fault, RecordedOutages};
use crate::input::{Moment, NANOS, Row, Table, TimeFormat};
use crate::source::Problem;
use crate::time::{SimDuration, SimTime};
use crate::workload::{FollowUps, RecordedMessage, Recording, Workload};
use std::ops::Range;
use std::sync::Arc;
use xxhash_rust::xxh3::Xxh3;

/// More copies than this are taken for a slip.
const MAX_COPIES: f64 = 10_000.0;
/// Most messages of a trace with all its copies.
const MAX_MESSAGES: f64 = 1e8;
/// Times further from the start than this are taken for a slip: 100 years.
const LONGEST_S: f64 = 3.2e9;

/// When the scenario happens.
pub(super) struct Clock {
    start: Option<Moment>,
    written: String,
    warmup: SimDuration,
    duration: SimDuration,
    drain: SimDuration,
}

impl Clock {
    pub fn new(start: &str, warmup: SimDuration, duration: SimDuration, drain: SimDuration) -> Self {
        Self { start: TimeFormat::Auto.parse(start), written: start.into(), warmup, duration, drain }
    }

    /// The simulation's time of a nanosecond of the measured span, if it is simulated at all.
    fn at(&self, nanos: i64) -> Option<SimTime> {
        let origin = SimTime::ZERO + self.warmup;
        let distance = SimDuration::from_nanos(nanos.unsigned_abs());
        let at = if nanos < 0 { (distance <= self.warmup).then(|| origin - distance)? } else { origin + distance };
        (at < origin + self.duration + self.drain).then_some(at)
    }
}

/// A column of times: of the measured span in seconds, or of the calendar.
struct TimeColumn {
    column: usize,
    is_seconds: bool,
}

impl TimeColumn {
    fn find(table: &Table, seconds: &str, calendar: &str) -> Result<Self, Problem> {
        match (table.find(&[seconds]), table.find(&[calendar])) {
            (Some(_), Some(second)) => {
                let message = format!("the trace has both `{seconds}` and `{calendar}`");
                Err(table.header_problem(second, message, "keep one of the two columns"))
            }
            (Some(column), None) => Ok(Self { column, is_seconds: true }),
            (None, Some(column)) => Ok(Self { column, is_seconds: false }),
            (None, None) => table.column(seconds).map_err(|problem| Problem {
                help: format!(
                    "name a column `{seconds}` (seconds of the measured span) or `{calendar}` (RFC 3339); the columns are {}",
                    table.header.join(", ")
                ),
                ..problem
            }).map(|column| Self { column, is_seconds: true }),
        }
    }

    /// Seconds from the start of the measured span.
    fn second(&self, table: &Table, row: &Row, clock: &Clock) -> Result<f64, Problem> {
        let field = row.field(self.column);
        let wrong = |help: &str| {
            let name = &table.header[self.column];
            let found = if field.is_empty() { format!("`{name}` is empty") } else { format!("`{field}` is no {name}") };
            table.problem(row, self.column, found, help)
        };
        let second = if self.is_seconds {
            field.parse().map_err(|_| wrong("give a number of seconds, such as 12.5"))?
        } else {
            let help = "give a time such as 2026-03-02T09:30:00.5Z";
            TimeFormat::Auto
                .parse(field)
                .zip(clock.start)
                .ok_or_else(|| wrong(help))
                .map(|(at, start)| at.seconds_since(start))?
        };
        if f64::abs(second) < LONGEST_S { Ok(second) } else { Err(wrong("it is more than 100 years from the start")) }
    }

    /// Nanoseconds from the start of the measured span, exact to the nanosecond if they are written so.
    fn nanos(&self, table: &Table, row: &Row, clock: &Clock) -> Result<i64, Problem> {
        let second = self.second(table, row, clock)?;
        let field = row.field(self.column);
        let exact = if self.is_seconds {
            decimal_nanos(field)
        } else {
            TimeFormat::Auto.parse(field).zip(clock.start).and_then(|(at, start)| at.0.checked_sub(start.0))
        };
        Ok(exact.unwrap_or((second * NANOS as f64).round() as i64))
    }
}

/// Nanoseconds of a decimal number of seconds with at most nine decimals.
fn decimal_nanos(text: &str) -> Option<i64> {
    let text = text.trim();
    let (sign, digits) = text.strip_prefix('-').map_or((1, text), |rest| (-1, rest));
    let (whole, decimals) = digits.split_once('.').unwrap_or((digits, ""));
    let is_plain = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || decimals.len() > 9 || !is_plain(whole) || !is_plain(decimals) {
        return None;
    }
    let fraction: i64 = format!("{decimals:0<9}").parse().ok()?;
    whole.parse::<i64>().ok()?.checked_mul(NANOS)?.checked_add(fraction).map(|nanos| sign * nanos)
}

/// Opens a trace that a scenario names.
fn open<'a>(place: &Place, path: &str, span: Range<usize>, columns: &[&str]) -> Result<Table<'a>, Problem> {
    let full = place.folder.join(path);
    let table = Table::open(&full, &|_| {}).map_err(|problem| match problem.source {
        Some(_) => problem,
        None => {
            place.problem(span, problem.message, "give a CSV file, plain or .gz, .xz, .zst (relative to the scenario)")
        }
    })?;
    match table.header.iter().position(|name| !columns.iter().any(|known| name.eq_ignore_ascii_case(known))) {
        None => Ok(table),
        Some(column) => {
            let name = &table.header[column];
            let known = columns.join(", ");
            let help = match crate::layout::closest(name, columns.iter().copied()) {
                Some(near) => format!("did you mean `{near}`? a trace has {known}"),
                None => format!("a trace has {known}, separated by commas; remove or rename the column"),
            };
            Err(table.header_problem(column, format!("unknown column `{name}`"), help))
        }
    }
}

/// Index of the node that a row names.
fn node(table: &Table, row: &Row, column: usize, nodes: &Nodes) -> Result<u16, Problem> {
    let field = row.field(column);
    let found = field.parse().ok().and_then(|id: u64| nodes.specs.binary_search_by_key(&id, |node| node.id).ok());
    found.map(|index| index as u16).ok_or_else(|| {
        let help = format!("the nodes are {}: add it to [nodes] ids, or change the trace", nodes.ids());
        table.problem(row, column, format!("there is no node `{field}`"), help)
    })
}

/// The columns of a message trace.
struct MessageColumns {
    time: TimeColumn,
    account: usize,
    message: Option<usize>,
    node: Option<usize>,
    tasks: Option<usize>,
    size: Option<usize>,
}

/// Columns that a message trace may have.
const COLUMNS: [&str; 8] = ["time_s", "time", "account", "message", "node", "tasks", "size_bytes", "kind"];

/// Reads the messages of `[workload] replay`, if there is one.
pub(super) fn read(
    place: &Place,
    wire: &wire::Workload,
    workload: &Workload,
    nodes: &Nodes,
    clock: &Clock,
    seed: u64,
) -> Result<Option<Arc<Recording>>, Problem> {
    let Some(path) = &wire.replay else {
        let stray = [
            ("replay_scale", wire.replay_scale.as_ref().map(Spanned::span)),
            ("replay_repeat", wire.replay_repeat.as_ref().map(Spanned::span)),
        ];
        return match stray.into_iter().find_map(|(name, span)| Some((name, span?))) {
            Some((name, span)) => {
                Err(place.problem(span, format!("`{name}` without `replay`"), "add replay = \"trace.csv\""))
            }
            None => Ok(None),
        };
    };
    let scale = place.number(wire.replay_scale.as_ref(), "replay_scale", 1e-6, MAX_COPIES, 1.0)?;
    let repeat = place.whole(wire.replay_repeat.as_ref(), "replay_repeat", 1, MAX_COPIES as i64, 1)?;
    let mut table = open(place, path.get_ref(), path.span(), &COLUMNS)?;
    let columns = MessageColumns {
        time: TimeColumn::find(&table, "time_s", "time")?,
        account: table.column("account")?,
        message: table.find(&["message"]),
        node: table.find(&["node"]),
        tasks: table.find(&["tasks"]),
        size: table.find(&["size_bytes"]),
    };
    let (first, messages) = rows(&mut table, &columns, workload, nodes, clock)?;
    check_copies(place, wire, messages.len() as f64 * scale * repeat as f64)?;
    let mut recording = Recording::new(messages);
    if scale != 1.0 {
        recording = recording.scaled(scale, workload.accounts, seed);
    }
    if repeat > 1 {
        recording = recording.repeated(repeat as u32);
    }
    within(place, path, &recording, first, clock).map(|recording| Some(Arc::new(recording)))
}

/// Reads all rows. Times are taken from the first message on, which may lie before the simulation's time zero; its
/// nanosecond of the measured span comes first.
fn rows(
    table: &mut Table,
    columns: &MessageColumns,
    workload: &Workload,
    nodes: &Nodes,
    clock: &Clock,
) -> Result<(i64, Vec<RecordedMessage>), Problem> {
    let mut times: Vec<i64> = Vec::new();
    let mut messages: Vec<RecordedMessage> = Vec::new();
    let mut row = Row::default();
    let mut last = String::new();
    while table.next(&mut row)? {
        table.refuse_more_fields(&row)?;
        let nanos = columns.time.nanos(table, &row, clock)?;
        let (account, node) = match recipient(table, &row, columns, workload, nodes) {
            Ok(found) => found,
            Err(problem) => return Err(with_all_accounts(problem, table, &mut row, columns.account, workload)),
        };
        let follow_ups = columns.tasks.map(|column| follow_ups(table, &row, column)).transpose()?;
        let name = columns.message.map_or("", |column| row.field(column));
        let continues = !name.is_empty() && name == last && !messages.is_empty();
        if continues && times.last() != Some(&nanos) {
            let message = format!("message `{name}` has another time in the row before");
            let help = "give all recipients of a message the same time, or other messages other names";
            return Err(table.problem(&row, columns.time.column, message, help));
        }
        if name != last {
            last = name.to_string();
        }
        times.push(nanos);
        messages.push(RecordedMessage { at: SimTime::ZERO, account, node, follow_ups, continues });
    }
    let first = times.iter().copied().min().unwrap_or(0);
    for (message, nanos) in messages.iter_mut().zip(times) {
        message.at = SimTime::from_nanos(nanos.abs_diff(first));
    }
    Ok((first, messages))
}

/// The work that a row names, words with spaces between.
fn follow_ups(table: &Table, row: &Row, column: usize) -> Result<FollowUps, Problem> {
    let mut all = FollowUps::NONE;
    for word in row.field(column).split_whitespace() {
        let known = FollowUps::NAMES.iter().find(|(name, _)| *name == word).ok_or_else(|| {
            let names = FollowUps::NAMES.map(|(name, _)| name).join(", ");
            let help = format!("use {names}, with spaces between, or leave it empty: indexing always follows");
            table.problem(row, column, format!("`{word}` is no work that follows a message"), help)
        })?;
        all = all.and(known.1);
    }
    Ok(all)
}

/// All messages of a trace are in memory at once.
fn check_copies(place: &Place, wire: &wire::Workload, messages: f64) -> Result<(), Problem> {
    if messages <= MAX_MESSAGES {
        return Ok(());
    }
    let spans = [wire.replay_repeat.as_ref().map(Spanned::span), wire.replay_scale.as_ref().map(Spanned::span)];
    let span = spans.into_iter().flatten().next().or(wire.replay.as_ref().map(Spanned::span));
    let message = format!("the trace comes to about {messages:.0e} messages");
    let help = format!("use a smaller `replay_scale` or `replay_repeat`: {MAX_MESSAGES:.0e} messages are the most");
    Err(place.problem(span.unwrap_or_default(), message, help))
}

fn recipient(
    table: &Table,
    row: &Row,
    columns: &MessageColumns,
    workload: &Workload,
    nodes: &Nodes,
) -> Result<(u32, Option<u16>), Problem> {
    let field = row.field(columns.account);
    let first = workload.first_account_id;
    let id: u32 = field.parse().map_err(|_| {
        let help = "give the number of the account, as the server's log has it";
        table.problem(row, columns.account, format!("`{field}` is no account id"), help)
    })?;
    let account = id.checked_sub(first).filter(|account| *account < workload.accounts).ok_or_else(|| {
        let last = first + workload.accounts - 1;
        table.problem(row, columns.account, format!("account {id} is not one of the accounts {first} to {last}"), "")
    })?;
    let named = columns.node.filter(|column| !row.field(*column).is_empty());
    let node = named.map(|column| node(table, row, column, nodes)).transpose()?;
    if let Some(column) = columns.size {
        let size = row.field(column);
        if !size.is_empty() && size.parse::<u64>().is_err() {
            let message = format!("`{size}` is no number of bytes");
            return Err(table.problem(row, column, message, "give a whole number, or leave it empty"));
        }
    }
    Ok((account, node))
}

/// If the problem is an account that the scenario does not have: how many it has to have for this and all further rows.
fn with_all_accounts(
    problem: Problem,
    table: &mut Table,
    row: &mut Row,
    column: usize,
    workload: &Workload,
) -> Problem {
    let first = workload.first_account_id;
    if !problem.help.is_empty() {
        return problem;
    }
    let (mut least, mut most) = (first, first);
    loop {
        if let Ok(id) = row.field(column).parse() {
            (least, most) = (least.min(id), most.max(id));
        }
        if !table.next(row).unwrap_or(false) {
            break;
        }
    }
    let last = first + workload.accounts - 1;
    let accounts = u64::from(most.max(last) - least) + 1;
    let help = if least < first {
        format!("set first_account_id = {least} and accounts = {accounts} in [workload], or change the trace")
    } else {
        format!("set accounts = {accounts} or more in [workload], or change the trace")
    };
    Problem { help, ..problem }
}

/// What of a recording is simulated, on the simulation's clock. `first` is the nanosecond of its first message.
fn within(
    place: &Place,
    path: &Spanned<String>,
    recording: &Recording,
    first: i64,
    clock: &Clock,
) -> Result<Recording, Problem> {
    let all = || (0..).map_while(|number| recording.get(number));
    let nanos = |message: &RecordedMessage| first.saturating_add_unsigned(message.at.as_nanos());
    let second = |message: &RecordedMessage| nanos(message) as f64 / NANOS as f64;
    let span = clock.duration.as_secs_f64();
    if !all().any(|message| (0.0..span).contains(&second(message))) {
        let (message, help) = match (recording.get(0), recording.len().checked_sub(1).and_then(|n| recording.get(n))) {
            (Some(from), Some(to)) => (
                format!(
                    "the trace has no message in the measured span: its messages are from second {:.0} to {:.0} after the \
                     start, {}, and the span has {span:.0} s",
                    second(from),
                    second(to),
                    clock.written
                ),
                "set `start` to the time of the first message, or a longer `duration`",
            ),
            _ => ("the trace has no messages".to_string(), "give a trace with messages, or a larger `replay_scale`"),
        };
        return Err(place.problem(path.span(), message, help));
    }
    let kept = all().filter_map(|message| Some(RecordedMessage { at: clock.at(nanos(message))?, ..*message }));
    Ok(Recording::new(kept.collect()))
}

/// Reads the failures of `[[fault]] trace`.
pub(super) fn failures(
    place: &Place,
    path: &str,
    span: Range<usize>,
    nodes: &Nodes,
    clock: &Clock,
) -> Result<Fault, Problem> {
    let mut table = open(place, path, span, &["node", "down_s", "up_s", "down", "up"])?;
    let down = TimeColumn::find(&table, "down_s", "down")?;
    let up = TimeColumn::find(&table, "up_s", "up")?;
    let node_column = table.column("node")?;
    let mut outages = Vec::new();
    let mut hash = Xxh3::new();
    let mut row = Row::default();
    while table.next(&mut row)? {
        table.refuse_more_fields(&row)?;
        let node = node(&table, &row, node_column, nodes)?;
        let from = down.second(&table, &row, clock)?;
        // A node without an end stays down.
        let to = if row.field(up.column).is_empty() { LONGEST_S } else { up.second(&table, &row, clock)? };
        if to < from {
            let message = format!("the node is up {:.0} s before it is down", from - to);
            return Err(table.problem(&row, up.column, message, "exchange the two times, or remove the row"));
        }
        hash.update(format!("{node},{from},{to};").as_bytes());
        // What began before the measured span began there, as far as the model can tell.
        if to > 0.0 {
            let at = SimDuration::from_secs_f64(from.max(0.0));
            outages.push((node, at, SimDuration::from_secs_f64(to - from.max(0.0))));
        }
    }
    let xxh3 = format!("{:016x}", hash.digest());
    Ok(Fault::Recorded(RecordedOutages { file: path.into(), xxh3, outages: outages.into() }))
}
