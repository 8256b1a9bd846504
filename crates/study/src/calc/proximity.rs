//! `calc proximity`: relatedness of activities or of locations, the space that it spans, and the links that chance
//! does not explain.

use std::path::PathBuf;

use evidence::bulk::ResultColumn;
use foundation::complexity::table::presence_of;
use foundation::null::bicm;
use foundation::null::validated::{self, Params as ValidParams};
use foundation::presence::Presence;
use foundation::relatedness::layout::{LayoutParams, layout};
use foundation::relatedness::proximity::{
    Diagonal, Measure, Proximity, ValueMeasure, of_values, proximity as measured,
};
use foundation::relatedness::space::{Extra, product_space};
use foundation::relatedness::taxonomy::taxonomy;
use model::{Lang, Names};
use serde_json::json;

use super::CalcError;
use super::out::{CalcReport, Columns, Out, coded, column, text};
use super::table::{Period, TableArgs, prepare};

/// Between what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Of {
    Activities,
    Locations,
}

#[derive(Debug, Clone)]
pub struct ProximityArgs {
    pub table: TableArgs,
    pub of: Of,
    /// A measure by its name; the convention's where `None`.
    pub measure: Option<String>,
    /// Smallest proximity that is written.
    pub least: f64,
    /// Write the space as nodes with places and edges.
    pub space: bool,
    /// Write the links that are significant under the null model at this false discovery rate.
    pub validate: Option<f64>,
    pub out: PathBuf,
}

/// How a proximity is named and computed.
enum Kind {
    Presence(Measure),
    Values(ValueMeasure),
    Taxonomy,
}

const MEASURES: [(&str, Kind); 11] = [
    ("min", Kind::Presence(Measure::MinConditional)),
    ("sqrt", Kind::Presence(Measure::Geometric)),
    ("max", Kind::Presence(Measure::MaxConditional)),
    ("jaccard", Kind::Presence(Measure::Jaccard)),
    ("association", Kind::Presence(Measure::Association)),
    ("probability", Kind::Presence(Measure::Probability)),
    ("asymmetric", Kind::Presence(Measure::Conditional)),
    ("continuous", Kind::Values(ValueMeasure::HalfPearson)),
    ("correlation", Kind::Values(ValueMeasure::Pearson)),
    ("cosine", Kind::Values(ValueMeasure::Cosine)),
    ("taxonomy", Kind::Taxonomy),
];

/// Computes and writes `proximity.csv` and, where asked, `nodes.csv`, `edges.csv`, `validated.csv`; `report.json`.
pub fn proximity(args: &ProximityArgs, lang: Lang) -> Result<CalcReport, CalcError> {
    if args.least.is_nan() {
        return Err(CalcError::argument("--least", "need a number"));
    }
    let prepared = prepare(&args.table)?;
    let [period] = prepared.periods.as_slice() else {
        return Err(CalcError::Argument {
            argument: "--year",
            problem: format!("the file has {} years", prepared.periods.len()),
            help: Some("proximity is of one year: name it with --year".to_owned()),
        });
    };
    let name = args.measure.as_deref().unwrap_or("convention");
    let kind = match name {
        "convention" => &Kind::Presence(prepared.convention.measure),
        _ => MEASURES
            .iter()
            .find(|(known, _)| *known == name)
            .map(|(_, kind)| kind)
            .ok_or_else(|| CalcError::Argument {
                argument: "--measure",
                problem: format!("there is no measure `{name}`"),
                help: Some(format!(
                    "one of: {}",
                    MEASURES.map(|(known, _)| known).join(", ")
                )),
            })?,
    };
    let presence = presence_of(
        &period.table,
        &prepared.convention,
        &prepared.params(period),
    )
    .map_err(|error| CalcError::argument("the table", error.to_string()))?;
    let (presence, labels) = match args.of {
        Of::Activities => (presence, period.table.activities()),
        Of::Locations => (presence.transposed(), period.table.locations()),
    };
    let found = between(period, args.of, &presence, kind);
    let mut out = Out::new(&args.out)?;
    let pairs = write_pairs(&mut out, &found, labels, args.least)?;
    let mut lines = prepared.notes.clone();
    let mut refused = Vec::new();
    if args.space {
        write_space(&mut out, &found, labels, &presence)?;
    }
    let validated = match args.validate {
        None => None,
        Some(alpha) => Some(write_validated(
            &mut out,
            &presence,
            labels,
            alpha,
            lang,
            &mut lines,
            &mut refused,
        )?),
    };
    let json = json!({
        "schema": "forelay.calc.proximity/1",
        "input": prepared.input,
        "convention": prepared.preset.code(),
        "of": match args.of { Of::Activities => "activities", Of::Locations => "locations" },
        "measure": name,
        "units": labels.len(),
        "pairs": pairs,
        "validated": validated,
    });
    out.report(json, lines, refused)
}

fn between(period: &Period, of: Of, presence: &Presence, kind: &Kind) -> Proximity {
    let diagonal = Diagonal::Zero;
    match kind {
        Kind::Presence(measure) => measured(presence, *measure, diagonal),
        Kind::Taxonomy => Proximity::new(presence.activities(), taxonomy(presence))
            .expect("invariant: taxonomy gives a number for each pair"),
        Kind::Values(measure) => {
            let table = &period.table;
            let rca = foundation::complexity::advantage::rca(table);
            let (l, a) = (table.locations().len(), table.activities().len());
            let values = match of {
                Of::Activities => rca,
                Of::Locations => (0..l * a).map(|k| rca[(k % l) * a + k / l]).collect(),
            };
            of_values(&values, presence.activities(), *measure, diagonal)
        }
    }
}

/// Pairs (a before b; both directions where the measure has two) from `least` on.
fn write_pairs(
    out: &mut Out,
    found: &Proximity,
    labels: &[String],
    least: f64,
) -> Result<usize, CalcError> {
    let n = labels.len();
    let symmetric =
        (0..n).all(|a| (0..a).all(|b| found.get(a, b).to_bits() == found.get(b, a).to_bits()));
    let mut sheet = out.sheet("proximity.csv");
    let mut pairs = 0;
    for block in (0..n.max(1)).collect::<Vec<_>>().chunks(256) {
        let (mut from, mut to, mut values) = (Vec::new(), Vec::new(), Vec::new());
        for a in block.iter().copied().filter(|a| *a < n) {
            let start = if symmetric { a + 1 } else { 0 };
            for b in (start..n).filter(|b| *b != a) {
                let value = found.get(a, b);
                if value >= least && value != 0.0 || least <= 0.0 && value < 0.0 {
                    from.push(a as u32);
                    to.push(b as u32);
                    values.push(value);
                }
            }
        }
        pairs += values.len();
        sheet.append(vec![
            column("a", coded(labels, from)),
            column("b", coded(labels, to)),
            column("proximity", ResultColumn::Number(values)),
        ])?;
    }
    out.finish(sheet)?;
    Ok(pairs)
}

fn write_space(
    out: &mut Out,
    found: &Proximity,
    labels: &[String],
    presence: &Presence,
) -> Result<(), CalcError> {
    let space = product_space(found, Extra::default());
    let places = layout(&space, LayoutParams::default());
    let nodes: Columns = vec![
        column("node", text(labels)),
        column(
            "ubiquity",
            ResultColumn::Count(presence.ubiquity().to_vec()),
        ),
        column(
            "x",
            ResultColumn::Number(places.iter().map(|p| p.0).collect()),
        ),
        column(
            "y",
            ResultColumn::Number(places.iter().map(|p| p.1).collect()),
        ),
    ];
    out.table("nodes", nodes)?;
    let edges: Columns = vec![
        column(
            "a",
            coded(labels, space.links.iter().map(|l| l.a as u32).collect()),
        ),
        column(
            "b",
            coded(labels, space.links.iter().map(|l| l.b as u32).collect()),
        ),
        column(
            "proximity",
            ResultColumn::Number(space.links.iter().map(|l| l.proximity).collect()),
        ),
        column(
            "spanning_tree",
            ResultColumn::Flag(space.links.iter().map(|l| l.forest).collect()),
        ),
    ];
    out.table("edges", edges)
}

fn write_validated(
    out: &mut Out,
    presence: &Presence,
    labels: &[String],
    alpha: f64,
    lang: Lang,
    lines: &mut Vec<String>,
    refused: &mut Vec<String>,
) -> Result<serde_json::Value, CalcError> {
    use foundation::null::NullError;
    let params = ValidParams {
        alpha,
        ..ValidParams::default()
    };
    let null = bicm::solve(presence, &bicm::Params::default());
    let found = match null.and_then(|null| validated::activities(presence, &null, &params)) {
        Ok(found) => found,
        Err(NullError::Refused(refusal)) => {
            refused.push(refusal.reason.render(lang, &Names::default()));
            return Ok(json!({ "refused": refusal.code }));
        }
        Err(error) => return Err(CalcError::argument("--validate", error.to_string())),
    };
    let links = &found.links;
    let number =
        |of: &dyn Fn(&validated::Link) -> f64| ResultColumn::Number(links.iter().map(of).collect());
    out.table(
        "validated",
        vec![
            column("a", coded(labels, links.iter().map(|l| l.a).collect())),
            column("b", coded(labels, links.iter().map(|l| l.b).collect())),
            column(
                "together",
                ResultColumn::Count(links.iter().map(|l| l.count).collect()),
            ),
            column("expected", number(&|l| l.expected)),
            column("p_value", number(&|l| l.p)),
            column("q_value", number(&|l| l.q)),
        ],
    )?;
    lines.push(format!(
        "{} of {} pairs are together more often than chance explains (false discovery rate {alpha})",
        links.len(),
        found.tests
    ));
    Ok(
        json!({ "links": links.len(), "tests": found.tests, "alpha": alpha, "largest_p": found.threshold }),
    )
}
