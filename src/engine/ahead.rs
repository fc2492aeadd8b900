//! Draws made some way ahead.
//!
//! What is drawn does not depend on when it is needed, so it is drawn in a row: the stream and the tables of the
//! distributions are then in the cache, and the processor knows the way through them.

/// Values drawn at a time.
const BLOCK: usize = 64;

/// Values of one kind, each the outcome of one or several draws from a stream that nothing else draws from.
pub struct Ahead<T> {
    values: Vec<T>,
    next: usize,
}

impl<T> Default for Ahead<T> {
    fn default() -> Self {
        Self { values: Vec::new(), next: 0 }
    }
}

impl<T: Copy> Ahead<T> {
    /// The next value. `draw` draws one; it must be the same each time.
    #[inline]
    pub fn take(&mut self, draw: impl FnMut() -> T) -> T {
        if self.next == self.values.len() {
            self.refill(draw);
        }
        self.next += 1;
        self.values[self.next - 1]
    }

    #[inline(never)]
    fn refill(&mut self, mut draw: impl FnMut() -> T) {
        self.next = 0;
        self.values.clear();
        self.values.extend((0..BLOCK).map(|_| draw()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each value once, in the order in which they are drawn, however long a block is.
    #[test]
    fn values_come_in_the_order_of_their_draws() {
        let mut ahead = Ahead::default();
        let mut drawn = 0;
        let mut draw = || {
            drawn += 1;
            drawn
        };
        let taken: Vec<usize> = (0..3 * BLOCK).map(|_| ahead.take(&mut draw)).collect();
        assert_eq!(taken, (1..=3 * BLOCK).collect::<Vec<_>>());
    }
}
