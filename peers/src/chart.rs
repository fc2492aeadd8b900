//! The table as a chart: a row an engine, a point a number of queues.

use crate::compare::Row;
use crate::write::{OURS, grouped, rounded};
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};
use std::error::Error;

const WIDTH: u32 = 900;
const NAMES: i32 = 190;
const TOP: i32 = 74;
const ROW: i32 = 30;
const INK: RGBColor = RGBColor(33, 37, 41);
const MUTED: RGBColor = RGBColor(100, 108, 116);
const GRID: RGBColor = RGBColor(225, 229, 233);
/// By number of queues, the fewest first.
const COLORS: [RGBColor; 3] = [RGBColor(0, 114, 178), RGBColor(230, 159, 0), RGBColor(80, 8, 60)];

/// Writes `results/peers.svg`.
pub fn draw(rows: &[Row]) -> Result<(), Box<dyn Error>> {
    let most = rows.iter().map(|row| row.size.queues).max().unwrap_or(1);
    let mut queues: Vec<u32> = rows.iter().map(|row| row.size.queues).collect();
    queues.sort_unstable();
    queues.dedup();
    // The fastest with many queues first; who was not run with them comes last.
    let mut engines: Vec<&str> = Vec::new();
    let mut sorted: Vec<&Row> = rows.iter().collect();
    sorted.sort_by(|a, b| b.size.queues.cmp(&a.size.queues).then(b.fastest().total_cmp(&a.fastest())));
    for row in sorted {
        if !engines.contains(&row.engine) {
            engines.push(row.engine);
        }
    }
    let height = TOP + ROW * engines.len() as i32 + 50;
    let area = SVGBackend::new("results/peers.svg", (WIDTH, height as u32)).into_drawing_area();
    area.fill(&WHITE)?;
    let text = |words: &str, at: (i32, i32), size: i32, color: RGBColor, horizontal: HPos| {
        let style = ("sans-serif", size).into_font().color(&color).pos(Pos::new(horizontal, VPos::Center));
        area.draw_text(words, &style, at)
    };
    text(&finding(rows, most), (16, 22), 18, INK, HPos::Left)?;

    let speeds = || rows.iter().map(Row::fastest);
    let low = speeds().fold(f64::INFINITY, f64::min).log10().floor();
    let high = speeds().fold(0.0, f64::max).log10().ceil();
    let (left, right) = (NAMES + 10, WIDTH as i32 - 40);
    let x = |speed: f64| left + ((speed.log10() - low) / (high - low) * f64::from(right - left)).round() as i32;
    let bottom = height - 46;
    for power in low as i32..=high as i32 {
        let speed = 10_f64.powi(power);
        area.draw(&PathElement::new([(x(speed), TOP - 8), (x(speed), bottom)], GRID))?;
        text(&speed.to_string(), (x(speed), bottom + 12), 13, MUTED, HPos::Center)?;
    }
    text("million events a second (logarithmic)", ((left + right) / 2, bottom + 32), 13, MUTED, HPos::Center)?;
    for (column, (&queues, color)) in queues.iter().zip(COLORS).enumerate() {
        let at = left + 170 * column as i32;
        area.draw(&Circle::new((at + 6, 50), 5, color.filled()))?;
        let label = if queues == 1 { "1 queue".into() } else { format!("{} queues", grouped(queues)) };
        text(&label, (at + 18, 50), 14, INK, HPos::Left)?;
    }
    for (line, engine) in engines.iter().enumerate() {
        let y = TOP + ROW * line as i32 + ROW / 2;
        let of_engine: Vec<&Row> = rows.iter().filter(|row| row.engine == *engine).collect();
        let ends = of_engine.iter().map(|row| x(row.fastest()));
        let (first, last) = (ends.clone().min().unwrap_or(left), ends.max().unwrap_or(left));
        text(engine, (NAMES - 6, y), 14, if *engine == OURS { INK } else { MUTED }, HPos::Right)?;
        area.draw(&PathElement::new([(first, y), (last, y)], MUTED.stroke_width(1)))?;
        for row in of_engine {
            let color = queues.iter().position(|queues| *queues == row.size.queues).map_or(INK, |place| COLORS[place]);
            area.draw(&Circle::new((x(row.fastest()), y), 5, color.filled()))?;
        }
    }
    area.present()?;
    Ok(())
}

/// How the engine stands among the other simulators with the most queues.
fn finding(rows: &[Row], queues: u32) -> String {
    let of = |engine: &str| rows.iter().find(|row| row.engine == engine && row.size.queues == queues).map(Row::fastest);
    let times = |engine: &str| of(OURS).zip(of(engine)).map_or(f64::NAN, |(ours, other)| ours / other);
    format!(
        "With {} queues rolesim's engine handles {} times the events of desque and {} times those of nexosim",
        grouped(queues),
        rounded(times("desque")),
        rounded(times("nexosim, one thread"))
    )
}
