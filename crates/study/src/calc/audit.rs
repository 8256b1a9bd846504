//! `calc audit`: clause → item → budget, contradictions, holes, duplicates and slipped actions of plans in plain files.

use std::path::PathBuf;

use evidence::bulk::ResultColumn;
use layout::audit::{
    Action, AuditParams, Cap, Clause, Date, Fault, Item, ItemKind, Level, Money, Plan, Register,
    Sense, Status, Target, Wanted, audit, chosen, traces,
};
use layout::regions::duplication;
use model::{Entity, Estimate, Kind, Lang, Names, Quantity, RowRef};
use serde_json::json;

use super::CalcError;
use super::lines::{Line, Lines};
use super::out::{CalcReport, Out, column, words};

#[derive(Debug, Clone)]
pub struct AuditArgs {
    pub plans: PathBuf,
    pub clauses: PathBuf,
    pub items: Option<PathBuf>,
    pub caps: Option<PathBuf>,
    pub actions: Option<PathBuf>,
    /// What ought to be served.
    pub wanted: Option<PathBuf>,
    /// Region of each cluster.
    pub clusters: Option<PathBuf>,
    /// The day on which the actions are looked at.
    pub today: String,
    pub regional_cap: usize,
    pub costly: Vec<String>,
    pub out: PathBuf,
}

const LEVELS: [(&str, Level); 3] = [
    ("national", Level::National),
    ("regional", Level::Regional),
    ("cluster", Level::Cluster),
];
const SENSES: [(&str, Sense); 3] = [
    ("at_least", Sense::AtLeast),
    ("at_most", Sense::AtMost),
    ("exactly", Sense::Exactly),
];
const KINDS: [(&str, ItemKind); 4] = [
    ("project", ItemKind::Project),
    ("placement", ItemKind::Placement),
    ("milestone", ItemKind::Milestone),
    ("instrument", ItemKind::Instrument),
];
const STATUS: [(&str, Status); 4] = [
    ("planned", Status::Planned),
    ("running", Status::Running),
    ("done", Status::Done),
    ("dropped", Status::Dropped),
];
const SUBJECTS: [(&str, Kind); 2] = [("field", Kind::Field), ("challenge", Kind::Challenge)];

pub fn audit_files(args: &AuditArgs, lang: Lang) -> Result<CalcReport, CalcError> {
    let today: Date = args
        .today
        .parse()
        .map_err(|e: layout::audit::NotADate| CalcError::argument("--today", e.to_string()))?;
    let register = read(args)?;
    let mut params = AuditParams {
        regional_cap: args.regional_cap,
        ..AuditParams::default()
    };
    if !args.costly.is_empty() {
        params.costly.clone_from(&args.costly);
    }
    let findings = audit(&register, today, &params);
    let names = Names::default();
    let mut out = Out::new(&args.out)?;
    let say = |message: &model::Message| message.render(lang, &names);
    let rows = |rows: &[RowRef]| {
        let shown: Vec<String> = rows
            .iter()
            .map(|r| format!("{}:{}", r.table, r.key))
            .collect();
        shown.join("; ")
    };
    out.table(
        "findings",
        vec![
            column(
                "fault",
                words(findings.iter().map(|f| f.fault.name().to_owned())),
            ),
            column(
                "certainty",
                words(
                    findings
                        .iter()
                        .map(|f| f.certainty.code().trim_start_matches("audit.").to_owned()),
                ),
            ),
            column("finding", words(findings.iter().map(|f| say(&f.message)))),
            column("remedy", words(findings.iter().map(|f| say(&f.remedy)))),
            column("rows", words(findings.iter().map(|f| rows(&f.rows)))),
        ],
    )?;
    let traced = traces(&register);
    let only = |t: &layout::audit::Trace, of: fn(&Estimate) -> f64| match t.money.values().next() {
        Some(amount) if t.money.len() == 1 => of(amount),
        _ => f64::NAN,
    };
    out.table(
        "traceability",
        vec![
            column("clause", words(traced.iter().map(|t| t.clause.0.clone()))),
            column("through", words(traced.iter().map(|t| joined(&t.through)))),
            column("items", words(traced.iter().map(|t| joined(&t.items)))),
            column(
                "money",
                ResultColumn::Number(traced.iter().map(|t| only(t, |e| e.value)).collect()),
            ),
            column(
                "money_low",
                ResultColumn::Number(traced.iter().map(|t| only(t, |e| e.low)).collect()),
            ),
            column(
                "money_high",
                ResultColumn::Number(traced.iter().map(|t| only(t, |e| e.high)).collect()),
            ),
            column(
                "currencies",
                words(
                    traced
                        .iter()
                        .map(|t| t.money.keys().cloned().collect::<Vec<_>>().join("; ")),
                ),
            ),
        ],
    )?;
    let counts: serde_json::Map<String, serde_json::Value> = Fault::ALL
        .into_iter()
        .map(|fault| {
            let n = findings.iter().filter(|f| f.fault == fault).count();
            (fault.name().to_owned(), n.into())
        })
        .collect();
    let repeated = duplication(&chosen(&register), &register.regions);
    let number = |quantity: &Quantity| match quantity {
        Quantity::Estimated(e) => json!(e.value),
        Quantity::NotEstimated(why) => json!({ "not_estimated": why.render(lang, &names) }),
    };
    let json = json!({
        "schema": "forelay.calc.audit/1",
        "today": today.to_string(),
        "rows": {
            "plans": register.plans.len(), "clauses": register.clauses.len(), "items": register.items.len(),
            "caps": register.caps.len(), "actions": register.actions.len(), "wanted": register.wanted.len(),
        },
        "findings": counts,
        "duplication": {
            "within_region": number(&repeated.within_region), "national": number(&repeated.national),
        },
        "params": params,
    });
    let untraced = traced.iter().filter(|t| t.items.is_empty()).count();
    let mut lines = vec![format!(
        "{} findings in {} clauses and {} items; {} clauses without an item",
        findings.len(),
        register.clauses.len(),
        register.items.len(),
        untraced
    )];
    lines.extend(
        findings
            .iter()
            .map(|f| format!("{}  [{}]", say(&f.message), rows(&f.rows))),
    );
    let mut report = out.report(json, lines, Vec::new())?;
    report.found = findings.len();
    Ok(report)
}

fn joined<T: std::fmt::Display>(ids: &[T]) -> String {
    ids.iter().map(T::to_string).collect::<Vec<_>>().join("; ")
}

fn read(args: &AuditArgs) -> Result<Register, CalcError> {
    let open = |file: &Option<PathBuf>, needed: &[&str]| {
        file.as_ref()
            .map(|file| Lines::open(file, needed))
            .transpose()
    };
    let plans = Lines::open(&args.plans, &["id", "level", "place", "from"])?;
    let clauses = Lines::open(&args.clauses, &["id", "plan"])?;
    let items = open(&args.items, &["id"])?;
    let caps = open(
        &args.caps,
        &["quantity", "unit", "level", "place", "year", "amount"],
    )?;
    let actions = open(&args.actions, &["id", "item", "status"])?;
    let wanted = open(&args.wanted, &["subject"])?;
    let clusters = open(&args.clusters, &["cluster", "region"])?;
    let mut register = Register {
        plans: plans.rows().filter_map(|row| plan(&row)).collect(),
        clauses: clauses.rows().filter_map(|row| clause(&row)).collect(),
        ..Register::default()
    };
    for row in items.iter().flat_map(Lines::rows) {
        register.items.extend(item(&row));
    }
    for row in caps.iter().flat_map(Lines::rows) {
        register.caps.extend(cap(&row));
    }
    for row in actions.iter().flat_map(Lines::rows) {
        register.actions.extend(action(&row));
    }
    for row in wanted.iter().flat_map(Lines::rows) {
        if let (Some(subject), Some(kind)) = (row.needed("subject"), row.one_of("kind", &SUBJECTS))
        {
            register.wanted.push(Wanted {
                subject: Entity::new(kind, subject),
                origins: vec![origin("wanted", &row)],
            });
        }
    }
    for row in clusters.iter().flat_map(Lines::rows) {
        if let (Some(cluster), Some(region)) = (row.needed("cluster"), row.needed("region"))
            && let Some(before) = register.regions.insert(cluster.into(), region.into())
            && before.as_str() != region
        {
            row.problem("cluster", "row.duplicate_key", |m| m.with("first", "—"));
        }
    }
    let all: Vec<&Lines> = [Some(&plans), Some(&clauses)]
        .into_iter()
        .chain([&items, &caps, &actions, &wanted, &clusters].map(Option::as_ref))
        .flatten()
        .collect();
    Lines::sound(&all)?;
    Ok(register)
}

/// A row is known by its number in its file.
fn origin(table: &str, row: &Line) -> RowRef {
    RowRef::new(table, row.number_of().to_string())
}

fn money(row: &Line) -> Option<Money> {
    let amount = row.number("budget")?;
    Some(Money {
        amount: Estimate::exact(amount, model::Basis::Published),
        currency: row.needed("currency")?.to_owned(),
    })
}

fn plan(row: &Line) -> Option<Plan> {
    let (id, level) = (row.needed("id"), row.one_of("level", &LEVELS));
    let (place, budget) = (row.needed("place"), money(row));
    let (from, to) = (
        row.needed("from").and_then(|_| row.year("from")),
        row.year("to"),
    );
    Some(Plan {
        plan: id?.into(),
        level: level?,
        place: place?.to_owned(),
        from: from?,
        to,
        budget,
        origin: origin("plans", row),
    })
}

fn clause(row: &Line) -> Option<Clause> {
    let (id, plan, budget) = (row.needed("id"), row.needed("plan"), money(row));
    let (deadline, sense) = (row.year("deadline"), row.one_of("sense", &SENSES));
    let target = row.text("quantity").and_then(|quantity| {
        let (amount, unit) = (
            row.needed("amount").and_then(|_| row.range("amount")),
            row.needed("unit"),
        );
        Some(Target {
            quantity: quantity.to_owned(),
            unit: unit?.to_owned(),
            sense: sense?,
            amount: amount?,
        })
    });
    Some(Clause {
        clause: id?.into(),
        plan: plan?.into(),
        fields: row.list("fields").into_iter().map(Into::into).collect(),
        challenges: row
            .list("challenges")
            .into_iter()
            .map(str::to_owned)
            .collect(),
        target,
        deadline,
        instruments: row
            .list("instruments")
            .into_iter()
            .map(str::to_owned)
            .collect(),
        budget,
        serves: row.text("serves").map(Into::into),
        origin: origin("clauses", row),
    })
}

fn item(row: &Line) -> Option<Item> {
    let (id, kind, budget) = (row.needed("id"), row.one_of("kind", &KINDS), money(row));
    let (start, end) = (row.year("start"), row.year("end"));
    Some(Item {
        item: id?.into(),
        kind: kind?,
        field: row.text("field").map(Into::into),
        clauses: row.list("clauses").into_iter().map(Into::into).collect(),
        budget,
        start,
        end,
        after: row.list("after").into_iter().map(Into::into).collect(),
        origin: origin("items", row),
    })
}

fn cap(row: &Line) -> Option<Cap> {
    let (quantity, unit, place) = (
        row.needed("quantity"),
        row.needed("unit"),
        row.needed("place"),
    );
    let (level, year) = (
        row.one_of("level", &LEVELS),
        row.needed("year").and_then(|_| row.year("year")),
    );
    let amount = row.needed("amount").and_then(|_| row.range("amount"));
    Some(Cap {
        quantity: quantity?.to_owned(),
        unit: unit?.to_owned(),
        level: level?,
        place: place?.to_owned(),
        year: year?,
        amount: amount?,
        origin: origin("caps", row),
    })
}

fn action(row: &Line) -> Option<Action> {
    let (id, item) = (row.needed("id"), row.needed("item"));
    let (due, done) = (row.date("due"), row.date("done"));
    let status = row
        .needed("status")
        .and_then(|_| row.one_of("status", &STATUS));
    Some(Action {
        action: id?.into(),
        item: item?.into(),
        owner: row.text("owner").map(str::to_owned),
        due,
        done,
        status: status?,
        evidence: row.text("evidence").map(str::to_owned),
        origin: origin("actions", row),
    })
}
