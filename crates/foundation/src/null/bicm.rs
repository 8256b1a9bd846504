//! Bipartite Configuration Model: random presence with the diversity and ubiquity of the observed matrix.
//!
//! The distribution of largest entropy whose expected diversities and ubiquities are the observed ones (Saracco, Di
//! Clemente, Gabrielli and Squartini, 2015): cells are independent with
//!
//! ```text
//! p_la = x_l y_a / (1 + x_l y_a),   Σ_a p_la = d_l,   Σ_l p_la = u_a
//! ```
//!
//! Locations of the same diversity have the same x, activities of the same ubiquity the same y: only *classes* are
//! solved and stored.
//!
//! **Forced cells.** Where the Gale–Ryser inequality Σ_{i ≤ k} d_i ≤ Σ_a min(u_a, k) (d falling) is an equality, every
//! matrix with these margins has the same ones among the first k locations (all activities with u_a ≥ k) and the
//! same zeros below (u_a ≤ k); x and y would be infinite. Full and empty rows and columns are the simplest case. The matrix is
//! cut at every such k, forced cells get p = 1 or 0 exactly, and each free block between two cuts has a finite solution.

use model::Seed;
use rand::RngExt;

use super::margins::{Family, Margins};
use super::{NullError, check_tolerance, not_converged};
use crate::presence::Presence;

/// How exactly the model is solved.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Params {
    /// Largest error of an expected diversity or ubiquity, relative to the smaller of its ones and its zeros.
    pub tolerance: f64,
    /// Newton steps per free block.
    pub steps: usize,
}

impl Default for Params {
    /// Tolerance 1e-9 (one more step is taken, so that it is usually met by far); 200 steps (real tables need about 10).
    fn default() -> Self {
        Self {
            tolerance: 1e-9,
            steps: 200,
        }
    }
}

/// Probability of every cell, held by classes of equal diversity and equal ubiquity.
#[derive(Debug, Clone, PartialEq)]
pub struct Bicm {
    locations: Classes,
    activities: Classes,
    /// Class of locations × class of activities.
    probability: Vec<f64>,
    forced: usize,
    worst: f64,
    steps: usize,
}

/// Members of one side grouped by their number of ones, ascending.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Classes {
    degree: Vec<u32>,
    size: Vec<u32>,
    of: Vec<u32>,
}

impl Classes {
    fn new(degrees: &[u32]) -> Self {
        let mut degree = degrees.to_vec();
        degree.sort_unstable();
        degree.dedup();
        let mut size = vec![0; degree.len()];
        let of = degrees
            .iter()
            .map(|d| {
                let class = degree.partition_point(|known| known < d);
                size[class] += 1;
                class as u32
            })
            .collect();
        Self { degree, size, of }
    }

    /// Number of classes.
    pub fn count(&self) -> usize {
        self.degree.len()
    }

    /// Ones of each member of every class, ascending.
    pub fn degrees(&self) -> &[u32] {
        &self.degree
    }

    /// Members of every class.
    pub fn sizes(&self) -> &[u32] {
        &self.size
    }

    /// Class of every member of the side.
    pub fn of(&self) -> &[u32] {
        &self.of
    }
}

impl Bicm {
    /// p_la, 0 to 1.
    pub fn probability(&self, location: usize, activity: usize) -> f64 {
        self.class_probability(
            self.locations.of[location] as usize,
            self.activities.of[activity] as usize,
        )
    }

    /// p of a class of locations and a class of activities.
    pub fn class_probability(&self, locations: usize, activities: usize) -> f64 {
        self.probability[locations * self.activities.count() + activities]
    }

    /// Locations by diversity.
    pub fn locations(&self) -> &Classes {
        &self.locations
    }

    /// Activities by ubiquity.
    pub fn activities(&self) -> &Classes {
        &self.activities
    }

    /// Cells that are the same in every matrix with these margins.
    pub fn forced(&self) -> usize {
        self.forced
    }

    /// Largest error of an expected diversity or ubiquity, relative as in [`Params::tolerance`].
    pub fn worst_error(&self) -> f64 {
        self.worst
    }

    /// Newton steps of all free blocks.
    pub fn steps(&self) -> usize {
        self.steps
    }

    /// A random matrix of the model: sample `index` of `seed`.
    ///
    /// Two layers (science and technology, say) sampled with one seed must differ in `layer` of [`Self::sample_of`], or
    /// their cells would come from the same random numbers and look related.
    pub fn sample(&self, seed: Seed, index: u64) -> Presence {
        self.sample_of("", seed, index)
    }

    /// Sample `index` of `seed` for the layer of this name.
    pub fn sample_of(&self, layer: &str, seed: Seed, index: u64) -> Presence {
        let mut stream = seed.stream(&format!("null.bicm/{layer}"), index);
        let (l, a) = (self.locations.of.len(), self.activities.of.len());
        let mut cells = Vec::with_capacity(l * a);
        for row in &self.locations.of {
            for column in &self.activities.of {
                let p = self.class_probability(*row as usize, *column as usize);
                cells.push(stream.random::<f64>() < p);
            }
        }
        Presence::from_fn(l, a, |location, activity| cells[location * a + activity])
    }

    /// The model of M'.
    #[must_use]
    pub fn transposed(&self) -> Self {
        let (n, m) = (self.locations.count(), self.activities.count());
        Self {
            locations: self.activities.clone(),
            activities: self.locations.clone(),
            probability: (0..n * m)
                .map(|k| self.probability[(k % n) * m + k / n])
                .collect(),
            ..*self
        }
    }
}

/// Solves the model for the diversities and ubiquities of `m`.
///
/// # Errors
/// `Parameter` for a tolerance outside (0, 1); `Refused` (`null.not_converged`) where the tolerance is not met.
pub fn solve(m: &Presence, params: &Params) -> Result<Bicm, NullError> {
    check_tolerance(params.tolerance)?;
    let locations = Classes::new(m.diversity());
    let activities = Classes::new(m.ubiquity());
    let mut model = Bicm {
        probability: vec![0.0; locations.count() * activities.count()],
        forced: m.locations() * m.activities(),
        worst: 0.0,
        steps: 0,
        locations,
        activities,
    };
    let cuts = cuts(&model.locations, &model.activities);
    for (from, to) in cuts.iter().zip(&cuts[1..]) {
        model.solve_block(*from, *to, params)?;
    }
    Ok(model)
}

/// A number of most diverse locations at which the Gale–Ryser inequality is an equality.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Cut {
    /// Locations above the cut.
    count: u32,
    /// Their classes are those from here upwards.
    class: usize,
}

/// All cuts, from none of the locations to all of them.
fn cuts(locations: &Classes, activities: &Classes) -> Vec<Cut> {
    let most = |k: u32| -> u64 {
        let each = activities.degree.iter().zip(&activities.size);
        each.map(|(u, n)| u64::from(*n) * u64::from(k.min(*u)))
            .sum()
    };
    let mut cuts = vec![Cut {
        count: 0,
        class: locations.count(),
    }];
    let (mut count, mut ones) = (0, 0_u64);
    for class in (0..locations.count()).rev() {
        count += locations.size[class];
        ones += u64::from(locations.size[class]) * u64::from(locations.degree[class]);
        if ones == most(count) {
            cuts.push(Cut { count, class });
        }
    }
    cuts
}

impl Bicm {
    /// Fills the rows between two cuts.
    fn solve_block(&mut self, from: Cut, to: Cut, params: &Params) -> Result<(), NullError> {
        let width = self.activities.count();
        let rows = to.class..from.class;
        // u ≤ from: only above this block; u ≥ to: in every location down to here.
        let first = self.activities.degree.partition_point(|u| *u <= from.count);
        let last = self
            .activities
            .degree
            .partition_point(|u| *u < to.count)
            .max(first);
        for row in rows.clone() {
            self.probability[row * width + last..(row + 1) * width].fill(1.0);
        }
        let columns = first..last;
        if columns.is_empty() || rows.is_empty() {
            return Ok(());
        }
        let full: u32 = self.activities.size[last..].iter().sum();
        let row_size = &self.locations.size[rows.clone()];
        let column_size = &self.activities.size[columns.clone()];
        let margins = Margins {
            family: Family::Bernoulli,
            weights: row_size
                .iter()
                .flat_map(|m| {
                    column_size
                        .iter()
                        .map(move |n| f64::from(*m) * f64::from(*n))
                })
                .collect(),
            rows: rows
                .clone()
                .zip(row_size)
                .map(|(class, m)| f64::from(*m) * f64::from(self.locations.degree[class] - full))
                .collect(),
            columns: columns
                .clone()
                .zip(column_size)
                .map(|(class, n)| {
                    f64::from(*n) * f64::from(self.activities.degree[class] - from.count)
                })
                .collect(),
        };
        let found = margins.solve(params.tolerance, params.steps);
        self.steps += found.steps;
        self.worst = self.worst.max(found.worst);
        if found.worst.is_nan() || found.worst > params.tolerance {
            return Err(not_converged(found.worst, found.steps, params.tolerance));
        }
        for (row, theta) in rows.zip(&found.rows) {
            for (column, phi) in columns.clone().zip(&found.columns) {
                self.probability[row * width + column] = Family::Bernoulli.moments(theta + phi).0;
            }
        }
        let block = |sizes: &[u32]| sizes.iter().map(|n| *n as usize).sum::<usize>();
        self.forced -= block(row_size) * block(column_size);
        Ok(())
    }
}
