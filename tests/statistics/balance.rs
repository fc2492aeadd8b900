//! Indices of balance.

use crate::common::assert_close;
use proptest::prelude::*;
use rolesim::statistics::{Balance, StatisticsError};

fn balance(loads: &[f64]) -> Balance {
    Balance::of(loads).expect("finite loads").expect("some load")
}

#[test]
fn even_loads_are_even() {
    let even = balance(&[0.3; 7]);
    assert_eq!(even, Balance { max_over_mean_ratio: 1.0, cv_ratio: 0.0, jain_index: 1.0, gini_index: 0.0 });
}

/// One of n nodes carries everything: max/mean n, cv √(n−1), Jain 1/n, Gini 1 − 1/n.
#[test]
fn one_node_carries_everything() {
    let lopsided = balance(&[0.0, 0.0, 8.0, 0.0]);
    assert_close(lopsided.max_over_mean_ratio, 4.0, 1e-15);
    assert_close(lopsided.cv_ratio, 3.0_f64.sqrt(), 1e-15);
    assert_close(lopsided.jain_index, 0.25, 1e-15);
    assert_close(lopsided.gini_index, 0.75, 1e-15);
}

/// 1, 2, 3, 4: mean 2.5, variance 1.25, cv √1.25/2.5; Jain 100/120; Gini (−3 −2 + 3 + 12)/(4·10) = 1/4.
#[test]
fn four_loads_by_hand() {
    let found = balance(&[4.0, 1.0, 3.0, 2.0]);
    assert_close(found.max_over_mean_ratio, 1.6, 1e-14);
    assert_close(found.cv_ratio, 1.25_f64.sqrt() / 2.5, 1e-14);
    assert_close(found.jain_index, 100.0 / 120.0, 1e-14);
    assert_close(found.gini_index, 0.25, 1e-14);
}

#[test]
fn no_load_has_no_balance() {
    assert_eq!(Balance::of(&[]), Ok(None));
    assert_eq!(Balance::of(&[0.0, 0.0]), Ok(None));
    assert_eq!(Balance::of(&[1.0, -2.0]), Err(StatisticsError::Negative { index: 1, value: -2.0 }));
    assert!(Balance::of(&[1.0, f64::INFINITY]).is_err());
}

proptest! {
    /// Every index stays in its range, for loads of any size.
    #[test]
    fn indices_stay_in_range(loads in prop::collection::vec(0.0..=f64::MAX, 1..30)) {
        if let Ok(Some(found)) = Balance::of(&loads) {
            let n = loads.len() as f64;
            prop_assert!(found.max_over_mean_ratio >= 1.0 - 1e-12 && found.max_over_mean_ratio <= n + 1e-9);
            prop_assert!(found.jain_index >= 1.0 / n - 1e-12 && found.jain_index <= 1.0);
            prop_assert!(found.gini_index >= 0.0 && found.gini_index <= 1.0 - 1.0 / n + 1e-12);
        }
    }
}
