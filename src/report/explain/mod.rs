//! The story of one message (or alert) in sentences: what became of it, and why it took so long.
//!
//! A [`Listener`] keeps what concerns one account, or the message of one task, while a simulation runs.
//! [`Listener::story`] picks the message and tells it: a sentence for each thing that happened, in order,
//! and one that sums up.

mod listener;
mod push;
mod tasks;

pub use listener::{Listener, Target};

use crate::metrics::story::{TaskId, What};
use std::collections::BTreeSet;

/// What sentences need to know besides what happened.
#[derive(Debug, Clone, Default)]
pub struct ExplainContext {
    /// Ids of the nodes, by their place in the scenario.
    pub nodes: Vec<u64>,
    /// The start of the measured span on the simulation's clock.
    pub origin_ns: u64,
    /// Its second of the day.
    pub start_second_of_day: f64,
    /// How long a dispatcher sleeps at most.
    pub refresh_s: f64,
    /// Roles and their shards, counted from 1, that no node serves.
    pub unserved: BTreeSet<(String, u32)>,
}

/// A story, told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Story {
    /// Which account.
    pub account: u32,
    /// When it begins, nanoseconds on the simulation's clock.
    pub begins_ns: u64,
    /// Clock time and sentence.
    pub sentences: Vec<(String, String)>,
    /// All in one.
    pub summary: String,
    /// The tasks that it is about.
    pub tasks: Vec<TaskId>,
}

impl ExplainContext {
    /// The time of day of a moment, with the day of the measured span if it is not the first.
    pub fn clock(&self, at_ns: u64) -> String {
        const DAY_MS: i128 = 86_400_000;
        let start_ms = (self.start_second_of_day * 1e3) as i128;
        let ms = start_ms + (i128::from(at_ns) - i128::from(self.origin_ns)).div_euclid(1_000_000);
        let (day, ms) = (ms.div_euclid(DAY_MS), ms.rem_euclid(DAY_MS));
        let (seconds, ms) = (ms / 1_000, ms % 1_000);
        let time = format!("{:02}:{:02}:{:02}.{ms:03}", seconds / 3_600, seconds / 60 % 60, seconds % 60);
        if day == 0 { time } else { format!("day {} {time}", day + 1) }
    }

    fn node(&self, node: u16) -> String {
        format!("node {}", self.nodes[usize::from(node)])
    }
}

/// A length of time as a person would say it.
fn length(ns: u64) -> String {
    crate::report::format::duration(ns as f64 / 1e9)
}

/// `once`, `twice`, `3 times`.
fn times(count: usize) -> String {
    match count {
        1 => "once".to_owned(),
        2 => "twice".to_owned(),
        more => format!("{more} times"),
    }
}

/// What is told, one thing after the other.
struct Teller<'a> {
    context: &'a ExplainContext,
    account: u32,
    sentences: Vec<(u64, String)>,
    down: BTreeSet<u16>,
    tasks: tasks::Tasks,
    push: push::Push,
}

impl Teller<'_> {
    fn say(&mut self, at_ns: u64, sentence: String) {
        self.sentences.push((at_ns, sentence));
    }

    fn tell(&mut self, at_ns: u64, what: &What) {
        match what {
            What::NodeDown { node } => {
                self.down.insert(*node);
            }
            What::NodeUp { node } => {
                self.down.remove(node);
            }
            _ => {
                self.tell_task(at_ns, what);
                self.tell_push(at_ns, what);
            }
        }
    }

    fn node(&self, node: u16) -> String {
        self.context.node(node)
    }
}

/// Tells what happened to the message of `account`; the happenings are those of it alone, and outages.
fn tell(context: &ExplainContext, account: u32, happenings: &[(u64, What)]) -> Story {
    let mut teller = Teller {
        context,
        account,
        sentences: Vec::new(),
        down: BTreeSet::new(),
        tasks: tasks::Tasks::default(),
        push: push::Push::default(),
    };
    for (at_ns, what) in happenings {
        teller.tell(*at_ns, what);
    }
    let mut parts = teller.tasks.summary();
    parts.extend(teller.push.summary(context));
    let summary = crate::report::format::capital(&parts.join("; "));
    Story {
        account,
        begins_ns: teller.sentences.first().map_or(0, |(at, _)| *at),
        sentences: teller.sentences.iter().map(|(at, sentence)| (context.clock(*at), sentence.clone())).collect(),
        summary: summary + ".",
        tasks: teller.tasks.ids(),
    }
}
