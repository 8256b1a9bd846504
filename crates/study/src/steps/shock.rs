//! What-if scenarios on the study's chains: courses, draws, what binds, and the fields and clusters behind it.

use std::collections::{BTreeMap, BTreeSet};

use chain::shock::{
    Asked, Cause, DrawParams, Event, Scenario as Question, Spread, TargetCourse, TargetDraws,
    shock_draws,
};
use chain::{ChainGraph, ShockParams, ShockResult};
use evidence::Evidence;
use model::{
    Basis, Cell, Chain, Entity, Estimate, Kind, Message, Node, Origin, Quantity, Refusal,
    ResultTable, Row, RowRef,
};
use serde_json::{Value, json};

use super::chain::{checked_graph, targets};
use super::shock_hits::Hits;
use super::{evidence_rows, parameters};
use crate::config::{Config, Span};
use crate::engine::output::StepOutput;
use crate::engine::step::Context;
use crate::inputs::chain::{ChainInfo, chains};
use crate::inputs::seats::{BySeat, by_seat};
use crate::scenario::Scenario;

/// A weekly loss of a chain below this is none: rounding.
pub const NEGLIGIBLE: f64 = 1e-9;

pub fn params(config: &Config, scenarios: &[Scenario]) -> Value {
    json!({
        "home": config.study.home, "ranges": config.ranges, "scenarios": scenarios,
        "seed": config.study.seed, "draws": DRAWS, "clusters": config.clusters,
        "chain": {
            "exclude": config.chain.exclude, "graph": config.chain.graph, "shock": config.chain.shock,
        },
    })
}

/// Draws of a what-if.
pub const DRAWS: usize = 1000;

/// Every scenario of the study on the chains as they are.
pub fn run(context: &Context) -> StepOutput {
    match checked_graph(context) {
        Ok(graph) => answers(
            context.evidence,
            context.config,
            &graph,
            &on_chains(context, &graph),
            DRAWS,
        ),
        Err(refused) => refused,
    }
}

/// The scenarios of the study, firms by the seats they have on record.
pub fn on_chains(context: &Context, graph: &ChainGraph) -> Vec<BySeat> {
    let asked = context.scenarios.iter();
    asked
        .map(|s| by_seat(context.evidence, context.config, graph, s))
        .collect()
}

/// The tables of the questions, and what the chains cannot answer.
pub fn answers(
    evidence: &Evidence,
    config: &Config,
    graph: &ChainGraph,
    asked: &[BySeat],
    draws: usize,
) -> StepOutput {
    let chains = chains(evidence, config);
    let mut output = StepOutput::default();
    let mut tables = Tables::empty();
    let mut hits = Hits::default();
    let mut seats = seats_table();
    let draws = DrawParams {
        draws,
        seed: config.study.seed,
    };
    for asked in asked {
        let scenario = &asked.scenario;
        if !scenario.asks_chains() {
            output.refusals.push(no_good(scenario));
            continue;
        }
        let question = question(graph, &chains, scenario);
        match tables.ask(graph, scenario, &question, &config.chain.shock, &draws) {
            Ok((result, _)) => {
                for course in &result.targets {
                    hits.add(scenario, course);
                }
                tables.cite(scenario, &add_seats(asked, &mut seats));
            }
            Err(refusals) => output.refusals.extend(refusals),
        }
    }
    let (sectors, regions) = hits.tables(evidence, config, &chains);
    output.tables.extend(tables.into_vec());
    output.tables.extend([sectors, regions, seats]);
    output
}

fn seats_table() -> ResultTable {
    ResultTable::new(
        "chain.shock_seats",
        "shock",
        "the firm's part of its country's supply of the node: number on record / share of the country; else 0 to 1, in the middle 1 / firms of the country on record there",
        &[
            ("scenario", ""),
            ("firm", ""),
            ("node", ""),
            ("country", ""),
            ("part_of_supply", "share"),
            ("firms_there", ""),
        ],
    )
    .repeating(&["firm"])
}

/// The seats of the firms that a question stops, and those that it is not asked about; gives their rows.
fn add_seats(asked: &BySeat, table: &mut ResultTable) -> Vec<Origin> {
    let scenario = &asked.scenario;
    let mut added = Vec::new();
    for (k, stop) in asked.stops.iter().enumerate() {
        let seat = &stop.seat;
        // No name in the key: some names must not leave.
        let key = format!("{}/{}/{}/{}", scenario.id, seat.node, seat.country, k + 1);
        let left = || Quantity::not_estimated(Message::new("whatif.seat_left"));
        table.push(
            key.clone(),
            vec![
                scenario_entity(scenario).into(),
                Cell::Text(stop.name.clone()),
                seat.node.entity().into(),
                seat.country.entity().into(),
                stop.part.map_or_else(left, Quantity::from).into(),
                stop.firms.into(),
            ],
            evidence_rows(&seat.origins)
                .into_iter()
                .chain(parameters(&["ranges"]))
                .collect(),
        );
        if stop.part.is_some() {
            added.push(Origin::Result(RowRef::new("chain.shock_seats", key)));
        }
    }
    added
}

/// The tables of a what-if on a chain.
pub struct Tables {
    summary: ResultTable,
    weeks: ResultTable,
    paths: ResultTable,
    drawn: ResultTable,
    drawn_weeks: ResultTable,
    binding: ResultTable,
}

impl Tables {
    pub fn empty() -> Self {
        Self {
            summary: summary_table(),
            weeks: weeks_table(),
            paths: path_table(),
            drawn: drawn_table(),
            drawn_weeks: drawn_weeks_table(),
            binding: binding_table(),
        }
    }

    /// Asks the chain and adds what it says.
    pub fn ask(
        &mut self,
        graph: &ChainGraph,
        scenario: &Scenario,
        question: &Question,
        params: &ShockParams,
        draws: &DrawParams,
    ) -> Result<(ShockResult, Vec<TargetDraws>), Vec<Refusal>> {
        let result = chain::shock(graph, question, params)?;
        for course in &result.targets {
            add(
                scenario,
                course,
                &mut self.summary,
                &mut self.weeks,
                &mut self.paths,
            );
            add_binding(scenario, course, &mut self.binding);
        }
        // What the bounds refuse, the draws refuse too.
        let drawn = shock_draws(graph, question, params, draws)?;
        for target in &drawn {
            add_drawn(scenario, target, &mut self.drawn, &mut self.drawn_weeks);
        }
        Ok((result, drawn))
    }

    /// Results that every answer to `scenario` rests on too.
    fn cite(&mut self, scenario: &Scenario, results: &[Origin]) {
        let id = scenario_entity(scenario);
        let of = |row: &&mut Row| matches!(row.cells.first(), Some(Cell::Entity(e)) if *e == id);
        for row in self.summary.rows.iter_mut().filter(of) {
            row.origins.extend(results.iter().cloned());
        }
    }

    pub fn into_vec(self) -> Vec<ResultTable> {
        vec![
            self.summary,
            self.weeks,
            self.paths,
            self.drawn,
            self.drawn_weeks,
            self.binding,
        ]
    }
}

/// A question about product codes or industries only names no good of a chain.
pub fn no_good(scenario: &Scenario) -> Refusal {
    Refusal {
        code: "whatif.no_good".to_owned(),
        question: Message::new("shock.question.scenario")
            .with("scenario", scenario_entity(scenario)),
        reason: Message::new("whatif.no_good"),
        needed: Message::new("whatif.no_good.needed"),
    }
}

/// Asks the chains a scenario, or says why they cannot answer.
pub fn ask(
    graph: &ChainGraph,
    chains: &BTreeMap<Chain, ChainInfo>,
    scenario: &Scenario,
    params: &ShockParams,
) -> Result<ShockResult, Vec<Refusal>> {
    chain::shock(graph, &question(graph, chains, scenario), params)
}

fn assumed(span: Span) -> Estimate {
    Estimate {
        value: span.value,
        low: span.low,
        high: span.high,
        basis: Basis::Assumed,
    }
}

pub fn question(
    graph: &ChainGraph,
    chains: &BTreeMap<Chain, ChainInfo>,
    scenario: &Scenario,
) -> Question {
    let events: Vec<Event> = scenario
        .of_goods()
        .map(|event| Event {
            country: event.country.as_deref().map(Into::into),
            node: event.node.as_deref().map(Into::into),
            severity: assumed(event.severity),
            start_week: event.start_week,
            weeks: event.weeks,
        })
        .collect();
    let targets = if scenario.targets.is_empty() {
        downstream(graph, &events, targets(chains, graph))
    } else {
        scenario
            .targets
            .iter()
            .map(|target| target.as_str().into())
            .collect()
    };
    Question {
        id: scenario.id.clone(),
        horizon_weeks: scenario.horizon_weeks,
        stocks: scenario
            .stocks
            .iter()
            .map(|stock| (stock.node.as_str().into(), assumed(stock.weeks)))
            .collect(),
        stage_stocks: BTreeMap::new(),
        default_stock: assumed(scenario.default_stock_weeks),
        buyer: scenario.buyer.as_deref().map(Into::into),
        targets,
        firm: scenario.event.iter().find_map(|event| event.firm.clone()),
        place: scenario.event.iter().find_map(|event| event.region.clone()),
        quantity: if scenario
            .event
            .iter()
            .any(|e| e.quantity == crate::scenario::Asked::Price)
        {
            Asked::Price
        } else {
            Asked::Supply
        },
        events,
    }
}

/// The end products that some event can reach; all of them where an event names no node.
fn downstream(graph: &ChainGraph, events: &[Event], targets: Vec<(Chain, Node)>) -> Vec<Node> {
    let hit: BTreeSet<&Node> = events
        .iter()
        .filter_map(|event| event.node.as_ref())
        .collect();
    let anywhere = events.iter().any(|event| event.node.is_none());
    let reached: Vec<Node> = targets
        .iter()
        .map(|(_, target)| target.clone())
        .filter(|target| {
            anywhere
                || hit.contains(target)
                || graph
                    .upstream(target)
                    .is_some_and(|up| up.iter().any(|node| hit.contains(*node)))
        })
        .collect();
    // An event on an unknown node reaches nothing; the method itself then says what is wrong.
    if reached.is_empty() {
        targets
            .into_iter()
            .map(|(_, target)| target)
            .take(1)
            .collect()
    } else {
        reached
    }
}

fn summary_table() -> ResultTable {
    ResultTable::new(
        "chain.shock",
        "shock",
        "share of normal supply at risk: Fréchet bounds along the chain, after stocks",
        &[
            ("scenario", ""),
            ("target", ""),
            ("peak", "share"),
            ("cumulative", "weeks"),
            ("first_week_worst", ""),
            ("first_week_best", ""),
            ("reason", ""),
        ],
    )
}

fn weeks_table() -> ResultTable {
    ResultTable::new(
        "chain.shock_weeks",
        "shock",
        "loss(t) = own loss and shortfalls of input groups after stocks; low best bound, high worst bound",
        &[
            ("scenario", ""),
            ("target", ""),
            ("week", ""),
            ("at_risk", "share"),
        ],
    )
}

fn path_table() -> ResultTable {
    ResultTable::new(
        "chain.shock_path",
        "shock",
        "in the week of the peak, from the product to the source along the input that takes most",
        &[
            ("scenario", ""),
            ("target", ""),
            ("station", ""),
            ("node", ""),
            ("loss", "share"),
        ],
    )
}

pub fn scenario_entity(scenario: &Scenario) -> Entity {
    Entity::new(Kind::Scenario, scenario.id.clone())
}

/// Lineage of a course: the rows it used and the scenario's own settings.
pub fn course_origins(scenario: &Scenario, course: &TargetCourse) -> Vec<Origin> {
    let mut origins = evidence_rows(&course.origins);
    origins.extend(parameters(&["ranges", "chain.shock"]));
    origins.push(Origin::Parameter(format!("scenarios/{}", scenario.id)));
    origins
}

fn add(
    scenario: &Scenario,
    course: &TargetCourse,
    summary: &mut ResultTable,
    weeks: &mut ResultTable,
    paths: &mut ResultTable,
) {
    let key = format!("{}/{}", scenario.id, course.target);
    let week = |week: Option<u32>| week.map_or(Cell::Empty, |week| Cell::Count(i64::from(week)));
    summary.push(
        key.clone(),
        vec![
            scenario_entity(scenario).into(),
            course.target.entity().into(),
            course.peak.into(),
            course.cumulative.into(),
            week(course.first_week.worst),
            week(course.first_week.best),
            course
                .reason
                .clone()
                .map_or(Cell::Empty, |reason: Message| reason.into()),
        ],
        course_origins(scenario, course),
    );
    let result = Origin::Result(model::RowRef::new("chain.shock", key.clone()));
    for (i, at_risk) in course.weeks.iter().enumerate() {
        weeks.push(
            format!("{key}/{}", i + 1),
            vec![
                scenario_entity(scenario).into(),
                course.target.entity().into(),
                (i + 1).into(),
                (*at_risk).into(),
            ],
            vec![result.clone()],
        );
    }
    for (i, step) in course.path.iter().enumerate() {
        paths.push(
            format!("{key}/{}", i + 1),
            vec![
                scenario_entity(scenario).into(),
                course.target.entity().into(),
                (i + 1).into(),
                step.node.entity().into(),
                step.loss.into(),
            ],
            vec![result.clone()],
        );
    }
}

fn drawn_table() -> ResultTable {
    ResultTable::new(
        "chain.shock_draws",
        "shock",
        "median and 5–95 % of seeded draws over shares, severities, stocks, tool lives and the rule between the bounds",
        &[
            ("scenario", ""),
            ("target", ""),
            ("peak_drawn", "share"),
            ("lost_drawn", "weeks"),
            ("hit_draws", "share"),
            ("first_week_early", ""),
            ("first_week_median", ""),
            ("first_week_late", ""),
        ],
    )
}

fn drawn_weeks_table() -> ResultTable {
    ResultTable::new(
        "chain.shock_draw_weeks",
        "shock",
        "per week, median and 5–95 % of the draws",
        &[
            ("scenario", ""),
            ("target", ""),
            ("week", ""),
            ("at_risk_drawn", "share"),
        ],
    )
}

fn binding_table() -> ResultTable {
    ResultTable::new(
        "chain.shock_binding",
        "shock",
        "the input group (or the own providers) that takes most of the product, week by week; source: where that begins",
        &[
            ("scenario", ""),
            ("target", ""),
            ("from_week", ""),
            ("to_week", ""),
            ("binds", ""),
            ("binding_source", ""),
            ("loss", "share"),
        ],
    )
}

fn spread(spread: Spread) -> Estimate {
    Estimate::spanning(spread.p50, spread.p05, spread.p95, Basis::Assumed)
}

fn week(week: Option<u32>) -> Cell {
    week.map_or(Cell::Empty, |week| Cell::Count(i64::from(week)))
}

fn add_drawn(
    scenario: &Scenario,
    draws: &TargetDraws,
    summary: &mut ResultTable,
    weeks: &mut ResultTable,
) {
    let key = format!("{}/{}", scenario.id, draws.target);
    let mut origins = vec![Origin::Result(model::RowRef::new(
        "chain.shock",
        key.clone(),
    ))];
    origins.extend(parameters(&["study.seed"]));
    summary.push(
        key.clone(),
        vec![
            scenario_entity(scenario).into(),
            draws.target.entity().into(),
            spread(draws.peak).into(),
            spread(draws.cumulative).into(),
            model::Quantity::exact(draws.hit, Basis::Assumed).into(),
            week(draws.first_week.p05),
            week(draws.first_week.p50),
            week(draws.first_week.p95),
        ],
        origins,
    );
    let result = Origin::Result(model::RowRef::new("chain.shock_draws", key.clone()));
    for (i, at_risk) in draws.weeks.iter().enumerate() {
        weeks.push(
            format!("{key}/{}", i + 1),
            vec![
                scenario_entity(scenario).into(),
                draws.target.entity().into(),
                (i + 1).into(),
                spread(*at_risk).into(),
            ],
            vec![result.clone()],
        );
    }
}

fn add_binding(scenario: &Scenario, course: &TargetCourse, table: &mut ResultTable) {
    let key = format!("{}/{}", scenario.id, course.target);
    let result = Origin::Result(model::RowRef::new("chain.shock", key.clone()));
    for (i, stretch) in course.binding.iter().enumerate() {
        table.push(
            format!("{key}/{}", i + 1),
            vec![
                scenario_entity(scenario).into(),
                course.target.entity().into(),
                week(Some(stretch.weeks.0)),
                week(Some(stretch.weeks.1)),
                match &stretch.cause {
                    Cause::Own => Message::new("shock.binds.own").into(),
                    Cause::Inputs(nodes) => {
                        Cell::Entities(nodes.iter().map(Node::entity).collect())
                    }
                },
                stretch.source.entity().into(),
                stretch.loss.into(),
            ],
            vec![result.clone()],
        );
    }
}
