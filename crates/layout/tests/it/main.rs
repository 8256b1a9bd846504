//! All integration tests in one binary, so that a trial whose data are absent is reported as ignored.

#![allow(clippy::unwrap_used, clippy::float_cmp)]
// Brute force reads like the formula it checks: loops over places in a matrix, fixtures built in steps.
#![allow(
    clippy::assigning_clones,
    clippy::needless_for_each,
    clippy::needless_range_loop,
    clippy::semicolon_if_nothing_returned,
    clippy::type_complexity,
    clippy::unnecessary_wraps
)]

mod adoption;
mod audit_rules;
mod audit_seeded;
mod consortia;
mod cross_impact;
mod layout_files;
mod layouts;
mod parameters;
mod portfolio_choices;
mod portfolio_knapsacks;
mod portfolio_plans;
mod portfolio_spread;
mod portfolios;
mod readings;
mod regions_certified;
mod regions_exact;
mod regions_explained;
mod regions_explanations_of_infeasible;
mod regions_optimal;
mod regions_wishes;
mod roadmap_plans;
mod roadmap_projects;
mod roadmap_risk;
mod select_composite;
mod select_hansen;
mod select_methods;
mod select_preferences;
mod select_ranges;
mod select_sets;
mod select_sobol;
mod sited;
mod whole;
mod worlds;
mod worlds_recovered;

use libtest_mimic::{Arguments, Failed, Trial};

/// A trial named `name` that fails when `body` panics.
pub(crate) fn trial(name: &str, body: fn()) -> Trial {
    Trial::test(name, move || {
        std::panic::catch_unwind(body).map_err(|cause| {
            let text = cause
                .downcast_ref::<String>()
                .cloned()
                .or_else(|| cause.downcast_ref::<&str>().map(|s| (*s).to_owned()));
            Failed::from(text.unwrap_or_else(|| "panicked".to_owned()))
        })
    })
}

/// The message in both languages, with every place filled.
pub(crate) fn readable(message: &model::Message) -> String {
    let [en, zh] = model::Lang::ALL.map(|lang| {
        let text = message.render(lang, &model::Names::default());
        let known = model::Catalogue::builtin()
            .text(&message.id, lang)
            .is_some();
        assert!(
            known && !text.contains(['{', '}']),
            "{}: {text}",
            message.id
        );
        text
    });
    assert_ne!(en, zh);
    en
}

pub(crate) fn readable_refusal(refusal: &model::Refusal) -> String {
    readable(&refusal.question);
    readable(&refusal.reason) + &readable(&refusal.needed)
}

/// A code that the catalogue knows in both languages.
pub(crate) fn known_code(code: &str) {
    for lang in model::Lang::ALL {
        let text = model::Catalogue::builtin().text(&format!("code.{code}"), lang);
        assert!(text.is_some(), "{code}");
    }
}

fn main() {
    let trials = [
        parameters::trials(),
        portfolio_plans::trials(),
        portfolio_spread::trials(),
        portfolio_choices::trials(),
        portfolio_knapsacks::trials(),
        consortia::trials(),
        sited::trials(),
        select_hansen::trials(),
        select_ranges::trials(),
        select_sets::trials(),
        select_preferences::trials(),
        select_methods::trials(),
        select_sobol::trials(),
        select_composite::trials(),
        regions_optimal::trials(),
        regions_certified::trials(),
        regions_wishes::trials(),
        regions_exact::trials(),
        regions_explanations_of_infeasible::trials(),
        regions_explained::trials(),
        roadmap_plans::trials(),
        roadmap_projects::trials(),
        roadmap_risk::trials(),
        whole::trials(),
        worlds_recovered::trials(),
        audit_rules::trials(),
        audit_seeded::trials(),
        cross_impact::trials(),
        adoption::trials(),
        readings::trials(),
    ];
    libtest_mimic::run(
        &Arguments::from_args(),
        trials.into_iter().flatten().collect(),
    )
    .exit();
}
