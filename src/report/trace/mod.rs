//! What happens in a window of one simulation as a file that Perfetto and chrome://tracing open (Trace
//! Event format).
//!
//! Process 1 is what the cluster shares: the table with every task from its writing until it is done, the
//! services and their outages, notifications that came never or more than once. Each node is a process;
//! its threads are its dispatcher, a worker a role, timed jobs. A slice of a worker is one batch of tasks
//! from the lock to its release, with the parts nested in it. Deliveries and push requests overlap on a
//! node and are asynchronous slices.

mod nodes;
mod shared;
mod writer;

use crate::metrics::story::{Observer, TaskId, What};
use std::cmp::Reverse;
use std::collections::{BTreeSet, BinaryHeap, HashMap, HashSet};
use std::io::{self, Write};
use std::ops::Range;
use writer::{AsyncId, Track, Writer};

/// What the cluster shares.
const CLUSTER: u32 = 1;
/// Threads of [`CLUSTER`] and of nodes; threads of roles come behind [`ROLES`].
const SERVICES: u32 = 1;
const OUTCOME: u32 = 5;
const STATE: u32 = 1;
const DISPATCHER: u32 = 2;
const INGEST: u32 = 3;
const PUSH: u32 = 4;
const ROLES: u32 = 10;
const TIMED: u32 = 50;

/// What is written.
#[derive(Debug, Clone)]
pub struct TraceOptions {
    /// Part of the simulation's time, nanoseconds on its clock.
    pub window_ns: Range<u64>,
    /// The moment that counts as zero in the file.
    pub origin_ns: u64,
    /// Only what concerns this account; outages are there in any case.
    pub account: Option<u32>,
    /// Ids of the nodes, by their place in the scenario.
    pub nodes: Vec<u64>,
}

/// Writes a trace while it listens to a simulation. Keeps what is open and nothing else.
pub struct TraceFile<W: Write> {
    writer: Writer<W>,
    options: TraceOptions,
    /// Account of each change of which not all is settled, and how many notifications are open.
    changes: HashMap<u64, (u32, u32)>,
    /// With [`TraceOptions::account`]: tasks and messages of it.
    tasks: HashSet<TaskId>,
    messages: HashSet<u64>,
    /// Requests under way, with what becomes of them at what time.
    answers: BinaryHeap<Reverse<(u64, u64)>>,
    /// By node: requests under way, to be cut off if it dies.
    requests: Vec<BTreeSet<u64>>,
    timed: Vec<&'static str>,
}

impl<W: Write> TraceFile<W> {
    /// Begins a file.
    pub fn new(out: W, options: TraceOptions) -> Self {
        Self {
            writer: Writer::new(out, options.window_ns.clone(), options.origin_ns),
            changes: HashMap::new(),
            tasks: HashSet::new(),
            messages: HashSet::new(),
            answers: BinaryHeap::new(),
            requests: vec![BTreeSet::new(); options.nodes.len()],
            timed: Vec::new(),
            options,
        }
    }

    /// Ends the file; `about` says what was simulated. Returns the number of events.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn finish(self, about: &serde_json::Value) -> io::Result<u64> {
        self.writer.finish(about)
    }

    /// Whether the window is over: nothing that is told from here on is written.
    pub fn is_over(&self) -> bool {
        self.writer.is_over()
    }

    fn is_wanted(&self, account: u32) -> bool {
        self.options.account.is_none_or(|only| only == account)
    }

    fn wants_task(&self, task: &TaskId) -> bool {
        self.options.account.is_none() || self.tasks.contains(task)
    }

    fn wants_message(&self, message: u64) -> bool {
        self.options.account.is_none() || self.messages.contains(&message)
    }

    /// A thread of the process of a node, both with their names.
    fn on_node(&mut self, node: u16, thread: u32, name: &str) -> Track {
        let process = CLUSTER + 1 + u32::from(node);
        let nodes = &self.options.nodes;
        self.writer.name_process(process, || format!("node {}", nodes[usize::from(node)]));
        let track = Track { process, thread };
        self.writer.name_thread(track, || name.to_owned());
        track
    }

    /// A thread of what the cluster shares.
    fn on_cluster(&mut self, thread: u32, name: &str) -> Track {
        self.writer.name_process(CLUSTER, || "cluster".to_owned());
        let track = Track { process: CLUSTER, thread };
        self.writer.name_thread(track, || name.to_owned());
        track
    }

    /// Answers of push requests that have come by now.
    fn answer(&mut self, at_ns: u64) {
        while let Some(&Reverse((answered_ns, request))) = self.answers.peek() {
            if answered_ns > at_ns {
                return;
            }
            self.answers.pop();
            self.writer.advance(answered_ns);
            self.writer.end_async_to(("push", request), 0);
            for requests in &mut self.requests {
                requests.remove(&request);
            }
        }
    }

    /// Remembers what belongs to the account that is asked for.
    fn remember(&mut self, what: &What) {
        if let What::Drawn { task, account, message } = what
            && self.options.account == Some(*account)
        {
            self.tasks.insert(*task);
            self.messages.extend(message);
        }
    }
}

impl<W: Write> Observer for TraceFile<W> {
    fn tell(&mut self, at_ns: u64, what: &What) {
        if self.writer.is_over() {
            return;
        }
        self.answer(at_ns);
        self.writer.advance(at_ns);
        self.remember(what);
        self.tell_shared(what);
        self.tell_node(what);
    }
}

/// The asynchronous slice of a task in the table.
fn table_slice(task: &TaskId) -> AsyncId {
    (task.role.key(), task.number)
}

/// Tasks as a name for a slice.
fn named(tasks: &[TaskId]) -> String {
    match tasks {
        [task] => task.to_string(),
        [first, .., last] => format!("{} tasks, {first} to {last}", tasks.len()),
        [] => "nothing".to_owned(),
    }
}
