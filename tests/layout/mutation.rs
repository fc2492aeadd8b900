//! Whatever a file holds, reading it ends in a layout or in an error with a position.

use proptest::prelude::*;
use rolesim::cli::check::{Format, check_layout, render};
use rolesim::layout::rules::NodeInfo;
use rolesim::layout::{Assignment, Layout, LayoutRules, NodeSettings, Role, ServerVersion};
use rolesim::source::SourceText;

const SEEDS: [(&str, &str); 3] = [
    ("config.toml", include_str!("../../scenarios/layouts/docs-example.toml")),
    (
        "config.toml",
        "cluster.roles.\"purge.stores\" = [[1, 4], '2']\n[cluster.roles.fts-indexing]\na = \"1,\"\nb = '''7'''\n[x]\ny = [{ a = 1 }]\n",
    ),
    (
        "roles.json",
        r#"{"list": [{"name": "a", "tasks": {"@type": "EnableSome", "taskTypes": {"searchIndexing": true}}},
            {"name": "b\u0041", "tasks": {"@type": "EnableAll"}, "listeners": null}], "pushShardsTotal": 12}"#,
    ),
];

/// Pieces that change the structure of a text more often than a random letter does.
const PIECES: [&str; 24] = [
    "[",
    "]",
    "{",
    "}",
    "\"",
    "'",
    "=",
    ",",
    ".",
    "\n",
    "\\u",
    "#",
    "true",
    "1.5",
    "-1",
    "0-9",
    "null",
    "cluster",
    "roles",
    "fts-indexing",
    "ü",
    "99999999999999999999",
    "%{env:A}%",
    "\0",
];

#[derive(Debug, Clone)]
enum Edit {
    Remove(usize, usize),
    Insert(usize, usize),
    Repeat(usize, usize),
}

fn edits() -> impl Strategy<Value = Vec<Edit>> {
    let edit = prop_oneof![
        (any::<usize>(), 1..20usize).prop_map(|(at, length)| Edit::Remove(at, length)),
        (any::<usize>(), 0..PIECES.len()).prop_map(|(at, piece)| Edit::Insert(at, piece)),
        (any::<usize>(), 1..60usize).prop_map(|(at, length)| Edit::Repeat(at, length)),
    ];
    prop::collection::vec(edit, 1..6)
}

fn mutate(text: &str, edits: &[Edit]) -> String {
    let mut letters: Vec<char> = text.chars().collect();
    for edit in edits {
        let place = |at: &usize| at % (letters.len() + 1);
        match edit {
            Edit::Remove(at, length) => {
                let start = place(at);
                let end = (start + length).min(letters.len());
                letters.drain(start..end);
            }
            Edit::Insert(at, piece) => {
                let start = place(at);
                letters.splice(start..start, PIECES[*piece].chars());
            }
            Edit::Repeat(at, length) => {
                let start = place(at);
                let end = (start + length).min(letters.len());
                let copy = letters[start..end].to_vec();
                letters.splice(end..end, copy);
            }
        }
    }
    letters.into_iter().collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(10_000))]

    #[test]
    fn ten_thousand_mutated_files_never_panic(seed in 0..SEEDS.len(), version in 0..ServerVersion::ALL.len(), edits in edits()) {
        let (name, text) = SEEDS[seed];
        let text = mutate(text, &edits);
        match Layout::parse("mutated", SourceText::new(name, text.clone())) {
            Err(problem) => {
                prop_assert!(problem.source.is_some(), "{problem}");
                prop_assert!(problem.span.start <= problem.span.end && problem.span.end <= text.len(), "{problem}");
                prop_assert!(problem.to_string().starts_with(name) && !problem.help.is_empty());
            }
            Ok(layout) => {
                let version = ServerVersion::ALL[version];
                let nodes: Vec<NodeInfo> = (0..4).map(NodeInfo::new).collect();
                let checked = [check_layout(&layout, &nodes, version, version.name())];
                prop_assert!(matches!(checked[0].exit_code(), 0 | 3));
                for format in [Format::Human, Format::Json, Format::Sarif, Format::Github] {
                    prop_assert!(!render(&checked, format, true).is_empty() || checked[0].findings.is_empty());
                }
                for rules in [LayoutRules::Lists, LayoutRules::Shards, LayoutRules::Objects] {
                    for role in Role::ALL {
                        let shards = layout.shard_count(role, rules);
                        let assignment = layout.assignment(role, &NodeSettings::new(1), rules);
                        prop_assert!(shards >= 1);
                        if let Assignment::Sharded { shard, shards: of } = assignment {
                            prop_assert!(shard < of && of == shards);
                        }
                    }
                }
            }
        }
    }
}
