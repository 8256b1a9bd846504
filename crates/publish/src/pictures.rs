//! Drawings as pictures of dots, for office programs that show no SVG: PNG with the faces that the PDF is set with.
//!
//! The same drawing with the same faces gives the same bytes. A drawing with a character that no face has gets no
//! picture: an empty box would be a wrong word.

use std::sync::Arc;

use resvg::tiny_skia::{Color, Pixmap, Transform};
use resvg::usvg::fontdb::{Database, ID, Source};
use resvg::usvg::{FontResolver, Options, Tree};

use crate::document::Document;
use crate::figures::Svg;
use crate::html::escape;
use crate::pdf::Fonts;

/// Dots on an inch of paper.
const DENSITY: f64 = 150.0;
/// Wider or higher pictures would take memory that no reader sees.
const MOST: f64 = 4000.0;

/// Paints drawings with the faces of [`Fonts`].
pub struct Painter {
    fonts: Fonts,
    options: Options<'static>,
}

impl Painter {
    pub fn new(fonts: Fonts) -> Self {
        let mut base = Database::new();
        let mut known: Vec<(ID, usize)> = Vec::new();
        let faces = fonts.faces();
        for (at, first) in faces.iter().enumerate() {
            let file = first.data().as_ptr();
            // The first face of a file brings the others of it.
            if at > 0 && faces[at - 1].data().as_ptr() == file {
                continue;
            }
            let ids = base.load_font_source(Source::Binary(Arc::new(first.data().clone())));
            for id in ids {
                let Some(index) = base.face(id).map(|face| face.index) else {
                    continue;
                };
                let same = |face: &typst::text::Font| {
                    face.data().as_ptr() == file && face.index() == index
                };
                known.extend(faces.iter().position(same).map(|at| (id, at)));
            }
        }
        let faces = fonts.faces().to_vec();
        // Families in the order in which the PDF asks them, not in that of files: the shapes of the mainland first.
        let rank = |at: &usize| {
            let family = faces.get(*at).map(|face| face.info().family.as_str());
            let place = |name: &str| fonts.families().iter().position(|f| f == name);
            family.and_then(place).unwrap_or(usize::MAX)
        };
        known.sort_by_key(|(_, at)| (rank(at), *at));
        let fallback = move |c: char, used: &[ID], base: &mut Arc<Database>| {
            let bold = |id: ID| base.face(id).is_some_and(|face| face.weight.0 >= 600);
            let wanted = used.first().is_some_and(|id| bold(*id));
            let fits = |(id, at): &&(ID, usize)| {
                let has = |face: &typst::text::Font| face.info().coverage.contains(u32::from(c));
                !used.contains(id) && faces.get(*at).is_some_and(has)
            };
            let mut able = known.iter().filter(fits);
            let first = able.clone().next().map(|(id, _)| *id);
            able.find(|(id, _)| bold(*id) == wanted)
                .map(|(id, _)| *id)
                .or(first)
        };
        let options = Options {
            fontdb: Arc::new(base),
            font_resolver: FontResolver {
                select_font: FontResolver::default_font_selector(),
                select_fallback: Box::new(fallback),
            },
            ..Options::default()
        };
        Self { fonts, options }
    }

    /// Figures of the document that get no picture.
    pub fn unpainted(&self, document: &Document) -> usize {
        self.fonts.lacking_in_figures(document)
    }

    /// The drawing as PNG, `width` millimetres wide on paper; `None` where a character has no face.
    pub(crate) fn paint(&self, svg: &Svg, width: f64) -> Option<Vec<u8>> {
        if !self.fonts.cover(svg.markup()) {
            return None;
        }
        let families = escape::attribute(&self.fonts.families().join(", "));
        let font = format!("<svg font-family=\"{families}\" ");
        let markup = svg.markup().replacen("<svg ", &font, 1);
        let tree = Tree::from_str(&markup, &self.options).ok()?;
        let (w, h) = (
            f64::from(tree.size().width()),
            f64::from(tree.size().height()),
        );
        let scale = (width / 25.4 * DENSITY / w).min(MOST / w).min(MOST / h);
        let dots = |length: f64| (length * scale).ceil().max(1.0) as u32;
        let mut map = Pixmap::new(dots(w), dots(h))?;
        map.fill(Color::WHITE);
        let scale = scale as f32;
        resvg::render(
            &tree,
            Transform::from_scale(scale, scale),
            &mut map.as_mut(),
        );
        map.encode_png().ok()
    }
}
