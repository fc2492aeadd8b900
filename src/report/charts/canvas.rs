//! The sheet that every chart is drawn on: a white card with a title, a legend and room for plots.
//!
//! Text is placed by its anchor and never measured with a font: widths are estimated from the number of
//! characters, generously, so that the same results give the same bytes on every machine.

use super::palette::{self, CARD, GRID, INK, LINE_COUNT, MUTED};
use super::{Chart, DataTable};
use crate::source::Problem;
use plotters::coord::Shift;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};
use std::fmt::Write as _;

/// Width of every chart in pixels of its own coordinates.
pub const WIDTH: i32 = 760;
/// Free space at the card's edge.
pub const MARGIN: i32 = 16;
/// Size of labels.
pub const LABEL: i32 = 13;
const TITLE: i32 = 17;
const LEGEND_ROW: i32 = 20;

/// The area that a chart draws on, in pixels.
pub type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;
/// What can go wrong in drawing (nothing, when drawing into memory).
pub type DrawError = DrawingAreaErrorKind<std::io::Error>;
/// The result of drawing.
pub type Drawn = Result<(), DrawError>;

/// What a category looks like in the legend.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Key {
    /// An area category.
    Area(usize),
    /// A line category.
    Line(usize),
    /// A line category of points only.
    Point(usize),
    /// A remark without a sign.
    Remark,
    /// A coloured span behind the plot.
    Shade(RGBColor),
}

/// What stands around the plots.
#[derive(Debug, Clone, Default)]
pub struct Sheet {
    pub file_stem: String,
    pub layout: Option<String>,
    pub subject: String,
    pub title: String,
    pub alt: String,
    pub legend: Vec<(Key, String)>,
    pub data: DataTable,
}

impl Sheet {
    /// Draws the card, then `body` into the room below the legend, `height` pixels high.
    pub fn draw(self, height: i32, body: impl FnOnce(&Area<'_>) -> Drawn) -> Result<Chart, Problem> {
        let lines = wrap(&self.title, columns(WIDTH - 2 * MARGIN, TITLE, true));
        let title_bottom = MARGIN + lines.len() as i32 * (TITLE + 5);
        let legend = place_legend(&self.legend);
        let rows = legend.iter().map(|(_, row)| row + 1).max().unwrap_or(0);
        let top = title_bottom + 8 + rows * LEGEND_ROW;
        let total = top + height + MARGIN;
        let mut buffer = String::new();
        {
            let root = SVGBackend::with_string(&mut buffer, (WIDTH as u32, total as u32)).into_drawing_area();
            let drawn = self.draw_frame(&root, total, &lines, title_bottom + 8, &legend);
            let below = root.clone().shrink((0, top), (WIDTH, height));
            drawn.and_then(|()| body(&below)).and_then(|()| root.present()).map_err(|error| {
                let message = format!("the chart {} cannot be drawn: {error}", self.file_stem);
                Problem::new(message, "this is a fault of the program: please report it")
            })?;
        }
        self.finish(&buffer, total)
    }

    fn draw_frame(&self, root: &Area<'_>, height: i32, title: &[String], y: i32, legend: &[(i32, i32)]) -> Drawn {
        rect(root, (0, 0, WIDTH, height), &CARD.filled())?;
        rect(root, (0, 0, WIDTH, height), &GRID.stroke_width(1))?;
        for (i, line) in title.iter().enumerate() {
            let at = (MARGIN, MARGIN - 2 + i as i32 * (TITLE + 5));
            root.draw(&Text::new(line.clone(), at, font(TITLE, INK, HPos::Left, VPos::Top, true)))?;
        }
        for ((key, name), (x, row)) in self.legend.iter().zip(legend) {
            let (x, y) = (*x, y + row * LEGEND_ROW + LEGEND_ROW / 2);
            draw_key(root, *key, x, y)?;
            let (indent, color) = if *key == Key::Remark { (0, MUTED) } else { (30, INK) };
            text(root, name, (x + indent, y), (HPos::Left, VPos::Center), color)?;
        }
        Ok(())
    }

    /// Gives the SVG its patterns, its name and its description.
    fn finish(self, drawn: &str, height: i32) -> Result<Chart, Problem> {
        let broken = || Problem::new("a chart has no SVG", "this is a fault of the program: please report it");
        let id = &self.file_stem;
        let (definitions, text) = palette::apply(drawn, id).map_err(|_| broken())?;
        let (_, body) = text.split_once('\n').ok_or_else(broken)?;
        let mut svg = String::with_capacity(text.len() + 1_000);
        write!(
            svg,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{WIDTH}\" height=\"{height}\" \
             viewBox=\"0 0 {WIDTH} {height}\" role=\"img\" aria-labelledby=\"{id}-t {id}-d\">\n\
             <title id=\"{id}-t\">{}</title>\n<desc id=\"{id}-d\">{}</desc>\n",
            escape(&self.title),
            escape(&self.alt)
        )
        .map_err(|_| broken())?;
        if !definitions.is_empty() {
            svg.push_str(&format!("<defs>{definitions}</defs>\n"));
        }
        svg.push_str(&body.replace(" opacity=\"1\"", "").replace(" stroke=\"none\"", ""));
        let Self { file_stem, layout, subject, title, alt, data, .. } = self;
        Ok(Chart { file_stem, layout, subject, title, alt, svg, data })
    }
}

/// Left edge and row of each legend entry.
fn place_legend(entries: &[(Key, String)]) -> Vec<(i32, i32)> {
    let (mut x, mut row) = (MARGIN, 0);
    let mut places = Vec::with_capacity(entries.len());
    for (_, name) in entries {
        let width = 30 + width_of(name, LABEL) + 20;
        if x > MARGIN && x + width > WIDTH - MARGIN {
            (x, row) = (MARGIN, row + 1);
        }
        places.push((x, row));
        x += width;
    }
    places
}

fn draw_key(root: &Area<'_>, key: Key, x: i32, y: i32) -> Drawn {
    match key {
        Key::Area(index) => rect(root, (x, y - 7, x + 24, y + 7), &palette::area(index).filled()),
        Key::Shade(color) => {
            rect(root, (x, y - 7, x + 24, y + 7), &color.filled())?;
            rect(root, (x, y - 7, x + 24, y + 7), &GRID.stroke_width(1))
        }
        Key::Line(index) => {
            root.draw(&PathElement::new(vec![(x, y), (x + 24, y)], palette::line(index).stroke_width(2)))?;
            marker(root, index, (x + 12, y))
        }
        Key::Point(index) => marker(root, index, (x + 12, y)),
        Key::Remark => Ok(()),
    }
}

/// The marker of line category `index`: shapes differ as colours do, and are hollow the second time.
pub fn marker(area: &Area<'_>, index: usize, (x, y): (i32, i32)) -> Drawn {
    const SHAPES: [&[(i32, i32)]; 6] = [
        &[],
        &[(0, -5), (5, 4), (-5, 4)],
        &[(-4, -4), (4, -4), (4, 4), (-4, 4)],
        &[(0, -6), (5, 0), (0, 6), (-5, 0)],
        &[(0, 5), (5, -4), (-5, -4)],
        &[(-2, -6), (2, -6), (2, -2), (6, -2), (6, 2), (2, 2), (2, 6), (-2, 6), (-2, 2), (-6, 2), (-6, -2), (-2, -2)],
    ];
    let color = palette::hue(index);
    let is_hollow = index % LINE_COUNT >= SHAPES.len();
    let corners = SHAPES[index % SHAPES.len()];
    if corners.is_empty() {
        if is_hollow {
            area.draw(&Circle::new((x, y), 4, CARD.filled()))?;
        }
        return area.draw(&Circle::new((x, y), 4, if is_hollow { color.stroke_width(2) } else { color.filled() }));
    }
    let moved = |(dx, dy): &(i32, i32)| (x + dx, y + dy);
    let polygon: Vec<_> = corners.iter().map(moved).collect();
    let fill = if is_hollow { CARD } else { color };
    area.draw(&Polygon::new(polygon.clone(), fill))?;
    if !is_hollow {
        return Ok(());
    }
    area.draw(&PathElement::new(
        polygon.into_iter().chain(corners.first().map(moved)).collect::<Vec<_>>(),
        color.stroke_width(2),
    ))
}

/// A filled or outlined rectangle (left, top, right, bottom).
pub fn rect(area: &Area<'_>, (x0, y0, x1, y1): (i32, i32, i32, i32), style: &ShapeStyle) -> Drawn {
    area.draw(&Rectangle::new([(x0, y0), (x1, y1)], *style))
}

/// A straight line.
pub fn segment(area: &Area<'_>, from: (i32, i32), to: (i32, i32), style: ShapeStyle) -> Drawn {
    area.draw(&PathElement::new(vec![from, to], style))
}

/// A label.
pub fn text(area: &Area<'_>, label: &str, at: (i32, i32), (h, v): (HPos, VPos), color: RGBColor) -> Drawn {
    area.draw(&Text::new(label.to_owned(), at, font(LABEL, color, h, v, false)))
}

/// The legend of the layouts that are `shown`, by place among all of the run and name, as lines or points, with a remark if
/// `left_out` more are not drawn.
pub fn layout_legend(shown: &[(usize, &str)], left_out: usize, key: impl Fn(usize) -> Key) -> Vec<(Key, String)> {
    let mut legend: Vec<(Key, String)> = shown.iter().map(|(place, name)| (key(*place), fit(name, 300))).collect();
    if left_out > 0 {
        legend.push((Key::Remark, format!("{left_out} more are not drawn: the table has them")));
    }
    legend
}

/// A label on a piece of card of its own, over lines. `(h, v)` as for [`text`], the size estimated.
pub fn card_text(area: &Area<'_>, label: &str, at: (i32, i32), (h, v): (HPos, VPos), color: RGBColor) -> Drawn {
    let width = width_of(label, LABEL);
    let left = match h {
        HPos::Left => at.0,
        HPos::Center => at.0 - width / 2,
        HPos::Right => at.0 - width,
    };
    let top = match v {
        VPos::Top => at.1,
        VPos::Center => at.1 - 8,
        VPos::Bottom => at.1 - 15,
    };
    rect(area, (left - 1, top, left + width + 1, top + 15), &CARD.mix(0.8).filled())?;
    text(area, label, at, (h, v), color)
}

/// A label in bold.
pub fn bold(area: &Area<'_>, label: &str, at: (i32, i32), (h, v): (HPos, VPos), color: RGBColor) -> Drawn {
    area.draw(&Text::new(label.to_owned(), at, font(LABEL, color, h, v, true)))
}

/// A label that reads upwards, its middle at `at`.
pub fn upright(area: &Area<'_>, label: &str, at: (i32, i32)) -> Drawn {
    let style = font(LABEL, MUTED, HPos::Center, VPos::Top, false).transform(FontTransform::Rotate270);
    area.draw(&Text::new(label.to_owned(), at, style))
}

fn font(size: i32, color: RGBColor, h: HPos, v: VPos, bold: bool) -> TextStyle<'static> {
    // The SVG backend divides sizes by 1.24 to come from a font's box to its em.
    let font = ("sans-serif", f64::from(size) * 1.24).into_font();
    let font = if bold { font.style(FontStyle::Bold) } else { font };
    TextStyle { font, color: color.to_backend_color(), pos: Pos::new(h, v) }
}

/// An estimate of the width of `text` at `size` pixels, rather too wide than too narrow.
pub fn width_of(text: &str, size: i32) -> i32 {
    (text.chars().count() as f64 * f64::from(size) * 0.55).ceil() as i32
}

/// How many characters of text fit into `width`.
pub fn columns(width: i32, size: i32, bold: bool) -> usize {
    (f64::from(width) / (f64::from(size) * if bold { 0.56 } else { 0.53 })) as usize
}

/// `text` cut so that it fits `width` as a label, with an ellipsis where something is missing.
pub fn fit(text: &str, width: i32) -> String {
    let room = columns(width, LABEL, false).max(2);
    if text.chars().count() <= room {
        return text.to_owned();
    }
    text.chars().take(room - 1).chain(['…']).collect()
}

/// `text` broken at spaces into lines of at most `room` characters; a number keeps its unit.
pub fn wrap(text: &str, room: usize) -> Vec<String> {
    const UNITS: [&str; 9] = ["s", "ms", "µs", "min", "h", "d", "%", "±", "times"];
    let mut words: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        let is_unit = UNITS.contains(&word.trim_end_matches([',', ';', ':', '.']));
        match words.last_mut() {
            Some(last) if is_unit || last.ends_with('±') => {
                last.push(' ');
                last.push_str(word);
            }
            _ => words.push(word.to_owned()),
        }
    }
    let mut lines: Vec<String> = Vec::new();
    for word in &words {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= room => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(fit_word(word, room)),
        }
    }
    lines
}

fn fit_word(word: &str, room: usize) -> String {
    if word.chars().count() <= room { word.to_owned() } else { word.chars().take(room - 1).chain(['…']).collect() }
}

/// `text` for use in SVG.
pub fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
