use super::*;
use crate::engine::run::run;

/// The example with few draws; its run, and that of a variant with two locks.
fn runs() -> (tempfile::TempDir, Study, Run, Run) {
    let folder = tempfile::tempdir().expect("a folder");
    crate::init_example("china-2021", folder.path()).expect("the example");
    let path = folder.path().join("study.toml");
    let text = std::fs::read_to_string(&path).expect("settings");
    let quick = text.replacen("draws = 200\n", "draws = 3\n", 1);
    assert_ne!(text, quick);
    std::fs::write(&path, quick).expect("written");
    let study = Study::open(folder.path()).expect("a study");
    let only = ["layout.regions".to_owned()];
    let own = run(&study, &only, &|_| ()).expect("a run");
    let locks = "[regions]\ncommitments = [[\"hefei\", \"quantum_information\"], [\"xian\", \"advanced_manufacturing\"]]\n";
    let settings = locks.parse().expect("settings");
    let with = study
        .with_settings("two-locks", &settings)
        .expect("laid over");
    let varied = run(&with, &only, &|_| ()).expect("a run");
    (folder, study, own, varied)
}

#[test]
fn two_locks_are_told_with_value_placements_and_reasons() {
    let (_folder, study, own, varied) = runs();
    let evidence = crate::evidence_of(&study, &varied).expect("evidence");
    let names = crate::names(&evidence, &varied.manifest.scenarios);
    let found = changed(&own, &varied, &evidence, &names);

    let worth = |w: &Option<Worth>| w.expect("a plan").objective.value;
    let (before, after) = (worth(&found.value.before), worth(&found.value.after));
    let difference = found.value.difference.estimate().expect("the same measure");
    assert!((difference.value - (after - before)).abs() < 1e-9);
    assert!(difference.value < 0.0 && difference.low < difference.high);

    assert_eq!(found.rules.len(), 2);
    for rule in &found.rules {
        assert!(rule.set && rule.kind == RuleKind::Lock);
        let costs = rule.costs.as_ref().expect("a price");
        let [alone, beside] = [&costs.alone, &costs.beside].map(|q| q.estimate().expect("known"));
        assert!(beside.value >= 0.0 && beside.value <= before - after + 1e-3);
        assert!(alone.value >= 0.0 && alone.value <= before - after + 1e-3);
        // The ranges are those of what moves, not the solver's gap.
        assert!(beside.high - beside.low > 0.01, "{beside:?}");
        // Alone it costs what the reasons of the run before say.
        let key = format!("{}/why_not_that/{}", rule.cluster, rule.industry);
        let reasons = own.table("layout.reasons").expect("reasons");
        let row = reasons.row(&key).expect("a reason");
        assert_eq!(
            crate::engine::output::estimate(reasons, row, "cost"),
            Some(alone)
        );
    }
    // Both plans, and no more, stand in the placements.
    let mut plan = layout_of(&own);
    for placement in &found.placements {
        let hosted = plan.entry(placement.cluster.clone()).or_default();
        if placement.came {
            hosted.push(placement.industry.clone());
        } else {
            hosted.retain(|i| i != &placement.industry);
        }
        hosted.sort();
    }
    plan.retain(|_, hosted| !hosted.is_empty());
    let mut other = layout_of(&varied);
    for hosted in other.values_mut() {
        hosted.sort();
    }
    assert_eq!(plan, other);
    // The locked ones say so; Hefei is full, so another industry left it.
    let of = |cluster: &str, came: bool| {
        let of = |p: &&Placement| p.cluster.as_str() == cluster && p.came == came;
        found.placements.iter().find(of).expect("a placement")
    };
    assert_eq!(of("hefei", true).why.id, "changed.why.lock");
    assert!(of("hefei", true).asked && !of("hefei", false).asked);
    let left = of("hefei", false).why.render(Lang::En, &names);
    assert!(left.contains("Hefei hosts at most 2 industries"), "{left}");

    for (lang, words) in [
        (
            Lang::En,
            [
                "Hefei hosts Quantum information (locked)",
                "study · ",
                "two-locks · ",
            ],
        ),
        (
            Lang::Zh,
            ["合肥承载量子信息（锁定）", "研究 · ", "two-locks · "],
        ),
    ] {
        let passages = found.passages(lang, &names);
        let about: Vec<&str> = passages.iter().map(|p| p.about).collect();
        assert_eq!(about[..3], ["value", "placements", "rules"]);
        let text = passages.iter().flat_map(|p| &p.lines).cloned();
        let text = text.collect::<Vec<String>>().join("\n");
        for word in words {
            assert!(text.contains(word), "{word}: {text}");
        }
        // Everything has a name: no id of a cluster, an industry or a table.
        for id in ["quantum_information", "hefei", "layout.", "changed."] {
            assert!(!text.contains(id), "{id}: {text}");
        }
    }

    // Backwards: the locks are lifted, and what they had placed goes.
    let back = changed(&varied, &own, &evidence, &names);
    assert!(
        back.rules
            .iter()
            .all(|rule| !rule.set && rule.costs.is_none())
    );
    let gone = (back.placements.iter()).find(|p| p.cluster.as_str() == "hefei" && !p.came);
    assert_eq!(gone.expect("it went").why.id, "changed.why.lock_lifted");
    assert!(changed(&own, &own, &evidence, &names).is_empty());

    let against = against_study(&study, &varied, &evidence, &names).expect("compared");
    assert!(matches!(against, Some(Against::Study(told)) if told.from.id == own.manifest.id));
    let none = against_study(&study, &own, &evidence, &names).expect("compared");
    assert!(none.is_none());
    std::fs::remove_dir_all(&own.folder).expect("removed");
    let alone = against_study(&study, &varied, &evidence, &names).expect("compared");
    assert!(matches!(alone, Some(Against::NoRun)));
}
