//! No text makes the reader of scenarios panic: shipped scenarios and one with every key, mutated.

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use rolesim::scenario::Scenario;
use rolesim::source::SourceText;
use std::fs;
use std::path::{Path, PathBuf};

/// What is put in: values at the edges of types, and pieces of the form.
const PIECES: &[&str] = &[
    "0",
    "-1",
    "1e400",
    "-0.0",
    "nan",
    "inf",
    "1e-320",
    "9223372036854775807",
    "18446744073709551615",
    "0x7f",
    "true",
    "\"\"",
    "\"0s\"",
    "\"1ns\"",
    "\"100y\"",
    "\"999999999999999999999y\"",
    "\"1-60000\"",
    "\"0-18446744073709551615\"",
    "[]",
    "{}",
    "[[]]",
    "[\"1,2\", \"x\"]",
    "[1, 2]",
    "{ exponential = { mean = \"5ms\" } }",
    "{ empirical = \"..\" }",
    "{ weibull = { mean = \"1s\", shape = 1e-300 } }",
    "2026-03-02",
    "0001-01-01T00:00:00Z",
    "9999-12-31T23:59:60Z",
    "=",
    "[",
    "]",
    "{",
    "}",
    "\"",
    "'''",
    "\\u0000",
    "\u{0}",
    "\u{202e}",
    "é",
    "\n",
    "#",
    ".",
    ",",
    "node",
    "\"all\"",
];

#[derive(Debug, Clone)]
enum Mutation {
    Remove(prop::sample::Index, usize),
    Insert(prop::sample::Index, usize),
    ReplaceValue(prop::sample::Index, usize),
    RepeatLine(prop::sample::Index, prop::sample::Index),
    RemoveLine(prop::sample::Index),
    Cut(prop::sample::Index),
    Flip(prop::sample::Index, char),
}

fn mutation() -> impl Strategy<Value = Mutation> {
    let index = any::<prop::sample::Index>;
    prop_oneof![
        1 => (index(), 1..20_usize).prop_map(|(at, length)| Mutation::Remove(at, length)),
        1 => (index(), 0..PIECES.len()).prop_map(|(at, piece)| Mutation::Insert(at, piece)),
        4 => (index(), 0..PIECES.len()).prop_map(|(line, piece)| Mutation::ReplaceValue(line, piece)),
        1 => (index(), index()).prop_map(|(from, to)| Mutation::RepeatLine(from, to)),
        1 => index().prop_map(Mutation::RemoveLine),
        1 => index().prop_map(Mutation::Cut),
        1 => (index(), any::<char>()).prop_map(|(at, c)| Mutation::Flip(at, c)),
    ]
}

fn apply(text: &str, mutation: &Mutation) -> String {
    let mut chars: Vec<char> = text.chars().collect();
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    if chars.is_empty() || lines.is_empty() {
        return PIECES[0].to_owned();
    }
    match mutation {
        Mutation::Remove(at, length) => {
            let at = at.index(chars.len());
            chars.drain(at..(at + length).min(chars.len()));
        }
        Mutation::Insert(at, piece) => {
            let at = at.index(chars.len());
            chars.splice(at..at, PIECES[*piece].chars());
        }
        Mutation::Cut(at) => chars.truncate(at.index(chars.len())),
        Mutation::Flip(at, c) => {
            let at = at.index(chars.len());
            chars[at] = *c;
        }
        Mutation::ReplaceValue(line, piece) => {
            let line = line.index(lines.len());
            if let Some((key, _)) = lines[line].split_once('=') {
                lines[line] = format!("{key}= {}", PIECES[*piece]);
            }
            return lines.join("\n");
        }
        Mutation::RepeatLine(from, to) => {
            let line = lines[from.index(lines.len())].clone();
            lines.insert(to.index(lines.len()), line);
            return lines.join("\n");
        }
        Mutation::RemoveLine(line) => {
            lines.remove(line.index(lines.len()));
            return lines.join("\n");
        }
    }
    chars.into_iter().collect()
}

fn seeds(folder: &Path) -> Vec<String> {
    let mut paths: Vec<PathBuf> = fs::read_dir(folder)
        .expect("a folder")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "toml"))
        .collect();
    paths.sort();
    let mut texts: Vec<String> = paths.iter().map(|path| fs::read_to_string(path).expect("a text")).collect();
    texts.push(include_str!("every_key.toml").to_owned());
    texts
}

/// 2,000 mutated scenarios are read or refused, none panics; a refusal has a place in a text, or names a
/// file, and a way out.
#[test]
fn mutated_scenarios_never_panic() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios");
    let texts = seeds(&folder);
    let strategy = (0..texts.len(), prop::collection::vec(mutation(), 1..4));
    let config = Config { cases: 2_000, failure_persistence: None, ..Config::default() };
    let result = TestRunner::new(config).run(&strategy, |(number, mutations)| {
        let text = mutations.iter().fold(texts[number].clone(), |text, mutation| apply(&text, mutation));
        if let Err(problem) = Scenario::parse(SourceText::new("s.toml", text), &folder) {
            prop_assert!(problem.source.is_some(), "no place: {problem}");
            prop_assert!(!problem.message.is_empty() && !problem.help.is_empty(), "no way out: {problem}");
            // Showing it must not panic either.
            let shown = format!("{:?}", miette::Report::new(problem));
            prop_assert!(!shown.is_empty());
        }
        Ok(())
    });
    assert!(result.is_ok(), "{}", result.expect_err("a failure"));
}

#[test]
fn the_scenario_with_every_key_is_right() {
    let source = SourceText::new("every_key.toml", include_str!("every_key.toml"));
    let read = Scenario::parse(source, Path::new("scenarios"));
    assert!(read.is_ok(), "{}", read.expect_err("a problem"));
}
