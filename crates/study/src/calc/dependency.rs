//! `calc dependency`: dependent products of an importer by published criteria, with their history.

use std::collections::BTreeSet;
use std::path::PathBuf;

use evidence::bulk::ResultColumn;
use foundation::dependency::churn::{Survival, curve};
use foundation::dependency::concentration::markets;
use foundation::dependency::criterion::{Criterion, Reading};
use foundation::dependency::flows::{FlowPanel, Flows};
use foundation::dependency::importer::Importer;
use foundation::dependency::mirror::customers_of_years;
use foundation::dependency::record::{List, ListParams, Method, Record, list};
use foundation::dependency::sources::{Candidate, Point, SourceParams, sources};
use foundation::dependency::supply::World;
use model::{Lang, Names, Quantity, Refusal, short};
use serde_json::{Value, json};

use super::CalcError;
use super::flows::{Trade, read_flows};
use super::out::{CalcReport, Columns, Out, column, text, words};

/// Which lists are made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Criteria {
    Ec2021,
    GeoDep,
    Ecipe,
    All,
}

#[derive(Debug, Clone)]
pub struct DependencyArgs {
    pub file: PathBuf,
    /// `exporter=…,importer=…,product=…,value=…[,quantity=…][,reexport=…][,year=…]`.
    pub columns: String,
    /// Countries by the codes of the file; every country where neither an importer nor a group is named.
    pub importers: Vec<String>,
    /// `EU27=AUT+BEL+…`.
    pub groups: Vec<String>,
    pub years: Vec<i32>,
    pub criteria: Criteria,
    /// Dependence on customers (mirror) instead of suppliers.
    pub mirror: bool,
    /// Relative distance to a threshold that is a cliff.
    pub cliff: f64,
    /// Codes of partners whose country is not known; the usual ones where empty.
    pub unknown: Vec<String>,
    pub out: PathBuf,
}

/// Computes and writes one list for each method, `churn.csv`, `world.csv`, `sources.csv` and `report.json`.
pub fn dependency(args: &DependencyArgs, lang: Lang) -> Result<CalcReport, CalcError> {
    let Trade {
        panel,
        input,
        repeated,
    } = read_flows(&args.file, &args.columns, &args.years, &args.unknown)?;
    let panel = if args.mirror {
        customers_of_years(&panel)
    } else {
        panel
    };
    let importers = importers(args, &panel)?;
    // The mirror asks the same of customers.
    let words_of = if args.mirror {
        ("exports", "first_destination")
    } else {
        ("imports", "first_origin")
    };
    let params = ListParams {
        cliff: args.cliff,
        ..ListParams::default()
    };
    let methods: Vec<Method> = match args.criteria {
        Criteria::Ec2021 => vec![Method::Ec2021],
        Criteria::GeoDep => vec![Method::GeoDep],
        Criteria::Ecipe => vec![Method::Ecipe],
        Criteria::All => Method::ALL.to_vec(),
    };
    let mut out = Out::new(&args.out)?;
    let mut refused = Vec::new();
    let mut lines = Vec::new();
    if repeated > 0 {
        lines.push(format!(
            "{repeated} rows share year, exporter, importer and product with another row; their values were added up"
        ));
    }
    let mut summaries = Vec::new();
    let mut churn: Vec<(String, Method, Survival)> = Vec::new();
    let mut needing: Vec<(Importer, Vec<String>)> = Vec::new();
    let say = |refusal: &Refusal| {
        let names = Names::default();
        refusal.reason.render(lang, &names)
    };
    for method in &methods {
        let mut lists: Vec<List> = Vec::new();
        for importer in &importers {
            match list(&panel, importer, *method, &params) {
                Ok(found) => {
                    match curve(&found.margins) {
                        Ok(points) => churn.extend(
                            points
                                .into_iter()
                                .map(|p| (found.importer.clone(), *method, p)),
                        ),
                        // One year on record shows no churn; with several it is worth saying, but was not asked.
                        Err(refusal) if panel.len() > 1 && importers.len() <= 3 => {
                            lines.push(say(&refusal));
                        }
                        Err(_) => {}
                    }
                    summaries.push(summary(&found));
                    if importers.len() <= 10 {
                        lines.push(line(&found, words_of.0));
                    }
                    lists.push(found);
                }
                Err(refusal) => refused.push(format!("{}: {}", importer.name, say(&refusal))),
            }
        }
        if lists.is_empty() {
            continue;
        }
        write_lists(&mut out, *method, &lists, words_of)?;
        for (importer, found) in importers.iter().filter_map(|i| {
            let found = lists.iter().find(|l| l.importer == i.name)?;
            Some((i, found))
        }) {
            let dependent: Vec<String> = found
                .records
                .iter()
                .filter(|r| r.dependent == Some(true))
                .map(|r| r.product.clone())
                .collect();
            match needing.iter_mut().find(|(i, _)| i == importer) {
                Some((_, products)) => products.extend(dependent),
                None => needing.push((importer.clone(), dependent)),
            }
        }
    }
    write_churn(&mut out, &churn)?;
    // The mirror turns the roles round: the world's exports and other suppliers are not in it.
    if let (false, Some((year, flows))) = (args.mirror, panel.iter().next_back()) {
        write_world(&mut out, year.0, flows)?;
        write_sources(&mut out, flows, &needing)?;
    }
    let json = json!({
        "schema": "forelay.calc.dependency/1",
        "input": input,
        "mirror": args.mirror,
        "params": params,
        "lists": summaries,
        "refused": refused,
    });
    out.report(json, lines, refused)
}

fn importers(args: &DependencyArgs, panel: &FlowPanel) -> Result<Vec<Importer>, CalcError> {
    let mut importers: Vec<Importer> = args
        .importers
        .iter()
        .map(|code| Importer::country(code))
        .collect();
    for group in &args.groups {
        let (name, members) = group.split_once('=').ok_or_else(|| CalcError::Argument {
            argument: "--group",
            problem: format!("`{group}` is not NAME=CODE+CODE+…"),
            help: Some("for example --group BENELUX=BEL+NLD+LUX".to_owned()),
        })?;
        let members: Vec<&str> = members
            .split('+')
            .map(str::trim)
            .filter(|m| !m.is_empty())
            .collect();
        if name.is_empty() || members.is_empty() {
            return Err(CalcError::argument(
                "--group",
                format!("`{group}` names no members"),
            ));
        }
        if importers.iter().any(|i| i.name == name) {
            return Err(CalcError::argument(
                "--group",
                format!("`{name}` names two importers"),
            ));
        }
        importers.push(Importer::group(name, &members));
    }
    if importers.is_empty() {
        let buying: BTreeSet<&String> = panel
            .values()
            .flat_map(|flows| {
                let known = (0..flows.countries().len()).filter(|c| !flows.is_unknown(*c));
                known
                    .filter(|c| flows.imports_on_record(*c))
                    .map(|c| &flows.countries()[c])
            })
            .collect();
        importers = buying
            .into_iter()
            .map(|code| Importer::country(code))
            .collect();
    }
    Ok(importers)
}

fn summary(found: &List) -> Value {
    let count = |keep: fn(&&Record) -> bool| found.records.iter().filter(keep).count();
    json!({
        "importer": found.importer, "method": code(found.method), "year": found.year.0,
        "products": found.records.len(),
        "dependent": count(|r| r.dependent == Some(true)),
        "not_decided": count(|r| r.dependent.is_none()),
        "at_cliff": count(|r| r.verdict_at_cliff),
        "persistent": count(|r| r.persistent == Some(true)),
        "missing_members": found.missing_members.iter().map(|(y, m)| (y.0.to_string(), m)).collect::<std::collections::BTreeMap<_, _>>(),
    })
}

fn line(found: &List, of: &str) -> String {
    let dependent: Vec<&Record> = found
        .records
        .iter()
        .filter(|r| r.dependent == Some(true))
        .collect();
    let all: f64 = found.records.iter().map(|r| r.imports).sum();
    let theirs = dependent.iter().map(|r| r.imports).fold(0.0, |a, b| a + b);
    let cliff = found.records.iter().filter(|r| r.verdict_at_cliff).count();
    format!(
        "{} by {}{}: {} of {} products dependent, {:.1} % of {of}; {} verdicts stand on a cliff",
        found.importer,
        code(found.method),
        if found.year.0 == 0 {
            String::new()
        } else {
            format!(" in {}", found.year)
        },
        dependent.len(),
        found.records.len(),
        if all > 0.0 { 100.0 * theirs / all } else { 0.0 },
        cliff
    )
}

fn code(method: Method) -> &'static str {
    match method {
        Method::Ec2021 => "ec2021",
        Method::GeoDep => "geodep",
        Method::Ecipe => "ecipe",
    }
}

/// One row per importer and product, the method's criteria as columns.
fn write_lists(
    out: &mut Out,
    method: Method,
    lists: &[List],
    words_of: (&str, &str),
) -> Result<(), CalcError> {
    let Some(first) = lists.iter().flat_map(|l| &l.records).next() else {
        return Ok(());
    };
    let rows: Vec<(&List, &Record)> = lists
        .iter()
        .flat_map(|l| l.records.iter().map(move |r| (l, r)))
        .collect();
    let text = |of: &dyn Fn(&(&List, &Record)) -> String| words(rows.iter().map(of));
    let number = |of: &dyn Fn(&Record) -> f64| {
        ResultColumn::Number(rows.iter().map(|(_, r)| of(r)).collect())
    };
    let yes = |of: &dyn Fn(&Record) -> Option<bool>| {
        words(rows.iter().map(|(_, r)| truth(of(r)).to_owned()))
    };
    let mut columns: Columns = vec![
        ("importer".into(), text(&|(l, _)| l.importer.clone())),
        (
            "year".into(),
            ResultColumn::Count(rows.iter().map(|(l, _)| l.year.0.unsigned_abs()).collect()),
        ),
        ("product".into(), text(&|(_, r)| r.product.clone())),
        (words_of.0.to_owned(), number(&|r| r.imports)),
    ];
    for (i, criterion) in first.criteria.iter().enumerate() {
        let id = criterion.id;
        let read = |pick: fn(&Criterion) -> f64| number(&move |r: &Record| pick(&r.criteria[i]));
        columns.extend([
            (id.to_owned(), read(value)),
            (format!("{id}_low"), read(low)),
            (format!("{id}_high"), read(high)),
            (format!("{id}_threshold"), read(|c| c.threshold)),
            (format!("{id}_passes"), yes(&|r| r.criteria[i].passes())),
            (
                format!("{id}_reading"),
                text(&|(_, r)| reading(&r.criteria[i]).to_owned()),
            ),
        ]);
    }
    columns.extend([
        ("dependent".into(), yes(&|r| r.dependent)),
        (
            "verdict".into(),
            text(&|(_, r)| short(r.verdict.code()).to_owned()),
        ),
        ("margin".into(), number(&|r| r.margin.unwrap_or(f64::NAN))),
        ("cliffs".into(), text(&|(_, r)| r.cliffs.join(" "))),
        (
            "verdict_at_cliff".into(),
            yes(&|r| Some(r.verdict_at_cliff)),
        ),
        (
            "change_probability".into(),
            number(&|r| of(&r.change, |e| e.value)),
        ),
        ("change_low".into(), number(&|r| of(&r.change, |e| e.low))),
        ("change_high".into(), number(&|r| of(&r.change, |e| e.high))),
        ("years_held".into(), number(&|r| r.held as f64)),
        ("years_known".into(), number(&|r| r.known as f64)),
        ("persistent".into(), yes(&|r| r.persistent)),
        (
            words_of.1.into(),
            text(&|(_, r)| r.first.as_ref().map(|f| f.0.clone()).unwrap_or_default()),
        ),
        (
            "first_share".into(),
            number(&|r| r.first.as_ref().map_or(f64::NAN, |f| f.1)),
        ),
        ("unknown_share".into(), number(&|r| r.unknown_share)),
        ("re_export_share".into(), number(&|r| r.re_export_share)),
        (
            "hhi_re_exports_low".into(),
            number(&|r| r.hhi_re_exports_in_doubt.low),
        ),
        (
            "hhi_re_exports_high".into(),
            number(&|r| r.hhi_re_exports_in_doubt.high),
        ),
        ("hhi_quantity".into(), number(&|r| value(&r.hhi_quantity))),
        ("quantity_covered".into(), number(&|r| r.quantity_covered)),
        (
            "single_point_loss".into(),
            number(&|r| value(&r.single_point)),
        ),
        ("single_point".into(), yes(&|r| r.single_point.passes())),
    ]);
    out.table(code(method), columns)
}

fn value(c: &Criterion) -> f64 {
    match c.reading {
        Reading::Known(range) => range.value,
        _ => f64::NAN,
    }
}

fn low(c: &Criterion) -> f64 {
    match c.reading {
        Reading::Known(range) => range.low,
        _ => f64::NAN,
    }
}

fn high(c: &Criterion) -> f64 {
    match c.reading {
        Reading::Known(range) => range.high,
        _ => f64::NAN,
    }
}

fn reading(c: &Criterion) -> &'static str {
    match c.reading {
        Reading::Known(_) => "known",
        Reading::NoExports => "no_exports",
        Reading::Missing(_) => "not_estimated",
    }
}

fn truth(answer: Option<bool>) -> &'static str {
    match answer {
        Some(true) => "true",
        Some(false) => "false",
        None => "",
    }
}

fn of(quantity: &Quantity, pick: fn(&model::Estimate) -> f64) -> f64 {
    quantity.estimate().map_or(f64::NAN, |e| pick(&e))
}

fn write_churn(out: &mut Out, points: &[(String, Method, Survival)]) -> Result<(), CalcError> {
    if points.is_empty() {
        return Ok(());
    }
    let number = |of: &dyn Fn(&Survival) -> f64| {
        ResultColumn::Number(points.iter().map(|(_, _, s)| of(s)).collect())
    };
    out.table(
        "churn",
        vec![
            column("importer", words(points.iter().map(|(i, _, _)| i.clone()))),
            column(
                "method",
                words(points.iter().map(|(_, m, _)| code(*m).to_owned())),
            ),
            column(
                "start",
                words(points.iter().map(|(_, _, s)| {
                    s.start
                        .map_or_else(|| "all".to_owned(), |y| y.0.to_string())
                })),
            ),
            column("years_later", number(&|s| f64::from(s.lag))),
            column("dependent", number(&|s| s.dependent as f64)),
            column("still", number(&|s| s.still as f64)),
            column("unknown", number(&|s| s.unknown as f64)),
            column("survival", number(&|s| of(&s.survival, |e| e.value))),
            column("survival_low", number(&|s| of(&s.survival, |e| e.low))),
            column("survival_high", number(&|s| of(&s.survival, |e| e.high))),
        ],
    )
}

/// Concentration of the world's exports, product by product, in the latest year.
fn write_world(out: &mut Out, year: i32, flows: &Flows) -> Result<(), CalcError> {
    let rows = markets(flows);
    let number = |of: &dyn Fn(&World) -> f64| ResultColumn::Number(rows.iter().map(of).collect());
    let first = |market: &World| market.first.map(|f| flows.countries()[f.country].clone());
    out.table(
        "world",
        vec![
            column(
                "year",
                ResultColumn::Count(vec![year.unsigned_abs(); rows.len()]),
            ),
            column("product", text(flows.products())),
            column("exports", number(&|m| m.exports)),
            column(
                "exporters",
                ResultColumn::Count(rows.iter().map(|m| m.exporters).collect()),
            ),
            column("hhi", number(&|m| m.hhi.map_or(f64::NAN, |h| h.value))),
            column("hhi_low", number(&|m| m.hhi.map_or(f64::NAN, |h| h.low))),
            column("hhi_high", number(&|m| m.hhi.map_or(f64::NAN, |h| h.high))),
            column(
                "first_exporter",
                words(rows.iter().map(|m| first(m).unwrap_or_default())),
            ),
            column(
                "first_share",
                number(&|m| m.first.map_or(f64::NAN, |f| f.share)),
            ),
            column("unknown", number(&|m| m.unknown)),
        ],
    )
}

/// Importer, product, first origin, now, rank, candidate, after.
type Source = (
    String,
    String,
    String,
    Point,
    usize,
    Candidate,
    Option<Point>,
);

/// For every dependent product, what each added source buys.
fn write_sources(
    out: &mut Out,
    flows: &Flows,
    needing: &[(Importer, Vec<String>)],
) -> Result<(), CalcError> {
    let params = SourceParams::default();
    let moved = params.moves.iter().copied().fold(0.0, f64::max);
    let mut rows: Vec<Source> = Vec::new();
    for (importer, products) in needing {
        let mut products = products.clone();
        products.sort_unstable();
        products.dedup();
        for product in products {
            let Some(at) = flows.product(&product) else {
                continue;
            };
            let Ok(found) = sources(flows, importer, at, &params) else {
                continue;
            };
            for (rank, candidate) in found.candidates.iter().enumerate() {
                let after = candidate
                    .after
                    .iter()
                    .find(|p| (p.wanted - moved).abs() < 1e-12)
                    .copied();
                rows.push((
                    importer.name.clone(),
                    found.product.clone(),
                    found.first.clone(),
                    found.now,
                    rank + 1,
                    candidate.clone(),
                    after,
                ));
            }
        }
    }
    if rows.is_empty() {
        return Ok(());
    }
    let number = |of: &dyn Fn(&Source) -> f64| ResultColumn::Number(rows.iter().map(of).collect());
    out.table(
        "sources",
        vec![
            column("importer", words(rows.iter().map(|r| r.0.clone()))),
            column("product", words(rows.iter().map(|r| r.1.clone()))),
            column("first_origin", words(rows.iter().map(|r| r.2.clone()))),
            column("candidate", words(rows.iter().map(|r| r.5.country.clone()))),
            column("rank", number(&|r| r.4 as f64)),
            column("share_now", number(&|r| r.5.share)),
            column("exports", number(&|r| r.5.exports)),
            column("spare_reach", number(&|r| r.5.spare_reach.value)),
            column("spare_reach_low", number(&|r| r.5.spare_reach.low)),
            column("spare_reach_high", number(&|r| r.5.spare_reach.high)),
            column("hhi_now", number(&|r| r.3.hhi.value)),
            column("moved", number(&|r| r.6.map_or(f64::NAN, |p| p.moved))),
            column(
                "hhi_after",
                number(&|r| r.6.map_or(f64::NAN, |p| p.hhi.value)),
            ),
            column(
                "hhi_after_low",
                number(&|r| r.6.map_or(f64::NAN, |p| p.hhi.low)),
            ),
            column(
                "hhi_after_high",
                number(&|r| r.6.map_or(f64::NAN, |p| p.hhi.high)),
            ),
            column("worst_stop_now", number(&|r| r.3.worst_stop.value)),
            column(
                "worst_stop_after",
                number(&|r| r.6.map_or(f64::NAN, |p| p.worst_stop.value)),
            ),
        ],
    )
}
