//! The layout in which chain links count, on the embedded study.

use std::collections::BTreeMap;

use crate::program::{forelay, results as table};

fn number(row: &BTreeMap<String, String>, column: &str) -> f64 {
    row[column].parse().unwrap()
}

#[test]
fn links_are_paid_for_in_strength() {
    let folder = tempfile::tempdir().unwrap();
    let study = folder.path().join("s");
    let run = |arguments: &[&str]| {
        let output = forelay().args(arguments).output().unwrap();
        assert!(
            output.status.code().is_some_and(|c| c < 2),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
    };
    let at = study.to_str().unwrap();
    run(&["init", "--example", "china-2021", at]);
    run(&["--study", at, "run", "layout.linked", "layout.regions"]);
    let certificate = &table(&study, "layout.certificate")[0];
    let plans = table(&study, "layout.linked_plan");
    assert_eq!(
        plans.iter().map(|p| p["key"].as_str()).collect::<Vec<_>>(),
        ["none", "low", "central", "high"]
    );
    let alone = number(&plans[0], "objective");
    // The plan is the layout at the central weight: one objective, one bound, the same placements.
    for column in ["objective", "bound", "links_hosted"] {
        assert_eq!(number(certificate, column), number(&plans[2], column));
    }
    let mut before = 0.0;
    for plan in &plans {
        let (objective, links) = (number(plan, "objective"), number(plan, "links_hosted"));
        let parts = alone - number(plan, "strength_given_up") + number(plan, "link_weight") * links;
        assert!((objective - parts).abs() < 1e-6, "{objective} {parts}");
        assert!(number(plan, "bound") >= objective && number(plan, "optimality_gap") <= 1e-4);
        // An exact optimum hosts no fewer links where they are worth more.
        assert!(links >= before);
        before = links;
    }
    let pairs = table(&study, "layout.linked");
    for (standing, share) in [
        ("linked.must_have", 1.0),
        ("linked.in_all_found", 1.0),
        ("linked.must_avoid", 0.0),
    ] {
        let held: Vec<f64> = pairs
            .iter()
            .filter(|p| p["standing"] == standing)
            .map(|p| number(p, "share_of_layouts"))
            .collect();
        assert!(!held.is_empty(), "{standing}");
        assert!(
            held.iter().all(|s| (s - share).abs() < 1e-12),
            "{standing} {held:?}"
        );
    }
    assert!(pairs.iter().any(|p| p["standing"] == "linked.choice"));
    near_the_best(&study, &plans[2], certificate);
}

/// The layouts side by side: the plan first, then others that keep the stated loss and differ from it and from each other.
fn near_the_best(
    study: &std::path::Path,
    best: &BTreeMap<String, String>,
    certificate: &BTreeMap<String, String>,
) {
    let layouts = table(study, "layout.alternatives");
    assert!(layouts.len() >= 11, "ten beside the plan, or more");
    assert_eq!(number(&layouts[0], "objective"), number(best, "objective"));
    let places = table(study, "layout.alternative_places");
    let of = |layout: &BTreeMap<String, String>| -> Vec<(String, String)> {
        let rows = places.iter().filter(|p| p["layout"] == layout["layout"]);
        rows.map(|p| (p["cluster"].clone(), p["industry"].clone()))
            .collect()
    };
    let plan: Vec<(String, String)> = table(study, "layout.regions")
        .iter()
        .map(|p| (p["cluster"].clone(), p["industry"].clone()))
        .collect();
    assert_eq!(of(&layouts[0]), plan);
    let mut seen = Vec::new();
    for layout in &layouts {
        let (worth, lost) = (number(layout, "objective"), number(layout, "given_up"));
        let best = number(certificate, "objective");
        assert!(worth <= number(certificate, "bound") + 1e-9);
        assert!((lost - (best - worth) / best).abs() < 1e-9 && (0.0..=0.0201).contains(&lost));
        let own = of(layout);
        let new = own.iter().filter(|pair| !plan.contains(pair)).count();
        assert_eq!(new as f64, number(layout, "placements_moved"));
        assert!(!seen.contains(&own), "each layout once");
        seen.push(own);
    }
}
