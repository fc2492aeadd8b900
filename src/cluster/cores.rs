//! The cores of a node, as chains and flights see them: work that keeps a core for itself.
//!
//! What is looked at and counted for every push request stands here in one line of the cache for each node, apart from the
//! nodes, which are large: where there are a thousand of them, all else is far away.

use super::Cluster;
use super::processor::Speed;
use crate::layout::Role;
use crate::time::{SimDuration, SimTime};
use smallvec::SmallVec;

/// What a node's cores are used for.
#[repr(align(64))]
pub struct Cores {
    /// Numbers of the node's chains.
    pub chains: SmallVec<[u32; 4]>,
    /// Of 65,536 cores one is not counted: it is only not given to chains and flights.
    count: u16,
    /// Requests in flights.
    pub flying: u16,
    /// Jobs, chains and flights.
    pub in_use: u32,
    pub speed: Speed,
    /// Time for which cores were used by chains and flights, in core-nanoseconds.
    pub alone_ns: u64,
    /// Push requests in flights: measured ones, and what they used in the measured span.
    pub push_runs: u64,
    pub push_busy_ns: u64,
}

const _: () = assert!(size_of::<Cores>() == 64, "one line of the cache");

impl Cores {
    /// Cores that nobody uses.
    pub fn new(count: u32, speed: f64) -> Self {
        Self {
            chains: SmallVec::new(),
            count: count.min(u32::from(u16::MAX)) as u16,
            flying: 0,
            in_use: 0,
            speed: Speed(speed),
            alone_ns: 0,
            push_runs: 0,
            push_busy_ns: 0,
        }
    }

    /// Whether there is one that neither a job nor a chain nor a flight uses.
    #[inline]
    pub fn has_one(&self) -> bool {
        self.in_use < u32::from(self.count)
    }

    /// A core has been busy for `time` with a chain or a flight.
    #[inline]
    pub fn note_alone(&mut self, time: SimDuration) {
        self.alone_ns += time.as_nanos();
    }

    /// Whether jobs are all that uses cores, of which there are so many.
    pub fn are_simple(&self, jobs: usize) -> bool {
        self.in_use as usize == jobs
    }
}

impl Cluster<'_> {
    /// Time for which a node's cores have been busy until `now`, in core-nanoseconds.
    pub(super) fn busy_core_ns(&mut self, node: usize, now: SimTime) -> u128 {
        self.nodes[node].processor.busy_core_ns(now) + u128::from(self.cores[node].alone_ns)
    }

    /// The simulation is over: what nodes have counted goes into the record.
    pub(super) fn record_nodes(&mut self) {
        for (node, cores) in self.cores.iter().enumerate() {
            let by_role = &mut self.record.node_roles[node];
            for (record, part) in by_role.iter_mut().zip(&self.nodes[node].roles) {
                *record = part.record;
            }
            let push = &mut by_role[Role::PushNotifications.index()];
            push.executions += cores.push_runs;
            push.busy_ns += u128::from(cores.push_busy_ns);
            self.record.nodes[node].push_requests += cores.push_runs;
            self.record.nodes[node].messages_received = self.record.ingest[node].executions;
        }
    }
}
