//! The load balancer: who gets how much mail.

use crate::harness::{record, scenario};

/// Weights 3, 1, 1, 1 and deliveries that take no time: all nodes are equally busy at every message, so each gets
/// its weight's share of n messages, to within one round of six; equal shares would be n/4.
#[test]
fn equally_busy_nodes_get_mail_by_weight() {
    for balancer in ["rotation", "least_busy"] {
        let nodes = format!("ids = \"1-4\"\nload_balancer = \"{balancer}\"");
        // No work follows that would keep nodes busy.
        let changes = [
            ("ids = \"1-4\"", nodes.as_str()),
            ("cpu = \"1s\"", "cpu = \"0s\""),
            ("accounts = 8", "accounts = 8\nmessages_per_account_per_day = 6000"),
        ];
        let record = record(&scenario(&changes, "[node.1]\nmail_share = 3\n[layouts.a.cluster.roles]\n"));
        let received: Vec<f64> = record.nodes.iter().map(|node| node.messages_received as f64).collect();
        let all: f64 = received.iter().sum();
        assert!(all > 1_000.0);
        for (share, received) in [0.5, 1.0 / 6.0, 1.0 / 6.0, 1.0 / 6.0].iter().zip(&received) {
            assert!((share * all - received).abs() <= 6.0, "{balancer}: {received} of {all}");
        }
    }
}
