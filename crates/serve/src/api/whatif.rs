//! Supply that stops: the question of `forelay shock`.

use axum::extract::State;
use axum::routing::post;
use model::Lang;
use serde::Deserialize;
use serde_json::{Value, json};
use study::config::Span;
use study::{AskedFor, Off, Question, Short, what_if};

use super::chain::check_off;
use super::sections::{Rows, shown};
use super::{Answer, Answered, Endpoint, Given, Method, english, lang_word, whole, whole_or_none};
use crate::App;
use crate::error::ApiError;

const BODY: &str = r#"{"type":"object","additionalProperties":false,"properties":{
"lang":{"type":"string","enum":["en","zh"]},
"scenario":{"type":["string","null"],"maxLength":100,"pattern":"^[A-Za-z0-9_:-]+$"},
"stop":{"type":"array","maxItems":20,"items":{"type":"string","maxLength":40}},
"nodes":{"type":"array","maxItems":20,"items":{"type":"string","maxLength":80}},
"products":{"type":"array","maxItems":20,"items":{"type":"string","maxLength":12}},
"industries":{"type":"array","maxItems":20,"items":{"type":"string","maxLength":40}},
"firm":{"type":["string","null"],"maxLength":100},
"off":{"type":"array","maxItems":50,"items":{"type":"object","additionalProperties":false,"properties":{"country":{"type":["string","null"],"maxLength":40},"node":{"type":["string","null"],"maxLength":80},"firm":{"type":["string","null"],"minLength":1,"maxLength":100}}}},
"region":{"type":["string","null"],"maxLength":100},
"price":{"type":"boolean"},
"severity":{"type":"object","additionalProperties":false,"required":["low","value","high"],"properties":{"low":{"type":"number","minimum":0,"maximum":1},"value":{"type":"number","minimum":0,"maximum":1},"high":{"type":"number","minimum":0,"maximum":1}}},
"from_week":{"type":"integer","minimum":1,"maximum":520},
"weeks":{"type":"integer","minimum":1,"maximum":520},
"horizon":{"type":["integer","null"],"minimum":1,"maximum":520},
"buyer":{"type":["string","null"],"maxLength":40},
"stock":{"type":"object","additionalProperties":false,"required":["low","value","high"],"properties":{"low":{"type":"number","minimum":0,"maximum":520},"value":{"type":"number","minimum":0,"maximum":520},"high":{"type":"number","minimum":0,"maximum":520}}},
"draws":{"type":"integer","minimum":1,"maximum":2000}}}"#;

pub const ENDPOINTS: &[Endpoint] = &[Endpoint {
    method: Method::Post,
    path: "/api/what-if",
    summary: "Who is hit when supply stops, from which week, what binds: best case, worst case, draws between them",
    parameters: &[],
    body: Some(BODY),
    answer: &[
        ("answer", "object"),
        ("page", "object"),
        ("command", "string"),
    ],
    handler: || post(ask),
}];

#[derive(Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Asked {
    lang: Lang,
    scenario: Option<String>,
    stop: Vec<String>,
    nodes: Vec<String>,
    products: Vec<String>,
    industries: Vec<String>,
    firm: Option<String>,
    /// What stops beside these, each for itself.
    off: Vec<Off>,
    region: Option<String>,
    price: bool,
    severity: Range,
    #[serde(deserialize_with = "whole")]
    from_week: u32,
    #[serde(deserialize_with = "whole")]
    weeks: u32,
    #[serde(deserialize_with = "whole_or_none")]
    horizon: Option<u32>,
    buyer: Option<String>,
    stock: Range,
    #[serde(deserialize_with = "whole")]
    draws: usize,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Range {
    low: f64,
    value: f64,
    high: f64,
}

impl Default for Asked {
    /// What the command line assumes, but fewer draws: somebody waits.
    fn default() -> Self {
        let short = Short::default();
        Self {
            lang: english(),
            scenario: None,
            stop: short.stop,
            nodes: short.nodes,
            products: short.products,
            industries: short.industries,
            firm: short.firm,
            off: short.off,
            region: short.region,
            price: false,
            severity: Range::all(),
            from_week: short.start_week,
            weeks: short.weeks,
            horizon: short.horizon,
            buyer: short.buyer,
            stock: Range::stock(),
            draws: 200,
        }
    }
}

impl From<Span> for Range {
    fn from(Span { low, value, high }: Span) -> Self {
        Self { low, value, high }
    }
}

impl Range {
    /// All of it.
    pub(super) fn all() -> Self {
        Short::default().severity.into()
    }

    /// Weeks of stock where nothing else is said.
    pub(super) fn stock() -> Self {
        Short::default().stock.into()
    }

    pub(super) fn span(self, name: &str, most: f64) -> Result<Span, ApiError> {
        let Self { low, value, high } = self;
        if 0.0 <= low && low <= value && value <= high && high <= most {
            Ok(Span { low, value, high })
        } else {
            Err(ApiError::unusable(format!(
                "{name}: needs 0 <= low <= value <= high <= {most}"
            )))
        }
    }

    pub(super) fn text(self) -> String {
        format!("{}..{}..{}", self.low, self.value, self.high)
    }
}

async fn ask(State(app): State<App>, Given(asked): Given<Asked>) -> Answered {
    if asked.draws == 0 || asked.draws > app.limits.draws {
        return Err(ApiError::unusable(format!(
            "draws: 1 to {}",
            app.limits.draws
        )));
    }
    let (question, command) = question(&asked)?;
    app.compute(move |app| {
        let answer = what_if(&app.study()?, &question, asked.draws)?;
        let page = answer.page(asked.lang);
        Ok(Answer(json!({
            "answer": answer.json(asked.lang),
            "answered": answer.answered(),
            "page": { "title": page.title, "subtitle": page.subtitle, "sections": page.sections.iter().map(|s| shown(s, Rows::All)).collect::<Vec<Value>>() },
            "command": command,
        })))
    })
    .await
}

fn question(asked: &Asked) -> Result<(Question, String), ApiError> {
    let mut words: Vec<String> = match asked.lang {
        Lang::Zh => vec!["--lang".to_owned(), lang_word(asked.lang).to_owned()],
        Lang::En => Vec::new(),
    };
    words.push("shock".to_owned());
    let question = if let Some(id) = &asked.scenario {
        // An id, never the path of a file.
        let plain = |c: char| c.is_ascii_alphanumeric() || "_-:".contains(c);
        if id.is_empty() || !id.chars().all(plain) {
            return Err(ApiError::unusable("a scenario is named by its id"));
        }
        words.push(id.clone());
        Question::Named(id.clone())
    } else {
        let short = short(asked)?;
        if short.is_empty() {
            return Err(ApiError::unusable("no question")
                .help("say what stops: countries, nodes, products, a firm; or name a scenario"));
        }
        let by_code = [&short.products, &short.industries];
        if !short.off.is_empty() && by_code.iter().any(|codes| !codes.is_empty()) {
            return Err(
                ApiError::unusable("off: not beside products and industries")
                    .help("ask for them alone, or name their nodes"),
            );
        }
        let lists = [
            &asked.stop,
            &asked.nodes,
            &asked.products,
            &asked.industries,
        ];
        if lists.iter().any(|list| list.len() > 20) {
            return Err(ApiError::unusable("at most 20 names of each kind"));
        }
        if !(1..=520).contains(&asked.weeks)
            || !(1..=520).contains(&asked.from_week)
            || asked.horizon.is_some_and(|h| !(1..=520).contains(&h))
        {
            return Err(ApiError::unusable("weeks: 1 to 520"));
        }
        for (flag, list) in [
            ("--stop", &asked.stop),
            ("--node", &asked.nodes),
            ("--product", &asked.products),
            ("--industry", &asked.industries),
        ] {
            if !list.is_empty() {
                words.extend([flag.to_owned(), list.join(",")]);
            }
        }
        for (flag, value) in [
            ("--firm", &asked.firm),
            ("--region", &asked.region),
            ("--buyer", &asked.buyer),
        ] {
            if let Some(value) = value {
                words.extend([flag.to_owned(), value.clone()]);
            }
        }
        for off in &short.off {
            words.extend(["--off".to_owned(), off.to_string()]);
        }
        if asked.price {
            words.push("--price".to_owned());
        }
        words.extend([
            "--severity".to_owned(),
            asked.severity.text(),
            "--from-week".to_owned(),
            asked.from_week.to_string(),
            "--weeks".to_owned(),
            asked.weeks.to_string(),
            "--stock".to_owned(),
            asked.stock.text(),
        ]);
        if let Some(horizon) = asked.horizon {
            words.extend(["--horizon".to_owned(), horizon.to_string()]);
        }
        Question::Short(Box::new(short))
    };
    words.extend(["--draws".to_owned(), asked.draws.to_string()]);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    Ok((question, super::command(&words)))
}

fn short(asked: &Asked) -> Result<Short, ApiError> {
    check_off(&asked.off)?;
    Ok(Short {
        stop: asked.stop.clone(),
        nodes: asked.nodes.clone(),
        products: asked.products.clone(),
        industries: asked.industries.clone(),
        firm: asked.firm.clone(),
        region: asked.region.clone(),
        off: asked.off.clone(),
        price: if asked.price {
            AskedFor::Price
        } else {
            AskedFor::Volume
        },
        severity: asked.severity.span("severity", 1.0)?,
        start_week: asked.from_week,
        weeks: asked.weeks,
        horizon: asked.horizon,
        buyer: asked.buyer.clone(),
        stock: asked.stock.span("stock", 520.0)?,
        ..Short::default()
    })
}
