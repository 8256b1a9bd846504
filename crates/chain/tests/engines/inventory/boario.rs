//! Parity with `BoARIO` 0.7.2 in every sector and step, to 1e-6 (measured: see `methods/inventory.md`).

use std::collections::BTreeMap;

use chain::inventory::{
    Ario, Capital, Course, Economy, Event, EventKind, Impact, ModelKind, OrderType, PerSector,
    Recovery, boario,
};
use libtest_mimic::Trial;

use super::tables::{pymrio_test, wiod_regional};
use crate::{close, golden, trial_on_shared};

const PYMRIO: &str = "chains/pymrio_test/mrio_data/trade_flows_Z.txt";
const WIOD: &str = "chains/wiod2013/wiot_regional_2011_Z.csv";
const SECTORS: [&str; 8] = [
    "food",
    "mining",
    "manufactoring",
    "electricity",
    "construction",
    "trade",
    "transport",
    "other",
];

pub fn trials() -> Vec<Trial> {
    let name = |case: &str| format!("inventory_parity_{case}");
    vec![
        trial_on_shared(&name("arbitrary_alt"), PYMRIO, arbitrary_alt),
        trial_on_shared(&name("stocks_noalt"), PYMRIO, stocks_noalt),
        trial_on_shared(&name("base_alt"), PYMRIO, base_alt),
        trial_on_shared(&name("base_noalt_capital"), PYMRIO, base_noalt_capital),
        trial_on_shared(&name("capital_alt"), PYMRIO, capital_alt),
        trial_on_shared(&name("rebuild_alt"), PYMRIO, rebuild_alt),
        trial_on_shared(&name("rebuild_noalt"), PYMRIO, rebuild_noalt),
        trial_on_shared(&name("weekly_alt"), PYMRIO, weekly_alt),
        trial_on_shared(&name("wiod_regional"), WIOD, wiod),
    ]
}

fn impacts(economy: &Economy, of: &[(&str, &str, f64)]) -> Vec<Impact> {
    of.iter()
        .map(|(region, sector, value)| Impact {
            industry: economy.industry(region, sector).unwrap(),
            value: *value,
        })
        .collect()
}

fn by_sector(values: [f64; 8]) -> BTreeMap<String, f64> {
    SECTORS
        .iter()
        .map(|s| (*s).to_owned())
        .zip(values)
        .collect()
}

fn event(impacts: Vec<Impact>, occurrence: u32, duration: u32, kind: EventKind) -> Event {
    Event {
        name: String::new(),
        kind,
        impacts,
        occurrence,
        duration,
    }
}

fn cut(recovery_tau: f64, recovery_function: Recovery) -> EventKind {
    EventKind::Arbitrary {
        recovery_tau,
        recovery_function,
    }
}

fn capital(
    recovery_tau: f64,
    recovery_function: Recovery,
    event_monetary_factor: f64,
) -> EventKind {
    EventKind::Capital {
        recovery_tau,
        recovery_function,
        event_monetary_factor,
        households: Vec::new(),
    }
}

/// Every sector and step of the golden.
fn equal(case: &str, economy: &Economy, course: &Course) {
    assert_eq!(course.stopped, None);
    let rows = golden(&format!("inventory_{case}.csv"));
    assert_eq!(rows.len(), course.steps());
    let mut largest = 0.0_f64;
    for (step, row) in rows.iter().enumerate() {
        assert_eq!(row[0].parse::<u32>().unwrap(), course.days[step]);
        let labels = golden_labels(case);
        for (label, wanted) in labels.iter().zip(row.iter().skip(1)) {
            let (region, sector) = label.split_once('|').unwrap();
            let found = course.production_at(step)[economy.industry(region, sector).unwrap()];
            let wanted: f64 = wanted.parse().unwrap();
            close(
                &format!("{case} {label} day {}", &row[0]),
                found,
                wanted,
                1e-6,
            );
            if wanted != 0.0 {
                largest = largest.max((found / wanted - 1.0).abs());
            }
        }
    }
    eprintln!("{case}: largest relative difference {largest:.1e}");
}

fn golden_labels(case: &str) -> Vec<String> {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/golden")
        .join(format!("inventory_{case}.csv"));
    let text = std::fs::read_to_string(path).unwrap();
    let head = text.lines().find(|line| !line.starts_with('#')).unwrap();
    head.split(',').skip(1).map(str::to_owned).collect()
}

fn arbitrary_alt() {
    let economy = pymrio_test();
    let hit = impacts(
        &economy,
        &[("reg1", "mining", 0.8), ("reg2", "electricity", 0.5)],
    );
    let events = [event(hit, 5, 20, cut(30.0, Recovery::Linear))];
    let course = boario(&economy, &Ario::default(), &events, 90).unwrap();
    equal("arbitrary_alt", &economy, &course);
}

fn stocks_noalt() {
    let economy = pymrio_test();
    let params = Ario {
        order_type: OrderType::Noalt,
        inventory_dict: by_sector([5.0, 1.0, 30.0, 3.0, 45.0, 1.0, 20.0, 8.0]),
        infinite_inventories_sect: vec!["trade".to_owned()],
        inventory_restoration_tau: PerSector::By(by_sector([
            20.0, 30.0, 60.0, 10.0, 40.0, 15.0, 25.0, 35.0,
        ])),
        psi_param: 0.9,
        ..Ario::default()
    };
    let hit = impacts(
        &economy,
        &[
            ("reg1", "food", 1.0),
            ("reg3", "transport", 0.7),
            ("reg4", "mining", 0.9),
        ],
    );
    let events = [event(hit, 3, 15, cut(20.0, Recovery::Convexe))];
    let course = boario(&economy, &params, &events, 90).unwrap();
    equal("stocks_noalt", &economy, &course);
}

fn base_alt() {
    let economy = pymrio_test();
    let params = Ario {
        model: ModelKind::Base,
        main_inv_dur: 10.0,
        alpha_max: 1.5,
        alpha_tau: 60.0,
        ..Ario::default()
    };
    let hit = impacts(
        &economy,
        &[("reg1", "electricity", 0.6), ("reg5", "manufactoring", 0.3)],
    );
    let events = [event(hit, 4, 10, cut(25.0, Recovery::Concave))];
    let course = boario(&economy, &params, &events, 90).unwrap();
    equal("base_alt", &economy, &course);
}

fn base_noalt_capital() {
    let economy = pymrio_test();
    let params = Ario {
        model: ModelKind::Base,
        order_type: OrderType::Noalt,
        main_inv_dur: 15.0,
        capital: Capital::Ratio(by_sector([3.0, 6.0, 4.0, 10.0, 2.0, 1.5, 5.0, 4.5])),
        ..Ario::default()
    };
    let hit = impacts(
        &economy,
        &[("reg1", "food", 1e11), ("reg2", "mining", 2e10)],
    );
    let events = [event(
        hit,
        2,
        10,
        capital(40.0, Recovery::ConvexeNoscale, 1.0),
    )];
    let course = boario(&economy, &params, &events, 90).unwrap();
    equal("base_noalt_capital", &economy, &course);
}

fn capital_alt() {
    let economy = pymrio_test();
    let params = Ario {
        main_inv_dur: 20.0,
        ..Ario::default()
    };
    let first = impacts(&economy, &[("reg1", "food", 1e5), ("reg1", "trade", 2e6)]);
    let second = impacts(&economy, &[("reg1", "food", 5e4), ("reg3", "other", 2e6)]);
    let events = [
        event(first, 5, 5, capital(30.0, Recovery::Linear, 1e6)),
        event(second, 12, 5, capital(50.0, Recovery::Convexe, 1e6)),
    ];
    let course = boario(&economy, &params, &events, 90).unwrap();
    equal("capital_alt", &economy, &course);
}

fn rebuild_alt() {
    let economy = pymrio_test();
    let params = Ario {
        main_inv_dur: 30.0,
        ..Ario::default()
    };
    let hit = impacts(
        &economy,
        &[("reg1", "food", 1e5), ("reg2", "manufactoring", 3e6)],
    );
    let households = economy
        .consumers
        .iter()
        .position(|(r, c)| r == "reg1" && c == "Final consumption expenditure by households")
        .unwrap();
    let kind = EventKind::Rebuild {
        rebuild_tau: Some(30.0),
        rebuilding_sectors: vec![
            (economy.sector("construction").unwrap(), 0.7),
            (economy.sector("manufactoring").unwrap(), 0.3),
        ],
        rebuilding_factor: 1.0,
        event_monetary_factor: 1e6,
        households: vec![(households, 5e6)],
    };
    let course = boario(&economy, &params, &[event(hit, 5, 10, kind)], 90).unwrap();
    equal("rebuild_alt", &economy, &course);
}

fn rebuild_noalt() {
    let economy = pymrio_test();
    let params = Ario {
        order_type: OrderType::Noalt,
        main_inv_dur: 5.0,
        alpha_max: 1.4,
        alpha_tau: 90.0,
        psi_param: 0.7,
        ..Ario::default()
    };
    let hit = impacts(&economy, &[("reg1", "food", 5e4), ("reg1", "mining", 2e4)]);
    let kind = EventKind::Rebuild {
        rebuild_tau: Some(2.0),
        rebuilding_sectors: vec![(economy.sector("manufactoring").unwrap(), 1.0)],
        rebuilding_factor: 1.5,
        event_monetary_factor: 1e6,
        households: Vec::new(),
    };
    let course = boario(&economy, &params, &[event(hit, 3, 3, kind)], 90).unwrap();
    equal("rebuild_noalt", &economy, &course);
}

fn weekly_alt() {
    let economy = pymrio_test();
    let params = Ario {
        temporal_units_by_step: 7,
        main_inv_dur: 60.0,
        ..Ario::default()
    };
    let hit = impacts(&economy, &[("reg1", "mining", 0.8)]);
    let events = [event(hit, 5, 20, cut(28.0, Recovery::Linear))];
    let course = boario(&economy, &params, &events, 210).unwrap();
    equal("weekly_alt", &economy, &course);
}

fn wiod() {
    let economy = wiod_regional();
    let params = Ario {
        main_inv_dur: 30.0,
        ..Ario::default()
    };
    let hit = impacts(&economy, &[("g2", "c13", 0.6), ("g3", "c08", 0.4)]);
    let events = [event(hit, 5, 60, cut(60.0, Recovery::Linear))];
    let course = boario(&economy, &params, &events, 200).unwrap();
    let total = course.total();
    let labels = golden_labels("wiod_regional");
    let mut largest = 0.0_f64;
    for row in golden("inventory_wiod_regional.csv") {
        let day: usize = row[0].parse().unwrap();
        for (label, wanted) in labels.iter().zip(row.iter().skip(1)) {
            let found = match label.split_once('|') {
                None => total[day],
                Some((r, s)) => course.production_at(day)[economy.industry(r, s).unwrap()],
            };
            let wanted: f64 = wanted.parse().unwrap();
            close(&format!("{label} day {day}"), found, wanted, 1e-6);
            largest = largest.max((found / wanted - 1.0).abs());
        }
    }
    eprintln!("wiod_regional: largest relative difference {largest:.1e}");
}
