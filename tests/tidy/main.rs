//! The tree keeps its own rules: the way of the data, short files and functions, no silenced lints, no
//! panic on what a user can write.
//!
//! The rules are read from the text of `src/`, not from the compiler: comments and literals are blanked
//! ([`text::blank`]), items under `#[cfg(test)]` are left out ([`text::without_tests`]).

mod text;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use text::{blank, function_lengths, without_tests, words_after};

/// Most lines of a file.
const MAX_FILE_LINES: usize = 500;
/// Most lines of a function, its signature included.
const MAX_FUNCTION_LINES: usize = 70;

/// Which module may use which other ones. A module that is not listed here is an error, so that whoever
/// adds one has to say what it may know.
const LAYERS: &[(&str, &[&str])] = &[
    ("time", &[]),
    ("source", &[]),
    ("statistics", &[]),
    ("engine", &["time"]),
    ("layout", &["time", "source"]),
    ("server", &["time", "layout"]),
    ("workload", &["time", "engine"]),
    ("faults", &["time", "engine"]),
    ("metrics", &["time", "layout"]),
    ("cluster", &["time", "engine", "layout", "server", "workload", "faults", "metrics"]),
    (
        "scenario",
        &[
            "time",
            "source",
            "engine",
            "layout",
            "server",
            "workload",
            "faults",
            "metrics",
            "cluster",
            "statistics",
            "input",
        ],
    ),
    ("input", &["time", "source", "layout"]),
    ("import", &["time", "source", "statistics", "layout", "server", "input"]),
    ("report", &["metrics", "statistics", "source"]),
    (
        "experiment",
        &[
            "time",
            "source",
            "engine",
            "layout",
            "server",
            "workload",
            "faults",
            "metrics",
            "cluster",
            "statistics",
            "scenario",
            "report",
        ],
    ),
    (
        "cli",
        &[
            "time",
            "source",
            "engine",
            "layout",
            "server",
            "workload",
            "faults",
            "metrics",
            "cluster",
            "statistics",
            "scenario",
            "report",
            "experiment",
            "input",
            "import",
        ],
    ),
    ("main", &["cli"]),
    ("lib", &[]),
];

/// Files that are longer than they should be, with their length. They may only shrink.
const LONG_FILES: &[(&str, usize)] = &[];

/// Functions that are longer than they should be: file, name, length. They may only shrink.
const LONG_FUNCTIONS: &[(&str, &str, usize)] = &[];

/// What may not occur outside tests, and why.
const FORBIDDEN: &[(&str, &str)] = &[
    (".unwrap()", "nothing that a user can write may panic: return a Problem"),
    (".expect(", "nothing that a user can write may panic: return a Problem"),
    ("panic!", "nothing that a user can write may panic: return a Problem, or assert a documented invariant"),
    ("unreachable!", "nothing that a user can write may panic: shape the types so that the case does not exist"),
    ("todo!", "finish it"),
    ("unimplemented!", "finish it"),
    ("dbg!", "remove it"),
    ("#[allow", "mend what the lint shows"),
    ("#![allow", "mend what the lint shows"),
];

/// One file of `src/`.
struct SourceFile {
    /// Path below `src/`, with slashes.
    path: String,
    text: String,
}

impl SourceFile {
    /// The module of the first level that the file belongs to.
    fn module(&self) -> &str {
        self.path.split('/').next().unwrap_or_default().trim_end_matches(".rs")
    }

    /// How many modules below the crate the file is: 1 for `time.rs` and `engine/mod.rs`.
    fn depth(&self) -> usize {
        self.path.split('/').filter(|part| *part != "mod.rs").count()
    }
}

fn source_files() -> Vec<SourceFile> {
    fn collect(folder: &Path, root: &Path, files: &mut Vec<SourceFile>) {
        let mut entries: Vec<PathBuf> =
            fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path()).collect();
        entries.sort();
        for path in entries {
            if path.is_dir() {
                collect(&path, root, files);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let below = path.strip_prefix(root).expect("a path below src");
                let path_text = below.to_str().expect("UTF-8").replace('\\', "/");
                files.push(SourceFile { path: path_text, text: fs::read_to_string(&path).expect("a text") });
            }
        }
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    collect(&root, &root, &mut files);
    files
}

fn assert_none(violations: &[String]) {
    assert!(violations.is_empty(), "{} violations:\n{}", violations.len(), violations.join("\n"));
}

/// Modules that `file` uses although it may not know them.
fn layer_violations(file: &SourceFile) -> Vec<String> {
    let own = file.module();
    let Some((_, allowed)) = LAYERS.iter().find(|(module, _)| *module == own) else {
        return vec![format!("src/{}: module `{own}` is not listed in LAYERS", file.path)];
    };
    let code = blank(&file.text);
    let used: BTreeSet<(usize, String)> =
        words_after(&code, "crate::").into_iter().chain(words_after(&code, "rolesim::")).collect();
    let mut violations: Vec<String> = used
        .into_iter()
        .filter(|(_, used)| used != own && !allowed.contains(&used.as_str()))
        .map(|(line, used)| format!("src/{}:{line}: `{own}` may not use `{used}`", file.path))
        .collect();
    // `super` from a module of the first level is the crate, and would get around the above.
    let escape = "super::".repeat(file.depth());
    for (number, line) in without_tests(&code).lines().enumerate() {
        if line.contains(&escape) {
            violations.push(format!("src/{}:{}: write `crate::` instead of `{escape}`", file.path, number + 1));
        }
    }
    violations
}

#[test]
fn modules_know_only_what_is_before_them() {
    let violations: Vec<String> = source_files().iter().flat_map(layer_violations).collect();
    assert_none(&violations);
}

/// The table itself goes one way: it can be put in an order in which each module uses only earlier ones.
#[test]
fn the_layers_have_no_circle() {
    let mut placed: BTreeSet<&str> = BTreeSet::new();
    while placed.len() < LAYERS.len() {
        let next = LAYERS
            .iter()
            .find(|(module, uses)| !placed.contains(module) && uses.iter().all(|used| placed.contains(used)));
        let Some((module, _)) = next else { panic!("a circle among those that are not in {placed:?}") };
        placed.insert(module);
    }
}

#[test]
fn files_are_short() {
    let mut violations = Vec::new();
    for file in source_files() {
        let lines = file.text.lines().count();
        let most = LONG_FILES.iter().find(|(path, _)| *path == file.path).map_or(MAX_FILE_LINES, |(_, lines)| *lines);
        if lines > most {
            violations.push(format!("src/{}: {lines} lines, more than {most}: divide it", file.path));
        }
        if most > MAX_FILE_LINES && lines <= MAX_FILE_LINES {
            violations.push(format!("src/{}: {lines} lines: take it out of LONG_FILES", file.path));
        }
    }
    assert_none(&violations);
}

#[test]
fn functions_are_short() {
    let mut violations = Vec::new();
    for file in source_files() {
        for (line, name, length) in function_lengths(&blank(&file.text)) {
            let is_listed = |(path, function, _): &&(&str, &str, usize)| *path == file.path && *function == name;
            let most = LONG_FUNCTIONS.iter().find(is_listed).map_or(MAX_FUNCTION_LINES, |(_, _, lines)| *lines);
            if length > most {
                violations.push(format!("src/{}:{line}: `{name}` has {length} lines, over {most}", file.path));
            }
        }
    }
    assert_none(&violations);
}

/// Forbidden words of `code`, with their lines.
fn forbidden(code: &str) -> Vec<(usize, &'static str, &'static str)> {
    let mut found = Vec::new();
    for (number, line) in without_tests(&blank(code)).lines().enumerate() {
        for &(word, reason) in FORBIDDEN {
            // A method of one's own, such as a parser's `self.expect(b',')`, is no `Option::expect`.
            if line.replace("self.expect(", "").contains(word) {
                found.push((number + 1, word, reason));
            }
        }
    }
    found
}

#[test]
fn nothing_panics_or_silences_outside_tests() {
    let mut violations = Vec::new();
    for file in source_files() {
        for (line, word, reason) in forbidden(&file.text) {
            violations.push(format!("src/{}:{line}: `{word}`: {reason}", file.path));
        }
    }
    assert_none(&violations);
}

/// A rule that finds nothing is worth something only if it would find something.
#[test]
fn the_rules_find_violations() {
    let bad = SourceFile {
        path: "engine/agenda.rs".into(),
        text: "use crate::{time::SimTime, metrics::{self, record}};\nuse super::super::layout;\n\
               // crate::cli in a comment\nconst S: &str = \"crate::report\";\nfn f() { crate::cluster::simulate() }\n"
            .into(),
    };
    let found = layer_violations(&bad);
    let expected = [
        "src/engine/agenda.rs:1: `engine` may not use `metrics`",
        "src/engine/agenda.rs:5: `engine` may not use `cluster`",
        "src/engine/agenda.rs:2: write `crate::` instead of `super::super::`",
    ];
    assert_eq!(found, expected);

    let unknown = SourceFile { path: "magic/mod.rs".into(), text: String::new() };
    assert_eq!(layer_violations(&unknown), ["src/magic/mod.rs: module `magic` is not listed in LAYERS"]);

    let code = "fn f() {\n    x.unwrap();\n    self.expect(b',');\n    \"panic!\"; // todo!()\n}\n\
                #[cfg(test)]\nmod tests {\n    fn g() { y.unwrap(); }\n}\nfn h() { panic!(\"no\") }\n";
    let found: Vec<_> = forbidden(code).into_iter().map(|(line, word, _)| (line, word)).collect();
    assert_eq!(found, [(2, ".unwrap()"), (10, "panic!")]);
}
