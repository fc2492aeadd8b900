//! Paired differences under common random numbers.

use crate::common::{assert_close, generator, normal, share, tolerance};
use rolesim::statistics::{Confidence, Estimate, StatisticsError, paired_difference};

/// Differences 1, 1, 2, 2: mean 3/2, variance 1/3, t = 3√3 with 3 degrees of freedom. There P(T > t) is
/// 1/2 − (u/(1+u²) + arctan u)/π with u = t/√3 = 3. Var X = 5/3, Var Y = 10/3, ratio 5/(1/3) = 15, saved 4 · 14.
#[test]
fn four_pairs_by_hand() {
    let found = paired_difference(&[1.0, 2.0, 3.0, 4.0], &[2.0, 3.0, 5.0, 6.0], Confidence::DEFAULT).expect("pairs");
    assert_close(found.difference.mean, 1.5, 1e-15);
    let tail = 0.5 - (0.3 + 3.0_f64.atan()) / std::f64::consts::PI;
    assert_close(found.p_value.expect("four pairs"), 2.0 * tail, 1e-12);
    assert_close(found.variance_reduction_ratio.expect("variance"), 15.0, 1e-12);
    assert_close(found.replications_saved.expect("variance"), 56.0, 1e-11);
}

/// Student's sleep data (Biometrika 6 (1908), 1-25), as R's documentation of `t.test` evaluates them:
/// t = 4.0621, p = 0.002833, interval 0.7001142 to 2.4598858.
#[test]
fn student_sleep_data() {
    let first = [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0];
    let second = [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4];
    let found = paired_difference(&first, &second, Confidence::DEFAULT).expect("pairs");
    assert_close(found.difference.mean, 1.58, 1e-12);
    assert_close(found.difference.ci_low().expect("pairs"), 0.700_114_2, 1e-7);
    assert_close(found.difference.ci_high().expect("pairs"), 2.459_885_8, 1e-7);
    assert_close(found.p_value.expect("pairs"), 0.002_833, 1e-6);
}

#[test]
fn without_variance_there_is_no_ratio() {
    let shifted = paired_difference(&[1.0, 2.0, 4.0], &[2.0, 3.0, 5.0], Confidence::DEFAULT).expect("pairs");
    assert_eq!((shifted.p_value, shifted.variance_reduction_ratio), (Some(0.0), None));
    let same = paired_difference(&[1.0, 2.0], &[1.0, 2.0], Confidence::DEFAULT).expect("pairs");
    assert_eq!((same.p_value, same.replications_saved), (Some(1.0), None));
    let one = paired_difference(&[1.0], &[2.0], Confidence::DEFAULT).expect("a pair");
    assert_eq!((one.p_value, one.difference.mean), (None, 1.0));
}

#[test]
fn wrong_input_is_an_error() {
    let of = |left: &[f64], right: &[f64]| paired_difference(left, right, Confidence::DEFAULT);
    assert_eq!(of(&[1.0], &[1.0, 2.0]), Err(StatisticsError::LengthMismatch { left: 1, right: 2 }));
    assert_eq!(of(&[], &[]), Err(StatisticsError::Empty));
    assert!(matches!(of(&[1.0], &[f64::NAN]), Err(StatisticsError::NotFinite { .. })));
    assert!(matches!(of(&[-f64::MAX], &[f64::MAX]), Err(StatisticsError::Overflow { .. })));
}

/// Two systems with correlation 0.9: pairing divides the variance of the difference by 2/(2 − 2 · 0.9) = 10. In 4 000
/// comparisons of 10 pairs the paired interval covers in 95 % and is on average √10 narrower than the one from
/// independent runs. 20 000 pairs give the ratio to 4 · √(2/20 000) · 10, generously.
#[test]
fn pairing_is_worth_what_it_says() {
    let mut generator = generator(10);
    let mut pair = |shared: f64| {
        let common = shared * normal(&mut generator);
        (common + 0.1_f64.sqrt() * normal(&mut generator), common + 0.1_f64.sqrt() * normal(&mut generator))
    };
    let (left, right): (Vec<f64>, Vec<f64>) = (0..20_000).map(|_| pair(0.9_f64.sqrt())).unzip();
    let many = paired_difference(&left, &right, Confidence::DEFAULT).expect("pairs");
    assert_close(many.variance_reduction_ratio.expect("variance"), 10.0, 0.4);
    let trials = 4_000;
    let (mut covered, mut paired_width, mut independent_width) = (0, 0.0, 0.0);
    for _ in 0..trials {
        let (left, right): (Vec<f64>, Vec<f64>) = (0..10).map(|_| pair(0.9_f64.sqrt())).unzip();
        let found = paired_difference(&left, &right, Confidence::DEFAULT).expect("pairs").difference;
        covered += usize::from(found.interval.is_some_and(|interval| interval.contains(0.0)));
        paired_width += found.half_width().expect("pairs");
        // One side from runs of its own: the first of another pair.
        let other: Vec<f64> = (0..10).map(|_| pair(0.9_f64.sqrt()).0).collect();
        let independent: Vec<f64> = left.iter().zip(&other).map(|(one, two)| two - one).collect();
        let estimate = Estimate::from_replications(&independent, Confidence::DEFAULT).expect("pairs");
        independent_width += estimate.half_width().expect("pairs");
    }
    assert_close(share(covered, trials), 0.95, tolerance(0.95, trials));
    assert_close(independent_width / paired_width, 10.0_f64.sqrt(), 0.1);
}
