//! Replications that are all equal, where something rare may be unseen.

use crate::common::generator;
use rand::RngExt;
use rolesim::statistics::{Comparison, Confidence, Interval, Unseen, Verdict, judge, judge_unseen};

fn level(level: f64) -> Confidence {
    Confidence::new(level).expect("a level")
}

fn fraction(most_share: f64, rarest_share: Option<f64>) -> Unseen {
    Unseen { bounds: Interval { low: 0.0, high: 1.0 }, most_share, rarest_share }
}

/// Hanley & Lippman-Hand: none in 10 leaves up to 1 − 0.05^(1/10) = 25.9 % with 95 %; what is known to come in at most 2 % of
/// the replications cannot change more. 0.9 in all may be 1 in a quarter of them, or 0: 0.9 ∓ 0.2589 · (0.9 or 0.1).
#[test]
fn equal_replications_leave_a_share_open() {
    let close = |found: f64, expected: f64| assert!((found - expected).abs() < 1e-4, "{found} {expected}");
    let interval = |unseen: Unseen, value: f64| unseen.interval(value, 10, level(0.95)).expect("an interval");
    close(interval(fraction(1.0, None), 0.0).high, 0.2589);
    close(interval(fraction(1.0, None), 0.0).low, 0.0);
    close(interval(fraction(0.02, None), 0.0).high, 0.02);
    close(interval(fraction(1.0, None), 0.9).low, 0.9 - 0.2589 * 0.9);
    close(interval(fraction(1.0, None), 0.9).high, 0.9 + 0.2589 * 0.1);
}

/// ln 0.05 / ln(1 − 0.2) = 13.4 zeros put the expectation below 0.2. That it is 0 no number of them shows: as many as see what
/// comes in 2.5 % of the replications must do, ln 0.05 / ln 0.975 = 118.3; of an unknown rate 5 %, 58.4.
#[test]
fn verdict_is_withheld_until_there_are_enough() {
    let said = |n: usize, comparison: Comparison, limit: f64, unseen: &Unseen| {
        let judged = judge_unseen(&vec![0.0; n], comparison, limit, level(0.95), Some(unseen)).expect("a verdict");
        (judged.verdict, judged.needed)
    };
    let known = fraction(1.0, Some(0.025));
    assert_eq!(said(13, Comparison::Less, 0.2, &known), (Verdict::Undecided, Some(14)));
    assert_eq!(said(14, Comparison::Less, 0.2, &known), (Verdict::Met, None));
    for comparison in [Comparison::LessOrEqual, Comparison::Equal] {
        assert_eq!(said(118, comparison, 0.0, &known), (Verdict::Undecided, Some(119)));
        assert_eq!(said(119, comparison, 0.0, &known), (Verdict::Met, None));
    }
    assert_eq!(said(10, Comparison::LessOrEqual, 0.0, &fraction(1.0, None)), (Verdict::Undecided, Some(59)));
    // A count has no upper bound.
    let count = Unseen { bounds: Interval { low: 0.0, high: f64::INFINITY }, ..known };
    assert_eq!(said(118, Comparison::Less, 5.0, &count), (Verdict::Undecided, Some(119)));
    assert_eq!(said(119, Comparison::Less, 5.0, &count), (Verdict::Met, None));
    // The wrong side stays the wrong side, and values that differ are not touched.
    assert_eq!(said(10, Comparison::Greater, 0.5, &known).0, Verdict::Missed);
    let values = [0.0, 0.0, 0.1, 0.0];
    let judged = |unseen| judge_unseen(&values, Comparison::Less, 0.9, level(0.95), unseen).expect("a verdict");
    assert_eq!(judged(Some(&known)), judged(None));
}

/// A replication is 1 with probability 1 % and 0 else, and the limit is 0.9 %: met is wrong. Ten replications are all 0 in
/// 90 %, and by themselves met each time; with heed of the unseen never.
#[test]
fn rare_event_is_not_called_met() {
    let (trials, mut generator) = (2_000, generator(11));
    let (mut plain, mut heedful) = (0, 0);
    for _ in 0..trials {
        let values: Vec<f64> = (0..10).map(|_| f64::from(u8::from(generator.random::<f64>() < 0.01))).collect();
        let is_met = |verdict: Verdict| u32::from(verdict == Verdict::Met);
        plain += is_met(judge(&values, Comparison::Less, 0.009, level(0.95)).expect("a verdict").verdict);
        let unseen = fraction(1.0, None);
        let judged = judge_unseen(&values, Comparison::Less, 0.009, level(0.95), Some(&unseen)).expect("a verdict");
        heedful += is_met(judged.verdict);
    }
    assert!(f64::from(plain) > 0.85 * f64::from(trials), "{plain}");
    assert!(f64::from(heedful) <= 0.05 * f64::from(trials), "{heedful}");
}
