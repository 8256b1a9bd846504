//! The product space of the large table: what is near to what, where it is drawn, and what home holds of it.
//!
//! The links are those of [`product_space`] (maximum spanning forest, then the strongest until four a node); places are those
//! of [`layout`], a drawing, counted in thousandths of a link.

use foundation::activity::ActivityTable;
use foundation::presence::Presence;
use foundation::relatedness::layout::{LayoutParams, layout};
use foundation::relatedness::proximity::{Diagonal, Measure, proximity};
use foundation::relatedness::space::{Extra, product_space};
use foundation::robustness::around::Around;
use model::{Basis, Cell, Estimate, Message, Origin, Quantity, ResultTable};

use super::code;

/// Thousandths of a link in a link.
const DRAWN: f64 = 1000.0;

fn nodes_table() -> ResultTable {
    ResultTable::new(
        "foundation.space",
        "product-space",
        "place in a drawing of the product space by springs; held: M = 1 at every threshold, at some, or at none; PCI and density with ranges over RCA thresholds 0.75 to 1.25",
        &[
            ("activity", ""),
            ("drawn_x", ""),
            ("drawn_y", ""),
            ("held", ""),
            ("pci", "standard_deviations"),
            ("density", "share"),
        ],
    )
}

fn links_table() -> ResultTable {
    ResultTable::new(
        "foundation.space_links",
        "product-space",
        "φ = min(P(a|b), P(b|a)); the maximum spanning forest and the strongest others up to four links a node; ranges over RCA thresholds 0.75 to 1.25",
        &[("activity", ""), ("neighbour", ""), ("proximity", "share")],
    )
}

/// Nodes and links of the space; what `home` holds, where it is in the table.
pub fn tables(
    table: &ActivityTable,
    around: &Around,
    home: Option<usize>,
    origins: &[Origin],
) -> [ResultTable; 2] {
    let (mut nodes, mut links) = (nodes_table(), links_table());
    let base = &around.base.presence;
    // What no location has is near to nothing.
    let kept: Vec<usize> = (0..base.activities())
        .filter(|a| base.ubiquity()[*a] > 0)
        .collect();
    let all: Vec<usize> = (0..base.locations()).collect();
    let phi = proximity(
        &base.restricted(&all, &kept),
        Measure::MinConditional,
        Diagonal::Kept,
    );
    let space = product_space(&phi, Extra::default());
    let places = layout(&space, LayoutParams::default());
    let width = table.activities().len();
    for (&a, place) in kept.iter().zip(places) {
        let label = &table.activities()[a];
        let unknown = || Quantity::not_estimated(Message::new("complexity.no_number"));
        let number = |e: Option<Estimate>| Cell::from(e.map_or_else(unknown, Quantity::from));
        nodes.push(
            label.clone(),
            vec![
                label.clone().into(),
                Cell::Count((place.0 * DRAWN).round() as i64),
                Cell::Count((place.1 * DRAWN).round() as i64),
                home.map_or(Cell::Empty, |home| code(held(around, home, a))),
                number(around.range(|c| c.pci[a])),
                number(home.and_then(|home| around.range(|c| c.density[home * width + a]))),
            ],
            origins.to_vec(),
        );
    }
    for link in space.links {
        let (a, b) = (kept[link.a], kept[link.b]);
        let (first, second) = (&table.activities()[a], &table.activities()[b]);
        let near = around.range(|c| near(&c.presence, a, b));
        links.push(
            format!("{first}/{second}"),
            vec![
                first.clone().into(),
                second.clone().into(),
                near.unwrap_or_else(|| Estimate::exact(link.proximity, Basis::Derived))
                    .into(),
            ],
            origins.to_vec(),
        );
    }
    [nodes, links]
}

pub fn empty() -> [ResultTable; 2] {
    [nodes_table(), links_table()]
}

/// Whether home has it under all thresholds, some or none.
fn held(around: &Around, home: usize, a: usize) -> &'static str {
    let has = around.range(|c| f64::from(u8::from(c.presence.get(home, a))));
    match has {
        Some(e) if e.low > 0.5 => "space.held",
        Some(e) if e.high > 0.5 => "space.doubtful",
        _ => "space.not_held",
    }
}

/// φ = min(P(a|b), P(b|a)).
fn near(presence: &Presence, a: usize, b: usize) -> f64 {
    let most = presence.ubiquity()[a].max(presence.ubiquity()[b]);
    if most == 0 {
        0.0
    } else {
        f64::from(presence.both_activities(a, b)) / f64::from(most)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use foundation::complexity::convention::Convention;
    use foundation::complexity::table::Params;

    fn cells() -> Vec<(String, String, f64)> {
        (0..9usize)
            .flat_map(|l| {
                (0..14usize)
                    .filter(move |a| (l * 5 + a * 7) % 4 != 0)
                    .map(move |a| {
                        let value = 1.0 + ((l * 13 + a * 29) % 11) as f64;
                        (format!("l{l}"), format!("a{a:02}"), value)
                    })
            })
            .collect()
    }

    fn world() -> ActivityTable {
        let cells = cells();
        ActivityTable::from_rows(cells.iter().map(|(l, a, v)| (l.as_str(), a.as_str(), *v)))
            .expect("a table")
    }

    #[test]
    fn links_are_the_proximities_of_the_matrix_and_what_home_holds_is_its_rca() {
        let table = world();
        let around =
            Around::of(&table, &Convention::default(), &Params::default()).expect("connected");
        let [nodes, links] = tables(&table, &around, Some(0), &[]);
        let m = &around.base.presence;
        let mut seen: BTreeMap<String, usize> = BTreeMap::new();
        for row in &links.rows {
            let (Cell::Text(a), Cell::Text(b), Cell::Quantity(Quantity::Estimated(phi))) =
                (&row.cells[0], &row.cells[1], &row.cells[2])
            else {
                panic!("cells of a link")
            };
            let at = |x: &String| {
                table
                    .activities()
                    .iter()
                    .position(|l| l == x)
                    .expect("an activity")
            };
            let holders = |x: usize| (0..m.locations()).filter(move |l| m.get(*l, x));
            let both = holders(at(a)).filter(|l| m.get(*l, at(b))).count() as f64;
            let by_hand =
                (both / holders(at(a)).count() as f64).min(both / holders(at(b)).count() as f64);
            assert!((phi.value - by_hand).abs() < 1e-12, "{a} {b}");
            assert!(phi.low <= phi.value && phi.value <= phi.high);
            *seen.entry(a.clone()).or_default() += 1;
            *seen.entry(b.clone()).or_default() += 1;
        }
        assert_eq!(seen.len(), nodes.rows.len());
        // Held: RCA by hand is at or above every threshold; doubtful: above some.
        let total = |of: &dyn Fn(&str, &str) -> bool| -> f64 {
            let rows = cells().into_iter().filter(|(l, a, _)| of(l, a));
            rows.map(|(_, _, value)| value).sum()
        };
        let all = total(&|_, _| true);
        let mut seen: BTreeMap<String, usize> = BTreeMap::new();
        for row in &nodes.rows {
            let Cell::Entity(held) = &row.cells[3] else {
                panic!("held")
            };
            let own = total(&|l, a| l == "l0" && a == row.key);
            let rca = own * all / (total(&|l, _| l == "l0") * total(&|_, a| a == row.key));
            let above = [0.75, 1.0, 1.25].map(|least| rca >= least);
            let by_hand = match above.iter().filter(|x| **x).count() {
                3 => "space.held",
                0 => "space.not_held",
                _ => "space.doubtful",
            };
            assert_eq!(held.id, by_hand, "{} {rca}", row.key);
            *seen.entry(held.id.clone()).or_default() += 1;
        }
        assert_eq!(seen.len(), 3, "{seen:?}");
    }
}
