//! Writes fabricated results into a folder, to look at charts and pages of every size:
//! `cargo run --example fabricated_report -- FOLDER`.

#[path = "../tests/report/fixture.rs"]
mod fixture;

use fixture::{DOCS, EVEN, HOSTILE, Shape, plans, run_info, tables};
use rolesim::report::charts::{ChartInput, all};
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
    let charts = all(ChartInput { tables: &tables, run: &run, plans: &plans })?;
    fs::create_dir_all(folder.join("charts"))?;
    tables.write(folder)?;
    for chart in &charts {
        fs::write(folder.join("charts").join(format!("{}.svg", chart.file_stem)), &chart.svg)?;
    }
    Ok(())
}
