//! A rectangle with two axes: scales, ticks, grid and whiskers.

use super::canvas::{Area, Drawn, LABEL, segment, text, upright, width_of};
use super::palette::{GRID, INK, MUTED};
use crate::report::format::{self, Unit};
use plotters::coord::cartesian::Cartesian2d;
use plotters::coord::types::RangedCoordf64;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, VPos};

/// Pixels of left, top, right and bottom edge.
pub type Bounds = (i32, i32, i32, i32);
type Coordinates = Cartesian2d<RangedCoordf64, RangedCoordf64>;

/// One axis: where it begins and ends and what is written along it. Logarithmic axes hold logarithms.
#[derive(Debug, Clone, PartialEq)]
pub struct Axis {
    pub low: f64,
    pub high: f64,
    /// Position and label.
    pub ticks: Vec<(f64, String)>,
    /// What the axis shows, with the unit.
    pub name: String,
}

impl Axis {
    /// From 0 to a round number not below `max`.
    pub fn from_zero(max: f64, unit: Unit, name: &str) -> Self {
        Self::linear(0.0, max, unit, name)
    }

    /// From `low` or 0 or a round number below to a round number not below `high`.
    pub fn linear(low: f64, high: f64, unit: Unit, name: &str) -> Self {
        let high = if high > low { high } else { low + 1.0 };
        let step = round_step((high - low) / 4.0, unit);
        let first = (low / step).floor();
        let last = (high / step - 1e-9).ceil();
        let at = |i: f64| (first + i) * step;
        let count = (last - first) as usize;
        let ticks = (0..=count).map(|i| (at(i as f64), unit.show(tidy(at(i as f64), step)))).collect();
        Self { low: at(0.0), high: at(count as f64), ticks, name: name.to_owned() }
    }

    /// From `low` to `high` as they are, with round ticks between.
    pub fn tight(low: f64, high: f64, unit: Unit, name: &str) -> Self {
        let high = if high > low { high } else { low + 1.0 };
        let step = round_step((high - low) / 11.0, unit);
        let first = (low / step).ceil() as i64;
        let last = (high / step).floor() as i64;
        let at = |i: i64| tidy(i as f64 * step, step);
        let ticks = (first..=last).map(|i| (at(i), unit.show(at(i)))).collect();
        Self { low, high, ticks, name: name.to_owned() }
    }

    /// A logarithmic axis of seconds around `low` to `high` (both above 0).
    pub fn log_seconds(low: f64, high: f64, name: &str) -> Self {
        let low = low.max(1e-9) / 1.15;
        let high = (high * 1.15).max(low * 2.0);
        // A mark that is not far stands above the highest line rather than below it only.
        let high =
            LOG_MARKS_S.into_iter().find(|mark| (high..high * 2.2).contains(mark)).map_or(high, |mark| mark * 1.01);
        let within = |low: f64, high: f64| move |mark: &f64| (low..=high).contains(mark);
        let (low, high) = match fine_marks().filter(within(low, high)).count() {
            // One label does not tell how far it is to a second: the axis reaches from mark to mark.
            0 | 1 => {
                let below = fine_marks().filter(|mark| *mark <= low).last();
                (below.unwrap_or(low), fine_marks().find(|mark| *mark >= high).unwrap_or(high))
            }
            _ => (low, high),
        };
        let few: Vec<f64> = LOG_MARKS_S.into_iter().filter(within(low, high)).collect();
        let marks = if few.len() >= 4 { few } else { fine_marks().filter(within(low, high)).collect() };
        let ticks = marks.into_iter().map(|m| (m.log10(), format::duration(m))).collect();
        Self { low: low.log10(), high: high.log10(), ticks, name: name.to_owned() }
    }

    /// The time of day from `low` to `high` seconds after midnight.
    pub fn time_of_day(low: f64, high: f64) -> Self {
        const STEPS_S: [f64; 12] = [
            60.0, 300.0, 900.0, 1_800.0, 3_600.0, 7_200.0, 10_800.0, 14_400.0, 21_600.0, 43_200.0, 86_400.0, 604_800.0,
        ];
        let high = if high > low { high } else { low + 3_600.0 };
        let step = STEPS_S.into_iter().find(|s| (high - low) / s <= 9.0).unwrap_or(((high - low) / 8.0).ceil());
        let first = (low / step).ceil() as i64;
        let last = (high / step + 1e-9).floor() as i64;
        let label = |s: f64| {
            if step >= 86_400.0 { format!("day {}", (s / 86_400.0) as i64 + 1) } else { time_label(s, high) }
        };
        let ticks = (first..=last).map(|i| (i as f64 * step, label(i as f64 * step))).collect();
        Self {
            low,
            high,
            ticks,
            name: if step >= 86_400.0 { "midnight at the start of the day" } else { "time of day" }.to_owned(),
        }
    }

    /// Space that the labels of a vertical axis need.
    pub fn label_width(&self) -> i32 {
        self.ticks.iter().map(|(_, label)| width_of(label, LABEL)).max().unwrap_or(0)
    }
}

/// Marks of a long logarithmic axis, in units that people use.
const LOG_MARKS_S: [f64; 18] = [
    1e-9, 1e-8, 1e-7, 1e-6, 1e-5, 1e-4, 1e-3, 0.01, 0.1, 1.0, 10.0, 60.0, 300.0, 1_800.0, 7_200.0, 21_600.0, 86_400.0,
    345_600.0,
];

/// Marks of a short one.
fn fine_marks() -> impl Iterator<Item = f64> {
    let decimal = (-9..=1).flat_map(|power| [1.0, 2.0, 5.0].map(|digit| digit * 10f64.powi(power)));
    let longer = [120.0, 300.0, 600.0, 1_200.0, 1_800.0, 3_600.0, 7_200.0, 14_400.0, 28_800.0, 86_400.0, 172_800.0];
    decimal.chain(longer)
}

/// Midnight at the end of the span is 24:00, and days after the first have their number.
fn time_label(seconds: f64, high: f64) -> String {
    let days = (seconds / 86_400.0).floor();
    let time = format::clock(seconds - days * 86_400.0);
    match days as i64 {
        0 => time,
        1 if seconds >= high - 1.0 => "24:00".to_owned(),
        day if time == "00:00" => format!("day {}", day + 1),
        _ => time,
    }
}

/// A step of 1, 2 or 5 times a power of ten, of seconds also of minutes and hours.
fn round_step(rough: f64, unit: Unit) -> f64 {
    const TIMES_S: [f64; 14] = [
        60.0, 120.0, 300.0, 600.0, 1_200.0, 1_800.0, 3_600.0, 7_200.0, 14_400.0, 21_600.0, 43_200.0, 86_400.0,
        172_800.0, 432_000.0,
    ];
    if unit == Unit::Seconds
        && rough > 30.0
        && let Some(step) = TIMES_S.into_iter().find(|s| *s >= rough)
    {
        return step;
    }
    let power = 10f64.powf(rough.log10().floor());
    [1.0, 2.0, 2.5, 5.0, 10.0].into_iter().map(|m| m * power).find(|s| *s >= rough * 0.999).unwrap_or(rough)
}

/// `value` without the last bits that multiplying by `step` leaves.
fn tidy(value: f64, step: f64) -> f64 {
    let decimals = (2.0 - step.log10().floor()).clamp(0.0, 15.0) as usize;
    format!("{value:.decimals$}").parse().unwrap_or(value)
}

/// A plot's own coordinates on a sheet.
pub struct Plot<'a, 'b> {
    area: &'a Area<'b>,
    inner: DrawingArea<SVGBackend<'b>, Coordinates>,
    bounds: Bounds,
    x: Axis,
    y: Axis,
}

impl<'a, 'b> Plot<'a, 'b> {
    /// A plot inside `bounds` of `area`.
    pub fn new(area: &'a Area<'b>, bounds: Bounds, x: Axis, y: Axis) -> Self {
        let (left, top, right, bottom) = bounds;
        // Plots use the sheet's own origin, so that pixels mean the same inside and outside of them.
        let (dx, dy) = area.get_base_pixel();
        let pixels = (left + dx..right + dx, bottom + dy..top + dy);
        let inner = area.clone().apply_coord_spec(Coordinates::new(x.low..x.high, y.low..y.high, pixels));
        Self { area, inner, bounds, x, y }
    }

    /// The pixel (of the sheet's area) of a point.
    pub fn pixel(&self, x: f64, y: f64) -> (i32, i32) {
        let (left, top, right, bottom) = self.bounds;
        let along = |value: f64, axis: &Axis, from: i32, to: i32| {
            let ratio = ((value - axis.low) / (axis.high - axis.low)).clamp(0.0, 1.0);
            from + (ratio * f64::from(to - from)).round() as i32
        };
        (along(x, &self.x, left, right), along(y, &self.y, bottom, top))
    }

    /// A line through points; values beyond the axes are drawn at their ends.
    pub fn line(&self, points: impl IntoIterator<Item = (f64, f64)>, style: ShapeStyle) -> Drawn {
        let points: Vec<(f64, f64)> = points.into_iter().map(|p| self.clamp(p)).collect();
        if points.len() < 2 { Ok(()) } else { self.inner.draw(&PathElement::new(points, style)) }
    }

    /// A closed area.
    pub fn polygon(&self, points: impl IntoIterator<Item = (f64, f64)>, style: ShapeStyle) -> Drawn {
        let points: Vec<(f64, f64)> = points.into_iter().map(|p| self.clamp(p)).collect();
        if points.len() < 3 { Ok(()) } else { self.inner.draw(&Polygon::new(points, style)) }
    }

    /// A rectangle between two corners.
    pub fn rect(&self, a: (f64, f64), b: (f64, f64), style: ShapeStyle) -> Drawn {
        let (ax, ay) = self.pixel(a.0, a.1);
        let (bx, by) = self.pixel(b.0, b.1);
        super::canvas::rect(self.area, (ax.min(bx), ay.min(by), ax.max(bx), ay.max(by)), &style)
    }

    fn clamp(&self, (x, y): (f64, f64)) -> (f64, f64) {
        (x.clamp(self.x.low, self.x.high), y.clamp(self.y.low, self.y.high))
    }

    /// Grid, ticks and name of the horizontal axis. Labels that would touch the one before are left out.
    pub fn draw_x_axis(&self) -> Drawn {
        let (left, top, right, bottom) = self.bounds;
        let mut free_from = i32::MIN;
        for (value, label) in &self.x.ticks {
            let (x, _) = self.pixel(*value, self.y.low);
            segment(self.area, (x, top), (x, bottom), GRID.stroke_width(1))?;
            let half = width_of(label, LABEL) / 2;
            if x - half >= free_from {
                text(self.area, label, (x, bottom + 6), (HPos::Center, VPos::Top), MUTED)?;
                free_from = x + half + 8;
            }
        }
        segment(self.area, (left, bottom), (right, bottom), MUTED.stroke_width(1))?;
        text(self.area, &self.x.name, ((left + right) / 2, bottom + 25), (HPos::Center, VPos::Top), MUTED)
    }

    /// Grid, ticks and name of the vertical axis; the name stands upright left of the labels.
    pub fn draw_y_axis(&self) -> Drawn {
        let (left, top, right, bottom) = self.bounds;
        let mut free_below = i32::MAX;
        for (value, label) in &self.y.ticks {
            let (_, y) = self.pixel(self.x.low, *value);
            segment(self.area, (left, y), (right, y), GRID.stroke_width(1))?;
            if y <= free_below {
                text(self.area, label, (left - 8, y), (HPos::Right, VPos::Center), MUTED)?;
                free_below = y - LABEL - 3;
            }
        }
        if !self.y.name.is_empty() {
            upright(self.area, &self.y.name, (left - 8 - self.y.label_width() - LABEL - 9, (top + bottom) / 2))?;
        }
        Ok(())
    }

    /// A horizontal interval with end marks at the height `y` of pixels.
    pub fn whisker_x(&self, low: f64, high: f64, y: i32) -> Drawn {
        let (from, _) = self.pixel(low, self.y.low);
        let (to, _) = self.pixel(high, self.y.low);
        if to - from < 2 {
            return Ok(());
        }
        segment(self.area, (from, y), (to, y), INK.stroke_width(1))?;
        segment(self.area, (from, y - 4), (from, y + 4), INK.stroke_width(1))?;
        segment(self.area, (to, y - 4), (to, y + 4), INK.stroke_width(1))
    }

    /// A vertical interval with end marks at the pixel column `x`.
    pub fn whisker_y(&self, low: f64, high: f64, x: i32) -> Drawn {
        let (_, from) = self.pixel(self.x.low, low);
        let (_, to) = self.pixel(self.x.low, high);
        if from - to < 2 {
            return Ok(());
        }
        segment(self.area, (x, from), (x, to), INK.stroke_width(1))?;
        segment(self.area, (x - 4, from), (x + 4, from), INK.stroke_width(1))?;
        segment(self.area, (x - 4, to), (x + 4, to), INK.stroke_width(1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(axis: &Axis) -> Vec<&str> {
        axis.ticks.iter().map(|(_, label)| label.as_str()).collect()
    }

    #[test]
    fn ticks_are_round_and_reach_the_data() {
        assert_eq!(labels(&Axis::from_zero(0.73, Unit::Percent, "")), ["0 %", "20 %", "40 %", "60 %", "80 %"]);
        assert_eq!(labels(&Axis::from_zero(3.0, Unit::Plain, "")), ["0", "1", "2", "3"]);
        let minutes = Axis::from_zero(900.0, Unit::Seconds, "");
        assert_eq!(labels(&minutes), ["0 s", "300 s", "10 min", "15 min"]);
        let both = Axis::linear(-0.48, 0.002, Unit::Percent, "");
        assert!(both.low <= -0.48 && both.high >= 0.002, "{both:?}");
        assert!(both.ticks.iter().any(|(at, _)| *at == 0.0), "{both:?}");
    }

    #[test]
    fn logarithmic_ticks_are_in_units_that_people_use() {
        let axis = Axis::log_seconds(0.03, 301.0, "");
        assert_eq!(labels(&axis), ["100 ms", "1 s", "10 s", "60 s", "300 s"]);
        assert!(axis.low < 0.03_f64.log10() && axis.high > 301.0_f64.log10());
        assert_eq!(labels(&Axis::log_seconds(2.0, 9.0, "")), ["2 s", "5 s", "10 s"]);
        assert_eq!(labels(&Axis::log_seconds(31.0, 31.0, "")), ["20 s", "50 s", "120 s"], "one value");
    }

    #[test]
    fn a_day_ends_at_24_and_a_week_counts_its_days() {
        let day = Axis::time_of_day(0.0, 86_400.0);
        assert_eq!((labels(&day)[0], labels(&day)[1], labels(&day).last().copied()), ("00:00", "03:00", Some("24:00")));
        let week = Axis::time_of_day(0.0, 7.0 * 86_400.0);
        assert_eq!(labels(&week)[..2], ["day 1", "day 2"]);
        let two = Axis::time_of_day(0.0, 2.0 * 86_400.0);
        assert_eq!(labels(&two)[3..6], ["18:00", "day 2", "06:00"]);
        let short = Axis::time_of_day(9.0 * 3_600.0, 9.5 * 3_600.0);
        assert_eq!(labels(&short)[..2], ["09:00", "09:05"]);
    }
}
