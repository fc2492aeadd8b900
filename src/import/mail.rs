//! Mailboxes: mbox files and Maildir folders, of which only headers are kept.
//!
//! In order: messages are found and their headers read; a message that occurs twice (same Message-ID and recipients) is
//! taken once; recipients become accounts ([`Population`]). A message came when its topmost `Received` header says, else
//! its `Date`, else the line that separates it in an mbox file. It went to the addresses in `Delivered-To` if there are
//! any, else to those in To, Cc and Bcc.

mod boxes;

pub use boxes::{RawMessage, read_maildir, read_mbox};

use super::population::{Message, Population};
use super::summary::Summary;
use crate::input::{Moment, NANOS, TimeFormat};
use crate::source::Problem;
use mail_parser::{Address, DateTime, MessageParser};
use std::collections::BTreeSet;
use std::path::Path;

/// The years of mail: what is dated before or after is taken for a slip, in seconds since 1970 (1980 to 2100).
const PLAUSIBLE_S: std::ops::Range<i64> = 315_532_800..4_102_444_800;

/// Messages of a mailbox.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Mailbox {
    /// Messages found.
    pub found: u64,
    /// Without a date that can be right.
    pub undated: u64,
    /// Without recipients, or none of the wanted domains.
    pub no_recipients: u64,
    /// Same Message-ID and recipients as another one.
    pub repeated: u64,
    /// Files of a Maildir that cannot be read.
    pub unreadable: u64,
    /// The messages.
    pub population: Population,
}

/// Collects messages one by one.
#[derive(Debug, Default)]
pub struct Collector {
    /// Domains in small letters; none means all.
    domains: Vec<String>,
    mailbox: Mailbox,
    messages: Vec<Message>,
    seen: BTreeSet<(String, Vec<String>)>,
}

impl Collector {
    /// Takes recipients of these domains only; of all if there are none.
    pub fn new(domains: &[String]) -> Self {
        let domains = domains.iter().map(|domain| domain.trim_start_matches('@').to_lowercase()).collect();
        Self { domains, ..Self::default() }
    }

    /// Counts a file that cannot be read.
    pub fn unreadable(&mut self) {
        self.mailbox.unreadable += 1;
    }

    /// Takes a message.
    pub fn add(&mut self, raw: &RawMessage) {
        self.mailbox.found += 1;
        let Some(parsed) = MessageParser::default().parse_headers(&raw.headers) else {
            self.mailbox.undated += 1;
            return;
        };
        let received = parsed.received_all().next().and_then(|received| received.date());
        let dates =
            [received.as_ref().and_then(moment), parsed.date().and_then(moment), separator_date(&raw.separator)];
        let Some(at) = dates.into_iter().flatten().next() else {
            self.mailbox.undated += 1;
            return;
        };
        let recipients = self.recipients(&parsed);
        if recipients.is_empty() {
            self.mailbox.no_recipients += 1;
            return;
        }
        if let Some(id) = parsed.message_id()
            && !self.seen.insert((id.to_string(), recipients.clone()))
        {
            self.mailbox.repeated += 1;
            return;
        }
        let sender = parsed.from().and_then(Address::first).and_then(|from| from.address()).unwrap_or_default();
        self.messages.push(Message { at, sender: sender.to_lowercase(), recipients, size_bytes: Some(raw.size_bytes) });
    }

    fn recipients(&self, parsed: &mail_parser::Message) -> Vec<String> {
        let delivered: BTreeSet<String> = parsed
            .headers_raw()
            .filter(|(name, _)| name.eq_ignore_ascii_case("Delivered-To"))
            .map(|(_, value)| value.trim().trim_matches(['<', '>']).to_lowercase())
            .filter(|address| address.contains('@'))
            .collect();
        let addressed = || {
            let all = [parsed.to(), parsed.cc(), parsed.bcc()].into_iter().flatten().flat_map(Address::iter);
            all.filter_map(|address| address.address().map(str::to_lowercase)).collect()
        };
        let addresses: BTreeSet<String> = if delivered.is_empty() { addressed() } else { delivered };
        let is_wanted = |address: &String| {
            let domain = address.rsplit_once('@').map_or("", |(_, domain)| domain);
            self.domains.is_empty() || self.domains.iter().any(|wanted| wanted == domain)
        };
        addresses.into_iter().filter(is_wanted).collect()
    }

    /// All messages.
    ///
    /// # Errors
    /// There are none.
    pub fn finish(mut self, path: &Path) -> Result<Mailbox, Problem> {
        if self.messages.is_empty() {
            let shown = path.display();
            let message = format!("{shown}: {} messages, none with a date and a recipient", self.mailbox.found);
            return Err(Problem::new(message, "give an mbox file or a Maildir (with cur and new), and check --domain"));
        }
        self.mailbox.population = Population::new(self.messages);
        Ok(self.mailbox)
    }
}

fn moment(date: &DateTime) -> Option<Moment> {
    let seconds = date.to_timestamp();
    (date.is_valid() && PLAUSIBLE_S.contains(&seconds)).then(|| Moment(seconds * NANOS))
}

/// The date of a line such as `From ann@example.org Mon Mar  2 09:30:00 2026`.
fn separator_date(line: &str) -> Option<Moment> {
    let words: Vec<&str> = line.split_whitespace().skip(2).collect();
    let format = TimeFormat::Pattern("%a %b %d %H:%M:%S %Y".into());
    format.parse(&words.join(" ")).filter(|at| PLAUSIBLE_S.contains(&at.0.div_euclid(NANOS)))
}

impl Mailbox {
    /// What was read, dropped and found.
    pub fn summary(&self, path: &Path) -> Summary {
        let mut summary = Summary::default();
        summary.fact(path.display().to_string(), format!("{} messages", self.found));
        self.population.describe(&mut summary);
        let sizes: Vec<u64> = self.population.messages.iter().filter_map(|message| message.size_bytes).collect();
        let mean = sizes.iter().sum::<u64>() as f64 / sizes.len().max(1) as f64;
        summary.fact("mean size", format!("{mean:.0} bytes"));
        summary.dropped("messages without a date between 1980 and 2100", self.undated);
        summary.dropped("messages without a recipient that is wanted", self.no_recipients);
        summary.dropped("messages with Message-ID and recipients of another one", self.repeated);
        summary.dropped("files that cannot be read", self.unreadable);
        summary.note(
            "times are those of the topmost Received header, else Date; recipients those in Delivered-To, else in To, Cc and \
             Bcc (say --domain to leave out the recipients of others)",
        );
        summary
    }
}
