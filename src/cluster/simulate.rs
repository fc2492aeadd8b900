//! One simulation from beginning to end: as it is, with somebody looking on, plainly, or profiled.

use super::Cluster;
use super::setup::Setup;
use super::story::story;
use crate::engine::{Agenda, Profile, run, run_profiled};
use crate::metrics::live::Live;
use crate::metrics::record::Record;
use crate::metrics::story::Observer;

/// Runs one replication of a setup and returns what it recorded.
///
/// # Panics
/// If a conservation law is broken, which is a bug of the simulator.
pub fn simulate(setup: &Setup, replication: u32) -> Record {
    simulate_watched(setup, replication, Watch::default())
}

/// Who looks on while a simulation runs. Nobody changes anything in it.
#[derive(Default)]
pub struct Watch<'a> {
    /// Is told everything that happens.
    pub observer: Option<&'a mut dyn Observer>,
    /// Is told now and then how far it is.
    pub live: Option<&'a Live>,
}

/// As [`simulate`], with somebody looking on.
///
/// # Panics
/// If a conservation law is broken, which is a bug of the simulator.
pub fn simulate_watched<'a>(setup: &'a Setup, replication: u32, watch: Watch<'a>) -> Record {
    let mut cluster = Cluster::new(setup, replication);
    cluster.live = watch.live;
    // Who listens wants to hear of everything at its time.
    cluster.may_foresee &= watch.observer.is_none();
    cluster.story = story(watch.observer, setup.nodes.len());
    let mut agenda = Agenda::default();
    cluster.start(&mut agenda);
    run(&mut cluster, &mut agenda, setup.span.drain_end);
    cluster.finish(&mut agenda)
}

/// As [`simulate`], with an event for everything: the plain version that the results of [`simulate`] are held
/// against. It handles more events, and is slower.
pub fn simulate_plainly(setup: &Setup, replication: u32) -> Record {
    let mut cluster = Cluster::new(setup, replication);
    cluster.may_foresee = false;
    let mut agenda = Agenda::default();
    cluster.start(&mut agenda);
    run(&mut cluster, &mut agenda, setup.span.drain_end);
    cluster.finish(&mut agenda)
}

/// As [`simulate`], and says where events and time went.
pub fn simulate_profiled(setup: &Setup, replication: u32) -> (Record, Profile) {
    let mut cluster = Cluster::new(setup, replication);
    let mut agenda = Agenda::default();
    cluster.start(&mut agenda);
    let profile = run_profiled(&mut cluster, &mut agenda, setup.span.drain_end);
    (cluster.finish(&mut agenda), profile)
}
