//! The JSON schema of scenario files, and the list of scenarios.

use assert_cmd::Command;
use boon::{Compiler, SchemaIndex, Schemas};
use predicates::prelude::PredicateBooleanExt;
use predicates::str::contains;
use serde_json::{Map, Value};
use std::fs;
use std::path::Path;

const SHIPPED: &str = "scenarios/schema.json";

fn rolesim(folder: &Path, arguments: &[&str]) -> assert_cmd::assert::Assert {
    let mut command = Command::cargo_bin("rolesim").expect("the program");
    command.current_dir(folder).env("NO_COLOR", "1").args(arguments).assert()
}

/// As editors see TOML: dates are text.
fn to_json(value: toml::Value) -> Value {
    match value {
        toml::Value::String(text) => Value::String(text),
        toml::Value::Integer(number) => number.into(),
        toml::Value::Float(number) => number.into(),
        toml::Value::Boolean(value) => Value::Bool(value),
        toml::Value::Datetime(time) => Value::String(time.to_string()),
        toml::Value::Array(items) => items.into_iter().map(to_json).collect(),
        toml::Value::Table(table) => {
            table.into_iter().map(|(key, value)| (key, to_json(value))).collect::<Map<_, _>>().into()
        }
    }
}

struct Validator {
    schemas: Schemas,
    scenario: SchemaIndex,
}

impl Validator {
    fn new() -> Self {
        let (mut schemas, mut compiler) = (Schemas::new(), Compiler::new());
        compiler.add_resource("schema.json", rolesim::scenario::schema()).expect("a schema");
        let scenario = compiler.compile("schema.json", &mut schemas).expect("a valid schema");
        Self { schemas, scenario }
    }

    /// What is wrong with a scenario, with the places.
    fn error(&self, text: &str) -> Option<String> {
        let value = to_json(toml::from_str(text).expect("TOML"));
        self.schemas.validate(&value, self.scenario).err().map(|error| format!("{error:#}"))
    }
}

/// After a change of the scenario file: `rolesim schema > scenarios/schema.json`.
#[test]
fn the_shipped_schema_is_current() {
    let shipped = fs::read_to_string(SHIPPED).expect("the schema");
    rolesim(Path::new("."), &["schema"]).success().stdout(shipped);
}

/// Every shipped scenario, and the one that sets every key, is valid; no key of the latter is unknown to the schema.
#[test]
fn scenarios_are_valid() {
    let validator = Validator::new();
    let mut files: Vec<_> = fs::read_dir("scenarios").expect("a folder").flatten().map(|entry| entry.path()).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "toml"));
    assert!(files.len() >= 9);
    files.push("tests/bad_input/every_key.toml".into());
    for file in files {
        let text = fs::read_to_string(&file).expect("a scenario");
        assert_eq!(validator.error(&text), None, "{}", file.display());
    }
}

/// Keys that are misspelt, and values of another type, are found where they are.
#[test]
fn mistakes_are_found() {
    let validator = Validator::new();
    for (text, place) in [
        ("duratoin = \"1h\"", "duratoin"),
        ("duration = 5", "/duration"),
        ("duration = \"5\"", "/duration"),
        ("replications = \"ten\"", "/replications"),
        ("[server]\nverson = \"0.14\"", "/server"),
        ("[server]\nlock_store = \"rediss\"", "/server/lock_store"),
        ("[workload]\nacounts = 4", "/workload"),
        ("[workload]\nactivity = \"equl\"", "/workload/activity"),
        ("[workload]\ndaily_cycle = \"ofice\"", "/workload/daily_cycle"),
        ("[workload]\narrivals = { weibul = { shape = 1 } }", "/workload/arrivals"),
        ("[workload]\nrecipients_per_message = { geometrc = { mean = 2 } }", "/workload/recipients_per_message"),
        ("[[population]]\nname = \"a\"\nshre = 1", "/population/0"),
        ("[[burst]]\nat = \"1h\"", "/burst/0"),
        ("[node.2]\ncore = 4", "/node/2"),
        ("[tasks.fts-indexng]\ncpu = \"1ms\"", "/tasks"),
        ("[tasks.fts-indexing]\ncpu = { exponental = { mean = \"1ms\" } }", "/tasks/fts-indexing/cpu"),
        ("[tasks.fts-indexing]\ncpu = { uniform = { low = \"2s\" } }", "/tasks/fts-indexing/cpu"),
        ("[[fault]]\ncrsh = { node = 2, at = \"1h\", for = \"1h\" }", "/fault/0"),
        ("[[fault]]\ncrash = { node = 2, at = \"1h\" }", "/fault/0"),
        ("[objectives]\n\"fts-indexing.latency.p99\" = \"60s\"", "/objectives/"),
        ("[layouts]\na = 5", "/layouts/a"),
        ("[layouts.a.clustr]\nroles = {}", "/layouts/a"),
    ] {
        let found = validator.error(text).unwrap_or_else(|| panic!("{text} is valid"));
        assert!(found.contains(place), "{text}: {found}");
    }
}

/// Keys have descriptions, for editors to show.
#[test]
fn keys_are_described() {
    let schema = rolesim::scenario::schema();
    for pointer in
        ["/properties/duration", "/definitions/Workload/properties/accounts", "/definitions/Burst/properties/share"]
    {
        let description = schema.pointer(pointer).and_then(|key| key["description"].as_str());
        assert!(description.is_some_and(|text| text.len() > 10), "{pointer}");
    }
    assert!(!schema.to_string().contains("\"null\""), "TOML has no null");
}

const GOOD: &str = "description = \"What it shows\"\nduration = \"90m\"\n[nodes]\nids = \"1-3\"\n[layouts.a]\n[layouts.b]\nversion = \"0.16\"\n\
                    [workload]\naccounts = 1_234\n";

/// The shipped scenarios, in the order of their names; a folder with a broken one.
#[test]
fn scenarios_are_listed() {
    let shipped = contains("docs-example.toml").and(contains("The documentation's own"));
    rolesim(Path::new("."), &["list"]).success().stdout(shipped);
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("b.toml"), GOOD).expect("a file");
    fs::write(folder.path().join("a.toml"), GOOD.replace("90m", "soon")).expect("a file");
    fs::write(folder.path().join("c.txt"), "no scenario").expect("a file");
    let said = contains("b.toml").and(contains("1,234")).and(contains("90m")).and(contains("What it shows"));
    let broken = contains("error: ./a.toml:2:12: `soon` is no time");
    rolesim(folder.path(), &["list", "."]).code(2).stdout(said.and(broken).and(contains("c.txt").not()));
    let output = rolesim(folder.path(), &["list", ".", "--json"]).code(2).get_output().stdout.clone();
    let list: Value = serde_json::from_slice(&output).expect("JSON");
    assert_eq!(list[1]["layouts"], serde_json::json!(["a", "b"]));
    assert_eq!(list[1]["versions"], serde_json::json!(["0.14", "0.16"]));
    assert_eq!(
        (&list[1]["nodes"], &list[1]["accounts"], &list[1]["duration_s"]),
        (&3.into(), &1_234.into(), &5_400.0.into())
    );
    assert!(list[0]["error"].as_str().is_some_and(|error| !error.contains('\n')));
    assert_eq!(list[0]["title"], Value::Null);
    // Wrong usage.
    rolesim(folder.path(), &["list", "none"]).code(2).stdout(contains("none"));
    rolesim(folder.path(), &["list", ".", "extra"]).code(2).stderr(contains("extra"));
    rolesim(folder.path(), &["schema", "extra"]).code(2).stderr(contains("extra"));
    fs::create_dir(folder.path().join("empty")).expect("a folder");
    rolesim(folder.path(), &["list", "empty"]).code(2).stderr(contains("has no scenario"));
}
