//! The portfolio as tables with lineage.

use layout::portfolio::{Problem, Project, ResearchKind, expected, gained, success};
use model::{Basis, Cell, Entity, Estimate, Field, Message, Origin, Quantity, ResultTable, RowRef};

use super::{Answers, FLOOR};
use crate::config::PortfolioSection;
use crate::engine::step::Context;
use crate::inputs::projects::Candidate;
use crate::steps::{code, parameters};

fn exact(x: f64) -> Quantity {
    Quantity::exact(x, Basis::Derived)
}

/// What a project is called: its field and kind where the study assumed it, its own id where it is on record.
fn about(candidate: &Candidate) -> [Cell; 2] {
    let field = candidate.field.as_ref().map_or(Cell::Empty, |f| {
        Cell::from(Field::from(f.as_str()).entity())
    });
    [field, code(candidate.kind.code())]
}

fn ids(list: &[layout::portfolio::ProjectId], candidates: &[Candidate]) -> Cell {
    let entities: Vec<Entity> = list
        .iter()
        .filter_map(|id| candidates.iter().find(|c| c.id == id.0))
        .flat_map(|c| {
            let kind = Entity::new(model::Kind::Code, c.kind.code());
            let field = c.field.as_ref().map(|f| Field::from(f.as_str()).entity());
            field.into_iter().chain([kind])
        })
        .collect();
    entities.into()
}

pub(super) fn tables(
    context: &Context,
    settings: &PortfolioSection,
    candidates: &[Candidate],
    problem: &Problem,
    found: &Answers,
) -> Vec<ResultTable> {
    let first = context.config.study.start_year.0;
    vec![
        projects(candidates, problem, found, first),
        years(settings, candidates, problem, found, first),
        whole(context, settings, candidates, problem, found),
        steps(settings, candidates, problem, found),
        near(settings, candidates, problem, found, first),
    ]
}

/// Every row of the portfolio depends on all projects, because they compete for the same money.
fn of_plan() -> Vec<Origin> {
    vec![Origin::Result(RowRef::new("layout.portfolio_plan", "plan"))]
}

fn projects(
    candidates: &[Candidate],
    problem: &Problem,
    found: &Answers,
    first: i32,
) -> ResultTable {
    let mut table = ResultTable::new(
        "layout.portfolio",
        "portfolio",
        "max Σ value × chance of all gates × (1 − decay)^start under yearly budget, floor, precedence; success: the gates of the project and of those before it, at the ends of their chances; standing proved by bounds among plans within epsilon",
        &[
            ("field", ""),
            ("project_kind", ""),
            ("project_start", ""),
            ("project_years", "years"),
            ("project_cost", "usd_bn"),
            ("project_value", "value_points"),
            ("project_success", "share"),
            ("project_standing", ""),
        ],
    );
    for candidate in candidates {
        let id = layout::portfolio::ProjectId(candidate.id.clone());
        let Some(project) = problem.projects.iter().find(|p| p.id == id) else {
            continue;
        };
        let start = found.plan.starts.get(&id);
        let [field, kind] = about(candidate);
        let mut origins = candidate.origins.clone();
        origins.extend(of_plan());
        // Worth, chance and who pays are the study's where no project on record says otherwise.
        origins.extend(parameters(&["portfolio.kinds"]));
        table.push(
            candidate.id.clone(),
            vec![
                field,
                kind,
                start.map_or(Cell::Empty, |s| Cell::Count(i64::from(first) + *s as i64)),
                candidate.years.into(),
                candidate.cost.times(candidate.public_share).into(),
                project.value.into(),
                start
                    .and_then(|_| success(problem, &id))
                    .map_or_else(
                        || Quantity::not_estimated(Message::new("portfolio.no_start")),
                        Quantity::from,
                    )
                    .into(),
                found
                    .near
                    .standing
                    .get(&id)
                    .map_or(Cell::Empty, |s| code(s.code())),
            ],
            origins,
        );
    }
    table
}

/// What the budget bears of the plan's projects, every gate passed: at planned costs, between the ends of their costs.
fn spending(
    candidates: &[Candidate],
    problem: &Problem,
    found: &Answers,
    counts: impl Fn(&Project, usize) -> bool,
) -> Estimate {
    let [mut value, mut low, mut high] = [0.0; 3];
    for project in &problem.projects {
        let own = candidates.iter().find(|c| c.id == project.id.0);
        let (Some(start), Some(own)) = (found.plan.starts.get(&project.id), own) else {
            continue;
        };
        // Of every dollar planned: the ends of the cost times those of the share that the budget bears.
        let whole = own.cost.times(own.public_share);
        let part = |end: f64| {
            if whole.value > 0.0 {
                end / whole.value
            } else {
                1.0
            }
        };
        for (age, cost) in project.public_cost().into_iter().enumerate() {
            if counts(project, start + age) {
                value += cost;
                low += cost * part(whole.low);
                high += cost * part(whole.high);
            }
        }
    }
    Estimate::spanning(value, low.min(value), high.max(value), Basis::Assumed)
}

fn years(
    settings: &PortfolioSection,
    candidates: &[Candidate],
    problem: &Problem,
    found: &Answers,
    first: i32,
) -> ResultTable {
    let mut table = ResultTable::new(
        "layout.portfolio_years",
        "portfolio",
        "planned: every gate passed, at planned cost, between the ends of costs and of what the budget bears of them; spent: mean and 5 % to 95 % over the draws",
        &[
            ("year", ""),
            ("budget", "usd_bn"),
            ("planned", "usd_bn"),
            ("spent", "usd_bn"),
        ],
    );
    for t in 0..found.plan.public.len() {
        let year = i64::from(first) + t as i64;
        let spent = found
            .drawn
            .as_ref()
            .and_then(|d| d.spending.get(t).copied());
        table.push(
            year.to_string(),
            vec![
                Cell::Count(year),
                settings.budget_bn.assumed().into(),
                spending(candidates, problem, found, |_, at| at == t).into(),
                spent
                    .map_or_else(
                        || Quantity::not_estimated(Message::new("portfolio.not_solved")),
                        Quantity::from,
                    )
                    .into(),
            ],
            of_plan(),
        );
    }
    table
}

fn whole(
    context: &Context,
    settings: &PortfolioSection,
    candidates: &[Candidate],
    problem: &Problem,
    found: &Answers,
) -> ResultTable {
    let mut table = ResultTable::new(
        "layout.portfolio_plan",
        "portfolio",
        "value of the plan as it stands, worths, chances and the loss by waiting at the ends of their ranges; price of the floor = the plan without it − the plan with it, likewise; waiting = two-stage optimum − here and now; it and the dual: at expected worths and chances, range over all worths and all chances at an end together, the loss by waiting at its middle",
        &[
            ("projects", ""),
            ("plan_value", "value_points"),
            ("optimality_gap", "share"),
            ("drawn_value", "value_points"),
            ("plan_spent", "usd_bn"),
            ("over_budget", "share"),
            ("floor_least", "usd_bn"),
            ("floor_reached", "usd_bn"),
            ("floor_price", "value_points"),
            ("floor_dual", "value_points"),
            ("waiting_value", "value_points"),
        ],
    );
    let mut origins: Vec<Origin> = candidates.iter().flat_map(|c| c.origins.clone()).collect();
    let known = context.table("layout.acceptability");
    origins.extend(
        candidates
            .iter()
            .filter_map(|c| c.field.as_deref())
            .filter(|field| known.row(field).is_some())
            .map(|field| Origin::Result(RowRef::new("layout.acceptability", field))),
    );
    origins.sort();
    origins.dedup();
    origins.extend(parameters(&[
        "portfolio",
        "ranges",
        "money.base_year",
        "study.start_year",
        "study.seed",
    ]));
    let plan = &found.plan;
    let floor = plan.floors.iter().find(|f| f.id == FLOOR);
    let none = |id: &str| Quantity::not_estimated(Message::new(id));
    let total = |list: &[f64]| list.iter().sum::<f64>();
    table.push(
        "plan",
        vec![
            plan.starts.len().into(),
            over_decay(settings, problem, |p| expected(p, &plan.starts)).into(),
            exact(plan.worth.gap()).into(),
            found
                .drawn
                .as_ref()
                .map_or_else(
                    || none("portfolio.not_solved"),
                    |d| {
                        let range =
                            Estimate::spanning(d.mean, d.p05.value, d.p95.value, Basis::Assumed);
                        Quantity::from(range)
                    },
                )
                .into(),
            spending(candidates, problem, found, |_, _| true).into(),
            found
                .drawn
                .as_ref()
                .and_then(|d| d.over_budget)
                // Of draws over ranges that are assumed.
                .map(|share| Estimate {
                    basis: Basis::Assumed,
                    ..share
                })
                .map_or_else(|| none("portfolio.not_solved"), Quantity::from)
                .into(),
            floor
                .map_or_else(
                    || none("portfolio.no_floor"),
                    |f| {
                        let all = settings.budget_bn.value * settings.years as f64;
                        let share = settings.basic_floor;
                        Quantity::from(Estimate::spanning(
                            total(&f.least),
                            share.low * all,
                            share.high * all,
                            Basis::Assumed,
                        ))
                    },
                )
                .into(),
            floor
                .map_or_else(
                    || none("portfolio.no_floor"),
                    |_| {
                        let basic = |p: &Project, _| p.kind == Some(ResearchKind::Basic);
                        spending(candidates, problem, found, basic).into()
                    },
                )
                .into(),
            found
                .price
                .as_ref()
                .map_or_else(
                    || none("portfolio.no_floor"),
                    |p| {
                        let plans = |of: &Problem| gained(of, &plan.starts, &p.starts);
                        wider(over_decay(settings, problem, plans), p.price).into()
                    },
                )
                .into(),
            found
                .price
                .as_ref()
                .map_or_else(
                    || none("portfolio.no_floor"),
                    |_| {
                        found
                            .floor_dual
                            .map_or_else(|| none("portfolio.not_solved"), Quantity::from)
                    },
                )
                .into(),
            found.waiting.clone().into(),
        ],
        origins,
    );
    table
}

/// A value whose range covers the ends of what a year of waiting costs too: one assumption for all projects.
fn over_decay(
    settings: &PortfolioSection,
    problem: &Problem,
    value: impl Fn(&Problem) -> Estimate,
) -> Estimate {
    let found = value(problem);
    let ends = [settings.decay.low, settings.decay.high].map(|decay| {
        let mut other = problem.clone();
        other.projects.iter_mut().for_each(|p| p.decay = decay);
        value(&other)
    });
    let low = ends.iter().fold(found.low, |low, e| low.min(e.low));
    let high = ends.iter().fold(found.high, |high, e| high.max(e.high));
    Estimate::spanning(found.value, low, high, Basis::Assumed)
}

/// A difference of two plans, widened by what their certificates leave open: the optima may differ by more or less.
fn wider(between: Estimate, certified: Estimate) -> Estimate {
    let [below, above] = [
        certified.value - certified.low,
        certified.high - certified.value,
    ];
    let [low, high] = [between.low - below, between.high + above];
    Estimate::spanning(between.value, low, high, Basis::Assumed)
}

/// The next money first, then the larger steps.
fn steps(
    settings: &PortfolioSection,
    candidates: &[Candidate],
    problem: &Problem,
    found: &Answers,
) -> ResultTable {
    let mut table = ResultTable::new(
        "layout.portfolio_ladder",
        "portfolio",
        "plan with the added money − plan of the step below, floors at their amount; worths, chances and the loss by waiting at the ends of their ranges",
        &[
            ("added_money", "usd_bn"),
            ("plan_value", "value_points"),
            ("added_gain", "value_points"),
            ("added_enters", ""),
            ("leaves", ""),
        ],
    );
    // Each step with the one below it.
    let pairs = found.next.windows(2).chain(found.rungs.windows(2));
    for (k, pair) in pairs.enumerate() {
        let [below, rung] = pair else { continue };
        table.push(
            format!("{:03}", k + 1),
            vec![
                exact(rung.added).into(),
                over_decay(settings, problem, |p| expected(p, &rung.starts)).into(),
                rung.gain
                    .map_or_else(
                        || Quantity::not_estimated(Message::new("portfolio.not_solved")),
                        |gain| {
                            let plans = |p: &Problem| gained(p, &below.starts, &rung.starts);
                            wider(over_decay(settings, problem, plans), gain).into()
                        },
                    )
                    .into(),
                ids(&rung.enter, candidates),
                ids(&rung.leave, candidates),
            ],
            of_plan(),
        );
    }
    table
}

fn near(
    settings: &PortfolioSection,
    candidates: &[Candidate],
    problem: &Problem,
    found: &Answers,
    first: i32,
) -> ResultTable {
    let mut table = ResultTable::new(
        "layout.portfolio_alternatives",
        "portfolio",
        "plans within epsilon of the optimum, each as different as possible from those before",
        &[
            ("alternative", ""),
            ("alternative_value", "value_points"),
            ("field", ""),
            ("project_kind", ""),
            ("project_start", ""),
        ],
    );
    for (k, plan) in found.near.found.iter().enumerate() {
        for (id, start) in &plan.starts {
            let Some(candidate) = candidates.iter().find(|c| c.id == id.0) else {
                continue;
            };
            let [field, kind] = about(candidate);
            table.push(
                format!("{}/{id}", k + 1),
                vec![
                    (k + 1).into(),
                    over_decay(settings, problem, |p| expected(p, &plan.starts)).into(),
                    field,
                    kind,
                    Cell::Count(i64::from(first) + *start as i64),
                ],
                of_plan(),
            );
        }
    }
    table
}
