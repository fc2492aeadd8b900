//! What a node can reach: a node that is cut off from a service lives on without it.
//!
//! Coordinator: the node misses what others publish, and what happens on it is not published. Lock store: its
//! tries to lock fail, its releases get lost. Database: what the node asks for waits with the node, what runs
//! for it already is carried out, and its answer arrives when the cut is over. Causes add up, and a node
//! that restarts is as cut off as before.

use super::Cluster;
use super::event::{Event, Job, Work};
use crate::engine::Agenda;
use crate::faults::Service;
use crate::time::{SimDuration, SimTime};

/// What holds for all nodes, most of the time: then nobody has to look at the node's own links, which are far away where
/// there are many nodes.
#[derive(Default)]
pub(super) struct Reach {
    /// Causes that cut nodes off from services.
    cuts: u32,
    /// From when on every node hears what is published: not before a node has come up or is connected again; never while
    /// one is down or cut off.
    all_hear_since: SimTime,
}

/// The connections of a node to the shared services.
#[derive(Default)]
pub struct Links {
    /// Causes that cut the node off, by service.
    cuts: [u32; Service::COUNT],
    /// Since when it hears the coordinator.
    hears_since: SimTime,
    /// Database requests that it cannot send.
    unsent: Vec<(Work, SimDuration)>,
    /// Work that the database has done and not answered.
    unanswered: Vec<Work>,
}

impl Links {
    /// Whether the node reaches the service.
    #[inline]
    pub fn reaches(&self, service: Service) -> bool {
        self.cuts[service as usize] == 0
    }

    /// Whether the node hears of a change that was published at `published`.
    #[inline]
    pub fn hears(&self, published: SimTime) -> bool {
        self.reaches(Service::Coordinator) && self.hears_since <= published
    }

    /// The node wants something from the database, which it cannot reach.
    pub fn hold(&mut self, work: Work, demand: SimDuration) {
        self.unsent.push((work, demand));
    }

    /// The database has done what the node wanted, and cannot say so.
    pub fn keep_answer(&mut self, work: Work) {
        self.unanswered.push(work);
    }
}

impl Cluster<'_> {
    /// A cut begins.
    pub(super) fn cut_off(&mut self, node: u16, service: Service) {
        if service == Service::Coordinator {
            self.set_apart(node);
        }
        self.reach.cuts += 1;
        let links = &mut self.nodes[node as usize].links;
        links.cuts[service as usize] += 1;
        if service == Service::Database && links.cuts[service as usize] == 1 {
            // What waits for a connection waits with the node from now on.
            links.unsent.extend(self.database.take_waiting(node));
        }
        self.note_reach(node);
        self.note_hearing();
    }

    /// A cut ends; with the last one the node goes on.
    pub(super) fn reconnect(&mut self, node: u16, service: Service, agenda: &mut Agenda<Event>) {
        self.reach.cuts -= 1;
        let links = &mut self.nodes[node as usize].links;
        links.cuts[service as usize] -= 1;
        if !links.reaches(service) {
            return;
        }
        self.note_reach(node);
        let links = &mut self.nodes[node as usize].links;
        match service {
            Service::Coordinator => {
                links.hears_since = agenda.now();
                self.note_hearing();
            }
            Service::LockStore => {}
            Service::Database => {
                let (answers, requests) = (std::mem::take(&mut links.unanswered), std::mem::take(&mut links.unsent));
                for work in answers {
                    self.answered(work, agenda);
                }
                for (work, demand) in requests {
                    self.request_sent(work, demand, agenda);
                }
            }
        }
    }

    /// The node has died: of what it waited for only messages are left, whose senders try again.
    pub(super) fn links_die(&mut self, node: u16, agenda: &mut Agenda<Event>) {
        let links = &mut self.nodes[node as usize].links;
        let unsent = std::mem::take(&mut links.unsent).into_iter().map(|(work, _)| work);
        let lost: Vec<Work> = std::mem::take(&mut links.unanswered).into_iter().chain(unsent).collect();
        for work in lost {
            if let Job::Ingest(message) = work.job() {
                self.defer(message, agenda);
            }
        }
    }

    /// Keeps what dispatchers know of their nodes.
    pub(super) fn note_reach(&mut self, node: u16) {
        let state = &self.nodes[node as usize];
        let dispatcher = &mut self.dispatchers[node as usize];
        dispatcher.is_up = state.is_up();
        dispatcher.reaches_database = state.links.reaches(Service::Database);
    }

    /// Works out anew from when on every node hears what is published: to be called when one has gone down, come up, been cut
    /// off or is connected again.
    pub(super) fn note_hearing(&mut self) {
        let since = self.nodes.iter().map(|node| {
            let hears = node.is_up() && node.links.reaches(Service::Coordinator);
            if hears { node.up_since.max(node.links.hears_since) } else { SimTime::NEVER }
        });
        self.reach.all_hear_since = since.max().unwrap_or(SimTime::ZERO);
    }

    /// Whether every node hears of a change that was published at `changed`, if it is not lost on the way.
    #[inline]
    pub(super) fn all_hear(&self, changed: SimTime) -> bool {
        self.reach.all_hear_since <= changed
    }

    /// Whether a node reaches a service.
    #[inline]
    pub(super) fn reaches(&self, node: u16, service: Service) -> bool {
        self.reach.cuts == 0 || self.nodes[node as usize].links.reaches(service)
    }

    /// Whether a node can take and release locks.
    #[inline]
    pub(super) fn has_locks(&self, node: u16) -> bool {
        self.lock_store_outages == 0 && self.reaches(node, Service::LockStore)
    }
}
