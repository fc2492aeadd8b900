//! What a delivery costs, against the size of the cluster: `cargo run --release --example scaling`.
//!
//! One simulation on one core, no files; three nodes a shard, all roles on, service times so short that 48 nodes are
//! enough for 10 million mailboxes. The number of deliveries is about the same everywhere. Drawing the accounts is
//! measured by itself, with a simulation of one second, and does not count: it is done once, however long the simulated
//! span is: `cost_ns` is (`real_time_s` - `begin_s`) / (`deliveries` - `begin_deliveries`). Each size is simulated three
//! times in turn with the others; the shortest time counts, since nothing but noise makes it longer. Mailboxes vary
//! twice: each with as much mail as any other, and with the same mail for all of them together.
//! Writes `results/scaling.csv` and `results/scaling.svg`.

use mimalloc::MiMalloc;
use plotters::prelude::*;
use rolesim::cluster::setup::Setup;
use rolesim::cluster::{event::Event, simulate};
use rolesim::layout::Role;
use rolesim::scenario::Scenario;
use rolesim::source::SourceText;
use std::error::Error;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::time::Instant;

/// As in the program.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

/// Deliveries of a simulation.
const DELIVERIES: f64 = 400_000.0;

/// Deliveries to an account and day, unless the load is the same for all numbers of mailboxes.
const PER_DAY: f64 = 120.0;

/// Deliveries a day where it is.
const SAME_LOAD: f64 = 120e6;

/// Mailboxes where the number of nodes varies.
const MAILBOXES: u32 = 30_000;

/// Nodes where the number of mailboxes varies.
const NODES: u32 = 48;

/// One point of a curve.
struct Point {
    mailboxes: u32,
    nodes: u32,
    per_day: f64,
    setup: Setup,
    begin: Setup,
    begin_s: f64,
    begin_deliveries: u64,
    shortest_s: f64,
    longest_s: f64,
    deliveries: u64,
    events: u64,
}

fn text(mailboxes: u32, nodes: u32, per_day: f64, duration_s: u64) -> String {
    let shards: Vec<String> =
        (1..=nodes).step_by(3).map(|first| format!("\"{first},{},{}\"", first + 1, first + 2)).collect();
    let shards = format!("[{}]", shards.join(", "));
    let mut text = format!(
        "start = 2026-03-02T09:00:00Z\nduration = \"{duration_s}s\"\nwarmup = \"0s\"\ndrain = \"0s\"\nreplications = 1\n\
         [nodes]\nids = \"1-{nodes}\"\ncores = 64\n[workload]\naccounts = {mailboxes}\ndaily_cycle = \"flat\"\n\
         messages_per_account_per_day = {per_day}\n[database]\nconnections = 10000\n\
         [server]\nlock_round_trip = \"100us\"\ndelete_time = \"100us\"\n\
         [tasks.fts-indexing]\ncpu = {{ lognormal = {{ mean = \"500us\", cv = 1.5 }} }}\n\
         database = {{ exponential = {{ mean = \"200us\" }} }}\n[layouts.a.cluster.roles]\n"
    );
    for role in ["push-notifications", "fts-indexing", "bayes-training", "imip-processing", "calendar-alerts"] {
        let _ = writeln!(text, "{role} = {shards}");
    }
    text
}

fn setup(mailboxes: u32, nodes: u32, per_day: f64, duration_s: u64) -> Result<Setup, Box<dyn Error>> {
    let source = SourceText::new("scaling.toml", text(mailboxes, nodes, per_day, duration_s));
    let scenario = Scenario::parse(source, Path::new(".")).map_err(|problem| problem.to_string())?;
    Ok(scenario.setup(&scenario.layouts[0]))
}

fn point(mailboxes: u32, nodes: u32, per_day: f64) -> Result<Point, Box<dyn Error>> {
    let duration_s = (DELIVERIES / (f64::from(mailboxes) * per_day / 86_400.0)).max(1.0) as u64;
    Ok(Point {
        mailboxes,
        nodes,
        per_day,
        setup: setup(mailboxes, nodes, per_day, duration_s)?,
        begin: setup(mailboxes, nodes, per_day, 1)?,
        begin_s: f64::INFINITY,
        begin_deliveries: 0,
        shortest_s: f64::INFINITY,
        longest_s: 0.0,
        deliveries: 0,
        events: 0,
    })
}

/// Seconds of real time, deliveries and events.
fn simulated(setup: &Setup) -> (f64, u64, u64) {
    let start = Instant::now();
    let record = simulate(setup, 0);
    (start.elapsed().as_secs_f64(), record.roles[Role::FtsIndexing.index()].created, record.events)
}

impl Point {
    fn measure(&mut self) {
        // Not counted: from then on the memory for the accounts is there, for both.
        simulated(&self.begin);
        let (begin_s, begin_deliveries, _) = simulated(&self.begin);
        self.begin_s = self.begin_s.min(begin_s);
        self.begin_deliveries = begin_deliveries;
        let (real_time_s, deliveries, events) = simulated(&self.setup);
        self.shortest_s = self.shortest_s.min(real_time_s);
        self.longest_s = self.longest_s.max(real_time_s);
        (self.deliveries, self.events) = (deliveries, events);
    }

    /// Nanoseconds of real time for a delivery, if the simulation takes `real_time_s`.
    fn ns_a_delivery(&self, real_time_s: f64) -> f64 {
        (real_time_s - self.begin_s) * 1e9 / (self.deliveries - self.begin_deliveries) as f64
    }

    /// Nanoseconds of real time for a delivery.
    fn cost_ns(&self) -> f64 {
        self.ns_a_delivery(self.shortest_s)
    }
}

fn draw(curves: [&[Point]; 3], path: &Path) -> Result<(), Box<dyn Error>> {
    let area = SVGBackend::new(path, (1320, 380)).into_drawing_area();
    area.fill(&WHITE)?;
    let areas = area.split_evenly((1, 3));
    let most = curves.iter().copied().flatten().map(Point::cost_ns).fold(0.0, f64::max) * 1.25;
    let panels = [
        ("mailboxes with their mail", format!("mailboxes ({NODES} nodes, {PER_DAY} messages a mailbox and day)")),
        ("mailboxes, same mail", format!("mailboxes ({NODES} nodes, {} million messages a day)", SAME_LOAD / 1e6)),
        ("nodes", format!("nodes ({MAILBOXES} mailboxes)")),
    ];
    for ((area, points), (what, axis)) in areas.into_iter().zip(curves).zip(panels) {
        let is_by_nodes = points[0].mailboxes == points[1].mailboxes;
        let x = |point: &Point| f64::from(if is_by_nodes { point.nodes } else { point.mailboxes });
        let (low, high) = (&points[0], &points[points.len() - 1]);
        let (more, longer) = (x(high) / x(low), high.cost_ns() / low.cost_ns());
        let mut chart = ChartBuilder::on(&area)
            .caption(format!("{more:.0} times the {what}: {longer:.1} times as long"), ("sans-serif", 16))
            .margin(12)
            .margin_right(30)
            .x_label_area_size(45)
            .y_label_area_size(65)
            .build_cartesian_2d((x(low)..x(high)).log_scale(), 0.0..most)?;
        chart
            .configure_mesh()
            .light_line_style(TRANSPARENT)
            .x_desc(axis)
            .y_desc("real time for a delivery (ns), shortest to longest of 3")
            .x_label_formatter(&|x| format!("{x:.0}"))
            .y_label_formatter(&|y| format!("{y:.0}"))
            .draw()?;
        chart.draw_series(LineSeries::new(
            points.iter().map(|point| (x(point), point.cost_ns())),
            BLUE.stroke_width(2),
        ))?;
        chart.draw_series(points.iter().map(|point| Circle::new((x(point), point.cost_ns()), 4, BLUE.filled())))?;
        chart.draw_series(points.iter().map(|point| {
            let (at, longest) = (x(point), point.ns_a_delivery(point.longest_s));
            PathElement::new(vec![(at, point.cost_ns()), (at, longest)], BLACK.stroke_width(3))
        }))?;
    }
    area.present()?;
    Ok(())
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut points = Vec::new();
    for mailboxes in [10_000, 100_000, 1_000_000, 10_000_000] {
        points.push(point(mailboxes, NODES, PER_DAY)?);
    }
    let by_mailboxes = points.len();
    for mailboxes in [10_000, 100_000, 1_000_000, 10_000_000] {
        points.push(point(mailboxes, NODES, SAME_LOAD / f64::from(mailboxes))?);
    }
    let same_load = points.len();
    for nodes in [3, 12, 48, 192, 1_023] {
        points.push(point(MAILBOXES, nodes, PER_DAY)?);
    }
    for _ in 0..3 {
        points.iter_mut().for_each(Point::measure);
    }
    let mut csv = String::from(
        "mailboxes,nodes,per_day,deliveries,events,begin_deliveries,begin_s,real_time_s,real_time_max_s,cost_ns\n",
    );
    println!(
        "| mailboxes | messages a mailbox and day | nodes | events a delivery | drawing the accounts | real time for a delivery, shortest to longest of three |\n\
         |---|---|---|---|---|---|"
    );
    for point in &points {
        let Point { mailboxes, nodes, per_day, deliveries, events, begin_s, begin_deliveries, .. } = point;
        let Point { shortest_s, longest_s, .. } = point;
        let cost = point.cost_ns();
        writeln!(
            csv,
            "{mailboxes},{nodes},{per_day},{deliveries},{events},{begin_deliveries},{begin_s:.4},{shortest_s:.4},{longest_s:.4},{cost:.1}"
        )?;
        let per_delivery = *events as f64 / *deliveries as f64;
        println!(
            "| {mailboxes} | {per_day} | {nodes} | {per_delivery:.1} | {begin_s:.2} s | {:.2} to {:.2} us |",
            cost / 1e3,
            point.ns_a_delivery(*longest_s) / 1e3
        );
    }
    println!("an event takes {} bytes", size_of::<Event>());
    fs::write("results/scaling.csv", csv)?;
    draw(
        [&points[..by_mailboxes], &points[by_mailboxes..same_load], &points[same_load..]],
        Path::new("results/scaling.svg"),
    )
}
