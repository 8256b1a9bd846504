//! The plan as a whole under uncertainty: data, weights, durations and the choice of method are drawn once and carried
//! through selection, layout, portfolio and roadmap.
//!
//! One draw: the strength of every cluster in every field and every indicator of a field from their ranges, weights from
//! theirs, durations from theirs, one way of aggregation of those that the study names. Its best fields are laid out over
//! the clusters under the rules of the plan, with what a chain link is worth drawn too where the plan counts links, given
//! projects and scheduled. Durations are those of the roadmap's own draws: the same shapes, the same stages of one field
//! going together, the same gates. A strength that is drawn counts in the selection (as the base
//! of the field) and in the layout alike.

mod draw;
mod tables;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::AtomicUsize;

use super::{portfolio, regions, roadmap, selection};
use crate::config::Config;
use crate::engine::output::{StepOutput, estimate};
use crate::engine::step::Context;
use crate::inputs::links::weighed;
use crate::scenario::Scenario;
use draw::{Values, draw};
use layout::regions::{Instance, RulesFrom, Unsolved};
use layout::roadmap::{Durations, Limits, Task};
use layout::select::weights;
use layout::whole::{self, Drawn, RobustnessParams, robustness};
use model::{Basis, Cluster, Criterion, Entity, Estimate, Field, Industry, Message, Refusal};
use serde_json::{Value, json};
use tables::{inputs, tables};

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
    let done = AtomicUsize::new(0);
    let drawn = whole::each(settings.draws, |d| {
        (!context.pace.stopped()).then(|| {
            let found = draw(&question, &settings.aggregation, seed, d);
            context.pace.count(&done, settings.draws);
            found
        })
    });
    let drawn: Option<Vec<(Result<Drawn, Unsolved>, Values)>> = drawn.into_iter().collect();
    // Nobody waits any more.
    let Some(drawn) = drawn else {
        return output;
    };
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
