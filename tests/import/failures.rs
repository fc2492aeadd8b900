//! `rolesim import failures` on tables of a few rows.

use super::support::{compressed, folder, write};
use rolesim::import::failures::{Failures, Mapping, Options, read};
use rolesim::import::trace;
use rolesim::input::TimeFormat;
use rolesim::statistics::Family;
use tempfile::TempDir;

const HEADER: &str = "System,nodes,nodenumz,Prob Started,Prob Fixed\n";

fn read_rows(folder: &TempDir, rows: &str, change: impl FnOnce(&mut Options)) -> Result<Failures, String> {
    let path = write(folder, "f.csv.xz", compressed("f.csv.xz", &format!("{HEADER}{rows}")));
    let mut options = Options { path, ..Options::default() };
    change(&mut options);
    read(&options, &|_| {}).map_err(|problem| problem.to_string().replace(&folder.path().display().to_string(), ""))
}

/// Machine 0: 10:00-10:30 and 10:20-11:00 overlap, so it is down for 60 minutes and then from 12:00 to 12:05; machine 10
/// from 10:01 to 10:11. Dropped: one row that ends before it starts, one without an end, one of another system.
#[test]
fn rows_are_checked_and_joined() {
    let folder = folder();
    let rows = "20,49,0,1/2/2004 10:00,1/2/2004 10:30\n20,49,10,1/2/2004 10:01,1/2/2004 10:11\n\
                20,49,0,1/2/2004 10:20,1/2/2004 11:00\n20,49,0,1/2/2004 12:00,1/2/2004 12:05\n\
                20,49,2,1/3/2004 12:00,1/2/2004 12:05\n20,49,2,1/3/2004 12:00,\n2,49,0,1/2/2004 10:00,1/2/2004 10:30\n";
    let found = read_rows(&folder, rows, |options| options.system = Some("20".into())).expect("failures");
    assert_eq!((found.rows, found.other_systems, found.without_end, found.backwards, found.joined), (7, 1, 1, 1, 1));
    assert_eq!(found.first_backwards, Some(6));
    assert_eq!(found.machines, ["20-0", "20-10"]);
    assert_eq!(
        trace::failures_from(&found.of_nodes, found.origin().expect("a failure")),
        "node,down_s,up_s\n1,0,3600\n2,60,660\n1,7200,7500\n"
    );
    // 10:00 on machine 0 and 10:01 on machine 10 are a burst, 12:00 is alone.
    assert!((found.burst_share() - 2.0 / 3.0).abs() < 1e-12);
    let dropped: Vec<u64> =
        found.summary(&folder.path().join("f")).dropped.iter().map(|dropped| dropped.count).collect();
    assert_eq!(dropped, [1, 1, 1, 1]);
}

/// Machines 1 to 6 with 1 to 6 failures. Three nodes: the middle of each pair of the ranking is its second (places
/// 1, 3 and 5: 2, 4 and 6 failures). Folded: machines 1 and 4, 2 and 5, 3 and 6 (5, 7 and 9 failures).
#[test]
fn many_machines_become_few_nodes() {
    let folder = folder();
    let mut rows = String::new();
    for machine in 1..=6 {
        for day in 1..=machine {
            rows.push_str(&format!("1,6,{machine},{day}/{machine}/2004 10:00,{day}/{machine}/2004 11:00\n"));
        }
    }
    for (mapping, expected) in [(Mapping::Sample, [2, 4, 6]), (Mapping::Fold, [5, 7, 9])] {
        let found = read_rows(&folder, &rows, |options| {
            options.nodes = Some(3);
            options.mapping = mapping;
        });
        let found = found.expect("failures");
        let of = |node: u64| found.of_nodes.iter().filter(|outage| outage.node == node).count();
        assert_eq!([of(1), of(2), of(3)], expected, "{mapping:?}");
    }
}

/// Repair times at the quantiles (i − ½)/200 of a lognormal with median 59 min and sigma 1.4, times between failures at
/// those of a Weibull with shape 0.7: both come back. To seconds, so that rounding does not show.
#[test]
fn parameters_come_back() {
    use statrs::distribution::{ContinuousCDF, Normal};
    let folder = folder();
    let normal = Normal::new(0.0, 1.4).expect("a distribution");
    let mut second = 0.0;
    let mut rows = String::from("down,up,node\n");
    // Every 83rd quantile modulo 200: not sorted, so that long and short ones mix.
    for place in (0..200).map(|i| f64::from(i * 83 % 200)) {
        let repair = 3_540.0 * normal.inverse_cdf((place + 0.5) / 200.0).exp();
        let between = 2e6 * (-(1.0 - (place + 0.5) / 200.0_f64).ln()).powf(1.0 / 0.7);
        rows.push_str(&format!("{},{},a\n", second as u64, (second + repair) as u64));
        second += repair + between;
    }
    let path = write(&folder, "f.csv", rows);
    let found =
        read(&Options { path, time_format: TimeFormat::Unix, ..Options::default() }, &|_| {}).expect("failures");
    let summary = found.summary(&folder.path().join("f"));
    let value =
        |fit: usize, family, name| summary.fits[fit].family(family).and_then(|fit| fit.value(name)).expect(name);
    assert!((value(0, Family::Weibull, "shape") - 0.7).abs() < 0.02);
    assert!((value(1, Family::Lognormal, "mu").exp() - 59.0).abs() < 0.5);
    assert!((value(1, Family::Lognormal, "sigma") - 1.4).abs() < 0.03);
    assert!(
        summary
            .notes
            .iter()
            .any(|note| note.contains("random_crashes = { nodes = \"all\", between = { weibull = { scale"))
    );
    assert_eq!((summary.fits[0].chosen, summary.fits[1].chosen), ("weibull", "lognormal"));
}

/// Errors have a place; options name columns.
#[test]
fn wrong_tables_are_placed() {
    let folder = folder();
    let row = "20,49,0,1/2/2004 10:00,31/1/2004 10:30\n";
    let wrong = |change: fn(&mut Options)| read_rows(&folder, row, change).expect_err("wrong");
    assert_eq!(wrong(|_| ()), "/f.csv.xz:2:24: `31/1/2004 10:30` is no time");
    assert_eq!(
        wrong(|options| options.node_column = Some("nodenum".into())),
        "/f.csv.xz:1:1: there is no column `nodenum`"
    );
    assert_eq!(wrong(|options| options.system = Some("9".into())), "/f.csv.xz: none of the 1 rows is of system `9`");
    let day_first = |options: &mut Options| options.time_format = TimeFormat::Pattern("%d/%m/%Y %H:%M".into());
    assert_eq!(
        read_rows(&folder, row, day_first).map(|found| found.backwards),
        Err("/f.csv.xz: no failure with a start and an end".into())
    );
}
