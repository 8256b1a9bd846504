//! Strategy against econcomplex 1.0.1 on a seeded panel of 24 locations and 14 activities.

use std::collections::BTreeMap;

use foundation::activity::{ActivityPanel, ActivityTable};
use foundation::complexity::eigen::eci_pci;
use foundation::complexity::presence_rule::{Rule, presence};
use foundation::relatedness::proximity::{Diagonal, Measure, Proximity, proximity};
use foundation::specialisation::change::History;
use foundation::specialisation::knowledge::{knowledge_complexity, standardised};
use foundation::specialisation::quotient::location_quotient;
use foundation::strategy::contagion::calibrate_contagion;
use foundation::strategy::diffusion::{Contagion, Network, Strategy, compare, follow};
use foundation::strategy::growth_target::{GrowthRow, calibrate_growth};
use foundation::strategy::optimise::{EciProblem, OptimiseParams, Target, optimise};
use foundation::strategy::quadrants::{Cut, quadrants};
use foundation::strategy::sequence::best_sequence;
use foundation::strategy::stepping_stone::{
    Equation, SteppingStone, SteppingStoneParams, calibrate, efforts, forecast, portfolio_mean,
};
use libtest_mimic::Trial;
use model::{Arg, Lang, Names, Refusal, Seed, Year};

use crate::{close, golden, trial};

pub fn trials() -> Vec<Trial> {
    vec![
        trial("strategy/stepping_stones_as_econcomplex", stepping_stones),
        trial("strategy/a_silent_reporter_moves_no_coefficient", silent),
        trial("strategy/optimum_as_econcomplex_or_better", optimum),
        trial("strategy/growth_model_as_econcomplex", growth),
        trial("strategy/diffusion_as_econcomplex", diffusion),
        trial(
            "strategy/knowledge_complexity_is_the_eigenvector",
            knowledge,
        ),
        trial("strategy/large_covers_are_proven", large),
    ]
}

fn numbers(file: &str, from: usize) -> Vec<Vec<f64>> {
    golden(file)
        .iter()
        .map(|row| row.iter().skip(from).map(|x| x.parse().unwrap()).collect())
        .collect()
}

/// A refusal has texts in both languages with every place filled.
fn told(refusal: &Refusal) {
    for lang in Lang::ALL {
        for message in [&refusal.question, &refusal.reason, &refusal.needed] {
            let text = message.render(lang, &Names::default());
            assert!(!text.contains('{') && !text.contains("strategy."), "{text}");
        }
    }
}

pub(super) fn panel() -> ActivityPanel {
    let mut rows: BTreeMap<Year, Vec<(String, String, f64)>> = BTreeMap::new();
    for row in golden("strategy_panel.csv") {
        let year = row[3].parse::<f64>().unwrap() as i32;
        rows.entry(Year(year)).or_default().push((
            row[0].to_owned(),
            row[1].to_owned(),
            row[2].parse().unwrap(),
        ));
    }
    let table = |rows: &Vec<(String, String, f64)>| {
        ActivityTable::from_rows(rows.iter().map(|r| (r.0.as_str(), r.1.as_str(), r.2))).unwrap()
    };
    ActivityPanel {
        years: rows.iter().map(|(y, r)| (*y, table(r))).collect(),
    }
}

fn model() -> SteppingStone {
    calibrate(&panel(), &SteppingStoneParams::default()).unwrap()
}

fn now() -> ActivityTable {
    panel().years[&Year(2011)].clone()
}

fn stepping_stones() {
    let model = model();
    assert_eq!(model.initial_years, [Year(2000), Year(2001)]);
    let wanted = numbers("strategy_coefficients.csv", 1);
    let check = |equation: &Equation, row: &[f64]| {
        for k in 0..5 {
            close("coefficient", equation.coefficients[k], row[k], 1e-10);
            close(
                "standard error",
                equation.standard_error(k),
                row[5 + k],
                1e-10,
            );
        }
        assert_eq!(equation.observations as f64, row[10]);
    };
    check(&model.entry, &wanted[0]);
    check(&model.exit, &wanted[1]);

    let efforts = efforts(&now(), &model).unwrap();
    for (found, wanted) in efforts
        .effort
        .iter()
        .zip(numbers("strategy_effort.csv", 1).concat())
    {
        if wanted == -9.0 {
            assert!(found.is_nan(), "held");
        } else {
            close("effort", *found, wanted, 1e-9);
        }
    }
    let ahead = forecast(&now(), &model);
    for (found, wanted) in ahead
        .rca
        .iter()
        .zip(numbers("strategy_forecast.csv", 1).concat())
    {
        close("forecast", *found, wanted, 1e-10);
    }
    let pci = standardised(&eci_pci(&ahead.presence).unwrap().pci);
    for (found, wanted) in pci.iter().zip(numbers("strategy_pci.csv", 1).concat()) {
        if wanted.is_nan() {
            assert!(found.is_nan());
        } else {
            close("projected PCI", *found, wanted, 1e-9);
        }
    }
}

fn silent() {
    let mut with = panel();
    for table in with.years.values_mut() {
        let mut labels = table.locations().to_vec();
        labels.push("silent".to_owned());
        let mut values = table.values().to_vec();
        values.extend(vec![f64::NAN; table.activities().len()]);
        *table = ActivityTable::new(labels, table.activities().to_vec(), values).unwrap();
    }
    let found = calibrate(&with, &SteppingStoneParams::default()).unwrap();
    assert_eq!(found, model());
    let short = SteppingStoneParams {
        horizon: 20,
        ..SteppingStoneParams::default()
    };
    let refusal = calibrate(&with, &short).unwrap_err();
    assert_eq!(refusal.code, "strategy.stepping.no_year");
    told(&refusal);
}

fn optimum() {
    let table = now();
    let model = model();
    let width = table.activities().len();
    let ahead = forecast(&table, &model);
    let pci = standardised(&eci_pci(&ahead.presence).unwrap().pci);
    let effort = efforts(&table, &model).unwrap().effort;
    let means = portfolio_mean(&ahead.presence, &pci);
    let (mut solved, mut refused) = (0, 0);
    for row in golden("strategy_optimum.csv") {
        let l = table.locations().binary_search(&row[0].to_owned()).unwrap();
        let number = |k: usize| row[k].parse::<f64>().unwrap();
        let portfolio: Vec<bool> = (0..width).map(|a| ahead.presence.get(l, a)).collect();
        let problem = EciProblem {
            portfolio: &portfolio,
            pci: &pci,
            effort: &effort[l * width..(l + 1) * width],
            target: Target::Increase(number(1)),
        };
        match optimise(&problem, OptimiseParams::default()).unwrap() {
            Ok(plan) => {
                solved += 1;
                close("before", plan.eci_before, means[l], 1e-12);
                assert!((plan.effort - number(2)).abs() < 1e-9, "{row:?} {plan:?}");
                assert!(plan.eci_after >= plan.eci_target - 1e-9 && plan.gap == 0.0);
                // Where an effort is 0 several choices are best, and they reach different ECI.
                if plan.chosen.iter().all(|a| problem.effort[*a] > 0.0) {
                    assert!(
                        (plan.eci_after - number(3)).abs() < 1e-9,
                        "{row:?} {plan:?}"
                    );
                }
            }
            Err(refusal) => {
                refused += 1;
                told(&refusal);
                assert_eq!(number(2), -1.0, "{row:?}");
                if refusal.code == "strategy.eci.unreachable" {
                    let Arg::Number(most) = refusal.reason.args["most"] else {
                        panic!("a number");
                    };
                    assert!(most < means[l] + number(1));
                }
            }
        }
    }
    assert_eq!((solved, refused), (73, 23));
}

fn growth() {
    let rows: Vec<GrowthRow> = golden("strategy_growth_rows.csv")
        .iter()
        .map(|row| GrowthRow {
            location: row[0].to_owned(),
            year: Year(row[1].parse::<f64>().unwrap() as i32),
            income: row[2].parse().unwrap(),
            eci: row[3].parse().unwrap(),
        })
        .collect();
    let model = calibrate_growth(&rows, 10).unwrap();
    let wanted = numbers("strategy_growth.csv", 0).concat();
    for (k, wanted) in wanted.iter().take(3).enumerate() {
        close("coefficient", model.coefficients[k], *wanted, 1e-9);
    }
    close(
        "growth",
        model.expected_growth(0.5, 8000.0),
        wanted[3],
        1e-10,
    );
    let target = model.eci_for(0.035, 8000.0).unwrap();
    close("target", target, wanted[4], 1e-9);
    close(
        "round trip",
        model.expected_growth(target, 8000.0),
        0.035,
        1e-12,
    );
    // Without any effect of complexity there is no target.
    let flat: Vec<GrowthRow> = rows
        .iter()
        .enumerate()
        .map(|(i, row)| GrowthRow {
            eci: ((i * 7919) % 101) as f64 / 50.0 - 1.0,
            ..row.clone()
        })
        .collect();
    let refusal = calibrate_growth(&flat, 10).unwrap().eci_for(0.035, 8000.0);
    let refusal = refusal.unwrap_err();
    assert_eq!(refusal.code, "strategy.growth.no_slope");
    told(&refusal);
    told(&calibrate_growth(&rows, 7).unwrap_err());
    told(&quadrants(&[], Cut::Mean).unwrap_err());
}

fn first() -> (Proximity, Vec<bool>) {
    let table = panel().years[&Year(2000)].clone();
    let width = table.activities().len();
    let m = presence(&location_quotient(&table), width, &Rule::default());
    let phi = proximity(&m, Measure::MinConditional, Diagonal::Zero);
    (phi, (0..width).map(|a| a == 0 || a == 3).collect())
}

fn diffusion() {
    let (phi, active) = first();
    let network = Network::from_proximity(&phi, 0.4);
    let contagion = Contagion {
        base: 0.3,
        exponent: 1.2,
    };
    let wanted = golden("strategy_diffusion.csv");
    let labels = panel().years[&Year(2000)].activities().to_vec();
    for (name, strategy) in [
        ("greedy", Strategy::Greedy),
        ("majority", Strategy::Majority),
        ("high_degree", Strategy::HighDegree),
        ("low_degree", Strategy::LowDegree),
    ] {
        let steps = follow(&network, &active, contagion, strategy).unwrap();
        let rows: Vec<_> = wanted.iter().filter(|r| &r[0] == name).collect();
        assert_eq!(steps.len(), rows.len(), "{name}");
        for (step, row) in steps.iter().zip(rows) {
            assert_eq!(labels[step.activity], row[1], "{name}");
            close("time", step.expected_time, row[2].parse().unwrap(), 1e-12);
            close("related", step.related, row[3].parse().unwrap(), 1e-12);
        }
    }
    let rest = numbers("strategy_contagion.csv", 0).concat();
    let history = History::from_quotients(&panel(), &Rule::default());
    let fit = calibrate_contagion(&history, &network, 8).unwrap();
    let nobody = Network::from_links(14, []).unwrap();
    told(&calibrate_contagion(&history, &nobody, 8).unwrap_err());
    let mut helpless = model();
    helpless.entry.coefficients[0] = 0.01;
    told(&efforts(&now(), &helpless).unwrap_err());
    close("B", fit.contagion.base, rest[0], 1e-11);
    close("α", fit.contagion.exponent, rest[1], 1e-11);
    assert_eq!((fit.entries as f64, fit.cells as f64), (rest[2], rest[3]));

    let best = best_sequence(&network, &active, contagion, Seed(1)).unwrap();
    assert!(best.total_time <= rest[4] + 1e-9, "no worse than annealing");
    let times = compare(&network, &active, contagion, Seed(1), 50).unwrap();
    assert!(times.iter().all(|t| t.total_time >= best.total_time - 1e-9));
    assert_eq!(
        times,
        compare(&network, &active, contagion, Seed(1), 50).unwrap()
    );
    assert!(times[4].standard_error > 0.0);
}

fn knowledge() {
    let table = now();
    let m = presence(
        &location_quotient(&table),
        table.activities().len(),
        &Rule::default(),
    );
    let both = knowledge_complexity(&m).unwrap();
    let mean = both.locations.iter().sum::<f64>() / both.locations.len() as f64;
    assert!(mean.abs() < 1e-12 && both.gap > 0.0);
    // A place's complexity rises with the mean complexity of its technologies, exactly.
    let held = portfolio_mean(&m, &both.technologies);
    let z = standardised(&held);
    for (a, b) in z.iter().zip(&both.locations) {
        assert!((a - b).abs() < 1e-9);
    }
}

fn large() {
    use rand::RngExt;
    let n = 5000;
    let mut rng = Seed(7).stream("large cover", 0);
    let pci: Vec<f64> = (0..n).map(|_| rng.random_range(-2.0..2.0)).collect();
    let effort: Vec<f64> = (0..n).map(|_| rng.random_range(0.01..3.0)).collect();
    let portfolio: Vec<bool> = (0..n).map(|a| a % 5 == 0).collect();
    for delta in [0.05, 0.2, 0.5] {
        let problem = EciProblem {
            portfolio: &portfolio,
            pci: &pci,
            effort: &effort,
            target: Target::Increase(delta),
        };
        let plan = optimise(&problem, OptimiseParams::default())
            .unwrap()
            .unwrap();
        assert_eq!(plan.gap, 0.0, "{delta}");
        assert!(plan.eci_after >= plan.eci_target - 1e-9 && plan.chosen.len() > 10);
    }
}
