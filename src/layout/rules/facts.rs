//! What the rules know: which node serves which shard of which role.

use super::finding::{CheckContext, Finding, NodeInfo};
use crate::layout::{Assignment, Layout, LayoutRules, Role, RoleList, RoleObjects, ServerVersion, TaskType};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

/// By what a role's work is divided over shards (server facts, section 1.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Division {
    /// Every enabled node runs all of it.
    None,
    /// `account_id % shards`
    Accounts,
    /// A hash of the item.
    Items,
}

/// Longest mended line, in bytes.
const LINE_MAX: usize = 1000;

/// The nodes of each shard, by shard from 0; shards without a node are absent.
pub(super) type Shards<'a> = BTreeMap<u32, Vec<&'a NodeInfo>>;

/// A layout, the cluster, and what follows from the two.
pub(super) struct Facts<'a> {
    pub layout: &'a Layout,
    pub rules: LayoutRules,
    pub version: ServerVersion,
    /// The nodes that start.
    pub nodes: Vec<&'a NodeInfo>,
    /// All nodes.
    pub all_nodes: &'a [NodeInfo],
    shards: Vec<Shards<'a>>,
}

impl<'a> Facts<'a> {
    pub fn new(context: &CheckContext<'a>) -> Self {
        let layout = context.layout;
        let rules = context.rules;
        let by_rules = match rules {
            LayoutRules::Lists => ServerVersion::V0_13,
            LayoutRules::Shards => ServerVersion::V0_14,
            LayoutRules::Objects => ServerVersion::V0_16,
        };
        let version = ServerVersion::parse(context.version).filter(|version| version.rules() == rules);
        let starts = |node: &&NodeInfo| layout.start_problem(&node.settings, rules).is_none();
        let nodes: Vec<&NodeInfo> = context.nodes.iter().filter(starts).collect();
        let shards = Role::ALL.map(|role| shards_of(layout, rules, role, &nodes)).into();
        Self { layout, rules, version: version.unwrap_or(by_rules), nodes, all_nodes: context.nodes, shards }
    }

    /// Whether the version is the documentation, where each item is done once.
    pub fn is_documented(&self) -> bool {
        self.version == ServerVersion::Documented
    }

    /// The roles whose key this version looks at.
    pub fn roles(&self) -> impl Iterator<Item = Role> + use<> {
        let version = self.version;
        Role::ALL.into_iter().filter(move |role| version.has_key(*role))
    }

    /// The lists, if this version reads lists.
    pub fn lists(&self) -> impl Iterator<Item = &'a RoleList> + use<'a> {
        let lists = self.layout.lists().filter(|_| self.rules != LayoutRules::Objects);
        let version = self.version;
        lists.into_iter().flat_map(|lists| lists.iter()).filter(move |list| version.has_key(list.role))
    }

    /// The role's list, if it is given and this version reads it.
    pub fn list(&self, role: Role) -> Option<&'a RoleList> {
        self.lists().find(|list| list.role == role)
    }

    /// The role objects, if this version reads them.
    pub fn objects(&self) -> Option<&'a RoleObjects> {
        self.layout.objects().filter(|_| self.rules == LayoutRules::Objects)
    }

    pub fn shard_count(&self, role: Role) -> u32 {
        self.layout.shard_count(role, self.rules)
    }

    /// Which nodes serve which shard.
    pub fn shards(&self, role: Role) -> &Shards<'a> {
        &self.shards[role.index()]
    }

    /// The nodes that do any of the role's work.
    pub fn enabled(&self, role: Role) -> Vec<u64> {
        let mut ids: Vec<u64> = self.shards(role).values().flatten().map(|node| node.settings.id).collect();
        ids.sort_unstable();
        ids
    }

    /// Nodes (that start) whose role enables a type of task.
    pub fn enabled_for_task(&self, task: TaskType) -> Vec<u64> {
        let enabled = |node: &&&NodeInfo| self.layout.task_enabled(task, &node.settings);
        self.nodes.iter().filter(enabled).map(|node| node.settings.id).collect()
    }

    /// Ids of all nodes of the cluster.
    pub fn known_ids(&self) -> BTreeSet<u64> {
        self.all_nodes.iter().map(|node| node.settings.id).collect()
    }

    /// Where the shard is written.
    pub fn shard_span(&self, role: Role, shard: u32) -> Option<Range<usize>> {
        let position = usize::try_from(shard).ok()?;
        self.list(role)?.shards().nth(position).map(|item| item.span.clone())
    }

    /// Where the role's list is written, or else its key.
    pub fn list_span(&self, role: Role) -> Option<Range<usize>> {
        let list = self.list(role)?;
        Some(list.value_spans.first().unwrap_or(&list.key_span).clone())
    }

    /// The line with the role's list replaced by these shards; for a role without a list, the line to
    /// add under `[cluster.roles]`.
    pub fn line_with_shards(&self, role: Role, shards: &[Vec<u64>]) -> Option<String> {
        if self.rules != LayoutRules::Shards {
            return None;
        }
        let written = render(shards);
        let Some(list) = self.list(role) else {
            return self.layout.lists().map(|_| format!("{role} = {written}")).filter(|line| line.len() <= LINE_MAX);
        };
        match list.value_spans.as_slice() {
            [span] => self.line_with(span, &written),
            _ => None,
        }
    }

    /// The line (or lines) around `span` with its text replaced, if that is not too long to be of use.
    pub fn line_with(&self, span: &Range<usize>, replacement: &str) -> Option<String> {
        self.line_with_all(&[(span.clone(), replacement.to_owned())])
    }

    /// The line (or lines) around these places, which are in the order of the text, with all of them replaced.
    pub fn line_with_all(&self, replacements: &[(Range<usize>, String)]) -> Option<String> {
        let text = &self.layout.source.text;
        let ((first, _), (last, _)) = (replacements.first()?, replacements.last()?);
        let mut place = text.get(..first.start)?.rfind('\n').map_or(0, |at| at + 1);
        let mut line = String::new();
        for (span, replacement) in replacements {
            line.push_str(text.get(place..span.start)?);
            line.push_str(replacement);
            place = span.end;
        }
        line.push_str(text.get(last.end..)?.split('\n').next().unwrap_or_default());
        (line.len() <= LINE_MAX).then(|| line.trim().to_owned())
    }

    /// The line of the text that a finding's mended line stands for.
    pub fn replaced_line(&self, finding: &Finding) -> Option<usize> {
        let span = self.replaced_span(finding)?;
        finding.fixed_line.as_ref().map(|_| self.layout.source.line_column(span.start).0)
    }

    /// The place in the text that it stands for.
    pub fn replaced_span(&self, finding: &Finding) -> Option<Range<usize>> {
        finding.role.and_then(|role| self.list_span(role)).or_else(|| finding.span.clone())
    }
}

fn shards_of<'a>(layout: &Layout, rules: LayoutRules, role: Role, nodes: &[&'a NodeInfo]) -> Shards<'a> {
    let mut shards = Shards::new();
    for node in nodes {
        let shard = match layout.assignment(role, &node.settings, rules) {
            Assignment::Enabled => 0,
            Assignment::Sharded { shard, .. } => shard,
            Assignment::Disabled => continue,
        };
        shards.entry(shard).or_default().push(node);
    }
    shards
}

/// `["1,4", "2,3"]`
fn render(shards: &[Vec<u64>]) -> String {
    let item = |ids: &Vec<u64>| format!("\"{}\"", ids.iter().map(u64::to_string).collect::<Vec<_>>().join(","));
    format!("[{}]", shards.iter().map(item).collect::<Vec<_>>().join(", "))
}

/// How the role's work is divided (server facts, section 1.1).
pub(super) const fn division(role: Role) -> Division {
    match role {
        Role::PurgeStores | Role::MetricsCalculate | Role::MetricsPush | Role::SpamTraining => Division::None,
        Role::PurgeAccounts | Role::PushNotifications => Division::Accounts,
        Role::AcmeRenew
        | Role::FtsIndexing
        | Role::BayesTraining
        | Role::ImipProcessing
        | Role::CalendarAlerts
        | Role::MergeThreads => Division::Items,
    }
}
