//! Distribution functions and quantiles of the normal, Student's t and the binomial distribution.
//!
//! Error functions, beta and gamma functions come from `statrs`; the quantile of t is solved here, because it must end
//! for every input and be exact to the last digits printed.

use statrs::function::{
    beta::checked_beta_reg,
    erf,
    gamma::{gamma_lr, ln_gamma},
};
use std::f64::consts::{PI, SQRT_2};

/// From this many degrees of freedom on, t is taken from its expansion about the normal distribution. The first term
/// left out is of the order of the fifth power of one over the degrees, below 1e-18.
const EXPANSION_FROM: f64 = 5_000.0;

/// P(Z > z) of the standard normal distribution.
pub fn normal_upper_tail(z: f64) -> f64 {
    0.5 * erf::erfc(z / SQRT_2)
}

/// The z with P(Z > z) = `tail`, 0 < tail < 1.
pub fn normal_upper_quantile(tail: f64) -> f64 {
    SQRT_2 * erf::erfc_inv(2.0 * tail)
}

/// P(T > t) of Student's t with `degrees` of freedom.
///
/// Half the regularized incomplete beta function of degrees / (degrees + t²) (Abramowitz & Stegun, 26.7.1 with
/// 26.5.27). With many degrees of freedom, the normal approximation 26.7.8, whose error is below 1e-8.
pub fn student_upper_tail(t: f64, degrees: f64) -> f64 {
    if degrees >= EXPANSION_FROM {
        return normal_upper_tail(t * (1.0 - 0.25 / degrees) / (1.0 + 0.5 * t * t / degrees).sqrt());
    }
    let ratio = degrees / (degrees + t * t);
    let half = 0.5 * checked_beta_reg(0.5 * degrees, 0.5, ratio).unwrap_or(if t == 0.0 { 1.0 } else { 0.0 });
    if t >= 0.0 { half } else { 1.0 - half }
}

/// The x with P(X < x) = `tail` for X chi-squared, 0 < tail < 1, by halving: P(X < x) is the regularized lower incomplete
/// gamma function of half the degrees at x / 2.
pub fn chi_squared_lower_quantile(tail: f64, degrees: f64) -> f64 {
    let below = |x: f64| gamma_lr(0.5 * degrees, 0.5 * x);
    let (mut low, mut high) = (0.0, degrees.max(1.0));
    while below(high) < tail && high < 1e150 {
        low = high;
        high *= 2.0;
    }
    for _ in 0..200 {
        let middle = 0.5 * (low + high);
        if below(middle) < tail { low = middle } else { high = middle }
    }
    0.5 * (low + high)
}

/// The t with P(T > t) = `tail`, 0 < tail < 1.
///
/// With many degrees of freedom the expansion of Abramowitz & Stegun, 26.7.5. Else Newton's method on the upper tail,
/// kept in a bracket that is halved whenever a step would leave it, so that it always ends.
pub fn student_upper_quantile(tail: f64, degrees: f64) -> f64 {
    if tail > 0.5 {
        return -student_upper_quantile(1.0 - tail, degrees);
    }
    let z = normal_upper_quantile(tail);
    if degrees >= EXPANSION_FROM {
        return expansion(z, degrees);
    }
    let (mut low, mut high) = (0.0, z.max(1.0));
    while student_upper_tail(high, degrees) > tail && high < 1e150 {
        low = high;
        high *= 2.0;
    }
    let log_constant = ln_gamma(0.5 * (degrees + 1.0)) - ln_gamma(0.5 * degrees) - 0.5 * (degrees * PI).ln();
    let mut t = 0.5 * (low + high);
    for _ in 0..200 {
        let excess = student_upper_tail(t, degrees) - tail;
        if excess > 0.0 {
            low = t;
        } else {
            high = t;
        }
        let density = (log_constant - 0.5 * (degrees + 1.0) * (t * t / degrees).ln_1p()).exp();
        let newton = t + excess / density;
        let next = if newton > low && newton < high { newton } else { 0.5 * (low + high) };
        if (next - t).abs() <= 1e-15 * t.abs() {
            return next;
        }
        t = next;
    }
    t
}

/// Abramowitz & Stegun, 26.7.5.
fn expansion(z: f64, degrees: f64) -> f64 {
    let square = z * z;
    let first = (square + 1.0) * z / 4.0;
    let second = ((5.0 * square + 16.0) * square + 3.0) * z / 96.0;
    let third = (((3.0 * square + 19.0) * square + 17.0) * square - 15.0) * z / 384.0;
    let fourth = ((((79.0 * square + 776.0) * square + 1482.0) * square - 1920.0) * square - 945.0) * z / 92_160.0;
    z + (first + (second + (third + fourth / degrees) / degrees) / degrees) / degrees
}

/// P(T > t) of the noncentral t distribution: T = (Z + δ) / √(V/ν), Z standard normal, V chi-squared with ν degrees of
/// freedom. The expectation of P(Z > t√(V/ν) − δ) over w = √(V/ν), whose density is C w^(ν−1) exp(−νw²/2), by Simpson's
/// rule over ten standard deviations on either side.
pub fn noncentral_student_upper_tail(t: f64, degrees: f64, noncentrality: f64) -> f64 {
    const STEPS: u32 = 2_000;
    let spread = 10.0 / (2.0 * degrees).sqrt();
    let (low, high) = ((1.0 - spread).max(0.0), 1.0 + spread);
    let step = (high - low) / f64::from(STEPS);
    let log_constant = 2.0_f64.ln() + 0.5 * degrees * (0.5 * degrees).ln() - ln_gamma(0.5 * degrees);
    let density = |w: f64| {
        let power = if degrees == 1.0 { 0.0 } else { (degrees - 1.0) * w.ln() };
        (log_constant + power - 0.5 * degrees * w * w).exp()
    };
    let (mut tail, mut whole) = (0.0, 0.0);
    for index in 0..=STEPS {
        let w = low + f64::from(index) * step;
        let weight = match index {
            0 | STEPS => 1.0,
            odd if odd % 2 == 1 => 4.0,
            _ => 2.0,
        };
        let mass = weight * density(w);
        whole += mass;
        tail += mass * normal_upper_tail(t * w - noncentrality);
    }
    // Dividing by the density's own sum takes out what its constant loses with many degrees of freedom.
    (tail / whole).clamp(0.0, 1.0)
}

/// The largest k ≤ n with P(B < k) ≤ `tail`, B binomial with `n` trials of probability 0 < `p` < 1, and P(B < k).
///
/// Sums the probabilities upwards from where they are negligible, fifteen standard deviations below the mean.
pub fn binomial_lower_rank(n: usize, p: f64, tail: f64) -> (usize, f64) {
    let trials = n as f64;
    let spread = (trials * p * (1.0 - p)).sqrt();
    let start = (trials * p - 15.0 * spread - 30.0).max(0.0).floor();
    let log_choose = ln_gamma(trials + 1.0) - ln_gamma(start + 1.0) - ln_gamma(trials - start + 1.0);
    let mut mass = (log_choose + start * p.ln() + (trials - start) * (-p).ln_1p()).exp();
    let mut rank = start as usize;
    let mut below = 0.0;
    while rank < n && below + mass <= tail {
        below += mass;
        let successes = rank as f64;
        mass *= (trials - successes) / (successes + 1.0) * p / (1.0 - p);
        rank += 1;
    }
    (rank, below)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Tables of t (Abramowitz & Stegun, table 26.10, and R's `qt` for more digits).
    #[test]
    fn quantiles_of_t_agree_with_the_tables() {
        let known = [
            (0.025, 1.0, 12.706_204_736),
            (0.025, 2.0, 4.302_652_730),
            (0.025, 9.0, 2.262_157_163),
            (0.05, 9.0, 1.833_112_933),
            (0.005, 29.0, 2.756_385_904),
            (0.025, 1000.0, 1.962_339_081),
            (0.025, 100_000.0, 1.959_987_708),
            (0.000_5, 4.0, 8.610_301_581),
        ];
        for (tail, degrees, expected) in known {
            let found = student_upper_quantile(tail, degrees);
            assert!((found - expected).abs() < 2e-9, "t({tail}, {degrees}) is {found}, not {expected}");
            assert!((student_upper_tail(found, degrees) - tail).abs() < 1e-8);
            assert!((student_upper_quantile(1.0 - tail, degrees) + found).abs() < 1e-9);
        }
        assert!(student_upper_quantile(0.5, 5.0).abs() < 1e-15);
    }

    /// Tables of the chi-squared distribution: NIST/SEMATECH e-Handbook of Statistical Methods, section 1.3.6.7.4.
    #[test]
    fn quantiles_of_chi_squared_are_those_of_tables() {
        for (tail, degrees, expected) in
            [(0.05, 1.0, 0.004), (0.05, 9.0, 3.325), (0.05, 19.0, 10.117), (0.95, 9.0, 16.919)]
        {
            let found = chi_squared_lower_quantile(tail, degrees);
            assert!((found - expected).abs() < 6e-4, "chi2({tail}, {degrees}) is {found}, not {expected}");
        }
    }

    /// With 1 degree of freedom t is tan(π(1/2 − tail)), however small the tail.
    #[test]
    fn quantile_of_cauchy_is_the_tangent() {
        for tail in [1e-12, 1e-6, 0.01, 0.2, 0.4] {
            let exact = (PI * (0.5 - tail)).tan();
            assert!((student_upper_quantile(tail, 1.0) / exact - 1.0).abs() < 1e-4 * (1e-12 / tail) + 1e-9);
        }
    }

    /// The expansion meets the exact solution where one takes over from the other.
    #[test]
    fn expansion_joins_smoothly() {
        for tail in [1e-6, 0.001, 0.025, 0.3] {
            let exact = student_upper_quantile(tail, EXPANSION_FROM - 1.0);
            let expanded = expansion(normal_upper_quantile(tail), EXPANSION_FROM - 1.0);
            assert!((exact - expanded).abs() < 1e-9, "{tail}: {exact} {expanded}");
        }
    }

    /// R's documentation of `power.t.test(n = 20, delta = 1, sd = 1)`: power 0.8689528, which is P(T > t) at 38 degrees
    /// with noncentrality √10 and t its quantile at 0.025. With noncentrality 0 it is Student's distribution.
    #[test]
    fn noncentral_t_agrees_with_r() {
        let power = noncentral_student_upper_tail(student_upper_quantile(0.025, 38.0), 38.0, 10.0_f64.sqrt());
        assert!((power - 0.868_952_8).abs() < 1e-7, "{power}");
        for degrees in [1.0, 2.0, 7.0, 100.0, 3_000.0] {
            let tail = noncentral_student_upper_tail(student_upper_quantile(0.05, degrees), degrees, 0.0);
            assert!((tail - 0.05).abs() < 1e-6, "{degrees}: {tail}");
        }
    }

    /// n = 10, p = 1/2: P(B < 2) = 11/1024, P(B < 3) = 56/1024.
    #[test]
    fn binomial_ranks_by_hand() {
        let (rank, below) = binomial_lower_rank(10, 0.5, 0.025);
        assert_eq!(rank, 2);
        assert!((below - 11.0 / 1024.0).abs() < 1e-14);
        assert_eq!(binomial_lower_rank(3, 0.5, 0.025).0, 0);
    }
}
