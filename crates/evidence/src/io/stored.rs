//! The long form in which a study keeps a table: one row for each flow from a seller to a buyer.

use std::collections::{BTreeMap, BTreeSet};

use model::Diagnostic;

use super::assemble::{Draft, finish};
use super::labels::{join, label};
use super::{Imports, IoFiles, Label, Layout};
use crate::finding::{Place, error};

/// Region of sellers that the table does not hold: imports kept apart.
const IMPORTED: &str = "(imports)";

/// Buyer of an industry's given output, and seller of its given value added: vectors beside the flows.
const OUTPUT: &str = "(output)";
const VALUE_ADDED: &str = "(value added)";

/// Flows as columns; a flow that is not there is zero in a table that was whole when it was written.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Flows {
    /// Region and industry of the seller, region and industry or category of the buyer.
    pub keys: Vec<[String; 4]>,
    pub values: Vec<f64>,
}

impl Flows {
    pub fn push(&mut self, key: [String; 4], value: f64) {
        self.keys.push(key);
        self.values.push(value);
    }
}

/// All flows of a table that are not zero, and every industry at least once.
pub fn to_flows(table: &IoFiles) -> Flows {
    let mut flows = Flows::default();
    let n = table.industries.len();
    let m = table.finals.len();
    let mut rows = |sellers: &[Label], region: Option<&str>, z: &[f64], y: &[f64]| {
        for (i, seller) in sellers.iter().enumerate() {
            let from = region.unwrap_or(&seller.region).to_owned();
            let mut seen = false;
            let inner = z[i * n..(i + 1) * n].iter().zip(&table.industries);
            let last = y[i * m..(i + 1) * m].iter().zip(&table.finals);
            for (at, (value, buyer)) in inner.chain(last).enumerate() {
                // The diagonal keeps an industry that neither sells nor buys.
                if *value != 0.0 || (at == i && region.is_none()) || (at + 1 == n + m && !seen) {
                    seen = true;
                    let key = [
                        from.clone(),
                        seller.name.clone(),
                        buyer.region.clone(),
                        buyer.name.clone(),
                    ];
                    flows.push(key, *value);
                }
            }
        }
    };
    rows(&table.industries, None, &table.z, &table.y);
    if let Some(imports) = &table.imports {
        rows(&imports.products, Some(IMPORTED), &imports.z, &imports.y);
    }
    let empty = String::new;
    for (label, value) in table.industries.iter().zip(table.x.iter().flatten()) {
        let key = [
            label.region.clone(),
            label.name.clone(),
            empty(),
            OUTPUT.to_owned(),
        ];
        flows.push(key, *value);
    }
    for (label, value) in table
        .industries
        .iter()
        .zip(table.value_added.iter().flatten())
    {
        let key = [
            empty(),
            VALUE_ADDED.to_owned(),
            label.region.clone(),
            label.name.clone(),
        ];
        flows.push(key, *value);
    }
    flows
}

/// A table from its flows, in any order of rows. Buyers that sell are industries, the others are final demand;
/// labels come in the order of region and name.
///
/// # Errors
/// A flow that is there twice; a table without industries or without final demand.
pub fn from_flows(all: &Flows, layout: Layout, file: &str) -> Result<IoFiles, Vec<Diagnostic>> {
    let mut flows = Flows::default();
    let mut output: BTreeMap<(&str, &str), f64> = BTreeMap::new();
    let mut value_added: BTreeMap<(&str, &str), f64> = BTreeMap::new();
    for (at, (key, value)) in all.keys.iter().zip(&all.values).enumerate() {
        let [from, what, to, by] = key;
        let earlier = if by == OUTPUT && to.is_empty() {
            output.insert((from, what), *value)
        } else if what == VALUE_ADDED && from.is_empty() {
            value_added.insert((to, by), *value)
        } else {
            flows.push(key.clone(), *value);
            None
        };
        if earlier.is_some() {
            let shown = format!("{} → {}", join(from, what), join(to, by));
            let place = Place::row(file, at as u64 + 2);
            return Err(vec![error("io.flow_twice", place, &shown, &[])]);
        }
    }
    let mut sellers: BTreeSet<(&str, &str)> = BTreeSet::new();
    let mut products: BTreeSet<&str> = BTreeSet::new();
    let mut buyers: BTreeSet<(&str, &str)> = BTreeSet::new();
    for [from, what, to, by] in &flows.keys {
        if from == IMPORTED {
            products.insert(what);
        } else {
            sellers.insert((from, what));
        }
        buyers.insert((to, by));
    }
    let finals: Vec<(&str, &str)> = buyers.difference(&sellers).copied().collect();
    if sellers.is_empty() || finals.is_empty() {
        return Err(vec![error(
            "io.no_final_demand",
            Place::file(file),
            file,
            &[],
        )]);
    }
    let places =
        |of: &mut dyn Iterator<Item = (&'_ str, &'_ str)>| -> BTreeMap<(String, String), usize> {
            of.enumerate()
                .map(|(at, (r, n))| ((r.to_owned(), n.to_owned()), at))
                .collect()
        };
    let industry = places(&mut sellers.iter().copied());
    let last = places(&mut finals.iter().copied());
    let product = places(&mut products.iter().map(|p| (IMPORTED, *p)));
    let (n, m) = (sellers.len(), finals.len());
    let mut z = vec![f64::NAN; n * n];
    let mut y = vec![f64::NAN; n * m];
    let mut iz = vec![f64::NAN; products.len() * n];
    let mut iy = vec![f64::NAN; products.len() * m];
    for (at, ([from, what, to, by], value)) in flows.keys.iter().zip(&flows.values).enumerate() {
        let seller = (from.clone(), what.clone());
        let buyer = (to.clone(), by.clone());
        let own = industry.get(&seller);
        let row = own
            .or_else(|| product.get(&seller))
            .copied()
            .unwrap_or_default();
        let cell = match (own, industry.get(&buyer), last.get(&buyer)) {
            (Some(_), Some(j), _) => &mut z[row * n + j],
            (None, Some(j), _) => &mut iz[row * n + j],
            (Some(_), None, Some(f)) => &mut y[row * m + f],
            (None, None, f) => &mut iy[row * m + f.copied().unwrap_or_default()],
            (Some(_), None, None) => continue,
        };
        if !cell.is_nan() {
            let shown = format!("{} → {}", join(from, what), join(to, by));
            return Err(vec![error(
                "io.flow_twice",
                Place::row(file, at as u64 + 2),
                &shown,
                &[],
            )]);
        }
        *cell = *value;
    }
    for values in [&mut z, &mut y, &mut iz, &mut iy] {
        values
            .iter_mut()
            .filter(|v| v.is_nan())
            .for_each(|v| *v = 0.0);
    }
    let labels = |of: &mut dyn Iterator<Item = (&'_ str, &'_ str)>| -> Vec<Label> {
        of.map(|(region, name)| label(&join(region, name), region, name))
            .collect()
    };
    let vector = |of: &BTreeMap<(&str, &str), f64>| -> Option<Vec<f64>> {
        sellers.iter().map(|key| of.get(key).copied()).collect()
    };
    let draft = Draft {
        industries: labels(&mut sellers.iter().copied()),
        finals: labels(&mut finals.iter().copied()),
        z,
        y,
        x: vector(&output),
        value_added: vector(&value_added),
        imports: (!products.is_empty()).then(|| Imports {
            products: labels(&mut products.iter().map(|p| ("", *p))),
            z: iz,
            y: iy,
        }),
    };
    Ok(finish(
        draft,
        layout,
        layout.unit().to_owned(),
        Vec::new(),
        Vec::new(),
        file,
    ))
}
