//! Generators against their own definitions.
//!
//! Seeds are fixed, so every test gives the same answer always. Its tolerance is the one that a right generator would
//! exceed for fewer than one seed in a million: 4.9 standard errors of the formula in its comment. Each fails when the
//! mechanism is off, as the numbers beside say.

mod alerts;
mod arrivals;
mod bursts;
mod cycles;
mod groups;

use rolesim::engine::random::Streams;
use rolesim::scenario::Scenario;
use rolesim::source::SourceText;
use rolesim::time::SimTime;
use rolesim::workload::{Accounts, Mail};
use std::path::Path;

/// Two-sided error of one in a million, in standard errors.
pub const SIGMAS: f64 = 4.9;

/// A scenario of one node with more keys of `[workload]` (whose cycles are flat unless they say so) and more tables.
pub fn scenario(top: &str, workload: &str, more: &str) -> Scenario {
    let text = format!("{top}\n[nodes]\nids = \"1\"\n[layouts.a]\n[workload]\n{workload}\n{more}");
    Scenario::parse(SourceText::new("test.toml", text), Path::new(".")).unwrap_or_else(|problem| panic!("{problem}"))
}

/// The messages of a replication.
pub struct Messages {
    mail: Mail,
    accounts: Accounts,
    end: SimTime,
}

impl Messages {
    pub fn of(scenario: &Scenario, replication: u32) -> Self {
        let streams = Streams { seed: scenario.seed, replication };
        let origin = SimTime::ZERO + scenario.warmup;
        Self {
            mail: Mail::new(&scenario.workload, scenario.calendar, origin, streams),
            accounts: scenario.workload.draw_accounts(streams),
            end: origin + scenario.duration,
        }
    }
}

impl Iterator for Messages {
    /// Seconds from the start of the simulation, and recipients.
    type Item = (f64, Vec<u32>);

    fn next(&mut self) -> Option<Self::Item> {
        let at = self.mail.next_time();
        if at >= self.end {
            return None;
        }
        self.mail.take(&self.accounts);
        Some((at.as_secs_f64(), self.mail.accounts.clone()))
    }
}

/// Number of messages in each window of `seconds`.
pub fn counts(scenario: &Scenario, seconds: f64) -> Vec<f64> {
    let mut counts = vec![0.0; (scenario.duration.as_secs_f64() / seconds).round() as usize];
    for (at, _) in Messages::of(scenario, 0) {
        counts[(at / seconds) as usize] += 1.0;
    }
    counts
}

pub fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

pub fn variance(values: &[f64]) -> f64 {
    let mean = mean(values);
    values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / (values.len() as f64 - 1.0)
}

/// Whether a Poisson count with this mean may be `count`.
#[track_caller]
pub fn assert_poisson(count: f64, expected: f64) {
    assert!((count - expected).abs() < SIGMAS * expected.sqrt() + 1.0, "{count} instead of {expected:.0}");
}

/// Whether `hits` of `n` may have this probability.
#[track_caller]
pub fn assert_share(hits: f64, n: f64, share: f64) {
    let error = (share * (1.0 - share) / n).sqrt();
    assert!((hits / n - share).abs() < SIGMAS * error, "{hits} of {n} instead of a share of {share:.4}");
}
