//! What must hold on 10,000 random economies (seeded; a failing case is named by its index).

use chain::inventory::{
    BestBy, BoundsParams, Course, Economy, Event, Measure, Options, Rationing, Substitution,
    bounds, run,
};
use libtest_mimic::Trial;
use model::Seed;
use rayon::prelude::*;

use super::random::{Case, case};
use crate::trial;

const CASES: u64 = 10_000;

pub fn trials() -> Vec<Trial> {
    vec![
        trial(
            "inventory_best_and_worst_hold_for_every_rule",
            best_and_worst,
        ),
        trial("inventory_zero_shock_zero_loss", zero_shock),
        trial("inventory_larger_cut_no_smaller_bounds", larger_cut),
        trial(
            "inventory_output_is_delivered_and_stocks_stay",
            conservation,
        ),
        trial("inventory_rules_are_nearly_monotone", nearly_monotone),
    ]
}

const RULES: [Rationing; 6] = [
    Rationing::Proportional,
    Rationing::IntermediateFirst,
    Rationing::FinalFirst,
    Rationing::HomeFirst,
    Rationing::Drawn(Seed(7)),
    Rationing::BestStep,
];

fn under(case: &Case, rule: Rationing) -> Course {
    let options = Options {
        rationing: rule,
        ..case.options.clone()
    };
    run(
        &case.economy,
        &case.params,
        &options,
        &case.events,
        case.days,
    )
    .unwrap()
}

fn lost(course: &Course, measure: Measure) -> f64 {
    match measure {
        Measure::FinalDemand => course.unmet_total(),
        Measure::Output => course.gross_loss(),
    }
}

fn whole(economy: &Economy, days: u32) -> f64 {
    economy.x.iter().sum::<f64>() / 365.0 * f64::from(days)
}

/// Best case <= every rule <= worst case, for both measures.
fn best_and_worst() {
    let spread: Vec<[f64; 3]> = (0..CASES)
        .into_par_iter()
        .map(|index| {
            let case = case("bounds", index);
            let measure = if index % 2 == 0 {
                Measure::FinalDemand
            } else {
                Measure::Output
            };
            let how = BoundsParams {
                measure,
                ..BoundsParams::default()
            };
            let bounds = bounds(
                &case.economy,
                &case.params,
                &case.options,
                &case.events,
                case.days,
                &how,
            )
            .unwrap();
            assert_eq!(bounds.best_by, BestBy::Program);
            let slack = 1e-9 * whole(&case.economy, case.days);
            let mut sum = 0.0;
            // The program of a step is slow: one case in five.
            let rules = &RULES[..if index % 5 == 0 { 6 } else { 5 }];
            for rule in rules.iter().copied() {
                let loss = lost(&under(&case, rule), measure);
                sum += loss;
                assert!(
                    bounds.best <= loss + slack && loss <= bounds.worst + slack,
                    "case {index} {rule:?} {measure:?}: best {} loss {loss} worst {}",
                    bounds.best,
                    bounds.worst
                );
            }
            [bounds.best, sum / rules.len() as f64, bounds.worst]
        })
        .collect();
    let sum = |at: usize| spread.iter().map(|s| s[at]).sum::<f64>();
    let informative = spread.iter().filter(|s| s[0] > 0.5 * s[1]).count();
    eprintln!(
        "best over mean rule {:.3}, worst over mean rule {:.3}, best above half of the mean rule in {informative}",
        sum(0) / sum(1),
        sum(2) / sum(1)
    );
}

fn zero_shock() {
    (0..CASES).into_par_iter().for_each(|index| {
        let mut case = case("zero", index);
        case.events.clear();
        let rule = RULES[(index % 6) as usize];
        if index % 3 == 0 {
            case.options.substitution = Substitution::Ramp { tau: 5.0 };
        }
        let course = under(&case, rule);
        let slack = 1e-9 * whole(&case.economy, case.days);
        for measure in [Measure::FinalDemand, Measure::Output] {
            assert!(
                lost(&course, measure) <= slack,
                "case {index} {rule:?}: {} of {slack}, {:?}",
                lost(&course, measure),
                case.params
            );
            if case.options.substitution == Substitution::None && index % 10 == 1 {
                let how = BoundsParams {
                    measure,
                    ..BoundsParams::default()
                };
                let bounds = bounds(
                    &case.economy,
                    &case.params,
                    &case.options,
                    &[],
                    case.days,
                    &how,
                )
                .unwrap();
                assert!(
                    bounds.best <= slack && bounds.worst <= slack,
                    "case {index} {bounds:?}"
                );
            }
        }
    });
}

fn cut_by(events: &[Event], factor: f64) -> Vec<Event> {
    let mut events = events.to_vec();
    for impact in events.iter_mut().flat_map(|e| &mut e.impacts) {
        impact.value *= factor;
    }
    events
}

/// Holds by construction where every stock has one supplier or shares of suppliers are fixed.
fn larger_cut() {
    (0..CASES).into_par_iter().for_each(|index| {
        let mut case = case("larger", index);
        case.params.order_type = chain::inventory::OrderType::Noalt;
        let measure = if index % 2 == 0 {
            Measure::FinalDemand
        } else {
            Measure::Output
        };
        // The program on every tenth case, the bound by capacity on the others.
        let how = BoundsParams {
            measure,
            most_variables: if index % 10 == 0 { 100_000 } else { 0 },
        };
        let slack = 1e-6 * whole(&case.economy, case.days);
        let mut before = (0.0, 0.0);
        for factor in [0.25, 0.6, 1.0] {
            let events = cut_by(&case.events, factor);
            let bounds = bounds(
                &case.economy,
                &case.params,
                &case.options,
                &events,
                case.days,
                &how,
            )
            .unwrap();
            assert!(
                bounds.best >= before.0 - slack && bounds.worst >= before.1 - slack,
                "case {index} {measure:?}: {before:?} then {bounds:?}"
            );
            before = (bounds.best, bounds.worst);
        }
    });
}

fn conservation() {
    (0..CASES).into_par_iter().for_each(|index| {
        let mut case = case("conservation", index);
        if index % 3 == 0 {
            case.options.substitution = Substitution::Ramp { tau: 4.0 };
        }
        let rule = RULES[(index % 6) as usize];
        let course = under(&case, rule);
        assert!(
            course.audit.deliveries < 1e-7,
            "case {index} {rule:?}: {:?}",
            course.audit
        );
        assert!(
            course.audit.least_stock >= 0.0,
            "case {index} {rule:?}: {:?}",
            course.audit
        );
        for (step, row) in course
            .production
            .chunks_exact(course.industries)
            .enumerate()
        {
            for (i, made) in row.iter().enumerate() {
                let unmet = course.unmet_at(step)[i];
                assert!(
                    *made >= 0.0
                        && (0.0..=course.demand_at_rest[i] * (1.0 + 1e-12)).contains(&unmet)
                );
            }
        }
    });
}

/// A rule is not monotone by construction (the cut industry also orders less); in all but a few cases it is.
fn nearly_monotone() {
    let falls = |index: u64| -> Option<f64> {
        let mut case = case("counter", index);
        case.options.rationing = RULES[(index % 4) as usize];
        let loss = |factor: f64| {
            let events = cut_by(&case.events, factor);
            let course = run(
                &case.economy,
                &case.params,
                &case.options,
                &events,
                case.days,
            )
            .unwrap();
            course.unmet_total()
        };
        let (small, large) = (loss(0.6), loss(1.0));
        (large < small * (1.0 - 1e-6)).then(|| 1.0 - large / small)
    };
    let found: Vec<(u64, f64)> = (0..CASES)
        .into_par_iter()
        .filter_map(|index| Some((index, falls(index)?)))
        .collect();
    eprintln!(
        "a larger cut loses less in {} of {CASES} cases: {:?}",
        found.len(),
        found.first()
    );
    // The counter-example that the method page names, and how rare such cases are.
    assert!(
        found
            .iter()
            .any(|(index, fall)| *index == 26 && *fall > 0.01)
    );
    assert!(found.len() as u64 <= CASES / 50, "{} cases", found.len());
}
