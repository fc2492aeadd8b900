//! What a simulation begins with: nodes, the moments at which they start, the dates of the certificates.

use super::node::Node;
use super::setup::Setup;
use super::tasks::NONE;
use crate::engine::random::{Purpose, Streams};
use crate::faults::{Change, timetable};
use crate::layout::Role;
use crate::time::SimTime;
use rand::RngExt;

/// The faults, and the moments at which nodes start, if they do not start all at once.
pub(super) fn changes(setup: &Setup, streams: Streams) -> Vec<(SimTime, Change)> {
    let mut changes = timetable(&setup.faults, setup.span.measure_start, setup.span.drain_end, streams);
    if !setup.start_spread.is_zero() {
        for node in 0..setup.nodes.len() {
            let mut random = streams.stream(Purpose::Starts, node as u64);
            let at = SimTime::ZERO + setup.start_spread.mul_f64(random.random());
            changes.push((at, Change::NodeUp(node as u16)));
        }
        changes.sort_by_key(|(at, _)| *at);
    }
    changes
}

/// The nodes, each with the queues that it serves; `queue_base` is the first queue of each role.
pub(super) fn new_nodes(setup: &Setup, queue_base: &[u32; Role::COUNT], streams: Streams) -> Vec<Node> {
    let served_by = |index: usize| -> Vec<Option<u32>> {
        let queue_of = |role: Role| {
            let base = queue_base[role.index()];
            let shard = setup.coverage(role).shards_of(index).next();
            shard.filter(|_| base != NONE).map(|shard| base + shard)
        };
        Role::ALL.into_iter().map(queue_of).collect()
    };
    (0..setup.nodes.len()).map(|index| Node::new(index, setup, &served_by(index), streams)).collect()
}

/// Nodes of each shard, by role.
pub(super) fn count_members(setup: &Setup) -> Vec<Vec<u32>> {
    let count = |members: &[u16]| members.len() as u32;
    setup.coverage.iter().map(|coverage| coverage.members.iter().map(count).collect()).collect()
}

/// When each certificate is renewed first: at any time of its interval.
pub(super) fn first_renewals(setup: &Setup, streams: Streams) -> Vec<SimTime> {
    let mut random = streams.stream(Purpose::TimedJobs, u64::from(u32::MAX));
    let interval = setup.rules.acme_interval;
    (0..setup.costs.acme_providers).map(|_| SimTime::ZERO + interval.mul_f64(random.random())).collect()
}
