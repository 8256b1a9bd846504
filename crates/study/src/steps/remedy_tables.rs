//! A remedy as tables: the plan, its proof, what remains, what the next unit is worth, what a budget buys.

use chain::ChainGraph;
use chain::remedy::{
    Choice, DrawParams, Kind, Over, Plan, Problem, RemedyError, RemedyParams, cheapest, evaluate,
    frontier, robustness,
};
use model::{Basis, Cell, Entity, Estimate, Message, Origin, Quantity, ResultTable, RowRef, short};

use super::code;
use super::remedy_offer::Desk;

/// Below this a price is rounding.
const NEGLIGIBLE: f64 = 1e-9;
/// Weeks of loss that the solver's tolerances may leave: about a second.
const TOLERATED: f64 = 2e-6;

/// A scenario, or all of them, and what is on offer.
pub struct Asked {
    pub id: String,
    pub name: Entity,
    pub problem: Problem,
    pub params: RemedyParams,
    pub origins: Vec<Origin>,
}

/// What kind of option it is, where, and from whom.
fn option(choice: &Choice) -> [Cell; 3] {
    let country = choice.country.as_ref();
    [
        code(choice.kind.code()),
        choice.node.entity().into(),
        country.map_or(Cell::Empty, |country| country.entity().into()),
    ]
}

/// What a remedy says.
pub struct Tables {
    summary: ResultTable,
    plan: ResultTable,
    remaining: ResultTable,
    prices: ResultTable,
    worth: ResultTable,
    curve: ResultTable,
}

impl Tables {
    pub fn new() -> Self {
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
                "duals of the program that found the plan with yes-or-no choices held: cost saved per further day of stock",
                &[
                    ("scenario", ""),
                    ("node", ""),
                    ("stock_day", "weeks_of_use"),
                ],
            ),
            worth: ResultTable::new(
                "chain.remedy_worth",
                "remedy",
                "from the same duals: cost saved per further week of stock, or per further hundredth of the supply, beside its cost",
                &[
                    ("scenario", ""),
                    ("remedy_option", ""),
                    ("node", ""),
                    ("source_country", ""),
                    ("unit_worth", "weeks_of_use"),
                    ("unit_cost", "weeks_of_use"),
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

    pub fn all(self) -> [ResultTable; 6] {
        [
            self.summary,
            self.plan,
            self.remaining,
            self.prices,
            self.worth,
            self.curve,
        ]
    }
}

/// A plan may hold two sources of one node.
fn option_key(id: &str, choice: &Choice) -> String {
    let key = format!("{id}/{}/{}", short(choice.kind.code()), choice.node);
    match &choice.country {
        Some(country) => format!("{key}/{country}"),
        None => key,
    }
}

impl Asked {
    /// Every bound leaves this share of what is lost without a plan.
    pub fn bound_by(&mut self, leave: f64, graph: &ChainGraph) {
        let nothing = vec![0.0; self.problem.choices.len()];
        let before = evaluate(graph, &self.problem, &self.params, &nothing);
        for (bound, measure) in self.problem.targets.iter_mut().zip(before.measures) {
            bound.most = leave * measure;
        }
    }

    /// The cheapest plan and how firm it is.
    pub fn answer(&self, desk: &Desk, tables: &mut Tables) -> Result<(), RemedyError> {
        let plan = cheapest(desk.graph, &self.problem, &self.params)?;
        let draws = DrawParams {
            draws: desk.settings.draws,
            seed: desk.config.study.seed,
        };
        let drawn = robustness(
            desk.graph,
            &self.problem,
            &self.params,
            &plan.amounts,
            &draws,
        )?;
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
        self.worth_rows(&plan, &result, tables);
        Ok(())
    }

    /// Options that are worth something at the margin.
    fn worth_rows(&self, plan: &Plan, result: &Origin, tables: &mut Tables) {
        let options = plan.prices.iter().flat_map(|p| &p.options);
        for (choice, price) in self.problem.choices.iter().zip(options) {
            if price.worth <= NEGLIGIBLE {
                continue;
            }
            // A week of stock; a hundredth of the supply.
            let part = if choice.kind == Kind::Stock {
                1.0
            } else {
                0.01
            };
            let of = |x: f64| Cell::from(Estimate::exact(part * x, Basis::Assumed));
            let [kind, node, country] = option(choice);
            tables.worth.push(
                option_key(&self.id, choice),
                vec![
                    self.name.clone().into(),
                    kind,
                    node,
                    country,
                    of(price.worth),
                    of(price.unit_cost),
                ],
                vec![result.clone()],
            );
        }
    }

    fn plan_rows(&self, plan: &Plan, tables: &mut Tables) {
        let id = &self.id;
        for (choice, amount) in self.problem.choices.iter().zip(&plan.amounts) {
            if *amount <= 0.0 {
                continue;
            }
            let amount = Estimate::exact(*amount, Basis::Assumed);
            let cost = choice.fixed.plus(choice.per_unit.times(amount));
            let (stock, share) = match choice.kind {
                Kind::Stock => (amount.into(), Cell::Empty),
                Kind::Source | Kind::Home => (Cell::Empty, amount.into()),
            };
            let [kind, node, country] = option(choice);
            tables.plan.push(
                option_key(id, choice),
                vec![
                    self.name.clone().into(),
                    kind,
                    node,
                    country,
                    stock,
                    share,
                    cost.into(),
                ],
                vec![Origin::Result(RowRef::new("chain.remedy", id.clone()))],
            );
        }
    }

    /// What each budget buys.
    pub fn curve(&self, desk: &Desk, tables: &mut Tables) -> Result<(), RemedyError> {
        let id = &self.id;
        let exact = |x: f64| Cell::from(Estimate::exact(x, Basis::Assumed));
        let points = frontier(
            desk.graph,
            &self.problem,
            &self.params,
            desk.settings.points,
        )?;
        for (i, point) in points.iter().enumerate() {
            tables.curve.push(
                format!("{id}/{}", i + 1),
                vec![
                    self.name.clone().into(),
                    exact(point.budget),
                    exact(point.cost),
                    {
                        let [loss, least] = [point.loss, point.at_least]
                            .map(|x| if x > TOLERATED { x } else { 0.0 });
                        Estimate::spanning(loss, least, loss, Basis::Assumed).into()
                    },
                ],
                self.origins.clone(),
            );
        }
        Ok(())
    }
}
