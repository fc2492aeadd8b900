//! Faults of a layout that show without simulating. One rule a file; [`check`] applies them all.
//!
//! A rule looks at facts, what each node derives from the layout, and at the text, for positions
//! and mended lines. It may use numbers that follow from the server's constants (how many copies, how
//! long a mean wait), never one that depends on load or chance: those are the simulator's.

mod facts;
mod finding;
mod registry;
mod table;
mod verified;
mod words;

mod empty_list;
mod integers_become_shards;
mod item_dropped;
mod key_of_another_version;
mod layout_of_another_version;
mod misspelt_roles_table;
mod nested_items;
mod node_id_zero;
mod node_in_two_shards;
mod node_of_one_role;
mod node_without_mail;
mod purge_at_the_same_time;
mod push_despite_role;
mod push_not_sharded;
mod push_shard_of_one_node;
mod push_shard_out_of_range;
mod repeated_node_id;
mod repeated_role_name;
mod role_without_node;
mod several_schedulers;
mod shard_without_node;
mod shards_of_undivided_role;
mod shared_push_shard;
mod single_point_of_failure;
mod task_type_without_node;
mod task_types_not_read;
mod training_on_several_nodes;
mod unequal_shards;
mod unknown_cluster_role;
mod unknown_node;
mod unknown_role;
mod unknown_task_type;

pub use finding::{CheckContext, Finding, NodeInfo, Severity};
pub use registry::{Rule, rule, rules};
pub use table::{explanation, markdown_table};

use facts::Facts;
use std::collections::BTreeMap;

/// Applies every rule. The findings come worst first, then in the order of the text (those without a
/// position first), then by rule, role and shard.
pub fn check(context: &CheckContext<'_>) -> Vec<Finding> {
    let facts = Facts::new(context);
    let mut findings = find_all(&facts);
    verified::keep_what_mends(context, &facts, &mut findings);
    findings.sort_by_key(|finding| {
        let start = finding.span.as_ref().map(|span| span.start);
        (finding.severity, start, finding.rule, finding.role, finding.shard)
    });
    keep_one_replacement(&facts, &mut findings);
    findings
}

/// What every rule finds.
fn find_all(facts: &Facts<'_>) -> Vec<Finding> {
    rules().iter().flat_map(|rule| (rule.find)(facts)).collect()
}

/// Two mended lines for one line of the text would undo each other: that of the worst finding is kept, and the others
/// say so.
fn keep_one_replacement(facts: &Facts<'_>, findings: &mut [Finding]) {
    let mut kept: BTreeMap<usize, String> = BTreeMap::new();
    for finding in findings {
        let Some(line) = facts.replaced_line(finding) else { continue };
        let Some(fixed) = &finding.fixed_line else { continue };
        let first = kept.entry(line).or_insert_with(|| fixed.clone());
        if first != fixed {
            finding.fixed_line = None;
            finding.help.push_str("; mend the line as above first, and check again");
        }
    }
}
