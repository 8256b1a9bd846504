//! What does not change during a run, shared by the run and its bounds.

use super::economy::Economy;
use super::layout::Layout;
use super::options::{Options, Rating, Stocks};
use super::params::{Ario, InventoryError};

/// Shortages below this part are rounding errors. Without it the base model, whose stocks constrain at once, can
/// amplify them from step to step under a rule that puts a whole shortage on few clients.
pub(crate) const ROUNDING: f64 = 1e-12;

/// Everything per step.
pub(crate) struct Setting {
    pub layout: Layout,
    /// Output at rest: row sums of the table, so that nothing moves without a shock.
    pub x0: Vec<f64>,
    pub final_demand: Vec<f64>,
    /// Final demand by the supplier's own region.
    pub final_home: Vec<f64>,
    /// Link stays within a region.
    pub home: Vec<bool>,
    /// By cell: input per unit of output.
    pub tech: Vec<f64>,
    /// By cell: stock at rest over the use at rest, in steps; infinite where it never constrains.
    pub steps: Vec<f64>,
    /// By cell: stock that one unit of output needs.
    pub need: Vec<f64>,
    pub rating: Vec<Rating>,
    /// By cell: part of a gap ordered in a step.
    pub restoration: Vec<f64>,
}

impl Setting {
    pub fn new(
        economy: &Economy,
        params: &Ario,
        options: &Options,
    ) -> Result<Self, InventoryError> {
        params.check(economy)?;
        let n = economy.len();
        let step = params.step_of_year();
        let group_of: Option<Vec<usize>> = match &options.stocks {
            Stocks::Region => Some((0..economy.regions.len()).collect()),
            Stocks::Groups(groups) if groups.len() != economy.regions.len() => {
                return Err(InventoryError::scenario(
                    "groups",
                    format!(
                        "{} numbers for {} regions",
                        groups.len(),
                        economy.regions.len()
                    ),
                    "give every region a group",
                ));
            }
            Stocks::Groups(groups) => Some(groups.clone()),
            Stocks::Product => None,
        };
        let mut layout = Layout::new(economy, group_of.as_deref(), step);
        let m = economy.consumers.len();
        let mut final_demand: Vec<f64> = economy.final_demand().iter().map(|y| y * step).collect();
        let mut final_home: Vec<f64> = (0..n)
            .map(|i| {
                let (region, _) = economy.label(i);
                (0..m)
                    .filter(|c| economy.consumers[*c].0 == region)
                    .map(|c| economy.y[i * m + c] * step)
                    .sum()
            })
            .collect();
        let mut x0 = final_demand.clone();
        let mut home = vec![false; layout.sales.len()];
        for key in &layout.keys {
            for row in key.rows.clone() {
                let i = layout.rows[row];
                x0[i] += layout.sales[layout.links(row)].iter().sum::<f64>();
                for link in layout.links(row) {
                    let f = layout.owner[key.cells.start + layout.cell[link] as usize] as usize;
                    home[link] = economy.industries[i].0 == economy.industries[f].0;
                }
            }
        }
        // Industries that buy and sell nothing have no recipe: what they buy counts as final demand.
        for key in layout.keys.clone() {
            for row in key.rows.clone() {
                let i = layout.rows[row];
                for link in layout.links(row) {
                    let cell = key.cells.start + layout.cell[link] as usize;
                    if x0[layout.owner[cell] as usize] > 0.0 {
                        continue;
                    }
                    let sales = std::mem::take(&mut layout.sales[link]);
                    layout.bought[cell] -= sales;
                    final_demand[i] += sales;
                    if home[link] {
                        final_home[i] += sales;
                    }
                }
            }
        }
        let by_sector = params.stock_steps(economy);
        let parts = params.restoration(economy);
        let psi = params.psi();
        let cells = layout.cells();
        let mut setting = Self {
            x0,
            final_demand,
            final_home,
            home,
            tech: vec![0.0; cells],
            steps: vec![0.0; cells],
            need: vec![0.0; cells],
            rating: vec![Rating::Critical; cells],
            restoration: vec![0.0; cells],
            layout,
        };
        for key in &setting.layout.keys {
            for cell in key.cells.clone() {
                let f = setting.layout.owner[cell] as usize;
                let x = setting.x0[f];
                let tech = if x > 0.0 {
                    setting.layout.bought[cell] / x
                } else {
                    0.0
                };
                let steps = by_sector[key.product];
                let user = economy.industries[f].1;
                let rating = options.essentiality.of(key.product, user);
                let idle = steps.is_infinite() || tech < options.least_input;
                setting.tech[cell] = tech;
                setting.steps[cell] = steps;
                setting.rating[cell] = if idle { Rating::NonCritical } else { rating };
                // Never less than what one step uses, so that no stock falls below zero.
                setting.need[cell] = (psi * steps).max(1.0) * tech;
                setting.restoration[cell] = parts[key.product].min(1.0);
            }
        }
        Ok(setting)
    }

    /// Stock at rest; an input that never constrains has a finite one too, because its stock is only counted.
    pub fn stock_at_rest(&self) -> Vec<f64> {
        (0..self.tech.len())
            .map(|cell| {
                let x = self.x0[self.layout.owner[cell] as usize];
                x * self.tech[cell] * self.target_steps(cell)
            })
            .collect()
    }

    pub fn target_steps(&self, cell: usize) -> f64 {
        if self.steps[cell].is_finite() {
            self.steps[cell]
        } else {
            2.0
        }
    }

    /// Lowers `made` of every industry to what its stocks carry (Pichler et al. 2022 for important inputs: the mean
    /// of production without the limit and with it); `binding` gets the key that holds it back.
    pub fn limit(
        &self,
        stock: &[f64],
        tech_scale: Option<&[f64]>,
        made: &mut [f64],
        binding: &mut [u32],
    ) {
        let free = made.to_vec();
        for (at, key) in self.layout.keys.iter().enumerate() {
            for cell in key.cells.clone() {
                let rating = self.rating[cell];
                if rating == Rating::NonCritical {
                    continue;
                }
                let f = self.layout.owner[cell] as usize;
                let need = self.need[cell] * tech_scale.map_or(1.0, |scale| scale[cell]);
                if need <= 0.0 {
                    continue;
                }
                let carried = stock[cell] / need;
                let carried = match rating {
                    Rating::Important => 0.5 * (free[f] + carried.min(free[f])),
                    _ => carried,
                };
                if carried < made[f] * (1.0 - ROUNDING) {
                    made[f] = carried;
                    binding[f] = at as u32;
                }
            }
        }
    }
}
