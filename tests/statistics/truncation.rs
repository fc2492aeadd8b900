//! The end of the start-up.

use crate::common::{assert_close, generator, normal};
use proptest::prelude::*;
use rolesim::statistics::{StatisticsError, Truncation, mean_over_replications, mser5, welch_moving_average};

/// 100 observations at 10, then 400 at 0, both with noise of deviation 1: everything up to the step is left out, and
/// not much more.
#[test]
fn step_is_left_out() {
    let mut generator = generator(30);
    let series: Vec<f64> =
        (0..500).map(|index| if index < 100 { 10.0 } else { 0.0 } + normal(&mut generator)).collect();
    match mser5(&series) {
        Ok(Truncation::After { observations }) => assert!((100..200).contains(&observations), "{observations}"),
        other => panic!("{other:?}"),
    }
}

#[test]
fn steady_series_is_kept_and_trend_is_refused() {
    assert_eq!(mser5(&[3.0; 60]), Ok(Truncation::After { observations: 0 }));
    let trend: Vec<f64> = (0..200).map(f64::from).collect();
    assert!(matches!(mser5(&trend), Ok(Truncation::Refused { least_after }) if least_after > 100));
    assert_eq!(mser5(&[1.0; 49]), Err(StatisticsError::TooFew { needed: 50, got: 49 }));
    assert!(mser5(&[f64::NAN; 60]).is_err());
}

/// Two replications with means 1..8 (as 0..7 and 2..9); window 2: shrinking averages 1, 2, 3, then full ones.
#[test]
fn moving_average_by_hand() {
    let rising = |from: i32| (from..from + 8).map(f64::from).collect::<Vec<_>>();
    let replications = [rising(0), rising(2)];
    assert_eq!(mean_over_replications(&replications), Ok(rising(1)));
    assert_eq!(welch_moving_average(&replications, 2), Ok(vec![1.0, 2.0, 3.0, 4.0, 5.0, 6.0]));
    let spike = [[0.0, 0.0, 0.0, 10.0, 0.0, 0.0, 0.0, 0.0]];
    let smooth = welch_moving_average(&spike, 2).expect("a window");
    for (found, expected) in smooth.iter().zip([0.0, 0.0, 2.0, 2.0, 2.0, 2.0]) {
        assert_close(*found, expected, 1e-15);
    }
    assert!(welch_moving_average(&spike, 3).is_err());
    assert!(mean_over_replications(&[vec![1.0], vec![]]).is_err());
    assert_eq!(mean_over_replications::<Vec<f64>>(&[]), Err(StatisticsError::Empty));
}

/// The criterion as White defines it, without the recursion.
fn direct(series: &[f64]) -> usize {
    let batches: Vec<f64> = series.chunks_exact(5).map(|batch| batch.iter().sum::<f64>() / 5.0).collect();
    let criterion = |from: usize| {
        let rest = &batches[from..];
        let n = rest.len() as f64;
        let mean = rest.iter().sum::<f64>() / n;
        rest.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / (n * n)
    };
    let candidates = 0..batches.len() - 5;
    candidates.min_by(|left, right| criterion(*left).total_cmp(&criterion(*right))).map_or(0, |from| 5 * from)
}

proptest! {
    #[test]
    fn agrees_with_the_definition(series in prop::collection::vec(0.0..100.0, 50..300)) {
        match mser5(&series) {
            Ok(Truncation::After { observations }) => prop_assert_eq!(observations, direct(&series)),
            Ok(Truncation::Refused { least_after }) => prop_assert_eq!(least_after, direct(&series)),
            Err(error) => prop_assert!(false, "{}", error),
        }
    }

    #[test]
    fn never_panics(series in prop::collection::vec(any::<f64>(), 0..80), window in 0_usize..40) {
        let _ = mser5(&series);
        let _ = welch_moving_average(&[series], window);
    }
}
