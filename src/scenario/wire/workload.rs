//! Accounts and what they get, as it is written.

use super::one_key::{NoMoreKeys, second_key};
use super::{Mean, collect};
use crate::scenario::duration::Time;
use serde::Deserialize;
use serde::de::{Deserializer, Error, MapAccess, SeqAccess, Visitor};
use std::fmt;
use toml::Spanned;

/// `[workload]`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Workload {
    pub accounts: Option<Spanned<i64>>,
    pub first_account_id: Option<Spanned<i64>>,
    pub messages_per_account_per_day: Option<Spanned<f64>>,
    pub activity: Option<Spanned<Activity>>,
    pub daily_cycle: Option<Spanned<CycleWeights>>,
    pub weekly_cycle: Option<Spanned<CycleWeights>>,
    pub time_zone: Option<Spanned<String>>,
    pub arrivals: Option<Spanned<Arrivals>>,
    pub growth_per_day: Option<Spanned<f64>>,
    pub recipients_per_message: Option<Spanned<Recipients>>,
    pub push_subscriptions_per_account: Option<Spanned<f64>>,
    pub calendar_alerts_per_account_per_day: Option<Spanned<f64>>,
    pub calendar_alert_clustering: Option<Spanned<Clustering>>,
    pub calendar_alert_lead: Option<Time>,
    pub calendar_alert_step: Option<Time>,
    pub invitations_per_message: Option<Spanned<f64>>,
    pub trainings_per_message: Option<Spanned<f64>>,
    pub thread_merges_per_message: Option<Spanned<f64>>,
    pub sender_retry: Option<Spanned<Time>>,
    pub replay: Option<Spanned<String>>,
    pub replay_scale: Option<Spanned<f64>>,
    pub replay_repeat: Option<Spanned<i64>>,
}

/// `[[population]]`: what it does not say is as `[workload]` says.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Population {
    pub name: Option<Spanned<String>>,
    pub share: Option<Spanned<f64>>,
    pub accounts: Option<Spanned<i64>>,
    pub messages_per_account_per_day: Option<Spanned<f64>>,
    pub activity: Option<Spanned<Activity>>,
    pub daily_cycle: Option<Spanned<CycleWeights>>,
    pub weekly_cycle: Option<Spanned<CycleWeights>>,
    pub time_zone: Option<Spanned<String>>,
    pub arrivals: Option<Spanned<Arrivals>>,
    pub growth_per_day: Option<Spanned<f64>>,
    pub recipients_per_message: Option<Spanned<Recipients>>,
    pub push_subscriptions_per_account: Option<Spanned<f64>>,
    pub calendar_alerts_per_account_per_day: Option<Spanned<f64>>,
    pub calendar_alert_clustering: Option<Spanned<Clustering>>,
    pub invitations_per_message: Option<Spanned<f64>>,
    pub trainings_per_message: Option<Spanned<f64>>,
    pub thread_merges_per_message: Option<Spanned<f64>>,
}

/// `[[burst]]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Burst {
    pub at: Option<Spanned<Time>>,
    pub every: Option<Spanned<Time>>,
    pub share: Spanned<f64>,
    pub within: Option<Spanned<Time>>,
}

/// How arrivals scatter: `"poisson"` or a process with its parameters.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Arrivals {
    Poisson,
    Weibull(WeibullArrivals),
    MarkovModulated(MarkovModulated),
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WeibullArrivals {
    pub shape: Spanned<f64>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MarkovModulated {
    pub ratio: Spanned<f64>,
    pub busy_mean: Spanned<Time>,
    pub quiet_mean: Spanned<Time>,
}

/// Shares of the alerts at full and half hours.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Clustering {
    pub full: Option<Spanned<f64>>,
    pub half: Option<Spanned<f64>>,
}

/// How unequal accounts are: `"equal"` or a distribution of rates.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Activity {
    Equal,
    Lognormal(Sigma),
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sigma {
    pub sigma: Spanned<f64>,
}

/// `"flat"`, `"office"`, or weights.
#[derive(Debug, Clone)]
pub enum CycleWeights {
    Name(String),
    Weights(Vec<Spanned<f64>>),
}

impl<'de> Deserialize<'de> for CycleWeights {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct CycleVisitor;
        impl<'de> Visitor<'de> for CycleVisitor {
            type Value = CycleWeights;
            fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
                f.write_str("\"flat\", \"office\" or a list of weights")
            }
            fn visit_str<E>(self, name: &str) -> Result<CycleWeights, E> {
                Ok(CycleWeights::Name(name.to_string()))
            }
            fn visit_seq<A: SeqAccess<'de>>(self, items: A) -> Result<CycleWeights, A::Error> {
                collect(items).map(CycleWeights::Weights)
            }
        }
        deserializer.deserialize_any(CycleVisitor)
    }
}

/// Recipients of a message: a number or a distribution of numbers.
#[derive(Debug, Clone)]
pub enum Recipients {
    Constant(f64),
    Geometric(Mean<Spanned<f64>>),
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum RecipientsName {
    Constant,
    Geometric,
}

impl<'de> Deserialize<'de> for Recipients {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct RecipientsVisitor;
        impl<'de> Visitor<'de> for RecipientsVisitor {
            type Value = Recipients;
            fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
                f.write_str("a number or { geometric = { mean = 1.66 } }")
            }
            fn visit_i64<E>(self, count: i64) -> Result<Recipients, E> {
                Ok(Recipients::Constant(count as f64))
            }
            fn visit_f64<E>(self, count: f64) -> Result<Recipients, E> {
                Ok(Recipients::Constant(count))
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Recipients, A::Error> {
                let recipients = match map.next_key()? {
                    Some(RecipientsName::Constant) => map.next_value().map(Recipients::Constant),
                    Some(RecipientsName::Geometric) => map.next_value().map(Recipients::Geometric),
                    None => Err(A::Error::custom("the table names no distribution")),
                }?;
                second_key(&mut map, NoMoreKeys("a distribution has one name"))?;
                Ok(recipients)
            }
        }
        deserializer.deserialize_any(RecipientsVisitor)
    }
}
