//! Who is not covered, and why.

use serde::{Deserialize, Serialize};

use super::locate::Located;
use super::problem::Problem;

/// Why a demand is not covered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    /// No place, suitable or not, lies within the radius as often as asked for.
    Nobody,
    /// Places lie near enough, but too few of them are suitable.
    Unsuitable,
    /// There are places; the number of sites or the budget goes where it covers more.
    Budget,
}

impl Why {
    /// The catalogue code.
    pub fn code(self) -> &'static str {
        match self {
            Self::Nobody => "unserved.nobody",
            Self::Unsuitable => "unserved.unsuitable",
            Self::Budget => "unserved.budget",
        }
    }
}

#[derive(Debug, Clone, PartialEq)]
pub struct Uncovered {
    pub demand: String,
    pub weight: f64,
    /// Open sites within the radius.
    pub within: usize,
    /// Suitable places within the radius.
    pub possible: usize,
    pub why: Why,
}

/// Demands that fewer than `times` of the sites reach within `radius`. `suitable` is what was solved, `all` the problem with
/// the places that were left out for their suitability.
pub fn uncovered(
    all: &Problem,
    suitable: &Problem,
    located: &Located,
    radius: f64,
    times: usize,
) -> Vec<Uncovered> {
    let near = |problem: &Problem, i: usize| -> Vec<usize> {
        (0..problem.candidates.len())
            .filter(|j| problem.distance[i][*j] <= radius)
            .collect()
    };
    let mut found = Vec::new();
    for (i, demand) in all.demands.iter().enumerate() {
        let possible = near(suitable, i);
        let open = |j: &&usize| located.sites.contains(&suitable.candidates[**j].id);
        let within = possible.iter().filter(open).count();
        if within < times.max(1) {
            let why = if near(all, i).len() < times.max(1) {
                Why::Nobody
            } else if possible.len() < times.max(1) {
                Why::Unsuitable
            } else {
                Why::Budget
            };
            found.push(Uncovered {
                demand: demand.id.clone(),
                weight: demand.weight,
                within,
                possible: possible.len(),
                why,
            });
        }
    }
    found.sort_by(|a, b| a.demand.cmp(&b.demand));
    found
}
