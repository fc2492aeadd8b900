//! Mailings.

use super::{Messages, SIGMAS, mean, scenario};
use std::collections::BTreeSet;

/// A quarter of 1,000 accounts at 10 minutes, and all of them every hour from 30 minutes on, and nothing else: exactly
/// 250 different accounts, then all 1,000 twice. Times are uniform over ten seconds: mean 5, standard deviation 10/√12.
#[test]
fn a_share_of_all_accounts() {
    let tables =
        "[[burst]]\nat = \"10m\"\nshare = 0.25\n[[burst]]\nat = \"30m\"\nevery = \"1h\"\nshare = 1\nwithin = \"10s\"\n";
    let scenario =
        scenario("duration = \"2h\"\nwarmup = \"1m\"", "accounts = 1_000\nmessages_per_account_per_day = 0", tables);
    for replication in 0..3 {
        let all: Vec<(f64, Vec<u32>)> = Messages::of(&scenario, replication).collect();
        assert_eq!(all.len(), 2_250);
        assert!(all.is_sorted_by(|a, b| a.0 <= b.0));
        for (messages, start) in [(&all[..250], 660.0), (&all[250..1_250], 1_860.0), (&all[1_250..], 5_460.0)] {
            let accounts: BTreeSet<u32> = messages.iter().flat_map(|message| &message.1).copied().collect();
            assert_eq!(accounts.len(), messages.len(), "each account gets one message");
            let times: Vec<f64> = messages.iter().map(|message| message.0 - start).collect();
            assert!(times.iter().all(|time| (0.0..10.0).contains(time)));
            let error = 10.0 / (12.0 * times.len() as f64).sqrt();
            assert!((mean(&times) - 5.0).abs() < SIGMAS * error, "{}", mean(&times));
            // Of uniform times a quarter is in each quarter.
            let early = times.iter().filter(|time| **time < 2.5).count() as f64;
            super::assert_share(early, times.len() as f64, 0.25);
        }
    }
    let chosen =
        |replication| Messages::of(&scenario, replication).take(250).flat_map(|m| m.1).collect::<BTreeSet<_>>();
    assert_ne!(chosen(0), chosen(1), "each replication has its own quarter");
}

/// Other messages go on as if there were no mailing.
#[test]
fn a_mailing_disturbs_nobody() {
    let workload = "accounts = 1_000\nmessages_per_account_per_day = 24";
    let without = scenario("duration = \"1h\"", workload, "");
    let with = scenario("duration = \"1h\"", workload, "[[burst]]\nat = \"1m\"\nshare = 0.01\nwithin = \"1h\"");
    let times = |scenario| Messages::of(scenario, 0).map(|message| message.0.to_bits()).collect::<BTreeSet<_>>();
    let (without, with) = (times(&without), times(&with));
    assert_eq!(with.difference(&without).count(), 10);
    assert!(without.is_subset(&with));
}
