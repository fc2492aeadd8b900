//! What the terminal shows. The snapshots have been read, line by line, against the fixture.

use crate::fixture::{DOCS, EVEN, tables};
use rolesim::metrics::rows::Tables;
use rolesim::report::terminal::{TerminalOptions, objective_value, render};

const PLAIN: TerminalOptions = TerminalOptions { color: false, width: 110 };

#[test]
fn two_layouts_on_six_nodes() {
    insta::assert_snapshot!(render(&tables(6, &[EVEN, DOCS], 5), PLAIN));
}

#[test]
fn one_replication_has_no_intervals() {
    insta::assert_snapshot!(render(&tables(1, &[EVEN], 1), PLAIN));
}

#[test]
fn many_nodes_are_summed_up() {
    insta::assert_snapshot!(render(&tables(64, &[DOCS], 5), TerminalOptions { color: false, width: 80 }));
}

#[test]
fn no_line_is_wider_than_the_terminal_and_colours_are_only_on_demand() {
    let tables = tables(6, &[EVEN, DOCS], 5);
    for width in [60, 80, 120] {
        let text = render(&tables, TerminalOptions { color: false, width });
        assert!(!text.contains('\u{1b}'));
        for line in text.lines() {
            assert!(line.chars().count() <= usize::from(width), "{width}: {line}");
        }
    }
    assert!(render(&tables, TerminalOptions { color: true, width: 80 }).contains('\u{1b}'));
}

/// The mean of four replications of which one is far out: Student's interval lies above the limit, the limits that decide do
/// not, and the verdict is theirs. Where both say the same, they are not spelt out.
#[test]
fn limits_that_decide_are_shown_where_the_interval_says_something_else() {
    let mut row = tables(2, &[EVEN], 5).objectives.remove(0);
    (row.value, row.ci_low, row.ci_high, row.limit) = (Some(120.0), Some(73.5), Some(173.0), Some(60.0));
    (row.decided_low, row.decided_high) = (Some(-27.0), Some(160.0));
    row.verdict = "undecided".to_owned();
    let text = objective_value(&Tables::default(), &row);
    assert!(text.contains("decided by limits adjusted for skewness: "), "{text}");
    row.verdict = "missed".to_owned();
    assert!(!objective_value(&Tables::default(), &row).contains("decided by"));
    (row.n, row.undone, row.replications) = (3, 0, 10);
    let text = objective_value(&Tables::default(), &row);
    assert!(text.ends_with("n = 3 of 10 replications"), "{text}");
}
