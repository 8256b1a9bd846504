//! What chain links do to the layout: the rules of `layout.regions`, with and without a reward for a region that hosts a
//! supplying industry together with the industry it supplies.
//!
//! What a link is worth beside the strength of a cluster is an assumption of the study, with a range: the layout is sought
//! without links and at their low, central and high value. Which of these is the plan, the study says.

mod alternatives;

use std::collections::{BTreeMap, BTreeSet};

use layout::regions::{
    Alternatives, AlternativesParams, Assignment, CertifyParams, Instance, NearBestParams,
    NearLayout, Plan, RulesFrom, SolveParams, Unsolved, Wishes, certified_with, near_best, solve,
};
use model::{
    Basis, Cell, Cluster, Estimate, Industry, Message, Origin, Refusal, Region, ResultTable, RowRef,
};
use serde_json::{Value, json};

use super::{code, parameters, regions};
use crate::config::{Config, LinkSection};
use crate::engine::output::StepOutput;
use crate::engine::step::Context;
use crate::inputs::links::{Links, links, weighed};
use crate::scenario::Scenario;

pub const READS: [&str; 4] = ["chains", "chain_nodes", "chain_links", "clusters"];

/// Placements in which two layouts side by side differ, at least.
const APART: usize = 2;
/// Work of the proofs for all layouts near the best one: seconds of two cores that its schedule is made for; no clock stops it.
const SCHEDULE_SECONDS: f64 = 4.0;

pub fn params(config: &Config, scenarios: &[Scenario]) -> Value {
    json!({ "regions": regions::params(config, scenarios), "exclude": config.chain.exclude })
}

pub fn run(context: &Context) -> StepOutput {
    let mut output = StepOutput::default();
    let Some(settings) = context.config.regions.links else {
        output.refusals.push(refusal("linked.not_asked"));
        return output;
    };
    let (instance, _) = regions::unlinked(context);
    let known: BTreeSet<&Industry> = instance.industries.iter().map(|i| &i.industry).collect();
    let links = links(context.evidence, context.config, &known);
    if instance.clusters.is_empty() || links.is_empty() {
        output.refusals.push(refusal("linked.no_links"));
        return output;
    }
    match found(context, &instance, &links, settings) {
        Ok(found) => output.tables = tables(&instance, &links, &found),
        Err(unsolved) => {
            let question = Message::new("linked.question");
            output
                .refusals
                .push(unsolved.refusal(question, RulesFrom::Study));
        }
    }
    output
}

fn refusal(id: &str) -> Refusal {
    Refusal {
        code: id.to_owned(),
        question: Message::new("linked.question"),
        reason: Message::new(id),
        needed: Message::new(format!("{id}.needed")),
    }
}

struct Found {
    /// Without links, then at the low, central and high weight.
    at: [(&'static str, f64, Plan); 4],
    /// At the central weight: what holds for every layout near the best one, and some of them, the best first.
    proofs: Alternatives,
    near: Vec<NearLayout>,
}

fn found(
    context: &Context,
    instance: &Instance,
    links: &Links,
    settings: LinkSection,
) -> Result<Found, Unsolved> {
    let with = |weight: f64| Instance {
        links: weighed(links, weight),
        ..instance.clone()
    };
    let at = |name, weight: f64| -> Result<_, Unsolved> {
        Ok((name, weight, solve(&with(weight), &SolveParams::default())?))
    };
    let weight = settings.weight;
    let params = CertifyParams {
        seed: context.config.study.seed,
        time_limit_seconds: None,
        relative_gap: 1e-4,
        ..CertifyParams::within(SCHEDULE_SECONDS, instance)
    };
    let wishes = Wishes {
        alternatives: Some(AlternativesParams {
            layouts: 1,
            within: settings.within,
            disturbed: 0,
            ..AlternativesParams::default()
        }),
        ..Wishes::default()
    };
    let central = with(weight.value);
    let (_, answers) = certified_with(&central, &params, &wishes)?;
    let near = NearBestParams {
        layouts: settings.layouts,
        within: settings.within,
        apart: APART,
    };
    Ok(Found {
        at: [
            at("none", 0.0)?,
            at("low", weight.low)?,
            at("central", weight.value)?,
            at("high", weight.high)?,
        ],
        proofs: answers
            .alternatives
            .expect("invariant: alternatives were asked for"),
        near: near_best(&central, &near, &SolveParams::default())?,
    })
}

/// Both ends hosted in one region.
pub(super) fn realised<'a>(
    plan: &Assignment,
    regions: &BTreeMap<Cluster, Region>,
    links: &'a Links,
) -> BTreeSet<(Region, &'a (Industry, Industry))> {
    let mut present: BTreeMap<&Region, BTreeSet<&Industry>> = BTreeMap::new();
    for (cluster, list) in plan {
        if let Some(region) = regions.get(cluster) {
            present.entry(region).or_default().extend(list);
        }
    }
    present
        .iter()
        .flat_map(|(region, here)| {
            links
                .keys()
                .filter(|(from, to)| here.contains(from) && here.contains(to))
                .map(|link| ((*region).clone(), link))
        })
        .collect()
}

fn tables(instance: &Instance, links: &Links, found: &Found) -> Vec<ResultTable> {
    let regions = instance.regions();
    let plan = pairs_of(&found.at[0].2.assignment);
    let rules: Vec<Origin> = [parameters(&regions::LINKS), parameters(&regions::RULES)].concat();
    // An optimum and its bound depend on every pair that could have been placed, and on every link.
    let shown = links.values().flatten().cloned().map(Origin::Evidence);
    let pairs = instance
        .suitability
        .keys()
        .map(|(c, i)| Origin::Result(RowRef::new("foundation.strengths", format!("{c}/{i}"))));
    let weights = (instance.industries.iter())
        .map(|i| Origin::Result(RowRef::new("layout.acceptability", i.industry.as_str())));
    let mut everything: Vec<Origin> = shown
        .chain(pairs)
        .chain(weights)
        .chain(rules.clone())
        .collect();
    everything.sort();
    everything.dedup();
    let [alternatives, places] = alternatives::tables(instance, links, found, &everything);
    vec![
        plans(instance, links, found, &plan, &everything),
        placements(&regions, found, &plan, &rules),
        realised_links(&regions, links, found, &plan, &rules),
        alternatives,
        places,
    ]
}

fn share(value: f64) -> Cell {
    Estimate::exact(value, Basis::Derived).into()
}

/// One row without links and one for each weight of a link: objective, bound, links hosted, and what they cost in strength.
fn plans(
    instance: &Instance,
    links: &Links,
    found: &Found,
    plan: &BTreeSet<(Cluster, Industry)>,
    origins: &[Origin],
) -> ResultTable {
    let mut table = ResultTable::new(
        "layout.linked_plan",
        "regional-layout",
        "max Σ acceptability × strength × x + weight × links hosted, each once in a region",
        &[
            ("link_weight", "points"),
            ("objective", "points"),
            ("bound", "points"),
            ("optimality_gap", "share"),
            ("links_hosted", ""),
            ("strength_given_up", "points"),
            ("placements_moved", ""),
        ],
    );
    let alone = strength(instance, plan).value;
    let regions = instance.regions();
    for (key, weight, at) in &found.at {
        let pairs = pairs_of(&at.assignment);
        let kept = strength(instance, &pairs);
        let hosted = realised(&at.assignment, &regions, links).len();
        // The plan's own row spans what a link may be worth; the rows of its ends say what follows if it is worth so much.
        let range = if *key == "central" {
            worth(found)
        } else {
            [*weight; 2]
        };
        let [least, most] = range.map(|weight| weight * hosted as f64);
        let moved = pairs.difference(plan).count();
        table.push(
            *key,
            vec![
                Estimate::spanning(*weight, range[0], range[1], Basis::Judged).into(),
                valued(at.objective.value, &kept, [least, most]).into(),
                Estimate::exact(at.bound, Basis::Derived).into(),
                // Rounding of the solver's own arithmetic is no gap.
                share(if at.gap < 1e-7 { 0.0 } else { at.gap }),
                hosted.into(),
                Estimate::exact((alone - kept.value).max(0.0), Basis::Derived).into(),
                moved.into(),
            ],
            origins.to_vec(),
        );
    }
    table
}

/// The least and the most that a link may be worth.
fn worth(found: &Found) -> [f64; 2] {
    let [_, (_, low, _), _, (_, high, _)] = &found.at;
    [*low, *high]
}

/// The interval sum of the placements' strengths, each times the acceptability of its industry.
fn strength(instance: &Instance, pairs: &BTreeSet<(Cluster, Industry)>) -> Estimate {
    let weights: BTreeMap<&Industry, f64> = (instance.industries.iter())
        .map(|i| (&i.industry, i.weight))
        .collect();
    let weighed = |pair: &(Cluster, Industry), end: fn(&Estimate) -> f64| {
        let weight = weights.get(&pair.1).copied().unwrap_or(1.0);
        weight * instance.suitability.get(pair).map_or(0.0, end)
    };
    let sum = |end| pairs.iter().map(|pair| weighed(pair, end)).sum::<f64>();
    Estimate::spanning(
        sum(|e| e.value),
        sum(|e| e.low),
        sum(|e| e.high),
        Basis::Judged,
    )
}

/// An objective with the range that the strengths behind it leave, and the worth of its links from `least` to `most`.
fn valued(objective: f64, strength: &Estimate, [least, most]: [f64; 2]) -> Estimate {
    Estimate::spanning(
        objective,
        (strength.low + least).min(objective),
        (strength.high + most).max(objective),
        Basis::Judged,
    )
}

fn pairs_of(plan: &Assignment) -> BTreeSet<(Cluster, Industry)> {
    plan.iter()
        .flat_map(|(c, list)| list.iter().map(move |i| (c.clone(), i.clone())))
        .collect()
}

/// Every pair of any of these layouts, and those proved to be in none: must-haves, real choices, must-avoids.
fn placements(
    regions: &BTreeMap<Cluster, Region>,
    found: &Found,
    plan: &BTreeSet<(Cluster, Industry)>,
    rules: &[Origin],
) -> ResultTable {
    let mut table = ResultTable::new(
        "layout.linked",
        "regional-layout",
        "share of near-optimal layouts that hold the pair; must-have and must-avoid are proved from reduced costs",
        &[
            ("cluster", ""),
            ("region", ""),
            ("industry", ""),
            ("standing", ""),
            ("share_of_layouts", "share"),
            ("weights_with_pair", ""),
            ("without_links", ""),
        ],
    );
    let needed: BTreeSet<&(Cluster, Industry)> = found.proofs.proved_needed.iter().collect();
    let out: BTreeSet<&(Cluster, Industry)> = found.proofs.proved_out.iter().collect();
    let mut hosted_by: BTreeMap<(Cluster, Industry), f64> = BTreeMap::new();
    for pair in found
        .near
        .iter()
        .flat_map(|near| pairs_of(&near.assignment))
    {
        *hosted_by.entry(pair).or_default() += 1.0;
    }
    let layouts = found.near.len() as f64;
    let at: Vec<BTreeSet<(Cluster, Industry)>> = found
        .at
        .iter()
        .skip(1)
        .map(|(_, _, at)| pairs_of(&at.assignment))
        .collect();
    let mut all: BTreeSet<&(Cluster, Industry)> = hosted_by.keys().collect();
    all.extend(out.iter().copied());
    all.extend(plan);
    all.extend(at.iter().flatten());
    for pair in all {
        let held = hosted_by.get(pair).copied().unwrap_or(0.0) / layouts;
        let standing = if needed.contains(pair) {
            "linked.must_have"
        } else if out.contains(pair) {
            "linked.must_avoid"
        } else if held >= 1.0 {
            "linked.in_all_found"
        } else {
            "linked.choice"
        };
        let (cluster, industry) = pair;
        let own = Origin::Result(RowRef::new(
            "foundation.strengths",
            format!("{cluster}/{industry}"),
        ));
        table.push(
            format!("{cluster}/{industry}"),
            vec![
                cluster.entity().into(),
                regions
                    .get(cluster)
                    .map_or(Cell::Empty, |r| r.entity().into()),
                industry.entity().into(),
                code(standing),
                share(held),
                at.iter().filter(|a| a.contains(pair)).count().into(),
                code(if plan.contains(pair) {
                    "linked.yes"
                } else {
                    "linked.no"
                }),
            ],
            std::iter::once(own).chain(rules.iter().cloned()).collect(),
        );
    }
    table
}

/// Which link is hosted in which region, with and without a reward for it.
fn realised_links(
    regions: &BTreeMap<Cluster, Region>,
    links: &Links,
    found: &Found,
    plan: &BTreeSet<(Cluster, Industry)>,
    rules: &[Origin],
) -> ResultTable {
    let mut table = ResultTable::new(
        "layout.linked_links",
        "regional-layout",
        "a link is hosted where a region has both its ends",
        &[
            ("region", ""),
            ("supplier", ""),
            ("user", ""),
            ("weights_with_link", ""),
            ("without_links", ""),
        ],
    );
    let mut unlinked = Assignment::new();
    for (cluster, industry) in plan {
        unlinked
            .entry(cluster.clone())
            .or_default()
            .push(industry.clone());
    }
    let before = realised(&unlinked, regions, links);
    let at: Vec<_> = found
        .at
        .iter()
        .skip(1)
        .map(|(_, _, at)| realised(&at.assignment, regions, links))
        .collect();
    let all: BTreeSet<_> = before.iter().chain(at.iter().flatten()).collect();
    for one in all {
        let (region, link) = one;
        let (from, to) = link;
        let mut origins: Vec<Origin> = links
            .get(*link)
            .into_iter()
            .flatten()
            .cloned()
            .map(Origin::Evidence)
            .collect();
        origins.extend(rules.iter().cloned());
        table.push(
            format!("{region}/{from}/{to}"),
            vec![
                region.entity().into(),
                from.entity().into(),
                to.entity().into(),
                at.iter().filter(|a| a.contains(one)).count().into(),
                code(if before.contains(one) {
                    "linked.yes"
                } else {
                    "linked.no"
                }),
            ],
            origins,
        );
    }
    table
}
