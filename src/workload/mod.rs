//! The workload: accounts, when messages arrive and to whom, calendars.
//!
//! Accounts are numbers from `first_account_id`; account `i` of the simulation is account id
//! `first_account_id + i` of the server. Messages form a Poisson process whose rate follows the hour of
//! the day and the day of the week. Everything here depends on seed and replication only, never on a
//! layout, so that two layouts meet the same messages.

mod accounts;
mod arrivals;
mod replay;

pub use accounts::{Accounts, Activity};
pub use arrivals::{Cycle, OFFICE_DAY, OFFICE_WEEK, RateClock};
pub use replay::{RecordedMessage, Recording};

use crate::engine::distribution::exp1;
use crate::time::SimDuration;
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
    /// Number of accounts.
    pub accounts: u32,
    /// Id of the first account; it decides which shard an account belongs to.
    pub first_account_id: u32,
    /// Deliveries to an account on a mean day.
    pub messages_per_account_per_day: f64,
    /// How unequal accounts are.
    pub activity: Activity,
    /// Daily and weekly cycle.
    pub cycle: Cycle,
    /// Accounts that a message goes to.
    pub recipients: Recipients,
    /// Push subscriptions of an account: the whole part for all, one more for the fraction.
    pub push_subscriptions_per_account: f64,
    /// Calendar alerts that fall due for an account on a mean day.
    pub calendar_alerts_per_account_per_day: f64,
    /// How long before it falls due an alert is written to the task table.
    pub calendar_alert_lead: SimDuration,
    /// Alerts fall due at multiples of this.
    pub calendar_alert_step: SimDuration,
    /// Probability that a delivered message is an invitation.
    pub invitations_per_message: f64,
    /// Probability that a delivered message is used to train the spam classifier.
    pub trainings_per_message: f64,
    /// Probability that a delivered message makes threads merge (0.15 and later).
    pub thread_merges_per_message: f64,
    /// Messages at recorded times; they replace the random ones.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub replay: Option<Arc<Recording>>,
    /// Time after which a sender tries again when no node takes its message.
    pub sender_retry: SimDuration,
}

impl Workload {
    /// Mean number of messages a second.
    pub fn messages_per_second(&self) -> f64 {
        let recipients = self.recipients.mean_up_to(self.accounts);
        f64::from(self.accounts) * self.messages_per_account_per_day / 86_400.0 / recipients
    }

    /// Mean number of calendar alerts a second.
    pub fn alerts_per_second(&self) -> f64 {
        f64::from(self.accounts) * self.calendar_alerts_per_account_per_day / 86_400.0
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
    use crate::engine::random::{Purpose, Streams};

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
