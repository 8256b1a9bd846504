//! ARIO with stocks by supplier (Hallegatte 2014; Pichler et al. 2022 for essential inputs).
//!
//! A step, all quantities per step; k a stock key (a product of one supplier region), f an industry, i a supplier:
//!
//! ```text
//! capacity    c_f = x0_f (1 - Δ_f) α_f
//! production  x_f = min(demand_f, c_f, S_kf/(max(ψ s_k, 1) a_kf) for critical k);  half-way for important k
//! deliveries  d_if <= order_if, Σ_f d_if + consumers + rebuilding = x_i, by the rule of rationing
//! stocks      S_kf += Σ d_if - min(S_kf, a_kf x_f)
//! orders      a_kf x_f + max(0, s_k a_kf min(demand_f, c_f) - S_kf)/τ
//! overproduction  α += (α_max - α) m/τ_α where a part m of demand was missed, else (α_base - α)/τ_α
//! ```
//!
//! At rest x0 is the row sum of the table, so that without a shock nothing moves. Consumers' missed demand is lost.

use super::best_step;
use super::course::{Audit, Course};
use super::damage::{Conventions, Damages};
use super::economy::Economy;
use super::event::Event;
use super::options::{Options, Rationing, Substitution};
use super::params::{Ario, InventoryError, OrderType};
use super::ration::{
    FINAL_ABROAD, FINAL_HOME, INDUSTRY_ABROAD, INDUSTRY_HOME, KINDS, REBUILDING, asked_by_kind,
    drawn, parts, queue,
};
use super::setting::{ROUNDING, Setting};

/// Below this part of demand nothing counts as missed.
const NOTHING_MISSED: f64 = 1e-9;

/// Runs `days` days.
pub fn run(
    economy: &Economy,
    params: &Ario,
    options: &Options,
    events: &[Event],
    days: u32,
) -> Result<Course, InventoryError> {
    let setting = Setting::new(economy, params, options)?;
    for (at, event) in events.iter().enumerate() {
        event.check(at, economy, days)?;
    }
    if let Substitution::Ramp { tau } = options.substitution
        && !(tau.is_finite() && tau > 0.0)
    {
        return Err(super::params::out_of_range(
            "substitution_tau",
            tau,
            "days above 0",
        ));
    }
    let mut state = State::new(&setting, economy, params, options, events);
    let mut course = Course {
        industries: economy.len(),
        at_rest: setting.x0.clone(),
        demand_at_rest: setting.final_demand.clone(),
        stocks: setting.layout.stocks(),
        ..Course::default()
    };
    let mut day = 0;
    while day < days {
        state.step(day, &mut course)?;
        day += params.temporal_units_by_step;
    }
    Ok(course)
}

struct State<'a> {
    setting: &'a Setting,
    params: &'a Ario,
    options: &'a Options,
    damages: Damages,
    alpha: Vec<f64>,
    stock: Vec<f64>,
    /// By cell: present recipe over the recipe at rest.
    scale: Vec<f64>,
    /// By cell: order over the weighted sales into the cell.
    pull: Vec<f64>,
    /// By industry: weight of a supplier in orders.
    weight: Vec<f64>,
    step: usize,
}

impl<'a> State<'a> {
    fn new(
        setting: &'a Setting,
        economy: &Economy,
        params: &'a Ario,
        options: &'a Options,
        events: &[Event],
    ) -> Self {
        let n = economy.len();
        let cells = setting.tech.len();
        Self {
            setting,
            params,
            options,
            damages: Damages::new(economy, params, events, Conventions::Forelay),
            alpha: vec![params.alpha_base; n],
            stock: setting.stock_at_rest(),
            scale: vec![1.0; cells],
            pull: vec![1.0; cells],
            weight: vec![1.0; n],
            step: 0,
        }
    }

    fn step(&mut self, day: u32, course: &mut Course) -> Result<(), InventoryError> {
        let setting = self.setting;
        let n = setting.x0.len();
        self.damages.begin(day)?;
        let mut rebuilding = vec![0.0; n];
        self.damages.add_demand(&mut rebuilding);
        let order = |link: usize, cell: usize| setting.layout.sales[link] * self.pull[cell];
        let asked = asked_by_kind(setting, order, &rebuilding);
        let asked = self.weighted(asked);
        let demand: Vec<f64> = asked.iter().map(|a| a.iter().sum()).collect();
        let capacity: Vec<f64> = (0..n)
            .map(|i| setting.x0[i] * (1.0 - self.damages.delta()[i]) * self.alpha[i])
            .collect();
        let least = |d: f64, c: f64| if d <= c * (1.0 + ROUNDING) { d } else { c };
        let optimum: Vec<f64> = demand
            .iter()
            .zip(&capacity)
            .map(|(d, c)| least(*d, *c))
            .collect();
        let mut made = optimum.clone();
        let mut binding = vec![u32::MAX; n];
        setting.limit(&self.stock, Some(&self.scale), &mut made, &mut binding);
        let Delivered {
            received,
            last,
            rebuilt,
        } = self.deliver(&asked, &demand, &made, &capacity)?;
        self.audit(course, &made, &received, &last, &rebuilt);
        course.days.push(day);
        course.production.extend_from_slice(&made);
        course.binding.extend_from_slice(&binding);
        course
            .unmet
            .extend((0..n).map(|i| (setting.final_demand[i] - last[i]).max(0.0)));
        for (cell, received) in received.iter().enumerate() {
            let f = setting.layout.owner[cell] as usize;
            let used = (made[f] * setting.tech[cell] * self.scale[cell]).min(self.stock[cell]);
            self.stock[cell] = self.stock[cell] - used + received;
        }
        let served: Vec<f64> = (0..n)
            .map(|i| {
                if rebuilding[i] > 0.0 {
                    rebuilt[i] / rebuilding[i]
                } else {
                    0.0
                }
            })
            .collect();
        self.damages.deliver(&served);
        self.damages.recover(day);
        self.order(&made, &optimum, &capacity);
        self.overproduce(&demand, &made);
        self.step += 1;
        Ok(())
    }

    /// Orders carry their supplier's weight.
    fn weighted(&self, mut asked: Vec<[f64; KINDS]>) -> Vec<[f64; KINDS]> {
        for (asked, weight) in asked.iter_mut().zip(&self.weight) {
            asked[INDUSTRY_HOME] *= weight;
            asked[INDUSTRY_ABROAD] *= weight;
        }
        asked
    }

    fn deliver(
        &self,
        asked: &[[f64; KINDS]],
        demand: &[f64],
        made: &[f64],
        capacity: &[f64],
    ) -> Result<Delivered, InventoryError> {
        match (queue(self.options.rationing), self.options.rationing) {
            (Some(queue), _) => Ok(self.by_kind(queue, asked, made)),
            (None, Rationing::Drawn(seed)) => Ok(self.by_draw(seed, asked, made)),
            (None, _) => best_step::deliver(
                &best_step::Moment {
                    setting: self.setting,
                    stock: &self.stock,
                    scale: &self.scale,
                    made,
                    demand,
                    capacity,
                    asked,
                },
                |link, cell, i| self.setting.layout.sales[link] * self.pull[cell] * self.weight[i],
            ),
        }
    }

    fn by_kind(&self, queue: &[&[usize]], asked: &[[f64; KINDS]], made: &[f64]) -> Delivered {
        let setting = self.setting;
        let layout = &setting.layout;
        let mut done = Delivered::new(setting);
        for key in &layout.keys {
            for row in key.rows.clone() {
                let i = layout.rows[row];
                let parts = parts(queue, &asked[i], made[i]);
                done.last[i] = asked[i][FINAL_HOME] * parts[FINAL_HOME]
                    + asked[i][FINAL_ABROAD] * parts[FINAL_ABROAD];
                done.rebuilt[i] = asked[i][REBUILDING] * parts[REBUILDING];
                let weight = self.weight[i];
                for link in layout.links(row) {
                    let cell = key.cells.start + layout.cell[link] as usize;
                    let kind = if setting.home[link] {
                        INDUSTRY_HOME
                    } else {
                        INDUSTRY_ABROAD
                    };
                    done.received[cell] +=
                        layout.sales[link] * self.pull[cell] * weight * parts[kind];
                }
            }
        }
        done
    }

    fn by_draw(&self, seed: model::Seed, asked: &[[f64; KINDS]], made: &[f64]) -> Delivered {
        let layout = &self.setting.layout;
        let mut done = Delivered::new(self.setting);
        for key in &layout.keys {
            for row in key.rows.clone() {
                let i = layout.rows[row];
                let links = layout.links(row);
                let cell_of = |link: usize| key.cells.start + layout.cell[link] as usize;
                let mut clients: Vec<f64> = links
                    .clone()
                    .map(|link| layout.sales[link] * self.pull[cell_of(link)] * self.weight[i])
                    .collect();
                let first = clients.len();
                clients.extend([
                    asked[i][FINAL_HOME],
                    asked[i][FINAL_ABROAD],
                    asked[i][REBUILDING],
                ]);
                drawn(seed, self.step, i, &mut clients, made[i]);
                for (link, got) in links.zip(&clients) {
                    done.received[cell_of(link)] += got;
                }
                done.last[i] = clients[first] + clients[first + 1];
                done.rebuilt[i] = clients[first + 2];
            }
        }
        done
    }

    fn audit(
        &self,
        course: &mut Course,
        made: &[f64],
        received: &[f64],
        last: &[f64],
        rebuilt: &[f64],
    ) {
        let sum = |of: &[f64]| of.iter().sum::<f64>();
        let (out, there) = (sum(made), sum(received) + sum(last) + sum(rebuilt));
        let audit: &mut Audit = &mut course.audit;
        let off = (out - there).abs() / out.max(1e-300);
        audit.deliveries = audit.deliveries.max(off);
        let least = self.stock.iter().copied().fold(f64::INFINITY, f64::min);
        audit.least_stock = audit.least_stock.min(least);
    }

    fn order(&mut self, made: &[f64], optimum: &[f64], capacity: &[f64]) {
        let setting = self.setting;
        let layout = &setting.layout;
        if let Substitution::Ramp { tau } = self.options.substitution {
            self.substitute(
                capacity,
                f64::from(self.params.temporal_units_by_step) / tau,
            );
        }
        if self.params.order_type == OrderType::Alt {
            for (weight, (c, x0)) in self.weight.iter_mut().zip(capacity.iter().zip(&setting.x0)) {
                *weight = if *x0 > 0.0 { c / x0 } else { 1.0 };
            }
        }
        let mut weighted = vec![0.0; layout.cells()];
        for key in &layout.keys {
            for row in key.rows.clone() {
                let weight = self.weight[layout.rows[row]];
                for link in layout.links(row) {
                    weighted[key.cells.start + layout.cell[link] as usize] +=
                        layout.sales[link] * weight;
                }
            }
        }
        for (cell, weighted) in weighted.iter().enumerate() {
            let f = layout.owner[cell] as usize;
            let tech = setting.tech[cell] * self.scale[cell];
            let goal = setting.target_steps(cell) * tech * optimum[f];
            let gap = (goal - self.stock[cell]).max(0.0) * setting.restoration[cell];
            let order = tech * made[f] + gap;
            self.pull[cell] = if *weighted > 0.0 {
                order / weighted
            } else {
                0.0
            };
        }
    }

    /// Recipes move towards suppliers in the measure of what these can make over what they made at rest.
    fn substitute(&mut self, capacity: &[f64], part: f64) {
        let setting = self.setting;
        let layout = &setting.layout;
        let n = setting.x0.len();
        let mut can = capacity.to_vec();
        setting.limit(
            &self.stock,
            Some(&self.scale),
            &mut can,
            &mut vec![u32::MAX; n],
        );
        let mut start = 0;
        while start < layout.keys.len() {
            let product = layout.keys[start].product;
            let end = start
                + layout.keys[start..]
                    .iter()
                    .take_while(|key| key.product == product)
                    .count();
            let keys = &layout.keys[start..end];
            start = end;
            let able: Vec<f64> = keys
                .iter()
                .map(|key| {
                    let sum = |of: &[f64]| -> f64 {
                        layout.rows[key.rows.clone()].iter().map(|i| of[*i]).sum()
                    };
                    let rest = sum(&setting.x0);
                    if rest > 0.0 { sum(&can) / rest } else { 1.0 }
                })
                .collect();
            let mut rest = vec![0.0; n];
            let mut wanted = vec![0.0; n];
            for (key, able) in keys.iter().zip(&able) {
                for cell in key.cells.clone() {
                    let f = layout.owner[cell] as usize;
                    rest[f] += setting.tech[cell];
                    wanted[f] += setting.tech[cell] * able;
                }
            }
            for (key, able) in keys.iter().zip(&able) {
                for cell in key.cells.clone() {
                    let f = layout.owner[cell] as usize;
                    let goal = if wanted[f] > 0.0 {
                        able * rest[f] / wanted[f]
                    } else {
                        1.0
                    };
                    self.scale[cell] += (goal - self.scale[cell]) * part.min(1.0);
                }
            }
        }
    }

    fn overproduce(&mut self, demand: &[f64], made: &[f64]) {
        let params = self.params;
        let part = (f64::from(params.temporal_units_by_step) / params.alpha_tau).min(1.0);
        for (alpha, (demand, made)) in self.alpha.iter_mut().zip(demand.iter().zip(made)) {
            let missed = if *demand > 0.0 {
                1.0 - made / demand
            } else {
                0.0
            };
            *alpha += if missed > NOTHING_MISSED {
                (params.alpha_max - *alpha) * missed * part
            } else {
                (params.alpha_base - *alpha) * part
            };
        }
    }
}

/// Deliveries of a step: into cells, to consumers and to rebuilding by supplier.
pub(crate) struct Delivered {
    pub received: Vec<f64>,
    pub last: Vec<f64>,
    pub rebuilt: Vec<f64>,
}

impl Delivered {
    pub fn new(setting: &Setting) -> Self {
        Self {
            received: vec![0.0; setting.tech.len()],
            last: vec![0.0; setting.x0.len()],
            rebuilt: vec![0.0; setting.x0.len()],
        }
    }
}
