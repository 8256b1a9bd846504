//! A document as a row of slides: which findings, which tables, what goes to the notes.

use model::Lang;

use super::slide::{Drawn, Place, Run, Slide};
use crate::document::{
    Block, CellView, Document, Extent, Figure, Folded, Section, Span, TableView,
};
use crate::figures::text_width;
use crate::paper::{self, Sheet};
use crate::pictures::Painter;
use crate::words::{colon, semicolon, word};

/// Rows and columns of a table that a slide can carry.
const ROWS: usize = 10;
const COLUMNS: usize = 7;
/// The stage for a table: 11 pt, 1.5 mm beside a cell. A slide does not turn.
const SHEET: Sheet = Sheet {
    em: 220,
    margins: 171,
    upright: 17_574,
    turned: 17_574,
    most: COLUMNS,
};
/// Publishers in a point of the last slides.
const SOURCES: usize = 8;
/// Where charts, drawings and tables stand.
const STAGE: Place = [14.0, 42.0, 310.0, 130.0];
/// Where a table stands that has points under it.
const UPPER: Place = [14.0, 42.0, 310.0, 78.0];

/// What a box of text holds: lines, and em on a line.
#[derive(Clone, Copy)]
struct Room {
    lines: f64,
    line: f64,
}

/// 16 pt on a whole slide.
const ROOM: Room = Room {
    lines: 14.0,
    line: 52.0,
};
/// 12 pt on a whole slide.
const SMALL: Room = Room {
    lines: 24.0,
    line: 72.0,
};
/// 12 pt under a table.
const UNDER: Room = Room {
    lines: 9.0,
    line: 72.0,
};

impl Room {
    /// Lines that the point takes, with the space before it.
    fn needed(self, point: &[Run]) -> f64 {
        let width: f64 = point.iter().map(|r| text_width(&r.text)).sum();
        (width / self.line).ceil().max(1.0) + 0.5
    }

    /// How many of the points fit; at least `least`, or a point longer than the room would wait for ever.
    fn fitting(self, points: &[Vec<Run>], least: usize) -> usize {
        let mut lines = 0.0;
        let fits = points.iter().take_while(|point| {
            lines += self.needed(point);
            lines <= self.lines
        });
        fits.count().max(least).min(points.len())
    }
}

pub(super) fn deck(document: &Document, painter: Option<&Painter>) -> Vec<Slide> {
    let mut deck = Deck {
        document,
        painter,
        slides: Vec::new(),
        begun: 0,
        said: Vec::new(),
        aside: Vec::new(),
    };
    if deck.brief() {
        deck.said = deck.facts();
    } else {
        deck.opening();
    }
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
    painter: Option<&'a Painter>,
    slides: Vec<Slide>,
    /// Slides before the section.
    begun: usize,
    /// Paragraphs that wait for the notes of the next slide.
    said: Vec<String>,
    /// Paragraphs of the section about what is on no slide.
    aside: Vec<String>,
}

impl Deck<'_> {
    /// A slide for each section, as a few pages have it.
    fn brief(&self) -> bool {
        self.document.extent == Extent::Brief
    }

    /// Subtitle and what the document says of itself.
    fn facts(&self) -> Vec<String> {
        let meta = self.document.meta.iter();
        std::iter::once(self.document.subtitle.clone())
            .chain(meta.map(|(name, value)| format!("{name}{}{value}", colon(self.document.lang))))
            .filter(|line| !line.is_empty())
            .collect()
    }

    fn opening(&mut self) {
        let slide = Slide {
            title: self.document.title.clone(),
            opening: Some(self.facts()),
            ..Slide::default()
        };
        self.slides.push(slide);
    }

    fn section(&mut self, section: &Section) {
        self.begun = self.slides.len();
        let mut heading = paper::numbered(&section.number, &section.heading);
        if self.brief() && self.slides.is_empty() {
            heading = format!("{} · {heading}", self.document.title);
        }
        let mut under = heading.clone();
        let mut points: Vec<Vec<Run>> = Vec::new();
        for block in &section.blocks {
            match block {
                Block::Paragraph(spans) => self.said.push(text(spans)),
                Block::Subheading(name) if self.brief() => {
                    points.push(vec![Run {
                        strong: true,
                        ..Run::plain(name.clone())
                    }]);
                }
                Block::Subheading(name) => {
                    self.text(&under, &mut points);
                    // What was said so far is about the part that ends here.
                    if self.slides.len() > self.begun {
                        self.aside.append(&mut self.said);
                        self.settle();
                    }
                    under = format!("{heading} — {name}");
                }
                Block::List(items) => points.extend(items.iter().map(|item| runs(item))),
                Block::Cards(cards) => {
                    points.extend(cards.iter().map(|card| {
                        let mut line = vec![Run {
                            strong: true,
                            ..Run::plain(format!("{}{}", card.label, colon(self.document.lang)))
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
                    let label = paper::note_label(*kind, self.document.lang);
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
                    // A folded table is a look-up, not a finding, unless it says otherwise or a sheet is all there is.
                    if table.folded == Folded::Open
                        || !table.essential.is_empty()
                        || self.document.extent != Extent::Report
                    {
                        let title = if self.brief() { &under } else { &table.caption };
                        self.table(title, table);
                    } else if !self.said.is_empty() {
                        self.aside.push(format!("{}:", table.caption));
                        self.aside.append(&mut self.said);
                    }
                }
            }
        }
        self.text(&under, &mut points);
        self.aside.append(&mut self.said);
        if self.slides.len() == self.begun {
            // Nothing of the section is drawn: its paragraphs are all that there is to show.
            let said = std::mem::take(&mut self.aside);
            let lines = said.into_iter().map(|line| vec![Run::plain(line)]);
            let mut points = lines.collect();
            self.text(&under, &mut points);
        }
        self.settle();
    }

    /// What is about no slide goes to the notes of the last one of the section.
    fn settle(&mut self) {
        if let Some(slide) = self.slides[self.begun..].last_mut() {
            slide.notes.append(&mut self.aside);
        }
    }

    /// Points under the table before them, as far as they fit, then slides of text, as many as the points need.
    fn text(&mut self, title: &str, points: &mut Vec<Vec<Run>>) {
        let brief = self.brief();
        if brief
            && !points.is_empty()
            && let Some(slide) = self.slides[self.begun..].last_mut()
        {
            let free =
                slide.points.is_empty() && matches!(slide.drawn.as_slice(), [Drawn::Table { .. }]);
            if free {
                let fit = UNDER.fitting(points, 0);
                slide.points = points.drain(..fit).collect();
                slide.notes.append(&mut self.said);
            }
        }
        let room = if brief { SMALL } else { ROOM };
        let mut pages = Vec::new();
        while !points.is_empty() {
            let fit = room.fitting(points, 1);
            pages.push(points.drain(..fit).collect::<Vec<_>>());
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
                small: brief,
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
        notes.extend(rows_said(&figure.table, self.document.lang));
        notes.extend(self.sources_said(&figure.table));
        let partial = figure.charts.iter().any(|chart| chart.partial);
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
        if partial {
            self.slides.push(Slide {
                title: figure.finding.clone(),
                drawn: vec![self.picture(figure)],
                foot: figure.note.clone(),
                ..Slide::default()
            });
        }
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
        let face = match self.document.lang {
            Lang::En => "Arial",
            Lang::Zh => "Microsoft YaHei",
        };
        Drawn::Picture {
            at: [x + (width - w) / 2.0, y, w, h],
            alt: figure.finding.clone(),
            svg: paper::svg_file(&figure.svg, face),
            png: (self.painter).and_then(|painter| painter.paint(&figure.svg, w)),
        }
    }

    /// The first rows and the columns that matter most as a native table; what does not fit stands in the workbook.
    fn table(&mut self, title: &str, table: &TableView) {
        if table.rows.is_empty() || table.columns.is_empty() {
            return;
        }
        let grid = paper::grid(table, SHEET);
        let (columns, widths): (Vec<usize>, Vec<f64>) = (grid
            .columns
            .iter()
            .map(|(i, width)| (*i, f64::from(*width))))
        .unzip();
        let at = if self.brief() { UPPER } else { STAGE };
        let (rows, taken) = fitting(table, &columns, &widths, at[3]);
        let shown = &table.rows[..taken];
        let lang = self.document.lang;
        let mut foot = paper::notes(table, shown, lang);
        foot.extend(paper::hidden(table, columns.len(), lang));
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
                at,
                alt: table.caption.clone(),
                columns: columns.iter().map(|i| table.columns[*i].clone()).collect(),
                widths,
                rows,
            }],
            foot,
            notes,
            small: self.brief(),
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
        let names = names.join(semicolon(lang));
        Some(format!("{}{}{names}", word("sources", lang), colon(lang)))
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
            .map(|some| vec![Run::plain(some.join(semicolon(lang)))])
            .collect();
        self.text(&word("sources", lang), &mut points);
    }
}

/// The rows behind a chart as text: name, value, range.
fn rows_said(table: &TableView, lang: Lang) -> Vec<String> {
    (table.rows.iter().take(paper::BEHIND))
        .map(|row| {
            let cells = (fitting_columns(table).into_iter())
                .filter_map(|i| Some((&table.columns[i], row.cells.get(i)?)))
                .filter(|(_, c)| !c.text.is_empty());
            let parts: Vec<String> = cells
                .map(|(column, cell)| {
                    let range = cell
                        .range
                        .as_ref()
                        .map_or(String::new(), |r| format!(" [{r}]"));
                    format!("{}{}{}{range}", column.heading, colon(lang), cell.text)
                })
                .collect();
            parts.join(semicolon(lang))
        })
        .collect()
}

/// As many columns as a slide carries, in the order of the table.
fn fitting_columns(table: &TableView) -> Vec<usize> {
    let mut columns = paper::by_weight(table);
    columns.truncate(COLUMNS);
    columns.sort_unstable();
    columns
}

/// Rows that fit a table so many millimetres high by an estimate of their lines, as cells, and how many they are.
fn fitting(
    table: &TableView,
    columns: &[usize],
    widths: &[f64],
    height: f64,
) -> (Vec<Vec<CellView>>, usize) {
    let total: f64 = widths.iter().sum();
    // 11 pt on 310 mm are about 80 em; 130 mm hold some 22 lines.
    let em = |i: usize| (widths[i] / total * 80.0 - 1.5).max(2.0);
    let most = 24.0 * height / STAGE[3];
    let mut lines = 2.0;
    let mut rows = Vec::new();
    for row in table.rows.iter().take(ROWS) {
        let cells: Vec<CellView> = (columns.iter())
            .map(|i| row.cells.get(*i).cloned().unwrap_or(CellView::EMPTY))
            .collect();
        let needed = (cells.iter().enumerate())
            .map(|(i, c)| {
                let width = text_width(&c.text) + c.range.as_deref().map_or(0.0, text_width);
                (width / em(i)).ceil()
            })
            .fold(1.0, f64::max);
        if lines + needed > most && !rows.is_empty() {
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
