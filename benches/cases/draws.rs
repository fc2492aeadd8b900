//! Drawing from distributions.

use rolesim::engine::random::{Purpose, Stream, Streams};

/// Values drawn at a time.
pub const DRAWS: u32 = 1_000;

/// A stream as a simulation uses it.
pub fn stream(entity: u64) -> Stream {
    Streams { seed: 1, replication: 0 }.stream(Purpose::Demands, entity)
}

/// The sum of [`DRAWS`] values.
#[inline]
pub fn sum(stream: &mut Stream, mut draw: impl FnMut(&mut Stream) -> f64) -> f64 {
    (0..DRAWS).map(|_| draw(stream)).sum()
}
