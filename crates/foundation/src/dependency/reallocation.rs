//! What has moved: near-shoring, friend-shoring and re-shoring as changes of import shares by partner group.
//!
//! For partner groups g, products p with weight w_p in all imports and group shares s_pg, between two years:
//!
//! ```text
//! Δs_g  = Σ_p w̄_p Δs_pg  +  Σ_p s̄_pg Δw_p          bars: means of the two years; exact
//!         within products    change of the mix
//! shift = ½ Σ_g |Δs_g|                               0 nothing moved between groups, 1 everything did
//! ```
//!
//! (Shift-share with midpoint weights, Marshall-Edgeworth.) Only *within* is a change of sources: a mix that drifts
//! towards products that always came from near looks like near-shoring and is none. A product bought in one year only
//! changes the mix alone. **Re-shoring** needs what home supplies to itself; without it, it is not estimated. In the
//! spirit of the reallocation monitoring of the Commission's DG GROW; the index is ours.

use std::collections::BTreeMap;

use model::{Basis, Message, Quantity, Refusal, Year};

use super::flows::{FlowPanel, Flows};
use super::importer::{Home, Importer};
use super::refuse;

/// Group of partners whose country is not known; never redistributed.
pub const UNKNOWN: &str = "unknown";
/// Group of countries that no group names.
pub const OTHER: &str = "other";
/// What home supplies to itself.
pub const HOME: &str = "home";

/// Sales of home's own output at home, by year and product, in the unit of the flows.
pub type Domestic = BTreeMap<Year, BTreeMap<String, f64>>;

#[derive(Debug, Clone, PartialEq)]
pub struct GroupShift {
    pub group: String,
    /// Shares of all supply, 0..1.
    pub from: f64,
    pub to: f64,
    /// to - from = within + mix.
    pub within: f64,
    pub mix: f64,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Reallocation {
    pub importer: String,
    pub from: Year,
    pub to: Year,
    /// By group name.
    pub groups: Vec<GroupShift>,
    /// ½ Σ_g |Δs_g|, 0..1.
    pub shift: f64,
    /// The same of the changes within products.
    pub shift_within: f64,
    /// Change of home's own share within products.
    pub reshoring: Quantity,
}

/// Changes between two years of `panel`. `groups`: partner group of each country code; other countries go to
/// [`OTHER`], unknown partners to [`UNKNOWN`].
pub fn reallocation(
    panel: &FlowPanel,
    importer: &Importer,
    groups: &BTreeMap<String, String>,
    domestic: Option<&Domestic>,
    from: Year,
    to: Year,
) -> Result<Reallocation, Box<Refusal>> {
    let read = |year: Year| {
        let flows = panel.get(&year).ok_or_else(|| {
            refuse(
                "year_not_on_record",
                Message::new("dependency.year_not_on_record").with("year", year.0),
                Message::new("dependency.year_not_on_record.needed").with("year", year.0),
            )
        })?;
        let home = Home::find(flows, importer)?;
        let own = domestic.and_then(|years| years.get(&year));
        Ok::<_, Box<Refusal>>(supply(flows, &home, groups, own))
    };
    let (before, after) = (read(from)?, read(to)?);
    let both_at_home = domestic.is_some_and(|d| d.contains_key(&from) && d.contains_key(&to));
    let total = |year: &ByProduct| year.values().flat_map(BTreeMap::values).sum::<f64>();
    let (total_before, total_after) = (total(&before), total(&after));
    if total_before <= 0.0 || total_after <= 0.0 {
        return Err(refuse(
            "nothing_imported",
            Message::new("dependency.nothing_imported").with("importer", importer.name.clone()),
            Message::new("dependency.nothing_imported.needed"),
        ));
    }
    let empty = BTreeMap::new();
    let mut shifts: BTreeMap<String, GroupShift> = BTreeMap::new();
    let mut products: Vec<&String> = before.keys().chain(after.keys()).collect();
    products.sort_unstable();
    products.dedup();
    for product in products {
        let (old, new) = (
            before.get(product).unwrap_or(&empty),
            after.get(product).unwrap_or(&empty),
        );
        let (old_sum, new_sum): (f64, f64) = (old.values().sum(), new.values().sum());
        let (w0, w1) = (old_sum / total_before, new_sum / total_after);
        let mut names: Vec<&String> = old.keys().chain(new.keys()).collect();
        names.sort_unstable();
        names.dedup();
        for name in names {
            let share = |cells: &BTreeMap<String, f64>, sum: f64| {
                (sum > 0.0).then(|| cells.get(name).unwrap_or(&0.0) / sum)
            };
            let (s0, s1) = match (share(old, old_sum), share(new, new_sum)) {
                (Some(s0), Some(s1)) => (s0, s1),
                // Bought in one year only: no change of sources can be seen.
                (Some(s), None) | (None, Some(s)) => (s, s),
                (None, None) => continue,
            };
            let shift = shifts.entry(name.clone()).or_insert_with(|| GroupShift {
                group: name.clone(),
                from: 0.0,
                to: 0.0,
                within: 0.0,
                mix: 0.0,
            });
            shift.from += w0 * s0;
            shift.to += w1 * s1;
            shift.within += f64::midpoint(w0, w1) * (s1 - s0);
            shift.mix += f64::midpoint(s0, s1) * (w1 - w0);
        }
    }
    let half =
        |pick: fn(&GroupShift) -> f64| shifts.values().map(pick).map(f64::abs).sum::<f64>() / 2.0;
    Ok(Reallocation {
        importer: importer.name.clone(),
        from,
        to,
        shift: half(|g| g.to - g.from),
        shift_within: half(|g| g.within),
        reshoring: if both_at_home {
            Quantity::exact(shifts.get(HOME).map_or(0.0, |g| g.within), Basis::Derived)
        } else {
            Quantity::not_estimated(Message::new("dependency.gap.no_domestic_supply"))
        },
        groups: shifts.into_values().collect(),
    })
}

type ByProduct = BTreeMap<String, BTreeMap<String, f64>>;

fn supply(
    flows: &Flows,
    home: &Home,
    groups: &BTreeMap<String, String>,
    own: Option<&BTreeMap<String, f64>>,
) -> ByProduct {
    let group_of: Vec<&str> = flows
        .countries()
        .iter()
        .enumerate()
        .map(|(c, code)| {
            if flows.is_unknown(c) {
                UNKNOWN
            } else {
                groups.get(code).map_or(OTHER, String::as_str)
            }
        })
        .collect();
    let mut found = ByProduct::new();
    for (p, product) in flows.products().iter().enumerate() {
        let mut cells: BTreeMap<String, f64> = BTreeMap::new();
        for row in flows.rows(p) {
            if home.has(row.importer) && !home.has(row.exporter) {
                *cells.entry(group_of[row.exporter].to_owned()).or_default() += row.value;
            }
        }
        if !cells.is_empty() {
            found.insert(product.clone(), cells);
        }
    }
    for (product, value) in own.into_iter().flatten() {
        found
            .entry(product.clone())
            .or_default()
            .insert(HOME.to_owned(), *value);
    }
    found
}
