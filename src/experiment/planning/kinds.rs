//! Which nodes are of a kind: it makes no difference which of them is down.
//!
//! Accounts of a group are drawn alike, and tasks go to shards by a hash, so that shards with as many accounts of each
//! group and as many nodes of the same kinds are alike. Nodes then differ by what they do, by whom they share it with
//! and by the accounts that they serve. What names accounts or nodes makes every node a kind of its own: recorded messages
//! (of few accounts, each as busy as it was), accounts with a home at the load balancer, restarts in turn.

use crate::cluster::setup::{Balancing, Setup};
use crate::faults::Fault;
use crate::layout::{Assignment, Role};
use std::cmp::Reverse;
use std::collections::BTreeMap;

/// With fewer accounts of a group in a shard than this, one more or less makes a difference.
const FEW: u64 = 100;

/// One node of each kind, by index: of several the one that serves most accounts.
pub fn kinds(setup: &Setup) -> Vec<u16> {
    let nodes = 0..setup.nodes.len();
    if names_nodes_or_accounts(setup) {
        return nodes.map(|node| node as u16).collect();
    }
    let classes = classes(setup);
    let push = setup.coverage(Role::PushNotifications);
    let served = |node: usize| -> u64 {
        let of_shard = |shard| accounts_in(shard, push.shards, 0..setup.workload.accounts, setup);
        push.shards_of(node).map(of_shard).sum()
    };
    let kind = |class: usize| {
        let of_class = nodes.clone().filter(|node| classes[*node] == class);
        of_class.max_by_key(|node| (served(*node), Reverse(*node))).map(|node| node as u16)
    };
    (0..setup.nodes.len()).map_while(kind).collect()
}

fn names_nodes_or_accounts(setup: &Setup) -> bool {
    setup.workload.replay.is_some()
        || setup.balancing == Balancing::ByAccount
        || setup.faults.iter().any(|fault| matches!(fault, Fault::RollingRestart { .. }))
}

/// The number of the kind of each node. Nodes of a kind look alike, and share each role's work with nodes of the same kinds.
fn classes(setup: &Setup) -> Vec<usize> {
    let count = setup.nodes.len();
    let mut classes = numbered((0..count).map(|node| looks(setup, node)));
    loop {
        let shards: Vec<Vec<usize>> = setup
            .coverage
            .iter()
            .map(|coverage| {
                numbered(coverage.members.iter().map(|members| {
                    let mut kinds: Vec<usize> = members.iter().map(|node| classes[usize::from(*node)]).collect();
                    kinds.sort_unstable();
                    kinds
                }))
            })
            .collect();
        let shared = |node: usize| -> Vec<Vec<usize>> {
            let of_role = setup.coverage.iter().zip(&shards);
            of_role
                .map(|(coverage, shards)| coverage.shards_of(node).map(|own| shards[own as usize]).collect())
                .collect()
        };
        let finer = numbered((0..count).map(|node| (classes[node], shared(node))));
        if finer == classes {
            return classes;
        }
        classes = finer;
    }
}

/// What a node does and for how many accounts, as numbers.
fn looks(setup: &Setup, node: usize) -> Vec<u64> {
    let spec = &setup.nodes[node];
    let is_scheduler = setup.schedulers.contains(&(node as u16));
    let mut looks =
        vec![u64::from(spec.cores), spec.speed.to_bits(), spec.mail_share.to_bits(), u64::from(is_scheduler)];
    for role in Role::ALL {
        let coverage = setup.coverage(role);
        looks.push(coverage.shards_of(node).len() as u64);
        let is_by_account = matches!(role, Role::PushNotifications | Role::PurgeAccounts);
        let Assignment::Sharded { .. } = coverage.assignments[node] else { continue };
        let mut first = 0;
        for group in setup.workload.groups.iter().filter(|_| is_by_account) {
            let own = first..first + group.accounts;
            first = own.end;
            if u64::from(group.accounts) < FEW * u64::from(coverage.shards) {
                let of_shard = |shard| accounts_in(shard, coverage.shards, own.clone(), setup);
                looks.extend(coverage.shards_of(node).map(of_shard));
            }
        }
    }
    looks
}

/// How many of these accounts have ids that leave the remainder `shard`: of the numbers below n those are
/// ⌈(n − shard) / shards⌉.
fn accounts_in(shard: u32, shards: u32, accounts: std::ops::Range<u32>, setup: &Setup) -> u64 {
    let first = u64::from(setup.workload.first_account_id);
    let below = |number: u64| (number + u64::from(shards - 1 - shard)) / u64::from(shards);
    below(first + u64::from(accounts.end)) - below(first + u64::from(accounts.start))
}

/// Numbers from 0 on for keys, in the order in which they come up first.
fn numbered<K: Ord>(keys: impl Iterator<Item = K>) -> Vec<usize> {
    let mut known = BTreeMap::new();
    keys.map(|key| {
        let next = known.len();
        *known.entry(key).or_insert(next)
    })
    .collect()
}
