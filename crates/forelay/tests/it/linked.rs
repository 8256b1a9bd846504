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
}
