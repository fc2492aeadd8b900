//! Seeded samples for experiments.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use rand_distr::{Distribution, Exp1, LogNormal, StandardNormal};

pub fn generator(seed: u64) -> ChaCha8Rng {
    ChaCha8Rng::seed_from_u64(seed)
}

pub fn normal(generator: &mut ChaCha8Rng) -> f64 {
    StandardNormal.sample(generator)
}

pub fn exponential(generator: &mut ChaCha8Rng) -> f64 {
    Exp1.sample(generator)
}

/// `count` of `trials`.
pub fn share(count: usize, trials: usize) -> f64 {
    count as f64 / trials as f64
}

/// Four standard deviations of a proportion about `rate` in `trials`.
pub fn tolerance(rate: f64, trials: usize) -> f64 {
    4.0 * (rate * (1.0 - rate) / trials as f64).sqrt()
}

#[track_caller]
pub fn assert_close(found: f64, expected: f64, tolerance: f64) {
    assert!((found - expected).abs() <= tolerance, "found {found}, expected {expected} ± {tolerance}");
}

/// The 99 % quantile of the waits of `customers` in a queue with one server that starts empty: Poisson arrivals,
/// lognormal service with coefficient of variation 2, utilization 0.8 (Lindley's recursion).
pub fn heavy_tailed_p99(generator: &mut ChaCha8Rng, customers: usize) -> f64 {
    let sigma = 5.0_f64.ln().sqrt();
    let service = LogNormal::new(0.8_f64.ln() - 0.5 * sigma * sigma, sigma).expect("a valid lognormal");
    let mut wait = 0.0_f64;
    let waits: Vec<f64> = (0..customers)
        .map(|_| {
            wait = (wait + service.sample(generator) - exponential(generator)).max(0.0);
            wait
        })
        .collect();
    rolesim::statistics::quantile(&waits, 0.99).expect("finite waits")
}
