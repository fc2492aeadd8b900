//! What a cluster can carry, by calculation: the load of every worker, processor and of the database.
//!
//! Loads are those of the best case (nodes of a shard share its work evenly and do nothing twice; scans, push requests
//! and timed work cost nothing), at the mean rate of the measured span: of what is recorded, if a recording is replayed. A load of 1 or more therefore means that work
//! piles up whatever happens, and only such clusters are thrown out.

use crate::cluster::setup::{Demand, Setup};
use crate::layout::Role;
use crate::server::{DispatchRule, LockTaken};
use crate::workload::{FollowUps, Group, RecordedMessage, Recording};

/// Something that can be used up.
#[derive(Debug, Clone, PartialEq)]
pub struct Resource {
    /// What a person calls it, such as `indexing worker of node 3`.
    pub name: String,
    /// Work arriving over work done at full use.
    pub load: f64,
}

/// The loads of a cluster of which the nodes in `down` (indexes) are down; the greatest load first.
pub fn loads(setup: &Setup, rates: &Rates, down: Option<u16>) -> Vec<Resource> {
    let is_up = |node: usize| down != Some(node as u16);
    let mut resources = Vec::new();
    let mut processor = ingest_loads(setup, rates, &is_up);
    let mut database = rates.messages * setup.costs.ingest.database.mean();
    for &role in setup.rules.queue_roles {
        let coverage = setup.coverage(role);
        let shard_rate = rates.tasks[role.index()] / f64::from(coverage.shards);
        let demand = &setup.costs.tasks[role.index()];
        let runs = 1.0 / (1.0 - demand.failure_probability);
        for members in coverage.members.iter() {
            let live: Vec<usize> = members.iter().map(|&node| node as usize).filter(|&node| is_up(node)).collect();
            for &node in &live {
                let rate = shard_rate / live.len() as f64;
                processor[node] += rate * demand.cpu.mean() * runs;
                let load = rate * service_s(setup, role, demand, node);
                resources.push(Resource { name: format!("{role} worker of node {}", setup.nodes[node].id), load });
            }
            if !live.is_empty() {
                let delete = delete_s(setup, role);
                database += shard_rate * (demand.database.mean() * runs + delete);
            }
        }
    }
    for (node, work) in processor.into_iter().enumerate() {
        let spec = &setup.nodes[node];
        let load = work / (f64::from(spec.cores) * spec.speed);
        resources.push(Resource { name: format!("processor of node {}", spec.id), load });
    }
    let connections = f64::from(setup.costs.connections);
    resources.push(Resource { name: "database connections".to_string(), load: database / connections });
    merge(resources)
}

/// The role of the queue that takes most time of its workers, the first of several.
pub fn heaviest(setup: &Setup, rates: &Rates) -> Role {
    let work = |role: Role| {
        let demand = &setup.costs.tasks[role.index()];
        rates.tasks[role.index()] * (demand.cpu.mean() + demand.database.mean()) / (1.0 - demand.failure_probability)
    };
    let heavier = |a: Role, b: Role| if work(b) > work(a) { b } else { a };
    setup.rules.queue_roles.iter().copied().fold(Role::FtsIndexing, heavier)
}

/// Adds up what stands under one name (a node that serves several shards has one worker for them); the greatest first.
fn merge(resources: Vec<Resource>) -> Vec<Resource> {
    let mut merged: Vec<Resource> = Vec::new();
    let mut places = std::collections::BTreeMap::new();
    for resource in resources {
        match places.get(&resource.name) {
            Some(&place) => {
                let known: &mut Resource = &mut merged[place];
                known.load += resource.load;
            }
            None => {
                places.insert(resource.name.clone(), merged.len());
                merged.push(resource);
            }
        }
    }
    merged.sort_by(|a, b| b.load.total_cmp(&a.load));
    merged
}

/// Arrivals a second, on average over the measured span. They do not depend on the cluster.
#[derive(Debug, Clone, PartialEq)]
pub struct Rates {
    messages: f64,
    /// By role.
    tasks: [f64; Role::COUNT],
}

impl Rates {
    /// Those of the workload of a setup.
    pub fn of(setup: &Setup) -> Self {
        let (start, end) = (setup.span.measure_start, setup.span.measure_end);
        let span = end.since(start);
        let workload = &setup.workload;
        let mut rates = Self { messages: 0.0, tasks: [0.0; Role::COUNT] };
        for group in &workload.groups {
            let mail = group.message_rate(setup.calendar, start);
            let factor = mail.mean_factor(start, end);
            rates.tasks[Role::CalendarAlerts.index()] += group.alerts_per_second() * factor;
            if workload.replay.is_none() {
                let own = mail.per_second * factor;
                rates.messages += own;
                rates.deliver(group, own * group.recipients.mean_up_to(group.accounts));
            }
        }
        if let Some(recording) = &workload.replay {
            rates.replay(setup, recording);
        }
        // Mailings, on average over the span.
        for burst in &workload.bursts {
            let each = f64::from(burst.messages(workload.accounts));
            let own = each * burst.count_within(span) as f64 / span.as_secs_f64();
            rates.messages += own;
            for group in &workload.groups {
                rates.deliver(group, own * f64::from(group.accounts) / f64::from(workload.accounts));
            }
        }
        rates
    }

    /// So many deliveries a second to accounts of a group.
    fn deliver(&mut self, group: &Group, deliveries: f64) {
        self.tasks[Role::FtsIndexing.index()] += deliveries;
        self.tasks[Role::BayesTraining.index()] += deliveries * group.trainings_per_message;
        self.tasks[Role::ImipProcessing.index()] += deliveries * group.invitations_per_message;
        self.tasks[Role::MergeThreads.index()] += deliveries * group.thread_merges_per_message;
    }

    /// The messages of a recording that come in the measured span.
    fn replay(&mut self, setup: &Setup, recording: &Recording) {
        let groups = &setup.workload.groups;
        let ends: Vec<u32> = groups
            .iter()
            .scan(0, |end, group| {
                *end += group.accounts;
                Some(*end)
            })
            .collect();
        let one = 1.0 / setup.span.measure_end.since(setup.span.measure_start).as_secs_f64();
        let mut number = 0;
        while let [first, ..] = recording.message_at(number) {
            let message = recording.message_at(number);
            number += message.len();
            if !setup.is_measured(first.at) {
                continue;
            }
            self.messages += one;
            if first.follow_ups.is_none() {
                let group = ends.partition_point(|end| *end <= first.account).min(groups.len() - 1);
                self.deliver(&groups[group], one * recipients(message, |_| true));
                continue;
            }
            for (role, kind) in [
                (Role::FtsIndexing, FollowUps::NONE),
                (Role::BayesTraining, FollowUps::TRAINING),
                (Role::ImipProcessing, FollowUps::INVITATION),
                (Role::MergeThreads, FollowUps::MERGE),
            ] {
                let has_it = |delivery: &RecordedMessage| delivery.follow_ups.is_some_and(|all| all.has(kind));
                self.tasks[role.index()] += one * recipients(message, has_it);
            }
        }
    }
}

/// Accounts to which some delivery of a message is one of `which`: who is named twice gets the message once.
fn recipients(message: &[RecordedMessage], which: impl Fn(&RecordedMessage) -> bool) -> f64 {
    let is_first = |place: usize| {
        let own = &message[place];
        which(own) && !message[..place].iter().any(|before| before.account == own.account && which(before))
    };
    (0..message.len()).filter(|place| is_first(*place)).count() as f64
}

/// Core-seconds a second that deliveries take on each node.
fn ingest_loads(setup: &Setup, rates: &Rates, is_up: &dyn Fn(usize) -> bool) -> Vec<f64> {
    let share = |node: usize| if is_up(node) { setup.nodes[node].mail_share } else { 0.0 };
    let total: f64 = (0..setup.nodes.len()).map(share).sum();
    let work = rates.messages * setup.costs.ingest.cpu.mean();
    (0..setup.nodes.len()).map(|node| if total > 0.0 { work * share(node) / total } else { 0.0 }).collect()
}

/// Time that one task keeps a worker of a node, with all its runs.
fn service_s(setup: &Setup, role: Role, demand: &Demand, node: usize) -> f64 {
    let run = demand.cpu.mean() / setup.nodes[node].speed + demand.database.mean();
    let runs = 1.0 / (1.0 - demand.failure_probability);
    let locks = match (setup.rules.dispatch, setup.rules.lock_taken) {
        (DispatchRule::OwnScans, LockTaken::ByWorker) => 2.0 * setup.costs.lock_round_trip.as_secs_f64(),
        _ => 0.0,
    };
    run * runs + locks + delete_s(setup, role)
}

/// A task's part of deleting its batch.
fn delete_s(setup: &Setup, role: Role) -> f64 {
    match setup.rules.dispatch {
        DispatchRule::OwnScans => setup.costs.delete.as_secs_f64() / setup.rules.batch[role.index()] as f64,
        DispatchRule::Once => 0.0,
    }
}
