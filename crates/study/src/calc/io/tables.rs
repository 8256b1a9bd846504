//! The tables of `calc io`. Labels are those of the file.

use chain::io::look_through::look_through;
use chain::io::{
    Counted, Extraction, IndustryLoss, IoError, Leontief, LinkLoss, RangedLosses, Side, TableReport,
};
use evidence::bulk::ResultColumn;
use model::{Lang, Message, Names, Severity};

use super::super::out::{Columns, coded, column, text, words};
use super::Asked;

fn numbers(values: impl IntoIterator<Item = f64>) -> ResultColumn {
    ResultColumn::Number(values.into_iter().collect())
}

/// Does at least one industry have a region?
pub(super) fn has_regions(asked: &Asked) -> bool {
    asked
        .table
        .industries()
        .iter()
        .any(|l| !l.region.is_empty())
}

/// In the order of the file.
pub(super) fn multipliers(asked: &Asked, model: &Leontief) -> Columns {
    let labels = asked.table.industries();
    let missing = |x: Option<f64>| x.unwrap_or(f64::NAN);
    let given = asked.table.given_output();
    vec![
        column("industry", text(&asked.texts)),
        column(
            "output_multiplier",
            numbers(model.output_multipliers().iter().copied()),
        ),
        column("supply_multiplier", numbers(model.supply_multipliers())),
        column(
            "upstreamness",
            numbers(model.upstreamness().into_iter().map(missing)),
        ),
        column(
            "downstreamness",
            numbers(model.downstreamness().iter().copied()),
        ),
        column("model_output", numbers(model.output().iter().copied())),
        column(
            "given_output",
            numbers((0..labels.len()).map(|k| missing(given.map(|x| x[k])))),
        ),
        column("region", words(labels.iter().map(|l| l.region.clone()))),
        column("name", words(labels.iter().map(|l| l.industry.clone()))),
    ]
}

/// In the order of the file, with the rank of every loss.
pub(super) fn extraction(
    asked: &Asked,
    losses: &[IndustryLoss],
    ranged: Option<&RangedLosses>,
) -> Columns {
    let mut order: Vec<usize> = (0..losses.len()).collect();
    order.sort_by(|a, b| losses[*b].loss.total_cmp(&losses[*a].loss).then(a.cmp(b)));
    let mut rank = vec![0.0; losses.len()];
    for (at, k) in order.iter().enumerate() {
        rank[*k] = (at + 1) as f64;
    }
    let mut columns = vec![
        column("industry", text(&asked.texts)),
        column("loss", numbers(losses.iter().map(|l| l.loss))),
        column("loss_share", numbers(losses.iter().map(|l| l.share))),
        column(
            "loss_elsewhere",
            numbers(losses.iter().map(|l| l.elsewhere)),
        ),
        column("rank", numbers(rank)),
    ];
    if let Some(ranged) = ranged {
        let end = |q: &model::Quantity, low: End| {
            q.estimate().map_or(f64::NAN, |e| match low {
                End::Low => e.low,
                End::High => e.high,
            })
        };
        let losses = || ranged.losses.iter();
        columns.extend([
            column(
                "loss_low",
                numbers(losses().map(|l| end(&l.loss, End::Low))),
            ),
            column(
                "loss_high",
                numbers(losses().map(|l| end(&l.loss, End::High))),
            ),
            column(
                "rank_low",
                numbers(losses().map(|l| end(&l.rank, End::Low))),
            ),
            column(
                "rank_high",
                numbers(losses().map(|l| end(&l.rank, End::High))),
            ),
        ]);
    }
    columns
}

/// An end of a range.
#[derive(Clone, Copy)]
enum End {
    Low,
    High,
}

/// Largest losses first.
pub(super) fn links(asked: &Asked, links: &[LinkLoss]) -> Columns {
    let of = |which: fn(&LinkLoss) -> usize| links.iter().map(|l| which(l) as u32).collect();
    vec![
        column("supplier", coded(&asked.texts, of(|l| l.supplier))),
        column("customer", coded(&asked.texts, of(|l| l.customer))),
        column("flow", numbers(links.iter().map(|l| l.flow))),
        column("loss", numbers(links.iter().map(|l| l.loss))),
        column("loss_share", numbers(links.iter().map(|l| l.share))),
    ]
}

/// What each industry loses when the set falls out.
pub(super) fn set(asked: &Asked, found: &Extraction) -> Columns {
    vec![
        column("industry", text(&asked.texts)),
        column("loss", numbers(found.by_industry.iter().map(|l| l.loss))),
        column(
            "loss_share",
            numbers(found.by_industry.iter().map(|l| l.share)),
        ),
    ]
}

/// Every industry × region whose production stands behind its product.
pub(super) fn exposure(asked: &Asked, model: &Leontief) -> Result<Columns, IoError> {
    let found = look_through(
        model,
        asked.table.industries(),
        Side::Supply,
        Counted::Production,
    )?;
    let n = asked.texts.len();
    let regions = found.regions.len();
    let cells = || (0..n).flat_map(|i| (0..regions).map(move |r| (i, r)));
    let number = |of: &dyn Fn(chain::io::LookThrough) -> Option<f64>| {
        numbers(cells().map(|(i, r)| of(found.get(i, r)).unwrap_or(f64::NAN)))
    };
    Ok(vec![
        column(
            "industry",
            coded(&asked.texts, cells().map(|(i, _)| i as u32).collect()),
        ),
        column(
            "region",
            coded(&found.regions, cells().map(|(_, r)| r as u32).collect()),
        ),
        column("face_value", number(&|e| e.face_value)),
        column("look_through", number(&|e| e.look_through)),
        column("hidden", number(&|e| e.hidden())),
    ])
}

/// One row of `checks.csv`.
struct Check {
    kind: String,
    severity: Severity,
    industry: String,
    given: f64,
    summed: f64,
    message: String,
}

/// Findings of the reader and of the engine, then the worst gaps of the balance and the industries without output.
pub(super) fn checks(asked: &Asked, report: &TableReport, lang: Lang) -> Columns {
    let names = Names::default();
    let said = |code: &str, severity: Severity, message: &Message| Check {
        kind: code.to_owned(),
        severity,
        industry: String::new(),
        given: f64::NAN,
        summed: f64::NAN,
        message: message.render(lang, &names),
    };
    let mut rows: Vec<Check> = Vec::new();
    for note in &asked.files.notes {
        rows.push(said(
            note.code.trim_start_matches("io."),
            note.severity,
            &note.expected,
        ));
    }
    for found in asked.findings.iter().chain(&report.findings) {
        rows.push(said(found.code, found.severity, &found.message));
    }
    let sides = [("row_gap", &report.rows), ("column_gap", &report.columns)];
    for (check, balance) in sides {
        for gap in balance
            .iter()
            .flat_map(|b| &b.worst)
            .filter(|g| g.gap() != 0.0)
        {
            rows.push(Check {
                kind: check.to_owned(),
                severity: Severity::Note,
                industry: asked.texts[gap.industry].clone(),
                given: gap.given,
                summed: gap.summed,
                message: String::new(),
            });
        }
    }
    for zero in &report.no_output {
        rows.push(Check {
            kind: "no_output".to_owned(),
            severity: Severity::Note,
            industry: asked.texts[zero.industry].clone(),
            given: 0.0,
            summed: zero.sales,
            message: String::new(),
        });
    }
    let severity = |s: Severity| match s {
        Severity::Note => "note",
        Severity::Warning => "warning",
        Severity::Error => "error",
    };
    vec![
        column("check", words(rows.iter().map(|r| r.kind.clone()))),
        column(
            "severity",
            words(rows.iter().map(|r| severity(r.severity).to_owned())),
        ),
        column("industry", words(rows.iter().map(|r| r.industry.clone()))),
        column("given", numbers(rows.iter().map(|r| r.given))),
        column("summed", numbers(rows.iter().map(|r| r.summed))),
        column("message", words(rows.iter().map(|r| r.message.clone()))),
    ]
}
