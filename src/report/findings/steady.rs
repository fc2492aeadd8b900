//! What is left of a start-up in a span that is said to be in steady state.

use super::{Severity, View};
use crate::metrics::rows::FindingRow;
use crate::report::format::{duration, percent};
use crate::report::steady::{StartUp, start_ups};

/// MSER-5 leaves out about as much of a series without any start-up, by chance.
const BY_CHANCE: f64 = 0.1;

/// `start-up`: one finding a layout, of the role whose start-up lasts longest.
pub fn find(view: &View<'_>, out: &mut Vec<FindingRow>) {
    let Some(span) = view.context.steady else { return };
    let all = start_ups(view.tables, view.layout, span.duration_s);
    if all.is_empty() {
        let message = "no task ever waits at the bins of the time line: there is no start-up to be seen".to_string();
        out.push(view.row("start-up", Severity::Note, ("", ""), message, String::new()));
        return;
    }
    if let Some(short) = all.iter().find(|start_up| start_up.truncation.is_none()) {
        let message = format!("{} bins of the time line are too few to look for a start-up", short.means.len());
        let help = "give `timeline_step` a fiftieth of the duration or less".to_string();
        out.push(view.row("start-up", Severity::Warning, ("", ""), message, help));
        return;
    }
    if let Some(moving) = all.iter().find(|start_up| start_up.left_out_s().is_none()) {
        let message = format!(
            "no steady state is to be seen: the tasks of {} that wait still change in the second half of the measured span \
             (MSER-5)",
            moving.role
        );
        let help = "measure longer; if ever more tasks wait, the nodes cannot keep up and there is no steady state";
        out.push(view.row("start-up", Severity::Warning, (&moving.role, ""), message, help.to_string()));
        return;
    }
    let left = |start_up: &&StartUp| start_up.left_out_s().unwrap_or(0.0);
    let Some(longest) = all.iter().max_by(|a, b| left(a).total_cmp(&left(b)).then(b.role.cmp(&a.role))) else { return };
    let left_s = left(&longest);
    if left_s == 0.0 {
        let message = "the measured span is steady from its beginning: MSER-5 leaves out nothing of it".to_string();
        out.push(view.row("start-up", Severity::Note, ("", ""), message, String::new()));
        return;
    }
    let share = left_s / span.duration_s;
    let told = format!(
        "MSER-5 leaves out the first {} of the measured span ({}), by the tasks of {} that wait",
        duration(left_s),
        percent(share),
        longest.role
    );
    let (severity, message, help) = if share <= BY_CHANCE {
        (Severity::Note, format!("{told}: no more than it does by chance"), String::new())
    } else {
        let help =
            format!("the start-up reaches into what is measured: set warmup = \"{:.0}s\"", span.warmup_s + left_s);
        (Severity::Warning, told, help)
    };
    out.push(view.row("start-up", severity, (&longest.role, ""), message, help));
}
