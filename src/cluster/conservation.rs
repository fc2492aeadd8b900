//! Conservation laws, asserted at the end of every simulation, in release builds too.

use super::Cluster;
use super::node::WorkerState;
use crate::layout::Role;

impl Cluster<'_> {
    /// # Panics
    /// If a law is broken: a bug of the simulator, whose results must then not be used.
    pub(super) fn assert_conservation(&self) {
        self.assert_messages();
        for role in Role::ALL {
            self.assert_tasks(role);
        }
        self.assert_push();
        self.assert_workers();
    }

    fn assert_messages(&self) {
        let under_way =
            self.messages.occupied().into_iter().filter(|&slot| self.messages.get(slot).is_measured).count();
        assert_eq!(
            self.record.messages,
            self.record.messages_delivered + under_way as u64,
            "messages that arrived = delivered + under way"
        );
        let received: u64 = self.record.nodes.iter().map(|node| node.messages_received).sum();
        assert_eq!(received, self.record.messages_delivered, "every delivery happened on one node");
    }

    fn assert_tasks(&self, role: Role) {
        let record = &self.record.roles[role.index()];
        let shards = &self.record.shards[role.index()];
        assert_eq!(record.created, shards.iter().map(|shard| shard.created).sum::<u64>(), "{role}: created, by shard");
        assert_eq!(
            record.completed,
            shards.iter().map(|shard| shard.completed).sum::<u64>(),
            "{role}: completed, by shard"
        );
        assert_eq!(record.latency.count(), record.completed, "{role}: one latency for each completion");
        let by_node: u64 = self.record.node_roles.iter().map(|node| node[role.index()].executions).sum();
        assert_eq!(record.executions, by_node, "{role}: every run happened on one node");
        if self.setup.rules.queue_roles.contains(&role) {
            let waiting = self.tasks.in_table().filter(|task| task.role == role && task.is_measured);
            assert_eq!(
                record.created,
                record.completed + record.failed + waiting.count() as u64,
                "{role}: tasks made = done + given up + waiting"
            );
            assert_eq!(
                record.executions,
                record.completed + record.duplicate_executions + record.failed_executions + self.unfinished_runs(role),
                "{role}: runs = first + duplicate + failed"
            );
        } else {
            assert!(record.completed + record.failed <= record.created, "{role}: no more done than due");
        }
    }

    /// Successful runs of measured tasks that were not deleted, yet or ever (their node died).
    fn unfinished_runs(&self, role: Role) -> u64 {
        let parts = self.nodes.iter().map(|node| &node.roles[role.index()]);
        let deleting = parts.filter(|part| part.worker == WorkerState::Deleting);
        let measured = deleting.flat_map(|part| &part.hands).filter(|&&slot| self.tasks.get(slot).is_measured);
        measured.count() as u64 + self.runs_lost[role.index()]
    }

    fn assert_push(&self) {
        for shard in &self.record.push {
            assert_eq!(
                shard.notifications,
                shard.delivered + shard.missed,
                "notifications due = delivered at least once + missed"
            );
            assert!(shard.copies >= shard.delivered, "a delivered notification has a copy");
        }
        assert_eq!(self.push.open, 0, "every notification is settled");
    }

    fn assert_workers(&self) {
        for (node, state) in self.nodes.iter().enumerate() {
            assert!(state.is_up() || state.processor.len() == 0, "node {node} is down and works");
            let cores = &self.cores[node];
            let jobs = state.processor.len() + cores.chains.len();
            assert_eq!(cores.in_use as usize, jobs + cores.flying as usize, "node {node}: who uses cores");
        }
        assert!(self.database.busy() <= self.setup.costs.connections, "more requests than connections");
    }
}
