//! `[[fault]]`: what breaks.

use super::distribution;
use super::duration::Time;
use super::nodes::Nodes;
use super::reader::Place;
use super::replay::{self, Clock};
use super::wire;
use super::wire::Spanned;
use crate::faults::{Fault, Service, ZoneCrashes};
use crate::layout::closest;
use crate::source::Problem;
use crate::time::SimDuration;
use std::collections::BTreeMap;

/// Largest factor by which a node or the database becomes slower or faster.
const MAX_FACTOR: f64 = 1e6;

/// Reads all faults.
pub(super) fn read(
    place: &Place,
    faults: &[Spanned<wire::Fault>],
    nodes: &Nodes,
    clock: &Clock,
) -> Result<Vec<Fault>, Problem> {
    let read: Vec<Fault> = faults.iter().map(|fault| read_one(place, fault, nodes, clock)).collect::<Result<_, _>>()?;
    check_factors(place, faults, &read)?;
    Ok(read)
}

/// Factors of faults that overlap are multiplied; the product has to stay a sensible number.
fn check_factors(place: &Place, written: &[Spanned<wire::Fault>], read: &[Fault]) -> Result<(), Problem> {
    /// What becomes slow: a node, or the database.
    type Slow = Option<u16>;
    let mut changes: BTreeMap<Slow, Vec<(SimDuration, f64, usize)>> = BTreeMap::new();
    for (number, fault) in read.iter().enumerate() {
        let (slow, at, lasts, factor) = match fault {
            Fault::SlowNode { node, at, lasts, factor } => (Some(*node), *at, *lasts, *factor),
            Fault::DatabaseSlowdown { at, lasts, factor } => (None, *at, *lasts, *factor),
            _ => continue,
        };
        let changes = changes.entry(slow).or_default();
        changes.extend([(at, factor.ln(), number), (at + lasts, -factor.ln(), number)]);
    }
    for changes in changes.values_mut() {
        changes.sort_by_key(|(at, _, _)| *at);
        let mut sum = 0.0_f64;
        for (_, change, number) in changes {
            sum += *change;
            if sum.abs() > MAX_FACTOR.ln() + 1e-6 {
                let message = format!("faults that overlap come to a factor of {:.0e}", sum.exp());
                let help = format!("let them come to a factor between {:e} and {MAX_FACTOR:e}", 1.0 / MAX_FACTOR);
                return Err(place.problem(written[*number].span(), message, help));
            }
        }
    }
    Ok(())
}

fn read_one(place: &Place, fault: &Spanned<wire::Fault>, nodes: &Nodes, clock: &Clock) -> Result<Fault, Problem> {
    let lasts = |written: &Spanned<Time>| place.positive_time(Some(written), "for", SimDuration::ZERO);
    let outage = |service, outage: &wire::Outage| -> Result<Fault, Problem> {
        Ok(Fault::Outage { service, at: outage.at.0, lasts: lasts(&outage.lasts)? })
    };
    Ok(match fault.get_ref() {
        wire::Fault::Crash(crash) => {
            let (at, lasts) = (crash.at.0, lasts(&crash.lasts)?);
            match &crash.node {
                Some(node) if crash.nodes.is_none() => {
                    Fault::Crash { node: nodes.index(place, node.get_ref().0, node.span())?, at, lasts }
                }
                _ => Fault::ZoneOutage { nodes: named(place, fault, &crash.node, &crash.nodes, nodes)?, at, lasts },
            }
        }
        wire::Fault::CutOff(cut) => Fault::CutOff {
            nodes: named(place, fault, &cut.node, &cut.nodes, nodes)?,
            from: match cut.from {
                wire::Reach::Coordinator => vec![Service::Coordinator],
                wire::Reach::LockStore => vec![Service::LockStore],
                wire::Reach::Database => vec![Service::Database],
                wire::Reach::All => Service::ALL.to_vec(),
            },
            at: cut.at.0,
            lasts: lasts(&cut.lasts)?,
        },
        wire::Fault::RandomCrashes(crashes) => random_crashes(place, crashes, nodes)?,
        wire::Fault::RollingRestart(restart) => Fault::RollingRestart {
            at: restart.at.0,
            nodes: nodes.indexes(place, restart.nodes.as_ref())?,
            down: restart.down.0,
            pause: restart.pause.0,
        },
        wire::Fault::ZoneOutage(outage) => Fault::ZoneOutage {
            nodes: zone(place, &outage.zone, nodes)?,
            at: outage.at.0,
            lasts: lasts(&outage.lasts)?,
        },
        wire::Fault::SlowNode(slow) => Fault::SlowNode {
            node: nodes.index(place, slow.node.get_ref().0, slow.node.span())?,
            at: slow.at.0,
            lasts: lasts(&slow.lasts)?,
            factor: factor(place, &slow.factor)?,
        },
        wire::Fault::CoordinatorOutage(written) => outage(Service::Coordinator, written)?,
        wire::Fault::LockStoreOutage(written) => outage(Service::LockStore, written)?,
        wire::Fault::DatabaseOutage(written) => outage(Service::Database, written)?,
        wire::Fault::Trace(path) => replay::failures(place, path.get_ref(), path.span(), nodes, clock)?,
        wire::Fault::DatabaseSlowdown(slowdown) => Fault::DatabaseSlowdown {
            at: slowdown.at.0,
            lasts: lasts(&slowdown.lasts)?,
            factor: factor(place, &slowdown.factor)?,
        },
    })
}

/// The nodes of a fault that takes `node` or `nodes`.
fn named(
    place: &Place,
    fault: &Spanned<wire::Fault>,
    node: &Option<Spanned<wire::NodeId>>,
    several: &Option<Spanned<wire::Ids>>,
    nodes: &Nodes,
) -> Result<Vec<u16>, Problem> {
    let help = "write one of `node = 2` and `nodes = \"2,3\"`, or `nodes = \"all\"`";
    match (node, several) {
        (Some(node), None) => Ok(vec![nodes.index(place, node.get_ref().0, node.span())?]),
        (None, Some(_)) => {
            let mut indexes = nodes.indexes(place, several.as_ref())?;
            indexes.sort_unstable();
            indexes.dedup();
            Ok(indexes)
        }
        (Some(_), Some(several)) => Err(place.problem(several.span(), "the fault has both `node` and `nodes`", help)),
        (None, None) => Err(place.problem(fault.span(), "the fault names no node", help)),
    }
}

fn random_crashes(place: &Place, crashes: &wire::RandomCrashes, nodes: &Nodes) -> Result<Fault, Problem> {
    let between = distribution::read(place, &crashes.between)?;
    if between.mean() <= 0.0 {
        let help = "use a distribution with a mean above zero";
        return Err(place.problem(crashes.between.span(), "there is no time between crashes", help));
    }
    let of = match (&crashes.zone, &crashes.nodes) {
        (Some(zone), Some(_)) => {
            let help = "keep one of them";
            return Err(place.problem(zone.span(), "the fault has both `zone` and `nodes`", help));
        }
        (Some(written), None) => zone(place, written, nodes)?,
        (None, ids) => nodes.indexes(place, ids.as_ref())?,
    };
    let probability = place.probability(crashes.zone_probability.as_ref(), "zone_probability", 0.0)?;
    let zones = (probability > 0.0).then(|| {
        let mut known: Vec<&String> = nodes.zones.iter().collect();
        known.sort_unstable();
        known.dedup();
        let number = |zone: &String| known.partition_point(|known| *known < zone) as u16;
        ZoneCrashes { probability, of_node: nodes.zones.iter().map(number).collect() }
    });
    Ok(Fault::RandomCrashes { nodes: of, between, repair: distribution::read(place, &crashes.repair)?, zones })
}

fn factor(place: &Place, written: &Spanned<f64>) -> Result<f64, Problem> {
    place.number(Some(written), "factor", 1.0 / MAX_FACTOR, MAX_FACTOR, 1.0)
}

fn zone(place: &Place, zone: &Spanned<String>, nodes: &Nodes) -> Result<Vec<u16>, Problem> {
    let members: Vec<u16> =
        (0..nodes.zones.len()).filter(|&node| nodes.zones[node] == *zone.get_ref()).map(|node| node as u16).collect();
    if !members.is_empty() {
        return Ok(members);
    }
    let mut known: Vec<&str> = nodes.zones.iter().map(String::as_str).collect();
    known.sort_unstable();
    known.dedup();
    let help = match closest(zone.get_ref(), known.iter().copied()) {
        _ if !nodes.has_zones => format!("give nodes a zone, such as zone = \"{}\" in [node.2]", zone.get_ref()),
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("the zones are {}", known.join(", ")),
    };
    Err(place.problem(zone.span(), format!("no node is in zone `{}`", zone.get_ref()), help))
}
