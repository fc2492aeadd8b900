//! Arrival processes: mean rate, dispersion, correlation, growth.

use super::{Messages, SIGMAS, assert_poisson, counts, mean, scenario, variance};

/// 86,400 accounts of which each gets a message a day, one recipient a message, flat cycles: one message a second.
fn one_a_second(duration: &str, more: &str) -> rolesim::scenario::Scenario {
    let workload = "accounts = 86_400\nmessages_per_account_per_day = 1\nrecipients_per_message = 1\nactivity = \"equal\"\n\
                    daily_cycle = \"flat\"\n";
    scenario(&format!("duration = \"{duration}\""), &format!("{workload}{more}"), "")
}

/// Index of dispersion for counts: variance over mean.
fn dispersion(counts: &[f64]) -> f64 {
    variance(counts) / mean(counts)
}

/// Poisson: mean 1 a second; index of dispersion 1, with relative error √(2/n) for n windows of many arrivals.
#[test]
fn poisson() {
    let counts = counts(&one_a_second("10d", ""), 864.0);
    assert_poisson(counts.iter().sum(), 864_000.0);
    let error = (2.0 / counts.len() as f64).sqrt();
    assert!((dispersion(&counts) - 1.0).abs() < SIGMAS * error, "{}", dispersion(&counts));
}

/// Weibull intervals of shape 0.6: squared coefficient of variation Γ(1+2/0.6)/Γ(1+1/0.6)² − 1 = 9.2605/1.5046² − 1 =
/// 3.0908, to which the index of dispersion tends (Cox 1962, section 4.5; in windows of 2,000 arrivals it is 0.05 % less).
/// Poisson has 1. The mean rate is kept: variance of the sum of all counts 3.09 times their mean.
#[test]
fn weibull_intervals_clump() {
    let counts = counts(&one_a_second("20d", "arrivals = { weibull = { shape = 0.6 } }"), 1_728.0);
    let total: f64 = counts.iter().sum();
    assert!((total - 1_728_000.0).abs() < SIGMAS * (3.0908 * 1_728_000.0_f64).sqrt(), "{total}");
    let error = 3.0908 * (2.0 / counts.len() as f64).sqrt();
    assert!((dispersion(&counts) - 3.0908).abs() < SIGMAS * error, "{}", dispersion(&counts));
}

/// The process is stationary: the mean time to the first arrival is (1 + cv²)/2 = 2.0454 mean intervals (Cox 1962,
/// section 5.3), not 1. Its second moment is m₃/(3 m₁³) = 120/(3 · 3.4062) = 11.743, so its variance 7.559.
#[test]
fn renewals_begin_in_equilibrium() {
    let scenario = one_a_second("1d", "arrivals = { weibull = { shape = 0.6 } }");
    let n = 2_000;
    let first = |replication| Messages::of(&scenario, replication).next().map_or(0.0, |(at, _)| at);
    let mean = (0..n).map(first).sum::<f64>() / f64::from(n);
    assert!((mean - 2.0454).abs() < SIGMAS * (7.559 / f64::from(n)).sqrt(), "{mean}");
}

/// Busy (mean 60 s) at five times the rate of quiet (mean 180 s), one message a second on average: the rates are 2.5 and
/// 0.5 a second. With σ = 1/60 + 1/180 and Δ = 2 (Heffes and Lucantoni 1986, equation 7)
/// IDC(t) = 1 + 2 · 0.25 · 0.75 · Δ²/σ · (1 − (1 − e^(−σt))/(σt)): 63.4 at 600 s, where Poisson has 1. Counts of
/// neighbouring minutes correlate by p(1−p)Δ² ((1 − e^(−60σ))/σ)² over 60 IDC(60): 823.7/1,873 = 0.440; Poisson: 0.
#[test]
fn busy_and_quiet_times() {
    let process = "arrivals = { markov_modulated = { ratio = 5, busy_mean = \"60s\", quiet_mean = \"180s\" } }";
    let counts = counts(&one_a_second("20d", process), 60.0);
    let sigma = 1.0 / 60.0 + 1.0 / 180.0;
    let idc = |t: f64| 1.0 + 2.0 * 0.25 * 0.75 * 4.0 / sigma * (1.0 - (1.0 - (-sigma * t).exp()) / (sigma * t));
    let total: f64 = counts.iter().sum();
    let t = 20.0 * 86_400.0;
    assert!((total - t).abs() < SIGMAS * (idc(t) * t).sqrt(), "{total}");
    let windows: Vec<f64> = counts.chunks(10).map(|ten| ten.iter().sum()).collect();
    let error = idc(600.0) * (2.0 / windows.len() as f64).sqrt();
    assert!((dispersion(&windows) - idc(600.0)).abs() < SIGMAS * error, "{}", dispersion(&windows));
    let mean = mean(&counts);
    let products: f64 = counts.windows(2).map(|pair| (pair[0] - mean) * (pair[1] - mean)).sum();
    let correlation = products / (counts.len() as f64 - 1.0) / variance(&counts);
    // Correlations further on are 0.44 · e^(−60σ)^(k−1) with e^(−60σ) = 0.264; Bartlett's formula gives a variance of
    // about 1.1/n.
    let error = (1.1 / counts.len() as f64).sqrt();
    assert!((correlation - 0.4398).abs() < SIGMAS * error, "{correlation}");
}

/// 50 % more each day: the first day of the measured span has ∫ 1.5^t dt = 0.5/ln 1.5 = 1.2332 times the messages of a
/// day without growth, the second 1.5 times those. The day before, in the warm-up, has a 1.5th.
#[test]
fn growth_is_compound() {
    let workload = "accounts = 86_400\nmessages_per_account_per_day = 1\nrecipients_per_message = 1\nactivity = \"equal\"\n\
                    daily_cycle = \"flat\"\ngrowth_per_day = 0.5";
    let scenario = scenario("duration = \"2d\"\nwarmup = \"1d\"", workload, "");
    let mut days = [0.0; 3];
    for (at, _) in Messages::of(&scenario, 0) {
        days[(at / 86_400.0) as usize] += 1.0;
    }
    for (count, factor) in days.into_iter().zip([1.2332 / 1.5, 1.2332, 1.2332 * 1.5]) {
        assert_poisson(count, 86_400.0 * factor);
    }
}
