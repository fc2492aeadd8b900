//! What a run shows of itself while it lasts: on standard error, as a bar on a terminal or as lines if asked.

use crate::experiment::{Progress, Running};
use crate::report::format;
use crate::scenario::Scenario;
use indicatif::{ProgressBar, ProgressStyle};
use std::io::IsTerminal;
use std::time::{Duration, Instant};

/// How often a line is written.
pub const LINE_EVERY: Duration = Duration::from_secs(1);
/// Parts of the bar.
const PARTS: u64 = 1_000;

/// Shows how far the simulations are.
pub struct LiveView<'a> {
    scenario: &'a Scenario,
    started: Instant,
    bar: ProgressBar,
    /// When the last line was written and how many simulations were done then; `None`: no lines.
    lines: Option<(Option<Instant>, u64)>,
}

impl<'a> LiveView<'a> {
    /// A view of this scenario's run: lines if `as_lines`, else a bar if standard error is a terminal and it is not
    /// `is_hidden`.
    pub fn new(scenario: &'a Scenario, as_lines: bool, is_hidden: bool) -> Self {
        let has_bar = !as_lines && !is_hidden && std::io::stderr().is_terminal();
        let bar = if has_bar { ProgressBar::new(PARTS) } else { ProgressBar::hidden() };
        if let Ok(style) = ProgressStyle::with_template("{bar:30} {percent:>3} %  {msg}") {
            bar.set_style(style);
        }
        Self { scenario, started: Instant::now(), bar, lines: as_lines.then_some((None, 0)) }
    }

    /// Shows it.
    pub fn show(&mut self, progress: &Progress) {
        if self.lines.is_none() && self.bar.is_hidden() {
            return;
        }
        let text = self.text(progress);
        self.bar.set_position((progress.ratio * PARTS as f64) as u64);
        self.bar.set_message(text.clone());
        if let Some((last, done)) = &mut self.lines {
            let is_time = last.is_none_or(|last| last.elapsed() >= LINE_EVERY);
            if is_time || (*done == 0 && progress.done > 0) {
                eprintln!("{:.0} %  {text}", progress.ratio * 100.0);
                (*last, *done) = (Some(Instant::now()), progress.done);
            }
        }
    }

    /// Takes the bar away.
    pub fn end(&self) {
        self.bar.finish_and_clear();
    }

    fn text(&self, progress: &Progress) -> String {
        let elapsed = self.started.elapsed().as_secs_f64().max(1e-3);
        let mut text = format!(
            "{} of {} simulations, {:.1} million events/s",
            format::count(progress.done),
            format::count(progress.total),
            progress.events as f64 / elapsed / 1e6
        );
        if progress.ratio > 0.0 && progress.ratio < 1.0 {
            let left = elapsed * (1.0 - progress.ratio) / progress.ratio;
            text.push_str(&format!(", {} left", format::duration(left.ceil())));
        }
        if let Some(slowest) = progress.running.first() {
            text.push_str(&format!("; {}", self.running(slowest)));
        }
        text
    }

    /// What one simulation does.
    fn running(&self, running: &Running) -> String {
        let scenario = self.scenario;
        let name = &scenario.layouts[running.layout].name;
        let replication = running.replication;
        let moment = running.moment;
        let warmup = scenario.warmup.as_nanos();
        let span = scenario.duration.as_nanos().max(1);
        if moment.at_ns <= warmup {
            return format!("replication {replication} of {name} begins");
        }
        let ratio = ((moment.at_ns - warmup) as f64 / span as f64).min(1.0);
        format!(
            "replication {replication} of {name} at {:.0} % of {}, {} tasks waiting",
            ratio * 100.0,
            scenario.duration,
            format::count(moment.waiting)
        )
    }
}
