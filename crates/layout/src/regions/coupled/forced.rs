//! Why this and why not that, in a coupled layout: what forcing a pair in or out costs, between certified ends.
//!
//! Only the block of the pair's region changes at fixed national prices. With B_g, h_g the bound and the best plan
//! of the block, and B, h those of the block with the pair forced,
//!
//! ```text
//! at the national prices the region loses   [max(0, h_g - B), B_g - h]
//! the nation loses                          [max(0, plan - (UB - B_g + B)), plan - best plan found with the pair forced]
//! ```
//!
//! The second is often 0 at its lower end, because the national gap hides a single pair: the first is the one to
//! read. Upper ends come from annealing with the pair held.

use model::{Cluster, Industry, Message, Seed};

use super::anneal::{Cooling, Field, Scope};
use super::block::{FIXED, Var};
use super::branch::Tree;
use super::dense::{Dense, Hosts};
use super::prices::{Centre, rng};
use super::search::assignment;
use crate::regions::explain::{Move, Question, moves};

/// What a choice is worth, in the unit of the question.
#[derive(Debug, Clone, PartialEq)]
pub struct Worth {
    pub cluster: Cluster,
    pub industry: Industry,
    /// A pair of the plan is asked "why this", another "why not that".
    pub question: Question,
    /// What the region loses at the national prices if the answer is turned round: at least, at most. None: no
    /// plan of the region was found.
    pub region_loses: (f64, Option<f64>),
    /// What the nation loses.
    pub nation_loses: (f64, Option<f64>),
    /// Of the best national plan found with the answer turned round, against the plan: suitability and links.
    pub suitability_change: Option<f64>,
    pub link_change: Option<f64>,
    pub moves: Vec<Move>,
}

impl Worth {
    /// The answer as a sentence.
    pub fn message(&self) -> Message {
        let question = match self.question {
            Question::WhyThis => "why_this",
            Question::WhyNotThat => "why_not_that",
        };
        let (low, high) = self.region_loses;
        let verdict = match high {
            None => "settled",
            Some(_) if low > 0.0 => "costs",
            Some(_) => "equivalent",
        };
        let (nation_low, nation_high) = self.nation_loses;
        let nation = match nation_high {
            Some(high) => Message::new("regions.worth.between")
                .with("low", nation_low)
                .with("high", high),
            None => Message::new("regions.worth.at_least").with("low", nation_low),
        };
        let message = Message::new(format!("regions.worth.{question}.{verdict}"))
            .with("nation", nation)
            .with("cluster", self.cluster.entity())
            .with("industry", self.industry.entity())
            .with("low", low);
        high.into_iter()
            .fold(message, |m, high| m.with("high", high))
    }
}

/// Nodes of the block with the pair forced, and annealing steps.
const NODES: usize = 12;
const REGION_STEPS: u64 = 200_000;
const NATION_STEPS: u64 = 2_000_000;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Force {
    In,
    Out,
}

pub(crate) struct Asked<'a> {
    pub dense: &'a Dense,
    pub centre: &'a Centre,
    pub trees: &'a [Tree],
    pub plan: &'a Hosts,
    /// In 1 / FIXED.
    pub fixed_bound: i128,
    pub seed: Seed,
}

/// Nothing if the question does not hold the pair.
pub(crate) fn worth(asked: &Asked, cluster: &Cluster, industry: &Industry) -> Option<Worth> {
    let dense = asked.dense;
    let c = dense.clusters.binary_search(cluster).ok()?;
    let i = dense.industries.binary_search(industry).ok()?;
    let hosted = asked.plan[c].contains(&(i as u16));
    let (force, question) = if hosted {
        (Force::Out, Question::WhyThis)
    } else {
        (Force::In, Question::WhyNotThat)
    };
    let units = |x: i128| x as f64 / FIXED as f64 / dense.unit;
    let g = dense.region[c];
    let tree = &asked.trees[g];
    let prices = &asked.centre.prices;
    let label = format!("regions/forced/{cluster}/{industry}");
    let settled = dense.fixed[c * dense.ni() + i] || !dense.open[c * dense.ni() + i];
    let mut found = Worth {
        cluster: cluster.clone(),
        industry: industry.clone(),
        question,
        region_loses: (0.0, None),
        nation_loses: (0.0, None),
        suitability_change: None,
        link_change: None,
        moves: Vec::new(),
    };
    if settled {
        return Some(found);
    }
    let members = dense.clusters_of_region[g].clone();
    let priced = |c: usize, i: usize| prices.float_gain(dense, c, i);
    let with = annealed(
        dense,
        Scope::Region,
        members,
        &priced,
        asked.plan,
        (c, i),
        force,
        REGION_STEPS,
        asked.seed,
        &label,
    );
    let largest = tree.gains.iter().fold(FIXED, |m, g| m.max(g.abs()));
    let far = tree.incumbent - i128::from(largest) * 50;
    let value = with.as_ref().map_or(far, |hosts| tree.value(dense, hosts));
    let v = tree.block.var(Var::Host(c, i))?;
    let mut forced = tree.forced(dense, g, prices, (v, u8::from(force == Force::In)), value);
    forced.root(dense);
    for _ in 0..NODES {
        forced.step(dense);
    }
    let bound = forced.bound().min(tree.bound());
    let best = forced.incumbent;
    found.region_loses = (
        units((tree.incumbent - bound).max(0)),
        (best > far).then(|| units((tree.bound() - best).max(0))),
    );
    let plan_value =
        |hosts: &Hosts| dense.value(0..dense.nc(), hosts) as f64 + dense.fairness_value(hosts);
    let national_bound = units(asked.fixed_bound - tree.bound() + bound);
    let worth = plan_value(asked.plan) / dense.unit;
    found.nation_loses.0 = (worth - national_bound).max(0.0);
    let all = (0..dense.nc()).collect();
    let raw = |c: usize, i: usize| dense.score[c * dense.ni() + i] as f64;
    let other = annealed(
        dense,
        Scope::Nation,
        all,
        &raw,
        asked.plan,
        (c, i),
        force,
        NATION_STEPS,
        asked.seed,
        &label,
    );
    if let Some(hosts) = other {
        let (before, after) = (dense.objective(asked.plan), dense.objective(&hosts));
        let suits = dense.suitability(&hosts) - dense.suitability(asked.plan);
        found.nation_loses.1 = Some((before - after).max(found.nation_loses.0));
        found.suitability_change = Some(suits);
        found.link_change = Some(after - before - suits);
        found.moves = moves(&assignment(dense, asked.plan), &assignment(dense, &hosts));
    }
    Some(found)
}

/// The best plan found with the pair in (out): a premium on it brings it in, then it is held.
#[allow(
    clippy::too_many_arguments,
    reason = "each is a different part of the state"
)]
fn annealed(
    dense: &Dense,
    scope: Scope,
    clusters: Vec<usize>,
    score: &dyn Fn(usize, usize) -> f64,
    start: &Hosts,
    pair: (usize, usize),
    force: Force,
    steps: u64,
    seed: Seed,
    label: &str,
) -> Option<Hosts> {
    let largest = dense
        .score
        .iter()
        .fold(1.0_f64, |m, s| m.max(s.abs() as f64));
    let premium = if force == Force::In { 10.0 } else { -10.0 } * largest;
    let pushed = Field::new(dense, clusters.clone(), scope, |c, i| {
        score(c, i) + if (c, i) == pair { premium } else { 0.0 }
    });
    let index = |stage: u64| stage * 2 + u64::from(scope == Scope::Nation);
    let cool = |steps, from| Cooling {
        steps,
        from,
        to: 0.002,
    };
    let (_, first) = pushed.anneal(
        start,
        cool(steps / 2, 0.05),
        &mut rng(seed, label, index(0)),
    );
    let holds = first[pair.0].contains(&(pair.1 as u16));
    if holds != (force == Force::In) {
        return None;
    }
    let mut field = Field::new(dense, clusters, scope, score);
    field.hold(pair.0, pair.1);
    Some(
        field
            .anneal(&first, cool(steps, 0.03), &mut rng(seed, label, index(1)))
            .1,
    )
}
