//! Events of the Trace Event format, written one by one as they come: nothing but what is open is kept.
//!
//! Slices on a thread nest (`B`, `E`); slices that overlap are asynchronous ones with an id (`b`, `e`).
//! Times on a track never decrease. Slices are cut at the ends of the window.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};
use std::ops::Range;

/// A thread of a process: the numbers that the format calls `pid` and `tid`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Track {
    pub process: u32,
    pub thread: u32,
}

/// A slice: its name, and what a reader sees on clicking at it (a JSON object).
#[derive(Debug, Clone)]
struct Slice {
    name: String,
    args: String,
}

/// Kind and number of an asynchronous slice.
pub type AsyncId = (&'static str, u64);

/// Writes events of a window of simulated time.
pub struct Writer<W: Write> {
    out: W,
    window_ns: Range<u64>,
    /// What counts as time zero.
    origin_ns: u64,
    now_ns: u64,
    stacks: BTreeMap<Track, Vec<Slice>>,
    asyncs: BTreeMap<AsyncId, (Track, Vec<Slice>)>,
    /// What processes and threads are called, and which of these names are written already.
    names: BTreeMap<(u32, Option<u32>), String>,
    written: BTreeSet<(u32, Option<u32>)>,
    has_begun: bool,
    is_over: bool,
    events: u64,
    /// The first error of writing; after it nothing is written.
    error: Option<io::Error>,
}

impl<W: Write> Writer<W> {
    /// Begins a file.
    pub fn new(out: W, window_ns: Range<u64>, origin_ns: u64) -> Self {
        let mut writer = Self {
            out,
            window_ns,
            origin_ns,
            now_ns: 0,
            stacks: BTreeMap::new(),
            asyncs: BTreeMap::new(),
            names: BTreeMap::new(),
            written: BTreeSet::new(),
            has_begun: false,
            is_over: false,
            events: 0,
            error: None,
        };
        writer.text("{\"displayTimeUnit\":\"ms\",\"traceEvents\":[");
        writer
    }

    /// Whether what happens now is in the window.
    fn is_on(&self) -> bool {
        self.has_begun && !self.is_over
    }

    /// Whether the window is over: whatever comes changes nothing.
    pub fn is_over(&self) -> bool {
        self.is_over
    }

    /// The clock moves to `at_ns`. Open slices are cut at the ends of the window.
    pub fn advance(&mut self, at_ns: u64) {
        if !self.has_begun && at_ns >= self.window_ns.start {
            self.begin_window();
        }
        if self.is_on() && at_ns > self.window_ns.end {
            self.end_window();
        }
        self.now_ns = at_ns;
    }

    fn begin_window(&mut self) {
        self.has_begun = true;
        self.now_ns = self.window_ns.start;
        for (track, stack) in self.stacks.clone() {
            for slice in stack {
                self.event("B", track, &slice.name, Some(&slice.args), "");
            }
        }
        for (id, (track, stack)) in self.asyncs.clone() {
            for slice in stack {
                self.event("b", track, &slice.name, Some(&slice.args), &async_fields(id));
            }
        }
    }

    fn end_window(&mut self) {
        self.now_ns = self.window_ns.end;
        for (track, stack) in std::mem::take(&mut self.stacks) {
            for slice in stack.iter().rev() {
                self.event("E", track, &slice.name, None, "");
            }
        }
        for (id, (track, stack)) in std::mem::take(&mut self.asyncs) {
            for slice in stack.iter().rev() {
                self.event("e", track, &slice.name, None, &async_fields(id));
            }
        }
        self.is_over = true;
    }

    /// A slice begins on a thread, inside those that are open there.
    pub fn begin(&mut self, track: Track, name: &str, args: &serde_json::Value) {
        if self.is_over {
            return;
        }
        let slice = Slice { name: name.to_owned(), args: args.to_string() };
        if self.is_on() {
            self.event("B", track, name, Some(&slice.args), "");
        }
        self.stacks.entry(track).or_default().push(slice);
    }

    /// The innermost slices of a thread end, until `depth` are left open.
    pub fn end_to(&mut self, track: Track, depth: usize) {
        while self.depth(track) > depth {
            let Some(slice) = self.stacks.get_mut(&track).and_then(Vec::pop) else { return };
            if self.is_on() {
                self.event("E", track, &slice.name, None, "");
            }
        }
    }

    /// How many slices are open on a thread.
    pub fn depth(&self, track: Track) -> usize {
        self.stacks.get(&track).map_or(0, Vec::len)
    }

    /// Ends everything on the threads of a process.
    pub fn end_process(&mut self, process: u32) {
        let tracks: Vec<Track> = self.stacks.keys().copied().filter(|track| track.process == process).collect();
        for track in tracks {
            self.end_to(track, 0);
        }
    }

    /// A slice begins that may overlap others; of the same id, inside those that are open.
    pub fn begin_async(&mut self, id: AsyncId, track: Track, name: &str, args: &serde_json::Value) {
        if self.is_over {
            return;
        }
        let slice = Slice { name: name.to_owned(), args: args.to_string() };
        if self.is_on() {
            self.event("b", track, name, Some(&slice.args), &async_fields(id));
        }
        self.asyncs.entry(id).or_insert_with(|| (track, Vec::new())).1.push(slice);
    }

    /// The innermost slices of this id end, until `depth` are left open.
    pub fn end_async_to(&mut self, id: AsyncId, depth: usize) {
        let Some((track, mut stack)) = self.asyncs.remove(&id) else { return };
        while stack.len() > depth {
            let Some(slice) = stack.pop() else { break };
            if self.is_on() {
                self.event("e", track, &slice.name, None, &async_fields(id));
            }
        }
        if !stack.is_empty() {
            self.asyncs.insert(id, (track, stack));
        }
    }

    /// Something happens inside an open asynchronous slice; nothing, if that is not open.
    pub fn note_async(&mut self, id: AsyncId, name: &str) {
        if let (true, Some((track, _))) = (self.is_on(), self.asyncs.get(&id)) {
            let track = *track;
            self.event("n", track, name, None, &async_fields(id));
        }
    }

    /// Something happens at a moment on a thread.
    pub fn instant(&mut self, track: Track, name: &str, args: &serde_json::Value) {
        if self.is_on() {
            self.event("i", track, name, Some(&args.to_string()), ",\"s\":\"t\"");
        }
    }

    /// Says how a process is called, if that is not known.
    pub fn name_process(&mut self, process: u32, name: impl FnOnce() -> String) {
        self.names.entry((process, None)).or_insert_with(name);
    }

    /// Says how a thread is called, if that is not known.
    pub fn name_thread(&mut self, track: Track, name: impl FnOnce() -> String) {
        self.names.entry((track.process, Some(track.thread))).or_insert_with(name);
    }

    /// Writes the names of a track and its process before its first event, with where they stand.
    fn write_names(&mut self, track: Track) {
        let process = (track.process, None, "process", track.process);
        let thread = (track.process, Some(track.thread), "thread", track.thread);
        for (number, part, kind, sort_index) in [process, thread] {
            if !self.written.insert((number, part)) {
                continue;
            }
            let name = self.names.get(&(number, part)).cloned().unwrap_or_default();
            let at = Track { process: number, thread: part.unwrap_or(0) };
            self.line("M", at, &format!("{kind}_name"), Some(&serde_json::json!({ "name": name }).to_string()), "");
            let args = serde_json::json!({ "sort_index": sort_index }).to_string();
            self.line("M", at, &format!("{kind}_sort_index"), Some(&args), "");
        }
    }

    /// Ends the file, `other` being what it says of itself, and returns how many events it holds.
    ///
    /// # Errors
    /// The first error that occurred in writing.
    pub fn finish(mut self, other: &serde_json::Value) -> io::Result<u64> {
        if !self.has_begun {
            self.begin_window();
        }
        if !self.is_over {
            self.end_window();
        }
        let events = self.events;
        self.text(&format!("\n],\"otherData\":{other}}}\n"));
        match self.error {
            Some(error) => Err(error),
            None => self.out.flush().map(|()| events),
        }
    }

    fn event(&mut self, phase: &str, track: Track, name: &str, args: Option<&str>, more: &str) {
        self.write_names(track);
        self.line(phase, track, name, args, more);
    }

    fn line(&mut self, phase: &str, track: Track, name: &str, args: Option<&str>, more: &str) {
        let since = self.now_ns.saturating_sub(self.origin_ns);
        let (micros, nanos) = (since / 1_000, since % 1_000);
        let comma = if self.events == 0 { "" } else { "," };
        let name = serde_json::Value::from(name);
        let args = args.filter(|args| *args != "null").map(|args| format!(",\"args\":{args}")).unwrap_or_default();
        let Track { process, thread } = track;
        self.events += 1;
        self.text(&format!(
            "{comma}\n{{\"ph\":\"{phase}\",\"ts\":{micros}.{nanos:03},\"pid\":{process},\"tid\":{thread},\
             \"name\":{name}{more}{args}}}"
        ));
    }

    fn text(&mut self, text: &str) {
        if self.error.is_none() {
            self.error = self.out.write_all(text.as_bytes()).err();
        }
    }
}

fn async_fields((kind, number): AsyncId) -> String {
    format!(",\"cat\":\"{kind}\",\"id\":\"{number:#x}\"")
}
