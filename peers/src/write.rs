//! The table as CSV and as Markdown.

use crate::compare::Row;
use crate::queue::{ARRIVAL_RATE, SERVERS};
use std::error::Error;
use std::fmt::Write as _;
use std::fs;
use std::process::Command;

/// The engine that the others are compared with.
pub const OURS: &str = "rolesim";

/// Million events a second of rolesim's engine with as many queues.
fn ours(rows: &[Row], queues: u32) -> f64 {
    rows.iter().find(|row| row.engine == OURS && row.size.queues == queues).map_or(f64::NAN, Row::fastest)
}

/// Writes `results/peers.csv`.
pub fn csv(rows: &[Row]) -> Result<(), Box<dyn Error>> {
    let mut csv = csv::Writer::from_path("results/peers.csv")?;
    csv.write_record([
        "engine",
        "version",
        "language",
        "queues",
        "customers",
        "million_events_per_second",
        "slowest_million_events_per_second",
        "ratio_to_rolesim",
        "mean_wait_s",
        "expected_mean_wait_s",
    ])?;
    for row in rows {
        let customers = u64::from(row.size.queues) * u64::from(row.size.customers);
        csv.write_record([
            row.engine,
            &row.version,
            row.language,
            &row.size.queues.to_string(),
            &customers.to_string(),
            &significant(row.fastest()),
            &significant(row.slowest()),
            &significant(row.fastest() / ours(rows, row.size.queues)),
            &format!("{:.4}", row.mean_wait_s),
            &format!("{:.4}", row.expected_wait_s),
        ])?;
    }
    csv.flush()?;
    Ok(())
}

/// Writes `results/peers.md`.
pub fn markdown(rows: &[Row], python: &str) -> Result<(), Box<dyn Error>> {
    let mut queues: Vec<u32> = rows.iter().map(|row| row.size.queues).collect();
    queues.sort_unstable();
    queues.dedup();
    let mut text = format!(
        "# rolesim's engine beside others\n\n\
         Written by `scripts/peers.sh`. Independent queues with {SERVERS} servers each (M/M/{SERVERS}, {ARRIVAL_RATE} \
         customers a second, each served in 1 s on average: 90 % busy) on {}, {}, {}.\n\n\
         Million events a second, in parentheses as a multiple of rolesim's engine. An event is an arrival or a \
         departure. Every run is a process of its own; all engines run in turn, {} times; the least user time \
         counts, from the moment at which the queues stand ready. All find the mean wait that theory gives, within \
         four standard errors (`peers.csv`).\n\n| engine | version | language |",
        machine(),
        first_line("rustc", "--version"),
        first_line(python, "--version"),
        rows[0].user_s.len(),
    );
    for &queues in &queues {
        write!(text, " {} |", if queues == 1 { "1 queue".into() } else { format!("{} queues", grouped(queues)) })?;
    }
    writeln!(text, "\n|{}", "---|".repeat(3 + queues.len()))?;
    let mut engines: Vec<&Row> = Vec::new();
    for row in rows {
        if engines.iter().all(|known| known.engine != row.engine) {
            engines.push(row);
        }
    }
    for first in engines {
        write!(text, "| {} | {} | {} |", first.engine, first.version, first.language)?;
        for &queues in &queues {
            let row = rows.iter().find(|row| row.engine == first.engine && row.size.queues == queues);
            let cell = row.map_or_else(
                || "not run".into(),
                |row| format!("{} ({})", significant(row.fastest()), rounded(row.fastest() / ours(rows, queues))),
            );
            write!(text, " {cell} |")?;
        }
        writeln!(text)?;
    }
    text.push_str(&spreads(rows, &queues));
    text.push_str(NOTES);
    fs::write("results/peers.md", text)?;
    Ok(())
}

/// How far the runs of one engine lie apart.
fn spreads(rows: &[Row], sizes: &[u32]) -> String {
    let widest = |queues: u32| {
        let of_size = rows.iter().filter(|row| row.size.queues == queues);
        of_size.map(|row| row.fastest() / row.slowest() - 1.0).fold(0.0, f64::max) * 100.0
    };
    let widest: Vec<String> = sizes.iter().map(|&queues| format!("{:.0} %", widest(queues))).collect();
    format!("\nThe fastest run of an engine beats its slowest by at most {} (by column).\n", widest.join(", "))
}

const NOTES: &str = "
The loops are written by hand for this model and keep their pending events in the set that they are named after. All
programs in Rust draw in the same way (ChaCha8, ziggurat) and see the same number of customers, those in Python fewer.
Ciw looks at every queue at every event: from its time with 1,000 queues, 100,000 would take more than a day, so they
were not run. odem-rs, SimPy and Ciw simulate processes, nexosim may run models on several threads: they do more than
order events, and only that is compared here.

![Million events a second of each engine](peers.svg)
";

/// Processor and number of cores.
fn machine() -> String {
    let info = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = info.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    format!("{} with {cores} cores", model.map_or("a processor without name", |(_, model)| model.trim()))
}

fn first_line(program: &str, argument: &str) -> String {
    let output = Command::new(program).arg(argument).output();
    let printed = output.map(|output| String::from_utf8_lossy(&output.stdout).into_owned()).unwrap_or_default();
    printed.lines().next().unwrap_or_default().to_owned()
}

/// Three significant digits.
fn significant(value: f64) -> String {
    with_digits(value, 3)
}

/// Two significant digits.
pub fn rounded(value: f64) -> String {
    with_digits(value, 2)
}

fn with_digits(value: f64, digits: i32) -> String {
    let decimals = (digits - 1 - value.abs().log10().floor() as i32).clamp(0, 9) as usize;
    format!("{value:.decimals$}")
}

/// With commas between thousands.
pub fn grouped(number: u32) -> String {
    let digits = number.to_string();
    let mut grouped = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}
