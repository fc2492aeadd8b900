//! Selection of the best.

use crate::common::{assert_close, generator, normal, share, tolerance};
use proptest::prelude::*;
use rolesim::statistics::{Confidence, Goal, KimNelson, Selection, SelectionPlan, StatisticsError};

fn plan(systems: usize) -> SelectionPlan {
    SelectionPlan {
        systems,
        first_stage: 10,
        indifference: 1.0,
        confidence: Confidence::DEFAULT,
        goal: Goal::Greatest,
        budget: 100_000,
    }
}

/// k = 5, n₀ = 10, α = 0.05: η = ½[(0.1/4)^(−2/9) − 1] = 0.634967, h² = 18η = 11.429411.
#[test]
fn constant_agrees_with_the_paper() {
    assert_close(KimNelson::new(plan(5)).expect("a plan").h_squared(), 11.429_411, 5e-7);
}

/// k = 2, n₀ = 2: η = ½(0.1⁻² − 1) = 49.5, h² = 99. First differences 0 and 1: S² = ½, horizon 49.5. With mean
/// difference ½ from then on, the worse is dropped when ½ > (49.5 − r)/(2r), first at r = 25.
#[test]
fn two_systems_by_hand() {
    for (goal, sign) in [(Goal::Greatest, 1.0), (Goal::Smallest, -1.0)] {
        let mut selection = KimNelson::new(SelectionPlan { first_stage: 2, goal, ..plan(2) }).expect("a plan");
        let mut replications = [[0.0, 0.0], [1.0, 0.0]].into_iter().chain(std::iter::repeat([0.5, 0.0]));
        while selection.selection() == &Selection::Continue {
            let [one, other] = replications.next().expect("endless");
            selection.push(&[sign * one, sign * other]).expect("two values");
        }
        assert_eq!(selection.replications(), 25);
        assert_eq!(selection.selection(), &Selection::Selected { system: 0 });
        assert_eq!(selection.push(&[1.0]), Err(StatisticsError::AlreadyDecided));
    }
}

/// Common random numbers that cancel altogether leave no doubt after the first stage; ties go to the first.
#[test]
fn without_variance_the_first_stage_decides() {
    let mut selection = KimNelson::new(plan(3)).expect("a plan");
    for replication in 0..10 {
        let shared = f64::from(replication);
        selection.push(&[shared, shared + 0.1, shared + 0.1]).expect("three values");
    }
    assert_eq!(selection.selection(), &Selection::Selected { system: 1 });
}

#[test]
fn used_budget_is_undecided() {
    let mut generator = generator(12);
    let mut selection = KimNelson::new(SelectionPlan { budget: 20, indifference: 0.01, ..plan(3) }).expect("a plan");
    while selection.selection() == &Selection::Continue {
        let values: Vec<f64> = selection.survivors().iter().map(|_| normal(&mut generator)).collect();
        selection.push(&values).expect("a value each");
    }
    assert_eq!(selection.replications(), 20);
    assert!(matches!(selection.selection(), Selection::Undecided { leader } if selection.survivors().contains(leader)));
}

#[test]
fn wrong_plans_and_values_are_errors() {
    for wrong in [
        SelectionPlan { systems: 0, ..plan(2) },
        SelectionPlan { first_stage: 1, ..plan(2) },
        SelectionPlan { indifference: 0.0, ..plan(2) },
        SelectionPlan { indifference: f64::NAN, ..plan(2) },
        SelectionPlan { budget: 9, ..plan(2) },
    ] {
        assert!(KimNelson::new(wrong).is_err());
    }
    let mut selection = KimNelson::new(plan(2)).expect("a plan");
    assert!(selection.push(&[1.0]).is_err());
    assert!(selection.push(&[1.0, f64::INFINITY]).is_err());
    assert_eq!(selection.replications(), 0);
    assert_eq!(KimNelson::new(plan(1)).expect("a plan").selection(), &Selection::Selected { system: 0 });
}

/// Fraction of correct selections and mean replications of all systems together, in the slippage configuration: one
/// mean is better by exactly δ, the others are equal, the hardest case that the guarantee covers.
fn slippage(trials: usize, correlation: f64, seed: u64) -> (f64, f64) {
    let mut generator = generator(seed);
    let (mut correct, mut total) = (0, 0);
    for _ in 0..trials {
        let mut selection = KimNelson::new(plan(5)).expect("a plan");
        while selection.selection() == &Selection::Continue {
            let shared = correlation.sqrt() * normal(&mut generator);
            let values: Vec<f64> = selection
                .survivors()
                .iter()
                .map(|system| {
                    let mean = if *system == 3 { 1.0 } else { 0.0 };
                    mean + 2.0 * (shared + (1.0 - correlation).sqrt() * normal(&mut generator))
                })
                .collect();
            total += values.len();
            selection.push(&values).expect("a value each");
        }
        correct += usize::from(selection.selection() == &Selection::Selected { system: 3 });
    }
    (share(correct, trials), share(total, trials))
}

/// 2 000 selections among five systems with standard deviation 2δ: correct in at least 95 %, with and without common
/// random numbers, which save replications.
#[test]
fn selects_the_best_as_often_as_promised() {
    let trials = 2_000;
    let (independent, independent_cost) = slippage(trials, 0.0, 13);
    let (common, common_cost) = slippage(trials, 0.8, 14);
    println!("correct: independent {independent:.3} ({independent_cost:.0}), common {common:.3} ({common_cost:.0})");
    for correct in [independent, common] {
        assert!(correct >= 0.95 - tolerance(0.95, trials), "correct in {correct}");
    }
    assert!(common_cost < 0.5 * independent_cost);
}

proptest! {
    /// Any input ends in an answer or an error, and somebody always survives.
    #[test]
    fn never_panics(
        rows in prop::collection::vec(prop::collection::vec(any::<f64>(), 3), 0..12),
        indifference in any::<f64>(), first_stage in 0_usize..5, budget in 0_usize..12,
    ) {
        if let Ok(mut selection) = KimNelson::new(SelectionPlan { first_stage, indifference, budget, ..plan(3) }) {
            for row in rows {
                let values: Vec<f64> = selection.survivors().iter().map(|system| row[*system]).collect();
                let _ = selection.push(&values);
                prop_assert!(!selection.survivors().is_empty());
                prop_assert!(selection.replications() <= budget);
            }
        }
    }
}
