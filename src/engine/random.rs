//! Random streams named by (seed, replication, purpose, entity).
//!
//! Each name has its own ChaCha8 stream: seed, replication and purpose are the key, the entity is the
//! stream number (`set_stream`). Streams with different names never overlap, and what one stream draws
//! does not move another: two layouts that draw the same things from a stream see the same values
//! (common random numbers).

use rand::{Rng, SeedableRng, TryRng};
use rand_chacha::ChaCha8Rng;
use std::convert::Infallible;

/// A random stream.
pub type Stream = ChaCha8Rng;

/// Name of the way in which streams are derived from a seed. Results are comparable only under the
/// same scheme.
pub const SEED_SCHEME: &str = "chacha8/seed-replication-purpose/stream=entity/2";

/// What a stream's draws are used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u32)]
pub enum Purpose {
    /// How active each account is, how many subscriptions it has.
    Accounts = 1,
    /// When messages arrive.
    Arrivals = 2,
    /// To whom they go, and which follow-up work they cause.
    Recipients = 3,
    /// Service demands; the entity is the kind of work.
    Demands = 4,
    /// Choices of the load balancer.
    Balancer = 5,
    /// When calendar alerts fall due.
    Alerts = 6,
    /// Order in which a node dispatches what it read; the entity is the node.
    Dispatch = 7,
    /// Delay of the coordinator.
    Coordinator = 8,
    /// Push requests: their preparation, and the answers of endpoints.
    Endpoint = 9,
    /// Failures; the entity is the fault and the node.
    Faults = 10,
    /// Recipients in the place of those that come up twice; the entity is the group.
    OtherRecipients = 15,
    /// When nodes start; the entity is the node.
    Starts = 12,
    /// Timed jobs: order of accounts, dates of certificates; the entity is the node.
    TimedJobs = 11,
    /// Demands of timed jobs; the entity is the kind.
    TimedDemands = 24,
    /// Whether a crash takes its zone along; the entity is the fault and the node.
    ZoneCrashes = 13,
    /// Which nodes miss a message of the coordinator.
    CoordinatorLoss = 14,
    /// States of Markov-modulated arrivals; the entity is the group.
    ArrivalStates = 21,
    /// Mailings; the entity is their number.
    Bursts = 22,
    /// Calendar alerts of groups but the first, and clustered ones; the entity is group and part.
    GroupAlerts = 23,
}

/// Seed and replication: everything that streams of one simulation have in common.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Streams {
    /// Seed of the scenario.
    pub seed: u64,
    /// Number of the replication, from 0.
    pub replication: u32,
}

impl Streams {
    /// The stream for `purpose` of `entity`.
    pub fn stream(self, purpose: Purpose, entity: u64) -> Stream {
        let mut key = [0_u8; 32];
        key[..8].copy_from_slice(&self.seed.to_le_bytes());
        key[8..12].copy_from_slice(&self.replication.to_le_bytes());
        key[12..16].copy_from_slice(&(purpose as u32).to_le_bytes());
        key[16..32].copy_from_slice(b"rolesim streams\x01");
        let mut stream = ChaCha8Rng::from_seed(key);
        stream.set_stream(entity);
        stream
    }
}

/// Words that a [`NearStream`] has drawn ahead at most: so many that it takes one line of the cache.
const NEAR_WORDS: usize = 12;

/// A stream from which little is drawn at a time, long after the last time: its state, which is large, has left the cache
/// by then, but the next words stand here. It draws what the stream draws.
pub struct NearStream {
    /// The next last.
    words: [u32; NEAR_WORDS],
    left: usize,
    stream: Box<Stream>,
}

impl From<Stream> for NearStream {
    fn from(stream: Stream) -> Self {
        Self { words: [0; NEAR_WORDS], left: 0, stream: Box::new(stream) }
    }
}

impl NearStream {
    #[cold]
    fn refill(&mut self) {
        for word in self.words.iter_mut().rev() {
            *word = self.stream.next_u32();
        }
        self.left = NEAR_WORDS;
    }
}

impl TryRng for NearStream {
    type Error = Infallible;

    #[inline]
    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        if self.left == 0 {
            self.refill();
        }
        self.left -= 1;
        Ok(self.words[self.left])
    }

    #[inline]
    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        let low = u64::from(self.try_next_u32()?);
        Ok(u64::from(self.try_next_u32()?) << 32 | low)
    }

    fn try_fill_bytes(&mut self, to: &mut [u8]) -> Result<(), Infallible> {
        for bytes in to.chunks_mut(4) {
            let word = self.try_next_u32()?.to_le_bytes();
            bytes.copy_from_slice(&word[..bytes.len()]);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::RngExt;

    #[test]
    fn a_near_stream_draws_what_the_stream_draws() {
        let mut stream = Streams { seed: 1, replication: 0 }.stream(Purpose::Dispatch, 4);
        let mut near = NearStream::from(stream.clone());
        for number in 0..1_000_u64 {
            assert_eq!(near.random_range(0..=number as usize), stream.random_range(0..=number as usize));
            if number % 3 == 0 {
                assert_eq!(near.random::<u64>(), stream.random::<u64>());
                assert_eq!(near.random::<[u8; 8]>(), stream.random::<[u8; 8]>());
            }
        }
    }

    #[test]
    fn every_part_of_the_name_matters() {
        let base = Streams { seed: 1, replication: 0 };
        let draw = |streams: Streams, purpose, entity| streams.stream(purpose, entity).random::<u64>();
        let first = draw(base, Purpose::Arrivals, 0);
        assert_eq!(first, draw(base, Purpose::Arrivals, 0));
        assert_ne!(first, draw(Streams { seed: 2, ..base }, Purpose::Arrivals, 0));
        assert_ne!(first, draw(Streams { replication: 1, ..base }, Purpose::Arrivals, 0));
        assert_ne!(first, draw(base, Purpose::Demands, 0));
        assert_ne!(first, draw(base, Purpose::Arrivals, 1));
    }
}
