//! A chain as a picture, with suppliers switched off.

use axum::extract::State;
use axum::routing::post;
use model::{Basis, Cell, Entity, Lang};
use serde::Deserialize;
use serde_json::{Value, json};
use study::{ChainPicture, Event, Off, Scenario, Short, Switches, chain_picture};

use super::whatif::Range;
use super::{
    Answer, Answered, Endpoint, Given, Method, cells, command, english, lang_word, latest, whole,
};
use crate::App;
use crate::app::RunView;
use crate::error::ApiError;

const BODY: &str = r#"{"type":"object","additionalProperties":false,"properties":{
"run":{"type":"string","maxLength":12,"pattern":"^[a-z0-9]+$"},
"lang":{"type":"string","enum":["en","zh"]},
"chain":{"type":["string","null"],"maxLength":80},
"off":{"type":"array","maxItems":50,"items":{"type":"object","additionalProperties":false,"properties":{"country":{"type":["string","null"],"maxLength":40},"node":{"type":["string","null"],"maxLength":80},"firm":{"type":["string","null"],"minLength":1,"maxLength":100}}}},
"buyer":{"type":["string","null"],"maxLength":40},
"weeks":{"type":"integer","minimum":1,"maximum":520},
"save":{"type":["string","null"],"minLength":1,"maxLength":40,"pattern":"^[a-z0-9]([a-z0-9-]*[a-z0-9])?$"},
"severity":{"type":"object","additionalProperties":false,"required":["low","value","high"],"properties":{"low":{"type":"number","minimum":0,"maximum":1},"value":{"type":"number","minimum":0,"maximum":1},"high":{"type":"number","minimum":0,"maximum":1}}},
"stock":{"type":"object","additionalProperties":false,"required":["low","value","high"],"properties":{"low":{"type":"number","minimum":0,"maximum":520},"value":{"type":"number","minimum":0,"maximum":520},"high":{"type":"number","minimum":0,"maximum":520}}}}}"#;

pub const ENDPOINTS: &[Endpoint] = &[Endpoint {
    method: Method::Post,
    path: "/api/chain",
    summary: "A chain as a picture: nodes and links where they are drawn, and what each node loses while countries, firms or nodes are off; with `save` the question is kept as scenarios/NAME.toml",
    parameters: &[],
    body: Some(BODY),
    answer: &[
        ("chain", "object"),
        ("chains", "array"),
        ("countries", "array"),
        ("nodes", "array"),
        ("links", "array"),
        ("finding", "string"),
        ("firms_off", "array"),
        ("notes", "array"),
        ("refusals", "array"),
        ("command", "string"),
    ],
    handler: || post(picture),
}];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    #[serde(default = "latest")]
    run: String,
    #[serde(default = "english")]
    lang: Lang,
    #[serde(default)]
    chain: Option<String>,
    #[serde(default)]
    off: Vec<Off>,
    #[serde(default)]
    buyer: Option<String>,
    #[serde(default = "half_a_year")]
    #[serde(deserialize_with = "whole")]
    weeks: u32,
    /// Name of the scenario that the question is kept as.
    #[serde(default)]
    save: Option<String>,
    #[serde(default = "Range::all")]
    severity: Range,
    #[serde(default = "Range::stock")]
    stock: Range,
}

/// Refuses switches that name nothing, and more than a question takes.
pub(super) fn check_off(off: &[Off]) -> Result<(), ApiError> {
    if off.len() > 50 || off.contains(&Off::default()) {
        return Err(ApiError::unusable(
            "off: at most 50 switches, each with a country, a node or a firm",
        ));
    }
    let firm =
        |o: &Off| (o.firm.as_deref()).is_some_and(|f| f.is_empty() || f.chars().count() > 100);
    if off.iter().any(firm) {
        return Err(ApiError::unusable("off: a firm has 1 to 100 characters"));
    }
    Ok(())
}

fn half_a_year() -> u32 {
    Short::default().weeks
}

async fn picture(State(app): State<App>, Given(asked): Given<Asked>) -> Answered {
    if !(1..=520).contains(&asked.weeks) {
        return Err(ApiError::unusable("weeks: 1 to 520"));
    }
    check_off(&asked.off)?;
    let switches = Switches {
        off: asked.off.clone(),
        buyer: asked.buyer.clone(),
        weeks: asked.weeks,
        severity: asked.severity.span("severity", 1.0)?,
        stock: asked.stock.span("stock", 520.0)?,
    };
    app.compute(move |app| {
        let view = app.view(&asked.run)?;
        let chain = asked.chain.as_deref();
        let found = chain_picture(
            &view.run,
            &view.evidence,
            &view.names,
            asked.lang,
            chain,
            &switches,
        );
        let picture = match found {
            Ok(Some(picture)) => picture,
            Ok(None) => {
                return Err(ApiError::not_found("the study has no such chain")
                    .help("leave the chain out: the answer lists all"));
            }
            Err(refusals) => {
                let said: Vec<String> = refusals
                    .iter()
                    .map(|r| r.reason.render(asked.lang, &view.names))
                    .collect();
                return Err(ApiError::unusable(said.join(" ")));
            }
        };
        let saved = asked
            .save
            .as_deref()
            .map(|name| save(app, &picture, name, asked.lang))
            .transpose()?;
        let mut said = answer(&view, &picture, &asked);
        said["saved"] = saved.into();
        Ok(Answer(said))
    })
    .await
}

fn kept(question: &Scenario, name: &str) -> Scenario {
    Scenario {
        id: name.to_owned(),
        ..question.clone()
    }
}

/// Keeps what is switched off as a scenario, and says where it lies and how it is answered on paper.
fn save(app: &App, picture: &ChainPicture, name: &str, lang: Lang) -> Result<Value, ApiError> {
    let question = picture.kept.as_ref();
    let question = question.ok_or_else(|| ApiError::unusable("nothing is switched off"))?;
    if !picture.refusals.is_empty() {
        return Err(ApiError::unusable(
            "a question without an answer is not kept",
        ));
    }
    study::save_scenario(&app.study()?, &kept(question, name))?;
    Ok(json!({
        "name": name,
        "file": format!("scenarios/{name}.toml"),
        "command": command(&["--lang", lang_word(lang), "shock", name, "--out", name]),
    }))
}

fn answer(view: &RunView, picture: &ChainPicture, asked: &Asked) -> Value {
    let lang = asked.lang;
    let name = |entity: &Entity| view.names.show(entity, lang);
    let chains: Vec<Value> = picture
        .chains
        .iter()
        .map(|(chain, n)| json!({ "id": chain, "name": name(&chain.entity()), "nodes": n }))
        .collect();
    let countries: Vec<Value> = picture
        .countries
        .iter()
        .map(|(c, n)| json!({ "id": c, "name": name(&c.entity()), "nodes": n }))
        .collect();
    let drawn = picture.drawing.nodes.iter().zip(&picture.geometry.nodes);
    let nodes: Vec<Value> = picture
        .nodes
        .iter()
        .zip(&picture.providers)
        .zip(drawn)
        .map(|((node, providers), (drawn, at))| {
            json!({
                "id": node, "name": drawn.label, "kind": drawn.kind, "neck": drawn.neck,
                "x": at.x, "y": at.y, "width": at.width, "height": at.height, "lines": at.lines, "providers": providers,
                "loss": loss(view, picture, node.as_str(), lang),
            })
        })
        .collect();
    let drawn = picture.drawing.links.iter().zip(&picture.geometry.links);
    let links: Vec<Value> = drawn
        .filter_map(|(link, path)| {
            Some(json!({
                "from": link.from, "to": link.to, "kind": link.kind, "choice": link.choice,
                "path": path.as_ref()?,
            }))
        })
        .collect();
    let outside: Vec<Value> = picture
        .losses
        .keys()
        .filter(|node| !picture.nodes.contains(node))
        .map(|node| {
            json!({ "id": node, "name": name(&node.entity()), "loss": loss(view, picture, node.as_str(), lang) })
        })
        .collect();
    let refusals: Vec<Value> = picture
        .refusals
        .iter()
        .map(|r| study::refusal_json(r, lang, &view.names))
        .collect();
    let firms_off: Vec<Value> = picture
        .stops
        .iter()
        .filter_map(|stop| {
            let (seat, part) = (&stop.seat, stop.part?);
            Some(json!({
                "name": stop.name, "at": seat.node, "node": name(&seat.node.entity()), "country": name(&seat.country.entity()),
                "part": cells::cell(&Cell::Quantity(part.into()), "share", lang, &view.names),
                "stated": part.basis != Basis::Assumed,
            }))
        })
        .collect();
    let notes: Vec<String> = picture
        .notes
        .iter()
        .map(|note| note.render(lang, &view.names))
        .collect();
    let text = picture
        .kept
        .as_ref()
        .and_then(|q| toml::to_string_pretty(&kept(q, "NAME")).ok());
    json!({
        "run": view.run.manifest.id,
        "chain": { "id": picture.chain, "name": name(&picture.chain.entity()) },
        "chains": chains,
        "countries": countries,
        "width": picture.geometry.width,
        "height": picture.geometry.height,
        "nodes": nodes,
        "links": links,
        "outside": outside,
        "finding": picture.finding().render(lang, &view.names),
        "firms_off": firms_off,
        "notes": notes,
        "refusals": refusals,
        "text": text,
        "command": command_of(view, asked, picture),
    })
}

/// Nodes that a line names; more are the text, saved as a file.
const NAMED: usize = 40;

fn off_of(event: &Event) -> String {
    let off = Off {
        country: event.country.clone(),
        node: event.node.clone(),
        firm: event.firm.clone(),
    };
    off.to_string()
}

/// With few nodes that lose, the question fits on a line; else it is the text, saved as a file, which asks about all end
/// products until they recover.
fn command_of(view: &RunView, asked: &Asked, picture: &ChainPicture) -> String {
    let lang = asked.lang;
    let Some(question) = &picture.question else {
        let of = format!(
            "select * from chain.nodes where chain = '{}'",
            picture.chain
        );
        let run = &view.run.manifest.id;
        return command(&["--lang", lang_word(lang), "sql", &of, "--run", run]);
    };
    let mut words = vec!["--lang", lang_word(lang), "shock"];
    if question.targets.len() > NAMED {
        words.push("FILE.toml");
        return command(&words);
    }
    let weeks = asked.weeks.to_string();
    let horizon = question.horizon_weeks.to_string();
    let targets = question.targets.join(",");
    let (severity, stock) = (asked.severity.text(), asked.stock.text());
    let off: Vec<String> = question.event.iter().map(off_of).collect();
    let who: Vec<(&str, &str)> = match question.event.as_slice() {
        [event] => [
            ("--stop", &event.country),
            ("--node", &event.node),
            ("--firm", &event.firm),
        ]
        .into_iter()
        .filter_map(|(flag, name)| Some((flag, name.as_deref()?)))
        .collect(),
        _ => off.iter().map(|off| ("--off", off.as_str())).collect(),
    };
    let buyer = question.buyer.as_deref().map(|buyer| ("--buyer", buyer));
    words.extend(
        who.into_iter()
            .chain(buyer)
            .flat_map(|(flag, name)| [flag, name]),
    );
    words.extend([
        "--severity",
        &severity,
        "--weeks",
        &weeks,
        "--stock",
        &stock,
        "--horizon",
        &horizon,
    ]);
    if !targets.is_empty() {
        words.extend(["--target", &targets]);
    }
    command(&words)
}

/// Peak and first weeks of a node's loss; nothing where it loses nothing.
fn loss(view: &RunView, picture: &ChainPicture, node: &str, lang: Lang) -> Option<Value> {
    let course = picture.losses.get(&node.into())?;
    let peak = Cell::Quantity(course.peak.into());
    Some(json!({
        "peak": cells::cell(&peak, "share", lang, &view.names),
        "first_worst": course.first_week.worst,
        "first_best": course.first_week.best,
    }))
}
