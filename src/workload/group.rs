//! Groups of accounts that are alike.

use super::{Activity, Clustering, Cycle, Rate, Recipients, Scatter};
use crate::time::{Calendar, SimTime};
use serde::Serialize;

/// A group of accounts.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub struct Group {
    /// Its name.
    pub name: String,
    /// Number of accounts.
    pub accounts: u32,
    /// Deliveries to an account on a mean day, before growth.
    pub messages_per_account_per_day: f64,
    /// How unequal accounts are.
    pub activity: Activity,
    /// Daily and weekly cycle, by the group's own clock.
    pub cycle: Cycle,
    /// By how many seconds the group's clock is ahead of the scenario's.
    pub clock_ahead_s: i64,
    /// How messages scatter about their mean rate.
    pub arrivals: Scatter,
    /// By how much more messages and alerts there are from one day to the next.
    pub growth_per_day: f64,
    /// Accounts that a message goes to.
    pub recipients: Recipients,
    /// Push subscriptions of an account: the whole part for all, one more for the fraction.
    pub push_subscriptions_per_account: f64,
    /// Calendar alerts that fall due for an account on a mean day, before growth.
    pub calendar_alerts_per_account_per_day: f64,
    /// Alerts at full and half hours.
    pub calendar_alert_clustering: Clustering,
    /// Probability that a delivered message is an invitation.
    pub invitations_per_message: f64,
    /// Probability that a delivered message is used to train the spam classifier.
    pub trainings_per_message: f64,
    /// Probability that a delivered message makes threads merge (0.15 and later).
    pub thread_merges_per_message: f64,
}

impl Group {
    /// Mean number of messages a second.
    pub fn messages_per_second(&self) -> f64 {
        let recipients = self.recipients.mean_up_to(self.accounts);
        f64::from(self.accounts) * self.messages_per_account_per_day / 86_400.0 / recipients
    }

    /// Mean number of calendar alerts a second.
    pub fn alerts_per_second(&self) -> f64 {
        f64::from(self.accounts) * self.calendar_alerts_per_account_per_day / 86_400.0
    }

    /// The rate of messages; `calendar` is the scenario's, `origin` the start of the measured span.
    pub fn message_rate(&self, calendar: Calendar, origin: SimTime) -> Rate {
        self.rate(self.messages_per_second(), calendar, origin)
    }

    /// The rate of calendar alerts.
    pub fn alert_rate(&self, calendar: Calendar, origin: SimTime) -> Rate {
        self.rate(self.alerts_per_second(), calendar, origin)
    }

    fn rate(&self, per_second: f64, calendar: Calendar, origin: SimTime) -> Rate {
        Rate {
            per_second,
            cycle: self.cycle.clone(),
            calendar: calendar.ahead(self.clock_ahead_s),
            growth_per_day: self.growth_per_day,
            origin,
        }
    }
}
