//! A scenario around a server log: the same messages, nodes, version, and the service times measured from it.

use super::fitting::{FittedTime, time_text};
use super::log::{ENDPOINT, INDEXING, INGEST, ServerLog};
use super::outages;
use crate::input::NANOS;
use crate::server::Version;
use crate::source::Problem;
use crate::time::SimDuration;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

/// Fewer outages than this are not worth a distribution: their mean is used.
const FEWEST_OUTAGES: usize = 20;
/// Most account ids of a scenario.
const MAX_ACCOUNTS: u64 = 10_000_000;

/// Files of a scenario that is to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// The scenario.
    pub scenario: PathBuf,
    /// Its message trace.
    pub trace: PathBuf,
    /// The operator's layout, if it is known.
    pub layout: Option<PathBuf>,
}

/// A scenario and the files of measured values beside it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// The scenario's text.
    pub text: String,
    /// Path and content of each further file.
    pub files: Vec<(PathBuf, String)>,
}

/// Makes the scenario of a log.
///
/// # Errors
/// The log has no messages, or account ids too far apart.
pub fn of_log(log: &ServerLog, fits: &[FittedTime], target: &Target) -> Result<Written, Problem> {
    let mut written = Written { text: String::new(), files: Vec::new() };
    let text = &mut written.text;
    head(text, log, target)?;
    workload(text, log, target)?;
    for (name, values) in [(INGEST, &log.ingest_s), (INDEXING, &log.indexing_s)] {
        service(&mut written, fits, name, values, target);
    }
    push(&mut written, log, fits, target);
    failures(&mut written.text, log, fits);
    Ok(written)
}

fn head(text: &mut String, log: &ServerLog, target: &Target) -> Result<(), Problem> {
    let (first, last) = log.span().ok_or_else(|| {
        let help = "log at level info or lower: a message is a line of message-ingest.ham, .spam, .jmap-append or .imap-append";
        Problem::new("there are no messages in the log, so no scenario can be made of it", help)
    })?;
    let seconds = ((last.0 - first.0) / NANOS + 1) as u64;
    let names: Vec<String> = log.files.iter().map(|file| file.path.display().to_string()).collect();
    let ids: Vec<String> = log.nodes().iter().map(u64::to_string).collect();
    let version = log.version.as_deref().filter(|version| version.parse::<Version>().is_ok());
    let layout = match &target.layout {
        Some(path) => format!("[layouts]\nlogged = {}\n", quoted(&relative(path, &target.scenario))),
        None => "# The log does not tell the layout: here every node does everything. Name your own:\n\
                 # [layouts]\n# logged = \"config.toml\"\n[layouts.logged.cluster.roles]\n"
            .into(),
    };
    let _ = write!(
        text,
        "# Written by `rolesim import log` from {}.\n\
         title = \"Replay of a server log\"\n\
         start = {first}\n\
         duration = {}\n\
         replications = 10\n\
         seed = 1\n\n\
         [server]\n{}\n\
         {layout}\n\
         [nodes]\nids = {}\n# cores = 8 and speed = 1.0 are defaults: the log does not tell.\n",
        names.join(", ").replace(char::is_control, " "),
        duration(seconds),
        match version {
            Some(version) => format!("version = {}\n", quoted(version)),
            None => "# The log tells no version that rolesim knows.\nversion = \"0.14\"\n".into(),
        },
        quoted(&ids.join(",")),
    );
    Ok(())
}

fn workload(text: &mut String, log: &ServerLog, target: &Target) -> Result<(), Problem> {
    let ids = log.accounts();
    let (first, last) = ids.first().zip(ids.last()).map_or((0, 0), |(first, last)| (*first, *last));
    let accounts = u64::from(last - first) + 1;
    if accounts > MAX_ACCOUNTS {
        let message = format!("the account ids run from {first} to {last}, more than {MAX_ACCOUNTS} of them");
        return Err(Problem::new(message, "leave --scenario out and number the accounts of the trace anew"));
    }
    let messages = log.deliveries.len() as f64;
    let days = log.observed_s / 86_400.0 / log.nodes().len().max(1) as f64;
    let per_message = |count: u64| (count as f64 / messages).min(1.0);
    let alerts = if days > 0.0 { log.counts.alerts as f64 / accounts as f64 / days } else { 0.0 };
    let _ = write!(
        text,
        "\n[workload]\naccounts = {accounts}\nfirst_account_id = {first}\nreplay = {}\n\
         calendar_alerts_per_account_per_day = {alerts:?}   # {} sent\n\
         invitations_per_message = {:?}   # {} sent\n\
         trainings_per_message = {:?}   # {} seen\n",
        quoted(&relative(&target.trace, &target.scenario)),
        log.counts.alerts,
        per_message(log.counts.invitations),
        log.counts.invitations,
        per_message(log.counts.trainings),
        log.counts.trainings,
    );
    if log.push.requests + log.push.errors > 0 {
        let mean = (log.push.subscriptions as f64 / ids.len() as f64).min(100.0);
        let _ = writeln!(text, "push_subscriptions_per_account = {mean:?}   # {} addresses", log.push.subscriptions);
    }
    Ok(())
}

fn service(written: &mut Written, fits: &[FittedTime], name: &str, values: &[f64], target: &Target) {
    let Some(fit) = fits.iter().find(|fit| fit.name == name) else {
        let _ = write!(written.text, "\n# The log has no times of {name}: the defaults of rolesim hold.\n");
        return;
    };
    let cpu = distribution(written, fit, values, target);
    let _ = write!(
        written.text,
        "\n[{name}]\n{}# Elapsed time, which the log does not divide into processor and database.\ncpu = {cpu}\ndatabase = \"0s\"\n",
        described(fit)
    );
}

fn push(written: &mut Written, log: &ServerLog, fits: &[FittedTime], target: &Target) {
    let all = log.push.requests + log.push.errors;
    if all == 0 {
        return;
    }
    let _ = write!(written.text, "\n[push]\n");
    if let Some(fit) = fits.iter().find(|fit| fit.name == ENDPOINT) {
        let endpoint = distribution(written, fit, &log.push.elapsed_s, target);
        let _ = writeln!(written.text, "{}endpoint = {endpoint}", described(fit));
    }
    let failed = log.push.errors as f64 / all as f64;
    let _ = writeln!(written.text, "failure_probability = {failed:?}   # {} of {all} requests", log.push.errors);
}

/// The distribution as TOML. Measured values go to a file beside the scenario, each in the middle of its millisecond.
fn distribution(written: &mut Written, fit: &FittedTime, values: &[f64], target: &Target) -> String {
    if let Some(toml) = &fit.toml {
        return toml.clone();
    }
    let stem = target.scenario.file_stem().unwrap_or_default().to_string_lossy();
    let name = format!("{stem}-{}.csv", fit.name.replace('.', "-"));
    let rows: String = values.iter().map(|value| format!("{:.4}\n", value + 0.000_5)).collect();
    written.files.push((target.scenario.with_file_name(&name), format!("elapsed_s\n{rows}")));
    format!("{{ empirical = {} }}", quoted(&name))
}

/// The fit as comments.
fn described(fit: &FittedTime) -> String {
    let unit = fit.unit;
    let mut text = format!(
        "# {} values: mean {:.2} {unit}, median {:.2} {unit}, 99 % {:.2} {unit}.\n",
        fit.n, fit.mean, fit.median, fit.p99
    );
    if let Some(best) = fit.best() {
        let parameters: Vec<String> = best
            .parameters
            .iter()
            .map(|p| format!("{} {:.4} ({:.4} to {:.4})", p.name, p.value, p.ci_low, p.ci_high))
            .collect();
        let verdict = if fit.toml.is_some() { "" } else { ": too far, the values themselves are used" };
        let _ = writeln!(
            text,
            "# Best family {} [{unit}]: {}; KS {:.4}, limit {:.4}{verdict}.",
            best.family,
            parameters.join(", "),
            best.ks_distance,
            fit.ks_limit
        );
    }
    text
}

fn failures(text: &mut String, log: &ServerLog, fits: &[FittedTime]) {
    let count = log.outages.len();
    let hours = log.observed_s / 3_600.0;
    let repairs = outages::repairs(&log.outages);
    let mean_repair = repairs.iter().sum::<f64>() / count.max(1) as f64;
    // Up time over failures: the maximum-likelihood mean that counts the times without a failure at the end too.
    let mean_between = (log.observed_s - repairs.iter().sum::<f64>()) / count.max(1) as f64;
    let (Some(between), Some(repair), true) = (time_text(mean_between), time_text(mean_repair.max(0.001)), count > 0)
    else {
        let _ = write!(text, "\n# No node was down in {hours:.2} node-hours, so there is no [[fault]].\n");
        return;
    };
    let fitted = |name: &str| {
        let fit = fits.iter().find(|fit| fit.name == name && fit.n >= FEWEST_OUTAGES);
        fit.and_then(|fit| fit.toml.clone().map(|toml| (described(fit), toml)))
    };
    let (between_note, between) = fitted("time between failures of a node")
        .unwrap_or_else(|| (String::new(), format!("{{ exponential = {{ mean = {between} }} }}")));
    let (repair_note, repair) = fitted("time to repair")
        .unwrap_or_else(|| (String::new(), format!("{{ exponential = {{ mean = {repair} }} }}")));
    let _ = write!(
        text,
        "\n# Nodes were down {count} times in {hours:.2} node-hours; {} without server.shutdown.\n{between_note}{repair_note}\
         [[fault]]\nrandom_crashes = {{ nodes = \"all\", between = {between}, repair = {repair} }}\n",
        log.crashes
    );
}

fn duration(seconds: u64) -> String {
    serde_json::to_string(&SimDuration::from_secs(seconds.max(1))).unwrap_or_else(|_| format!("\"{seconds}s\""))
}

fn quoted(text: &str) -> String {
    toml::Value::from(text).to_string()
}

/// A path as a scenario names it: from its folder on if the file lies there, else absolute.
fn relative(path: &Path, scenario: &Path) -> String {
    let folder = |path: &Path| {
        let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or_else(|| Path::new("."));
        std::path::absolute(parent).ok()
    };
    let inside = folder(scenario).zip(std::path::absolute(path).ok());
    let shown = match inside {
        Some((folder, full)) => full.strip_prefix(&folder).map(Path::to_path_buf).unwrap_or(full),
        None => path.to_path_buf(),
    };
    shown.to_string_lossy().into_owned()
}
