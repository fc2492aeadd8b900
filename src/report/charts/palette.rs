//! Colours that differ for every kind of eye, and in grey.
//!
//! The hues are those of Okabe and Ito (2008), "Color Universal Design". Categories differ in a second way
//! too: areas in their pattern, lines in their dashes and markers. The drawing library knows neither
//! patterns nor dashes, so areas and lines of categories are drawn in *reserved* colours, which nothing
//! else has, and [`apply`] gives the finished SVG text their patterns and dashes.

use plotters::style::RGBColor;
use std::fmt::Write as _;

/// Text and axes.
pub const INK: RGBColor = RGBColor(0x1f, 0x24, 0x2b);
/// Less important text: 4.5 to 1 on the card and more.
pub const MUTED: RGBColor = RGBColor(0x55, 0x5f, 0x6b);
/// Grid lines.
pub const GRID: RGBColor = RGBColor(0xdf, 0xe3, 0xe8);
/// What everything is drawn on, on light and dark pages.
pub const CARD: RGBColor = RGBColor(0xff, 0xff, 0xff);
/// Spans of time in which something is broken.
pub const OUTAGE: RGBColor = RGBColor(0xf6, 0xd9, 0xc9);
/// Bad news.
pub const ALARM: RGBColor = RGBColor(0xb3, 0x3a, 0x00);

/// The hue and the pattern of each area category; the last is for "all others".
const AREAS: [(RGBColor, &str); 8] = [
    (RGBColor(0x00, 0x72, 0xb2), ""),
    (RGBColor(0xe6, 0x9f, 0x00), "M-2,2l4,-4M0,8l8,-8M6,10l4,-4"),
    (RGBColor(0x00, 0x9e, 0x73), "M-2,6l4,4M0,0l8,8M6,-2l4,4"),
    (RGBColor(0xf0, 0xe4, 0x42), "M0,4h8"),
    (RGBColor(0xd5, 0x5e, 0x00), "M4,0v8"),
    (RGBColor(0x56, 0xb4, 0xe9), "M2,2h2v2h-2zM6,6h2v2h-2z"),
    (RGBColor(0xcc, 0x79, 0xa7), "M0,4h8M4,0v8"),
    (RGBColor(0x9a, 0xa1, 0xa9), ""),
];

/// The hue and the dashes of each line category. All hues differ; from the seventh on they are mixed ones, with other dashes
/// (and hollow markers).
const LINES: [(RGBColor, &str); LINE_COUNT] = [
    (RGBColor(0x00, 0x72, 0xb2), ""),
    (RGBColor(0xd5, 0x5e, 0x00), "7 4"),
    (RGBColor(0x00, 0x80, 0x5d), "2 3"),
    (RGBColor(0x1f, 0x24, 0x2b), "9 3 2 3"),
    (RGBColor(0xb0, 0x4f, 0x88), "12 4"),
    (RGBColor(0xa8, 0x70, 0x00), "4 2"),
    (RGBColor(0x6a, 0x3d, 0xc2), "2 3"),
    (RGBColor(0x8b, 0x1a, 0x2b), ""),
    (RGBColor(0x5e, 0x7d, 0x00), "9 3 2 3"),
    (RGBColor(0x6b, 0x72, 0x80), "12 4"),
    (RGBColor(0x00, 0x83, 0x8f), "4 2"),
    (RGBColor(0xd6, 0x2f, 0x6a), "7 4"),
];

/// Number of line categories that differ.
pub const LINE_COUNT: usize = 12;

/// Steps of a scale from nothing to much, even in lightness: usable in grey.
const STEPS: [RGBColor; 8] = [
    RGBColor(0xf4, 0xf6, 0xf8),
    RGBColor(0xd6, 0xe6, 0xf4),
    RGBColor(0xab, 0xd0, 0xe6),
    RGBColor(0x7a, 0xb4, 0xd8),
    RGBColor(0x4a, 0x96, 0xc9),
    RGBColor(0x27, 0x78, 0xb4),
    RGBColor(0x0d, 0x57, 0x96),
    RGBColor(0x08, 0x30, 0x6b),
];

/// Number of area categories that differ, "all others" not counted.
pub const AREA_COUNT: usize = AREAS.len() - 1;
/// The area category for "all others".
pub const OTHERS: usize = AREAS.len() - 1;

/// The reserved colour of area category `index`.
pub fn area(index: usize) -> RGBColor {
    RGBColor(0xfa, 0x11, (index % AREAS.len()) as u8)
}

/// The reserved colour of line category `index`.
pub fn line(index: usize) -> RGBColor {
    RGBColor(0xfa, 0x22, (index % LINES.len()) as u8)
}

/// The plain hue of line category `index`, for its markers and labels.
pub fn hue(index: usize) -> RGBColor {
    LINES[index % LINES.len()].0
}

/// The colour of `ratio` (0 to 1) on the scale from nothing to much.
pub fn step(ratio: f64) -> RGBColor {
    STEPS[step_index(ratio)]
}

/// Which of the [`step_count`] steps `ratio` is in.
pub fn step_index(ratio: f64) -> usize {
    ((ratio.clamp(0.0, 1.0) * STEPS.len() as f64) as usize).min(STEPS.len() - 1)
}

/// Number of steps of the scale.
pub const fn step_count() -> usize {
    STEPS.len()
}

/// Turns the reserved colours of `svg` into patterns and dashes. `id` makes the patterns' names unique in
/// a page. Returns the definitions and the text.
pub fn apply(svg: &str, id: &str) -> Result<(String, String), std::fmt::Error> {
    let mut text = svg.to_owned();
    let mut definitions = String::new();
    for (index, (hue, pattern)) in AREAS.into_iter().enumerate() {
        let reserved = hex(area(index));
        if !text.contains(&reserved) {
            continue;
        }
        let fill = if pattern.is_empty() { hex(hue) } else { format!("url(#{id}-p{index})") };
        text = text.replace(&format!("fill=\"{reserved}\""), &format!("fill=\"{fill}\""));
        if !pattern.is_empty() {
            let ink = if luminance(hue) > 0.45 { "#1F242B" } else { "#FFFFFF" };
            write!(
                definitions,
                "<pattern id=\"{id}-p{index}\" width=\"8\" height=\"8\" patternUnits=\"userSpaceOnUse\">\
                 <rect width=\"8\" height=\"8\" fill=\"{}\"/>\
                 <path d=\"{pattern}\" stroke=\"{ink}\" stroke-opacity=\".65\" fill=\"none\"/></pattern>",
                hex(hue)
            )?;
        }
    }
    for (index, (hue, dashes)) in LINES.into_iter().enumerate() {
        let reserved = format!("stroke=\"{}\"", hex(line(index)));
        let dashes = if dashes.is_empty() { String::new() } else { format!(" stroke-dasharray=\"{dashes}\"") };
        text = text.replace(&reserved, &format!("stroke=\"{}\"{dashes}", hex(hue)));
    }
    Ok((definitions, text))
}

fn hex(RGBColor(r, g, b): RGBColor) -> String {
    format!("#{r:02X}{g:02X}{b:02X}")
}

/// Relative luminance, nearly (gamma 2.2).
fn luminance(RGBColor(r, g, b): RGBColor) -> f64 {
    let linear = |c: u8| (f64::from(c) / 255.0).powf(2.2);
    0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b)
}
