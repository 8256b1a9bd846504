//! A document as slides, 16:9: a title, a slide for each finding with charts that the office program draws from its own
//! data, native tables, notes with ranges and sources, the marking on every slide.
//!
//! Maps and graphs stand as drawings (SVG), everything else can be edited. The same document gives the same bytes.

#![allow(clippy::format_collect)] // markup is joined from its parts

mod book;
mod chart;
mod deck;
mod master;
mod slide;

use crate::archive::pack;
use crate::charts::Chart;
use crate::document::Document;
use crate::html::escape;
use crate::pictures::Painter;
use deck::deck;
use slide::{Drawn, Slide};

pub(crate) const XML: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n";
pub(crate) const OFFICE: &str =
    "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
pub(crate) const SPACES: &str = "xmlns:a=\"http://schemas.openxmlformats.org/drawingml/2006/main\" \
     xmlns:r=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships\" \
     xmlns:p=\"http://schemas.openxmlformats.org/presentationml/2006/main\"";
const PART: &str = "application/vnd.openxmlformats-officedocument";

/// The fonts that the slides name.
pub const FONTS: &[&str] = &["Arial", "Microsoft YaHei"];

/// Writes `document` as a PowerPoint file whose maps and graphs are drawings alone.
pub fn to_pptx(document: &Document) -> Result<Vec<u8>, std::io::Error> {
    written(document, None)
}

/// The same with a picture beside each drawing, for programs that show no SVG.
pub fn to_pptx_painted(document: &Document, painter: &Painter) -> Result<Vec<u8>, std::io::Error> {
    written(document, Some(painter))
}

fn written(document: &Document, painter: Option<&Painter>) -> Result<Vec<u8>, std::io::Error> {
    let slides = deck(document, painter);
    let mut out = Package::default();
    for (i, slide) in slides.iter().enumerate() {
        out.slide(document, i + 1, slide)?;
    }
    out.finish(document, slides.len())
}

#[derive(Default)]
struct Package {
    parts: Vec<(String, Vec<u8>)>,
    /// Name and content type.
    kinds: Vec<(String, String)>,
    charts: usize,
    drawings: usize,
}

/// A relation: id, kind, target.
type Relation = (String, String, String);

fn relations(all: &[Relation]) -> String {
    let mut out = format!(
        "{XML}<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\">"
    );
    for (id, kind, target) in all {
        out.push_str(&format!(
            "<Relationship Id=\"{id}\" Type=\"{kind}\" Target=\"{target}\"/>"
        ));
    }
    out.push_str("</Relationships>");
    out
}

fn related(id: &str, kind: &str, target: impl Into<String>) -> Relation {
    (id.to_owned(), format!("{OFFICE}/{kind}"), target.into())
}

impl Package {
    fn part(&mut self, name: &str, kind: &str, text: String) {
        self.kinds
            .push((name.to_owned(), format!("{PART}.{kind}+xml")));
        self.parts.push((name.to_owned(), text.into_bytes()));
    }

    fn plain(&mut self, name: &str, bytes: Vec<u8>) {
        self.parts.push((name.to_owned(), bytes));
    }

    fn slide(&mut self, document: &Document, n: usize, slide: &Slide) -> std::io::Result<()> {
        let layout = slide.layout();
        let mut links = vec![
            related(
                "rId1",
                "slideLayout",
                format!("../slideLayouts/slideLayout{layout}.xml"),
            ),
            related(
                "rId2",
                "notesSlide",
                format!("../notesSlides/notesSlide{n}.xml"),
            ),
        ];
        let mut next = 3;
        for drawn in &slide.drawn {
            let id = format!("rId{next}");
            next += 1;
            match drawn {
                Drawn::Chart { chart, .. } => {
                    let at = self.chart(document, chart)?;
                    links.push(related(&id, "chart", format!("../charts/chart{at}.xml")));
                }
                Drawn::Picture { svg, png, .. } => {
                    self.drawings += 1;
                    let mut name = format!("figure{}.svg", self.drawings);
                    self.plain(&format!("ppt/media/{name}"), svg.clone().into_bytes());
                    links.push(related(&id, "image", format!("../media/{name}")));
                    if let Some(png) = png {
                        name = format!("figure{}.png", self.drawings);
                        self.plain(&format!("ppt/media/{name}"), png.clone());
                        let id = slide::picture_id(&id);
                        links.push(related(&id, "image", format!("../media/{name}")));
                    }
                }
                Drawn::Table { .. } => next -= 1,
            }
        }
        self.part(
            &format!("ppt/slides/slide{n}.xml"),
            "presentationml.slide",
            slide.markup(document),
        );
        self.plain(
            &format!("ppt/slides/_rels/slide{n}.xml.rels"),
            relations(&links).into_bytes(),
        );
        self.part(
            &format!("ppt/notesSlides/notesSlide{n}.xml"),
            "presentationml.notesSlide",
            slide.notes_markup(document),
        );
        let back = [
            related("rId1", "notesMaster", "../notesMasters/notesMaster1.xml"),
            related("rId2", "slide", format!("../slides/slide{n}.xml")),
        ];
        self.plain(
            &format!("ppt/notesSlides/_rels/notesSlide{n}.xml.rels"),
            relations(&back).into_bytes(),
        );
        Ok(())
    }

    fn chart(&mut self, document: &Document, data: &Chart) -> std::io::Result<usize> {
        self.charts += 1;
        let n = self.charts;
        let sheet = book::workbook(data, document.lang).map_err(std::io::Error::other)?;
        self.plain(&format!("ppt/embeddings/chart{n}.xlsx"), sheet);
        self.part(
            &format!("ppt/charts/chart{n}.xml"),
            "drawingml.chart",
            chart::markup(data, document.lang),
        );
        let link = [related(
            "rId1",
            "package",
            format!("../embeddings/chart{n}.xlsx"),
        )];
        self.plain(
            &format!("ppt/charts/_rels/chart{n}.xml.rels"),
            relations(&link).into_bytes(),
        );
        Ok(n)
    }

    fn finish(mut self, document: &Document, slides: usize) -> Result<Vec<u8>, std::io::Error> {
        master::write(&mut |name, kind, text| self.part(name, kind, text));
        for (part, links) in master::relations() {
            self.plain(part, relations(&links).into_bytes());
        }
        let mut links = vec![
            related("rId1", "slideMaster", "slideMasters/slideMaster1.xml"),
            related("rId2", "notesMaster", "notesMasters/notesMaster1.xml"),
            related("rId3", "theme", "theme/theme1.xml"),
            related("rId4", "presProps", "presProps.xml"),
            related("rId5", "tableStyles", "tableStyles.xml"),
        ];
        let mut ids = String::new();
        for n in 1..=slides {
            let id = format!("rId{}", n + 5);
            ids.push_str(&format!("<p:sldId id=\"{}\" r:id=\"{id}\"/>", 255 + n));
            links.push(related(&id, "slide", format!("slides/slide{n}.xml")));
        }
        self.part(
            "ppt/presentation.xml",
            "presentationml.presentation.main",
            master::presentation(&ids),
        );
        self.plain(
            "ppt/_rels/presentation.xml.rels",
            relations(&links).into_bytes(),
        );
        let mut types = format!(
            "{XML}<Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\">\
             <Default Extension=\"rels\" ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/>\
             <Default Extension=\"xml\" ContentType=\"application/xml\"/>\
             <Default Extension=\"svg\" ContentType=\"image/svg+xml\"/>\
             <Default Extension=\"png\" ContentType=\"image/png\"/>\
             <Default Extension=\"xlsx\" ContentType=\"{PART}.spreadsheetml.sheet\"/>\
             <Override PartName=\"/docProps/core.xml\" ContentType=\"application/vnd.openxmlformats-package.core-properties+xml\"/>"
        );
        for (name, kind) in &self.kinds {
            types.push_str(&format!(
                "<Override PartName=\"/{name}\" ContentType=\"{kind}\"/>"
            ));
        }
        types.push_str("</Types>");
        let package = format!(
            "{XML}<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\">\
             <Relationship Id=\"rId1\" Type=\"{OFFICE}/officeDocument\" Target=\"ppt/presentation.xml\"/>\
             <Relationship Id=\"rId2\" Type=\"http://schemas.openxmlformats.org/package/2006/relationships/metadata/core-properties\" \
             Target=\"docProps/core.xml\"/></Relationships>"
        );
        let core = format!(
            "{XML}<cp:coreProperties xmlns:cp=\"http://schemas.openxmlformats.org/package/2006/metadata/core-properties\" \
             xmlns:dc=\"http://purl.org/dc/elements/1.1/\"><dc:title>{}</dc:title><dc:subject>{}</dc:subject></cp:coreProperties>",
            escape::text(&document.title),
            escape::text(&document.subtitle)
        );
        let mut parts = vec![
            ("[Content_Types].xml".to_owned(), types.into_bytes()),
            ("_rels/.rels".to_owned(), package.into_bytes()),
            ("docProps/core.xml".to_owned(), core.into_bytes()),
        ];
        parts.append(&mut self.parts);
        pack(&parts)
    }
}
