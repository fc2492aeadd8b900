//! Limits of the mean of skewed values.

use crate::common::{assert_close, generator, heavy_tailed_p99, tolerance};
use proptest::prelude::*;
use rolesim::statistics::{
    Confidence, Estimate, Interval, rule_of_three, willink_interval, willink_lower_limit, willink_upper_limit,
};

fn level(level: f64) -> Confidence {
    Confidence::new(level).expect("a level")
}

/// Student's one-sided upper limit: the upper end of the two-sided interval of twice the error rate.
fn student_upper_limit(values: &[f64], confidence: Confidence) -> f64 {
    let two_sided = level(1.0 - 2.0 * confidence.error_rate());
    Estimate::from_replications(values, two_sided).expect("an estimate").ci_high().expect("an interval")
}

/// 0, 0, 0, 1: mean 1/4, s = 1/2, m₃ = 4/(3·2) · (27 − 3)/64 = 1/4, skewness 2, β = 2/(6·2) = 1/6. With t(3) at 95 %
/// 2.353363435: z − β = −2.520030102, 6β(z − β) = −2.520030102, cube root of −1.520030102 is −1.149776, less 1, times
/// 3 is −6.449329, and the limit is 0.25 + 6.449329 · 0.25.
#[test]
fn upper_limit_by_hand() {
    let limit = willink_upper_limit(&[0.0, 0.0, 0.0, 1.0], level(0.95)).expect("finite").expect("four values");
    assert_close(limit, 0.25 + 6.449_329 * 0.25, 1e-5);
}

/// Values without skewness have Student's limits; two values count as such; one value has none.
#[test]
fn symmetric_values_have_student_limits() {
    for values in [vec![1.0, 2.0, 3.0, 4.0, 5.0], vec![1.0, 4.0]] {
        let limit = willink_upper_limit(&values, level(0.95)).expect("finite").expect("several values");
        assert_close(limit, student_upper_limit(&values, level(0.95)), 1e-9);
    }
    assert_eq!(willink_upper_limit(&[1.0], level(0.95)), Ok(None));
    assert_eq!(willink_interval(&[2.0; 4], level(0.95)), Ok(Some(Interval { low: 2.0, high: 2.0 })));
}

/// 300 trials without an event: at most 0.993 % with 95 % confidence, near 3/300.
#[test]
fn rule_of_three_agrees_with_its_source() {
    let limit = rule_of_three(300, level(0.95)).expect("trials");
    assert_close(limit, 1.0 - 0.05_f64.powf(1.0 / 300.0), 1e-12);
    assert_close(limit, 0.01, 1e-4);
    assert!(rule_of_three(0, level(0.95)).is_err());
}

proptest! {
    /// The limits solve Hall's cubic, an independent route to the same answer: at T = (x̄ − limit)/(s/√n),
    /// T + β + 2βT² + (4/3)β²T³ is −t at the upper limit and +t at the lower one, hence they are opposite.
    #[test]
    fn limits_solve_the_cubic(values in prop::collection::vec(0.0..1e3, 3..30), confidence in 0.6..0.999) {
        let confidence = level(confidence);
        let n = values.len() as f64;
        let mean = values.iter().sum::<f64>() / n;
        let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
        let cubes: f64 = values.iter().map(|value| (value - mean).powi(3)).sum();
        let deviation = (squares / (n - 1.0)).sqrt();
        prop_assume!(deviation > 1e-3);
        let beta = cubes * n / ((n - 1.0) * (n - 2.0)) / deviation.powi(3) / (6.0 * n.sqrt());
        let cubic = |limit: f64| {
            let t = (mean - limit) / (deviation / n.sqrt());
            t + beta + 2.0 * beta * t * t + 4.0 / 3.0 * beta * beta * t.powi(3)
        };
        let upper = willink_upper_limit(&values, confidence).unwrap_or(None).unwrap_or(f64::NAN);
        let lower = willink_lower_limit(&values, confidence).unwrap_or(None).unwrap_or(f64::NAN);
        prop_assert!(lower <= upper);
        prop_assert!((cubic(upper) + cubic(lower)).abs() < 1e-5 * (1.0 + cubic(upper).abs()));
        prop_assert!(cubic(upper) < 0.0);
    }
}

/// "p99 ≤ X" over n replications of a queue with heavy-tailed service. The expectation of a replication's p99 is the
/// mean over all of them, known to 1 %. Student's upper limit, said to hold in 95 %, holds in fewer; Willink's holds
/// more often. 2 000 trials: one standard deviation is at most 0.8 %.
#[test]
fn student_falls_short_on_heavy_tails_and_willink_less() {
    let (trials, customers, confidence) = (2_000, 250, level(0.95));
    for (n, seed) in [(10, 5), (15, 6), (20, 7)] {
        let mut generator = generator(seed);
        let samples: Vec<Vec<f64>> =
            (0..trials).map(|_| (0..n).map(|_| heavy_tailed_p99(&mut generator, customers)).collect()).collect();
        let truth = samples.iter().flatten().sum::<f64>() / (trials * n) as f64;
        let rate = |holds: &dyn Fn(&Vec<f64>) -> bool| {
            samples.iter().filter(|values| holds(values)).count() as f64 / trials as f64
        };
        let student = rate(&|values| student_upper_limit(values, confidence) >= truth);
        let willink = rate(&|values| {
            willink_upper_limit(values, confidence).is_ok_and(|limit| limit.is_some_and(|limit| limit >= truth))
        });
        println!("n = {n}: Student {student:.3}, Willink {willink:.3}");
        assert!((0.83..=0.90).contains(&student), "n = {n}: Student's limit holds in {student}");
        assert!(willink > student + 0.02, "n = {n}: Willink's limit holds in {willink}, Student's in {student}");
        assert!(willink <= 0.95 + tolerance(0.95, trials), "n = {n}: Willink's limit holds in {willink}");
    }
}
