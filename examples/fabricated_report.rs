//! Writes fabricated results into a folder, to look at charts and pages of every size:
//! `cargo run --example fabricated_report -- FOLDER`.

#[path = "../tests/report/fixture.rs"]
mod fixture;

use fixture::{DOCS, EVEN, HOSTILE, Shape, candidates, plans, run_info, tables};
use rolesim::report::Manifest;
use rolesim::report::charts::cost::{self, CostAxes};
use rolesim::report::charts::differences;
use std::collections::BTreeMap;
use std::error::Error;
use std::fs;
use std::path::Path;

fn main() -> Result<(), Box<dyn Error>> {
    let folder = std::env::args().nth(1).ok_or("name a folder")?;
    for (nodes, layouts, replications) in [
        (1, &[EVEN][..], 1),
        (6, &[EVEN, DOCS, HOSTILE][..], 5),
        (64, &[EVEN, DOCS, HOSTILE][..], 5),
        (1_024, &[EVEN, DOCS][..], 2),
    ] {
        write(&Path::new(&folder).join(format!("{nodes}-nodes")), nodes, layouts, replications)?;
    }
    Ok(())
}

fn write(folder: &Path, nodes: u64, layouts: &[Shape], replications: u32) -> Result<(), Box<dyn Error>> {
    let (tables, run, plans) =
        (tables(nodes, layouts, replications), run_info(layouts, replications), plans(nodes, layouts));
    let mut more = Vec::new();
    more.extend(differences::chart("Differences between layouts", &fixture::differences())?);
    let axes = CostAxes {
        cost: "nodes".to_owned(),
        value: "fts-indexing.latency.p99".to_owned(),
        unit: "s".to_owned(),
        limit: Some(10.0),
    };
    more.extend(cost::chart(&axes, &candidates())?);
    let manifest = Manifest::new(run, plans, BTreeMap::new(), serde_json::Value::Null);
    fs::create_dir_all(folder)?;
    rolesim::report::folder::write(folder, &tables, &manifest, more, rolesim::report::folder::Pictures::Svg)?;
    Ok(())
}
