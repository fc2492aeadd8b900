//! Mailings: a message each to a share of all accounts within seconds.

use crate::engine::random::Stream;
use crate::time::{SimDuration, SimTime};
use rand::RngExt;
use serde::Serialize;

/// A mailing, once or again and again.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub struct Burst {
    /// When the first one begins, from the start of the measured span.
    pub at: SimDuration,
    /// Time from the beginning of one to that of the next; none if there is but one.
    pub every: Option<SimDuration>,
    /// Share of all accounts, each of which gets one message.
    pub share: f64,
    /// Time from the first possible message to the last.
    pub within: SimDuration,
}

impl Burst {
    /// Messages of one mailing: the share of the accounts, rounded, at least one.
    pub fn messages(&self, accounts: u32) -> u32 {
        ((f64::from(accounts) * self.share).round() as u32).clamp(1, accounts)
    }

    /// Number of mailings that begin in a span of this length from the start of the measured span.
    pub fn count_within(&self, span: SimDuration) -> u64 {
        match self.every {
            _ if self.at >= span => 0,
            None => 1,
            Some(every) => (span.as_nanos() - self.at.as_nanos()).div_ceil(every.as_nanos().max(1)),
        }
    }
}

/// The messages of a [`Burst`] in order of time: independent uniform times within it, to different accounts
/// chosen at random.
pub(super) struct BurstMessages {
    burst: Burst,
    stream: Stream,
    accounts: u32,
    begins: SimTime,
    /// The time of the next message.
    at: SimTime,
    /// Accounts that have not had theirs, the next one last.
    left: Vec<u32>,
}

impl BurstMessages {
    pub fn new(burst: Burst, accounts: u32, origin: SimTime, stream: Stream) -> Self {
        let begins = origin + burst.at;
        let mut messages = Self { burst, stream, accounts, begins, at: begins, left: Vec::new() };
        messages.begin();
        messages
    }

    fn begin(&mut self) {
        let count = self.burst.messages(self.accounts) as usize;
        let chosen = rand::seq::index::sample(&mut self.stream, self.accounts as usize, count);
        self.left = chosen.into_iter().map(|account| account as u32).collect();
        self.at = self.begins;
        self.advance();
    }

    /// The least of n uniform times on what is left of the span: by inversion, 1 − (1 − U)^(1/n) of it.
    fn advance(&mut self) {
        let left = (self.begins + self.burst.within).since(self.at);
        let part = -((-self.stream.random::<f64>()).ln_1p() / self.left.len() as f64).exp_m1();
        self.at = self.at + left.mul_f64(part);
    }

    /// When the next message comes; [`SimTime::NEVER`] if there are no more.
    pub fn next_time(&self) -> SimTime {
        if self.left.is_empty() { SimTime::NEVER } else { self.at }
    }

    /// Takes the next message and returns its account.
    pub fn take(&mut self) -> u32 {
        let account = self.left.pop().unwrap_or(0);
        match self.burst.every {
            _ if !self.left.is_empty() => self.advance(),
            Some(every) => {
                self.begins = self.begins + every;
                self.begin();
            }
            None => self.left = Vec::new(),
        }
        account
    }
}
