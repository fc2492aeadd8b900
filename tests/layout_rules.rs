//! Every rule on a layout that it is made for and on one where it is silent. The snapshots show the
//! finding as the operator sees it.

use rolesim::cli::check::{Checked, Format, check_layout, render};
use rolesim::cli::cluster_args::ClusterArgs;
use rolesim::layout::rules::{self, Severity};
use rolesim::layout::{Layout, ServerVersion};
use rolesim::source::SourceText;

#[path = "layout_rules/cases.rs"]
mod cases;

/// A cluster and two layouts.
struct Case {
    rule: &'static str,
    version: &'static str,
    /// Options as on the command line, without the leading `--`.
    cluster: &'static [(&'static str, &'static str)],
    found: &'static str,
    silent: &'static str,
    /// Options for the second layout, if others.
    silent_cluster: Option<&'static [(&'static str, &'static str)]>,
}

fn cluster(options: &[(&str, &str)]) -> ClusterArgs {
    let mut args = ClusterArgs::default();
    for (name, value) in options {
        let value = (*value).to_owned();
        match *name {
            "nodes" => args.nodes = Some(value),
            "no-mail" => args.no_mail = Some(value),
            "role" => args.role.push(value),
            "push-shard" => args.push_shard.push(value),
            other => panic!("no such option: {other}"),
        }
    }
    args
}

fn layout(text: &str) -> Layout {
    let name = if text.starts_with(['{', '[']) && text.contains("\"tasks\"") { "roles.json" } else { "config.toml" };
    Layout::parse("test", SourceText::new(name, text)).unwrap_or_else(|problem| panic!("{problem}: {text}"))
}

fn checked<'a>(layout: &'a Layout, options: &[(&str, &str)], version: &str) -> Checked<'a> {
    let nodes = cluster(options).nodes(layout).unwrap_or_else(|problem| panic!("{problem}"));
    let parsed = ServerVersion::parse(version).expect("a version");
    check_layout(layout, &nodes, parsed, version)
}

#[test]
fn each_rule_finds_its_fault_and_is_silent_without_it() {
    for case in cases::CASES {
        let found_layout = layout(case.found);
        let mut found = checked(&found_layout, case.cluster, case.version);
        found.findings.retain(|finding| finding.rule == case.rule);
        assert!(!found.findings.is_empty(), "{} finds nothing", case.rule);
        let worst = rules::rule(case.rule).expect("a rule").severity;
        assert!(found.findings.iter().all(|finding| finding.severity >= worst), "{} is worse than it says", case.rule);

        let silent_layout = layout(case.silent);
        let options = case.silent_cluster.unwrap_or(case.cluster);
        let mut silent = checked(&silent_layout, options, case.version);
        silent.findings.retain(|finding| finding.rule == case.rule);
        assert_eq!(silent.findings, [], "{} is not silent", case.rule);
        let text = format!(
            "{}\n\n{}\n---- silent on ----\n{}\n\n{}",
            case.found,
            render(&[found], Format::Human, false),
            case.silent,
            render(&[silent], Format::Human, false)
        );
        insta::assert_snapshot!(case.rule, text);
    }
}

#[test]
fn every_rule_has_a_case_and_an_id_of_its_own() {
    let ids: Vec<&str> = rules::rules().iter().map(|rule| rule.id).collect();
    let cases: Vec<&str> = cases::CASES.iter().map(|case| case.rule).collect();
    assert_eq!(ids, cases);
    assert_eq!(ids.iter().collect::<std::collections::BTreeSet<_>>().len(), ids.len());
}

/// A layout for four nodes with which nothing is wrong.
const CLEAN: &str = r#"[cluster.roles]
purge.stores = ["1"]
purge.accounts = ["1", "2"]
acme.renew = ["1,2"]
metrics.calculate = ["3"]
metrics.push = ["4"]
push-notifications = ["1", "2", "3", "4"]
fts-indexing = ["1,2", "3,4"]
bayes-training = ["3,4"]
imip-processing = ["1,3"]
calendar-alerts = ["2,4"]
"#;

/// Nothing but the note on push: there each notification comes once and is lost while its node is down, or it comes k
/// times, so that no layout of several nodes is without one or the other.
fn assert_clean(checked: &Checked<'_>) {
    let found: Vec<&str> = checked.findings.iter().map(|finding| finding.rule).collect();
    assert_eq!(found, ["push-shard-of-one-node"]);
    assert_eq!((checked.findings[0].severity, checked.exit_code()), (Severity::Note, 0));
}

#[test]
fn nothing_is_found_in_a_clean_layout() {
    let clean = layout(CLEAN);
    assert_clean(&checked(&clean, &[("nodes", "1-4")], "0.14"));
    let for_0_15 = CLEAN.replace("bayes-training = [\"3,4\"]", "spam-training = [\"3\"]\nmerge-threads = [\"3,4\"]");
    assert_clean(&checked(&layout(&for_0_15), &[("nodes", "1-4")], "0.15"));
    assert_eq!(checked(&clean, &[("nodes", "1-4")], "documented").findings, []);
    let for_0_13 =
        "cluster.roles.purge = { stores = [1], accounts = [1] }\ncluster.roles.acme.renew = [\"1\", \"2\"]\n";
    assert_eq!(checked(&layout(for_0_13), &[("nodes", "1-2")], "0.13").findings, []);
}

#[test]
fn nothing_is_found_in_clean_role_objects() {
    let roles = layout(
        r#"{"list": [
            {"name": "all", "tasks": {"@type": "EnableAll"}},
            {"name": "worker", "tasks": {"@type": "DisableSome", "taskTypes": {"taskScheduler": true}}}],
            "pushShardsTotal": 2}"#,
    );
    let options =
        [("nodes", "1-2"), ("role", "1=all"), ("role", "2=worker"), ("push-shard", "1=1"), ("push-shard", "2=2")];
    assert_clean(&checked(&roles, &options, "0.16"));
}

/// What the documentation's example does, by the server facts: two nodes in each push shard send two
/// copies; 5 and 6 share no role but the purge of the stores; certificates, training, invitations and
/// alerts have one node each.
#[test]
fn the_documentations_example() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/scenarios/layouts/docs-example.toml");
    let text = std::fs::read_to_string(path).unwrap();
    let docs = Layout::parse("docs-example", SourceText::new("docs-example.toml", text)).unwrap();
    let mut found = checked(&docs, &[], "0.14.1");
    assert_eq!(found.exit_code(), 3);
    insta::assert_snapshot!("docs-example", render(&[found], Format::Human, false));

    found = checked(&docs, &[], "0.14.1");
    let of = |rule: &str| found.findings.iter().filter(|finding| finding.rule == rule).collect::<Vec<_>>();
    let push = of("shared-push-shard");
    assert_eq!(push.iter().map(|finding| finding.shard).collect::<Vec<_>>(), [Some(0), Some(1)]);
    assert!(push.iter().all(|finding| finding.message.contains("twice")));
    assert!(of("node-of-one-role")[0].message.starts_with("nodes 5 and 6 share the work of one role only"));
    let single: Vec<String> =
        of("single-point-of-failure").iter().filter_map(|finding| finding.role).map(|role| role.to_string()).collect();
    assert_eq!(single, ["acme.renew", "bayes-training", "imip-processing", "calendar-alerts"]);
}

/// In the documentation's reading each item is done once, so shared push shards are no fault.
#[test]
fn the_documented_server_sends_no_copies() {
    let docs = layout("cluster.roles.push-notifications = [\"1,2\", \"3,4\"]");
    let found = checked(&docs, &[], "documented");
    assert!(found.findings.iter().all(|finding| finding.severity != Severity::Error), "{:?}", found.findings);
}

#[test]
fn findings_come_worst_first() {
    let text =
        "cluster.roles.fts-indexing = [\"0\", \"1,1\", \"x\"]\ncluster.roles.push-notifications = [\"1\", \"1\"]";
    let messy = layout(text);
    let found = checked(&messy, &[("nodes", "0-3")], "0.14");
    let order: Vec<Severity> = found.findings.iter().map(|finding| finding.severity).collect();
    assert!(order.is_sorted() && order.len() > 5, "{order:?}");
}

/// Lines that would undo each other are not proposed: `acme.renew = [1, 2]` is to be one shard of the two nodes for one
/// rule and two shards of two nodes each for another; two items with a repeated id are mended in one line.
#[test]
fn one_line_has_one_replacement() {
    let both = layout("[cluster.roles]\nacme.renew = [1, 2]\nfts-indexing = [\"1,1\", \"2,2,3\"]\n");
    let found = checked(&both, &[("nodes", "1-4")], "0.14");
    let lines = |line: usize| -> Vec<&str> {
        let there = found
            .findings
            .iter()
            .filter(|finding| finding.span.as_ref().is_some_and(|span| both.source.line_column(span.start).0 == line));
        there.filter_map(|finding| finding.fixed_line.as_deref()).collect()
    };
    assert_eq!(lines(2), ["acme.renew = [\"1,2\"]"]);
    let told = found.findings.iter().filter(|finding| finding.help.contains("as above first"));
    assert!(told.clone().any(|finding| finding.rule == "single-point-of-failure"), "{:?}", found.findings);
    assert!(!lines(3).is_empty() && lines(3).windows(2).all(|pair| pair[0] == pair[1]), "{:?}", lines(3));
    for text in
        ["cluster.roles.fts-indexing = [\"1,1,3\", \"2,2,4\"]", "cluster.roles.fts-indexing = [\"1-2\", \"3-4\"]"]
    {
        let two = layout(text);
        let found = checked(&two, &[("nodes", "1-4")], "0.14");
        let of_role = found.findings.iter().filter(|finding| finding.role == Some(rolesim::layout::Role::FtsIndexing));
        let lines: Vec<_> = of_role.filter_map(|finding| finding.fixed_line.as_deref()).collect();
        assert!(lines.len() >= 2 && lines.iter().all(|line| *line == lines[0]), "{lines:?}");
    }
}

/// One role that nobody serves is one finding, whatever the number of wrong ids and empty shards.
#[test]
fn an_unserved_role_is_one_finding() {
    let count = |text: &str| {
        let unserved = layout(text);
        let found = checked(&unserved, &[("nodes", "1-4")], "0.14");
        found.findings.iter().filter(|finding| finding.role == Some(rolesim::layout::Role::CalendarAlerts)).count()
    };
    assert_eq!(count("cluster.roles.calendar-alerts = [\"7,8\", \"9\"]"), 1);
    // Two shards without a node; the one with two nodes adds nothing.
    assert_eq!(count("cluster.roles.calendar-alerts = [\"1,2\", \"9\", \"10,11\"]"), 1);
    let nobody = layout(TWO_TASKS);
    let found = checked(&nobody, &[("nodes", "1"), ("role", "1=web")], "0.16");
    assert_eq!(found.findings.iter().filter(|finding| finding.rule == "task-type-without-node").count(), 1);
}

const TWO_TASKS: &str = r#"[{"name": "web", "tasks": {"@type": "EnableSome", "taskTypes": {"outboundMta": true}}}]"#;

/// Nodes of unequal strength make equal numbers of nodes unequal.
#[test]
fn strength_counts() {
    let two = layout("cluster.roles.fts-indexing = [\"1\", \"2\"]");
    let mut nodes = cluster(&[("nodes", "1-2")]).nodes(&two).unwrap();
    let unequal = |nodes: &[_]| {
        let found = check_layout(&two, nodes, ServerVersion::V0_14, "0.14");
        found.findings.into_iter().find(|finding| finding.rule == "unequal-shards")
    };
    assert!(unequal(&nodes).is_none());
    nodes[1].strength = 4.0;
    assert!(unequal(&nodes).is_some_and(|finding| finding.shard == Some(0)));
}

/// Every list of up to three of these items, under every role that has mended lines: with a mended line in its place the
/// finding is gone and the role has no error.
#[test]
fn mended_lines_mend() {
    let items = ["1", "2", "1,2", "3,4", "1,9", "9", "x", "1-2", "2,2"];
    let mut lists: Vec<Vec<&str>> = vec![Vec::new()];
    for _ in 0..3 {
        let longer: Vec<Vec<&str>> =
            lists.iter().flat_map(|list| items.iter().map(|item| [&list[..], &[item]].concat())).collect();
        lists.extend(longer);
        lists.sort();
        lists.dedup();
    }
    let mut mended = std::collections::BTreeMap::new();
    for role in ["push-notifications", "fts-indexing", "calendar-alerts", "purge.accounts", "purge.stores"] {
        for list in &lists {
            let before = layout(&format!("[cluster.roles]\n{role} = {list:?}\n"));
            for finding in checked(&before, &[("nodes", "1-4")], "0.14").findings {
                let (Some(line), Some(_)) = (finding.fixed_line, finding.role.filter(|own| own.key() == role)) else {
                    continue;
                };
                let after = layout(&format!("[cluster.roles]\n{line}\n"));
                let left = checked(&after, &[("nodes", "1-4")], "0.14").findings;
                let is_left = |other: &rules::Finding| {
                    other.role == finding.role && (other.rule == finding.rule || other.severity == Severity::Error)
                };
                assert!(!left.iter().any(is_left), "{role} = {list:?}: {}: {line}: {left:?}", finding.rule);
                *mended.entry(finding.rule).or_insert(0) += 1;
            }
        }
    }
    // Each of the rules is among them, many times.
    for rule in
        ["shared-push-shard", "push-not-sharded", "shard-without-node", "single-point-of-failure", "item-dropped"]
    {
        assert!(mended.get(rule).is_some_and(|number| *number > 5), "{rule}: {mended:?}");
    }
}

/// A line is tried in a scenario too, where the layout is a part of the text. A misspelt key is mended where nothing else
/// has its name; `["4,5", "4"]` is two nodes in one shard, whatever the second item.
#[test]
fn lines_of_single_faults() {
    let fixed = |text: &str, version: &str, rule: &str| {
        let one = layout(text);
        let found = checked(&one, &[("nodes", "1-6")], version).findings;
        found.into_iter().find(|finding| finding.rule == rule).expect(rule).fixed_line
    };
    let roles = |line: &str| format!("[cluster.roles]\n{line}\n");
    let line = fixed(&roles("calendar-alerts = [\"4,5\", \"4\"]"), "0.14", "shard-without-node");
    assert_eq!(line.as_deref(), Some("calendar-alerts = [\"4,5\"]"));
    assert_eq!(fixed(&roles("calendar-alerts = [\"4\", \"4\"]"), "0.14", "single-point-of-failure"), None);
    let line = fixed(&roles("purge.acounts = [\"1\"]"), "0.14", "unknown-role");
    assert_eq!(line.as_deref(), Some("purge.accounts = [\"1\"]"));
    let line = fixed("[cluster.roles.imip-procesing]\nimip-processing = [\"4\"]\n", "0.14", "unknown-role");
    assert_eq!(line.as_deref(), Some("[cluster.roles.imip-processing]"));
    let both = roles("fts-indexng = [\"1\"]\nfts-indexing = [\"1,2\"]");
    assert_eq!(fixed(&both, "0.14", "unknown-role"), None);
    // 0.14 has no spam-training.
    assert_eq!(fixed(&roles("spam-trainin = [\"1\"]"), "0.14", "unknown-role"), None);
    // A name that is no type of task, and an empty list, leave a set that enables nothing.
    for types in ["\"indexDocument\"", "\"searchIndexing\", \"indexDocument\"", ""] {
        let text = format!(r#"[{{"name": "a", "tasks": {{"@type": "EnableSome", "taskTypes": [{types}]}}}}]"#);
        assert_eq!(fixed(&text, "0.16", "task-types-not-read"), None, "{types}");
    }
}

/// The price of a second node is told where there is one (server facts, section 2.1: what both have queued is run twice,
/// but training keeps its lock), and not where each item is done once.
#[test]
fn cover_has_its_price() {
    let help = |role: &str, version: &str| {
        let one = layout(&format!("cluster.roles.{role} = [\"1\"]"));
        let found = checked(&one, &[("nodes", "1-4")], version).findings;
        found.into_iter().find(|finding| finding.rule == "single-point-of-failure").expect(role).help
    };
    assert!(help("fts-indexing", "0.14").contains("the second run is wasted"));
    assert!(help("merge-threads", "0.15").contains("the second run is wasted"));
    assert!(help("calendar-alerts", "0.15").contains("goes out twice"));
    for (role, version) in [("bayes-training", "0.14"), ("acme.renew", "0.14"), ("fts-indexing", "documented")] {
        assert_eq!(help(role, version), "name a second node", "{role} {version}");
    }
}
