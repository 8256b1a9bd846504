//! Readings from rows, by hand and against brute force.

use std::collections::{BTreeMap, BTreeSet};

use layout::readings::diversity::{Distances, diversity};
use layout::readings::stage::{Agreement, Known, Stage, stages};
use layout::readings::ties::{Network, check, never_met};
use layout::readings::timing::{Call, timing};
use layout::readings::together::{Document, pairs};
use layout::readings::whole_chain::{Link, Shown, coverage, together};
use libtest_mimic::Trial;
use model::{Entity, Field, Kind, RowRef, Seed, Year};
use rand::RngExt;

use crate::{known_code, trial};

pub fn trials() -> Vec<Trial> {
    vec![
        trial("readings::stages_by_two_rules", staged),
        trial(
            "readings::smallest_sets_of_clusters_equal_brute_force",
            smallest,
        ),
        trial("readings::calls_by_hand", calls),
        trial("readings::adamic_adar_by_hand", met),
        trial(
            "readings::ties_left_out_are_found_where_triangles_close",
            closing,
        ),
        trial("readings::rao_stirling_by_hand", stirling),
        trial("readings::fields_planned_together_by_hand", planned),
    ]
}

fn row(key: &str) -> RowRef {
    RowRef::new("rows", key)
}

fn staged() {
    for stage in Stage::ALL {
        known_code(stage.code());
    }
    for agreement in [
        Agreement::Agree,
        Agreement::Differ,
        Agreement::OneRule,
        Agreement::Unknown,
    ] {
        known_code(agreement.code());
    }
    // Every level of the scale has one stage, in order; others have none.
    let of: Vec<Stage> = (1..=11).filter_map(Stage::of_level).collect();
    assert!(of.len() == 11 && of.is_sorted() && of[0] == Stage::Basic && of[10] == Stage::Mature);
    assert!(Stage::of_level(0).is_none() && Stage::of_level(12).is_none());
    let known = |t: &str, field: &str, levels, designated: &[Stage]| Known {
        technology: t.into(),
        field: field.into(),
        levels,
        designated: designated.to_vec(),
        origins: vec![row(t)],
    };
    let found = stages(&[
        known("wind", "energy", Some((9, 10)), &[Stage::StrategicEmerging]),
        known("capture", "energy", Some((6, 9)), &[]),
        known(
            "qubits",
            "quantum",
            Some((4, 6)),
            &[Stage::StrategicEmerging],
        ),
        known("sixg", "network", None, &[Stage::Future]),
        known("other", "misc", None, &[]),
    ]);
    let of = |f: &str| found.iter().find(|s| s.field.as_str() == f).unwrap();
    let energy = of("energy");
    assert_eq!(
        energy.by_readiness,
        Some((Stage::Emerging, Stage::StrategicEmerging))
    );
    assert_eq!(
        (
            energy.technologies,
            energy.with_readiness,
            energy.with_designation
        ),
        (2, 2, 1)
    );
    assert_eq!(energy.agreement, Agreement::Agree);
    assert_eq!(of("quantum").agreement, Agreement::Differ);
    assert_eq!(of("network").agreement, Agreement::OneRule);
    assert_eq!(of("misc").agreement, Agreement::Unknown);
}

fn smallest() {
    for link in Link::ALL {
        known_code(link.code());
    }
    for seed in 0..200 {
        let mut stream = Seed(seed).stream("coverage", 0);
        let clusters = stream.random_range(1..7);
        let mut shown = Vec::new();
        for c in 0..clusters {
            for (k, link) in Link::ALL.into_iter().enumerate() {
                if stream.random::<f64>() < 0.35 {
                    shown.push(Shown {
                        field: "x".into(),
                        cluster: format!("c{c}").as_str().into(),
                        link,
                        origin: row(&format!("{c}.{k}")),
                    });
                }
            }
        }
        let rows = coverage(&shown);
        assert_eq!(rows.iter().flat_map(|r| r.rows).sum::<usize>(), shown.len());
        let Some(found) = together(&rows).pop() else {
            assert!(shown.is_empty());
            continue;
        };
        let has = |set: u32| -> BTreeSet<Link> {
            rows.iter()
                .enumerate()
                .filter(|(k, _)| set & (1 << k) != 0)
                .flat_map(|(_, r)| Link::ALL.into_iter().filter(|l| !r.empty().contains(l)))
                .collect()
        };
        let all = has(u32::MAX >> (32 - rows.len()));
        let least = (0_u32..1 << rows.len())
            .filter(|set| has(*set) == all)
            .map(u32::count_ones)
            .min()
            .unwrap();
        assert_eq!(found.clusters.len(), least as usize, "seed {seed}");
        assert_eq!(found.nowhere.len(), 4 - all.len());
        let chosen: u32 = rows
            .iter()
            .enumerate()
            .filter(|(_, r)| found.clusters.contains(&r.cluster))
            .map(|(k, _)| 1 << k)
            .sum();
        assert_eq!(has(chosen), all);
    }
}

fn calls() {
    for call in [Call::Late, Call::ActNow, Call::Hold, Call::Watch] {
        known_code(call.code());
    }
    let of = |deadline: Option<i32>, p50, p80| timing(deadline.map(Year), p50, p80, 2026.0, 1.0);
    // Kept until the end of 2035, which is 2036.0.
    let hold = of(Some(2035), Some(2032.0), Some(2034.5));
    assert_eq!((hold.call, hold.latest_start), (Call::Hold, Some(2027.5)));
    let slack = hold.slack.unwrap();
    assert_eq!((slack.low, slack.value), (1.5, 4.0));
    assert_eq!(
        of(Some(2035), Some(2033.0), Some(2035.5)).call,
        Call::ActNow
    );
    assert_eq!(of(Some(2035), Some(2036.5), Some(2038.0)).call, Call::Late);
    assert_eq!(of(None, Some(2030.0), Some(2031.0)).call, Call::Watch);
    assert_eq!(of(Some(2035), None, None).call, Call::Watch);
}

fn node(id: &str) -> Entity {
    Entity::new(Kind::Organisation, id)
}

fn met() {
    let mut network = Network::default();
    for (a, b) in [("a", "h"), ("b", "h"), ("c", "h"), ("a", "k"), ("b", "k")] {
        network.tie(&node(b), &node(a));
    }
    let hold = |n: &mut Network, id: &str, things: &[&str]| {
        n.holds
            .insert(node(id), things.iter().map(|t| (*t).to_owned()).collect());
    };
    hold(&mut network, "a", &["x", "y"]);
    hold(&mut network, "b", &["x", "z"]);
    hold(&mut network, "c", &["x"]);
    hold(&mut network, "h", &["x", "w"]);
    let found = never_met(&network);
    // a and b share x, each brings one thing; common partners h (3 ties) and k (2 ties). c brings nothing, h has met all.
    assert_eq!(found.len(), 1);
    let pair = &found[0];
    assert_eq!((&pair.a, &pair.b), (&node("a"), &node("b")));
    assert!((pair.adamic_adar - (1.0 / 3_f64.ln() + 1.0 / 2_f64.ln())).abs() < 1e-12);
    assert_eq!((pair.baseline, pair.shared), (4.0, 1));
    assert!((pair.complementarity - 1.0 / 3.0).abs() < 1e-12);
    assert_eq!(pair.common_partners, [node("h"), node("k")]);
}

fn closing() {
    // Groups in which everybody met everybody: a tie left out closes triangles, and sizes say nothing.
    let mut network = Network::default();
    for group in 0..4 {
        for a in 0..5 {
            for b in a + 1..5 {
                network.tie(
                    &node(&format!("g{group}.{a}")),
                    &node(&format!("g{group}.{b}")),
                );
            }
        }
    }
    let found = check(&network, Seed(1)).unwrap();
    assert_eq!((found.ties, found.score), (40, 1.0));
    assert!(found.beats() && found.baseline < 0.1);
    assert_eq!(check(&network, Seed(1)).unwrap(), found);
    // A star closes none: common partners cannot beat size there.
    let mut star = Network::default();
    for leaf in 0..8 {
        star.tie(&node("hub"), &node(&format!("leaf{leaf}")));
    }
    assert!(!check(&star, Seed(1)).unwrap().beats());
    assert!(check(&Network::default(), Seed(1)).is_none());
}

fn stirling() {
    let field = |f: &str| Field::from(f);
    let mut distances = Distances::default();
    // x in documents 1, 2; y in 2, 3; z in 4. cos(x, y) = 1 / 2, nothing in common with z.
    for (f, d) in [("x", "1"), ("x", "2"), ("y", "2"), ("y", "3"), ("z", "4")] {
        distances.name(&field(f), d);
    }
    assert_eq!(distances.between(&field("x"), &field("y")), Some(0.5));
    assert_eq!(distances.between(&field("x"), &field("x")), Some(0.0));
    assert_eq!(distances.between(&field("x"), &field("w")), None);
    let of = |counts: &[(&str, usize)]| {
        let counts: BTreeMap<Field, usize> = counts.iter().map(|(f, n)| (field(f), *n)).collect();
        diversity(&counts, &distances, 3)
    };
    // Shares 2/4, 1/4, 1/4: 2 (0.5 * 2 + 1 * 2 + 1 * 1) / 16 = 8 / 16.
    let three = of(&[("x", 2), ("y", 1), ("z", 1)]).unwrap();
    assert!((three.index.value - 0.5).abs() < 1e-12);
    assert_eq!((three.fields, three.rows, three.unknown_pairs), (3, 4, 0));
    // Without z: 2 * 0.5 * 2 / 9; without y: 4/9; without one x: 2 (0.5 + 1 + 1) / 9.
    assert!((three.index.low - 2.0 / 9.0).abs() < 1e-12);
    assert!((three.index.high - 5.0 / 9.0).abs() < 1e-12);
    assert_eq!(of(&[("x", 5)]).unwrap().index.high, 0.0);
    assert!(of(&[("x", 2)]).is_none());
    let unknown = of(&[("x", 2), ("w", 2)]).unwrap();
    assert_eq!(
        (
            unknown.unknown_pairs,
            unknown.index.low,
            unknown.index.value
        ),
        (1, 0.0, 0.25)
    );
}

fn planned() {
    let document = |id: &str, country: &str, fields: &[&str]| Document {
        jurisdiction: country.into(),
        fields: fields.iter().map(|f| (*f).into()).collect(),
        origin: row(id),
    };
    let all = [
        document("1", "USA", &["x", "y"]),
        document("2", "JPN", &["x", "y", "z"]),
        document("3", "DEU", &["x"]),
        document("4", "JPN", &["y", "z"]),
        document("5", "CHN", &["x", "z"]),
    ];
    let found = pairs(&all, &"CHN".into(), 2);
    // Abroad 4 documents; x in 3, y in 3, both in 2 of two jurisdictions: lift 2 * 4 / 9.
    assert_eq!(found.len(), 1);
    assert_eq!(
        (found[0].a.as_str(), found[0].b.as_str(), found[0].at_home),
        ("x", "y", 0)
    );
    assert!((found[0].lift - 8.0 / 9.0).abs() < 1e-12);
    let wider = pairs(&all, &"CHN".into(), 1);
    let xz = wider
        .iter()
        .find(|p| p.a.as_str() == "x" && p.b.as_str() == "z")
        .unwrap();
    assert_eq!((xz.abroad, xz.at_home, xz.origins.len()), (1, 1, 2));
}
