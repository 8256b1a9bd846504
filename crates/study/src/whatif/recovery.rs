//! Until when a course is followed: to recovery where it comes within the limit, and what is still missing where it does not.

use std::collections::BTreeMap;

use chain::ChainGraph;
use model::{Chain, Lang, Message, ResultTable, Row};

use super::Answer;
use crate::config::Config;
use crate::engine::output::{cell, count, estimate};
use crate::inputs::chain::ChainInfo;
use crate::inputs::seats::BySeat;
use crate::report::book::entity_of;
use crate::scenario::Scenario;
use crate::steps::shock::{NEGLIGIBLE, question};

/// The same of industries, whose losses never quite die out.
const NEGLIGIBLE_IO: f64 = 1e-3;
/// Products or industries named.
const NAMED: usize = 3;

/// Looks until recovery where a question names goods of the chains alone: where another kind of evidence answers too, weeks
/// cost more than they do on a chain.
pub(crate) fn looked_through(
    graph: &ChainGraph,
    chains: &BTreeMap<Chain, ChainInfo>,
    config: &Config,
    seats: &mut BySeat,
) {
    if seats.scenario.event.iter().all(|e| e.node.is_some()) {
        until_recovery(graph, chains, config, &mut seats.scenario);
    }
}

/// Lengthens what is looked at to one week after the worst case of every product is over; as far as the limit goes where
/// that does not hold it: losses may grow, or only begin, after the stop.
fn until_recovery(
    graph: &ChainGraph,
    chains: &BTreeMap<Chain, ChainInfo>,
    config: &Config,
    scenario: &mut Scenario,
) {
    let far = Scenario {
        horizon_weeks: config.chain.shock.max_weeks.max(scenario.horizon_weeks),
        ..scenario.clone()
    };
    let asked = question(graph, chains, &far);
    let Ok(found) = chain::shock(graph, &asked, &config.chain.shock) else {
        return;
    };
    let last = found.targets.iter().filter_map(|course| {
        let lost = |week: &model::Estimate| week.high > NEGLIGIBLE;
        course.weeks.iter().rposition(lost)
    });
    if let Some(last) = last.max() {
        let whole_again = u32::try_from(last + 2).unwrap_or(u32::MAX);
        let wanted = whole_again.min(far.horizon_weeks);
        scenario.horizon_weeks = scenario.horizon_weeks.max(wanted);
    }
}

impl Answer {
    /// From when everything is supplied again, or what is still missing in the last week, by kind of evidence.
    pub(super) fn recovery(&self) -> Vec<Message> {
        let chain = self.chain_recovery();
        chain.into_iter().chain(self.industry_recovery()).collect()
    }

    fn chain_recovery(&self) -> Option<Message> {
        let weeks = self
            .table("chain.shock_weeks")
            .filter(|t| !t.rows.is_empty())?;
        let at = |row: &Row| count(weeks, row, "week").unwrap_or_default();
        let lost =
            |row: &&Row| estimate(weeks, row, "at_risk").is_some_and(|e| e.high > NEGLIGIBLE);
        let last = weeks.rows.iter().filter(lost).map(at).max()?;
        let end = i64::from(self.scenario.horizon_weeks);
        if last < end {
            return Some(Message::new("whatif.recovery.back").with("week", (last + 1) as f64));
        }
        let open = weeks.rows.iter().filter(|row| at(row) == end);
        let open = open.filter(lost);
        let named = |row: &Row| entity_of(weeks, row, "target").map(model::Arg::from);
        Some(self.open(weeks, open.collect(), "at_risk", named))
    }

    /// Of all industries, final demand and home.
    fn industry_recovery(&self) -> Option<Message> {
        let weeks = self.table("chain.inventory_weeks")?;
        let summary = self.table("chain.inventory")?;
        let mut keys: Vec<&str> = Vec::new();
        for ending in ["/all", "/demand"] {
            keys.extend(
                summary
                    .rows
                    .iter()
                    .map(|r| r.key.as_str())
                    .filter(|k| k.ends_with(ending)),
            );
        }
        keys.extend(self.home_row().map(|row| row.key.as_str()));
        let end = self.scenario.horizon_weeks;
        let lost =
            |row: &&Row| estimate(weeks, row, "at_risk").is_some_and(|e| e.high > NEGLIGIBLE_IO);
        let of_last = |key: &&str| {
            weeks
                .rows
                .iter()
                .find(|row| row.key == format!("{key}/{end}"))
        };
        let open: Vec<&Row> = keys.iter().filter_map(of_last).filter(lost).collect();
        if open.is_empty() {
            return None;
        }
        let named = |row: &Row| match cell(weeks, row, "hit")? {
            model::Cell::Entity(entity) => Some(model::Arg::from(entity.clone())),
            model::Cell::Message(message) => Some(model::Arg::from(message.clone())),
            _ => None,
        };
        Some(self.open(weeks, open, "at_risk", named))
    }

    fn open(
        &self,
        table: &ResultTable,
        mut rows: Vec<&Row>,
        column: &str,
        named: impl Fn(&Row) -> Option<model::Arg>,
    ) -> Message {
        let high = |row: &Row| estimate(table, row, column).map_or(0.0, |e| e.high);
        rows.sort_by(|a, b| high(b).total_cmp(&high(a)).then(a.key.cmp(&b.key)));
        let items: Vec<Message> = rows
            .iter()
            .filter_map(|row| {
                let left = estimate(table, row, column)?;
                Some(
                    Message::new("whatif.recovery.item")
                        .with("target", named(row)?)
                        .with("low", left.low)
                        .with("high", left.high),
                )
            })
            .take(NAMED)
            .collect();
        let last = self.scenario.horizon_weeks;
        let end = f64::from(last);
        let runs = |e: &crate::scenario::Event| e.start_week.saturating_add(e.weeks) > last;
        let message = if self.scenario.event.iter().any(runs) {
            Message::new("whatif.recovery.running")
        } else {
            Message::new("whatif.recovery.open")
        };
        message
            .with("week", end)
            .with("items", Message::listed(&items))
    }

    pub(super) fn recovery_lines(&self, lang: Lang) -> Vec<String> {
        let lines = self.recovery().into_iter().chain(self.hinge_lines());
        lines.map(|m| self.say(&m, lang)).collect()
    }
}
