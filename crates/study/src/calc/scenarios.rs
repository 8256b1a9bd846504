//! `calc scenarios`: consistent scenarios of the future by cross-impact balances.

use std::collections::BTreeSet;
use std::path::PathBuf;

use evidence::bulk::ResultColumn;
use layout::cross_impact::{CrossImpactParams, CrossImpacts, Impact};
use model::{Lang, Names, Seed};
use serde_json::json;

use super::CalcError;
use super::lines::Lines;
use super::out::{CalcReport, Out, column, words};
use crate::futures::{answer, named};

#[derive(Debug, Clone)]
pub struct ScenariosArgs {
    pub states: PathBuf,
    pub impacts: PathBuf,
    pub choose: usize,
    pub tolerance: f64,
    pub draws: usize,
    pub max_nodes: u64,
    pub seed: u64,
    pub out: PathBuf,
}

pub fn scenarios(args: &ScenariosArgs, lang: Lang) -> Result<CalcReport, CalcError> {
    if !(2..=10).contains(&args.choose) {
        return Err(CalcError::argument(
            "--choose",
            "choose 2 to 10 scenarios; 3 to 5 are read",
        ));
    }
    if !(args.tolerance >= 0.0 && args.tolerance.is_finite()) {
        return Err(CalcError::argument(
            "--tolerance",
            "a number of at least 0 is expected",
        ));
    }
    let impacts = read(args, lang)?;
    let params = CrossImpactParams {
        tolerance: args.tolerance,
        max_nodes: args.max_nodes.max(1),
        choose: args.choose,
        draws: args.draws.max(1),
        ..CrossImpactParams::default()
    };
    let found = answer(&impacts, &params, Seed(args.seed));
    let mut out = Out::new(&args.out)?;
    let of = |value: fn(&layout::cross_impact::Reading) -> f64| {
        ResultColumn::Number(found.readings.iter().map(value).collect())
    };
    let mut columns = vec![column(
        "scenario",
        words((0..found.readings.len()).map(|k| format!("f{:03}", k + 1))),
    )];
    for (d, descriptor) in impacts.descriptors.iter().enumerate() {
        let states = found
            .readings
            .iter()
            .map(|r| impacts.state_name(d, r.scenario[d]).to_owned());
        columns.push(column(&descriptor.name, words(states)));
    }
    columns.extend([
        column("inconsistency", of(|r| r.inconsistency)),
        column("total_impact", of(|r| r.total_impact)),
        column(
            "firmness",
            words(
                found
                    .readings
                    .iter()
                    .map(|r| r.firmness.code().trim_start_matches("firm.").to_owned()),
            ),
        ),
        column("share", of(|r| r.share.value)),
        column("share_low", of(|r| r.share.low)),
        column("share_high", of(|r| r.share.high)),
        column(
            "chosen",
            ResultColumn::Flag(
                (0..found.readings.len())
                    .map(|k| found.chosen.chosen.contains(&k))
                    .collect(),
            ),
        ),
    ]);
    out.table("scenarios", columns)?;
    let apart: Vec<String> = found
        .contradictions
        .iter()
        .map(|set| {
            let names: Vec<String> = set
                .0
                .iter()
                .map(|(d, s)| {
                    format!(
                        "{}: {}",
                        impacts.descriptors[*d].name,
                        impacts.state_name(*d, *s)
                    )
                })
                .collect();
            names.join("; ")
        })
        .collect();
    let sizes = found
        .contradictions
        .iter()
        .map(|set| set.0.len() as u32)
        .collect();
    out.table(
        "contradictions",
        vec![
            column("states", words(apart)),
            column("size", ResultColumn::Count(sizes)),
        ],
    )?;
    let proof = |list: &layout::cross_impact::Enumeration| {
        json!({
            "scenarios": list.scenarios.len(), "all": list.total.to_string(), "judged": list.judged.to_string(),
            "discarded": list.discarded.to_string(), "nodes": list.nodes, "complete": list.complete(),
        })
    };
    let json = json!({
        "schema": "forelay.calc.scenarios/1",
        "descriptors": impacts.len(), "judgments": impacts.judged,
        "at_values": proof(&found.at_values), "within_ranges": proof(&found.at_best),
        "chosen": { "least_distance": found.chosen.least_distance, "bound": found.chosen.bound },
        "params": params, "seed": args.seed,
    });
    let mut lines = vec![format!(
        "{} of {} scenarios are consistent; {} judged one by one, {} discarded in subtrees",
        found.consistent, found.at_values.total, found.at_values.judged, found.at_values.discarded
    )];
    lines.extend(found.chosen.chosen.iter().map(|k| {
        let r = &found.readings[*k];
        format!(
            "f{:03}  {}  (consistent in {:.0} % of the draws)",
            k + 1,
            named(&impacts, &r.scenario),
            100.0 * r.share.value
        )
    }));
    let mut refused = Vec::new();
    for (list, what) in [
        (&found.at_values, "at the values"),
        (&found.at_best, "within the ranges"),
    ] {
        if !list.complete() {
            refused.push(format!(
                "the list of scenarios consistent {what} is not proven complete: the search stopped after {} nodes; set --max-nodes higher",
                list.nodes
            ));
        }
    }
    if found.consistent == 0 && found.at_values.complete() {
        refused.push(model::Message::new("cross_impact.none").render(lang, &Names::default()));
    }
    out.report(json, lines, refused)
}

fn read(args: &ScenariosArgs, lang: Lang) -> Result<CrossImpacts, CalcError> {
    let states = Lines::open(&args.states, &["descriptor", "state"])?;
    let impacts = Lines::open(
        &args.impacts,
        &[
            "from_descriptor",
            "from_state",
            "to_descriptor",
            "to_state",
            "impact",
        ],
    )?;
    let mut names = Vec::new();
    let mut seen = BTreeSet::new();
    for row in states.rows() {
        if let (Some(d), Some(s)) = (row.needed("descriptor"), row.needed("state")) {
            if seen.insert((d.to_owned(), s.to_owned())) {
                names.push((d.to_owned(), s.to_owned()));
            } else {
                row.problem("state", "calc.cross_impact.repeated", |m| m);
            }
        }
    }
    let mut judgments = Vec::new();
    let mut pairs = BTreeSet::new();
    for row in impacts.rows() {
        let pair = |d: &str, s: &str| Some((row.needed(d)?.to_owned(), row.needed(s)?.to_owned()));
        let (from, to) = (
            pair("from_descriptor", "from_state"),
            pair("to_descriptor", "to_state"),
        );
        let impact = row.needed("impact").and_then(|_| row.range("impact"));
        let (Some(from), Some(to), Some(impact)) = (from, to, impact) else {
            continue;
        };
        for (name, column) in [(&from, "from_state"), (&to, "to_state")] {
            if !seen.contains(name) {
                row.problem(column, "reference.unknown", |m| {
                    m.with("targets", "--states").with("hint", "")
                });
            }
        }
        if from.0 == to.0 {
            row.problem("to_descriptor", "calc.cross_impact.itself", |m| m);
        } else if !pairs.insert((from.clone(), to.clone())) {
            row.problem("to_state", "calc.cross_impact.repeated", |m| m);
        }
        judgments.push(Impact { from, to, impact });
    }
    Lines::sound(&[&states, &impacts])?;
    CrossImpacts::new(&names, &judgments).map_err(|problems| {
        let words: Vec<String> = problems
            .iter()
            .map(|p| p.message().render(lang, &Names::default()))
            .collect();
        CalcError::argument("--states", words.join(" "))
    })
}
