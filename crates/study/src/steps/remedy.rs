//! The cheapest remedy for each scenario of the study, and one plan for all of them together: what it buys, what it
//! leaves, what the next unit is worth.

use std::collections::BTreeMap;

use chain::ChainGraph;
use chain::remedy::{Bound, Case, Choice, Over, Problem, RemedyError, RemedyParams, Risk};
use chain::shock::{Event, Scenario as Question};
use evidence::Evidence;
use model::{Chain, Entity, Message, Origin, Refusal};
use serde_json::{Value, json};

use super::chain::checked_graph;
use super::remedy_offer::{Desk, choices};
use super::remedy_tables::{Asked, Tables};
use super::shock::{on_chains, question, scenario_entity};
use super::{evidence_rows, parameters};
use crate::config::{Config, RemedySection};
use crate::engine::output::StepOutput;
use crate::engine::step::Context;
use crate::inputs::chain::{ChainInfo, chains};
use crate::scenario::Scenario;

/// Nodes of the branching tree that an estimate may cost. The bound then stands where it stands, and the gap says so.
const NODES: u32 = 1000;

pub fn params(config: &Config, scenarios: &[Scenario]) -> Value {
    json!({
        "home": config.study.home, "ranges": config.ranges, "scenarios": scenarios, "seed": config.study.seed,
        "remedy": config.remedy, "nodes": NODES, "hardness": config.necks.hardness,
        "chain": {
            "exclude": config.chain.exclude, "graph": config.chain.graph, "shock": config.chain.shock,
        },
    })
}

/// Every scenario alone with its curve of budgets, then all of them together.
pub fn run(context: &Context) -> StepOutput {
    let config = context.config;
    let Ok(graph) = checked_graph(context) else {
        // chain.exposure reports what is wrong with the graph.
        return StepOutput::default();
    };
    let mut output = StepOutput::default();
    let Some(settings) = &config.remedy else {
        output.refusals.push(no_costs(None));
        return output;
    };
    let chains = chains(context.evidence, config);
    let desk = Desk {
        evidence: context.evidence,
        config,
        settings,
        graph: &graph,
    };
    let scenarios: Vec<Scenario> = (on_chains(context, &graph).into_iter())
        .map(|asked| asked.scenario)
        .collect();
    let events: Vec<Event> = scenarios
        .iter()
        .flat_map(|scenario| question(&graph, &chains, scenario).events)
        .collect();
    let mut all: Vec<Asked> = Vec::new();
    let mut offered: Vec<Choice> = Vec::new();
    for scenario in &scenarios {
        let question = question(&graph, &chains, scenario);
        // What the chains cannot answer is refused by chain.shock.
        let Ok(shocked) = chain::shock(&graph, &question, &config.chain.shock) else {
            continue;
        };
        // Together, no source may lie in a country that any of the scenarios stops.
        offered.extend(choices(&desk, &question, &events, &shocked).0);
        all.push(asked(&desk, scenario, question, &shocked));
    }
    let together = together(settings, &all, offered);
    let mut tables = Tables::new();
    for mut asked in all.into_iter().chain(together) {
        asked.bound_by(settings.leave, &graph);
        let found = asked
            .curve(&desk, &mut tables)
            .and_then(|()| asked.answer(&desk, &mut tables));
        if let Err(error) = found {
            output.refusals.extend(refused(&asked, error));
        }
    }
    output.tables.extend(tables.all());
    output
}

/// The cheapest remedy for one question, without its curve of budgets; what the chains refuse has none.
pub fn of_scenario(
    evidence: &Evidence,
    config: &Config,
    graph: &ChainGraph,
    chains: &BTreeMap<Chain, ChainInfo>,
    scenario: &Scenario,
) -> StepOutput {
    let mut output = StepOutput::default();
    let question = question(graph, chains, scenario);
    let Ok(shocked) = chain::shock(graph, &question, &config.chain.shock) else {
        return output;
    };
    let Some(settings) = &config.remedy else {
        output
            .refusals
            .push(no_costs(Some(&scenario_entity(scenario))));
        return output;
    };
    let desk = Desk {
        evidence,
        config,
        settings,
        graph,
    };
    let mut asked = asked(&desk, scenario, question, &shocked);
    asked.bound_by(settings.leave, graph);
    let mut tables = Tables::new();
    match asked.answer(&desk, &mut tables) {
        Ok(()) => output.tables.extend(tables.all()),
        Err(error) => output.refusals.extend(refused(&asked, error)),
    }
    output
}

fn asked(
    desk: &Desk,
    scenario: &Scenario,
    question: Question,
    shocked: &chain::ShockResult,
) -> Asked {
    let Desk {
        config, settings, ..
    } = desk;
    let (choices, rows) = choices(desk, &question, &question.events, shocked);
    let mut origins = evidence_rows(&shocked.origins);
    origins.extend(evidence_rows(&rows));
    origins.push(Origin::Parameter(format!("scenarios/{}", scenario.id)));
    origins.extend(parameters(&[
        "remedy",
        "chain.shock",
        "necks.hardness",
        "ranges",
        "study.seed",
    ]));
    let over = settings.over.unwrap_or(Over::Horizon);
    Asked {
        id: scenario.id.clone(),
        name: scenario_entity(scenario),
        problem: Problem {
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
        },
        params: RemedyParams {
            lead_weeks: settings.lead_weeks,
            shock: config.chain.shock.clone(),
            tree: Some(NODES),
            ..RemedyParams::default()
        },
        origins,
    }
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
        origins: {
            let mut origins: Vec<Origin> = Vec::new();
            for origin in all.iter().flat_map(|a| &a.origins) {
                if !origins.contains(origin) {
                    origins.push(origin.clone());
                }
            }
            origins
        },
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

fn no_costs(of: Option<&Entity>) -> Refusal {
    let what = ("remedy.no_costs", Message::new("remedy.no_costs"));
    refusal(what, of)
}

fn refused(asked: &Asked, error: RemedyError) -> Vec<Refusal> {
    match error {
        RemedyError::Refused(refusals) => refusals,
        error => vec![unanswered(&asked.name, error)],
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

/// Key of the plan for all scenarios; no scenario may have this name.
pub const TOGETHER: &str = "together";
