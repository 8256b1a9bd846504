//! The plan as a whole under uncertainty: data, weights, durations and the choice of method are drawn once and carried
//! through selection, layout, portfolio and roadmap.
//!
//! One draw: the strength of every cluster in every field and every indicator of a field from their ranges, weights from
//! theirs, durations from theirs, one way of aggregation of those that the study names. Its best fields are laid out over
//! the clusters under the rules of the plan, with what a chain link is worth drawn too where the plan counts links, given
//! projects and scheduled. Durations are those of the roadmap's own draws: the same shapes, the same stages of one field
//! going together, the same gates. A strength that is drawn counts in the selection (as the base
//! of the field) and in the layout alike.

use std::collections::{BTreeMap, BTreeSet};

use layout::portfolio::ResearchKind;
use layout::regions::{Instance, RulesFrom, SolveParams, Unsolved, solve};
use layout::roadmap::{Durations, Limits, ScheduleParams, Stage, Task, schedule};
use layout::select::weights;
use layout::whole::{self, Drawn, Input, Part, RobustnessParams, Whole, robustness};
use model::{
    Basis, Cell, Cluster, Criterion, Entity, Estimate, Field, Industry, Kind, Message, Origin,
    Quantity, Refusal, ResultTable, RowRef, Seed,
};
use serde_json::{Value, json};

use super::{code, parameters, portfolio, regions, roadmap, selection};
use crate::config::{Aggregation, Config};
use crate::engine::output::{StepOutput, estimate};
use crate::engine::step::Context;
use crate::inputs::links::weighed;
use crate::scenario::Scenario;

pub const READS: [&str; 8] = [
    "clusters",
    "chains",
    "chain_nodes",
    "chain_links",
    "reference_classes",
    "projects",
    "exchange_rates",
    "deflators",
];

pub fn params(config: &Config, scenarios: &[Scenario]) -> Value {
    json!({
        "whole": config.whole, "selection": selection::params(config, scenarios),
        "regions": regions::params(config, scenarios), "roadmap": roadmap::params(config, scenarios),
        "portfolio": portfolio::params(config, scenarios),
    })
}

/// The indicators of `layout.criteria` by criterion, in the order of [`selection::CRITERIA`].
const INDICATORS: [[&str; 2]; 3] = [
    ["position", BASE],
    ["consensus", "money_score"],
    ["foreign_exposure", "necks"],
];

/// The indicator that follows from the strengths of the clusters.
const BASE: &str = "clusters_base";

/// What is drawn from, each list in a fixed order.
struct Question<'a> {
    fields: Vec<Industry>,
    /// `[field][criterion]`: indicators on record, by name.
    indicators: Vec<[Vec<(&'static str, Estimate)>; 3]>,
    strengths: Vec<((Cluster, Industry), Estimate)>,
    /// `[field]`: positions of the strengths that make its base.
    strongest: Vec<Vec<usize>>,
    /// `[draw][criterion]`.
    weights: Vec<[f64; 3]>,
    /// Every rule of the layout, every candidate field; links at their central weight.
    instance: Instance,
    counted: regions::Counted,
    /// Fields some of whose stages have no duration.
    untimed: BTreeSet<Industry>,
    /// Of the other fields.
    tasks: Vec<(Task, Estimate)>,
    durations: Option<Durations>,
    correlation: Estimate,
    limits: Limits,
    money: Option<portfolio::Uncertain>,
    context: &'a Context<'a>,
}

pub fn run(context: &Context) -> StepOutput {
    let mut output = StepOutput::default();
    let Some(settings) = &context.config.whole else {
        output.refusals.push(refusal("whole.not_asked"));
        return output;
    };
    let question = match question(context, settings.draws) {
        Ok(question) => question,
        Err(refusal) => {
            output.refusals.push(*refusal);
            return output;
        }
    };
    if !question.untimed.is_empty() {
        let fields: Vec<Entity> = question.untimed.iter().map(Industry::entity).collect();
        let mut refused = refusal("whole.untimed");
        refused.reason = refused.reason.with("fields", fields);
        output.refusals.push(refused);
    }
    let seed = context.config.study.seed;
    let drawn: Vec<(Result<Drawn, Unsolved>, Values)> = whole::each(settings.draws, |d| {
        draw(&question, &settings.aggregation, seed, d)
    });
    let mut stopped = 0;
    let (mut plans, mut found): (Vec<Drawn>, Vec<&Values>) = (Vec::new(), Vec::new());
    for (plan, values) in &drawn {
        match plan {
            Ok(plan) => {
                plans.push(plan.clone());
                found.push(values);
            }
            // The fields of this draw cannot keep the rules.
            Err(Unsolved::Infeasible(_)) => {}
            Err(Unsolved::Stopped(_)) => stopped += 1,
            Err(invalid @ Unsolved::Invalid(_)) => {
                let question = Message::new("whole.question");
                let refused = invalid.refusal(question, RulesFrom::Study);
                output.refusals.push(refused);
                return output;
            }
        }
    }
    let inputs = inputs(&question, &settings.aggregation, &found);
    let basis = question
        .strengths
        .iter()
        .fold(Basis::Assumed, |weakest, (_, s)| weakest.and(s.basis));
    let params = RobustnessParams {
        core_from: settings.core_from,
        frequent_from: settings.frequent_from,
        ..RobustnessParams::default()
    };
    match robustness(&plans, &inputs, &params, basis, seed) {
        Some(whole) => {
            let gaps: Vec<f64> = found.iter().filter_map(|v| v.gap).collect();
            let layout_gap = (found.iter()).fold(0.0_f64, |most, v| most.max(v.layout_gap));
            let draws = [settings.draws, stopped];
            output.tables = tables(&question, &whole, draws, layout_gap, &gaps);
        }
        None if stopped > 0 => {
            let mut refused = refusal("whole.stopped");
            refused.reason = refused.reason.with("stopped", stopped);
            output.refusals.push(refused);
        }
        None => output.refusals.push(refusal("whole.no_plan")),
    }
    output
}

fn refusal(id: &str) -> Refusal {
    Refusal {
        code: id.to_owned(),
        question: Message::new("whole.question"),
        reason: Message::new(id),
        needed: Message::new(format!("{id}.needed")),
    }
}

fn question<'a>(context: &'a Context<'a>, draws: usize) -> Result<Question<'a>, Box<Refusal>> {
    let criteria = context.table("layout.criteria");
    let acceptability = context.table("layout.acceptability");
    let mut fields: Vec<Industry> = acceptability
        .rows
        .iter()
        .map(|row| row.key.as_str().into())
        .collect();
    fields.sort();
    if fields.is_empty() {
        return Err(Box::new(refusal("whole.no_selection")));
    }
    let indicators = fields
        .iter()
        .map(|field| {
            INDICATORS.map(|names| {
                let row = criteria.row(field.as_str());
                names
                    .into_iter()
                    .filter_map(|name| Some((name, estimate(&criteria, row?, name)?)))
                    .collect()
            })
        })
        .collect();
    let equal: BTreeMap<Industry, f64> = fields.iter().map(|field| (field.clone(), 1.0)).collect();
    let (mut instance, _) = regions::instance_of(context, &equal);
    let counted = regions::counted(context, &instance);
    if let Some(settings) = counted.settings {
        instance.links = weighed(&counted.links, settings.weight.value);
    }
    let strengths: Vec<((Cluster, Industry), Estimate)> = instance
        .suitability
        .iter()
        .map(|(pair, strength)| (pair.clone(), *strength))
        .collect();
    let place: BTreeMap<String, usize> = strengths
        .iter()
        .enumerate()
        .map(|(k, ((cluster, field), _))| (format!("{cluster}/{field}"), k))
        .collect();
    let strongest = fields
        .iter()
        .map(|field| {
            selection::strongest(context, &Field::from(field.as_str()))
                .into_iter()
                .filter_map(|(_, key)| place.get(&key).copied())
                .collect()
        })
        .collect();
    let criteria: Vec<Criterion> = selection::CRITERIA.map(Criterion::from).to_vec();
    let mut select = selection::select_params(context.config);
    select.draws = draws;
    let (drawn, _) = weights(&criteria, &select, context.config.study.seed)?;
    // Weights come in the order of the sorted ids.
    let mut sorted = criteria.clone();
    sorted.sort();
    let order =
        [0, 1, 2].map(|j: usize| sorted.iter().position(|c| *c == criteria[j]).unwrap_or(j));
    let weights = drawn.chunks_exact(3).map(|w| order.map(|j| w[j])).collect();
    let names: Vec<&str> = fields.iter().map(Industry::as_str).collect();
    let tasks = roadmap::tasks_of(context, &names);
    // Stages that are not estimated are not done at once: their fields have no date of capacity.
    let untimed: BTreeSet<Industry> = tasks
        .iter()
        .filter(|task| task.duration_years.estimate().is_none())
        .map(|task| task.industry.clone())
        .collect();
    let tasks: Vec<(Task, Estimate)> = tasks
        .into_iter()
        .filter(|task| !untimed.contains(&task.industry))
        .filter_map(|task| {
            let years = task.duration_years.estimate()?;
            Some((task, years))
        })
        .collect();
    let limits = roadmap::limits(context.config);
    let simulated = roadmap::simulated(context.config);
    let estimated: Vec<Task> = tasks.iter().map(|(task, _)| task.clone()).collect();
    let durations = if estimated.is_empty() {
        None
    } else {
        Some(Durations::new(&estimated, &limits, &simulated)?)
    };
    let rho = simulated.correlation;
    Ok(Question {
        indicators,
        strengths,
        strongest,
        weights,
        instance,
        counted,
        untimed,
        tasks,
        durations,
        correlation: Estimate::spanning(rho.value, rho.low, rho.high, Basis::Assumed),
        limits,
        money: portfolio::uncertain(context, &names),
        fields,
        context,
    })
}

/// What one draw took, in the order of the question.
struct Values {
    weights: [f64; 3],
    aggregation: usize,
    strengths: Vec<f64>,
    /// `[field][criterion][indicator]`.
    indicators: Vec<[Vec<f64>; 3]>,
    /// The criterion itself where no indicator is on record.
    unknown: Vec<[Option<f64>; 3]>,
    /// What a chain link is worth, where the plan counts links.
    link: Option<f64>,
    correlation: f64,
    durations: Vec<f64>,
    /// In the order of the names of [`portfolio::Uncertain`].
    money: Vec<f64>,
    /// Gap of the draw's layout, and of its portfolio, to the bound.
    layout_gap: f64,
    gap: Option<f64>,
}

/// The plan of draw `d`, or why it has no layout.
fn draw(
    question: &Question,
    aggregations: &[Aggregation],
    seed: Seed,
    d: usize,
) -> (Result<Drawn, Unsolved>, Values) {
    let mut values = values(question, aggregations.len(), seed, d);
    let scores: Vec<f64> = (0..question.fields.len())
        .map(|f| score(question, aggregations[values.aggregation], &values, f))
        .collect();
    let mut order: Vec<usize> = (0..scores.len()).collect();
    order.sort_by(|a, b| scores[*b].total_cmp(&scores[*a]).then(a.cmp(b)));
    order.truncate(question.context.config.selection.top);
    let best: BTreeSet<&Industry> = order.iter().map(|f| &question.fields[*f]).collect();
    let mut plan: Drawn = best
        .iter()
        .map(|field| format!("industry/{field}"))
        .collect();
    let instance = laid_out(question, &best, &values);
    let layout = match solve(&instance, &SolveParams::default()) {
        Ok(layout) => layout,
        Err(unsolved) => return (Err(unsolved), values),
    };
    values.layout_gap = layout.gap;
    let mut placed: BTreeSet<&Industry> = BTreeSet::new();
    for (cluster, industries) in &layout.assignment {
        for industry in industries {
            plan.insert(format!("pair/{cluster}/{industry}"));
            placed.insert(industry);
        }
    }
    plan.extend(
        in_time(question, &placed, &values.durations)
            .into_iter()
            .map(|industry| format!("milestone/{industry}")),
    );
    if let Some(money) = &question.money {
        let weights: BTreeMap<&str, f64> = question
            .fields
            .iter()
            .zip(&scores)
            .filter(|(field, _)| placed.contains(field))
            .map(|(field, score)| (field.as_str(), *score))
            .collect();
        let settings = question.context.config;
        if let Some((projects, gap)) = money.chosen(settings, &weights, &values.money) {
            plan.extend(projects.into_iter().map(|id| format!("project/{id}")));
            values.gap = Some(gap);
        }
    }
    (Ok(plan), values)
}

fn values(question: &Question, aggregations: usize, seed: Seed, d: usize) -> Values {
    let uniform = |name: &str| whole::uniform(seed, name, d);
    let from = |range: &Estimate, name: &str| whole::from(range, seed, name, d);
    let strengths = question
        .strengths
        .iter()
        .map(|((cluster, field), range)| from(range, &format!("whole/strength/{cluster}/{field}")))
        .collect();
    let indicators = question
        .fields
        .iter()
        .zip(&question.indicators)
        .map(|(field, criteria)| {
            criteria.each_ref().map(|known| {
                let one = |(name, range): &(&str, Estimate)| {
                    from(range, &format!("whole/indicator/{field}/{name}"))
                };
                known.iter().map(one).collect()
            })
        })
        .collect();
    let unknown = question
        .fields
        .iter()
        .zip(&question.indicators)
        .map(|(field, criteria)| {
            [0, 1, 2].map(|j: usize| {
                let name = selection::CRITERIA[j];
                criteria[j]
                    .is_empty()
                    .then(|| uniform(&format!("whole/criterion/{field}/{name}")))
            })
        })
        .collect();
    let correlation = from(&question.correlation, "whole/correlation");
    Values {
        weights: question.weights[d],
        aggregation: (uniform("whole/aggregation") * aggregations as f64) as usize,
        strengths,
        indicators,
        unknown,
        link: question.counted.settings.map(|settings| {
            let weight = settings.weight;
            let range = Estimate::spanning(weight.value, weight.low, weight.high, Basis::Judged);
            from(&range, "whole/link")
        }),
        durations: (question.durations.iter())
            .flat_map(|durations| durations.draw(correlation, seed, d as u64))
            .collect(),
        correlation,
        money: (question.money.iter().flat_map(|money| &money.ranges))
            .map(|(name, range)| from(range, &format!("whole/{name}")))
            .collect(),
        layout_gap: 0.0,
        gap: None,
    }
}

/// The score of field `f`: its criteria, each the mean of its indicators, under weights and the way of aggregation.
fn score(question: &Question, aggregation: Aggregation, values: &Values, f: usize) -> f64 {
    let criteria: [f64; 3] = [0, 1, 2].map(|j: usize| {
        if let Some(unknown) = values.unknown[f][j] {
            return unknown;
        }
        let known = &question.indicators[f][j];
        let sum: f64 = known
            .iter()
            .zip(&values.indicators[f][j])
            .map(|((name, _), drawn)| {
                let strongest = &question.strongest[f];
                if *name == BASE && !strongest.is_empty() {
                    let sum: f64 = strongest.iter().map(|k| values.strengths[*k]).sum();
                    sum / strongest.len() as f64
                } else {
                    *drawn
                }
            })
            .sum();
        (sum / known.len() as f64).clamp(0.0, 1.0)
    });
    let weighted = criteria.iter().zip(values.weights);
    match aggregation {
        Aggregation::Arithmetic => weighted.map(|(x, w)| w * x).sum(),
        Aggregation::Geometric => weighted.map(|(x, w)| x.powf(w)).product(),
        Aggregation::Worst => criteria.into_iter().fold(f64::INFINITY, f64::min),
    }
}

/// The rules of the plan on the fields of this draw alone. A floor that counted on fields that are out falls with them.
fn laid_out(question: &Question, best: &BTreeSet<&Industry>, values: &Values) -> Instance {
    let mut instance = question.instance.clone();
    instance
        .industries
        .retain(|spec| best.contains(&spec.industry));
    instance
        .links
        .retain(|link| best.contains(&link.from) && best.contains(&link.to));
    for link in &mut instance.links {
        link.weight = values.link.unwrap_or(link.weight);
    }
    instance.suitability = question
        .strengths
        .iter()
        .zip(&values.strengths)
        .filter(|(((_, field), _), _)| best.contains(field))
        .map(|((pair, range), drawn)| (pair.clone(), Estimate::exact(*drawn, range.basis)))
        .collect();
    instance.vetoes.retain(|(_, field)| best.contains(field));
    instance
        .commitments
        .retain(|(_, field)| best.contains(field));
    let hosts: BTreeSet<&Cluster> = instance
        .suitability
        .keys()
        .chain(&instance.commitments)
        .map(|(cluster, _)| cluster)
        .collect();
    let mut clusters = std::mem::take(&mut instance.clusters);
    clusters.retain(|spec| hosts.contains(&spec.cluster));
    for spec in &mut clusters {
        let candidates = instance
            .suitability
            .keys()
            .filter(|(c, _)| *c == spec.cluster)
            .count();
        spec.min = spec.min.min(candidates);
    }
    instance
        .vetoes
        .retain(|(cluster, _)| clusters.iter().any(|c| c.cluster == *cluster));
    instance.clusters = clusters;
    instance
}

/// Industries whose capacity stage ends within the horizon when the durations of the draw are scheduled.
fn in_time(question: &Question, placed: &BTreeSet<&Industry>, durations: &[f64]) -> Vec<Industry> {
    let tasks: Vec<Task> = question
        .tasks
        .iter()
        .zip(durations)
        .filter(|((task, _), _)| placed.contains(&task.industry))
        .map(|((task, years), drawn)| Task {
            duration_years: Quantity::from(Estimate::exact(*drawn, years.basis)),
            ..task.clone()
        })
        .collect();
    if tasks.is_empty() {
        return Vec::new();
    }
    // Little work: the draws vary far more than the schedules of one draw.
    let params = ScheduleParams {
        conflicts: 30,
        schedules: 60,
    };
    let seed = question.context.config.study.seed;
    let Ok(plan) = schedule(&tasks, &question.limits, &params, seed) else {
        return Vec::new();
    };
    let horizon = f64::from(question.context.config.study.horizon_year.0) + 1.0;
    tasks
        .iter()
        .filter(|task| task.stage == Stage::Capacity)
        .filter(|task| (plan.placed(&task.id)).is_some_and(|dates| dates.finish <= horizon))
        .map(|task| task.industry.clone())
        .collect()
}

/// Every drawn number as a column over the draws that found a plan.
fn inputs(question: &Question, aggregations: &[Aggregation], drawn: &[&Values]) -> Vec<Input> {
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

fn tables(
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
