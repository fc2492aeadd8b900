//! Messages between people: accounts, recipients, activity, the clock.

use super::fitting::significant;
use super::summary::Summary;
use super::trace::Delivery;
use crate::input::Moment;
use std::collections::BTreeMap;

/// A message with its recipients.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// When.
    pub at: Moment,
    /// Who wrote it; empty if that is not known.
    pub sender: String,
    /// Who got it, each once.
    pub recipients: Vec<String>,
    /// Size, if it is known.
    pub size_bytes: Option<u64>,
}

/// Messages and the accounts of their recipients.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Population {
    /// Messages by time.
    pub messages: Vec<Message>,
    /// Account of each recipient: from 0 on in the order of their names, numbers by value.
    pub accounts: BTreeMap<String, u32>,
}

impl Population {
    /// Sorts messages and numbers their recipients.
    pub fn new(mut messages: Vec<Message>) -> Self {
        messages.sort_by(|a, b| (a.at, &a.sender).cmp(&(b.at, &b.sender)));
        let mut names: Vec<&String> = messages.iter().flat_map(|message| &message.recipients).collect();
        names.sort_by_key(|name| (name.parse::<u64>().unwrap_or(u64::MAX), *name));
        names.dedup();
        let accounts = names.into_iter().cloned().zip(0..).collect();
        Self { messages, accounts }
    }

    /// One delivery per recipient, by time.
    pub fn deliveries(&self) -> Vec<Delivery> {
        let mut all = Vec::new();
        for (number, message) in (1..).zip(&self.messages) {
            all.extend(message.recipients.iter().map(|name| Delivery {
                at: message.at,
                account: self.accounts.get(name).copied().unwrap_or(0),
                message: Some(number),
                node: None,
                size_bytes: message.size_bytes,
                kind: "",
            }));
        }
        all
    }

    /// Adds what the messages show, and the lines of a scenario that follow from it.
    pub fn describe(&self, summary: &mut Summary) {
        let (Some(first), Some(last)) = (self.messages.first(), self.messages.last()) else { return };
        let mut counts: Vec<u64> = self.messages.iter().map(|message| message.recipients.len() as u64).collect();
        counts.sort_unstable();
        let deliveries: u64 = counts.iter().sum();
        let mean = deliveries as f64 / counts.len() as f64;
        let ones = counts.iter().filter(|count| **count == 1).count() as f64 / counts.len() as f64;
        let sigma = log_deviation(self.messages.iter().flat_map(|message| &message.recipients));
        summary.fact("messages", counts.len());
        summary.fact("deliveries", deliveries);
        summary.fact("accounts", self.accounts.len());
        summary.fact("first and last message", format!("{} to {}", first.at, last.at));
        summary.fact(
            "recipients per message",
            format!(
                "mean {mean:.3}, one in {:.1} %, 99 % {}, max {}",
                100.0 * ones,
                counts[((counts.len() - 1) as f64 * 0.99).round() as usize],
                counts[counts.len() - 1]
            ),
        );
        let senders = self.messages.iter().map(|message| &message.sender).filter(|name| !name.is_empty());
        if let Some(sigma) = log_deviation(senders) {
            summary.fact("activity per sender", format!("sigma {sigma:.3} (of the logarithm of messages)"));
        }
        if let Some(sigma) = sigma {
            summary.fact("activity per recipient", format!("sigma {sigma:.3} (of the logarithm of deliveries)"));
        }
        let (peak, weekend) = self.cycle();
        summary.fact("peak hour over mean hour", format!("{peak:.2} (in UTC)"));
        summary.fact("at the weekend", format!("{:.1} % (in UTC)", 100.0 * weekend));
        self.advise(summary, mean, sigma);
    }

    /// The lines of a scenario, from the bulk of the messages: a few with wrong dates would make a mean over all of the time
    /// far too small.
    fn advise(&self, summary: &mut Summary, recipients_mean: f64, sigma: Option<f64>) {
        let bulk = bulk(&self.messages);
        let (Some(first), Some(last)) = (bulk.first(), bulk.last()) else { return };
        let outside = self.messages.len() - bulk.len();
        if outside > 0 {
            summary.note(format!(
                "far from the others, which are from {1} to {2}: {outside} of {0} messages. Are their dates right? --from and \
                 --until of `import edges` leave them out; what follows is of the others",
                self.messages.len(),
                first.at,
                last.at
            ));
        }
        let deliveries: usize = bulk.iter().map(|message| message.recipients.len()).sum();
        let days = last.at.seconds_since(first.at) / 86_400.0;
        // From less than a day nobody can tell how many there are in one.
        let rate = match days >= 1.0 {
            true => significant(deliveries as f64 / self.accounts.len() as f64 / days),
            false => "(not to be told from less than a day)".to_owned(),
        };
        summary.note(format!(
            "for a replay: start = {}, [workload] accounts = {}, replay = the trace; for random messages like these: \
             messages_per_account_per_day = {rate}, recipients_per_message = {{ geometric = {{ mean = {} }} }}{}",
            first.at.whole_second(),
            self.accounts.len(),
            significant(recipients_mean),
            sigma.map_or(String::new(), |sigma| format!(
                ", activity = {{ lognormal = {{ sigma = {} }} }}",
                significant(sigma)
            ))
        ));
    }

    /// Messages of the busiest hour of the day over those of the mean hour, and the share on Saturdays and Sundays.
    fn cycle(&self) -> (f64, f64) {
        let mut hours = [0_u64; 24];
        let mut weekend = 0_u64;
        for message in &self.messages {
            let second = message.at.second_of_week();
            hours[(second / 3_600 % 24) as usize] += 1;
            weekend += u64::from(second / 86_400 >= 5);
        }
        let all = self.messages.len() as f64;
        (hours.iter().max().map_or(0.0, |peak| *peak as f64 * 24.0 / all), weekend as f64 / all)
    }
}

/// The messages without those that are far from the others: further from the middle 99 % than a twentieth of the time that
/// these take, if the middle takes less than half of the whole; else all.
fn bulk(messages: &[Message]) -> &[Message] {
    let tail = messages.len() / 200;
    let ends = |messages: &[Message]| Some((messages.first()?.at, messages.last()?.at));
    let (Some((first, last)), Some((from, to))) = (ends(messages), ends(&messages[tail..messages.len() - tail])) else {
        return messages;
    };
    let middle_s = to.seconds_since(from);
    if middle_s >= 0.5 * last.seconds_since(first) {
        return messages;
    }
    let start = messages.partition_point(|message| from.seconds_since(message.at) > middle_s / 20.0);
    let end = messages.partition_point(|message| message.at.seconds_since(to) <= middle_s / 20.0);
    &messages[start..end]
}

/// Standard deviation (of a sample) of the logarithm of how often each name occurs; `None` for fewer than two names.
fn log_deviation<'a>(names: impl Iterator<Item = &'a String>) -> Option<f64> {
    let mut counts: BTreeMap<&str, u64> = BTreeMap::new();
    names.for_each(|name| *counts.entry(name).or_default() += 1);
    let logs: Vec<f64> = counts.values().map(|count| (*count as f64).ln()).collect();
    let mean = logs.iter().sum::<f64>() / logs.len().max(1) as f64;
    let squares: f64 = logs.iter().map(|log| (log - mean).powi(2)).sum();
    (logs.len() > 1).then(|| (squares / (logs.len() - 1) as f64).sqrt())
}

/// Whether a moment lies in the span that the user asked for.
pub fn is_within(at: Moment, from: Option<Moment>, until: Option<Moment>) -> bool {
    from.is_none_or(|from| at >= from) && until.is_none_or(|until| at < until)
}
