//! What every section needs: the run, the language, and a note of every row that was cited.

use std::cell::RefCell;
use std::collections::BTreeSet;

use evidence::Evidence;
use model::{Catalogue, Cell, Entity, Estimate, Lang, Message, Names, Refusal, ResultTable, Row};
use publish::charts::Chart;
use publish::document::{Block, Figure, Folded, NoteKind, Span, TableView};
use publish::figures::{Frame, Ranged, Svg};
use publish::{TableSettings, table_view};

use crate::changed::Against;
use crate::engine::output::{cell, estimate};
use crate::engine::run::Run;
use crate::release::released;

pub struct Book<'a> {
    pub run: &'a Run,
    pub evidence: &'a Evidence,
    pub names: &'a Names,
    pub lang: Lang,
    /// Of a variant: what it changed beside the study, where that was asked.
    pub against: Option<Against>,
    cited: RefCell<BTreeSet<(String, String)>>,
}

impl<'a> Book<'a> {
    pub fn new(run: &'a Run, evidence: &'a Evidence, names: &'a Names, lang: Lang) -> Self {
        Self {
            run,
            evidence,
            names,
            lang,
            against: None,
            cited: RefCell::default(),
        }
    }

    /// With what a variant changed beside the study.
    pub fn beside(self, against: Option<Against>) -> Self {
        Self { against, ..self }
    }

    /// A message in the document's language.
    #[allow(clippy::needless_pass_by_value)] // messages are made where they are said
    pub fn say(&self, message: Message) -> String {
        Catalogue::builtin().render(&message, self.lang, self.names)
    }

    /// A message without places.
    pub fn word(&self, id: &str) -> String {
        self.say(Message::new(id))
    }

    pub fn name(&self, entity: &Entity) -> String {
        self.names.show(entity, self.lang)
    }

    /// A table of the run as far as it may leave; empty where its step made none.
    pub fn table(&self, name: &str) -> ResultTable {
        self.run.table(name).map_or_else(
            || ResultTable::new(name, "", "", &[]),
            |table| released(self.evidence, table).into_owned(),
        )
    }

    pub fn refusals(&self) -> impl Iterator<Item = &'a Refusal> {
        self.run
            .outputs
            .values()
            .flat_map(|output| &output.refusals)
    }

    /// The anchor of a row's explanation; the row is remembered, so that it gets one.
    pub fn cite(&self, table: &str, key: &str) -> String {
        let (table, key) = explained_by(table, key);
        self.cited.borrow_mut().insert((table.clone(), key.clone()));
        result_anchor(&table, &key)
    }

    pub fn cited(&self) -> BTreeSet<(String, String)> {
        self.cited.borrow().clone()
    }

    /// The table as readers see it.
    pub fn view(&self, table: &ResultTable, columns: &[&str], folded: Folded) -> TableView {
        let caption = self.word(&format!("table.{}", table.name));
        let id = format!("table/{}", table.name);
        let settings = TableSettings {
            id: &id,
            caption: &caption,
            folded,
            columns,
        };
        table_view(table, &settings, self.lang, self.names, |key| {
            self.cite(&table.name, key)
        })
    }

    /// A table block, or a note that there is nothing to show.
    pub fn block(&self, table: &ResultTable, columns: &[&str], folded: Folded) -> Block {
        if table.rows.is_empty() {
            let caption = self.word(&format!("table.{}", table.name));
            let text = self.say(Message::new("report.nothing").with("table", caption));
            return Block::Note {
                kind: NoteKind::Refusal,
                spans: vec![text.into()],
            };
        }
        Block::Table(self.view(table, columns, folded))
    }

    pub fn paragraph(&self, message: Message) -> Block {
        Block::Paragraph(vec![Span::Text(self.say(message))])
    }

    pub fn subheading(&self, id: &str) -> Block {
        Block::Subheading(self.word(id))
    }

    /// A figure with its finding as title, `table` behind it, and `charts` for programs that draw themselves.
    pub fn figure(
        &self,
        id: &str,
        finding: Message,
        table: TableView,
        charts: Vec<Chart>,
        draw: impl FnOnce(&Frame) -> Svg,
    ) -> Block {
        let finding = self.say(finding);
        let frame = Frame {
            finding: finding.clone(),
            lang: self.lang,
        };
        let svg = draw(&frame);
        let note = self.word(&format!("figure.{id}.note"));
        // A figure and a table of the section may show the same rows: each place has its own anchor.
        let table = TableView {
            id: format!("figure/{id}/table"),
            ..table
        };
        Block::Figure(Figure {
            id: format!("figure/{id}"),
            finding,
            svg,
            charts,
            table,
            note,
        })
    }

    /// A number of a row as a span that leads to its explanation.
    pub fn number(&self, table: &ResultTable, row: &Row, column: &str) -> Span {
        let unit = table
            .column(column)
            .map_or("", |i| table.columns[i].unit.as_str());
        let target = self.cite(&table.name, &row.key);
        match estimate(table, row, column) {
            Some(e) => {
                let (text, range) = publish::estimate(&e, unit, self.lang);
                Span::Number {
                    text,
                    range,
                    target,
                }
            }
            None => Span::Number {
                text: self.word("not_estimated"),
                range: None,
                target,
            },
        }
    }

    /// The formula of a table in the document's language.
    pub fn formula(&self, table: &ResultTable) -> String {
        let id = format!("formula.{}", table.name);
        Catalogue::builtin().text_or(&id, self.lang, &table.formula)
    }
}

/// Rows whose explanation is that of another row: points of a course, ranks of a candidate.
fn explained_by(table: &str, key: &str) -> (String, String) {
    let parent = |levels: usize| {
        let mut parts: Vec<&str> = key.split('/').collect();
        parts.truncate(parts.len().saturating_sub(levels));
        parts.join("/")
    };
    match table {
        "chain.shock_weeks" | "chain.shock_path" | "chain.shock_binding" => {
            ("chain.shock".to_owned(), parent(1))
        }
        "chain.shock_draw_weeks" => ("chain.shock_draws".to_owned(), parent(1)),
        "chain.inventory_weeks" => ("chain.inventory".to_owned(), parent(1)),
        "layout.ranks" => ("layout.acceptability".to_owned(), parent(1)),
        "trend.consensus_over_time" => ("trend.consensus".to_owned(), parent(1)),
        _ => (table.to_owned(), key.to_owned()),
    }
}

pub fn result_anchor(table: &str, key: &str) -> String {
    format!("result/{table}/{key}")
}

pub fn evidence_anchor(table: &str, key: &str) -> String {
    format!("evidence/{table}/{key}")
}

pub fn source_anchor(id: &str) -> String {
    format!("source/{id}")
}

/// The table with the rows that `keep` wants.
pub fn only(table: &ResultTable, keep: impl Fn(&Row) -> bool) -> ResultTable {
    ResultTable {
        rows: table.rows.iter().filter(|row| keep(row)).cloned().collect(),
        ..table.clone()
    }
}

/// The table with its rows sorted by the value of a column, largest first; equal ones by the high end of their range.
pub fn by_value(table: &ResultTable, column: &str) -> ResultTable {
    let mut sorted = table.clone();
    let none = [f64::NEG_INFINITY; 2];
    let ends = |row: &Row| estimate(table, row, column).map_or(none, |e| [e.value, e.high]);
    sorted.rows.sort_by(|a, b| {
        let ([a_value, a_high], [b_value, b_high]) = (ends(a), ends(b));
        b_value
            .total_cmp(&a_value)
            .then(b_high.total_cmp(&a_high))
            .then_with(|| a.key.cmp(&b.key))
    });
    sorted
}

/// The entity in a cell.
pub fn entity_of(table: &ResultTable, row: &Row, column: &str) -> Option<Entity> {
    match cell(table, row, column)? {
        Cell::Entity(entity) => Some(entity.clone()),
        _ => None,
    }
}

pub fn entities_of(table: &ResultTable, row: &Row, column: &str) -> Vec<Entity> {
    match cell(table, row, column) {
        Some(Cell::Entities(list)) => list.clone(),
        _ => Vec::new(),
    }
}

pub fn ranged(e: Estimate, unit: &str, lang: Lang) -> Ranged {
    Ranged {
        value: e.value,
        low: e.low,
        high: e.high,
        text: publish::estimate(&e, unit, lang).0,
    }
}
