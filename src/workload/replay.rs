//! Messages at recorded times instead of random ones.

use super::mail::FollowUps;
use crate::time::{SimDuration, SimTime};
use serde::{Serialize, Serializer};
use xxhash_rust::xxh3::{Xxh3, xxh3_64};

/// A recorded delivery: a message, or a further recipient of one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RecordedMessage {
    /// When it arrives, on the simulation's clock.
    pub at: SimTime,
    /// Its recipient, as an index from 0.
    pub account: u32,
    /// Index of the node that receives it; `None` leaves it to the load balancer. A node that is down
    /// does not receive it: the load balancer then chooses.
    pub node: Option<u16>,
    /// What follows the delivery; `None` leaves it to chance. Of a message with several recipients the first decides
    /// which.
    pub follow_ups: Option<FollowUps>,
    /// Whether this is one more recipient of the message before it, which came at the same time.
    pub continues: bool,
}

/// Recorded messages, by time.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Recording {
    messages: Vec<RecordedMessage>,
}

impl Recording {
    /// Sorts messages by time; equal times keep their order.
    pub fn new(mut messages: Vec<RecordedMessage>) -> Self {
        messages.sort_by_key(|message| message.at);
        Self { messages }
    }

    /// The delivery number `number` in order of time.
    pub fn get(&self, number: usize) -> Option<&RecordedMessage> {
        self.messages.get(number)
    }

    /// The message whose first delivery has this number: one delivery a recipient.
    pub fn message_at(&self, number: usize) -> &[RecordedMessage] {
        let rest = self.messages.get(number..).unwrap_or_default();
        let more = rest.iter().skip(1).take_while(|delivery| delivery.continues).count();
        &rest[..rest.len().min(1 + more)]
    }

    /// The recording for a cluster with other nodes: the load balancer chooses.
    #[must_use]
    pub fn without_nodes(&self) -> Self {
        Self { messages: self.messages.iter().map(|message| RecordedMessage { node: None, ..*message }).collect() }
    }

    /// Whether a delivery names the node that receives it.
    pub fn names_nodes(&self) -> bool {
        self.messages.iter().any(|message| message.node.is_some())
    }

    /// Number of deliveries.
    pub fn len(&self) -> usize {
        self.messages.len()
    }

    /// Whether there are no deliveries.
    pub fn is_empty(&self) -> bool {
        self.messages.is_empty()
    }

    /// The recording `factor` times as dense, with `accounts` accounts.
    ///
    /// Below 1 each message stays with probability `factor`, independently (thinning). Above 1, `factor` copies are
    /// laid over each other (superposition), the last one thinned to the fraction. Copy k of K goes to the account
    /// that is k/K of the accounts further on, so that with K times the accounts of the recording each copy has
    /// accounts of its own, and comes k/K of the mean time between messages later. What stays is decided by `seed`, the
    /// copy and the number of the message alone: every layout and replication meets the same messages.
    pub fn scaled(self, factor: f64, accounts: u32, seed: u64) -> Self {
        let copies = factor.ceil().max(1.0) as u32;
        let gap = self.mean_gap();
        let mut messages = Vec::with_capacity((self.len() as f64 * factor) as usize + 1);
        for copy in 0..copies {
            let share = (factor - f64::from(copy)).min(1.0);
            let shift = (u64::from(accounts) * u64::from(copy) / u64::from(copies)) as u32;
            let later = gap.mul_f64(f64::from(copy) / f64::from(copies));
            let mut is_kept = true;
            for (number, message) in self.messages.iter().enumerate() {
                // A message stays or goes with all its recipients.
                if !message.continues {
                    is_kept = share >= 1.0 || chance(seed, copy, number) < share;
                }
                if !is_kept {
                    continue;
                }
                let account = ((u64::from(message.account) + u64::from(shift)) % u64::from(accounts.max(1))) as u32;
                messages.push(RecordedMessage { at: message.at + later, account, ..*message });
            }
        }
        Self::new(messages)
    }

    /// The recording `times` times, one after the other: the time from the first to the last message and one mean time
    /// between messages later each.
    pub fn repeated(self, times: u32) -> Self {
        let first = self.messages.first().map_or(SimTime::ZERO, |message| message.at);
        let last = self.messages.last().map_or(SimTime::ZERO, |message| message.at);
        let period = last.since(first) + self.mean_gap();
        let mut messages = Vec::with_capacity(self.len() * times as usize);
        for round in 0..times {
            let later = SimDuration::from_nanos(period.as_nanos().saturating_mul(u64::from(round)));
            messages.extend(self.messages.iter().map(|message| RecordedMessage { at: message.at + later, ..*message }));
        }
        Self { messages }
    }

    fn mean_gap(&self) -> SimDuration {
        match (self.messages.first(), self.messages.last()) {
            (Some(first), Some(last)) if self.len() > 1 => {
                SimDuration::from_nanos(last.at.since(first.at).as_nanos() / (self.len() as u64 - 1))
            }
            _ => SimDuration::ZERO,
        }
    }

    /// A digest of everything in it.
    fn digest(&self) -> u64 {
        let mut hash = Xxh3::new();
        for message in &self.messages {
            hash.update(&message.at.as_nanos().to_le_bytes());
            hash.update(&message.account.to_le_bytes());
            hash.update(&message.node.map_or(u32::MAX, u32::from).to_le_bytes());
            hash.update(format!("{:?}{}", message.follow_ups, message.continues).as_bytes());
        }
        hash.digest()
    }
}

/// A number in 0..1 that depends on its arguments alone.
fn chance(seed: u64, copy: u32, number: usize) -> f64 {
    let mut bytes = [0; 20];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    bytes[8..12].copy_from_slice(&copy.to_le_bytes());
    bytes[12..].copy_from_slice(&(number as u64).to_le_bytes());
    (xxh3_64(&bytes) >> 11) as f64 / (1_u64 << 53) as f64
}

impl Serialize for Recording {
    /// As a number of messages and a digest: the manifest says which recording it was, not what is in it.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map([("messages", self.len().to_string()), ("xxh3", format!("{:016x}", self.digest()))])
    }
}
