//! `calc chokepoints`: what stops a target, alone or together, for how long it survives, and where it starts.

mod survive;

use std::collections::BTreeMap;
use std::path::PathBuf;

use chain::chokepoints::{
    Actors, Certainty, Chance, NineParams, ReliabilityParams, Stop, TargetChokepoints,
    TargetReliability, chokepoints_of, nines, reliability, stages_from_use,
};
use chain::{ChainGraph, ChokepointParams};
use evidence::bulk::ResultColumn;
use model::{Country, Estimate, Lang, Node, short};
use serde_json::{Value, json};

use super::CalcError;
use super::chain_files::{ChainFiles, Sheet, read_chain};
use super::out::{CalcReport, Out, column, words};

/// Who stops together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    Country,
    Provider,
}

#[derive(Debug, Clone)]
pub struct ChokepointsArgs {
    pub files: ChainFiles,
    /// `node,weeks[,low,high]`: weeks of normal use that users hold.
    pub stocks: Option<PathBuf>,
    /// Stock of every node that the file does not name: low, value, high.
    pub default_stock: Option<[f64; 3]>,
    /// `name,weeks[,low,high]`: weeks until a node or an actor is back.
    pub recovery: Option<PathBuf>,
    /// `actor,probability[,low,high][,cost]`: how likely an actor stops, and what protection from it costs.
    pub chances: Option<PathBuf>,
    /// The final nodes where none is named.
    pub targets: Vec<String>,
    pub threshold: f64,
    pub by: By,
    pub size: usize,
    /// Rows of `n2.csv` per target.
    pub pairs: usize,
    /// Capacity beyond the normal flow, as a share of it.
    pub spare: f64,
    pub out: PathBuf,
}

/// Writes `single_points.csv`, `cut_sets.csv`, `causes.csv`, `n1.csv`, `n2.csv`, `report.json` and, where stocks and
/// probabilities are given, `survive.csv` and `nines.csv`.
pub fn chokepoints(args: &ChokepointsArgs, _lang: Lang) -> Result<CalcReport, CalcError> {
    if !(0.0..=1.0).contains(&args.threshold) {
        return Err(CalcError::argument("--threshold", "a share lies in 0..1"));
    }
    if !(1..=3).contains(&args.size) {
        return Err(CalcError::argument(
            "--size",
            "sets of 1, 2 or 3 are sought",
        ));
    }
    let read = read_chain(&args.files)?;
    let graph = &read.graph;
    let targets = read.targets(&args.targets)?;
    let actors = match args.by {
        By::Country => read.by_country(),
        By::Provider => Actors::as_recorded(graph),
    };
    let inside = |_| CalcError::argument("--target", "a target is not a node");
    let params = ChokepointParams {
        theta: args.threshold,
        max_cut: args.size,
        home: None,
    };
    let cuts = chokepoints_of(graph, &actors, &targets, &params).map_err(inside)?;
    let params = ReliabilityParams {
        theta: args.threshold,
        home: None,
        pairs: args.pairs,
    };
    let stops = reliability(graph, &actors, &targets, &params).map_err(inside)?;
    let mut out = Out::new(&args.out)?;
    let from_use: BTreeMap<Node, usize> = stages_from_use(graph).into_iter().collect();
    write_singles(&mut out, args, &cuts, &from_use)?;
    write_cuts(&mut out, args, &cuts, &from_use)?;
    write_stops(&mut out, "n1", &stops, |t| &t.singles)?;
    write_stops(&mut out, "n2", &stops, |t| &t.pairs)?;
    let mut refused = Vec::new();
    let survived = survive::survive(
        &mut out,
        args,
        &read,
        &actors,
        &targets,
        &stops,
        &mut refused,
    )?;
    let likely = likelihood(&mut out, args, graph, &actors, &targets, &mut refused)?;
    let mut lines: Vec<String> = cuts
        .iter()
        .zip(&stops)
        .map(|(c, s)| line(args, c, s))
        .collect();
    lines.extend(
        survived
            .as_str()
            .map(|said| format!("time to survive: {said}")),
    );
    let json = json!({
        "schema": "forelay.calc.chokepoints/1",
        "input": read.input,
        "threshold": args.threshold,
        "by": match args.by { By::Country => "country", By::Provider => "provider" },
        "size": args.size,
        "actors": actors.len(),
        "targets": cuts.iter().zip(&stops).map(|(c, s)| summary(c, s)).collect::<Vec<_>>(),
        "survive": survived,
        "nines": likely,
        "conventions": "a node works while 1 - (lost shares) >= threshold; unlisted providers never stop; nodes without \
            shares work; certain: low shares, inputs judged not essential left out; possible: high shares, every input \
            required; losses are before stocks",
        "refused": refused,
    });
    out.report(json, lines, refused)
}

fn summary(cuts: &TargetChokepoints, stops: &TargetReliability) -> Value {
    let count = |size: usize, certainty| {
        let sets = cuts.cut_sets.iter();
        sets.filter(|c| c.countries.len() == size && c.certainty == certainty)
            .count()
    };
    let sets: Vec<Value> = (1..=3)
        .map(|k| json!({"size": k, "certain": count(k, Certainty::Certain), "possible": count(k, Certainty::Possible)}))
        .collect();
    let named =
        |[yes, maybe, no]: [usize; 3]| json!({"survives": yes, "undecided": maybe, "stops": no});
    json!({
        "target": cuts.target.as_str(),
        "single_nodes": cuts.single_nodes.len(),
        "cut_sets": sets,
        "n1": named(stops.single_counts()),
        "n2": named(stops.pair_counts),
        "upstream": cuts.coverage.upstream,
        "upstream_with_shares": cuts.coverage.with_supply,
    })
}

fn line(args: &ChokepointsArgs, cuts: &TargetChokepoints, stops: &TargetReliability) -> String {
    let of = match args.by {
        By::Country => "countries",
        By::Provider => "providers",
    };
    let certain: Vec<&str> = cuts
        .single_countries()
        .filter(|(_, certainty)| *certainty == Certainty::Certain)
        .map(|(c, _)| c.as_str())
        .collect();
    let possible = cuts.single_countries().count() - certain.len();
    let [_, undecided, no] = stops.pair_counts;
    let pairs: usize = stops.pair_counts.iter().sum();
    format!(
        "{}: at threshold {}, {} {of} stop it alone for certain{}, {possible} more possibly; {} single nodes; of {pairs} pairs \
         {no} stop it, {undecided} possibly; shares on record for {} of {} nodes upstream",
        cuts.target,
        args.threshold,
        certain.len(),
        if certain.is_empty() {
            String::new()
        } else {
            format!(" ({})", certain.join(", "))
        },
        cuts.single_nodes.len(),
        cuts.coverage.with_supply,
        cuts.coverage.upstream,
    )
}

fn joined<'a, T: 'a>(items: &'a [T], name: impl Fn(&'a T) -> &'a str) -> String {
    items.iter().map(name).collect::<Vec<_>>().join(";")
}

fn certainty(certainty: Certainty) -> String {
    short(certainty.code()).to_owned()
}

fn count(numbers: impl Iterator<Item = usize>) -> ResultColumn {
    ResultColumn::Count(numbers.map(|n| n as u32).collect())
}

fn write_singles(
    out: &mut Out,
    args: &ChokepointsArgs,
    found: &[TargetChokepoints],
    from_use: &BTreeMap<Node, usize>,
) -> Result<(), CalcError> {
    let actor = match args.by {
        By::Country => "country",
        By::Provider => "provider",
    };
    let mut rows: Vec<[String; 5]> = Vec::new();
    let mut stages = Vec::new();
    let mut uses = Vec::new();
    for target in found {
        for node in &target.single_nodes {
            rows.push([
                target.target.to_string(),
                "node".to_owned(),
                node.node.to_string(),
                certainty(node.certainty),
                joined(&node.path, Node::as_str),
            ]);
            stages.push(node.stages);
            uses.push(from_use[&node.node]);
        }
        for cut in target.cut_sets.iter().filter(|c| c.countries.len() == 1) {
            rows.push([
                target.target.to_string(),
                actor.to_owned(),
                cut.countries[0].to_string(),
                certainty(cut.certainty),
                joined(&cut.root.path, Node::as_str),
            ]);
            stages.push(cut.root.stages);
            uses.push(from_use[&cut.root.node]);
        }
    }
    let text = |i: usize| words(rows.iter().map(|row| row[i].clone()));
    out.table(
        "single_points",
        vec![
            column("target", text(0)),
            column("kind", text(1)),
            column("name", text(2)),
            column("certainty", text(3)),
            column(
                "threshold",
                ResultColumn::Number(vec![args.threshold; rows.len()]),
            ),
            column("stages_to_target", count(stages.into_iter())),
            column("stages_from_final_use", count(uses.into_iter())),
            column("path", text(4)),
        ],
    )
}

fn write_cuts(
    out: &mut Out,
    args: &ChokepointsArgs,
    found: &[TargetChokepoints],
    from_use: &BTreeMap<Node, usize>,
) -> Result<(), CalcError> {
    let cuts: Vec<_> = found
        .iter()
        .flat_map(|t| t.cut_sets.iter().map(move |cut| (&t.target, cut)))
        .collect();
    let members = || {
        let lists = cuts.iter();
        words(lists.map(|(_, cut)| joined(&cut.countries, Country::as_str)))
    };
    let target = || words(cuts.iter().map(|(target, _)| target.to_string()));
    let certain = || words(cuts.iter().map(|(_, cut)| certainty(cut.certainty)));
    out.table(
        "cut_sets",
        vec![
            column("target", target()),
            column("size", count(cuts.iter().map(|(_, c)| c.countries.len()))),
            column("members", members()),
            column("certainty", certain()),
            column(
                "threshold",
                ResultColumn::Number(vec![args.threshold; cuts.len()]),
            ),
            column(
                "bites",
                words(cuts.iter().map(|(_, cut)| joined(&cut.bites, Node::as_str))),
            ),
        ],
    )?;
    out.table(
        "causes",
        vec![
            column("target", target()),
            column("members", members()),
            column("certainty", certain()),
            column(
                "root",
                words(cuts.iter().map(|(_, c)| c.root.node.to_string())),
            ),
            column(
                "stages_to_target",
                count(cuts.iter().map(|(_, c)| c.root.stages)),
            ),
            column(
                "stages_from_final_use",
                count(cuts.iter().map(|(_, c)| from_use[&c.root.node])),
            ),
            column(
                "path",
                words(cuts.iter().map(|(_, c)| joined(&c.root.path, Node::as_str))),
            ),
        ],
    )
}

fn write_stops(
    out: &mut Out,
    name: &str,
    found: &[TargetReliability],
    pick: fn(&TargetReliability) -> &Vec<Stop>,
) -> Result<(), CalcError> {
    let rows: Vec<(&Node, &Stop)> = found
        .iter()
        .flat_map(|t| pick(t).iter().map(move |stop| (&t.target, stop)))
        .collect();
    let number = |of: fn(&Estimate) -> f64| {
        ResultColumn::Number(rows.iter().map(|(_, stop)| of(&stop.loss)).collect())
    };
    let member = |i: usize| {
        let names = rows.iter();
        words(names.map(move |(_, s)| {
            s.actors
                .get(i)
                .map_or_else(String::new, ToString::to_string)
        }))
    };
    let mut columns = vec![column(
        "target",
        words(rows.iter().map(|(t, _)| t.to_string())),
    )];
    if name == "n1" {
        columns.push(column("actor", member(0)));
    } else {
        columns.extend([column("first", member(0)), column("second", member(1))]);
    }
    columns.extend([
        column("loss", number(|e| e.value)),
        column("loss_low", number(|e| e.low)),
        column("loss_high", number(|e| e.high)),
        column(
            "survives",
            words(
                rows.iter()
                    .map(|(_, s)| short(s.survives.code()).to_owned()),
            ),
        ),
    ]);
    out.table(name, columns)
}

fn likelihood(
    out: &mut Out,
    args: &ChokepointsArgs,
    graph: &ChainGraph,
    actors: &Actors,
    targets: &[Node],
    refused: &mut Vec<String>,
) -> Result<Value, CalcError> {
    let Some(file) = &args.chances else {
        out.absent("nines")?;
        return Ok(json!("not estimated: no probabilities of a stop are given"));
    };
    let sheet = Sheet::open(file, "--probabilities", &["actor", "probability"])?;
    let mut chances: BTreeMap<Country, Chance> = BTreeMap::new();
    for row in sheet.rows() {
        let Some(probability) = row.range("probability")? else {
            continue;
        };
        if probability.low < 0.0 || probability.high >= 1.0 {
            return Err(row.wrong("probability", "a probability lies in 0 to below 1"));
        }
        let protection = row.number("cost")?;
        chances.insert(
            row.needed("actor")?.into(),
            Chance {
                probability,
                protection,
            },
        );
    }
    let params = NineParams {
        theta: args.threshold,
        ..NineParams::default()
    };
    let mut found = Vec::new();
    for target in targets {
        match nines(graph, actors, target, &chances, &params) {
            Ok(result) => found.push((target, result)),
            Err(Ok(missing)) => refused.push(format!(
                "probability that {target} stops: no probability for {}",
                joined(&missing, Country::as_str)
            )),
            Err(Err(_)) => {}
        }
    }
    let mut rows: Vec<(String, f64, String, f64)> = Vec::new();
    for (target, result) in &found {
        for p in &result.protections {
            rows.push((
                target.to_string(),
                f64::from(p.nines),
                joined(&p.actors, Country::as_str),
                p.cost,
            ));
        }
    }
    out.table(
        "nines",
        vec![
            column("target", words(rows.iter().map(|r| r.0.clone()))),
            column(
                "nines",
                ResultColumn::Number(rows.iter().map(|r| r.1).collect()),
            ),
            column("protect", words(rows.iter().map(|r| r.2.clone()))),
            column(
                "cost",
                ResultColumn::Number(rows.iter().map(|r| r.3).collect()),
            ),
        ],
    )?;
    Ok(found
        .iter()
        .map(|(target, r)| {
            json!({
                "target": target.as_str(),
                "probability_of_stop": {"value": r.stops.value, "low": r.stops.low, "high": r.stops.high},
                "too_many_priced_actors": r.too_many,
            })
        })
        .collect())
}

#[cfg(test)]
mod tests {
    use chain::chokepoints::Survival;

    use super::*;

    #[test]
    fn codes_are_shortened_to_their_last_word() {
        assert_eq!(short(Survival::Undecided.code()), "undecided");
        assert_eq!(certainty(Certainty::Possible), "possible");
    }
}
