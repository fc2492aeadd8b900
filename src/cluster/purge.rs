//! The purge of accounts: which accounts a node walks over, and in which order (server facts, section 4).
//!
//! Each enabled node walks over its share in an order of its own; in `documented` the live nodes of a shard
//! share one walk.

use super::Cluster;
use super::event::{Event, TimedKind};
use super::timed::DueItem;
use super::walk::Walk;
use crate::engine::Agenda;
use crate::layout::Role;
use crate::server::Coordination;
use crate::time::SimTime;

impl Cluster<'_> {
    /// All accounts fall due for purging.
    pub(super) fn purge_day_begins(&mut self, now: SimTime) {
        self.timed.purge_due = now;
        self.timed.purged.clear();
        if !self.setup.is_measured(now) {
            return;
        }
        let role = Role::PurgeAccounts.index();
        self.record.roles[role].created += u64::from(self.setup.workload.accounts);
        let shards = self.setup.coverage[role].shards;
        for shard in 0..shards {
            let count = u64::from(self.accounts_of_shard(shard, shards));
            self.record.shards[role][shard as usize].created += count;
        }
    }

    /// Number of accounts whose id is `shard` modulo `shards`.
    pub(super) fn accounts_of_shard(&self, shard: u32, shards: u32) -> u32 {
        let first = self.first_of_shard(shard, shards);
        let accounts = self.setup.workload.accounts;
        if first >= accounts { 0 } else { (accounts - first).div_ceil(shards) }
    }

    /// Index of the first account whose id is `shard` modulo `shards`.
    pub(super) fn first_of_shard(&self, shard: u32, shards: u32) -> u32 {
        (shard + shards - self.setup.workload.first_account_id % shards) % shards
    }

    /// The accounts of a shard in an order drawn from the node's own stream, or in ascending order.
    pub(super) fn new_walk(&mut self, shard: u32, node: Option<u16>) -> Walk {
        let shards = self.setup.coverage(Role::PurgeAccounts).shards;
        let count = self.accounts_of_shard(shard, shards);
        let first = self.first_of_shard(shard, shards);
        let random = node.map(|node| &mut self.nodes[node as usize].timed.random);
        Walk::new(first, shards, count, random)
    }

    /// The walk goes on to the next account, or is over.
    pub(super) fn next_account(&mut self, node: u16, agenda: &mut Agenda<Event>) {
        let kind = TimedKind::PurgeAccounts;
        let is_once = self.setup.rules.timed == Coordination::Once;
        let walk = if is_once {
            let shard = self.setup.coverage(Role::PurgeAccounts).shards_of(node as usize).start;
            &mut self.timed.walks[shard as usize]
        } else {
            &mut self.nodes[node as usize].timed.jobs[kind as usize].walk
        };
        let next = walk.next();
        self.nodes[node as usize].timed.jobs[kind as usize].account = next;
        match next {
            None => self.end_job(node, kind),
            Some(_) if is_once => self.start_item(node, kind, agenda),
            Some(_) => self.ask_for_lock(node, kind, agenda),
        }
    }

    /// `documented`: a live node takes part in the purge of its shard's accounts.
    pub(super) fn join_walk(&mut self, node: u16, agenda: &mut Agenda<Event>) {
        let state = &self.nodes[node as usize];
        let shard = self.setup.coverage(Role::PurgeAccounts).shards_of(node as usize).start;
        let is_enabled = self.setup.coverage(Role::PurgeAccounts).assignments[node as usize].is_enabled();
        let is_free = state.is_up() && !state.timed.jobs[TimedKind::PurgeAccounts as usize].is_running;
        if is_enabled && is_free && !self.timed.walks[shard as usize].is_over() {
            let item = DueItem { due: self.timed.purge_due, provider: 0 };
            self.begin_job(node, TimedKind::PurgeAccounts, item, agenda);
        }
    }
}
