//! The generated network, its models, and small helpers.

use std::collections::BTreeMap;

use chain::cascade::{
    Cascade, Class, Essential, FirmNetwork, Firms, Links, Model, Production, Substitution,
};

use crate::golden;

/// 500 firms, 4,000 links, 20 sectors; rows of the files in `order` (1: as they are, -1: the other way round).
pub fn generated(order: i32) -> FirmNetwork {
    let mut firm_rows = golden("cascade_firms.csv");
    let mut edge_rows = golden("cascade_edges.csv");
    if order < 0 {
        firm_rows.reverse();
        edge_rows.reverse();
    }
    let flags: BTreeMap<String, f64> = golden("cascade_essential.csv")
        .iter()
        .map(|r| (r[0].to_owned(), r[1].parse().unwrap()))
        .collect();
    let firms = Firms::from_pairs(firm_rows.iter().map(|r| (&r[0], &r[1]))).unwrap();
    let mut links = Links::default();
    {
        let positions = firms.positions().unwrap();
        for row in &edge_rows {
            links.supplier.push(positions[&row[0]]);
            links.customer.push(positions[&row[1]]);
            links.weight.push(row[2].parse().unwrap());
        }
    }
    let essential = firms
        .sectors
        .iter()
        .map(|s| Class::from_flag(flags[s]).unwrap())
        .collect();
    FirmNetwork::new(firms, links, Essential::Supplier(essential)).unwrap()
}

pub fn production(mode: &str) -> Production {
    match mode {
        "gl" => Production::GeneralisedLeontief,
        "linear" => Production::Linear,
        "leontief" => Production::Leontief,
        other => panic!("{other}"),
    }
}

pub fn substitution(word: &str) -> Substitution {
    if word == "1" {
        Substitution::MarketShare
    } else {
        Substitution::None
    }
}

/// `open`: 30 % of sales are final demand, inputs are 60 % of costs.
pub fn model(network: &FirmNetwork, mode: &str, sub: &str, leaks: &str) -> Model {
    let open = leaks == "open";
    Model {
        production: production(mode),
        substitution: substitution(sub),
        costs: open.then(|| network.purchases().iter().map(|p| p / 0.6).collect()),
        revenue: open.then(|| network.sales().iter().map(|s| s / 0.7).collect()),
    }
}

pub fn cascade(mode: &str, sub: &str, leaks: &str) -> Cascade {
    let network = generated(1);
    Cascade::new(&network, &model(&network, mode, sub, leaks)).unwrap()
}

/// Firms in sectors (all classes alike), links by id.
pub fn made(firms: &[(&str, &str)], links: &[(&str, &str, f64)], class: Class) -> FirmNetwork {
    let firms = Firms::from_pairs(firms.iter().copied()).unwrap();
    let essential = vec![class; firms.sectors.len()];
    FirmNetwork::from_rows(firms, links, Essential::Supplier(essential)).unwrap()
}
