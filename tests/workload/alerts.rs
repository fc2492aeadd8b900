//! Calendar alerts at full and half hours.

use super::{assert_poisson, scenario};
use rolesim::engine::random::Streams;
use rolesim::scenario::Scenario;
use rolesim::time::SimTime;
use std::collections::BTreeMap;

/// Number of alerts by second from the start of the simulation.
fn alerts(scenario: &Scenario) -> BTreeMap<u64, f64> {
    let streams = Streams { seed: 1, replication: 0 };
    let mut alerts = scenario.workload.alerts(scenario.calendar, SimTime::ZERO, streams);
    let mut found: BTreeMap<u64, f64> = BTreeMap::new();
    let mut last = 0;
    loop {
        let second = alerts.next_due().0.as_nanos() / 1_000_000_000;
        assert!(second >= last, "alerts are in order");
        last = second;
        if second as f64 >= scenario.duration.as_secs_f64() {
            return found;
        }
        *found.entry(second).or_default() += 1.0;
    }
}

/// 24,000 alerts a day, 1,000 an hour; half of them at full, a quarter at half hours. From 09:20 on for ten hours there
/// are ten full hours (10:00 = second 2,400 first) with 500 each and ten half hours (09:30 = second 600 first) with 250
/// each, the first ones in full, and 2,500 spread. Without clustering a second has 0.28.
#[test]
fn full_and_half_hours() {
    let workload = "accounts = 1_000\ncalendar_alerts_per_account_per_day = 24\ndaily_cycle = \"flat\"\n\
                    calendar_alert_clustering = { full = 0.5, half = 0.25 }";
    let found = alerts(&scenario("start = 2026-03-02T09:20:00Z\nduration = \"10h\"", workload, ""));
    let mut clustered = 0.0;
    for hour in 0..10 {
        for (second, expected) in [(2_400 + hour * 3_600, 500.0), (600 + hour * 3_600, 250.0)] {
            assert_poisson(found[&second], expected);
            clustered += found[&second];
        }
    }
    assert_poisson(found.values().sum::<f64>() - clustered, 2_500.0);
    let largest =
        found.iter().filter(|(second, _)| *second % 1_800 != 600).map(|(_, count)| *count).fold(0.0, f64::max);
    assert!(largest < 8.0, "{largest} in one second");
}

/// The clock of a group at +05:30 shows full hours where another one shows half hours; growth is the group's own.
#[test]
fn by_the_clock_of_the_group() {
    let workload = "accounts = 1_000\ncalendar_alerts_per_account_per_day = 24\ndaily_cycle = \"flat\"\n\
                    calendar_alert_clustering = { full = 1.0 }";
    let groups = "[[population]]\nname = \"a\"\nshare = 0.5\n[[population]]\nname = \"b\"\nshare = 0.5\ntime_zone = \"+05:30\"\n";
    let found = alerts(&scenario("duration = \"10h\"", workload, groups));
    assert_eq!(found.keys().copied().collect::<Vec<_>>(), (0..20).map(|half| half * 1_800).collect::<Vec<_>>());
    for count in found.values() {
        assert_poisson(*count, 500.0);
    }
}

/// The measured span starts at 09:00. With a step of 7 h from midnight alerts fall due at 14:00 and 21:00, seconds 18,000
/// and 43,200, and what belongs to 07:00 with a warm-up of 3 h two hours before: the warm-up moves none of them.
#[test]
fn the_step_counts_from_midnight() {
    let workload = "accounts = 1_000\ncalendar_alerts_per_account_per_day = 24\ndaily_cycle = \"flat\"\n\
                    calendar_alert_step = \"7h\"";
    for (warmup, expected) in
        [(0, vec![18_000, 43_200]), (3, vec![3_600, 28_800, 54_000]), (12, vec![10_800, 36_000, 61_200])]
    {
        let times = format!("start = 2026-03-02T09:00:00Z\nwarmup = \"{warmup}h\"\nduration = \"18h\"");
        let scenario = scenario(&times, workload, "");
        let origin = SimTime::from_nanos(warmup * 3_600 * 1_000_000_000);
        let mut alerts = scenario.workload.alerts(scenario.calendar, origin, Streams { seed: 1, replication: 0 });
        let mut found: Vec<u64> = (0..100_000).map(|_| alerts.next_due().0.as_nanos() / 1_000_000_000).collect();
        found.dedup();
        assert!(found.starts_with(&expected), "{warmup} h: {:?}", &found[..4]);
    }
}
