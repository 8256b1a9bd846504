//! `calc select`: which alternatives to choose under uncertain values and weights, from plain files.

mod compare;
mod composite;
mod inputs;
mod settings;
mod votes;

use std::path::PathBuf;

use evidence::bulk::ResultColumn;
use layout::select::{
    BestSet, Candidate, Index, Sampler, SelectParams, Selection, Sobol, SobolParams, drivers,
    select, select_samples,
};
use model::{Criterion, Estimate, Industry, Lang, Names, Refusal, Seed};
use serde_json::{Value, json};

use super::CalcError;
use super::out::{CalcReport, Columns, Out, column, words};
use inputs::Read;

/// Methods that stand beside SMAA for comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Beside {
    Topsis,
    Promethee,
}

/// Whether a total score is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TotalScore {
    Hidden,
    Shown,
}

#[derive(Debug, Clone)]
pub struct SelectArgs {
    /// `sample,alternative,criterion,value`.
    pub samples: Option<PathBuf>,
    /// `sample,criterion,weight`, with `samples`.
    pub weights: Option<PathBuf>,
    /// `alternative,criterion,value[,low,high]`.
    pub ranges: Option<PathBuf>,
    /// `expert_id,alternative_id,criterion,value,…`, beside or instead of `ranges`.
    pub votes: Option<PathBuf>,
    /// Ranges of weights, statements, limits, senses, preference functions (TOML).
    pub preferences: Option<PathBuf>,
    pub top: usize,
    pub draws: usize,
    pub seed: u64,
    pub compare: Vec<Beside>,
    /// Hierarchy, method and choices of a composite indicator (TOML); reads `ranges` unscaled.
    pub composite: Option<PathBuf>,
    /// Base samples of Sobol indices; 0: none.
    pub sobol: usize,
    pub score: TotalScore,
    pub out: PathBuf,
}

/// Writes `acceptability.csv`, `ranks.csv`, `pairwise.csv`, `central_weights.csv`, `sets.csv` and `report.json`, and what else was
/// asked for.
pub fn select_files(args: &SelectArgs, lang: Lang) -> Result<CalcReport, CalcError> {
    let settings = settings::settings(args.preferences.as_deref())?;
    if let Some(method) = &args.composite {
        return composite::run(args, method, &settings);
    }
    let read = inputs::read(args, &settings)?;
    let params = SelectParams {
        top: args.top,
        draws: read.draws(args.draws),
        max_unknown_share: settings.max_unknown_share,
        weights: settings.ranges(),
        statements: settings.statement.clone(),
        limits: settings.limits.clone(),
        ..SelectParams::default()
    };
    let seed = Seed(args.seed);
    let refuse = CalcError::Refused;
    let (selection, alternatives, criteria) = match &read {
        Read::Samples {
            alternatives,
            criteria,
            samples,
            ..
        } => {
            let (samples, sampler) = match samples {
                Some(samples) => (samples.clone(), None),
                None => read.with_drawn_weights(&params, seed).map_err(refuse)?,
            };
            let mut found =
                select_samples(alternatives, criteria, &samples, &params).map_err(refuse)?;
            found.sampler = sampler;
            (found, alternatives.clone(), criteria.clone())
        }
        Read::Ranges { performance, .. } => {
            let found = select(performance, &params, seed).map_err(refuse)?;
            (
                found,
                performance.alternatives.clone(),
                performance.criteria.clone(),
            )
        }
    };
    let names = Names::default();
    let mut refused: Vec<String> = selection
        .refused
        .iter()
        .map(|(_, refusal): &(Industry, Refusal)| refusal.reason.render(lang, &names))
        .collect();
    let mut out = Out::new(&args.out)?;
    write_acceptability(&mut out, &selection, args.score)?;
    write_ranks(&mut out, &selection)?;
    write_pairwise(&mut out, &selection)?;
    write_central(&mut out, &selection, &criteria)?;
    write_sets(&mut out, &selection)?;
    let compared = if args.compare.is_empty() {
        Value::Null
    } else {
        compare::write(&mut out, args, &settings, &read, &selection, &mut refused)?
    };
    let driven = match &read {
        _ if args.sobol == 0 => Value::Null,
        Read::Ranges { performance, .. } => {
            let how = SobolParams {
                base: args.sobol,
                seed,
                ..SobolParams::default()
            };
            let found = drivers(performance, &params, seed, &how).map_err(refuse)?;
            let mut rows = SobolRows::default();
            for (target, each) in [
                ("score", &found.score),
                ("rank", &found.rank),
                ("membership", &found.membership),
            ] {
                if target == "score" && args.score == TotalScore::Hidden {
                    continue;
                }
                for (alternative, sobol) in found.alternatives.iter().zip(each) {
                    rows.push(target, alternative.as_str(), sobol);
                }
            }
            rows.push("rank_shift", "", &found.shift);
            rows.write(&mut out)?;
            json!({"base": args.sobol, "evaluations": found.shift.evaluations, "replicates": how.replicates})
        }
        // Refused on reading.
        Read::Samples { .. } => Value::Null,
    };
    let panel = match (&args.votes, &read) {
        (Some(_), Read::Ranges { votes, .. } | Read::Samples { votes, .. }) => {
            votes::write(&mut out, votes, seed)?
        }
        _ => Value::Null,
    };
    let lines = lines(&selection, lang);
    let report = json!({
        "method": "SMAA-2",
        "alternatives": alternatives.len(), "criteria": criteria.iter().map(Criterion::as_str).collect::<Vec<_>>(),
        "draws": selection.draws, "top": selection.top, "seed": args.seed,
        "weights": read.weights_from().map_or_else(|| sampler(selection.sampler), |file| json!({"given": file})),
        "scales": read.scales(),
        "tied_draws": selection.tied.value,
        "chosen": selection.chosen().map(Industry::as_str).collect::<Vec<_>>(),
        "chosen_set": set_json(&selection.chosen_set),
        "not_separated": selection.not_separated().iter().map(|e| e.id.clone()).collect::<Vec<_>>(),
        "standard_errors": "shares: b ± 1.96 sqrt(b (1 - b) / K), rule of three at 0 and 1; central weights: ± 1.96 sd / sqrt(support)",
        "compare": compared, "sobol": driven, "votes": panel, "input": read.account(),
        "refused": refused.clone(),
    });
    out.report(report, lines, refused)
}

fn sampler(sampler: Option<Sampler>) -> Value {
    match sampler {
        None => Value::Null,
        Some(Sampler::HitAndRun(mixing)) => json!({
            "drawn": "hit-and-run", "thinning": mixing.thinning, "chains": mixing.chains,
            "r_hat": mixing.r_hat, "effective_draws": mixing.effective_draws,
        }),
        Some(exact) => json!({"drawn": exact.code().trim_start_matches("sampler."), "exact": true}),
    }
}

fn set_json(set: &BestSet) -> Value {
    json!({
        "members": set.industries.iter().map(Industry::as_str).collect::<Vec<_>>(),
        "acceptability": set.acceptability.value, "low": set.acceptability.low, "high": set.acceptability.high,
        "loss": set.loss.map(|l| json!({"value": l.value, "low": l.low, "high": l.high})),
    })
}

fn lines(selection: &Selection, lang: Lang) -> Vec<String> {
    let percent = |e: &Estimate| {
        format!(
            "{:.1} % ({:.1} to {:.1})",
            100.0 * e.value,
            100.0 * e.low,
            100.0 * e.high
        )
    };
    let mut lines: Vec<String> = selection
        .candidates
        .iter()
        .map(|c| {
            format!(
                "{}: among the best {} in {}",
                c.industry,
                selection.top,
                percent(&c.top_acceptability)
            )
        })
        .collect();
    lines.push(format!(
        "this set is the best in {} of the draws; {} sets are the best in some",
        percent(&selection.chosen_set.acceptability),
        selection.sets.len()
    ));
    lines.push(selection.finding().render(lang, &Names::default()));
    lines
}

/// Three columns of an estimate that may not exist.
fn spread(name: &str, of: &[Option<Estimate>]) -> Columns {
    let part = |f: &dyn Fn(&Estimate) -> f64| {
        ResultColumn::Number(of.iter().map(|e| e.as_ref().map_or(f64::NAN, f)).collect())
    };
    vec![
        column(name, part(&|e| e.value)),
        column(&format!("{name}_low"), part(&|e| e.low)),
        column(&format!("{name}_high"), part(&|e| e.high)),
    ]
}

fn write_acceptability(
    out: &mut Out,
    selection: &Selection,
    score: TotalScore,
) -> Result<(), CalcError> {
    let c = &selection.candidates;
    let each = |f: &dyn Fn(&Candidate) -> Option<Estimate>| -> Vec<Option<Estimate>> {
        c.iter().map(f).collect()
    };
    let ranks = |f: &dyn Fn(&Candidate) -> usize| {
        ResultColumn::Count(c.iter().map(|c| f(c) as u32).collect())
    };
    let mut columns = vec![column(
        "alternative",
        words(c.iter().map(|c| c.industry.as_str().to_owned())),
    )];
    for r in 0..c.len() {
        let shares = c.iter().map(|c| c.rank_acceptability[r].value).collect();
        columns.push(column(
            &format!("rank_{}", r + 1),
            ResultColumn::Number(shares),
        ));
    }
    columns.extend(spread("top", &each(&|c| Some(c.top_acceptability))));
    columns.extend(spread("membership", &each(&|c| Some(c.membership))));
    columns.extend(spread("holistic", &each(&|c| Some(c.holistic))));
    columns.extend(spread("confidence", &each(&|c| c.confidence)));
    columns.extend(spread("rank_entropy", &each(&|c| Some(c.rank_entropy))));
    columns.push(column("rank_p05", ranks(&|c| c.rank_interval.p05)));
    columns.push(column("rank_median", ranks(&|c| c.rank_interval.median)));
    columns.push(column("rank_p95", ranks(&|c| c.rank_interval.p95)));
    let codes = c.iter().map(|c| {
        let code = c.separation.code();
        code.trim_start_matches("separation.").to_owned()
    });
    columns.push(column("separation", words(codes)));
    let unknown = c.iter().map(|c| {
        let names: Vec<&str> = c.unknown.iter().map(Criterion::as_str).collect();
        names.join(";")
    });
    columns.push(column("unknown", words(unknown)));
    if score == TotalScore::Shown {
        columns.extend(spread("score", &each(&|c| Some(c.utility))));
    }
    out.table("acceptability", columns)
}

fn write_ranks(out: &mut Out, selection: &Selection) -> Result<(), CalcError> {
    let mut names = Vec::new();
    let mut ranks = Vec::new();
    let mut shares = Vec::new();
    for c in &selection.candidates {
        for (r, b) in c.rank_acceptability.iter().enumerate() {
            names.push(c.industry.as_str().to_owned());
            ranks.push(r as u32 + 1);
            shares.push(Some(*b));
        }
    }
    let mut columns = vec![
        column("alternative", words(names)),
        column("rank", ResultColumn::Count(ranks)),
    ];
    columns.extend(spread("acceptability", &shares));
    out.table("ranks", columns)
}

fn write_pairwise(out: &mut Out, selection: &Selection) -> Result<(), CalcError> {
    let pairs = || {
        let all = selection.candidates.iter();
        all.flat_map(|c| c.beats.iter().map(move |(other, share)| (c, other, share)))
    };
    let mut columns = vec![
        column(
            "alternative",
            words(pairs().map(|p| p.0.industry.as_str().to_owned())),
        ),
        column("beats", words(pairs().map(|p| p.1.as_str().to_owned()))),
    ];
    columns.extend(spread(
        "share",
        &pairs().map(|p| Some(*p.2)).collect::<Vec<_>>(),
    ));
    out.table("pairwise", columns)
}

/// Every alternative and criterion; empty weights where the alternative is never first.
fn write_central(
    out: &mut Out,
    selection: &Selection,
    criteria: &[Criterion],
) -> Result<(), CalcError> {
    let mut names = Vec::new();
    let mut of = Vec::new();
    let mut weights = Vec::new();
    let mut support = Vec::new();
    for c in &selection.candidates {
        for criterion in criteria {
            let central = c.central_weights.as_ref();
            names.push(c.industry.as_str().to_owned());
            of.push(criterion.as_str().to_owned());
            support.push(central.map_or(0, |c| c.support as u32));
            weights.push(central.and_then(|central| {
                let own = central.weights.iter().find(|(k, _)| k == criterion);
                own.map(|(_, weight)| *weight)
            }));
        }
    }
    let mut columns = vec![
        column("alternative", words(names)),
        column("criterion", words(of)),
    ];
    columns.extend(spread("weight", &weights));
    columns.push(column("support", ResultColumn::Count(support)));
    out.table("central_weights", columns)
}

fn write_sets(out: &mut Out, selection: &Selection) -> Result<(), CalcError> {
    let members = selection.sets.iter().map(|set| {
        let names: Vec<&str> = set.industries.iter().map(Industry::as_str).collect();
        names.join(";")
    });
    let mut columns = vec![column("set", words(members))];
    let each = |f: &dyn Fn(&BestSet) -> Option<Estimate>| -> Vec<Option<Estimate>> {
        selection.sets.iter().map(f).collect()
    };
    columns.extend(spread("acceptability", &each(&|s| Some(s.acceptability))));
    columns.extend(spread("loss", &each(&|s| s.loss)));
    out.table("sets", columns)
}

/// Sobol indices as rows; a target that does not vary has one row without numbers.
#[derive(Default)]
struct SobolRows {
    target: Vec<String>,
    alternative: Vec<String>,
    input: Vec<String>,
    first: Vec<Option<Estimate>>,
    total: Vec<Option<Estimate>>,
}

impl SobolRows {
    fn push(&mut self, target: &str, alternative: &str, sobol: &Sobol) {
        let mut row = |input: &str, index: Option<&Index>| {
            self.target.push(target.to_owned());
            self.alternative.push(alternative.to_owned());
            self.input.push(input.to_owned());
            self.first.push(index.map(|i| i.first));
            self.total.push(index.map(|i| i.total));
        };
        match &sobol.indices {
            Some(indices) => {
                for index in indices {
                    row(&index.input, Some(index));
                }
            }
            None => row("", None),
        }
    }

    fn write(self, out: &mut Out) -> Result<(), CalcError> {
        let mut columns = vec![
            column("target", words(self.target)),
            column("alternative", words(self.alternative)),
            column("input", words(self.input)),
        ];
        columns.extend(spread("first", &self.first));
        columns.extend(spread("total", &self.total));
        out.table("sobol", columns)
    }
}
