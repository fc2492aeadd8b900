//! An experiment: every layout of a scenario, every replication, on all cores.
//!
//! [`run`] simulates; [`tables`](fn@tables) turns what was recorded into the rows of the result files, with
//! intervals over the replications. The order of the results never depends on threads.

mod assumptions;
mod chance;
pub mod compare;
pub mod gate;
mod objectives;
pub mod planning;
mod progress;
mod sampler;
mod tables;
mod values;

pub use assumptions::{plan, run_info, server_facts};
pub use chance::{Chance, chance};
pub use objectives::{Found, objective_row};
pub use progress::{Progress, Running};
pub use sampler::{Sampler, doubling_looks};
pub use tables::tables;
pub use values::{Undone, undone, values};

use crate::cluster::setup::Setup;
use crate::cluster::{Watch, simulate_watched};
use crate::metrics::record::Record;
use crate::metrics::story::Observer;
use crate::scenario::Scenario;
use std::ops::ControlFlow;

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

/// Simulates every layout and replication of a scenario. `look` is told now and then how far it is; if it says
/// stop, the results are those of the first replications that are done under every layout (maybe none).
///
/// # Panics
/// If two layouts did not meet the same messages, or a conservation law is broken: bugs of the simulator.
pub fn run(scenario: &Scenario, look: impl FnMut(&Progress) -> ControlFlow<()>) -> Vec<LayoutResult> {
    run_from(scenario, 0, look)
}

/// As [`run`], from replication `first` on: replication n is the same whichever others are simulated.
///
/// # Panics
/// As [`run`].
pub fn run_from(scenario: &Scenario, first: u32, look: impl FnMut(&Progress) -> ControlFlow<()>) -> Vec<LayoutResult> {
    let setups: Vec<Setup> = scenario.layouts.iter().map(|layout| scenario.setup(layout)).collect();
    let (setups, records) = progress::simulate_all(setups, (first, scenario.replications), look);
    let results: Vec<LayoutResult> = scenario
        .layouts
        .iter()
        .zip(setups.into_iter().zip(records))
        .map(|(layout, (setup, records))| LayoutResult { layout: layout.name.clone(), setup, first, records })
        .collect();
    assert_same_messages(&results);
    results
}

/// Simulates one replication of one layout, by their places, and lets an observer listen.
///
/// # Panics
/// If a conservation law is broken, a bug of the simulator.
pub fn observe(scenario: &Scenario, layout: usize, replication: u32, observer: &mut dyn Observer) {
    let setup = scenario.setup(&scenario.layouts[layout]);
    simulate_watched(&setup, replication, Watch { observer: Some(observer), live: None });
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
