//! Candidates: clusters of equal nodes with a pattern of shards, and the configuration that each is.
//!
//! General nodes receive mail and do everything; the last nodes may be dedicated to the heaviest role, which is indexing
//! unless a scenario makes another one heavier (0.16: always indexing, the only task type of the queue with a name). Work that is divided by a
//! hash is divided into shards of `replicas` nodes each, push into shards of `push_replicas` nodes. What shards do not
//! divide runs on node 1, and on node 2 too where one node may fail and a second one does no harm.

use crate::cluster::setup::NodeSpec;
use crate::layout::{Layout, LayoutRules, NodeSettings, Role, TaskType};
use crate::scenario::Scenario;
use crate::source::{Problem, SourceText};
use crate::workload::Recording;
use std::collections::BTreeSet;
use std::fmt::Write;
use std::sync::Arc;

/// Name of the 0.16 role of node 1.
const FIRST: &str = "first";
/// Name of the 0.16 role of the other general nodes.
const GENERAL: &str = "general";
/// Name of the 0.16 role of dedicated nodes.
const INDEXING: &str = "indexing";

/// One cluster and its pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// Number of nodes.
    pub nodes: u32,
    /// The last so many nodes do nothing but the heaviest role.
    pub dedicated: u32,
    /// The heaviest role.
    pub heavy: Role,
    /// Nodes of a shard of divided work.
    pub replicas: u32,
    /// Nodes of a push shard.
    pub push_replicas: u32,
    /// Whether dedicated nodes receive mail.
    pub dedicated_mail: bool,
    /// Whether a second node runs what is not divided.
    pub has_deputy: bool,
}

/// Every candidate of `nodes` nodes under the rules of a layout, the simplest first.
pub fn candidates(nodes: u32, rules: LayoutRules, has_deputy: bool) -> Vec<Candidate> {
    let has_deputy = has_deputy && nodes > 1;
    let plain = Candidate {
        nodes,
        dedicated: 0,
        heavy: Role::FtsIndexing,
        replicas: nodes,
        push_replicas: nodes,
        dedicated_mail: true,
        has_deputy,
    };
    if rules == LayoutRules::Lists {
        return vec![plain];
    }
    let mut list = Vec::new();
    let dedicated: BTreeSet<u32> =
        [0, 1, nodes.div_ceil(4), nodes.div_ceil(2)].into_iter().filter(|d| *d < nodes).collect();
    for dedicated in dedicated {
        let general = nodes - dedicated;
        for dedicated_mail in if dedicated == 0 { vec![true] } else { vec![true, false] } {
            let with = |replicas, push_replicas| Candidate {
                dedicated,
                replicas,
                push_replicas,
                dedicated_mail,
                ..plain.clone()
            };
            if rules == LayoutRules::Objects {
                // Only push has shards, and every node whose shard it is pushes.
                list.extend(divisors(nodes).map(|push| with(1, push)));
                continue;
            }
            for replicas in divisors(general).filter(|replicas| dedicated.is_multiple_of(*replicas)) {
                list.push(with(replicas, 1));
                if replicas > 1 {
                    list.push(with(replicas, replicas));
                }
            }
        }
    }
    list
}

fn divisors(number: u32) -> impl Iterator<Item = u32> {
    (1..=number).filter(move |divisor| number.is_multiple_of(*divisor))
}

impl Candidate {
    /// Nodes that do everything.
    pub fn general(&self) -> u32 {
        self.nodes - self.dedicated
    }

    /// A short name without blanks, such as `4-nodes-2x2`.
    pub fn name(&self) -> String {
        let mut name =
            format!("{}-nodes-{}x{}", self.nodes, self.general() / self.replicas.min(self.general()), self.replicas);
        let _ = write!(name, "-push{}", self.push_replicas);
        if self.dedicated > 0 {
            let role = if self.heavy == Role::FtsIndexing { "index" } else { self.heavy.key() };
            let _ = write!(name, "-{role}{}{}", self.dedicated, if self.dedicated_mail { "" } else { "-no-mail" });
        }
        name
    }

    /// The pattern in words.
    pub fn words(&self, rules: LayoutRules) -> String {
        let shard = |replicas: u32| match replicas {
            1 => "one node a shard".to_string(),
            all if all == self.nodes => "all nodes in one shard".to_string(),
            more => format!("shards of {more} nodes"),
        };
        let mut words = match rules {
            LayoutRules::Lists => "every node does everything".to_string(),
            LayoutRules::Objects => format!("push: {}", shard(self.push_replicas)),
            LayoutRules::Shards if self.push_replicas == self.replicas => shard(self.replicas),
            LayoutRules::Shards => format!("{}; push: {}", shard(self.replicas), shard(self.push_replicas)),
        };
        if self.dedicated > 0 {
            let mail = if self.dedicated_mail { "and receive mail" } else { "and receive no mail" };
            let what = match self.heavy {
                Role::FtsIndexing => "index".to_string(),
                other => format!("do {other}"),
            };
            let _ = write!(words, "; the last {} only {what} {mail}", self.dedicated);
        }
        words
    }

    /// The scenario with this cluster and layout in place of its own.
    ///
    /// # Errors
    /// A fault of the scenario is about single nodes, which another cluster does not have.
    pub fn scenario(&self, scenario: &Scenario) -> Result<Scenario, Problem> {
        let mut own = scenario.clone();
        let rules = scenario.rules.layout;
        let text = if rules == LayoutRules::Objects { self.json() } else { self.toml(&scenario.rules.roles()) };
        own.layouts = vec![Layout::parse(&self.name(), SourceText::new("the planned layout", text))?];
        // The version and rules of the scenario hold, whatever its own layouts have.
        own.servers = Vec::new();
        let share = if scenario.node_template.mail_share > 0.0 { scenario.node_template.mail_share } else { 1.0 };
        own.nodes = (1..=self.nodes)
            .map(|id| {
                let mail_share = if id > self.general() && !self.dedicated_mail { 0.0 } else { share };
                NodeSpec { id: u64::from(id), mail_share, ..scenario.node_template.clone() }
            })
            .collect();
        own.node_settings = (1..=self.nodes).map(|id| self.settings(id, rules)).collect();
        own.faults = super::faults::resize(scenario, self.nodes as u16)?;
        own.workload.replay = own.workload.replay.map(without_nodes);
        Ok(own)
    }

    fn settings(&self, id: u32, rules: LayoutRules) -> NodeSettings {
        if rules != LayoutRules::Objects {
            return NodeSettings::new(u64::from(id));
        }
        let role = match id {
            1 => FIRST,
            id if id > self.general() => INDEXING,
            _ => GENERAL,
        };
        let push_shard = Some(((id - 1) / self.push_replicas + 1).to_string());
        NodeSettings { id: u64::from(id), role: Some(role.to_string()), push_shard }
    }

    /// `[cluster.roles]`.
    pub fn toml(&self, roles: &[Role]) -> String {
        let general: Vec<u32> = (1..=self.general()).collect();
        let heavy: Vec<u32> =
            if self.dedicated > 0 { (self.general() + 1..=self.nodes).collect() } else { general.clone() };
        let single: Vec<u32> = if self.has_deputy && self.general() > 1 { vec![1, 2] } else { vec![1] };
        let mut text = String::from("[cluster.roles]\n");
        for role in roles {
            let (nodes, replicas) = match role {
                role if *role == self.heavy => (&heavy, self.replicas),
                Role::PushNotifications => (&general, self.push_replicas),
                Role::FtsIndexing
                | Role::ImipProcessing
                | Role::CalendarAlerts
                | Role::MergeThreads
                | Role::BayesTraining => (&general, self.replicas),
                // Two nodes of a shard would both purge every account.
                Role::PurgeAccounts => (&general, 1),
                // The nodes of an item take turns at the locks; training twice is work done twice.
                Role::PurgeStores | Role::AcmeRenew => (&single, 2),
                Role::SpamTraining | Role::MetricsCalculate | Role::MetricsPush => (&general, 0),
            };
            let shards: Vec<String> = match replicas {
                0 => vec!["\"1\"".to_string()],
                replicas => nodes.chunks(replicas as usize).map(|shard| format!("\"{}\"", join(shard))).collect(),
            };
            let _ = writeln!(text, "{role} = [{}]", shards.join(", "));
        }
        text
    }

    /// `ClusterRole` objects and the number of push shards.
    pub fn json(&self) -> String {
        let timed = [TaskType::StoreMaintenance, TaskType::MetricsCalculate, TaskType::MetricsPush];
        let once = [TaskType::SpamClassifierTraining, TaskType::TaskScheduler];
        let indexing = (self.dedicated > 0).then_some(TaskType::SearchIndexing);
        let all_but = |tasks: Vec<TaskType>| match tasks.as_slice() {
            [] => serde_json::json!({ "@type": "EnableAll" }),
            tasks => serde_json::json!({ "@type": "DisableSome", "taskTypes": set(tasks) }),
        };
        let listeners =
            |takes_mail| serde_json::json!({ "@type": if takes_mail { "EnableAll" } else { "DisableAll" } });
        let mut roles = vec![serde_json::json!({
            "name": FIRST, "tasks": all_but(indexing.into_iter().collect()), "listeners": listeners(true)
        })];
        if self.general() > 1 {
            let tasks = timed.into_iter().chain(once).chain(indexing).collect();
            roles.push(serde_json::json!({ "name": GENERAL, "tasks": all_but(tasks), "listeners": listeners(true) }));
        }
        if self.dedicated > 0 {
            let tasks = serde_json::json!({ "@type": "EnableSome", "taskTypes": set(&[TaskType::SearchIndexing]) });
            let listeners = listeners(self.dedicated_mail);
            roles.push(serde_json::json!({ "name": INDEXING, "tasks": tasks, "listeners": listeners }));
        }
        let total = self.nodes / self.push_replicas;
        format!("{:#}\n", serde_json::json!({ "list": roles, "pushShardsTotal": total }))
    }

    /// The environment of each node (0.16), a line a node.
    pub fn environment(&self) -> String {
        let line = |id| {
            let settings = self.settings(id, LayoutRules::Objects);
            format!(
                "# node {id}\nSTALWART_ROLE={}\nSTALWART_PUSH_SHARD={}\n",
                settings.role.unwrap_or_default(),
                settings.push_shard.unwrap_or_default()
            )
        };
        (1..=self.nodes).map(line).collect()
    }
}

/// A recording as it comes to another cluster, which does not have the nodes that it names.
pub fn without_nodes(recording: Arc<Recording>) -> Arc<Recording> {
    if recording.names_nodes() { Arc::new(recording.without_nodes()) } else { recording }
}

fn join(nodes: &[u32]) -> String {
    nodes.iter().map(u32::to_string).collect::<Vec<_>>().join(",")
}

fn set(tasks: &[TaskType]) -> serde_json::Map<String, serde_json::Value> {
    tasks.iter().map(|task| (task.name().to_string(), true.into())).collect()
}
