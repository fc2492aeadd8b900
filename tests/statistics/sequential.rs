//! Looking several times and keeping the error rate.

use crate::common::{assert_close, generator, normal, share, tolerance};
use proptest::prelude::*;
use rand_chacha::ChaCha8Rng;
use rolesim::statistics::{
    Confidence, Estimate, Gate, GateDecision, Looks, Margin, Precision, StatisticsError, StoppingOutcome, StoppingRule,
    Worse,
};

fn looks(at: &[usize]) -> Looks {
    Looks::equal(at, Confidence::DEFAULT).expect("a plan")
}

#[test]
fn plans_are_checked() {
    let confidence = Confidence::DEFAULT;
    assert_eq!(Looks::equal(&[], confidence), Err(StatisticsError::Empty));
    assert!(Looks::equal(&[1, 5], confidence).is_err());
    assert!(Looks::equal(&[5, 5], confidence).is_err());
    assert!(Looks::spending(&[5, 6], &[1.0], confidence).is_err());
    for weight in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        assert!(Looks::spending(&[5, 6], &[1.0, weight], confidence).is_err());
    }
    let plan = looks(&[5, 10, 20]);
    assert_eq!((plan.first(), plan.last(), plan.next_after(10), plan.next_after(20)), (5, 20, Some(20), None));
    assert!(StoppingRule::new(plan.clone(), Precision::Relative(0.0)).is_err());
    assert!(Gate::new(plan.clone(), Worse::Higher, Margin::Absolute(-1.0)).is_err());
    assert!(Gate::new(plan, Worse::Lower, Margin::Relative(1.0)).is_err());
}

/// Two looks at 95 %: each is at 97.5 %, t(4) = 3.495406 at 0.0125. Values 8, 9, 10, 11, 12 have s/√n = √0.5.
#[test]
fn each_look_has_its_part_of_the_error_rate() {
    let values = [8.0, 9.0, 10.0, 11.0, 12.0];
    let half_width = 3.495_406 * 0.5_f64.sqrt();
    for (width, expected) in [(2.48, StoppingOutcome::Reached), (2.47, StoppingOutcome::Continue { next_look: 10 })] {
        let rule = StoppingRule::new(looks(&[5, 10]), Precision::Absolute(width)).expect("a rule");
        let found = rule.look(&values).expect("a planned look");
        assert_close(found.estimate.half_width().expect("five values"), half_width, 1e-6);
        assert_eq!(found.outcome, expected);
    }
    let rule = StoppingRule::new(looks(&[2, 5]), Precision::Relative(0.1)).expect("a rule");
    assert_eq!(rule.look(&values).expect("a planned look").outcome, StoppingOutcome::BudgetUsed);
    assert!(matches!(rule.look(&values[..3]), Err(StatisticsError::Parameter { .. })));
}

/// 5 000 sequential estimates with five looks: the interval at which they stop covers in at least 95 %. Looking at the
/// plain 95 % interval each time covers in less.
#[test]
fn interval_at_the_stop_covers() {
    let at = [3, 5, 8, 13, 20, 30];
    let trials = 5_000;
    let rule = StoppingRule::new(looks(&at), Precision::Absolute(0.6)).expect("a rule");
    let mut generator = generator(20);
    let (mut covered, mut naively_covered) = (0, 0);
    for _ in 0..trials {
        let values: Vec<f64> = (0..30).map(|_| normal(&mut generator)).collect();
        for n in at {
            let found = rule.look(&values[..n]).expect("a planned look");
            if !matches!(found.outcome, StoppingOutcome::Continue { .. }) {
                covered += usize::from(found.estimate.interval.is_some_and(|interval| interval.contains(0.0)));
                break;
            }
        }
        for n in at {
            let found = Estimate::from_replications(&values[..n], Confidence::DEFAULT).expect("values");
            if n == 30 || found.half_width().is_some_and(|width| width <= 0.6) {
                naively_covered += usize::from(found.interval.is_some_and(|interval| interval.contains(0.0)));
                break;
            }
        }
    }
    let (rate, naive) = (share(covered, trials), share(naively_covered, trials));
    println!("covered: planned looks {rate:.3}, plain intervals {naive:.3}");
    assert!(rate >= 0.95 - tolerance(0.95, trials), "covered in {rate}");
    assert!(naive < 0.95 - tolerance(0.95, trials), "naively covered in {naive}");
}

/// Baseline 8, 10, 12 and a candidate that is 1 % higher and lower in turn: within a margin of 20 % or of 2 in either
/// direction; half as much again is beyond. Without a margin nothing can be said, except of versions equal to the bit.
#[test]
fn gate_by_hand() {
    let baseline = [8.0, 10.0, 12.0];
    let candidate = [8.08, 9.9, 12.12];
    let worse: Vec<f64> = candidate.iter().map(|value| value * 1.5).collect();
    for margin in [Margin::Relative(0.2), Margin::Absolute(2.0)] {
        for direction in [Worse::Higher, Worse::Lower] {
            let gate = Gate::new(looks(&[3, 6]), direction, margin).expect("a gate");
            let found = gate.look(&baseline, &candidate).expect("a planned look");
            assert_eq!(found.decision, GateDecision::NoRegression, "{margin:?} {direction:?}");
            let (before, after) =
                if direction == Worse::Higher { (&baseline[..], &worse[..]) } else { (&worse[..], &baseline[..]) };
            let found = gate.look(before, after).expect("a planned look");
            assert_eq!(found.decision, GateDecision::Regression, "{margin:?} {direction:?}");
        }
    }
    let gate = Gate::new(looks(&[2, 3]), Worse::Higher, Margin::Absolute(0.0)).expect("a gate");
    assert_eq!(gate.look(&baseline, &candidate).expect("a look").decision, GateDecision::Undecided);
    let first = gate.look(&baseline[..2], &candidate[..2]).expect("a look");
    assert_eq!(first.decision, GateDecision::Continue { next_look: 3 });
    assert_eq!(gate.look(&baseline, &baseline).expect("a look").decision, GateDecision::NoRegression);
    assert!(gate.look(&baseline, &candidate[..2]).is_err());
    assert!(gate.look(&[1.0], &[1.0]).is_err());
}

/// Paired replications of a metric with mean 100 that share their random numbers: standard deviation 20, of which the
/// candidate, `ratio` times as high, repeats most.
fn pairs(generator: &mut ChaCha8Rng, n: usize, ratio: f64) -> (Vec<f64>, Vec<f64>) {
    (0..n)
        .map(|_| {
            let shared = 100.0 + 20.0 * normal(generator);
            (shared + 4.0 * normal(generator), ratio * (shared + 4.0 * normal(generator)))
        })
        .unzip()
}

/// Fractions of regressions and of passes in `trials` runs of the whole procedure.
fn gate_rates(gate: &Gate, at: &[usize], ratio: f64, trials: usize, seed: u64) -> (f64, f64) {
    let mut generator = generator(seed);
    let (mut regressions, mut passes) = (0, 0);
    for _ in 0..trials {
        let (baseline, candidate) = pairs(&mut generator, gate.looks().last(), ratio);
        for n in at {
            match gate.look(&baseline[..*n], &candidate[..*n]).expect("a planned look").decision {
                GateDecision::Regression => regressions += 1,
                GateDecision::NoRegression => passes += 1,
                GateDecision::Continue { .. } => continue,
                GateDecision::Undecided => {}
            }
            break;
        }
    }
    (share(regressions, trials), share(passes, trials))
}

/// 5 000 comparisons of equal versions in four looks. Without a margin, false alarms in at most 5 %; they come near
/// it. With a margin of 5 %, none to speak of, and most pass.
#[test]
fn equal_versions_raise_false_alarms_no_more_than_stated() {
    let (at, trials) = ([5, 10, 15, 20], 5_000);
    let strict = Gate::new(looks(&at), Worse::Higher, Margin::Relative(0.0)).expect("a gate");
    let (alarms, passes) = gate_rates(&strict, &at, 1.0, trials, 21);
    println!("no margin: {alarms:.4} false alarms, {passes:.4} passes");
    assert!(alarms <= 0.05 + tolerance(0.05, trials), "false alarms in {alarms}");
    assert!(alarms > 0.02);
    let tolerant = Gate::new(looks(&at), Worse::Higher, Margin::Relative(0.05)).expect("a gate");
    let (alarms, passes) = gate_rates(&tolerant, &at, 1.0, trials, 22);
    println!("margin 5 %: {alarms:.4} false alarms, {passes:.4} passes");
    assert!(alarms < 0.001 && passes > 0.9);
    // A change of just the margin is the worst case of either error.
    let (alarms, passes) = gate_rates(&tolerant, &at, 1.05, trials, 23);
    for wrong in [alarms, passes] {
        assert!(wrong <= 0.05 + tolerance(0.05, trials), "wrong in {wrong}");
    }
}

/// A regression of 10 % against margins of 0 and 5 %, 4 000 comparisons each: found at least as often as promised, and
/// as the final look alone would. The paired excess has standard deviation √(16 · 1.1² + 16 · (1 + m)² + (0.1 − m)² · 400).
#[test]
fn regression_is_found_with_the_power_promised() {
    let (at, trials) = ([5, 10, 20], 4_000);
    for (margin, seed) in [(0.0, 24), (0.05, 25)] {
        let gate = Gate::new(looks(&at), Worse::Higher, Margin::Relative(margin)).expect("a gate");
        let excess = gate.excess_of(0.1, 100.0);
        assert_close(excess, 10.0 - 100.0 * margin, 1e-9);
        let variance = 16.0 * 1.1 * 1.1 + 16.0 * (1.0 + margin).powi(2) + (0.1 - margin).powi(2) * 400.0;
        let power = gate.power(excess, variance.sqrt()).expect("a deviation");
        let (found, missed) = gate_rates(&gate, &at, 1.1, trials, seed);
        println!(
            "margin {margin}: promised {:.4}, at least {:.4}, found {found:.4}",
            power.at_final_look, power.at_least
        );
        assert!(found >= power.at_least - tolerance(power.at_least.clamp(0.5, 0.999), trials));
        assert!(missed <= 0.05 + tolerance(0.05, trials));
    }
}

/// With one look the power is exact: 20 pairs, excess of half a deviation, 10 000 comparisons. And the detectable
/// excess is the inverse of the power.
#[test]
fn power_of_one_look_is_exact() {
    let gate = Gate::new(looks(&[20]), Worse::Higher, Margin::Absolute(1.0)).expect("a gate");
    let promised = gate.power(0.5, 1.0).expect("a deviation").at_final_look;
    let mut generator = generator(26);
    let trials = 10_000;
    let found = (0..trials)
        .filter(|_| {
            let candidate: Vec<f64> = (0..20).map(|_| 1.5 + normal(&mut generator)).collect();
            gate.look(&[0.0; 20], &candidate).expect("a planned look").decision == GateDecision::Regression
        })
        .count();
    assert_close(share(found, trials), promised, tolerance(promised, trials));
    let detectable = gate.detectable_excess(2.0, 0.8).expect("a deviation");
    assert_close(gate.power(detectable, 2.0).expect("a deviation").at_final_look, 0.8, 1e-3);
    assert_eq!(gate.power(0.5, 0.0).expect("no deviation").at_least, 1.0);
    assert_eq!(gate.detectable_excess(0.0, 0.8), Ok(0.0));
}

/// The change that an output promises to find with 90 %, told by the deviation of its own 10 pairs, is found in other
/// pairs in at least 90 % of 2 000 comparisons; by the deviation as it is, without its confidence limit, it is not.
#[test]
fn promised_change_is_found_as_often_as_promised() {
    let (at, trials) = ([5, 10, 20], 2_000);
    let gate = Gate::new(looks(&at), Worse::Higher, Margin::Relative(0.05)).expect("a gate");
    let mut generator = generator(27);
    let (mut promised, mut bare) = (0, 0);
    for _ in 0..trials {
        let (baseline, candidate) = pairs(&mut generator, 10, 1.0);
        let excess = gate.look(&baseline, &candidate).expect("a planned look").excess;
        let std_dev = excess.std_dev.expect("a deviation");
        let change = gate.promised_change((std_dev, 10), 0.9, 100.0).expect("a change");
        let bare_change = 0.05 + gate.detectable_excess(std_dev, 0.9).expect("an excess") / 100.0;
        let is_found = |change: f64, generator: &mut ChaCha8Rng| {
            let (baseline, candidate) = pairs(generator, 20, 1.0 + change);
            at.iter()
                .map(|n| gate.look(&baseline[..*n], &candidate[..*n]).expect("a planned look").decision)
                .find(|decision| !matches!(decision, GateDecision::Continue { .. }))
                == Some(GateDecision::Regression)
        };
        promised += usize::from(is_found(change, &mut generator));
        bare += usize::from(is_found(bare_change, &mut generator));
    }
    println!("promised 0.9: found {:.4}, without the limit {:.4}", share(promised, trials), share(bare, trials));
    assert!(share(promised, trials) >= 0.9 - tolerance(0.9, trials));
    assert!(bare < promised);
}

proptest! {
    /// Any input gives an answer or an error.
    #[test]
    fn never_panics(
        baseline in prop::collection::vec(any::<f64>(), 4), candidate in prop::collection::vec(any::<f64>(), 4),
        margin in any::<f64>(), weight in any::<f64>(), excess in any::<f64>(), std_dev in any::<f64>(),
    ) {
        if let Ok(plan) = Looks::spending(&[2, 4], &[1.0, weight], Confidence::DEFAULT) {
            if let Ok(gate) = Gate::new(plan.clone(), Worse::Lower, Margin::Relative(margin)) {
                let _ = gate.look(&baseline, &candidate);
                if let Ok(power) = gate.power(excess, std_dev) {
                    prop_assert!((0.0..=1.0).contains(&power.at_final_look));
                }
                let _ = gate.detectable_excess(std_dev, 0.9);
            }
            if let Ok(rule) = StoppingRule::new(plan, Precision::Relative(margin)) {
                let _ = rule.look(&baseline);
            }
        }
    }
}
