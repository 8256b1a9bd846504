//! A document as a PDF by Typst: tagged after PDF/UA-1, headings as an outline, numbered captions, heads of tables
//! that repeat, drawings as vectors with their finding as alternative text, the marking and the page number on every
//! page. The same document with the same fonts gives the same bytes: no clock and no chance is asked.
//!
//! Latin faces are built in. Others (Chinese) are given as the content of font files; a character that no face
//! has is an error, never an empty box.

mod markup;
mod press;

use std::collections::BTreeSet;

use typst::foundations::Bytes;
use typst::text::Font;

use crate::document::{Block, Document};
use markup::markup;
use press::Press;

/// Why a document cannot be set.
#[derive(Debug, thiserror::Error)]
pub enum PdfError {
    /// The characters, in the order of their codes.
    #[error("no font at hand has the characters {0}")]
    Glyphs(String),
    #[error("the page could not be set: {0}")]
    Set(String),
}

/// Fonts to set a document with: the built-in ones first, then those given.
#[derive(Debug, Clone)]
pub struct Fonts {
    faces: Vec<Font>,
    /// Families in the order they are asked.
    families: Vec<String>,
}

/// The text face that is built in.
const LATIN: &str = "Libertinus Serif";

impl Fonts {
    /// The faces that the program carries: Latin, Greek, Cyrillic and signs.
    pub fn built_in() -> Self {
        let faces = typst_assets::fonts()
            .flat_map(|data| Font::iter(Bytes::new(data)))
            .collect();
        Self {
            faces,
            families: vec![LATIN.to_owned()],
        }
    }

    /// Adds every face of a font file or collection; `false` where it holds none.
    pub fn add(&mut self, file: Vec<u8>) -> bool {
        let found: Vec<Font> = Font::iter(Bytes::new(file)).collect();
        let mut families: Vec<String> = found.iter().map(|f| f.info().family.clone()).collect();
        // A collection for several regions: the shapes of the mainland first.
        families.sort_by_key(|name| !name.ends_with(" SC"));
        for family in families {
            if !self.families.contains(&family) {
                self.families.push(family);
            }
        }
        self.faces.extend(found.iter().cloned());
        !found.is_empty()
    }

    pub(crate) fn faces(&self) -> &[Font] {
        &self.faces
    }

    pub(crate) fn families(&self) -> &[String] {
        &self.families
    }

    /// Has some face each character of the text?
    pub(crate) fn cover(&self, text: &str) -> bool {
        let mut visible = (text.chars()).filter(|c| !c.is_control() && !c.is_whitespace());
        visible.all(|c| self.has(c))
    }

    /// Figures of the document with a character that no face has.
    pub fn lacking_in_figures(&self, document: &Document) -> usize {
        let blocks = document.sections.iter().flat_map(|s| &s.blocks);
        let drawings = blocks.filter_map(|block| match block {
            Block::Figure(figure) => Some(figure.svg.markup()),
            _ => None,
        });
        drawings.filter(|drawing| !self.cover(drawing)).count()
    }

    fn has(&self, c: char) -> bool {
        let has = |face: &Font| face.info().coverage.contains(u32::from(c));
        self.faces.iter().any(has)
    }

    /// Characters of the document that no face has.
    pub fn lacking(&self, document: &Document) -> BTreeSet<char> {
        let page = markup(document, &self.families);
        let texts = page.drawings.iter().chain([&page.source]);
        texts
            .flat_map(|text| text.chars())
            .filter(|c| !c.is_control() && !c.is_whitespace())
            .collect::<BTreeSet<char>>()
            .into_iter()
            .filter(|c| !self.has(*c))
            .collect()
    }
}

/// Sets `document` with `fonts`.
pub fn to_pdf(document: &Document, fonts: &Fonts) -> Result<Vec<u8>, PdfError> {
    let lacking = fonts.lacking(document);
    if !lacking.is_empty() {
        const MOST: usize = 20;
        let mut shown: Vec<String> = lacking.iter().take(MOST).map(char::to_string).collect();
        if lacking.len() > MOST {
            shown.push("…".to_owned());
        }
        return Err(PdfError::Glyphs(shown.join(" ")));
    }
    Press::new(markup(document, &fonts.families), &fonts.faces).print()
}
