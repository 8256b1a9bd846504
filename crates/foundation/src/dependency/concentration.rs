//! How concentrated the world market of a product is, with and without a named country, and how fast it falls apart
//! when its strongest exporters leave.
//!
//! ```text
//! share of c       = X_c/X                     HHI with c    = Σ_i (X_i/X)²
//! HHI without c    = Σ_{i≠c} (X_i/(X - X_c))²  (Bruegel, 2023: with and without China)
//! v_k              = S_k/S     S_k: trade left when the k strongest exporters and all their flows are taken out
//! centralisation   = (A_complete - A)/(A_complete - A_star),  A = Σ_{k=0}^{n-1} v_k
//! ```
//!
//! Vulnerability profile and centralisation after Piccardi and Tajoli (2018): 0 for a complete network of n equal
//! countries (v_k = (n-k)(n-k-1)/(n(n-1))), 1 for a star that sells from one hub (v = 1, 0, 0, …). Strength is
//! out-strength of the whole network and is not recomputed; a profile that falls more slowly than the complete
//! network's gives a centralisation below 0. Of Bruegel's "without" the renormalised reading is ours.

use model::{Message, Refusal};

use super::criterion::Range;
use super::flows::Flows;
use super::refuse;
use super::supply::{World, world};

/// The world market of a product with and without one country.
#[derive(Debug, Clone, PartialEq)]
pub struct WithAndWithout {
    /// 0..1; `None` where nothing is traded.
    pub share: Option<f64>,
    pub hhi: Option<Range>,
    /// `None` where nobody else exports.
    pub hhi_without: Option<f64>,
}

/// Exports of unknown origin count as one exporter in `hhi_without`.
pub fn with_and_without(flows: &Flows, market: &World, country: usize) -> WithAndWithout {
    let own = market.by_country[country];
    let others: f64 = others(market, country).sum();
    let squares: f64 = others_known(flows, market, country)
        .map(|x| x * x)
        .sum::<f64>()
        + market.unknown * market.unknown;
    WithAndWithout {
        share: (market.exports > 0.0).then(|| own / market.exports),
        hhi: market.hhi,
        hhi_without: (others > 0.0).then(|| squares / (others * others)),
    }
}

fn others(market: &World, country: usize) -> impl Iterator<Item = f64> + '_ {
    market
        .by_country
        .iter()
        .enumerate()
        .filter(move |(c, _)| *c != country)
        .map(|(_, x)| *x)
}

fn others_known<'a>(
    flows: &'a Flows,
    market: &'a World,
    country: usize,
) -> impl Iterator<Item = f64> + 'a {
    market
        .by_country
        .iter()
        .enumerate()
        .filter(move |(c, _)| *c != country && !flows.is_unknown(*c))
        .map(|(_, x)| *x)
}

/// World markets of every product.
pub fn markets(flows: &Flows) -> Vec<World> {
    (0..flows.products().len())
        .map(|product| world(flows, flows.slices(product)))
        .collect()
}

/// What is left of a product's trade when its strongest exporters leave one after the other.
#[derive(Debug, Clone, PartialEq)]
pub struct Profile {
    /// Countries in order of removal; unknown partners cannot leave and are not among them.
    pub order: Vec<usize>,
    /// v_0 = 1, v_1, …; one more than `order`.
    pub left: Vec<f64>,
    /// At most 1; 0 for equal countries that all trade with each other.
    pub centralisation: f64,
}

/// Refused for fewer than three known countries, where star and complete network are the same.
pub fn profile(flows: &Flows, product: usize) -> Result<Profile, Box<Refusal>> {
    let rows = flows.slices(product);
    let countries = flows.countries().len();
    let (mut out, mut active) = (vec![0.0; countries], vec![false; countries]);
    for row in rows.iter().filter(|row| row.value > 0.0) {
        out[row.exporter] += row.value;
        active[row.exporter] = true;
        active[row.importer] = true;
    }
    let mut order: Vec<usize> = (0..countries)
        .filter(|c| active[*c] && !flows.is_unknown(*c))
        .collect();
    order.sort_by(|a, b| out[*b].total_cmp(&out[*a]).then(a.cmp(b)));
    let n = order.len();
    if n < 3 {
        return Err(refuse(
            "small_network",
            Message::new("dependency.small_network")
                .with("product", flows.products()[product].clone())
                .with("n", n),
            Message::new("dependency.small_network.needed"),
        ));
    }
    // A flow is lost with the earlier of its two ends.
    let mut rank = vec![n; countries];
    for (k, country) in order.iter().enumerate() {
        rank[*country] = k;
    }
    let mut lost_with = vec![0.0; n + 1];
    let mut total = 0.0;
    for row in rows.iter() {
        lost_with[rank[row.exporter].min(rank[row.importer])] += row.value;
        total += row.value;
    }
    // From the end, so that nothing left is exactly 0.
    let mut left = vec![0.0; n + 1];
    left[n] = lost_with[n];
    for k in (0..n).rev() {
        left[k] = left[k + 1] + lost_with[k];
    }
    for v in &mut left {
        *v /= total;
    }
    let area: f64 = left[..n].iter().sum();
    let size = n as f64;
    let complete: f64 = (0..n)
        .map(|k| {
            let rest = size - k as f64;
            rest * (rest - 1.0) / (size * (size - 1.0))
        })
        .sum();
    Ok(Profile {
        order,
        left,
        centralisation: (complete - area) / (complete - 1.0),
    })
}
