//! What the methods say about a reference case.

use std::collections::BTreeMap;

use chain::references::{Loss, Use, value_at_risk};
use chain::shock::{Asked, Event, Scenario as Question};
use chain::{ChainGraph, ShockResult};
use evidence::Record;
use model::{Basis, Chain, Country, Estimate, Message, Node, Refusal, RowRef, Year};

use super::super::shock::ask;
use super::{Answer, Gap};
use crate::engine::step::Context;
use crate::inputs::chain::{ChainInfo, chains, graph};
use crate::inputs::durations;
use crate::inputs::references::{Case, Method};
use crate::inputs::rows;
use crate::scenario::Scenario;
use crate::scenario_library::{self, together};

const WEEKS_PER_YEAR: f64 = 52.0;
const MONTHS_PER_YEAR: f64 = 12.0;

/// Answers with the graphs of the years that were asked for.
pub struct Answers<'a> {
    context: &'a Context<'a>,
    chains: BTreeMap<Chain, ChainInfo>,
    graphs: BTreeMap<Option<Year>, Option<ChainGraph>>,
}

type Found = Result<(Estimate, Vec<RowRef>), Gap>;

impl<'a> Answers<'a> {
    pub fn new(context: &'a Context<'a>) -> Self {
        Self {
            context,
            chains: chains(context.evidence, context.config),
            graphs: BTreeMap::new(),
        }
    }

    pub fn answer(&mut self, case: &Case, method: Method) -> Answer {
        let found = match method {
            Method::WholeCountry => self.at_node(case, full(), None),
            Method::PartOfCountry => self.at_node(case, some_part(), None),
            Method::BuyerShare => {
                let buyer = case.shock.list("buyers").first().map(|b| (*b).into());
                self.at_node(case, full(), buyer)
            }
            Method::Path => self.path(case).map(|(result, mut rows)| {
                let target = &result.targets[0];
                rows.extend(target.origins.iter().cloned());
                (target.peak, rows)
            }),
            Method::PathWeeks => self
                .path(case)
                .and_then(|(result, rows)| first_week(&result, rows)),
            Method::PathUnits => self.units(case),
            Method::Classes => self.classes(case),
            Method::DefaultStock => Ok((
                self.context.config.references.default_stock_weeks.assumed(),
                Vec::new(),
            )),
            Method::Withheld => self.withheld(case),
            Method::ValueAtRisk => self.at_risk(case),
        };
        let settings = settings(method);
        match found {
            Ok((ours, rows)) => Answer {
                ours: Ok(ours),
                rows,
                settings,
            },
            Err(gap) => Answer {
                ours: Err(gap),
                rows: Vec::new(),
                settings,
            },
        }
    }

    /// The chains as the shares of that year describe them.
    fn graph(&mut self, year: Option<Year>) -> Result<&ChainGraph, Gap> {
        let context = self.context;
        self.graphs
            .entry(year)
            .or_insert_with(|| {
                let mut config = context.config.clone();
                config.chain.graph.reference_year = year;
                graph(context.evidence, &config).ok()
            })
            .as_ref()
            .ok_or_else(|| Gap::Refused(Message::new("references.no_graph")))
    }

    /// The share of a node's supply that stops with the first country of the row, without stocks.
    fn at_node(&mut self, case: &Case, severity: Estimate, buyer: Option<Country>) -> Found {
        let (node, country) = place(case)?;
        let params = self.context.config.chain.shock.clone();
        let question = Question {
            id: case.row.key.clone(),
            events: vec![Event {
                country: Some(country),
                node: Some(node.clone()),
                severity,
                start_week: 1,
                weeks: 1,
            }],
            horizon_weeks: 1,
            stocks: BTreeMap::new(),
            stage_stocks: BTreeMap::new(),
            default_stock: Estimate::exact(0.0, Basis::Assumed),
            buyer,
            targets: vec![node],
            firm: None,
            place: None,
            quantity: Asked::Supply,
        };
        let graph = self.graph(case.data_year())?;
        let result = chain::shock(graph, &question, &params).map_err(|r| refused(&r))?;
        Ok((result.targets[0].peak, result.origins))
    }

    /// The what-if of the case's disruptions, asked for its one target.
    fn path(&mut self, case: &Case) -> Result<(ShockResult, Vec<RowRef>), Gap> {
        let nodes = case.nodes();
        let target = nodes.first().ok_or_else(|| nothing(case))?;
        let mut parts: Vec<(Scenario, u32)> = Vec::new();
        let mut rows = Vec::new();
        for id in case.row.list("cases") {
            let scenario = self.library(id, case)?;
            parts.push((scenario, 1));
            rows.push(RowRef::new("shocks", id));
        }
        let most = self.context.config.chain.shock.max_weeks;
        let mut scenario = together(&case.row.key, &parts, most).ok_or_else(|| nothing(case))?;
        scenario.targets = vec![(*target).to_owned()];
        let result = self.ask(&scenario, case.data_year())?;
        Ok((result, rows))
    }

    fn library(&self, id: &str, case: &Case) -> Result<Scenario, Gap> {
        scenario_library::case(self.context.evidence, self.context.config, id)
            .ok_or_else(|| nothing(case))?
            .map_err(|refusal| Gap::Refused(refusal.reason))
    }

    fn ask(&mut self, scenario: &Scenario, year: Option<Year>) -> Result<ShockResult, Gap> {
        let params = self.context.config.chain.shock.clone();
        let chains = self.chains.clone();
        let graph = self.graph(year)?;
        ask(graph, &chains, scenario, &params).map_err(|r| refused(&r))
    }

    /// A year's output times the weeks of it that are lost.
    fn units(&mut self, case: &Case) -> Found {
        let base = self.base(case)?;
        let (result, mut rows) = self.path(case)?;
        let target = &result.targets[0];
        rows.extend(target.origins.iter().cloned());
        let lost = target
            .cumulative
            .map_increasing(|weeks| weeks / WEEKS_PER_YEAR);
        Ok((lost.times(base), rows))
    }

    fn withheld(&mut self, case: &Case) -> Found {
        let base = self.base(case)?;
        let weeks = scenario_library::weeks(case.shock).ok_or_else(|| nothing(case))?;
        let (share, rows) = self.at_node(case, full(), None)?;
        let lost = share
            .times(base)
            .map_increasing(|year| year * weeks * 7.0 / 365.25);
        Ok((lost, rows))
    }

    /// The amount of a year, with the range of its source.
    fn base(&self, case: &Case) -> Result<Estimate, Gap> {
        let base = case.row.number("base").ok_or_else(|| nothing(case))?;
        let source = case.row.text("base_source").unwrap_or_default();
        let sources = RowRef::new("sources", source);
        let confidence = self.context.evidence.record(&sources).and_then(|row| {
            match row.text("confidence")? {
                "high" => Some(evidence::Confidence::High),
                "medium" => Some(evidence::Confidence::Medium),
                _ => Some(evidence::Confidence::Low),
            }
        });
        let half = self.context.config.ranges.half_width(confidence);
        Ok(Estimate::relative(base, half, Basis::Published))
    }

    /// What an industry makes, with its own range or that of its source, whichever is wider.
    fn value_of(&self, row: &Record) -> Option<Estimate> {
        let value = row.number("value_usd_bn")?;
        let confidence = self.context.evidence.confidence(&row.reference());
        let half = self.context.config.ranges.half_width(confidence);
        let around = Estimate::relative(value, half, Basis::Published);
        let low = row.number("low").unwrap_or(value).min(around.low);
        let high = row.number("high").unwrap_or(value).max(around.high);
        Some(Estimate::spanning(value, low, high, Basis::Published))
    }

    fn classes(&self, case: &Case) -> Found {
        let classes: Vec<String> = case
            .row
            .list("classes")
            .into_iter()
            .map(str::to_owned)
            .collect();
        durations::years(self.context.evidence, &classes, &self.context.config.ranges)
            .map(|(years, rows)| (years.map_increasing(|y| y * MONTHS_PER_YEAR), rows))
            .ok_or_else(|| nothing(case))
    }

    /// Value added at risk in the first buyer of the row, over all its materials.
    fn at_risk(&mut self, case: &Case) -> Found {
        let config = self.context.config;
        let buyer = case
            .shock
            .list("buyers")
            .first()
            .copied()
            .ok_or_else(|| nothing(case))?;
        let mut total = Estimate::exact(0.0, Basis::Derived);
        let mut origins = Vec::new();
        for node in case.nodes() {
            let mut uses = Vec::new();
            for row in rows(self.context.evidence, "mineral_uses") {
                if row.text("node_id") != Some(node) || row.text("country") != Some(buyer) {
                    continue;
                }
                let dependent = config.references.dependent.get(&row.key);
                let (Some(dependent), Some(value)) = (dependent, self.value_of(row)) else {
                    return Err(nothing(case));
                };
                uses.push(Use {
                    value,
                    dependent: dependent.assumed(),
                });
                origins.push(row.reference());
            }
            let mut scenario = self.library(&case.shock.key, case)?;
            scenario
                .event
                .retain(|event| event.node.as_deref() == Some(node));
            scenario.targets = vec![node.to_owned()];
            let result = self.ask(&scenario, case.data_year())?;
            let node = Node::from(node);
            let short = result
                .nodes
                .iter()
                .find(|course| course.node == node)
                .map_or(Estimate::exact(0.0, Basis::Derived), |course| {
                    course.passed_on
                });
            origins.extend(result.origins);
            let loss = Loss {
                shortage: short
                    .map_increasing(|weeks| weeks / WEEKS_PER_YEAR)
                    .clamped(0.0, 1.0),
                not_replaced: config.references.loss.not_replaced.assumed(),
                passed_on: config.references.loss.passed_on.assumed(),
            };
            total = total.plus(value_at_risk(&uses, &loss).ok_or_else(|| nothing(case))?);
        }
        Ok((total, origins))
    }
}

fn settings(method: Method) -> Vec<String> {
    let own: &[&str] = match method {
        Method::WholeCountry
        | Method::PartOfCountry
        | Method::BuyerShare
        | Method::Withheld
        | Method::Classes => &[],
        Method::Path | Method::PathWeeks | Method::PathUnits => &[
            "references.stopped",
            "references.default_stock_weeks",
            "chain.shock",
        ],
        Method::DefaultStock => return vec!["references.default_stock_weeks".to_owned()],
        Method::ValueAtRisk => &[
            "references.loss",
            "references.dependent",
            "references.default_stock_weeks",
        ],
    };
    own.iter()
        .chain(&["ranges"])
        .map(|path| (*path).to_owned())
        .collect()
}

fn full() -> Estimate {
    Estimate::exact(1.0, Basis::Assumed)
}

/// One plant of a country: any part of it.
fn some_part() -> Estimate {
    Estimate::spanning(0.5, 0.0, 1.0, Basis::Assumed)
}

fn place(case: &Case) -> Result<(Node, Country), Gap> {
    let node = case.nodes().first().map(|node| Node::from(*node));
    let country = case
        .shock
        .list("countries")
        .first()
        .map(|c| Country::from(*c));
    node.zip(country).ok_or_else(|| nothing(case))
}

fn first_week(result: &ShockResult, mut rows: Vec<RowRef>) -> Found {
    let target = &result.targets[0];
    let Some(worst) = target.first_week.worst else {
        let why = target
            .reason
            .clone()
            .unwrap_or_else(|| Message::new("references.never"));
        return Err(Gap::Never(why));
    };
    rows.extend(target.origins.iter().cloned());
    let horizon = target.weeks.len() as u32;
    let week = |week: Option<u32>| f64::from(week.unwrap_or(horizon));
    let central = week(target.first_week.central);
    let best = week(target.first_week.best);
    Ok((
        Estimate::spanning(central, f64::from(worst), best, Basis::Derived),
        rows,
    ))
}

fn refused(refusals: &[Refusal]) -> Gap {
    let reasons: Vec<Message> = refusals.iter().map(|r| r.reason.clone()).collect();
    Gap::Refused(Message::listed(&reasons))
}

/// The row does not hold what its method needs.
fn nothing(case: &Case) -> Gap {
    Gap::Refused(Message::new("references.incomplete").with("case", case.row.key.as_str()))
}
