//! Two pages to print: question, answer, the course by week, direct dependence, who is hit, what binds, between which
//! bounds, what to do, what carried it under which assumptions, limits, sources.

use std::collections::BTreeSet;

use model::{Lang, Message, Origin, ResultTable, Row};
use publish::document::{Block, Document, Extent, Folded, NoteKind, Section, Span, TableView};
use publish::{TableSettings, table_view};

use super::Answer;
use crate::engine::output::estimate;
use crate::report::book::{by_value, entity_of};

/// Rows of a table that fit on the two pages.
const ROWS: usize = 4;
/// Sources that fit.
const SOURCES: usize = 3;

/// A table of the page: its name, the column it is sorted by (empty: as it stands) and the columns shown (all where
/// none is named).
type Shown = (&'static str, &'static str, &'static [&'static str]);

const DIRECT: [Shown; 5] = [
    ("whatif.suppliers", "share", &[]),
    (
        "chain.shock_seats",
        "",
        &["firm", "node", "country", "part_of_supply", "firms_there"],
    ),
    ("whatif.direct", "", &[]),
    ("whatif.imports", "share_stopped", &[]),
    ("whatif.sources", "", &[]),
];

const HIT: [Shown; 10] = [
    (
        "chain.shock",
        "cumulative",
        &[
            "target",
            "peak",
            "peak_drawn",
            "hit_draws",
            "cumulative",
            "first_week_worst",
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
    (
        "chain.inventory",
        "",
        &[
            "hit",
            "peak",
            "peak_drawn",
            "cumulative",
            "first_week_worst",
            "first_week_centre",
        ],
    ),
    ("whatif.industries", "", &[]),
    ("whatif.regions", "loss_share", &[]),
    ("whatif.firm_network", "output_lost", &[]),
    ("whatif.firm_sectors", "output_lost", &[]),
    ("whatif.firm_regions", "output_lost", &[]),
    ("whatif.firms", "output_lost", &[]),
];

const BINDING: [Shown; 3] = [
    (
        "chain.shock_binding",
        "loss",
        &[
            "target",
            "from_week",
            "to_week",
            "binds",
            "binding_source",
            "loss",
        ],
    ),
    (
        "chain.inventory_binding",
        "",
        &["hit", "from_week", "to_week", "binds", "loss"],
    ),
    (
        "chain.inventory_rules",
        "",
        &["rule", "output_lost", "demand_lost"],
    ),
];

impl Answer {
    /// The answer as a document in one language.
    pub fn page(&self, lang: Lang) -> Document {
        let section = |id: &str, blocks: Vec<Block>| Section {
            id: id.to_owned(),
            number: String::new(),
            heading: self.word(&format!("whatif.section.{id}"), lang),
            blocks,
        };
        let mut meta = Vec::new();
        if let Some(study) = &self.study {
            meta.push((self.word("whatif.meta.study", lang), study.clone()));
        }
        meta.extend([
            (self.word("report.meta.seed", lang), self.seed.0.to_string()),
            (self.word("whatif.meta.draws", lang), self.draws.to_string()),
            (
                self.word("whatif.meta.draws_used", lang),
                self.draws_used(lang),
            ),
        ]);
        // Three sections: the page prints without contents, on as little paper as it can.
        let under = |id: &str, blocks: Vec<Block>| {
            let heading = self.word(&format!("whatif.section.{id}"), lang);
            let heading = (!blocks.is_empty()).then_some(Block::Subheading(heading));
            heading.into_iter().chain(blocks)
        };
        let answer: Vec<Block> = self
            .question_blocks(lang)
            .into_iter()
            .chain(self.course_blocks(lang))
            .chain(
                self.recovery_lines(lang)
                    .into_iter()
                    .map(|line| Block::Paragraph(vec![line.into()])),
            )
            .chain(under("direct", self.tables(&DIRECT, lang)))
            .collect();
        // What says little comes after what says more.
        let mut order = HIT;
        if self.uninformative().is_some() {
            order.sort_by_key(|(name, ..)| *name == "chain.inventory");
        }
        let hit: Vec<Block> = self
            .tables(&order, lang)
            .into_iter()
            .chain(under("binding", self.tables(&BINDING, lang)))
            .chain(under("remedy", self.remedy_blocks(lang)))
            .collect();
        let sections = [
            ("answer", answer),
            ("hit", hit),
            ("evidence", self.basis_blocks(lang)),
        ];
        Document {
            lang,
            extent: Extent::Report,
            title: self.title(lang),
            subtitle: self.headline(lang),
            classification: self.report.marking(lang),
            meta,
            sections: sections
                .into_iter()
                .filter(|(_, blocks)| !blocks.is_empty())
                .map(|(id, blocks)| section(id, blocks))
                .collect(),
            explanations: Vec::new(),
            evidence: Vec::new(),
            sources: Vec::new(),
        }
    }

    /// What was asked, in full.
    fn question_blocks(&self, lang: Lang) -> Vec<Block> {
        let mut items: Vec<Vec<Span>> = self
            .question_lines(lang)
            .into_iter()
            .map(|line| vec![Span::Text(line)])
            .collect();
        let carriers = self.parts.iter().filter(|part| part.answered());
        let carriers: Vec<String> = carriers.map(|p| self.carrier(p.carrier, lang)).collect();
        if !carriers.is_empty() {
            let separator = if lang == Lang::Zh { "；" } else { "; " };
            let line =
                Message::new("whatif.part.answered").with("evidence", carriers.join(separator));
            items.push(vec![Span::Text(self.say(&line, lang))]);
        }
        vec![Block::List(items)]
    }

    fn course_blocks(&self, lang: Lang) -> Vec<Block> {
        // The sentence itself stands under the title.
        let figures = [self.product_course(lang), self.industry_course(lang)];
        figures.into_iter().flatten().map(Block::Figure).collect()
    }

    pub(super) fn tables(&self, shown: &[Shown], lang: Lang) -> Vec<Block> {
        let mut blocks = Vec::new();
        for (name, order, columns) in shown {
            // With a weekly course the regions stand there; those of the year are in their file.
            let twice = *name == "whatif.regions"
                && self.table("chain.inventory").is_some()
                && self.uninformative().is_none();
            let Some(table) = self.table(name).filter(|t| !t.rows.is_empty() && !twice) else {
                continue;
            };
            let mut sorted = if order.is_empty() {
                table.clone()
            } else {
                by_value(table, order)
            };
            match *name {
                "chain.inventory" => sorted.rows = self.hit_first(&sorted),
                "chain.shock" => sorted = self.products_drawn(&sorted),
                "chain.shock_binding" => sorted.rows = self.others_bind(&sorted),
                _ => {}
            }
            if sorted.rows.is_empty() {
                continue;
            }
            let most = match *name {
                // Every rule is one bound or another: the table is one.
                "chain.inventory_rules" => sorted.rows.len(),
                // Who sells already beside who could.
                "whatif.sources" => 2 * ROWS,
                // Where to look first; these tables are long, and their rows much alike.
                "chain.shock_sectors" | "chain.shock_regions" | "chain.shock_binding" => ROWS - 1,
                _ => ROWS,
            };
            // One row takes no more room than the word that there is one.
            let rest = match sorted.rows.len().saturating_sub(most) {
                1 => 0,
                rest => rest,
            };
            sorted.rows.truncate(sorted.rows.len() - rest);
            let view = self.view(&sorted, columns, lang);
            let more = (rest > 0).then(|| self.say(&Message::new("more").with("n", rest), lang));
            blocks.push(Block::Table(view.and_more(more)));
        }
        blocks
    }

    /// All industries, final demand, home, then industries and other regions in turn.
    pub(super) fn hit_first(&self, summary: &ResultTable) -> Vec<Row> {
        let home = self.home_row().map(|row| row.key.clone());
        let rank = |row: &Row| {
            if row.key.ends_with("/all") {
                0
            } else if row.key.ends_with("/demand") {
                1
            } else if Some(&row.key) == home.as_ref() {
                2
            } else {
                3
            }
        };
        let mut rows = by_value(summary, "cumulative").rows;
        rows.sort_by_key(|row| rank(row));
        rows
    }

    /// The cheapest plan where the chains gave one; else where the stop hits hardest first, and how a plan is found.
    fn remedy_blocks(&self, lang: Lang) -> Vec<Block> {
        if !self.answered() {
            return Vec::new();
        }
        let mut items = self.source_lines();
        let binds = |table: &str| self.table(table).is_some_and(|t| !t.rows.is_empty());
        if binds("chain.shock_binding") && !self.has_remedy() {
            items.push(Message::new("whatif.remedy.chain"));
        }
        if binds("chain.inventory_binding") {
            items.push(Message::new("whatif.remedy.stock"));
        }
        if !self.has_remedy() {
            for refusal in self.no_remedy() {
                items.extend([refusal.reason.clone(), refusal.needed.clone()]);
            }
            items.push(Message::new("whatif.remedy.command"));
        }
        let spans = |message: &Message| vec![Span::Text(self.say(message, lang))];
        let mut blocks = self.plan_blocks(lang);
        if !items.is_empty() {
            blocks.push(Block::List(items.iter().map(spans).collect()));
        }
        blocks
    }

    /// Present suppliers that go on, and who else could add how much.
    fn source_lines(&self) -> Vec<Message> {
        let (Some(imports), Some(sources)) =
            (self.table("whatif.imports"), self.table("whatif.sources"))
        else {
            return Vec::new();
        };
        let hit = by_value(imports, "share_stopped");
        let rows = hit.rows.iter().take(ROWS);
        rows.flat_map(|row| source_lines_of(&hit, row, sources))
            .collect()
    }

    /// What was assumed, what could not be answered, limits and sources.
    fn basis_blocks(&self, lang: Lang) -> Vec<Block> {
        let heading =
            |id: &str| Block::Subheading(self.word(&format!("whatif.section.{id}"), lang));
        let mut blocks = Vec::new();
        if let Some(table) = self.table("chain.inventory_assumptions") {
            let columns = [
                "assumption",
                "of_input",
                "assumed",
                "assumed_unit",
                "given_by",
            ];
            let by_input = table
                .rows
                .iter()
                .any(|row| row.cells[2] != model::Cell::Empty);
            let skip = usize::from(by_input);
            let columns: Vec<&str> = columns
                .into_iter()
                .filter(|c| skip == 1 || *c != "of_input")
                .collect();
            if !table.rows.is_empty() {
                blocks.push(Block::Table(self.view(table, &columns, lang)));
            }
        }
        let refused = self.parts.iter().flat_map(|part| &part.refusals);
        // Why there is no plan is said where the plan would stand.
        for refusal in refused.filter(|r| !r.code.starts_with("remedy.")) {
            let text = [&refusal.reason, &refusal.needed].map(|m| self.say(m, lang));
            blocks.push(Block::Note {
                kind: NoteKind::Refusal,
                spans: vec![Span::Text(text.join(" "))],
            });
        }
        blocks.push(heading("limits"));
        blocks.extend(self.limit_blocks(lang));
        if !self.sources.is_empty() {
            blocks.push(heading("sources"));
            blocks.extend(self.source_blocks(lang));
        }
        blocks
    }

    fn limit_blocks(&self, lang: Lang) -> Vec<Block> {
        let held = |name: &str| self.table(name).is_some_and(|t| !t.rows.is_empty());
        let (chain, industries) = (held("chain.shock"), held("chain.inventory"));
        let mut limits = Vec::new();
        if chain || industries {
            limits.extend(["whatif.limit.bounds", "whatif.limit.draws"]);
        }
        if chain {
            limits.push("whatif.limit.world");
        }
        if industries {
            limits.push("whatif.limit.inventory");
        }
        let mut items: Vec<Vec<Span>> = limits
            .iter()
            .map(|id| vec![Span::Text(self.word(id, lang))])
            .collect();
        items.extend(
            self.assumed()
                .map(|line| vec![self.say(&line, lang).into()]),
        );
        let notes = self.parts.iter().flat_map(|part| &part.notes);
        items.extend(notes.map(|note| vec![Span::Text(self.say(note, lang))]));
        vec![Block::List(items)]
    }

    /// The settings that stand behind numbers with a dagger.
    fn assumed(&self) -> Option<Message> {
        let rows = self.parts.iter().flat_map(|part| &part.tables);
        let settings: BTreeSet<&str> = rows
            .flat_map(|table| &table.rows)
            .flat_map(|row| &row.origins)
            .filter_map(|origin| match origin {
                Origin::Parameter(path) if !path.starts_with("scenarios/") => Some(path.as_str()),
                _ => None,
            })
            .collect();
        let settings: Vec<&str> = settings.into_iter().collect();
        (!settings.is_empty())
            .then(|| Message::new("whatif.limit.assumed").with("settings", settings.join(", ")))
    }

    fn source_blocks(&self, lang: Lang) -> Vec<Block> {
        let mut items: Vec<Span> = Vec::new();
        for source in self.sources.iter().take(SOURCES) {
            let rows = match source.weight {
                Some(weight) => Message::new("whatif.source.weight").with("weight", weight),
                None => Message::new("whatif.source.rows"),
            };
            let trust = match &source.confidence {
                Some(word) => Message::new(format!("whatif.source.confidence.{word}")),
                None => Message::verbatim(""),
            };
            let rows = rows.with("n", source.rows).with("trust", trust);
            items.push(match &source.href {
                Some(href) => Span::Link {
                    text: source.text.clone(),
                    href: href.clone(),
                },
                None => Span::Text(source.text.clone()),
            });
            items.push(Span::Text(format!(" {}; ", self.say(&rows, lang))));
        }
        if self.sources.len() > SOURCES {
            let more = Message::new("more").with("n", self.sources.len() - SOURCES);
            items.push(self.say(&more, lang).into());
        }
        vec![Block::Paragraph(items)]
    }

    /// A table without links to explanations: those are in the report of a run.
    pub(super) fn view(&self, table: &ResultTable, columns: &[&str], lang: Lang) -> TableView {
        let caption = self.word(&format!("table.{}", table.name), lang);
        let id = format!("table/{}", table.name);
        let settings = TableSettings {
            id: &id,
            caption: &caption,
            folded: Folded::Open,
            columns,
        };
        table_view(table, &settings, lang, &self.names, |_| String::new()).without_links()
    }
}

/// The same for one code, where any of it stops and anybody goes on.
fn source_lines_of(imports: &ResultTable, of: &Row, sources: &ResultTable) -> Vec<Message> {
    let stops = estimate(imports, of, "share_stopped").is_some_and(|e| e.high > 0.0);
    let could = estimate(imports, of, "others_could_add").filter(|e| stops && e.high > 0.0);
    let Some(could) = could else {
        return Vec::new();
    };
    let code = of.key.as_str();
    let prefix = format!("{code}/");
    let named = |column: &str| -> Vec<Message> {
        let sorted = by_value(sources, column);
        let rows = sorted
            .rows
            .iter()
            .filter(|row| row.key.starts_with(&prefix));
        let rows = rows.filter_map(|row| {
            let could = estimate(sources, row, "could_add")?;
            let shown = estimate(sources, row, column)?;
            let country = entity_of(sources, row, "country")?;
            let item = Message::new("whatif.remedy.source").with("country", country);
            (could.high > 0.0 && shown.value > 0.0).then(|| item.with("value", shown.value))
        });
        rows.take(ROWS).collect()
    };
    let mut lines = Vec::new();
    let present = named("share_now");
    if !present.is_empty() {
        lines.push(
            Message::new("whatif.remedy.present")
                .with("code", code)
                .with("first", Message::listed(&present)),
        );
    }
    lines.push(
        Message::new("whatif.remedy.sources")
            .with("code", code)
            .with("low", could.low)
            .with("high", could.high)
            .with("first", Message::listed(&named("could_add"))),
    );
    lines
}
