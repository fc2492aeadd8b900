//! Every spelling of `[cluster.roles]`.

use rolesim::layout::Assignment::{self, Disabled, Enabled};
use rolesim::layout::{Layout, LayoutRules, NodeSettings, Role};
use rolesim::source::SourceText;

fn read(text: &str) -> Layout {
    Layout::parse("test", SourceText::new("config.toml", text)).unwrap_or_else(|problem| panic!("{problem}: {text}"))
}

fn shard(shard: u32, shards: u32) -> Assignment {
    Assignment::Sharded { shard, shards }
}

/// What nodes 1, 2, ... derive.
fn derived<const N: usize>(layout: &Layout, role: Role, rules: LayoutRules) -> [Assignment; N] {
    std::array::from_fn(|index| layout.assignment(role, &NodeSettings::new(index as u64 + 1), rules))
}

/// Every way to write shards {1,4} and {2,3} of `purge.stores`.
#[test]
fn two_shards_in_every_spelling() {
    for text in [
        "[cluster.roles.purge]\nstores = [\"1,4\", \"2,3\"]",
        "[cluster.roles]\npurge.stores = [\"1,4\", \"2,3\"]",
        "[cluster.roles]\n\"purge.stores\" = [\"1,4\", \"2,3\"]",
        "[cluster]\nroles.purge.stores = [\"1,4\", \"2,3\"]",
        "[cluster]\nroles = { purge = { stores = [\"1,4\", \"2,3\"] } }",
        "cluster.roles.purge.stores = [\"1,4\", \"2,3\"]",
        "\"cluster.roles.purge.stores\" = [\"1,4\", \"2,3\"]",
        "cluster.roles.purge.stores = ['1,4', '''2,3''']",
        "cluster.roles.purge.stores = [\n  \" 1 , 4\", # first\n  \"2 ,3 \",\n]",
        "[cluster.roles.purge.stores]\nstores = [\"1,4\", \"2,3\"]",
        "[cluster.roles.purge.stores]\na = \"1,4\"\nb = \"2,3\"",
        "[cluster.roles.purge.stores]\nb = \"2,3\"\na = \"1,4\"",
        "[cluster.roles.purge.stores]\n10 = \"2,3\"\n\"0\" = \"1,4\"",
    ] {
        let layout = read(text);
        let expected = [shard(0, 2), shard(1, 2), shard(1, 2), shard(0, 2), Disabled];
        assert_eq!(derived(&layout, Role::PurgeStores, LayoutRules::Shards), expected, "{text}");
        assert_eq!(layout.shard_count(Role::PurgeStores, LayoutRules::Shards), 2, "{text}");
        assert_eq!(layout.named_nodes(), [1, 2, 3, 4], "{text}");
    }
}

/// The documentation's own example nests the key in a table of the same name.
#[test]
fn the_key_may_be_nested_in_a_table_of_the_same_name() {
    let layout = read("[cluster.roles.push-notifications]\npush-notifications = [\"1,2\", \"3,4\"]");
    let expected = [shard(0, 2), shard(0, 2), shard(1, 2), shard(1, 2), Disabled];
    assert_eq!(derived(&layout, Role::PushNotifications, LayoutRules::Shards), expected);
}

/// An item that is no text and no integer is read as it stands, is no node id, and is dropped: one shard fewer.
#[test]
fn an_item_of_another_type_is_dropped() {
    for item in ["4.0", "true", "2026-03-02"] {
        let text = format!("cluster.roles.purge.accounts = [1, {item}, 2]");
        let layout = read(&text);
        assert_eq!(layout.shard_count(Role::PurgeAccounts, LayoutRules::Shards), 2, "{text}");
        let derived: [Assignment; 4] = derived(&layout, Role::PurgeAccounts, LayoutRules::Shards);
        assert_eq!(derived, [shard(0, 2), shard(1, 2), Disabled, Disabled], "{text}");
    }
}

#[test]
fn one_item_is_not_divided() {
    for text in ["[\"1,2\"]", "\"1,2\"", "['1, 2']"] {
        let layout = read(&format!("cluster.roles.fts-indexing = {text}"));
        assert_eq!(derived(&layout, Role::FtsIndexing, LayoutRules::Shards), [Enabled, Enabled, Disabled], "{text}");
        assert_eq!(layout.shard_count(Role::FtsIndexing, LayoutRules::Shards), 1);
    }
}

#[test]
fn absent_and_empty_are_the_same() {
    for text in ["", "[cluster]\nnode-id = 1", "cluster.roles.fts-indexing = []", "[cluster.roles.fts-indexing]"] {
        let layout = read(text);
        assert_eq!(derived(&layout, Role::FtsIndexing, LayoutRules::Shards), [Enabled, Enabled], "{text}");
        assert_eq!(layout.shard_count(Role::FtsIndexing, LayoutRules::Shards), 1);
    }
}

/// The same file is a list of enabled nodes in 0.13 and shards from 0.14 on.
#[test]
fn integers_are_nodes_in_0_13_and_shards_later() {
    let layout = read("cluster.roles.purge.accounts = [1, 2]");
    assert_eq!(derived(&layout, Role::PurgeAccounts, LayoutRules::Lists), [Enabled, Enabled, Disabled]);
    assert_eq!(derived(&layout, Role::PurgeAccounts, LayoutRules::Shards), [shard(0, 2), shard(1, 2), Disabled]);
    assert_eq!(layout.shard_count(Role::PurgeAccounts, LayoutRules::Lists), 1);
}

/// 0.13 has five of the roles; every node does the others.
#[test]
fn roles_that_0_13_lacks_are_done_by_every_node() {
    let layout = read("cluster.roles.fts-indexing = [1]\ncluster.roles.metrics.push = [1]");
    assert_eq!(derived(&layout, Role::FtsIndexing, LayoutRules::Lists), [Enabled, Enabled]);
    assert_eq!(derived(&layout, Role::MetricsPush, LayoutRules::Lists), [Enabled, Disabled]);
}

#[test]
fn an_item_that_does_not_parse_is_dropped_and_the_shards_move_up() {
    let layout = read("cluster.roles.fts-indexing = [\"1\", \"0-1000\", \"2\", \"3,\"]");
    assert_eq!(derived(&layout, Role::FtsIndexing, LayoutRules::Shards), [shard(0, 2), shard(1, 2), Disabled]);
    let layout = read("cluster.roles.fts-indexing = [\"0-1000\"]");
    assert_eq!(derived(&layout, Role::FtsIndexing, LayoutRules::Shards), [Enabled, Enabled], "nothing is left");
}

#[test]
fn the_first_item_that_names_a_node_wins() {
    let layout = read("cluster.roles.fts-indexing = [\"1,2\", \"2,3\"]");
    assert_eq!(derived(&layout, Role::FtsIndexing, LayoutRules::Shards), [shard(0, 2), shard(0, 2), shard(1, 2)]);
}

#[test]
fn a_list_in_a_list_is_flat_to_the_server() {
    let layout = read("cluster.roles.fts-indexing = [[1, 4], [2]]");
    let expected = [shard(0, 3), shard(2, 3), Disabled, shard(1, 3)];
    assert_eq!(derived(&layout, Role::FtsIndexing, LayoutRules::Shards), expected);
}

#[test]
fn node_ids_have_64_bits_and_0_is_one() {
    let layout = read("cluster.roles.fts-indexing = [\"0\", \"18446744073709551615\"]");
    let of = |id| layout.assignment(Role::FtsIndexing, &NodeSettings::new(id), LayoutRules::Shards);
    assert_eq!([of(0), of(u64::MAX), of(1)], [shard(0, 2), shard(1, 2), Disabled]);
}

#[test]
fn items_have_exact_positions() {
    let text = "[cluster.roles]\nfts-indexing = [\"1, 4\", 7]";
    let layout = read(text);
    let items = &layout.lists().unwrap().get(Role::FtsIndexing).unwrap().items;
    assert_eq!(&text[items[0].span.clone()], "\"1, 4\"");
    assert_eq!(&text[items[0].nodes.as_ref().unwrap()[1].span.clone()], "4");
    assert_eq!(&text[items[1].span.clone()], "7");
}

/// In an operator's file the server ignores keys that it does not know; everything else in it too.
#[test]
fn unknown_keys_of_a_file_are_kept_for_the_rules() {
    let text = "[server]\nhostname = \"a\"\n[cluster.roles]\npush-notification = [\"1\"]\npurge = [\"2\"]";
    let layout = read(text);
    let unknown: Vec<_> = layout.lists().unwrap().unknown_keys().iter().map(|key| key.key.as_str()).collect();
    assert_eq!(unknown, ["push-notification", "purge"]);
    assert_eq!(derived(&layout, Role::PushNotifications, LayoutRules::Shards), [Enabled, Enabled]);
}

fn refused(text: &str) -> (String, String) {
    let problem = Layout::parse("test", SourceText::new("config.toml", text)).expect_err(text);
    assert!(problem.source.is_some() && !problem.help.is_empty());
    (text[problem.span.clone()].to_owned(), problem.to_string())
}

#[test]
fn what_no_server_reads_is_an_error_with_a_position() {
    let wrong = [
        ("cluster.roles.fts-indexing = [1_0.5]", "1_0.5", "found a fraction"),
        ("cluster.roles.fts-indexing = [07:32:00]", "07:32:00", "found a date"),
        ("cluster.roles.fts-indexing = [{ a = 1 }]", "{ a = 1 }", "is a table"),
        ("cluster.roles = [\"1\"]", "[\"1\"]", "`cluster.roles` is a table, found a list"),
        ("cluster = 1", "1", "`cluster` is a table, found an integer"),
        ("cluster.roles.fts-indexing = [1_0]", "1_0", "does not read"),
        ("cluster.roles.fts-indexing = [\"%{env:NODES}%\"]", "\"%{env:NODES}%\"", "not in this file"),
        ("cluster.roles.purge.stores = \"1\"\ncluster.roles.\"purge.stores\" = \"2\"", "\"2\"", "given twice"),
        ("cluster.roles.fts-indexing = [", "", "not TOML"),
        ("cluster.roles.fts-indexing = [1]\ncluster.roles.fts-indexing = [1]", "fts-indexing", "not TOML"),
    ];
    for (text, place, message) in wrong {
        let (found, shown) = refused(text);
        assert_eq!(found, place, "{shown}");
        assert!(shown.starts_with("config.toml:") && shown.contains(message), "{shown}");
    }
}

fn in_place(text: &str) -> Result<Layout, rolesim::source::Problem> {
    let source = SourceText::new("scenario.toml", text);
    let document = toml::de::DeTable::parse(&source.text).expect("test text is TOML");
    let table = document.get_ref().get("x").and_then(|value| value.get_ref().as_table()).expect("has x").clone();
    Layout::from_toml_table("x", source.clone(), &table)
}

#[test]
fn in_a_scenario_positions_are_those_of_the_scenario_and_unknown_keys_are_errors() {
    let layout = in_place("title = \"t\"\n[x.cluster.roles]\nfts-indexing = [\"1\", \"2\"]").unwrap();
    assert_eq!(derived(&layout, Role::FtsIndexing, LayoutRules::Shards), [shard(0, 2), shard(1, 2)]);
    let span = &layout.lists().unwrap().get(Role::FtsIndexing).unwrap().items[1].span;
    assert_eq!(layout.source.line_column(span.start), (3, 22));

    for (text, message, help) in [
        ("[x.cluster.roles]\nfts-indexin = [\"1\"]", "unknown role `fts-indexin`", "did you mean `fts-indexing`?"),
        ("[x.cluster.roles.purge]\nstore = [\"1\"]", "unknown role `purge.store`", "did you mean `purge.stores`?"),
        ("[x.cluster]\nnode-id = 1", "unknown key `cluster.node-id`", "`file` and `version`, or `cluster.roles`"),
        ("[x]\nname = 1", "unknown key `name`", "`file` and `version`, or `cluster.roles`"),
    ] {
        let problem = in_place(text).expect_err(text);
        assert!(problem.message.contains(message), "{problem}");
        assert!(problem.help.contains(help), "{}", problem.help);
    }
    let everything = in_place("[x]").unwrap();
    assert_eq!(derived(&everything, Role::FtsIndexing, LayoutRules::Shards), [Enabled, Enabled]);
}

#[test]
fn files_that_cannot_be_read_are_problems() {
    let missing = std::path::Path::new("no-such-layout.toml");
    assert!(Layout::read_file("x", missing).unwrap_err().message.contains("no-such-layout.toml"));
    let folder = std::path::Path::new("src");
    assert!(Layout::read_file("x", folder).unwrap_err().message.contains("cannot read"));
}
