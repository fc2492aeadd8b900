//! Daily and weekly cycles and time zones.

use super::{Messages, assert_poisson, assert_share, scenario};

fn hour_counts(days: usize, top: &str, workload: &str) -> Vec<f64> {
    let base =
        "accounts = 4_320\nmessages_per_account_per_day = 10\nrecipients_per_message = 1\nactivity = \"equal\"\n";
    let scenario = scenario(&format!("duration = \"{days}d\"\n{top}"), &format!("{base}{workload}"), "");
    let mut hours = vec![0.0; days * 24];
    for (at, _) in Messages::of(&scenario, 0) {
        hours[(at / 3_600.0) as usize] += 1.0;
    }
    hours
}

/// A week at the office, 43,200 messages on a mean day: the peak hour has 2.1 times the mean (error of the table 0.05),
/// the weekend 3.2 % (Enron e-mail data); flat cycles have 1 and 28.6 %.
#[test]
fn the_office() {
    let hours = hour_counts(7, "", "weekly_cycle = \"office\"");
    let total: f64 = hours.iter().sum();
    assert_poisson(total, 7.0 * 43_200.0);
    let weekend: f64 = hours[5 * 24..].iter().sum();
    assert_share(weekend, total, 0.224 / 7.0);
    let by_hour: Vec<f64> = (0..24).map(|hour| hours.iter().skip(hour).step_by(24).sum()).collect();
    let peak = by_hour.iter().copied().fold(0.0, f64::max);
    assert!((peak / (total / 24.0) - 2.1).abs() < 0.06, "{}", peak / (total / 24.0));
}

/// Mail only from 9 to 10 on Mondays of a clock at +05:30, in a week that starts on Monday 00:00 at +01:00: the hour from
/// 04:30 on, 7 · 24 times as dense. Without the time zone it would be from 09:00 on.
#[test]
fn clocks_of_other_places() {
    let nine = "[0,0,0,0,0,0,0,0,0,1,0,0,0,0,0,0,0,0,0,0,0,0,0,0]";
    let workload = format!("daily_cycle = {nine}\nweekly_cycle = [1,0,0,0,0,0,0]\ntime_zone = \"+05:30\"");
    let hours = hour_counts(7, "start = 2026-03-02T00:00:00+01:00", &workload);
    assert_poisson(hours[4], 7.0 * 43_200.0 / 2.0);
    assert_poisson(hours[5], 7.0 * 43_200.0 / 2.0);
    assert_eq!(hours.iter().sum::<f64>(), hours[4] + hours[5]);
    // Monday 00:30 there is Sunday here, before the start: the week's other end.
    let midnight = "[1,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0]";
    let workload = format!("daily_cycle = {midnight}\nweekly_cycle = [1,0,0,0,0,0,0]\ntime_zone = \"+05:00\"");
    let hours = hour_counts(7, "", &workload);
    assert_poisson(hours[6 * 24 + 19], 7.0 * 43_200.0);
    assert_eq!(hours.iter().sum::<f64>(), hours[6 * 24 + 19]);
}
