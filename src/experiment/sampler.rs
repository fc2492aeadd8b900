//! Values of a few metrics of several systems, replication by replication, as many as are asked for.
//!
//! A procedure that decides how many replications it needs asks a [`Sampler`] for more of those systems that are still
//! in question. Of a simulation only the chosen metrics are kept. Systems with the same seed meet the same messages
//! in the same replication (common random numbers), which is asserted.

use super::objectives::Found;
use super::{Undone, chance, undone, values};
use crate::cluster::setup::Setup;
use crate::cluster::simulate;
use crate::metrics::catalog::Metric;
use crate::statistics::{Comparison, Confidence, Judgement, judge_unseen};
use rayon::prelude::*;

/// One layout on one cluster, and what its replications gave.
struct System {
    name: String,
    setup: Setup,
    /// By metric, then replication.
    values: Vec<Vec<Option<f64>>>,
    /// By metric, then replication: whether there is no value because too much was not done.
    undone: Vec<Vec<bool>>,
    /// By metric, then replication: what was not done.
    left: Vec<Vec<Option<Undone>>>,
    /// By replication: number and checksum of its messages.
    messages: Vec<(u64, u64)>,
}

/// What is kept of one simulation.
struct Outcome {
    /// By metric.
    values: Vec<(Option<f64>, Option<Undone>)>,
    messages: (u64, u64),
    events: u64,
}

/// The systems and their values so far.
pub struct Sampler {
    systems: Vec<System>,
    metrics: Vec<Metric>,
    simulations: u64,
    events: u64,
}

impl Sampler {
    /// Systems of which nothing is simulated yet.
    pub fn new(systems: Vec<(String, Setup)>, metrics: Vec<Metric>) -> Self {
        let systems = systems.into_iter().map(|(name, setup)| System {
            name,
            setup,
            values: vec![Vec::new(); metrics.len()],
            undone: vec![Vec::new(); metrics.len()],
            left: vec![Vec::new(); metrics.len()],
            messages: Vec::new(),
        });
        Self { systems: systems.collect(), metrics, simulations: 0, events: 0 }
    }

    /// Adds a system; returns its number.
    pub fn add(&mut self, name: String, setup: Setup) -> usize {
        let values = vec![Vec::new(); self.metrics.len()];
        let undone = vec![Vec::new(); self.metrics.len()];
        let left = vec![Vec::new(); self.metrics.len()];
        self.systems.push(System { name, setup, values, undone, left, messages: Vec::new() });
        self.systems.len() - 1
    }

    /// Simulates until each of these systems has `replications`; `done` is called after each simulation.
    ///
    /// # Panics
    /// If two systems with one seed did not meet the same messages: a bug of the simulator.
    pub fn extend(&mut self, systems: &[usize], replications: usize, done: &(dyn Fn() + Sync)) {
        let jobs: Vec<(usize, usize)> = systems
            .iter()
            .flat_map(|&system| (self.systems[system].messages.len()..replications).map(move |number| (system, number)))
            .collect();
        let outcomes: Vec<Outcome> = jobs
            .par_iter()
            .map(|&(system, number)| {
                let setup = &self.systems[system].setup;
                let record = simulate(setup, number as u32);
                done();
                let of = |metric: &Metric| (values(setup, &record, metric.quantity), undone(&record, metric.quantity));
                let values = self.metrics.iter().map(of).collect();
                Outcome { values, messages: (record.messages, record.workload_checksum), events: record.events }
            })
            .collect();
        for ((system, _), outcome) in jobs.into_iter().zip(outcomes) {
            let system = &mut self.systems[system];
            system.messages.push(outcome.messages);
            let kept = system.values.iter_mut().zip(&mut system.undone).zip(&mut system.left);
            for (((values, undone), left), (value, is_left)) in kept.zip(outcome.values) {
                values.push(value);
                undone.push(is_left.is_some());
                left.push(is_left);
            }
            self.simulations += 1;
            self.events += outcome.events;
        }
        self.assert_same_messages();
    }

    fn assert_same_messages(&self) {
        for (number, one) in self.systems.iter().enumerate() {
            let same_seed = |other: &&System| other.setup.seed == one.setup.seed;
            let Some(first) = self.systems[..number].iter().find(same_seed) else { continue };
            for (a, b) in first.messages.iter().zip(&one.messages) {
                assert_eq!(a, b, "{} and {} met different messages", first.name, one.name);
            }
        }
    }

    /// The metrics, as given.
    pub fn metrics(&self) -> &[Metric] {
        &self.metrics
    }

    /// Name of a system.
    pub fn name(&self, system: usize) -> &str {
        &self.systems[system].name
    }

    /// What is simulated of a system.
    pub fn setup(&self, system: usize) -> &Setup {
        &self.systems[system].setup
    }

    /// Number of systems.
    pub fn len(&self) -> usize {
        self.systems.len()
    }

    /// Whether there are no systems.
    pub fn is_empty(&self) -> bool {
        self.systems.is_empty()
    }

    /// Replications of a system so far.
    pub fn replications(&self, system: usize) -> usize {
        self.systems[system].messages.len()
    }

    /// Values of a metric, one a replication.
    pub fn values(&self, system: usize, metric: usize) -> &[Option<f64>] {
        &self.systems[system].values[metric]
    }

    /// Whether a metric has no value because of what there was to do too much was not done, one a replication.
    pub fn undone(&self, system: usize, metric: usize) -> &[bool] {
        &self.systems[system].undone[metric]
    }

    /// What an objective on a metric is judged by.
    pub fn found(&self, system: usize, metric: usize) -> Found {
        let values = self.values(system, metric).iter().copied();
        let left = self.systems[system].left[metric].iter().copied();
        Found::new(self.setup(system), self.metrics[metric].quantity, 0, values.zip(left))
    }

    /// Judges these values of a metric, with heed of what may change it by chance; `None` if they cannot be judged.
    pub fn judge(
        &self,
        system: usize,
        metric: usize,
        values: &[f64],
        (comparison, limit): (Comparison, f64),
        confidence: Confidence,
    ) -> Option<Judgement> {
        let is_equal = values.windows(2).all(|pair| pair[0] == pair[1]);
        let chance = is_equal.then(|| chance(self.setup(system), self.metrics[metric].quantity)).flatten();
        judge_unseen(values, comparison, limit, confidence, chance.as_ref().map(|chance| &chance.unseen)).ok()
    }

    /// The first `count` values of a metric, if it has a value in each of these replications.
    pub fn complete(&self, system: usize, metric: usize, count: usize) -> Option<Vec<f64>> {
        self.values(system, metric).get(..count)?.iter().copied().collect()
    }

    /// By replication: number and checksum of its messages.
    pub fn messages(&self, system: usize) -> &[(u64, u64)] {
        &self.systems[system].messages
    }

    /// Simulations so far.
    pub fn simulations(&self) -> u64 {
        self.simulations
    }

    /// Events so far.
    pub fn events(&self) -> u64 {
        self.events
    }
}

/// Numbers of replications at which to look: the first, then twice as many each time, and the most.
pub fn doubling_looks(first: usize, most: usize) -> Vec<usize> {
    let mut looks = Vec::new();
    let mut next = first.max(2);
    while next < most {
        looks.push(next);
        next *= 2;
    }
    looks.push(most.max(2));
    looks
}

#[cfg(test)]
mod tests {
    use super::doubling_looks;

    #[test]
    fn looks_double_up_to_the_most() {
        assert_eq!(doubling_looks(10, 100), [10, 20, 40, 80, 100]);
        assert_eq!(doubling_looks(10, 80), [10, 20, 40, 80]);
        assert_eq!(doubling_looks(10, 4), [4]);
    }
}
