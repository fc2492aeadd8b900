//! The scenario file: read, checked, and turned into what is simulated.
//!
//! `wire` holds the serde types, the other modules what they mean: every value is checked here, with
//! the place of the error in the file, so that nothing behind this module can fail on what a user wrote.

mod cluster;
mod costs;
mod distribution;
mod duration;
mod faults;
mod layouts;
mod nodes;
mod objectives;
mod population;
mod reader;
mod replay;
mod rules;
mod schema;
mod size;
mod toml_error;
mod wire;
mod workload;

pub use duration::Time;
pub use objectives::Objective;
pub use schema::schema;

use crate::cluster::setup::{Balancing, Costs, NodeSpec, Setup, Span};
use crate::engine::random::SEED_SCHEME;
use crate::faults::Fault;
use crate::layout::rules::NodeInfo;
use crate::layout::{Layout, NodeSettings};
use crate::server::{LockStore, Rules, Version};
use crate::source::{Problem, SourceText};
use crate::time::{Calendar, SimDuration};
use crate::workload::Workload;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

/// The server under one layout.
#[derive(Debug, Clone)]
pub struct Server {
    /// Its version.
    pub version: Version,
    /// Its rules, with the constants that the scenario sets.
    pub rules: Rules,
}

/// A scenario that has been read and checked.
#[derive(Debug, Clone)]
pub struct Scenario {
    /// The file.
    pub source: Arc<SourceText>,
    /// Its title; the file's name if it has none.
    pub title: String,
    /// What it shows, in a line.
    pub description: String,
    /// The layouts to compare, in the order of the file.
    pub layouts: Vec<Layout>,
    /// Version and rules of the server under each layout, in the same order.
    pub servers: Vec<Server>,
    /// Version of the server, where a layout names no other.
    pub version: Version,
    /// Layouts whose version the file says, in the order of the layouts.
    pub has_version: Vec<bool>,
    /// Where locks are kept.
    pub lock_store: LockStore,
    /// Rules of the server, with the constants that the scenario sets.
    pub rules: Rules,
    /// The nodes, sorted by id.
    pub nodes: Vec<NodeSpec>,
    /// A node as `[nodes]` describes it, without what `[node.N]` says of single ones.
    pub node_template: NodeSpec,
    /// Nodes whose cores, speed or share of the mail are others than those of the template, and where the file says so.
    pub unlike_nodes: Vec<(u64, Range<usize>)>,
    /// What the nodes' environments say (0.16).
    pub node_settings: Vec<NodeSettings>,
    /// Costs.
    pub costs: Costs,
    /// Nodes start within this time.
    pub start_spread: SimDuration,
    /// How the load balancer chooses.
    pub balancing: Balancing,
    /// How late it notices that a node is down or up.
    pub notice_delay: SimDuration,
    /// The workload.
    pub workload: Workload,
    /// Faults.
    pub faults: Vec<Fault>,
    /// Where the file has each of them.
    pub fault_spans: Vec<Range<usize>>,
    /// What the operator needs.
    pub objectives: Vec<Objective>,
    /// Warm-up before the measured span.
    pub warmup: SimDuration,
    /// The measured span.
    pub duration: SimDuration,
    /// Whether the measured span is to be in steady state from its beginning.
    pub steady_state: bool,
    /// Longest time after it.
    pub drain: SimDuration,
    /// Bin of the time line.
    pub timeline_step: SimDuration,
    /// Number of replications.
    pub replications: u32,
    /// Seed.
    pub seed: u64,
    /// Calendar at the start of the warm-up.
    pub calendar: Calendar,
    /// Start of the measured span as it is written.
    pub start: String,
}

impl Scenario {
    /// Reads a scenario and the files that it names; paths are relative to the scenario's folder.
    ///
    /// # Errors
    /// The first thing that is wrong, with its place.
    pub fn read(path: &Path) -> Result<Self, Problem> {
        let shown = path.display().to_string();
        let help = "give the path of a scenario file (TOML)";
        if path.is_dir() {
            return Err(Problem::new(format!("scenario `{shown}` is a folder"), help));
        }
        let bytes = std::fs::read(path)
            .map_err(|error| Problem::new(format!("cannot read scenario `{shown}`: {error}"), help))?;
        let text = String::from_utf8(bytes).map_err(|error| {
            // Without the text itself, which may be anything: only the place is shown.
            let valid = error.utf8_error().valid_up_to();
            let before =
                SourceText { name: shown.clone(), text: String::from_utf8_lossy(&error.as_bytes()[..valid]).into() };
            let (line, column) = before.line_column(valid);
            Problem::new(format!("{shown}:{line}:{column}: not UTF-8 text"), "save the file as UTF-8")
        })?;
        Self::parse(SourceText::new(shown, text), path.parent().unwrap_or_else(|| Path::new(".")))
    }

    /// Reads a scenario from a text; the files that it names are looked for in `folder`.
    ///
    /// # Errors
    /// The first thing that is wrong, with its place.
    pub fn parse(source: Arc<SourceText>, folder: &Path) -> Result<Self, Problem> {
        reader::read(&source, folder)
    }

    /// The server under a layout of this scenario.
    pub fn server(&self, layout: &Layout) -> Server {
        let place = self.layouts.iter().position(|own| own.name == layout.name);
        let own = place.and_then(|place| self.servers.get(place));
        own.cloned().unwrap_or_else(|| Server { version: self.version, rules: self.rules.clone() })
    }

    /// Whether the file says which version of the server runs under a layout.
    pub fn gives_version(&self, layout: &Layout) -> bool {
        let place = self.layouts.iter().position(|own| own.name == layout.name);
        place.and_then(|place| self.has_version.get(place)).copied().unwrap_or(false)
    }

    /// When those faults begin that come too late to change anything that is measured.
    pub fn late_faults(&self) -> Vec<SimDuration> {
        self.faults.iter().filter_map(Fault::starts_at).filter(|at| *at >= self.duration).collect()
    }

    /// The nodes as the rules that find faults of layouts see them.
    pub fn node_infos(&self) -> Vec<NodeInfo> {
        let info = |(spec, settings): (&NodeSpec, &NodeSettings)| NodeInfo {
            settings: settings.clone(),
            mail_share: spec.mail_share,
            strength: f64::from(spec.cores) * spec.speed,
        };
        self.nodes.iter().zip(&self.node_settings).map(info).collect()
    }

    /// The scenario with every default filled in.
    pub fn resolved(&self) -> serde_json::Value {
        serde_json::json!({
            "start": self.start,
            "duration": self.duration,
            "steady_state": self.steady_state,
            "warmup": self.warmup,
            "drain": self.drain,
            "timeline_step": self.timeline_step,
            "replications": self.replications,
            "seed": self.seed,
            "seed_scheme": SEED_SCHEME,
            "version": self.version.to_string(),
            "lock_store": self.lock_store,
            "nodes": self.nodes,
            "start_spread": self.start_spread,
            "load_balancer": self.balancing,
            "notice_delay": self.notice_delay,
            "workload": self.workload,
            "costs": self.costs,
            "faults": self.faults,
            "objectives": self.objectives.iter().map(|objective| &objective.text).collect::<Vec<_>>(),
            "servers": self.servers.iter().map(|server| serde_json::json!({
                "version": server.version.to_string(),
                "rules": server.rules,
            })).collect::<Vec<_>>(),
            "layouts": self.layouts.iter().map(|layout| &layout.name).collect::<Vec<_>>(),
        })
    }

    /// Everything about the simulations of one layout.
    pub fn setup(&self, layout: &Layout) -> Setup {
        let rules = &self.server(layout).rules;
        let origin = crate::time::SimTime::ZERO + self.warmup;
        Setup {
            nodes: self.nodes.clone(),
            coverage: cluster::coverage(layout, &self.node_settings, rules.layout),
            schedulers: cluster::schedulers(layout, &self.node_settings),
            rules: rules.clone(),
            costs: self.costs.clone(),
            start_spread: self.start_spread,
            balancing: self.balancing,
            notice_delay: self.notice_delay,
            workload: self.workload.clone(),
            faults: self.faults.clone(),
            span: Span {
                measure_start: origin,
                measure_end: origin + self.duration,
                drain_end: origin + self.duration + self.drain,
                bin: self.timeline_step,
            },
            calendar: self.calendar,
            seed: self.seed,
        }
    }
}
