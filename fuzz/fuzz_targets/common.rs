//! What must hold of every text that is read.

use rolesim::cli::check::{Format, check_layout, render};
use rolesim::layout::rules::NodeInfo;
use rolesim::layout::{Layout, ServerVersion};
use rolesim::source::Problem;

/// A layout is checked by every rule; an error has its place in the text.
pub fn judge(text: &str, read: Result<Layout, Problem>) {
    match read {
        Err(problem) => {
            assert!(problem.source.is_some());
            assert!(problem.span.start <= problem.span.end && problem.span.end <= text.len());
            assert!(text.is_char_boundary(problem.span.start) && text.is_char_boundary(problem.span.end));
        }
        Ok(layout) => {
            let nodes: Vec<NodeInfo> = (0..4).map(NodeInfo::new).collect();
            for version in ServerVersion::ALL {
                let checked = [check_layout(&layout, &nodes, version, version.name())];
                for format in [Format::Human, Format::Json, Format::Sarif, Format::Github] {
                    render(&checked, format, true);
                }
            }
        }
    }
}
