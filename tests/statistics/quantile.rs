//! Quantiles and their intervals.

use crate::common::{assert_close, exponential, generator, normal, share, tolerance};
use proptest::prelude::*;
use rolesim::statistics::{Confidence, Interval, StatisticsError, quantile, quantile_interval, replication_quantile};

fn level(level: f64) -> Confidence {
    Confidence::new(level).expect("a level")
}

/// Definition 1 of Hyndman & Fan: of 1..=100 the 99 % quantile is 99, of 1..=4 the median is 2.
#[test]
fn point_is_the_inverse_of_the_empirical_distribution() {
    let hundred: Vec<f64> = (1..=100).rev().map(f64::from).collect();
    for (p, expected) in [(0.0, 1.0), (0.01, 1.0), (0.99, 99.0), (0.991, 100.0), (1.0, 100.0), (0.07, 7.0)] {
        assert_eq!(quantile(&hundred, p), Ok(expected));
    }
    assert_eq!(quantile(&[4.0, 1.0, 3.0, 2.0], 0.5), Ok(2.0));
    assert_eq!(quantile(&[], 0.5), Err(StatisticsError::Empty));
    assert!(quantile(&[1.0], 1.5).is_err());
}

/// The sign test's interval for the median of ten: from the 2nd to the 9th, coverage 1 − 2 · 11/1024 = 0.9785
/// (David & Nagaraja, section 7.1). Of five values no two enclose the median with 95 %: 1 − 2/32.
#[test]
fn median_interval_is_the_textbook_one() {
    let ten: Vec<f64> = (1..=10).map(f64::from).collect();
    let found = quantile_interval(&ten, 0.5, level(0.95)).expect("ten values");
    assert_eq!((found.value, found.interval), (5.0, Some(Interval { low: 2.0, high: 9.0 })));
    assert_close(found.coverage.expect("an interval"), 1.0 - 22.0 / 1024.0, 1e-12);
    let five = quantile_interval(&ten[..5], 0.5, level(0.95)).expect("five values");
    assert_eq!((five.interval, five.coverage), (None, None));
}

/// The p99 has an upper limit at 97.5 % only from 368 values on: 0.99³⁶⁸ < 0.025 < 0.99³⁶⁷.
#[test]
fn p99_needs_368_values() {
    let values: Vec<f64> = (0..368).map(f64::from).collect();
    assert!(quantile_interval(&values[..367], 0.99, level(0.95)).expect("values").interval.is_none());
    assert!(quantile_interval(&values, 0.99, level(0.95)).expect("values").interval.is_some());
}

/// 5 000 samples of 500 exponential values: the interval covers the true p90, ln 10, as often as its stated coverage.
#[test]
fn order_statistics_cover_as_often_as_they_say() {
    let trials = 5_000;
    let mut generator = generator(2);
    let mut stated = 0.0;
    let mut covered = 0;
    for _ in 0..trials {
        let values: Vec<f64> = (0..500).map(|_| exponential(&mut generator)).collect();
        let found = quantile_interval(&values, 0.9, level(0.95)).expect("values");
        stated = found.coverage.expect("an interval");
        covered += usize::from(found.interval.is_some_and(|interval| interval.contains(10.0_f64.ln())));
    }
    assert!((0.95..0.97).contains(&stated));
    assert_close(share(covered, trials), stated, tolerance(stated, trials));
}

/// Samples that share a level within their replication, as waits in one run do: the interval over replications covers
/// the median 0 in 95 %, while order statistics of the pooled samples, which take them as independent, do not.
#[test]
fn dependent_samples_need_replications() {
    let trials = 4_000;
    let mut generator = generator(3);
    let (mut over_replications, mut pooled) = (0, 0);
    for _ in 0..trials {
        let replications: Vec<Vec<f64>> = (0..8)
            .map(|_| {
                let shared = normal(&mut generator);
                (0..25).map(|_| shared + normal(&mut generator)).collect()
            })
            .collect();
        let found = replication_quantile(&replications, 0.52, level(0.95)).expect("values");
        over_replications += usize::from(found.over_replications.interval.is_some_and(|range| range.contains(0.0)));
        let all = replications.concat();
        let naive = quantile_interval(&all, 0.5, level(0.95)).expect("values");
        pooled += usize::from(naive.interval.is_some_and(|range| range.contains(0.0)));
    }
    // The 13th of 25 is the exact median; its distribution is symmetric about 0.
    assert_close(share(over_replications, trials), 0.95, tolerance(0.95, trials));
    assert!(share(pooled, trials) < 0.75);
}

#[test]
fn replication_without_samples_is_an_error() {
    let replications: [&[f64]; 2] = [&[1.0], &[]];
    let found = replication_quantile(&replications, 0.5, level(0.95));
    assert_eq!(found, Err(StatisticsError::EmptyReplication { replication: 1 }));
    assert_eq!(replication_quantile::<Vec<f64>>(&[], 0.5, level(0.95)), Err(StatisticsError::Empty));
}

proptest! {
    /// Any input gives an answer or an error; the interval encloses the point.
    #[test]
    fn never_panics(samples in prop::collection::vec(any::<f64>(), 0..60), p in any::<f64>()) {
        let _ = quantile(&samples, p);
        if let Ok(found) = quantile_interval(&samples, p, level(0.9))
            && let Some(interval) = found.interval {
            prop_assert!(interval.contains(found.value));
            prop_assert!(found.coverage.is_some_and(|coverage| coverage >= 0.9 - 1e-12));
        }
    }
}
