//! Charts: that they repeat, and that names are no markup. What they look like is judged by eye.

use crate::fixture::{DOCS, EVEN, HOSTILE, Shape, plans, run_info, tables};
use rolesim::report::Chart;
use rolesim::report::charts::{ChartInput, all};

fn charts(nodes: u64, layouts: &[Shape], replications: u32) -> Vec<Chart> {
    let (tables, run, plans) =
        (tables(nodes, layouts, replications), run_info(layouts, replications), plans(nodes, layouts));
    all(ChartInput { tables: &tables, run: &run, plans: &plans }).unwrap()
}

#[test]
fn the_same_results_give_the_same_bytes() {
    assert_eq!(charts(6, &[EVEN, DOCS], 3), charts(6, &[EVEN, DOCS], 3));
}

#[test]
fn a_name_is_never_markup() {
    for chart in charts(6, &[EVEN, HOSTILE], 3) {
        assert!(!chart.svg.contains("<script"), "{}", chart.file_stem);
        assert!(chart.file_stem.chars().all(|c| c.is_ascii_alphanumeric() || "-.".contains(c)), "{}", chart.file_stem);
    }
}

#[test]
fn every_size_draws_with_one_and_with_several_replications() {
    for (nodes, replications) in [(1, 1), (1, 3), (6, 1), (64, 3), (1_024, 2)] {
        let charts = charts(nodes, &[EVEN, DOCS], replications);
        assert!(!charts.is_empty());
        for chart in charts {
            assert!(chart.svg.len() < 400_000, "{} has {} bytes", chart.file_stem, chart.svg.len());
            assert!(!chart.svg.contains("NaN") && !chart.svg.contains("inf"), "{}", chart.file_stem);
            assert!(!chart.data.rows.is_empty(), "{}", chart.file_stem);
        }
    }
}
