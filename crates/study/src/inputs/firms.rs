//! From the tables of firms, links and sectors to a network with its model.

use std::collections::BTreeMap;

use chain::cascade::{Cascade, CascadeError, Class, Essential, FirmNetwork, Firms, Links, Model};
use evidence::{Evidence, Record};
use model::{Message, Origin, Refusal, RowRef};

use super::rows;
use super::seats::firm_id;
use crate::config::{CascadeSection, Mode};

/// Links of one firm that stand behind its numbers by name.
const LINKS: usize = 40;

/// A network as the study holds it; firms in the order of their ids.
pub struct Network<'a> {
    pub network: FirmNetwork,
    pub cascade: Cascade,
    pub firms: Vec<&'a Record>,
    links: Vec<&'a Record>,
    essential: BTreeMap<&'a str, &'a Record>,
    pub year: u32,
    /// Firms that state neither an output in the unit of the links nor a share of final demand.
    pub without_final_demand: usize,
}

/// Whether the study holds any firm.
pub fn held(evidence: &Evidence) -> bool {
    rows(evidence, "firms").next().is_some()
}

/// The firm by its id or its name.
pub fn find<'a>(evidence: &'a Evidence, firm: &str) -> Option<&'a Record> {
    let by_id = rows(evidence, "firms").find(|row| row.key == firm);
    let meant = firm_id(firm);
    let named = |row: &&Record| row.text("name").is_some_and(|name| firm_id(name) == meant);
    by_id.or_else(|| rows(evidence, "firms").find(named))
}

/// The name, else the id.
pub fn name(row: &Record) -> &str {
    row.text("name").unwrap_or(&row.key)
}

/// Builds and checks the network of the latest year.
pub fn network<'a>(
    evidence: &'a Evidence,
    settings: &CascadeSection,
    question: &Message,
) -> Result<Network<'a>, Box<Refusal>> {
    let refuse = |code: &str, detail: String| {
        let fill = |id: String| Message::new(id).with("detail", detail.clone());
        Box::new(Refusal {
            code: format!("cascade.{code}"),
            question: question.clone(),
            reason: fill(format!("cascade.{code}")),
            needed: fill(format!("cascade.{code}.needed")),
        })
    };
    let wrong = |error: CascadeError| refuse("unusable", error.to_string());
    let firms: Vec<&Record> = rows(evidence, "firms").collect();
    let latest = rows(evidence, "firm_links").filter_map(year).max();
    let (Some(latest), false) = (latest, firms.is_empty()) else {
        return Err(refuse("no_firms", String::new()));
    };
    let links: Vec<&Record> = rows(evidence, "firm_links")
        .filter(|row| year(row) == Some(latest))
        .collect();
    let unit = links[0].text("unit").unwrap_or_default();
    if let Some(other) = links.iter().find(|row| row.text("unit") != Some(unit)) {
        let units = format!("{unit}, {}", other.text("unit").unwrap_or_default());
        return Err(refuse("two_units", units));
    }
    let pairs = firms
        .iter()
        .map(|row| (row.key.clone(), row.text("sector").unwrap_or_default()));
    let list = Firms::from_pairs(pairs).map_err(wrong)?;
    let essential: BTreeMap<&str, &Record> = rows(evidence, "firm_sectors")
        .map(|row| (row.key.as_str(), row))
        .collect();
    let mut classes = Vec::with_capacity(list.sectors.len());
    let mut unknown = Vec::new();
    for sector in &list.sectors {
        let stated = essential.get(sector.as_str());
        classes.push(match stated.and_then(|row| row.text("essential")) {
            Some("yes") => Class::Essential,
            Some("not_needed") => Class::Irrelevant,
            Some(_) => Class::NotEssential,
            None => {
                unknown.push(sector.as_str());
                Class::NotEssential
            }
        });
    }
    if settings.mode == Mode::Gl && !unknown.is_empty() {
        unknown.truncate(20);
        return Err(refuse("no_essential", unknown.join(", ")));
    }
    let positions = list.positions().map_err(wrong)?;
    let mut by_column = Links::default();
    for row in &links {
        let place = |column: &str| {
            let firm = row.text(column).unwrap_or_default();
            let found = positions.get(firm).copied();
            found.ok_or_else(|| refuse("unusable", format!("{}: {firm}", row.key)))
        };
        by_column.supplier.push(place("supplier")?);
        by_column.customer.push(place("customer")?);
        by_column
            .weight
            .push(row.number("value").unwrap_or_default());
    }
    drop(positions);
    let network = FirmNetwork::new(list, by_column, Essential::Supplier(classes)).map_err(wrong)?;
    let mut without_final_demand = 0;
    let mut revenue = Vec::with_capacity(firms.len());
    for (row, sales) in firms.iter().zip(network.sales()) {
        let own = row.text("unit") == Some(unit);
        let output = row.number("output").filter(|_| own);
        let share = match (row.number("final_demand_share"), output) {
            (Some(share), _) => share,
            // A firm cannot sell less than what its links record.
            (None, Some(output)) => {
                revenue.push(output.max(*sales));
                continue;
            }
            (None, None) => {
                without_final_demand += 1;
                settings.final_demand
            }
        };
        if share >= 1.0 && *sales > 0.0 {
            let detail = format!("{}: final_demand_share {share}", row.key);
            return Err(refuse("unusable", detail));
        }
        revenue.push(if *sales > 0.0 {
            sales / (1.0 - share)
        } else {
            0.0
        });
    }
    let model = Model {
        production: settings.production(),
        substitution: settings.replaced(),
        costs: None,
        revenue: Some(revenue),
    };
    let cascade = Cascade::new(&network, &model).map_err(wrong)?;
    Ok(Network {
        network,
        cascade,
        firms,
        links,
        essential,
        year: latest,
        without_final_demand,
    })
}

impl Network<'_> {
    /// The rows behind a firm's numbers: itself, its sector, its largest links.
    pub fn origins(&self, firm: usize) -> Vec<Origin> {
        let row = self.firms[firm];
        let mut origins = vec![Origin::Evidence(row.reference())];
        let sector = row.text("sector").unwrap_or_default();
        if let Some(stated) = self.essential.get(sector) {
            origins.push(Origin::Evidence(stated.reference()));
        }
        let own = |link: &&&Record| {
            [link.text("supplier"), link.text("customer")].contains(&Some(row.key.as_str()))
        };
        let mut links: Vec<&&Record> = self.links.iter().filter(own).collect();
        links.sort_by(|a, b| {
            let value = |r: &Record| r.number("value").unwrap_or_default();
            value(b)
                .total_cmp(&value(a))
                .then_with(|| a.key.cmp(&b.key))
        });
        let rows = links.into_iter().take(LINKS);
        origins.extend(rows.map(|link| Origin::Evidence(link.reference())));
        origins
    }

    /// The sources that the links of the year cite, each once.
    pub fn sources(&self) -> Vec<Origin> {
        let mut sources: Vec<&str> = self.links.iter().filter_map(|r| r.text("source")).collect();
        sources.sort_unstable();
        sources.dedup();
        let origin = |id: &&str| Origin::Evidence(RowRef::new("sources", *id));
        sources.iter().map(origin).collect()
    }
}

fn year(row: &Record) -> Option<u32> {
    row.number("year").map(|year| year as u32)
}
