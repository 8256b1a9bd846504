//! A stop week by week, with everything that is not known about it: what replaces the suppliers that stop, seeded draws
//! over flows, stocks, parameters and the rule of rationing, and bounds that no rule leaves.
//!
//! ```text
//! loss of a group in a week   Σ max(0, x0_i - x_i) / Σ x0_i over its industries and the steps of the week
//! alone                       stocks by supplier region: nothing replaces a region's product
//! pooled                      all suppliers of a product replace one another at once
//! centre                      half-way between both at the central assumptions, everybody served alike: a convention
//! draw                        λ alone + (1 - λ) pooled, λ in 0..1; every assumption once (its value the median, even on
//!                             each side), every flow between industries times 1 + h u, u in -1..1, one of four queues
//! best                        what the stopped industries cannot make themselves, at the mildest assumptions
//! worst                       every client last in every queue, nothing replaced; the largest over the centre, both ends,
//!                             the draws, and what is lost pooled
//! ```
//!
//! Making more at another time does not count against a loss. The best case holds for stocks and suppliers of any kind.

use std::collections::BTreeMap;

use model::{Estimate, Seed};
use rand::RngExt;
use rayon::prelude::*;

use super::bounds::{BestBy, BoundsParams, Measure, StepLoss, bounds, by_step};
use super::course::Course;
use super::economy::Economy;
use super::event::Event;
use super::options::{Options, Rating, Rationing, Stocks};
use super::params::{Ario, InventoryError, OrderType, PerSector, sector_of};
use super::run::run;
use super::stop::{Parted, StopQuestion, events, horizon_days, parted};
use super::tally::{DEMAND, Ends, GroupCourse, Groups, Lost, NOTHING, Tally, course_of, mean};

/// Queues between which draws choose.
const QUEUES: [Rationing; 4] = [
    Rationing::Proportional,
    Rationing::IntermediateFirst,
    Rationing::FinalFirst,
    Rationing::HomeFirst,
];

/// What nobody observes, each with its range.
#[derive(Debug, Clone, PartialEq)]
pub struct Assumptions {
    /// Days of use that industries hold of every input.
    pub stock_days: Estimate,
    /// The same by input, where one is named.
    pub stock_days_of: BTreeMap<String, Estimate>,
    /// Part of that stock below which production falls, 0..=1.
    pub critical_part: Estimate,
    /// Largest output over output at rest, from 1 on.
    pub overproduction: Estimate,
    /// Days to reach it.
    pub overproduction_days: Estimate,
    /// Days over which a gap in a stock is ordered.
    pub restoration_days: Estimate,
    /// How far each flow between industries may be off, as a part of it.
    pub flow_error: f64,
    /// Inputs that no production needs within the horizon.
    pub not_needed: Vec<String>,
    /// Inputs without which half of production goes on.
    pub half_needed: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub struct WeeklyParams {
    /// Draws wanted. Default 1,000.
    pub draws: usize,
    pub seed: Seed,
    /// Most links times steps times runs. Days become weeks, then draws fewer, until they fit. Default 2e9.
    pub most_work: u64,
    /// Industries that get a course of their own, largest losses first. Default 20.
    pub industries: usize,
    /// Most variables of the program of the best rule. Default 5,000.
    pub most_variables: usize,
}

impl Default for WeeklyParams {
    fn default() -> Self {
        Self {
            draws: 1000,
            seed: Seed(1),
            most_work: 2_000_000_000,
            industries: 20,
            most_variables: 5_000,
        }
    }
}

/// Why an industry makes less.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Holds {
    /// It is what stops.
    Stop,
    /// An input from this industry of the table (of its product where suppliers are not told apart).
    Input(usize),
    /// Its customers order less.
    Orders,
}

/// Weeks in a row in which the same holds an industry back.
#[derive(Debug, Clone, PartialEq)]
pub struct Held {
    pub industry: usize,
    pub weeks: (u32, u32),
    pub by: Holds,
    /// Mean loss of these weeks.
    pub loss: Lost,
}

/// A way to ration, or a bound on all of them, at the central assumptions.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Rule {
    Best(BestBy),
    Queue(Rationing),
    /// Everybody served alike, and all suppliers of a product replace one another at once.
    Pooled,
    Worst,
}

/// Over the horizon, as parts of output and of final demand at rest.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RuleLoss {
    pub rule: Rule,
    pub output: f64,
    pub demand: f64,
}

/// The answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Weekly {
    /// Output of all industries.
    pub whole: GroupCourse,
    /// Final demand of everybody.
    pub demand: GroupCourse,
    /// Output by region, in the order of [`Economy::regions`].
    pub regions: Vec<GroupCourse>,
    /// Output of the industries that lose most at the centre.
    pub industries: Vec<(usize, GroupCourse)>,
    pub held: Vec<Held>,
    pub rules: Vec<RuleLoss>,
    pub days_in_step: u32,
    pub draws: usize,
}

/// Answers a stop on an economy.
pub fn weekly(
    economy: &Economy,
    question: &StopQuestion,
    assumed: &Assumptions,
    how: &WeeklyParams,
) -> Result<Weekly, InventoryError> {
    question.check(economy)?;
    let stopped: Vec<usize> = question
        .stops
        .iter()
        .flat_map(|s| s.industries.iter().copied())
        .collect();
    let parted = parted(economy, &stopped, question.buyer.as_deref())?;
    let (days_in_step, draws) = fitting(&parted.economy, question, how);
    let ask = Ask {
        question,
        assumed,
        parted: &parted,
        days_in_step,
        days: horizon_days(question, days_in_step),
        options: options(&parted.economy, assumed)?,
    };
    let centre = |_: &str, e: &Estimate| e.value;
    let central = ask.course(&parted.economy, &centre, Rationing::Proportional)?;
    let pooled = ask.pooled(&parted.economy, &centre, Rationing::Proportional)?;
    let listed = ask.hardest(&central, economy.len(), how.industries);
    let groups = Groups::new(&parted, economy, &listed);
    let (alone, together) = (ask.tally(&central, &groups), ask.tally(&pooled, &groups));
    let at_centre = alone.mixed(&together, 0.5);
    let mut ends = ask.ends(&parted.economy, &centre, &groups)?;
    ends.reach(&together);
    ends.widen(&ask.ends(&parted.economy, &mild, &groups)?);
    ends.widen(&ask.ends(&parted.economy, &harsh, &groups)?);
    let drawn: Vec<(Tally, Ends)> = (0..draws)
        .into_par_iter()
        .map(|k| ask.draw(&groups, how.seed, k as u64))
        .collect::<Result<_, InventoryError>>()?;
    for (_, bounds) in &drawn {
        ends.widen(bounds);
    }
    let drawn: Vec<Tally> = drawn.into_iter().map(|(tally, _)| tally).collect();
    let mut courses: Vec<GroupCourse> = (0..groups.rest.len())
        .map(|g| course_of(g, &at_centre, &ends, &drawn, groups.rest[g]))
        .collect();
    let industries = courses.split_off(2 + economy.regions.len());
    let regions = courses.split_off(2);
    let industries: Vec<(usize, GroupCourse)> = listed.into_iter().zip(industries).collect();
    let held = ask.held(&central, &industries);
    let rules = ask.rules(&central, &pooled, how)?;
    let mut first = courses.into_iter();
    Ok(Weekly {
        whole: first
            .next()
            .expect("invariant: the first group holds all industries"),
        demand: first
            .next()
            .expect("invariant: the second group is final demand"),
        regions,
        industries,
        held,
        rules,
        days_in_step,
        draws,
    })
}

/// Days where all draws fit, else weeks and as many draws as fit.
fn fitting(economy: &Economy, question: &StopQuestion, how: &WeeklyParams) -> (u32, usize) {
    let links = economy.z.iter().filter(|v| **v != 0.0).count() + economy.len();
    // A draw is two courses and the bounds.
    let of_draw = |steps: u32| 3 * links as u64 * u64::from(steps);
    let weeks = question.horizon_weeks.saturating_add(1);
    if of_draw(weeks.saturating_mul(7)).saturating_mul(how.draws as u64) <= how.most_work {
        return (1, how.draws);
    }
    let most = how.most_work / of_draw(weeks).max(1);
    (
        7,
        how.draws.min(usize::try_from(most).unwrap_or(usize::MAX)),
    )
}

fn options(economy: &Economy, assumed: &Assumptions) -> Result<Options, InventoryError> {
    let mut options = Options::new(economy);
    for (key, names, rating) in [
        ("not_needed", &assumed.not_needed, Rating::NonCritical),
        ("half_needed", &assumed.half_needed, Rating::Important),
    ] {
        for name in names {
            let input = sector_of(economy, key, name)?;
            for user in 0..economy.sectors.len() {
                options.essentiality.set(input, user, rating);
            }
        }
    }
    Ok(options)
}

/// Names of the assumptions whose high end is the mild one.
const MILD_HIGH: [&str; 2] = ["stock", "overproduction"];

fn mild(name: &str, e: &Estimate) -> f64 {
    if MILD_HIGH.contains(&name) {
        e.high
    } else {
        e.low
    }
}

fn harsh(name: &str, e: &Estimate) -> f64 {
    if MILD_HIGH.contains(&name) {
        e.low
    } else {
        e.high
    }
}

/// Picks a number from each range by the name of the assumption.
type Pick<'a> = dyn Fn(&str, &Estimate) -> f64 + 'a;

struct Ask<'a> {
    question: &'a StopQuestion,
    assumed: &'a Assumptions,
    parted: &'a Parted,
    days_in_step: u32,
    days: u32,
    options: Options,
}

impl Ask<'_> {
    fn params(&self, pick: &Pick) -> Ario {
        let a = self.assumed;
        let stock = |e: &Estimate| pick("stock", e);
        Ario {
            main_inv_dur: stock(&a.stock_days),
            inventory_dict: a
                .stock_days_of
                .iter()
                .map(|(name, days)| (name.clone(), stock(days)))
                .collect(),
            psi_param: pick("critical_part", &a.critical_part),
            alpha_max: pick("overproduction", &a.overproduction),
            alpha_tau: pick("overproduction_days", &a.overproduction_days),
            inventory_restoration_tau: PerSector::Every(pick("restoration", &a.restoration_days)),
            temporal_units_by_step: self.days_in_step,
            // Orders to a supplier that stops go on: a larger stop then has no smaller bound.
            order_type: OrderType::Noalt,
            ..Ario::default()
        }
    }

    /// The course in which suppliers of one product replace one another at once, and orders go to who can make more.
    fn pooled(
        &self,
        economy: &Economy,
        pick: &Pick,
        rationing: Rationing,
    ) -> Result<Course, InventoryError> {
        let options = Options {
            rationing,
            stocks: Stocks::Product,
            ..self.options.clone()
        };
        let params = Ario {
            order_type: OrderType::Alt,
            ..self.params(pick)
        };
        run(economy, &params, &options, &self.events(pick), self.days)
    }

    fn events(&self, pick: &Pick) -> Vec<Event> {
        events(self.question, self.parted, self.days_in_step, |at, e| {
            pick(&format!("severity {at}"), e)
        })
    }

    fn course(
        &self,
        economy: &Economy,
        pick: &Pick,
        rationing: Rationing,
    ) -> Result<Course, InventoryError> {
        let options = Options {
            rationing,
            ..self.options.clone()
        };
        run(
            economy,
            &self.params(pick),
            &options,
            &self.events(pick),
            self.days,
        )
    }

    fn ends(
        &self,
        economy: &Economy,
        pick: &Pick,
        groups: &Groups,
    ) -> Result<Ends, InventoryError> {
        let steps = by_step(
            economy,
            &self.params(pick),
            &self.options,
            &self.events(pick),
            self.days,
        )?;
        let mut ends = Ends {
            best: self.empty(groups),
            worst: self.empty(groups),
        };
        for (step, (least, most)) in steps.iter().enumerate() {
            self.add(&mut ends.best, groups, step, least);
            self.add(&mut ends.worst, groups, step, most);
        }
        Self::share(&mut ends.best, groups);
        Self::share(&mut ends.worst, groups);
        Ok(ends)
    }

    /// One draw: its losses and its bounds.
    fn draw(&self, groups: &Groups, seed: Seed, k: u64) -> Result<(Tally, Ends), InventoryError> {
        let economy = self.noisy(seed, k);
        let pick = |name: &str, e: &Estimate| {
            let u: f64 = seed.stream(&format!("inventory.weekly.{name}"), k).random();
            if u < 0.5 {
                e.low + 2.0 * u * (e.value - e.low)
            } else {
                e.value + (2.0 * u - 1.0) * (e.high - e.value)
            }
        };
        let at: usize = seed
            .stream("inventory.weekly.queue", k)
            .random_range(0..QUEUES.len());
        let groups = groups.at_rest_of(&economy);
        let alone = self.tally(&self.course(&economy, &pick, QUEUES[at])?, &groups);
        let together = self.tally(&self.pooled(&economy, &pick, QUEUES[at])?, &groups);
        let part: f64 = seed.stream("inventory.weekly.replaced", k).random();
        let mut ends = self.ends(&economy, &pick, &groups)?;
        ends.reach(&together);
        Ok((alone.mixed(&together, part), ends))
    }

    /// The economy with every flow between industries drawn; output follows, so that it stays at rest.
    fn noisy(&self, seed: Seed, k: u64) -> Economy {
        let mut economy = self.parted.economy.clone();
        if self.assumed.flow_error > 0.0 {
            let n = economy.len();
            // In the order of names: the order of the table's rows must not matter.
            let mut order: Vec<usize> = (0..n).collect();
            order.sort_by_key(|i| economy.industries[*i]);
            let mut stream = seed.stream("inventory.weekly.flows", k);
            for supplier in &order {
                for user in &order {
                    let flow = &mut economy.z[supplier * n + user];
                    if *flow != 0.0 {
                        let u: f64 = stream.random();
                        *flow *= 1.0 + self.assumed.flow_error * (2.0 * u - 1.0);
                    }
                }
            }
        }
        economy
    }

    /// The week of a step; the first step stands before week 1.
    fn week(&self, step: usize) -> Option<usize> {
        let in_week = (7 / self.days_in_step) as usize;
        Some(step.checked_sub(1)? / in_week)
    }

    fn empty(&self, groups: &Groups) -> Tally {
        let weeks = self.question.horizon_weeks as usize;
        Tally(vec![vec![0.0; weeks]; groups.rest.len()])
    }

    fn add(&self, tally: &mut Tally, groups: &Groups, step: usize, lost: &StepLoss) {
        let Some(week) = self.week(step) else {
            return;
        };
        for (i, output) in lost.output.iter().enumerate() {
            tally.0[DEMAND][week] += lost.demand[i];
            if *output > 0.0 {
                for group in &groups.of[i] {
                    tally.0[*group][week] += output;
                }
            }
        }
    }

    fn share(tally: &mut Tally, groups: &Groups) {
        for (weeks, rest) in tally.0.iter_mut().zip(&groups.rest) {
            for lost in weeks {
                *lost = if *rest > 0.0 { *lost / rest } else { 0.0 };
            }
        }
    }

    fn tally(&self, course: &Course, groups: &Groups) -> Tally {
        let mut tally = self.empty(groups);
        for step in 0..course.steps() {
            let made = course.production_at(step).iter().zip(&course.at_rest);
            let lost = StepLoss {
                output: made.map(|(made, rest)| (rest - made).max(0.0)).collect(),
                demand: course.unmet_at(step).to_vec(),
            };
            self.add(&mut tally, groups, step, &lost);
        }
        Self::share(&mut tally, groups);
        tally
    }

    /// The industries of the table that lose most at the centre; what stops comes in any case.
    fn hardest(&self, course: &Course, n: usize, most: usize) -> Vec<usize> {
        let mut lost = vec![0.0; n];
        for step in 0..course.steps() {
            let made = course.production_at(step).iter().zip(&course.at_rest);
            for (i, (made, rest)) in made.enumerate() {
                lost[self.parted.of[i]] += (rest - made).max(0.0);
            }
        }
        let stops = |i: &usize| self.question.stops.iter().any(|s| s.industries.contains(i));
        let mut order: Vec<usize> = (0..n).filter(|i| lost[*i] > 0.0 || stops(i)).collect();
        order.sort_by(|a, b| lost[*b].total_cmp(&lost[*a]).then(a.cmp(b)));
        order.truncate(most);
        order
    }

    fn held(&self, course: &Course, industries: &[(usize, GroupCourse)]) -> Vec<Held> {
        let mut all = Vec::new();
        for (industry, group) in industries {
            let mut open: Option<(Holds, usize)> = None;
            let weeks = group.weeks.len();
            for week in 0..=weeks {
                let now = (week < weeks && group.weeks[week].centre > NOTHING)
                    .then(|| self.holds(course, *industry, week));
                if let Some((by, from)) = open.take() {
                    if now.as_ref() == Some(&by) {
                        open = Some((by, from));
                        continue;
                    }
                    all.push(Held {
                        industry: *industry,
                        weeks: (from as u32 + 1, week as u32),
                        by,
                        loss: mean(&group.weeks[from..week]),
                    });
                }
                open = now.map(|by| (by, week));
            }
        }
        all
    }

    /// What holds an industry back in a week, by most of its steps.
    fn holds(&self, course: &Course, industry: usize, week: usize) -> Holds {
        let at = week as u32 + 1;
        let stops = self.question.stops.iter().any(|stop| {
            stop.industries.contains(&industry)
                && self.parted.stopping[industry].is_some()
                && stop.severity.value > 0.0
                && (stop.from_week..stop.from_week.saturating_add(stop.weeks)).contains(&at)
        });
        if stops {
            return Holds::Stop;
        }
        let mut times: BTreeMap<u32, u32> = BTreeMap::new();
        for step in (0..course.steps()).filter(|s| self.week(*s) == Some(week)) {
            for (i, of) in self.parted.of.iter().enumerate() {
                let key = course.binding[step * course.industries + i];
                if *of == industry && key != u32::MAX {
                    *times.entry(key).or_default() += 1;
                }
            }
        }
        let most = times
            .iter()
            .max_by_key(|(key, t)| (**t, std::cmp::Reverse(**key)));
        most.map_or(Holds::Orders, |(key, _)| {
            let (product, region) = course.stocks[*key as usize];
            let economy = &self.parted.economy;
            let maker = economy
                .industries
                .iter()
                .position(|at| *at == (region, product));
            Holds::Input(
                maker
                    .map(|i| self.parted.of[i])
                    .expect("invariant: a stock is filled by an industry of its region"),
            )
        })
    }

    fn rules(
        &self,
        central: &Course,
        pooled: &Course,
        how: &WeeklyParams,
    ) -> Result<Vec<RuleLoss>, InventoryError> {
        let centre = |_: &str, e: &Estimate| e.value;
        let economy = &self.parted.economy;
        let steps = central.steps() as f64;
        let rest = central.at_rest.iter().sum::<f64>() * steps;
        let wanted = central.demand_at_rest.iter().sum::<f64>() * steps;
        let part = |lost: f64, of: f64| if of > 0.0 { lost / of } else { 0.0 };
        let of = |rule: Rule, course: &Course| RuleLoss {
            rule,
            output: part(course.gross_loss(), rest),
            demand: part(course.unmet_total(), wanted),
        };
        let (params, events) = (self.params(&centre), self.events(&centre));
        let bound = |measure: Measure| {
            let how = BoundsParams {
                measure,
                most_variables: how.most_variables,
            };
            bounds(economy, &params, &self.options, &events, self.days, &how)
        };
        let (output, demand) = (bound(Measure::Output)?, bound(Measure::FinalDemand)?);
        let mut rules = vec![RuleLoss {
            rule: Rule::Best(output.best_by),
            output: part(output.best, rest),
            demand: part(demand.best, wanted),
        }];
        rules.push(of(Rule::Pooled, pooled));
        rules.push(of(Rule::Queue(Rationing::Proportional), central));
        for queue in &QUEUES[1..] {
            let course = self.course(economy, &centre, *queue)?;
            rules.push(of(Rule::Queue(*queue), &course));
        }
        rules.push(RuleLoss {
            rule: Rule::Worst,
            output: part(output.worst, rest),
            demand: part(demand.worst, wanted),
        });
        Ok(rules)
    }
}
