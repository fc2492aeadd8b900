//! `rolesim run --profile`: where the events, the real time and the simulated work went.

use crate::cluster::packed::KIND_NAMES;
use crate::cluster::simulate_profiled;
use crate::engine::Profile;
use crate::layout::Role;
use crate::metrics::record::Record;
use crate::report::format::{count, duration, percent};
use crate::scenario::Scenario;
use comfy_table::{Cell, CellAlignment, Row, Table, presets};

/// Simulates the first replication of every layout once more, and says where its events and the time went.
pub fn profile(scenario: &Scenario) -> String {
    let mut text = String::new();
    for layout in &scenario.layouts {
        let (record, profile) = simulate_profiled(&scenario.setup(layout), 0);
        text += &format!(
            "\nProfile of {}, first replication once more: {} events in {}; times are estimated from one event in 61\n",
            layout.name,
            count(record.events),
            duration(profile.time.as_secs_f64())
        );
        text += &format!("{}\n", events(&record, &profile));
        text += &format!("{}\n", work(&record));
    }
    text
}

/// Events and real time by kind of event, most time first.
fn events(record: &Record, profile: &Profile) -> Table {
    let mut table = new_table(["event", "events", "per message", "time each", "share of the time"]);
    let mut parts: Vec<_> = profile.parts.iter().enumerate().filter(|(_, part)| part.events > 0).collect();
    parts.sort_by_key(|(_, part)| std::cmp::Reverse(part.estimated_time()));
    let total: f64 = parts.iter().map(|(_, part)| part.estimated_time().as_secs_f64()).sum();
    for (kind, part) in parts {
        let time_s = part.estimated_time().as_secs_f64();
        let each = if part.timed > 0 { duration(time_s / part.events as f64) } else { String::new() };
        add(
            &mut table,
            [
                KIND_NAMES.get(kind).copied().unwrap_or("message arrives").to_owned(),
                count(part.events),
                format!("{:.2}", part.events as f64 / record.messages.max(1) as f64),
                each,
                percent(if total > 0.0 { time_s / total } else { 0.0 }),
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
        let core_s: f64 = of_role().map(|part| part.busy_ns).sum::<f64>() / 1e9;
        let database_s: f64 = of_role().map(|part| part.database_ns).sum::<f64>() / 1e9;
        if runs > 0 || core_s > 0.0 {
            add(&mut table, [role.to_string(), count(runs), duration(core_s), duration(database_s)]);
        }
    }
    let runs: u64 = record.ingest.iter().map(|part| part.executions).sum();
    let core_s: f64 = record.ingest.iter().map(|part| part.busy_ns).sum::<f64>() / 1e9;
    let database_s: f64 = record.ingest.iter().map(|part| part.database_ns).sum::<f64>() / 1e9;
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
