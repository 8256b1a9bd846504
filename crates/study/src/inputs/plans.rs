//! Plans, clauses, items and actions, and what the study's own layout adds to them.

use std::collections::{BTreeMap, BTreeSet};

use evidence::{Evidence, Record};
use layout::audit::{
    Action, Cap, Clause, Date, Item, ItemKind, Level, Money, Plan, Register, Sense, Status, Target,
    Wanted,
};
use model::{Cluster, Entity, Field, Kind, Region, RowRef, Year};

use super::{published, rows};
use crate::config::Config;

/// The plans that are in force in the study's start year, with their open clauses; and how many are not.
pub struct Plans {
    pub register: Register,
    pub expired_plans: usize,
    pub expired_clauses: usize,
}

pub fn plans(evidence: &Evidence, config: &Config) -> Plans {
    let now = config.study.start_year;
    let mut found = Plans {
        register: Register::default(),
        expired_plans: 0,
        expired_clauses: 0,
    };
    for row in rows(evidence, "plans") {
        let Some(plan) = plan(evidence, row, config) else {
            continue;
        };
        if plan.to.is_some_and(|to| to < now) {
            found.expired_plans += 1;
        } else {
            found.register.plans.push(plan);
        }
    }
    let open: BTreeSet<String> = found
        .register
        .plans
        .iter()
        .map(|p| p.plan.0.clone())
        .collect();
    let subjects = Subjects::new(evidence);
    for row in rows(evidence, "clauses") {
        let Some(clause) = clause(evidence, row, config, &subjects) else {
            continue;
        };
        if !open.contains(&clause.plan.0) || clause.deadline.is_some_and(|year| year < now) {
            found.expired_clauses += 1;
        } else {
            found.register.clauses.push(clause);
        }
    }
    // A reference to a clause that has expired is settled, not broken.
    let clauses: BTreeSet<&str> = found
        .register
        .clauses
        .iter()
        .map(|c| c.clause.0.as_str())
        .collect();
    let expired: BTreeSet<&str> = rows(evidence, "clauses")
        .map(|row| row.key.as_str())
        .filter(|id| !clauses.contains(id))
        .collect();
    let items = rows(evidence, "plan_items").filter_map(|row| item(evidence, row, config));
    found.register.items = items
        .filter_map(|mut item| {
            let named = item.clauses.len();
            item.clauses.retain(|c| !expired.contains(c.0.as_str()));
            (named == 0 || !item.clauses.is_empty()).then_some(item)
        })
        .collect();
    for clause in &mut found.register.clauses {
        clause.serves = clause
            .serves
            .take()
            .filter(|c| !expired.contains(c.0.as_str()));
    }
    let kept: BTreeSet<&str> = found
        .register
        .items
        .iter()
        .map(|i| i.item.0.as_str())
        .collect();
    let known = |row: &&Record| row.text("item_id").is_some_and(|id| kept.contains(id));
    found.register.actions = rows(evidence, "actions")
        .filter(known)
        .filter_map(action)
        .collect();
    found.register.caps = rows(evidence, "plan_caps")
        .filter_map(|row| cap(evidence, row, config))
        .collect();
    found.register.regions = regions(evidence);
    found
}

pub fn regions(evidence: &Evidence) -> BTreeMap<Cluster, Region> {
    rows(evidence, "clusters")
        .filter_map(|row| Some((row.key.as_str().into(), row.text("region")?.into())))
        .collect()
}

/// Field of each technology, and of each field itself; challenges by the directions of technologies.
pub struct Subjects<'a> {
    field_of: BTreeMap<&'a str, &'a str>,
    directions: BTreeMap<&'a str, Vec<&'a str>>,
    challenges: Vec<(&'a str, Vec<&'a str>)>,
}

impl<'a> Subjects<'a> {
    pub fn new(evidence: &'a Evidence) -> Self {
        let fields = rows(evidence, "fields").map(|row| (row.key.as_str(), row.key.as_str()));
        let technologies = rows(evidence, "technologies")
            .filter_map(|row| Some((row.key.as_str(), row.text("field")?)));
        Self {
            field_of: fields.chain(technologies).collect(),
            directions: rows(evidence, "technologies")
                .map(|row| (row.key.as_str(), row.list("direction")))
                .collect(),
            challenges: rows(evidence, "challenges")
                .map(|row| (row.key.as_str(), row.list("direction")))
                .collect(),
        }
    }

    pub fn field(&self, subject: &str) -> Option<Field> {
        self.field_of.get(subject).map(|f| (*f).into())
    }

    /// Challenges that a technology answers by its direction.
    pub fn challenges(&self, technology: &str) -> impl Iterator<Item = &'a str> {
        let directions = self.directions.get(technology).cloned().unwrap_or_default();
        self.challenges
            .iter()
            .filter(move |(_, own)| own.iter().any(|d| directions.contains(d)))
            .map(|(id, _)| *id)
    }
}

fn money(evidence: &Evidence, row: &Record, config: &Config) -> Option<Money> {
    let amount = published(evidence, row, "budget", &config.ranges)?;
    Some(Money {
        amount,
        currency: row.text("currency").unwrap_or("?").to_owned(),
    })
}

/// A budget's own range: the columns `low` and `high` of a row speak of its target.
fn budget(evidence: &Evidence, row: &Record, config: &Config) -> Option<Money> {
    let value = row.number("budget")?;
    let half = config
        .ranges
        .half_width(evidence.confidence(&row.reference()));
    Some(Money {
        amount: model::Estimate::relative(value, half, model::Basis::Published),
        currency: row.text("currency").unwrap_or("?").to_owned(),
    })
}

fn level(row: &Record) -> Option<Level> {
    let word = row.text("level")?;
    Level::ALL
        .into_iter()
        .find(|l| l.code().strip_prefix("level.") == Some(word))
}

fn plan(evidence: &Evidence, row: &Record, config: &Config) -> Option<Plan> {
    Some(Plan {
        plan: row.key.as_str().into(),
        level: level(row)?,
        place: row.text("place")?.to_owned(),
        from: row.year("from_year")?,
        to: row.year("to_year"),
        budget: money(evidence, row, config),
        origin: row.reference(),
    })
}

fn clause(
    evidence: &Evidence,
    row: &Record,
    config: &Config,
    subjects: &Subjects,
) -> Option<Clause> {
    let named = row.list("technology_ids");
    let mut challenges: BTreeSet<String> = row
        .list("challenge_ids")
        .into_iter()
        .map(str::to_owned)
        .collect();
    challenges.extend(
        named
            .iter()
            .flat_map(|t| subjects.challenges(t))
            .map(str::to_owned),
    );
    let target = row.text("quantity").and_then(|quantity| {
        let word = row.text("sense").unwrap_or("at_least");
        Some(Target {
            quantity: quantity.to_owned(),
            unit: row.text("unit").unwrap_or_default().to_owned(),
            sense: Sense::ALL
                .into_iter()
                .find(|s| s.code().strip_prefix("sense.") == Some(word))?,
            amount: published(evidence, row, "amount", &config.ranges)?,
        })
    });
    Some(Clause {
        clause: row.key.as_str().into(),
        plan: row.text("plan_id")?.into(),
        fields: named.iter().filter_map(|t| subjects.field(t)).collect(),
        challenges,
        target,
        deadline: row.year("deadline"),
        instruments: row
            .list("instruments")
            .into_iter()
            .map(str::to_owned)
            .collect(),
        budget: budget(evidence, row, config),
        serves: row.text("serves").map(Into::into),
        origin: row.reference(),
    })
}

fn item(evidence: &Evidence, row: &Record, config: &Config) -> Option<Item> {
    let word = row.text("kind")?;
    Some(Item {
        item: row.key.as_str().into(),
        kind: ItemKind::ALL
            .into_iter()
            .find(|k| k.code().strip_prefix("item.") == Some(word))?,
        field: row.text("field").map(Into::into),
        clauses: row.list("clause_ids").into_iter().map(Into::into).collect(),
        budget: money(evidence, row, config),
        start: row.year("start_year"),
        end: row.year("end_year"),
        after: row.list("after").into_iter().map(Into::into).collect(),
        origin: row.reference(),
    })
}

fn action(row: &Record) -> Option<Action> {
    let word = row.text("status")?;
    let date = |column: &str| row.text(column).and_then(|text| text.parse::<Date>().ok());
    Some(Action {
        action: row.key.as_str().into(),
        item: row.text("item_id")?.into(),
        owner: row.text("owner").map(str::to_owned),
        due: date("due"),
        done: date("done"),
        status: Status::ALL
            .into_iter()
            .find(|s| s.code().strip_prefix("status.") == Some(word))?,
        evidence: row.text("evidence").map(str::to_owned),
        origin: row.reference(),
    })
}

fn cap(evidence: &Evidence, row: &Record, config: &Config) -> Option<Cap> {
    Some(Cap {
        quantity: row.text("quantity")?.to_owned(),
        unit: row.text("unit")?.to_owned(),
        level: level(row)?,
        place: row.text("place")?.to_owned(),
        year: row.year("year")?,
        amount: published(evidence, row, "amount", &config.ranges)?,
        origin: row.reference(),
    })
}

/// An industry's placement as an item: it carries out the clauses on its industry of national and regional plans for
/// its place, and of its own cluster's plans.
pub fn placement(register: &Register, cluster: &Cluster, industry: &Field, origin: RowRef) -> Item {
    let region = register.regions.get(cluster).map(Region::as_str);
    let serves = |plan: &Plan| match plan.level {
        Level::National => true,
        Level::Regional => Some(plan.place.as_str()) == region,
        Level::Cluster => plan.place == cluster.as_str(),
    };
    let by_id: BTreeMap<&str, &Plan> = register
        .plans
        .iter()
        .map(|p| (p.plan.0.as_str(), p))
        .collect();
    let clauses = register
        .clauses
        .iter()
        .filter(|c| c.fields.contains(industry))
        .filter(|c| by_id.get(c.plan.0.as_str()).is_some_and(|p| serves(p)))
        .map(|c| c.clause.clone())
        .collect();
    Item {
        item: format!("placement:{cluster}/{industry}").as_str().into(),
        kind: ItemKind::Placement,
        field: Some(industry.clone()),
        clauses,
        budget: None,
        start: None,
        end: None,
        after: BTreeSet::new(),
        origin,
    }
}

/// An industry's milestone: it carries out the national clauses on its industry.
pub fn milestone(
    register: &Register,
    industry: &Field,
    start: Year,
    end: Option<Year>,
    origin: RowRef,
) -> Item {
    let national: BTreeSet<&str> = register
        .plans
        .iter()
        .filter(|p| p.level == Level::National)
        .map(|p| p.plan.0.as_str())
        .collect();
    let clauses = register
        .clauses
        .iter()
        .filter(|c| c.fields.contains(industry) && national.contains(c.plan.0.as_str()))
        .map(|c| c.clause.clone())
        .collect();
    Item {
        item: format!("milestone:{industry}").as_str().into(),
        kind: ItemKind::Milestone,
        field: Some(industry.clone()),
        clauses,
        budget: None,
        start: Some(start),
        end,
        after: BTreeSet::new(),
        origin,
    }
}

pub fn wanted(kind: Kind, id: &str, origins: Vec<RowRef>) -> Wanted {
    Wanted {
        subject: Entity::new(kind, id),
        origins,
    }
}
