//! Does `study.toml` speak of things that the evidence holds?

use evidence::Evidence;
use model::{Diagnostic, Message, Severity};

use crate::config::Config;
use crate::error::StudyError;
use crate::scenario::Scenario;

/// From here on a known name resembles the one that was written.
const LIKE: f64 = 0.8;

/// The first city or field in the locks and vetoes that the evidence does not know.
pub fn unknown_placement(config: &Config, evidence: &Evidence) -> Option<StudyError> {
    let unknown = |what: &'static str, table: &str, name: &str| {
        let known = evidence.table(table)?;
        let rows = known.rows.iter().map(|row| row.key.clone());
        (known.get(name).is_none()).then(|| StudyError::UnknownName {
            what,
            name: name.to_owned(),
            known: rows.collect(),
        })
    };
    let rules = &config.regions;
    let pairs = rules.commitments.iter().chain(&rules.vetoes);
    pairs
        .flat_map(|(cluster, field)| {
            [
                unknown("cluster", "clusters", cluster),
                unknown("field", "fields", field),
            ]
        })
        .find_map(|found| found)
}

/// Findings about names in the settings that the evidence does not know.
pub fn check(config: &Config, scenarios: &[Scenario], evidence: &Evidence) -> Vec<Diagnostic> {
    let mut findings = Vec::new();
    let mut look_in = |file: &str, severity, place: String, table: &str, id: &str| {
        let Some(known) = evidence.table(table) else {
            return;
        };
        if known.get(id).is_some() {
            return;
        }
        let near = known
            .rows
            .iter()
            .map(|row| (strsim::jaro_winkler(id, &row.key), row.key.as_str()))
            .max_by(|a, b| a.0.total_cmp(&b.0).then_with(|| b.1.cmp(a.1)))
            .filter(|(score, _)| *score > LIKE)
            .map_or("", |(_, key)| key);
        findings.push(Diagnostic {
            code: "study.unknown_id".to_owned(),
            severity,
            file: file.to_owned(),
            row: None,
            column: Some(place),
            found: id.to_owned(),
            expected: Message::new("check.study.unknown_id").with("table", table),
            remedy: if near.is_empty() {
                Message::new("check.study.unknown_id.remedy.alone")
            } else {
                Message::new("check.study.unknown_id.remedy").with("near", near)
            },
        });
    };
    for scenario in scenarios {
        let file = format!("scenarios/{}.toml", scenario.id);
        let countries = scenario.event.iter().filter_map(|e| e.country.as_deref());
        for country in countries.chain(scenario.buyer.as_deref()) {
            look_in(
                &file,
                Severity::Error,
                "country".to_owned(),
                "countries",
                country,
            );
        }
    }
    let mut look = |severity, place: String, table: &str, id: &str| {
        look_in("study.toml", severity, place, table, id);
    };
    look(
        Severity::Error,
        "study.home".to_owned(),
        "countries",
        config.study.home.as_str(),
    );
    look(
        Severity::Error,
        "necks.claims_about".to_owned(),
        "countries",
        config.necks.claims_about.as_str(),
    );
    for kind in config.clusters.weights.keys() {
        look(
            Severity::Warning,
            format!("clusters.weights.{kind}"),
            "evidence_kinds",
            kind,
        );
    }
    for chain in &config.chain.exclude {
        look(Severity::Error, "chain.exclude".to_owned(), "chains", chain);
    }
    for (chain, classes) in &config.necks.hardness {
        look(
            Severity::Warning,
            format!("necks.hardness.{chain}"),
            "chains",
            chain,
        );
        for class in classes {
            look(
                Severity::Error,
                format!("necks.hardness.{chain}"),
                "reference_classes",
                class,
            );
        }
    }
    for (stage, classes) in &config.roadmap.stages {
        for class in &classes.default {
            look(
                Severity::Error,
                format!("roadmap.stages.{stage}.default"),
                "reference_classes",
                class,
            );
        }
        for (field, classes) in &classes.fields {
            let place = format!("roadmap.stages.{stage}.fields.{field}");
            look(Severity::Error, place.clone(), "fields", field);
            for class in classes {
                look(Severity::Error, place.clone(), "reference_classes", class);
            }
        }
    }
    for field in config.regions.industry.keys() {
        look(
            Severity::Error,
            format!("regions.industry.{field}"),
            "fields",
            field,
        );
    }
    for (name, pairs) in [
        ("vetoes", &config.regions.vetoes),
        ("commitments", &config.regions.commitments),
    ] {
        for (cluster, field) in pairs {
            look(
                Severity::Error,
                format!("regions.{name}"),
                "clusters",
                cluster,
            );
            look(Severity::Error, format!("regions.{name}"), "fields", field);
        }
    }
    findings
}
