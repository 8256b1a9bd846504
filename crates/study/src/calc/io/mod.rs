//! `calc io`: multipliers, exposure and what extraction costs, from an input–output table in files.

mod imports;
mod map;
mod tables;

use std::path::PathBuf;

use chain::io::extraction::{self, Cut, Extraction, extract};
use chain::io::{
    Coefficients, IoError, IoTable, Leontief, NoiseParams, OutputBasis, Part, RangedLosses,
    aggregate, checks, ranges,
};
use evidence::io::{Empty, IoFiles, IoOptions, read_io};
use model::{Lang, Names, Seed, Severity};
use serde_json::{Value, json};

use super::CalcError;
use super::out::{CalcReport, Out};
use crate::inputs::io as inputs;

/// What is extracted one after the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum IoExtract {
    #[default]
    Industries,
    /// Industries, and beside them the links with the largest losses.
    Links,
    None,
}

/// What of an industry falls out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum IoPart {
    #[default]
    Whole,
    Purchases,
    Sales,
}

impl IoPart {
    fn of_engine(self) -> Part {
        match self {
            Self::Whole => Part::Whole,
            Self::Purchases => Part::Purchases,
            Self::Sales => Part::Sales,
        }
    }

    fn as_str(self) -> &'static str {
        match self {
            Self::Whole => "whole",
            Self::Purchases => "purchases",
            Self::Sales => "sales",
        }
    }
}

/// What a cell without a number means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum IoEmpty {
    #[default]
    Refuse,
    Zero,
}

#[derive(Debug, Clone)]
pub struct IoArgs {
    /// A folder with Z, Y and optionally x, or one file with the whole table.
    pub folder: PathBuf,
    /// Which table of a folder with several.
    pub prefix: Option<String>,
    pub empty: IoEmpty,
    pub extract: IoExtract,
    /// Industries that fall out together, by their labels.
    pub set: Vec<String>,
    /// All industries of these regions fall out together.
    pub blocks: Vec<String>,
    pub part: IoPart,
    /// Part that falls out, 0 to 1.
    pub theta: f64,
    /// CSV with the columns from, to and optionally of (region, industry, category, label).
    pub aggregate: Option<PathBuf>,
    /// Relative spread of the coefficients; ranges are not estimated without it.
    pub noise: Option<f64>,
    pub draws: usize,
    pub seed: u64,
    /// Links that are written, largest losses first.
    pub top: usize,
    pub out: PathBuf,
}

/// A table ready to be asked, with the texts of its labels.
struct Asked {
    files: IoFiles,
    table: IoTable,
    texts: Vec<String>,
    findings: Vec<chain::io::Finding>,
    mass: Vec<chain::io::Mass>,
    unused: Vec<String>,
}

/// Computes and writes `multipliers.csv`, `extraction.csv`, `links.csv`, `set.csv`, `exposure.csv`, `checks.csv` and
/// `report.json`.
pub fn io(args: &IoArgs, lang: Lang) -> Result<CalcReport, CalcError> {
    let names = Names::default();
    let asked = ask(args)?;
    let report = checks::report(&asked.table);
    let set = members(args, &asked)?;
    let coefficients =
        Coefficients::of(&asked.table, OutputBasis::Given).map_err(|e| failed(&e, lang))?;
    let dropped = coefficients.dropped;
    let model = Leontief::invert(coefficients).map_err(|e| failed(&e, lang))?;
    let part = args.part.of_engine();
    let losses = extraction::industries(&model, part, args.theta).map_err(|e| failed(&e, lang))?;
    let ranged = ranged(args, &asked, &model, lang)?;
    let mut out = Out::new(&args.out)?;
    let mut lines = Vec::new();
    let mut refused = Vec::new();
    for found in asked.findings.iter().chain(&report.findings) {
        let text = found.message.render(lang, &names);
        match found.severity {
            Severity::Error => refused.push(text),
            Severity::Warning => lines.push(text),
            Severity::Note => {}
        }
    }
    for note in asked
        .files
        .notes
        .iter()
        .filter(|n| n.severity == Severity::Warning)
    {
        lines.push(format!(
            "{}: {}",
            note.file,
            note.expected.render(lang, &names)
        ));
    }
    out.table("multipliers", tables::multipliers(&asked, &model))?;
    if args.extract != IoExtract::None {
        out.table(
            "extraction",
            tables::extraction(&asked, &losses, ranged.as_ref()),
        )?;
    }
    if args.extract == IoExtract::Links {
        let links =
            extraction::top_links(&model, args.top, args.theta).map_err(|e| failed(&e, lang))?;
        out.table("links", tables::links(&asked, &links))?;
    }
    let of_set = if set.is_empty() {
        None
    } else {
        let cut = Cut::Set {
            industries: set.clone(),
            part,
            theta: args.theta,
        };
        let found = extract(&model, &cut).map_err(|e| failed(&e, lang))?;
        out.table("set", tables::set(&asked, &found))?;
        lines.push(format!(
            "{} industries fall out together: {:.6e} of output is lost, {:.4} % of all",
            set.len(),
            found.loss,
            found.share * 100.0
        ));
        Some(found)
    };
    if tables::has_regions(&asked) {
        out.table(
            "exposure",
            tables::exposure(&asked, &model).map_err(|e| failed(&e, lang))?,
        )?;
    } else {
        lines.push("the table has no regions: exposure to a region is not estimated".to_owned());
    }
    if let Some(imports) = &asked.files.imports {
        if args.aggregate.is_some() {
            lines.push("imports are not aggregated: import content is not estimated".to_owned());
            out.absent("import_content")?;
        } else {
            out.table("import_content", imports::content(&asked, imports, &model))?;
        }
    }
    out.table("checks", tables::checks(&asked, &report, lang))?;
    let distance = model.output_distance();
    lines.push(format!(
        "{} industries; residual {:.1e}, condition number {:.3}, output of the model differs from the given output by {:.4} %",
        asked.table.len(), model.residual().estimate, model.condition(), distance.relative * 100.0
    ));
    let json = json!({
        "schema": "forelay.calc.io/1",
        "layout": asked.files.layout.as_str(),
        "unit": asked.files.unit,
        "input": asked.files.sources.iter().map(|s| json!({"file": s.file, "blake3": s.blake3})).collect::<Vec<_>>(),
        "notes": asked.files.notes.iter().map(|n| json!({
            "code": n.code, "file": n.file, "row": n.row, "column": n.column, "text": n.expected.render(lang, &names),
        })).collect::<Vec<_>>(),
        "exportable": asked.files.gate.is_none(),
        "gate": asked.files.gate.as_ref().map(|m| m.render(lang, &names)),
        "industries": asked.table.len(),
        "final_demand_columns": asked.table.final_demand().len(),
        "output_given": asked.table.given_output().is_some(),
        "residual": model.residual().estimate,
        "residual_is": "Frobenius norm of (I - A)L - I, estimated with 16 random sign vectors",
        "pivoted": model.residual().pivoted,
        "condition_number": model.condition(),
        "output_distance": {
            "absolute": distance.absolute, "relative": distance.relative,
            "worst": asked.texts.get(distance.worst), "worst_gap": distance.worst_gap,
        },
        "dropped_purchases": dropped,
        "spectral_radius": report.spectral_radius,
        "largest_column_sum": report.largest_column.map(|(k, s)| json!({"industry": asked.texts[k], "share": s})),
        "balance": report.rows.as_ref().map(|b| json!({"given": b.given, "summed": b.summed, "relative": b.relative})),
        "extraction": { "part": args.part.as_str(), "theta": args.theta, "losses_on": "model output L y" },
        "set": of_set.as_ref().map(|s| of_set_json(s, &set, &asked)),
        "noise": ranged.as_ref().map(|r| json!({
            "spread": args.noise, "draws": r.draws, "left_out": r.left_out, "seed": args.seed, "level": 0.9,
        })),
        "aggregation": asked.mass.iter().map(|m| json!({
            "part": m.part, "before": m.before, "after": m.after, "error": m.error,
        })).collect::<Vec<_>>(),
        "names_not_found": asked.unused,
        "refused": refused,
    });
    out.report(json, lines, refused)
}

fn of_set_json(found: &Extraction, set: &[usize], asked: &Asked) -> Value {
    json!({
        "industries": set.iter().map(|k| asked.texts[*k].clone()).collect::<Vec<_>>(),
        "loss": found.loss,
        "loss_share": found.share,
    })
}

fn ask(args: &IoArgs) -> Result<Asked, CalcError> {
    let options = IoOptions {
        prefix: args.prefix.clone(),
        empty: match args.empty {
            IoEmpty::Refuse => Empty::Refuse,
            IoEmpty::Zero => Empty::Zero,
        },
        ..IoOptions::default()
    };
    let files = read_io(&args.folder, &options).map_err(|findings| CalcError::Input {
        file: args.folder.display().to_string(),
        findings,
    })?;
    let (table, findings) = inputs::table(&files).map_err(|e| failed(&e, Lang::En))?;
    let texts = files.industries.iter().map(|l| l.text.clone()).collect();
    let mut asked = Asked {
        files,
        table,
        texts,
        findings,
        mass: Vec::new(),
        unused: Vec::new(),
    };
    if let Some(file) = &args.aggregate {
        let map = map::read(file, &asked)?;
        let summed = aggregate(&asked.table, &map).map_err(|e| failed(&e, Lang::En))?;
        asked.texts = map::texts(&asked.texts, &asked.table, &summed);
        asked.table = summed.table;
        asked.mass = summed.mass;
        asked.unused = summed.unused;
    }
    Ok(asked)
}

/// The industries of `--set` and `--block`, sorted, each once.
fn members(args: &IoArgs, asked: &Asked) -> Result<Vec<usize>, CalcError> {
    let mut found = Vec::new();
    for label in &args.set {
        let place = asked
            .texts
            .iter()
            .position(|text| text == label)
            .ok_or_else(|| {
                let mut near = asked.texts.clone();
                near.sort_by_key(|text| !text.to_lowercase().contains(&label.to_lowercase()));
                near.truncate(5);
                CalcError::Argument {
                    argument: "--set",
                    problem: format!("`{label}` is no industry of the table"),
                    help: Some(format!(
                        "industries are named as in the file, such as {}",
                        near.join(", ")
                    )),
                }
            })?;
        found.push(place);
    }
    for region in &args.blocks {
        let block = asked.table.block(&[region.as_str()], &[]);
        if block.is_empty() {
            let mut regions: Vec<&str> = asked
                .table
                .industries()
                .iter()
                .map(|l| l.region.as_str())
                .collect();
            regions.sort_unstable();
            regions.dedup();
            return Err(CalcError::Argument {
                argument: "--block",
                problem: format!("`{region}` is no region of the table"),
                help: Some(format!("regions: {}", regions.join(", "))),
            });
        }
        found.extend(block);
    }
    found.sort_unstable();
    found.dedup();
    Ok(found)
}

fn ranged(
    args: &IoArgs,
    asked: &Asked,
    model: &Leontief,
    lang: Lang,
) -> Result<Option<RangedLosses>, CalcError> {
    let Some(spread) = args.noise else {
        return Ok(None);
    };
    if args.draws < 20 {
        return Err(CalcError::argument(
            "--draws",
            "fewer than 20 draws carry no range",
        ));
    }
    let params = NoiseParams {
        spread,
        draws: args.draws,
        part: args.part.of_engine(),
        theta: args.theta,
        ..NoiseParams::default()
    };
    let labels = asked.table.industries();
    ranges(model, labels, &params, Seed(args.seed))
        .map(Some)
        .map_err(|e| failed(&e, lang))
}

fn failed(error: &IoError, lang: Lang) -> CalcError {
    CalcError::argument("the table", error.message().render(lang, &Names::default()))
}
