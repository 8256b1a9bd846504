//! A document as a Word file: real styles, a contents field, numbered captions, native tables with repeated
//! header rows, drawings with their finding as alternative text, the marking in the header of every page.
//!
//! What the numbers lead to (explanations, rows of evidence) stays with the page and the workbook; footnotes name the
//! sources where the numbers stand, and a list at the end gives their licences and addresses. The same document gives the
//! same bytes.

mod body;
mod template;

use model::Lang;

use crate::archive::pack;
use crate::document::Document;
use crate::html::escape;
use crate::paper::marking;
use crate::pictures::Painter;
use crate::words::{colon, semicolon};
use body::{Body, Drawing};
pub use template::Template;
use template::{W, XML};

/// Writes `document` as a Word file whose figures are drawings alone.
pub fn to_docx(document: &Document, template: Template) -> Result<Vec<u8>, std::io::Error> {
    written(document, template, None)
}

/// The same with a picture beside each drawing, for programs that show no SVG.
pub fn to_docx_painted(
    document: &Document,
    template: Template,
    painter: &Painter,
) -> Result<Vec<u8>, std::io::Error> {
    written(document, template, Some(painter))
}

fn written(
    document: &Document,
    template: Template,
    painter: Option<&Painter>,
) -> Result<Vec<u8>, std::io::Error> {
    let mut body = Body::write(document, template, painter);
    let drawings = std::mem::take(&mut body.drawings);
    let mut parts: Vec<(String, Vec<u8>)> = Vec::new();
    let mut part = |name: &str, text: String| parts.push((name.to_owned(), text.into_bytes()));
    part("[Content_Types].xml", content_types());
    part("_rels/.rels", package_relations());
    part("docProps/core.xml", core(document));
    part("word/document.xml", main(&body, template));
    part("word/_rels/document.xml.rels", relations(&body, &drawings));
    part("word/styles.xml", template.styles());
    part("word/numbering.xml", numbering());
    part("word/settings.xml", settings(template));
    part("word/header.xml", header(document));
    part("word/footer.xml", footer(template, "right"));
    part("word/footer-even.xml", footer(template, "left"));
    part("word/footnotes.xml", footnotes(&body.footnotes));
    for (i, drawing) in drawings.into_iter().enumerate() {
        let name = |ending: &str| format!("word/media/figure{}.{ending}", i + 1);
        parts.push((name("svg"), drawing.svg.into_bytes()));
        parts.extend(drawing.png.map(|png| (name("png"), png)));
    }
    pack(&parts)
}

fn content_types() -> String {
    let main = "application/vnd.openxmlformats-officedocument.wordprocessingml";
    let over = |part: &str, kind: &str| {
        format!("<Override PartName=\"/word/{part}.xml\" ContentType=\"{main}.{kind}+xml\"/>")
    };
    format!(
        "{XML}<Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\">\
         <Default Extension=\"rels\" ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/>\
         <Default Extension=\"xml\" ContentType=\"application/xml\"/>\
         <Default Extension=\"svg\" ContentType=\"image/svg+xml\"/>\
         <Default Extension=\"png\" ContentType=\"image/png\"/>{}\
         <Override PartName=\"/docProps/core.xml\" ContentType=\"application/vnd.openxmlformats-package.core-properties+xml\"/></Types>",
        [
            over("document", "document.main"),
            over("styles", "styles"),
            over("numbering", "numbering"),
            over("settings", "settings"),
            over("header", "header"),
            over("footer", "footer"),
            over("footer-even", "footer"),
            over("footnotes", "footnotes"),
        ]
        .concat()
    )
}

const OFFICE: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";

fn package_relations() -> String {
    format!(
        "{XML}<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\">\
         <Relationship Id=\"rId1\" Type=\"{OFFICE}/officeDocument\" Target=\"word/document.xml\"/>\
         <Relationship Id=\"rId2\" Type=\"http://schemas.openxmlformats.org/package/2006/relationships/metadata/core-properties\" \
         Target=\"docProps/core.xml\"/></Relationships>"
    )
}

fn core(document: &Document) -> String {
    let lang = match document.lang {
        Lang::En => "en",
        Lang::Zh => "zh-CN",
    };
    let about: Vec<String> = document
        .meta
        .iter()
        .map(|(k, v)| format!("{k}{}{v}", colon(document.lang)))
        .collect();
    format!(
        "{XML}<cp:coreProperties xmlns:cp=\"http://schemas.openxmlformats.org/package/2006/metadata/core-properties\" \
         xmlns:dc=\"http://purl.org/dc/elements/1.1/\"><dc:title>{}</dc:title><dc:subject>{}</dc:subject>\
         <dc:description>{}</dc:description><dc:language>{lang}</dc:language></cp:coreProperties>",
        escape::text(&document.title),
        escape::text(&document.subtitle),
        escape::text(&about.join(semicolon(document.lang)))
    )
}

fn main(body: &Body<'_>, template: Template) -> String {
    format!(
        "{XML}<w:document {W} xmlns:r=\"{OFFICE}\" \
         xmlns:wp=\"http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing\" \
         xmlns:a=\"http://schemas.openxmlformats.org/drawingml/2006/main\" \
         xmlns:pic=\"http://schemas.openxmlformats.org/drawingml/2006/picture\"><w:body>{}{}</w:body></w:document>",
        body.markup,
        template.section(body.turned)
    )
}

fn relations(body: &Body<'_>, drawings: &[Drawing]) -> String {
    let mut out = format!(
        "{XML}<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\">"
    );
    for (i, (kind, target)) in [
        ("styles", "styles"),
        ("numbering", "numbering"),
        ("settings", "settings"),
        ("header", "header"),
        ("footer", "footer"),
        ("footer", "footer-even"),
        ("footnotes", "footnotes"),
    ]
    .into_iter()
    .enumerate()
    {
        out.push_str(&format!(
            "<Relationship Id=\"rId{}\" Type=\"{OFFICE}/{kind}\" Target=\"{target}.xml\"/>",
            i + 1
        ));
    }
    for (i, drawing) in (1..).zip(drawings) {
        let mut image = |id: &str, ending: &str| {
            out.push_str(&format!(
                "<Relationship Id=\"{id}{i}\" Type=\"{OFFICE}/image\" Target=\"media/figure{i}.{ending}\"/>"
            ));
        };
        image("figure", "svg");
        if drawing.png.is_some() {
            image("picture", "png");
        }
    }
    for (i, address) in body.addresses.iter().enumerate() {
        // Already escaped for an attribute.
        out.push_str(&format!(
            "<Relationship Id=\"link{i}\" Type=\"{OFFICE}/hyperlink\" Target=\"{address}\" TargetMode=\"External\"/>"
        ));
    }
    out.push_str("</Relationships>");
    out
}

fn numbering() -> String {
    format!(
        "{XML}<w:numbering {W}><w:abstractNum w:abstractNumId=\"0\"><w:multiLevelType w:val=\"singleLevel\"/>\
         <w:lvl w:ilvl=\"0\"><w:start w:val=\"1\"/><w:numFmt w:val=\"bullet\"/><w:lvlText w:val=\"•\"/><w:lvlJc w:val=\"left\"/>\
         <w:pPr><w:ind w:left=\"480\" w:hanging=\"300\"/></w:pPr></w:lvl></w:abstractNum>\
         <w:num w:numId=\"1\"><w:abstractNumId w:val=\"0\"/></w:num></w:numbering>"
    )
}

fn settings(template: Template) -> String {
    // Page numbers of official documents stand at the outer edge.
    let sides = if template == Template::Gb9704 {
        "<w:evenAndOddHeaders/>"
    } else {
        ""
    };
    format!(
        "{XML}<w:settings {W}>{sides}<w:footnotePr><w:footnote w:id=\"-1\"/><w:footnote w:id=\"0\"/></w:footnotePr><w:compat><w:compatSetting w:name=\"compatibilityMode\" \
         w:uri=\"http://schemas.microsoft.com/office/word\" w:val=\"15\"/></w:compat></w:settings>"
    )
}

/// The two lines that part notes from the text, then the notes themselves.
fn footnotes(notes: &[String]) -> String {
    let line = |id: i32, kind: &str, mark: &str| {
        format!(
            "<w:footnote w:type=\"{kind}\" w:id=\"{id}\"><w:p><w:r><w:{mark}/></w:r></w:p></w:footnote>"
        )
    };
    let mut out = format!(
        "{XML}<w:footnotes {W}>{}{}",
        line(-1, "separator", "separator"),
        line(0, "continuationSeparator", "continuationSeparator")
    );
    for (id, note) in (1..).zip(notes) {
        out.push_str(&format!(
            "<w:footnote w:id=\"{id}\"><w:p><w:pPr><w:pStyle w:val=\"FootnoteText\"/></w:pPr>\
             <w:r><w:rPr><w:rStyle w:val=\"FootnoteReference\"/></w:rPr><w:footnoteRef/></w:r>\
             <w:r><w:t xml:space=\"preserve\"> </w:t></w:r>{note}</w:p></w:footnote>"
        ));
    }
    out.push_str("</w:footnotes>");
    out
}

fn header(document: &Document) -> String {
    format!(
        "{XML}<w:hdr {W}><w:p><w:pPr><w:pStyle w:val=\"Header\"/></w:pPr><w:r><w:t xml:space=\"preserve\">{}</w:t></w:r></w:p></w:hdr>",
        escape::text(&marking(document))
    )
}

fn footer(template: Template, side: &str) -> String {
    let run = |text: &str| format!("<w:r><w:t xml:space=\"preserve\">{text}</w:t></w:r>");
    let field = |name: &str| {
        format!("<w:fldSimple w:instr=\" {name} \"><w:r><w:t>1</w:t></w:r></w:fldSimple>")
    };
    let (side, line) = match template {
        Template::International => (
            "right",
            format!("{}{}{}", field("PAGE"), run(" / "), field("NUMPAGES")),
        ),
        Template::Gb9704 => (side, format!("{}{}{}", run("— "), field("PAGE"), run(" —"))),
    };
    format!(
        "{XML}<w:ftr {W}><w:p><w:pPr><w:pStyle w:val=\"Footer\"/><w:jc w:val=\"{side}\"/></w:pPr>{line}</w:p></w:ftr>"
    )
}
