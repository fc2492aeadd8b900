//! What the terminal shows. The snapshots have been read, line by line, against the fixture.

use crate::fixture::{DOCS, EVEN, tables};
use rolesim::report::terminal::{TerminalOptions, render};

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
