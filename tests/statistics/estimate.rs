//! Student's interval.

use crate::common::{assert_close, generator, normal, share, tolerance};
use proptest::prelude::*;
use rolesim::statistics::{Confidence, Estimate, StatisticsError};

fn estimate(values: &[f64], level: f64) -> Estimate {
    Estimate::from_replications(values, Confidence::new(level).expect("a level")).expect("an estimate")
}

/// Law, "Simulation Modeling and Analysis", section 4.5: ten normal observations, 90 % interval 1.34 ± 0.24.
#[test]
fn agrees_with_the_textbook() {
    let values = [1.20, 1.50, 1.68, 1.89, 0.95, 1.49, 1.58, 1.55, 0.50, 1.09];
    let found = estimate(&values, 0.90);
    assert_close(found.mean, 1.343, 1e-12);
    assert_close(found.std_dev.expect("ten values").powi(2), 0.168, 5e-4);
    assert_close(found.half_width().expect("ten values"), 0.24, 5e-3);
    assert_eq!((found.n, found.min, found.max), (10, 0.50, 1.89));
}

/// NIST's Statistical Reference Datasets, NumAcc4: 10000000.2, then 500 times 10000000.1 and 10000000.3. Certified:
/// mean 10000000.2, standard deviation 0.1. The textbook formula Σx² − n x̄² loses every digit here.
#[test]
fn does_not_cancel() {
    let mut values = vec![10_000_000.2];
    for _ in 0..500 {
        values.extend([10_000_000.1, 10_000_000.3]);
    }
    let found = estimate(&values, 0.95);
    assert_close(found.mean, 10_000_000.2, 2e-9);
    assert_close(found.std_dev.expect("many values"), 0.1, 1e-9);
}

#[test]
fn one_replication_has_no_interval() {
    let found = estimate(&[3.5], 0.95);
    assert_eq!((found.mean, found.std_dev, found.std_error, found.interval), (3.5, None, None, None));
}

/// 0.1 added three times and divided by three is not 0.1; the estimate of equal values is exactly their value.
#[test]
fn equal_replications_have_an_interval_of_width_zero() {
    let found = estimate(&[0.1; 3], 0.95);
    assert_eq!((found.mean, found.std_dev, found.ci_low(), found.ci_high()), (0.1, Some(0.0), Some(0.1), Some(0.1)));
    assert_eq!(found.relative_half_width(), Some(0.0));
}

#[test]
fn wrong_input_is_an_error() {
    let confidence = Confidence::DEFAULT;
    assert_eq!(Estimate::from_replications(&[], confidence), Err(StatisticsError::Empty));
    let not_finite = Estimate::from_replications(&[1.0, f64::NAN], confidence);
    assert!(matches!(not_finite, Err(StatisticsError::NotFinite { index: 1, .. })));
    let too_large = Estimate::from_replications(&[f64::MAX, -f64::MAX], confidence);
    assert!(matches!(too_large, Err(StatisticsError::Overflow { .. })));
    for level in [0.0, 0.5, 1.0, 1.5, f64::NAN] {
        assert!(Confidence::new(level).is_err());
    }
}

/// 20 000 samples of five normal values: the 95 % interval covers the mean in 95 % of them.
#[test]
fn covers_as_often_as_it_says() {
    let trials = 20_000;
    let mut generator = generator(1);
    let covered = (0..trials)
        .filter(|_| {
            let values: [f64; 5] = std::array::from_fn(|_| normal(&mut generator));
            estimate(&values, 0.95).interval.is_some_and(|interval| interval.contains(0.0))
        })
        .count();
    assert_close(share(covered, trials), 0.95, tolerance(0.95, trials));
}

proptest! {
    /// Any input gives an answer or an error, and the mean lies within the extremes.
    #[test]
    fn never_panics(values in prop::collection::vec(any::<f64>(), 0..20), level in any::<f64>()) {
        if let Ok(confidence) = Confidence::new(level)
            && let Ok(found) = Estimate::from_replications(&values, confidence) {
            prop_assert!(found.min <= found.mean && found.mean <= found.max);
        }
    }

    /// Moving and stretching the values moves and stretches the estimate.
    #[test]
    fn follows_affine_changes(
        values in prop::collection::vec(-1e3..1e3, 2..20), shift in -1e3..1e3_f64, factor in 0.001..1e3_f64,
    ) {
        let moved: Vec<f64> = values.iter().map(|value| shift + factor * value).collect();
        let (plain, moved) = (estimate(&values, 0.95), estimate(&moved, 0.95));
        prop_assert!((moved.mean - (shift + factor * plain.mean)).abs() < 1e-7 * factor.max(1.0));
        let (found, expected) = (moved.half_width().unwrap_or(0.0), factor * plain.half_width().unwrap_or(0.0));
        prop_assert!((found - expected).abs() < 1e-6 * factor.max(1.0));
    }
}
