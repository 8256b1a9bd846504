//! The answers as JSON, tables and lines.

use evidence::bulk::ResultColumn;
use layout::Worth;
use layout::sites::{HubCover, Located};
use model::{Lang, Message, Names, short};
use serde_json::{Value, json};

use super::answer::Answers;
use super::{Question, Settings, Weighted};
use crate::calc::CalcError;
use crate::calc::out::{Out, column, words};
use crate::calc::portfolio::worth;

fn located(found: &Located) -> Value {
    let mut json = worth(&found.worth);
    json["sites"] = found.sites.clone().into();
    json["nearest"] = found
        .nearest
        .iter()
        .map(|(demand, site, far)| json!({"demand": demand, "site": site, "distance": far}))
        .collect();
    json
}

/// The best, with the others below it.
fn with_others(ranked: &[Located]) -> Value {
    let Some((best, others)) = ranked.split_first() else {
        return Value::Null;
    };
    let mut json = located(best);
    json["alternatives"] = others.iter().map(located).collect();
    json
}

fn hub_cover(question: &Question, found: Option<&HubCover>) -> Value {
    let (Some(network), Some(found)) = (&question.network, found) else {
        return Value::Null;
    };
    let mut json = worth(&found.worth);
    let place = |k: &usize| network.places[*k].clone();
    json["hubs"] = found.hubs.iter().map(place).collect();
    json["missed"] = found
        .missed
        .iter()
        .map(|(i, j)| json!({"from": place(i), "to": place(j), "flow": network.flow[*i][*j]}))
        .collect();
    json
}

pub fn document(question: &Question, settings: &Settings, found: &Answers) -> Value {
    let weight: f64 = question.all.demands.iter().map(|d| d.weight).sum();
    let coverage: Vec<Value> = found
        .coverage
        .iter()
        .map(|point| {
            let mut json = worth(&point.located.worth);
            json["count"] = point.count.into();
            json["sites"] = point.located.sites.clone().into();
            json
        })
        .collect();
    let fairness: Vec<Value> = found
        .fairness
        .iter()
        .map(|point| {
            let mut json = worth(&point.total);
            json["farthest"] = point.farthest.into();
            json["sites"] = point.located.sites.clone().into();
            json
        })
        .collect();
    let hubs = match (&question.network, &found.hubs) {
        (Some(network), Some(hubs)) => {
            let mut json = worth(&hubs.worth);
            json["hubs"] = hubs
                .hubs
                .iter()
                .map(|k| network.places[*k].clone())
                .collect();
            json["hub_of"] = hubs
                .hub_of
                .iter()
                .enumerate()
                .map(|(i, k)| {
                    (
                        network.places[i].clone(),
                        json!(network.places[*k].as_str()),
                    )
                })
                .collect::<serde_json::Map<_, _>>()
                .into();
            json
        }
        _ => Value::Null,
    };
    json!({
        "schema": "forelay.calc.sites/1",
        "input": question.read,
        "sites": question.sites, "radius": settings.radius, "times": settings.times,
        "budget": settings.budget, "suitable_from": settings.suitable_from,
        "weight_of_all": weight,
        "weights": match question.weighted {
            Weighted::OnRecord => "as on record",
            Weighted::Alike => "not estimated: every demand counts alike",
        },
        "left_out_for_suitability": question.all.candidates.len() - question.problem.candidates.len(),
        "cover": with_others(&found.cover),
        "uncovered": found.uncovered.iter().map(|u| json!({
            "demand": u.demand, "weight": u.weight, "within": u.within, "possible": u.possible, "why": u.why,
        })).collect::<Vec<_>>(),
        "median": with_others(&found.median),
        "centre": found.centre.as_ref().map_or(Value::Null, located),
        "fronts": {"coverage": coverage, "fairness": fairness},
        "hubs": hubs,
        "hub_cover": hub_cover(question, found.hub_cover.as_ref()),
        "hub_set_cover": hub_cover(question, found.hub_set_cover.as_ref()),
        "refused": found.refused,
        "conventions": "distances as stated, else great circles in kilometres; each optimum lies between value and bound; with a budget, \
            sites is the most that may be opened; front of coverage: points that cover more than any smaller number; front of fairness: \
            least total for each largest distance; hub covering: every flow may take any pair of open hubs",
    })
}

/// The models with a choice of sites: name, rank, choice.
fn choices(found: &Answers) -> Vec<(&'static str, usize, &Located)> {
    let mut all = Vec::new();
    for (k, located) in found.cover.iter().enumerate() {
        all.push(("cover", k + 1, located));
    }
    for (k, located) in found.median.iter().enumerate() {
        all.push(("median", k + 1, located));
    }
    all.extend(found.centre.iter().map(|located| ("centre", 1, located)));
    all
}

fn said(id: &str, lang: Lang) -> String {
    Message::new(id).render(lang, &Names::default())
}

fn certified(worth: &Worth) -> String {
    format!(
        "{:.4}, bound {:.4}, gap {:.4} %",
        worth.value,
        worth.bound,
        100.0 * worth.gap()
    )
}

pub fn lines(question: &Question, found: &Answers, lang: Lang) -> Vec<String> {
    let mut lines: Vec<String> = choices(found)
        .into_iter()
        .map(|(model, rank, located)| {
            let what = match model {
                "cover" => "covers",
                "median" => "total distance",
                _ => "largest distance",
            };
            format!(
                "{model} {rank}: {}: {what} {}",
                located.sites.join(", "),
                certified(&located.worth)
            )
        })
        .collect();
    for u in &found.uncovered {
        lines.push(format!(
            "uncovered: {} (weight {}): {}",
            u.demand,
            u.weight,
            said(&format!("code.{}", u.why.code()), lang)
        ));
    }
    for point in &found.coverage {
        lines.push(format!(
            "{} sites cover {}",
            point.count,
            certified(&point.located.worth)
        ));
    }
    for point in &found.fairness {
        lines.push(format!(
            "farthest {:.4}: total distance {}",
            point.farthest,
            certified(&point.total)
        ));
    }
    if let Some(network) = &question.network {
        let names = |hubs: &[usize]| {
            let names: Vec<&str> = hubs.iter().map(|k| network.places[*k].as_str()).collect();
            names.join(", ")
        };
        if let Some(hubs) = &found.hubs {
            let (names, worth) = (names(&hubs.hubs), certified(&hubs.worth));
            lines.push(format!("hubs {names}: cost {worth}"));
        }
        if let Some(hubs) = &found.hub_cover {
            let (names, worth) = (names(&hubs.hubs), certified(&hubs.worth));
            lines.push(format!("hubs {names}: flow reached {worth}"));
        }
        if let Some(hubs) = &found.hub_set_cover {
            let (names, worth) = (names(&hubs.hubs), certified(&hubs.worth));
            lines.push(format!(
                "fewest hubs that reach every flow: {names}: {worth}"
            ));
        }
    }
    lines
}

pub fn write(out: &mut Out, question: &Question, found: &Answers) -> Result<(), CalcError> {
    let number = |of: Vec<f64>| ResultColumn::Number(of);
    let all = choices(found);
    let mut sites = Vec::new();
    let mut nearest = Vec::new();
    for (model, rank, located) in &all {
        sites.extend(
            located
                .sites
                .iter()
                .map(|s| (*model, *rank, s, &located.worth)),
        );
        nearest.extend(located.nearest.iter().map(|n| (*model, *rank, n)));
    }
    out.table(
        "sites",
        vec![
            column("model", words(sites.iter().map(|s| s.0.to_owned()))),
            column("rank", number(sites.iter().map(|s| s.1 as f64).collect())),
            column("site", words(sites.iter().map(|s| s.2.clone()))),
            column("value", number(sites.iter().map(|s| s.3.value).collect())),
            column("bound", number(sites.iter().map(|s| s.3.bound).collect())),
        ],
    )?;
    out.table(
        "nearest",
        vec![
            column("model", words(nearest.iter().map(|n| n.0.to_owned()))),
            column("rank", number(nearest.iter().map(|n| n.1 as f64).collect())),
            column("demand", words(nearest.iter().map(|n| n.2.0.clone()))),
            column("site", words(nearest.iter().map(|n| n.2.1.clone()))),
            column("distance", number(nearest.iter().map(|n| n.2.2).collect())),
        ],
    )?;
    let missed = &found.uncovered;
    out.table(
        "uncovered",
        vec![
            column("demand", words(missed.iter().map(|u| u.demand.clone()))),
            column("weight", number(missed.iter().map(|u| u.weight).collect())),
            column(
                "within",
                number(missed.iter().map(|u| u.within as f64).collect()),
            ),
            column(
                "possible",
                number(missed.iter().map(|u| u.possible as f64).collect()),
            ),
            column(
                "why",
                words(missed.iter().map(|u| short(u.why.code()).to_owned())),
            ),
        ],
    )?;
    let front = &found.coverage;
    out.table(
        "front_coverage",
        vec![
            column(
                "count",
                number(front.iter().map(|p| p.count as f64).collect()),
            ),
            column(
                "covered",
                number(front.iter().map(|p| p.located.worth.value).collect()),
            ),
            column(
                "bound",
                number(front.iter().map(|p| p.located.worth.bound).collect()),
            ),
            column(
                "sites",
                words(front.iter().map(|p| p.located.sites.join(";"))),
            ),
        ],
    )?;
    let front = &found.fairness;
    out.table(
        "front_fairness",
        vec![
            column(
                "farthest",
                number(front.iter().map(|p| p.farthest).collect()),
            ),
            column(
                "total",
                number(front.iter().map(|p| p.total.value).collect()),
            ),
            column(
                "bound",
                number(front.iter().map(|p| p.total.bound).collect()),
            ),
            column(
                "sites",
                words(front.iter().map(|p| p.located.sites.join(";"))),
            ),
        ],
    )?;
    let Some(network) = &question.network else {
        return out.absent("hubs");
    };
    let mut hubs: Vec<(&str, usize, Option<usize>)> = Vec::new();
    if let Some(found) = &found.hubs {
        hubs.extend((found.hub_of.iter().enumerate()).map(|(i, k)| ("median", i, Some(*k))));
    }
    for (model, found) in [
        ("cover", &found.hub_cover),
        ("fewest", &found.hub_set_cover),
    ] {
        let opened = found.iter().flat_map(|f| f.hubs.iter());
        hubs.extend(opened.map(|k| (model, *k, None)));
    }
    out.table(
        "hubs",
        vec![
            column("model", words(hubs.iter().map(|h| h.0.to_owned()))),
            column(
                "place",
                words(hubs.iter().map(|h| network.places[h.1].clone())),
            ),
            column(
                "hub",
                words(
                    hubs.iter()
                        .map(|h| network.places[h.2.unwrap_or(h.1)].clone()),
                ),
            ),
        ],
    )
}
