//! Complexity of regions by the world's complexity of activities.
//!
//! ```text
//! ECI_r = mean of PCI_a over a with M_ra = 1 and a known external PCI
//! ```
//!
//! A country's regions are too few and too alike for an eigenvector of their own; the PCI comes from the world table.
//! **Against which basket the regions' RCA is taken must be said:** against the regions together ([`Basket::Own`], what the
//! OEC package and econcomplex 1.0.1 do with a table of regions) or against the world ([`Basket::World`], a region is
//! then specialised in what the world has little of). Activities without an external PCI take no part, as in the OEC
//! package; a region without any is `NaN` (there 0/0, in econcomplex 0).

use model::{Message, Refusal};

use crate::activity::ActivityTable;
use crate::complexity::advantage::rca;
use crate::complexity::presence_rule::{Rule, presence};
use crate::presence::Presence;
use crate::relatedness::density::moments;

/// What the share of an activity in a region is compared with.
#[derive(Debug, Clone, PartialEq)]
pub enum Basket {
    /// The sum of the regions.
    Own,
    /// Totals of the world, one for each activity of the table; `NaN` or 0: the activity takes no part.
    World(Vec<f64>),
}

/// Whether the result is standardised over the regions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Standardised {
    /// In the units of the PCI: comparable with the countries of the world table. The OEC package's default.
    #[default]
    No,
    /// z with n - 1 (the OEC package with `standardize`).
    Sample,
    /// z with n (econcomplex's default).
    Population,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Subnational {
    /// One for each region; `NaN` without any activity of known PCI.
    pub eci: Vec<f64>,
    /// Activities that each mean rests on.
    pub activities: Vec<usize>,
    /// Activities of each region that have no external PCI.
    pub without_pci: Vec<usize>,
    pub presence: Presence,
}

/// ECI of the regions; `pci` has one number for each activity of the table (`NaN` unknown).
///
/// Refused where the lengths differ or no activity has a PCI.
pub fn subnational_eci(
    regions: &ActivityTable,
    pci: &[f64],
    basket: &Basket,
    rule: &Rule,
    standardised: Standardised,
) -> Result<Subnational, Box<Refusal>> {
    let width = regions.activities().len();
    let basket_fits = match basket {
        Basket::Own => true,
        Basket::World(totals) => totals.len() == width,
    };
    if pci.len() != width || !basket_fits || pci.iter().all(|p| p.is_nan()) {
        return Err(Box::new(Refusal {
            code: "strategy.subnational.nothing_shared".to_owned(),
            question: Message::new("strategy.subnational.question"),
            reason: Message::new("strategy.subnational.nothing_shared.reason"),
            needed: Message::new("strategy.subnational.nothing_shared.needed"),
        }));
    }
    let quotients = match basket {
        Basket::Own => rca(regions),
        Basket::World(totals) => against(regions, totals),
    };
    let presence = presence(&quotients, width, rule);
    let held = |r: usize| presence.activities_of(r).map(|a| pci[a]);
    let regions = 0..presence.locations();
    let activities: Vec<usize> = regions
        .clone()
        .map(|r| held(r).filter(|p| !p.is_nan()).count())
        .collect();
    let mut eci: Vec<f64> = regions
        .map(|r| held(r).filter(|p| !p.is_nan()).sum::<f64>() / activities[r] as f64)
        .collect();
    let ddof = match standardised {
        Standardised::No => None,
        Standardised::Sample => Some(1),
        Standardised::Population => Some(0),
    };
    if let Some(ddof) = ddof {
        let (mean, sd) = moments(&eci, ddof);
        for e in &mut eci {
            *e = (*e - mean) / sd;
        }
    }
    Ok(Subnational {
        eci,
        without_pci: (0..presence.locations())
            .map(|r| presence.diversity()[r] as usize - activities[r])
            .collect(),
        activities,
        presence,
    })
}

fn against(regions: &ActivityTable, totals: &[f64]) -> Vec<f64> {
    let world: f64 = totals.iter().filter(|t| **t > 0.0).sum();
    let sums = regions.location_totals();
    (0..regions.locations().len())
        .flat_map(|r| {
            let own = sums[r];
            regions.row(r).iter().zip(totals).map(move |(x, total)| {
                let defined = own > 0.0 && *total > 0.0;
                if defined {
                    (x / own) / (total / world)
                } else {
                    f64::NAN
                }
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_basket_decides_by_hand() {
        let regions = ActivityTable::new(
            vec!["north".into(), "south".into()],
            vec!["a".into(), "b".into()],
            vec![3.0, 1.0, 2.0, 2.0],
        )
        .expect("a table");
        let eci = |basket| {
            subnational_eci(
                &regions,
                &[-1.0, 1.0],
                &basket,
                &Rule::default(),
                Standardised::No,
            )
            .expect("shared")
            .eci
        };
        // Own: a is 5/8 of the regions: north has a, south b. World: b is nine tenths, nobody has it.
        assert_eq!(eci(Basket::Own), [-1.0, 1.0]);
        assert_eq!(eci(Basket::World(vec![10.0, 90.0])), [-1.0, -1.0]);
        let none = subnational_eci(
            &regions,
            &[f64::NAN, f64::NAN],
            &Basket::Own,
            &Rule::default(),
            Standardised::No,
        );
        assert!(none.is_err());
    }
}
