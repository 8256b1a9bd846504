//! Two pages to print: question, answer, the weekly course, who is hit, what binds, what carried it, limits, sources.

use std::collections::{BTreeMap, BTreeSet};

use model::{Lang, Message, Origin, ResultTable, RowRef};
use publish::document::{Block, Document, Figure, Folded, NoteKind, Section, Span, TableView};
use publish::figures::{
    Band, BandOverTime, BandPanel, BandRole, BandSeries, Frame, band_over_time,
};
use publish::{TableSettings, table_view};

use super::Answer;
use crate::engine::output::estimate;
use crate::report::book::{by_value, entity_of, only};

/// Rows of a table that fit on the two pages.
const ROWS: usize = 5;
/// Sources that fit.
const SOURCES: usize = 8;

impl Answer {
    /// The answer as a document in one language.
    pub fn page(&self, lang: Lang) -> Document {
        let section = |id: &str, blocks: Vec<Block>| Section {
            id: id.to_owned(),
            number: String::new(),
            heading: self.word(&format!("whatif.section.{id}"), lang),
            blocks,
        };
        let settings = &self.config.study;
        Document {
            lang,
            title: self.title(lang),
            subtitle: self.headline(lang),
            classification: None,
            meta: vec![
                (self.word("whatif.meta.study", lang), settings.id.clone()),
                (
                    self.word("report.meta.seed", lang),
                    settings.seed.0.to_string(),
                ),
                (self.word("whatif.meta.draws", lang), self.draws.to_string()),
            ],
            sections: vec![
                section("answer", self.answer_blocks(lang)),
                section("hit", self.hit_blocks(lang)),
                section("evidence", self.basis_blocks(lang)),
            ],
            explanations: Vec::new(),
            evidence: Vec::new(),
            sources: Vec::new(),
        }
    }

    fn answer_blocks(&self, lang: Lang) -> Vec<Block> {
        // The sentence itself stands under the title.
        self.course(lang).map(Block::Figure).into_iter().collect()
    }

    /// Best and worst bound of the product hit hardest, with the draws inside.
    fn course(&self, lang: Lang) -> Option<Figure> {
        let products = by_value(self.table("chain.shock")?, "cumulative");
        let row = products.rows.first()?;
        let target = entity_of(&products, row, "target")?;
        let bounds = self.table("chain.shock_weeks")?;
        let drawn = self.table("chain.shock_draw_weeks")?;
        let points = |table: &ResultTable, column: &str| -> Vec<Option<Band>> {
            let prefix = format!("{}/", row.key);
            let rows = table.rows.iter().filter(|r| r.key.starts_with(&prefix));
            rows.map(|r| {
                estimate(table, r, column).map(|e| Band {
                    low: e.low * 100.0,
                    value: e.value * 100.0,
                    high: e.high * 100.0,
                })
            })
            .collect()
        };
        let input = BandOverTime {
            panels: vec![BandPanel {
                label: self.name(&target, lang),
                series: vec![
                    BandSeries {
                        role: BandRole::Bounds,
                        points: points(bounds, "at_risk"),
                    },
                    BandSeries {
                        role: BandRole::Drawn,
                        points: points(drawn, "at_risk_drawn"),
                    },
                ],
            }],
            start: 1.0,
            step: 1.0,
            time_axis: self.word("figure.shock.time", lang),
            value_axis: self.word("figure.shock.value", lang),
        };
        let finding = self.say(&Message::new("whatif.figure").with("target", target), lang);
        let svg = band_over_time(
            &Frame {
                finding: finding.clone(),
                lang,
            },
            &input,
        );
        let stretches = self.table("chain.shock_binding")?;
        let prefix = format!("{}/", row.key);
        let stretches = only(stretches, |r| r.key.starts_with(&prefix));
        let columns = ["from_week", "to_week", "binds", "binding_source", "loss"];
        Some(Figure {
            id: "figure/course".to_owned(),
            finding,
            svg,
            table: self.view(&stretches, &columns, lang),
            note: self.word("whatif.figure.note", lang),
        })
    }

    fn hit_blocks(&self, lang: Lang) -> Vec<Block> {
        let shown: [(&str, &str, &[&str]); 11] = [
            (
                "chain.shock",
                "cumulative",
                &[
                    "target",
                    "peak",
                    "cumulative",
                    "first_week_worst",
                    "first_week_best",
                ],
            ),
            (
                "chain.shock_sectors",
                "peak",
                &["field", "products_hit", "products_all", "peak"],
            ),
            (
                "chain.shock_regions",
                "at_stake",
                &["cluster", "field", "strength", "at_stake"],
            ),
            ("whatif.imports", "share_stopped", &[]),
            ("whatif.sources", "could_add", &[]),
            ("whatif.industries", "loss_share", &[]),
            ("whatif.regions", "loss_io", &[]),
            ("whatif.firm_network", "output_lost", &[]),
            ("whatif.firm_sectors", "output_lost", &[]),
            ("whatif.firm_regions", "output_lost", &[]),
            ("whatif.firms", "output_lost", &[]),
        ];
        let mut blocks = Vec::new();
        for (name, order, columns) in shown {
            let Some(table) = self.table(name).filter(|t| !t.rows.is_empty()) else {
                continue;
            };
            let mut sorted = by_value(table, order);
            let rest = sorted.rows.len().saturating_sub(ROWS);
            sorted.rows.truncate(ROWS);
            blocks.push(Block::Table(self.view(&sorted, columns, lang)));
            if rest > 0 {
                let more = Message::new("whatif.more").with("n", rest);
                blocks.push(Block::Paragraph(vec![self.say(&more, lang).into()]));
            }
        }
        if blocks.is_empty() {
            blocks.push(Block::Paragraph(vec![self.headline(lang).into()]));
        }
        blocks
    }

    /// What carried it, limits and sources.
    fn basis_blocks(&self, lang: Lang) -> Vec<Block> {
        let heading =
            |id: &str| Block::Subheading(self.word(&format!("whatif.section.{id}"), lang));
        let mut blocks = self.evidence_blocks(lang);
        blocks.push(heading("limits"));
        blocks.extend(self.limit_blocks(lang));
        blocks.push(heading("sources"));
        blocks.extend(self.source_blocks(lang));
        blocks
    }

    fn evidence_blocks(&self, lang: Lang) -> Vec<Block> {
        let mut blocks = Vec::new();
        for part in &self.parts {
            let carrier = self.carrier(part.carrier, lang);
            if part.answered() {
                let message = Message::new("whatif.part.answered").with("evidence", carrier);
                blocks.push(Block::Paragraph(vec![self.say(&message, lang).into()]));
            }
            for refusal in &part.refusals {
                let text = [&refusal.reason, &refusal.needed].map(|m| self.say(m, lang));
                blocks.push(Block::Note {
                    kind: NoteKind::Refusal,
                    spans: vec![Span::Text(text.join(" "))],
                });
            }
        }
        blocks
    }

    fn limit_blocks(&self, lang: Lang) -> Vec<Block> {
        let mut items: Vec<Vec<Span>> = [
            "whatif.limit.bounds",
            "whatif.limit.draws",
            "whatif.limit.world",
        ]
        .iter()
        .map(|id| vec![Span::Text(self.word(id, lang))])
        .collect();
        let notes = self.parts.iter().flat_map(|part| &part.notes);
        items.extend(notes.map(|note| vec![Span::Text(self.say(note, lang))]));
        vec![Block::List(items)]
    }

    /// Sources of the rows that the answer used, those used most first.
    fn source_blocks(&self, lang: Lang) -> Vec<Block> {
        let rows: BTreeSet<&RowRef> = self
            .parts
            .iter()
            .flat_map(|part| &part.tables)
            .flat_map(|table| &table.rows)
            .flat_map(|row| &row.origins)
            .filter_map(|origin| match origin {
                Origin::Evidence(row) => Some(row),
                _ => None,
            })
            .collect();
        let mut used: BTreeMap<String, usize> = BTreeMap::new();
        for row in rows {
            let source = match row.table.as_str() {
                "sources" => Some(row.key.clone()),
                _ => self
                    .evidence
                    .record(row)
                    .and_then(|record| record.text("source").map(str::to_owned)),
            };
            if let Some(source) = source {
                *used.entry(source).or_default() += 1;
            }
        }
        let mut sources: Vec<(String, usize)> = used.into_iter().collect();
        sources.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(&b.0)));
        let mut items: Vec<Span> = sources
            .iter()
            .take(SOURCES)
            .filter_map(|(id, n)| {
                let record = self.evidence.table("sources")?.get(id)?;
                let title = record.text("title").unwrap_or(id.as_str());
                let text = record
                    .text("publisher")
                    .map_or(title.to_owned(), |publisher| {
                        format!("{publisher}: {title}")
                    });
                let rows = self.say(&Message::new("whatif.source.rows").with("n", *n), lang);
                let link = Span::Link {
                    text,
                    href: record.text("url").unwrap_or_default().to_owned(),
                };
                Some([link, Span::Text(format!(" {rows}; "))])
            })
            .flatten()
            .collect();
        if sources.len() > SOURCES {
            let more = Message::new("whatif.more").with("n", sources.len() - SOURCES);
            items.push(self.say(&more, lang).into());
        }
        vec![Block::Paragraph(items)]
    }

    /// A table without links to explanations: those are in the report of a run.
    fn view(&self, table: &ResultTable, columns: &[&str], lang: Lang) -> TableView {
        let caption = self.word(&format!("table.{}", table.name), lang);
        let id = format!("table/{}", table.name);
        let settings = TableSettings {
            id: &id,
            caption: &caption,
            folded: Folded::Open,
            columns,
        };
        let mut view = table_view(table, &settings, lang, &self.names, |_| String::new());
        for row in &mut view.rows {
            row.target = None;
            for cell in &mut row.cells {
                cell.target = None;
            }
        }
        view
    }
}
