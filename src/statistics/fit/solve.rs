//! Roots of a function that crosses zero once, on the positive half-line, and the trigamma function.

/// The positive root of a function that is negative below it and positive above. `function` gives value and derivative.
///
/// Newton's method on the logarithm of the argument from `start`, within a bracket that is found by doubling and halved
/// whenever a step would leave it. `None` if there is no root between 1e-9 and 1e9 times the start.
pub fn positive_root(start: f64, function: impl Fn(f64) -> (f64, f64)) -> Option<f64> {
    if !(start > 0.0 && start.is_finite()) {
        return None;
    }
    let (mut low, mut high) = (start, start);
    while function(low).0 > 0.0 {
        low *= 0.5;
        if low < start * 1e-9 {
            return None;
        }
    }
    while function(high).0 < 0.0 {
        high *= 2.0;
        if high > start * 1e9 {
            return None;
        }
    }
    let mut root = start.clamp(low, high);
    for _ in 0..200 {
        let (value, derivative) = function(root);
        if value.is_nan() {
            return None;
        }
        if value < 0.0 {
            low = root;
        } else {
            high = root;
        }
        let newton = root * (-value / (derivative * root)).exp();
        let next = if newton > low && newton < high { newton } else { (low * high).sqrt() };
        if (next - root).abs() <= 1e-14 * root {
            return Some(next);
        }
        root = next;
    }
    Some(root)
}

/// ψ′(x), x > 0: recurrence up to 10, then the asymptotic series (Abramowitz & Stegun, 6.4.6 and 6.4.12).
pub fn trigamma(x: f64) -> f64 {
    let (mut shifted, mut sum) = (x, 0.0);
    while shifted < 10.0 {
        sum += 1.0 / (shifted * shifted);
        shifted += 1.0;
    }
    let inverse = 1.0 / shifted;
    let square = inverse * inverse;
    let series =
        1.0 / 6.0 - square * (1.0 / 30.0 - square * (1.0 / 42.0 - square * (1.0 / 30.0 - square * 5.0 / 66.0)));
    sum + inverse + 0.5 * square + inverse * square * series
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::f64::consts::PI;

    /// ψ′(1) = π²/6, ψ′(1/2) = π²/2, ψ′(x) − ψ′(x+1) = 1/x².
    #[test]
    fn trigamma_at_known_points() {
        assert!((trigamma(1.0) - PI * PI / 6.0).abs() < 1e-12);
        assert!((trigamma(0.5) - PI * PI / 2.0).abs() < 1e-12);
        assert!((trigamma(37.0) - trigamma(38.0) - 1.0 / (37.0 * 37.0)).abs() < 1e-15);
    }

    /// x² = 2 from far away on either side; a function without a root has none.
    #[test]
    fn roots_are_found_or_refused() {
        for start in [1e-6, 1.0, 1e6] {
            let root = positive_root(start, |x| (x * x - 2.0, 2.0 * x)).unwrap_or(f64::NAN);
            assert!((root - 2.0_f64.sqrt()).abs() < 1e-13, "{root}");
        }
        assert_eq!(positive_root(1.0, |x| (-1.0 / x, 1.0 / (x * x))), None);
    }
}
