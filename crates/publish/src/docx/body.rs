//! The text of a Word document, block by block.

use model::Lang;

use super::template::Template;
use crate::cite::{self, Citations, Piece};
use crate::code;
use crate::document::{
    Align, Block, Card, CellView, Document, Extent, Figure, Section, Span, TableView,
};
use crate::html::escape;
use crate::paper::{self, Sheet};
use crate::pictures::Painter;
use crate::words::{colon, phrase, word};

/// What a figure leaves of its page, in millimetres.
const AROUND_MM: f64 = 47.0;

/// A figure as files.
pub(super) struct Drawing {
    /// A whole SVG file.
    pub svg: String,
    /// What programs show that draw no SVG.
    pub png: Option<Vec<u8>>,
}

pub(super) struct Body<'a> {
    document: &'a Document,
    template: Template,
    pub markup: String,
    painter: Option<&'a Painter>,
    pub drawings: Vec<Drawing>,
    /// Web addresses that the text links to, escaped.
    pub addresses: Vec<String>,
    /// The text of each footnote, first to last.
    pub footnotes: Vec<String>,
    /// None where sources are named beside the numbers.
    citations: Option<Citations<'a>>,
    tables: usize,
    /// Pages lie on their side, for a wide table.
    pub turned: bool,
}

fn run(text: &str, properties: &str) -> String {
    let text = text.replace('\n', " ");
    let mut out = String::new();
    for (code, piece) in code::pieces(&text) {
        // Properties have an order: fonts come first.
        let face = if code { CODE } else { "" };
        out.push_str(&format!(
            "<w:r><w:rPr>{face}{properties}</w:rPr><w:t xml:space=\"preserve\">{}</w:t></w:r>",
            escape::text(piece)
        ));
    }
    out
}

fn paragraph(style: &str, more: &str, runs: &str) -> String {
    format!("<w:p><w:pPr><w:pStyle w:val=\"{style}\"/>{more}</w:pPr>{runs}</w:p>")
}

const BOLD: &str = "<w:b/><w:bCs/>";
const CODE: &str = "<w:rFonts w:ascii=\"Consolas\" w:hAnsi=\"Consolas\" w:cs=\"Consolas\"/>";
const GREY: &str = "<w:color w:val=\"595959\"/>";

/// 1 → 一, 12 → 十二.
fn chinese(number: usize) -> String {
    const DIGITS: [&str; 10] = ["", "一", "二", "三", "四", "五", "六", "七", "八", "九"];
    match number {
        1..=9 => DIGITS[number].to_owned(),
        10..=19 => format!("十{}", DIGITS[number - 10]),
        20..=99 => format!("{}十{}", DIGITS[number / 10], DIGITS[number % 10]),
        _ => number.to_string(),
    }
}

impl<'a> Body<'a> {
    pub(super) fn write(
        document: &'a Document,
        template: Template,
        painter: Option<&'a Painter>,
    ) -> Self {
        let mut body = Self {
            document,
            template,
            painter,
            markup: String::new(),
            drawings: Vec::new(),
            addresses: Vec::new(),
            footnotes: Vec::new(),
            citations: paper::lists_sources(document).then(|| Citations::new(document)),
            tables: 0,
            turned: false,
        };
        body.front();
        for (i, section) in document.sections.iter().enumerate() {
            body.section(i, section);
        }
        body.sources(document.sections.len());
        body
    }

    fn put(&mut self, style: &str, runs: &str) {
        self.markup.push_str(&paragraph(style, "", runs));
    }

    fn front(&mut self) {
        let document = self.document;
        self.put("Title", &run(&document.title, ""));
        if !document.subtitle.is_empty() {
            self.put("Subtitle", &run(&document.subtitle, ""));
        }
        let colon = colon(document.lang);
        for (name, value) in &document.meta {
            self.put("TableText", &run(&format!("{name}{colon}{value}"), GREY));
        }
        if self.document.extent != Extent::Brief {
            self.contents();
        }
    }

    fn headings(&self) -> Vec<String> {
        let mut headings: Vec<String> = self
            .document
            .sections
            .iter()
            .enumerate()
            .map(|(i, section)| self.heading(i, section))
            .collect();
        if paper::lists_sources(self.document) {
            headings.push(word("sources", self.document.lang));
        }
        headings
    }

    /// Official documents number their parts 一、二、三, also those of a document whose sections have no numbers.
    fn heading(&self, i: usize, section: &Section) -> String {
        let Section {
            number, heading, ..
        } = section;
        let unnumbered = self.document.sections.iter().all(|s| s.number.is_empty());
        let n = number.parse().ok().or(unnumbered.then_some(i + 1));
        match (self.template, self.document.lang, n) {
            (Template::Gb9704, Lang::Zh, Some(n)) => format!("{}、{heading}", chinese(n)),
            _ => paper::numbered(number, heading),
        }
    }

    /// A contents field that already holds its lines; the office program adds page numbers when it updates it.
    fn contents(&mut self) {
        let title = word("contents", self.document.lang);
        self.put("Subtitle", &run(&title, ""));
        let headings = self.headings();
        let last = headings.len().saturating_sub(1);
        for (i, heading) in headings.iter().enumerate() {
            let begin = if i == 0 {
                "<w:r><w:fldChar w:fldCharType=\"begin\"/></w:r><w:r><w:instrText xml:space=\"preserve\"> TOC \\o \"1-1\" \\h \\z \\u </w:instrText></w:r>\
                 <w:r><w:fldChar w:fldCharType=\"separate\"/></w:r>"
            } else {
                ""
            };
            let end = if i == last {
                "<w:r><w:fldChar w:fldCharType=\"end\"/></w:r>"
            } else {
                ""
            };
            let line = format!(
                "{begin}<w:hyperlink w:anchor=\"part{i}\">{}</w:hyperlink>{end}",
                run(heading, "")
            );
            self.put("TOC1", &line);
        }
    }

    /// Ends the pages so far where those that follow lie otherwise.
    fn turn(&mut self, turned: bool) {
        if self.turned != turned {
            let end = self.template.section(self.turned);
            self.markup.push_str(&paragraph("TableNote", &end, ""));
            self.turned = turned;
        }
    }

    fn heading1(&mut self, i: usize, heading: &str) {
        self.turn(false);
        let line = format!(
            "<w:bookmarkStart w:id=\"{i}\" w:name=\"part{i}\"/>{}<w:bookmarkEnd w:id=\"{i}\"/>",
            run(heading, "")
        );
        let start = if self.document.extent == Extent::Sheets {
            "<w:pageBreakBefore/>"
        } else {
            ""
        };
        self.markup.push_str(&paragraph("Heading1", start, &line));
    }

    fn section(&mut self, i: usize, section: &'a Section) {
        let heading = self.heading(i, section);
        self.heading1(i, &heading);
        let mut below = 0;
        let sides = paper::turned(section, sheet(self.template));
        for (block, turned) in section.blocks.iter().zip(sides) {
            self.turn(turned);
            match block {
                Block::Paragraph(spans) => {
                    let runs = self.cited(spans);
                    self.put("BodyText", &runs);
                }
                Block::List(items) => {
                    for item in items {
                        let runs = self.cited(item);
                        let number = "<w:numPr><w:ilvl w:val=\"0\"/><w:numId w:val=\"1\"/></w:numPr><w:ind w:left=\"480\" w:firstLineChars=\"0\" w:hanging=\"300\"/>";
                        self.markup.push_str(&paragraph("BodyText", number, &runs));
                    }
                }
                Block::Cards(cards) => self.cards(cards),
                Block::Table(table) => {
                    if let Some(line) = paper::left_out(table, self.document.lang) {
                        self.put("TableNote", &run(&line, GREY));
                        continue;
                    }
                    let most = paper::shown(table);
                    let note = self.footnote(cite::targets_in(table, most));
                    self.table(table, most, &note);
                }
                Block::Figure(figure) => self.figure(figure),
                Block::Note { kind, spans } => {
                    let label = paper::note_label(*kind, self.document.lang);
                    let label = run(&format!("{label} "), BOLD);
                    let runs = format!("{label}{}", self.cited(spans));
                    let edge = "<w:pBdr><w:left w:val=\"single\" w:sz=\"18\" w:space=\"8\" w:color=\"595959\"/></w:pBdr>";
                    self.markup.push_str(&paragraph("BodyText", edge, &runs));
                }
                Block::Subheading(heading) => {
                    below += 1;
                    let numbered =
                        if self.template == Template::Gb9704 && self.document.lang == Lang::Zh {
                            format!("（{}）{heading}", chinese(below))
                        } else {
                            heading.clone()
                        };
                    self.put("Heading2", &run(&numbered, ""));
                }
            }
        }
    }

    fn spans(&mut self, spans: &[Span]) -> String {
        spans
            .iter()
            .map(|span| match span {
                Span::Text(text) => run(text, ""),
                Span::Strong(text) => run(text, BOLD),
                Span::Number { text, range, .. } => match range {
                    Some(range) => {
                        format!("{}{}", run(text, ""), run(&format!(" [{range}]"), GREY))
                    }
                    None => run(text, ""),
                },
                Span::Link { text, href } => self.link(text, href),
            })
            .collect()
    }

    /// A run of text, and a footnote with the sources of its numbers.
    fn cited(&mut self, spans: &'a [Span]) -> String {
        let runs = self.spans(spans);
        format!("{runs}{}", self.footnote(cite::targets_of(spans)))
    }

    /// The reference to the next footnote; nothing where the numbers have no sources.
    fn footnote(&mut self, targets: Vec<&'a str>) -> String {
        if targets.is_empty() {
            return String::new();
        }
        let Some(pieces) = self.citations.as_mut().and_then(|c| c.note(targets)) else {
            return String::new();
        };
        let text: String = (pieces.iter())
            .map(|piece| match piece {
                Piece::Text(text) => run(text, ""),
                // A field, so that the number stays right where a reader adds notes.
                Piece::Note(note) => format!(
                    "<w:fldSimple w:instr=\" NOTEREF note{note} \\h \">{}</w:fldSimple>",
                    run(&note.to_string(), "")
                ),
            })
            .collect();
        self.footnotes.push(text);
        let id = self.footnotes.len();
        let mark = NOTE_MARKS + id;
        format!(
            "<w:bookmarkStart w:id=\"{mark}\" w:name=\"note{id}\"/><w:r><w:rPr><w:rStyle w:val=\"FootnoteReference\"/></w:rPr>\
             <w:footnoteReference w:id=\"{id}\"/></w:r><w:bookmarkEnd w:id=\"{mark}\"/>"
        )
    }

    fn link(&mut self, text: &str, href: &str) -> String {
        let Some(address) = escape::web_address(href) else {
            return run(text, "");
        };
        let i = self.addresses.len();
        self.addresses.push(address);
        format!(
            "<w:hyperlink r:id=\"link{i}\">{}</w:hyperlink>",
            run(text, "<w:color w:val=\"0B5394\"/><w:u w:val=\"single\"/>")
        )
    }

    fn cards(&mut self, cards: &'a [Card]) {
        let colon = colon(self.document.lang);
        for card in cards {
            let runs = format!(
                "{}{}{}{}{}",
                run(&format!("{}{colon}", card.label), BOLD),
                self.spans(std::slice::from_ref(&card.value)),
                run(" ", ""),
                self.spans(&card.note),
                self.footnote(cite::targets_of_card(card))
            );
            self.put("BodyText", &runs);
        }
    }

    /// `Table 3  caption`, with a number that the office program keeps up to date.
    /// `note` is the reference to the footnote with the sources.
    fn caption(&mut self, kind: &str, number: usize, text: &str, note: &str) {
        let sequence = if kind == "table_n" { "Table" } else { "Figure" };
        let label = phrase(kind, self.document.lang, &[("n", "\u{1}")]);
        let (before, after) = label.split_once('\u{1}').unwrap_or((label.as_str(), ""));
        let line = format!(
            "{}<w:fldSimple w:instr=\" SEQ {sequence} \\* ARABIC \">{}</w:fldSimple>{}{note}",
            run(before, ""),
            run(&number.to_string(), ""),
            run(&format!("{after}  {text}"), "")
        );
        self.put("Caption", &line);
    }

    fn figure(&mut self, figure: &'a Figure) {
        let number = self.drawings.len() + 1;
        let behind = paper::behind(&figure.table);
        let note = self.footnote(cite::targets_in(&figure.table, behind));
        self.caption("figure_n", number, &figure.finding, &note);
        let face = match self.document.lang {
            Lang::En => "Arial",
            Lang::Zh => "SimHei",
        };
        // 635 English metric units are a twip; heading, caption, note and footnote stand on the page of the figure.
        let [width, height] = [self.template.text_width(), self.template.text_height()]
            .map(|twips| f64::from(twips) * 635.0);
        let ratio = figure.svg.height() / figure.svg.width().max(1.0);
        let scale = ((height - AROUND_MM * 36_000.0) / (width * ratio)).min(1.0);
        let (cx, cy) = ((width * scale) as u64, (width * ratio * scale) as u64);
        // 36 000 English metric units are a millimetre.
        let painted = |painter: &Painter| painter.paint(&figure.svg, width * scale / 36_000.0);
        let png = self.painter.and_then(painted);
        let blip = if png.is_some() { "picture" } else { "figure" };
        self.drawings.push(Drawing {
            svg: paper::svg_file(&figure.svg, face),
            png,
        });
        let alt = escape::attribute(&figure.finding);
        let drawing = format!(
            "<w:r><w:drawing><wp:inline distT=\"0\" distB=\"0\" distL=\"0\" distR=\"0\"><wp:extent cx=\"{cx}\" cy=\"{cy}\"/>\
             <wp:docPr id=\"{number}\" name=\"figure{number}\" descr=\"{alt}\"/><a:graphic>\
             <a:graphicData uri=\"http://schemas.openxmlformats.org/drawingml/2006/picture\"><pic:pic><pic:nvPicPr>\
             <pic:cNvPr id=\"{number}\" name=\"figure{number}\" descr=\"{alt}\"/><pic:cNvPicPr/></pic:nvPicPr><pic:blipFill>\
             <a:blip r:embed=\"{blip}{number}\"><a:extLst><a:ext uri=\"{{96DAC541-7B7A-43D3-8B79-37D633B846F1}}\">\
             <asvg:svgBlip xmlns:asvg=\"http://schemas.microsoft.com/office/drawing/2016/SVG/main\" r:embed=\"figure{number}\"/>\
             </a:ext></a:extLst></a:blip><a:stretch><a:fillRect/></a:stretch></pic:blipFill><pic:spPr><a:xfrm><a:off x=\"0\" y=\"0\"/>\
             <a:ext cx=\"{cx}\" cy=\"{cy}\"/></a:xfrm><a:prstGeom prst=\"rect\"><a:avLst/></a:prstGeom></pic:spPr></pic:pic>\
             </a:graphicData></a:graphic></wp:inline></w:drawing></w:r>"
        );
        self.put("Picture", &drawing);
        if !figure.note.is_empty() {
            self.put("TableNote", &run(&figure.note, GREY));
        }
        let table = if figure.table.caption.is_empty() {
            TableView {
                caption: word("table_behind", self.document.lang),
                ..figure.table.clone()
            }
        } else {
            figure.table.clone()
        };
        // The figure's note names what the table behind it rests on.
        self.table(&table, paper::behind(&table), "");
    }

    fn table(&mut self, table: &TableView, most: usize, note: &str) {
        let lang = self.document.lang;
        let grid = paper::grid(table, sheet(self.template));
        // A narrow table may stand where wide ones share their pages.
        self.turn(self.turned || grid.turned);
        self.tables += 1;
        self.caption("table_n", self.tables, &table.caption, note);
        let rows = &table.rows[..most.min(table.rows.len())];
        let mut out = format!(
            "<w:tbl><w:tblPr><w:tblW w:w=\"{}\" w:type=\"dxa\"/><w:tblBorders>\
             <w:top w:val=\"single\" w:sz=\"8\" w:color=\"404040\"/><w:bottom w:val=\"single\" w:sz=\"8\" w:color=\"404040\"/>\
             <w:insideH w:val=\"single\" w:sz=\"4\" w:color=\"BFBFBF\"/></w:tblBorders><w:tblLayout w:type=\"fixed\"/>\
             <w:tblCellMar><w:left w:w=\"60\" w:type=\"dxa\"/><w:right w:w=\"60\" w:type=\"dxa\"/></w:tblCellMar>\
             <w:tblLook w:firstRow=\"1\"/><w:tblCaption w:val=\"{}\"/></w:tblPr><w:tblGrid>",
            grid.columns.iter().map(|(_, width)| width).sum::<u32>(),
            escape::attribute(&table.caption)
        );
        for (_, width) in &grid.columns {
            out.push_str(&format!("<w:gridCol w:w=\"{width}\"/>"));
        }
        out.push_str("</w:tblGrid><w:tr><w:trPr><w:cantSplit/><w:tblHeader/></w:trPr>");
        let cell = |width: u32, align: Align, runs: &str| {
            let side = if align == Align::End { "right" } else { "left" };
            format!(
                "<w:tc><w:tcPr><w:tcW w:w=\"{width}\" w:type=\"dxa\"/></w:tcPr>{}</w:tc>",
                paragraph("TableText", &format!("<w:jc w:val=\"{side}\"/>"), runs)
            )
        };
        for (i, width) in &grid.columns {
            let column = &table.columns[*i];
            let mut runs = run(&column.heading, BOLD);
            if !column.unit.is_empty() {
                let unit = format!(" ({})", column.unit);
                let room = width.saturating_sub(CELL_MARGINS);
                let room = f64::from(room) / f64::from(self.template.table_em());
                if paper::heading_fits(&column.heading, &unit, room) {
                    runs.push_str(&run(&unit, GREY));
                } else {
                    runs.push_str("<w:r><w:br/></w:r>");
                    runs.push_str(&run(unit.trim_start(), GREY));
                }
            }
            out.push_str(&cell(*width, column.align, &runs));
        }
        out.push_str("</w:tr>");
        for row in rows {
            out.push_str("<w:tr><w:trPr><w:cantSplit/></w:trPr>");
            for (i, width) in &grid.columns {
                let room = |cell| one_line(cell, self.template) <= *width;
                let cell_of = row.cells.get(*i);
                let runs = cell_of.map_or_else(String::new, |c| cell_runs(c, room(c)));
                out.push_str(&cell(*width, table.columns[*i].align, &runs));
            }
            out.push_str("</w:tr>");
        }
        out.push_str("</w:tbl>");
        self.markup.push_str(&out);
        let mut lines = paper::notes(table, rows, lang);
        lines.extend(paper::hidden(table, grid.columns.len(), lang));
        // A paragraph must follow a table; an empty one keeps the distance.
        self.put("TableNote", &run(&lines.join("  "), GREY));
    }

    fn sources(&mut self, at: usize) {
        if !paper::lists_sources(self.document) {
            return;
        }
        let lang = self.document.lang;
        let heading = word("sources", lang);
        self.heading1(at, &heading);
        self.put("TableNote", &run(&word("sources.lead", lang), GREY));
        for alike in cite::listed(self.document) {
            let [source, ..] = alike.as_slice() else {
                continue;
            };
            let terms = format!(". {}. ", paper::source_terms(source));
            let runs = if alike.len() == 1 {
                let name = run(&paper::source_line(source), BOLD);
                let address = self.link(&source.url, &source.url);
                [name, run(&terms, ""), address].concat()
            } else {
                let mut runs = run(&paper::sources_line(source), BOLD);
                runs.push_str(&run(&terms, ""));
                for (i, one) in alike.iter().enumerate() {
                    let between = if i == 0 { "" } else { "; " };
                    runs.push_str(&run(between, ""));
                    runs.push_str(&self.link(&one.title, &one.url));
                }
                runs
            };
            self.put("Source", &runs);
        }
    }
}

/// What a number with its range takes on one line, margins included.
fn one_line(cell: &CellView, template: Template) -> u32 {
    let em = f64::from(template.table_em());
    (paper::line(cell) * em).ceil() as u32 + CELL_MARGINS
}

/// Where a number and its range have no room on one line, the range begins the next: office programs break Latin text in
/// Chinese paragraphs anywhere.
fn cell_runs(cell: &CellView, room: bool) -> String {
    let mut runs = run(&cell.text, "");
    if let Some(range) = &cell.range {
        let range = paper::bracketed(range);
        if room {
            runs.push_str(&run(&format!(" {range}"), GREY));
        } else {
            runs.push_str("<w:r><w:br/></w:r>");
            runs.push_str(&run(&range, GREY));
        }
    }
    runs.push_str(&run(
        &paper::sign(cell),
        "<w:vertAlign w:val=\"superscript\"/>",
    ));
    runs
}

/// Bookmarks of footnotes are numbered from here; those of headings before.
const NOTE_MARKS: usize = 10_000;
/// Both margins of a cell.
const CELL_MARGINS: u32 = 120;

fn sheet(template: Template) -> Sheet {
    Sheet {
        em: template.table_em(),
        margins: CELL_MARGINS,
        upright: template.text_width(),
        turned: template.text_height(),
        most: usize::MAX,
    }
}
