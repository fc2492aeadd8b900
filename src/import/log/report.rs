//! What the log files hold, in words and numbers.

use super::{NodeSource, ServerLog};
use crate::import::fitting::{CRITERION, FittedTime, fit};
use crate::import::outages;
use crate::import::summary::Summary;
use crate::statistics::Rounding;

/// Names of the fits of a log, as scenario files name what they are for.
pub const INGEST: &str = "tasks.ingest";
/// Full-text indexing.
pub const INDEXING: &str = "tasks.fts-indexing";
/// A push request.
pub const ENDPOINT: &str = "push.endpoint";

const MILLISECONDS: (&str, f64) = ("ms", 1_000.0);

impl ServerLog {
    /// Fits of all service times that the log has. Its times are cut off to whole milliseconds.
    pub fn fits(&self) -> Vec<FittedTime> {
        let rounding = Rounding::Down { unit: 1e-3 };
        let measured = [(INGEST, &self.ingest_s), (INDEXING, &self.indexing_s), (ENDPOINT, &self.push.elapsed_s)];
        let fitted = measured.into_iter().filter_map(|(name, values)| fit(name, values, rounding, MILLISECONDS).ok());
        fitted.chain(outages::fits(&self.outages)).collect()
    }

    /// What was read, dropped and found.
    pub fn summary(&self) -> Summary {
        let mut summary = Summary::default();
        for file in &self.files {
            let source = match file.source {
                NodeSource::Argument => "as the argument says",
                NodeSource::Log => "as its cluster lines say",
                NodeSource::Order => "by its place among the files",
            };
            let value = format!("node {}, {source}; {} lines", file.node, file.lines);
            summary.fact(file.path.display().to_string(), value);
        }
        if let Some(version) = &self.version {
            summary.fact("server version", version);
        }
        summary.fact("nodes", self.nodes().len());
        summary.fact("messages", self.deliveries.len());
        if let (Some((first, last)), accounts) = (self.span(), self.accounts()) {
            summary.fact("first and last message", format!("{first} to {last}"));
            let ends = accounts.first().zip(accounts.last()).map_or((0, 0), |(first, last)| (*first, *last));
            summary.fact("accounts", format!("{} (ids {} to {})", accounts.len(), ends.0, ends.1));
        }
        summary.fact("indexing runs", self.indexing_s.len());
        summary.fact("indexing runs repeated", self.counts.repeated_indexing);
        summary.fact("tasks found locked", self.counts.locked);
        summary.fact("push requests", format!("{} to {} addresses", self.push.requests, self.push.subscriptions));
        summary.fact("push requests failed", self.push.errors);
        summary.fact("push verifications, before the first message", self.push.verifications);
        summary.fact("calendar alerts sent", self.counts.alerts);
        summary.fact("invitations sent", self.counts.invitations);
        summary.fact("trainings", self.counts.trainings);
        summary.fact("node-hours seen", format!("{:.2}", self.observed_s / 3_600.0));
        summary.fact("times a node was down", format!("{} ({} crashes)", self.outages.len(), self.crashes));
        for (cause, count) in &self.dropped {
            summary.dropped(*cause, *count);
        }
        summary.dropped("lines that are not UTF-8 text (read all the same)", self.not_utf8);
        summary.fits = self.fits();
        self.notes(&mut summary);
        summary
    }

    fn notes(&self, summary: &mut Summary) {
        if self.spread > 0 {
            summary.note(format!(
                "the log has whole seconds: {} messages share theirs with another one; the messages of one second are spread \
                 evenly over it, the nodes in turn",
                self.spread
            ));
        }
        if self.files.iter().any(|file| file.source == NodeSource::Order) {
            summary.note("write ID=FILE if the order of the files is not that of the nodes");
        }
        if !summary.fits.is_empty() {
            summary.note(CRITERION);
            summary.note("service times are as long as the log says, waiting within the server included");
        }
        if self.push.elapsed_s.is_empty() {
            summary.note("the log has no times of push requests: push.endpoint keeps its default");
        }
        if self.outages.is_empty() && self.observed_s > 0.0 {
            summary.note(format!(
                "no node was down in {:.2} node-hours: with 95 % confidence less than once in {:.2} node-hours",
                self.observed_s / 3_600.0,
                self.observed_s / 3_600.0 / 3.0
            ));
        }
    }
}
