//! `rolesim run --profile`: where the events, the real time and the simulated work went.

use crate::cluster::packed::KIND_NAMES;
use crate::cluster::simulate_profiled;
use crate::engine::Part;
use crate::layout::Role;
use crate::metrics::record::Record;
use crate::report::format::{count, duration, percent};
use crate::scenario::Scenario;
use comfy_table::{Cell, CellAlignment, Row, Table, presets};

/// Simulates a replication of every layout once more, and says where its events and the time went.
pub fn profile(scenario: &Scenario, replication: u32) -> String {
    let mut text = String::new();
    for layout in &scenario.layouts {
        let (record, profile) = simulate_profiled(&scenario.setup(layout), replication);
        let parts: Vec<(usize, Part)> =
            profile.parts.into_iter().enumerate().filter(|(_, part)| part.events > 0).collect();
        text += &format!(
            "\nProfile of {}, replication {replication} once more: {} events in {} of real time, warm-up and drain included.\n\
             One event in 61 is timed; shares are of the sum of these estimates.\n",
            layout.name,
            count(record.events),
            duration(profile.time.as_secs_f64())
        );
        text += &format!("{}\nSimulated work in the measured span:\n{}\n", events(parts), work(&record));
    }
    text
}

/// Events and real time by kind of event, most time first.
fn events(mut parts: Vec<(usize, Part)>) -> Table {
    let mut table = new_table(["event", "events", "per message", "real time each (µs)", "share of the time"]);
    parts.sort_by(|(_, one), (_, other)| other.estimated_time_s().total_cmp(&one.estimated_time_s()));
    let total: f64 = parts.iter().map(|(_, part)| part.estimated_time_s()).sum();
    let name = |kind: usize| KIND_NAMES.get(kind).copied();
    let messages = parts.iter().find(|(kind, _)| name(*kind).is_none()).map_or(0, |(_, part)| part.events);
    for (kind, part) in parts {
        let (each, share) = match part.mean_s() {
            Some((mean, half_width)) => (
                format!("{:.3} ± {:.3}", mean * 1e6, half_width * 1e6),
                percent(if total > 0.0 { part.estimated_time_s() / total } else { 0.0 }),
            ),
            None => ("too few".to_owned(), "–".to_owned()),
        };
        add(
            &mut table,
            [
                name(kind).unwrap_or("message arrives").to_owned(),
                count(part.events),
                if messages > 0 { format!("{:.2}", part.events as f64 / messages as f64) } else { "–".to_owned() },
                each,
                share,
            ],
        );
    }
    table
}

/// Simulated work by role: runs, time on cores, time in the database.
fn work(record: &Record) -> Table {
    let mut table = new_table(["role", "runs", "core time", "database time"]);
    for role in Role::ALL {
        let of_role = || record.node_roles.iter().map(|node| &node[role.index()]);
        let runs: u64 = of_role().map(|part| part.executions).sum();
        let core_s: f64 = of_role().map(|part| part.busy_ns as f64).sum::<f64>() / 1e9;
        let database_s: f64 = of_role().map(|part| part.database_ns as f64).sum::<f64>() / 1e9;
        if runs > 0 || core_s > 0.0 {
            add(&mut table, [role.to_string(), count(runs), duration(core_s), duration(database_s)]);
        }
    }
    let runs: u64 = record.ingest.iter().map(|part| part.executions).sum();
    let core_s: f64 = record.ingest.iter().map(|part| part.busy_ns as f64).sum::<f64>() / 1e9;
    let database_s: f64 = record.ingest.iter().map(|part| part.database_ns as f64).sum::<f64>() / 1e9;
    add(&mut table, ["ingest".to_owned(), count(runs), duration(core_s), duration(database_s)]);
    table
}

fn new_table<const N: usize>(titles: [&str; N]) -> Table {
    let mut table = Table::new();
    table.load_style(presets::UTF8_BORDERS_ONLY);
    table.set_header(titles);
    table
}

/// Adds a row: text to the left, numbers to the right.
fn add<const N: usize>(table: &mut Table, cells: [String; N]) {
    let alignment = |place| if place == 0 { CellAlignment::Left } else { CellAlignment::Right };
    let cells = cells.into_iter().enumerate();
    table.add_row(Row::from(
        cells.map(|(place, text)| Cell::new(text).set_alignment(alignment(place))).collect::<Vec<_>>(),
    ));
}
