//! Traces as `[workload] replay` and `[[fault]] trace` read them.

use super::outages::Outage;
use crate::input::Moment;
use crate::source::Problem;
use std::path::Path;

/// One delivery.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// When.
    pub at: Moment,
    /// Account id.
    pub account: u32,
    /// Number of its message, if it is known which deliveries are one message.
    pub message: Option<u64>,
    /// Node that received it, if it is known.
    pub node: Option<u64>,
    /// Size, if it is known.
    pub size_bytes: Option<u64>,
    /// How it came.
    pub kind: &'static str,
}

/// A message trace: `time,account,message,node,size_bytes,kind` with RFC 3339 times; columns that no delivery has are
/// left out, `message` if no message has two deliveries.
pub fn messages(deliveries: &[Delivery]) -> String {
    let is_one = |pair: &[Delivery]| pair[0].message.is_some() && pair[0].message == pair[1].message;
    let has_message = deliveries.windows(2).any(is_one);
    let has_node = deliveries.iter().any(|delivery| delivery.node.is_some());
    let has_size = deliveries.iter().any(|delivery| delivery.size_bytes.is_some());
    let has_kind = deliveries.iter().any(|delivery| !delivery.kind.is_empty());
    let mut text = String::from("time,account");
    for (name, is_there) in
        [(",message", has_message), (",node", has_node), (",size_bytes", has_size), (",kind", has_kind)]
    {
        text.push_str(if is_there { name } else { "" });
    }
    text.push('\n');
    for delivery in deliveries {
        text.push_str(&format!("{},{}", delivery.at, delivery.account));
        let numbers = [(delivery.message, has_message), (delivery.node, has_node), (delivery.size_bytes, has_size)];
        for (value, is_there) in numbers {
            if is_there {
                text.push(',');
                text.push_str(&value.map(|value| value.to_string()).unwrap_or_default());
            }
        }
        if has_kind {
            text.push(',');
            text.push_str(delivery.kind);
        }
        text.push('\n');
    }
    text
}

/// A failure trace: `node,down,up` with RFC 3339 times.
pub fn failures(outages: &[Outage]) -> String {
    let rows = outages.iter().map(|outage| format!("{},{},{}\n", outage.node, outage.down, outage.up));
    format!("node,down,up\n{}", rows.collect::<String>())
}

/// A failure trace in seconds from `origin`: `node,down_s,up_s`.
pub fn failures_from(outages: &[Outage], origin: Moment) -> String {
    let rows = outages.iter().map(|outage| {
        let second = |at: Moment| at.seconds_since(origin);
        format!("{},{},{}\n", outage.node, second(outage.down), second(outage.up))
    });
    format!("node,down_s,up_s\n{}", rows.collect::<String>())
}

/// Refuses a target that exists.
///
/// # Errors
/// It exists and may not be replaced.
pub fn check_target(path: &Path, may_replace: bool) -> Result<(), Problem> {
    if may_replace || !path.exists() {
        return Ok(());
    }
    let help = "choose another name, or add --force to replace it";
    Err(Problem::new(format!("`{}` exists already", path.display()), help))
}
