//! The answer on a screen: one sentence, the products, who carried what, what next.

use model::{Catalogue, Entity, Estimate, Lang, Message, ResultTable, Row};

use super::{Answer, Carrier, Part};
use crate::engine::output::{cell, count, estimate};
use crate::report::book::{by_value, entity_of};

/// Products, sectors and regions shown before "and more".
const SHOWN: usize = 8;
/// Stocks of single nodes named.
const STOCKS: usize = 3;

impl Answer {
    pub(super) fn say(&self, message: &Message, lang: Lang) -> String {
        Catalogue::builtin().render(message, lang, &self.names)
    }

    pub(super) fn word(&self, id: &str, lang: Lang) -> String {
        self.say(&Message::new(id), lang)
    }

    pub(super) fn name(&self, entity: &Entity, lang: Lang) -> String {
        self.names.show(entity, lang)
    }

    /// The answer in a sentence for each kind of evidence that gave one.
    pub fn headline(&self, lang: Lang) -> String {
        let chain = self.chain_headline();
        let unhurt = |m: &Message| m.id == "whatif.headline.none";
        // What loses nothing is not the answer where something else loses.
        let (first, last) = match chain {
            Some(none) if unhurt(&none) => (None, Some(none)),
            other => (other, None),
        };
        // An interval that does not discriminate comes after what does, and says so.
        let industries = match self.uninformative() {
            Some(blind) => [self.direct_headline(), Some(blind)],
            None => [self.industry_headline(), None],
        };
        let [direct, blind] = industries;
        let found: Vec<Message> = [
            first,
            direct,
            blind,
            self.trade_headline(),
            self.firm_headline(),
            last,
        ]
        .into_iter()
        .flatten()
        .collect();
        if found.is_empty() {
            return self.word("whatif.headline.refused", lang);
        }
        let said: Vec<String> = found.iter().map(|m| self.say(m, lang)).collect();
        said.join(if lang == Lang::Zh { "" } else { " " })
    }

    fn chain_headline(&self) -> Option<Message> {
        let products = self.table("chain.shock").filter(|t| !t.rows.is_empty())?;
        let sorted = by_value(products, "cumulative");
        let hit = |row: &&Row| estimate(products, row, "peak").is_some_and(|e| e.high > 0.0);
        let n = products.rows.iter().filter(hit).count();
        let worst = sorted.rows.iter().find(hit);
        let Some((row, target, peak)) = worst.and_then(|row| {
            Some((
                row,
                entity_of(&sorted, row, "target")?,
                estimate(&sorted, row, "peak")?,
            ))
        }) else {
            return Some(
                Message::new("whatif.headline.none")
                    .with("all", products.rows.len())
                    .with("weeks", f64::from(self.scenario.horizon_weeks)),
            );
        };
        let week = count(&sorted, row, "first_week_worst").unwrap_or(1);
        Some(
            Message::new("whatif.headline")
                .with("n", n)
                .with("all", products.rows.len())
                .with("target", target)
                .with("low", peak.low)
                .with("high", peak.high)
                .with("drawn", self.draws_of(&row.key))
                .with("week", week.to_string()),
        )
    }

    /// Where the draws of a product lie between its bounds; nothing where none were made.
    fn draws_of(&self, product: &str) -> Message {
        let found = self.table("chain.shock_draws").and_then(|draws| {
            let row = draws.row(product)?;
            let of = |column| estimate(draws, row, column);
            Some((of("peak_drawn")?, of("hit_draws")?))
        });
        match found {
            Some((peak, hit)) => Message::new("whatif.headline.drawn")
                .with("hit", hit.value)
                .with("p05", peak.low)
                .with("p95", peak.high),
            None => Message::verbatim(""),
        }
    }

    /// Home or the region hit hardest; all industries where the table has no regions.
    fn industry_headline(&self) -> Option<Message> {
        let summary = self.table("chain.inventory")?;
        let all = summary.rows.iter().find(|row| row.key.ends_with("/all"));
        let row = self.home_row().or(all)?;
        let peak = estimate(summary, row, "peak")?;
        let drawn = estimate(summary, row, "peak_drawn")?;
        let hit = match cell(summary, row, "hit")? {
            model::Cell::Entity(entity) => {
                Message::new("whatif.place").with("place", entity.clone())
            }
            model::Cell::Message(message) => message.clone(),
            _ => return None,
        };
        let Some(week) = count(summary, row, "first_week_worst") else {
            return Some(
                Message::new("whatif.headline.io_none")
                    .with("hit", hit)
                    .with("weeks", f64::from(self.scenario.horizon_weeks)),
            );
        };
        Some(
            Message::new("whatif.headline.io")
                .with("hit", hit)
                .with("low", peak.low)
                .with("high", peak.high)
                .with("value", peak.value)
                .with("p05", drawn.low)
                .with("p95", drawn.high)
                .with("week", week.to_string()),
        )
    }

    fn trade_headline(&self) -> Option<Message> {
        let table = self.table("whatif.imports")?;
        let table = &by_value(table, "share_stopped");
        let row = table.rows.first()?;
        let share = estimate(table, row, "share_stopped")?;
        Some(
            Message::new("whatif.headline.trade")
                .with("code", row.key.as_str())
                .with("buyer", entity_of(table, row, "buyer")?)
                .with("low", share.low)
                .with("high", share.high)
                .with("year", count(table, row, "year")?.to_string()),
        )
    }

    fn firm_headline(&self) -> Option<Message> {
        let table = self.table("whatif.firm_network")?;
        let row = table.rows.first()?;
        let lost = estimate(table, row, "output_lost")?;
        let Some(model::Cell::Text(firm)) = cell(table, row, "firm_name") else {
            return None;
        };
        let many = |column| count(table, row, column).unwrap_or_default().to_string();
        Some(
            Message::new("whatif.headline.firms")
                .with("firm", firm.as_str())
                .with("low", lost.low)
                .with("high", lost.high)
                .with("n", many("firms_hit"))
                .with("all", many("firms_in_network")),
        )
    }

    /// What was asked, a line for each event, and the stock that was assumed.
    pub(super) fn question_lines(&self, lang: Lang) -> Vec<String> {
        let scenario = &self.scenario;
        let country = |code: &str| self.name(&Entity::new(model::Kind::Country, code), lang);
        let mut lines: Vec<String> = Vec::new();
        for event in &scenario.event {
            let place = event.country.as_deref().or(event.region.as_deref());
            let place = match (&event.firm, place) {
                (Some(firm), Some(place)) => self.say(
                    &Message::new("whatif.firm_in")
                        .with("firm", firm.as_str())
                        .with("place", country(place)),
                    lang,
                ),
                (Some(firm), None) => firm.clone(),
                (None, Some(place)) => country(place),
                (None, None) => self.word("whatif.everybody", lang),
            };
            let node = event.node.as_deref();
            let good = node.map(|node| self.name(&model::Node::from(node).entity(), lang));
            let good = good
                .or_else(|| event.industry.clone())
                .or_else(|| event.product.clone())
                .unwrap_or_else(|| self.word("whatif.everything", lang));
            let s = event.severity;
            let line = Message::new("whatif.event")
                .with("place", place)
                .with("good", good)
                .with("severity", percent(&s.assumed()))
                .with("from", event.start_week.to_string())
                .with("weeks", event.weeks.to_string());
            lines.push(self.say(&line, lang));
        }
        let stock = scenario.default_stock_weeks;
        let weeks = |x: f64| x.to_string();
        let buyer = match &scenario.buyer {
            Some(buyer) => country(buyer),
            None => self.word("whatif.every_buyer", lang),
        };
        let line = Message::new("whatif.frame")
            .with("buyer", buyer)
            .with("horizon", scenario.horizon_weeks.to_string())
            .with("stock", weeks(stock.value))
            .with("low", weeks(stock.low))
            .with("high", weeks(stock.high));
        lines.push(self.say(&line, lang));
        for stock in scenario.stocks.iter().take(STOCKS) {
            let line = Message::new("whatif.frame.stock")
                .with("node", model::Node::from(stock.node.as_str()).entity())
                .with("stock", weeks(stock.weeks.value))
                .with("low", weeks(stock.weeks.low))
                .with("high", weeks(stock.weeks.high));
            lines.push(self.say(&line, lang));
        }
        if scenario.stocks.len() > STOCKS {
            let more = Message::new("more").with("n", scenario.stocks.len() - STOCKS);
            lines.push(self.say(&more, lang));
        }
        lines
    }

    /// The short answer for people.
    pub fn text(&self, lang: Lang) -> String {
        let mut lines = vec![self.title(lang), String::new(), self.headline(lang)];
        lines.extend(self.recovery_lines(lang));
        for part in &self.parts {
            lines.push(String::new());
            let carrier = self.carrier(part.carrier, lang);
            lines.push(format!("{} {carrier}", self.word("whatif.carried", lang)));
            self.part_text(part, lang, &mut lines);
        }
        lines.push(String::new());
        lines.push(self.word("whatif.next", lang));
        lines.join("\n")
    }

    pub(super) fn carrier(&self, carrier: Carrier, lang: Lang) -> String {
        self.word(&format!("code.{}", carrier.code()), lang)
    }

    pub(super) fn title(&self, lang: Lang) -> String {
        match lang {
            Lang::En => self.scenario.title_en.clone(),
            Lang::Zh => self.scenario.title_zh.clone(),
        }
    }

    fn part_text(&self, part: &Part, lang: Lang, lines: &mut Vec<String>) {
        for table in part.tables.iter().filter(|t| !t.rows.is_empty()) {
            match table.name.as_str() {
                "chain.shock" => self.products(table, lang, lines),
                "chain.shock_sectors" => self.list(table, "field", "peak", lang, lines),
                "chain.shock_regions" => self.list(table, "cluster", "at_stake", lang, lines),
                "chain.inventory" => {
                    let sorted = ResultTable {
                        rows: self.hit_first(table),
                        ..table.clone()
                    };
                    self.rows(&sorted, "hit", "peak", lang, lines);
                }
                "chain.inventory_binding" => self.held(table, lang, lines),
                "chain.inventory_rules" => {
                    self.rows(table, "rule", "output_lost", lang, lines);
                }
                "whatif.imports" => self.list(table, "product", "share_stopped", lang, lines),
                "whatif.direct" => {
                    self.rows(table, "industry_code", "share_of_uses", lang, lines);
                }
                "whatif.industries" => {
                    self.rows(table, "industry_code", "loss_share", lang, lines);
                }
                "chain.remedy" => {
                    let said = self.remedy_lines();
                    lines.push(format!("  {}:", self.word("chain.heading.remedy", lang)));
                    lines.extend(said.iter().map(|m| format!("    {}", self.say(m, lang))));
                }
                "whatif.firm_network" | "whatif.firms" => {
                    self.list(table, "firm_name", "output_lost", lang, lines);
                }
                "whatif.firm_sectors" => {
                    self.list(table, "firm_sector", "output_lost", lang, lines);
                }
                "whatif.firm_regions" => {
                    self.list(table, "region_code", "output_lost", lang, lines);
                }
                "whatif.sources" => self.sources_text(table, lang, lines),
                _ => {}
            }
        }
        for note in &part.notes {
            lines.push(format!("  ! {}", self.say(note, lang)));
        }
        for refusal in &part.refusals {
            lines.push(format!("  ✗ {}", self.say(&refusal.reason, lang)));
            lines.push(format!("    → {}", self.say(&refusal.needed, lang)));
        }
    }

    /// A line for each product: peak between its bounds, the draws, the first week, and what binds then.
    fn products(&self, table: &ResultTable, lang: Lang, lines: &mut Vec<String>) {
        let sorted = by_value(table, "cumulative");
        let drawn = self.table("chain.shock_draws");
        for row in sorted.rows.iter().take(SHOWN) {
            let name = entity_of(&sorted, row, "target").map(|e| self.name(&e, lang));
            let peak = estimate(&sorted, row, "peak").map(|e| percent(&e));
            let draws = drawn
                .and_then(|t| {
                    let row = t.row(&row.key)?;
                    Some((
                        estimate(t, row, "peak_drawn")?,
                        estimate(t, row, "hit_draws")?,
                    ))
                })
                .map(|(peak, hit)| (percent(&peak), hit.value));
            let week = count(&sorted, row, "first_week_worst");
            let mut line = format!(
                "  {}  {}",
                name.unwrap_or_default(),
                peak.unwrap_or_default()
            );
            if let (Some((draws, hit)), Some(week)) = (draws, week) {
                let more = Message::new("whatif.line")
                    .with("draws", draws)
                    .with("hit", hit)
                    .with("week", week.to_string())
                    .with("binds", self.binds(&row.key, lang));
                line.push_str(&self.say(&more, lang));
            } else if let Some(model::Cell::Message(reason)) = cell(&sorted, row, "reason") {
                line.push_str(&format!("  {}", self.say(reason, lang)));
            }
            lines.push(line);
        }
        self.more(sorted.rows.len(), lang, lines);
    }

    /// Where the loss of a course begins, by stretch, each once.
    fn binds(&self, course: &str, lang: Lang) -> String {
        let mut found: Vec<String> = Vec::new();
        if let Some(table) = self.table("chain.shock_binding") {
            let prefix = format!("{course}/");
            for row in table.rows.iter().filter(|row| row.key.starts_with(&prefix)) {
                let source = entity_of(table, row, "binding_source").map(|e| self.name(&e, lang));
                found.extend(source.filter(|source| !found.contains(source)));
            }
        }
        found.join("; ")
    }

    fn list(
        &self,
        table: &ResultTable,
        who: &str,
        number: &str,
        lang: Lang,
        lines: &mut Vec<String>,
    ) {
        self.rows(&by_value(table, number), who, number, lang, lines);
    }

    /// The first rows as they stand.
    fn rows(
        &self,
        table: &ResultTable,
        who: &str,
        number: &str,
        lang: Lang,
        lines: &mut Vec<String>,
    ) {
        lines.push(format!(
            "  {}:",
            self.word(&format!("table.{}", table.name), lang)
        ));
        for row in table.rows.iter().take(SHOWN) {
            let name = match cell(table, row, who) {
                Some(model::Cell::Entity(entity)) => self.name(entity, lang),
                Some(model::Cell::Text(text)) => text.clone(),
                Some(model::Cell::Message(message)) => self.say(message, lang),
                _ => String::new(),
            };
            let long = match cell(table, row, "industry_name") {
                Some(model::Cell::Message(long)) => format!(" {}", self.say(long, lang)),
                // A city stands once for each of its fields.
                _ if who == "cluster" => entity_of(table, row, "field")
                    .map(|field| format!(": {}", self.name(&field, lang)))
                    .unwrap_or_default(),
                _ => String::new(),
            };
            let value = estimate(table, row, number).map(|e| percent(&e));
            lines.push(format!("    {name}{long}  {}", value.unwrap_or_default()));
        }
        self.more(table.rows.len(), lang, lines);
    }

    /// What holds industries back, a stretch of weeks a line.
    fn held(&self, table: &ResultTable, lang: Lang, lines: &mut Vec<String>) {
        lines.push(format!(
            "  {}:",
            self.word(&format!("table.{}", table.name), lang)
        ));
        for row in table.rows.iter().take(SHOWN) {
            let weeks = ["from_week", "to_week"].map(|c| count(table, row, c).unwrap_or_default());
            let by = match cell(table, row, "binds") {
                Some(model::Cell::Text(text)) => text.clone(),
                Some(model::Cell::Message(message)) => self.say(message, lang),
                _ => String::new(),
            };
            let loss = estimate(table, row, "loss").map(|e| percent(&e));
            lines.push(format!(
                "    {}  {}-{}  {by}  {}",
                self.hit(table, row, lang),
                weeks[0],
                weeks[1],
                loss.unwrap_or_default()
            ));
        }
        self.more(table.rows.len(), lang, lines);
    }

    /// A line for each supplier: of which code, its share now, what it could add.
    fn sources_text(&self, table: &ResultTable, lang: Lang, lines: &mut Vec<String>) {
        lines.push(format!(
            "  {}:",
            self.word(&format!("table.{}", table.name), lang)
        ));
        let column = |id: &str| self.word(&format!("column.{id}"), lang);
        for row in &table.rows {
            let of = |column: &str| entity_of(table, row, column).map(|e| self.name(&e, lang));
            let code = match cell(table, row, "product") {
                Some(model::Cell::Text(code)) => code.as_str(),
                _ => "",
            };
            let mut line = format!(
                "    {code}  {}  {}",
                of("country").unwrap_or_default(),
                of("source_use").unwrap_or_default(),
            );
            for shown in ["share_now", "could_add"] {
                if let Some(share) = estimate(table, row, shown) {
                    line.push_str(&format!("  {}: {}", column(shown), percent(&share)));
                }
            }
            lines.push(line);
        }
    }

    /// How many draws each kind of evidence used.
    pub(super) fn draws_used(&self, lang: Lang) -> String {
        let used = self.parts.iter().filter_map(|part| {
            let carrier = self.carrier(part.carrier, lang);
            part.draws.map(|draws| format!("{draws} ({carrier})"))
        });
        let used: Vec<String> = used.collect();
        if used.is_empty() {
            "0".to_owned()
        } else {
            used.join("; ")
        }
    }

    fn more(&self, rows: usize, lang: Lang, lines: &mut Vec<String>) {
        if rows > SHOWN {
            let more = Message::new("more").with("n", rows - SHOWN);
            lines.push(format!("    {}", self.say(&more, lang)));
        }
    }
}

/// `40 % (10–80)`.
fn percent(e: &Estimate) -> String {
    let number = |x: f64| {
        let shown = format!("{:.1}", x * 100.0);
        shown
            .strip_suffix(".0")
            .map_or(shown.clone(), str::to_owned)
    };
    format!(
        "{} % ({}–{})",
        number(e.value),
        number(e.low),
        number(e.high)
    )
}
