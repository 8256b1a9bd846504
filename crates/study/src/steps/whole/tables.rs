//! What the draws say together: how often each part is in the plan, what it depends on, how alike plans are.

use super::super::{code, parameters, selection};
use super::draw::Values;
use super::{BASE, Question};
use crate::config::Aggregation;
use layout::portfolio::ResearchKind;
use layout::whole::{Input, Part, Whole};
use model::{
    Basis, Cell, Cluster, Criterion, Entity, Estimate, Field, Industry, Kind, Message, Origin,
    Quantity, ResultTable, RowRef,
};

/// Every drawn number as a column over the draws that found a plan.
pub(super) fn inputs(
    question: &Question,
    aggregations: &[Aggregation],
    drawn: &[&Values],
) -> Vec<Input> {
    let number = |name: String, value: &dyn Fn(&Values) -> f64| Input::Number {
        name,
        values: drawn.iter().map(|values| value(values)).collect(),
    };
    let mut inputs = Vec::new();
    for (j, name) in selection::CRITERIA.iter().enumerate() {
        inputs.push(number(format!("weight/{name}"), &|v| v.weights[j]));
    }
    if aggregations.len() > 1 {
        inputs.push(Input::Choice {
            name: "aggregation".to_owned(),
            values: drawn.iter().map(|values| values.aggregation).collect(),
        });
    }
    for (k, ((cluster, field), _)) in question.strengths.iter().enumerate() {
        inputs.push(number(format!("strength/{cluster}/{field}"), &|v| {
            v.strengths[k]
        }));
    }
    for (f, field) in question.fields.iter().enumerate() {
        for j in 0..3 {
            let criterion = selection::CRITERIA[j];
            if question.indicators[f][j].is_empty() {
                let value = |v: &Values| v.unknown[f][j].unwrap_or_default();
                inputs.push(number(format!("criterion/{field}/{criterion}"), &value));
            }
            for (i, (name, _)) in question.indicators[f][j].iter().enumerate() {
                if *name != BASE || question.strongest[f].is_empty() {
                    let value = |v: &Values| v.indicators[f][j][i];
                    inputs.push(number(format!("indicator/{field}/{name}"), &value));
                }
            }
        }
    }
    if question.counted.settings.is_some() {
        let value = |v: &Values| v.link.unwrap_or_default();
        inputs.push(number("link".to_owned(), &value));
    }
    if !question.tasks.is_empty() {
        inputs.push(number("correlation".to_owned(), &|v| v.correlation));
    }
    for (k, (task, _)) in question.tasks.iter().enumerate() {
        inputs.push(number(format!("duration/{}", task.id), &|v| v.durations[k]));
    }
    let ranges = question.money.iter().flat_map(|money| &money.ranges);
    for (k, (name, _)) in ranges.enumerate() {
        inputs.push(number(name.clone(), &|v| v.money[k]));
    }
    inputs
}

pub(super) fn tables(
    question: &Question,
    whole: &Whole,
    [draws, stopped]: [usize; 2],
    layout_gap: f64,
    gaps: &[f64],
) -> Vec<ResultTable> {
    let everything = origins(question);
    let mut parts = ResultTable::new(
        "layout.whole",
        "whole-plan",
        "share of draws of data, weights, durations and aggregation whose plan holds the part",
        &[
            ("plan_part", ""),
            ("industry", ""),
            ("cluster", ""),
            ("draws_with_part", "share"),
            ("robust", ""),
            ("driver", ""),
            ("driver_about", ""),
            ("driver_share", "share"),
        ],
    );
    let mut drivers = ResultTable::new(
        "layout.whole_drivers",
        "whole-plan",
        "correlation ratio of the part's presence over ten groups of the input, less chance (epsilon squared)",
        &[
            ("plan_part", ""),
            ("industry", ""),
            ("cluster", ""),
            ("driver", ""),
            ("driver_about", ""),
            ("driver_share", "share"),
        ],
    );
    // Kinds together, the firmest first.
    let mut listed: Vec<&Part> = whole.parts.iter().collect();
    listed.sort_by(|a, b| {
        let kind = |part: &Part| part.id.split('/').next().unwrap_or_default().to_owned();
        kind(a)
            .cmp(&kind(b))
            .then_with(|| b.share.value.total_cmp(&a.share.value))
            .then_with(|| a.id.cmp(&b.id))
    });
    // Each part leads to the plan, and the plan to all it depends on.
    let plan_row = vec![Origin::Result(RowRef::new("layout.whole_plan", "plan"))];
    for part in listed {
        let [kind, industry, cluster] = named(part);
        let first = part.drivers.first();
        let mut row = vec![kind.clone(), industry.clone(), cluster.clone()];
        row.extend([part.share.into(), code(part.strength.code())]);
        row.extend(first.map_or_else(
            || {
                let none = Message::new("whole.no_driver");
                [
                    Cell::Empty,
                    Cell::Empty,
                    Quantity::not_estimated(none).into(),
                ]
            },
            |driver| {
                let [kind, about] = input(&driver.name);
                [kind, about, driver.share.into()]
            },
        ));
        parts.push(part.id.clone(), row, plan_row.clone());
        for driver in &part.drivers {
            let [input_kind, about] = input(&driver.name);
            drivers.push(
                format!("{}@{}", part.id, driver.name),
                vec![
                    kind.clone(),
                    industry.clone(),
                    cluster.clone(),
                    input_kind,
                    about,
                    driver.share.into(),
                ],
                vec![Origin::Result(RowRef::new("layout.whole", part.id.clone()))],
            );
        }
    }
    let mut plan = ResultTable::new(
        "layout.whole_plan",
        "whole-plan",
        "mean Jaccard similarity of the plans of independent draws",
        &[
            ("draws", ""),
            ("draws_with_plan", ""),
            ("draws_stopped", ""),
            ("parts", ""),
            ("core", ""),
            ("frequent", ""),
            ("fragile", ""),
            ("agreement", "share"),
            ("layout_gap", "share"),
            ("draws_with_portfolio", ""),
            ("portfolio_gap", "share"),
        ],
    );
    let portfolio_gap = if gaps.is_empty() {
        let why = if question.money.is_some() {
            "whole.portfolio_in_no_draw"
        } else {
            "whole.no_portfolio"
        };
        Quantity::not_estimated(Message::new(why))
    } else {
        let least = gaps.iter().copied().fold(f64::INFINITY, f64::min);
        let most = gaps.iter().copied().fold(0.0, f64::max);
        let mean = gaps.iter().sum::<f64>() / gaps.len() as f64;
        Quantity::from(Estimate::spanning(mean, least, most, Basis::Derived))
    };
    let count = |code: &str| {
        let of = |part: &&Part| part.strength.code() == code;
        Cell::from(whole.parts.iter().filter(of).count())
    };
    plan.push(
        "plan",
        vec![
            draws.into(),
            whole.draws.into(),
            stopped.into(),
            whole.parts.len().into(),
            count("strength.core"),
            count("strength.frequent"),
            count("strength.fragile"),
            whole.agreement.into(),
            // The largest of the draws; rounding of the solver's own arithmetic is no gap.
            Estimate::exact(
                if layout_gap < 1e-9 { 0.0 } else { layout_gap },
                Basis::Derived,
            )
            .into(),
            gaps.len().into(),
            portfolio_gap.into(),
        ],
        everything,
    );
    vec![parts, drivers, plan]
}

/// Kind, industry and cluster of a part, from its id.
fn named(part: &Part) -> [Cell; 3] {
    let field = |id: &str| Cell::from(Field::from(id).entity());
    let pieces: Vec<&str> = part.id.split('/').collect();
    match pieces.as_slice() {
        ["pair", cluster, industry] => [
            code("part.pair"),
            field(industry),
            Cell::from(Cluster::from(*cluster).entity()),
        ],
        ["project", industry, kind] => [
            code("part.project"),
            vec![
                Field::from(*industry).entity(),
                Entity::new(Kind::Code, format!("research.{kind}")),
            ]
            .into(),
            Cell::Empty,
        ],
        ["project", id] => [code("part.project"), Cell::from(*id), Cell::Empty],
        [kind, industry] => [code(&format!("part.{kind}")), field(industry), Cell::Empty],
        _ => [Cell::Empty, Cell::Empty, Cell::Empty],
    }
}

/// Kind of an input, and what it is about, from its name.
fn input(name: &str) -> [Cell; 2] {
    // A project on record has ranges of its own.
    if let Some((what @ ("cost" | "value" | "chance"), project)) = name.split_once('/')
        && ResearchKind::of(project).is_none()
    {
        return [code(&format!("input.project_{what}")), Cell::from(project)];
    }
    let field = |id: &str| Field::from(id).entity();
    let word = |id: &str| Entity::new(Kind::Code, id);
    let pieces: Vec<&str> = name.split('/').collect();
    let about: Vec<Entity> = match pieces.as_slice() {
        ["weight", criterion] => vec![Criterion::from(*criterion).entity()],
        ["strength", cluster, industry] => vec![Cluster::from(*cluster).entity(), field(industry)],
        ["criterion" | "indicator", industry, what] => {
            vec![field(industry), word(&format!("indicator.{what}"))]
        }
        ["duration", industry, stage] => {
            vec![field(industry), word(&format!("roadmap_stage.{stage}"))]
        }
        ["cost" | "value" | "chance", kind] => vec![word(&format!("research.{kind}"))],
        _ => Vec::new(),
    };
    let kind = pieces.first().copied().unwrap_or_default();
    [code(&format!("input.{kind}")), about.into()]
}

/// A plan depends on all of it.
fn origins(question: &Question) -> Vec<Origin> {
    let mut origins: Vec<Origin> = question
        .strengths
        .iter()
        .map(|((c, i), _)| Origin::Result(RowRef::new("foundation.strengths", format!("{c}/{i}"))))
        .collect();
    let fields = question.fields.iter().map(Industry::as_str);
    origins.extend(fields.map(|f| Origin::Result(RowRef::new("layout.criteria", f))));
    if question.money.is_some() {
        origins.push(Origin::Result(RowRef::new("layout.portfolio_plan", "plan")));
        origins.extend(parameters(&["portfolio"]));
    }
    origins.extend(parameters(&[
        "whole",
        "selection.weights",
        "selection.top",
        "regions",
        "roadmap.stages",
        "roadmap.per_stage",
        "study.horizon_year",
        "study.seed",
    ]));
    origins.extend(parameters(&[
        "roadmap.shape",
        "roadmap.correlation",
        "roadmap.gates",
        "roadmap.rework",
    ]));
    origins.extend(question.counted.origins());
    if question.context.config.roadmap.money.is_some() {
        origins.extend(parameters(&["roadmap.money"]));
    }
    origins
}
