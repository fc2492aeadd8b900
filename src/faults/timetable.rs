//! From the faults of a scenario to one list of changes, sorted by time.

use super::{Change, Fault, ZoneCrashes};
use crate::engine::distribution::Distribution;
use crate::engine::random::{Purpose, Streams};
use crate::time::{SimDuration, SimTime};
use rand::RngExt;

/// All changes of one replication, sorted by time; equal times keep the order of the scenario.
/// `origin` is the start of the measured span, `end` the time after which nothing is of interest.
pub fn timetable(faults: &[Fault], origin: SimTime, end: SimTime, streams: Streams) -> Vec<(SimTime, Change)> {
    let mut changes = Vec::new();
    for (number, fault) in faults.iter().enumerate() {
        match fault {
            Fault::RandomCrashes { nodes, between, repair, zones } => {
                let crashes = Crashes { number, between, repair, zones: zones.as_ref() };
                for &node in nodes {
                    crashes.of(node, end, streams, &mut changes);
                }
            }
            _ => planned(fault, origin, &mut changes),
        }
    }
    changes.retain(|(at, _)| *at < end);
    changes.sort_by_key(|(at, _)| *at);
    changes
}

/// The changes of a fault whose times are fixed.
fn planned(fault: &Fault, origin: SimTime, changes: &mut Vec<(SimTime, Change)>) {
    let mut during = |at: SimDuration, lasts: SimDuration, begin: Change, end: Change| {
        changes.push((origin + at, begin));
        changes.push((origin + at + lasts, end));
    };
    match fault {
        Fault::Crash { node, at, lasts } => down(changes, &[*node], origin + *at, *lasts),
        Fault::ZoneOutage { nodes, at, lasts } => down(changes, nodes, origin + *at, *lasts),
        Fault::RollingRestart { at, nodes, down: stopped, pause } => {
            let mut next = origin + *at;
            for node in nodes {
                down(changes, &[*node], next, *stopped);
                next = next + *stopped + *pause;
            }
        }
        Fault::SlowNode { node, at, lasts, factor } => {
            during(*at, *lasts, Change::NodeSpeed(*node, *factor), Change::NodeSpeed(*node, 1.0 / factor));
        }
        Fault::Outage { service, at, lasts } => {
            during(*at, *lasts, Change::ServiceDown(*service), Change::ServiceUp(*service));
        }
        Fault::CutOff { nodes, from, at, lasts } => {
            for &node in nodes {
                for &service in from {
                    during(*at, *lasts, Change::CutOff(node, service), Change::Reconnected(node, service));
                }
            }
        }
        Fault::DatabaseSlowdown { at, lasts, factor } => {
            during(*at, *lasts, Change::DatabaseTimes(*factor), Change::DatabaseTimes(1.0 / factor));
        }
        Fault::Recorded(recorded) => {
            for (node, at, lasts) in recorded.outages.iter() {
                down(changes, &[*node], origin + *at, *lasts);
            }
        }
        Fault::RandomCrashes { .. } => {}
    }
}

/// Random crashes of a fault.
struct Crashes<'a> {
    number: usize,
    between: &'a Distribution,
    repair: &'a Distribution,
    zones: Option<&'a ZoneCrashes>,
}

impl Crashes<'_> {
    /// Up and down times of one node in turn, from time zero on. Whether a crash takes the zone along is drawn
    /// from a stream of its own, so that the crashes are the same whatever its probability.
    fn of(&self, node: u16, end: SimTime, streams: Streams, changes: &mut Vec<(SimTime, Change)>) {
        let entity = ((self.number as u64) << 32) | u64::from(node);
        let mut stream = streams.stream(Purpose::Faults, entity);
        let mut chance = streams.stream(Purpose::ZoneCrashes, entity);
        let mut at = SimTime::ZERO + self.between.duration(&mut stream);
        while at < end {
            let lasts = self.repair.duration(&mut stream);
            down(changes, &[node], at, lasts);
            if let Some(zones) = self.zones.filter(|zones| chance.random::<f64>() < zones.probability) {
                let zone = zones.of_node.get(node as usize);
                let members = (0..zones.of_node.len() as u16).filter(|&other| other != node);
                for other in members.filter(|&other| zones.of_node.get(other as usize) == zone) {
                    down(changes, &[other], at, lasts);
                }
            }
            at = at + lasts + self.between.duration(&mut stream).max(SimDuration::from_nanos(1));
        }
    }
}

fn down(changes: &mut Vec<(SimTime, Change)>, nodes: &[u16], at: SimTime, lasts: SimDuration) {
    for &node in nodes {
        changes.push((at, Change::NodeDown(node)));
        changes.push((at + lasts, Change::NodeUp(node)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Availability of an alternating renewal process is E[up] / (E[up] + E[repair]): 9 h and 1 h give
    /// 0.9. Over 2,000 cycles its standard error is about 0.1 · √(2 / 2,000) · 0.9 ≈ 0.003; 5 of them.
    #[test]
    fn availability_of_random_crashes() {
        let fault = Fault::RandomCrashes {
            nodes: vec![0],
            between: Distribution::weibull_mean(9.0 * 3_600.0, 0.7).expect("valid"),
            repair: Distribution::exponential(3_600.0).expect("valid"),
            zones: None,
        };
        let end = SimTime::ZERO + SimDuration::from_secs(20_000 * 3_600);
        let changes = timetable(&[fault], SimTime::ZERO, end, Streams { seed: 4, replication: 0 });
        let mut down_s = 0.0;
        let mut since = None;
        for (at, change) in changes {
            match change {
                Change::NodeDown(_) => since = Some(at),
                Change::NodeUp(_) => {
                    down_s += since.take().map_or(0.0, |start: SimTime| at.since(start).as_secs_f64());
                }
                _ => {}
            }
        }
        let availability = 1.0 - down_s / end.as_secs_f64();
        assert!((availability - 0.9).abs() < 0.018, "{availability}");
    }

    /// Node 0 is up for 9 h and down for 1 h on average; three in ten of its crashes take node 1, of the same zone, along,
    /// for the same time; node 2 is elsewhere. Of about 2,000 crashes the share is 0.3 within 4.5 standard errors (an
    /// error rate of 7e-6), and node 1 is up for 1 − 0.3 · 0.1 = 0.97 of the time, within 0.01.
    #[test]
    fn a_share_of_crashes_takes_the_zone_along() {
        let end = SimTime::ZERO + SimDuration::from_secs(20_000 * 3_600);
        let run = |probability: f64| {
            let fault = Fault::RandomCrashes {
                nodes: vec![0],
                between: Distribution::exponential(9.0 * 3_600.0).expect("valid"),
                repair: Distribution::exponential(3_600.0).expect("valid"),
                zones: Some(ZoneCrashes { probability, of_node: [0, 0, 1].into() }),
            };
            timetable(&[fault], SimTime::ZERO, end, Streams { seed: 7, replication: 0 })
        };
        let times = |changes: &[(SimTime, Change)], change: Change| -> Vec<SimTime> {
            changes.iter().filter(|(_, other)| *other == change).map(|(at, _)| *at).collect()
        };
        let changes = run(0.3);
        let (own, others) = (times(&changes, Change::NodeDown(0)), times(&changes, Change::NodeDown(1)));
        let share = others.len() as f64 / own.len() as f64;
        assert!((share - 0.3).abs() < 4.5 * (0.3 * 0.7 / own.len() as f64).sqrt(), "{share}");
        assert!(others.iter().all(|at| own.contains(at)));
        let ups = times(&changes, Change::NodeUp(1));
        let down_s: f64 = others.iter().zip(&ups).map(|(down, up)| up.since(*down).as_secs_f64()).sum();
        let availability = 1.0 - down_s / end.as_secs_f64();
        assert!((availability - 0.97).abs() < 0.01, "{availability}");
        assert!(times(&changes, Change::NodeDown(2)).is_empty());
        // The crashes of the node itself are the same whatever the probability.
        assert_eq!(times(&run(0.0), Change::NodeDown(0)), own);
    }

    #[test]
    fn rolling_restart_takes_one_node_at_a_time() {
        // Down 20 s, pause 60 s: stops at 0, 80 and 160 s after 12 h.
        let fault = Fault::RollingRestart {
            at: SimDuration::from_secs(43_200),
            nodes: vec![2, 0, 1],
            down: SimDuration::from_secs(20),
            pause: SimDuration::from_secs(60),
        };
        let end = SimTime::ZERO + SimDuration::from_secs(100_000);
        let changes = timetable(&[fault], SimTime::ZERO, end, Streams { seed: 1, replication: 0 });
        let at = |s: u64| SimTime::ZERO + SimDuration::from_secs(43_200 + s);
        assert_eq!(
            changes,
            vec![
                (at(0), Change::NodeDown(2)),
                (at(20), Change::NodeUp(2)),
                (at(80), Change::NodeDown(0)),
                (at(100), Change::NodeUp(0)),
                (at(160), Change::NodeDown(1)),
                (at(180), Change::NodeUp(1)),
            ]
        );
    }
}
