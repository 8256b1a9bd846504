//! Other sources of a product, and what each of them buys. Requirement: consolidate the supply that can be had.
//!
//! Candidates are the world's exporters outside the importer, ranked by spare reach: what they could add at once.
//!
//! ```text
//! spare reach of i   = s (X_i - re-exports of i)     s: part by which a supplier can raise its own exports
//! cap of i           = m_i/T + spare reach/T          shares of the importer's T imports from outside
//! one source, x moved from the first supplier:  HHI(x), worst stop(x) = largest share
//! frontier, x moved in all:  min Σ a_i²  s.t.  Σ a_i = Σ m_i/T,  Σ (m_i/T - a_i)⁺ ≤ x,  0 ≤ a_i ≤ cap_i
//! ```
//!
//! The frontier is exact: donors are cut to a common level, receivers filled to a common level or their cap
//! (water-filling; the Karush-Kuhn-Tucker conditions of a separable convex problem). It lowers HHI and the worst single
//! stop together. What is left of the worst stop is the **residual risk**. s is an assumption with a range, because
//! trade files hold no capacities. The cost of the next source is its unit value over the first supplier's, where
//! quantities are recorded. **Experimental**: the joint of these parts is ours.

mod frontier;

use std::collections::BTreeMap;

use model::{Basis, Estimate, Message, Quantity, Refusal};

use frontier::{Node, balanced};

use super::criterion::{Gap, Range};
use super::flows::Flows;
use super::importer::{Home, Importer};
use super::refuse;
use super::supply::world;

#[derive(Debug, Clone, PartialEq)]
pub struct SourceParams {
    /// Part by which a supplier can raise its own exports, ≥ 0.
    pub spare: Estimate,
    /// A share of imports below this is "little used".
    pub little: f64,
    /// Shares of imports to move, each 0..1.
    pub moves: Vec<f64>,
    /// Most candidates to return.
    pub most: usize,
    /// Countries that are no source for the importer.
    pub excluded: Vec<String>,
}

impl Default for SourceParams {
    fn default() -> Self {
        Self {
            spare: Estimate {
                value: 0.25,
                low: 0.1,
                high: 0.5,
                basis: Basis::Assumed,
            },
            little: 0.05,
            moves: vec![0.05, 0.1, 0.2, 0.3, 0.5],
            most: 10,
            excluded: Vec::new(),
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Use {
    NotYet,
    Little,
    Used,
}

impl Use {
    pub fn code(self) -> &'static str {
        match self {
            Self::NotYet => "source.not_yet",
            Self::Little => "source.little",
            Self::Used => "source.used",
        }
    }
}

/// Concentration and worst stop when a share of imports has moved.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Point {
    /// Share of imports that was asked to move.
    pub wanted: f64,
    /// Share that the value of the spare reach lets move.
    pub moved: f64,
    /// Ends: spare reach at its ends, and unknown origin.
    pub hhi: Range,
    /// Largest share of one supplier; high end: it also is the unknown origin.
    pub worst_stop: Range,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Candidate {
    pub country: String,
    pub used: Use,
    /// Share of the importer's imports now.
    pub share: f64,
    /// All its exports, and the part that is re-exported and therefore not counted as reach.
    pub exports: f64,
    pub re_exports: f64,
    /// In the unit of the flows.
    pub spare_reach: Estimate,
    /// Unit value of its exports over that of the first supplier's sales to the importer.
    pub unit_value_ratio: Quantity,
    /// One point for each of the `moves`, from the first supplier to this candidate alone.
    pub after: Vec<Point>,
}

/// What the k-th new source adds when all sources so far are used as well as possible.
#[derive(Debug, Clone, PartialEq)]
pub struct Added {
    /// `None`: only the suppliers in use are rebalanced.
    pub country: Option<String>,
    pub point: Point,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Sources {
    pub product: String,
    /// From outside.
    pub imports: f64,
    pub first: String,
    /// What the first supplier could add at once, in the unit of the flows; 0 where it is excluded.
    pub first_spare: Estimate,
    /// Nothing moved.
    pub now: Point,
    /// Not yet or little used, by spare reach, at most `most`.
    pub candidates: Vec<Candidate>,
    /// With all suppliers and candidates, by share moved.
    pub frontier: Vec<Point>,
    /// Rebalancing, then one new source after the other, each with the largest of the `moves`.
    pub added: Vec<Added>,
}

/// Other sources of a product. Refused without imports of known origin.
pub fn sources(
    flows: &Flows,
    importer: &Importer,
    product: usize,
    params: &SourceParams,
) -> Result<Sources, Box<Refusal>> {
    check(params)?;
    let home = Home::find(flows, importer)?;
    let rows = flows.slices(product);
    let market = world(flows, rows);
    // Value, and (value, quantity) of the rows that have one, of each supplier here and in the world.
    let mut here: BTreeMap<usize, [f64; 3]> = BTreeMap::new();
    let mut anywhere: BTreeMap<usize, [f64; 3]> = BTreeMap::new();
    for row in rows.iter() {
        let outside = home.has(row.importer) && !home.has(row.exporter);
        let priced = if row.quantity.is_nan() { 0.0 } else { 1.0 };
        let cells = [
            row.value,
            row.value * priced,
            row.quantity.max(0.0) * priced,
        ];
        let add = |to: &mut BTreeMap<usize, [f64; 3]>| {
            for (sum, cell) in to.entry(row.exporter).or_default().iter_mut().zip(cells) {
                *sum += if cell.is_nan() { 0.0 } else { cell };
            }
        };
        add(&mut anywhere);
        if outside {
            add(&mut here);
        }
    }
    let total: f64 = here.values().map(|v| v[0]).sum();
    let unknown: f64 = here
        .iter()
        .filter(|(c, _)| flows.is_unknown(**c))
        .map(|(_, v)| v[0])
        .sum();
    let code = |country: usize| flows.countries()[country].clone();
    let open = |country: &usize| {
        !home.has(*country)
            && !flows.is_unknown(*country)
            && !params.excluded.contains(&flows.countries()[*country])
    };
    // Every known supplier of the importer, excluded or not; and every open exporter.
    let mut nodes: Vec<Node> = anywhere
        .keys()
        .copied()
        .filter(|c| open(c) || here.get(c).is_some_and(|v| v[0] > 0.0) && !flows.is_unknown(*c))
        .map(|country| {
            let own = (market.by_country[country] - market.re_exports[country]).max(0.0);
            Node {
                country,
                share: here.get(&country).map_or(0.0, |v| v[0] / total),
                reach: if open(&country) { own / total } else { 0.0 },
            }
        })
        .collect();
    let first = nodes
        .iter()
        .copied()
        .filter(|n| n.share > 0.0)
        .max_by(|a, b| a.share.total_cmp(&b.share).then(b.country.cmp(&a.country)));
    let Some(first) = first.filter(|_| total > 0.0) else {
        return Err(refuse(
            "no_imports_of_known_origin",
            Message::new("dependency.no_imports_of_known_origin")
                .with("product", flows.products()[product].clone())
                .with("importer", importer.name.clone()),
            Message::new("dependency.no_imports_of_known_origin.needed"),
        ));
    };
    // By spare reach; ties by code.
    nodes.sort_by(|a, b| b.reach.total_cmp(&a.reach).then(a.country.cmp(&b.country)));
    let rest = unknown / total;
    let price = |cells: Option<&[f64; 3]>| {
        cells
            .filter(|c| c[1] > 0.0 && c[2] > 0.0)
            .map(|c| c[1] / c[2])
    };
    let base = price(here.get(&first.country));
    let spare_reach = |n: &Node| {
        Estimate::spanning(
            n.reach * total * params.spare.value,
            n.reach * total * params.spare.low,
            n.reach * total * params.spare.high,
            Basis::Derived.and(params.spare.basis),
        )
    };
    let candidates: Vec<Candidate> = nodes
        .iter()
        .filter(|n| n.country != first.country && n.share < params.little && n.reach > 0.0)
        .take(params.most)
        .map(|n| Candidate {
            country: code(n.country),
            used: used(n.share, params),
            share: n.share,
            exports: market.by_country[n.country],
            re_exports: market.re_exports[n.country],
            spare_reach: spare_reach(n),
            unit_value_ratio: price(anywhere.get(&n.country)).zip(base).map_or_else(
                || Quantity::not_estimated(Gap::QuantitiesNotOnRecord.message()),
                |(own, first)| Quantity::exact(own / first, Basis::Derived),
            ),
            after: params
                .moves
                .iter()
                .map(|x| {
                    point(*x, rest, params, |spare| {
                        one_source(&nodes, first.country, n.country, spare, *x)
                    })
                })
                .collect(),
        })
        .collect();
    let best = |nodes: &[Node], x: f64| point(x, rest, params, |spare| balanced(nodes, spare, x));
    let furthest = params.moves.iter().copied().fold(0.0, f64::max);
    let (mut in_use, new): (Vec<Node>, Vec<Node>) = nodes.iter().partition(|n| n.share > 0.0);
    let mut added = vec![Added {
        country: None,
        point: best(&in_use, furthest),
    }];
    for node in new.into_iter().filter(|n| n.reach > 0.0).take(params.most) {
        in_use.push(node);
        added.push(Added {
            country: Some(code(node.country)),
            point: best(&in_use, furthest),
        });
    }
    Ok(Sources {
        product: flows.products()[product].clone(),
        imports: total,
        first: code(first.country),
        first_spare: spare_reach(&first),
        now: best(&nodes, 0.0),
        candidates,
        frontier: params.moves.iter().map(|x| best(&nodes, *x)).collect(),
        added,
    })
}

fn used(share: f64, params: &SourceParams) -> Use {
    if share <= 0.0 {
        Use::NotYet
    } else if share < params.little {
        Use::Little
    } else {
        Use::Used
    }
}

fn check(params: &SourceParams) -> Result<(), Box<Refusal>> {
    let sound = params.spare.low >= 0.0
        && (0.0..=1.0).contains(&params.little)
        && params.moves.iter().all(|x| (0.0..=1.0).contains(x));
    if sound {
        Ok(())
    } else {
        Err(refuse(
            "bad_sources",
            Message::new("dependency.bad_sources"),
            Message::new("dependency.bad_sources.needed"),
        ))
    }
}

/// The point at the spare's value, with ends from the spare's ends and the unknown part `rest`.
fn point(
    wanted: f64,
    rest: f64,
    params: &SourceParams,
    shares: impl Fn(f64) -> Vec<(f64, f64)>,
) -> Point {
    let read = |spare: f64| {
        let pairs = shares(spare);
        let squares: f64 = pairs.iter().map(|(_, after)| after * after).sum();
        let largest = pairs.iter().map(|(_, after)| *after).fold(0.0, f64::max);
        let moved: f64 = pairs
            .iter()
            .map(|(before, after)| (before - after).max(0.0))
            .sum();
        (squares, largest, moved)
    };
    let (squares, largest, moved) = read(params.spare.value);
    let ends = [read(params.spare.low), read(params.spare.high)];
    let low = |pick: fn(&(f64, f64, f64)) -> f64, at: f64| ends.iter().map(pick).fold(at, f64::min);
    let with_rest = |squares: f64, largest: f64| squares + rest * (2.0 * largest + rest);
    Point {
        wanted,
        moved,
        hhi: Range::spanning(
            squares + rest * rest,
            low(|e| e.0, squares),
            ends.iter()
                .map(|e| with_rest(e.0, e.1))
                .fold(with_rest(squares, largest), f64::max),
        ),
        worst_stop: Range::spanning(
            largest,
            low(|e| e.1, largest),
            ends.iter().map(|e| e.1).fold(largest, f64::max) + rest,
        ),
    }
}

/// (before, after) of every node when up to `x` moves from `first` to `to`.
fn one_source(nodes: &[Node], first: usize, to: usize, spare: f64, x: f64) -> Vec<(f64, f64)> {
    let of = |country: usize, pick: fn(&Node) -> f64| {
        nodes
            .iter()
            .find(|n| n.country == country)
            .map_or(0.0, pick)
    };
    let moved = x
        .min(of(to, |n| n.reach) * spare)
        .min(of(first, |n| n.share));
    nodes
        .iter()
        .map(|n| {
            let change = if n.country == to {
                moved
            } else if n.country == first {
                -moved
            } else {
                0.0
            };
            (n.share, n.share + change)
        })
        .collect()
}
