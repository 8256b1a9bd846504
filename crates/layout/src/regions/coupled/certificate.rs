//! The certificate of a bound, and its check without a solver.
//!
//! A bound is the price term plus, for each region, the largest of what its leaves prove. The certificate holds
//! the prices, the cuts by kind and position, and for each leaf what was fixed and the multipliers p >= 0 of its
//! rows. The check rebuilds every row from the question, refuses cuts that are not valid, sees that the leaves
//! cover all plans of the region, and recomputes every bound in whole numbers: it needs neither the solver nor
//! its arithmetic (weak duality; Neumaier & Shcherbina 2004, Mathematical Programming 99).

use model::Message;
use serde::{Deserialize, Serialize};

use super::block::{Block, FIXED, LARGEST_PRICE, Prices, RowLe, proven};
use super::branch::{LARGEST_MULTIPLIER, Tree};
use super::cuts::Cut;
use super::dense::{Dense, Hosts};
use crate::regions::instance::Instance;
use crate::regions::program::program;
use crate::regions::solve::Assignment;

/// Names the format; another one is refused.
pub const CERTIFICATE_FORMAT: &str = "forelay-layout-certificate/1";

/// All that is needed to prove the bound again.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Certificate {
    pub format: String,
    pub plan: Assignment,
    pub objective: f64,
    pub bound: f64,
    /// l_i, in multiples of 2^-20 of the unit of the scores, industries in the order of their ids.
    industry_prices: Vec<i64>,
    /// π_g, likewise.
    region_prices: Vec<i64>,
    blocks: Vec<BlockProof>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct BlockProof {
    cuts: Vec<Cut>,
    leaves: Vec<LeafProof>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct LeafProof {
    fixed: Vec<(u32, u8)>,
    multipliers: Vec<(u32, i64)>,
}

/// What a check has proved.
#[derive(Debug, Clone, PartialEq)]
pub struct Checked {
    pub objective: f64,
    pub bound: f64,
    pub leaves: usize,
}

impl Certificate {
    pub(crate) fn new(
        prices: &Prices,
        trees: &[Tree],
        plan: Assignment,
        objective: f64,
        bound: f64,
    ) -> Self {
        Self {
            format: CERTIFICATE_FORMAT.to_owned(),
            plan,
            objective,
            bound,
            industry_prices: prices.industry.clone(),
            region_prices: prices.region.clone(),
            blocks: trees.iter().map(proof).collect(),
        }
    }
}

/// The tree's leaves, with the cuts that a leaf uses and no others.
fn proof(tree: &Tree) -> BlockProof {
    let base = tree.block.rows.len();
    let mut used = vec![false; tree.rows.len()];
    for leaf in &tree.leaves {
        for (r, _) in &leaf.multipliers {
            used[*r as usize] = true;
        }
    }
    let mut number = vec![0_u32; tree.rows.len()];
    let mut cuts = Vec::new();
    for r in 0..tree.rows.len() {
        if r < base {
            number[r] = r as u32;
        } else if used[r] {
            number[r] = (base + cuts.len()) as u32;
            cuts.push(tree.cuts[r - base].clone());
        }
    }
    let leaves = tree
        .leaves
        .iter()
        .map(|leaf| LeafProof {
            fixed: leaf.fixed.clone(),
            multipliers: leaf
                .multipliers
                .iter()
                .map(|(r, p)| (number[*r as usize], *p))
                .collect(),
        })
        .collect();
    BlockProof { cuts, leaves }
}

/// From 1 / FIXED of the unit to the unit of the question, rounded down to a whole number where all scores
/// are whole, else up in the last digit.
pub(crate) fn total_bound(dense: &Dense, fixed: i128) -> f64 {
    if dense.whole {
        return fixed.div_euclid(i128::from(FIXED)) as f64;
    }
    let up = fixed.div_euclid(i128::from(FIXED)) + 1;
    let value = up as f64 / dense.unit;
    value + value.abs() * f64::EPSILON
}

/// Proves the certificate's bound and value again from the question, or says what is wrong with it.
pub fn check(instance: &Instance, certificate: &Certificate) -> Result<Checked, Vec<Message>> {
    let problems = instance.problems();
    if !problems.is_empty() {
        return Err(problems);
    }
    let dense = Dense::new(instance, &program(instance));
    let mut wrong = Vec::new();
    if certificate.format != CERTIFICATE_FORMAT {
        wrong.push(
            Message::new("regions.certificate.format").with("format", certificate.format.as_str()),
        );
        return Err(wrong);
    }
    match hosts(&dense, &certificate.plan).filter(|h| dense.keeps_rules(h)) {
        None => wrong.push(Message::new("regions.certificate.plan")),
        Some(hosts) => {
            let objective = dense.objective(&hosts);
            let slack = 1e-9 * objective.abs().max(1.0);
            // Written so that a claim that is no number is wrong too.
            let kept = (objective - certificate.objective).abs() <= slack;
            if !kept {
                wrong.push(
                    Message::new("regions.certificate.objective")
                        .with("claimed", certificate.objective)
                        .with("found", objective),
                );
            }
        }
    }
    let prices = Prices {
        industry: certificate.industry_prices.clone(),
        region: certificate.region_prices.clone(),
    };
    let limit = |x: &i64| x.unsigned_abs() < LARGEST_PRICE.unsigned_abs();
    let phi = (dense.fairness * FIXED as f64).ceil() as i128;
    let shared: i128 = prices.region.iter().map(|p| i128::from(*p)).sum();
    let priced = prices.industry.len() == dense.ni()
        && prices.region.len() == dense.regions.len()
        && prices.industry.iter().all(limit)
        && prices.region.iter().all(|p| *p >= 0 && limit(p))
        && shared >= phi
        && prices.fit(&dense);
    if !priced || certificate.blocks.len() != dense.regions.len() {
        wrong.push(Message::new("regions.certificate.prices"));
        return Err(wrong);
    }
    let mut total = prices.national_term(&dense);
    let mut leaves = 0;
    for (g, proof) in certificate.blocks.iter().enumerate() {
        match block_bound(&dense, g, &prices, proof) {
            Ok(bound) => total += bound,
            Err(what) => wrong.push(
                Message::new(format!("regions.certificate.{what}"))
                    .with("region", dense.regions[g].entity()),
            ),
        }
        leaves += proof.leaves.len();
    }
    let bound = total_bound(&dense, total);
    let kept = certificate.bound >= bound;
    if wrong.is_empty() && !kept {
        wrong.push(
            Message::new("regions.certificate.bound")
                .with("claimed", certificate.bound)
                .with("found", bound),
        );
    }
    if wrong.is_empty() {
        Ok(Checked {
            objective: certificate.objective,
            bound: certificate.bound,
            leaves,
        })
    } else {
        Err(wrong)
    }
}

/// The plan by positions; nothing if it names what the question does not.
pub(crate) fn hosts(dense: &Dense, plan: &Assignment) -> Option<Hosts> {
    let mut hosts: Hosts = vec![Vec::new(); dense.nc()];
    for (cluster, list) in plan {
        let c = dense.clusters.binary_search(cluster).ok()?;
        for industry in list {
            hosts[c].push(dense.industries.binary_search(industry).ok()? as u16);
        }
        hosts[c].sort_unstable();
    }
    Some(hosts)
}

fn block_bound(
    dense: &Dense,
    g: usize,
    prices: &Prices,
    proof: &BlockProof,
) -> Result<i128, &'static str> {
    let block = Block::new(dense, g);
    let mut rows: Vec<RowLe> = block.rows.clone();
    for cut in &proof.cuts {
        rows.push(cut.row(dense, &block).ok_or("cut")?);
    }
    let gains = block.gains(dense, prices);
    let standing = block.bounds(dense);
    let paths: Vec<&[(u32, u8)]> = proof.leaves.iter().map(|l| &l.fixed[..]).collect();
    if !covers(&paths, 0) {
        return Err("leaves");
    }
    let mut bound: Option<i128> = None;
    for leaf in &proof.leaves {
        let mut bounds = standing.clone();
        for (v, value) in &leaf.fixed {
            let place = bounds.get_mut(*v as usize).ok_or("leaves")?;
            // A column that a commitment holds at 1 cannot be 0: such a leaf holds no plan, and says more
            // than is true only if its bound is looser.
            *place = (*value, *value);
        }
        let sound = leaf
            .multipliers
            .iter()
            .all(|(r, p)| (*r as usize) < rows.len() && *p >= 0 && *p < LARGEST_MULTIPLIER);
        if !sound {
            return Err("multipliers");
        }
        let proved = proven(&gains, &bounds, &leaf.multipliers, |r| &rows[r as usize]);
        bound = Some(bound.map_or(proved, |b| b.max(proved)));
    }
    bound.ok_or("leaves")
}

/// Do the leaves split all plans? Each inner node fixes one column to 0 on one side and to 1 on the other.
fn covers(paths: &[&[(u32, u8)]], depth: usize) -> bool {
    if let [only] = paths {
        return only.len() == depth;
    }
    let Some(first) = paths.first().and_then(|p| p.get(depth)) else {
        return false;
    };
    let (mut zero, mut one) = (Vec::new(), Vec::new());
    for path in paths {
        match path.get(depth) {
            Some((v, 0)) if *v == first.0 => zero.push(*path),
            Some((v, 1)) if *v == first.0 => one.push(*path),
            _ => return false,
        }
    }
    covers(&zero, depth + 1) && covers(&one, depth + 1)
}
