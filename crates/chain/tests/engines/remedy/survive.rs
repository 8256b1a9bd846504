//! Time to survive and loss until recovery: by hand, by a formula on trees, and against programs solved in Python.

use std::collections::BTreeMap;

use chain::chokepoints::{Exposed, SurviveParams, exposed, loss_until_recovery, time_to_survive};
use chain::{ChainGraph, ChainInput, GraphParams, Relation};
use libtest_mimic::Trial;
use model::{Basis, Estimate, Node, Seed};
use rand::RngExt;

use super::chains::{chain_of, exact, link, node};
use crate::{close, golden, trial};

pub fn trials() -> Vec<Trial> {
    vec![
        trial("time to survive by hand, with its price", by_hand),
        trial(
            "ranges and unknown stocks widen the time to survive",
            ranges,
        ),
        trial("time to survive of trees, by formula", trees),
        trial("time to survive and loss, against scipy", against_scipy),
    ]
}

fn weeks(of: &[(&str, f64)]) -> BTreeMap<Node, Estimate> {
    of.iter().map(|(n, w)| ((*n).into(), exact(*w))).collect()
}

fn by_hand() {
    // ore -> part -> car. Ore stops; users hold 3 weeks of ore, 2 of parts, dealers 1 of cars.
    let g = chain_of(
        &["ore", "part", "car"],
        &[("ore", "part"), ("part", "car")],
        &[],
    );
    let lost = weeks(&[("ore", 1.0)]);
    let stocks = weeks(&[("ore", 3.0), ("part", 2.0), ("car", 1.0)]);
    let p = SurviveParams::default();
    let found = time_to_survive(&g, &"car".into(), &lost, &stocks, &p).unwrap();
    assert!((found.weeks.value - 6.0).abs() < 1e-9);
    assert!(found.prices.len() == 3 && found.prices.iter().all(|p| (p.weeks - 1.0).abs() < 1e-9));
    // Half of the ore stops: every week uses up half a week of stock, wherever it stands.
    let half = time_to_survive(&g, &"car".into(), &weeks(&[("ore", 0.5)]), &stocks, &p).unwrap();
    assert!((half.weeks.value - 12.0).abs() < 1e-9);
    assert!((half.prices[0].weeks - 2.0).abs() < 1e-9);
    let lost_until =
        loss_until_recovery(&g, &"car".into(), &lost, &stocks, exact(10.0), &p).unwrap();
    assert!((lost_until.weeks.value - 4.0).abs() < 1e-9);
    assert!(
        lost_until
            .prices
            .iter()
            .all(|p| (p.weeks - 1.0).abs() < 1e-9)
    );
    assert_eq!(exposed(&found, exact(10.0)), Exposed::Yes);
    assert_eq!(exposed(&found, exact(6.0)), Exposed::No);
    assert_eq!(
        exposed(&found, Estimate::spanning(7.0, 5.0, 9.0, Basis::Assumed)),
        Exposed::Undecided
    );
    // Nothing stops: for good.
    let whole = time_to_survive(&g, &"car".into(), &BTreeMap::new(), &stocks, &p).unwrap();
    assert!(whole.for_good && whole.prices.is_empty());
}

fn ranges() {
    let g = chain_of(&["ore", "car"], &[("ore", "car")], &[]);
    let spans = |v: f64, l: f64, h: f64| Estimate::spanning(v, l, h, Basis::Assumed);
    let lost = BTreeMap::from([("ore".into(), spans(0.5, 0.25, 1.0))]);
    let stocks = BTreeMap::from([
        ("ore".into(), spans(4.0, 2.0, 6.0)),
        ("car".into(), exact(0.0)),
    ]);
    let found =
        time_to_survive(&g, &"car".into(), &lost, &stocks, &SurviveParams::default()).unwrap();
    // 2 / 1, 4 / 0.5, 6 / 0.25
    let Estimate {
        low, value, high, ..
    } = found.weeks;
    assert!((low - 2.0).abs() < 1e-9 && (value - 8.0).abs() < 1e-9 && (high - 24.0).abs() < 1e-9);
    let only_ore = BTreeMap::from([("ore".into(), exact(4.0))]);
    let open = time_to_survive(
        &g,
        &"car".into(),
        &lost,
        &only_ore,
        &SurviveParams::default(),
    )
    .unwrap();
    assert_eq!(open.unknown_stocks, ["car".into()]);
    assert!((open.weeks.low - 4.0).abs() < 1e-9 && (open.weeks.high - 520.0).abs() < 1e-9);
}

/// In a tree every node has one user: a full stop reaches the target when the stocks on its way are used up.
fn trees() {
    for case in 0..200 {
        let mut rng = Seed(5).stream("trees", case);
        let n = rng.random_range(2..10);
        let mut input = ChainInput::default();
        let mut user = vec![0; n];
        for (i, user) in user.iter_mut().enumerate() {
            input.nodes.push(node(&format!("n{i}")));
            if i > 0 {
                *user = rng.random_range(0..i);
                let to = format!("n{user}");
                input
                    .links
                    .push(link(&format!("n{i}"), &to, Relation::MaterialFor));
            }
        }
        let g = ChainGraph::build(input, &GraphParams::default()).unwrap();
        let stock: Vec<f64> = (0..n).map(|_| f64::from(rng.random_range(0..20))).collect();
        let stopped: Vec<usize> = (0..n).filter(|_| rng.random_bool(0.3)).collect();
        let on_the_way = |from: usize| {
            let (mut at, mut sum) = (from, stock[from]);
            while at != 0 {
                at = user[at];
                sum += stock[at];
            }
            sum
        };
        let expected = stopped.iter().map(|i| on_the_way(*i)).fold(520.0, f64::min);
        let ids: Vec<String> = (0..n).map(|i| format!("n{i}")).collect();
        let lost: Vec<(&str, f64)> = stopped.iter().map(|i| (ids[*i].as_str(), 1.0)).collect();
        let stocks: Vec<(&str, f64)> = (0..n).map(|i| (ids[i].as_str(), stock[i])).collect();
        let params = SurviveParams::default();
        let found =
            time_to_survive(&g, &"n0".into(), &weeks(&lost), &weeks(&stocks), &params).unwrap();
        assert!((found.weeks.value - expected).abs() < 1e-6, "case {case}");
    }
}

fn against_scipy() {
    let rows = golden("remedy_tts.csv");
    assert_eq!(rows.len(), 12);
    for row in rows {
        let n: usize = row[1].parse().unwrap();
        let list = |i: usize| {
            row[i]
                .split(';')
                .filter(|s| !s.is_empty())
                .map(str::to_owned)
        };
        let mut input = ChainInput::default();
        for i in 0..n {
            input.nodes.push(node(&format!("n{i}")));
        }
        for pair in list(3) {
            let (k, group) = pair.split_once(':').unwrap();
            input.nodes[k.parse::<usize>().unwrap()].substitute_group = Some(group.to_owned());
        }
        for pair in list(2) {
            let (a, b) = pair.split_once('>').unwrap();
            input
                .links
                .push(link(&format!("n{a}"), &format!("n{b}"), Relation::InputTo));
        }
        let g = ChainGraph::build(input, &GraphParams::default()).unwrap();
        let by_node = |i: usize| -> BTreeMap<Node, Estimate> {
            list(i)
                .enumerate()
                .map(|(k, x)| (format!("n{k}").as_str().into(), exact(x.parse().unwrap())))
                .collect()
        };
        let params = SurviveParams {
            spare: row[6].parse().unwrap(),
            ..SurviveParams::default()
        };
        let target: Node = format!("n{}", n - 1).as_str().into();
        let (stocks, lost) = (by_node(4), by_node(5));
        let tts = time_to_survive(&g, &target, &lost, &stocks, &params).unwrap();
        close(
            &format!("tts of case {}", &row[0]),
            tts.weeks.value,
            row[7].parse().unwrap(),
            1e-6,
        );
        let loss = loss_until_recovery(&g, &target, &lost, &stocks, exact(20.0), &params).unwrap();
        let wanted: f64 = row[8].parse().unwrap();
        assert!(
            (loss.weeks.value - wanted).abs() < 1e-6,
            "case {}: {} {wanted}",
            &row[0],
            loss.weeks.value
        );
    }
}
