//! Accounts and what they get, as it is written.

use super::Spanned;
use super::one_key::{NoMoreKeys, second_key};
use super::{Mean, collect};
use crate::scenario::duration::Time;
use schemars::JsonSchema;
use serde::Deserialize;
use serde::de::{Deserializer, Error, MapAccess, SeqAccess, Visitor};
use std::fmt;

/// Accounts, and what they get.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Workload {
    /// Number of accounts [50000]
    pub accounts: Option<Spanned<i64>>,
    /// Id of the first one [0]
    pub first_account_id: Option<Spanned<i64>>,
    /// Deliveries to an account on a mean day [120]
    pub messages_per_account_per_day: Option<Spanned<f64>>,
    /// How unequal accounts are [lognormal, sigma 1.29]
    pub activity: Option<Spanned<Activity>>,
    /// 24 weights, midnight first [office]
    pub daily_cycle: Option<Spanned<CycleWeights>>,
    /// 7 weights, Monday first [flat]
    pub weekly_cycle: Option<Spanned<CycleWeights>>,
    /// Of the cycles, an offset such as "+02:00" [that of start]
    pub time_zone: Option<Spanned<String>>,
    /// How messages scatter about their mean rate [poisson]
    pub arrivals: Option<Spanned<Arrivals>>,
    /// How much more messages and alerts a day brings than the day before; 0.01 is 1 % [0]
    pub growth_per_day: Option<Spanned<f64>>,
    /// A number, or geometric [mean 1.66]
    pub recipients_per_message: Option<Spanned<Recipients>>,
    /// A fraction is the share of accounts with one more [1.0]
    pub push_subscriptions_per_account: Option<Spanned<f64>>,
    /// Alerts that fall due on a mean day [1.0]
    pub calendar_alerts_per_account_per_day: Option<Spanned<f64>>,
    /// Shares of the alerts at full and half hours [none]
    pub calendar_alert_clustering: Option<Spanned<Clustering>>,
    /// How long before it falls due an alert is written [1d]
    pub calendar_alert_lead: Option<Time>,
    /// Alerts fall due at multiples of this [1s]
    pub calendar_alert_step: Option<Time>,
    /// Probability [0.02]
    pub invitations_per_message: Option<Spanned<f64>>,
    /// Probability [0.02]
    pub trainings_per_message: Option<Spanned<f64>>,
    /// Probability, from 0.15 on [0.01]
    pub thread_merges_per_message: Option<Spanned<f64>>,
    /// When a sender tries again [5m]
    pub sender_retry: Option<Spanned<Time>>,
    /// A message trace (CSV, plain or compressed) instead of random messages
    pub replay: Option<Spanned<String>>,
    /// The trace so many times as dense [1.0]
    pub replay_scale: Option<Spanned<f64>>,
    /// The trace so many times in a row [1]
    pub replay_repeat: Option<Spanned<i64>>,
}

/// A group of accounts.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Population {
    /// Its name
    pub name: Option<Spanned<String>>,
    /// Share of all accounts; all shares add up to 1
    pub share: Option<Spanned<f64>>,
    /// Number of accounts, instead of a share
    pub accounts: Option<Spanned<i64>>,
    /// Deliveries to an account on a mean day [120]
    pub messages_per_account_per_day: Option<Spanned<f64>>,
    /// How unequal accounts are [lognormal, sigma 1.29]
    pub activity: Option<Spanned<Activity>>,
    /// 24 weights, midnight first [office]
    pub daily_cycle: Option<Spanned<CycleWeights>>,
    /// 7 weights, Monday first [flat]
    pub weekly_cycle: Option<Spanned<CycleWeights>>,
    /// Of the cycles, an offset such as "+02:00" [that of start]
    pub time_zone: Option<Spanned<String>>,
    /// How messages scatter about their mean rate [poisson]
    pub arrivals: Option<Spanned<Arrivals>>,
    /// How much more messages and alerts a day brings than the day before; 0.01 is 1 % [0]
    pub growth_per_day: Option<Spanned<f64>>,
    /// A number, or geometric [mean 1.66]
    pub recipients_per_message: Option<Spanned<Recipients>>,
    /// A fraction is the share of accounts with one more [1.0]
    pub push_subscriptions_per_account: Option<Spanned<f64>>,
    /// Alerts that fall due on a mean day [1.0]
    pub calendar_alerts_per_account_per_day: Option<Spanned<f64>>,
    /// Shares of the alerts at full and half hours [none]
    pub calendar_alert_clustering: Option<Spanned<Clustering>>,
    /// Probability [0.02]
    pub invitations_per_message: Option<Spanned<f64>>,
    /// Probability [0.02]
    pub trainings_per_message: Option<Spanned<f64>>,
    /// Probability, from 0.15 on [0.01]
    pub thread_merges_per_message: Option<Spanned<f64>>,
}

/// A mailing.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Burst {
    /// When the first one begins, from the start of the measured span [every]
    pub at: Option<Spanned<Time>>,
    /// Time from one to the next [only one]
    pub every: Option<Spanned<Time>>,
    /// Share of all accounts, each of which gets one message
    pub share: Spanned<f64>,
    /// From the first to the last possible message [10s]
    pub within: Option<Spanned<Time>>,
}

/// How arrivals scatter: `"poisson"` or a process with its parameters.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Arrivals {
    Poisson,
    Weibull(WeibullArrivals),
    MarkovModulated(MarkovModulated),
}

#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WeibullArrivals {
    /// Of the intervals; below 1 messages come in clumps
    pub shape: Spanned<f64>,
}

#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MarkovModulated {
    /// Rate of busy times over that of quiet ones
    pub ratio: Spanned<f64>,
    /// Mean length of a busy time
    pub busy_mean: Spanned<Time>,
    /// Mean length of a quiet time
    pub quiet_mean: Spanned<Time>,
}

/// Shares of the alerts at full and half hours.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Clustering {
    /// Share at full hours
    pub full: Option<Spanned<f64>>,
    /// Share at half past
    pub half: Option<Spanned<f64>>,
}

/// How unequal accounts are: `"equal"` or a distribution of rates.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Activity {
    Equal,
    Lognormal(Sigma),
}

#[derive(Debug, Clone, Deserialize, JsonSchema)]
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
