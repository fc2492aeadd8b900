//! When certificates fall due, and who renews them (server facts, section 4).
//!
//! A renewal falls due for the cluster, whether a node is there to do it or not: it is counted from then on. Each enabled
//! node of the certificate's shard renews what is due by its own timer; `documented` gives it to one live node.

use super::Cluster;
use super::event::{Event, TimedKind};
use super::timed::{CLUSTER, DueItem};
use crate::engine::Agenda;
use crate::layout::Role;
use crate::time::SimTime;

impl Cluster<'_> {
    pub(super) fn serves_certificate(&self, node: u16, provider: usize) -> bool {
        let coverage = self.setup.coverage(Role::AcmeRenew);
        node == CLUSTER || coverage.assignments[node as usize].serves(certificate_hash(provider))
    }

    /// The next time that a certificate of a node falls due, or of the cluster that no node has in hand.
    pub(super) fn next_renewal(&self, node: u16, now: SimTime) -> SimTime {
        let is_given = |provider: usize| node == CLUSTER && self.timed.acme_given[provider];
        let due = self.timed.acme_due.iter().enumerate();
        let own = due.filter(|&(provider, _)| self.serves_certificate(node, provider) && !is_given(provider));
        own.map(|(_, &due)| due.max(now)).min().unwrap_or(SimTime::NEVER)
    }

    /// A node's timer fires: it renews what is due, one certificate at a time.
    pub(super) fn renew_next(&mut self, node: u16, agenda: &mut Agenda<Event>) {
        let now = agenda.now();
        let is_due = |&p: &usize| self.timed.acme_due[p] <= now && self.serves_certificate(node, p);
        if let Some(provider) = (0..self.timed.acme_due.len()).find(is_due) {
            let due = self.open_renewal(provider);
            self.begin_job(node, TimedKind::AcmeRenew, DueItem { due, provider }, agenda);
        } else {
            self.set_timer(node, TimedKind::AcmeRenew, false, agenda);
        }
    }

    /// `documented`: gives what is due to live nodes.
    pub(super) fn renewals_fall_due(&mut self, agenda: &mut Agenda<Event>) {
        let now = agenda.now();
        let mut is_any = false;
        for provider in 0..self.timed.acme_due.len() {
            if self.timed.acme_due[provider] <= now && !self.timed.acme_given[provider] {
                is_any = true;
                self.timed.acme_given[provider] = true;
                let due = self.open_renewal(provider);
                self.timed.pending[TimedKind::AcmeRenew as usize].push_back(DueItem { due, provider });
            }
        }
        // If there is none, another timer has fired at this moment, and set the next one.
        if is_any {
            self.set_timer(CLUSTER, TimedKind::AcmeRenew, false, agenda);
            self.take_pending(agenda);
        }
    }

    /// A renewal that is due is known to be: returns since when. A try after a failure belongs to the renewal that is due
    /// already.
    fn open_renewal(&mut self, provider: usize) -> SimTime {
        if let Some(since) = self.timed.acme_open[provider] {
            return since;
        }
        let since = self.timed.acme_due[provider];
        self.timed.acme_open[provider] = Some(since);
        if self.setup.is_measured(since) {
            self.count_created(TimedKind::AcmeRenew, certificate_hash(provider));
        }
        since
    }

    /// The simulation is over: what fell due and found no node is due all the same.
    pub(super) fn open_overdue_renewals(&mut self) {
        for provider in 0..self.timed.acme_due.len() {
            if self.setup.is_measured(self.timed.acme_due[provider]) {
                self.open_renewal(provider);
            }
        }
    }

    /// A try to renew is over. Whether this is the first time that it was done; `None` if it has failed.
    pub(super) fn renewal_ends(&mut self, provider: usize, fails: bool, now: SimTime) -> Option<bool> {
        let rules = &self.setup.rules;
        let due = &mut self.timed.acme_due[provider];
        if fails {
            // Another node may have renewed it meanwhile: then it is not due again.
            if self.timed.acme_open[provider].is_some() {
                *due = now + rules.acme_retry_delay;
            }
            return None;
        }
        *due = (*due).max(now + rules.acme_interval);
        Some(self.timed.acme_open[provider].take().is_some())
    }
}

/// Stands in for the hash of a certificate provider's id (server facts, section 1.1).
pub(super) fn certificate_hash(provider: usize) -> u64 {
    xxhash_rust::xxh3::xxh3_64_with_seed(&(provider as u64).to_be_bytes(), 191_179)
}
