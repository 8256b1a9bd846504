//! The portfolio: which projects begin when under a yearly budget and a floor for basic research, what the floor costs, what the next
//! money buys, what plans nearly as good share, and what it is worth to wait for the review.
//!
//! Projects on record (table `projects`) are taken where there are any. Otherwise each field of the layout has one project of each kind of
//! `[portfolio.kinds]`: cost and years from reference classes; worth, chance and shares are the study's assumptions.

mod uncertain;
mod written;

use std::collections::BTreeMap;

use layout::Limits;
use layout::portfolio::{
    Alternatives, AlternativesParams, BudgetBasis, CarryOver, Floor, FloorPeriod, FloorPrice,
    LadderParams, Least, Members, Plan, PlanParams, Precedence, Problem, Project, ResearchKind,
    Rung, SimulateParams, Simulation, Stage, Unsolved, WaitingParams, Watched, Will, alternatives,
    corners, floor_duals, floor_prices, ladder, plan, simulate, waiting,
};
use model::{Basis, Entity, Estimate, Kind, Message, Quantity, Refusal};
use serde_json::{Value, json};

pub use self::uncertain::{Uncertain, uncertain};
use super::laid_out;
use crate::config::{Config, PortfolioSection};
use crate::engine::output::{StepOutput, estimate};
use crate::engine::step::Context;
use crate::inputs::projects::{self, Candidate, Candidates};
use crate::scenario::Scenario;

pub const READS: [&str; 4] = [
    "projects",
    "reference_classes",
    "exchange_rates",
    "deflators",
];

pub fn params(config: &Config, _: &[Scenario]) -> Value {
    json!({
        "portfolio": config.portfolio, "ranges": config.ranges, "money": config.money,
        "start_year": config.study.start_year, "seed": config.study.seed,
    })
}

pub fn run(context: &Context) -> StepOutput {
    let mut output = StepOutput::default();
    let Some(settings) = &context.config.portfolio else {
        output.refusals.push(refusal("portfolio.not_asked", |m| m));
        return output;
    };
    let candidates = candidates(context, settings);
    if !candidates.kinds_without.is_empty() {
        let kinds: Vec<Entity> = candidates
            .kinds_without
            .iter()
            .map(|kind| Entity::new(Kind::Code, kind.code()))
            .collect();
        output.refusals.push(refusal("portfolio.no_class", |m| {
            m.with("kinds", kinds.clone())
        }));
    }
    if !candidates.incomplete.is_empty() {
        output.refusals.push(refusal("portfolio.incomplete", |m| {
            m.with("projects", candidates.incomplete.join(", "))
        }));
    }
    if candidates.list.is_empty() {
        output
            .refusals
            .push(refusal("portfolio.no_projects", |m| m));
        return output;
    }
    let problem = problem(settings, &candidates.list);
    match answers(context, settings, &problem) {
        Ok(found) => {
            output.tables = written::tables(context, settings, &candidates.list, &problem, &found);
        }
        Err(unsolved) => output.refusals.push(refusal("portfolio.unsolved", |m| {
            m.with("rules", Message::joined(&unsolved.messages()))
        })),
    }
    output
}

fn refusal(id: &str, fill: impl Fn(Message) -> Message) -> Refusal {
    Refusal {
        code: id.to_owned(),
        question: Message::new("portfolio.question"),
        reason: fill(Message::new(id)),
        needed: Message::new(format!("{id}.needed")),
    }
}

/// Those on record, else those that the study assumes for the fields of its layout; a field weighs what its acceptability says.
fn candidates(context: &Context, settings: &PortfolioSection) -> Candidates {
    let acceptability = context.table("layout.acceptability");
    let layout = context.table("layout.regions");
    let weights: BTreeMap<String, Estimate> = laid_out(&layout)
        .into_iter()
        .filter_map(|field| {
            let row = acceptability.row(field)?;
            Some((
                field.to_owned(),
                estimate(&acceptability, row, "top_acceptability")?,
            ))
        })
        .collect();
    on_layout(context, settings, &weights)
}

fn on_layout(
    context: &Context,
    settings: &PortfolioSection,
    weights: &BTreeMap<String, Estimate>,
) -> Candidates {
    if projects::on_record(context) {
        projects::recorded(context, settings, weights)
    } else {
        projects::assumed(context, settings, weights)
    }
}

/// The floor of basic research, by this name.
pub(super) const FLOOR: &str = "basic";

/// The program's question. Applied research comes before the pilot of the same field.
pub(super) fn problem(settings: &PortfolioSection, candidates: &[Candidate]) -> Problem {
    let projects: Vec<Project> = candidates
        .iter()
        .map(|c| project(c, settings.decay.value))
        .collect();
    let mut precedence = Vec::new();
    for after in candidates {
        let before = candidates.iter().filter(|before| {
            before.kind == ResearchKind::Applied
                && after.kind == ResearchKind::Experimental
                && before.field.is_some()
                && before.field == after.field
        });
        for before in before {
            precedence.push(Precedence {
                before: before.id.as_str().into(),
                after: after.id.as_str().into(),
                lag: 0,
            });
        }
    }
    let floors = candidates
        .iter()
        .any(|c| c.kind == ResearchKind::Basic)
        .then(|| Floor {
            id: FLOOR.to_owned(),
            members: Members::Kind(ResearchKind::Basic),
            least: Least::ShareOfBudget(settings.basic_floor.value),
            period: FloorPeriod::Horizon,
        });
    Problem {
        periods: settings.years,
        projects,
        budget: Some(vec![settings.budget_bn.value; settings.years]),
        budget_basis: BudgetBasis::Full,
        carry_over: CarryOver::default(),
        precedence,
        floors: floors.into_iter().collect(),
        ..Problem::default()
    }
}

/// One stage with a gate at its end; the cost is spread evenly over whole years, and its range is drawn as overrun.
pub(super) fn project(c: &Candidate, decay: f64) -> Project {
    let years = (c.years.value.round() as usize).max(1);
    let mut project = Project::plain(&c.id, vec![c.cost.value / years as f64; years], 0.0);
    project.stages = vec![Stage {
        cost: vec![c.cost.value / years as f64; years],
        needs: BTreeMap::new(),
        chance: c.chance,
    }];
    project.field.clone_from(&c.field);
    project.kind = Some(c.kind);
    project.public_share = c.public_share.value;
    project.value = c.worth;
    project.decay = decay;
    if c.cost.value > 0.0 {
        let over = |x: f64| x / c.cost.value;
        project.overrun =
            Estimate::spanning(1.0, over(c.cost.low), over(c.cost.high), Basis::Assumed);
    }
    project.will = Will::Free;
    project
}

/// Everything that is asked of the portfolio.
pub(super) struct Answers {
    pub plan: Plan,
    pub price: Option<FloorPrice>,
    pub next: Vec<Rung>,
    pub rungs: Vec<Rung>,
    pub near: Alternatives,
    /// A price per unit of the floor, from corner to corner.
    pub floor_dual: Option<Estimate>,
    /// Value of waiting, from corner to corner; not estimated where no gate falls before the review or a corner was not solved.
    pub waiting: Quantity,
    pub drawn: Option<Simulation>,
}

/// Work limits alone: the same on every machine.
pub(super) fn plan_params(config: &Config) -> PlanParams {
    PlanParams {
        seed: config.study.seed,
        limits: Limits {
            relative_gap: 1e-4,
            node_limit: Some(2_000),
            time_limit_seconds: None,
        },
        ..PlanParams::default()
    }
}

fn answers(
    context: &Context,
    settings: &PortfolioSection,
    problem: &Problem,
) -> Result<Answers, Unsolved> {
    let params = plan_params(context.config);
    let plan = plan(problem, &params)?;
    let step = |step: f64, steps: usize| {
        let asked = LadderParams { step, steps };
        ladder(problem, &params, &asked)
    };
    let near = AlternativesParams {
        epsilon: settings.epsilon,
        count: settings.alternatives,
        ..AlternativesParams::default()
    };
    let corners = corners(problem);
    let asked = watched(settings, problem, &plan);
    let exact = |dual| Estimate::exact(dual, Basis::Derived);
    let dual = |problem: &Problem| {
        let duals = floor_duals(problem, &params).ok()?;
        duals.first().copied().flatten().map(exact)
    };
    let price = floor_prices(problem, &params)?.into_iter().next();
    let middle_dual = price.as_ref().and_then(|price| price.relaxation_dual);
    let waiting_at = |problem: &Problem| {
        let asked = asked.as_ref()?;
        Some(waiting(problem, &params, asked).ok()?.waiting)
    };
    Ok(Answers {
        floor_dual: middle_dual
            .and_then(|dual_there| over_corners(exact(dual_there), &corners, dual)),
        price,
        next: step(settings.next_bn, 1)?,
        rungs: step(settings.step_bn, settings.steps)?,
        near: alternatives(problem, &params, &near)?,
        waiting: match (&asked, waiting_at(problem)) {
            (None, _) => Quantity::not_estimated(Message::new("portfolio.no_gate")),
            (_, middle) => middle
                .and_then(|middle| over_corners(middle, &corners, waiting_at))
                .map_or_else(
                    || Quantity::not_estimated(Message::new("portfolio.not_solved")),
                    Quantity::from,
                ),
        },
        drawn: simulate(
            problem,
            &plan.starts,
            &SimulateParams {
                draws: settings.draws,
                seed: context.config.study.seed,
                ..SimulateParams::default()
            },
        ),
        plan,
    })
}

/// An answer at the middle, with a range over its own and those at the corners; none where a corner has none.
fn over_corners(
    middle: Estimate,
    corners: &[Problem],
    ask: impl Fn(&Problem) -> Option<Estimate>,
) -> Option<Estimate> {
    let (mut low, mut high) = (middle.low, middle.high);
    for corner in corners {
        let found = ask(corner)?;
        (low, high) = (low.min(found.low), high.max(found.high));
    }
    Some(Estimate::spanning(middle.value, low, high, Basis::Assumed))
}

/// Gates that the review may know: of the projects that end before it, the three worth most.
fn watched(settings: &PortfolioSection, problem: &Problem, plan: &Plan) -> Option<WaitingParams> {
    let mut ends: Vec<&Project> = problem
        .projects
        .iter()
        .filter(|p| {
            let start = plan.starts.get(&p.id);
            start.is_some_and(|s| s + p.duration() <= settings.review)
        })
        .collect();
    ends.sort_by(|a, b| {
        let worth = |p: &Project| p.value.value * p.chance();
        worth(b).total_cmp(&worth(a)).then(a.id.cmp(&b.id))
    });
    let watch: Vec<Watched> = ends
        .into_iter()
        .take(3)
        .map(|p| Watched {
            project: p.id.clone(),
            stage: 0,
        })
        .collect();
    (!watch.is_empty() && settings.review < settings.years).then_some(WaitingParams {
        review: settings.review,
        watch,
    })
}
