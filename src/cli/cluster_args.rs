//! Arguments that say which nodes a cluster has, for commands that are given a layout alone.

use crate::layout::rules::NodeInfo;
use crate::layout::{Layout, LayoutRules, ServerVersion};
use crate::scenario::Scenario;
use crate::source::Problem;
use clap::Args;
use std::collections::BTreeSet;

/// More nodes than this are taken for a slip.
const NODES_MAX: u64 = 10_000;

/// The nodes of the cluster.
#[derive(Debug, Clone, Default, Args)]
pub struct ClusterArgs {
    /// Node ids, such as `1-6` or `1,2,5-8` [default: the nodes that the layout names, or the scenario has]
    #[arg(long, value_name = "IDS")]
    pub nodes: Option<String>,
    /// Nodes that receive no mail from the load balancer
    #[arg(long, value_name = "IDS")]
    pub no_mail: Option<String>,
    /// 0.16: the role of a node (STALWART_ROLE); may be repeated
    #[arg(long, value_name = "IDS=ROLE")]
    pub role: Vec<String>,
    /// 0.16: the push shard of a node (STALWART_PUSH_SHARD); may be repeated
    #[arg(long, value_name = "IDS=SHARD")]
    pub push_shard: Vec<String>,
}

impl ClusterArgs {
    /// The nodes, each with what the arguments say of it.
    ///
    /// # Errors
    /// Ids that cannot be read, are repeated or unknown; or no nodes at all.
    pub fn nodes(&self, layout: &Layout) -> Result<Vec<NodeInfo>, Problem> {
        let ids = match &self.nodes {
            Some(text) => parse_ids("--nodes", text)?,
            None => layout.named_nodes(),
        };
        if ids.is_empty() {
            let message = "the layout names no nodes, so the size of the cluster is unknown";
            return Err(Problem::new(message, "say which nodes there are, such as `--nodes 1-4`"));
        }
        self.with_settings(ids.into_iter().map(NodeInfo::new).collect())
    }

    /// The nodes of a scenario, or those that the arguments choose, each with what the arguments say beyond the scenario.
    /// A node that the scenario does not have is as its `[nodes]` describes one.
    ///
    /// # Errors
    /// Ids that cannot be read, are repeated or unknown.
    pub fn nodes_of(&self, scenario: &Scenario) -> Result<Vec<NodeInfo>, Problem> {
        let known = scenario.node_infos();
        let Some(text) = &self.nodes else { return self.with_settings(known) };
        let template = &scenario.node_template;
        let node = |id: u64| {
            let own = known.iter().find(|node| node.settings.id == id).cloned();
            own.unwrap_or_else(|| NodeInfo {
                mail_share: template.mail_share,
                strength: f64::from(template.cores) * template.speed,
                ..NodeInfo::new(id)
            })
        };
        self.with_settings(parse_ids("--nodes", text)?.into_iter().map(node).collect())
    }

    /// Settings that none of these versions reads are a mistake.
    ///
    /// # Errors
    /// There are such settings, or a version that does not exist.
    pub fn check_meaning<'v>(&self, versions: impl IntoIterator<Item = &'v str>) -> Result<(), Problem> {
        let versions: BTreeSet<&str> = versions.into_iter().collect();
        for version in &versions {
            if parse_version(version)?.rules() == LayoutRules::Objects {
                return Ok(());
            }
        }
        let roles = self.role.first().map(|text| ("--role", "STALWART_ROLE", text));
        let shards = self.push_shard.first().map(|text| ("--push-shard", "STALWART_PUSH_SHARD", text));
        let Some((option, variable, text)) = roles.or(shards) else { return Ok(()) };
        let shown = versions.into_iter().collect::<Vec<_>>().join(", ");
        let message = format!("`{option} {text}`: only server 0.16 reads {variable}, and this is for {shown}");
        Err(Problem::new(message, "leave the option out, or add `--version 0.16`"))
    }

    fn with_settings(&self, mut nodes: Vec<NodeInfo>) -> Result<Vec<NodeInfo>, Problem> {
        if let Some(text) = &self.no_mail {
            for node in select(&mut nodes, "--no-mail", text)? {
                node.mail_share = 0.0;
            }
        }
        for text in &self.role {
            let (ids, role) = split("--role", text)?;
            for node in select(&mut nodes, "--role", ids)? {
                node.settings.role = Some(role.to_owned());
            }
        }
        for text in &self.push_shard {
            let (ids, shard) = split("--push-shard", text)?;
            for node in select(&mut nodes, "--push-shard", ids)? {
                node.settings.push_shard = Some(shard.to_owned());
            }
        }
        Ok(nodes)
    }
}

fn split<'a>(option: &str, text: &'a str) -> Result<(&'a str, &'a str), Problem> {
    let wrong = || {
        Problem::new(format!("`{option} {text}` has no `=`"), format!("write `{option} 3=NAME` or `{option} 1-4=NAME`"))
    };
    text.split_once('=').ok_or_else(wrong)
}

fn select<'n>(nodes: &'n mut [NodeInfo], option: &str, text: &str) -> Result<Vec<&'n mut NodeInfo>, Problem> {
    let wanted: BTreeSet<u64> = parse_ids(option, text)?.into_iter().collect();
    let known: BTreeSet<u64> = nodes.iter().map(|node| node.settings.id).collect();
    if let Some(unknown) = wanted.difference(&known).next() {
        let message = format!("`{option}` names node {unknown}, which the cluster does not have");
        return Err(Problem::new(message, "name it in `--nodes`"));
    }
    Ok(nodes.iter_mut().filter(|node| wanted.contains(&node.settings.id)).collect())
}

/// Reads `1-6` or `1,2,5-8`. The ids come in ascending order.
///
/// # Errors
/// Not ids, an id twice, or more than 10,000.
pub fn parse_ids(option: &str, text: &str) -> Result<Vec<u64>, Problem> {
    let mut ids = BTreeSet::new();
    for part in text.split(',') {
        let (from, to) = part.split_once('-').unwrap_or((part, part));
        let (Ok(from), Ok(to)) = (from.trim().parse::<u64>(), to.trim().parse::<u64>()) else {
            let message = format!("`{option} {text}`: `{part}` is neither a node id nor a range");
            return Err(Problem::new(message, "write ids such as `1-6` or `1,2,5-8`"));
        };
        if to < from {
            let message = format!("`{option} {text}`: the range `{part}` runs backwards");
            return Err(Problem::new(message, format!("write `{to}-{from}`")));
        }
        if to - from >= NODES_MAX || ids.len() as u64 > NODES_MAX {
            let message = format!("`{option} {text}` means more than {NODES_MAX} nodes");
            return Err(Problem::new(message, "name the nodes that exist"));
        }
        for id in from..=to {
            if !ids.insert(id) {
                let message = format!("`{option} {text}` has node {id} twice");
                return Err(Problem::new(message, "name each node once"));
            }
        }
    }
    Ok(ids.into_iter().collect())
}

/// The version that a text means.
///
/// # Errors
/// No such version.
pub fn parse_version(text: &str) -> Result<ServerVersion, Problem> {
    ServerVersion::parse(text).ok_or_else(|| {
        let names = ServerVersion::ALL.map(ServerVersion::name).join(", ");
        Problem::new(format!("unknown server version `{text}`"), format!("write one of {names}"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_numbers_and_ranges() {
        let read = |text| parse_ids("--nodes", text).unwrap_or_default();
        assert_eq!(read("1-3,7"), [1, 2, 3, 7]);
        assert_eq!(read(" 5 , 1 "), [1, 5]);
        assert_eq!(read("18446744073709551615"), [u64::MAX]);
        for wrong in ["", "a", "1-", "3-1", "1,1", "1-2,2", "0-99999999999", "1--2", "-1"] {
            assert!(parse_ids("--nodes", wrong).is_err(), "{wrong}");
        }
    }
}
