//! Messages drawn some way ahead of the clock.
//!
//! What a message is does not depend on what the cluster does, so many can be drawn at once. Each goes to accounts
//! anywhere in memory; drawn in a row, these accesses overlap.

use super::accounts::Draw;
use super::mail::{FollowUps, Mail};
use super::{Accounts, Workload};
use crate::engine::random::Streams;
use crate::time::{Calendar, SimTime};

/// Messages in a block.
const BLOCK: usize = 64;

/// A message: its part of the block's recipients.
#[derive(Clone, Copy)]
struct Drawn {
    at: SimTime,
    node: Option<u16>,
    first: usize,
    end: usize,
}

/// The messages of a replication, in blocks.
pub struct Messages {
    mail: Mail,
    block: Vec<Drawn>,
    /// Number of the next message of the block.
    next: usize,
    taken: Drawn,
    /// Messages of the block whose recipients are drawn and not looked up, with their groups.
    drawn: Vec<(usize, usize)>,
    /// What was drawn for them, one after the other.
    draws: Vec<Draw>,
    accounts: Vec<u32>,
    follow_ups: Vec<FollowUps>,
}

impl Messages {
    /// The messages of a replication, whose measured span begins at `origin`.
    pub fn new(workload: &Workload, calendar: Calendar, origin: SimTime, streams: Streams) -> Self {
        let mail = Mail::new(workload, calendar, origin, streams);
        let taken = Drawn { at: SimTime::ZERO, node: None, first: 0, end: 0 };
        let (block, drawn, draws) = (Vec::new(), Vec::new(), Vec::new());
        Self { mail, block, next: 0, taken, drawn, draws, accounts: Vec::new(), follow_ups: Vec::new() }
    }

    /// When the next message arrives; [`SimTime::NEVER`] if there are no more.
    #[inline]
    pub fn next_time(&self) -> SimTime {
        self.block.get(self.next).map_or_else(|| self.mail.next_time(), |message| message.at)
    }

    /// Draws a block if the last one is used up.
    pub fn draw_block(&mut self, accounts: &Accounts) {
        if self.next < self.block.len() {
            return;
        }
        self.next = 0;
        self.block.clear();
        self.accounts.clear();
        self.follow_ups.clear();
        while self.block.len() < BLOCK && self.mail.next_time() < SimTime::NEVER {
            let at = self.mail.next_time();
            let first = self.follow_ups.len();
            match self.mail.draw(accounts) {
                Some(group) => {
                    self.drawn.push((self.block.len(), group));
                    self.draws.extend_from_slice(&self.mail.drawn);
                    self.mail.drawn.iter().for_each(|&draw| accounts.fetch(group, draw));
                }
                None => self.accounts.extend_from_slice(&self.mail.accounts),
            }
            self.follow_ups.extend_from_slice(&self.mail.follow_ups);
            self.accounts.resize(self.follow_ups.len(), 0);
            self.block.push(Drawn { at, node: self.mail.node, first, end: self.accounts.len() });
        }
        self.look_up(accounts);
    }

    /// Looks up all that is drawn, then parts what came up twice.
    fn look_up(&mut self, accounts: &Accounts) {
        let mut draws = self.draws.drain(..);
        for &(message, group) in &self.drawn {
            let Drawn { first, end, .. } = self.block[message];
            for (account, draw) in self.accounts[first..end].iter_mut().zip(&mut draws) {
                *account = accounts.look_up(group, draw);
            }
        }
        drop(draws);
        for (message, group) in self.drawn.drain(..) {
            let Drawn { first, end, .. } = self.block[message];
            if end - first > 1 {
                self.mail.part(group, &mut self.accounts[first..end], accounts);
            }
        }
    }

    /// Goes on to the message whose time [`Self::next_time`] said; a block must have been drawn.
    #[inline]
    pub fn take(&mut self) {
        if let Some(message) = self.block.get(self.next) {
            self.taken = *message;
            self.next += 1;
        }
    }

    /// The node that a recording names for the message that was taken.
    #[inline]
    pub fn node(&self) -> Option<u16> {
        self.taken.node
    }

    /// Number of recipients of the message that was taken.
    #[inline]
    pub fn recipients(&self) -> usize {
        self.taken.end - self.taken.first
    }

    /// A recipient of the message that was taken, each account once, and what follows for it.
    #[inline]
    pub fn recipient(&self, number: usize) -> (u32, FollowUps) {
        let place = self.taken.first + number;
        (self.accounts[place], self.follow_ups[place])
    }
}
