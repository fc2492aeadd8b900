//! The server's own log files: messages, service times, push, restarts.
//!
//! In order: every file is read line by line ([`file`], [`line`]); each is given its node (the argument `ID=FILE`, else
//! the id that the node's cluster lines name, else the order of the files); messages of one second are spread evenly over
//! it, because the log has whole seconds; starts and stops of each node become outages. What is not
//! used is counted by cause. The log does not tell the layout, the cores, or how a service time divides into processor
//! and database.

mod file;
mod line;
mod report;
pub use report::{ENDPOINT, INDEXING, INGEST};

use super::outages::{Outage, merge};
use super::trace::Delivery;
use crate::input::{Moment, NANOS};
use crate::source::Problem;
use file::{FileLog, Life};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// A log file, and the node that it belongs to if the user says so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NodeFile {
    /// The file.
    pub path: PathBuf,
    /// The node.
    pub node: Option<u64>,
}

impl NodeFile {
    /// Reads an argument, `FILE` or `ID=FILE`. An argument that is the name of a file is just that.
    ///
    /// # Errors
    /// What is before `=` is no node id.
    pub fn from_argument(argument: &Path) -> Result<Self, Problem> {
        let text = argument.to_string_lossy();
        match text.split_once('=') {
            Some((id, path)) if !argument.exists() => {
                let digits = id.trim_start_matches(|c: char| !c.is_ascii_digit());
                let node = digits.parse().map_err(|_| {
                    Problem::new(format!("`{id}` in `{text}` is no node id"), "write ID=FILE, such as 2=node2.log")
                })?;
                Ok(Self { path: PathBuf::from(path), node: Some(node) })
            }
            _ => Ok(Self { path: argument.to_path_buf(), node: None }),
        }
    }
}

/// How a file's node became known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NodeSource {
    /// The user said so.
    Argument,
    /// The log names it.
    Log,
    /// Only by the order of the files.
    Order,
}

/// A file that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadFile {
    /// The file.
    pub path: PathBuf,
    /// Its node.
    pub node: u64,
    /// How that is known.
    pub source: NodeSource,
    /// Its lines.
    pub lines: u64,
}

/// What the push service did.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PushLog {
    /// Requests that were answered well.
    pub requests: u64,
    /// Requests that failed.
    pub errors: u64,
    /// Requests before the first message, which verify subscriptions; they are not counted above.
    pub verifications: u64,
    /// Number of different addresses.
    pub subscriptions: u64,
    /// Times of requests, if the log has them.
    pub elapsed_s: Vec<f64>,
}

impl PushLog {
    /// Counts the requests of all files. Before the first message of all nothing is to be notified: what is sent then
    /// verifies subscriptions. A log without messages does not tell the two apart.
    fn of(logs: &[FileLog]) -> Self {
        let mut push = Self::default();
        let first = logs.iter().flat_map(|log| &log.deliveries).map(|delivery| delivery.at).min();
        for request in logs.iter().flat_map(|log| &log.push) {
            if first.is_some_and(|first| request.at < first) {
                push.verifications += 1;
                continue;
            }
            push.requests += u64::from(request.is_success);
            push.errors += u64::from(!request.is_success);
            push.elapsed_s.extend(request.elapsed_s);
        }
        push
    }
}

/// What a node did at one time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// Calendar alerts sent.
    pub alerts: u64,
    /// Invitations.
    pub invitations: u64,
    /// Messages that trained the filter.
    pub trainings: u64,
    /// Tasks that another node had locked.
    pub locked: u64,
    /// Indexing of what was indexed before.
    pub repeated_indexing: u64,
}

/// Everything of use in the log files of a cluster.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ServerLog {
    /// The files.
    pub files: Vec<ReadFile>,
    /// The latest version that a node named.
    pub version: Option<String>,
    /// Deliveries by time.
    pub deliveries: Vec<Delivery>,
    /// Times that deliveries took.
    pub ingest_s: Vec<f64>,
    /// Times that indexing took.
    pub indexing_s: Vec<f64>,
    /// Push.
    pub push: PushLog,
    /// Other counts.
    pub counts: Counts,
    /// Times at which nodes were down, by node and time.
    pub outages: Vec<Outage>,
    /// Outages that no `server.shutdown` announced.
    pub crashes: u64,
    /// Seconds from each node's first to its last line, added up.
    pub observed_s: f64,
    /// Messages that share their second with another one.
    pub spread: u64,
    /// What was dropped, by cause.
    pub dropped: BTreeMap<&'static str, u64>,
    /// Lines that are not UTF-8 text; they are read all the same.
    pub not_utf8: u64,
}

impl ServerLog {
    /// Ids of the nodes.
    pub fn nodes(&self) -> BTreeSet<u64> {
        self.files.iter().map(|file| file.node).collect()
    }

    /// Ids of the accounts that got messages.
    pub fn accounts(&self) -> BTreeSet<u32> {
        self.deliveries.iter().map(|delivery| delivery.account).collect()
    }

    /// The seconds in which the first and the last message came.
    pub fn span(&self) -> Option<(Moment, Moment)> {
        let (first, last) = (self.deliveries.first()?, self.deliveries.last()?);
        Some((first.at.whole_second(), last.at.whole_second()))
    }
}

/// The messages of a file that is given twice would count twice.
fn refuse_repeated(files: &[NodeFile], logs: &[FileLog]) -> Result<(), Problem> {
    let mut first: BTreeMap<u64, &NodeFile> = BTreeMap::new();
    for (file, log) in files.iter().zip(logs).filter(|(_, log)| log.lines > 0) {
        let other = *first.entry(log.xxh3).or_insert(file);
        if std::ptr::eq(other, file) {
            continue;
        }
        let (shown, other) = (file.path.display(), other.path.display());
        let message = format!("`{shown}` has the same content as `{other}`: its messages would count twice");
        return Err(Problem::new(message, "give each log once, that of each node"));
    }
    Ok(())
}

/// Reads log files; `progress` is told the bytes read.
///
/// # Errors
/// A file cannot be read or is given twice, or none has a line of an event.
pub fn read(files: &[NodeFile], progress: &dyn Fn(u64)) -> Result<ServerLog, Problem> {
    let logs: Vec<FileLog> = files.iter().map(|file| FileLog::read(&file.path, progress)).collect::<Result<_, _>>()?;
    if logs.iter().all(|log| log.first.is_none()) {
        let names: Vec<String> = files.iter().map(|file| format!("`{}`", file.path.display())).collect();
        let help = "give files of a tracer of type `log`, as UTF-8 text: TIME LEVEL text (event.id) key = value";
        return Err(Problem::new(format!("there is no line of an event in {}", names.join(", ")), help));
    }
    refuse_repeated(files, &logs)?;
    let nodes = assign(files, &logs);
    let mut all = ServerLog::default();
    for ((file, log), (node, source)) in files.iter().zip(&logs).zip(&nodes) {
        all.files.push(ReadFile { path: file.path.clone(), node: *node, source: *source, lines: log.lines });
        all.add(log, *node);
    }
    all.push = PushLog::of(&logs);
    all.push.subscriptions = logs.iter().flat_map(|log| &log.push_urls).collect::<BTreeSet<_>>().len() as u64;
    all.version = logs.iter().filter_map(|log| log.version.clone()).max().map(|(_, version)| version);
    let mut indexed: Vec<(u32, u32)> = logs.iter().flat_map(|log| log.indexed.iter().copied()).collect();
    let runs = indexed.len();
    indexed.sort_unstable();
    indexed.dedup();
    all.counts.repeated_indexing = (runs - indexed.len()) as u64;
    all.spread = spread(&mut all.deliveries);
    for node in all.nodes() {
        let own = logs.iter().zip(&nodes).filter(|(_, (id, _))| *id == node).map(|(log, _)| log).collect();
        all.add_life(node, own);
    }
    merge(&mut all.outages);
    Ok(all)
}

/// The node of each file. Files that nothing names get the least ids that are left, in their order.
fn assign(files: &[NodeFile], logs: &[FileLog]) -> Vec<(u64, NodeSource)> {
    let known: Vec<Option<(u64, NodeSource)>> = files
        .iter()
        .zip(logs)
        .map(|(file, log)| {
            let argument = file.node.map(|node| (node, NodeSource::Argument));
            argument.or_else(|| log.node().map(|node| (node, NodeSource::Log)))
        })
        .collect();
    let taken: BTreeSet<u64> = known.iter().flatten().map(|(node, _)| *node).collect();
    let mut free = (1..).filter(|id| !taken.contains(id));
    known.into_iter().map(|known| known.unwrap_or_else(|| (free.next().unwrap_or(0), NodeSource::Order))).collect()
}

/// Spreads the messages of one second evenly over it: of k messages in all, number i (from 0) comes (i + ½)/k s after its
/// start. Each node keeps the order of its log, and the nodes take turns: each node's messages would be even by
/// themselves too, but then messages of different nodes would come at the very same instant, and nodes would meet at the
/// locks of tasks more often than they do. Times with fractions stay. Sorts by time; returns how many share their second.
fn spread(deliveries: &mut [Delivery]) -> u64 {
    deliveries.sort_by_key(|delivery| (delivery.at, delivery.node));
    let mut shared = 0;
    for same in deliveries.chunk_by_mut(|a, b| a.at == b.at).filter(|same| same[0].at.0 % NANOS == 0) {
        take_turns(same);
        let count = same.len() as i64;
        shared += if count > 1 { count as u64 } else { 0 };
        for (number, delivery) in same.iter_mut().enumerate() {
            // Microseconds are enough, and keep the trace readable.
            let micros = (2 * number as i64 + 1) * 500_000 / count;
            delivery.at = Moment(delivery.at.0 + micros * 1_000);
        }
    }
    shared
}

/// Orders messages, sorted by node, by the places that they have when each node's are spread by themselves.
fn take_turns(same: &mut [Delivery]) {
    let mut placed: Vec<(u64, Delivery)> = Vec::with_capacity(same.len());
    for of_node in same.chunk_by(|a, b| a.node == b.node) {
        let count = of_node.len() as u64;
        let places = (0..count).map(|number| (2 * number + 1) * u64::from(u32::MAX) / count);
        placed.extend(places.zip(of_node.iter().cloned()));
    }
    placed.sort_by_key(|(place, _)| *place);
    for (delivery, (_, next)) in same.iter_mut().zip(placed) {
        *delivery = next;
    }
}

impl ServerLog {
    fn add(&mut self, log: &FileLog, node: u64) {
        let deliveries = log.deliveries.iter().cloned();
        self.deliveries.extend(deliveries.map(|delivery| Delivery { node: Some(node), ..delivery }));
        self.ingest_s.extend(&log.ingest_s);
        self.indexing_s.extend(&log.indexing_s);
        self.counts.alerts += log.counts.alerts;
        self.counts.invitations += log.counts.invitations;
        self.counts.trainings += log.counts.trainings;
        self.counts.locked += log.counts.locked;
        self.not_utf8 += log.not_utf8;
        for (cause, count) in &log.dropped {
            *self.dropped.entry(cause).or_default() += count;
        }
    }

    /// Outages of a node from its starts and stops, file after file. A start that no stop precedes follows a crash: the
    /// node was down from its last line on.
    fn add_life(&mut self, node: u64, mut logs: Vec<&FileLog>) {
        logs.sort_by_key(|log| log.first);
        let mut stopped: Option<Moment> = None;
        let mut last_line: Option<Moment> = None;
        for log in &logs {
            for (at, life) in &log.life {
                match life {
                    Life::Stop => stopped = Some(*at),
                    Life::Start { after } => {
                        let crashed = after.or(last_line);
                        self.crashes += u64::from(stopped.is_none() && crashed.is_some());
                        if let Some(down) = stopped.take().or(crashed) {
                            self.outages.push(Outage { node, down, up: (*at).max(down) });
                        }
                    }
                }
            }
            last_line = log.last.or(last_line);
        }
        let first = logs.iter().find_map(|log| log.first);
        let span = first.zip(last_line).map_or(0.0, |(first, last)| last.seconds_since(first));
        self.observed_s += span.max(0.0);
    }
}
