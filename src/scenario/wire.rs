//! The scenario file as it is written: serde types only. What they mean is decided in the modules beside.

mod distribution;
mod fault;
mod one_key;
mod workload;

pub use distribution::*;
pub use fault::*;
pub use workload::*;

use super::duration::Time;
use serde::Deserialize;
use serde::de::{Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use std::collections::BTreeMap;
use std::fmt;
use toml::Spanned;
use toml::value::Datetime;

type Table<T> = BTreeMap<Spanned<String>, T>;

/// The whole file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct File {
    pub title: Option<String>,
    pub description: Option<String>,
    pub start: Option<Spanned<Datetime>>,
    pub duration: Option<Spanned<Time>>,
    pub warmup: Option<Time>,
    pub drain: Option<Time>,
    pub timeline_step: Option<Spanned<Time>>,
    #[serde(default)]
    pub steady_state: bool,
    pub replications: Option<Spanned<i64>>,
    pub seed: Option<Spanned<i64>>,
    #[serde(default)]
    pub server: Server,
    /// Only so that the key is known; read from the document itself, see `layouts`.
    #[serde(rename = "layouts")]
    pub _layouts: Option<IgnoredAny>,
    #[serde(default)]
    pub nodes: Nodes,
    #[serde(default)]
    pub node: Table<NodeOverride>,
    #[serde(default)]
    pub workload: Workload,
    #[serde(default)]
    pub population: Vec<Spanned<Population>>,
    #[serde(default)]
    pub burst: Vec<Spanned<Burst>>,
    #[serde(default)]
    pub tasks: Tasks,
    #[serde(default)]
    pub database: Database,
    #[serde(default)]
    pub coordinator: Coordinator,
    #[serde(default)]
    pub push: Push,
    #[serde(default)]
    pub fault: Vec<Spanned<Fault>>,
    #[serde(default)]
    pub objectives: Table<Spanned<Condition>>,
}

/// `[server]`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Server {
    pub version: Option<Spanned<String>>,
    pub lock_store: Option<LockStore>,
    pub refresh_interval: Option<Spanned<Time>>,
    pub channel_capacity: Option<Spanned<i64>>,
    pub batch: Option<Table<Spanned<i64>>>,
    pub lock_time: Option<Table<Time>>,
    pub seen_margin: Option<Spanned<Time>>,
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

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LockStore {
    Redis,
    Database,
}

/// `[nodes]`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Nodes {
    pub ids: Option<Spanned<Ids>>,
    pub cores: Option<Spanned<i64>>,
    pub speed: Option<Spanned<f64>>,
    pub mail_share: Option<Spanned<f64>>,
    pub zone: Option<String>,
    pub load_balancer: Option<LoadBalancer>,
    pub start_spread: Option<Time>,
    pub notice_delay: Option<Time>,
    pub role: Option<Spanned<String>>,
    pub push_shard: Option<PushShard>,
}

/// `[node.N]`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NodeOverride {
    pub cores: Option<Spanned<i64>>,
    pub speed: Option<Spanned<f64>>,
    pub mail_share: Option<Spanned<f64>>,
    pub zone: Option<String>,
    pub role: Option<Spanned<String>>,
    pub push_shard: Option<PushShard>,
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

#[derive(Debug, Clone, Copy, Deserialize)]
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
#[derive(Debug, Default, Deserialize)]
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

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PurgeTasks {
    pub stores: Option<Task>,
    pub accounts: Option<Task>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AcmeTasks {
    pub renew: Option<Task>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MetricsTasks {
    pub calculate: Option<Task>,
    #[serde(rename = "calculate-full")]
    pub calculate_full: Option<Task>,
    pub push: Option<Task>,
}

/// What one task needs.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Task {
    pub cpu: Option<Spanned<Distribution>>,
    pub database: Option<Spanned<Distribution>>,
    pub failure_probability: Option<Spanned<f64>>,
}

/// `[database]`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Database {
    pub connections: Option<Spanned<i64>>,
}

/// `[coordinator]`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Coordinator {
    pub delay: Option<Spanned<Distribution>>,
    pub loss_probability: Option<Spanned<f64>>,
}

/// `[push]`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Push {
    pub endpoint: Option<Spanned<Distribution>>,
    pub failure_probability: Option<Spanned<f64>>,
}
