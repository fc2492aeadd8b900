//! Sentences about messages and tasks: written, found, locked, run, done.

use super::{Teller, length, times};
use crate::metrics::story::{Phase, TaskId, WakeCause, What};
use crate::report::format::list;
use std::collections::BTreeMap;

/// What is known of the tasks of a story.
#[derive(Debug, Default)]
pub(super) struct Tasks {
    received: Option<u64>,
    /// Why the dispatcher that finds a task next was awake.
    cause: Option<WakeCause>,
    /// In whose channels the dispatcher that is told of next waited for room, and until when.
    waited_for: Vec<String>,
    waited_until_ns: u64,
    known: BTreeMap<TaskId, Task>,
}

#[derive(Debug, Default)]
struct Task {
    written_ns: u64,
    /// Until when its lock was last known to be held.
    lock_until_ns: u64,
    done_ns: Option<u64>,
    /// By which nodes, in order.
    runs: Vec<String>,
    is_given_up: bool,
    /// No node serves its shard.
    is_unserved: bool,
    /// When each node found it.
    found_ns: BTreeMap<u16, u64>,
}

impl Tasks {
    /// The tasks, in the order of their roles.
    pub(super) fn ids(&self) -> Vec<TaskId> {
        self.known.keys().copied().collect()
    }

    /// What became of each task, a part of a sentence each.
    pub(super) fn summary(&self) -> Vec<String> {
        let mut parts = Vec::new();
        for (id, task) in &self.known {
            let (verb, noun) = (done_word(id.role.key()), id.role.key());
            parts.push(match (task.done_ns, task.runs.as_slice()) {
                (None, _) if task.is_given_up => format!("{noun} given up after too many failures"),
                (None, _) if task.is_unserved => format!("{noun} never done, as no node serves its shard"),
                (None, _) => format!("{noun} not done when the simulation ended"),
                (Some(done), [node]) => {
                    format!("{verb} by {node} {} after it was written", length(done - task.written_ns))
                }
                (Some(done), runs) => format!(
                    "{verb} {} after it was written, and {} in all, by {}",
                    length(done - task.written_ns),
                    times(runs.len()),
                    list(runs)
                ),
            });
        }
        parts
    }
}

impl Teller<'_> {
    pub(super) fn tell_task(&mut self, at_ns: u64, what: &What) {
        match what {
            What::Received { node, .. } => {
                self.tasks.received = Some(at_ns);
                let sentence = format!("a message for account {} reaches {}", self.account, self.node(*node));
                self.say(at_ns, sentence);
            }
            What::Deferred { .. } => {
                let why = match self.tasks.received.take() {
                    Some(_) => "the node dies before it has delivered the message",
                    None => "no node takes the message",
                };
                self.say(at_ns, format!("{why}: the sender tries again later"));
            }
            What::Delivered { node, .. } => {
                let took = length(at_ns - self.tasks.received.unwrap_or(at_ns));
                let sentence = format!("delivered on {} after {took}", self.node(*node));
                self.say(at_ns, sentence);
            }
            What::Written { task, node, shard, .. } => self.written(at_ns, *task, *node, *shard),
            What::ScanStarted { cause, .. } => self.tasks.cause = Some(*cause),
            What::Seen { node, task } => self.seen(at_ns, *node, *task),
            What::Blocked { role, .. } => {
                self.tasks.waited_for.push(role.to_string());
                self.tasks.waited_until_ns = at_ns;
            }
            What::Queued { node, task, ahead } => self.queued(at_ns, *node, *task, *ahead),
            What::Locked { node, task, until_ns } => {
                self.tasks.known.entry(*task).or_default().lock_until_ns = *until_ns;
                let sentence =
                    format!("{} takes the lock of {task}, until {}", self.node(*node), self.context.clock(*until_ns));
                self.say(at_ns, sentence);
            }
            What::Refused { node, task, owner, until_ns } => self.refused(at_ns, *node, *task, *owner, *until_ns),
            What::Worker { node, phase, tasks, .. } => self.worker(at_ns, *node, *phase, tasks),
            _ => self.ended(at_ns, what),
        }
    }

    /// How a run or a task ends otherwise than well.
    fn ended(&mut self, at_ns: u64, what: &What) {
        let sentence = match what {
            What::RunFailed { node, task } => format!("the run of {task} on {} fails", self.node(*node)),
            What::Postponed { task, until_ns } => {
                format!("{task} is tried again at {}", self.context.clock(*until_ns))
            }
            What::GivenUp { task } => {
                self.tasks.known.entry(*task).or_default().is_given_up = true;
                format!("{task} is given up for good")
            }
            What::Gone { node, task } => {
                format!("{} finds that {task} is done already, and drops it", self.node(*node))
            }
            What::Forgotten { node, task, locked_until_ns } => {
                let dies = format!("{} dies with {task} in its memory", self.node(*node));
                match locked_until_ns {
                    Some(until) => format!("{dies}; its lock stays until {}", self.context.clock(*until)),
                    None => format!("{dies}; it holds no lock of it"),
                }
            }
            _ => return,
        };
        self.say(at_ns, sentence);
    }

    fn written(&mut self, at_ns: u64, task: TaskId, node: Option<u16>, shard: u32) {
        let is_unserved = self.context.unserved.contains(&(task.role.to_string(), shard));
        let known = self.tasks.known.entry(task).or_default();
        (known.written_ns, known.is_unserved) = (at_ns, is_unserved);
        let sentence = match node {
            Some(node) => format!("{task} is written to the table by {}", self.node(node)),
            None => format!("{task} of account {} falls due", self.account),
        };
        self.say(at_ns, sentence);
        if is_unserved {
            self.say(at_ns, format!("no node serves shard {shard} of {}: nobody will do it", task.role));
        }
    }

    fn queued(&mut self, at_ns: u64, node: u16, task: TaskId, ahead: u64) {
        let found_ns = self.tasks.known.entry(task).or_default().found_ns.get(&node).copied().unwrap_or(at_ns);
        let me = self.node(node);
        let roles = std::mem::take(&mut self.tasks.waited_for);
        if !roles.is_empty() && at_ns > found_ns {
            let (waited, roles) = (length(at_ns - found_ns), list(&roles));
            let why =
                format!("the dispatcher of {me} has put it away after {waited}: first it waited for room for {roles}");
            self.say(at_ns, why);
        }
        if ahead > 0 {
            let others = if ahead == 1 { "other" } else { "others" };
            self.say(at_ns, format!("{task} waits in the channel of {me} behind {ahead} {others}"));
        }
    }

    fn seen(&mut self, at_ns: u64, node: u16, task: TaskId) {
        let known = self.tasks.known.entry(task).or_default();
        known.found_ns.insert(node, at_ns);
        let written = known.written_ns;
        let roles = std::mem::take(&mut self.tasks.waited_for);
        // Only what it still did when the task was written kept it from finding it.
        let before = match !roles.is_empty() && self.tasks.waited_until_ns > written {
            true => format!(
                "; until {} it waited for room for {}, with what it had found before",
                self.context.clock(self.tasks.waited_until_ns),
                list(&roles)
            ),
            false => String::new(),
        };
        let after = match at_ns - written {
            0 => "at once".to_owned(),
            waited => format!("after {}", length(waited)),
        };
        let refresh = length((self.context.refresh_s * 1e9) as u64);
        let why = match self.tasks.cause {
            Some(WakeCause::Start) => "it has just started".to_owned(),
            Some(WakeCause::OwnWrite) => "something was written on it".to_owned(),
            Some(WakeCause::Due) => "it knew when it would fall due".to_owned(),
            Some(WakeCause::Room) => "one of its workers had room".to_owned(),
            Some(WakeCause::Refresh) | None => format!("nothing woke it before it had slept for {refresh}"),
        };
        let sentence = format!("{} finds {task} {after}, because {why}{before}", self.node(node));
        self.say(at_ns, sentence);
    }

    fn refused(&mut self, at_ns: u64, node: u16, task: TaskId, owner: Option<u16>, until_ns: u64) {
        let me = self.node(node);
        let sentence = match owner {
            None => format!("the lock store does not answer {me}: it drops {task}"),
            Some(owner) => {
                let whose = match (owner == node, self.down.contains(&owner)) {
                    (true, _) => "itself, from before".to_owned(),
                    (false, true) => format!("the dead {}", self.node(owner)),
                    (false, false) => self.node(owner),
                };
                let until = self.context.clock(until_ns);
                let known = self.tasks.known.entry(task).or_default();
                // Up to 0.16.15 a failed try renews a lock in Redis.
                if std::mem::replace(&mut known.lock_until_ns, until_ns) < until_ns {
                    format!(
                        "{me} finds the lock of {task} held by {whose} and drops it; its try keeps the lock until {until}"
                    )
                } else {
                    format!("{me} finds the lock of {task} held by {whose} until {until}, and drops it")
                }
            }
        };
        self.say(at_ns, sentence);
    }

    fn worker(&mut self, at_ns: u64, node: u16, phase: Phase, tasks: &[TaskId]) {
        let me = self.node(node);
        let Some(task) = tasks.iter().find(|task| self.tasks.known.contains_key(task)).copied() else { return };
        match phase {
            Phase::Running => {
                let others = tasks.len() - 1;
                let batch = if others > 0 { format!(" in a batch of {}", others + 1) } else { String::new() };
                self.say(at_ns, format!("{me} runs {task}{batch}"));
            }
            Phase::Releasing => {
                let known = self.tasks.known.entry(task).or_default();
                known.runs.push(me.clone());
                let (word, written) = (done_word(task.role.key()), known.written_ns);
                let sentence = match known.done_ns.replace(known.done_ns.unwrap_or(at_ns)) {
                    None => format!("{word} by {me}, {} after it was written", length(at_ns - written)),
                    Some(_) => format!("{word} once more by {me}: it does not look whether it is done already"),
                };
                self.say(at_ns, sentence);
            }
            _ => {}
        }
    }
}

fn done_word(role: &str) -> &'static str {
    match role {
        "fts-indexing" => "indexed",
        "calendar-alerts" => "alert sent",
        "imip-processing" => "invitation processed",
        "merge-threads" => "threads merged",
        "bayes-training" => "trained",
        "purge.accounts" => "purged",
        _ => "done",
    }
}
