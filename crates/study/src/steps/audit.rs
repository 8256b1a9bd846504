//! The audit of the plans on record against the study's own layout and roadmap.

use std::collections::BTreeMap;

use layout::audit::{AuditParams, Date, Fault, Finding, Level, Register, audit, chosen, traces};
use layout::regions::{Assignment, duplication};
use model::{
    Cell, Cluster, Entity, Field, Kind, Message, Origin, Quantity, Refusal, ResultTable, RowRef,
    Year,
};
use serde_json::{Value, json};

use super::{code, evidence_rows, parameters, year};
use crate::config::Config;
use crate::engine::output::{StepOutput, entity, estimate};
use crate::engine::step::Context;
use crate::inputs::plans::{self, Plans};
use crate::inputs::rows;
use crate::scenario::Scenario;

pub const READS: [&str; 9] = [
    "plans",
    "clauses",
    "plan_items",
    "plan_caps",
    "actions",
    "challenges",
    "clusters",
    "technologies",
    "fields",
];

pub fn params(config: &Config, _: &[Scenario]) -> Value {
    json!({
        "home": config.study.home, "audit": config.audit, "start_year": config.study.start_year,
        "ranges": config.ranges, "common_from": config.consensus.common_from,
        "regional_cap": config.regions.regional_cap,
    })
}

pub fn run(context: &Context) -> StepOutput {
    let config = context.config;
    let mut output = StepOutput::default();
    let mut plans = plans::plans(context.evidence, config);
    if plans.register.clauses.is_empty() {
        output
            .refusals
            .push(refusal("audit.no_plans", "audit.question", |m| m));
        return output;
    }
    own_items(context, &mut plans.register);
    wanted(context, &mut plans.register);
    let today = config
        .audit
        .today
        .unwrap_or_else(|| Date::year(config.study.start_year.0));
    let params = AuditParams {
        costly: config.audit.costly.clone(),
        regional_cap: config.regions.regional_cap,
        ..AuditParams::default()
    };
    let findings = audit(&plans.register, today, &params);
    output.tables = vec![
        finding_table(&findings),
        count_table(&plans, &findings),
        trace_table(&plans.register),
        duplication_table(context, &plans.register),
    ];
    output.refusals.extend(silent(&plans.register, &params));
    output
}

fn refusal(reason: &str, question: &str, fill: impl Fn(Message) -> Message) -> Refusal {
    Refusal {
        code: reason.to_owned(),
        question: Message::new(question),
        reason: fill(Message::new(reason)),
        needed: Message::new(format!("{reason}.needed")),
    }
}

/// What the register cannot say anything about.
fn silent(register: &Register, params: &AuditParams) -> Vec<Refusal> {
    let mut found = Vec::new();
    let budgets = register
        .plans
        .iter()
        .filter_map(|p| p.budget.as_ref())
        .count()
        + register
            .clauses
            .iter()
            .filter_map(|c| c.budget.as_ref())
            .count()
        + register
            .items
            .iter()
            .filter_map(|i| i.budget.as_ref())
            .count();
    if budgets == 0 {
        let costly = register
            .clauses
            .iter()
            .filter(|c| c.instruments.iter().any(|i| params.costly.contains(i)))
            .count();
        found.push(refusal(
            "audit.no_budgets",
            "audit.no_budgets.question",
            |m| m.with("clauses", costly),
        ));
    }
    if register.actions.is_empty() {
        found.push(refusal(
            "audit.no_actions",
            "audit.no_actions.question",
            |m| m,
        ));
    }
    found
}

/// Placements and milestones of the study carry out what their industries are named in.
fn own_items(context: &Context, register: &mut Register) {
    let layout = context.table("layout.regions");
    let mut items = Vec::new();
    for row in &layout.rows {
        if let (Some(cluster), Some(industry)) = (
            entity(&layout, row, "cluster"),
            entity(&layout, row, "industry"),
        ) {
            let origin = RowRef::new("layout.regions", row.key.clone());
            let cluster = Cluster::from(cluster);
            items.push(plans::placement(
                register,
                &cluster,
                &industry.into(),
                origin,
            ));
        }
    }
    let milestones = context.table("layout.milestones");
    for row in &milestones.rows {
        if let Some(industry) = entity(&milestones, row, "industry") {
            let end = estimate(&milestones, row, "p80").map(|e| Year(e.value.floor() as i32));
            let origin = RowRef::new("layout.milestones", row.key.clone());
            let start = context.config.study.start_year;
            items.push(plans::milestone(
                register,
                &industry.into(),
                start,
                end,
                origin,
            ));
        }
    }
    register.items.extend(items);
}

/// Fields that are common ground abroad and all challenges ought to be served.
fn wanted(context: &Context, register: &mut Register) {
    let consensus = context.table("trend.consensus");
    for row in &consensus.rows {
        let common = estimate(&consensus, row, "consensus")
            .is_some_and(|e| e.value >= context.config.consensus.common_from);
        if common {
            let origins = vec![
                RowRef::new("trend.consensus", row.key.clone()),
                RowRef::new("fields", row.key.clone()),
            ];
            register
                .wanted
                .push(plans::wanted(Kind::Field, &row.key, origins));
        }
    }
    for row in rows(context.evidence, "challenges") {
        register.wanted.push(plans::wanted(
            Kind::Challenge,
            &row.key,
            vec![row.reference()],
        ));
    }
}

/// Rows of evidence and of earlier results alike; result tables have a point in their name.
fn lineage(rows: &[RowRef]) -> Vec<Origin> {
    rows.iter()
        .map(|row| {
            if row.table.contains('.') {
                Origin::Result(row.clone())
            } else {
                Origin::Evidence(row.clone())
            }
        })
        .collect()
}

fn finding_table(findings: &[Finding]) -> ResultTable {
    let mut table = ResultTable::new(
        "layout.audit",
        "plan-audit",
        "a fault of the register of plans, with the rows that it rests on",
        &[
            ("fault", ""),
            ("certainty", ""),
            ("finding", ""),
            ("remedy", ""),
            ("rows_named", ""),
        ],
    );
    let mut used: BTreeMap<String, usize> = BTreeMap::new();
    for finding in findings {
        let first = finding.rows.first().map_or("", |row| row.key.as_str());
        let mut key = format!("{}/{first}", finding.fault.name());
        let times = used.entry(key.clone()).or_default();
        *times += 1;
        if *times > 1 {
            key = format!("{key}/{times}");
        }
        let named: Vec<String> = finding
            .rows
            .iter()
            .map(|row| format!("{} {}", row.table, row.key))
            .collect();
        let mut origins = lineage(&finding.rows);
        origins.extend(parameters(&["audit", "study.start_year"]));
        table.push(
            key,
            vec![
                code(&format!("fault.{}", finding.fault.name())),
                code(finding.certainty.code()),
                finding.message.clone().into(),
                finding.remedy.clone().into(),
                named.join("; ").into(),
            ],
            origins,
        );
    }
    table
}

fn count_table(plans: &Plans, findings: &[Finding]) -> ResultTable {
    let mut table = ResultTable::new(
        "layout.audit_counts",
        "plan-audit",
        "findings by kind of fault; every kind was looked for",
        &[("fault", ""), ("faults", ""), ("faults_certain", "")],
    );
    for fault in Fault::ALL {
        let of = || findings.iter().filter(|f| f.fault == fault);
        let certain = of()
            .filter(|f| f.certainty == layout::audit::Certainty::Certain)
            .count();
        let mut origins = parameters(&["audit", "study.start_year"]);
        let plan_rows: Vec<RowRef> = plans
            .register
            .plans
            .iter()
            .map(|p| p.origin.clone())
            .collect();
        origins.extend(evidence_rows(&plan_rows));
        table.push(
            fault.name(),
            vec![
                code(&format!("fault.{}", fault.name())),
                of().count().into(),
                certain.into(),
            ],
            origins,
        );
    }
    table
}

fn trace_table(register: &Register) -> ResultTable {
    let mut table = ResultTable::new(
        "layout.traceability",
        "plan-audit",
        "clause → clauses that serve it → items that carry them out → money on record",
        &[
            ("clause", ""),
            ("plan_id", ""),
            ("plan_level", ""),
            ("clause_fields", ""),
            ("deadline", ""),
            ("carried_by", ""),
            ("items", ""),
            ("clause_money", ""),
            ("money_currency", ""),
            ("traced", ""),
        ],
    );
    let levels: BTreeMap<&str, Level> = register
        .plans
        .iter()
        .map(|p| (p.plan.0.as_str(), p.level))
        .collect();
    let clauses: BTreeMap<&str, &layout::audit::Clause> = register
        .clauses
        .iter()
        .map(|c| (c.clause.0.as_str(), c))
        .collect();
    let items: BTreeMap<&str, &layout::audit::Item> = register
        .items
        .iter()
        .map(|i| (i.item.0.as_str(), i))
        .collect();
    for trace in traces(register) {
        let clause = clauses[trace.clause.0.as_str()];
        let mut origins = lineage(std::slice::from_ref(&clause.origin));
        origins.extend(
            trace
                .items
                .iter()
                .flat_map(|i| lineage(std::slice::from_ref(&items[i.0.as_str()].origin))),
        );
        origins.extend(parameters(&["audit", "ranges"]));
        let (money, currency): (Cell, Cell) = match trace.money.iter().next() {
            Some((currency, amount)) if trace.money.len() == 1 => {
                ((*amount).into(), currency.clone().into())
            }
            Some(_) => {
                let units = trace.money.keys().cloned().collect::<Vec<_>>().join(", ");
                let reason = Message::new("audit.units_differ")
                    .with("what", trace.clause.0.as_str())
                    .with("units", units);
                (Quantity::not_estimated(reason).into(), Cell::Empty)
            }
            None => {
                let reason = Message::new("audit.money_unknown");
                (Quantity::not_estimated(reason).into(), Cell::Empty)
            }
        };
        let traced = match (trace.items.is_empty(), trace.money.is_empty()) {
            (false, false) => "traced.items_and_money",
            (false, true) => "traced.items",
            (true, false) => "traced.money",
            (true, true) => "traced.nothing",
        };
        let names: Vec<&str> = trace.items.iter().map(|i| i.0.as_str()).collect();
        table.push(
            trace.clause.0.clone(),
            vec![
                trace.clause.0.clone().into(),
                Entity::new(Kind::Plan, clause.plan.0.clone()).into(),
                levels
                    .get(clause.plan.0.as_str())
                    .map_or(Cell::Empty, |l| code(l.code())),
                clause
                    .fields
                    .iter()
                    .map(Field::entity)
                    .collect::<Vec<_>>()
                    .into(),
                clause.deadline.map_or(Cell::Empty, year),
                names.join("; ").into(),
                trace.items.len().into(),
                money,
                currency,
                code(traced),
            ],
            origins,
        );
    }
    table
}

/// How often the clusters' own plans repeat each other, and how often this layout does.
fn duplication_table(context: &Context, register: &Register) -> ResultTable {
    let mut table = ResultTable::new(
        "layout.duplication_published",
        "plan-audit",
        "pairs of choices in different clusters with the same industry / all such pairs; clusters' published plans, and this layout",
        &[
            ("layout", ""),
            ("within_region", "share"),
            ("national", "share"),
            ("placements", ""),
            ("clusters", ""),
        ],
    );
    let published = chosen(register);
    let layout = context.table("layout.regions");
    let mut same = Assignment::new();
    let mut laid: Vec<RowRef> = Vec::new();
    for row in &layout.rows {
        if let (Some(cluster), Some(industry)) = (
            entity(&layout, row, "cluster"),
            entity(&layout, row, "industry"),
        ) && published.contains_key(&Cluster::from(cluster))
        {
            same.entry(cluster.into())
                .or_default()
                .push(industry.into());
            laid.push(RowRef::new("layout.regions", row.key.clone()));
        }
    }
    let own: Vec<RowRef> = register
        .clauses
        .iter()
        .filter(|c| {
            let plan = register.plans.iter().find(|p| p.plan == c.plan);
            plan.is_some_and(|p| p.level == Level::Cluster)
        })
        .map(|c| c.origin.clone())
        .collect();
    for (key, assignment, rows) in [
        ("published", &published, own),
        ("same_clusters", &same, laid),
    ] {
        if assignment.is_empty() {
            continue;
        }
        let found = duplication(assignment, &register.regions);
        table.push(
            key,
            vec![
                code(&format!("layout.{key}")),
                found.within_region.into(),
                found.national.into(),
                assignment.values().map(Vec::len).sum::<usize>().into(),
                assignment.len().into(),
            ],
            lineage(&rows),
        );
    }
    table
}
