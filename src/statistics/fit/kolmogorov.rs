//! The Kolmogorov-Smirnov distance.

use super::distribution::FittedDistribution;
use super::sample::Sample;

/// The greatest distance between the distribution and the empirical one, below and at each recorded value; for rounded
/// values at the edges of their cells, where the number of samples on either side is known.
pub fn distance(sample: &Sample, distribution: &FittedDistribution) -> f64 {
    let (mut below, mut greatest) = (0.0, 0.0_f64);
    for cell in &sample.cells {
        let at = below + cell.count;
        let lower = (distribution.cumulative(cell.low) - below / sample.n).abs();
        let upper = (distribution.cumulative(cell.high) - at / sample.n).abs();
        if lower.is_nan() || upper.is_nan() {
            return f64::NAN;
        }
        greatest = greatest.max(lower).max(upper);
        below = at;
    }
    greatest
}
