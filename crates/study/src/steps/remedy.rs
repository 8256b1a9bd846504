//! The cheapest remedy for each scenario of the study, and one plan for all of them together: what it buys, what it
//! leaves, what the next unit is worth.

use std::collections::BTreeSet;

use chain::remedy::{
    Bound, Case, Choice, DrawParams, Kind, Over, Plan, Problem, RemedyError, RemedyParams, Risk,
    cheapest, evaluate, frontier, robustness,
};
use chain::shock::{Event, Scenario as Question};
use chain::{ChainGraph, ShockResult};
use model::{
    Basis, Cell, Country, Entity, Estimate, Message, Node, Origin, Quantity, Refusal, ResultTable,
    RowRef, short,
};
use serde_json::{Value, json};

use super::chain::checked_graph;
use super::reliability::recovery;
use super::shock::{question, scenario_entity};
use super::{code, evidence_rows, parameters};
use crate::config::{Config, RemedySection};
use crate::engine::output::StepOutput;
use crate::engine::step::Context;
use crate::inputs::chain::chains;
use crate::scenario::Scenario;

pub fn params(config: &Config, scenarios: &[Scenario]) -> Value {
    json!({
        "home": config.study.home, "ranges": config.ranges, "scenarios": scenarios, "seed": config.study.seed,
        "remedy": config.remedy, "hardness": config.necks.hardness,
        "chain": {
            "exclude": config.chain.exclude, "graph": config.chain.graph, "shock": config.chain.shock,
        },
    })
}

pub fn run(context: &Context) -> StepOutput {
    let config = context.config;
    let Ok(graph) = checked_graph(context) else {
        // chain.exposure reports what is wrong with the graph.
        return StepOutput::default();
    };
    let mut output = StepOutput::default();
    let Some(settings) = &config.remedy else {
        let what = ("remedy.no_costs", Message::new("remedy.no_costs"));
        output.refusals.push(refusal(what, None));
        return output;
    };
    let chains = chains(context.evidence, config);
    let mut tables = Tables::new();
    let mut all: Vec<Asked> = Vec::new();
    let events: Vec<Event> = context
        .scenarios
        .iter()
        .flat_map(|scenario| question(&graph, &chains, scenario).events)
        .collect();
    let mut offered: Vec<Choice> = Vec::new();
    for scenario in context.scenarios {
        let question = question(&graph, &chains, scenario);
        // What the chains cannot answer is refused by chain.shock.
        let Ok(shocked) = chain::shock(&graph, &question, &config.chain.shock) else {
            continue;
        };
        let offer =
            |events: &[Event]| choices(context, settings, &graph, &question, events, &shocked);
        let (choices, rows) = offer(&question.events);
        // Together, no source may lie in a country that any of the scenarios stops.
        offered.extend(offer(&events).0);
        let mut origins = evidence_rows(&shocked.origins);
        origins.extend(evidence_rows(&rows));
        origins.push(Origin::Parameter(format!("scenarios/{}", scenario.id)));
        let over = settings.over.unwrap_or(Over::Horizon);
        let problem = Problem {
            targets: question
                .targets
                .iter()
                .map(|node| Bound {
                    node: node.clone(),
                    over,
                    most: 0.0,
                })
                .collect(),
            cases: vec![Case {
                scenario: question,
                probability: settings.probabilities.get(&scenario.id).copied(),
            }],
            choices,
            risk: Risk::Worst,
        };
        all.push(Asked {
            id: scenario.id.clone(),
            name: scenario_entity(scenario),
            problem,
            params: RemedyParams {
                lead_weeks: settings.lead_weeks,
                shock: config.chain.shock.clone(),
                ..RemedyParams::default()
            },
            origins,
        });
    }
    let together = together(settings, &all, offered);
    for mut asked in all.into_iter().chain(together) {
        asked.origins.extend(parameters(&[
            "remedy",
            "chain.shock",
            "necks.hardness",
            "ranges",
            "study.seed",
        ]));
        asked.bound_by(settings.leave, &graph);
        match asked.answer(context, settings, &graph, &mut tables) {
            Ok(()) => {}
            Err(RemedyError::Refused(refusals)) => output.refusals.extend(refusals),
            Err(error) => output.refusals.push(unanswered(&asked.name, error)),
        }
    }
    output.tables.extend(tables.all());
    output
}

/// One plan for all scenarios: every option of any of them, every product that one of them asks for.
fn together(settings: &RemedySection, all: &[Asked], offered: Vec<Choice>) -> Option<Asked> {
    let first = all.first().filter(|_| all.len() > 1)?;
    let mut targets: Vec<Bound> = Vec::new();
    for bound in all.iter().flat_map(|asked| &asked.problem.targets) {
        if !targets.contains(bound) {
            targets.push(bound.clone());
        }
    }
    targets.sort_by(|a, b| a.node.cmp(&b.node));
    let mut choices: Vec<Choice> = Vec::new();
    for choice in offered {
        let same = |c: &Choice| {
            (c.kind, &c.node, &c.country) == (choice.kind, &choice.node, &choice.country)
        };
        if !choices.iter().any(same) {
            choices.push(choice);
        }
    }
    Some(Asked {
        id: TOGETHER.to_owned(),
        name: Entity::new(model::Kind::Code, "chain.remedy.together"),
        problem: Problem {
            targets,
            cases: all.iter().flat_map(|a| a.problem.cases.clone()).collect(),
            choices,
            risk: settings
                .alpha
                .map_or(Risk::Worst, |alpha| Risk::Cvar { alpha }),
        },
        params: first.params.clone(),
        origins: all.iter().flat_map(|a| a.origins.clone()).collect(),
    })
}

fn refusal((code, reason): (&str, Message), of: Option<&Entity>) -> Refusal {
    let scenario = of.map_or_else(|| "".into(), |entity| model::Arg::from(entity.clone()));
    Refusal {
        code: code.to_owned(),
        question: Message::new("remedy.question").with("scenario", scenario),
        reason,
        needed: Message::new(format!("{code}.needed")),
    }
}

fn unanswered(of: &Entity, error: RemedyError) -> Refusal {
    let RemedyError::Unreachable(found) = error else {
        let reason = Message::new("remedy.unsolved").with("problem", error.to_string());
        return refusal(("remedy.unsolved", reason), Some(of));
    };
    let targets: Vec<model::Entity> = found.iter().map(|u| u.target.entity()).collect();
    let smallest = found.iter().map(|u| u.smallest).fold(0.0, f64::max);
    let over_weeks = found.iter().all(|u| u.over == Over::Horizon);
    let code = if over_weeks {
        "remedy.unreachable"
    } else {
        "remedy.unreachable_week"
    };
    let reason = Message::new(code)
        .with("targets", targets)
        .with("weeks", smallest);
    refusal((code, reason), Some(of))
}

/// What is on offer: stock of everything that falls short, a further source and home capacity where the stop bites.
fn choices(
    context: &Context,
    settings: &RemedySection,
    graph: &ChainGraph,
    question: &Question,
    events: &[Event],
    shocked: &ShockResult,
) -> (Vec<Choice>, Vec<RowRef>) {
    let config = context.config;
    let home = &config.study.home;
    let upstream: BTreeSet<&Node> = question
        .targets
        .iter()
        .flat_map(|target| graph.upstream(target).unwrap_or_default())
        .collect();
    let mut choices = Vec::new();
    let mut rows = Vec::new();
    let weekly = |rate: crate::config::Span| rate.assumed().map_increasing(|r| r * 52.0);
    for course in shocked.nodes.iter().filter(|c| upstream.contains(&c.node)) {
        let Some(node) = graph.get(&course.node) else {
            continue;
        };
        // Stock of an end product stands behind its own loss and does not lower it.
        if !question.targets.contains(&course.node)
            && !config.chain.shock.not_stocked.contains(&node.stage)
        {
            choices.push(Choice {
                kind: Kind::Stock,
                node: course.node.clone(),
                provider: None,
                country: None,
                fixed: Estimate::exact(0.0, Basis::Assumed),
                // A week of use held for a year.
                per_unit: settings.holding_rate.assumed(),
                most: settings.max_stock_weeks,
                ready_after: 0,
            });
        }
        let hit = |e: &Event| e.node.as_ref().is_none_or(|n| *n == course.node);
        if !question.events.iter().any(hit) {
            continue;
        }
        if let Some(country) = further_source(events, node, home) {
            choices.push(Choice {
                kind: Kind::Source,
                node: course.node.clone(),
                provider: Some(country.to_string()),
                country: Some(country),
                fixed: settings.source_fixed.assumed(),
                // A year's use of the share, at the premium.
                per_unit: weekly(settings.source_premium),
                most: settings.source_max_share,
                ready_after: settings.source_ready_weeks,
            });
        }
        if let Some((weeks, found)) = recovery(context, &node.chain) {
            rows.extend(found);
            choices.push(Choice {
                kind: Kind::Home,
                node: course.node.clone(),
                provider: Some(home.to_string()),
                country: Some(home.clone()),
                fixed: settings.home_fixed.assumed(),
                per_unit: weekly(settings.home_premium),
                most: settings.home_max_share,
                ready_after: weeks.value.ceil() as u32,
            });
        }
    }
    (choices, rows)
}

/// The largest listed country, other than home, that no event names.
fn further_source(events: &[Event], node: &chain::GraphNode, home: &Country) -> Option<Country> {
    let named: Vec<&Country> = events.iter().filter_map(|e| e.country.as_ref()).collect();
    let providers = node.supply.iter().flat_map(|s| &s.providers);
    providers
        .filter(|p| p.country != *home && !named.contains(&&p.country))
        .max_by(|a, b| {
            let by_share = a.share.value.total_cmp(&b.share.value);
            by_share.then(b.country.cmp(&a.country))
        })
        .map(|p| p.country.clone())
}

/// Key of the plan for all scenarios.
const TOGETHER: &str = "together";

/// A scenario, or all of them, and what is on offer.
struct Asked {
    id: String,
    name: Entity,
    problem: Problem,
    params: RemedyParams,
    origins: Vec<Origin>,
}

struct Tables {
    summary: ResultTable,
    plan: ResultTable,
    remaining: ResultTable,
    prices: ResultTable,
    curve: ResultTable,
}

impl Tables {
    fn new() -> Self {
        Self {
            summary: ResultTable::new(
                "chain.remedy",
                "remedy",
                "cheapest mix of stock, further sources and home capacity that keeps every product's loss within its bound",
                &[
                    ("scenario", ""),
                    ("remedy_cost", "weeks_of_use"),
                    ("cost_at_least", "weeks_of_use"),
                    ("cost_gap", "share"),
                    ("remedy_proof", ""),
                    ("drawn_cost", "weeks_of_use"),
                    ("draws_kept", "share"),
                ],
            ),
            plan: ResultTable::new(
                "chain.remedy_plan",
                "remedy",
                "amounts of the cheapest plan, trimmed until the weekly course no longer kept the bounds",
                &[
                    ("scenario", ""),
                    ("remedy_option", ""),
                    ("node", ""),
                    ("source_country", ""),
                    ("added_stock", "weeks"),
                    ("added_share", "share"),
                    ("remedy_cost", "weeks_of_use"),
                ],
            ),
            remaining: ResultTable::new(
                "chain.remedy_remaining",
                "remedy",
                "sum of weekly losses over the horizon and loss of the worst week, before and with the plan; the high end is the worst track",
                &[
                    ("plan_for", ""),
                    ("scenario", ""),
                    ("target", ""),
                    ("loss_bound", "weeks"),
                    ("loss_before", "weeks"),
                    ("loss_after", "weeks"),
                    ("worst_week_bound", "share"),
                    ("worst_week_before", "share"),
                    ("worst_week_after", "share"),
                ],
            ),
            prices: ResultTable::new(
                "chain.remedy_prices",
                "remedy",
                "duals of the linear over-estimate with yes-or-no choices held: cost saved per further day of stock",
                &[
                    ("scenario", ""),
                    ("node", ""),
                    ("stock_day", "weeks_of_use"),
                ],
            ),
            curve: ResultTable::new(
                "chain.remedy_frontier",
                "remedy",
                "smallest largest loss of any product that a budget buys; a plan that a smaller budget bought stays on offer",
                &[
                    ("scenario", ""),
                    ("remedy_budget", "weeks_of_use"),
                    ("remedy_cost", "weeks_of_use"),
                    ("loss_after", "weeks"),
                ],
            ),
        }
    }

    fn all(self) -> [ResultTable; 5] {
        [
            self.summary,
            self.plan,
            self.remaining,
            self.prices,
            self.curve,
        ]
    }
}

impl Asked {
    /// Every bound leaves this share of what is lost without a plan.
    fn bound_by(&mut self, leave: f64, graph: &ChainGraph) {
        let nothing = vec![0.0; self.problem.choices.len()];
        let before = evaluate(graph, &self.problem, &self.params, &nothing);
        for (bound, measure) in self.problem.targets.iter_mut().zip(before.measures) {
            bound.most = leave * measure;
        }
    }

    fn answer(
        &self,
        context: &Context,
        settings: &RemedySection,
        graph: &ChainGraph,
        tables: &mut Tables,
    ) -> Result<(), RemedyError> {
        self.curve(settings, graph, tables)?;
        let plan = cheapest(graph, &self.problem, &self.params)?;
        let draws = DrawParams {
            draws: settings.draws,
            seed: context.config.study.seed,
        };
        let drawn = robustness(graph, &self.problem, &self.params, &plan.amounts, &draws)?;
        let id = &self.id;
        let exact = |x: f64| Cell::from(Estimate::exact(x, Basis::Assumed));
        let not_drawn = || Quantity::not_estimated(Message::new("remedy.no_draw"));
        tables.summary.push(
            id.clone(),
            vec![
                self.name.clone().into(),
                plan.cost.into(),
                exact(plan.at_least),
                exact(plan.gap()),
                code(plan.proof.code()),
                drawn.cost.map_or_else(not_drawn, Quantity::from).into(),
                if drawn.draws > 0 {
                    exact(drawn.kept as f64 / drawn.draws as f64)
                } else {
                    not_drawn().into()
                },
            ],
            self.origins.clone(),
        );
        self.plan_rows(&plan, tables);
        let result = Origin::Result(RowRef::new("chain.remedy", id.clone()));
        for (before, after) in plan.before.losses.iter().zip(&plan.after.losses) {
            let bound = &self.problem.targets[after.bound];
            let of = |over: Over| (bound.over == over).then(|| exact(bound.most));
            tables.remaining.push(
                format!("{id}/{}/{}", after.scenario, after.target),
                vec![
                    self.name.clone().into(),
                    Entity::new(model::Kind::Scenario, after.scenario.clone()).into(),
                    after.target.entity().into(),
                    of(Over::Horizon).unwrap_or(Cell::Empty),
                    before.weeks.into(),
                    after.weeks.into(),
                    of(Over::Week).unwrap_or(Cell::Empty),
                    before.peak.into(),
                    after.peak.into(),
                ],
                vec![result.clone()],
            );
        }
        for (node, price) in plan.prices.iter().flat_map(|p| &p.stock_days) {
            tables.prices.push(
                format!("{id}/{node}"),
                vec![
                    self.name.clone().into(),
                    node.entity().into(),
                    exact(*price),
                ],
                vec![result.clone()],
            );
        }
        Ok(())
    }

    fn plan_rows(&self, plan: &Plan, tables: &mut Tables) {
        let id = &self.id;
        for (choice, amount) in self.problem.choices.iter().zip(&plan.amounts) {
            if *amount <= 0.0 {
                continue;
            }
            let amount = Estimate::exact(*amount, Basis::Assumed);
            let cost = choice.fixed.plus(choice.per_unit.times(amount));
            let short = short(choice.kind.code());
            let (stock, share) = match choice.kind {
                Kind::Stock => (amount.into(), Cell::Empty),
                Kind::Source | Kind::Home => (Cell::Empty, amount.into()),
            };
            tables.plan.push(
                format!("{id}/{short}/{}", choice.node),
                vec![
                    self.name.clone().into(),
                    code(choice.kind.code()),
                    choice.node.entity().into(),
                    choice
                        .country
                        .as_ref()
                        .map_or(Cell::Empty, |country| country.entity().into()),
                    stock,
                    share,
                    cost.into(),
                ],
                vec![Origin::Result(RowRef::new("chain.remedy", id.clone()))],
            );
        }
    }

    fn curve(
        &self,
        settings: &RemedySection,
        graph: &ChainGraph,
        tables: &mut Tables,
    ) -> Result<(), RemedyError> {
        let id = &self.id;
        let exact = |x: f64| Cell::from(Estimate::exact(x, Basis::Assumed));
        let points = frontier(graph, &self.problem, &self.params, settings.points)?;
        for (i, point) in points.iter().enumerate() {
            tables.curve.push(
                format!("{id}/{}", i + 1),
                vec![
                    self.name.clone().into(),
                    exact(point.budget),
                    exact(point.cost),
                    Estimate::spanning(point.loss, point.at_least, point.loss, Basis::Assumed)
                        .into(),
                ],
                self.origins.clone(),
            );
        }
        Ok(())
    }
}
