//! Random networks: bounds, monotone in the shock, nothing from nothing, closed parts certified like the rest.

use chain::cascade::{
    Cascade, Class, ConvergedParams, Essential, FirmNetwork, Firms, JacobiParams, Links, Model,
    Production, Shock, Shocks, Substitution,
};
use libtest_mimic::Trial;
use proptest::prelude::*;
use proptest::test_runner::TestRunner;

use crate::trial;

pub fn trials() -> Vec<Trial> {
    vec![trial("cascade: 10,000 random networks", random_networks)]
}

/// Firms, sector of each, links (supplier, customer, weight) with repeats, classes, model, shock.
type Drawn = (
    Vec<u8>,
    Vec<(u8, u8, u16)>,
    Vec<u8>,
    (u8, bool, u8),
    Vec<(u8, u8)>,
);

fn drawn() -> impl Strategy<Value = Drawn> {
    (
        prop::collection::vec(0_u8..3, 2..9),
        prop::collection::vec((0_u8..8, 0_u8..8, 1_u16..1000), 1..30),
        prop::collection::vec(0_u8..3, 9),
        (0_u8..3, any::<bool>(), 0_u8..3),
        prop::collection::vec((0_u8..8, 0_u8..5), 0..4),
    )
}

fn network(sectors: &[u8], rows: &[(u8, u8, u16)], classes: &[u8]) -> Option<FirmNetwork> {
    let n = sectors.len() as u8;
    let firms = Firms {
        ids: (0..n).map(|i| format!("f{i}")).collect(),
        sector: sectors.iter().map(|s| u32::from(*s)).collect(),
        sectors: ["x", "y", "z"].map(str::to_owned).to_vec(),
    };
    let mut seen = std::collections::BTreeMap::new();
    for (i, j, w) in rows {
        if i % n != j % n {
            seen.insert((i % n, j % n), f64::from(*w));
        }
    }
    let mut links = Links::default();
    for ((i, j), w) in seen {
        links.supplier.push(u32::from(i));
        links.customer.push(u32::from(j));
        links.weight.push(w);
    }
    let classes = classes
        .iter()
        .map(|c| Class::from_matrix(f64::from(*c)).unwrap())
        .collect();
    FirmNetwork::new(firms, links, Essential::Matrix(classes)).ok()
}

fn random_networks() {
    let mut runner = TestRunner::new_with_rng(
        ProptestConfig {
            cases: 10_000,
            failure_persistence: None,
            ..ProptestConfig::default()
        },
        prop::test_runner::TestRng::deterministic_rng(prop::test_runner::RngAlgorithm::ChaCha),
    );
    runner
        .run(
            &drawn(),
            |(sectors, rows, classes, (mode, replaced, leak), shock)| {
                let Some(network) = network(&sectors, &rows, &classes) else {
                    return Ok(());
                };
                let open = f64::from(leak) * 0.2;
                let model = Model {
                    production: [
                        Production::GeneralisedLeontief,
                        Production::Linear,
                        Production::Leontief,
                    ][mode as usize],
                    substitution: if replaced {
                        Substitution::MarketShare
                    } else {
                        Substitution::None
                    },
                    costs: (leak > 0).then(|| {
                        network
                            .purchases()
                            .iter()
                            .map(|p| p / (1.0 - open))
                            .collect()
                    }),
                    revenue: Some(Model::final_demand(&network, open).unwrap()),
                };
                check(&network, &model, &shock)
            },
        )
        .unwrap();
}

fn check(network: &FirmNetwork, model: &Model, shock: &[(u8, u8)]) -> Result<(), TestCaseError> {
    let n = network.firms().ids.len();
    let cascade = Cascade::new(network, model).unwrap();
    let params = ConvergedParams::default();
    let found = cascade.converged(&Shocks::EachFirm, &params).unwrap();
    let long = JacobiParams {
        tolerance: 1e-13,
        most_iterations: 50_000,
    };
    let wanted = cascade.published(&Shocks::EachFirm, &long).unwrap();
    for (k, (score, from_below)) in found.scores.iter().zip(&wanted).enumerate().take(n) {
        prop_assert!(
            (0.0..=1.0).contains(&score.esri) && score.esri <= score.down + score.up + 1e-6
        );
        let bound = score.certainty.bound().unwrap();
        // The iteration is below the fixed point; where it stopped for want of progress it is near it.
        prop_assert!(
            from_below.esri <= score.esri + bound + 1e-9,
            "{k}: {score:?} {from_below:?}"
        );
        if score.certainty.is_certified() && from_below.iterations < 5_000 {
            prop_assert!(
                (score.esri - from_below.esri).abs() <= bound + 1e-8,
                "{k}: {score:?} {from_below:?}"
            );
        }
        if network.sales()[k] <= 0.0 {
            prop_assert!(
                score.down <= 1e-12,
                "no sales, no loss downstream: {score:?}"
            );
        }
    }
    let remaining: Vec<(u32, f64)> = shock
        .iter()
        .map(|(f, r)| (u32::from(*f) % n as u32, f64::from(*r) / 4.0))
        .collect();
    let make = |name: &str, remaining: Vec<(u32, f64)>| Shock {
        name: name.to_owned(),
        remaining,
    };
    let milder = remaining
        .iter()
        .map(|(f, r)| (*f, (r + 0.1).min(1.0)))
        .collect();
    let shocks = Shocks::Scenarios(vec![
        make("none", Vec::new()),
        make("mild", milder),
        make("full", remaining),
    ]);
    let scores = cascade.converged(&shocks, &params).unwrap().scores;
    prop_assert_eq!(scores[0].esri, 0.0);
    prop_assert!(scores[0].certainty.is_certified());
    let slack = |k: usize| scores[k].certainty.bound().unwrap();
    prop_assert!(
        scores[1].esri <= scores[2].esri + slack(1) + slack(2),
        "{:?}",
        scores
    );
    Ok(())
}
