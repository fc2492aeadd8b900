//! Messages at recorded times instead of random ones.

use crate::time::SimTime;

/// One recorded message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RecordedMessage {
    /// When it arrives, on the simulation's clock.
    pub at: SimTime,
    /// Its recipient, as an index from 0.
    pub account: u32,
    /// Index of the node that receives it; `None` leaves it to the load balancer. A node that is down
    /// does not receive it: the load balancer then chooses.
    pub node: Option<u16>,
}

/// Recorded messages, by time.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Recording {
    messages: Vec<RecordedMessage>,
}

impl Recording {
    /// Sorts messages by time; equal times keep their order.
    pub fn new(mut messages: Vec<RecordedMessage>) -> Self {
        messages.sort_by_key(|message| message.at);
        Self { messages }
    }

    /// The message number `number` in order of time.
    pub fn get(&self, number: usize) -> Option<&RecordedMessage> {
        self.messages.get(number)
    }

    /// Number of messages.
    pub fn len(&self) -> usize {
        self.messages.len()
    }

    /// Whether there are no messages.
    pub fn is_empty(&self) -> bool {
        self.messages.is_empty()
    }
}
