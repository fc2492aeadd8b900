//! The workload: accounts, when messages arrive and to whom, calendars.
//!
//! Accounts are numbers from `first_account_id`; account `i` of the simulation is account id
//! `first_account_id + i` of the server. They form one or more groups, each a block of consecutive numbers.
//! Everything here depends on seed and replication only, never on a layout, so that two layouts meet the
//! same messages.

mod accounts;
mod arrivals;
mod block;
mod bursts;
mod cycle;
mod group;
mod mail;
mod rate;
mod replay;

pub use accounts::{Accounts, Activity};
pub use arrivals::{Alerts, Clustering, RateClock, Scatter};
pub use block::Messages;
pub use bursts::Burst;
pub use cycle::{Cycle, OFFICE_DAY, OFFICE_WEEK};
pub use group::Group;
pub use mail::{FollowUps, Mail};
pub use rate::Rate;
pub use replay::{RecordedMessage, Recording};

use crate::engine::distribution::exp1;
use crate::engine::random::{Purpose, Streams};
use crate::time::{Calendar, SimDuration, SimTime};
use rand::{Rng, RngExt};
use serde::Serialize;
use std::sync::Arc;

/// How many accounts one message goes to.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Recipients {
    /// Always this many.
    Constant(u32),
    /// Geometric on 1, 2, 3, … with this mean (1 or more).
    Geometric {
        /// Mean number of recipients.
        mean: f64,
    },
}

impl Recipients {
    /// Mean number of recipients.
    pub fn mean(&self) -> f64 {
        match self {
            Self::Constant(count) => f64::from(*count),
            Self::Geometric { mean } => *mean,
        }
    }

    /// Mean number of recipients where there are no more than `most` accounts: for the geometric with success
    /// probability p, E[min(G, n)] = (1 − (1−p)ⁿ)/p.
    pub fn mean_up_to(&self, most: u32) -> f64 {
        match self {
            Self::Constant(count) => f64::from((*count).min(most)),
            Self::Geometric { mean } => {
                let p = 1.0 / mean;
                (1.0 - (1.0 - p).powf(f64::from(most))) / p
            }
        }
    }

    /// Draws a number of recipients. The geometric is drawn by inversion: with success probability
    /// p = 1/mean, `1 + ⌊E / −ln(1−p)⌋` for a standard exponential E.
    pub fn sample<R: Rng>(&self, rng: &mut R) -> u32 {
        match self {
            Self::Constant(count) => *count,
            Self::Geometric { mean } if *mean <= 1.0 => 1,
            Self::Geometric { mean } => 1_u32.saturating_add((exp1(rng) / -(-1.0 / mean).ln_1p()) as u32),
        }
    }
}

/// What happens to a cluster in a day.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub struct Workload {
    /// Number of accounts of all groups.
    pub accounts: u32,
    /// Id of the first account; it decides which shard an account belongs to.
    pub first_account_id: u32,
    /// Who they are; one group or more, each with the next block of accounts.
    pub groups: Vec<Group>,
    /// Mailings.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub bursts: Vec<Burst>,
    /// How long before it falls due an alert is written to the task table.
    pub calendar_alert_lead: SimDuration,
    /// Alerts fall due at multiples of this.
    pub calendar_alert_step: SimDuration,
    /// Messages at recorded times; they replace the random ones.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub replay: Option<Arc<Recording>>,
    /// Time after which a sender tries again when no node takes its message.
    pub sender_retry: SimDuration,
}

impl Workload {
    /// Draws the accounts of a replication.
    pub fn draw_accounts(&self, streams: Streams) -> Accounts {
        Accounts::draw(&self.groups, streams)
    }

    /// The times of calendar alerts; every call gives the same ones.
    pub fn alerts(&self, calendar: Calendar, origin: SimTime, streams: Streams) -> Alerts {
        let rates: Vec<(Rate, Clustering)> = self
            .groups
            .iter()
            .map(|group| (group.alert_rate(calendar, origin), group.calendar_alert_clustering))
            .collect();
        Alerts::new(&rates, self.calendar_alert_step, |group, part| match (group, part) {
            (0, 0) => streams.stream(Purpose::Alerts, 0),
            _ => streams.stream(Purpose::GroupAlerts, group as u64 * 4 + part as u64),
        })
    }

    /// Expected number of subscriptions.
    pub fn subscriptions(&self) -> f64 {
        self.sum(|group| group.push_subscriptions_per_account)
    }

    /// Deliveries on a mean day without growth and mailings.
    pub fn deliveries_per_day(&self) -> f64 {
        self.sum(|group| group.messages_per_account_per_day)
    }

    /// Mean number of recipients of a random message.
    pub fn mean_recipients(&self) -> f64 {
        let messages = self.sum(|group| group.messages_per_account_per_day / group.recipients.mean());
        if messages > 0.0 { self.deliveries_per_day() / messages } else { 1.0 }
    }

    fn sum(&self, of: impl Fn(&Group) -> f64) -> f64 {
        self.groups.iter().map(|group| f64::from(group.accounts) * of(group)).sum()
    }
}

/// Whether an event of probability `probability` happens. Draws nothing if that is certain.
#[inline]
pub fn happens<R: Rng>(probability: f64, rng: &mut R) -> bool {
    probability > 0.0 && (probability >= 1.0 || rng.random::<f64>() < probability)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Geometric with mean 1.66: P(1) = 1/1.66 = 0.602; sample mean within 4.5 standard errors
    /// (variance of a geometric: (1−p)/p²; two-sided error 7e-6).
    #[test]
    fn recipients_are_geometric() {
        let mut stream = Streams { seed: 3, replication: 0 }.stream(Purpose::Recipients, 0);
        let recipients = Recipients::Geometric { mean: 1.66 };
        let n = 200_000;
        let draws: Vec<u32> = (0..n).map(|_| recipients.sample(&mut stream)).collect();
        let mean = draws.iter().map(|&x| f64::from(x)).sum::<f64>() / f64::from(n);
        let p: f64 = 1.0 / 1.66;
        let error = ((1.0 - p) / (p * p) / f64::from(n)).sqrt();
        assert!((mean - 1.66).abs() < 4.5 * error, "{mean}");
        let ones = draws.iter().filter(|&&x| x == 1).count() as f64 / f64::from(n);
        assert!((ones - p).abs() < 4.5 * (p * (1.0 - p) / f64::from(n)).sqrt(), "{ones}");
    }
}
