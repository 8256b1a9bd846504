//! Random economies and questions.

use chain::inventory::{
    Ario, Economy, EconomyInput, Essentiality, Event, EventKind, Impact, ModelKind, Options,
    OrderType, PerSector, Rating, Recovery, Stocks,
};
use model::Seed;
use rand::{Rng, RngExt};

pub struct Case {
    pub economy: Economy,
    pub params: Ario,
    pub options: Options,
    pub events: Vec<Event>,
    pub days: u32,
}

/// Case `index` of the use `label`: 2 or 3 regions, 1 to 3 sectors, some links missing, 5 to 12 days.
pub fn case(label: &str, index: u64) -> Case {
    let mut draw = Seed(20_261_124).stream(label, index);
    let regions = draw.random_range(2..=3);
    let sectors = draw.random_range(1..=3);
    let n = regions * sectors;
    let industries: Vec<(String, String)> = (0..n)
        .map(|i| (format!("r{}", i / sectors), format!("s{}", i % sectors)))
        .collect();
    let z: Vec<f64> = (0..n * n)
        .map(|_| {
            if draw.random::<f64>() < 0.3 {
                0.0
            } else {
                1000.0 * draw.random::<f64>()
            }
        })
        .collect();
    let y: Vec<f64> = (0..n * regions)
        .map(|_| 2000.0 * draw.random::<f64>())
        .collect();
    let economy = Economy::new(EconomyInput {
        industries,
        z,
        consumers: (0..regions)
            .map(|r| (format!("r{r}"), "c".to_owned()))
            .collect(),
        y,
        x: None,
    })
    .unwrap();
    let days = draw.random_range(5..=12);
    let params = Ario {
        model: if draw.random() {
            ModelKind::Psi
        } else {
            ModelKind::Base
        },
        order_type: if draw.random() {
            OrderType::Alt
        } else {
            OrderType::Noalt
        },
        psi_param: draw.random(),
        main_inv_dur: f64::from(draw.random_range(1..=5)),
        inventory_restoration_tau: PerSector::Every(f64::from(draw.random_range(1..=10))),
        alpha_max: 1.0 + 0.5 * draw.random::<f64>(),
        alpha_tau: f64::from(draw.random_range(2..=60)),
        ..Ario::default()
    };
    let mut options = Options::new(&economy);
    options.stocks = match draw.random_range(0..3) {
        0 => Stocks::Product,
        1 => Stocks::Groups((0..regions).map(|r| r.min(1)).collect()),
        _ => Stocks::Region,
    };
    options.essentiality = rated(&economy, &mut draw);
    let mut industries: Vec<usize> = (0..economy.len()).collect();
    let mut events = Vec::new();
    for _ in 0..draw.random_range(1..=2) {
        let at = draw.random_range(0..industries.len());
        let industry = industries.swap_remove(at);
        let occurrence = draw.random_range(1..=2);
        events.push(Event {
            name: String::new(),
            kind: EventKind::Arbitrary {
                recovery_tau: f64::from(draw.random_range(1..=6)),
                recovery_function: Recovery::Linear,
            },
            impacts: vec![Impact {
                industry,
                value: draw.random_range(0.05..=1.0),
            }],
            occurrence,
            duration: draw.random_range(1..=days - occurrence),
        });
        if industries.is_empty() {
            break;
        }
    }
    Case {
        economy,
        params,
        options,
        events,
        days,
    }
}

fn rated(economy: &Economy, draw: &mut impl Rng) -> Essentiality {
    let mut essentiality = Essentiality::all_critical(economy);
    for input in 0..economy.sectors.len() {
        for user in 0..economy.sectors.len() {
            let rating = match draw.random_range(0..5) {
                0 => Rating::Important,
                1 => Rating::NonCritical,
                _ => Rating::Critical,
            };
            essentiality.set(input, user, rating);
        }
    }
    essentiality
}
