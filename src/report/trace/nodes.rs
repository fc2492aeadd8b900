//! What happens on a node: deliveries, the dispatcher, workers, push requests, timed jobs, outages.

use super::shared::{process_of, track, unheard, worker_thread};
use super::{DISPATCHER, INGEST, PUSH, STATE, TIMED, TraceFile, named};
use crate::metrics::story::{NotificationId, Phase, TaskId, TimedPhase, WakeCause, What};
use serde_json::{Value, json};
use std::cmp::Reverse;
use std::io::Write;

impl<W: Write> TraceFile<W> {
    pub(super) fn tell_node(&mut self, what: &What) {
        match what {
            What::NodeDown { node } => self.node_dies(*node),
            What::NodeUp { node } => {
                let track = self.on_node(*node, STATE, "state");
                self.writer.end_to(track, 0);
            }
            What::Received { message, node } if self.wants_message(*message) => {
                let track = self.on_node(*node, INGEST, "deliveries");
                let id = ("ingest", *message);
                self.writer.begin_async(id, track, &format!("message {message}"), &Value::Null);
                self.writer.begin_async(id, track, "processor", &Value::Null);
            }
            What::IngestStoring { message, node } if self.wants_message(*message) => {
                let track = self.on_node(*node, INGEST, "deliveries");
                self.writer.end_async_to(("ingest", *message), 1);
                self.writer.begin_async(("ingest", *message), track, "database", &Value::Null);
            }
            What::Delivered { message, .. } | What::Deferred { message } => {
                self.writer.end_async_to(("ingest", *message), 0);
                self.messages.remove(message);
            }
            What::ScanStarted { .. } | What::ScanEnded { .. } | What::Blocked { .. } | What::Asleep { .. } => {
                self.dispatcher(what);
            }
            What::DispatchLocking { node, task } => {
                let track = self.on_node(*node, DISPATCHER, "dispatcher");
                self.writer.end_to(track, 0);
                if self.wants_task(task) {
                    self.writer.begin(track, &format!("locks {task}"), &Value::Null);
                }
            }
            What::Worker { node, phase, tasks, role } => self.worker(*node, *role as u32, role.key(), *phase, tasks),
            What::ConnectionAwaited { node, role } => {
                let track = track(*node, worker_thread(*role as u32));
                if self.writer.depth(track) == 2 {
                    self.writer.begin(track, "waits for a connection", &Value::Null);
                }
            }
            What::Connected { node, role } => self.writer.end_to(track(*node, worker_thread(*role as u32)), 2),
            What::Timed { node, job, phase, account } => self.timed(*node, job, *phase, *account),
            _ => self.tell_push(what),
        }
    }

    fn node_dies(&mut self, node: u16) {
        self.writer.end_process(process_of(node));
        // What was sent is answered all the same; what was being prepared ends here.
        let answered: Vec<u64> = self.answers.iter().map(|Reverse((_, request))| *request).collect();
        let requests = std::mem::take(&mut self.requests[usize::from(node)]);
        for request in requests {
            if answered.contains(&request) {
                self.requests[usize::from(node)].insert(request);
            } else {
                self.writer.end_async_to(("push", request), 0);
            }
        }
        let track = self.on_node(node, STATE, "state");
        self.writer.begin(track, "down", &Value::Null);
    }

    fn dispatcher(&mut self, what: &What) {
        let node = match what {
            What::ScanStarted { node, .. }
            | What::ScanEnded { node, .. }
            | What::Blocked { node, .. }
            | What::Asleep { node } => *node,
            _ => return,
        };
        let track = self.on_node(node, DISPATCHER, "dispatcher");
        self.writer.end_to(track, 0);
        match what {
            What::ScanStarted { cause, .. } => {
                self.writer.begin(track, "reads the table", &json!({ "woken_by": woken_by(*cause) }));
            }
            What::ScanEnded { found, .. } if *found > 0 => {
                self.writer.instant(
                    track,
                    &format!("{found} {} found", if *found == 1 { "task" } else { "tasks" }),
                    &Value::Null,
                );
            }
            What::Blocked { role, .. } => {
                self.writer.begin(track, &format!("waits: channel of {role} is full"), &Value::Null);
            }
            _ => {}
        }
    }

    fn worker(&mut self, node: u16, role: u32, name: &str, phase: Phase, tasks: &[TaskId]) {
        let thread = worker_thread(role);
        // The phase before this one ends. A batch ends where the next one begins.
        let (is_new, part) = match phase {
            Phase::Idle => return self.writer.end_to(track(node, thread), 0),
            Phase::Locking => (true, "lock"),
            Phase::Running => (self.writer.depth(track(node, thread)) == 0, "processor"),
            Phase::Storing => (false, "database"),
            Phase::Deleting => (false, "delete"),
            Phase::Releasing => (false, "release"),
        };
        if is_new && !tasks.iter().any(|task| self.wants_task(task)) {
            return self.writer.end_to(track(node, thread), 0);
        }
        let track = self.on_node(node, thread, name);
        self.writer.end_to(track, usize::from(!is_new));
        if is_new {
            let wanted: Vec<TaskId> = tasks.iter().copied().filter(|task| self.wants_task(task)).collect();
            let all: Vec<String> = wanted.iter().map(ToString::to_string).collect();
            self.writer.begin(track, &named(&wanted), &json!({ "tasks": all, "batch": tasks.len() }));
        }
        if self.writer.depth(track) == 1 {
            self.writer.begin(track, part, &Value::Null);
        }
    }

    fn tell_push(&mut self, what: &What) {
        match what {
            What::Heard { node, notification } => self.push_event(*node, *notification, "hears of a change of"),
            What::Throttled { node, notification } => {
                self.push_event(*node, *notification, "keeps for later a change of")
            }
            What::NotHeard { node, change, reason } => {
                if let Some((account, _)) = self.changes.get(change).copied() {
                    let track = self.on_node(*node, PUSH, "push");
                    let args = json!({ "change": change, "because": unheard(*reason) });
                    self.writer.instant(track, &format!("does not hear of a change of account {account}"), &args);
                }
            }
            What::RequestStarted { node, request, notifications } => {
                let Some(account) = self.account_of(notifications) else { return };
                let track = self.on_node(*node, PUSH, "push");
                let changes: Vec<u64> = notifications.iter().map(|n| n.change).collect();
                let id = ("push", *request);
                let plural = if changes.len() == 1 { "" } else { "s" };
                let name = format!("push to account {account}: {} change{plural}", changes.len());
                self.writer.begin_async(id, track, &name, &json!({ "changes": changes }));
                self.writer.begin_async(id, track, "processor", &Value::Null);
                self.requests[usize::from(*node)].insert(*request);
            }
            What::RequestSent { node, request, answered_ns, has_failed, .. }
                if self.requests[usize::from(*node)].contains(request) =>
            {
                let track = self.on_node(*node, PUSH, "push");
                self.writer.end_async_to(("push", *request), 1);
                let args = json!({ "has_failed": has_failed });
                self.writer.begin_async(("push", *request), track, "endpoint", &args);
                self.answers.push(Reverse((*answered_ns, *request)));
            }
            What::Dropped { node, notifications } => self.push_loss(*node, notifications, "gives up"),
            What::CopiesLost { node, notifications } => self.push_loss(*node, notifications, "dies owing"),
            _ => {}
        }
    }

    /// The account of a request's notifications, if it is to be shown.
    fn account_of(&self, notifications: &[NotificationId]) -> Option<u32> {
        notifications.iter().find_map(|n| self.changes.get(&n.change)).map(|(account, _)| *account)
    }

    fn push_event(&mut self, node: u16, notification: NotificationId, event: &str) {
        if let Some((account, _)) = self.changes.get(&notification.change).copied() {
            let track = self.on_node(node, PUSH, "push");
            let args = json!({ "change": notification.change, "subscription": notification.subscription });
            self.writer.instant(track, &format!("{event} account {account}"), &args);
        }
    }

    fn push_loss(&mut self, node: u16, notifications: &[NotificationId], event: &str) {
        for notification in notifications {
            self.push_event(node, *notification, event);
        }
    }

    fn timed(&mut self, node: u16, job: &'static str, phase: TimedPhase, account: Option<u32>) {
        let known = self.timed.iter().position(|known| *known == job);
        let number = known.unwrap_or_else(|| {
            self.timed.push(job);
            self.timed.len() - 1
        });
        let thread = TIMED + number as u32;
        let is_wanted = self.options.account.is_none() || account.is_some_and(|account| self.is_wanted(account));
        let part = match phase {
            TimedPhase::Ended => return self.writer.end_to(track(node, thread), 0),
            _ if !is_wanted => return self.writer.end_to(track(node, thread), 0),
            TimedPhase::Locking => "lock",
            TimedPhase::Running => "processor",
            TimedPhase::Storing => "database",
            TimedPhase::Releasing => "release",
        };
        let track = self.on_node(node, thread, job);
        // An item begins with its lock, or without one on the processor.
        let is_new = phase == TimedPhase::Locking || self.writer.depth(track) == 0;
        self.writer.end_to(track, usize::from(!is_new));
        if is_new {
            let name = account.map_or_else(|| job.to_owned(), |account| format!("{job}: account {account}"));
            self.writer.begin(track, &name, &Value::Null);
        }
        self.writer.begin(track, part, &Value::Null);
    }
}

fn woken_by(cause: WakeCause) -> &'static str {
    match cause {
        WakeCause::Start => "its start",
        WakeCause::OwnWrite => "a task written on this node",
        WakeCause::Due => "a task that fell due",
        WakeCause::Room => "a worker with room",
        WakeCause::Refresh => "nothing; it has slept as long as it may",
    }
}
