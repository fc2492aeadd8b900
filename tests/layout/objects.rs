//! `ClusterRole` objects and the two environment variables of 0.16 (server facts, section 1.3).

use rolesim::layout::Assignment::{Disabled, Enabled, Sharded};
use rolesim::layout::{Layout, LayoutRules, NodeSettings, Role, TaskType};
use rolesim::source::SourceText;

const MAINTENANCE: &str = r#"{"name": "maintenance",
 "tasks": {"@type": "EnableSome", "taskTypes": {"storeMaintenance": true, "searchIndexing": true}},
 "listeners": {"@type": "DisableAll"}}"#;

fn read(text: &str) -> Layout {
    Layout::parse("test", SourceText::new("roles.json", text)).unwrap_or_else(|problem| panic!("{problem}"))
}

fn node(role: Option<&str>, push_shard: Option<&str>) -> NodeSettings {
    NodeSettings { id: 1, role: role.map(str::to_owned), push_shard: push_shard.map(str::to_owned) }
}

#[test]
fn one_object_a_list_and_a_list_in_an_object_are_the_same() {
    for text in [
        MAINTENANCE.to_owned(),
        format!("[{MAINTENANCE}]"),
        format!("{{\"list\": [{MAINTENANCE}], \"pushShardsTotal\": 1}}"),
    ] {
        let layout = read(&text);
        let of = |role| layout.assignment(role, &node(Some("maintenance"), None), LayoutRules::Objects);
        assert_eq!(of(Role::PurgeStores), Enabled);
        assert_eq!(of(Role::FtsIndexing), Enabled);
        assert_eq!(of(Role::PurgeAccounts), Disabled);
        assert_eq!(of(Role::ImipProcessing), Disabled);
    }
}

#[test]
fn json_is_known_by_its_beginning_too() {
    for text in [MAINTENANCE.to_owned(), format!(" [ {MAINTENANCE}]")] {
        let layout = Layout::parse("test", SourceText::new("roles", text)).unwrap();
        assert!(layout.objects().is_some());
    }
    let toml = Layout::parse("test", SourceText::new("config", "[cluster.roles]")).unwrap();
    assert!(toml.lists().is_some());
}

#[test]
fn each_set_enables_what_it_says() {
    let enabled = |set: &str| {
        let text = format!(
            r#"{{"name": "r", "tasks": {{"@type": "{set}", "taskTypes": {{"searchIndexing": true, "taskScheduler": false}}}}}}"#
        );
        let layout = read(&text);
        let node = node(Some("r"), None);
        TaskType::ALL.into_iter().filter(|task| layout.task_enabled(*task, &node)).collect::<Vec<_>>()
    };
    assert_eq!(enabled("EnableAll"), TaskType::ALL);
    assert_eq!(enabled("DisableAll"), []);
    assert_eq!(enabled("EnableSome"), [TaskType::SearchIndexing]);
    let rest: Vec<_> = TaskType::ALL.into_iter().filter(|task| *task != TaskType::SearchIndexing).collect();
    assert_eq!(enabled("DisableSome"), rest);
}

/// Older documentation shows a list, which the server does not read.
#[test]
fn a_list_of_task_types_is_an_empty_set() {
    let layout = read(r#"{"name": "r", "tasks": {"@type": "EnableSome", "taskTypes": ["searchIndexing"]}}"#);
    assert_eq!(layout.assignment(Role::FtsIndexing, &node(Some("r"), None), LayoutRules::Objects), Disabled);
}

#[test]
fn no_role_enables_everything_and_an_unknown_one_stops_the_node() {
    let layout = read(MAINTENANCE);
    let free = node(None, None);
    assert_eq!(layout.assignment(Role::PurgeAccounts, &free, LayoutRules::Objects), Enabled);
    assert_eq!(layout.start_problem(&free, LayoutRules::Objects), None);
    assert!(layout.is_scheduler(&free) && !layout.is_scheduler(&node(Some("maintenance"), None)));
    let wrong = node(Some("maintenence"), None);
    assert!(layout.start_problem(&wrong, LayoutRules::Objects).is_some_and(|text| text.contains("maintenence")));
    assert_eq!(layout.start_problem(&wrong, LayoutRules::Shards), None, "0.15 reads no such variable");
}

/// Shards count from 1; unset, 0 and unreadable are the first; beyond the last is nobody's.
#[test]
fn push_follows_the_shard() {
    let layout = read(&format!("{{\"list\": [{MAINTENANCE}], \"pushShardsTotal\": 2}}"));
    let of = |shard: Option<&str>| layout.assignment(Role::PushNotifications, &node(None, shard), LayoutRules::Objects);
    for first in [None, Some("1"), Some("0"), Some("x"), Some(""), Some("-1")] {
        assert_eq!(of(first), Sharded { shard: 0, shards: 2 }, "{first:?}");
    }
    assert_eq!(of(Some("2")), Sharded { shard: 1, shards: 2 });
    assert_eq!(of(Some("3")), Disabled);
    assert_eq!(layout.shard_count(Role::PushNotifications, LayoutRules::Objects), 2);
    assert_eq!(layout.shard_count(Role::FtsIndexing, LayoutRules::Objects), 1);
    let undivided = read(MAINTENANCE);
    assert_eq!(undivided.push_shards_total, 1);
    assert_eq!(undivided.assignment(Role::PushNotifications, &node(None, None), LayoutRules::Objects), Enabled);
}

/// The task type gates only what is loaded at start.
#[test]
fn a_role_without_push_still_follows_the_shard() {
    let layout = read(MAINTENANCE);
    let node = node(Some("maintenance"), None);
    assert_eq!(layout.assignment(Role::PushNotifications, &node, LayoutRules::Objects), Enabled);
    assert!(layout.push_disabled_at_start(&node));
}

/// A layout of the other form is not read: every node does everything.
#[test]
fn the_other_form_is_not_read() {
    let toml = Layout::parse("test", SourceText::new("c.toml", "cluster.roles.fts-indexing = [\"2\"]")).unwrap();
    assert_eq!(toml.assignment(Role::FtsIndexing, &node(None, None), LayoutRules::Objects), Enabled);
    assert_eq!(read(MAINTENANCE).assignment(Role::FtsIndexing, &node(None, None), LayoutRules::Shards), Enabled);
}

#[test]
fn what_is_not_a_role_is_an_error_with_a_position() {
    let wrong = [
        ("{}", "{", "without `name`"),
        ("[1]", "1", "expected a role, found a number"),
        (r#"{"name": 1, "tasks": {}}"#, "1", "`name` is a text"),
        (r#"{"name": "r"}"#, "{", "does not say its `tasks`"),
        (r#"{"name": "r", "tasks": {"taskTypes": {}}}"#, "{", "without `@type`"),
        (r#"{"name": "r", "tasks": {"@type": "EnableAl"}}"#, "\"EnableAl\"", "unknown `@type`"),
        (r#"{"name": "r", "tasks": {"@type": "EnableSome", "taskTypes": {"a": 1}}}"#, "1", "is `true`"),
        (r#"{"name": "r", "tasks": {"@type": "EnableSome", "taskTypes": 5}}"#, "5", "object of `true` values"),
        (r#"{"list": {}}"#, "{}", "holds a list of roles"),
        (r#"{"list": [], "pushShardsTotal": 0}"#, "0", "found `0`"),
        (r#"{"list": [], "pushShardsTotal": "2"}"#, "\"2\"", "found `\"2\"`"),
        (r#"{"list": [}"#, "}", "not JSON"),
    ];
    for (text, place, message) in wrong {
        let problem = Layout::parse("test", SourceText::new("roles.json", text)).expect_err(text);
        assert_eq!(&text[problem.span.clone()], place, "{problem}");
        assert!(problem.message.contains(message) && !problem.help.is_empty(), "{problem}");
    }
}
