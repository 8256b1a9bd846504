//! Roadmap: when each industry of the layout passes research, pilot, demonstration and capacity.

use std::collections::BTreeMap;

use layout::roadmap::{
    Alternative, AlternativesParams, Limits, Risk, Schedule, ScheduleParams, SimulateParams, Stage,
    Task, TaskId, alternatives, schedule, simulate,
};
use model::{
    Basis, Cell, Estimate, Field, Message, Origin, Quantity, Refusal, ResultTable, RowRef, short,
};
use serde_json::{Value, json};

use super::{code, evidence_rows, laid_out, parameters, roadmap_layers};
use crate::config::Config;
use crate::engine::output::StepOutput;
use crate::engine::step::Context;
use crate::inputs::durations;
use crate::scenario::Scenario;

/// Enough to close roadmaps of some dozens of tasks; counted, so that the answer is the same everywhere.
const WORK: ScheduleParams = ScheduleParams {
    conflicts: 20_000,
    schedules: 20_000,
};

pub const READS: [&str; 7] = {
    let [a, b, c, d, e, f] = roadmap_layers::READS;
    ["reference_classes", a, b, c, d, e, f]
};

pub fn params(config: &Config, _: &[Scenario]) -> Value {
    json!({
        "home": config.study.home, "roadmap": config.roadmap, "seed": config.study.seed, "start_year": config.study.start_year,
        "horizon_year": config.study.horizon_year, "ranges": config.ranges,
    })
}

pub fn run(context: &Context) -> StepOutput {
    let config = context.config;
    let mut output = StepOutput::default();
    let layout = context.table("layout.regions");
    let industries = laid_out(&layout);
    let tasks = tasks_of(context, &industries);
    if tasks.is_empty() {
        return output;
    }
    let limits = limits(config);
    let seed = config.study.seed;
    let found = schedule(&tasks, &limits, &WORK, seed).and_then(|plan| {
        let risk = simulate(&tasks, &plan, &limits, &simulated(config), seed)?;
        let near = AlternativesParams::default();
        let others = alternatives(&tasks, &limits, &plan, &near, seed)?;
        Ok((plan, risk, others))
    });
    match found {
        Ok((plan, risk, others)) => {
            output.refusals.extend(beyond_horizon(config, &risk));
            output.tables = vec![
                task_table(config, &tasks, &plan, &risk),
                milestone_table(&tasks, &risk),
                bound_table(&tasks, &plan, &risk),
                alternative_table(&tasks, &plan, &others),
                roadmap_layers::table(context, &industries),
            ];
        }
        Err(refusal) => output.refusals.push(*refusal),
    }
    output
}

/// The word of a stage in `study.toml`.
fn word(stage: Stage) -> &'static str {
    short(stage.code())
}

/// How durations are drawn, here and in the plan as a whole.
pub(super) fn simulated(config: &Config) -> SimulateParams {
    SimulateParams {
        draws: config.roadmap.draws,
        shape: config.roadmap.shape,
        correlation: config.roadmap.correlation,
        rework: config.roadmap.rework,
    }
}

pub(super) fn limits(config: &Config) -> Limits {
    Limits {
        start_year: config.study.start_year,
        per_stage: Stage::ALL
            .iter()
            .filter_map(|stage| Some((*stage, *config.roadmap.per_stage.get(word(*stage))?)))
            .collect(),
        money: config.roadmap.money.clone(),
    }
}

/// Four stages, one after the other, for every industry.
pub(super) fn tasks_of(context: &Context, industries: &[&str]) -> Vec<Task> {
    let mut tasks = Vec::new();
    for &industry in industries {
        let mut before: Option<TaskId> = None;
        for stage in Stage::ALL {
            let classes = context.config.roadmap.stages.get(word(stage)).map(|stage| {
                stage
                    .fields
                    .get(industry)
                    .unwrap_or(&stage.default)
                    .as_slice()
            });
            let years = durations::years(
                context.evidence,
                classes.unwrap_or_default(),
                &context.config.ranges,
            );
            let (duration, origins) = if let Some((years, origins)) = years {
                (Quantity::from(years), origins)
            } else {
                let missing = Message::new("necks.no_reference_class");
                (Quantity::not_estimated(missing), Vec::new())
            };
            let id = TaskId(format!("{industry}/{}", word(stage)));
            tasks.push(Task {
                id: id.clone(),
                industry: industry.into(),
                stage,
                duration_years: duration,
                after: before.iter().cloned().collect(),
                origins,
                success: context
                    .config
                    .roadmap
                    .gates
                    .get(word(stage))
                    .map(|gate| gate.assumed()),
            });
            before = Some(id);
        }
    }
    tasks
}

/// A date depends on every task of the roadmap, because they compete for the same limits.
fn origins(config: &Config, task: &Task, tasks: &[Task]) -> Vec<Origin> {
    let mut origins = evidence_rows(&task.origins);
    origins.extend(tasks.iter().flat_map(|other| evidence_rows(&other.origins)));
    origins.extend(parameters(&[
        "roadmap.stages",
        "roadmap.per_stage",
        "roadmap.draws",
        "roadmap.gates",
        "roadmap.shape",
        "roadmap.correlation",
        "roadmap.rework",
        "ranges",
        "study.start_year",
        "study.seed",
    ]));
    if config.roadmap.money.is_some() {
        origins.extend(parameters(&["roadmap.money"]));
    }
    origins
}

fn task_table(config: &Config, tasks: &[Task], plan: &Schedule, risk: &Risk) -> ResultTable {
    let mut table = ResultTable::new(
        "layout.roadmap",
        "roadmap",
        "shortest schedule under the limits, with lower bound; P50 and P80 of the finish by simulating its order as a policy",
        &[
            ("industry", ""),
            ("stage", ""),
            ("layer", ""),
            ("duration", "years"),
            ("start", "year"),
            ("finish", "year"),
            ("p50", "year"),
            ("p80", "year"),
            ("slack", "years"),
            ("holds", "share"),
            ("criticality", "share"),
            ("cruciality", ""),
            ("sensitivity", ""),
        ],
    );
    for task in tasks {
        let (Some(placed), Some(risk)) = (
            plan.placed(&task.id),
            risk.tasks.iter().find(|r| r.id == task.id),
        ) else {
            continue;
        };
        // The date planned with the central duration, spread by what the simulation says of the finish.
        let finish = Estimate::spanning(placed.finish, risk.p50.low, risk.p80.high, Basis::Assumed);
        let shift = placed.finish - placed.start;
        let start = Estimate::spanning(
            placed.start,
            (risk.p50.low - shift).min(placed.start),
            (risk.p80.high - shift).max(placed.start),
            Basis::Assumed,
        );
        table.push(
            task.id.to_string(),
            vec![
                Field::from(task.industry.as_str()).entity().into(),
                code(task.stage.code()),
                code(task.stage.layer().code()),
                task.duration_years.clone().into(),
                start.into(),
                finish.into(),
                risk.p50.into(),
                risk.p80.into(),
                risk.slack.into(),
                risk.holds.into(),
                risk.criticality.into(),
                risk.cruciality.clone().into(),
                risk.sensitivity.clone().into(),
            ],
            origins(config, task, tasks),
        );
    }
    table
}

fn milestone_table(tasks: &[Task], risk: &Risk) -> ResultTable {
    let mut table = ResultTable::new(
        "layout.milestones",
        "roadmap",
        "end of the industry's capacity stage: P50 and P80 over the draws",
        &[
            ("industry", ""),
            ("p50", "year"),
            ("p80", "year"),
            ("slack", "years"),
            ("holds", "share"),
        ],
    );
    for milestone in &risk.milestones {
        let of_industry = tasks
            .iter()
            .filter(|task| task.industry == milestone.industry)
            .map(|task| Origin::Result(RowRef::new("layout.roadmap", task.id.to_string())))
            .collect();
        table.push(
            milestone.industry.as_str(),
            vec![
                milestone.industry.entity().into(),
                milestone.p50.clone().into(),
                milestone.p80.clone().into(),
                milestone.slack.clone().into(),
                milestone.holds.clone().into(),
            ],
            of_industry,
        );
    }
    table
}

fn bound_table(tasks: &[Task], plan: &Schedule, risk: &Risk) -> ResultTable {
    let mut table = ResultTable::new(
        "layout.schedule",
        "roadmap",
        "gap = (makespan - lower bound) / lower bound",
        &[
            ("makespan", "years"),
            ("lower_bound", "years"),
            ("optimality_gap", "share"),
            ("holds", "share"),
            ("tasks", ""),
        ],
    );
    let origins = tasks
        .iter()
        .map(|task| Origin::Result(RowRef::new("layout.roadmap", task.id.to_string())))
        .collect();
    table.push(
        "roadmap",
        vec![
            Estimate::exact(plan.makespan_years, Basis::Assumed).into(),
            Estimate::exact(plan.lower_bound_years, Basis::Assumed).into(),
            Estimate::exact(plan.gap, Basis::Derived).into(),
            risk.makespan_holds.into(),
            Cell::from(tasks.len()),
        ],
        origins,
    );
    table
}

/// Tasks that start at another time than in the plan, for each alternative.
fn alternative_table(tasks: &[Task], plan: &Schedule, others: &[Alternative]) -> ResultTable {
    let mut table = ResultTable::new(
        "layout.roadmap_alternatives",
        "roadmap",
        "makespan within 5 % of the best; distance = mean |start - start'| to the best and to those before",
        &[
            ("alternative", ""),
            ("industry", ""),
            ("stage", ""),
            ("start", "year"),
            ("shift", "years"),
            ("makespan", "years"),
            ("distance_years", "years"),
        ],
    );
    let exact = |value: f64| Cell::from(Estimate::exact(value, Basis::Assumed));
    for (k, other) in others.iter().enumerate() {
        for task in tasks {
            let (Some(here), Some(there)) =
                (plan.placed(&task.id), other.schedule.placed(&task.id))
            else {
                continue;
            };
            if here.start_quarter == there.start_quarter {
                continue;
            }
            table.push(
                format!("{}/{}", k + 1, task.id),
                vec![
                    Cell::from(k + 1),
                    Field::from(task.industry.as_str()).entity().into(),
                    code(task.stage.code()),
                    exact(there.start),
                    exact(there.start - here.start),
                    exact(other.schedule.makespan_years),
                    exact(other.distance),
                ],
                vec![Origin::Result(RowRef::new(
                    "layout.roadmap",
                    task.id.to_string(),
                ))],
            );
        }
    }
    table
}

/// A milestone that the horizon of the study cannot hold is named, not dropped.
fn beyond_horizon(config: &Config, risk: &Risk) -> Option<Refusal> {
    let horizon = f64::from(config.study.horizon_year.0) + 1.0;
    let late: BTreeMap<&str, f64> = risk
        .milestones
        .iter()
        .filter_map(|m| Some((m.industry.as_str(), m.p80.estimate()?.value)))
        .filter(|(_, p80)| *p80 > horizon)
        .collect();
    if late.is_empty() {
        return None;
    }
    let list: Vec<model::Entity> = late.keys().map(|id| Field::from(*id).entity()).collect();
    Some(Refusal {
        code: "roadmap.beyond_horizon".to_owned(),
        question: Message::new("roadmap.step.question"),
        reason: Message::new("roadmap.step.beyond_horizon")
            .with("industries", list)
            .with("horizon", config.study.horizon_year.to_string()),
        needed: Message::new("roadmap.step.beyond_horizon.needed"),
    })
}
