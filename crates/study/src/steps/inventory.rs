//! Week by week after a stop: the model with stocks on the input–output table `io`.
//!
//! Asked are the scenarios that name an industry; where none does, the industries abroad whose loss costs home most in
//! a year (`chain.io_suppliers`), each stopped for some weeks.

use chain::inventory::{
    BestBy, Economy, GroupCourse, Holds, Lost, Rationing, Rule, Stop, StopQuestion, Weekly, weekly,
};
use chain::shock::Spread;
use evidence::bulk::read_io_table;
use model::{
    Basis, Cell, Entity, Estimate, Kind, Message, Origin, Quantity, Refusal, ResultTable, RowRef,
};
use serde_json::{Value, json};

use super::{code, parameters};
use crate::config::{Config, GivenAssumption, InventorySection, Span};
use crate::engine::output::StepOutput;
use crate::engine::step::Context;
use crate::inputs::io as inputs;
use crate::scenario::Scenario;

/// A group that loses less than this part, even in the worst case, is left out.
const SMALL: f64 = 1e-4;

pub fn params(config: &Config, scenarios: &[Scenario]) -> Value {
    json!({
        "home": config.study.home, "seed": config.study.seed, "inventory": config.inventory,
        "draws": super::shock::DRAWS, "stock": STOCK_WEEKS, "scenarios": scenarios,
    })
}

/// Weeks of stock at an industry abroad that no scenario asks about.
const STOCK_WEEKS: Span = Span {
    low: 4.0,
    value: 8.0,
    high: 16.0,
};

/// The tables of the model with stocks, a question after the other.
pub struct Tables {
    summary: ResultTable,
    weeks: ResultTable,
    binding: ResultTable,
    rules: ResultTable,
    assumptions: ResultTable,
}

/// Which question a row answers.
pub struct Subject<'a> {
    pub id: &'a str,
    pub cell: Cell,
    pub origins: &'a [Origin],
}

pub fn run(context: &Context) -> StepOutput {
    let mut tables = Tables::empty();
    let mut refusals = Vec::new();
    if let Err(refusal) = answer(context, &mut tables, &mut refusals) {
        refusals.push(*refusal);
    }
    StepOutput {
        tables: tables.into_vec(),
        refusals,
    }
}

fn answer(
    context: &Context,
    tables: &mut Tables,
    refusals: &mut Vec<Refusal>,
) -> Result<(), Box<Refusal>> {
    let refuse = |code: &str, reason: Message| {
        Box::new(Refusal {
            code: format!("inventory.{code}"),
            question: Message::new("inventory.question"),
            reason,
            needed: Message::new("io.needed"),
        })
    };
    // Without a table `chain.io` says what is missing.
    let Some(stored) = context.bulk.get("io") else {
        return Ok(());
    };
    let Some(year) = stored.years.last().copied() else {
        return Ok(());
    };
    let unusable = |problem: String| {
        refuse(
            "unusable",
            Message::new("io.unusable").with("problem", problem),
        )
    };
    let files = read_io_table(stored, year)
        .map_err(|found| unusable(found.first().map_or_else(String::new, |f| f.found.clone())))?;
    let economy = inputs::economy(&files).map_err(|e| unusable(e.to_string()))?;
    let labels = inputs::labels(&files.industries);
    let source = Origin::Evidence(RowRef::new("sources", stored.source.clone()));
    let config = context.config;
    let mut ask = |id: &str,
                   cell: Cell,
                   question: &StopQuestion,
                   own: &InventorySection,
                   stock: Span|
     -> Result<(), Box<Refusal>> {
        let given = own.resolved(&config.inventory, stock);
        let how = own.params(&config.inventory, super::shock::DRAWS, config.study.seed);
        let found = weekly(&economy, question, &given.assumptions, &how)
            .map_err(|error| unusable(error.to_string()))?;
        let mut origins = vec![source.clone()];
        origins.extend(parameters(&["inventory", "study.seed"]));
        let subject = Subject {
            id,
            cell,
            origins: &origins,
        };
        tables.add(&subject, &economy, &found, &given.given);
        Ok(())
    };
    let names_an_industry = |s: &&Scenario| s.event.iter().any(|e| e.industry.is_some());
    let mut asked = 0;
    for scenario in context.scenarios.iter().filter(names_an_industry) {
        asked += 1;
        let cell = super::shock::scenario_entity(scenario).into();
        let stock = scenario.default_stock_weeks;
        let answered = inputs::stops(&labels, scenario)
            .and_then(|question| ask(&scenario.id, cell, &question, &scenario.inventory, stock));
        refusals.extend(answered.err().map(|refusal| *refusal));
    }
    if asked > 0 {
        return Ok(());
    }
    let suppliers = context.table("chain.io_suppliers");
    for row in suppliers.rows.iter().take(config.inventory.suppliers()) {
        let named = |l: &chain::io::Label| format!("{}_{}", l.region, l.industry) == row.key;
        let Some(at) = labels.iter().position(named) else {
            continue;
        };
        let weeks = config.inventory.supplier_weeks();
        let question = StopQuestion {
            stops: vec![Stop {
                industries: vec![at],
                severity: Estimate::exact(1.0, Basis::Assumed),
                from_week: 1,
                weeks,
            }],
            buyer: None,
            horizon_weeks: 2 * weeks,
        };
        let own = InventorySection::default();
        let cell = row.key.clone().into();
        ask(&row.key, cell, &question, &own, STOCK_WEEKS)?;
    }
    Ok(())
}

impl Tables {
    pub fn empty() -> Self {
        Self {
            summary: ResultTable::new(
                "chain.inventory",
                "inventory",
                "Σ max(0, x0 - x) / Σ x0 by week; best to worst over all rules of rationing, value: half-way between no replacement of the supplier and full replacement, at the central assumptions (a convention)",
                &[
                    ("scenario", ""),
                    ("hit", ""),
                    ("peak", "share"),
                    ("peak_drawn", "share"),
                    ("cumulative", "weeks"),
                    ("lost_drawn", "weeks"),
                    ("first_week_worst", ""),
                    ("first_week_centre", ""),
                ],
            ),
            weeks: ResultTable::new(
                "chain.inventory_weeks",
                "inventory",
                "the same week by week; drawn: median and 5–95 % of seeded draws over flows, stocks, parameters, the rule of rationing and the part that others replace",
                &[
                    ("scenario", ""),
                    ("hit", ""),
                    ("week", ""),
                    ("at_risk", "share"),
                    ("at_risk_drawn", "share"),
                ],
            ),
            binding: ResultTable::new(
                "chain.inventory_binding",
                "inventory",
                "what holds an industry back in most steps of a week: the stock that is short, the stop itself, or fewer orders",
                &[
                    ("scenario", ""),
                    ("hit", ""),
                    ("from_week", ""),
                    ("to_week", ""),
                    ("binds", ""),
                    ("loss", "share"),
                ],
            ),
            rules: ResultTable::new(
                "chain.inventory_rules",
                "inventory",
                "loss over the horizon at the central assumptions, as a share of output and of final demand",
                &[
                    ("scenario", ""),
                    ("rule", ""),
                    ("output_lost", "share"),
                    ("demand_lost", "share"),
                ],
            ),
            assumptions: ResultTable::new(
                "chain.inventory_assumptions",
                "inventory",
                "the scenario's number before the study's, and that before the program's own",
                &[
                    ("scenario", ""),
                    ("assumption", ""),
                    ("of_input", ""),
                    ("assumed", ""),
                    ("assumed_unit", ""),
                    ("given_by", ""),
                ],
            ),
        }
    }

    pub fn into_vec(self) -> Vec<ResultTable> {
        vec![
            self.summary,
            self.weeks,
            self.binding,
            self.rules,
            self.assumptions,
        ]
    }

    /// Adds the answer to one question.
    pub fn add(
        &mut self,
        subject: &Subject,
        economy: &Economy,
        found: &Weekly,
        given: &[GivenAssumption],
    ) {
        self.course(
            subject,
            "all",
            &Message::new("inventory.all").into(),
            &found.whole,
        );
        self.course(
            subject,
            "demand",
            &Message::new("inventory.demand").into(),
            &found.demand,
        );
        for (region, course) in economy.regions.iter().zip(&found.regions) {
            if !region.is_empty() && course.peak.worst > SMALL {
                let cell = Entity::new(Kind::Country, region.clone());
                self.course(subject, &format!("region/{region}"), &cell.into(), course);
            }
        }
        for (industry, course) in &found.industries {
            if course.peak.worst > SMALL {
                let key = format!("industry/{}", key_of(economy, *industry));
                self.course(subject, &key, &name_of(economy, *industry).into(), course);
            }
        }
        for (n, held) in found.held.iter().enumerate() {
            let by: Cell = match held.by {
                Holds::Stop => Message::new("inventory.binds.stop").into(),
                Holds::Orders => Message::new("inventory.binds.orders").into(),
                Holds::Input(industry) => name_of(economy, industry).into(),
            };
            self.binding.push(
                format!("{}/{}", subject.id, n + 1),
                vec![
                    subject.cell.clone(),
                    name_of(economy, held.industry).into(),
                    Cell::Count(i64::from(held.weeks.0)),
                    Cell::Count(i64::from(held.weeks.1)),
                    by,
                    bounds(&held.loss).into(),
                ],
                subject.origins.to_vec(),
            );
        }
        for rule in &found.rules {
            let id = rule_code(rule.rule);
            let number = |share: f64| -> Cell { Quantity::exact(share, Basis::Assumed).into() };
            self.rules.push(
                format!("{}/{id}", subject.id),
                vec![
                    subject.cell.clone(),
                    code(&format!("inventory.rule.{id}")),
                    number(rule.output),
                    number(rule.demand),
                ],
                subject.origins.to_vec(),
            );
        }
        for given in given {
            let of = given.of.clone().unwrap_or_default();
            self.assumptions.push(
                format!("{}/{}/{of}", subject.id, given.name),
                vec![
                    subject.cell.clone(),
                    code(&format!("inventory.{}", given.name)),
                    if of.is_empty() {
                        Cell::Empty
                    } else {
                        of.into()
                    },
                    given.range.into(),
                    code(&format!("inventory.unit.{}", given.unit)),
                    code(given.by.code()),
                ],
                subject.origins.to_vec(),
            );
        }
    }

    fn course(&mut self, subject: &Subject, key: &str, hit: &Cell, course: &GroupCourse) {
        let key = format!("{}/{key}", subject.id);
        let week = |week: Option<u32>| week.map_or(Cell::Empty, |w| Cell::Count(i64::from(w)));
        self.summary.push(
            key.clone(),
            vec![
                subject.cell.clone(),
                hit.clone(),
                bounds(&course.peak).into(),
                drawn(course.peak.drawn).into(),
                bounds(&course.sum).into(),
                drawn(course.sum.drawn).into(),
                week(course.first_worst),
                week(course.first_centre),
            ],
            subject.origins.to_vec(),
        );
        let result = Origin::Result(RowRef::new("chain.inventory", key.clone()));
        for (w, lost) in course.weeks.iter().enumerate() {
            self.weeks.push(
                format!("{key}/{}", w + 1),
                vec![
                    subject.cell.clone(),
                    hit.clone(),
                    (w + 1).into(),
                    bounds(lost).into(),
                    drawn(lost.drawn).into(),
                ],
                vec![result.clone()],
            );
        }
    }
}

fn bounds(lost: &Lost) -> Estimate {
    Estimate::spanning(lost.centre, lost.best, lost.worst, Basis::Assumed)
}

fn drawn(spread: Spread) -> Estimate {
    Estimate::spanning(spread.p50, spread.p05, spread.p95, Basis::Assumed)
}

fn name_of(economy: &Economy, industry: usize) -> String {
    let (region, sector) = economy.label(industry);
    format!("{region} {sector}").trim().to_owned()
}

fn key_of(economy: &Economy, industry: usize) -> String {
    let (region, sector) = economy.label(industry);
    format!("{region}/{sector}")
}

fn rule_code(rule: Rule) -> &'static str {
    match rule {
        Rule::Best(BestBy::Program) => "best_program",
        Rule::Best(BestBy::Capacity) => "best_capacity",
        Rule::Pooled => "pooled",
        Rule::Worst => "worst",
        Rule::Queue(Rationing::Proportional) => "proportional",
        Rule::Queue(Rationing::IntermediateFirst) => "intermediate_first",
        Rule::Queue(Rationing::FinalFirst) => "final_first",
        Rule::Queue(Rationing::HomeFirst) => "home_first",
        Rule::Queue(Rationing::Drawn(_)) => "drawn",
        Rule::Queue(Rationing::BestStep) => "best_step",
    }
}
