//! `[nodes]` and `[node.N]`: which nodes there are.

use super::Server;
use super::reader::Place;
use super::wire;
use super::wire::Spanned;
use crate::cluster::setup::NodeSpec;
use crate::layout::{LayoutRules, NodeSettings};
use crate::source::Problem;
use crate::workload::Workload;
use std::collections::BTreeSet;
use std::ops::Range;

/// Most nodes of a cluster.
const MAX_NODES: usize = 60_000;
const MAX_CORES: i64 = 65_536;
/// Limits of a node's share of the mail if it has one: the load balancer adds up their inverses.
const MAIL_SHARES: (f64, f64) = (1e-6, 1e6);
const MAX_RANGES_SHOWN: usize = 10;

/// The nodes as read; all lists have the same order, by id.
pub(super) struct Nodes {
    pub specs: Vec<NodeSpec>,
    pub settings: Vec<NodeSettings>,
    pub zones: Vec<String>,
    /// Whether the file names a zone at all.
    pub has_zones: bool,
    /// What `[nodes]` says of a node, without the overrides.
    pub template: NodeSpec,
    /// Where the file says which role each node has (0.16).
    pub role_spans: Vec<Range<usize>>,
}

impl Nodes {
    /// Index of the node with this id.
    pub fn index(&self, place: &Place, id: u64, span: Range<usize>) -> Result<u16, Problem> {
        self.specs
            .binary_search_by_key(&id, |node| node.id)
            .map(|index| index as u16)
            .map_err(|_| place.problem(span, format!("there is no node {id}"), format!("the nodes are {}", self.ids())))
    }

    /// Nodes that `[node.N]` makes unlike the template, by id, with the place of their table.
    pub fn unlike(&self, file: &wire::File) -> Vec<(u64, Range<usize>)> {
        let mut unlike: Vec<(u64, Range<usize>)> = file
            .node
            .keys()
            .filter_map(|name| Some((parse_id(name.get_ref())?, name.span())))
            .filter(|(id, _)| {
                let own = self.specs.iter().find(|node| node.id == *id);
                own.is_some_and(|own| *own != NodeSpec { id: *id, ..self.template.clone() })
            })
            .collect();
        unlike.sort_unstable_by_key(|(_, span)| span.start);
        unlike
    }

    /// The ids as ranges, for messages; many ranges are cut short.
    pub fn ids(&self) -> String {
        let mut ranges: Vec<(u64, u64)> = Vec::new();
        for node in &self.specs {
            match ranges.last_mut() {
                Some((_, last)) if last.checked_add(1) == Some(node.id) => *last = node.id,
                _ => ranges.push((node.id, node.id)),
            }
        }
        let shown = ranges.iter().map(|(a, b)| if a == b { a.to_string() } else { format!("{a}-{b}") });
        let mut shown: Vec<String> = shown.take(MAX_RANGES_SHOWN + 1).collect();
        if shown.len() > MAX_RANGES_SHOWN {
            shown[MAX_RANGES_SHOWN] = "…".into();
        }
        shown.join(",")
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
    if let Some(written) = &defaults.ids
        && let Some(pair) = ids.windows(2).find(|pair| pair[0] == pair[1])
    {
        return Err(place.problem(written.span(), format!("node {} is listed twice", pair[0]), "name each node once"));
    }
    let cores = place.whole(defaults.cores.as_ref(), "cores", 1, MAX_CORES, 8)?;
    let speed = place.number(defaults.speed.as_ref(), "speed", 1e-6, 1e6, 1.0)?;
    let mail_share = mail_share(place, defaults.mail_share.as_ref(), 1.0)?;
    let mut nodes = Nodes {
        specs: ids.iter().map(|&id| NodeSpec { id, cores: cores as u32, speed, mail_share }).collect(),
        settings: ids
            .iter()
            .map(|&id| NodeSettings {
                id,
                role: defaults.role.as_ref().map(|role| role.get_ref().clone()),
                push_shard: defaults.push_shard.as_ref().map(|shard| shard.get_ref().0.clone()),
            })
            .collect(),
        zones: vec![defaults.zone.clone().unwrap_or_else(|| "a".into()); ids.len()],
        has_zones: defaults.zone.is_some() || file.node.values().any(|node| node.zone.is_some()),
        template: NodeSpec { id: 1, cores: cores as u32, speed, mail_share },
        role_spans: vec![defaults.role.as_ref().map(Spanned::span).unwrap_or_default(); ids.len()],
    };
    let mut overridden = BTreeSet::new();
    for (name, node) in &file.node {
        let index = override_node(place, &mut nodes, name, node)?;
        if !overridden.insert(index) {
            let message = format!("node {} has two tables", nodes.specs[index].id);
            return Err(place.problem(name.span(), message, "keep one of them"));
        }
    }
    Ok(nodes)
}

/// Keys that stand for what only 0.16 reads are a mistake where no layout is simulated under it.
pub(super) fn check_meaning(place: &Place, file: &wire::File, servers: &[Server]) -> Result<(), Problem> {
    if servers.iter().any(|server| server.rules.layout == LayoutRules::Objects) {
        return Ok(());
    }
    let (role, shard) = ("role", "push_shard");
    let of_all = [(role, span(&file.nodes.role)), (shard, span(&file.nodes.push_shard))];
    let of_nodes = file
        .node
        .values()
        .flat_map(|node| [(role, span(&node.role)), (shard, span(&node.push_shard)), ("env", span(&node.env))]);
    let written = of_all.into_iter().chain(of_nodes).find_map(|(key, span)| Some((key, span?)));
    let Some((key, span)) = written else { return Ok(()) };
    let versions: BTreeSet<String> = servers.iter().map(|server| server.version.to_string()).collect();
    let versions = versions.into_iter().collect::<Vec<_>>().join(", ");
    let message = format!("only server 0.16 reads `{key}`, and no layout is simulated under it (here: {versions})");
    let help = "remove the key, or set version = \"0.16\", in [server] or beside the `file` of a layout";
    Err(place.problem(span, message, help))
}

fn span<T>(value: &Option<Spanned<T>>) -> Option<Range<usize>> {
    value.as_ref().map(Spanned::span)
}

/// Messages need a node that takes them.
pub(super) fn check_mail(place: &Place, file: &wire::File, nodes: &Nodes, workload: &Workload) -> Result<(), Problem> {
    let takes_mail = nodes.specs.iter().any(|node| node.mail_share > 0.0);
    if takes_mail || (workload.deliveries_per_day() == 0.0 && workload.bursts.is_empty()) {
        return Ok(());
    }
    let tables = file.node.values().filter_map(|node| node.mail_share.as_ref());
    let span = file.nodes.mail_share.as_ref().into_iter().chain(tables).map(Spanned::span).next();
    let help = "give one node or more a `mail_share` above zero, or set `messages_per_account_per_day` to 0";
    Err(place.problem(span.unwrap_or(0..0), "no node receives mail", help))
}

fn override_node(
    place: &Place,
    nodes: &mut Nodes,
    name: &Spanned<String>,
    node: &wire::NodeOverride,
) -> Result<usize, Problem> {
    let id = parse_id(name.get_ref()).ok_or_else(|| {
        let message = format!("`{}` is no node id", name.get_ref());
        place.problem(name.span(), message, "write [node.N] with a number, such as [node.5]")
    })?;
    let index = nodes.index(place, id, name.span())? as usize;
    let spec = &mut nodes.specs[index];
    spec.cores = place.whole(node.cores.as_ref(), "cores", 1, MAX_CORES, i64::from(spec.cores))? as u32;
    spec.speed = place.number(node.speed.as_ref(), "speed", 1e-6, 1e6, spec.speed)?;
    spec.mail_share = mail_share(place, node.mail_share.as_ref(), spec.mail_share)?;
    if let Some(zone) = &node.zone {
        nodes.zones[index].clone_from(zone);
    }
    if let Some(role) = &node.role {
        nodes.settings[index].role = Some(role.get_ref().clone());
        nodes.role_spans[index] = role.span();
    }
    if let Some(shard) = &node.push_shard {
        nodes.settings[index].push_shard = Some(shard.get_ref().0.clone());
    }
    if let Some(path) = &node.env
        && read_environment(place, path, &mut nodes.settings[index])?
    {
        nodes.role_spans[index] = path.span();
    }
    Ok(index)
}

/// Takes `STALWART_ROLE` and `STALWART_PUSH_SHARD` from an environment file (`NAME=value` a line, `#` for
/// comments, an optional `export`, quotes around values). Returns whether it names a role.
fn read_environment(place: &Place, path: &Spanned<String>, settings: &mut NodeSettings) -> Result<bool, Problem> {
    let full = place.folder.join(path.get_ref());
    let text = std::fs::read_to_string(&full).map_err(|error| {
        let message = format!("cannot read the environment file `{}`: {error}", full.display());
        place.problem(path.span(), message, "give the path of a text file; paths start at the scenario's folder")
    })?;
    let mut names_role = false;
    for line in text.lines().map(str::trim).filter(|line| !line.starts_with('#')) {
        let line = line.strip_prefix("export ").unwrap_or(line);
        let Some((name, value)) = line.split_once('=') else { continue };
        let value = value.trim().trim_matches(|c| c == '"' || c == '\'').to_string();
        match name.trim() {
            "STALWART_ROLE" if !value.is_empty() => {
                settings.role = Some(value);
                names_role = true;
            }
            "STALWART_PUSH_SHARD" if !value.is_empty() => settings.push_shard = Some(value),
            _ => {}
        }
    }
    Ok(names_role)
}

fn mail_share(place: &Place, written: Option<&Spanned<f64>>, default: f64) -> Result<f64, Problem> {
    let share = place.number(written, "mail_share", 0.0, MAIL_SHARES.1, default)?;
    match written {
        Some(written) if share > 0.0 && share < MAIL_SHARES.0 => {
            let help = format!("use 0, or a number from {} to {}", MAIL_SHARES.0, MAIL_SHARES.1);
            Err(place.problem(written.span(), format!("`mail_share` is {share}"), help))
        }
        _ => Ok(share),
    }
}

/// Without `ids`, the nodes that have a table of their own.
fn default_ids(place: &Place, file: &wire::File) -> Result<Vec<u64>, Problem> {
    let ids: Vec<u64> = file.node.keys().filter_map(|name| parse_id(name.get_ref())).collect();
    if ids.is_empty() {
        return Err(place.problem(0..0, "the scenario has no nodes", "add [nodes] with ids = \"1-5\""));
    }
    Ok(ids)
}

/// A node id: digits only.
fn parse_id(text: &str) -> Option<u64> {
    let text = text.trim();
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| is_number)
}

fn parse_ids(place: &Place, ids: &Spanned<wire::Ids>) -> Result<Vec<u64>, Problem> {
    let wrong = |message: String| place.problem(ids.span(), message, "write node ids such as \"1-5\" or \"1,3,7-9\"");
    let list = match ids.get_ref() {
        wire::Ids::List(list) => list.iter().map(|id| id.0).collect(),
        wire::Ids::Text(text) => {
            let mut list = Vec::new();
            for part in text.split(',').map(str::trim).filter(|part| !part.is_empty()) {
                let number = |text: &str| -> Result<u64, Problem> {
                    parse_id(text).ok_or_else(|| wrong(format!("`{}` is no node id", text.trim())))
                };
                let (first, last) = match part.split_once('-').filter(|(first, _)| !first.is_empty()) {
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
                if list.len() > MAX_NODES {
                    return Err(wrong(format!("there are more than {MAX_NODES} nodes")));
                }
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
