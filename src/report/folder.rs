//! A result folder: what a run writes into it, and the page made again from what is there.

use super::charts::{self, Chart, ChartInput};
use super::html::{PageInput, page};
use super::manifest::Manifest;
use super::plan::{LayoutPlan, RunInfo};
use super::png::Drawer;
use crate::metrics::rows::Tables;
use crate::source::Problem;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// In which formats charts are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pictures {
    Svg,
    SvgAndPng,
}

/// Writes everything that does not vary from run to run into the folder `dir`: the ten CSV files,
/// `manifest.json`, `charts/*.svg` (and `*.png`) and `report.html`. `more` are charts besides those of the
/// tables, such as [`charts::differences`]; they come first.
pub fn write(
    dir: &Path,
    tables: &Tables,
    manifest: &Manifest,
    more: Vec<Chart>,
    pictures: Pictures,
) -> Result<(), Problem> {
    tables.write(dir)?;
    manifest.write(dir)?;
    let runs = [manifest.run_info.clone()];
    let mut all = more;
    all.extend(charts::all(ChartInput { tables, run: &runs[0], plans: &manifest.plans })?);
    write_charts(&dir.join("charts"), &all, pictures)?;
    let path = dir.join("report.html");
    let html = page(PageInput { tables, runs: &runs, plans: &manifest.plans, charts: &all })?;
    fs::write(&path, html).map_err(|e| cannot_write(&path, &e))
}

/// Writes charts into a folder, which may exist.
///
/// # Errors
/// A file cannot be written.
pub fn write_charts(folder: &Path, charts: &[Chart], pictures: Pictures) -> Result<(), Problem> {
    fs::create_dir_all(folder).map_err(|e| cannot_write(folder, &e))?;
    let drawer = (pictures == Pictures::SvgAndPng).then(Drawer::new);
    for chart in charts {
        let path = folder.join(format!("{}.svg", chart.file_stem));
        fs::write(&path, &chart.svg).map_err(|e| cannot_write(&path, &e))?;
        if let Some(drawer) = &drawer {
            let path = folder.join(format!("{}.png", chart.file_stem));
            fs::write(&path, drawer.png(&chart.svg)?).map_err(|e| cannot_write(&path, &e))?;
        }
    }
    Ok(())
}

/// The page of the results in `dirs`, from their files. Layouts of the same name in several of them get
/// the folder's name added.
pub fn page_of(dirs: &[PathBuf]) -> Result<String, Problem> {
    let mut joined = Tables::default();
    let (mut runs, mut plans) = (Vec::new(), Vec::new());
    let mut seen: BTreeSet<String> = BTreeSet::new();
    for dir in dirs {
        let manifest = Manifest::read(dir)?;
        let mut tables = Tables::read(dir)?;
        let mut mine = manifest.plans;
        let names: BTreeSet<String> = super::aggregate::layouts(&tables).into_iter().map(str::to_owned).collect();
        if !seen.is_disjoint(&names) {
            let folder =
                dir.file_name().map_or_else(|| dir.display().to_string(), |n| n.to_string_lossy().into_owned());
            rename(&mut tables, &mut mine, &format!(" ({folder})"));
        }
        seen.extend(super::aggregate::layouts(&tables).into_iter().map(str::to_owned));
        append(&mut joined, tables);
        plans.extend(mine);
        runs.push(manifest.run_info);
    }
    let span = runs.iter().map(|run: &RunInfo| run.duration_s).fold(0.0, f64::max);
    let run = RunInfo { duration_s: span, ..runs.first().cloned().unwrap_or_default() };
    let charts = charts::all(ChartInput { tables: &joined, run: &run, plans: &plans })?;
    page(PageInput { tables: &joined, runs: &runs, plans: &plans, charts: &charts })
}

/// Adds `suffix` to the name of every layout.
fn rename(tables: &mut Tables, plans: &mut [LayoutPlan], suffix: &str) {
    let names = tables.roles.iter_mut().map(|row| &mut row.layout);
    let names = names.chain(tables.nodes.iter_mut().map(|row| &mut row.layout));
    let names = names.chain(tables.shards.iter_mut().map(|row| &mut row.layout));
    let names = names.chain(tables.push.iter_mut().map(|row| &mut row.layout));
    let names = names.chain(tables.balance.iter_mut().map(|row| &mut row.layout));
    let names = names.chain(tables.timeline.iter_mut().map(|row| &mut row.layout));
    let names = names.chain(tables.latency.iter_mut().map(|row| &mut row.layout));
    let names = names.chain(tables.summary.iter_mut().map(|row| &mut row.layout));
    let names = names.chain(tables.objectives.iter_mut().map(|row| &mut row.layout));
    let names = names.chain(tables.findings.iter_mut().map(|row| &mut row.layout));
    names.chain(plans.iter_mut().map(|plan| &mut plan.layout)).for_each(|name| name.push_str(suffix));
}

fn append(joined: &mut Tables, tables: Tables) {
    joined.roles.extend(tables.roles);
    joined.nodes.extend(tables.nodes);
    joined.shards.extend(tables.shards);
    joined.push.extend(tables.push);
    joined.balance.extend(tables.balance);
    joined.timeline.extend(tables.timeline);
    joined.latency.extend(tables.latency);
    joined.summary.extend(tables.summary);
    joined.objectives.extend(tables.objectives);
    joined.findings.extend(tables.findings);
}

/// The error of a file of a result that could not be written.
pub fn cannot_write(path: &Path, error: &std::io::Error) -> Problem {
    let message = format!("{}: cannot be written: {error}", path.display());
    Problem::unwritten(message, "is there room, and may you write there?", error)
}
