//! From the faults of a scenario to one list of changes, sorted by time.

use super::{Change, Fault, ZoneCrashes};
use crate::engine::distribution::Distribution;
use crate::engine::random::{Purpose, Stream, Streams};
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
    /// Up and down times of one node in turn. Whether a crash takes the zone along is drawn from a stream of its own, so
    /// that the crashes are the same whatever its probability.
    fn of(&self, node: u16, end: SimTime, streams: Streams, changes: &mut Vec<(SimTime, Change)>) {
        let entity = ((self.number as u64) << 32) | u64::from(node);
        let mut stream = streams.stream(Purpose::Faults, entity);
        let mut chance = streams.stream(Purpose::ZoneCrashes, entity);
        let (mut at, mut lasts) = self.first(&mut stream);
        while at < end {
            down(changes, &[node], at, lasts);
            if let Some(zones) = self.zones.filter(|zones| chance.random::<f64>() < zones.probability) {
                let zone = zones.of_node.get(node as usize);
                let members = (0..zones.of_node.len() as u16).filter(|&other| other != node);
                for other in members.filter(|&other| zones.of_node.get(other as usize) == zone) {
                    down(changes, &[other], at, lasts);
                }
            }
            at = at + lasts + self.between.duration(&mut stream).max(SimDuration::from_nanos(1));
            lasts = self.repair.duration(&mut stream);
        }
    }

    /// The first crash, and how long it lasts from then on. The node has been crashing for so long that nobody knows since
    /// when: it is down at any time, also at time zero, with the probability E\[repair\] / (E\[up\] + E\[repair\]) of an
    /// alternating renewal process in equilibrium, and any part of what it is in, its life or its repair, may have passed.
    fn first(&self, stream: &mut Stream) -> (SimTime, SimDuration) {
        let (up_s, repair_s) = (self.between.mean(), self.repair.mean());
        // An infinite mean has no equilibrium: the node is new.
        if !(up_s + repair_s).is_finite() {
            return (SimTime::ZERO + self.between.duration(stream), self.repair.duration(stream));
        }
        let is_down = stream.random::<f64>() * (up_s + repair_s) < repair_s;
        let present = if is_down { self.repair } else { self.between };
        let left = SimDuration::from_secs_f64(present.sample_length_biased(stream) * stream.random::<f64>());
        if is_down { (SimTime::ZERO, left) } else { (SimTime::ZERO + left, self.repair.duration(stream)) }
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

    /// Of 20,000 nodes that are up for 30 days and down for 354 minutes on average, with a shape of 0.7 as measured in large
    /// clusters, the share 354 / (30 · 1,440 + 354) = 0.00813 is down at time zero and a day later, within 4.5 standard
    /// errors of a share of 20,000 (0.0029). If all nodes began new, none would be down at time zero. Where both times are
    /// constant the share is the same.
    #[test]
    fn nodes_are_neither_new_nor_up_at_first() {
        let weibull = Distribution::weibull_mean(30.0 * 86_400.0, 0.7).expect("valid");
        let exponential = Distribution::exponential(354.0 * 60.0).expect("valid");
        let constant = |seconds: f64| Distribution::constant(seconds).expect("valid");
        let long_tailed = Distribution::weibull_mean(30.0 * 86_400.0, 0.3).expect("valid");
        let lives = [weibull, long_tailed, constant(30.0 * 86_400.0)];
        for (between, repair) in lives.into_iter().zip([exponential.clone(), exponential, constant(354.0 * 60.0)]) {
            let nodes = (0..20_000).collect();
            let fault = Fault::RandomCrashes { nodes, between, repair, zones: None };
            let day = SimTime::ZERO + SimDuration::from_secs(86_400);
            let changes = timetable(&[fault], SimTime::ZERO, day, Streams { seed: 5, replication: 0 });
            let down_at = |time: SimTime| {
                let until = changes.iter().filter(|(at, _)| *at <= time);
                until.map(|(_, change)| i32::from(matches!(change, Change::NodeDown(_))) * 2 - 1).sum::<i32>()
            };
            for time in [SimTime::ZERO, day] {
                let share = f64::from(down_at(time)) / 20_000.0;
                assert!((share - 0.008_13).abs() < 0.0029, "{share} at {time:?}");
            }
        }
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
