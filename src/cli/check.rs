//! `rolesim check`: the faults of a layout, as a compiler shows them.
//!
//! Exit codes: 0 no finding is an error (notes and warnings do not fail a build), 3 at least one is,
//! 2 the input or the usage is wrong, 1 the output could not be written.

mod github;
mod human;
mod json;
mod sarif;

use super::cluster_args::{ClusterArgs, parse_version};
use super::output;
use crate::layout::rules::{self, CheckContext, Finding, NodeInfo, Severity};
use crate::layout::{Layout, Role, ServerVersion, closest};
use crate::scenario::Scenario;
use crate::source::Problem;
use clap::{Args, ValueEnum};
use std::path::PathBuf;

/// Exit code when a finding is an error.
const CODE_ERRORS: u8 = 3;

/// Arguments of `rolesim check`.
#[derive(Debug, Clone, Args)]
pub struct CheckArgs {
    /// A layout (the server's config.toml, or ClusterRole objects in JSON) or a scenario
    #[arg(required_unless_present = "explain")]
    pub layout: Option<PathBuf>,
    #[command(flatten)]
    pub cluster: ClusterArgs,
    /// Version of the server: 0.13, 0.14, 0.15, 0.16 or documented [default: the latest whose keys the
    /// layout uses]
    #[arg(long, value_name = "VERSION")]
    pub version: Option<String>,
    /// How to write the findings
    #[arg(long, value_enum, default_value_t = Format::Human)]
    pub format: Format,
    /// Explain a rule and exit
    #[arg(long, value_name = "RULE")]
    pub explain: Option<String>,
}

/// How findings are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// As a compiler does, with the source underlined
    Human,
    /// One JSON object
    Json,
    /// SARIF 2.1.0, for code scanning
    Sarif,
    /// GitHub workflow commands, which annotate a pull request
    Github,
}

/// A layout with what was found in it.
pub struct Checked<'a> {
    /// The layout.
    pub layout: &'a Layout,
    /// Whether it is one of the layouts of a scenario, which findings then name.
    pub is_of_scenario: bool,
    /// The version that it was checked for, as given.
    pub version: String,
    /// Number of nodes of the cluster.
    pub nodes: usize,
    /// Worst first.
    pub findings: Vec<Finding>,
}

impl Checked<'_> {
    /// 3 if a finding is an error, otherwise 0.
    pub fn exit_code(&self) -> u8 {
        if self.count(Severity::Error) > 0 { CODE_ERRORS } else { 0 }
    }

    /// The name of a scenario's layout in front of a message; nothing for a layout alone.
    fn prefix(&self) -> String {
        if self.is_of_scenario { format!("layout {}: ", self.layout.name) } else { String::new() }
    }

    /// The same behind the name of a file.
    fn suffix(&self) -> String {
        if self.is_of_scenario { format!(" (layout {})", self.layout.name) } else { String::new() }
    }

    fn count(&self, severity: Severity) -> usize {
        self.findings.iter().filter(|finding| finding.severity == severity).count()
    }
}

/// Checks one layout, of a file or of a scenario.
pub fn check_layout<'a>(layout: &'a Layout, nodes: &[NodeInfo], version: ServerVersion, shown: &str) -> Checked<'a> {
    let context = CheckContext { layout, rules: version.rules(), version: shown, nodes };
    Checked {
        layout,
        is_of_scenario: false,
        version: shown.to_owned(),
        nodes: nodes.len(),
        findings: rules::check(&context),
    }
}

/// The findings of layouts in one of the formats.
pub fn render(checked: &[Checked<'_>], format: Format, colours: bool) -> String {
    match format {
        Format::Human => human::render(checked, colours),
        Format::Json => json::render(checked),
        Format::Sarif => sarif::render(checked),
        Format::Github => github::render(checked),
    }
}

/// Runs the command; returns the exit code.
///
/// # Errors
/// The input or the usage is wrong.
pub fn run(args: &CheckArgs) -> Result<u8, Problem> {
    if let Some(rule) = &args.explain {
        return explain(rule);
    }
    let Some(path) = &args.layout else {
        return Err(Problem::new("no layout is given", "name a layout file"));
    };
    if is_scenario_file(path) {
        return check_scenario(path, args);
    }
    let layout = read_layout(path)?;
    let nodes = args.cluster.nodes(&layout)?;
    let (version, shown) = match &args.version {
        Some(text) => (parse_version(text)?, text.clone()),
        None => {
            let version = inferred_version(&layout);
            (version, version.to_string())
        }
    };
    args.cluster.check_meaning([shown.as_str()])?;
    let checked = check_layout(&layout, &nodes, version, &shown);
    let assumed = args.version.is_none().then(|| assumption(&layout, &shown));
    Ok(print(&[checked], args.format, assumed))
}

/// Prints the findings, for a reader after what was assumed; returns the exit code.
fn print(checked: &[Checked<'_>], format: Format, assumed: Option<String>) -> u8 {
    let assumed = assumed.filter(|_| format == Format::Human).unwrap_or_default();
    let code = checked.iter().map(Checked::exit_code).max().unwrap_or(0);
    output::print_and_exit(&(assumed + &render(checked, format, output::colours())), code)
}

/// What is said first when the version is not given.
pub fn assumption(layout: &Layout, version: &str) -> String {
    let why =
        if layout.lists().is_some() { "the latest whose keys the layout uses" } else { "the one that reads JSON" };
    format!("assuming server {version}, {why}; say which one you run with --version\n\n")
}

/// Whether a file is a scenario. One that cannot be read is left to the reader of layouts to complain about.
pub(super) fn is_scenario_file(path: &std::path::Path) -> bool {
    std::fs::read_to_string(path).is_ok_and(|text| is_scenario(&text))
}

/// Checks every layout of a scenario, for the nodes and versions that the scenario gives it.
fn check_scenario(path: &std::path::Path, args: &CheckArgs) -> Result<u8, Problem> {
    let scenario = Scenario::read(path)?;
    let nodes = args.cluster.nodes_of(&scenario)?;
    let own = |layout| args.version.clone().unwrap_or_else(|| scenario.server(layout).version.to_string());
    let versions: Vec<String> = scenario.layouts.iter().map(own).collect();
    args.cluster.check_meaning(versions.iter().map(String::as_str))?;
    let mut checked = Vec::new();
    let mut assumed = None;
    for (layout, shown) in scenario.layouts.iter().zip(&versions) {
        if args.version.is_none() && !scenario.gives_version(layout) {
            let version = scenario.version;
            assumed = Some(format!("assuming server {version}, since the scenario has no [server] version\n\n"));
        }
        let found = check_layout(layout, &nodes, parse_version(shown)?, shown);
        checked.push(Checked { is_of_scenario: true, ..found });
    }
    Ok(print(&checked, args.format, assumed))
}

/// Reads a layout; its name is the file's without folder and extension.
///
/// # Errors
/// As for [`Layout::read_file`], and for a scenario, in which an operator's file would seem to have no
/// roles at all.
pub fn read_layout(path: &std::path::Path) -> Result<Layout, Problem> {
    let name = path.file_stem().map_or_else(|| "layout".into(), |stem| stem.to_string_lossy());
    let layout = Layout::read_file(&name, path)?;
    if layout.lists().is_some() && is_scenario(&layout.source.text) {
        let message = format!("`{}` is a scenario, not a layout", path.display());
        return Err(Problem::new(message, "name one of the layout files that it uses"));
    }
    Ok(layout)
}

/// Whether a TOML text is a scenario: it has `layouts`, which no server configuration has.
fn is_scenario(text: &str) -> bool {
    toml::de::DeTable::parse(text).is_ok_and(|document| document.get_ref().contains_key("layouts"))
}

/// The version that a layout is written for, as far as its keys tell: 0.16 for JSON, 0.14 if it has
/// `bayes-training` and no later key, otherwise 0.15.
pub fn inferred_version(layout: &Layout) -> ServerVersion {
    let Some(lists) = layout.lists() else {
        return ServerVersion::V0_16;
    };
    let has = |role| lists.get(role).is_some();
    if has(Role::BayesTraining) && !has(Role::SpamTraining) && !has(Role::MergeThreads) {
        ServerVersion::V0_14
    } else {
        ServerVersion::V0_15
    }
}

fn explain(id: &str) -> Result<u8, Problem> {
    let Some(rule) = rules::rule(id) else {
        let ids = || rules::rules().iter().map(|rule| rule.id);
        let help = match closest(id, ids()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("rules are {}", ids().collect::<Vec<_>>().join(", ")),
        };
        return Err(Problem::new(format!("there is no rule `{id}`"), help));
    };
    Ok(output::print_and_exit(&rules::explanation(rule), 0))
}

/// Line and column, from 1, of the start and of the end (exclusive) of a finding.
struct Place {
    start: (usize, usize),
    end: (usize, usize),
}

fn place(layout: &Layout, finding: &Finding) -> Option<Place> {
    let span = finding.span.as_ref()?;
    Some(Place { start: layout.source.line_column(span.start), end: layout.source.line_column(span.end) })
}
