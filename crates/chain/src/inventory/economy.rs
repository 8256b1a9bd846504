//! The economy at rest: who sells how much to whom in a year.

use std::collections::BTreeMap;

use super::params::InventoryError;

/// Yearly flows in the money of the table. Industries and consumers stand in any order.
#[derive(Debug, Clone, Default)]
pub struct EconomyInput {
    /// Region and sector of each industry.
    pub industries: Vec<(String, String)>,
    /// `z[i * n + j]`: sales of industry i to industry j.
    pub z: Vec<f64>,
    /// Region and category of each column of final demand.
    pub consumers: Vec<(String, String)>,
    /// `y[i * m + c]`: sales of industry i to column c.
    pub y: Vec<f64>,
    /// Output; row sums of `z` and `y` where it is not given.
    pub x: Option<Vec<f64>>,
}

/// A checked economy.
#[derive(Debug, Clone)]
pub struct Economy {
    /// Distinct, in alphabetical order.
    pub regions: Vec<String>,
    /// Distinct, in alphabetical order; a sector is also the product it makes.
    pub sectors: Vec<String>,
    /// Position of region and sector of each industry, in the order of the input.
    pub industries: Vec<(usize, usize)>,
    pub consumers: Vec<(String, String)>,
    pub z: Vec<f64>,
    pub y: Vec<f64>,
    pub x: Vec<f64>,
    /// Final demand below zero that was set to zero: cells and their sum.
    pub clipped: (usize, f64),
    /// Largest |x - row sums|/x, where x was given.
    pub imbalance: f64,
}

impl Economy {
    /// Checks the flows and sets negative final demand to zero (counted in [`Economy::clipped`]).
    ///
    /// Refuses wrong sizes, numbers that are not finite, negative intermediate sales or outputs, an industry that
    /// stands twice.
    pub fn new(input: EconomyInput) -> Result<Self, InventoryError> {
        let n = input.industries.len();
        let m = input.consumers.len();
        if n == 0 {
            return Err(InventoryError::data("the table has no industry"));
        }
        for (what, found, wanted) in [
            ("Z", input.z.len(), n * n),
            ("Y", input.y.len(), n * m),
            ("x", input.x.as_ref().map_or(n, Vec::len), n),
        ] {
            if found != wanted {
                return Err(InventoryError::data(format!(
                    "{what} has {found} numbers where {n} industries need {wanted}"
                )));
            }
        }
        let regions = distinct(input.industries.iter().map(|(region, _)| region));
        let sectors = distinct(input.industries.iter().map(|(_, sector)| sector));
        let place = |all: &[String], one: &String| {
            all.binary_search(one)
                .expect("invariant: every label is among the distinct ones")
        };
        let industries: Vec<(usize, usize)> = input
            .industries
            .iter()
            .map(|(region, sector)| (place(&regions, region), place(&sectors, sector)))
            .collect();
        let mut seen = BTreeMap::new();
        for (i, industry) in industries.iter().enumerate() {
            if seen.insert(*industry, i).is_some() {
                let (region, sector) = &input.industries[i];
                return Err(InventoryError::data(format!(
                    "industry {region} {sector} stands twice"
                )));
            }
        }
        let name = |i: usize| format!("{} {}", input.industries[i].0, input.industries[i].1);
        if let Some(k) = input.z.iter().position(|v| !v.is_finite() || *v < 0.0) {
            return Err(InventoryError::data(format!(
                "sales of {} to {} are {}; a course needs finite sales from 0 on",
                name(k / n),
                name(k % n),
                input.z[k]
            )));
        }
        let mut y = input.y;
        let mut clipped = (0, 0.0);
        for value in &mut y {
            if !value.is_finite() {
                return Err(InventoryError::data(
                    "final demand holds a number that is not finite",
                ));
            }
            if *value < 0.0 {
                clipped = (clipped.0 + 1, clipped.1 + *value);
                *value = 0.0;
            }
        }
        let sums: Vec<f64> = (0..n)
            .map(|i| {
                input.z[i * n..(i + 1) * n].iter().sum::<f64>()
                    + y[i * m..(i + 1) * m].iter().sum::<f64>()
            })
            .collect();
        let mut imbalance = 0.0_f64;
        if let Some(x) = &input.x {
            if let Some(i) = x.iter().position(|v| !v.is_finite() || *v < 0.0) {
                return Err(InventoryError::data(format!(
                    "output of {} is {}",
                    name(i),
                    x[i]
                )));
            }
            for (given, sum) in x.iter().zip(&sums) {
                imbalance = imbalance.max((given - sum).abs() / given.max(*sum).max(1e-300));
            }
        }
        Ok(Self {
            regions,
            sectors,
            industries,
            consumers: input.consumers,
            z: input.z,
            y,
            x: input.x.unwrap_or(sums),
            clipped,
            imbalance,
        })
    }

    pub fn len(&self) -> usize {
        self.industries.len()
    }

    pub fn is_empty(&self) -> bool {
        self.industries.is_empty()
    }

    pub fn label(&self, industry: usize) -> (&str, &str) {
        let (region, sector) = self.industries[industry];
        (&self.regions[region], &self.sectors[sector])
    }

    /// Position of an industry by its names.
    pub fn industry(&self, region: &str, sector: &str) -> Option<usize> {
        let r = self.region(region)?;
        let s = self.sector(sector)?;
        self.industries.iter().position(|at| *at == (r, s))
    }

    pub fn region(&self, name: &str) -> Option<usize> {
        self.regions.binary_search_by(|r| r.as_str().cmp(name)).ok()
    }

    pub fn sector(&self, name: &str) -> Option<usize> {
        self.sectors.binary_search_by(|s| s.as_str().cmp(name)).ok()
    }

    /// Final demand of each industry's product, per year.
    pub fn final_demand(&self) -> Vec<f64> {
        let m = self.consumers.len();
        (0..self.len())
            .map(|i| self.y[i * m..(i + 1) * m].iter().sum())
            .collect()
    }

    /// Value added, output less inputs, negative ones set to 0, per year.
    pub fn value_added(&self) -> Vec<f64> {
        let n = self.len();
        let mut inputs = vec![0.0; n];
        for row in self.z.chunks_exact(n) {
            for (sum, v) in inputs.iter_mut().zip(row) {
                *sum += v;
            }
        }
        self.x
            .iter()
            .zip(&inputs)
            .map(|(x, used)| (x - used).max(0.0))
            .collect()
    }
}

fn distinct<'a>(labels: impl Iterator<Item = &'a String>) -> Vec<String> {
    let mut all: Vec<String> = labels.cloned().collect();
    all.sort_unstable();
    all.dedup();
    all
}
