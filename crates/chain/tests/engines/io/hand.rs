//! Numbers that a reader can check with pencil and paper.

use chain::io::extraction::{self, Part};
use chain::io::inoperability::{self, DynamicParams, dynamic_inoperability, static_inoperability};
use chain::io::{Coefficients, Counted, Dense, Factorised, Label, Leontief, Side, look_through};
use libtest_mimic::Trial;

use crate::{close, trial};

pub fn trials() -> Vec<Trial> {
    vec![
        trial("io: a chain of two industries by hand", two),
        trial("io: extraction of a chain of two by hand", extracted),
        trial(
            "io: look-through of a chain over three regions by hand",
            looked_through,
        ),
        trial(
            "io: a recovery by hand, and rest at the static solution",
            recovers,
        ),
        trial(
            "io: an economy that uses up its own product is refused",
            refused,
        ),
        trial("io: a matrix that needs row exchanges is solved", exchanged),
    ]
}

/// Ore (1) goes into steel (2): a_12 = 1/2, y = (10, 40). x = (30, 40).
fn chain_of_two() -> Leontief {
    let a = Dense::from_row_major(2, 2, &[0.0, 0.5, 0.0, 0.0]).unwrap();
    Leontief::invert(Coefficients::from_parts(a, vec![30.0, 40.0], vec![10.0, 40.0]).unwrap())
        .unwrap()
}

fn two() {
    let m = chain_of_two();
    assert_eq!(m.output(), [30.0, 40.0]);
    assert_eq!(m.output_multipliers(), [1.0, 1.5]);
    // B_12 = 20/30.
    close("G", m.ghosh(0, 1), 2.0 / 3.0, 1e-15);
    close("supply", m.supply_multipliers()[0], 5.0 / 3.0, 1e-15);
    // A third of ore goes to final users at once, two thirds one stage later.
    close(
        "upstreamness",
        m.upstreamness()[0].unwrap(),
        1.0 / 3.0 + 2.0 * 2.0 / 3.0,
        1e-15,
    );
    assert_eq!(m.upstreamness()[1], Some(1.0));
    assert_eq!(m.condition(), 1.5 * 1.5);
    assert_eq!(m.exact_residual(), 0.0);
    assert_eq!(m.output_distance().absolute, 0.0);
}

fn extracted() {
    let m = chain_of_two();
    let loss = |part, theta| -> Vec<f64> {
        let all = extraction::industries(&m, part, theta).unwrap();
        all.iter().map(|l| l.loss).collect()
    };
    // Without ore its 30 are gone: steel is not stopped, it buys elsewhere. Without steel also 20 of ore.
    assert_eq!(loss(Part::Whole, 1.0), [30.0, 60.0]);
    assert_eq!(loss(Part::Purchases, 1.0), [0.0, 20.0]);
    assert_eq!(loss(Part::Sales, 1.0), [20.0, 0.0]);
    // Half of steel gone: 20 of steel, and its ore falls from 20 to a quarter, a half of each factor.
    close("half", loss(Part::Whole, 0.5)[1], 20.0 + 15.0, 1e-15);
    let link = extraction::link_loss(&m, 0, 1, 0.25).unwrap();
    assert_eq!((link.flow, link.loss), (20.0, 5.0));
    let top = extraction::top_links(&m, 5, 1.0).unwrap();
    assert_eq!(top.len(), 1);
    let whole = extraction::industries(&m, Part::Whole, 1.0).unwrap()[1];
    close("share", whole.share, 60.0 / 70.0, 1e-15);
    close("elsewhere", whole.elsewhere, 20.0, 1e-15);
}

/// c → b → a: a buys 0.5 from b, b buys 0.8 from c. At face value a does not touch c.
fn looked_through() {
    let a = Dense::from_row_major(3, 3, &[0.0, 0.0, 0.0, 0.5, 0.0, 0.0, 0.0, 0.8, 0.0]).unwrap();
    let y = vec![10.0, 0.0, 0.0];
    let m =
        Leontief::invert(Coefficients::from_parts(a, vec![10.0, 5.0, 4.0], y).unwrap()).unwrap();
    let labels: Vec<Label> = ["A", "B", "C"].map(|r| Label::new(r, "x")).into();
    let supply = look_through(&m, &labels, Side::Supply, Counted::Production).unwrap();
    let c = supply.get(0, 2);
    assert_eq!(c.face_value, Some(0.0));
    close("L", c.look_through.unwrap(), 0.4 / 1.9, 1e-15);
    assert_eq!(c.hidden(), c.look_through);
    let foreign = supply.foreign(0, "A");
    close("foreign", foreign.look_through.unwrap(), 0.9 / 1.9, 1e-15);
    let inputs = look_through(&m, &labels, Side::Supply, Counted::Inputs).unwrap();
    close(
        "inputs",
        inputs.get(0, 2).look_through.unwrap(),
        0.4 / 0.9,
        1e-15,
    );
    assert_eq!(inputs.get(2, 0).look_through, None, "c buys nothing");
    // All of c's output ends in a, through b: rows of G are (1, 1, 1).
    let sales = look_through(&m, &labels, Side::Sales, Counted::Production).unwrap();
    close(
        "sales",
        sales.get(2, 0).look_through.unwrap(),
        1.0 / 3.0,
        1e-15,
    );
    assert_eq!(sales.get(2, 0).face_value, Some(0.0));
    close("face", sales.get(2, 1).face_value.unwrap(), 0.5, 1e-15);
}

fn recovers() {
    let m = chain_of_two();
    // Steel loses a tenth of normal output in demand: ore loses 2 of 30.
    let rest = static_inoperability(&m, &[0.0, 0.1]).unwrap();
    close("q", rest.inoperability[0], 2.0 / 30.0, 1e-15);
    close("loss", rest.total_loss, 6.0, 1e-15);
    // k so that 0.2 falls to 0.002 in 10 steps in continuous time; in steps (1 − k)^t.
    let k = inoperability::resilience(&m, 1, 0.2, 0.002, 10.0).unwrap();
    close("k", k, 100.0_f64.ln() / 10.0, 1e-15);
    let mut params = DynamicParams {
        resilience: vec![0.5, 0.5],
        initial: vec![0.0, 0.2],
        perturbations: Vec::new(),
        steps: 60,
        steps_per_period: 365.0,
        recovered: 0.01,
    };
    let course = dynamic_inoperability(&m, &params).unwrap();
    close("q(3)", course.course[3][1], 0.025, 1e-15);
    // A* = x̂⁻¹A x̂: a*_12 = 0.5 · 40/30. q_1(1) = 0.5 · 2/3 · 0.2.
    close("passed on", course.course[1][0], 0.2 / 3.0, 1e-15);
    assert_eq!(
        course.recovery[1],
        Some(5),
        "0.2/32 is the first at or below 0.01"
    );
    // Σ 0.2 / 2^t = 0.4 steps of 40 a year.
    close("lost", course.loss[1], 40.0 * 0.4 / 365.0, 1e-14);
    params.initial = vec![0.0, 0.0];
    params.perturbations.push(inoperability::Perturbation {
        from: 0,
        until: None,
        demand: vec![0.0, 0.1],
    });
    params.steps = 200;
    let course = dynamic_inoperability(&m, &params).unwrap();
    let last = course.course.last().unwrap();
    close("rest", last[0], rest.inoperability[0], 1e-12);
    close("rest", last[1], rest.inoperability[1], 1e-12);
    assert_eq!(course.recovery, [None, None]);
    params.resilience[0] = 1.5;
    assert_eq!(
        dynamic_inoperability(&m, &params).unwrap_err().code,
        "resilience"
    );
    assert_eq!(
        static_inoperability(&m, &[2.0, 0.0]).unwrap_err().code,
        "perturbation"
    );
}

fn refused() {
    let a = Dense::from_row_major(2, 2, &[0.5, 0.5, 0.5, 0.5]).unwrap();
    let c = Coefficients::from_parts(a, vec![1.0; 2], vec![1.0; 2]).unwrap();
    assert_eq!(Leontief::invert(c.clone()).unwrap_err().code, "singular");
    assert_eq!(Factorised::new(c).unwrap_err().code, "singular");
}

/// I − A = [0 −2; −1 1]: the first pivot is zero.
fn exchanged() {
    let a = Dense::from_row_major(2, 2, &[1.0, 2.0, 1.0, 0.0]).unwrap();
    let c = Coefficients::from_parts(a, vec![1.0; 2], vec![2.0, 3.0]).unwrap();
    let m = Leontief::invert(c.clone()).unwrap();
    assert!(m.residual().pivoted);
    close("x", m.output()[1], -1.0, 1e-15);
    let f = Factorised::new(c).unwrap();
    assert!(f.pivoted());
    close("x", f.output()[0], -4.0, 1e-15);
    close(
        "1'L",
        f.output_multipliers()[0],
        m.output_multipliers()[0],
        1e-15,
    );
}
