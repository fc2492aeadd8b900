//! One log file, line by line.

use super::Counts;
use super::line::{Line, elapsed_s, without_colours};
use crate::import::trace::Delivery;
use crate::input::{Moment, open};
use crate::source::Problem;
use std::collections::{BTreeMap, BTreeSet};
use std::io::BufRead;
use std::path::Path;
use xxhash_rust::xxh3::Xxh3;

pub const OTHER_EVENTS: &str = "lines of events that are of no use here";
const NO_EVENT: &str = "lines without a time and an event";
const TORN: &str = "torn last lines";
const NO_ACCOUNT: &str = "messages without an account id";
const NO_ELAPSED: &str = "service times that are missing or no time";

/// Start or end of a server process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Life {
    /// It starts; the time of the line before, if there is one in the file.
    Start { after: Option<Moment> },
    /// It ends in order.
    Stop,
}

/// A request to the address of a subscription.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PushRequest {
    pub at: Moment,
    pub is_success: bool,
    pub elapsed_s: Option<f64>,
}

/// What one file holds.
#[derive(Debug, Default)]
pub struct FileLog {
    pub lines: u64,
    /// Hash of all bytes, decompressed.
    pub xxh3: u64,
    pub first: Option<Moment>,
    pub last: Option<Moment>,
    pub version: Option<(Moment, String)>,
    pub deliveries: Vec<Delivery>,
    pub ingest_s: Vec<f64>,
    pub indexing_s: Vec<f64>,
    /// Account and document of each indexing.
    pub indexed: Vec<(u32, u32)>,
    pub push: Vec<PushRequest>,
    pub push_urls: BTreeSet<String>,
    pub counts: Counts,
    pub life: Vec<(Moment, Life)>,
    pub dropped: BTreeMap<&'static str, u64>,
    pub not_utf8: u64,
    /// How often the file names each node as its own.
    nodes: BTreeMap<u64, u64>,
}

impl FileLog {
    /// Reads a file to its end.
    pub fn read(path: &Path, progress: &dyn Fn(u64)) -> Result<Self, Problem> {
        let mut reader = open(path, progress)?;
        let mut log = Self::default();
        let mut hash = Xxh3::new();
        let mut bytes = Vec::new();
        loop {
            bytes.clear();
            let count = reader.read_until(b'\n', &mut bytes).map_err(|error| {
                let message = format!("{}:{}: cannot read on: {error}", path.display(), log.lines + 1);
                Problem::new(message, "copy the file again, or decompress it by hand")
            })?;
            if count == 0 {
                log.xxh3 = hash.digest();
                return Ok(log);
            }
            hash.update(&bytes);
            log.take(&bytes);
        }
    }

    /// The node that the file names most often as its own.
    pub fn node(&self) -> Option<u64> {
        self.nodes.iter().max_by_key(|(_, count)| **count).map(|(node, _)| *node)
    }

    fn drop(&mut self, cause: &'static str) {
        *self.dropped.entry(cause).or_default() += 1;
    }

    fn take(&mut self, bytes: &[u8]) {
        self.lines += 1;
        let Some(bytes) = bytes.strip_suffix(b"\n") else {
            // Its values may be cut off, even where it can be read.
            return self.drop(TORN);
        };
        let text = String::from_utf8_lossy(bytes);
        self.not_utf8 += u64::from(matches!(text, std::borrow::Cow::Owned(_)));
        let plain = without_colours(&text);
        let Some(line) = Line::parse(plain.trim_end()) else {
            if !plain.trim().is_empty() {
                self.drop(NO_EVENT);
            }
            return;
        };
        self.event(&line);
        self.first = Some(self.first.map_or(line.at, |first| first.min(line.at)));
        self.last = Some(line.at);
    }

    fn event(&mut self, line: &Line) {
        match line.event {
            "message-ingest.ham" => self.message(line, "ham"),
            "message-ingest.spam" => self.message(line, "spam"),
            "message-ingest.jmap-append" => self.message(line, "jmap-append"),
            "message-ingest.imap-append" => self.message(line, "imap-append"),
            "message-ingest.fts-index" => self.indexing(line),
            "push-subscription.success" => self.push(line, true),
            "push-subscription.error" => self.push(line, false),
            "server.startup" => {
                let version = line.first("version").map(|version| (line.at, version.to_string()));
                self.version = version.or(self.version.take());
                self.life.push((line.at, Life::Start { after: self.last }));
                self.own_node(line, "nodeId");
            }
            "server.shutdown" => self.life.push((line.at, Life::Stop)),
            "cluster.message-received" => self.own_node(line, "to"),
            "task-queue.task-locked" => self.counts.locked += 1,
            "calendar.alarm-sent" => self.counts.alerts += 1,
            "calendar.itip-message-sent" => self.counts.invitations += 1,
            "spam.train" => self.counts.trainings += 1,
            event if event.starts_with("cluster.") => {
                self.own_node(line, "nodeId");
                self.drop(OTHER_EVENTS);
            }
            _ => self.drop(OTHER_EVENTS),
        }
    }

    fn own_node(&mut self, line: &Line, key: &str) {
        if let Some(node) = line.first(key).and_then(|value| value.parse().ok()) {
            *self.nodes.entry(node).or_default() += 1;
        }
    }

    fn message(&mut self, line: &Line, kind: &'static str) {
        let Some(account) = line.first("accountId").and_then(|value| value.parse().ok()) else {
            return self.drop(NO_ACCOUNT);
        };
        let size_bytes = line.last("size").and_then(|value| value.parse().ok());
        self.deliveries.push(Delivery { at: line.at, account, message: None, node: None, size_bytes, kind });
        match line.last("elapsed").and_then(elapsed_s) {
            Some(elapsed) => self.ingest_s.push(elapsed),
            None => self.drop(NO_ELAPSED),
        }
    }

    fn indexing(&mut self, line: &Line) {
        let number = |key| line.first(key).and_then(|value| value.parse::<u32>().ok());
        self.indexed.extend(number("accountId").zip(number("documentId")));
        match line.last("elapsed").and_then(elapsed_s) {
            Some(elapsed) => self.indexing_s.push(elapsed),
            None => self.drop(NO_ELAPSED),
        }
    }

    fn push(&mut self, line: &Line, is_success: bool) {
        let elapsed_s = line.last("elapsed").and_then(elapsed_s).filter(|_| is_success);
        self.push.push(PushRequest { at: line.at, is_success, elapsed_s });
        if let Some(url) = line.first("url") {
            self.push_urls.insert(url.to_string());
        }
    }
}
