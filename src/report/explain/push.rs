//! Sentences about the notifications of a change: who heard of it, who sent it, who lost it.

use super::{ExplainContext, Teller, times};
use crate::metrics::story::{NotificationId, Unheard, What};
use crate::report::format::list;
use std::collections::{BTreeMap, BTreeSet};

/// What is known of the pushes of a story.
#[derive(Debug, Default)]
pub(super) struct Push {
    change: Option<u64>,
    subscriptions: u32,
    /// By subscription, who has pushed it.
    pushed: BTreeMap<u32, Vec<u16>>,
    /// Subscriptions that still waited for it at the end.
    open: BTreeSet<u32>,
}

impl Push {
    /// What came of the change, for each subscription.
    pub(super) fn summary(&self, context: &ExplainContext) -> Vec<String> {
        let mut parts = Vec::new();
        for subscription in 1..=self.subscriptions {
            let to = if self.subscriptions > 1 { format!(" to subscription {subscription}") } else { String::new() };
            let nodes = self.pushed.get(&subscription).map_or(&[][..], Vec::as_slice);
            let names: Vec<String> = nodes.iter().map(|node| context.node(*node)).collect();
            parts.push(match nodes.len() {
                0 if self.open.contains(&subscription) => format!("not pushed{to} by the end, still open"),
                0 => format!("never pushed{to}"),
                count => format!("pushed {}{to}, by {}", times(count), list(&names)),
            });
        }
        parts
    }
}

impl Teller<'_> {
    pub(super) fn tell_push(&mut self, at_ns: u64, what: &What) {
        let own = |list: &[NotificationId], change: Option<u64>| -> Vec<u32> {
            list.iter().filter(|n| Some(n.change) == change).map(|n| n.subscription).collect()
        };
        match what {
            What::Published { change, node, subscriptions, .. } => {
                self.push.change = Some(*change);
                self.push.subscriptions = *subscriptions;
                let sentence = match subscriptions {
                    0 => format!("account {} has no push subscription: nothing is pushed", self.account),
                    _ => {
                        format!("{} tells the other nodes that account {} has changed", self.node(*node), self.account)
                    }
                };
                self.say(at_ns, sentence);
            }
            What::NotHeard { node, reason, .. } if self.push.subscriptions > 0 => {
                let why = match reason {
                    Unheard::Down => "it was down when the change was published",
                    Unheard::Coordinator => "the coordinator is down",
                    Unheard::Resubscribing => "it is subscribing again after the last message",
                    Unheard::CutOff => "it is cut off from the coordinator",
                    Unheard::OriginCutOff => "the node of the change is cut off from the coordinator",
                    Unheard::Lost => "the coordinator loses it on the way",
                };
                let sentence = format!("{} does not hear of it: {why}", self.node(*node));
                self.say(at_ns, sentence);
            }
            What::Throttled { node, notification } => {
                let sentence = format!(
                    "{} keeps the notification{} for its next request: the last one is too young or still under way",
                    self.node(*node),
                    self.to(notification.subscription)
                );
                self.say(at_ns, sentence);
            }
            What::RequestSent { node, answered_ns, has_failed, notifications, .. } => {
                let mine = own(notifications, self.push.change);
                let merged = notifications.len() - mine.len();
                self.sent(at_ns, (*node, *answered_ns), *has_failed, &mine, merged);
            }
            What::Dropped { node, notifications } => {
                for subscription in own(notifications, self.push.change) {
                    let (me, to) = (self.node(*node), self.to(subscription));
                    self.say(at_ns, format!("{me} has tried often enough and drops the notification{to}"));
                }
            }
            What::CopiesLost { node, notifications } => {
                for subscription in own(notifications, self.push.change) {
                    let (me, to) = (self.node(*node), self.to(subscription));
                    self.say(at_ns, format!("{me} dies before it has pushed the notification{to}"));
                }
            }
            What::Settled { notification, copies: 0 } => {
                let to = self.to(notification.subscription);
                self.say(at_ns, format!("no node is left that could push the notification{to}: it is missed"));
            }
            What::StillOpen { notification } => {
                self.push.open.insert(notification.subscription);
                let to = self.to(notification.subscription);
                self.say(at_ns, format!("the simulation ends; the notification{to} is still open"));
            }
            _ => {}
        }
    }

    fn sent(&mut self, at_ns: u64, (node, answered_ns): (u16, u64), has_failed: bool, mine: &[u32], merged: usize) {
        let me = self.node(node);
        let with = match merged {
            0 => String::new(),
            1 => ", merged with another one,".to_owned(),
            more => format!(", merged with {more} others,"),
        };
        for &subscription in mine {
            let to = self.to(subscription);
            let took = super::length(answered_ns - at_ns);
            if has_failed {
                self.say(at_ns, format!("{me} pushes the notification{to}{with} and fails after {took}"));
            } else {
                self.push.pushed.entry(subscription).or_default().push(node);
                self.say(at_ns, format!("{me} pushes the notification{to}{with} and is answered after {took}"));
            }
        }
    }

    /// To which subscription, where there are several.
    fn to(&self, subscription: u32) -> String {
        if self.push.subscriptions > 1 { format!(" to subscription {subscription}") } else { String::new() }
    }
}
