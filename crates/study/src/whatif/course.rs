//! The figures of an answer: what is lost week by week, between the bounds, with the draws inside.

use model::{Entity, Lang, Message, ResultTable, Row};
use publish::document::Figure;
use publish::figures::{
    Band, BandOverTime, BandPanel, BandRole, BandSeries, Frame, band_over_time,
};

use super::Answer;
use crate::engine::output::{cell, count, estimate};
use crate::report::book::{by_value, entity_of, only};

/// What binds the product of the figure, in the order of weeks.
const COURSE: [&str; 5] = ["from_week", "to_week", "binds", "binding_source", "loss"];

impl Answer {
    /// The product hit hardest, and the key of its row.
    pub(super) fn hardest(&self) -> Option<(String, Entity)> {
        let products = by_value(self.table("chain.shock")?, "cumulative");
        let row = products.rows.first()?;
        Some((row.key.clone(), entity_of(&products, row, "target")?))
    }

    /// A row for every product but the one whose stretches stand under the figure: from its first to its last week, all that
    /// binds it and where that begins, and the loss of its worst stretch.
    pub(super) fn others_bind(&self, binding: &ResultTable) -> Vec<Row> {
        let mut seen: Vec<Entity> = self.hardest().into_iter().map(|(_, e)| e).collect();
        let sorted = by_value(binding, "loss");
        let mut rows = sorted.rows.clone();
        rows.retain(|row| {
            let target = entity_of(&sorted, row, "target");
            target.is_some_and(|target| {
                let new = !seen.contains(&target);
                seen.push(target);
                new
            })
        });
        for row in &mut rows {
            let target = entity_of(binding, row, "target");
            let same = |r: &&Row| entity_of(binding, r, "target") == target;
            let stretches: Vec<&Row> = binding.rows.iter().filter(same).collect();
            whole_stretch(binding, row, &stretches);
        }
        rows
    }

    /// The product hit hardest.
    pub(super) fn product_course(&self, lang: Lang) -> Option<Figure> {
        let (key, target) = self.hardest()?;
        let panel = self.panel(
            &key,
            self.name(&target, lang),
            ["chain.shock_weeks", "chain.shock_draw_weeks"],
        )?;
        let finding = self.say(&Message::new("whatif.figure").with("target", target), lang);
        let prefix = format!("{key}/");
        let stretches = only(self.table("chain.shock_binding")?, |r| {
            r.key.starts_with(&prefix)
        });
        let table = ("figure/course/table", &stretches, COURSE.as_slice());
        let words = ["figure.shock.value", "whatif.figure.note"];
        Some(self.drawn("figure/course", finding, vec![panel], table, words, lang))
    }

    /// All industries, final demand, home or the region hit hardest, and the industry hit hardest that is not itself
    /// stopped.
    pub(super) fn industry_course(&self, lang: Lang) -> Option<Figure> {
        let summary = self.table("chain.inventory")?;
        let mut shown: Vec<&Row> = Vec::new();
        for ending in ["/all", "/demand"] {
            shown.extend(summary.rows.iter().find(|row| row.key.ends_with(ending)));
        }
        shown.extend(self.home_row());
        shown.extend(self.hardest_industry());
        let panels: Vec<BandPanel> = shown
            .iter()
            .filter_map(|row| {
                let label = self.hit(summary, row, lang);
                let weeks = "chain.inventory_weeks";
                self.panel(&row.key, label, [weeks, weeks])
            })
            .collect();
        if panels.is_empty() {
            return None;
        }
        let finding = self.word("whatif.figure.industries", lang);
        let table = only(summary, |row| shown.iter().any(|s| s.key == row.key));
        let table = ("figure/industries/table", &table, [].as_slice());
        let words = [
            "whatif.figure.industries.value",
            "whatif.figure.industries.note",
        ];
        Some(self.drawn("figure/industries", finding, panels, table, words, lang))
    }

    /// The row of the buyer or home; the region that loses most where neither is hit.
    pub(super) fn home_row(&self) -> Option<&Row> {
        let summary = self.table("chain.inventory")?;
        let region = |row: &&Row| row.key.contains("/region/");
        let home = self.home.as_deref().unwrap_or_default();
        let own = format!("/region/{home}");
        let mut regions = summary.rows.iter().filter(region);
        let found = regions.clone().find(|row| row.key.ends_with(&own));
        found.or_else(|| {
            let lost = |row: &Row| estimate(summary, row, "cumulative").map_or(0.0, |e| e.value);
            let first = regions.next()?;
            Some(regions.fold(first, |a, b| if lost(b) > lost(a) { b } else { a }))
        })
    }

    fn hardest_industry(&self) -> Option<&Row> {
        let summary = self.table("chain.inventory")?;
        let binding = self.table("chain.inventory_binding")?;
        let stops = |row: &Row| {
            binding.rows.iter().any(|held| {
                cell(binding, held, "hit") == cell(summary, row, "hit")
                    && matches!(cell(binding, held, "binds"), Some(model::Cell::Message(m)) if m.id == "inventory.binds.stop")
            })
        };
        // Rows stand in the order of losses.
        let mut industries = summary
            .rows
            .iter()
            .filter(|row| row.key.contains("/industry/"));
        industries.find(|row| !stops(row))
    }

    /// Who is hit, in words.
    pub(super) fn hit(&self, table: &ResultTable, row: &Row, lang: Lang) -> String {
        match cell(table, row, "hit") {
            Some(model::Cell::Entity(entity)) => self.name(entity, lang),
            Some(model::Cell::Text(text)) => text.clone(),
            Some(model::Cell::Message(message)) => self.say(message, lang),
            _ => String::new(),
        }
    }

    /// Bounds and draws of one course; the two tables may be one.
    fn panel(&self, key: &str, label: String, tables: [&str; 2]) -> Option<BandPanel> {
        let prefix = format!("{key}/");
        let points = |table: &ResultTable, column: &str| -> Vec<Option<Band>> {
            let of_course = |r: &&Row| {
                let rest = r.key.strip_prefix(&prefix);
                rest.is_some_and(|week| !week.contains('/'))
            };
            let rows = table.rows.iter().filter(of_course);
            rows.map(|r| {
                estimate(table, r, column).map(|e| Band {
                    low: e.low * 100.0,
                    value: e.value * 100.0,
                    high: e.high * 100.0,
                })
            })
            .collect()
        };
        let series = [
            (BandRole::Bounds, tables[0], "at_risk"),
            (BandRole::Drawn, tables[1], "at_risk_drawn"),
        ];
        let series = series.into_iter().filter_map(|(role, table, column)| {
            let points = points(self.table(table)?, column);
            (!points.is_empty()).then_some(BandSeries { role, points })
        });
        let series: Vec<BandSeries> = series.collect();
        (!series.is_empty()).then_some(BandPanel { label, series })
    }

    fn drawn(
        &self,
        id: &str,
        finding: String,
        panels: Vec<BandPanel>,
        table: (&str, &ResultTable, &[&str]),
        words: [&str; 2],
        lang: Lang,
    ) -> Figure {
        let input = BandOverTime {
            panels,
            start: 1.0,
            step: 1.0,
            time_axis: self.word("figure.shock.time", lang),
            value_axis: self.word(words[0], lang),
        };
        let frame = Frame {
            finding: finding.clone(),
            lang,
        };
        let mut view = self.view(table.1, table.2, lang);
        table.0.clone_into(&mut view.id);
        Figure {
            id: id.to_owned(),
            svg: band_over_time(&frame, &input),
            charts: input.charts(lang),
            finding,
            table: view,
            note: self.word(words[1], lang),
        }
    }
}

/// Stretches the row over all of them: first to last week, everything that binds.
fn whole_stretch(binding: &ResultTable, row: &mut Row, stretches: &[&Row]) {
    let week = |column| {
        stretches
            .iter()
            .filter_map(move |r| count(binding, r, column))
    };
    let ends = [
        ("from_week", week("from_week").min()),
        ("to_week", week("to_week").max()),
    ];
    for (column, end) in ends {
        if let (Some(at), Some(end)) = (binding.column(column), end) {
            row.cells[at] = model::Cell::Count(end);
        }
    }
    let mut all: Vec<Entity> = Vec::new();
    for stretch in stretches {
        match cell(binding, stretch, "binds") {
            Some(model::Cell::Entities(list)) => {
                for one in list {
                    if !all.contains(one) {
                        all.push(one.clone());
                    }
                }
            }
            // Its own suppliers stop: another kind of cause, not a list.
            _ => return,
        }
    }
    if let Some(at) = binding.column("binds") {
        row.cells[at] = model::Cell::Entities(all);
    }
    let mut sources: Vec<Entity> = Vec::new();
    for source in (stretches.iter()).filter_map(|r| entity_of(binding, r, "binding_source")) {
        if !sources.contains(&source) {
            sources.push(source);
        }
    }
    if let (Some(at), true) = (binding.column("binding_source"), sources.len() > 1) {
        row.cells[at] = model::Cell::Entities(sources);
    }
}
