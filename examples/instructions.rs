//! Holds the instructions that the cases of `benches/instructions.rs` take against `results/instructions.csv`:
//! `cargo run --release --example instructions`; with `-- --update` it writes that file.
//!
//! Valgrind counts them, so that nothing else that the machine does disturbs. Without valgrind nothing is counted.
//! Counts depend on the compiler, the C library and valgrind, but on no processor with AVX2, since valgrind shows every
//! program the same one. Where these tools are others than those of the file, differences are printed and nothing fails.
//! The program that gungraun needs beside its library is built once, into `tools/` of the target folder.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};

/// By how many percent a case may grow. On the same tools counts repeat to 0.05 % (hash maps have random seeds); the rest
/// is for code that the compiler lays out differently after a change elsewhere. A case that takes more has got slower.
const MARGIN: u64 = 3;

const UPDATE: &str = "cargo run --release --example instructions -- --update";

/// A row of `results/instructions.csv`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Row {
    case: String,
    instructions: u64,
    /// What the count depends on beside the source.
    tools: String,
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let update = match arguments.as_slice() {
        [] => false,
        [argument] if argument == "--update" => true,
        _ => return fail("usage: instructions [--update]"),
    };
    let Ok(valgrind) = said(Command::new("valgrind").arg("--version")) else {
        println!("instructions: skipped, because valgrind is not installed");
        return if update { ExitCode::FAILURE } else { ExitCode::SUCCESS };
    };
    match run(&valgrind, update) {
        Ok(passes) => ExitCode::from(u8::from(!passes)),
        Err(error) => fail(&error.to_string()),
    }
}

fn fail(message: &str) -> ExitCode {
    eprintln!("instructions: {message}");
    ExitCode::FAILURE
}

/// Whether no case takes more than it may.
fn run(valgrind: &str, update: bool) -> Result<bool, Box<dyn Error>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let file = root.join("results/instructions.csv");
    let tools = tools(valgrind)?;
    if update {
        let counted = count(root, &tools)?;
        let mut writer = csv::Writer::from_path(&file)?;
        counted.iter().try_for_each(|row| writer.serialize(row))?;
        writer.flush()?;
        println!("instructions: {} cases written to {}", counted.len(), file.display());
        return Ok(true);
    }
    let unread = |error: csv::Error| format!("{}: {error}; `{UPDATE}` writes it", file.display());
    let reader = csv::Reader::from_path(&file).map_err(unread)?;
    let baseline = reader.into_deserialize().collect::<Result<Vec<Row>, _>>().map_err(unread)?;
    let counted = count(root, &tools)?;
    let (report, passes) = judge(&baseline, &counted);
    print!("{report}");
    Ok(passes)
}

/// What a program prints, if it ends well.
fn said(command: &mut Command) -> Result<String, Box<dyn Error>> {
    let output = command.stderr(Stdio::inherit()).output()?;
    if !output.status.success() {
        let arguments: Vec<_> = command.get_args().map(|argument| argument.to_string_lossy()).collect();
        return Err(format!("`{} {}`: {}", command.get_program().display(), arguments.join(" "), output.status).into());
    }
    Ok(String::from_utf8(output.stdout)?.trim().to_owned())
}

/// Compiler, C library and valgrind.
fn tools(valgrind: &str) -> Result<String, Box<dyn Error>> {
    let compiler = said(Command::new("rustc").arg("-vV"))?;
    let host = compiler.lines().find_map(|line| line.strip_prefix("host: ")).unwrap_or("unknown host");
    let library = said(Command::new("getconf").arg("GNU_LIBC_VERSION")).unwrap_or_else(|_| "unknown libc".to_owned());
    Ok(format!("{}; {host}; {library}; {valgrind}", compiler.lines().next().unwrap_or_default()))
}

fn count(root: &Path, tools: &str) -> Result<Vec<Row>, Box<dyn Error>> {
    let mut command = Command::new(cargo());
    command.args(["bench", "--locked", "--quiet", "--bench", "instructions", "--", "--output-format=json"]);
    let summaries = said(command.current_dir(root).env("PATH", path_with_runner(root)?))?;
    let rows = summaries.lines().map(|line| row(line, tools)).collect::<Result<Vec<_>, _>>()?;
    if rows.is_empty() { Err("nothing was counted".into()) } else { Ok(rows) }
}

/// One case from gungraun's summary of it.
fn row(line: &str, tools: &str) -> Result<Row, Box<dyn Error>> {
    let summary: serde_json::Value = serde_json::from_str(line)?;
    let text = |key: &str| summary[key].as_str().ok_or_else(|| format!("no `{key}` in {line}"));
    let instructions = summary.pointer("/profiles/0/data/total/metrics/Ir/values/new").and_then(|count| count.as_u64());
    Ok(Row {
        case: format!("{}/{}", text("function_name")?, text("id")?),
        instructions: instructions.ok_or_else(|| format!("no count in {line}"))?,
        tools: tools.to_owned(),
    })
}

fn cargo() -> String {
    std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned())
}

/// A search path on which `gungraun-runner` of the locked version is found; builds it if it is nowhere.
fn path_with_runner(root: &Path) -> Result<std::ffi::OsString, Box<dyn Error>> {
    let version = locked_version(&std::fs::read_to_string(root.join("Cargo.lock"))?)?;
    let path = std::env::var_os("PATH").unwrap_or_default();
    let is_runner = |program: &Path| {
        said(Command::new(program).arg("--version")).is_ok_and(|said| said == format!("gungraun-runner {version}"))
    };
    if is_runner(Path::new("gungraun-runner")) {
        return Ok(path);
    }
    // This program lies in the target folder, in `release/examples`.
    let program = std::env::current_exe()?;
    let tools = program.ancestors().nth(3).ok_or("no target folder")?.join("tools");
    if !is_runner(&tools.join("bin/gungraun-runner")) {
        println!("instructions: building gungraun-runner {version}, once, into {}", tools.display());
        let mut install = Command::new(cargo());
        install.args(["install", "--quiet", "--locked", "--debug", "--config", "profile.dev.debug=0", "--root"]);
        install.arg(&tools).args(["gungraun-runner", "--version", &format!("={version}")]);
        said(install.env_remove("CARGO_TARGET_DIR"))?;
    }
    let folders: Vec<PathBuf> = [tools.join("bin")].into_iter().chain(std::env::split_paths(&path)).collect();
    Ok(std::env::join_paths(folders)?)
}

/// The version of gungraun in a `Cargo.lock`.
fn locked_version(lock: &str) -> Result<String, Box<dyn Error>> {
    let lock: toml::Table = toml::from_str(lock)?;
    let packages = lock.get("package").and_then(|packages| packages.as_array()).ok_or("no packages in Cargo.lock")?;
    let gungraun = packages.iter().find(|package| package["name"].as_str() == Some("gungraun"));
    let version = gungraun.and_then(|package| package["version"].as_str()).ok_or("no gungraun in Cargo.lock")?;
    Ok(version.to_owned())
}

/// A table of all cases with what is to be done, and whether no case takes more than it may.
fn judge(baseline: &[Row], counted: &[Row]) -> (String, bool) {
    let mut cases: BTreeMap<&str, (Option<u64>, Option<u64>)> = BTreeMap::new();
    for row in baseline {
        cases.entry(&row.case).or_default().0 = Some(row.instructions);
    }
    for row in counted {
        cases.entry(&row.case).or_default().1 = Some(row.instructions);
    }
    let mut report = format!("{:28}{:>14}{:>14}   change\n", "case", "baseline", "now");
    let (mut wrong, mut fewer) = (false, false);
    for (case, (before, now)) in cases {
        let verdict = match (before, now) {
            (Some(before), Some(now)) => {
                let grown = now * 100 > before * (100 + MARGIN);
                wrong |= grown;
                fewer |= now * 100 < before * (100 - MARGIN);
                let mark = if grown { "  too many" } else { "" };
                format!("{:+.2} %{mark}", 100.0 * (now as f64 / before as f64 - 1.0))
            }
            (missing, _) => {
                wrong = true;
                if missing.is_none() { "not in the baseline" } else { "in the baseline only" }.to_owned()
            }
        };
        let shown = |count: Option<u64>| count.map_or_else(String::new, |count| count.to_string());
        report += &format!("{case:28}{:>14}{:>14}   {verdict}\n", shown(before), shown(now));
    }
    let own_tools = |rows: &[Row]| rows.first().map_or_else(String::new, |row| row.tools.clone());
    let (before, now) = (own_tools(baseline), own_tools(counted));
    if before != now {
        report += &format!("not judged, because the tools differ\n  baseline  {before}\n  now       {now}\n");
        return (report, true);
    }
    if wrong {
        report += &format!(
            "A case may take {MARGIN} % more than its baseline. `callgrind_annotate` on a file below `target/gungraun/` \
             shows where they go;\nif that is wanted, or the cases are others, `{UPDATE}` renews the baseline\n"
        );
    } else if fewer {
        report += &format!("a case takes over {MARGIN} % less: keep that with `{UPDATE}`\n");
    }
    (report, !wrong)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(cases: &[(&str, u64)], tools: &str) -> Vec<Row> {
        let row = |(case, count): &(&str, u64)| Row {
            case: (*case).to_owned(),
            instructions: *count,
            tools: tools.to_owned(),
        };
        cases.iter().map(row).collect()
    }

    /// 3 % of 1,000 is 30.
    #[test]
    fn a_case_may_grow_by_the_margin_and_no_more() {
        let of = |count| judge(&rows(&[("a", 1_000), ("b", 5)], "x"), &rows(&[("a", count), ("b", 5)], "x"));
        assert!(of(1_030).1);
        let (report, passes) = of(1_031);
        assert!(!passes && report.contains("+3.10 %  too many"), "{report}");
        let (report, passes) = of(969);
        assert!(passes && report.contains("a case takes over 3 % less"), "{report}");
        assert!(!of(1_000).0.contains("--update"));
    }

    #[test]
    fn other_cases_than_those_of_the_baseline_fail() {
        let one = rows(&[("a", 1_000)], "x");
        let two = rows(&[("a", 1_000), ("b", 5)], "x");
        assert!(judge(&one, &two).0.contains("not in the baseline"));
        assert!(judge(&two, &one).0.contains("in the baseline only"));
        assert!(!judge(&one, &two).1 && !judge(&two, &one).1);
    }

    #[test]
    fn under_other_tools_nothing_fails() {
        let (report, passes) = judge(&rows(&[("a", 1_000)], "rustc 1"), &rows(&[("a", 2_000)], "rustc 2"));
        assert!(passes && report.contains("+100.00 %") && report.contains("not judged"), "{report}");
    }

    /// The form of a line is that of the summary's schema, version 7.
    #[test]
    fn counts_are_read_from_summaries() {
        let line = r#"{"function_name":"run","id":"small","profiles":[{"data":{"total":{"metrics":{"Ir":{"values":
            {"new":12,"old":11}}}}}}]}"#;
        assert_eq!(row(line, "x").expect("a summary"), rows(&[("run/small", 12)], "x")[0]);
        assert!(row("{}", "x").is_err());
        assert_eq!(locked_version("[[package]]\nname = \"gungraun\"\nversion = \"0.2.1\"\n").expect("a lock"), "0.2.1");
    }
}
