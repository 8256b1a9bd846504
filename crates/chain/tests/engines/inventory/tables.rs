//! Economies to run on.

use chain::inventory::{Economy, EconomyInput};

use crate::shared;

/// pymrio's test system: 6 regions, 8 sectors.
pub fn pymrio_test() -> Economy {
    let cells = |file: &str| -> Vec<Vec<String>> {
        std::fs::read_to_string(shared(file))
            .unwrap()
            .lines()
            .map(|line| line.split('\t').map(str::to_owned).collect())
            .collect()
    };
    let z = cells("chains/pymrio_test/mrio_data/trade_flows_Z.txt");
    let y = cells("chains/pymrio_test/mrio_data/finald_demand_Y.txt");
    let rows = |table: &[Vec<String>]| -> Vec<(String, String)> {
        table[2..]
            .iter()
            .map(|row| (row[0].clone(), row[1].clone()))
            .collect()
    };
    let numbers = |table: &[Vec<String>]| -> Vec<f64> {
        table[2..]
            .iter()
            .flat_map(|row| row[3..].iter().map(|v| v.parse::<f64>().unwrap()))
            .collect()
    };
    let industries = rows(&z);
    assert_eq!(industries, rows(&y));
    Economy::new(EconomyInput {
        consumers: y[0][3..]
            .iter()
            .cloned()
            .zip(y[1][3..].iter().cloned())
            .collect(),
        z: numbers(&z),
        y: numbers(&y),
        industries,
        x: None,
    })
    .unwrap()
}

/// WIOD 2011 in seven regions of 35 sectors, in the order of the file.
pub fn wiod_regional() -> Economy {
    let numbers = |file: &str| -> Vec<f64> {
        csv::Reader::from_path(shared(file))
            .unwrap()
            .records()
            .flat_map(|row| {
                row.unwrap()
                    .iter()
                    .map(|v| v.parse::<f64>().unwrap())
                    .collect::<Vec<_>>()
            })
            .collect()
    };
    Economy::new(EconomyInput {
        industries: (0..245)
            .map(|i| (format!("g{}", i / 35), format!("c{:02}", i % 35)))
            .collect(),
        z: numbers("chains/wiod2013/wiot_regional_2011_Z.csv"),
        consumers: (0..35)
            .map(|i| (format!("g{}", i / 5), format!("f{}", i % 5)))
            .collect(),
        y: numbers("chains/wiod2013/wiot_regional_2011_Y.csv"),
        x: None,
    })
    .unwrap()
}
