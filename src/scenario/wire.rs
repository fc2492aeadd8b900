//! The scenario file as it is written: serde types only. What they mean is decided in the modules beside.

mod distribution;
mod fault;
mod one_key;
mod schema;
mod spanned;
mod workload;

pub use distribution::*;
pub use fault::*;
pub use spanned::Spanned;
pub use workload::*;

use super::duration::Time;
use schemars::JsonSchema;
use serde::Deserialize;
use serde::de::{Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use std::collections::BTreeMap;
use std::fmt;
use toml::value::Datetime;

type Table<T> = BTreeMap<Spanned<String>, T>;

/// The whole file.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct File {
    /// Its title; by default the file's name
    pub title: Option<String>,
    /// What it shows, in a line
    pub description: Option<String>,
    /// Date and time at the start of the measured span [2026-03-02T00:00:00Z, a Monday]
    #[schemars(with = "Option<schema::Start>")]
    pub start: Option<Spanned<Datetime>>,
    /// What is measured [1d]
    pub duration: Option<Spanned<Time>>,
    /// Simulated before it, not measured [0s]
    pub warmup: Option<Time>,
    /// Longest time after it, until all that was measured has ended [2h]
    pub drain: Option<Time>,
    /// Bin of the time line [a 144th of the duration]
    pub timeline_step: Option<Spanned<Time>>,
    /// Whether the measured span is to be in steady state from its beginning: the warm-up is judged [false]
    #[serde(default)]
    pub steady_state: bool,
    /// Runs with other random numbers; intervals come from these [10]
    pub replications: Option<Spanned<i64>>,
    /// Of all random numbers [1]
    pub seed: Option<Spanned<i64>>,
    /// The server's version and constants
    #[serde(default)]
    pub server: Server,
    /// Only so that the key is known; read from the document itself, see `layouts`.
    #[serde(rename = "layouts")]
    #[schemars(with = "schema::Layouts")]
    pub _layouts: Option<IgnoredAny>,
    /// All nodes
    #[serde(default)]
    pub nodes: Nodes,
    /// Single nodes, by id
    #[serde(default)]
    pub node: Table<NodeOverride>,
    /// Accounts, and what they get
    #[serde(default)]
    pub workload: Workload,
    /// Groups of accounts; what a group does not say is as [workload] says
    #[serde(default)]
    pub population: Vec<Spanned<Population>>,
    /// Mailings: a message each to a share of all accounts within seconds
    #[serde(default)]
    pub burst: Vec<Spanned<Burst>>,
    /// What one task of each role needs
    #[serde(default)]
    pub tasks: Tasks,
    /// The shared database
    #[serde(default)]
    pub database: Database,
    /// How changes reach other nodes
    #[serde(default)]
    pub coordinator: Coordinator,
    /// The endpoints of push notifications
    #[serde(default)]
    pub push: Push,
    /// What goes wrong, and when
    #[serde(default)]
    pub fault: Vec<Spanned<Fault>>,
    /// What is asked for: "metric" = "< limit"
    #[serde(default)]
    pub objectives: Table<Spanned<Condition>>,
}

/// `[server]`.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Server {
    /// 0.13, 0.14, 0.15, 0.16, a full number, or documented [0.14]
    pub version: Option<Spanned<String>>,
    /// Where locks are kept [redis]
    pub lock_store: Option<LockStore>,
    /// Longest sleep of a dispatcher [300s; 0.16: 60s]
    pub refresh_interval: Option<Spanned<Time>>,
    /// Of all roles [1024; 0.16: by role]
    pub channel_capacity: Option<Spanned<i64>>,
    /// Tasks at once, by role
    pub batch: Option<Table<Spanned<i64>>>,
    /// By role
    pub lock_time: Option<Table<Time>>,
    /// How much longer than its lock a task is remembered [1s]
    pub seen_margin: Option<Spanned<Time>>,
    /// Whether a failed try renews a lock [Redis up to 0.16.15]
    pub failed_try_renews: Option<bool>,
    pub scan_base: Option<Spanned<Time>>,
    pub scan_per_task: Option<Spanned<Time>>,
    pub lock_round_trip: Option<Spanned<Time>>,
    pub delete_time: Option<Spanned<Time>>,
    pub push_throttle: Option<Time>,
    pub push_timeout: Option<Time>,
    pub push_retry_delay: Option<Time>,
    pub push_max_attempts: Option<Spanned<i64>>,
    pub push_retry_tick: Option<Spanned<Time>>,
    pub push_shards_total: Option<Spanned<i64>>,
    pub resubscribe_gap: Option<Time>,
    pub training_interval: Option<Spanned<Time>>,
    pub purge_lock_time: Option<Time>,
    pub purge_accounts_at: Option<Spanned<String>>,
    pub purge_stores_at: Option<Spanned<Vec<Spanned<String>>>>,
    pub purge_parallel: Option<Spanned<i64>>,
    pub purge_request: Option<Spanned<Time>>,
    pub metrics_interval: Option<Spanned<Time>>,
    pub metrics_full_interval: Option<Time>,
    pub metrics_push_interval: Option<Spanned<Time>>,
    pub acme_providers: Option<Spanned<i64>>,
    pub acme_interval: Option<Spanned<Time>>,
    pub acme_retry_delay: Option<Spanned<Time>>,
    pub retry_initial: Option<Spanned<Time>>,
    pub retry_max_attempts: Option<Spanned<i64>>,
}

#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum LockStore {
    Redis,
    Database,
}

/// `[nodes]`.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Nodes {
    /// Which there are: "1-5", "1,3,7-9", [1, 3]
    pub ids: Option<Spanned<Ids>>,
    /// Of each node [8]
    pub cores: Option<Spanned<i64>>,
    /// Of a core, relative to the one that demands are stated for [1.0]
    pub speed: Option<Spanned<f64>>,
    /// Weight at the load balancer; 0 receives no mail [1.0]
    pub mail_share: Option<Spanned<f64>>,
    /// Name of the zone [a]
    pub zone: Option<String>,
    /// Which node receives the next message [rotation]
    pub load_balancer: Option<LoadBalancer>,
    /// Nodes start at random moments within this time [0s]
    pub start_spread: Option<Time>,
    /// How long the load balancer takes to notice that a node is down or up [0s]
    pub notice_delay: Option<Time>,
    /// 0.16: STALWART_ROLE
    pub role: Option<Spanned<String>>,
    /// 0.16: STALWART_PUSH_SHARD
    pub push_shard: Option<Spanned<PushShard>>,
}

/// `[node.N]`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NodeOverride {
    /// Of each node [8]
    pub cores: Option<Spanned<i64>>,
    /// Of a core, relative to the one that demands are stated for [1.0]
    pub speed: Option<Spanned<f64>>,
    /// Weight at the load balancer; 0 receives no mail [1.0]
    pub mail_share: Option<Spanned<f64>>,
    /// Name of the zone [a]
    pub zone: Option<String>,
    /// 0.16: STALWART_ROLE
    pub role: Option<Spanned<String>>,
    /// 0.16: STALWART_PUSH_SHARD
    pub push_shard: Option<Spanned<PushShard>>,
    /// 0.16: an environment file that sets STALWART_ROLE and STALWART_PUSH_SHARD
    pub env: Option<Spanned<String>>,
}

/// `STALWART_PUSH_SHARD`: a number, or whatever text the environment holds.
#[derive(Debug, Clone)]
pub struct PushShard(pub String);

impl<'de> Deserialize<'de> for PushShard {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ShardVisitor;
        impl Visitor<'_> for ShardVisitor {
            type Value = PushShard;
            fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
                f.write_str("the number of a push shard")
            }
            fn visit_i64<E>(self, shard: i64) -> Result<PushShard, E> {
                Ok(PushShard(shard.to_string()))
            }
            fn visit_str<E>(self, shard: &str) -> Result<PushShard, E> {
                Ok(PushShard(shard.to_string()))
            }
        }
        deserializer.deserialize_any(ShardVisitor)
    }
}

#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum LoadBalancer {
    Rotation,
    Random,
    LeastBusy,
    ByAccount,
}

/// One node id, a whole number.
#[derive(Debug, Clone, Copy)]
pub struct NodeId(pub u64);

impl<'de> Deserialize<'de> for NodeId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct NodeIdVisitor;
        impl Visitor<'_> for NodeIdVisitor {
            type Value = NodeId;
            fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
                f.write_str("a node id, which is a whole number such as 2")
            }
            fn visit_i64<E: Error>(self, id: i64) -> Result<NodeId, E> {
                u64::try_from(id).map(NodeId).map_err(|_| E::custom(format_args!("`{id}` is no node id")))
            }
        }
        deserializer.deserialize_any(NodeIdVisitor)
    }
}

/// Node ids: `"1-5"`, `"1,3,7-9"`, `"all"`, one number, or a list of numbers.
#[derive(Debug, Clone)]
pub enum Ids {
    Text(String),
    List(Vec<NodeId>),
}

impl<'de> Deserialize<'de> for Ids {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct IdsVisitor;
        impl<'de> Visitor<'de> for IdsVisitor {
            type Value = Ids;
            fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
                f.write_str("node ids such as \"1-5\", \"1,3\" or [1, 3]")
            }
            fn visit_str<E>(self, text: &str) -> Result<Ids, E> {
                Ok(Ids::Text(text.to_string()))
            }
            fn visit_i64<E>(self, id: i64) -> Result<Ids, E> {
                Ok(Ids::Text(id.to_string()))
            }
            fn visit_seq<A: SeqAccess<'de>>(self, items: A) -> Result<Ids, A::Error> {
                collect(items).map(Ids::List)
            }
        }
        deserializer.deserialize_any(IdsVisitor)
    }
}

fn collect<'de, T: Deserialize<'de>, A: SeqAccess<'de>>(mut items: A) -> Result<Vec<T>, A::Error> {
    let mut list = Vec::new();
    while let Some(item) = items.next_element()? {
        list.push(item);
    }
    Ok(list)
}

/// What a metric is to be: `"< 60s"`.
#[derive(Debug, Clone)]
pub struct Condition(pub String);

impl<'de> Deserialize<'de> for Condition {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ConditionVisitor;
        impl<'de> Visitor<'de> for ConditionVisitor {
            type Value = Condition;
            fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
                f.write_str("a comparison and a limit in quotes, such as \"< 60s\"")
            }
            fn visit_str<E>(self, text: &str) -> Result<Condition, E> {
                Ok(Condition(text.to_string()))
            }
            fn visit_map<A: MapAccess<'de>>(self, _: A) -> Result<Condition, A::Error> {
                Err(A::Error::custom("the name of a metric is not in quotes"))
            }
        }
        deserializer.deserialize_any(ConditionVisitor)
    }
}

/// `[tasks]`: one table a role, and `ingest`. Role names with a dot may be quoted or nested.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Tasks {
    pub ingest: Option<Task>,
    #[serde(rename = "fts-indexing")]
    pub fts_indexing: Option<Task>,
    #[serde(rename = "bayes-training")]
    pub bayes_training: Option<Task>,
    #[serde(rename = "spam-training")]
    pub spam_training: Option<Task>,
    #[serde(rename = "imip-processing")]
    pub imip_processing: Option<Task>,
    #[serde(rename = "calendar-alerts")]
    pub calendar_alerts: Option<Task>,
    #[serde(rename = "merge-threads")]
    pub merge_threads: Option<Task>,
    #[serde(rename = "push-notifications")]
    pub push_notifications: Option<Task>,
    #[serde(rename = "purge.stores")]
    pub purge_stores: Option<Task>,
    #[serde(rename = "purge.accounts")]
    pub purge_accounts: Option<Task>,
    #[serde(rename = "acme.renew")]
    pub acme_renew: Option<Task>,
    #[serde(rename = "metrics.calculate")]
    pub metrics_calculate: Option<Task>,
    #[serde(rename = "metrics.calculate-full")]
    pub metrics_calculate_full: Option<Task>,
    #[serde(rename = "metrics.push")]
    pub metrics_push: Option<Task>,
    pub purge: Option<PurgeTasks>,
    pub acme: Option<AcmeTasks>,
    pub metrics: Option<MetricsTasks>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PurgeTasks {
    pub stores: Option<Task>,
    pub accounts: Option<Task>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AcmeTasks {
    pub renew: Option<Task>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MetricsTasks {
    pub calculate: Option<Task>,
    #[serde(rename = "calculate-full")]
    pub calculate_full: Option<Task>,
    pub push: Option<Task>,
}

/// What one task needs.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Task {
    /// Time on a core
    pub cpu: Option<Spanned<Distribution>>,
    /// Time in the database
    pub database: Option<Spanned<Distribution>>,
    /// Probability that a run fails [0]
    pub failure_probability: Option<Spanned<f64>>,
}

/// `[database]`.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Database {
    /// Requests at once; more wait [100]
    pub connections: Option<Spanned<i64>>,
}

/// `[coordinator]`.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Coordinator {
    /// Of a change on its way to other nodes [exponential, 2 ms]
    pub delay: Option<Spanned<Distribution>>,
    /// Of a change, for each other node [0]
    pub loss_probability: Option<Spanned<f64>>,
}

/// `[push]`.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Push {
    /// Time of a request [lognormal, 150 ms]
    pub endpoint: Option<Spanned<Distribution>>,
    /// Probability that a request fails [0]
    pub failure_probability: Option<Spanned<f64>>,
}
