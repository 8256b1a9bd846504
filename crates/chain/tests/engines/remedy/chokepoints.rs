//! Firms under countries: cut sets, N-1, N-2 and nines against brute force over every subset.

use std::collections::{BTreeMap, BTreeSet};

use chain::chokepoints::{
    Actors, Certainty, Chance, NineParams, ReliabilityParams, Survival, chokepoints_of, nines,
    reliability, stages_from_use,
};
use chain::{ChainGraph, ChokepointParams, Essential, Relation};
use libtest_mimic::Trial;
use model::{Basis, Country, Estimate, Node, Seed};
use rand::RngExt;

use super::chains::{chain_of, country_of, exact, with_firms};
use crate::{shared, trial, trial_on_shared};

const ALL: [Relation; 3] = [Relation::InputTo, Relation::ToolFor, Relation::MaterialFor];

pub fn trials() -> Vec<Trial> {
    vec![
        trial(
            "cut sets of countries made of firms, by brute force",
            cut_sets,
        ),
        trial("n-1 and n-2, by brute force", pairs),
        trial("n-1 and n-2 by hand", pairs_by_hand),
        trial("probability of a stop, by full enumeration", probability),
        trial(
            "a further nine costs what the cheapest protection costs",
            nine_by_hand,
        ),
        trial("stages from final use", stages),
        trial_on_shared(
            "semiconductors: single countries, by brute force",
            "chains/eto_semiconductor/inputs.csv",
            semiconductors,
        ),
    ]
}

/// Written apart from the engine: recursion from the target instead of a pass over the order.
fn works(g: &ChainGraph, node: &Node, out: &BTreeSet<Country>, theta: f64, all: bool) -> bool {
    let spec = g.get(node).unwrap();
    let lost: f64 = spec
        .supply
        .iter()
        .flat_map(|s| &s.providers)
        .fold(0.0, |sum, p| {
            let part = if all { p.share.high } else { p.share.low };
            sum + if out.contains(&p.country) { part } else { 0.0 }
        });
    if 1.0 - lost.min(1.0) < theta - 1e-9 {
        return false;
    }
    spec.groups
        .iter()
        .filter(|group| all || group.essential == Essential::Yes)
        .all(|group| {
            let mut inputs = group.alternatives.iter();
            inputs.any(|input| works(g, &input.node, out, theta, all))
        })
}

/// Share lost: the largest cause, or all of them together.
fn lost(g: &ChainGraph, node: &Node, out: &BTreeSet<Country>, together: bool) -> f64 {
    let spec = g.get(node).unwrap();
    let own: f64 = spec
        .supply
        .iter()
        .flat_map(|s| &s.providers)
        .filter(|p| out.contains(&p.country))
        .map(|p| if together { p.share.high } else { p.share.low })
        .sum();
    let mut parts = vec![own.min(1.0)];
    for group in &spec.groups {
        let of = group
            .alternatives
            .iter()
            .map(|u| lost(g, &u.node, out, together));
        if together {
            parts.push(of.fold(0.0, f64::max));
        } else if group.essential == Essential::Yes {
            parts.push(of.fold(1.0, f64::min));
        }
    }
    if together {
        parts.iter().sum::<f64>().min(1.0)
    } else {
        parts.iter().copied().fold(0.0, f64::max)
    }
}

fn members(g: &ChainGraph, countries: &[&Country]) -> BTreeSet<Country> {
    let country_of = country_of();
    g.countries()
        .into_iter()
        .filter(|firm| countries.contains(&&country_of[*firm]))
        .cloned()
        .collect()
}

fn subsets(of: &[Country], largest: usize) -> Vec<Vec<&Country>> {
    (1_u32..1 << of.len())
        .filter(|mask| mask.count_ones() as usize <= largest)
        .map(|mask| {
            (0..of.len())
                .filter(|i| mask & (1 << i) != 0)
                .map(|i| &of[i])
                .collect()
        })
        .collect()
}

fn cut_sets() {
    let mut seen = 0;
    for case in 0..10_000 {
        let g = with_firms(case, &ALL);
        let theta = [0.3, 0.5, 0.8][case as usize % 3];
        let target = g.nodes().last().unwrap().node.clone();
        let actors = Actors::grouped(&g, &country_of());
        let names: Vec<Country> = actors.iter().map(|(name, _)| name.clone()).collect();
        let params = ChokepointParams {
            theta,
            ..ChokepointParams::default()
        };
        let found =
            &chokepoints_of(&g, &actors, std::slice::from_ref(&target), &params).unwrap()[0];
        for (certainty, all) in [(Certainty::Certain, false), (Certainty::Possible, true)] {
            let stops: BTreeSet<Vec<&Country>> = subsets(&names, 3)
                .into_iter()
                .filter(|set| !works(&g, &target, &members(&g, set), theta, all))
                .collect();
            let minimal: BTreeSet<Vec<&Country>> = stops
                .iter()
                .filter(|set| {
                    let smaller = |s: &&Vec<&Country>| {
                        s.len() < set.len() && s.iter().all(|c| set.contains(c))
                    };
                    !stops.iter().any(|s| smaller(&s))
                })
                .cloned()
                .collect();
            // Every minimal set of the reading is found, as certain or as possible.
            let ours: BTreeSet<Vec<&Country>> = found
                .cut_sets
                .iter()
                .filter(|cut| cut.certainty == certainty || certainty == Certainty::Possible)
                .map(|cut| cut.countries.iter().collect())
                .collect();
            if certainty == Certainty::Certain {
                assert_eq!(ours, minimal, "case {case}");
            } else {
                assert!(minimal.is_subset(&ours), "case {case}");
            }
            seen += minimal.len();
        }
    }
    assert!(seen > 10_000, "{seen}");
}

fn pairs() {
    let mut survives = [0; 3];
    for case in 0..300 {
        let g = with_firms(case, &ALL);
        let target = g.nodes().last().unwrap().node.clone();
        let grouped = case % 2 == 0;
        let actors = if grouped {
            Actors::grouped(&g, &country_of())
        } else {
            Actors::as_recorded(&g)
        };
        let params = ReliabilityParams {
            pairs: 1000,
            ..ReliabilityParams::default()
        };
        let found = &reliability(&g, &actors, std::slice::from_ref(&target), &params).unwrap()[0];
        let out = |set: &[Country]| -> BTreeSet<Country> {
            let set: Vec<&Country> = set.iter().collect();
            if grouped {
                members(&g, &set)
            } else {
                set.into_iter().cloned().collect()
            }
        };
        for stop in found.singles.iter().chain(&found.pairs) {
            let out = out(&stop.actors);
            let expected = if !works(&g, &target, &out, 0.5, false) {
                Survival::No
            } else if !works(&g, &target, &out, 0.5, true) {
                Survival::Undecided
            } else {
                Survival::Yes
            };
            assert_eq!(stop.survives, expected, "case {case} {:?}", stop.actors);
            let (least, most) = (
                lost(&g, &target, &out, false),
                lost(&g, &target, &out, true),
            );
            assert!((stop.loss.low - least).abs() < 1e-12, "case {case}");
            assert!((stop.loss.high - most).abs() < 1e-12, "case {case}");
        }
        let n = found.singles.len();
        assert_eq!(found.pairs.len(), n * n.saturating_sub(1) / 2);
        assert_eq!(found.pair_counts.iter().sum::<usize>(), found.pairs.len());
        for (sum, count) in survives.iter_mut().zip(found.pair_counts) {
            *sum += count;
        }
    }
    assert!(survives.iter().all(|n| *n > 100), "{survives:?}");
}

fn pairs_by_hand() {
    // ore: A 0.6, B 0.4; part: C 0.3, D 0.3, E 0.4; ore -> part.
    let g = chain_of(
        &["ore", "part"],
        &[("ore", "part")],
        &[
            ("ore", "A", 0.6),
            ("ore", "B", 0.4),
            ("part", "C", 0.3),
            ("part", "D", 0.3),
            ("part", "E", 0.4),
        ],
    );
    let found = &reliability(
        &g,
        &Actors::as_recorded(&g),
        &["part".into()],
        &ReliabilityParams::default(),
    )
    .unwrap()[0];
    // Alone only A stops it (0.4 of ore is left).
    assert_eq!(found.single_counts(), [4, 0, 1]);
    // With A all four pairs; C+D leaves 0.4, C+E 0.3, D+E 0.3; B with C, D or E leaves 0.6 and 0.6 or more: survives.
    assert_eq!(found.pair_counts, [3, 0, 7]);
    // The worst pair that needs both: C+E or D+E, 0.7 lost; and B+E loses 0.4..0.8.
    assert_eq!(found.pairs[0].actors, ["C".into(), "E".into()]);
    assert!((found.pairs[0].loss.high - 0.7).abs() < 1e-12);
    let be = found
        .pairs
        .iter()
        .find(|p| p.actors == ["B".into(), "E".into()])
        .unwrap();
    assert!((be.loss.low - 0.4).abs() < 1e-12 && (be.loss.high - 0.8).abs() < 1e-12);
}

fn probability() {
    let mut rng = Seed(3).stream("probability", 0);
    for case in 0..100 {
        let g = with_firms(case, &ALL);
        let target = g.nodes().last().unwrap().node.clone();
        let actors = Actors::as_recorded(&g);
        let names: Vec<Country> = actors.iter().map(|(n, _)| n.clone()).collect();
        let chances: BTreeMap<Country, Chance> = names
            .iter()
            .map(|n| {
                let p = rng.random_range(0.0..0.2);
                let probability = Estimate::spanning(p, p * 0.5, p * 1.5, Basis::Assumed);
                (
                    n.clone(),
                    Chance {
                        probability,
                        protection: None,
                    },
                )
            })
            .collect();
        let found = nines(&g, &actors, &target, &chances, &NineParams::default()).unwrap();
        let enumerate = |pick: fn(&Estimate) -> f64, all: bool| -> f64 {
            (0_u32..1 << names.len())
                .map(|mask| {
                    let on = |i: usize| mask & (1 << i) != 0;
                    let out: BTreeSet<Country> = (0..names.len())
                        .filter(|i| on(*i))
                        .map(|i| names[i].clone())
                        .collect();
                    let p: f64 = (0..names.len())
                        .map(|i| {
                            let p = pick(&chances[&names[i]].probability);
                            if on(i) { p } else { 1.0 - p }
                        })
                        .product();
                    if works(&g, &target, &out, 0.5, all) {
                        0.0
                    } else {
                        p
                    }
                })
                .sum()
        };
        let (least, most) = (enumerate(|p| p.low, false), enumerate(|p| p.high, true));
        assert!(found.stops.low <= least + 1e-12, "case {case}");
        assert!(found.stops.high >= most - 1e-12, "case {case}");
        assert!(
            found.stops.high - found.stops.low <= most - least + 0.6,
            "case {case}"
        );
    }
}

fn nine_by_hand() {
    // Either of A (0.6 of ore) and C (0.7 of part) stops the target; p = 0.05 and 0.002.
    let g = chain_of(
        &["ore", "part"],
        &[("ore", "part")],
        &[("ore", "A", 0.6), ("part", "C", 0.7)],
    );
    let chance = |p: f64, cost: f64| Chance {
        probability: exact(p),
        protection: Some(cost),
    };
    let chances = BTreeMap::from([
        ("A".into(), chance(0.05, 3.0)),
        ("C".into(), chance(0.002, 1.0)),
    ]);
    let found = nines(
        &g,
        &Actors::as_recorded(&g),
        &"part".into(),
        &chances,
        &NineParams::default(),
    )
    .unwrap();
    // 1 - 0.95 * 0.998
    assert!((found.stops.value - 0.0519).abs() < 1e-12);
    // Two nines: A protected leaves 0.002. Three and more: both.
    let costs: Vec<(u32, f64)> = found
        .protections
        .iter()
        .map(|p| (p.nines, p.cost))
        .collect();
    assert_eq!(costs, [(2, 3.0), (3, 4.0), (4, 4.0), (5, 4.0)]);
    let unknown = BTreeMap::from([("A".into(), chance(0.05, 3.0))]);
    let missing = nines(
        &g,
        &Actors::as_recorded(&g),
        &"part".into(),
        &unknown,
        &NineParams::default(),
    );
    assert_eq!(missing.unwrap_err().unwrap(), ["C".into()]);
}

fn stages() {
    let g = chain_of(
        &["a", "b", "c", "t", "u"],
        &[("a", "b"), ("b", "t"), ("a", "t"), ("c", "u")],
        &[],
    );
    let stages: BTreeMap<String, usize> = stages_from_use(&g)
        .into_iter()
        .map(|(n, s)| (n.as_str().to_owned(), s))
        .collect();
    let expected = [("a", 2), ("b", 1), ("c", 1), ("t", 0), ("u", 0)];
    assert_eq!(stages, expected.map(|(n, s)| (n.to_owned(), s)).into());
}

/// Real shares (not redistributed): the engine against the recursion above, for every country.
fn semiconductors() {
    let read = |file: &str| -> Vec<BTreeMap<String, String>> {
        let path = shared(&format!("chains/eto_semiconductor/{file}"));
        let bytes = std::fs::read(path).unwrap();
        let text = String::from_utf8_lossy(&bytes)
            .trim_start_matches('\u{feff}')
            .to_owned();
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        reader.deserialize().map(Result::unwrap).collect()
    };
    let mut input = chain::ChainInput::default();
    let kinds: BTreeMap<String, String> = read("inputs.csv")
        .iter()
        .map(|row| (row["input_id"].clone(), row["type"].clone()))
        .collect();
    input.nodes = kinds.keys().map(|id| super::chains::node(id)).collect();
    let mut pairs = BTreeSet::new();
    for row in read("sequence.csv") {
        let to = if row["goes_into_id"].is_empty() {
            &row["is_type_of_id"]
        } else {
            &row["goes_into_id"]
        };
        if !to.is_empty() && kinds.contains_key(to) && kinds.contains_key(&row["input_id"]) {
            pairs.insert((row["input_id"].clone(), to.clone()));
        }
    }
    for (from, to) in &pairs {
        input
            .links
            .push(super::chains::link(from, to, Relation::InputTo));
    }
    let countries: BTreeMap<String, String> = read("providers.csv")
        .iter()
        .filter(|row| row["provider_type"] == "country")
        .map(|row| (row["provider_id"].clone(), row["provider_name"].clone()))
        .collect();
    let mut shares: BTreeMap<(String, String), f64> = BTreeMap::new();
    for row in read("provision.csv") {
        let percent = row["share_provided"].trim_end_matches('%').parse::<f64>();
        if let (Some(country), Ok(percent)) = (countries.get(&row["provider_id"]), percent) {
            shares.insert(
                (row["provided_id"].clone(), country.clone()),
                percent / 100.0,
            );
        }
    }
    for ((node, country), value) in &shares {
        if kinds.contains_key(node) {
            input
                .supply
                .push(super::chains::share(node, country, exact(*value)));
        }
    }
    let params = chain::GraphParams {
        rounding: 0.05,
        ..chain::GraphParams::default()
    };
    let g = ChainGraph::build(input, &params).unwrap();
    let actors = Actors::as_recorded(&g);
    let targets: Vec<Node> = g
        .nodes()
        .iter()
        .filter(|n| !n.groups.is_empty())
        .map(|n| n.node.clone())
        .collect();
    let found = reliability(&g, &actors, &targets, &ReliabilityParams::default()).unwrap();
    let mut stops = 0;
    for target in &found {
        for stop in &target.singles {
            let out: BTreeSet<Country> = stop.actors.iter().cloned().collect();
            let expected = if works(&g, &target.target, &out, 0.5, true) {
                Survival::Yes
            } else {
                Survival::No
            };
            assert_eq!(
                stop.survives, expected,
                "{} {:?}",
                target.target, stop.actors
            );
            stops += usize::from(expected == Survival::No);
        }
    }
    assert!(stops > 0 && shares.len() > 150, "{stops} {}", shares.len());
}
