//! The list of rules.

use super::facts::Facts;
use super::finding::{Finding, Severity};
use super::*;

/// One rule: what it finds and how, and the words that explain it.
pub struct Rule {
    /// Its name in findings, files and on the command line.
    pub id: &'static str,
    /// The worst severity that it gives.
    pub severity: Severity,
    /// The server versions to which it applies.
    pub versions: &'static str,
    /// What it finds, in a line.
    pub finds: &'static str,
    /// Why that matters, with the server's rule behind it.
    pub why: &'static str,
    /// What would be right; the help of its findings unless they know better.
    pub mend: &'static str,
    pub(super) find: fn(&Facts<'_>) -> Vec<Finding>,
}

static RULES: [Rule; 32] = [
    shared_push_shard::RULE,
    push_not_sharded::RULE,
    shard_without_node::RULE,
    role_without_node::RULE,
    item_dropped::RULE,
    unknown_role::RULE,
    misspelt_roles_table::RULE,
    nested_items::RULE,
    layout_of_another_version::RULE,
    single_point_of_failure::RULE,
    node_in_two_shards::RULE,
    unequal_shards::RULE,
    node_without_mail::RULE,
    purge_at_the_same_time::RULE,
    training_on_several_nodes::RULE,
    shards_of_undivided_role::RULE,
    integers_become_shards::RULE,
    key_of_another_version::RULE,
    empty_list::RULE,
    unknown_node::RULE,
    node_id_zero::RULE,
    repeated_node_id::RULE,
    node_of_one_role::RULE,
    push_shard_of_one_node::RULE,
    task_type_without_node::RULE,
    unknown_cluster_role::RULE,
    unknown_task_type::RULE,
    task_types_not_read::RULE,
    push_shard_out_of_range::RULE,
    push_despite_role::RULE,
    several_schedulers::RULE,
    repeated_role_name::RULE,
];

/// Every rule, in the order in which they are explained.
pub fn rules() -> &'static [Rule] {
    &RULES
}

/// The rule with this id.
pub fn rule(id: &str) -> Option<&'static Rule> {
    rules().iter().find(|rule| rule.id == id)
}
