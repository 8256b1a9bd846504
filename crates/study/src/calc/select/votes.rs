//! Expert votes from a file, and what they agree on.

use std::collections::BTreeMap;
use std::path::Path;

use evidence::bulk::ResultColumn;
use layout::select::{Vote, agreements, spreads};
use model::Seed;
use serde_json::{Value, json};

use crate::calc::CalcError;
use crate::calc::chain_files::Sheet;
use crate::calc::out::{Out, column, words};

/// Random rankings behind p.
const PERMUTATIONS: usize = 2_000;

/// Votes of a table like the evidence table `votes`; of one expert on one alternative and criterion the latest counts.
pub fn read_votes(file: &Path) -> Result<Vec<Vote>, CalcError> {
    let needed = [
        "expert_id",
        "alternative_id",
        "criterion",
        "value",
        "reason",
    ];
    let sheet = Sheet::open(file, "--votes", &needed)?;
    let mut latest: BTreeMap<(String, String, String), (String, Vote)> = BTreeMap::new();
    for row in sheet.rows() {
        let expert = row.needed("expert_id")?.to_owned();
        let alternative = row.needed("alternative_id")?.to_owned();
        let criterion = row.needed("criterion")?.to_owned();
        row.needed("reason")?;
        let value = row.number("value")?;
        if value.is_some_and(|v| !(0.0..=1.0).contains(&v)) {
            return Err(row.wrong("value", "a vote lies between 0 and 1"));
        }
        let date = row.text("date").unwrap_or_default().to_owned();
        let vote = Vote {
            expert: expert.clone(),
            alternative: alternative.as_str().into(),
            criterion: criterion.as_str().into(),
            value,
            dissent: row.text("dissent").map(str::to_owned),
        };
        let key = (expert, alternative, criterion);
        match latest.get(&key) {
            Some((before, _)) if *before == date => {
                return Err(row.wrong(
                    "date",
                    "the same expert voted twice on this on the same date; which vote is later?",
                ));
            }
            Some((before, _)) if *before > date => {}
            _ => {
                latest.insert(key, (date, vote));
            }
        }
    }
    Ok(latest.into_values().map(|(_, vote)| vote).collect())
}

/// Writes `votes.csv` and `dissent.csv`, and gives the agreement for the report.
pub fn write(out: &mut Out, votes: &[Vote], seed: Seed) -> Result<Value, CalcError> {
    let found = spreads(votes);
    let count = |f: &dyn Fn(&layout::select::Spread) -> usize| {
        ResultColumn::Count(found.iter().map(|s| f(s) as u32).collect())
    };
    let mut columns = vec![
        column(
            "alternative",
            words(found.iter().map(|s| s.alternative.as_str().to_owned())),
        ),
        column(
            "criterion",
            words(found.iter().map(|s| s.criterion.as_str().to_owned())),
        ),
        column("votes", count(&|s| s.votes)),
        column("abstentions", count(&|s| s.abstentions)),
    ];
    for (k, name) in [
        "lowest",
        "lower_quartile",
        "median",
        "upper_quartile",
        "highest",
    ]
    .iter()
    .enumerate()
    {
        let numbers = found
            .iter()
            .map(|s| s.quartiles.map_or(f64::NAN, |q| q[k]))
            .collect();
        columns.push(column(name, ResultColumn::Number(numbers)));
    }
    columns.push(column("dissents", count(&|s| s.dissent.len())));
    out.table("votes", columns)?;
    let objections = || {
        let all = found.iter();
        all.flat_map(|s| {
            s.dissent
                .iter()
                .map(move |(expert, text)| (s, expert, text))
        })
    };
    out.table(
        "dissent",
        vec![
            column(
                "alternative",
                words(objections().map(|o| o.0.alternative.as_str().to_owned())),
            ),
            column(
                "criterion",
                words(objections().map(|o| o.0.criterion.as_str().to_owned())),
            ),
            column("expert", words(objections().map(|o| o.1.clone()))),
            column("dissent", words(objections().map(|o| o.2.clone()))),
        ],
    )?;
    let agreed: Vec<Value> = agreements(votes, PERMUTATIONS, seed)
        .iter()
        .map(|a| {
            json!({
                "criterion": a.criterion.as_str(), "experts": a.experts, "left_out": a.left_out,
                "alternatives": a.alternatives, "kendall_w": a.w, "p": a.p,
            })
        })
        .collect();
    Ok(json!({"agreement": agreed, "permutations": PERMUTATIONS}))
}
