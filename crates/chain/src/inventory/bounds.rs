//! What no rule of rationing can beat, and what no rule can undercut.
//!
//! **Best case.** One linear program over the whole horizon: any production, deliveries and stocks that respect
//! capacity (with the fastest overproduction), the stocks that production needs, and the largest stock that orders can
//! ever build. Every course of [`run`](super::run()) is one of its points, whatever the rule, so its loss is a lower
//! bound. A larger cut takes points away: the bound cannot fall. Too large tables get the loss by capacity alone.
//!
//! **Worst case.** Every client counts as the last in every queue: it gets its order less the supplier's whole
//! shortage. Orders of others are at their largest, its stocks, production and orders at their smallest, step by step
//! from these bounds themselves. No rule can do worse, and no single rule can be that bad to everybody, so the bound
//! is wide. The largest orders are counted with uncut capacity: a larger cut cannot lower the bound.
//!
//! Both hold for fixed recipes and damage that does not depend on who is served: substitution over time and rebuilding
//! are refused.

use serde::{Deserialize, Serialize};

use super::damage::{Conventions, Damages};
use super::economy::Economy;
use super::event::{Event, EventKind};
use super::options::{Options, Rating, Substitution};
use super::params::{Ario, InventoryError, OrderType};
use super::program::Program;
use super::setting::Setting;

/// Part of all that is wanted that the solver's tolerances may hide; taken off the best case.
const SOLVER_TOLERANCE: f64 = 1e-7;

/// Steps of use that a stock can stand above its target: orders that were on their way when production fell.
const ON_THE_WAY: f64 = 2.0;

/// What counts as loss.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Measure {
    /// Final demand that is not met.
    #[default]
    FinalDemand,
    /// Output below output at rest; making more at another time does not count.
    Output,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BoundsParams {
    pub measure: Measure,
    /// Most variables of the linear program. Default 100,000.
    pub most_variables: usize,
}

impl Default for BoundsParams {
    fn default() -> Self {
        Self {
            measure: Measure::default(),
            most_variables: 100_000,
        }
    }
}

/// How the best case was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum BestBy {
    /// The program over the whole horizon.
    Program,
    /// Only what the cut industries cannot make themselves: a weaker bound.
    Capacity,
}

/// Loss over the horizon, in the money of the table.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bounds {
    pub best: f64,
    pub best_by: BestBy,
    pub worst: f64,
}

/// Bounds of the loss of every rule of rationing over `days` days.
pub fn bounds(
    economy: &Economy,
    params: &Ario,
    options: &Options,
    events: &[Event],
    days: u32,
    how: &BoundsParams,
) -> Result<Bounds, InventoryError> {
    let setting = Setting::new(economy, params, options)?;
    for (at, event) in events.iter().enumerate() {
        event.check(at, economy, days)?;
        if matches!(event.kind, EventKind::Rebuild { .. }) {
            return Err(InventoryError::scenario(
                "bounds",
                format!(
                    "event {} is rebuilt at a speed that depends on who is served",
                    at + 1
                ),
                "use kind = \"capital\" for bounds, or leave them out",
            ));
        }
    }
    if options.substitution != Substitution::None {
        return Err(InventoryError::scenario(
            "bounds",
            "the recipe changes over time",
            "use substitution = \"none\" or stocks = \"product\", or leave bounds out",
        ));
    }
    let lost = lost_capacity(economy, params, events, days)?;
    let worst = worst(&setting, params, &lost, how.measure);
    let steps = lost.len();
    let cells = setting.tech.len()
        - setting
            .rating
            .iter()
            .filter(|r| **r == Rating::NonCritical)
            .count();
    let variables = steps * (setting.layout.sales.len() + cells + 3 * setting.x0.len());
    let (best, best_by) = if variables <= how.most_variables {
        (best(&setting, params, &lost, how.measure)?, BestBy::Program)
    } else {
        (
            by_capacity(&setting, params, &lost, how.measure),
            BestBy::Capacity,
        )
    };
    Ok(Bounds {
        best,
        best_by,
        worst,
    })
}

/// Part of capacity lost, by step and industry.
fn lost_capacity(
    economy: &Economy,
    params: &Ario,
    events: &[Event],
    days: u32,
) -> Result<Vec<Vec<f64>>, InventoryError> {
    let mut damages = Damages::new(economy, params, events, Conventions::Forelay);
    let mut lost = Vec::new();
    let mut day = 0;
    while day < days {
        damages.begin(day)?;
        lost.push(damages.delta().to_vec());
        damages.recover(day);
        day += params.temporal_units_by_step;
    }
    Ok(lost)
}

fn step_part(params: &Ario) -> f64 {
    (f64::from(params.temporal_units_by_step) / params.alpha_tau).min(1.0)
}

/// The fastest rise of overproduction, by step.
fn fastest(params: &Ario, steps: usize) -> Vec<f64> {
    let mut alpha = params.alpha_base;
    (0..steps)
        .map(|_| {
            let now = alpha;
            alpha += (params.alpha_max - alpha) * step_part(params);
            now
        })
        .collect()
}

fn by_capacity(setting: &Setting, params: &Ario, lost: &[Vec<f64>], measure: Measure) -> f64 {
    let alpha = fastest(params, lost.len());
    let rest = match measure {
        Measure::FinalDemand => &setting.final_demand,
        Measure::Output => &setting.x0,
    };
    lost.iter()
        .zip(&alpha)
        .flat_map(|(lost, alpha)| {
            let can = setting
                .x0
                .iter()
                .zip(lost)
                .map(move |(x0, lost)| x0 * (1.0 - lost) * alpha);
            rest.iter()
                .zip(can)
                .map(|(rest, can)| (rest - can).max(0.0))
        })
        .sum()
}

/// The program of the best case; its value less what the solver's tolerance may hide.
fn best(
    setting: &Setting,
    params: &Ario,
    lost: &[Vec<f64>],
    measure: Measure,
) -> Result<f64, InventoryError> {
    let layout = &setting.layout;
    let n = setting.x0.len();
    let unit = setting.x0.iter().copied().fold(1e-300, f64::max);
    let alpha = fastest(params, lost.len());
    let most_alpha = alpha.last().copied().unwrap_or(params.alpha_base);
    let rest = setting.stock_at_rest();
    let counted: Vec<bool> = setting
        .rating
        .iter()
        .map(|r| *r != Rating::NonCritical)
        .collect();
    let mut program = Program::default();
    let mut wanted = 0.0;
    // Stock variables in units of the cell's own use at rest: all coefficients stay near 1.
    let use_at_rest: Vec<f64> = (0..rest.len())
        .map(|cell| setting.tech[cell] * setting.x0[layout.owner[cell] as usize])
        .collect();
    let mut stock: Vec<Option<usize>> = vec![None; rest.len()];
    for (step, lost) in lost.iter().enumerate() {
        let capacity: Vec<f64> = (0..n)
            .map(|i| setting.x0[i] * (1.0 - lost[i]) * alpha[step] / unit)
            .collect();
        // Production is worth something only up to output at rest.
        let mut made = Vec::with_capacity(n);
        let mut last = Vec::with_capacity(n);
        for i in 0..n {
            made.push(program.variable(0.0, capacity[i]));
            let (at_rest, gain_last) = match measure {
                Measure::FinalDemand => (setting.final_demand[i], 1.0),
                Measure::Output => (setting.x0[i], 0.0),
            };
            wanted += at_rest / unit;
            last.push(program.variable(gain_last, setting.final_demand[i] / unit));
            if measure == Measure::Output {
                let useful = program.variable(1.0, at_rest / unit);
                program.at_most(0.0, &[(useful, 1.0), (made[i], -1.0)]);
            }
        }
        let mut received: Vec<Vec<(usize, f64)>> = vec![Vec::new(); rest.len()];
        for key in &layout.keys {
            for row in key.rows.clone() {
                let i = layout.rows[row];
                let mut out = vec![(last[i], 1.0), (made[i], -1.0)];
                for link in layout.links(row) {
                    let cell = key.cells.start + layout.cell[link] as usize;
                    if counted[cell] && setting.tech[cell] > 0.0 {
                        let d = program.variable(0.0, f64::INFINITY);
                        out.push((d, 1.0));
                        received[cell].push((d, 1.0));
                    }
                }
                program.at_most(0.0, &out);
            }
        }
        for cell in 0..rest.len() {
            if !counted[cell] || setting.tech[cell] <= 0.0 || use_at_rest[cell] <= 0.0 {
                continue;
            }
            let f = layout.owner[cell] as usize;
            let scale = use_at_rest[cell] / unit;
            // need x <= stock; half-way for important inputs: x <= (capacity + stock/need)/2.
            let need = setting.need[cell];
            let (factor, free) = match setting.rating[cell] {
                Rating::Important => (2.0, capacity[f]),
                _ => (1.0, 0.0),
            };
            match stock[cell] {
                Some(held) => {
                    program.at_most(free, &[(made[f], factor), (held, -scale / need)]);
                }
                None => program.at_most(free + rest[cell] / unit / need, &[(made[f], factor)]),
            }
            let ceiling = (setting.target_steps(cell) + ON_THE_WAY) * most_alpha;
            let after = program.variable(0.0, ceiling);
            let mut terms = vec![(after, 1.0)];
            terms.extend(received[cell].iter().map(|(d, f)| (*d, -f / scale)));
            if setting.rating[cell] == Rating::Critical {
                terms.push((made[f], setting.tech[cell] / scale));
            }
            let start = match stock[cell] {
                Some(held) => {
                    terms.push((held, -1.0));
                    0.0
                }
                None => rest[cell] / use_at_rest[cell],
            };
            program.at_most(start, &terms);
            stock[cell] = Some(after);
        }
    }
    let solution = program.maximise()?;
    let loss = (wanted - solution.objective).max(0.0) * unit;
    Ok((loss - SOLVER_TOLERANCE * wanted * unit).max(0.0))
}

/// The largest loss of a whole course.
fn worst(setting: &Setting, params: &Ario, lost: &[Vec<f64>], measure: Measure) -> f64 {
    let mut total = 0.0;
    worst_each(setting, params, lost, |step| {
        total += step.of(measure).iter().sum::<f64>();
    });
    total
}

/// Loss of a step by industry, under any rule of rationing.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct StepLoss {
    pub output: Vec<f64>,
    pub demand: Vec<f64>,
}

impl StepLoss {
    fn of(&self, measure: Measure) -> &[f64] {
        match measure {
            Measure::FinalDemand => &self.demand,
            Measure::Output => &self.output,
        }
    }
}

/// Least and largest loss of every step. The least is what the cut industries cannot make themselves; it holds for
/// every way of stocking and replacing inputs too.
pub(crate) fn by_step(
    economy: &Economy,
    params: &Ario,
    options: &Options,
    events: &[Event],
    days: u32,
) -> Result<Vec<(StepLoss, StepLoss)>, InventoryError> {
    let setting = Setting::new(economy, params, options)?;
    for (at, event) in events.iter().enumerate() {
        event.check(at, economy, days)?;
    }
    let lost = lost_capacity(economy, params, events, days)?;
    let alpha = fastest(params, lost.len());
    let least = |rest: &[f64], step: usize| -> Vec<f64> {
        let made = setting.x0.iter().zip(&lost[step]);
        rest.iter()
            .zip(made)
            .map(|(rest, (x0, lost))| (rest - x0 * (1.0 - lost) * alpha[step]).max(0.0))
            .collect()
    };
    let mut steps = Vec::with_capacity(lost.len());
    worst_each(&setting, params, &lost, |most| {
        let step = steps.len();
        let low = StepLoss {
            output: least(&setting.x0, step),
            demand: least(&setting.final_demand, step),
        };
        steps.push((low, most.clone()));
    });
    Ok(steps)
}

/// Bounds of the state that hold for every rule, step by step.
fn worst_each(setting: &Setting, params: &Ario, lost: &[Vec<f64>], mut act: impl FnMut(&StepLoss)) {
    let layout = &setting.layout;
    let n = setting.x0.len();
    let part = step_part(params);
    let cells = setting.tech.len();
    let mut halved = vec![false; n];
    for (cell, owner) in layout.owner.iter().enumerate() {
        halved[*owner as usize] |= setting.rating[cell] == Rating::Important;
    }
    let mut stock = setting.stock_at_rest();
    // Orders by cell: smallest, largest.
    let at_rest: Vec<f64> = layout.bought.clone();
    let mut least_order = at_rest.clone();
    let mut most_order = at_rest;
    let mut alpha = vec![params.alpha_base; n];
    let mut before = vec![0.0; n];
    for (step, lost) in lost.iter().enumerate() {
        let weights = |i: usize| -> (f64, f64) {
            // Orders follow capacity of the step before.
            match params.order_type {
                OrderType::Alt if step > 0 => {
                    let left = 1.0 - before[i];
                    (left * params.alpha_base, left * alpha[i])
                }
                _ => (1.0, 1.0),
            }
        };
        let shares = shares(setting, &weights);
        let share = |link: usize| shares[link];
        let mut least_demand = setting.final_demand.clone();
        let mut most_demand = setting.final_demand.clone();
        each_link(setting, |i, link, cell| {
            let (low, high) = share(link);
            least_demand[i] += least_order[cell] * low;
            most_demand[i] += most_order[cell] * high;
        });
        let least_capacity: Vec<f64> = (0..n)
            .map(|i| setting.x0[i] * (1.0 - lost[i]) * params.alpha_base)
            .collect();
        let most_capacity: Vec<f64> = (0..n).map(|i| setting.x0[i] * alpha[i]).collect();
        let mut none = vec![u32::MAX; n];
        // What could be made whatever is asked, and what is made.
        let mut can: Vec<f64> = least_capacity
            .iter()
            .zip(&most_demand)
            .map(|(c, d)| c.min(*d))
            .collect();
        setting.limit(&stock, None, &mut can, &mut none);
        let mut made: Vec<f64> = least_capacity
            .iter()
            .zip(&least_demand)
            .map(|(c, d)| c.min(*d))
            .collect();
        let least_optimum = made.clone();
        setting.limit(&stock, None, &mut made, &mut none);
        let most_optimum: Vec<f64> = most_capacity
            .iter()
            .zip(&most_demand)
            .map(|(c, d)| c.min(*d))
            .collect();
        let shortage: Vec<f64> = (0..n)
            .map(|i| {
                let short = most_demand[i] - can[i];
                if short > 1e-12 * most_demand[i] {
                    short
                } else {
                    0.0
                }
            })
            .collect();
        act(&StepLoss {
            output: (0..n).map(|i| (setting.x0[i] - made[i]).max(0.0)).collect(),
            demand: (0..n)
                .map(|i| shortage[i].min(setting.final_demand[i]))
                .collect(),
        });
        let mut received = vec![0.0; cells];
        each_link(setting, |i, link, cell| {
            let (low, high) = share(link);
            let whole = least_order[cell] * low;
            let got = if shortage[i] > 0.0 {
                // Output that grows with what is asked (important inputs) allows only the weaker form.
                let most = if halved[i] {
                    whole
                } else {
                    most_order[cell] * high
                };
                whole.min(most - shortage[i]).max(0.0)
            } else {
                whole
            };
            received[cell] += got;
        });
        for cell in 0..cells {
            let f = layout.owner[cell] as usize;
            let tech = setting.tech[cell];
            let need = setting.need[cell];
            // The most that can be used of this stock: production at its most, or what the stock carries.
            let carried = if need > 0.0 && setting.rating[cell] == Rating::Critical {
                stock[cell] / need
            } else {
                f64::INFINITY
            };
            let used = (tech * most_optimum[f].min(carried)).min(stock[cell]);
            stock[cell] += received[cell] - used;
            let goal = setting.target_steps(cell) * tech * most_optimum[f];
            let gap = (goal - stock[cell]).max(0.0) * setting.restoration[cell];
            most_order[cell] = tech * most_optimum[f] + gap;
            let ceiling =
                (setting.target_steps(cell) + ON_THE_WAY) * tech * setting.x0[f] * alpha[f];
            let least_gap =
                (setting.target_steps(cell) * tech * least_optimum[f] - ceiling).max(0.0);
            least_order[cell] = tech * made[f] + least_gap * setting.restoration[cell];
        }
        for i in 0..n {
            let missed = if most_demand[i] > 0.0 {
                shortage[i] / most_demand[i]
            } else {
                0.0
            };
            alpha[i] += (params.alpha_max - alpha[i]) * missed.clamp(0.0, 1.0) * part;
        }
        before.clone_from(lost);
    }
}

fn each_link(setting: &Setting, mut act: impl FnMut(usize, usize, usize)) {
    let layout = &setting.layout;
    for key in &layout.keys {
        for row in key.rows.clone() {
            for link in layout.links(row) {
                act(
                    layout.rows[row],
                    link,
                    key.cells.start + layout.cell[link] as usize,
                );
            }
        }
    }
}

/// Smallest and largest share of each link in the order of its cell.
fn shares(setting: &Setting, weights: &impl Fn(usize) -> (f64, f64)) -> Vec<(f64, f64)> {
    let mut sums = vec![(0.0, 0.0); setting.tech.len()];
    each_link(setting, |i, link, cell| {
        let (low, high) = weights(i);
        let sales = setting.layout.sales[link];
        sums[cell].0 += sales * low;
        sums[cell].1 += sales * high;
    });
    let mut shares = vec![(1.0, 1.0); setting.layout.sales.len()];
    each_link(setting, |i, link, cell| {
        let (low, high) = weights(i);
        let sales = setting.layout.sales[link];
        let (sum_low, sum_high) = sums[cell];
        // A cell with one supplier orders all from it, unless that supplier can make nothing.
        let ratio = |mine: f64, others: f64| {
            if mine > 0.0 {
                mine / (mine + others.max(0.0))
            } else {
                0.0
            }
        };
        let most = ratio(sales * high, sum_low - sales * low);
        let least = ratio(sales * low, sum_high - sales * high);
        shares[link] = (least.min(most), most);
    });
    shares
}
