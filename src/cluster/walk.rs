//! A walk over the accounts of a shard in random order, in constant memory.

use crate::engine::random::Stream;
use rand::RngExt;

/// Visits every account of a shard once. The order is an affine permutation `a·i + b mod n` with `a`
/// prime to `n`: not uniform over all orders, but two walks of one shard meet as rarely as random ones.
#[derive(Clone, Default)]
pub struct Walk {
    first: u32,
    stride: u32,
    count: u64,
    next: u64,
    factor: u64,
    offset: u64,
    returned: Vec<u32>,
}

impl Walk {
    /// The accounts `first`, `first + stride`, … (`count` of them), in an order drawn from `random`, or
    /// in ascending order.
    pub fn new(first: u32, stride: u32, count: u32, random: Option<&mut Stream>) -> Self {
        let count = u64::from(count);
        let (mut factor, mut offset) = (1, 0);
        if let (Some(random), true) = (random, count > 1) {
            offset = random.random_range(0..count);
            factor = random.random_range(1..count);
            while gcd(factor, count) != 1 {
                factor = factor % count + 1;
            }
        }
        Self { first, stride, count, next: 0, factor, offset, returned: Vec::new() }
    }

    /// The next account, until all have been visited.
    pub fn next(&mut self) -> Option<u32> {
        if let Some(account) = self.returned.pop() {
            return Some(account);
        }
        if self.next >= self.count {
            return None;
        }
        let place =
            (u128::from(self.factor) * u128::from(self.next) + u128::from(self.offset)) % u128::from(self.count);
        self.next += 1;
        Some(self.first + place as u32 * self.stride)
    }

    /// Whether nothing is left.
    pub fn is_over(&self) -> bool {
        self.next >= self.count && self.returned.is_empty()
    }

    /// An account that was taken is to be visited again.
    pub fn give_back(&mut self, account: u32) {
        self.returned.push(account);
    }
}

fn gcd(mut a: u64, mut b: u64) -> u64 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::random::{Purpose, Streams};

    /// Whatever is drawn, every account of the shard is visited exactly once.
    #[test]
    fn every_account_once() {
        for (entity, count) in [0_u32, 1, 2, 3, 12, 97, 1_000].into_iter().enumerate() {
            let mut stream = Streams { seed: 1, replication: 0 }.stream(Purpose::TimedJobs, entity as u64);
            let mut walk = Walk::new(2, 5, count, Some(&mut stream));
            let mut visited: Vec<u32> = std::iter::from_fn(|| walk.next()).collect();
            visited.sort_unstable();
            assert_eq!(visited, (0..count).map(|i| 2 + 5 * i).collect::<Vec<_>>());
            assert!(walk.is_over());
        }
    }
}
