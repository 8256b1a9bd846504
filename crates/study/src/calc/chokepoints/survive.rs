//! How long a target lasts without each node and actor, and whether that covers the time to recover.

use std::collections::BTreeMap;

use chain::ChainGraph;
use chain::chokepoints::{
    Actors, Exposed, SurviveParams, TargetReliability, exposed, loss_until_recovery, lost_to,
    time_to_survive,
};
use evidence::bulk::ResultColumn;
use model::{Basis, Estimate, Node, short};
use serde_json::{Value, json};

use super::super::CalcError;
use super::super::chain_files::{ReadChain, read_weeks};
use super::super::out::{Out, column, words};
use super::ChokepointsArgs;

const NO_STOCKS: &str =
    "it needs stocks; give --stocks, or --default-stock LOW,VALUE,HIGH as an assumption";

/// One row of `survive.csv`.
struct Row {
    target: Node,
    kind: &'static str,
    name: String,
    survives: Estimate,
    for_good: bool,
    recovers: Option<Estimate>,
    exposed: Option<Exposed>,
    loss: Option<Estimate>,
    price: Option<(String, f64)>,
}

pub(super) fn survive(
    out: &mut Out,
    args: &ChokepointsArgs,
    read: &ReadChain,
    actors: &Actors,
    targets: &[Node],
    stops: &[TargetReliability],
    refused: &mut Vec<String>,
) -> Result<Value, CalcError> {
    let graph = &read.graph;
    let mut stocks = weeks_by_node(args, graph)?;
    if let Some([low, value, high]) = args.default_stock {
        let default = Estimate::new(value, low, high, Basis::Assumed)
            .ok()
            .filter(|e| e.low >= 0.0 && e.high.is_finite())
            .ok_or_else(|| {
                CalcError::argument("--default-stock", "need 0 <= low <= value <= high")
            })?;
        for node in graph.nodes() {
            stocks.entry(node.node.clone()).or_insert(default);
        }
    }
    if stocks.is_empty() {
        // Only who gives times to recover has asked how long stocks last; nobody else has a question left open.
        if args.recovery.is_some() {
            refused.push(format!("time to survive beside --recovery: {NO_STOCKS}"));
        }
        out.absent("survive")?;
        return Ok(json!(format!("not estimated: {NO_STOCKS}")));
    }
    let recovery = match &args.recovery {
        Some(file) => read_weeks(file, "--recovery", "name")?,
        None => BTreeMap::new(),
    };
    let params = SurviveParams {
        spare: args.spare,
        ..SurviveParams::default()
    };
    let failed = |error: chain::chokepoints::SurviveError| {
        CalcError::argument("time to survive", error.to_string())
    };
    let mut rows = Vec::new();
    for (target, stops) in targets.iter().zip(stops) {
        let upstream = graph.upstream(target).unwrap_or_default();
        let whole = Estimate::exact(1.0, Basis::Assumed);
        let of_nodes = upstream
            .into_iter()
            .filter(|node| *node != target)
            .map(|node| {
                (
                    "node",
                    node.to_string(),
                    BTreeMap::from([(node.clone(), whole)]),
                )
            });
        let of_actors = stops.singles.iter().map(|stop| {
            let lost = lost_to(graph, actors, &stop.actors, None);
            ("actor", stop.actors[0].to_string(), lost)
        });
        for (kind, name, lost) in of_nodes.chain(of_actors) {
            let found = time_to_survive(graph, target, &lost, &stocks, &params).map_err(failed)?;
            let recovers = recovery.get(&name).copied();
            let loss = recovers
                .map(|weeks| loss_until_recovery(graph, target, &lost, &stocks, weeks, &params))
                .transpose()
                .map_err(failed)?;
            rows.push(Row {
                target: target.clone(),
                kind,
                name,
                for_good: found.for_good,
                exposed: recovers.map(|r| exposed(&found, r)),
                price: found.prices.first().map(|p| (p.node.to_string(), p.weeks)),
                survives: found.weeks,
                recovers,
                loss: loss.map(|l| l.weeks),
            });
        }
    }
    rows.sort_by(|a, b| {
        (&a.target, a.kind)
            .cmp(&(&b.target, b.kind))
            .then(a.survives.low.total_cmp(&b.survives.low))
            .then(a.name.cmp(&b.name))
    });
    write_survive(out, &rows)?;
    Ok(json!({
        "spare": args.spare, "longest_weeks": params.longest,
        "stocks_on_record": stocks.len(), "nodes": graph.nodes().len(),
        "recovery_on_record": recovery.len(),
        "exposed": rows.iter().filter(|r| r.exposed == Some(Exposed::Yes)).count(),
        "undecided": rows.iter().filter(|r| r.exposed == Some(Exposed::Undecided)).count(),
        "conventions": "best use of stocks; inputs used as tools are left out; a stock that is not on record counts as empty in \
            the low end and the value, and leaves the high end open; 520 weeks stand for longer",
    }))
}

fn weeks_by_node(
    args: &ChokepointsArgs,
    graph: &ChainGraph,
) -> Result<BTreeMap<Node, Estimate>, CalcError> {
    let Some(file) = &args.stocks else {
        return Ok(BTreeMap::new());
    };
    let mut stocks = BTreeMap::new();
    for (name, weeks) in read_weeks(file, "--stocks", "node")? {
        let node = Node::from(name.as_str());
        if graph.get(&node).is_none() {
            return Err(CalcError::argument(
                "--stocks",
                format!("`{name}` is not a node"),
            ));
        }
        stocks.insert(node, weeks);
    }
    Ok(stocks)
}

fn write_survive(out: &mut Out, rows: &[Row]) -> Result<(), CalcError> {
    let number = |of: &dyn Fn(&Row) -> Option<f64>| {
        ResultColumn::Number(rows.iter().map(|r| of(r).unwrap_or(f64::NAN)).collect())
    };
    let text = |of: &dyn Fn(&Row) -> String| words(rows.iter().map(of));
    out.table(
        "survive",
        vec![
            column("target", text(&|r| r.target.to_string())),
            column("kind", text(&|r| r.kind.to_owned())),
            column("name", text(&|r| r.name.clone())),
            column("tts", number(&|r| Some(r.survives.value))),
            column("tts_low", number(&|r| Some(r.survives.low))),
            column("tts_high", number(&|r| Some(r.survives.high))),
            column(
                "for_good",
                text(&|r| if r.for_good { "yes" } else { "no" }.to_owned()),
            ),
            column("ttr", number(&|r| r.recovers.map(|e| e.value))),
            column("ttr_low", number(&|r| r.recovers.map(|e| e.low))),
            column("ttr_high", number(&|r| r.recovers.map(|e| e.high))),
            column(
                "exposed",
                text(&|r| {
                    r.exposed.map_or_else(
                        || "not estimated".to_owned(),
                        |e| short(e.code()).to_owned(),
                    )
                }),
            ),
            column("lost_weeks", number(&|r| r.loss.map(|e| e.value))),
            column("lost_weeks_low", number(&|r| r.loss.map(|e| e.low))),
            column("lost_weeks_high", number(&|r| r.loss.map(|e| e.high))),
            column(
                "best_stock",
                text(&|r| r.price.as_ref().map_or_else(String::new, |p| p.0.clone())),
            ),
            column(
                "weeks_per_week_of_stock",
                number(&|r| r.price.as_ref().map(|p| p.1)),
            ),
        ],
    )
}
