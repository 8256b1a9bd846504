//! A document as the source of a page: calls of the template with string literals, so that no text of a
//! study is ever read as markup.

use std::fmt::Write as _;

use model::Lang;

use crate::cite::{self, Citations, Piece};
use crate::code;
use crate::document::{
    Align, Block, CellView, Document, Extent, Figure, Section, SourceEntry, Span, TableView,
};
use crate::html::escape;
use crate::paper::{self, Sheet};
use crate::words::{colon, phrase, word};

const TEMPLATE: &str = include_str!("template.typ");
/// The tallest drawing, in millimetres; wider ones fill the line.
const TALLEST: f64 = 195.0;
/// A4 less both margins of the template, in millimetres.
const LINE: f64 = 170.0;

/// A4 of the template, upright and on its side, and its tables: 7.5 pt, 3 pt beside a cell.
const SHEET: Sheet = Sheet {
    em: 150,
    margins: 120,
    upright: 9637,
    turned: 14_569,
    most: usize::MAX,
};

/// The source text and the drawings that it names `figure1.svg` and so on.
pub(super) struct Markup {
    pub source: String,
    pub drawings: Vec<String>,
}

/// Writes `document`, with these families first to last.
pub(super) fn markup(document: &Document, faces: &[String]) -> Markup {
    let mut writer = Writer {
        document,
        families: faces.join(", "),
        out: Markup {
            source: TEMPLATE.to_owned(),
            drawings: Vec::new(),
        },
        citations: paper::lists_sources(document).then(|| Citations::new(document)),
        tables: 0,
        turned: false,
    };
    writer.document(faces);
    writer.out
}

/// A string literal; what is no character of a line becomes a space or goes.
fn literal(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '\\' => out.push_str("\\\\"),
            '"' => out.push_str("\\\""),
            '\n' | '\t' | '\r' => out.push(' '),
            c if c.is_control() => {}
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// Text that may hold code.
fn said(text: &str) -> String {
    let pieces: Vec<String> = (code::pieces(text).into_iter())
        .map(|(code, piece)| {
            if code {
                format!("raw({})", literal(piece))
            } else {
                literal(piece)
            }
        })
        .collect();
    match pieces.as_slice() {
        [] => literal(""),
        [one] => one.clone(),
        all => format!("{{ {} }}", all.join("; ")),
    }
}

fn list(items: impl IntoIterator<Item = String>) -> String {
    let items: Vec<String> = items.into_iter().collect();
    match items.as_slice() {
        [] => "()".to_owned(),
        [one] => format!("({one},)"),
        all => format!("({})", all.join(", ")),
    }
}

struct Writer<'a> {
    document: &'a Document,
    families: String,
    out: Markup,
    /// None where sources are named beside the numbers.
    citations: Option<Citations<'a>>,
    tables: usize,
    /// Pages lie on their side, for wide tables.
    turned: bool,
}

impl<'a> Writer<'a> {
    fn put(&mut self, call: &str) {
        self.out.source.push('#');
        self.out.source.push_str(call);
        self.out.source.push_str("\n\n");
    }

    fn document(&mut self, faces: &[String]) {
        let document = self.document;
        let lang = match document.lang {
            Lang::En => "en",
            Lang::Zh => "zh",
        };
        // Quotation marks and dashes of Chinese text are those of the Chinese face.
        let faces = faces.iter().enumerate().map(|(i, face)| {
            if i == 0 && document.lang == Lang::Zh && faces.len() > 1 {
                format!("(name: {}, covers: \"latin-in-cjk\")", literal(face))
            } else {
                literal(face)
            }
        });
        let faces = list(faces);
        self.put(&format!(
            "show: paper.with(title: {}, lang: \"{lang}\", faces: {faces}, marking: {})",
            literal(&document.title),
            literal(&paper::marking(document))
        ));
        let facts = document
            .meta
            .iter()
            .map(|(name, value)| literal(&format!("{name}{}{value}", colon(document.lang))));
        self.put(&format!(
            "front({}, {}, {})",
            literal(&document.title),
            literal(&document.subtitle),
            list(facts)
        ));
        if document.extent != Extent::Brief && document.sections.len() > 1 {
            self.put(&format!(
                "contents({})",
                literal(&word("contents", document.lang))
            ));
        }
        for section in &document.sections {
            self.section(section);
        }
        self.sources();
    }

    fn section(&mut self, section: &'a Section) {
        let heading = paper::numbered(&section.number, &section.heading);
        if self.document.extent == Extent::Sheets {
            self.put("pagebreak(weak: true)");
        }
        self.put(&format!("heading(level: 1, {})", literal(&heading)));
        for (block, turned) in section.blocks.iter().zip(paper::turned(section, SHEET)) {
            self.turn(turned);
            self.block(block);
        }
        self.turn(false);
    }

    /// The pages from here on lie on their side, or no longer.
    fn turn(&mut self, turned: bool) {
        if self.turned != turned {
            self.put(&format!("set page(flipped: {turned})"));
            self.turned = turned;
        }
    }

    fn block(&mut self, block: &'a Block) {
        match block {
            Block::Paragraph(all) => {
                let all = self.cited(all);
                self.put(&format!("par({all})"));
            }
            Block::List(items) => {
                let items: Vec<String> = items.iter().map(|item| self.cited(item)).collect();
                self.put(&format!("list({})", items.join(", ")));
            }
            Block::Cards(cards) => {
                for card in cards {
                    let mut line = vec![Span::Strong(format!(
                        "{}{}",
                        card.label,
                        colon(self.document.lang)
                    ))];
                    line.push(card.value.clone());
                    line.push(" ".into());
                    line.extend(card.note.iter().cloned());
                    let note = self.footnote(cite::targets_of_card(card));
                    self.put(&format!("par({})", noted(spans(&line), &note)));
                }
            }
            Block::Table(table) => {
                if let Some(line) = paper::left_out(table, self.document.lang) {
                    self.put(&format!("small({})", literal(&line)));
                    return;
                }
                let most = paper::shown(table);
                let note = self.footnote(cite::targets_in(table, most));
                self.table(table, most, &note);
            }
            Block::Figure(figure) => self.figure(figure),
            Block::Note { kind, spans: all } => {
                let label = literal(&paper::note_label(*kind, self.document.lang));
                let all = self.cited(all);
                self.put(&format!("remark({label}, {all})"));
            }
            Block::Subheading(text) => {
                self.put(&format!("heading(level: 2, {})", literal(text)));
            }
        }
    }

    /// A sentence with the footnote of its numbers.
    fn cited(&mut self, all: &'a [Span]) -> String {
        let note = self.footnote(cite::targets_of(all));
        noted(spans(all), &note)
    }

    /// The next footnote as a call; empty where the numbers have no sources.
    fn footnote(&mut self, targets: Vec<&'a str>) -> String {
        if targets.is_empty() {
            return String::new();
        }
        let pieces = self.citations.as_mut().and_then(|c| c.note(targets));
        pieces.map_or_else(String::new, |pieces| {
            let text: String = (pieces.iter())
                .map(|piece| match piece {
                    Piece::Text(text) => text.clone(),
                    Piece::Note(note) => note.to_string(),
                })
                .collect();
            format!("footnote({})", said(&text))
        })
    }

    fn caption(&self, kind: &str, number: usize, text: &str, note: &str) -> String {
        let label = phrase(kind, self.document.lang, &[("n", &number.to_string())]);
        noted(said(&format!("{label}  {text}")), note)
    }

    fn figure(&mut self, figure: &'a Figure) {
        let number = self.out.drawings.len() + 1;
        let family = escape::attribute(&self.families);
        self.out.drawings.push(figure.svg.markup().replacen(
            "<svg ",
            &format!("<svg font-family=\"{family}\" "),
            1,
        ));
        let behind = paper::behind(&figure.table);
        let note = self.footnote(cite::targets_in(&figure.table, behind));
        let height = LINE * figure.svg.height() / figure.svg.width().max(1.0);
        self.put(&format!(
            "drawing({}, \"figure{number}.svg\", {}, {:.1}mm)",
            self.caption("figure_n", number, &figure.finding, &note),
            literal(&figure.finding),
            height.min(TALLEST)
        ));
        if !figure.note.is_empty() {
            self.put(&format!("small({})", said(&figure.note)));
        }
        let behind = word("table_behind", self.document.lang);
        let table = TableView {
            caption: if figure.table.caption.is_empty() {
                behind
            } else {
                figure.table.caption.clone()
            },
            ..figure.table.clone()
        };
        // The figure's note names what the table behind it rests on.
        self.table(&table, paper::behind(&table), "");
    }

    fn table(&mut self, table: &TableView, most: usize, note: &str) {
        self.tables += 1;
        let rows = &table.rows[..most.min(table.rows.len())];
        let grid = paper::grid(table, SHEET);
        let widths = grid
            .columns
            .iter()
            .map(|(_, width)| f64::from(*width) / 20.0);
        let columns = list(widths.map(|w| format!("{w:.2}pt")));
        let shown = || grid.columns.iter().map(|(i, _)| &table.columns[*i]);
        let sides = list(shown().map(|c| {
            match c.align {
                Align::Start => "left",
                Align::End => "right",
            }
            .to_owned()
        }));
        let head = list(shown().map(|column| {
            let mut call = format!("strong({})", literal(&column.heading));
            if !column.unit.is_empty() {
                let unit = format!("({})", column.unit);
                let said = literal(&unit);
                // A short unit stays on one line.
                if paper::unit_together(&unit) {
                    let _ = write!(call, " + \" \" + box(text(fill: grey, {said}))");
                } else {
                    let _ = write!(call, " + \" \" + text(fill: grey, {said})");
                }
            }
            call
        }));
        let mut call = format!(
            "rows({}, {columns}, {sides}, {head}",
            self.caption("table_n", self.tables, &table.caption, note)
        );
        let empty = CellView::EMPTY;
        for row in rows {
            // Typst fills rows by counting: every row has as many cells as columns.
            for (i, _) in &grid.columns {
                let content = row.cells.get(*i).unwrap_or(&empty);
                call.push_str(",\n  ");
                call.push_str(&cell(content));
            }
        }
        call.push(')');
        let lang = self.document.lang;
        let mut notes = paper::notes(table, rows, lang);
        notes.extend(paper::hidden(table, grid.columns.len(), lang));
        if !notes.is_empty() {
            let _ = write!(call, "\n  small({})", said(&notes.join("  ")));
        }
        // A narrow table may stand where wide ones share their pages.
        self.turn(self.turned || grid.turned);
        self.put(&format!("{{\n{call}\n}}"));
    }

    fn sources(&mut self) {
        let lang = self.document.lang;
        if !paper::lists_sources(self.document) {
            return;
        }
        if self.document.extent == Extent::Sheets {
            self.put("pagebreak(weak: true)");
        }
        self.put(&format!(
            "heading(level: 1, {})",
            literal(&word("sources", lang))
        ));
        self.put(&format!("small({})", literal(&word("sources.lead", lang))));
        for alike in cite::listed(self.document) {
            let [source, ..] = alike.as_slice() else {
                continue;
            };
            let terms = literal(&paper::source_terms(source));
            let addressed = |source: &SourceEntry| {
                let address = escape::web_address(&source.url).map_or("", |_| &source.url);
                (literal(&source.title), literal(address))
            };
            if alike.len() == 1 {
                let name = literal(&paper::source_line(source));
                let (_, address) = addressed(source);
                self.put(&format!("source({name}, {address}, {terms})"));
            } else {
                let name = literal(&paper::sources_line(source));
                let titles = alike.iter().map(|one| {
                    let (title, address) = addressed(one);
                    format!("({title}, {address}),")
                });
                let titles: String = titles.collect();
                self.put(&format!("sources({name}, ({titles}), {terms})"));
            }
        }
    }
}

/// An expression with a footnote behind it.
fn noted(content: String, note: &str) -> String {
    if note.is_empty() {
        content
    } else {
        format!("{{ {content}; {note} }}")
    }
}

/// Runs of text as one expression.
fn spans(all: &[Span]) -> String {
    let parts: Vec<String> = all
        .iter()
        .map(|span| match span {
            Span::Text(text)
            | Span::Number {
                text, range: None, ..
            } => said(text),
            Span::Strong(text) => format!("strong({})", said(text)),
            Span::Number {
                text,
                range: Some(range),
                ..
            } => {
                format!("number({}, {})", literal(text), literal(range))
            }
            Span::Link { text, href } => match escape::web_address(href) {
                Some(_) => format!("link({}, {})", literal(href), literal(text)),
                None => literal(text),
            },
        })
        .collect();
    // Blocks of code join their lines.
    format!("{{ {} }}", parts.join("; "))
}

fn cell(content: &CellView) -> String {
    let mut call = format!("cell({}", said(&content.text));
    if let Some(range) = &content.range {
        let _ = write!(call, ", range: {}", literal(range));
    }
    let sign = paper::sign(content);
    if !sign.is_empty() {
        let _ = write!(call, ", sign: {}", literal(&sign));
    }
    call.push(')');
    call
}
