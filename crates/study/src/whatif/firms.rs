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

use chain::cascade::{CascadeError, FirmLosses, Shock};
use evidence::Evidence;
use model::{Basis, Cell, Country, Estimate, Message, Origin, Quantity, ResultTable};

use super::question::{Asked, title};
use super::{Carrier, Part, refusal};
use crate::config::{Config, Span};
use crate::inputs::firms::{Network, find, held, name, network};

/// Firms hit that are listed, largest losses first.
const LISTED: usize = 100;
/// A firm that loses less than this share of its own output is not hit.
const SMALL: f64 = 1e-4;

/// `None` where the question names no firm.
pub fn part(evidence: &Evidence, config: &Config, asked: &Asked) -> Option<Part> {
    let question = title(&asked.scenario);
    let events = asked.scenario.event.iter();
    let named: Vec<(&str, Span)> = events
        .filter_map(|event| Some((event.firm.as_deref()?, event.severity)))
        .collect();
    if named.is_empty() {
        return None;
    }
    let refused = |refusal| Some(Part::refused(Carrier::Firms, refusal));
    if !held(evidence) {
        return refused(refusal("no_firms", &question));
    }
    let net = match network(evidence, &config.cascade, &question) {
        Ok(net) => net,
        Err(refusal) => return refused(*refusal),
    };
    let at = |firm: &str| {
        let key = &find(evidence, firm)?.key;
        net.firms.iter().position(|row| row.key == *key)
    };
    let mut stopped: Vec<(usize, Span)> = Vec::new();
    for (firm, severity) in named {
        match at(firm) {
            Some(at) => stopped.push((at, severity)),
            None => return refused(refusal("no_firms", &question)),
        }
    }
    match losses(&net, &stopped, config.cascade.tolerance) {
        Ok(found) => Some(tables(&net, &stopped, &found)),
        Err(error) => {
            let mut refused = refusal("firms_unusable", &question);
            refused.reason = refused.reason.with("problem", error.to_string());
            Some(Part::refused(Carrier::Firms, refused))
        }
    }
}

/// At the low, central and high end of severity.
fn losses(
    net: &Network,
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

fn tables(net: &Network, stopped: &[(usize, Span)], found: &[FirmLosses; 3]) -> Part {
    let mut origins: Vec<Origin> = Vec::new();
    for (firm, _) in stopped {
        origins.extend(net.origins(*firm));
    }
    origins.extend(net.sources());
    origins.push(Origin::Parameter("cascade".to_owned()));
    let sector = |i: usize| net.firms[i].text("sector").unwrap_or_default().to_owned();
    let place = |i: usize| {
        let row = net.firms[i];
        let country = row.text("country").unwrap_or_default();
        match row.text("region") {
            Some(region) => format!("{country} {region}"),
            None => country.to_owned(),
        }
    };
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
        notes: vec![Message::new("whatif.note.firms").with("year", net.year.to_string())],
    }
}

fn whole(
    net: &Network,
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
    let names: Vec<&str> = stopped.iter().map(|(i, _)| name(net.firms[*i])).collect();
    let keys: Vec<&str> = stopped
        .iter()
        .map(|(i, _)| net.firms[*i].key.as_str())
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
    net: &Network,
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
    for (name, sum) in sums.into_iter().filter(|(_, sum)| sum.hit > 0) {
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

fn hit(net: &Network, found: &[FirmLosses; 3], origins: &[Origin]) -> ResultTable {
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
        let row = net.firms[i];
        let country = Country::from(row.text("country").unwrap_or_default());
        let mut own = vec![Origin::Evidence(row.reference())];
        own.extend_from_slice(origins);
        let loss = Estimate::spanning(middle.low[i], low.low[i], high.high[i], Basis::Derived);
        table.push(
            row.key.clone(),
            vec![
                name(row).to_owned().into(),
                row.text("sector").unwrap_or_default().to_owned().into(),
                Cell::Entity(country.entity()),
                loss.into(),
            ],
            own,
        );
    }
    table
}
