//! Accounts: how active each one is, and how many devices it has subscribed.
//!
//! Memory: 8 bytes an account for unequal activity (an alias table), 4 more if the number of
//! subscriptions differs between accounts, nothing otherwise.

use super::happens;
use crate::engine::random::{Purpose, Streams};
use rand::{Rng, RngExt};
use rand_distr::{Distribution as _, StandardNormal};
use serde::Serialize;

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

/// The accounts of one replication.
pub struct Accounts {
    count: u32,
    alias: Vec<Column>,
    /// First subscription of each account, and one past the last; empty if all have `fixed`.
    first_subscription: Vec<u32>,
    fixed: u32,
}

impl Accounts {
    /// Draws the accounts of a replication.
    pub fn draw(count: u32, activity: &Activity, subscriptions_per_account: f64, streams: Streams) -> Self {
        let alias = match activity {
            Activity::Equal => Vec::new(),
            Activity::LogNormal { sigma } => {
                let mut stream = streams.stream(Purpose::Accounts, 0);
                let weights = (0..count)
                    .map(|_| {
                        let z: f64 = StandardNormal.sample(&mut stream);
                        (sigma * z).exp()
                    })
                    .collect();
                alias_table(weights)
            }
        };
        let whole = subscriptions_per_account.trunc();
        let fraction = subscriptions_per_account - whole;
        let fixed = whole as u32;
        let mut first_subscription = Vec::new();
        if fraction > 0.0 {
            let mut stream = streams.stream(Purpose::Accounts, 1);
            first_subscription.reserve_exact(count as usize + 1);
            let mut next = 0_u32;
            for _ in 0..count {
                first_subscription.push(next);
                next += fixed + u32::from(happens(fraction, &mut stream));
            }
            first_subscription.push(next);
        }
        Self { count, alias, first_subscription, fixed }
    }

    /// Number of accounts.
    pub fn count(&self) -> u32 {
        self.count
    }

    /// Draws the account of a delivery.
    #[inline]
    pub fn pick<R: Rng>(&self, rng: &mut R) -> u32 {
        let account = rng.random_range(0..self.count);
        match self.alias.get(account as usize) {
            None => account,
            Some(column) if rng.random::<u32>() < column.threshold => account,
            Some(column) => column.alias,
        }
    }

    /// The subscriptions of an account, as a range of numbers below [`Self::subscriptions`].
    #[inline]
    pub fn subscriptions_of(&self, account: u32) -> std::ops::Range<u32> {
        match self.first_subscription.get(account as usize..account as usize + 2) {
            Some(&[first, end]) => first..end,
            _ => account * self.fixed..(account + 1) * self.fixed,
        }
    }

    /// Number of subscriptions in all.
    pub fn subscriptions(&self) -> u32 {
        self.first_subscription.last().copied().unwrap_or(self.count * self.fixed)
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
        let accounts =
            Accounts { count: 3, alias: alias_table(vec![1.0, 2.0, 5.0]), first_subscription: vec![], fixed: 1 };
        let mut stream = Streams { seed: 5, replication: 0 }.stream(Purpose::Recipients, 0);
        let n = 160_000;
        let mut hits = [0_u32; 3];
        for _ in 0..n {
            hits[accounts.pick(&mut stream) as usize] += 1;
        }
        for (hit, share) in hits.into_iter().zip([0.125, 0.25, 0.625_f64]) {
            let error = (share * (1.0 - share) / f64::from(n)).sqrt();
            assert!((f64::from(hit) / f64::from(n) - share).abs() < 4.5 * error, "{hits:?}");
        }
    }

    /// 1.25 subscriptions: everybody has one, a quarter has two (binomial, 4.5 standard errors).
    #[test]
    fn fractions_of_subscriptions_are_shared_out() {
        let accounts = Accounts::draw(40_000, &Activity::Equal, 1.25, Streams { seed: 1, replication: 0 });
        let twos = (0..40_000).filter(|&account| accounts.subscriptions_of(account).len() == 2).count() as f64;
        assert!((twos - 10_000.0).abs() < 4.5 * (40_000.0 * 0.25 * 0.75_f64).sqrt());
        assert!((0..40_000).all(|account| !accounts.subscriptions_of(account).is_empty()));
        assert_eq!(f64::from(accounts.subscriptions()), 40_000.0 + twos);
    }
}
