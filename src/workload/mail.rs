//! The messages of a replication, one after the other: when, to whom, and which work follows.
//!
//! Each group has a process of its own; so has each mailing. The earliest is next; of equal times, groups come
//! before recordings before mailings, each in the order of the file. A message goes to accounts of one group.

use super::accounts::Draw;
use super::bursts::BurstMessages;
use super::replay::{RecordedMessage, Recording};
use super::{Accounts, Group, RateClock, Workload, happens};
use crate::engine::random::{Purpose, Stream, Streams};
use crate::time::{Calendar, SimTime};
use std::collections::HashSet;
use std::sync::Arc;

/// Work that may follow a delivery beside indexing and notification, which always do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct FollowUps(u8);

impl FollowUps {
    /// None.
    pub const NONE: Self = Self(0);
    /// Threads are merged (0.15 and later).
    pub const MERGE: Self = Self(1);
    /// The spam classifier is trained.
    pub const TRAINING: Self = Self(2);
    /// The message is an invitation.
    pub const INVITATION: Self = Self(4);

    /// Each kind with the name of its role.
    pub const NAMES: [(&'static str, Self); 3] =
        [("imip-processing", Self::INVITATION), ("bayes-training", Self::TRAINING), ("merge-threads", Self::MERGE)];

    /// Both.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether `other` is among them.
    #[inline]
    pub fn has(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }
}

/// Where messages come from.
enum Source {
    Group(usize, Box<RateClock>, SimTime),
    Recorded(Arc<Recording>, usize),
    Burst(Box<BurstMessages>),
}

impl Source {
    fn next_time(&self) -> SimTime {
        match self {
            Self::Group(_, _, at) => *at,
            Self::Recorded(recording, next) => recording.get(*next).map_or(SimTime::NEVER, |message| message.at),
            Self::Burst(messages) => messages.next_time(),
        }
    }
}

/// A generator of messages. The message that was taken last is in its fields.
pub struct Mail {
    /// Recipients, each once.
    pub accounts: Vec<u32>,
    /// What follows for each recipient, in the same order.
    pub follow_ups: Vec<FollowUps>,
    /// The node that a recording names.
    pub node: Option<u16>,
    groups: Vec<(Group, Stream)>,
    sources: Vec<Source>,
    next: usize,
    /// Accounts that are drawn and not looked up.
    pub drawn: Vec<Draw>,
    /// Accounts in the place of those that come up twice, by group.
    spare: Vec<Stream>,
}

impl Mail {
    /// The messages of a replication, whose measured span begins at `origin`.
    pub fn new(workload: &Workload, calendar: Calendar, origin: SimTime, streams: Streams) -> Self {
        let of_group = |(number, group): (usize, &Group)| {
            let rate = group.message_rate(calendar, origin);
            let states = streams.stream(Purpose::ArrivalStates, number as u64);
            let clock = RateClock::new(streams.stream(Purpose::Arrivals, number as u64), rate);
            let mut clock = clock.scattered(group.arrivals, states);
            let first = clock.next_arrival();
            Source::Group(number, Box::new(clock), first)
        };
        let mut sources: Vec<Source> = match &workload.replay {
            Some(recording) => vec![Source::Recorded(recording.clone(), 0)],
            None => workload.groups.iter().enumerate().map(of_group).collect(),
        };
        sources.extend(workload.bursts.iter().enumerate().map(|(number, burst)| {
            let stream = streams.stream(Purpose::Bursts, number as u64);
            Source::Burst(Box::new(BurstMessages::new(burst.clone(), workload.accounts, origin, stream)))
        }));
        let of = |number: usize| streams.stream(Purpose::Recipients, number as u64);
        let groups = workload.groups.iter().enumerate().map(|(number, group)| (group.clone(), of(number))).collect();
        let spare = (0..workload.groups.len() as u64).map(|number| streams.stream(Purpose::OtherRecipients, number));
        let (accounts, follow_ups, drawn) = (Vec::new(), Vec::new(), Vec::new());
        let mut mail =
            Self { accounts, follow_ups, node: None, groups, sources, next: 0, drawn, spare: spare.collect() };
        mail.find_next();
        mail
    }

    fn find_next(&mut self) {
        let earliest = self.sources.iter().enumerate().min_by_key(|(_, source)| source.next_time());
        self.next = earliest.map_or(0, |(number, _)| number);
    }

    /// When the next message arrives; [`SimTime::NEVER`] if there are no more.
    #[inline]
    pub fn next_time(&self) -> SimTime {
        self.sources.get(self.next).map_or(SimTime::NEVER, Source::next_time)
    }

    /// Draws the message whose time [`Self::next_time`] says, and goes on to the one after it.
    pub fn take(&mut self, accounts: &Accounts) {
        if let Some(group) = self.draw(accounts) {
            let mut recipients = std::mem::take(&mut self.accounts);
            recipients.extend(self.drawn.iter().map(|&draw| accounts.look_up(group, draw)));
            self.part(group, &mut recipients, accounts);
            self.accounts = recipients;
        }
    }

    /// As [`Self::take`]; if it returns a group, the recipients are among its accounts, and stand in `drawn`: they are
    /// still to be looked up and parted.
    pub fn draw(&mut self, accounts: &Accounts) -> Option<usize> {
        let mut of_group = None;
        self.accounts.clear();
        self.follow_ups.clear();
        self.node = None;
        match self.sources.get_mut(self.next) {
            Some(Source::Group(group, clock, at)) => {
                let group = *group;
                *at = clock.next_arrival();
                let count = self.draw_recipients(group, accounts);
                self.draw_follow_ups(group, count);
                of_group = Some(group);
            }
            Some(Source::Recorded(recording, next)) => {
                let recording = recording.clone();
                let message = recording.message_at(*next);
                *next += message.len();
                self.take_recorded(message, accounts);
            }
            Some(Source::Burst(messages)) => {
                let account = messages.take();
                self.accounts.push(account);
                self.draw_follow_ups(accounts.group_of(account), 1);
            }
            None => return None,
        }
        if self.sources.len() > 1 {
            self.find_next();
        }
        of_group
    }

    fn take_recorded(&mut self, message: &[RecordedMessage], accounts: &Accounts) {
        self.node = message.first().and_then(|first| first.node);
        for delivery in message {
            // Somebody who is named twice gets the message once.
            if !self.accounts.contains(&delivery.account) {
                self.accounts.push(delivery.account);
            }
        }
        let Some(first) = message.first() else { return };
        match first.follow_ups {
            None => self.draw_follow_ups(accounts.group_of(first.account), self.accounts.len()),
            Some(_) => self.follow_ups.extend(self.accounts.iter().map(|account| {
                let own = message.iter().filter(|delivery| delivery.account == *account);
                own.filter_map(|delivery| delivery.follow_ups).fold(FollowUps::NONE, FollowUps::and)
            })),
        }
    }

    /// What follows for so many recipients is drawn for the last one first.
    fn draw_follow_ups(&mut self, group: usize, count: usize) {
        let Some((group, stream)) = self.groups.get_mut(group) else { return };
        self.follow_ups.resize(count, FollowUps::NONE);
        for follow_ups in self.follow_ups.iter_mut().rev() {
            for (probability, kind) in [
                (group.thread_merges_per_message, FollowUps::MERGE),
                (group.trainings_per_message, FollowUps::TRAINING),
                (group.invitations_per_message, FollowUps::INVITATION),
            ] {
                if happens(probability, stream) {
                    *follow_ups = follow_ups.and(kind);
                }
            }
        }
    }

    /// Draws the recipients of a message of a group, to be looked up. Returns how many there are.
    fn draw_recipients(&mut self, number: usize, accounts: &Accounts) -> usize {
        let Some((group, stream)) = self.groups.get_mut(number) else { return 0 };
        let count = group.recipients.sample(stream).clamp(1, group.accounts) as usize;
        self.drawn.clear();
        self.drawn.extend((0..count).map(|_| accounts.draw_account(number, stream)));
        count
    }

    /// Puts others in the place of accounts of a group that are there already: drawn, or, where the same few come up again
    /// and again, the next account by number that is still missing.
    pub fn part(&mut self, number: usize, recipients: &mut [u32], accounts: &Accounts) {
        let Some(stream) = self.spare.get_mut(number) else { return };
        let block = accounts.of_group(number);
        // Few are looked through faster than looked up.
        let mut picked: Option<HashSet<u32>> = (recipients.len() > 32).then(HashSet::new);
        let mut tries = 4 * recipients.len();
        for place in 0..recipients.len() {
            let (before, rest) = recipients.split_at_mut(place);
            let is_picked = |account: u32| match &picked {
                Some(picked) => picked.contains(&account),
                None => before.contains(&account),
            };
            let mut account = rest[0];
            while is_picked(account) {
                tries = tries.saturating_sub(1);
                account = if tries > 0 {
                    accounts.look_up(number, accounts.draw_account(number, stream))
                } else if account + 1 < block.end {
                    account + 1
                } else {
                    block.start
                };
            }
            rest[0] = account;
            if let Some(picked) = &mut picked {
                picked.insert(account);
            }
        }
    }
}
