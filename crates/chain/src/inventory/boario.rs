//! ARIO as `BoARIO` 0.7.2 computes it, written anew from its equations.
//!
//! A step of day t, all quantities per step; p a product, f an industry, i a supplier of p (Hallegatte 2008, 2014;
//! Guan et al. 2020; Juhel 2023):
//!
//! ```text
//! capacity    c_f = x0_f (1 - Δ_f) α_f
//! optimum     o_f = min(demand_f, c_f)
//! need        n_pf = ψ s_p a_pf o_f               s: steps of stock; ψ = 1 in the base model
//! production  x_f = o_f min(1, min_p ω_pf/n_pf)   inputs below 1e-5 of a year's sales over a step's output are left out
//! deliveries  in proportion to orders of industries, consumers and rebuilding; what consumers miss is lost
//! stocks      ω += received - a x                 not at all where np.allclose(received, a x): changes under 1e-5
//! orders      gap_pf = max(0, s_p a_pf o_f - ω_pf)/τ_p + a_pf x_f, split by sales, weighted with c_i/x0_i ("alt")
//! overproduction  α += (α_max - α) s/τ_α where a part s of demand was missed, else (α_base - α)/τ_α; never below 1
//! ```
//!
//! Speed: orders are a share times a gap, so the matrix of orders is never formed; a step reads the links twice.

use super::course::Course;
use super::damage::{Conventions, Damages};
use super::economy::Economy;
use super::event::Event;
use super::layout::Layout;
use super::params::{Ario, InventoryError, OrderType, every_sector};

/// An input of which a step's production buys less than this in a year is left out of the constraint.
const TECHNOLOGY_THRESHOLD: f64 = 1e-5;

/// Runs `days` days (`n_temporal_units_to_sim`).
pub fn boario(
    economy: &Economy,
    params: &Ario,
    events: &[Event],
    days: u32,
) -> Result<Course, InventoryError> {
    params.check(economy)?;
    full_product(economy)?;
    if !params.inventory_dict.is_empty() {
        every_sector(economy, "inventory_dict", &params.inventory_dict)?;
    }
    for (at, event) in events.iter().enumerate() {
        event.check(at, economy, days)?;
    }
    let mut run = Run::new(economy, params, events);
    let n = economy.len();
    let mut course = Course {
        industries: n,
        at_rest: run.x0.clone(),
        demand_at_rest: run.final_demand.clone(),
        stocks: run.layout.stocks(),
        ..Course::default()
    };
    let mut day = 0;
    while day < days {
        if let Some(stopped) = run.step(day, &mut course)? {
            course.stopped = Some(stopped);
            break;
        }
        day += params.temporal_units_by_step;
    }
    Ok(course)
}

/// `BoARIO` pairs every region with every sector.
fn full_product(economy: &Economy) -> Result<(), InventoryError> {
    let wanted = economy.regions.len() * economy.sectors.len();
    if economy.len() == wanted {
        Ok(())
    } else {
        Err(InventoryError::data(format!(
            "{} industries are not {} regions times {} sectors; the peer's model needs every pair",
            economy.len(),
            economy.regions.len(),
            economy.sectors.len()
        )))
    }
}

struct Run {
    layout: Layout,
    damages: Damages,
    x0: Vec<f64>,
    final_demand: Vec<f64>,
    alpha: Vec<f64>,
    params: Ario,
    /// Steps of stock and part of a gap ordered in a step, by sector.
    stock_steps: Vec<f64>,
    restoration: Vec<f64>,
    /// An input that never constrains is missing in some industry: `BoARIO`'s comparison of stocks then never holds.
    comparison_off: bool,
    /// By cell.
    tech: Vec<f64>,
    constrains: Vec<bool>,
    stock: Vec<f64>,
    /// What a cell orders over the weighted sales into it.
    pull: Vec<f64>,
    received: Vec<f64>,
    weighted: Vec<f64>,
    /// By industry.
    weight: Vec<f64>,
    ordered: Vec<f64>,
    demand: Vec<f64>,
    production: Vec<f64>,
}

impl Run {
    fn new(economy: &Economy, params: &Ario, events: &[Event]) -> Self {
        let step = params.step_of_year();
        let n = economy.len();
        let layout = Layout::new(economy, None, step);
        let x0: Vec<f64> = economy.x.iter().map(|x| x * step).collect();
        let stock_steps = params.stock_steps(economy);
        let mut tech = vec![0.0; layout.cells()];
        let mut constrains = vec![false; layout.cells()];
        let mut stock = vec![0.0; layout.cells()];
        let mut comparison_off = false;
        for key in &layout.keys {
            let steps = stock_steps[key.product];
            comparison_off |= steps.is_infinite() && key.cells.len() < n;
            for cell in key.cells.clone() {
                let f = layout.owner[cell] as usize;
                let yearly = layout.bought[cell] / step;
                tech[cell] = if economy.x[f] == 0.0 {
                    0.0
                } else {
                    yearly * (1.0 / economy.x[f])
                };
                constrains[cell] = yearly > x0[f] * TECHNOLOGY_THRESHOLD && steps.is_finite();
                stock[cell] = if steps.is_finite() {
                    x0[f] * tech[cell] * steps
                } else {
                    f64::INFINITY
                };
            }
        }
        let mut ordered = vec![0.0; n];
        for (row, industry) in layout.rows.iter().enumerate() {
            ordered[*industry] = layout.sales[layout.links(row)].iter().sum();
        }
        Self {
            damages: Damages::new(economy, params, events, Conventions::Boario),
            final_demand: economy.final_demand().iter().map(|y| y * step).collect(),
            alpha: vec![params.alpha_base; n],
            params: params.clone(),
            restoration: params.restoration(economy),
            stock_steps,
            comparison_off,
            tech,
            constrains,
            stock,
            pull: vec![1.0; layout.cells()],
            received: vec![0.0; layout.cells()],
            weighted: vec![0.0; layout.cells()],
            weight: vec![1.0; n],
            ordered,
            demand: vec![0.0; n],
            production: x0.clone(),
            x0,
            layout,
        }
    }

    /// One step; says why when the economy cannot go on.
    fn step(&mut self, day: u32, course: &mut Course) -> Result<Option<String>, InventoryError> {
        let n = self.x0.len();
        self.damages.begin(day)?;
        self.total_demand();
        if day > 1 {
            self.overproduce();
        }
        let capacity: Vec<f64> = self
            .x0
            .iter()
            .zip(self.damages.delta())
            .zip(&self.alpha)
            .map(|((x0, delta), alpha)| x0 * (1.0 - delta) * alpha)
            .collect();
        let binding = self.produce(&capacity);
        let served: Vec<f64> = (0..n)
            .map(|i| {
                if self.demand[i] == 0.0 {
                    0.0
                } else {
                    self.production[i] / self.demand[i]
                }
            })
            .collect();
        course.days.push(day);
        course.production.extend_from_slice(&self.production);
        course.binding.extend_from_slice(&binding);
        course
            .unmet
            .extend((0..n).map(|i| self.final_demand[i] - self.final_demand[i] * served[i]));
        let weight: Vec<f64> = match self.params.order_type {
            OrderType::Alt => capacity
                .iter()
                .zip(&self.x0)
                .map(|(c, x0)| if *x0 == 0.0 { 1.0 } else { c / x0 })
                .collect(),
            OrderType::Noalt => vec![1.0; n],
        };
        self.read_links(&served, &weight);
        if !self.restock() {
            return Ok(Some(format!("a stock fell below zero on day {day}")));
        }
        self.damages.deliver(&served);
        self.damages.recover(day);
        self.total_demand();
        self.order(&capacity);
        self.weight = weight;
        self.write_orders();
        Ok(None)
    }

    fn total_demand(&mut self) {
        self.demand.clear();
        self.demand.extend(
            self.ordered
                .iter()
                .zip(&self.final_demand)
                .map(|(o, y)| o + y),
        );
        self.damages.add_demand(&mut self.demand);
    }

    fn overproduce(&mut self) {
        let params = &self.params;
        let part = f64::from(params.temporal_units_by_step) / params.alpha_tau;
        for i in 0..self.alpha.len() {
            let wanted = self.demand[i];
            let scarcity = if wanted == 0.0 {
                0.0
            } else {
                (wanted - self.production[i]) / wanted
            };
            let alpha = &mut self.alpha[i];
            let back = if scarcity == 0.0 {
                (params.alpha_base - *alpha) * part
            } else {
                0.0
            };
            *alpha = (*alpha + ((params.alpha_max - *alpha) * scarcity * part + back)).max(1.0);
        }
    }

    /// Production under stocks; returns the key that binds each industry.
    fn produce(&mut self, capacity: &[f64]) -> Vec<u32> {
        let optimum: Vec<f64> = self
            .demand
            .iter()
            .zip(capacity)
            .map(|(d, c)| d.min(*c))
            .collect();
        self.production.clone_from(&optimum);
        let mut binding = vec![u32::MAX; optimum.len()];
        let psi = self.params.psi();
        for (at, key) in self.layout.keys.iter().enumerate() {
            let steps = self.stock_steps[key.product];
            if steps.is_infinite() {
                continue;
            }
            for cell in key.cells.clone() {
                let f = self.layout.owner[cell] as usize;
                let need = optimum[f] * self.tech[cell] * psi * steps;
                if self.stock[cell] < need && self.constrains[cell] {
                    let made = optimum[f] * (self.stock[cell] / need);
                    if made < self.production[f] {
                        self.production[f] = made;
                        binding[f] = at as u32;
                    }
                }
            }
        }
        binding
    }

    /// One pass over the links: what every cell receives, and the sales into it at the new weights.
    fn read_links(&mut self, served: &[f64], weight: &[f64]) {
        let layout = &self.layout;
        for key in &layout.keys {
            let received = &mut self.received[key.cells.clone()];
            let weighted = &mut self.weighted[key.cells.clone()];
            received.fill(0.0);
            weighted.fill(0.0);
            for row in key.rows.clone() {
                let i = layout.rows[row];
                let delivered = self.weight[i] * served[i];
                let links = layout.links(row);
                for (cell, sales) in layout.cell[links.clone()].iter().zip(&layout.sales[links]) {
                    received[*cell as usize] += sales * delivered;
                    weighted[*cell as usize] += sales * weight[i];
                }
            }
            for (received, pull) in received.iter_mut().zip(&self.pull[key.cells.clone()]) {
                *received *= pull;
            }
        }
    }

    /// Stocks after use and deliveries; `false` where one falls below zero.
    fn restock(&mut self) -> bool {
        let owner = &self.layout.owner;
        let used = |cell: usize| self.production[owner[cell] as usize] * self.tech[cell];
        let all_close = (0..owner.len()).all(|cell| close(self.received[cell], used(cell)));
        if all_close {
            return true;
        }
        let mut whole = true;
        for (cell, owner) in owner.iter().enumerate() {
            let used = self.production[*owner as usize] * self.tech[cell];
            let stock = self.stock[cell] - used + self.received[cell];
            whole &= stock >= 0.0;
            self.stock[cell] = stock;
        }
        whole
    }

    /// Gaps and orders by cell; `pull` is an order over the weighted sales into the cell.
    fn order(&mut self, capacity: &[f64]) {
        let optimum: Vec<f64> = self
            .demand
            .iter()
            .zip(capacity)
            .map(|(d, c)| d.min(*c))
            .collect();
        let layout = &self.layout;
        let mut at_goal = !self.comparison_off;
        for key in &layout.keys {
            let steps = self.stock_steps[key.product];
            if !at_goal {
                break;
            }
            at_goal = key.cells.clone().all(|cell| {
                let goal = optimum[layout.owner[cell] as usize] * self.tech[cell];
                if steps.is_infinite() {
                    goal > 0.0
                } else {
                    close(self.stock[cell], goal * steps)
                }
            });
        }
        for key in &layout.keys {
            let steps = self.stock_steps[key.product];
            let part = self.restoration[key.product];
            for cell in key.cells.clone() {
                let f = layout.owner[cell] as usize;
                let gap = if at_goal || steps.is_infinite() {
                    0.0
                } else {
                    (optimum[f] * self.tech[cell] * steps - self.stock[cell]).max(0.0) * part
                };
                let order = gap + self.production[f] * self.tech[cell];
                let weighted = self.weighted[cell];
                self.pull[cell] = if weighted == 0.0 {
                    0.0
                } else {
                    order / weighted
                };
            }
        }
    }

    /// Orders at every supplier.
    fn write_orders(&mut self) {
        let layout = &self.layout;
        for key in &layout.keys {
            let pull = &self.pull[key.cells.clone()];
            for row in key.rows.clone() {
                let links = layout.links(row);
                let sum: f64 = layout.cell[links.clone()]
                    .iter()
                    .zip(&layout.sales[links])
                    .map(|(cell, sales)| sales * pull[*cell as usize])
                    .sum();
                let i = layout.rows[row];
                self.ordered[i] = sum * self.weight[i];
            }
        }
    }
}

/// `np.isclose` with its default tolerances.
fn close(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-8 + 1e-5 * b.abs()
}
