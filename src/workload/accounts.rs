//! Accounts: how active each one is, and how many devices it has subscribed.
//!
//! Memory: 8 bytes an account for unequal activity (an alias table), 4 more if the number of
//! subscriptions differs between accounts, nothing otherwise.

use super::{Group, happens};
use crate::engine::random::{Purpose, Streams};
use prefetch_index::prefetch_index;
use rand::{Rng, RngExt};
use rand_distr::{Distribution as _, StandardNormal};
use serde::Serialize;
use std::hint::select_unpredictable;

/// How unequal accounts are in the messages that they get.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Activity {
    /// All alike.
    Equal,
    /// Rates are lognormal with this standard deviation of the logarithm (Enron recipients: 1.29).
    LogNormal {
        /// Standard deviation of the logarithm.
        sigma: f64,
    },
}

/// One column of the alias table (Walker 1977, built as by Vose 1991).
#[derive(Clone, Copy)]
struct Column {
    /// The column's own account is taken below this threshold of 32 bits.
    threshold: u32,
    alias: u32,
}

/// An account that is drawn and not looked up. Of several that are looked up together, none waits for the memory of the
/// one before.
#[derive(Clone, Copy)]
pub struct Draw {
    column: u32,
    chance: u32,
}

/// The accounts of a group.
struct Block {
    /// Its first account, and one past its last.
    first: u32,
    end: u32,
    /// Number of its first subscription.
    subscription: u32,
    alias: Vec<Column>,
    /// First subscription of each account from the group's own on, and one past the last; empty if all have `fixed`.
    first_subscription: Vec<u32>,
    fixed: u32,
}

impl Block {
    /// Draws the accounts of a group.
    fn draw(group: &Group, number: u64, first: u32, subscription: u32, streams: Streams) -> Self {
        let count = group.accounts;
        let alias = match group.activity {
            Activity::Equal => Vec::new(),
            Activity::LogNormal { sigma } => {
                let mut stream = streams.stream(Purpose::Accounts, 2 * number);
                let weights = (0..count)
                    .map(|_| {
                        let z: f64 = StandardNormal.sample(&mut stream);
                        (sigma * z).exp()
                    })
                    .collect();
                alias_table(weights)
            }
        };
        let whole = group.push_subscriptions_per_account.trunc();
        let fraction = group.push_subscriptions_per_account - whole;
        let fixed = whole as u32;
        let mut first_subscription = Vec::new();
        if fraction > 0.0 {
            let mut stream = streams.stream(Purpose::Accounts, 2 * number + 1);
            first_subscription.reserve_exact(count as usize + 1);
            let mut next = 0_u32;
            for _ in 0..count {
                first_subscription.push(next);
                next += fixed + u32::from(happens(fraction, &mut stream));
            }
            first_subscription.push(next);
        }
        Self { first, end: first + count, subscription, alias, first_subscription, fixed }
    }

    /// One past the last subscription.
    fn subscriptions_end(&self) -> u32 {
        let own = self.first_subscription.last().copied().unwrap_or((self.end - self.first) * self.fixed);
        self.subscription + own
    }

    #[inline]
    fn draw_account<R: Rng>(&self, rng: &mut R) -> Draw {
        let column = rng.random_range(0..self.end - self.first);
        Draw { column, chance: if self.alias.is_empty() { 0 } else { rng.random() } }
    }

    #[inline]
    fn look_up(&self, draw: Draw) -> u32 {
        let own = match self.alias.get(draw.column as usize) {
            None => draw.column,
            // No branch, so that the next one can be looked up before this column has come from memory.
            Some(column) => select_unpredictable(draw.chance < column.threshold, draw.column, column.alias),
        };
        self.first + own
    }

    fn subscriptions_of(&self, account: u32) -> std::ops::Range<u32> {
        let own = account - self.first;
        let range = match self.first_subscription.get(own as usize..own as usize + 2) {
            Some(&[first, end]) => first..end,
            _ => own * self.fixed..(own + 1) * self.fixed,
        };
        self.subscription + range.start..self.subscription + range.end
    }
}

/// The accounts of one replication.
pub struct Accounts {
    blocks: Vec<Block>,
}

impl Accounts {
    /// Draws the accounts of a replication: those of the first group first.
    pub fn draw(groups: &[Group], streams: Streams) -> Self {
        let mut blocks: Vec<Block> = Vec::with_capacity(groups.len());
        for (number, group) in (0..).zip(groups) {
            let (first, subscription) = blocks.last().map_or((0, 0), |block| (block.end, block.subscriptions_end()));
            blocks.push(Block::draw(group, number, first, subscription, streams));
        }
        Self { blocks }
    }

    /// Number of the group of an account.
    #[inline]
    pub fn group_of(&self, account: u32) -> usize {
        match self.blocks.len() {
            1 => 0,
            _ => self.blocks.partition_point(|block| block.end <= account).min(self.blocks.len() - 1),
        }
    }

    /// The accounts of a group.
    pub fn of_group(&self, group: usize) -> std::ops::Range<u32> {
        self.blocks[group].first..self.blocks[group].end
    }

    /// Draws the account of a delivery to a group, to be looked up.
    #[inline]
    pub fn draw_account<R: Rng>(&self, group: usize, rng: &mut R) -> Draw {
        self.blocks[group].draw_account(rng)
    }

    /// The account that was drawn from a group will be looked up: what says which one it is comes into the cache.
    #[inline]
    pub fn fetch(&self, group: usize, draw: Draw) {
        prefetch_index(&self.blocks[group].alias, draw.column as usize);
    }

    /// The account that was drawn from a group.
    #[inline]
    pub fn look_up(&self, group: usize, draw: Draw) -> u32 {
        self.blocks[group].look_up(draw)
    }

    /// The subscriptions of an account, as a range of numbers below [`Self::subscriptions`].
    #[inline]
    pub fn subscriptions_of(&self, account: u32) -> std::ops::Range<u32> {
        self.blocks[self.group_of(account)].subscriptions_of(account)
    }

    /// Number of subscriptions in all.
    pub fn subscriptions(&self) -> u32 {
        self.blocks.last().map_or(0, Block::subscriptions_end)
    }
}

fn alias_table(mut weights: Vec<f64>) -> Vec<Column> {
    let scale = weights.len() as f64 / weights.iter().sum::<f64>();
    let (mut small, mut large) = (Vec::new(), Vec::new());
    for (account, weight) in weights.iter_mut().enumerate() {
        *weight *= scale;
        if *weight < 1.0 { small.push(account as u32) } else { large.push(account as u32) }
    }
    let mut table: Vec<Column> =
        (0..weights.len()).map(|account| Column { threshold: u32::MAX, alias: account as u32 }).collect();
    while let (Some(&low), Some(&high)) = (small.last(), large.last()) {
        small.pop();
        table[low as usize] = Column { threshold: (weights[low as usize] * 4_294_967_296.0) as u32, alias: high };
        weights[high as usize] -= 1.0 - weights[low as usize];
        if weights[high as usize] < 1.0 {
            large.pop();
            small.push(high);
        }
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Weights 1, 2, 5: shares 1/8, 2/8, 5/8, each within 4.5 standard errors of its frequency.
    #[test]
    fn alias_table_keeps_the_weights() {
        let alias = alias_table(vec![1.0, 2.0, 5.0]);
        let block = Block { first: 0, end: 3, subscription: 0, alias, first_subscription: vec![], fixed: 1 };
        let mut stream = Streams { seed: 5, replication: 0 }.stream(Purpose::Recipients, 0);
        let n = 160_000;
        let mut hits = [0_u32; 3];
        for _ in 0..n {
            hits[block.look_up(block.draw_account(&mut stream)) as usize] += 1;
        }
        for (hit, share) in hits.into_iter().zip([0.125, 0.25, 0.625_f64]) {
            let error = (share * (1.0 - share) / f64::from(n)).sqrt();
            assert!((f64::from(hit) / f64::from(n) - share).abs() < 4.5 * error, "{hits:?}");
        }
    }
}
