//! Runs all engines in turn and checks what they have found.

use crate::engines::{ENGINES, Size};
use crate::{chart, theory, write};
use std::error::Error;
use std::process::Command;

/// Every engine runs so often; the fastest run counts.
const ROUNDS: usize = 3;

/// Customers of one queue and of each of more queues, about the same number in total.
const SIZES: [Size; 3] = [
    Size { queues: 1, customers: 4_000_000 },
    Size { queues: 1_000, customers: 4_000 },
    Size { queues: 100_000, customers: 40 },
];

/// Name, program, sizes of those in Python: fewer customers, since they take long.
const IN_PYTHON: [(&str, &str, &[Size]); 2] = [
    (
        "SimPy",
        "simpy_queues.py",
        &[
            Size { queues: 1, customers: 1_000_000 },
            Size { queues: 1_000, customers: 1_000 },
            Size { queues: 100_000, customers: 4 },
        ],
    ),
    // Looks at every queue at every event, and so takes hours for 100,000 of them.
    ("Ciw", "ciw_queues.py", &[Size { queues: 1, customers: 300_000 }, Size { queues: 1_000, customers: 4 }]),
];

/// One engine with one number of queues.
pub struct Row {
    pub engine: &'static str,
    pub language: &'static str,
    pub version: String,
    pub size: Size,
    /// Seconds of each run.
    pub user_s: Vec<f64>,
    pub mean_wait_s: f64,
    pub expected_wait_s: f64,
    command: Vec<String>,
}

impl Row {
    fn new(engine: &'static str, language: &'static str, size: Size, command: Vec<String>) -> Self {
        Self {
            engine,
            language,
            version: String::new(),
            size,
            user_s: Vec::new(),
            mean_wait_s: 0.0,
            expected_wait_s: theory::mean_wait_s(size.customers),
            command,
        }
    }

    /// Million events a second of a run that took so long. A customer is two events, an arrival and a departure; those
    /// in service at the start only depart.
    fn million_events_per_second(&self, user_s: f64) -> f64 {
        let events = u64::from(self.size.queues) * u64::from(2 * self.size.customers + crate::queue::SERVERS);
        events as f64 / user_s / 1e6
    }

    /// Of the fastest run.
    pub fn fastest(&self) -> f64 {
        self.million_events_per_second(self.user_s.iter().copied().fold(f64::INFINITY, f64::min))
    }

    /// Of the slowest run.
    pub fn slowest(&self) -> f64 {
        self.million_events_per_second(self.user_s.iter().copied().fold(0.0, f64::max))
    }

    /// Runs once more.
    fn run(&mut self) -> Result<(), Box<dyn Error>> {
        let output = Command::new(&self.command[0]).args(&self.command[1..]).output()?;
        let printed = String::from_utf8(output.stdout)?;
        let words: Vec<&str> = printed.split_whitespace().collect();
        let (true, [version, user_s, mean_wait_s, customers]) = (output.status.success(), &words[..]) else {
            return Err(format!("{}: {printed}{}", self.engine, String::from_utf8_lossy(&output.stderr)).into());
        };
        self.version = (*version).to_owned();
        let user_s: f64 = user_s.parse()?;
        if user_s <= 0.0 {
            return Err(format!("{}: over before the processor's clock moved; more customers", self.engine).into());
        }
        self.user_s.push(user_s);
        self.mean_wait_s = mean_wait_s.parse()?;
        self.check(customers.parse()?)
    }

    /// A wrong model must not be compared: every customer is served, after a wait that theory knows.
    fn check(&self, customers: u64) -> Result<(), Box<dyn Error>> {
        let expected = u64::from(self.size.queues) * u64::from(self.size.customers);
        if customers != expected {
            return Err(format!("{}: {customers} customers instead of {expected}", self.engine).into());
        }
        let deviation = self.mean_wait_s / self.expected_wait_s - 1.0;
        if deviation.abs() > tolerance(self.size) {
            let (found, right) = (self.mean_wait_s, self.expected_wait_s);
            return Err(format!("{}: mean wait {found} s instead of {right} s", self.engine).into());
        }
        Ok(())
    }
}

/// Four relative standard errors of the mean wait. The standard deviation of one queue's mean, relative to its
/// expectation, was measured over 3,000 independent queues by Kiefer and Wolfowitz's recursion: 1.8 for the first
/// customer, falling to √(550/n) for the first n ≥ 4,000; it is below the smaller of the two in between.
fn tolerance(size: Size) -> f64 {
    let of_one_queue = (560.0 / f64::from(size.customers)).sqrt().min(1.9);
    4.0 * of_one_queue / f64::from(size.queues).sqrt()
}

/// Runs everything in turn and writes `peers.csv`, `peers.md` and `peers.svg` to the folder `results`.
pub fn compare(python: &str, divisor: u32) -> Result<(), Box<dyn Error>> {
    let mut rows = rows(python, divisor)?;
    for round in 1..=ROUNDS {
        for row in &mut rows {
            row.run()?;
            let Size { queues, customers } = row.size;
            eprintln!(
                "{round}/{ROUNDS}  {:24} {queues:>7} × {customers:<9} {:8.2} million events/s",
                row.engine,
                row.million_events_per_second(row.user_s[round - 1])
            );
        }
    }
    write::csv(&rows)?;
    write::markdown(&rows, python)?;
    chart::draw(&rows)
}

fn rows(python: &str, divisor: u32) -> Result<Vec<Row>, Box<dyn Error>> {
    let own = std::env::current_exe()?.to_string_lossy().into_owned();
    let mut rows = Vec::new();
    let part = |size: &Size| Size { customers: (size.customers / divisor).max(1), ..*size };
    let words = |size: Size| [size.queues.to_string(), size.customers.to_string()];
    for size in SIZES.iter().map(part) {
        for (engine, ..) in ENGINES {
            let command = [own.clone(), "run".into(), engine.into()].into_iter().chain(words(size));
            rows.push(Row::new(engine, "Rust", size, command.collect()));
        }
    }
    for (engine, program, sizes) in IN_PYTHON {
        for size in sizes.iter().map(part) {
            let command = [python.to_owned(), format!("peers/{program}")].into_iter().chain(words(size));
            rows.push(Row::new(engine, "Python", size, command.collect()));
        }
    }
    Ok(rows)
}
