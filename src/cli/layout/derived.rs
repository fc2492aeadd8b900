//! What each node derives in one version, in words.

use crate::layout::rules::NodeInfo;
use crate::layout::{Assignment, Layout, LayoutRules, NodeSettings, Role, ServerVersion};

/// Nodes are shown one by one up to this number; beyond it, equal ones share a column.
const COLUMNS_MAX: usize = 12;

/// The assignments of one version.
pub(super) struct Derived {
    /// The version, as it was given.
    pub version: String,
    /// Node ids, ascending.
    pub nodes: Vec<u64>,
    /// Role, and a text for each node.
    pub rows: Vec<(String, Vec<String>)>,
    /// That the layout is not read, that nodes do not start.
    pub problems: Vec<String>,
}

/// A column of the table: nodes that derive the same.
pub(super) struct Column {
    pub nodes: Vec<u64>,
    pub cells: Vec<String>,
}

impl Derived {
    pub fn new(layout: &Layout, nodes: &[NodeInfo], version: ServerVersion, shown: &str) -> Self {
        let rules = version.rules();
        let settings: Vec<&NodeSettings> = nodes.iter().map(|node| &node.settings).collect();
        let starts = |node: &NodeSettings| layout.start_problem(node, rules).is_none();
        let mut rows: Vec<(String, Vec<String>)> = Vec::new();
        for role in Role::ALL.into_iter().filter(|role| is_shown(*role, version)) {
            let cell = |node: &&NodeSettings| {
                if starts(node) { cell(layout, role, node, rules) } else { "-".to_owned() }
            };
            rows.push((role.to_string(), settings.iter().map(cell).collect()));
        }
        if rules == LayoutRules::Objects {
            let scheduler = |node: &&NodeSettings| if starts(node) && layout.is_scheduler(node) { "all" } else { "-" };
            rows.push(("task scheduler".to_owned(), settings.iter().map(scheduler).map(str::to_owned).collect()));
        }
        let form = match rules {
            LayoutRules::Objects => layout.lists().map(|_| "`[cluster.roles]` from TOML"),
            LayoutRules::Lists | LayoutRules::Shards => layout.objects().map(|_| "`ClusterRole` objects"),
        };
        let unread = form.map(|form| format!("server {shown} does not read {form}, so every node does everything"));
        let stopped = settings.iter().filter_map(|node| layout.start_problem(node, rules));
        let problems = unread.into_iter().chain(stopped).collect();
        Self { version: shown.to_owned(), nodes: settings.iter().map(|node| node.id).collect(), rows, problems }
    }

    /// One column a node, or, when there are many nodes, one for all that derive the same.
    pub fn columns(&self) -> Vec<Column> {
        let mut columns: Vec<Column> = Vec::new();
        for (index, id) in self.nodes.iter().enumerate() {
            let cells: Vec<String> = self.rows.iter().map(|(_, cells)| cells[index].clone()).collect();
            let same = columns.iter_mut().find(|column| self.nodes.len() > COLUMNS_MAX && column.cells == cells);
            match same {
                Some(column) => column.nodes.push(*id),
                None => columns.push(Column { nodes: vec![*id], cells }),
            }
        }
        columns
    }
}

/// Whether the version has the role, as a key or as something that every node does.
fn is_shown(role: Role, version: ServerVersion) -> bool {
    version.has_key(role) || version == ServerVersion::V0_13 && ServerVersion::V0_14.has_key(role)
}

fn cell(layout: &Layout, role: Role, node: &NodeSettings, rules: LayoutRules) -> String {
    // Nodes run these whole, whatever their shard (server facts, section 1.1).
    let whole = matches!(role, Role::PurgeStores | Role::MetricsCalculate | Role::MetricsPush | Role::SpamTraining);
    let text = match layout.assignment(role, node, rules) {
        Assignment::Disabled => "-".to_owned(),
        Assignment::Sharded { shard, shards } if !whole => format!("{}/{shards}", u64::from(shard) + 1),
        Assignment::Enabled | Assignment::Sharded { .. } => "all".to_owned(),
    };
    let later = role == Role::PushNotifications && rules == LayoutRules::Objects && layout.push_disabled_at_start(node);
    if later && text != "-" { format!("{text} (not at start)") } else { text }
}

/// What changes from one version to the next, a line a role and group of nodes.
pub(super) fn differences(from: &Derived, to: &Derived) -> Vec<String> {
    let mut changes = Vec::new();
    for (role, cells) in &to.rows {
        let Some((_, before)) = from.rows.iter().find(|(other, _)| other == role) else {
            changes.push(format!("{role}: new"));
            continue;
        };
        let mut groups: Vec<((&str, &str), Vec<u64>)> = Vec::new();
        for ((id, old), new) in to.nodes.iter().zip(before).zip(cells).filter(|((_, old), new)| old != new) {
            match groups.iter_mut().find(|(change, _)| *change == (old.as_str(), new.as_str())) {
                Some((_, ids)) => ids.push(*id),
                None => groups.push(((old, new), vec![*id])),
            }
        }
        changes.extend(groups.iter().map(|((old, new), ids)| format!("{role}: node {} {old} -> {new}", ids_text(ids))));
    }
    let gone = from.rows.iter().filter(|(role, _)| to.rows.iter().all(|(other, _)| other != role));
    changes.extend(gone.map(|(role, _)| format!("{role}: gone")));
    changes
}

/// Ids with runs joined: `1-3, 7`.
pub(super) fn ids_text(ids: &[u64]) -> String {
    let mut runs: Vec<(u64, u64)> = Vec::new();
    for id in ids {
        match runs.last_mut() {
            Some((_, last)) if last.checked_add(1) == Some(*id) => *last = *id,
            _ => runs.push((*id, *id)),
        }
    }
    let text = |(first, last): &(u64, u64)| if first == last { first.to_string() } else { format!("{first}-{last}") };
    runs.iter().map(text).collect::<Vec<_>>().join(", ")
}
