//! Keeps what concerns one account, or the message of one task.

use super::{ExplainContext, Story, tell};
use crate::metrics::story::{NotificationId, Observer, TaskId, WakeCause, What};
use std::collections::{HashMap, HashSet};

/// Whose story is to be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// Of the message (or alert) of an account that is nearest to a time, nanoseconds on the simulation's clock.
    Account { account: u32, at_ns: u64 },
    /// Of the message that this task came with.
    Task(TaskId),
}

/// What a story is about: a message, or a task that came without one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Subject {
    Message(u64),
    Alone(TaskId),
}

/// A dispatcher from one look at the table until it has put away what it found.
#[derive(Debug, Default)]
struct Round {
    /// Where it had to wait for room, each role once.
    waited: Vec<What>,
    /// When it was through.
    ended_ns: u64,
}

/// Listens to a simulation and keeps what may matter.
pub struct Listener {
    target: Target,
    /// The account, once it is known.
    account: Option<u32>,
    /// Tasks of the message that arrives now, for the case that the task that is looked for is among them.
    drawn: Vec<(TaskId, u32, Option<u64>)>,
    subject_of: HashMap<TaskId, Subject>,
    messages: HashSet<u64>,
    change_of: HashMap<u64, Subject>,
    causes: HashMap<u16, WakeCause>,
    /// The last round of each node's dispatcher, and the one before.
    rounds: HashMap<u16, [Round; 2]>,
    /// What happened, to whom; `None`: to everybody.
    kept: Vec<(u64, Option<Subject>, What)>,
}

impl Listener {
    /// Nothing heard yet.
    pub fn new(target: Target) -> Self {
        let account = match target {
            Target::Account { account, .. } => Some(account),
            Target::Task(_) => None,
        };
        Self {
            target,
            account,
            drawn: Vec::new(),
            subject_of: HashMap::new(),
            messages: HashSet::new(),
            change_of: HashMap::new(),
            causes: HashMap::new(),
            rounds: HashMap::new(),
            kept: Vec::new(),
        }
    }

    fn drawn(&mut self, task: TaskId, account: u32, message: Option<u64>) {
        match self.target {
            Target::Account { account: only, .. } if only != account => {}
            Target::Account { .. } => self.adopt(task, message),
            Target::Task(wanted) => {
                if self.drawn.first().is_some_and(|(_, _, other)| *other != message || message.is_none()) {
                    self.drawn.clear();
                }
                self.drawn.push((task, account, message));
                let is_sibling =
                    self.account == Some(account) && message.is_some_and(|message| self.messages.contains(&message));
                if task == wanted {
                    self.account = Some(account);
                    let siblings: Vec<_> = self.drawn.iter().filter(|drawn| drawn.1 == account).copied().collect();
                    siblings.into_iter().for_each(|(task, _, message)| self.adopt(task, message));
                } else if is_sibling {
                    self.adopt(task, message);
                }
            }
        }
    }

    fn adopt(&mut self, task: TaskId, message: Option<u64>) {
        self.messages.extend(message);
        self.subject_of.insert(task, message.map_or(Subject::Alone(task), Subject::Message));
    }

    /// Whom something concerns: nobody who matters, somebody, or everybody (`Some(None)`).
    fn concerns(&mut self, what: &What) -> Option<Option<Subject>> {
        let of_task = |task: &TaskId| self.subject_of.get(task).copied().map(Some);
        let of_change = |change: &u64| self.change_of.get(change).copied().map(Some);
        let of_notifications = |list: &[NotificationId]| list.iter().find_map(|n| of_change(&n.change));
        match what {
            What::Received { message, .. } | What::Deferred { message } | What::Delivered { message, .. } => {
                self.messages.contains(message).then_some(Some(Subject::Message(*message)))
            }
            What::Written { task, .. }
            | What::Queued { task, .. }
            | What::Seen { task, .. }
            | What::Locked { task, .. }
            | What::Refused { task, .. }
            | What::RunFailed { task, .. }
            | What::Postponed { task, .. }
            | What::GivenUp { task }
            | What::Gone { task, .. }
            | What::Forgotten { task, .. } => of_task(task),
            What::Worker { tasks, .. } => tasks.iter().find_map(of_task),
            What::Published { change, message, account, .. } => {
                let message = message.filter(|message| self.messages.contains(message))?;
                if self.account != Some(*account) {
                    return None;
                }
                self.change_of.insert(*change, Subject::Message(message));
                Some(Some(Subject::Message(message)))
            }
            What::NotHeard { change, .. } => of_change(change),
            What::Heard { notification, .. }
            | What::Throttled { notification, .. }
            | What::Settled { notification, .. }
            | What::StillOpen { notification } => of_change(&notification.change),
            What::RequestSent { notifications, .. }
            | What::Dropped { notifications, .. }
            | What::CopiesLost { notifications, .. } => of_notifications(notifications),
            What::NodeDown { .. } | What::NodeUp { .. } | What::ServiceDown { .. } | What::ServiceUp { .. } => {
                Some(None)
            }
            _ => None,
        }
    }

    /// The story that is asked for; `None` if nothing happened to the account, or there is no such task.
    pub fn story(&self, context: &ExplainContext) -> Option<Story> {
        let subject = match self.target {
            Target::Task(task) => *self.subject_of.get(&task)?,
            Target::Account { at_ns, .. } => {
                let begun = self.kept.iter().filter(|(_, _, what)| {
                    matches!(what, What::Received { .. } | What::Deferred { .. } | What::Written { .. })
                });
                let mut first: HashMap<Subject, u64> = HashMap::new();
                for (at, subject, _) in begun {
                    first.entry((*subject)?).or_insert(*at);
                }
                first.into_iter().min_by_key(|(subject, at)| (at.abs_diff(at_ns), *subject))?.0
            }
        };
        let carries = |what: &What| match what {
            What::Worker { tasks, .. } => tasks.iter().any(|task| self.subject_of.get(task) == Some(&subject)),
            What::RequestSent { notifications, .. }
            | What::Dropped { notifications, .. }
            | What::CopiesLost { notifications, .. } => {
                notifications.iter().any(|n| self.change_of.get(&n.change) == Some(&subject))
            }
            _ => false,
        };
        let own =
            self.kept.iter().filter(|(_, whose, what)| whose.is_none_or(|whose| whose == subject) || carries(what));
        let own: Vec<(u64, What)> = own.map(|(at, _, what)| (*at, self.only(what.clone(), subject))).collect();
        Some(tell(context, self.account?, &own))
    }

    /// Why a task that is found was not found before, and why one that enters a channel did not do so before: the cause of
    /// the look at the table, and that the dispatcher waited for room.
    fn keep_what_was_before(&mut self, at_ns: u64, whose: Option<Subject>, what: &What) {
        let (node, round, until_ns) = match what {
            What::Seen { node, .. } => {
                let before = self.rounds.get(node).map(|[_, before]| before);
                (*node, before, before.map_or(0, |before| before.ended_ns))
            }
            What::Queued { node, .. } => (*node, self.rounds.get(node).map(|[last, _]| last), at_ns),
            _ => return,
        };
        let waited = round.into_iter().flat_map(|round| &round.waited);
        self.kept.extend(waited.map(|waited| (until_ns, whose, waited.clone())));
        if let (What::Seen { .. }, Some(cause)) = (what, self.causes.get(&node)) {
            self.kept.push((at_ns, whose, What::ScanStarted { node, cause: *cause }));
        }
    }

    /// Without what belongs to others: their number is left in the place of a batch.
    fn only(&self, mut what: What, subject: Subject) -> What {
        match &mut what {
            // The first ones are one's own, the others only counted.
            What::Worker { tasks, .. } => tasks.sort_by_key(|task| self.subject_of.get(task) != Some(&subject)),
            What::RequestSent { notifications, .. }
            | What::Dropped { notifications, .. }
            | What::CopiesLost { notifications, .. } => {
                notifications.sort_by_key(|n| self.change_of.get(&n.change) != Some(&subject));
            }
            _ => {}
        }
        what
    }
}

impl Observer for Listener {
    fn tell(&mut self, at_ns: u64, what: &What) {
        match what {
            What::Drawn { task, account, message } => self.drawn(*task, *account, *message),
            What::ScanStarted { node, cause } => {
                self.causes.insert(*node, *cause);
                let [last, before] = self.rounds.entry(*node).or_default();
                *before = std::mem::take(last);
            }
            What::Blocked { node, .. } => {
                let [last, _] = self.rounds.entry(*node).or_default();
                if !last.waited.contains(what) {
                    last.waited.push(what.clone());
                }
            }
            What::Asleep { node } => self.rounds.entry(*node).or_default()[0].ended_ns = at_ns,
            _ => {
                if let Some(whose) = self.concerns(what) {
                    self.keep_what_was_before(at_ns, whose, what);
                    self.kept.push((at_ns, whose, what.clone()));
                }
                if let What::NodeDown { node } = what {
                    self.rounds.remove(node);
                }
            }
        }
    }
}
