//! Networks small enough for a sheet of paper, closed parts, and every refusal.

use chain::cascade::{
    Cascade, CascadeError, Class, ConvergedParams, Essential, FirmNetwork, Firms, JacobiParams,
    Links, Model, Score, Shock, Shocks,
};
use libtest_mimic::Trial;

use super::network::made;
use crate::trial;

pub fn trials() -> Vec<Trial> {
    vec![
        trial("cascade: a chain of three by hand", chain_of_three),
        trial(
            "cascade: a loop that sells to nobody else scores 1",
            loop_of_three,
        ),
        trial("cascade: a closed group beside an open one", closed_group),
        trial(
            "cascade: an end component downstream is collapsed and certified",
            end_component,
        ),
        trial("cascade: what is wrong with a network is named", refusals),
    ]
}

fn each(network: &FirmNetwork, model: &Model) -> Vec<Score> {
    let cascade = Cascade::new(network, model).unwrap();
    let done = cascade
        .converged(&Shocks::EachFirm, &ConvergedParams::default())
        .unwrap();
    assert_eq!(done.summary.certified, done.scores.len());
    done.scores
}

fn near(found: f64, wanted: f64) {
    assert!((found - wanted).abs() <= 1e-6, "{found} {wanted}");
}

/// a → b (10), a → c (30), b → c (10): sales 40, 10, 0. Non-essential inputs: c loses 30/40 without a and 10/40 without b.
fn chain_of_three() {
    let network = made(
        &[("a", "x"), ("b", "y"), ("c", "z")],
        &[("a", "b", 10.0), ("a", "c", 30.0), ("b", "c", 10.0)],
        Class::NotEssential,
    );
    let found = each(&network, &Model::default());
    // a closed: b loses its only input, so 40/50 + 10/50 downstream; nobody supplies a.
    near(found[0].down, 1.0);
    near(found[0].up, 0.8);
    // b closed: c loses a quarter downstream but sells nothing; a loses a quarter of its sales upstream.
    near(found[1].down, 0.2);
    near(found[1].up, 0.2 + 0.8 * 0.25);
    near(found[1].esri, 0.4);
    // c closed, which sells nothing: no loss downstream; b loses all, a 3/4 + 1/4.
    near(found[2].down, 0.0);
    near(found[2].up, 1.0);
    // One step of the published iteration is not yet the end: a loses the quarter through b only in the second.
    let cascade = Cascade::new(&network, &Model::default()).unwrap();
    let one = JacobiParams {
        tolerance: 1e-2,
        most_iterations: 1,
    };
    let first = cascade.published(&Shocks::EachFirm, &one).unwrap();
    near(first[2].up, 0.2 + 0.8 * 0.75);
}

fn loop_of_three() {
    let network = made(
        &[("a", "x"), ("b", "x"), ("c", "x")],
        &[
            ("a", "b", 1.0),
            ("b", "c", 2.0),
            ("c", "a", 4.0),
            ("a", "c", 1.0),
        ],
        Class::Essential,
    );
    let cascade = Cascade::new(&network, &Model::default()).unwrap();
    assert_eq!(cascade.closed().upstream, [[0, 1, 2]]);
    let done = cascade
        .converged(&Shocks::EachFirm, &ConvergedParams::default())
        .unwrap();
    for score in &done.scores {
        assert!(score.certainty.is_certified());
        near(score.up, 1.0);
        near(score.esri, 1.0);
        assert!(
            score.iterations <= 20,
            "known without iterating: {}",
            score.iterations
        );
    }
    // A shock in part: nobody of a closed class loses less than the most hit.
    let half = Shocks::Scenarios(vec![Shock {
        name: "half of a".to_owned(),
        remaining: vec![(0, 0.5)],
    }]);
    let done = cascade
        .converged(&half, &ConvergedParams::default())
        .unwrap();
    near(done.scores[0].up, 0.5);
}

/// d sells to the loop a ⇄ b and to e, which sells nothing: from d a walk ends in the loop with 3/4.
fn closed_group() {
    let network = made(
        &[("a", "x"), ("b", "x"), ("d", "y"), ("e", "y")],
        &[
            ("a", "b", 5.0),
            ("b", "a", 5.0),
            ("d", "a", 3.0),
            ("d", "e", 1.0),
        ],
        Class::NotEssential,
    );
    let cascade = Cascade::new(&network, &Model::default()).unwrap();
    assert_eq!(cascade.closed().upstream, [[0, 1]]);
    let found = each(&network, &Model::default());
    // Sales 5, 5, 4, 0. a or b closed: both and 3/4 of d.
    near(found[0].up, (10.0 + 3.0) / 14.0);
    near(found[1].up, (10.0 + 3.0) / 14.0);
    near(found[2].up, 4.0 / 14.0);
    near(found[3].up, 1.0 / 14.0);
}

/// Essential inputs in a circle a → b → a, fed by c too: a loss of c enters through a's other group.
fn end_component() {
    let network = made(
        &[("a", "x"), ("b", "y"), ("c", "z"), ("d", "w"), ("e", "v")],
        &[
            ("a", "b", 5.0),
            ("b", "a", 5.0),
            ("c", "a", 1.0),
            ("d", "c", 1.0),
            ("a", "e", 2.0),
            ("d", "e", 2.0),
        ],
        Class::Essential,
    );
    let cascade = Cascade::new(&network, &Model::default()).unwrap();
    assert_eq!(cascade.closed().downstream, [[0, 1]]);
    let found = each(&network, &Model::default());
    // Sales 7, 5, 1, 3, 0. c closed: a and b stop. d closed: c too. a closed: b; nothing reaches c or d.
    near(found[2].down, (1.0 + 7.0 + 5.0) / 16.0);
    near(found[3].down, 1.0);
    near(found[0].down, 12.0 / 16.0);
    near(found[1].down, 12.0 / 16.0);
    // The published iteration agrees.
    let long = cascade
        .published(
            &Shocks::EachFirm,
            &JacobiParams {
                tolerance: 1e-12,
                ..JacobiParams::default()
            },
        )
        .unwrap();
    for (a, b) in found.iter().zip(&long) {
        near(a.esri, b.esri);
    }
}

fn refusals() {
    let firms = || Firms::from_pairs([("a", "x"), ("b", "y")]).unwrap();
    let all = || Essential::Supplier(vec![Class::Essential; 2]);
    let wrong =
        |rows: &[(&str, &str, f64)]| FirmNetwork::from_rows(firms(), rows, all()).unwrap_err();
    assert!(matches!(wrong(&[]), CascadeError::NoLinks));
    assert!(matches!(
        wrong(&[("a", "c", 1.0)]),
        CascadeError::UnknownFirm { row: 1, .. }
    ));
    assert!(matches!(
        wrong(&[("a", "a", 1.0)]),
        CascadeError::SelfLink { row: 1, .. }
    ));
    assert!(matches!(
        wrong(&[("a", "b", 1.0), ("a", "b", 2.0)]),
        CascadeError::DuplicateLink { .. }
    ));
    for weight in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        assert!(matches!(
            wrong(&[("a", "b", weight)]),
            CascadeError::Weight { .. }
        ));
    }
    let twice = Firms::from_pairs([("a", "x"), ("a", "y")]).unwrap();
    let error = FirmNetwork::new(twice, Links::default(), all()).unwrap_err();
    assert_eq!(error, CascadeError::DuplicateFirm("a".to_owned()));
    let short = FirmNetwork::new(
        firms(),
        Links::default(),
        Essential::Supplier(vec![Class::Essential]),
    );
    assert!(matches!(
        short.unwrap_err(),
        CascadeError::Length { wanted: 2, .. }
    ));
    assert!(Class::from_matrix(3.0).is_err() && Class::from_flag(2.0).is_err());
    let network = FirmNetwork::from_rows(firms(), &[("a", "b", 4.0)], all()).unwrap();
    let low = Model {
        revenue: Some(vec![3.0, 0.0]),
        ..Model::default()
    };
    assert!(matches!(
        Cascade::new(&network, &low).unwrap_err(),
        CascadeError::Scale {
            what: "revenue",
            ..
        }
    ));
    assert!(Model::final_demand(&network, 1.0).is_err());
    let cascade = Cascade::new(&network, &Model::default()).unwrap();
    let shock = |firm, rest| {
        Shocks::Scenarios(vec![Shock {
            name: "s".to_owned(),
            remaining: vec![(firm, rest)],
        }])
    };
    let params = ConvergedParams::default();
    assert!(matches!(
        cascade.converged(&shock(9, 0.0), &params).unwrap_err(),
        CascadeError::ShockFirm { .. }
    ));
    assert!(matches!(
        cascade.converged(&shock(0, 1.5), &params).unwrap_err(),
        CascadeError::Capacity { .. }
    ));
    let zero = ConvergedParams {
        tolerance: 0.0,
        relative: None,
    };
    assert!(matches!(
        cascade.converged(&Shocks::EachFirm, &zero).unwrap_err(),
        CascadeError::Tolerance { .. }
    ));
}
