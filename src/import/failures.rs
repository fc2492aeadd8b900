//! Tables of failures: one row per failure with a machine, a start and an end.
//!
//! In order: rows are read and checked; records of one machine that overlap are joined; times between failures (from a
//! repair to the next failure of the same machine) and to repair are fitted; machines become the nodes of a small cluster
//! ([`Mapping`]); the trace counts from the first failure on. The table that Los Alamos published (LA-UR-05-7318) is
//! understood without options.

use super::fitting::{CRITERION, FittedTime, fit};
use super::outages::{self, Outage, merge};
use super::summary::Summary;
use crate::input::{Moment, NANOS, Row, Table, TimeFormat};
use crate::source::Problem;
use crate::statistics::Family;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Names under which the columns are looked for.
const NODE_NAMES: [&str; 7] = ["node", "nodenumz", "nodenum", "machine", "host", "hostname", "server"];
const START_NAMES: [&str; 7] = ["down", "down_s", "Prob Started", "start", "started", "start_time", "begin"];
const END_NAMES: [&str; 7] = ["up", "up_s", "Prob Fixed", "end", "fixed", "end_time", "stop"];
const SYSTEM_NAMES: [&str; 3] = ["system", "cluster", "site"];

/// Failures of one system that follow each other within this are one burst, in nanoseconds (Ford et al., OSDI 2010).
const BURST: i64 = 120 * NANOS;

/// How many machines become few nodes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Mapping {
    /// Node i of n stands for one machine: of the machines in order of their number of failures, the one in the middle
    /// of the i-th of n equal parts. Each node then fails as often as one machine.
    #[default]
    Sample,
    /// The machines are dealt out to the nodes in turn; a node is down when one of its machines is.
    Fold,
}

/// What to read, and how.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Options {
    /// The file.
    pub path: PathBuf,
    /// Only rows of this system.
    pub system: Option<String>,
    /// Column of systems.
    pub system_column: Option<String>,
    /// Column of machines.
    pub node_column: Option<String>,
    /// Column of starts.
    pub start_column: Option<String>,
    /// Column of ends.
    pub end_column: Option<String>,
    /// How times are written.
    pub time_format: TimeFormat,
    /// Number of nodes; all machines if there is none.
    pub nodes: Option<u32>,
    /// How machines become nodes.
    pub mapping: Mapping,
}

/// Failures of machines.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Failures {
    /// Rows of the file.
    pub rows: u64,
    /// Rows of other systems.
    pub other_systems: u64,
    /// Rows without an end.
    pub without_end: u64,
    /// Rows that end before they start.
    pub backwards: u64,
    /// Line of the first row that ends before it starts.
    pub first_backwards: Option<u64>,
    /// Records joined to another that they overlap.
    pub joined: u64,
    /// Name of each machine; outages hold its index.
    pub machines: Vec<String>,
    /// System of each machine.
    pub systems: Vec<String>,
    /// Failures, merged, by machine and time.
    pub outages: Vec<Outage>,
    /// Lengths of all single records in seconds, before overlapping ones are joined.
    pub records_s: Vec<f64>,
    /// The nodes' failures, by node and time.
    pub of_nodes: Vec<Outage>,
    /// Node and the machines that it stands for.
    pub mapped: Vec<(u64, Vec<String>)>,
}

struct Columns {
    system: Option<usize>,
    node: usize,
    start: usize,
    end: usize,
}

impl Columns {
    fn find(table: &Table, options: &Options) -> Result<Self, Problem> {
        let one = |given: &Option<String>, names: &[&str], option: &str| match given {
            Some(name) => table.column(name),
            None => table.find(names).ok_or_else(|| {
                let known = table.header.join(", ");
                let help = format!("name it with {option}; the columns are {known}");
                table.header_problem(0, format!("no column is called one of {}", names.join(", ")), help)
            }),
        };
        let system = match (&options.system_column, &options.system) {
            (Some(name), _) => Some(table.column(name)?),
            (None, Some(_)) => Some(one(&None, &SYSTEM_NAMES, "--system-column")?),
            (None, None) => table.find(&SYSTEM_NAMES[..1]),
        };
        Ok(Self {
            system,
            node: one(&options.node_column, &NODE_NAMES, "--node-column")?,
            start: one(&options.start_column, &START_NAMES, "--start-column")?,
            end: one(&options.end_column, &END_NAMES, "--end-column")?,
        })
    }
}

/// Reads a table of failures.
///
/// # Errors
/// A column is missing, a time cannot be read, or no failure is left.
pub fn read(options: &Options, progress: &dyn Fn(u64)) -> Result<Failures, Problem> {
    let mut table = Table::open(&options.path, progress)?;
    let columns = Columns::find(&table, options)?;
    let mut found = Failures::default();
    let mut machines: BTreeMap<(String, String), Vec<(Moment, Moment)>> = BTreeMap::new();
    let mut row = Row::default();
    while table.next(&mut row)? {
        found.rows += 1;
        let system = columns.system.map_or("", |column| row.field(column));
        if options.system.as_deref().is_some_and(|wanted| wanted != system) {
            found.other_systems += 1;
            continue;
        }
        let Some((down, up)) = times(&table, &row, &columns, &options.time_format)? else {
            found.without_end += 1;
            continue;
        };
        if up < down {
            found.backwards += 1;
            found.first_backwards.get_or_insert(row.line());
            continue;
        }
        found.records_s.push(up.seconds_since(down));
        machines.entry((padded(system), padded(row.field(columns.node)))).or_default().push((down, up));
    }
    if machines.is_empty() {
        return Err(nothing(options, &found));
    }
    for (index, ((system, machine), records)) in machines.into_iter().enumerate() {
        let separator = if system.is_empty() { "" } else { "-" };
        found.machines.push(format!("{}{separator}{}", system.trim_start(), machine.trim_start()));
        found.systems.push(system.clone());
        found.outages.extend(records.into_iter().map(|(down, up)| Outage { node: index as u64, down, up }));
    }
    found.joined = merge(&mut found.outages);
    found.map(options.nodes, options.mapping);
    Ok(found)
}

/// Start and end of a row; `None` if it has no end.
fn times(
    table: &Table,
    row: &Row,
    columns: &Columns,
    format: &TimeFormat,
) -> Result<Option<(Moment, Moment)>, Problem> {
    let read = |column: usize| {
        let field = row.field(column);
        let seconds = || TimeFormat::Unix.parse(field).filter(|_| table.header[column].ends_with("_s"));
        format.parse(field).or_else(seconds).ok_or_else(|| {
            let help = format!("expected is {}; say --time-format, such as \"%d/%m/%Y %H:%M\"", format.expected());
            table.problem(row, column, format!("`{field}` is no time"), help)
        })
    };
    let down = read(columns.start)?;
    if row.field(columns.end).is_empty() {
        return Ok(None);
    }
    Ok(Some((down, read(columns.end)?)))
}

/// Numbers sort by value: as text they get spaces in front.
fn padded(name: &str) -> String {
    if name.parse::<u64>().is_ok() { format!("{name:>20}") } else { name.to_string() }
}

fn nothing(options: &Options, found: &Failures) -> Problem {
    let shown = options.path.display();
    match &options.system {
        Some(system) if found.other_systems == found.rows => {
            let message = format!("{shown}: none of the {} rows is of system `{system}`", found.rows);
            Problem::new(message, "give another --system, or leave it out for all")
        }
        _ => Problem::new(format!("{shown}: no failure with a start and an end"), "give rows with both"),
    }
}

impl Failures {
    fn map(&mut self, nodes: Option<u32>, mapping: Mapping) {
        let machines = self.machines.len();
        let count = nodes.map_or(machines, |nodes| (nodes as usize).min(machines));
        let mut groups: Vec<Vec<usize>> = vec![Vec::new(); count];
        match mapping {
            Mapping::Fold => (0..machines).for_each(|machine| groups[machine % count].push(machine)),
            Mapping::Sample if count == machines => (0..machines).for_each(|machine| groups[machine].push(machine)),
            Mapping::Sample => {
                let mut failures = vec![0_u64; machines];
                self.outages.iter().for_each(|outage| failures[outage.node as usize] += 1);
                let mut ranked: Vec<usize> = (0..machines).collect();
                ranked.sort_by_key(|machine| (failures[*machine], *machine));
                for (node, group) in groups.iter_mut().enumerate() {
                    group.push(ranked[(2 * node + 1) * machines / (2 * count)]);
                }
            }
        }
        let mut node_of = vec![None; machines];
        for (node, group) in groups.iter().enumerate() {
            group.iter().for_each(|machine| node_of[*machine] = Some(node as u64 + 1));
            self.mapped.push((node as u64 + 1, group.iter().map(|machine| self.machines[*machine].clone()).collect()));
        }
        self.of_nodes = self
            .outages
            .iter()
            .filter_map(|outage| Some(Outage { node: node_of[outage.node as usize]?, ..*outage }))
            .collect();
        merge(&mut self.of_nodes);
        self.of_nodes.sort_by_key(|outage| (outage.down, outage.node));
    }

    /// The first failure of a node, from which the trace counts.
    pub fn origin(&self) -> Option<Moment> {
        self.of_nodes.first().map(|outage| outage.down)
    }

    /// Share of the failures that belong to bursts of two or more machines of one system, each failure within 120 s of
    /// the one before.
    pub fn burst_share(&self) -> f64 {
        let system = |node: u64| self.systems.get(node as usize).map_or("", String::as_str);
        let mut starts: Vec<(&str, Moment, u64)> =
            self.outages.iter().map(|outage| (system(outage.node), outage.down, outage.node)).collect();
        starts.sort_unstable();
        let bursts = starts.chunk_by(|a, b| a.0 == b.0 && b.1.0 - a.1.0 <= BURST);
        let in_bursts = bursts.filter(|burst| burst.iter().any(|start| start.2 != burst[0].2)).map(<[_]>::len);
        in_bursts.sum::<usize>() as f64 / starts.len().max(1) as f64
    }

    /// The fault of a scenario that has failures like these, with the best family of each time; and what is to be said of
    /// those that are not good enough.
    fn random_crashes(fits: &[FittedTime]) -> Option<String> {
        let of = |name: &str| fits.iter().find(|fit| fit.name.starts_with(name));
        let (between, repair) = (of("time between failures")?, of("time to repair")?);
        let crashes = format!(
            "random failures like these, in [[fault]]: random_crashes = {{ nodes = \"all\", between = {}, repair = {} }}",
            between.nearest.as_ref()?,
            repair.nearest.as_ref()?
        );
        let rough: Vec<String> = [("between", between), ("repair", repair)]
            .into_iter()
            .filter(|(_, fit)| fit.toml.is_none())
            .filter_map(|(key, fit)| Some(format!("`{key}` (KS {:.3})", fit.best()?.ks_distance)))
            .collect();
        Some(match rough.as_slice() {
            [] => crashes,
            _ => format!(
                "{crashes}; {} only comes near what was measured: the failure trace has the recorded ones",
                rough.join(" and ")
            ),
        })
    }

    /// What was read, dropped and found.
    pub fn summary(&self, path: &Path) -> Summary {
        let mut summary = Summary::default();
        summary.fact(path.display().to_string(), format!("{} rows", self.rows));
        summary.fact("machines", self.machines.len());
        summary.fact("failures", self.outages.len());
        summary.fact("in bursts of 2 or more machines of a system", format!("{:.1} %", 100.0 * self.burst_share()));
        summary.dropped("rows of other systems", self.other_systems);
        summary.dropped("rows without an end", self.without_end);
        let line = self.first_backwards.map_or(String::new(), |line| format!(" (the first in line {line})"));
        summary.dropped(format!("rows that end before they start{line}"), self.backwards);
        summary.dropped("records joined to one of the same machine that they overlap or touch", self.joined);
        let rounding = outages::rounding(&self.outages);
        let minutes = ("minutes", 1.0 / 60.0);
        let records = fit("time to repair, single records", &self.records_s, rounding, minutes);
        summary.fits = outages::fits(&self.outages).into_iter().chain(records).collect();
        for (name, family) in [("time between failures", Family::Weibull), ("time to repair", Family::Lognormal)] {
            let fit = summary.fits.iter().find(|fit| fit.name.starts_with(name)).and_then(|fit| fit.family(family));
            let Some(fit) = fit else { continue };
            let parameters: Vec<String> = fit
                .parameters
                .iter()
                .map(|p| format!("{} {:.3} ({:.3} to {:.3})", p.name, p.value, p.ci_low, p.ci_high))
                .collect();
            summary.note(format!("{name} as {}: {}", family.key(), parameters.join(", ")));
        }
        if let Some(crashes) = Self::random_crashes(&summary.fits) {
            summary.note(crashes);
        }
        self.notes(&mut summary);
        summary
    }

    fn notes(&self, summary: &mut Summary) {
        summary.note(
            "the time after a machine's last failure is not counted, which makes times between failures look shorter",
        );
        summary.note(CRITERION);
        let named = |machines: &[String]| match machines {
            [one] => format!("machine {one}"),
            many => format!("{} machines", many.len()),
        };
        if self.mapped.len() <= 20 {
            let nodes = self.mapped.iter().map(|(node, machines)| format!("node {node}: {}", named(machines)));
            summary.note(nodes.collect::<Vec<_>>().join(", "));
        }
        if let Some(origin) = self.origin() {
            let last = self.of_nodes.iter().map(|outage| outage.up).max().unwrap_or(origin);
            summary.note(format!(
                "the trace has {} failures of {} nodes in {:.0} days; its second 0 is {origin}",
                self.of_nodes.len(),
                self.mapped.len(),
                last.seconds_since(origin) / 86_400.0
            ));
        }
    }
}
