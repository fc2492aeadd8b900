//! The load balancer in front of the nodes.

use super::node::Node;
use super::setup::{Balancing, NodeSpec};
use crate::time::{SimDuration, SimTime};
use std::collections::VecDeque;

/// Whether a node is up, and what the load balancer believes.
///
/// It notices a change when it has lasted for the notice delay: for so long after a crash it goes on sending to the dead
/// node, for so long after a restart it does not send to it, and an outage that is over sooner it never notices.
pub struct Health {
    is_up: bool,
    /// What was believed when the node died or came up last.
    was_trusted: bool,
    changed: SimTime,
}

impl Health {
    /// A node that has always been up, or down.
    pub fn new(is_up: bool) -> Self {
        Self { is_up, was_trusted: is_up, changed: SimTime::ZERO }
    }

    #[inline]
    fn is_trusted(&self, notice_delay: SimDuration, now: SimTime) -> bool {
        if now.since(self.changed) >= notice_delay { self.is_up } else { self.was_trusted }
    }

    /// The node has died or come up.
    pub fn turn(&mut self, is_up: bool, notice_delay: SimDuration, now: SimTime) {
        self.was_trusted = self.is_trusted(notice_delay, now);
        self.is_up = is_up;
        self.changed = now;
    }
}

/// Chooses the node that receives a message, among those that are up and have a share of the mail.
pub struct Balancer {
    kind: Balancing,
    notice_delay: SimDuration,
    /// Nodes with a share, with their weights; none has weight zero.
    nodes: Vec<(u16, f64)>,
    /// Weight of every node, by index.
    weights: Vec<f64>,
    /// Cores times speed of every node, by index.
    strengths: Vec<f64>,
    /// Least busy: the virtual time of each node's next turn among equals, as for the rotation.
    next_turns: Vec<f64>,
    /// Rotation: nodes in the order of the virtual time of their next turn, which advances by 1/weight (stride
    /// scheduling, Waldspurger and Weihl 1995). Equal times go to the lower index.
    turns: VecDeque<(Turn, u16)>,
    down_turns: Vec<(Turn, u16)>,
}

/// A virtual time; finite, so that it has a total order.
#[derive(Clone, Copy, PartialEq)]
struct Turn(f64);

impl Eq for Turn {}
impl PartialOrd for Turn {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for Turn {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.total_cmp(&other.0)
    }
}

impl Balancer {
    /// A balancer over the nodes with a positive share.
    pub fn new(kind: Balancing, notice_delay: SimDuration, specs: &[NodeSpec]) -> Self {
        let nodes: Vec<(u16, f64)> = specs
            .iter()
            .enumerate()
            .filter(|(_, spec)| spec.mail_share > 0.0)
            .map(|(index, spec)| (index as u16, spec.mail_share))
            .collect();
        let mut turns: Vec<(Turn, u16)> = nodes.iter().map(|&(node, weight)| (Turn(1.0 / weight), node)).collect();
        turns.sort_unstable();
        let turns = turns.into();
        let next_turns = nodes.iter().map(|&(_, weight)| 1.0 / weight).collect();
        let weights = specs.iter().map(|spec| spec.mail_share).collect();
        let strengths = specs.iter().map(|spec| f64::from(spec.cores) * spec.speed).collect();
        Self { kind, notice_delay, nodes, weights, strengths, next_turns, turns, down_turns: Vec::new() }
    }

    /// Whether the load balancer takes a node to be up.
    #[inline]
    pub fn trusts(&self, node: &Node, now: SimTime) -> bool {
        node.health.is_trusted(self.notice_delay, now)
    }

    /// The node for a message, among those that are taken to be up: `chance` is uniform on 0..1, `account` the id of
    /// its first recipient.
    pub fn choose(&mut self, chance: f64, account: u32, states: &[Node], now: SimTime) -> Option<u16> {
        let delay = self.notice_delay;
        let is_up = |node: u16| states[node as usize].health.is_trusted(delay, now);
        match self.kind {
            Balancing::Rotation => self.rotate(is_up),
            Balancing::Random => {
                let total: f64 = self.nodes.iter().filter(|(node, _)| is_up(*node)).map(|(_, weight)| weight).sum();
                let mut left = chance * total;
                let mut last = None;
                for &(node, weight) in self.nodes.iter().filter(|(node, _)| is_up(*node)) {
                    last = Some(node);
                    left -= weight;
                    if left < 0.0 {
                        break;
                    }
                }
                last
            }
            Balancing::LeastBusy => {
                // Of equally busy nodes the next one in turn, by weight.
                let load = |place: usize| {
                    let (node, weight) = self.nodes[place];
                    states[node as usize].processor.len() as f64 / (self.strengths[node as usize] * weight)
                };
                let turns = &self.next_turns;
                let up = (0..self.nodes.len()).filter(|&place| is_up(self.nodes[place].0));
                let order = |a: usize, b: usize| load(a).total_cmp(&load(b)).then(turns[a].total_cmp(&turns[b]));
                let place = up.min_by(|&a, &b| order(a, b))?;
                self.take_turn(place);
                Some(self.nodes[place].0)
            }
            Balancing::ByAccount => {
                // The golden ratio spreads account ids evenly over the nodes' shares.
                let count = self.nodes.len();
                let total: f64 = self.nodes.iter().map(|(_, weight)| weight).sum();
                let mut left = (f64::from(account) * 0.618_033_988_749_894_9).fract() * total;
                let home = self.nodes.iter().position(|(_, weight)| {
                    left -= weight;
                    left < 0.0
                });
                let home = home.unwrap_or(0);
                (0..count).map(|step| self.nodes[(home + step) % count].0).find(|&node| is_up(node))
            }
        }
    }

    /// A node among equals has had its turn. Others that were passed over claim no turns for the time before.
    fn take_turn(&mut self, place: usize) {
        let now = self.next_turns[place];
        for turn in &mut self.next_turns {
            *turn = turn.max(now);
        }
        self.next_turns[place] = now + 1.0 / self.nodes[place].1;
    }

    /// Whose turn it is next, if nodes have turns.
    #[inline]
    pub fn next_turn(&self) -> Option<u16> {
        self.turns.front().map(|&(_, node)| node)
    }

    fn rotate(&mut self, is_up: impl Fn(u16) -> bool) -> Option<u16> {
        let mut chosen = None;
        while let Some((turn, node)) = self.turns.pop_front() {
            if is_up(node) {
                queue_up(&mut self.turns, Turn(turn.0 + 1.0 / self.weights[node as usize]), node);
                chosen = Some((turn, node));
                break;
            }
            self.down_turns.push((turn, node));
        }
        // Nodes that were down keep their place, but claim no turns that they missed.
        let now = chosen.map_or(0.0, |(turn, _)| turn.0);
        for (turn, node) in self.down_turns.drain(..) {
            queue_up(&mut self.turns, Turn(turn.0.max(now)), node);
        }
        chosen.map(|(_, node)| node)
    }
}

/// Where all weights are equal, who has just had a turn is the last.
fn queue_up(turns: &mut VecDeque<(Turn, u16)>, turn: Turn, node: u16) {
    let place = match turns.back() {
        Some(last) if *last > (turn, node) => turns.partition_point(|other| *other < (turn, node)),
        _ => turns.len(),
    };
    turns.insert(place, (turn, node));
}
