//! `rolesim check` and `rolesim layout` as their users call them.

use assert_cmd::Command;
use assert_cmd::assert::Assert;
use rolesim::layout::rules;
use std::path::PathBuf;

const DOCS: &str = "scenarios/layouts/docs-example.toml";

fn rolesim(arguments: &[&str]) -> Assert {
    let mut command = Command::new(env!("CARGO_BIN_EXE_rolesim"));
    command.current_dir(env!("CARGO_MANIFEST_DIR")).env("NO_COLOR", "1").args(arguments).assert()
}

fn stdout(assert: Assert) -> String {
    String::from_utf8(assert.get_output().stdout.clone()).expect("UTF-8")
}

fn stderr(assert: Assert) -> String {
    String::from_utf8(assert.get_output().stderr.clone()).expect("UTF-8")
}

/// A file that is removed at the end.
struct File(tempfile::TempDir, PathBuf);

fn file(name: &str, content: impl AsRef<[u8]>) -> File {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join(name);
    std::fs::write(&path, content).expect("the file is written");
    File(folder, path)
}

impl File {
    fn path(&self) -> &str {
        self.1.to_str().expect("UTF-8")
    }
}

#[test]
fn errors_give_3_and_clean_layouts_0() {
    let found = stdout(rolesim(&["check", DOCS]).code(3));
    assert!(found.contains("error[shared-push-shard]") && found.contains(&format!("--> {DOCS}:38:23")), "{found}");
    assert!(found.ends_with("2 errors, 6 warnings, 2 notes (server 0.14, 6 nodes)\n"), "{found}");

    let clean = file("one.toml", "cluster.roles.push-notifications = \"1\"");
    let found = stdout(rolesim(&["check", clean.path()]).code(0));
    assert!(found.ends_with("no findings (server 0.15, 1 node)\n"), "{found}");

    let warned = file("two.toml", "cluster.roles.push-notifications = [1, 2]\ncluster.roles.acme.renew = \"1\"");
    let found = stdout(rolesim(&["check", warned.path()]).code(0));
    assert!(found.contains("warning[single-point-of-failure]"), "{found}");
}

#[test]
fn wrong_input_gives_2_and_says_where() {
    let broken = file("broken.toml", "[cluster.roles]\nfts-indexing = [\"1\"\n");
    let shown = stderr(rolesim(&["check", broken.path()]).code(2));
    assert!(shown.contains("broken.toml:") && shown.contains("not TOML"), "{shown}");

    let binary = file("binary.toml", [0xff, 0xfe]);
    assert!(stderr(rolesim(&["check", binary.path()]).code(2)).contains("UTF-8"));

    let scenario = file("scenario.toml", "title = \"t\"\n[nodes]\nids = 1\n[layouts]\na = \"a.toml\"\n");
    assert!(stderr(rolesim(&["check", scenario.path()]).code(2)).contains("scenario.toml:5:5"));

    let empty = file("empty.toml", "");
    assert!(stderr(rolesim(&["check", empty.path()]).code(2)).contains("--nodes 1-4"));
    rolesim(&["check", empty.path(), "--nodes", "1-4"]).code(3);

    for arguments in [
        &["check", "no-such-file.toml"][..],
        &["check", "src"],
        &["check"],
        &["check", DOCS, "--version", "0.12"],
        &["check", DOCS, "--nodes", "4-1"],
        &["check", DOCS, "--no-mail", "9"],
        &["check", DOCS, "--role", "1"],
        &["check", DOCS, "--format", "xml"],
        &["check", "--explain", "push"],
        &["layout", "no-such-file.toml"],
        &["layout", DOCS, "--version", "2"],
    ] {
        assert!(!stderr(rolesim(arguments).code(2)).is_empty(), "{arguments:?}");
    }
}

#[test]
fn rules_are_explained() {
    insta::assert_snapshot!("explain", stdout(rolesim(&["check", "--explain", "shared-push-shard"]).code(0)));
    let shown = stderr(rolesim(&["check", "--explain", "shared-push-shards"]).code(2));
    assert!(shown.contains("did you mean `shared-push-shard`?"), "{shown}");
}

const SMALL: &str = "[cluster.roles]\n# tab:\tand ü\nfts-indexing = [\"1,1\", \"2 ü\"]\npush-notifications = [1, 1]\n";

/// The output with the temporary folder taken out.
fn in_format(format: &str) -> String {
    let small = file("small, 100%.toml", SMALL);
    let text =
        stdout(rolesim(&["check", small.path(), "--nodes", "1", "--version", "0.14", "--format", format]).code(3));
    let folder = small.0.path().to_str().expect("UTF-8").to_owned();
    text.replace(&folder, "FOLDER")
}

#[test]
fn findings_as_workflow_commands() {
    insta::assert_snapshot!("github", in_format("github"));
}

#[test]
fn findings_as_json() {
    insta::assert_snapshot!("json", in_format("json"));
}

#[test]
fn findings_as_sarif() {
    let log: serde_json::Value = serde_json::from_str(&in_format("sarif")).expect("JSON");
    assert_eq!(log["version"], "2.1.0");
    let run = &log["runs"][0];
    let described = run["tool"]["driver"]["rules"].as_array().expect("rules");
    assert_eq!(described.len(), rules::rules().len());
    for result in run["results"].as_array().expect("results") {
        let index = usize::try_from(result["ruleIndex"].as_u64().expect("an index")).expect("small");
        assert_eq!(described[index]["id"], result["ruleId"]);
    }
    insta::assert_snapshot!("sarif", format!("{:#}", run["results"]));
}

#[test]
fn what_each_node_derives() {
    insta::assert_snapshot!("layout", stdout(rolesim(&["layout", DOCS]).code(0)));
    let versions = ["layout", DOCS, "--version", "0.13", "--version", "0.14", "--version", "0.15"];
    insta::assert_snapshot!("layout-versions", stdout(rolesim(&versions).code(0)));
    let csv = stdout(rolesim(&["layout", DOCS, "--format", "csv"]).code(0));
    assert!(csv.starts_with("version,role,node,assignment\n0.14,purge.stores,1,all\n"), "{csv}");
    assert!(
        csv.contains("\n0.14,push-notifications,3,2/2\n") && csv.contains("\n0.14,push-notifications,5,-\n"),
        "{csv}"
    );
    let json: serde_json::Value =
        serde_json::from_str(&stdout(rolesim(&["layout", DOCS, "--format", "json"]).code(0))).expect("JSON");
    assert_eq!(json["versions"][0]["roles"]["push-notifications"]["2"], "1/2");
}

/// What only 0.16 reads is refused for other versions, of a layout and of a scenario, by `check` and by `layout`.
#[test]
fn options_that_the_version_does_not_read_are_refused() {
    let scenario = file("s.toml", "[nodes]\nids = \"1-2\"\n[layouts.a]\n[layouts.b]\nversion = \"0.15\"\n");
    for path in [DOCS, scenario.path()] {
        for command in ["check", "layout"] {
            for (option, variable) in [("--push-shard=1=2", "STALWART_PUSH_SHARD"), ("--role=1=idx", "STALWART_ROLE")] {
                let said = stderr(rolesim(&[command, path, option]).code(2));
                assert!(said.contains(&format!("only server 0.16 reads {variable}")), "{said}");
                assert!(said.contains("0.14"), "{said}");
                rolesim(&[command, path, option, "--version", "0.16"]).code(predicates::ord::ne(2));
            }
        }
    }
    rolesim(&["layout", DOCS, "--version", "0.14", "--version", "0.16", "--push-shard", "1=2"]).code(0);
}

/// Findings of a scenario name the layout, in every format; those of a layout alone do not.
#[test]
fn findings_of_a_scenario_name_the_layout() {
    let text = "[nodes]\nids = \"1-2\"\n[layouts.one.cluster.roles]\npush-notifications = [\"1,2\"]\n[layouts.none]\n";
    let scenario = file("s.toml", text);
    let found = |format: &str| stdout(rolesim(&["check", scenario.path(), "--format", format]).code(3));
    let human = found("human");
    for shown in [
        "s.toml:4:22 (layout one)\n",
        "s.toml (layout none)\n",
        "s.toml (layout one): 1 error",
        "s.toml (layout none): ",
    ] {
        assert!(human.contains(shown), "{shown}: {human}");
    }
    assert!(found("github").contains("title=push-not-sharded::layout none: push is not divided"));
    assert!(found("sarif").contains("layout one: push is not divided"));
    assert!(!stdout(rolesim(&["check", DOCS]).code(3)).contains("(layout"));
}

/// Each layout of a scenario with its own version; for a scenario and for a layout alone what is not said is said first;
/// and that 0.16 does not read TOML.
#[test]
fn layouts_of_a_scenario_and_what_is_assumed() {
    insta::assert_snapshot!("layout-scenario", stdout(rolesim(&["layout", "scenarios/versions.toml"]).code(0)));
    let csv = stdout(rolesim(&["layout", "scenarios/versions.toml", "--format", "csv"]).code(0));
    assert!(csv.starts_with("layout,version,role,node,assignment\n0.13,0.13,purge.stores,1,"), "{csv}");
    assert!(csv.contains("\n0.16.18,0.16.18,push-notifications,2,2/4"), "{csv}");

    let table = stdout(rolesim(&["layout", DOCS]).code(0));
    assert!(table.starts_with("assuming server 0.14, the latest whose keys the layout uses"), "{table}");
    let found = stdout(rolesim(&["check", DOCS]).code(3));
    assert!(found.starts_with("assuming server 0.14, the latest whose keys the layout uses"), "{found}");
    let found = stdout(rolesim(&["check", DOCS, "--version", "0.14"]).code(3));
    assert!(found.starts_with("error["), "{found}");
    let scenario = file("s.toml", "[nodes]\nids = \"1-2\"\n[layouts.a]\n");
    let found = stdout(rolesim(&["check", scenario.path()]).code(3));
    assert!(found.starts_with("assuming server 0.14, since the scenario has no [server] version"), "{found}");
    assert!(!stdout(rolesim(&["check", "scenarios/versions.toml"])).contains("assuming"));

    let table = stdout(rolesim(&["layout", DOCS, "--version", "0.14", "--version", "0.16"]).code(0));
    let remark = "server 0.16 does not read `[cluster.roles]` from TOML, so every node does everything";
    assert_eq!(table.matches(remark).count(), 1, "{table}");
}

/// `--nodes` chooses among the nodes of a scenario and leaves them as they are: nodes 2 and 3 receive no mail.
#[test]
fn chosen_nodes_of_a_scenario_stay_as_they_are() {
    let arguments = ["check", "scenarios/indexing-without-mail.toml", "--nodes"];
    let without_mail = |ids: &str| {
        let found = stdout(rolesim(&[&arguments[..], &[ids]].concat()));
        found.contains("[node-without-mail]")
    };
    assert!(without_mail("1-4") && without_mail("1-5"));
}

/// A table that was meant to be `cluster.roles` is found although its nodes are named nowhere else.
#[test]
fn a_misspelt_table_is_found() {
    for (header, mended) in [("cluster.role", "[cluster.roles]"), ("clusters.roles", "[cluster.roles]")] {
        let layout = file("config.toml", format!("[{header}]\npush-notifications = [\"1\", \"2\"]\n"));
        let found = stdout(rolesim(&["check", layout.path()]).code(3));
        assert!(
            found.contains("error[misspelt-roles-table]") && found.contains("did you mean `cluster.roles`?"),
            "{found}"
        );
        assert!(found.contains(&format!("= mended: {mended}")) && found.contains(", 2 nodes)"), "{found}");
    }
}

/// The program itself on what is left of files that break off or lose a letter: a table or an error of the input, never a panic.
#[test]
fn broken_files_give_0_or_2() {
    let docs =
        std::fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/scenarios/layouts/docs-example.toml")).expect("the file");
    let roles =
        std::fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/scenarios/layouts/versions.json")).expect("the file");
    for (name, text) in [("config.toml", docs), ("roles.json", roles)] {
        for step in 0..60 {
            let at = text.len() * step / 60;
            let without: Vec<u8> = [&text[..at], &text[(at + 1).min(text.len())..]].concat();
            for broken in [&text[..at], &without] {
                let layout = file(name, broken);
                let code = rolesim(&["layout", layout.path(), "--nodes", "1-4"]).get_output().status.code();
                assert!(code == Some(0) || code == Some(2), "{code:?}: {}", String::from_utf8_lossy(broken));
            }
        }
    }
}

#[test]
fn many_equal_nodes_share_a_column() {
    let table = stdout(rolesim(&["layout", DOCS, "--nodes", "1-1000"]).code(0));
    assert!(table.contains("7-1000"), "{table}");
}

#[test]
fn roles_of_0_16_come_from_the_command_line() {
    let roles = file(
        "roles.json",
        r#"{"pushShardsTotal": 2, "list": [{"name": "web", "tasks": {"@type": "DisableAll"}}, {"name": "work", "tasks": {"@type": "EnableAll"}}]}"#,
    );
    let arguments = ["--nodes", "1-3", "--role", "1-2=web", "--role", "3=nobody", "--push-shard", "2=2"];
    let table = stdout(rolesim(&[&["layout", roles.path()][..], &arguments].concat()).code(0));
    insta::assert_snapshot!("layout-roles", table);
}

/// The table of rules in the documentation is the one that the program makes.
#[test]
fn the_table_of_rules_is_current() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/rules.md");
    let text = std::fs::read_to_string(path).expect("docs/rules.md");
    let written =
        text.split_once("<!-- rules: begin -->\n").and_then(|(_, rest)| rest.split_once("<!-- rules: end -->"));
    let (written, _) = written.expect("docs/rules.md has both markers");
    let expected = rules::markdown_table();
    assert!(written == expected, "put this between the markers of docs/rules.md:\n{expected}");
}
