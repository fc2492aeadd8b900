//! Independent queues with four servers each, 90 % busy, on rolesim's engine, on other simulators and in loops written
//! by hand: how many events a second each handles.
//!
//! `peers compare PYTHON [DIVISOR]` runs every engine in a process of its own, three times in turn, checks what it
//! found against theory and writes the results to the current folder; with a divisor only a part of the customers.
//! `peers run ENGINE QUEUES CUSTOMERS` is one such process.

mod chart;
mod compare;
mod engines;
mod queue;
mod theory;
mod write;

use engines::{ENGINES, Size};
use std::error::Error;

/// Something that happens in a queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Event {
    /// A customer comes.
    Arrival(u32),
    /// A customer is served.
    Departure(u32),
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["run", engine, queues, customers] => {
            let size = Size { queues: queues.parse()?, customers: customers.parse()? };
            run(engine, size)
        }
        ["compare", python] => compare::compare(python, 1),
        ["compare", python, divisor] => compare::compare(python, divisor.parse()?),
        _ => Err("usage: peers compare PYTHON [DIVISOR] | peers run ENGINE QUEUES CUSTOMERS".into()),
    }
}

/// Prints version, processor time, mean wait and customers of one run.
fn run(name: &str, size: Size) -> Result<(), Box<dyn Error>> {
    let (_, package, run) = ENGINES.iter().find(|(engine, ..)| *engine == name).ok_or("no such engine")?;
    let outcome = run(size)?;
    let version = package.map_or_else(|| Ok("-".to_owned()), locked_version)?;
    println!("{version} {} {} {}", outcome.user_s, outcome.waits.mean_s, outcome.waits.customers);
    Ok(())
}

/// The version of a package that this program was built with.
fn locked_version(package: &str) -> Result<String, Box<dyn Error>> {
    let lock: toml::Table = toml::from_str(include_str!("../Cargo.lock"))?;
    let packages = lock.get("package").and_then(toml::Value::as_array).ok_or("no packages in Cargo.lock")?;
    let found = packages.iter().find(|entry| entry.get("name").and_then(toml::Value::as_str) == Some(package));
    let version = found.and_then(|entry| entry.get("version")).and_then(toml::Value::as_str);
    Ok(version.ok_or_else(|| format!("no {package} in Cargo.lock"))?.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The engines with integer times that draw in the order of the events simulate the same, to the last bit.
    #[test]
    fn engines_agree() -> Result<(), Box<dyn Error>> {
        let size = Size { queues: 50, customers: 2_000 };
        let waits: Vec<_> =
            ENGINES.iter().map(|(name, _, run)| Ok((name, run(size)?.waits))).collect::<Result<_, Box<dyn Error>>>()?;
        let (_, ours) = waits[0];
        for &(name, found) in &waits[1..5] {
            assert_eq!(found, ours, "{name}");
        }
        for &(name, found) in &waits {
            assert_eq!(found.customers, 100_000, "{name}");
        }
        Ok(())
    }
}
