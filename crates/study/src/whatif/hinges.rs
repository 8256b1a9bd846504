//! What the answer of the chains hangs on, where its interval says little: the part of the draws that lose anything, and
//! the same question with other stocks, up to the fewest weeks that keep everything supplied.
//!
//! ```text
//! enough = min { s : with s weeks of normal use of every input in store, no product loses anything in the worst case }
//! ```
//!
//! More stock never hurts, so that `enough` is found by halving. A stock that the scenario names for a node stays as it is.

use chain::shock::Scenario as Question;
use chain::{ChainGraph, ShockParams, ShockResult};
use model::{Basis, Cell, Estimate, Message, Origin, ResultTable};

use super::Answer;
use super::recovery::NEGLIGIBLE;
use crate::engine::output::{cell, count, estimate};
use crate::report::book::entity_of;
use crate::scenario::Scenario;
use crate::steps::shock::scenario_entity;
use crate::steps::{evidence_rows, parameters};

/// An interval this wide does not say whether a stop hurts.
pub(super) const WIDE: f64 = 0.5;

/// A row for each number of weeks that the question assumes, and one for the fewest that are enough; empty where nothing
/// is lost even without a stock, or where the chains refuse.
pub fn table(
    graph: &ChainGraph,
    scenario: &Scenario,
    question: &Question,
    params: &ShockParams,
) -> ResultTable {
    let mut table = ResultTable::new(
        "whatif.stocks",
        "shock",
        "the same question with this many weeks of normal use of every input in store; the last row: the fewest whole weeks with which nothing is lost in the worst case",
        &[
            ("scenario", ""),
            ("stock_assumed", "weeks"),
            ("products_hit", ""),
            ("first_week_worst", ""),
            ("peak", "share"),
            ("cumulative", "weeks"),
        ],
    );
    let with = |weeks: f64| {
        let asked = Question {
            default_stock: Estimate::exact(weeks, Basis::Assumed),
            ..question.clone()
        };
        chain::shock(graph, &asked, params).ok()
    };
    let hit = |found: &ShockResult| found.targets.iter().any(|t| t.peak.high > NEGLIGIBLE);
    if !with(0.0).as_ref().is_some_and(hit) {
        return table;
    }
    let assumed = question.default_stock;
    let mut weeks = vec![assumed.low, assumed.value, assumed.high];
    weeks.extend(enough(params.max_weeks, |weeks| {
        with(weeks).is_some_and(|found| !hit(&found))
    }));
    weeks.sort_by(f64::total_cmp);
    weeks.dedup();
    for stock in weeks {
        let Some(found) = with(stock) else { continue };
        let lost = |e: &Estimate| e.high > NEGLIGIBLE;
        let hardest = found
            .targets
            .iter()
            .max_by(|a, b| a.cumulative.high.total_cmp(&b.cumulative.high));
        let Some(hardest) = hardest else { continue };
        let first = found.targets.iter().filter_map(|t| t.first_week.worst);
        let mut origins = evidence_rows(&found.origins);
        origins.extend(parameters(&["ranges", "chain.shock"]));
        origins.push(Origin::Parameter(format!("scenarios/{}", scenario.id)));
        table.push(
            format!("{}/{stock}", scenario.id),
            vec![
                scenario_entity(scenario).into(),
                Estimate::exact(stock, Basis::Assumed).into(),
                found
                    .targets
                    .iter()
                    .filter(|t| lost(&t.peak))
                    .count()
                    .into(),
                first
                    .min()
                    .map_or(Cell::Empty, |week| Cell::Count(i64::from(week))),
                hardest.peak.into(),
                hardest.cumulative.into(),
            ],
            origins,
        );
    }
    table
}

/// The fewest whole weeks up to `most` that are enough.
fn enough(most: u32, is_enough: impl Fn(f64) -> bool) -> Option<f64> {
    let (mut short, mut long) = (0, most);
    if !is_enough(f64::from(long)) {
        return None;
    }
    while long - short > 1 {
        let middle = short.midpoint(long);
        if is_enough(f64::from(middle)) {
            long = middle;
        } else {
            short = middle;
        }
    }
    Some(f64::from(long))
}

impl Answer {
    /// Sentences on what decides between the bounds: nothing where the chains did not answer or nothing is hit.
    pub(super) fn hinge_lines(&self) -> Vec<Message> {
        let of_hardest = self.hardest_row("chain.shock");
        let peak = of_hardest.and_then(|(table, row)| estimate(table, row, "peak"));
        let drawn = peak.filter(|e| e.high > NEGLIGIBLE);
        let drawn = drawn.and_then(|_| self.drawn_losses());
        let found: Vec<Message> = drawn.into_iter().chain(self.enough_stock()).collect();
        let wide = peak.is_some_and(|e| e.high - e.low >= WIDE) && !found.is_empty();
        let warning = wide.then(|| Message::new("whatif.wide"));
        warning.into_iter().chain(found).collect()
    }

    fn hardest_row(&self, name: &str) -> Option<(&ResultTable, &model::Row)> {
        let (key, _) = self.hardest()?;
        let table = self.table(name)?;
        Some((table, table.row(&key)?))
    }

    fn drawn_losses(&self) -> Option<Message> {
        let (drawn, row) = self.hardest_row("chain.shock_draws")?;
        let hit = estimate(drawn, row, "hit_draws")?;
        let peak = estimate(drawn, row, "peak_drawn")?;
        Some(
            Message::new("whatif.hinge.draws")
                .with("hit", hit.value)
                .with("draws", self.draws as f64)
                .with("target", entity_of(drawn, row, "target")?)
                .with("p50", peak.value)
                .with("p95", peak.high),
        )
    }

    fn enough_stock(&self) -> Option<Message> {
        let stocks = self.table("whatif.stocks").filter(|t| !t.rows.is_empty())?;
        let weeks = |row: &model::Row| estimate(stocks, row, "stock_assumed").map(|e| e.value);
        let whole = |row: &&model::Row| count(stocks, row, "products_hit") == Some(0);
        let named = !self.scenario.stocks.is_empty();
        let message = match stocks.rows.iter().find(whole) {
            Some(row) => Message::new("whatif.hinge.enough").with("weeks", weeks(row)?),
            None => Message::new("whatif.hinge.never").with("weeks", weeks(stocks.rows.last()?)?),
        };
        let rest = if named {
            Message::new("whatif.hinge.named")
        } else {
            Message::new("whatif.words").with("text", "")
        };
        let item = |row: &model::Row| {
            Some(
                Message::new("whatif.hinge.stock")
                    .with("weeks", weeks(row)?)
                    .with("n", count(stocks, row, "products_hit")?.to_string())
                    .with("lost", estimate(stocks, row, "cumulative")?.high),
            )
        };
        let short = stocks.rows.iter().filter(|row| !whole(row));
        let mut items: Vec<Message> = short.filter_map(item).collect();
        if items.is_empty() {
            items.push(Message::new("whatif.hinge.whole"));
        }
        let horizon = f64::from(self.scenario.horizon_weeks);
        Some(
            message
                .with("horizon", horizon)
                .with("items", Message::listed(&items))
                .with("rest", rest),
        )
    }

    /// The products with what the draws say of them.
    pub(super) fn products_drawn(&self, products: &ResultTable) -> ResultTable {
        let mut joined = products.clone();
        let Some(drawn) = self.table("chain.shock_draws") else {
            return joined;
        };
        let extra = ["peak_drawn", "hit_draws"];
        let added = drawn
            .columns
            .iter()
            .filter(|c| extra.contains(&c.name.as_str()));
        joined.columns.extend(added.cloned());
        for row in &mut joined.rows {
            let of = drawn.row(&row.key);
            row.cells.extend(extra.map(|column| {
                of.and_then(|of| cell(drawn, of, column))
                    .cloned()
                    .unwrap_or(Cell::Empty)
            }));
        }
        joined
    }
}

#[cfg(test)]
mod tests {
    use super::enough;

    #[test]
    fn the_fewest_weeks_that_are_enough() {
        for least in 1..=104 {
            let found = enough(104, |weeks| weeks >= f64::from(least));
            assert_eq!(found, Some(f64::from(least)));
        }
        assert_eq!(enough(104, |_| false), None);
    }
}
