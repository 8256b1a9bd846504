//! Systemic risk of the study's firms: what is lost when one closes, each index with a certificate of its error.

use chain::cascade::{Certainty, ConvergedParams, Score, Shocks};
use model::{Basis, Cell, Country, Estimate, Message, Origin, Quantity, Refusal, ResultTable};
use serde_json::{Value, json};

use super::{code, parameters};
use crate::config::Config;
use crate::engine::output::StepOutput;
use crate::engine::step::Context;
use crate::inputs::firms::{Network, name, network};
use crate::scenario::Scenario;

pub fn params(config: &Config, _: &[Scenario]) -> Value {
    json!({ "cascade": config.cascade })
}

pub fn run(context: &Context) -> StepOutput {
    match answer(context) {
        Ok(tables) => StepOutput {
            tables,
            refusals: Vec::new(),
        },
        Err(refusal) => StepOutput {
            tables: vec![firms_table(), summary_table()],
            refusals: vec![*refusal],
        },
    }
}

fn answer(context: &Context) -> Result<Vec<ResultTable>, Box<Refusal>> {
    let settings = &context.config.cascade;
    let question = Message::new("cascade.question");
    let held = network(context.evidence, settings, &question)?;
    let params = ConvergedParams {
        tolerance: settings.tolerance,
        relative: None,
    };
    let found = held
        .cascade
        .converged(&Shocks::EachFirm, &params)
        .map_err(|error| {
            let fill = |id: &str| Message::new(id).with("detail", error.to_string());
            Box::new(Refusal {
                code: "cascade.unusable".to_owned(),
                question,
                reason: fill("cascade.unusable"),
                needed: fill("cascade.unusable.needed"),
            })
        })?;
    let scores = &found.scores;
    let mut order: Vec<usize> = (0..scores.len()).collect();
    order.sort_by(|a, b| {
        scores[*b]
            .esri
            .total_cmp(&scores[*a].esri)
            .then_with(|| held.firms[*a].key.cmp(&held.firms[*b].key))
    });
    let settled = parameters(&["cascade"]);
    let mut firms = firms_table();
    for &i in order.iter().take(settings.top) {
        let mut origins = held.origins(i);
        origins.extend(settled.clone());
        firms.push(
            held.firms[i].key.clone(),
            cells(&held, i, &scores[i]),
            origins,
        );
    }
    let mut summary = summary_table();
    let mut origins: Vec<Origin> = held.sources();
    origins.extend(settled);
    let mean =
        |of: &dyn Fn(&Score) -> f64| scores.iter().map(of).sum::<f64>() / scores.len() as f64;
    let low = mean(&|s| s.esri);
    let high = mean(&|s| s.esri + s.certainty.bound().unwrap_or(1.0 - s.esri)).min(1.0);
    summary.push(
        "network",
        vec![
            Cell::Count(i64::from(held.year)),
            held.firms.len().into(),
            held.network.links().weight.len().into(),
            Cell::Quantity(Estimate::spanning(low, low, high, Basis::Derived).into()),
            found.summary.certified.into(),
            firms.rows.len().into(),
            (scores.len() - firms.rows.len()).into(),
            held.without_final_demand.into(),
        ],
        origins,
    );
    Ok(vec![firms, summary])
}

fn cells(held: &Network, i: usize, score: &Score) -> Vec<Cell> {
    let row = held.firms[i];
    let country = Country::from(row.text("country").unwrap_or_default());
    // Scores come from below; the bound holds for the index and for each of its directions.
    let up_to = |value: f64| {
        let bound = score.certainty.bound().unwrap_or(1.0);
        let high = (value + bound).min(1.0);
        Quantity::from(Estimate::spanning(value, value, high, Basis::Derived))
    };
    vec![
        name(row).to_owned().into(),
        row.text("sector").unwrap_or_default().to_owned().into(),
        country.entity().into(),
        up_to(score.esri).into(),
        up_to(score.down).into(),
        up_to(score.up).into(),
        code(match score.certainty {
            Certainty::Certified(_) => "cascade.certified",
            Certainty::NotCertified(_) | Certainty::NotEstimated => "cascade.lower_bound",
        }),
    ]
}

fn firms_table() -> ResultTable {
    ResultTable::new(
        "chain.cascade",
        "cascade",
        "index = Σ s_i max(down_i, up_i) / Σ s_i when the firm closes, s = sales to firms; low = computed from below, high = low + certified error",
        &[
            ("firm_name", ""),
            ("firm_sector", ""),
            ("country", ""),
            ("esri", "share"),
            ("esri_down", "share"),
            ("esri_up", "share"),
            ("certificate", ""),
        ],
    )
}

fn summary_table() -> ResultTable {
    ResultTable::new(
        "chain.cascade_network",
        "cascade",
        "mean = Σ index / number of firms; certified: error within the wanted tolerance",
        &[
            ("year", ""),
            ("firms_in_network", ""),
            ("links_in_network", ""),
            ("esri_mean", "share"),
            ("scores_certified", ""),
            ("firms_listed", ""),
            ("firms_left_out", ""),
            ("without_final_demand", ""),
        ],
    )
}
