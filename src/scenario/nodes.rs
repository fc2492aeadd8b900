//! `[nodes]` and `[node.N]`: which nodes there are.

use super::reader::Place;
use super::wire;
use crate::cluster::setup::NodeSpec;
use crate::layout::NodeSettings;
use crate::source::Problem;
use std::ops::Range;
use toml::Spanned;

/// Most nodes of a cluster.
const MAX_NODES: usize = 60_000;
const MAX_CORES: i64 = 65_536;

/// The nodes as read; all lists have the same order, by id.
pub(super) struct Nodes {
    pub specs: Vec<NodeSpec>,
    pub settings: Vec<NodeSettings>,
    pub zones: Vec<String>,
    /// What `[nodes]` says of a node, without the overrides.
    pub template: NodeSpec,
}

impl Nodes {
    /// Index of the node with this id.
    pub fn index(&self, place: &Place, id: u64, span: Range<usize>) -> Result<u16, Problem> {
        self.specs
            .binary_search_by_key(&id, |node| node.id)
            .map(|index| index as u16)
            .map_err(|_| place.problem(span, format!("there is no node {id}"), format!("the nodes are {}", self.ids())))
    }

    /// The ids as ranges, for messages.
    pub fn ids(&self) -> String {
        let mut ranges: Vec<(u64, u64)> = Vec::new();
        for node in &self.specs {
            match ranges.last_mut() {
                Some((_, last)) if last.checked_add(1) == Some(node.id) => *last = node.id,
                _ => ranges.push((node.id, node.id)),
            }
        }
        let shown = ranges.iter().map(|(a, b)| if a == b { a.to_string() } else { format!("{a}-{b}") });
        shown.collect::<Vec<_>>().join(",")
    }

    /// Indexes of a list of nodes; all nodes if there is none or it is `"all"`.
    pub fn indexes(&self, place: &Place, ids: Option<&Spanned<wire::Ids>>) -> Result<Vec<u16>, Problem> {
        let Some(ids) = ids else { return Ok((0..self.specs.len() as u16).collect()) };
        if matches!(ids.get_ref(), wire::Ids::Text(text) if text == "all") {
            return Ok((0..self.specs.len() as u16).collect());
        }
        parse_ids(place, ids)?.into_iter().map(|id| self.index(place, id, ids.span())).collect()
    }
}

/// Reads the nodes.
pub(super) fn read(place: &Place, file: &wire::File) -> Result<Nodes, Problem> {
    let defaults = &file.nodes;
    let mut ids = match &defaults.ids {
        Some(ids) => parse_ids(place, ids)?,
        None => default_ids(place, file)?,
    };
    ids.sort_unstable();
    if let Some(ids_span) = defaults.ids.as_ref().map(Spanned::span) {
        if let Some(pair) = ids.windows(2).find(|pair| pair[0] == pair[1]) {
            return Err(place.problem(ids_span, format!("node {} is listed twice", pair[0]), "name each node once"));
        }
    }
    let cores = place.whole(defaults.cores.as_ref(), "cores", 1, MAX_CORES, 8)?;
    let speed = place.number(defaults.speed.as_ref(), "speed", 1e-6, 1e6, 1.0)?;
    let mail_share = place.number(defaults.mail_share.as_ref(), "mail_share", 0.0, 1e9, 1.0)?;
    let mut nodes = Nodes {
        specs: ids.iter().map(|&id| NodeSpec { id, cores: cores as u32, speed, mail_share }).collect(),
        settings: ids
            .iter()
            .map(|&id| NodeSettings { id, role: defaults.role.clone(), push_shard: defaults.push_shard.clone() })
            .collect(),
        zones: vec![defaults.zone.clone().unwrap_or_else(|| "a".into()); ids.len()],
        template: NodeSpec { id: 1, cores: cores as u32, speed, mail_share },
    };
    for (name, node) in &file.node {
        override_node(place, &mut nodes, name, node)?;
    }
    Ok(nodes)
}

fn override_node(
    place: &Place,
    nodes: &mut Nodes,
    name: &Spanned<String>,
    node: &wire::NodeOverride,
) -> Result<(), Problem> {
    let id: u64 = name.get_ref().parse().map_err(|_| {
        let message = format!("`{}` is no node id", name.get_ref());
        place.problem(name.span(), message, "write [node.N] with a number, such as [node.5]")
    })?;
    let index = nodes.index(place, id, name.span())? as usize;
    let spec = &mut nodes.specs[index];
    spec.cores = place.whole(node.cores.as_ref(), "cores", 1, MAX_CORES, i64::from(spec.cores))? as u32;
    spec.speed = place.number(node.speed.as_ref(), "speed", 1e-6, 1e6, spec.speed)?;
    spec.mail_share = place.number(node.mail_share.as_ref(), "mail_share", 0.0, 1e9, spec.mail_share)?;
    if let Some(zone) = &node.zone {
        nodes.zones[index].clone_from(zone);
    }
    if node.role.is_some() {
        nodes.settings[index].role.clone_from(&node.role);
    }
    if node.push_shard.is_some() {
        nodes.settings[index].push_shard.clone_from(&node.push_shard);
    }
    Ok(())
}

/// Without `ids`, the nodes that have a table of their own.
fn default_ids(place: &Place, file: &wire::File) -> Result<Vec<u64>, Problem> {
    let ids: Vec<u64> = file.node.keys().filter_map(|name| name.get_ref().parse().ok()).collect();
    if ids.is_empty() {
        return Err(place.problem(0..0, "the scenario has no nodes", "add [nodes] with ids = \"1-5\""));
    }
    Ok(ids)
}

fn parse_ids(place: &Place, ids: &Spanned<wire::Ids>) -> Result<Vec<u64>, Problem> {
    let wrong = |message: String| place.problem(ids.span(), message, "write node ids such as \"1-5\" or \"1,3,7-9\"");
    let list = match ids.get_ref() {
        wire::Ids::List(list) => list.clone(),
        wire::Ids::Text(text) => {
            let mut list = Vec::new();
            for part in text.split(',').map(str::trim).filter(|part| !part.is_empty()) {
                let number = |text: &str| -> Result<u64, Problem> {
                    text.trim().parse().map_err(|_| wrong(format!("`{}` is no node id", text.trim())))
                };
                let (first, last) = match part.split_once('-') {
                    Some((first, last)) => (number(first)?, number(last)?),
                    None => (number(part)?, number(part)?),
                };
                if first > last {
                    return Err(wrong(format!("the range `{part}` runs backwards")));
                }
                if last - first >= MAX_NODES as u64 {
                    return Err(wrong(format!("the range `{part}` has more than {MAX_NODES} nodes")));
                }
                list.extend(first..=last);
            }
            list
        }
    };
    if list.is_empty() {
        return Err(wrong("there are no nodes in the list".into()));
    }
    if list.len() > MAX_NODES {
        return Err(wrong(format!("there are {} nodes, more than {MAX_NODES}", list.len())));
    }
    Ok(list)
}
