//! A sound set of plans with faults planted in it: every fault is found, and nothing else.

use std::collections::{BTreeMap, BTreeSet};

use layout::audit::{
    Action, ActionId, AuditParams, Cap, Certainty, Clause, Fault, Finding, Item, ItemKind, Level,
    Money, Plan, Register, Sense, Status, Target, Wanted, audit, traces,
};
use libtest_mimic::Trial;
use model::{Basis, Entity, Estimate, Kind, RowRef, Seed, Year};
use rand::RngExt;
use rand::seq::SliceRandom;

use crate::{known_code, readable, trial};

pub fn trials() -> Vec<Trial> {
    vec![
        trial("audit::sound_plans_give_no_finding", sound),
        trial("audit::each_fault_alone_is_found_and_nothing_else", alone),
        trial(
            "audit::planted_faults_of_all_kinds_are_all_found_and_nothing_else",
            planted,
        ),
        trial("audit::the_order_of_rows_plays_no_part", order),
        trial(
            "audit::every_clause_of_sound_plans_is_traced_to_items_and_money",
            traced,
        ),
    ]
}

const FIELDS: usize = 30;
const REGIONS: usize = 3;
const CLUSTERS: usize = 8;

fn row(table: &str, key: &str) -> RowRef {
    RowRef::new(table, key)
}

fn exact(x: f64) -> Estimate {
    Estimate::exact(x, Basis::Published)
}

fn money(x: f64) -> Option<Money> {
    Some(Money {
        amount: exact(x),
        currency: "CNY".to_owned(),
    })
}

fn clause(id: &str, plan: &str, field: usize) -> Clause {
    Clause {
        clause: id.into(),
        plan: plan.into(),
        fields: [format!("field{field}").into()].into(),
        challenges: BTreeSet::new(),
        target: None,
        deadline: None,
        instruments: BTreeSet::new(),
        budget: None,
        serves: None,
        origin: row("clauses", id),
    }
}

fn target(field: usize, sense: Sense, amount: f64) -> Option<Target> {
    Some(Target {
        quantity: format!("output{field}"),
        unit: "bn".to_owned(),
        sense,
        amount: exact(amount),
    })
}

fn item(id: &str, clauses: &[&str]) -> Item {
    Item {
        item: id.into(),
        kind: ItemKind::Project,
        field: None,
        clauses: clauses.iter().map(|c| (*c).into()).collect(),
        budget: None,
        start: None,
        end: None,
        after: BTreeSet::new(),
        origin: row("items", id),
    }
}

/// The cluster that hosts field `k` for the first (0) or second (1) time; two regions apart.
fn host(k: usize, which: usize) -> (usize, usize) {
    ((k + which) % REGIONS, (k / REGIONS) % CLUSTERS)
}

fn plan_of((region, cluster): (usize, usize)) -> String {
    format!("plan{region}.{cluster}")
}

/// Plans in which everything is traced, paid for, dated and in order.
fn sound_register() -> Register {
    let mut r = Register::default();
    let plan = |id: &str, level, place: &str, to, budget| Plan {
        plan: id.into(),
        level,
        place: place.to_owned(),
        from: Year(2026),
        to: Some(Year(to)),
        budget: money(budget),
        origin: row("plans", id),
    };
    r.plans
        .push(plan("nation", Level::National, "CHN", 2035, 1000.0));
    for region in 0..REGIONS {
        for cluster in 0..CLUSTERS {
            let place = format!("cluster{region}.{cluster}");
            let id = plan_of((region, cluster));
            r.plans.push(plan(&id, Level::Cluster, &place, 2030, 100.0));
            r.regions
                .insert(place.as_str().into(), format!("region{region}").into());
        }
    }
    for k in 0..FIELDS {
        let top = format!("n{k}");
        let mut national = clause(&top, "nation", k);
        national.target = target(k, Sense::AtLeast, 100.0);
        national.deadline = Some(Year(2035));
        national.instruments = ["grant".to_owned()].into();
        national.challenges = [format!("challenge{}", k % 2)].into();
        r.clauses.push(national);
        r.caps.push(Cap {
            quantity: format!("output{k}"),
            unit: "bn".to_owned(),
            level: Level::National,
            place: "CHN".to_owned(),
            year: Year(2035),
            amount: exact(500.0),
            origin: row("caps", &format!("cap{k}")),
        });
        r.wanted.push(Wanted {
            subject: Entity::new(Kind::Field, format!("field{k}")),
            origins: vec![row("fields", &format!("field{k}"))],
        });
        for (which, name) in ["a", "b"].into_iter().enumerate() {
            let id = format!("{name}{k}");
            let mut own = clause(&id, &plan_of(host(k, which)), k);
            own.target = target(k, Sense::AtLeast, 60.0);
            own.deadline = Some(Year(2030));
            own.instruments = ["grant".to_owned()].into();
            own.budget = money(10.0);
            own.serves = Some(top.as_str().into());
            r.clauses.push(own);
            let project = format!("p{id}");
            let milestone = format!("m{id}");
            let mut first = item(&project, &[&id]);
            (first.start, first.end, first.budget) =
                (Some(Year(2026)), Some(Year(2028)), money(6.0));
            let mut second = item(&milestone, &[&id]);
            (second.start, second.end, second.budget) =
                (Some(Year(2028)), Some(Year(2030)), money(4.0));
            second.after = [project.as_str().into()].into();
            r.items.extend([first, second]);
            r.actions
                .push(action(&format!("done{id}"), &project, Status::Done));
            r.actions
                .push(action(&format!("open{id}"), &milestone, Status::Planned));
        }
    }
    for c in 0..2 {
        let name = format!("challenge{c}");
        r.wanted.push(Wanted {
            subject: Entity::new(Kind::Challenge, name.as_str()),
            origins: vec![row("challenges", &name)],
        });
    }
    r
}

fn action(id: &str, of: &str, status: Status) -> Action {
    let done = status == Status::Done;
    Action {
        action: ActionId::from(id),
        item: of.into(),
        owner: Some("bureau".to_owned()),
        due: Some(if done { "2026-06" } else { "2027-01" }.parse().unwrap()),
        done: done.then(|| "2026-06-15".parse().unwrap()),
        status,
        evidence: done.then(|| "minutes".to_owned()),
        origin: row("actions", id),
    }
}

type Expected = (Fault, Vec<RowRef>);

/// Plants one fault at field `k`; returns what has to be found.
fn plant(r: &mut Register, fault: Fault, k: usize) -> Expected {
    let (a, b, n) = (format!("a{k}"), format!("b{k}"), format!("n{k}"));
    let (pa, ma) = (format!("pa{k}"), format!("ma{k}"));
    let extra = format!("x{k}");
    let clauses = |ids: &[&str]| ids.iter().map(|i| row("clauses", i)).collect::<Vec<_>>();
    let items = |ids: &[&str]| ids.iter().map(|i| row("items", i)).collect::<Vec<_>>();
    let actions = |id: String| vec![row("actions", &id)];
    let mut rows = match fault {
        Fault::Dangling => {
            item_of(r, &ma).clauses.insert("ghost".into());
            items(&[&ma])
        }
        Fault::Repeated => {
            let mut copy = clause_of(r, &a).clone();
            copy.origin = row("clauses", &format!("{a}#2"));
            r.clauses.push(copy);
            clauses(&[&a, &format!("{a}#2")])
        }
        Fault::OrphanClause => {
            r.clauses.push(clause(&extra, "nation", k));
            clauses(&[&extra])
        }
        Fault::OrphanItem => {
            r.items.push(item(&extra, &[]));
            items(&[&extra])
        }
        Fault::NoMoney => {
            clause_of(r, &b).budget = None;
            item_of(r, &format!("p{b}")).budget = None;
            item_of(r, &format!("m{b}")).budget = None;
            clauses(&[&b])
        }
        Fault::MoneyWithoutClause => {
            let mut lost = item(&extra, &[]);
            lost.budget = money(3.0);
            r.items.push(lost);
            items(&[&extra])
        }
        Fault::Overspent => {
            item_of(r, &pa).budget = money(7.0);
            let mut rows = items(&[&pa, &ma]);
            rows.extend(clauses(&[&a]));
            rows
        }
        Fault::TargetAgainstTarget => {
            let mut other = clause(&extra, &plan_of(host(k, 0)), k);
            other.target = target(k, Sense::AtMost, 59.0);
            other.deadline = Some(Year(2030));
            r.clauses.push(other);
            r.items.push(item(&format!("i{extra}"), &[&extra]));
            clauses(&[&a, &extra])
        }
        Fault::AboveCap => {
            let cap = r
                .caps
                .iter_mut()
                .find(|c| c.quantity == format!("output{k}"))
                .unwrap();
            cap.amount = exact(119.0);
            let mut rows = clauses(&[&a, &b]);
            rows.push(cap.origin.clone());
            rows
        }
        Fault::BelowPromise => {
            clause_of(r, &n).target = target(k, Sense::AtLeast, 121.0);
            clauses(&[&a, &b, &n])
        }
        Fault::UnitsDiffer => {
            clause_of(r, &b).target.as_mut().unwrap().unit = "MW".to_owned();
            let mut rows = clauses(&[&a, &b]);
            rows.push(row("caps", &format!("cap{k}")));
            rows
        }
        Fault::NoDeadline => {
            clause_of(r, &a).deadline = None;
            clauses(&[&a])
        }
        Fault::OutsidePlan => {
            clause_of(r, &a).deadline = Some(Year(2031));
            let mut rows = clauses(&[&a]);
            rows.push(row("plans", &plan_of(host(k, 0))));
            rows
        }
        Fault::TooLate => {
            item_of(r, &ma).end = Some(Year(2031));
            let mut rows = clauses(&[&a]);
            rows.extend(items(&[&ma]));
            rows
        }
        Fault::WrongOrder => {
            item_of(r, &pa).end = Some(Year(2029));
            items(&[&pa, &ma])
        }
        Fault::Circle => {
            item_of(r, &pa).after.insert(ma.as_str().into());
            items(&[&pa, &ma])
        }
        Fault::Hole => {
            r.wanted.push(Wanted {
                subject: Entity::new(Kind::Field, format!("unserved{k}")),
                origins: vec![row("fields", &format!("unserved{k}"))],
            });
            vec![row("fields", &format!("unserved{k}"))]
        }
        Fault::Duplicate => {
            let (region, cluster) = host(k, 0);
            let mut rows = clauses(&[&a]);
            for step in 1..=2 {
                let id = format!("{extra}.{step}");
                let place = (region, (cluster + step) % CLUSTERS);
                r.clauses.push(clause(&id, &plan_of(place), k));
                r.items.push(item(&format!("i{id}"), &[&id]));
                rows.extend(clauses(&[&id]));
            }
            rows
        }
        Fault::Slipped => {
            let open = action_of(r, &format!("open{a}"));
            open.due = Some("2026-10".parse().unwrap());
            actions(format!("open{a}"))
        }
        Fault::DoneLate => {
            action_of(r, &format!("done{a}")).done = Some("2026-07-01".parse().unwrap());
            actions(format!("done{a}"))
        }
        Fault::NoOwner => {
            action_of(r, &format!("open{a}")).owner = None;
            actions(format!("open{a}"))
        }
        Fault::NoDate => {
            action_of(r, &format!("open{a}")).due = None;
            actions(format!("open{a}"))
        }
        Fault::NoEvidence => {
            action_of(r, &format!("done{a}")).evidence = None;
            actions(format!("done{a}"))
        }
    };
    rows.sort();
    (fault, rows)
}

fn clause_of<'a>(r: &'a mut Register, id: &str) -> &'a mut Clause {
    r.clauses.iter_mut().find(|c| c.clause.0 == id).unwrap()
}

fn item_of<'a>(r: &'a mut Register, id: &str) -> &'a mut Item {
    r.items.iter_mut().find(|i| i.item.0 == id).unwrap()
}

fn action_of<'a>(r: &'a mut Register, id: &str) -> &'a mut Action {
    r.actions.iter_mut().find(|a| a.action.0 == id).unwrap()
}

fn found(r: &Register) -> Vec<Finding> {
    audit(r, "2026-11-28".parse().unwrap(), &AuditParams::default())
}

fn as_expected(findings: &[Finding]) -> Vec<Expected> {
    let mut all: Vec<Expected> = findings.iter().map(|f| (f.fault, f.rows.clone())).collect();
    all.sort();
    all
}

fn sound() {
    assert_eq!(as_expected(&found(&sound_register())), []);
}

fn alone() {
    for fault in Fault::ALL {
        known_code(&format!("fault.{}", fault.name()));
        for k in [0, 7, 29] {
            let mut r = sound_register();
            let expected = plant(&mut r, fault, k);
            let findings = found(&r);
            assert_eq!(as_expected(&findings), [expected], "{fault:?} at {k}");
            assert_eq!(findings[0].certainty, Certainty::Certain);
            readable(&findings[0].message);
            readable(&findings[0].remedy);
        }
    }
}

fn planted() {
    for seed in 0..300 {
        let mut stream = Seed(seed).stream("audit", 0);
        let mut places: Vec<usize> = (0..FIELDS).collect();
        places.shuffle(&mut stream);
        let mut r = sound_register();
        let mut expected: Vec<Expected> = Fault::ALL
            .into_iter()
            .filter_map(|fault| {
                let k = places.pop().unwrap();
                (seed == 0 || stream.random::<f64>() < 0.6).then(|| plant(&mut r, fault, k))
            })
            .collect();
        expected.sort();
        assert_eq!(as_expected(&found(&r)), expected, "seed {seed}");
    }
}

fn order() {
    let mut r = sound_register();
    for (k, fault) in Fault::ALL.into_iter().enumerate() {
        plant(&mut r, fault, k);
    }
    let first = found(&r);
    for seed in 0..20 {
        let mut stream = Seed(seed).stream("shuffle", 0);
        r.plans.shuffle(&mut stream);
        r.clauses.shuffle(&mut stream);
        r.items.shuffle(&mut stream);
        r.caps.shuffle(&mut stream);
        r.actions.shuffle(&mut stream);
        r.wanted.shuffle(&mut stream);
        assert_eq!(found(&r), first, "seed {seed}");
    }
}

fn traced() {
    let r = sound_register();
    let budgets: BTreeMap<String, f64> = traces(&r)
        .into_iter()
        .map(|t| {
            assert!(!t.items.is_empty(), "{}", t.clause);
            (t.clause.0.clone(), t.money["CNY"].value)
        })
        .collect();
    // A cluster's clause has 10 of its own; the national one what its two clusters bring.
    assert!(
        budgets
            .iter()
            .all(|(id, b)| *b == if id.starts_with('n') { 20.0 } else { 10.0 })
    );
    assert_eq!(budgets.len(), 3 * FIELDS);
}
