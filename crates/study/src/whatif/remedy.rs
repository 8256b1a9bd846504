//! What to do: the cheapest remedy of the question in sentences and tables.

use chain::remedy::{Kind, Proof};
use model::{Entity, Lang, Message, ResultTable, Row};
use publish::document::{Block, Span};

use super::{Answer, Carrier};
use crate::config::RemedySection;
use crate::engine::output::{cell, estimate};
use crate::report::book::{by_value, entity_of};

/// Prices named in a sentence.
const NAMED: usize = 3;
/// Products named in a sentence; their table is a file.
const PRODUCTS: usize = 6;
/// A gap that is rounding.
const MET: f64 = 1e-6;

/// The terms that a study sets for its remedies, as far as sentences name them.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Terms {
    /// Share of the loss without a plan that a plan may leave.
    leave: f64,
    draws: usize,
    source_fixed: f64,
    home_fixed: f64,
    /// How long before the stop a source or capacity is decided.
    lead_weeks: u32,
    /// How long after that a further source counts.
    source_ready_weeks: u32,
}

impl Terms {
    pub(super) fn of(settings: &RemedySection) -> Self {
        Self {
            leave: settings.leave,
            draws: settings.draws,
            source_fixed: settings.source_fixed.value,
            home_fixed: settings.home_fixed.value,
            lead_weeks: settings.lead_weeks,
            source_ready_weeks: settings.source_ready_weeks,
        }
    }

    /// What an option costs once, by its code.
    fn fixed(&self, option: &str) -> Option<f64> {
        [
            (Kind::Source, self.source_fixed),
            (Kind::Home, self.home_fixed),
        ]
        .into_iter()
        .find_map(|(kind, fixed)| (kind.code() == option).then_some(fixed))
    }
}

impl Answer {
    /// Whether the chains gave a plan.
    pub(super) fn has_remedy(&self) -> bool {
        self.table("chain.remedy")
            .is_some_and(|t| !t.rows.is_empty())
    }

    /// Why there is no plan, where the chains answered.
    pub(super) fn no_remedy(&self) -> impl Iterator<Item = &model::Refusal> {
        let chains = self.parts.iter().filter(|p| p.carrier == Carrier::Chain);
        let refused = chains.flat_map(|part| &part.refusals);
        refused.filter(|refusal| refusal.code.starts_with("remedy."))
    }

    /// The cheapest plan, what remains, what the next day of stock and the next source are worth.
    pub(super) fn remedy_lines(&self) -> Vec<Message> {
        let Some(summary) = self.table("chain.remedy") else {
            return Vec::new();
        };
        let Some(row) = summary.rows.first() else {
            return Vec::new();
        };
        let mut lines = Vec::new();
        lines.extend(self.plan_line(summary, row));
        lines.extend(self.remains_line());
        lines.extend(self.day_line());
        lines.extend(self.next_line(summary, row));
        lines.extend(self.drawn_line(summary, row));
        lines.extend(self.remedy.as_ref().map(|terms| {
            Message::new("whatif.remedy.assumed")
                .with("lead", f64::from(terms.lead_weeks))
                .with("ready", f64::from(terms.source_ready_weeks))
        }));
        lines
    }

    fn plan_line(&self, summary: &ResultTable, row: &Row) -> Option<Message> {
        let leave = self.remedy.as_ref()?.leave;
        let cost = estimate(summary, row, "remedy_cost")?;
        let proved = proved(summary, row);
        let items = self.bought();
        if items.is_empty() {
            return Some(Message::new("whatif.remedy.nothing").with("leave", leave));
        }
        let proof = match cell(summary, row, "remedy_proof")? {
            // What meets its bound is proved, however the bound was found.
            model::Cell::Entity(_) if proved => {
                Entity::new(model::Kind::Code, Proof::Solved.code())
            }
            model::Cell::Entity(code) => code.clone(),
            _ => return None,
        };
        let id = if proved {
            "whatif.remedy.plan"
        } else {
            "whatif.remedy.plan.found"
        };
        Some(
            Message::new(id)
                .with("leave", leave)
                .with("items", Message::listed(&items))
                .with("value", cost.value)
                .with("low", cost.low)
                .with("high", cost.high)
                .with("least", estimate(summary, row, "cost_at_least")?.value)
                .with("gap", estimate(summary, row, "cost_gap")?.value)
                .with("proof", proof),
        )
    }

    /// What the plan buys, dearest first.
    fn bought(&self) -> Vec<Message> {
        let Some(plan) = self.table("chain.remedy_plan") else {
            return Vec::new();
        };
        let sorted = by_value(plan, "remedy_cost");
        let item = |row: &Row| {
            let node = entity_of(&sorted, row, "node")?;
            if let Some(weeks) = estimate(&sorted, row, "added_stock") {
                return Some(
                    Message::new("whatif.remedy.item.stock")
                        .with("node", node)
                        .with("weeks", weeks.value),
                );
            }
            let option = entity_of(&sorted, row, "remedy_option")?;
            let id = format!("whatif.remedy.item.{}", model::short(&option.id));
            Some(
                Message::new(id)
                    .with("node", node)
                    .with("share", estimate(&sorted, row, "added_share")?.value)
                    .with("country", entity_of(&sorted, row, "source_country")?),
            )
        };
        sorted.rows.iter().filter_map(item).collect()
    }

    fn remains_line(&self) -> Option<Message> {
        let left = self.table("chain.remedy_remaining")?;
        // The worst case first: the middle is nothing for many products that may lose much.
        let mut sorted = by_value(left, "loss_after");
        let worst = |row: &Row| estimate(left, row, "loss_after").map_or(0.0, |e| e.high);
        (sorted.rows).sort_by(|a, b| worst(b).total_cmp(&worst(a)));
        let item = |row: &Row| {
            let after = estimate(&sorted, row, "loss_after")?;
            let before = estimate(&sorted, row, "loss_before")?;
            (before.high > 0.0).then_some(())?;
            Some(
                Message::new("whatif.remedy.remains.item")
                    .with("target", entity_of(&sorted, row, "target")?)
                    .with("low", after.low)
                    .with("high", after.high)
                    .with("before", before.high),
            )
        };
        let mut items: Vec<Message> = sorted.rows.iter().filter_map(item).collect();
        let more = items.len().saturating_sub(PRODUCTS);
        items.truncate(PRODUCTS);
        if more > 0 {
            items.push(Message::new("more").with("n", more));
        }
        (!items.is_empty())
            .then(|| Message::new("whatif.remedy.remains").with("items", Message::listed(&items)))
    }

    fn day_line(&self) -> Option<Message> {
        let prices = self.table("chain.remedy_prices")?;
        let sorted = by_value(prices, "stock_day");
        let item = |row: &Row| {
            Some(
                Message::new("whatif.remedy.day.item")
                    .with("node", entity_of(&sorted, row, "node")?)
                    .with("value", estimate(&sorted, row, "stock_day")?.value),
            )
        };
        let items: Vec<Message> = sorted.rows.iter().filter_map(item).take(NAMED).collect();
        (!items.is_empty())
            .then(|| Message::new("whatif.remedy.day").with("items", Message::listed(&items)))
    }

    /// The source, or the capacity at home, that saves most at the margin; nothing where no program gave prices.
    fn next_line(&self, summary: &ResultTable, row: &Row) -> Option<Message> {
        let worth = self.table("chain.remedy_worth")?;
        let priced = |name: &str| self.table(name).is_some_and(|t| !t.rows.is_empty());
        let none = || {
            let known = proved(summary, row)
                || ["chain.remedy_worth", "chain.remedy_prices"]
                    .into_iter()
                    .any(priced);
            known.then(|| Message::new("whatif.remedy.next.none"))
        };
        let sorted = by_value(worth, "unit_worth");
        let next = sorted.rows.iter().find_map(|row| {
            let country: Entity = entity_of(&sorted, row, "source_country")?;
            let option = entity_of(&sorted, row, "remedy_option")?;
            let fixed = self.remedy.as_ref()?.fixed(&option.id)?;
            Some(
                Message::new("whatif.remedy.next")
                    .with("node", entity_of(&sorted, row, "node")?)
                    .with("country", country)
                    .with("worth", estimate(&sorted, row, "unit_worth")?.value)
                    .with("cost", estimate(&sorted, row, "unit_cost")?.value)
                    .with("fixed", fixed),
            )
        });
        next.or_else(none)
    }

    fn drawn_line(&self, summary: &ResultTable, row: &Row) -> Option<Message> {
        let drawn = estimate(summary, row, "drawn_cost")?;
        Some(
            Message::new("whatif.remedy.drawn")
                .with("draws", self.remedy.as_ref()?.draws as f64)
                .with("low", drawn.low)
                .with("high", drawn.high)
                .with("kept", estimate(summary, row, "draws_kept")?.value),
        )
    }

    /// The plan in sentences; its tables are files.
    pub(super) fn plan_blocks(&self, lang: Lang) -> Vec<Block> {
        let lines = self.remedy_lines();
        let spans = |message: &Message| vec![Span::Text(self.say(message, lang))];
        let mut blocks = Vec::new();
        if !lines.is_empty() {
            blocks.push(Block::List(lines.iter().map(spans).collect()));
        }
        blocks
    }
}

/// Whether the plan is proved to be the cheapest.
fn proved(summary: &ResultTable, row: &Row) -> bool {
    let solved = matches!(cell(summary, row, "remedy_proof"), Some(model::Cell::Entity(code)) if code.id == Proof::Solved.code());
    solved || estimate(summary, row, "cost_gap").is_some_and(|gap| gap.value <= MET)
}
