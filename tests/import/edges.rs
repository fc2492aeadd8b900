//! `rolesim import edges` on tables of a few rows.

use super::support::{folder, write};
use rolesim::import::edges::{Edges, Options, read};
use rolesim::import::trace;
use rolesim::input::TimeFormat;

const ROWS: &str = "time,from_vertex,to_vertex,reciptype\n\
    1979-12-31 21:00:00,1,2,to\n\
    2001-05-07 09:00:00,1,10,to\n2001-05-07 09:00:00,1,10,cc\n2001-05-07 09:00:00,1,2,to\n\
    2001-05-07 09:00:00,3,2,to\n2001-05-12 23:30:00,1,2,to\n2001-05-12 23:30:00,1,,to\n";

fn read_rows(text: &str, change: impl FnOnce(&mut Options)) -> Result<Edges, String> {
    let folder = folder();
    let mut options = Options { path: write(&folder, "e.csv", text), ..Options::default() };
    change(&mut options);
    read(&options, &|_| {}).map_err(|problem| problem.to_string().replace(&folder.path().display().to_string(), ""))
}

/// From 1998 on: three messages (1 to 10 and 2, 3 to 2, 1 to 2), four deliveries; recipients 2 and 10 are accounts
/// 0 and 1. Of three messages one is on a Saturday; two of three in the hour from 9, 16 times the mean hour. Sender 1 wrote
/// two, sender 3 one: the deviation of ln 2 and ln 1 is ln 2 / √2 = 0.490; recipients got 3 and 1: ln 3 / √2 = 0.777.
#[test]
fn messages_are_put_together() {
    let edges =
        read_rows(ROWS, |options| options.from = TimeFormat::Auto.parse("1998-01-01T00:00:00Z")).expect("messages");
    assert_eq!((edges.rows, edges.outside, edges.incomplete, edges.repeated), (7, 1, 1, 1));
    assert_eq!(
        trace::messages(&edges.population.deliveries()),
        "time,account,message\n2001-05-07T09:00:00Z,1,1\n2001-05-07T09:00:00Z,0,1\n2001-05-07T09:00:00Z,0,2\n2001-05-12T23:30:00Z,0,3\n"
    );
    let summary = edges.summary(&std::path::PathBuf::from("e.csv"));
    let value = |name: &str| summary.facts.iter().find(|fact| fact.name == name).map(|fact| fact.value.as_str());
    assert_eq!(value("recipients per message"), Some("mean 1.333, one in 66.7 %, 99 % 2, max 2"));
    assert_eq!(value("activity per sender"), Some("sigma 0.490 (of the logarithm of messages)"));
    assert_eq!(value("activity per recipient"), Some("sigma 0.777 (of the logarithm of deliveries)"));
    assert_eq!(value("peak hour over mean hour"), Some("16.00 (in UTC)"));
    assert_eq!(value("at the weekend"), Some("33.3 % (in UTC)"));
}

/// A thousand messages to one account, one an hour from 2001-01-01T00:00:00Z on, and one of 1979: a thousand in 999 h are
/// 24.02 a day, with and without the one.
#[test]
fn messages_far_from_the_others_do_not_count_for_the_rate() {
    let start = 978_307_200;
    let row = |hour: u32| format!("{},a,b\n", start + 3_600 * hour);
    let rows: String = (0..1_000).map(row).collect();
    let advice = |text: &str| {
        let edges = read_rows(text, |options| options.time_format = TimeFormat::Unix).expect("messages");
        edges.summary(&std::path::PathBuf::from("e.csv")).notes.join("\n")
    };
    let plain = advice(&format!("time,from,to\n{rows}"));
    assert!(
        plain.contains("messages_per_account_per_day = 24.02,") && !plain.contains("far from the others"),
        "{plain}"
    );
    let odd = advice(&format!("time,from,to\n315000000,a,b\n{rows}"));
    assert!(odd.contains("messages_per_account_per_day = 24.02,"), "{odd}");
    assert!(
        odd.contains("start = 2001-01-01T00:00:00Z") && odd.contains("1 of 1001 messages. Are their dates right?"),
        "{odd}"
    );
    // One message says nothing of a day.
    let one = advice(&format!("time,from,to\n{}", row(0)));
    assert!(one.contains("messages_per_account_per_day = (not to be told from less than a day)"), "{one}");
}

/// Columns by name, seconds since 1970, and errors with their places.
#[test]
fn columns_and_times_may_be_named() {
    let columns = |names: [&str; 3]| Some(names.map(str::to_string));
    let text = "when,who,whom\n978307200,a,b\n";
    let edges = read_rows(text, |options| {
        options.columns = columns(["when", "who", "whom"]);
        options.time_format = TimeFormat::Unix;
    });
    assert_eq!(
        trace::messages(&edges.expect("messages").population.deliveries()),
        "time,account\n2001-01-01T00:00:00Z,0\n"
    );
    assert!(read_rows(text, |_| ()).expect_err("no time").starts_with("/e.csv:1:1: no column is called one of time"));
    let misspelt = read_rows(text, |options| options.columns = columns(["when", "wo", "whom"]));
    assert_eq!(misspelt, Err("/e.csv:1:1: there is no column `wo`".into()));
    let no_time = read_rows("time,from,to\n2001-01-01 00:00,a,b\nyesterday,a,b\n", |_| ());
    assert_eq!(no_time, Err("/e.csv:3:1: `yesterday` is no time".into()));
}
