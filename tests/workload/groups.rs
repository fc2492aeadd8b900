//! Groups of accounts, recipients, activity; recordings that keep messages whole.

use super::{Messages, SIGMAS, assert_poisson, assert_share, mean, scenario, variance};
use rolesim::engine::random::Streams;
use rolesim::time::{SimDuration, SimTime};
use rolesim::workload::{RecordedMessage, Recording};

const TWO: &str = "[[population]]\nname = \"busy\"\naccounts = 400\nmessages_per_account_per_day = 240\n\
                   recipients_per_message = { geometric = { mean = 3 } }\npush_subscriptions_per_account = 1.25\n\
                   [[population]]\nname = \"calm\"\naccounts = 3_600\npush_subscriptions_per_account = 2\n";

/// 400 accounts with 240 deliveries a day, 3,600 with 24; no message goes to both. Of the first group's messages,
/// geometric with mean 3, 99 % have at most 12 recipients: 1 − (2/3)^11 = 0.9884, 1 − (2/3)^12 = 0.9923. The number of
/// deliveries has variance E[recipients²] a message: 2/p² − 1/p = 15.
#[test]
fn each_group_has_its_own_mail() {
    let scenario = scenario("duration = \"3d\"", "messages_per_account_per_day = 24\nrecipients_per_message = 1", TWO);
    let (mut fan_out, mut calm) = (Vec::new(), 0.0);
    for (_, accounts) in Messages::of(&scenario, 0) {
        if accounts[0] < 400 {
            assert!(accounts.iter().all(|account| *account < 400), "a message stays in its group");
            fan_out.push(accounts.len() as f64);
        } else {
            assert!(accounts.len() == 1 && accounts[0] < 4_000);
            calm += 1.0;
        }
    }
    assert_poisson(calm, 3.0 * 3_600.0 * 24.0);
    let messages = 3.0 * 400.0 * 240.0 / 3.0;
    let deliveries: f64 = fan_out.iter().sum();
    assert!((deliveries - 3.0 * messages).abs() < SIGMAS * (15.0 * messages).sqrt(), "{deliveries}");
    // Variance of a geometric: (1 − p)/p² = 6.
    assert!((mean(&fan_out) - 3.0).abs() < SIGMAS * (6.0 / messages).sqrt(), "{}", mean(&fan_out));
    fan_out.sort_by(f64::total_cmp);
    assert_eq!(fan_out[(fan_out.len() as f64 * 0.99) as usize], 12.0);
}

/// The first group has one subscription each and a second one with probability 1/4, the second two each; their numbers
/// follow each other without a gap.
#[test]
fn each_group_has_its_own_subscriptions() {
    let scenario = scenario("", "", TWO);
    let accounts = scenario.workload.draw_accounts(Streams { seed: 1, replication: 0 });
    let ranges: Vec<_> = (0..4_000).map(|account| accounts.subscriptions_of(account)).collect();
    assert!(ranges.windows(2).all(|pair| pair[0].end == pair[1].start));
    assert_eq!((ranges[0].start, ranges[3_999].end), (0, accounts.subscriptions()));
    assert!(ranges[..400].iter().all(|range| range.len() == 1 || range.len() == 2));
    assert_share(ranges[..400].iter().filter(|range| range.len() == 2).count() as f64, 400.0, 0.25);
    assert!(ranges[400..].iter().all(|range| range.len() == 2));
    assert_eq!([accounts.group_of(399), accounts.group_of(400)], [0, 1]);
}

/// Block ends are rounded sums of shares: 2.5 and 5 of ten accounts are 3 and 5.
#[test]
fn shares_become_blocks() {
    let shares = [("a", 0.25), ("b", 0.25), ("c", 0.5)];
    let text: String =
        shares.map(|(name, share)| format!("[[population]]\nname = \"{name}\"\nshare = {share}\n")).concat();
    let scenario = scenario("", "accounts = 10", &text);
    assert_eq!(scenario.workload.groups.iter().map(|group| group.accounts).collect::<Vec<_>>(), [3, 2, 5]);
}

/// One group of everybody is no group at all, to the bit.
#[test]
fn one_group_is_the_default() {
    let workload = "accounts = 500\npush_subscriptions_per_account = 1.5";
    let (none, one) = (scenario("duration = \"1h\"", workload, ""), {
        scenario("duration = \"1h\"", workload, "[[population]]\nname = \"all\"\nshare = 1\n")
    });
    assert_eq!(none.workload, one.workload);
    let of_replication = |scenario| Messages::of(scenario, 3).map(|m| (m.0.to_bits(), m.1)).collect::<Vec<_>>();
    assert_eq!(of_replication(&none), of_replication(&one));
}

/// Activity is lognormal with sigma 0.8: over 1,000 accounts with 400 messages each on average the logarithm of counts
/// has variance σ² + e^(σ²)/400 = 0.6447 (that of the rate and, by the delta method, of a Poisson count), with relative
/// error √(2/n). Equal accounts have 0.0025.
#[test]
fn activity_has_the_tail_that_was_asked_for() {
    let workload = "accounts = 1_000\nmessages_per_account_per_day = 400\nrecipients_per_message = 1\n\
                    activity = { lognormal = { sigma = 0.8 } }";
    let mut counts = vec![0.0_f64; 1_000];
    for (_, accounts) in Messages::of(&scenario("duration = \"1d\"", workload, ""), 0) {
        counts[accounts[0] as usize] += 1.0;
    }
    let logarithms: Vec<f64> = counts.iter().map(|count| count.max(0.5).ln()).collect();
    let found = variance(&logarithms);
    assert!((found / 0.6447 - 1.0).abs() < SIGMAS * (2.0 / 1_000.0_f64).sqrt(), "{found}");
}

/// Half of 4,000 messages of three recipients each stay, whole; at 1.5 times there are half as many again, each with
/// accounts half of all further on.
#[test]
fn recordings_keep_messages_whole() {
    let delivery = |number: u64| RecordedMessage {
        at: SimTime::ZERO + SimDuration::from_secs(number / 3),
        account: (number % 3) as u32,
        continues: !number.is_multiple_of(3),
        ..RecordedMessage::default()
    };
    let recording = Recording::new((0..12_000).map(delivery).collect());
    let whole = |recording: &Recording| -> f64 {
        let (mut number, mut messages) = (0, 0.0);
        while number < recording.len() {
            let message = recording.message_at(number);
            let first = message[0].account;
            assert!(first == 0 || first == 6, "copies go to accounts further on");
            assert_eq!(message.iter().map(|d| d.account).collect::<Vec<_>>(), [first, first + 1, first + 2]);
            assert!(message.iter().all(|delivery| delivery.at == message[0].at));
            number += message.len();
            messages += 1.0;
        }
        messages
    };
    assert_eq!(whole(&recording), 4_000.0);
    assert_share(whole(&recording.clone().scaled(0.5, 12, 3)), 4_000.0, 0.5);
    assert_share(whole(&recording.clone().scaled(1.5, 12, 3)) - 4_000.0, 4_000.0, 0.5);
}
