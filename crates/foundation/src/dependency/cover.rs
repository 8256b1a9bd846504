//! The smallest set of capabilities that covers a wanted share of the exposure, whatever the exposures are within
//! their ranges.
//!
//! Product p is exposed by x_p in [low_p, high_p]; choice j costs c_j and covers the products S_j (a capability can
//! serve several products, a product can be served by several capabilities). A set J is **robust** if it covers the
//! share W in the worst case, covered products at their low end and all others at their high end:
//!
//! ```text
//! Σ_cov low_p ≥ W (Σ_cov low_p + Σ_unc high_p)   ⟺   Σ_cov [(1 - W) low_p + W high_p] ≥ W Σ high_p
//! min Σ_{j∈J} c_j   subject to the above
//! ```
//!
//! so that robustness costs nothing: it is a partial weighted set cover with other weights. Solved by branch and bound:
//! what a choice adds never grows as others are taken (submodularity), so filling the need with the best ratios of
//! gain to cost, the last one in part, bounds every completion from below. All costs whole: the bound is rounded up.
//! Where every choice covers its own product at cost 1, taking the largest weights first is already optimal.

mod search;

use model::{Basis, Estimate, Message, Quantity, Refusal};
use serde::{Deserialize, Serialize};

use search::Problem;

use super::refuse;

/// Value at stake in one product, ≥ 0.
#[derive(Debug, Clone, PartialEq)]
pub struct Exposure {
    pub product: String,
    pub exposure: Quantity,
}

/// A capability that could be built.
#[derive(Debug, Clone, PartialEq)]
pub struct Choice {
    pub id: String,
    /// > 0; 1 each for the smallest number.
    pub cost: f64,
    /// Positions in the list of exposures.
    pub covers: Vec<usize>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct CoverParams {
    /// Share of the exposure to cover, above 0, at most 1.
    pub share: f64,
    /// Most branches to look at; the gap says what is then unproved.
    pub most_nodes: usize,
}

impl Default for CoverParams {
    fn default() -> Self {
        Self {
            share: 0.5,
            most_nodes: 20_000,
        }
    }
}

#[derive(Debug, Clone, PartialEq)]
pub struct Cover {
    /// Ids, ascending.
    pub choices: Vec<String>,
    /// Products that they cover, ascending.
    pub products: Vec<String>,
    pub cost: f64,
    /// No set costs less.
    pub bound: f64,
    /// cost - bound; 0 if proved optimal.
    pub gap: f64,
    /// Share of the estimated exposure covered; its low end is at least the wanted share.
    pub share: Estimate,
    /// Products whose exposure is not estimated: in no share.
    pub not_estimated: Vec<String>,
    /// Branches looked at.
    pub nodes: usize,
}

/// One choice for each product, at cost 1: the smallest set of products.
pub fn one_each(exposures: &[Exposure]) -> Vec<Choice> {
    exposures
        .iter()
        .enumerate()
        .map(|(p, e)| Choice {
            id: e.product.clone(),
            cost: 1.0,
            covers: vec![p],
        })
        .collect()
}

/// The cheapest robust set. Refused where nothing is estimated, costs or shares make no sense, or all choices together
/// do not cover the share.
pub fn smallest_cover(
    exposures: &[Exposure],
    choices: &[Choice],
    params: &CoverParams,
) -> Result<Cover, Box<Refusal>> {
    check(exposures, choices, params)?;
    let known: Vec<Option<Estimate>> = exposures.iter().map(|e| e.exposure.estimate()).collect();
    let most: f64 = known.iter().flatten().map(|e| e.high).sum();
    if most <= 0.0 {
        return Err(refuse(
            "no_exposure",
            Message::new("dependency.no_exposure"),
            Message::new("dependency.no_exposure.needed"),
        ));
    }
    let w = params.share;
    let mut order: Vec<&Choice> = choices.iter().collect();
    order.sort_by(|a, b| a.id.cmp(&b.id));
    let problem = Problem {
        weights: known
            .iter()
            .map(|e| e.map_or(0.0, |e| (1.0 - w) * e.low + w * e.high))
            .collect(),
        // A need that is met up to rounding is met.
        need: w * most * (1.0 - 1e-12),
        costs: order.iter().map(|c| c.cost).collect(),
        covers: order.iter().map(|c| c.covers.clone()).collect(),
        whole: order.iter().all(|c| c.cost.fract() == 0.0),
    };
    let Some(solution) = problem.solve(params.most_nodes) else {
        return Err(refuse(
            "cannot_cover",
            Message::new("dependency.cannot_cover").with("share", w),
            Message::new("dependency.cannot_cover.needed"),
        ));
    };
    let covered = problem.covered(&solution.chosen);
    let sum = |inside: bool, pick: fn(&Estimate) -> f64| -> f64 {
        known
            .iter()
            .zip(&covered)
            .filter(|(_, c)| **c == inside)
            .filter_map(|(e, _)| e.as_ref().map(pick))
            .sum()
    };
    let share = |ours: f64, rest: f64| {
        if ours > 0.0 {
            ours / (ours + rest)
        } else {
            0.0
        }
    };
    let named = |keep: &dyn Fn(usize) -> bool| -> Vec<String> {
        let mut names: Vec<String> = (0..exposures.len())
            .filter(|p| keep(*p))
            .map(|p| exposures[p].product.clone())
            .collect();
        names.sort_unstable();
        names
    };
    Ok(Cover {
        choices: solution
            .chosen
            .iter()
            .map(|j| order[*j].id.clone())
            .collect(),
        products: named(&|p| covered[p]),
        cost: solution.cost,
        bound: solution.bound,
        gap: (solution.cost - solution.bound).max(0.0),
        share: Estimate::spanning(
            share(sum(true, |e| e.value), sum(false, |e| e.value)),
            share(sum(true, |e| e.low), sum(false, |e| e.high)),
            share(sum(true, |e| e.high), sum(false, |e| e.low)),
            known
                .iter()
                .flatten()
                .fold(Basis::Derived, |b, e| b.and(e.basis)),
        ),
        not_estimated: named(&|p| known[p].is_none()),
        nodes: solution.nodes,
    })
}

fn check(
    exposures: &[Exposure],
    choices: &[Choice],
    params: &CoverParams,
) -> Result<(), Box<Refusal>> {
    let sound = params.share > 0.0
        && params.share <= 1.0
        && choices.iter().all(|c| {
            c.cost.is_finite() && c.cost > 0.0 && c.covers.iter().all(|p| *p < exposures.len())
        })
        && exposures
            .iter()
            .filter_map(|e| e.exposure.estimate())
            .all(|e| e.low >= 0.0);
    if sound {
        Ok(())
    } else {
        Err(refuse(
            "bad_cover",
            Message::new("dependency.bad_cover"),
            Message::new("dependency.bad_cover.needed"),
        ))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn exposure(product: usize, low: f64, high: f64) -> Exposure {
        Exposure {
            product: format!("p{product}"),
            exposure: Estimate::spanning(f64::midpoint(low, high), low, high, Basis::Derived)
                .into(),
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(400))]
        /// Against all subsets: the same cost, and a cover that holds at every corner of the ranges.
        #[test]
        fn equal_to_brute_force(
            ranges in proptest::collection::vec((0.0f64..5.0, 0.0f64..3.0), 1..8),
            sets in proptest::collection::vec((1u32..256, 1u32..6, any::<bool>()), 1..9),
            share in 0.05f64..1.0, unit in any::<bool>(),
        ) {
            let exposures: Vec<Exposure> = ranges.iter().enumerate()
                .map(|(p, (low, width))| exposure(p, *low, low + width)).collect();
            let choices: Vec<Choice> = sets.iter().enumerate().map(|(j, (bits, cost, half))| Choice {
                id: format!("c{j}"),
                cost: if unit { 1.0 } else { f64::from(*cost) + if *half { 0.5 } else { 0.0 } },
                covers: (0..exposures.len()).filter(|p| bits >> p & 1 == 1).collect(),
            }).collect();
            let params = CoverParams { share, ..CoverParams::default() };
            let worst = |subset: u32| -> (f64, f64) {
                let covered: Vec<bool> = (0..exposures.len()).map(|p| choices.iter().enumerate()
                    .any(|(j, c)| subset >> j & 1 == 1 && c.covers.contains(&p))).collect();
                let inside: f64 = ranges.iter().zip(&covered).filter(|(_, c)| **c).map(|(r, _)| r.0).sum();
                let outside: f64 = ranges.iter().zip(&covered).filter(|(_, c)| !**c).map(|(r, _)| r.0 + r.1).sum();
                (inside, inside + outside)
            };
            let best = (0..1u32 << choices.len())
                .filter(|subset| { let (low, all) = worst(*subset); low >= share * all - 1e-9 && all > 0.0 })
                .map(|subset| choices.iter().enumerate().filter(|(j, _)| subset >> j & 1 == 1).map(|(_, c)| c.cost).sum::<f64>())
                .fold(f64::INFINITY, f64::min);
            match smallest_cover(&exposures, &choices, &params) {
                Ok(found) => {
                    prop_assert!((found.cost - best).abs() < 1e-9, "{} against {best}", found.cost);
                    prop_assert!(found.gap < 1e-9);
                    prop_assert!(found.share.low >= share - 1e-9);
                }
                Err(refusal) => prop_assert!(best.is_infinite(), "{} but {best} is possible", refusal.code),
            }
        }
    }

    #[test]
    fn independent_products_largest_first_and_unknown_ones_listed() {
        let mut exposures: Vec<Exposure> = (0..6)
            .map(|p| exposure(p, f64::from(1 << p as u32), f64::from(1 << p as u32)))
            .collect::<Vec<_>>();
        exposures.push(Exposure {
            product: "q".to_owned(),
            exposure: Quantity::not_estimated(Message::new("x")),
        });
        let cover = smallest_cover(
            &exposures,
            &one_each(&exposures),
            &CoverParams {
                share: 0.7,
                ..CoverParams::default()
            },
        )
        .expect("a cover");
        assert_eq!(cover.products, ["p4", "p5"], "48 of 63");
        assert_eq!(cover.not_estimated, ["q"]);
        assert!(cover.gap < 1e-12 && (cover.share.value - 48.0 / 63.0).abs() < 1e-12);
    }

    #[test]
    fn a_cut_search_says_its_gap() {
        // Pairs that overlap: greedy and bound differ at the root.
        let exposures: Vec<Exposure> = (0..9).map(|p| exposure(p, 1.0, 1.0)).collect();
        let choices: Vec<Choice> = (0..9)
            .map(|j| Choice {
                id: format!("c{j}"),
                cost: 1.3,
                covers: vec![j, (j + 1) % 9],
            })
            .collect();
        let params = CoverParams {
            share: 1.0,
            most_nodes: 1,
        };
        let cut = smallest_cover(&exposures, &choices, &params).expect("a cover");
        let full = smallest_cover(
            &exposures,
            &choices,
            &CoverParams {
                share: 1.0,
                ..CoverParams::default()
            },
        )
        .expect("a cover");
        assert!((full.cost - 6.5).abs() < 1e-9 && full.gap < 1e-9);
        assert!(cut.bound <= full.cost && cut.gap > 0.0);
    }
}
