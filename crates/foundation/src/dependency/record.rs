//! The list of dependent products of one importer, with everything that says how firmly each stands on it.
//!
//! A product of a year is **dependent** by a method if all its criteria pass. Over the years: how many it held of
//! those that are known, and whether it held in `need` of the last `window` (GeoDep's C4, here for every method). A
//! product at a cliff (within ± `cliff` of a threshold that could turn the verdict) carries the probability that its
//! verdict changes within a year, from the transitions observed on the same list near the same margin
//! ([`churn`](super::churn)); [`noise`](super::noise) gives a second one, from measurement error.

use std::collections::{BTreeMap, BTreeSet};

use model::{Message, Quantity, Refusal, Year};
use serde::{Deserialize, Serialize};

use super::churn::{Margins, transitions};
use super::criterion::{Criterion, Gap, Range, Reading, Verdict, joint_margin, joint_verdict};
use super::ec2021::{self, Ec2021Params};
use super::ecipe::{self, EcipeParams};
use super::flows::{FlowPanel, Flows};
use super::geodep::{self, GeoDepParams};
use super::importer::{Home, Importer};
use super::refuse;
use super::single_points::{self, SinglePointParams};
use super::supply::{Supply, World, per_product};

/// The published definitions of a dependent product.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    Ec2021,
    GeoDep,
    Ecipe,
}

impl Method {
    pub const ALL: [Self; 3] = [Self::Ec2021, Self::GeoDep, Self::Ecipe];

    pub fn criteria(self, supply: &Supply, world: &World, params: &ListParams) -> Vec<Criterion> {
        match self {
            Self::Ec2021 => ec2021::criteria(supply, &params.ec2021).into(),
            Self::GeoDep => geodep::criteria(supply, world, &params.geodep).into(),
            Self::Ecipe => ecipe::criteria(supply, &params.ecipe).into(),
        }
    }

    /// Above 0 exactly if the product is dependent; -1 without imports; `None` if unknown.
    pub fn margin(self, supply: &Supply, world: &World, params: &ListParams) -> Option<f64> {
        if supply.imports_extra > 0.0 {
            joint_margin(&self.criteria(supply, world, params))
        } else {
            Some(-1.0)
        }
    }

    fn concentration(self, params: &ListParams) -> f64 {
        match self {
            Self::Ec2021 => params.ec2021.concentration,
            Self::GeoDep => params.geodep.concentration,
            Self::Ecipe => params.ecipe.concentration,
        }
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ListParams {
    pub ec2021: Ec2021Params,
    pub geodep: GeoDepParams,
    pub ecipe: EcipeParams,
    pub single_points: SinglePointParams,
    /// Relative distance to a threshold that is a cliff.
    pub cliff: f64,
    /// Persistent: dependent in at least `need` of the last `window` calendar years.
    pub window: i32,
    pub need: usize,
}

impl Default for ListParams {
    fn default() -> Self {
        Self {
            ec2021: Ec2021Params::default(),
            geodep: GeoDepParams::default(),
            ecipe: EcipeParams::default(),
            single_points: SinglePointParams::default(),
            cliff: 0.05,
            window: 3,
            need: 2,
        }
    }
}

/// One product that the importer buys in the list's year.
#[derive(Debug, Clone, PartialEq)]
pub struct Record {
    pub product: String,
    /// From outside, in the unit of the flows.
    pub imports: f64,
    pub criteria: Vec<Criterion>,
    /// The concentration of quantities beside that of values; decides nothing.
    pub hhi_quantity: Criterion,
    /// Part of the imports that has a quantity.
    pub quantity_covered: f64,
    /// Concentration where re-exports count as unknown origin.
    pub hhi_re_exports_in_doubt: Range,
    /// Experimental; decides nothing.
    pub single_point: Criterion,
    /// By the published convention.
    pub dependent: Option<bool>,
    /// Over all origins that the unknown part allows.
    pub verdict: Verdict,
    /// The smallest relative distance to a threshold; above 0 exactly if dependent.
    pub margin: Option<f64>,
    /// Criteria within the cliff.
    pub cliffs: Vec<&'static str>,
    /// The verdict itself stands on a cliff.
    pub verdict_at_cliff: bool,
    /// Probability that the verdict changes within a year, from observed transitions.
    pub change: Quantity,
    pub by_year: BTreeMap<Year, Option<bool>>,
    /// Years dependent, of those `known`.
    pub held: usize,
    pub known: usize,
    /// Dependent in `need` of the last `window` years.
    pub persistent: Option<bool>,
    /// Largest known origin and its share of the imports.
    pub first: Option<(String, f64)>,
    pub unknown_share: f64,
    pub re_export_share: f64,
}

/// All products an importer buys, with the history of their verdicts.
#[derive(Debug, Clone, PartialEq)]
pub struct List {
    pub importer: String,
    pub method: Method,
    /// The latest year in which the importer is on record.
    pub year: Year,
    /// By product.
    pub records: Vec<Record>,
    /// Of every product in any year; the input of [`churn`](super::churn).
    pub margins: Margins,
    /// Members of a group without a row as importer: their imports are not in the numbers of the year.
    pub missing_members: BTreeMap<Year, Vec<String>>,
}

/// The list of one importer by one method. Refused if no year has a row of the importer.
pub fn list(
    panel: &FlowPanel,
    importer: &Importer,
    method: Method,
    params: &ListParams,
) -> Result<List, Box<Refusal>> {
    check(params)?;
    let products: BTreeSet<&String> = panel.values().flat_map(Flows::products).collect();
    let mut margins: Margins = products
        .into_iter()
        .map(|p| (p.clone(), panel.keys().map(|y| (*y, None)).collect()))
        .collect();
    let mut missing_members = BTreeMap::new();
    let mut latest = None;
    let mut refusal = refuse(
        "importer_not_on_record",
        Message::new("dependency.importer_not_on_record").with("importer", importer.name.clone()),
        Message::new("dependency.importer_not_on_record.needed")
            .with("importer", importer.name.clone()),
    );
    for (year, flows) in panel {
        match Home::find(flows, importer) {
            Ok(home) => {
                if !home.not_importing.is_empty() {
                    missing_members.insert(*year, home.not_importing.clone());
                }
                latest = Some((*year, flows));
            }
            // A missing reporter: the year stays unknown.
            Err(why) => {
                refusal = why;
                continue;
            }
        }
        let found = per_product(flows, std::slice::from_ref(importer), |_, world, s| {
            method.margin(&s[0], world, params)
        })?;
        for (product, margin) in flows.products().iter().zip(found) {
            if let Some(years) = margins.get_mut(product) {
                years.insert(*year, margin);
            }
        }
    }
    let Some((year, flows)) = latest else {
        return Err(refusal);
    };
    let changes = transitions(&margins);
    let records = per_product(
        flows,
        std::slice::from_ref(importer),
        |product, world, s| {
            let supply = &s[0];
            let code = &flows.products()[product];
            let history = margins.get(code)?;
            (supply.imports_extra > 0.0).then(|| {
                let criteria = method.criteria(supply, world, params);
                let margin = joint_margin(&criteria);
                let by_year: BTreeMap<Year, Option<bool>> = history
                    .iter()
                    .map(|(year, margin)| (*year, margin.map(|m| m > 0.0)))
                    .collect();
                let window: Vec<Option<bool>> = (0..params.window)
                    .map(|back| by_year.get(&Year(year.0 - back)).copied().flatten())
                    .collect();
                let count =
                    |wanted: fn(&&Option<bool>) -> bool| by_year.values().filter(wanted).count();
                let reading =
                    |r: Result<Range, Gap>| r.map_or_else(Reading::Missing, Reading::Known);
                Record {
                    product: code.clone(),
                    imports: supply.imports_extra,
                    hhi_quantity: Criterion::new(
                        "hhi_quantity",
                        reading(supply.hhi_quantity()),
                        method.concentration(params),
                    ),
                    quantity_covered: supply.quantity_covered,
                    hhi_re_exports_in_doubt: supply
                        .hhi_re_exports_in_doubt()
                        .unwrap_or(Range::exact(f64::NAN)),
                    single_point: single_points::criterion(supply, &params.single_points),
                    dependent: margin.map(|m| m > 0.0),
                    verdict: joint_verdict(&criteria),
                    margin,
                    cliffs: criteria
                        .iter()
                        .filter(|c| c.at_cliff(params.cliff))
                        .map(|c| c.id)
                        .collect(),
                    verdict_at_cliff: margin.is_some_and(|m| m.abs() <= params.cliff),
                    change: margin.map_or_else(
                        || Quantity::not_estimated(Message::new("dependency.gap.verdict_unknown")),
                        |m| changes.change(m),
                    ),
                    held: count(|v| **v == Some(true)),
                    known: count(|v| v.is_some()),
                    by_year,
                    persistent: geodep::persistent(&window, params.need),
                    first: supply
                        .first
                        .map(|f| (flows.countries()[f.country].clone(), f.share)),
                    unknown_share: supply.unknown_share().unwrap_or(0.0),
                    re_export_share: supply.re_export_share().unwrap_or(0.0),
                    criteria,
                }
            })
        },
    )?;
    Ok(List {
        importer: importer.name.clone(),
        method,
        year,
        records: records.into_iter().flatten().collect(),
        margins,
        missing_members,
    })
}

fn check(params: &ListParams) -> Result<(), Box<Refusal>> {
    let thresholds = [
        params.ec2021.concentration,
        params.ec2021.extra_share,
        params.ec2021.imports_to_exports,
        params.geodep.concentration,
        params.geodep.world_concentration,
        params.geodep.imports_to_exports,
        params.ecipe.dependence,
        params.ecipe.concentration,
        params.single_points.loss,
    ];
    let sound = thresholds.iter().all(|t| t.is_finite() && *t > 0.0)
        && params.cliff >= 0.0
        && params.single_points.spare >= 0.0
        && params.need >= 1
        && params.window >= 1
        && params.need <= params.window as usize;
    if sound {
        Ok(())
    } else {
        Err(refuse(
            "bad_params",
            Message::new("dependency.bad_params"),
            Message::new("dependency.bad_params.needed"),
        ))
    }
}
