//! One slide: its title, what is drawn on it, and its page of notes.

use model::Lang;

use super::master::NUMBER;
use super::{SPACES, XML};
use crate::charts::Chart;
use crate::code;
use crate::document::{Align, CellView, ColumnView, Document};
use crate::html::escape;
use crate::paper;

/// A place on the slide, millimetres: x, y, width, height.
pub(super) type Place = [f64; 4];

/// A run of a paragraph.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Run {
    pub text: String,
    pub strong: bool,
    pub quiet: bool,
}

impl Run {
    pub(super) fn plain(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            strong: false,
            quiet: false,
        }
    }
}

#[derive(Debug)]
pub(super) enum Drawn {
    Chart {
        at: Place,
        alt: String,
        chart: Chart,
    },
    Picture {
        at: Place,
        alt: String,
        svg: String,
        /// What programs show that draw no SVG.
        png: Option<Vec<u8>>,
    },
    Table {
        at: Place,
        alt: String,
        columns: Vec<ColumnView>,
        widths: Vec<f64>,
        rows: Vec<Vec<CellView>>,
    },
}

#[derive(Debug, Default)]
pub(super) struct Slide {
    pub title: String,
    /// Under the title of the first slide.
    pub opening: Option<Vec<String>>,
    /// Points of a slide of text, or under what is drawn.
    pub points: Vec<Vec<Run>>,
    /// Points in 12 pt instead of 16.
    pub small: bool,
    pub drawn: Vec<Drawn>,
    /// One small line under what is drawn.
    pub foot: String,
    pub notes: Vec<String>,
}

/// The relation of the picture beside the drawing with this one.
pub(super) fn picture_id(drawing: &str) -> String {
    format!("{drawing}picture")
}

fn language(lang: Lang) -> &'static str {
    match lang {
        Lang::En => "lang=\"en-GB\" altLang=\"zh-CN\"",
        Lang::Zh => "lang=\"zh-CN\" altLang=\"en-GB\"",
    }
}

fn run(text: &str, lang: Lang, attributes: &str, colour: &str) -> String {
    if text.is_empty() {
        return String::new();
    }
    let fill = if colour.is_empty() {
        String::new()
    } else {
        format!("<a:solidFill><a:srgbClr val=\"{colour}\"/></a:solidFill>")
    };
    let text = text.replace('\n', " ");
    (code::pieces(&text).into_iter())
        .map(|(code, piece)| {
            let face = if code {
                "<a:latin typeface=\"Consolas\"/>"
            } else {
                ""
            };
            format!(
                "<a:r><a:rPr {}{attributes}>{fill}{face}</a:rPr><a:t>{}</a:t></a:r>",
                language(lang),
                escape::text(piece)
            )
        })
        .collect()
}

fn transform(tag: &str, at: Place) -> String {
    let [x, y, w, h] = at.map(|mm| (mm * 36_000.0) as i64);
    format!("<{tag}><a:off x=\"{x}\" y=\"{y}\"/><a:ext cx=\"{w}\" cy=\"{h}\"/></{tag}>")
}

/// A text box that is no placeholder.
fn text_box(id: usize, name: &str, at: Place, paragraphs: &str) -> String {
    format!(
        "<p:sp><p:nvSpPr><p:cNvPr id=\"{id}\" name=\"{name}\"/><p:cNvSpPr txBox=\"1\"/><p:nvPr/></p:nvSpPr><p:spPr>{}\
         <a:prstGeom prst=\"rect\"><a:avLst/></a:prstGeom><a:noFill/></p:spPr><p:txBody><a:bodyPr wrap=\"square\" lIns=\"0\" rIns=\"0\" tIns=\"0\" bIns=\"0\">\
         <a:noAutofit/></a:bodyPr><a:lstStyle/>{paragraphs}</p:txBody></p:sp>",
        transform("a:xfrm", at)
    )
}

fn placeholder(id: usize, name: &str, kind: &str, body: &str) -> String {
    format!(
        "<p:sp><p:nvSpPr><p:cNvPr id=\"{id}\" name=\"{name}\"/><p:cNvSpPr><a:spLocks noGrp=\"1\"/></p:cNvSpPr><p:nvPr><p:ph {kind}/></p:nvPr></p:nvSpPr>\
         <p:spPr/><p:txBody>{body}</p:txBody></p:sp>"
    )
}

/// Where points stand under a table.
const UNDER: Place = [14.0, 122.0, 310.0, 50.0];
const QUIET: &str = "595959";

impl Slide {
    /// Number of the layout.
    pub(super) fn layout(&self) -> usize {
        if self.opening.is_some() { 1 } else { 2 }
    }

    pub(super) fn markup(&self, document: &Document) -> String {
        let lang = document.lang;
        let body = |paragraphs: &str| {
            format!("<a:bodyPr><a:normAutofit/></a:bodyPr><a:lstStyle/>{paragraphs}")
        };
        let title = body(&format!("<a:p>{}</a:p>", run(&self.title, lang, "", "")));
        let mut shapes = String::new();
        let kind = if self.opening.is_some() {
            "type=\"ctrTitle\""
        } else {
            "type=\"title\""
        };
        shapes.push_str(&placeholder(2, "Title", kind, &title));
        if let Some(lines) = &self.opening {
            let lines: String = (lines.iter())
                .map(|line| format!("<a:p>{}</a:p>", run(line, lang, "", "")))
                .collect();
            shapes.push_str(&placeholder(
                3,
                "Subtitle",
                "type=\"subTitle\" idx=\"1\"",
                &body(&lines),
            ));
        }
        if !self.points.is_empty() {
            let lines: String = self
                .points
                .iter()
                .map(|point| bullet(point, lang, self.small))
                .collect();
            let at = if self.drawn.is_empty() {
                super::master::BODY
            } else {
                UNDER
            };
            shapes.push_str(&text_box(3, "Text", at, &lines));
        }
        let mark = format!(
            "<a:p><a:pPr algn=\"ctr\"/>{}</a:p>",
            run(&paper::marking(document), lang, " sz=\"900\"", QUIET)
        );
        shapes.push_str(&text_box(5, "Marking", [14.0, 5.0, 310.0, 7.0], &mark));
        if !self.foot.is_empty() {
            let foot = format!(
                "<a:p>{}</a:p>",
                run(&self.foot, lang, " sz=\"1000\"", QUIET)
            );
            shapes.push_str(&text_box(6, "Remark", [14.0, 174.0, 272.0, 12.0], &foot));
        }
        shapes.push_str(&placeholder(
            4,
            "Number",
            "type=\"sldNum\" sz=\"quarter\" idx=\"4\"",
            NUMBER,
        ));
        let mut link = 3;
        for (i, drawn) in self.drawn.iter().enumerate() {
            shapes.push_str(&shape(i + 10, drawn, lang, &mut link));
        }
        format!(
            "{XML}<p:sld {SPACES}><p:cSld><p:spTree><p:nvGrpSpPr><p:cNvPr id=\"1\" name=\"\"/><p:cNvGrpSpPr/><p:nvPr/></p:nvGrpSpPr>\
             <p:grpSpPr/>{shapes}</p:spTree></p:cSld><p:clrMapOvr><a:masterClrMapping/></p:clrMapOvr></p:sld>"
        )
    }

    pub(super) fn notes_markup(&self, document: &Document) -> String {
        let lines: String = [paper::marking(document)]
            .iter()
            .chain(&self.notes)
            .map(|line| format!("<a:p>{}</a:p>", run(line, document.lang, "", "")))
            .collect();
        let text = placeholder(
            3,
            "Notes",
            "type=\"body\" sz=\"quarter\" idx=\"3\"",
            &format!("<a:bodyPr/><a:lstStyle/>{lines}"),
        );
        format!(
            "{XML}<p:notes {SPACES}><p:cSld><p:spTree><p:nvGrpSpPr><p:cNvPr id=\"1\" name=\"\"/><p:cNvGrpSpPr/><p:nvPr/></p:nvGrpSpPr><p:grpSpPr/>\
             <p:sp><p:nvSpPr><p:cNvPr id=\"2\" name=\"Slide\"/><p:cNvSpPr><a:spLocks noGrp=\"1\" noRot=\"1\" noChangeAspect=\"1\"/></p:cNvSpPr>\
             <p:nvPr><p:ph type=\"sldImg\" idx=\"2\"/></p:nvPr></p:nvSpPr><p:spPr/></p:sp>{text}</p:spTree></p:cSld>\
             <p:clrMapOvr><a:masterClrMapping/></p:clrMapOvr></p:notes>"
        )
    }
}

fn bullet(point: &[Run], lang: Lang, small: bool) -> String {
    let size = if small { 1200 } else { 1600 };
    let runs: String = (point.iter())
        .map(|r| {
            let weight = if r.strong { " b=\"1\"" } else { "" };
            let colour = if r.quiet { QUIET } else { "1B1B1B" };
            run(&r.text, lang, &format!(" sz=\"{size}\"{weight}"), colour)
        })
        .collect();
    format!(
        "<a:p><a:pPr marL=\"228600\" indent=\"-228600\"><a:spcBef><a:spcPts val=\"700\"/></a:spcBef><a:buFont typeface=\"Arial\"/><a:buChar char=\"•\"/></a:pPr>{runs}</a:p>"
    )
}

fn shape(id: usize, drawn: &Drawn, lang: Lang, link: &mut usize) -> String {
    let framed = |alt: &str, at: Place, uri: &str, inner: &str| {
        format!(
            "<p:graphicFrame><p:nvGraphicFramePr><p:cNvPr id=\"{id}\" name=\"figure{id}\" descr=\"{}\"/><p:cNvGraphicFramePr>\
             <a:graphicFrameLocks noGrp=\"1\"/></p:cNvGraphicFramePr><p:nvPr/></p:nvGraphicFramePr>{}<a:graphic>\
             <a:graphicData uri=\"http://schemas.openxmlformats.org/drawingml/2006/{uri}\">{inner}</a:graphicData></a:graphic></p:graphicFrame>",
            escape::attribute(alt),
            transform("p:xfrm", at)
        )
    };
    match drawn {
        Drawn::Chart { at, alt, .. } => {
            let inner = format!(
                "<c:chart xmlns:c=\"http://schemas.openxmlformats.org/drawingml/2006/chart\" r:id=\"rId{link}\"/>"
            );
            *link += 1;
            framed(alt, *at, "chart", &inner)
        }
        Drawn::Picture { at, alt, png, .. } => {
            let n = *link;
            let drawing = format!("rId{n}");
            let shown = if png.is_some() {
                picture_id(&drawing)
            } else {
                drawing
            };
            *link += 1;
            format!(
                "<p:pic><p:nvPicPr><p:cNvPr id=\"{id}\" name=\"figure{id}\" descr=\"{}\"/><p:cNvPicPr><a:picLocks noChangeAspect=\"1\"/></p:cNvPicPr>\
                 <p:nvPr/></p:nvPicPr><p:blipFill><a:blip r:embed=\"{shown}\"><a:extLst><a:ext uri=\"{{96DAC541-7B7A-43D3-8B79-37D633B846F1}}\">\
                 <asvg:svgBlip xmlns:asvg=\"http://schemas.microsoft.com/office/drawing/2016/SVG/main\" r:embed=\"rId{n}\"/></a:ext></a:extLst></a:blip>\
                 <a:stretch><a:fillRect/></a:stretch></p:blipFill><p:spPr>{}<a:prstGeom prst=\"rect\"><a:avLst/></a:prstGeom></p:spPr></p:pic>",
                escape::attribute(alt),
                transform("a:xfrm", *at)
            )
        }
        Drawn::Table {
            at,
            alt,
            columns,
            widths,
            rows,
        } => framed(alt, *at, "table", &table(*at, columns, widths, rows, lang)),
    }
}

fn table(
    at: Place,
    columns: &[ColumnView],
    widths: &[f64],
    rows: &[Vec<CellView>],
    lang: Lang,
) -> String {
    let total: f64 = widths.iter().sum();
    let grid: String = (widths.iter())
        .map(|w| {
            let cx = (w / total.max(1e-9) * at[2] * 36_000.0) as i64;
            format!("<a:gridCol w=\"{cx}\"/>")
        })
        .collect();
    let edge = |name: &str, colour: Option<&str>| match colour {
        Some(colour) => format!(
            "<a:{name} w=\"9525\"><a:solidFill><a:srgbClr val=\"{colour}\"/></a:solidFill></a:{name}>"
        ),
        None => format!("<a:{name} w=\"0\"><a:noFill/></a:{name}>"),
    };
    let cell = |runs: &str, align: Align, head: bool| {
        let side = if align == Align::End { "r" } else { "l" };
        let bottom = if head { "404040" } else { "BFBFBF" };
        let fill = if head {
            "<a:solidFill><a:srgbClr val=\"ECECEC\"/></a:solidFill>"
        } else {
            "<a:noFill/>"
        };
        format!(
            "<a:tc><a:txBody><a:bodyPr/><a:lstStyle/><a:p><a:pPr algn=\"{side}\"/>{runs}</a:p></a:txBody>\
             <a:tcPr marL=\"54000\" marR=\"54000\" marT=\"28000\" marB=\"28000\">{}{}{}{}{fill}</a:tcPr></a:tc>",
            edge("lnL", None),
            edge("lnR", None),
            edge("lnT", None),
            edge("lnB", Some(bottom)),
        )
    };
    let height = (at[3] * 36_000.0 / (rows.len() + 1) as f64).min(300_000.0) as i64;
    let mut out = format!(
        "<a:tbl><a:tblPr firstRow=\"1\"/><a:tblGrid>{grid}</a:tblGrid><a:tr h=\"{height}\">"
    );
    for column in columns {
        let mut runs = run(&column.heading, lang, " sz=\"1100\" b=\"1\"", "1B1B1B");
        if !column.unit.is_empty() {
            runs.push_str(&run(
                &format!(" ({})", column.unit),
                lang,
                " sz=\"1100\"",
                QUIET,
            ));
        }
        out.push_str(&cell(&runs, column.align, true));
    }
    out.push_str("</a:tr>");
    for row in rows {
        out.push_str(&format!("<a:tr h=\"{height}\">"));
        for (column, content) in columns.iter().zip(row) {
            let mut runs = run(&content.text, lang, " sz=\"1100\"", "1B1B1B");
            if let Some(range) = &content.range {
                runs.push_str(&run(
                    &format!(" {}", paper::bracketed(range)),
                    lang,
                    " sz=\"1000\"",
                    QUIET,
                ));
            }
            runs.push_str(&run(
                &paper::sign(content),
                lang,
                " sz=\"1000\" baseline=\"30000\"",
                "",
            ));
            out.push_str(&cell(&runs, column.align, false));
        }
        out.push_str("</a:tr>");
    }
    out.push_str("</a:tbl>");
    out
}
