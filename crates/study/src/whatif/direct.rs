//! What home (or the buyer) uses of the industries that stop, by who delivers it; and whether the weekly interval says more
//! than that somebody is missing.
//!
//! ```text
//! uses     Σ deliveries of the product by every region to home's industries and final users
//! there    the same, by the suppliers that stop
//! share    there / uses
//! imports  uses - home's own deliveries;   of imports: there less home's own / imports
//! ```
//!
//! In the worst case of the model with stocks nobody replaces a missing supplier, and every input is needed: any of them
//! then stops home, whatever its share. Where the interval of home's worst week is wide and its worst end is far above the
//! share that stops, the interval is that of *a* missing supplier, not of this one.

use std::collections::BTreeMap;

use chain::inventory::StopQuestion;
use chain::io::IoTable;
use model::{Basis, Cell, Entity, Estimate, Kind, Message, Origin, Quantity, ResultTable};

use super::Answer;
use super::hinges::WIDE;
use crate::engine::output::{cell, estimate};
use crate::inputs::io as inputs;

/// A worst week that loses this many times the share that stops does not depend on that share.
const FAR_ABOVE: f64 = 2.0;

/// A row for each product that stops, largest deliveries from there first.
pub fn table(
    table: &IoTable,
    stops: &StopQuestion,
    home: Option<&str>,
    origin: &Origin,
) -> ResultTable {
    let name = inputs::names(table.industries());
    let known = table
        .industries()
        .iter()
        .any(|l| name(&l.industry).is_some());
    let mut columns = vec![("region_code", ""), ("industry_code", "")];
    columns.extend(known.then_some(("industry_name", "")));
    columns.extend([
        ("uses", "io_value"),
        ("from_there", "io_value"),
        ("share_of_uses", "share"),
        ("imports", "io_value"),
        ("imports_from_there", "io_value"),
        ("share_of_imports", "share"),
    ]);
    let mut direct = ResultTable::new(
        "whatif.direct",
        "shock",
        "what home (or the buyer) uses of the industry's product, in industries and final demand: from the stopping suppliers / from everybody; imports: from everybody abroad",
        &columns,
    );
    let Some(home) = home else { return direct };
    let users = table.block(&[home], &[]);
    let columns: Vec<usize> = table
        .final_demand()
        .iter()
        .enumerate()
        .filter(|(_, label)| label.region == home)
        .map(|(column, _)| column)
        .collect();
    if users.is_empty() && columns.is_empty() {
        return direct;
    }
    let delivers = |seller: usize| {
        let used = users.iter().map(|user| table.flows().get(seller, *user));
        let bought = columns.iter().map(|c| table.demand().get(seller, *c));
        used.chain(bought).sum::<f64>()
    };
    let stopped = |seller: usize| stops.stops.iter().any(|s| s.industries.contains(&seller));
    // By product: uses, of them from there, imports, of them from there.
    let mut products: BTreeMap<&str, [f64; 4]> = BTreeMap::new();
    let labels = table.industries();
    for seller in (0..labels.len()).filter(|seller| stopped(*seller)) {
        products
            .entry(labels[seller].industry.as_str())
            .or_default();
    }
    for (seller, label) in labels.iter().enumerate() {
        let Some([uses, there, imports, imported]) = products.get_mut(label.industry.as_str())
        else {
            continue;
        };
        let delivered = delivers(seller);
        *uses += delivered;
        let abroad = label.region != home;
        if abroad {
            *imports += delivered;
        }
        if stopped(seller) {
            *there += delivered;
            if abroad {
                *imported += delivered;
            }
        }
    }
    let mut products: Vec<(&str, [f64; 4])> = products.into_iter().collect();
    products.sort_by(|a, b| b.1[1].total_cmp(&a.1[1]).then(a.0.cmp(b.0)));
    for (product, [uses, there, imports, imported]) in products {
        let exact = |x: f64| Cell::from(Estimate::exact(x, Basis::Derived));
        let part = |there: f64, whole: f64| {
            if whole > 0.0 {
                Quantity::exact(there / whole, Basis::Derived).into()
            } else {
                Cell::Empty
            }
        };
        let mut cells = vec![
            Cell::Entity(Entity::new(Kind::Country, home)),
            product.into(),
        ];
        if known {
            cells.push(name(product).map_or(Cell::Empty, Cell::Message));
        }
        cells.extend([
            exact(uses),
            exact(there),
            part(there, uses),
            exact(imports),
            exact(imported),
            part(imported, imports),
        ]);
        direct.push(format!("{home}/{product}"), cells, vec![origin.clone()]);
    }
    direct
}

/// Home's direct use of all that stops, and what extraction says it loses over a year.
struct Direct {
    home: Entity,
    what: Message,
    share: f64,
    of_imports: Option<f64>,
}

impl Answer {
    fn direct(&self) -> Option<Direct> {
        let table = self.table("whatif.direct")?;
        let first = table.rows.first()?;
        let Some(Cell::Entity(home)) = cell(table, first, "region_code") else {
            return None;
        };
        let of = |row, column| estimate(table, row, column).map_or(0.0, |e| e.value);
        let sum = |column| table.rows.iter().map(|row| of(row, column)).sum::<f64>();
        let [uses, there, imports, imported] =
            ["uses", "from_there", "imports", "imports_from_there"].map(sum);
        let what = match (table.rows.len(), cell(table, first, "industry_code")) {
            (1, Some(Cell::Text(code))) => match cell(table, first, "industry_name") {
                Some(Cell::Message(name)) => Message::new("whatif.named")
                    .with("name", name.clone())
                    .with("code", code.as_str()),
                _ => Message::verbatim(code.as_str()),
            },
            (n, _) => Message::new("whatif.several_industries").with("n", n),
        };
        (uses > 0.0).then(|| Direct {
            home: home.clone(),
            what,
            share: there / uses,
            of_imports: (imports > 0.0).then(|| imported / imports),
        })
    }

    /// Why the weekly interval of the industries says little, where it does.
    pub(super) fn uninformative(&self) -> Option<Message> {
        let direct = self.direct()?;
        let summary = self.table("chain.inventory")?;
        let row = self.home_row()?;
        let peak = estimate(summary, row, "peak")?;
        let severity = self.scenario.event.iter().map(|e| e.severity.high);
        let share = direct.share * severity.fold(0.0, f64::max);
        let blind = peak.high - peak.low >= WIDE && peak.high >= FAR_ABOVE * share;
        blind.then(|| {
            Message::new("whatif.uninformative")
                .with("low", peak.low)
                .with("high", peak.high)
                .with("home", direct.home)
                .with("share", direct.share)
        })
    }

    /// What is known of the industries whatever others replace: use from there, and the loss over a year.
    pub(super) fn direct_headline(&self) -> Option<Message> {
        let direct = self.direct()?;
        let regions = self.table("whatif.regions")?;
        let row = regions.row(&direct.home.id);
        let lost = row.and_then(|row| estimate(regions, row, "loss_share"));
        let lost = lost.unwrap_or_else(|| Estimate::exact(0.0, Basis::Derived));
        let of_imports = match direct.of_imports {
            Some(share) => Message::new("whatif.headline.direct.imports").with("share", share),
            None => Message::verbatim(""),
        };
        Some(
            Message::new("whatif.headline.direct")
                .with("share", direct.share)
                .with("imports", of_imports)
                .with("home", direct.home)
                .with("what", direct.what)
                .with("low", lost.low)
                .with("high", lost.high),
        )
    }
}
