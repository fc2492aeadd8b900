//! Times at which nodes were down: merged, and measured.

use super::fitting::{FittedTime, fit};
use crate::input::{Moment, NANOS};
use crate::statistics::Rounding;

/// A node was down.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Outage {
    /// Which.
    pub node: u64,
    /// From.
    pub down: Moment,
    /// To.
    pub up: Moment,
}

/// Sorts by node and time, and joins records of one node that overlap or touch. Returns how many were joined to another.
pub fn merge(outages: &mut Vec<Outage>) -> u64 {
    outages.sort_unstable();
    let before = outages.len();
    outages.dedup_by(|later, earlier| {
        let is_same = later.node == earlier.node && later.down <= earlier.up;
        if is_same {
            earlier.up = earlier.up.max(later.up);
        }
        is_same
    });
    (before - outages.len()) as u64
}

/// Seconds from each repair of a node to its next failure. `outages` are merged.
pub fn between(outages: &[Outage]) -> Vec<f64> {
    let pairs = outages.windows(2).filter(|pair| pair[0].node == pair[1].node);
    pairs.map(|pair| pair[1].down.seconds_since(pair[0].up)).collect()
}

/// Seconds that each outage took.
pub fn repairs(outages: &[Outage]) -> Vec<f64> {
    outages.iter().map(|outage| outage.up.seconds_since(outage.down)).collect()
}

/// What the times of a file are multiples of: a minute, a second, or nothing that shows. The difference of two times
/// that are rounded down to a unit is off by less than the unit either way, which is taken as rounded to the nearest.
pub fn rounding(outages: &[Outage]) -> Rounding {
    let all_multiples = |unit: i64| {
        outages.iter().flat_map(|outage| [outage.down, outage.up]).all(|moment| moment.0.rem_euclid(unit) == 0)
    };
    if all_multiples(60 * NANOS) {
        Rounding::Nearest { unit: 60.0 }
    } else if all_multiples(NANOS) {
        Rounding::Nearest { unit: 1.0 }
    } else {
        Rounding::Exact
    }
}

/// Fits of time between failures (days) and of repair (minutes); none for fewer than two values.
pub fn fits(outages: &[Outage]) -> Vec<FittedTime> {
    let rounding = rounding(outages);
    let measured = [
        ("time between failures of a node", between(outages), ("days", 1.0 / 86_400.0)),
        ("time to repair", repairs(outages), ("minutes", 1.0 / 60.0)),
    ];
    let fitted = measured.into_iter().filter(|(_, values, _)| values.len() > 1);
    fitted.filter_map(|(name, values, unit)| fit(name, &values, rounding, unit).ok()).collect()
}
