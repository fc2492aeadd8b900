//! Charts as PNG, from their SVG.
//!
//! With fonts that are part of the program (`assets/fonts`, whose licence is beside them) and no font of the system,
//! so that the same chart gives the same bytes on every machine.

use crate::source::Problem;
use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::{Options, Tree, fontdb::Database};
use std::sync::Arc;

/// Pixels of the picture for one unit of the SVG: sharp on screens with small pixels and in print.
const SCALE: f32 = 2.0;
const FAMILY: &str = "DejaVu Sans Condensed";
const REGULAR: &[u8] = include_bytes!("../../assets/fonts/DejaVuSansCondensed.ttf");
const BOLD: &[u8] = include_bytes!("../../assets/fonts/DejaVuSansCondensed-Bold.ttf");

/// Draws charts.
pub struct Drawer {
    options: Options<'static>,
}

impl Default for Drawer {
    fn default() -> Self {
        Self::new()
    }
}

impl Drawer {
    /// With the fonts loaded.
    pub fn new() -> Self {
        let mut fonts = Database::new();
        fonts.load_font_data(REGULAR.to_vec());
        fonts.load_font_data(BOLD.to_vec());
        fonts.set_sans_serif_family(FAMILY);
        let options = Options { font_family: FAMILY.to_owned(), fontdb: Arc::new(fonts), ..Options::default() };
        Self { options }
    }

    /// The picture as the bytes of a PNG file.
    ///
    /// # Errors
    /// The chart is no SVG, or too large: faults of the program.
    pub fn png(&self, svg: &str) -> Result<Vec<u8>, Problem> {
        let failed = |why: String| {
            Problem::machine(
                format!("a chart cannot be drawn as PNG: {why}"),
                "this is a fault of the program: please report it",
            )
        };
        let tree = Tree::from_str(svg, &self.options).map_err(|error| failed(error.to_string()))?;
        let size = tree.size().to_int_size().scale_by(SCALE).ok_or_else(|| failed("it has no size".into()))?;
        let mut pixels =
            Pixmap::new(size.width(), size.height()).ok_or_else(|| failed("there is no room for it".into()))?;
        resvg::render(&tree, Transform::from_scale(SCALE, SCALE), &mut pixels.as_mut());
        pixels.encode_png().map_err(|error| failed(error.to_string()))
    }
}
