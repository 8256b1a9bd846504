//! A document as a row of slides: which findings, which tables, what goes to the notes.

use model::Lang;

use super::slide::{Drawn, Place, Run, Slide};
use crate::document::{
    Block, CellView, Document, Extent, Figure, Folded, NoteKind, Section, Span, TableView,
};
use crate::figures::text_width;
use crate::paper;
use crate::words::{phrase, word};

/// Rows and columns of a table that a slide can carry.
const ROWS: usize = 10;
const COLUMNS: usize = 7;
/// Lines of 16 pt text on a slide, and em on a line.
const LINES: f64 = 14.0;
const LINE: f64 = 52.0;
/// Publishers in a point of the last slides.
const SOURCES: usize = 8;
/// Where charts, drawings and tables stand.
const STAGE: Place = [14.0, 42.0, 310.0, 130.0];

pub(super) fn deck(document: &Document) -> Vec<Slide> {
    let mut deck = Deck {
        document,
        slides: Vec::new(),
        said: Vec::new(),
    };
    deck.opening();
    for section in &document.sections {
        deck.section(section);
    }
    if paper::lists_sources(document) {
        deck.sources();
    }
    deck.slides
}

struct Deck<'a> {
    document: &'a Document,
    slides: Vec<Slide>,
    /// Paragraphs that wait for the notes of the next slide.
    said: Vec<String>,
}

impl Deck<'_> {
    fn opening(&mut self) {
        let document = self.document;
        let mut lines = vec![document.subtitle.clone()];
        lines.extend((document.meta.iter()).map(|(name, value)| format!("{name}: {value}")));
        self.slides.push(Slide {
            title: document.title.clone(),
            opening: Some(lines),
            ..Slide::default()
        });
    }

    fn section(&mut self, section: &Section) {
        let heading = paper::numbered(&section.number, &section.heading);
        let mut under = heading.clone();
        let mut points: Vec<Vec<Run>> = Vec::new();
        for block in &section.blocks {
            match block {
                Block::Paragraph(spans) => self.said.push(text(spans)),
                Block::Subheading(name) => {
                    self.text(&under, &mut points);
                    under = format!("{heading} — {name}");
                }
                Block::List(items) => points.extend(items.iter().map(|item| runs(item))),
                Block::Cards(cards) => {
                    points.extend(cards.iter().map(|card| {
                        let mut line = vec![Run {
                            strong: true,
                            ..Run::plain(format!("{}: ", card.label))
                        }];
                        line.extend(runs(std::slice::from_ref(&card.value)));
                        line.push(Run {
                            quiet: true,
                            ..Run::plain(format!(" {}", text(&card.note)))
                        });
                        line
                    }));
                }
                Block::Note { kind, spans } => {
                    let id = match kind {
                        NoteKind::Limit => "note.limit",
                        NoteKind::Refusal => "note.refusal",
                        NoteKind::Approximate => "note.approximate",
                    };
                    let label = word(id, self.document.lang);
                    let mut line = vec![Run {
                        strong: true,
                        ..Run::plain(format!("{label} "))
                    }];
                    line.extend(runs(spans));
                    points.push(line);
                }
                Block::Figure(figure) => {
                    self.text(&under, &mut points);
                    self.figure(figure);
                }
                Block::Table(table) => {
                    self.text(&under, &mut points);
                    // A folded table is a look-up, not a finding, unless a sheet is all that there is.
                    if table.folded == Folded::Open || self.document.extent != Extent::Report {
                        self.table(&table.caption, table);
                    }
                }
            }
        }
        self.text(&under, &mut points);
        self.said.clear();
    }

    /// Slides of text, as many as the points need.
    fn text(&mut self, title: &str, points: &mut Vec<Vec<Run>>) {
        let mut lines = 0.0;
        let mut page: Vec<Vec<Run>> = Vec::new();
        let mut pages = Vec::new();
        for point in points.drain(..) {
            let width: f64 = point.iter().map(|r| text_width(&r.text)).sum();
            let needed = (width / LINE).ceil().max(1.0) + 0.5;
            if lines + needed > LINES && !page.is_empty() {
                pages.push(std::mem::take(&mut page));
                lines = 0.0;
            }
            lines += needed;
            page.push(point);
        }
        if !page.is_empty() {
            pages.push(page);
        }
        let all = pages.len();
        for (i, points) in pages.into_iter().enumerate() {
            let title = if all > 1 {
                format!("{title} ({}/{all})", i + 1)
            } else {
                title.to_owned()
            };
            let notes = std::mem::take(&mut self.said);
            self.slides.push(Slide {
                title,
                points,
                notes,
                ..Slide::default()
            });
        }
    }

    fn figure(&mut self, figure: &Figure) {
        let mut notes = std::mem::take(&mut self.said);
        if !figure.note.is_empty() {
            notes.push(figure.note.clone());
        }
        notes.extend(rows_said(&figure.table));
        notes.extend(self.sources_said(&figure.table));
        let drawn = match figure.charts.as_slice() {
            [] => vec![self.picture(figure)],
            charts => grid(charts.len())
                .into_iter()
                .zip(charts)
                .map(|(at, chart)| Drawn::Chart {
                    at,
                    alt: if chart.title.is_empty() {
                        figure.finding.clone()
                    } else {
                        format!("{} — {}", chart.title, figure.finding)
                    },
                    chart: chart.clone(),
                })
                .collect(),
        };
        self.slides.push(Slide {
            title: figure.finding.clone(),
            drawn,
            foot: figure.note.clone(),
            notes,
            ..Slide::default()
        });
        self.table(&figure.finding, &figure.table);
    }

    fn picture(&self, figure: &Figure) -> Drawn {
        let ratio = figure.svg.width() / figure.svg.height().max(1.0);
        let [x, y, width, height] = STAGE;
        let (w, h) = if ratio > width / height {
            (width, width / ratio)
        } else {
            (height * ratio, height)
        };
        let font = match self.document.lang {
            Lang::En => "Arial, 'Noto Sans CJK SC', sans-serif",
            Lang::Zh => "Microsoft YaHei, 'Noto Sans CJK SC', sans-serif",
        };
        let svg = figure.svg.markup();
        let svg = svg.replacen("<svg ", &format!("<svg font-family=\"{font}\" "), 1);
        Drawn::Picture {
            at: [x + (width - w) / 2.0, y, w, h],
            alt: figure.finding.clone(),
            svg: format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n{svg}"),
        }
    }

    /// The first rows and columns as a native table; what does not fit stands in the workbook.
    fn table(&mut self, title: &str, table: &TableView) {
        if table.rows.is_empty() || table.columns.is_empty() {
            return;
        }
        let columns = table.columns.len().min(COLUMNS);
        let (rows, taken) = fitting(table, columns);
        let shown = &table.rows[..taken];
        let lang = self.document.lang;
        let mut foot = paper::notes(table, shown, lang);
        let hidden = table.columns.len() - columns;
        if hidden > 0 {
            foot.push(phrase(
                "columns_in_workbook",
                lang,
                &[("count", &hidden.to_string())],
            ));
        }
        let mut notes = std::mem::take(&mut self.said);
        notes.push(table.caption.clone());
        notes.extend(table.notes.iter().cloned());
        notes.extend(self.sources_said(table));
        let foot = foot.join("  ");
        // A long remark would run off the slide: its whole text is in the notes.
        let short: String = foot.chars().take(260).collect();
        let foot = if short.len() < foot.len() {
            notes.push(foot);
            format!("{short}…")
        } else {
            foot
        };
        self.slides.push(Slide {
            title: title.to_owned(),
            drawn: vec![Drawn::Table {
                at: STAGE,
                alt: table.caption.clone(),
                columns: table.columns[..columns].to_vec(),
                widths: paper::widths(table)[..columns].to_vec(),
                rows,
            }],
            foot,
            notes,
            ..Slide::default()
        });
    }

    /// One line with the sources that the rows rest on.
    fn sources_said(&self, table: &TableView) -> Option<String> {
        let cells = table.rows.iter().flat_map(|row| &row.cells);
        let targets = cells.filter_map(|cell| cell.target.as_deref());
        let mut names: Vec<String> = Vec::new();
        for source in self.document.sources_of(targets) {
            let name = paper::source_name(source);
            if !names.contains(&name) {
                names.push(name);
            }
        }
        if names.is_empty() {
            return None;
        }
        let lang = self.document.lang;
        Some(format!("{}: {}", word("sources", lang), names.join("; ")))
    }

    fn sources(&mut self) {
        let lang = self.document.lang;
        let mut names: Vec<&str> = Vec::new();
        for source in &self.document.sources {
            if !names.contains(&source.publisher.as_str()) {
                names.push(&source.publisher);
            }
        }
        // Publishers only: the notes of each slide name the sources of its numbers, workbook and report their licences.
        let mut points: Vec<Vec<Run>> = names
            .chunks(SOURCES)
            .map(|some| vec![Run::plain(some.join("; "))])
            .collect();
        self.text(&word("sources", lang), &mut points);
    }
}

/// The rows behind a chart as text: name, value, range.
fn rows_said(table: &TableView) -> Vec<String> {
    (table.rows.iter().take(paper::BEHIND))
        .map(|row| {
            let cells = table
                .columns
                .iter()
                .zip(&row.cells)
                .filter(|(_, c)| !c.text.is_empty());
            let parts: Vec<String> = cells
                .take(COLUMNS)
                .map(|(column, cell)| {
                    let range = cell
                        .range
                        .as_ref()
                        .map_or(String::new(), |r| format!(" [{r}]"));
                    format!("{}: {}{range}", column.heading, cell.text)
                })
                .collect();
            parts.join("; ")
        })
        .collect()
}

/// Rows that fit the stage by an estimate of their lines, as cells, and how many they are.
fn fitting(table: &TableView, columns: usize) -> (Vec<Vec<CellView>>, usize) {
    let widths = paper::widths(table);
    let total: f64 = widths[..columns].iter().sum();
    // 11 pt on 310 mm are about 80 em; 130 mm hold some 22 lines.
    let em = |i: usize| (widths[i] / total * 80.0 - 1.5).max(2.0);
    let mut lines = 2.0;
    let mut rows = Vec::new();
    for row in table.rows.iter().take(ROWS) {
        let cells: Vec<CellView> = (row.cells.iter().cloned())
            .chain(std::iter::repeat(CellView::EMPTY))
            .take(columns)
            .collect();
        let needed = (cells.iter().enumerate())
            .map(|(i, c)| {
                let width = text_width(&c.text) + c.range.as_deref().map_or(0.0, text_width);
                (width / em(i)).ceil()
            })
            .fold(1.0, f64::max);
        if lines + needed > 24.0 && !rows.is_empty() {
            break;
        }
        lines += needed + 0.3;
        rows.push(cells);
    }
    let taken = rows.len();
    (rows, taken)
}

/// Places for so many charts, row by row.
fn grid(charts: usize) -> Vec<Place> {
    let columns = (charts as f64).sqrt().ceil().max(1.0) as usize;
    let rows = charts.div_ceil(columns);
    let [x, y, width, height] = STAGE;
    let (w, h) = (width / columns as f64, height / rows as f64);
    (0..charts)
        .map(|i| {
            let (row, column) = (i / columns, i % columns);
            [x + w * column as f64, y + h * row as f64, w, h]
        })
        .collect()
}

fn runs(spans: &[Span]) -> Vec<Run> {
    let mut out = Vec::new();
    for span in spans {
        match span {
            Span::Text(text) | Span::Link { text, .. } => out.push(Run::plain(text.clone())),
            Span::Strong(text) => out.push(Run {
                strong: true,
                ..Run::plain(text.clone())
            }),
            Span::Number { text, range, .. } => {
                out.push(Run {
                    strong: true,
                    ..Run::plain(text.clone())
                });
                if let Some(range) = range {
                    out.push(Run {
                        quiet: true,
                        ..Run::plain(format!(" [{range}]"))
                    });
                }
            }
        }
    }
    out
}

fn text(spans: &[Span]) -> String {
    runs(spans).into_iter().map(|run| run.text).collect()
}
