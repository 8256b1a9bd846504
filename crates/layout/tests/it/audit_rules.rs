//! Hand-checked cases of the audit: ranges, sums, and what is no fault.

use layout::audit::{
    AuditParams, Cap, Certainty, Clause, Fault, Item, ItemKind, Level, Money, Plan, Register,
    Sense, Target, audit, chosen, traces,
};
use layout::regions::duplication;
use libtest_mimic::Trial;
use model::{Basis, Estimate, RowRef, Year};

use crate::trial;

pub fn trials() -> Vec<Trial> {
    vec![
        trial(
            "audit::ranges_that_overlap_leave_a_contradiction_open",
            ranges,
        ),
        trial(
            "audit::targets_of_different_years_or_places_do_not_contradict",
            apart,
        ),
        trial(
            "audit::a_cap_counts_the_largest_promise_of_a_place_once",
            cap,
        ),
        trial("audit::shared_items_bring_any_part_of_their_budget", shared),
        trial("audit::currencies_are_never_added", currencies),
        trial("audit::duplication_of_published_plans_by_hand", published),
        trial("audit::clauses_that_serve_each_other_end", circle),
    ]
}

fn range(value: f64, low: f64, high: f64) -> Estimate {
    Estimate::new(value, low, high, Basis::Published).unwrap()
}

fn plan(id: &str, level: Level, place: &str) -> Plan {
    Plan {
        plan: id.into(),
        level,
        place: place.to_owned(),
        from: Year(2020),
        to: Some(Year(2040)),
        budget: None,
        origin: RowRef::new("plans", id),
    }
}

fn promise(id: &str, plan: &str, sense: Sense, year: i32, amount: Estimate) -> Clause {
    Clause {
        clause: id.into(),
        plan: plan.into(),
        fields: ["x".into()].into(),
        challenges: [].into(),
        target: Some(Target {
            quantity: "output".to_owned(),
            unit: "bn".to_owned(),
            sense,
            amount,
        }),
        deadline: Some(Year(year)),
        instruments: [].into(),
        budget: None,
        serves: None,
        origin: RowRef::new("clauses", id),
    }
}

fn item(id: &str, clauses: &[&str], budget: Option<(f64, &str)>) -> Item {
    Item {
        item: id.into(),
        kind: ItemKind::Project,
        field: None,
        clauses: clauses.iter().map(|c| (*c).into()).collect(),
        budget: budget.map(|(amount, currency)| Money {
            amount: Estimate::exact(amount, Basis::Published),
            currency: currency.to_owned(),
        }),
        start: None,
        end: None,
        after: [].into(),
        origin: RowRef::new("items", id),
    }
}

/// Faults without the orphans that these small registers are full of.
fn faults(register: &Register) -> Vec<(Fault, Certainty)> {
    audit(register, "2026".parse().unwrap(), &AuditParams::default())
        .into_iter()
        .filter(|f| !matches!(f.fault, Fault::OrphanClause | Fault::OrphanItem))
        .map(|f| (f.fault, f.certainty))
        .collect()
}

fn two(a: Clause, b: Clause) -> Register {
    Register {
        plans: vec![
            plan("p", Level::Cluster, "here"),
            plan("q", Level::Cluster, "there"),
        ],
        clauses: vec![a, b],
        ..Register::default()
    }
}

fn ranges() {
    // At least 100 (90..110) against at most 95 (85..105): apart at the values, not over the ranges.
    let a = promise("a", "p", Sense::AtLeast, 2030, range(100.0, 90.0, 110.0));
    let b = promise("b", "p", Sense::AtMost, 2030, range(95.0, 85.0, 105.0));
    assert_eq!(
        faults(&two(a.clone(), b)),
        [(Fault::TargetAgainstTarget, Certainty::Open)]
    );
    // Against at most 80 (75..89): nothing meets.
    let b = promise("b", "p", Sense::AtMost, 2030, range(80.0, 75.0, 89.0));
    assert_eq!(
        faults(&two(a.clone(), b)),
        [(Fault::TargetAgainstTarget, Certainty::Certain)]
    );
    // Exactly 100 and at least 100 are both kept by 100.
    let b = promise("b", "p", Sense::Exactly, 2030, range(100.0, 100.0, 100.0));
    assert_eq!(faults(&two(a, b)), []);
}

fn apart() {
    let high = promise("a", "p", Sense::AtLeast, 2030, range(100.0, 100.0, 100.0));
    let low = |plan, year| promise("b", plan, Sense::AtMost, year, range(50.0, 50.0, 50.0));
    assert_eq!(faults(&two(high.clone(), low("p", 2025))), []);
    assert_eq!(faults(&two(high.clone(), low("q", 2030))), []);
    assert_eq!(
        faults(&two(high, low("p", 2030))),
        [(Fault::TargetAgainstTarget, Certainty::Certain)]
    );
}

fn cap() {
    let exact = |x| range(x, x, x);
    let mut r = two(
        promise("a", "p", Sense::AtLeast, 2025, exact(60.0)),
        promise("b", "q", Sense::AtLeast, 2030, exact(40.0)),
    );
    // The same place later: 70 contains the 60, so the sum is 110, not 170.
    r.clauses
        .push(promise("c", "p", Sense::AtLeast, 2030, exact(70.0)));
    let cap = |year, amount: Estimate| Cap {
        quantity: "output".to_owned(),
        unit: "bn".to_owned(),
        level: Level::National,
        place: "CHN".to_owned(),
        year: Year(year),
        amount,
        origin: RowRef::new("caps", "cap"),
    };
    r.caps = vec![cap(2030, exact(110.0))];
    assert_eq!(faults(&r), []);
    r.caps = vec![cap(2030, exact(109.0))];
    assert_eq!(faults(&r), [(Fault::AboveCap, Certainty::Certain)]);
    r.caps = vec![cap(2030, range(105.0, 100.0, 115.0))];
    assert_eq!(faults(&r), [(Fault::AboveCap, Certainty::Open)]);
    // Before 2030 only the 60 of 2025 count.
    r.caps = vec![cap(2029, exact(60.0))];
    assert_eq!(faults(&r), []);
}

fn shared() {
    let mut r = two(
        promise("a", "p", Sense::AtLeast, 2030, range(1.0, 1.0, 1.0)),
        promise("b", "p", Sense::AtLeast, 2030, range(1.0, 1.0, 1.0)),
    );
    r.items = vec![
        item("alone", &["a"], Some((5.0, "CNY"))),
        item("both", &["a", "b"], Some((8.0, "CNY"))),
    ];
    let traces = traces(&r);
    let of = |k: usize| traces[k].money["CNY"];
    assert_eq!((of(0).low, of(0).value, of(0).high), (5.0, 13.0, 13.0));
    assert_eq!((of(1).low, of(1).value, of(1).high), (0.0, 8.0, 8.0));
}

fn currencies() {
    let mut a = promise("a", "p", Sense::AtLeast, 2030, range(1.0, 1.0, 1.0));
    a.budget = Some(Money {
        amount: Estimate::exact(1.0, Basis::Published),
        currency: "CNY".to_owned(),
    });
    let mut r = two(
        a,
        promise("b", "q", Sense::AtLeast, 2030, range(1.0, 1.0, 1.0)),
    );
    r.items = vec![item("i", &["a"], Some((9.0, "USD")))];
    assert_eq!(faults(&r), [(Fault::UnitsDiffer, Certainty::Certain)]);
}

fn published() {
    // East: here {x}, there {x, y}; west: far {x}. Pairs by hand: within east 2 of 3*2 - 2*1 = 4.
    let mut r = two(
        promise("a", "p", Sense::AtLeast, 2030, range(1.0, 1.0, 1.0)),
        promise("b", "q", Sense::AtLeast, 2030, range(1.0, 1.0, 1.0)),
    );
    r.clauses[1].fields.insert("y".into());
    r.plans.push(plan("s", Level::Cluster, "far"));
    r.clauses.push(promise(
        "c",
        "s",
        Sense::AtLeast,
        2030,
        range(1.0, 1.0, 1.0),
    ));
    // A national clause is nobody's choice.
    r.plans.push(plan("n", Level::National, "CHN"));
    r.clauses.push(promise(
        "d",
        "n",
        Sense::AtLeast,
        2030,
        range(1.0, 1.0, 1.0),
    ));
    r.regions = [("here", "east"), ("there", "east"), ("far", "west")]
        .map(|(c, g)| (c.into(), g.into()))
        .into();
    let d = duplication(&chosen(&r), &r.regions);
    assert_eq!(d.within_region.estimate().unwrap().value, 0.5);
    // Nation: x three times, y once, N = 4: same 6, all 4*3 - 2*1 = 10.
    assert_eq!(d.national.estimate().unwrap().value, 0.6);
}

fn circle() {
    let mut r = two(
        promise("a", "p", Sense::AtLeast, 2030, range(1.0, 1.0, 1.0)),
        promise("b", "q", Sense::AtLeast, 2030, range(1.0, 1.0, 1.0)),
    );
    r.clauses[0].serves = Some("b".into());
    r.clauses[1].serves = Some("a".into());
    r.items = vec![item("i", &["a"], None)];
    assert!(traces(&r).iter().all(|t| t.items.len() == 1));
}
