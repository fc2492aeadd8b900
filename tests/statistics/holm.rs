//! Several metrics tested together.

use crate::common::{assert_close, generator, normal, share, tolerance};
use proptest::prelude::*;
use rolesim::statistics::{Confidence, holm, paired_difference};

/// 0.005 · 4, 0.01 · 3, 0.03 · 2, and 0.04 · 1 raised to the one before; as R's `p.adjust(method = "holm")`.
#[test]
fn adjusts_as_by_hand() {
    let found = holm(&[0.01, 0.04, 0.03, 0.005], Confidence::DEFAULT).expect("p-values");
    for (decision, expected) in found.iter().zip([0.03, 0.06, 0.06, 0.02]) {
        assert_close(decision.adjusted_p_value, expected, 1e-15);
        assert_eq!(decision.rejected, expected <= 0.05);
    }
    assert_eq!(holm(&[], Confidence::DEFAULT), Ok(vec![]));
    assert!(holm(&[0.1, 1.5], Confidence::DEFAULT).is_err());
    assert!(holm(&[f64::NAN], Confidence::DEFAULT).is_err());
}

/// Five metrics, of which four do not differ, in 5 000 comparisons of ten pairs: any of the four is called different in
/// at most 5 %, while single tests do so in about 1 − 0.95⁴ = 18.5 %.
#[test]
fn family_keeps_its_error_rate() {
    let trials = 5_000;
    let mut generator = generator(11);
    let (mut together, mut singly, mut found_the_real_one) = (0, 0, 0);
    for _ in 0..trials {
        let p_values: Vec<f64> = (0..5)
            .map(|metric| {
                let shift = if metric == 4 { 2.0 } else { 0.0 };
                let before: Vec<f64> = (0..10).map(|_| normal(&mut generator)).collect();
                let after: Vec<f64> = before.iter().map(|value| value + shift + normal(&mut generator)).collect();
                let found = paired_difference(&before, &after, Confidence::DEFAULT).expect("pairs");
                found.p_value.expect("ten pairs")
            })
            .collect();
        let decisions = holm(&p_values, Confidence::DEFAULT).expect("p-values");
        together += usize::from(decisions[..4].iter().any(|decision| decision.rejected));
        singly += usize::from(p_values[..4].iter().any(|p_value| *p_value <= 0.05));
        found_the_real_one += usize::from(decisions[4].rejected);
    }
    let rate = |count: usize| share(count, trials);
    assert!(rate(together) <= 0.05 + tolerance(0.05, trials), "{}", rate(together));
    assert_close(rate(singly), 1.0 - 0.95_f64.powi(4), tolerance(0.185, trials));
    assert!(rate(found_the_real_one) > 0.95);
}

proptest! {
    /// Adjusted values are at least the plain ones, at most Bonferroni's, and in the same order.
    #[test]
    fn lies_between_single_tests_and_bonferroni(p_values in prop::collection::vec(0.0..=1.0_f64, 1..12)) {
        let found = holm(&p_values, Confidence::DEFAULT).unwrap_or_default();
        prop_assert_eq!(found.len(), p_values.len());
        for one in &found {
            prop_assert!(one.adjusted_p_value >= one.p_value);
            prop_assert!(one.adjusted_p_value <= (one.p_value * p_values.len() as f64).min(1.0));
            for other in &found {
                prop_assert!(one.p_value > other.p_value || one.adjusted_p_value <= other.adjusted_p_value);
            }
        }
    }
}
