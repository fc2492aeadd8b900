//! An experiment: every layout of a scenario, every replication, on all cores.
//!
//! [`run`] simulates; [`tables`](fn@tables) turns what was recorded into the rows of the result files, with
//! intervals over the replications. The order of the results never depends on threads.

mod assumptions;
pub mod compare;
pub mod gate;
pub mod planning;
mod sampler;
mod tables;
mod values;

pub use assumptions::{plan, run_info};
pub use sampler::{Sampler, doubling_looks};
pub use tables::{objective_row, tables};
pub use values::values;

use crate::cluster::setup::Setup;
use crate::cluster::simulate;
use crate::metrics::record::Record;
use crate::scenario::Scenario;
use rayon::prelude::*;

/// The simulations of one layout.
pub struct LayoutResult {
    /// Name of the layout.
    pub layout: String,
    /// What was simulated.
    pub setup: Setup,
    /// Number of the first replication.
    pub first: u32,
    /// One record a replication, in order.
    pub records: Vec<Record>,
}

/// Simulates every layout and replication of a scenario; `done` is called after each simulation.
///
/// # Panics
/// If two layouts did not meet the same messages, or a conservation law is broken: bugs of the simulator.
pub fn run(scenario: &Scenario, done: impl Fn(&Record) + Sync) -> Vec<LayoutResult> {
    run_from(scenario, 0, done)
}

/// As [`run`], from replication `first` on: replication n is the same whichever others are simulated.
///
/// # Panics
/// As [`run`].
pub fn run_from(scenario: &Scenario, first: u32, done: impl Fn(&Record) + Sync) -> Vec<LayoutResult> {
    let setups: Vec<Setup> = scenario.layouts.iter().map(|layout| scenario.setup(layout)).collect();
    let replications = scenario.replications as usize;
    let mut records: Vec<Record> = (0..setups.len() * replications)
        .into_par_iter()
        .map(|number| {
            let record = simulate(&setups[number / replications], first + (number % replications) as u32);
            done(&record);
            record
        })
        .collect();
    let mut results = Vec::new();
    for (layout, setup) in scenario.layouts.iter().zip(setups) {
        let rest = records.split_off(replications);
        results.push(LayoutResult { layout: layout.name.clone(), setup, first, records });
        records = rest;
    }
    assert_same_messages(&results);
    results
}

/// Common random numbers: in each replication all layouts met the same messages.
fn assert_same_messages(results: &[LayoutResult]) {
    let Some((first, others)) = results.split_first() else { return };
    for other in others {
        for (a, b) in first.records.iter().zip(&other.records) {
            assert_eq!(
                (a.messages, a.workload_checksum),
                (b.messages, b.workload_checksum),
                "layouts {} and {} met different messages",
                first.layout,
                other.layout
            );
        }
    }
}
