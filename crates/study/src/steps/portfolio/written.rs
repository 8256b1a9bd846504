//! The portfolio as tables with lineage.

use layout::portfolio::{Problem, Rung};
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
        years(settings, found, first),
        whole(context, settings, candidates, found),
        steps(candidates, found),
        near(candidates, found, first),
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
        "max Σ value × chance of all gates × (1 − decay)^start under yearly budget, floor, precedence; standing proved by bounds among plans within epsilon",
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
        table.push(
            candidate.id.clone(),
            vec![
                field,
                kind,
                start.map_or(Cell::Empty, |s| Cell::Count(i64::from(first) + *s as i64)),
                candidate.years.into(),
                candidate.cost.times(candidate.public_share).into(),
                project.value.into(),
                (found.drawn.as_ref())
                    .and_then(|d| d.success.get(&id).copied())
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

fn years(settings: &PortfolioSection, found: &Answers, first: i32) -> ResultTable {
    let mut table = ResultTable::new(
        "layout.portfolio_years",
        "portfolio",
        "planned: every gate passed, at planned cost; spent: mean and 5 % to 95 % over the draws",
        &[
            ("year", ""),
            ("budget", "usd_bn"),
            ("planned", "usd_bn"),
            ("spent", "usd_bn"),
        ],
    );
    for (t, planned) in found.plan.public.iter().enumerate() {
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
                exact(*planned).into(),
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
    found: &Answers,
) -> ResultTable {
    let mut table = ResultTable::new(
        "layout.portfolio_plan",
        "portfolio",
        "worth between optimum found and bound; price of the floor = optimum without it − optimum with it; waiting = two-stage optimum − here and now",
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
    let worth = plan.worth;
    table.push(
        "plan",
        vec![
            plan.starts.len().into(),
            Estimate::spanning(worth.value, worth.value, worth.bound, Basis::Derived).into(),
            exact(worth.gap()).into(),
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
            exact(total(&plan.public)).into(),
            found
                .drawn
                .as_ref()
                .and_then(|d| d.over_budget)
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
                .map_or_else(|| none("portfolio.no_floor"), |f| exact(total(&f.reached)))
                .into(),
            found
                .price
                .as_ref()
                .map_or_else(|| none("portfolio.no_floor"), |p| Quantity::from(p.price))
                .into(),
            found
                .price
                .as_ref()
                .map_or_else(
                    || none("portfolio.no_floor"),
                    |p| {
                        p.relaxation_dual
                            .map_or_else(|| none("portfolio.not_solved"), exact)
                    },
                )
                .into(),
            found
                .waiting
                .as_ref()
                .map_or_else(|| none("portfolio.no_gate"), |w| Quantity::from(w.waiting))
                .into(),
        ],
        origins,
    );
    table
}

/// The next money first, then the larger steps.
fn steps(candidates: &[Candidate], found: &Answers) -> ResultTable {
    let mut table = ResultTable::new(
        "layout.portfolio_ladder",
        "portfolio",
        "optimum with the added money − optimum of the step below, floors at their amount",
        &[
            ("added_money", "usd_bn"),
            ("plan_value", "value_points"),
            ("added_gain", "value_points"),
            ("added_enters", ""),
            ("leaves", ""),
        ],
    );
    let above: Vec<&Rung> = (found.next.iter().skip(1))
        .chain(found.rungs.iter().skip(1))
        .collect();
    for (k, rung) in above.into_iter().enumerate() {
        let worth = rung.worth;
        table.push(
            format!("{:03}", k + 1),
            vec![
                exact(rung.added).into(),
                Estimate::spanning(worth.value, worth.value, worth.bound, Basis::Derived).into(),
                rung.gain
                    .map_or_else(
                        || Quantity::not_estimated(Message::new("portfolio.not_solved")),
                        Quantity::from,
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

fn near(candidates: &[Candidate], found: &Answers, first: i32) -> ResultTable {
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
                    exact(plan.value).into(),
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
