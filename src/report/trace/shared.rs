//! What the cluster shares: the task table, services, the outcome of notifications.

use super::{CLUSTER, OUTCOME, ROLES, SERVICES, TraceFile, Track, table_slice};
use crate::metrics::story::{Phase, TaskId, Unheard, What};
use serde_json::{Value, json};
use std::io::Write;

impl<W: Write> TraceFile<W> {
    pub(super) fn tell_shared(&mut self, what: &What) {
        match what {
            What::Written { task, account, node, shard } if self.wants_task(task) => {
                let track = self.on_cluster(ROLES + task.role as u32, &format!("table: {}", task.role));
                let writer = node.map(|node| self.options.nodes[usize::from(node)]);
                let args = json!({ "account": account, "written_on_node": writer, "shard": shard });
                self.writer.begin_async(table_slice(task), track, &format!("{task} waits"), &args);
            }
            What::Seen { node, task } => self.note_task(task, *node, "found by"),
            What::Locked { node, task, .. } => self.note_task(task, *node, "locked by"),
            What::Refused { node, task, owner: Some(_), .. } => self.note_task(task, *node, "found locked by"),
            What::Refused { node, task, owner: None, .. } => self.note_task(task, *node, "lock store silent for"),
            What::RunFailed { node, task } => self.note_task(task, *node, "failed on"),
            What::Forgotten { node, task, .. } => self.note_task(task, *node, "forgotten by"),
            What::Worker { phase: Phase::Releasing, tasks, .. } => {
                for task in tasks {
                    self.leave_table(task);
                }
            }
            What::GivenUp { task } => self.leave_table(task),
            What::ServiceDown { service } => {
                let track = self.on_cluster(SERVICES + service_thread(service), service);
                self.writer.begin(track, &format!("{service} down"), &Value::Null);
            }
            What::ServiceUp { service } => {
                let track = self.on_cluster(SERVICES + service_thread(service), service);
                let depth = self.writer.depth(track).saturating_sub(1);
                self.writer.end_to(track, depth);
            }
            What::Published { change, account, subscriptions, .. }
                if *subscriptions > 0 && self.is_wanted(*account) =>
            {
                self.changes.insert(*change, (*account, *subscriptions));
            }
            What::Settled { notification, copies } => {
                let outcome = match copies {
                    0 => Some("missed".to_owned()),
                    1 => None,
                    copies => Some(format!("pushed {copies} times")),
                };
                self.settled(notification.change, outcome);
            }
            What::StillOpen { notification } => self.settled(notification.change, Some("still open at the end".into())),
            _ => {}
        }
    }

    fn note_task(&mut self, task: &TaskId, node: u16, event: &str) {
        let id = self.options.nodes[usize::from(node)];
        self.writer.note_async(table_slice(task), &format!("{event} node {id}"));
    }

    /// A task is done or given up.
    fn leave_table(&mut self, task: &TaskId) {
        self.writer.end_async_to(table_slice(task), 0);
        self.tasks.remove(task);
    }

    fn settled(&mut self, change: u64, outcome: Option<String>) {
        let Some((account, open)) = self.changes.get_mut(&change) else { return };
        let account = *account;
        *open -= 1;
        if *open == 0 {
            self.changes.remove(&change);
        }
        let Some(outcome) = outcome else { return };
        let track = self.on_cluster(OUTCOME, "push: missed, repeated or open");
        self.writer.instant(track, &format!("account {account}: {outcome}"), &json!({ "change": change }));
    }
}

/// Services have threads of their own, next to each other.
fn service_thread(service: &str) -> u32 {
    match service {
        "coordinator" => 0,
        "lock store" => 1,
        _ => 2,
    }
}

/// Why a node did not hear, in words.
pub(super) fn unheard(reason: Unheard) -> &'static str {
    match reason {
        Unheard::Down => "the node was down",
        Unheard::Coordinator => "the coordinator was down",
        Unheard::Resubscribing => "the node was subscribing again",
        Unheard::CutOff => "the node was cut off from the coordinator",
        Unheard::OriginCutOff => "the node of the change was cut off from the coordinator",
        Unheard::Lost => "the coordinator lost it",
    }
}

/// The thread that tells of a node's life.
pub(super) fn process_of(node: u16) -> u32 {
    CLUSTER + 1 + u32::from(node)
}

/// A worker's thread.
pub(super) fn worker_thread(role: u32) -> u32 {
    ROLES + role
}

/// Where on a process.
pub(super) fn track(node: u16, thread: u32) -> Track {
    Track { process: process_of(node), thread }
}
