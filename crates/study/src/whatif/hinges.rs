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
use model::{Basis, Cell, Entity, Estimate, Message, Origin, ResultTable, Row};

use super::Answer;
use crate::engine::output::{cell, count, entity, estimate};
use crate::report::book::entity_of;
use crate::scenario::{Event, Scenario};
use crate::steps::shock::{NEGLIGIBLE, scenario_entity};
use crate::steps::{code, evidence_rows, parameters};

/// What a row of the table is there for.
const ASSUMED: &str = "stock_role.assumed";
const ENOUGH: &str = "stock_role.enough";
const MOST: &str = "stock_role.most";

/// An interval this wide does not say whether a stop hurts.
pub(super) const WIDE: f64 = 0.5;

/// A row for each number of weeks that the question assumes, and one for the fewest that are enough, or for the most that
/// was tried where none is; empty where nothing is lost even without a stock, or where the chains refuse.
pub fn table(
    graph: &ChainGraph,
    scenario: &Scenario,
    question: &Question,
    params: &ShockParams,
) -> ResultTable {
    let mut table = ResultTable::new(
        "whatif.stocks",
        "shock",
        "the same question with this many weeks of normal use in store of every input that can be stored; enough: the fewest whole weeks with which nothing is lost in the worst case",
        &[
            ("scenario", ""),
            ("stock_assumed", "weeks"),
            ("stock_role", ""),
            ("products_hit", ""),
            ("first_week_worst", ""),
            ("target", ""),
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
    weeks.sort_by(f64::total_cmp);
    weeks.dedup();
    let mut rows: Vec<(f64, &str)> = weeks.into_iter().map(|w| (w, ASSUMED)).collect();
    let is_enough = |weeks| with(weeks).is_some_and(|found| !hit(&found));
    match enough(params.max_weeks, is_enough) {
        Some(weeks) => rows.push((weeks, ENOUGH)),
        None => rows.push((f64::from(params.max_weeks), MOST)),
    }
    for (stock, role) in rows {
        let Some(found) = with(stock) else { continue };
        let hardest = found
            .targets
            .iter()
            .max_by(|a, b| a.cumulative.high.total_cmp(&b.cumulative.high));
        let Some(hardest) = hardest else { continue };
        let lost = found.targets.iter().filter(|t| t.peak.high > NEGLIGIBLE);
        let first = found.targets.iter().filter_map(|t| t.first_week.worst);
        let mut origins = evidence_rows(&found.origins);
        origins.extend(parameters(&["ranges", "chain.shock"]));
        origins.push(Origin::Parameter(format!("scenarios/{}", scenario.id)));
        table.push(
            format!("{}/{}/{stock}", scenario.id, model::short(role)),
            vec![
                scenario_entity(scenario).into(),
                Estimate::exact(stock, Basis::Assumed).into(),
                code(role),
                lost.count().into(),
                first
                    .min()
                    .map_or(Cell::Empty, |week| Cell::Count(i64::from(week))),
                hardest.target.entity().into(),
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
        // Where something is lost at best, the interval does tell.
        let wide = peak.is_some_and(|e| e.low <= NEGLIGIBLE && e.high >= WIDE) && !found.is_empty();
        let warning = wide.then(|| Message::new("whatif.wide"));
        warning.into_iter().chain(found).collect()
    }

    fn hardest_row(&self, name: &str) -> Option<(&ResultTable, &Row)> {
        let (key, _) = self.hardest()?;
        let table = self.table(name)?;
        Some((table, table.row(&key)?))
    }

    fn drawn_losses(&self) -> Option<Message> {
        let (drawn, row) = self.hardest_row("chain.shock_draws")?;
        let hit = estimate(drawn, row, "hit_draws")?;
        let peak = estimate(drawn, row, "peak_drawn")?;
        Some(
            Message::new(if peak.high > 0.0 {
                "whatif.hinge.draws"
            } else {
                "whatif.hinge.draws.few"
            })
            .with("hit", hit.value)
            .with("draws", self.draws as f64)
            .with("target", entity_of(drawn, row, "target")?)
            .with("p50", peak.value)
            .with("p95", peak.high),
        )
    }

    fn enough_stock(&self) -> Option<Message> {
        let stocks = self.table("whatif.stocks").filter(|t| !t.rows.is_empty())?;
        let weeks = |row: &Row| estimate(stocks, row, "stock_assumed").map(|e| e.value);
        let of = |role: &str| {
            let mut rows = stocks.rows.iter();
            rows.find(|row| entity(stocks, row, "stock_role") == Some(role))
        };
        let message = match (of(ENOUGH), of(MOST)) {
            (Some(row), _) => Message::new("whatif.hinge.enough").with("weeks", weeks(row)?),
            // A product that stops itself is not helped by stocks of its inputs.
            (None, Some(row)) if !self.stops(&entity_of(stocks, row, "target")?) => {
                Message::new("whatif.hinge.never").with("weeks", weeks(row)?)
            }
            _ => return None,
        };
        let item = |row: &Row| {
            (entity(stocks, row, "stock_role") == Some(ASSUMED)).then_some(())?;
            Some(
                Message::new("whatif.hinge.stock")
                    .with("weeks", weeks(row)?)
                    .with("n", count(stocks, row, "products_hit")?.to_string())
                    .with("lost", estimate(stocks, row, "cumulative")?.high),
            )
        };
        let items: Vec<Message> = stocks.rows.iter().filter_map(item).collect();
        let mut rest = Vec::new();
        if !self.scenario.stocks.is_empty() {
            rest.push(Message::new("whatif.hinge.named"));
        }
        let last = self.scenario.horizon_weeks;
        let runs = |e: &Event| e.start_week.saturating_add(e.weeks) > last;
        if self.scenario.event.iter().any(runs) {
            rest.push(Message::new("whatif.hinge.running"));
        }
        let rest = rest.into_iter().reduce(|a, b| {
            Message::new("whatif.hinge.both")
                .with("first", a)
                .with("second", b)
        });
        Some(
            message
                .with("horizon", f64::from(last))
                .with("items", Message::listed(&items))
                .with("rest", rest.unwrap_or_else(|| Message::verbatim(""))),
        )
    }

    fn stops(&self, target: &Entity) -> bool {
        let asked = self.on_chain.as_ref().unwrap_or(&self.scenario);
        let mut events = asked.event.iter();
        events.any(|e| e.node.as_ref().is_none_or(|node| *node == target.id))
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
