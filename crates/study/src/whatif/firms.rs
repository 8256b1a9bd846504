//! The part that firms and their links carry: what the network loses with the firms that stop.
//!
//! ```text
//! low, value, high    the fixed point of the cascade at the low, central and high end of severity, from below;
//!                     high with the certified error of the computation on top
//! loss of a sector    Σ s_i loss_i over its firms, s = sales to firms of the network
//! ```
//!
//! A lasting stop: no stocks, no recovery, no new suppliers beyond the setting of substitution.

use std::collections::BTreeMap;

use chain::cascade::{Cascade, CascadeError, FirmLosses, FirmNetwork, Shock};
use evidence::{Evidence, Record};
use model::{Basis, Cell, Country, Estimate, Message, Origin, Quantity, ResultTable};

use super::question::title;
use super::{Carrier, Desk, Part, beyond, refusal};
use crate::config::{Config, Span};
use crate::inputs::firms::{held, name, network};
use crate::inputs::seats::firm_id;

/// Firms hit that are listed, largest losses first.
const LISTED: usize = 100;
/// A firm that loses less than this share of its own output is not hit.
const SMALL: f64 = 1e-4;

/// Firms as a question sees them, in the order of the network.
pub struct FirmNet<'a> {
    pub network: &'a FirmNetwork,
    pub cascade: &'a Cascade,
    pub firms: Vec<FirmRow>,
    /// Rows behind what a firm loses.
    pub origins: &'a dyn Fn(usize) -> Vec<Origin>,
    /// Rows behind all links.
    pub sources: Vec<Origin>,
    /// Year of the links, where one is recorded.
    pub year: Option<u32>,
}

#[derive(Debug, Clone, Default)]
pub struct FirmRow {
    pub id: String,
    pub name: String,
    pub sector: String,
    /// Empty where it is not recorded.
    pub country: String,
    pub region: String,
    pub own: Option<Origin>,
}

impl FirmRow {
    fn place(&self) -> String {
        format!("{} {}", self.country, self.region)
            .trim()
            .to_owned()
    }
}

/// The firms of a study. `None` where the question names no firm.
pub fn of_study(evidence: &Evidence, config: &Config, desk: &Desk) -> Option<Part> {
    if desk.scenario.event.iter().all(|event| event.firm.is_none()) {
        return None;
    }
    let question = title(desk.scenario);
    if !held(evidence) {
        return Some(Part::refused(
            Carrier::Firms,
            refusal("no_firms", &question),
        ));
    }
    let net = match network(evidence, &config.cascade, &question) {
        Ok(net) => net,
        Err(refusal) => return Some(Part::refused(Carrier::Firms, *refusal)),
    };
    let text = |row: &Record, column: &str| row.text(column).unwrap_or_default().to_owned();
    let firms = net.firms.iter().map(|row| FirmRow {
        id: row.key.clone(),
        name: name(row).to_owned(),
        sector: text(row, "sector"),
        country: text(row, "country"),
        region: text(row, "region"),
        own: Some(Origin::Evidence(row.reference())),
    });
    let origins = |firm: usize| net.origins(firm);
    let asked = FirmNet {
        network: &net.network,
        cascade: &net.cascade,
        firms: firms.collect(),
        origins: &origins,
        sources: net.sources(),
        year: Some(net.year),
    };
    Some(answer(desk, &asked))
}

/// Asks a network; the firms by id or exact name.
pub fn answer(desk: &Desk, net: &FirmNet) -> Part {
    if let Some(part) = beyond(Carrier::Firms, desk.scenario) {
        return part;
    }
    let question = title(desk.scenario);
    let mut stopped: Vec<(usize, Span)> = Vec::new();
    for event in &desk.scenario.event {
        let Some(firm) = event.firm.as_deref() else {
            continue;
        };
        let by_id = net.firms.iter().position(|row| row.id == firm);
        let at = by_id.or_else(|| {
            let meant = firm_id(firm);
            net.firms.iter().position(|row| firm_id(&row.name) == meant)
        });
        let Some(at) = at else {
            let mut refused = refusal("unknown_firm", &question);
            refused.reason = refused.reason.with("name", firm);
            refused.needed = refused.needed.with("name", firm);
            return Part::refused(Carrier::Firms, refused);
        };
        // The same firm beside several countries or goods stops once.
        match stopped.iter_mut().find(|(known, _)| *known == at) {
            Some((_, span)) => {
                span.low = span.low.max(event.severity.low);
                span.value = span.value.max(event.severity.value);
                span.high = span.high.max(event.severity.high);
            }
            None => stopped.push((at, event.severity)),
        }
    }
    if stopped.is_empty() {
        return Part::refused(Carrier::Firms, refusal("no_firm_named", &question));
    }
    match losses(net, &stopped, desk.tolerance) {
        Ok(found) => tables(net, &stopped, &found),
        Err(error) => {
            let mut refused = refusal("firms_unusable", &question);
            refused.reason = refused.reason.with("problem", error.to_string());
            Part::refused(Carrier::Firms, refused)
        }
    }
}

/// At the low, central and high end of severity.
fn losses(
    net: &FirmNet,
    stopped: &[(usize, Span)],
    tolerance: f64,
) -> Result<[FirmLosses; 3], CascadeError> {
    let at = |pick: fn(&Span) -> f64| {
        let remaining = stopped.iter();
        let shock = Shock {
            name: "firms".to_owned(),
            remaining: remaining
                .map(|(firm, span)| (*firm as u32, (1.0 - pick(span)).clamp(0.0, 1.0)))
                .collect(),
        };
        net.cascade.losses(&shock, tolerance)
    };
    let exact = stopped.iter().all(|(_, s)| s.high <= s.low);
    let middle = at(|s| s.value)?;
    if exact {
        return Ok([middle.clone(), middle.clone(), middle]);
    }
    Ok([at(|s| s.low)?, middle, at(|s| s.high)?])
}

/// What a group of firms loses.
#[derive(Default)]
struct Sum {
    lost: [f64; 3],
    sales: f64,
    hit: usize,
    firms: usize,
}

fn tables(net: &FirmNet, stopped: &[(usize, Span)], found: &[FirmLosses; 3]) -> Part {
    let mut origins: Vec<Origin> = Vec::new();
    for (firm, _) in stopped {
        origins.extend((net.origins)(*firm));
    }
    origins.extend(net.sources.iter().cloned());
    origins.push(Origin::Parameter("cascade".to_owned()));
    let sector = |i: usize| net.firms[i].sector.clone();
    let place = |i: usize| net.firms[i].place();
    let year = net.year.map(|year| year.to_string());
    Part {
        carrier: Carrier::Firms,
        tables: vec![
            whole(net, stopped, found, &origins),
            grouped(
                net,
                found,
                "whatif.firm_sectors",
                "firm_sector",
                sector,
                &origins,
            ),
            grouped(
                net,
                found,
                "whatif.firm_regions",
                "region_code",
                place,
                &origins,
            ),
            hit(net, found, &origins),
        ],
        refusals: Vec::new(),
        draws: None,
        notes: vec![match year {
            Some(year) => Message::new("whatif.note.firms").with("year", year),
            None => Message::new("whatif.note.firms_undated"),
        }],
    }
}

fn whole(
    net: &FirmNet,
    stopped: &[(usize, Span)],
    found: &[FirmLosses; 3],
    origins: &[Origin],
) -> ResultTable {
    let mut table = ResultTable::new(
        "whatif.firm_network",
        "cascade",
        "Σ s_i loss_i / Σ s_i, s = sales to firms; from severity low (from below) to severity high (with the certified error)",
        &[
            ("firm_name", ""),
            ("output_lost", "share"),
            ("firms_hit", ""),
            ("firms_in_network", ""),
            ("certificate", ""),
        ],
    );
    let [low, middle, high] = found;
    let above = (high.index + high.certainty.bound().unwrap_or(1.0)).min(1.0);
    let names: Vec<&str> = stopped
        .iter()
        .map(|(i, _)| net.firms[*i].name.as_str())
        .collect();
    let keys: Vec<&str> = stopped
        .iter()
        .map(|(i, _)| net.firms[*i].id.as_str())
        .collect();
    let certified = found.iter().all(|f| f.certainty.is_certified());
    table.push(
        keys.join("+"),
        vec![
            names.join(", ").into(),
            Estimate::spanning(middle.index, low.index, above, Basis::Derived).into(),
            high.high
                .iter()
                .filter(|loss| **loss >= SMALL)
                .count()
                .into(),
            net.firms.len().into(),
            crate::steps::code(if certified {
                "cascade.certified"
            } else {
                "cascade.lower_bound"
            }),
        ],
        origins.to_vec(),
    );
    table
}

/// Losses weighted by sales, by group; not estimated for a group without recorded sales.
fn grouped(
    net: &FirmNet,
    found: &[FirmLosses; 3],
    table: &str,
    column: &str,
    group: impl Fn(usize) -> String,
    origins: &[Origin],
) -> ResultTable {
    let mut out = ResultTable::new(
        table,
        "cascade",
        "Σ s_i loss_i / Σ s_i over the firms of the group, s = sales to firms",
        &[
            (column, ""),
            ("output_lost", "share"),
            ("firms_hit", ""),
            ("firms_in_group", ""),
        ],
    );
    let mut sums: BTreeMap<String, Sum> = BTreeMap::new();
    let [low, middle, high] = found;
    for (i, sales) in net.network.sales().iter().enumerate() {
        let sum = sums.entry(group(i)).or_default();
        for (lost, share) in sum
            .lost
            .iter_mut()
            .zip([low.low[i], middle.low[i], high.high[i]])
        {
            *lost += sales * share;
        }
        sum.sales += sales;
        sum.hit += usize::from(high.high[i] >= SMALL);
        sum.firms += 1;
    }
    for (name, sum) in sums
        .into_iter()
        .filter(|(name, sum)| sum.hit > 0 && !name.is_empty())
    {
        let share = if sum.sales > 0.0 {
            let [low, value, high] = sum.lost.map(|lost| lost / sum.sales);
            Estimate::spanning(value, low, high, Basis::Derived).into()
        } else {
            Quantity::not_estimated(Message::new("whatif.no_sales"))
        };
        out.push(
            name.clone(),
            vec![name.into(), share.into(), sum.hit.into(), sum.firms.into()],
            origins.to_vec(),
        );
    }
    out
}

fn hit(net: &FirmNet, found: &[FirmLosses; 3], origins: &[Origin]) -> ResultTable {
    let mut table = ResultTable::new(
        "whatif.firms",
        "cascade",
        "loss of the firm's own output, the larger of downstream and upstream; the firms hit hardest",
        &[
            ("firm_name", ""),
            ("firm_sector", ""),
            ("country", ""),
            ("output_lost", "share"),
        ],
    );
    let [low, middle, high] = found;
    let mut order: Vec<usize> = (0..net.firms.len())
        .filter(|i| high.high[*i] >= SMALL)
        .collect();
    order.sort_by(|a, b| middle.low[*b].total_cmp(&middle.low[*a]).then(a.cmp(b)));
    for i in order.into_iter().take(LISTED) {
        let row = &net.firms[i];
        let country: Cell = if row.country.is_empty() {
            Cell::Empty
        } else {
            Country::from(row.country.as_str()).entity().into()
        };
        let mut own: Vec<Origin> = row.own.iter().cloned().collect();
        own.extend_from_slice(origins);
        let loss = Estimate::spanning(middle.low[i], low.low[i], high.high[i], Basis::Derived);
        table.push(
            row.id.clone(),
            vec![
                row.name.clone().into(),
                row.sector.clone().into(),
                country,
                loss.into(),
            ],
            own,
        );
    }
    table
}
