//! One catalogue of messages, a row each, English beside Chinese (`messages/*.csv`).
//!
//! A place in a text is `{name}`. A number is shown with up to three significant decimals;
//! `{name:pct}` shows a share as per cent, `{name:int}` rounds.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use serde::{Deserialize, Serialize};

use crate::message::{Arg, Message, Names};

/// The languages of messages, reports and schemas.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Lang {
    En,
    Zh,
}

impl Lang {
    pub const ALL: [Self; 2] = [Self::En, Self::Zh];
}

/// Message texts by id.
#[derive(Debug, Default)]
pub struct Catalogue {
    texts: BTreeMap<String, [String; 2]>,
}

const FILES: [&str; 28] = [
    include_str!("../messages/common.csv"),
    include_str!("../messages/evidence.csv"),
    include_str!("../messages/methods.csv"),
    include_str!("../messages/layout.csv"),
    include_str!("../messages/chain.csv"),
    include_str!("../messages/report.csv"),
    include_str!("../messages/documents.csv"),
    include_str!("../messages/study.csv"),
    include_str!("../messages/foundation.csv"),
    include_str!("../messages/complexity.csv"),
    include_str!("../messages/robustness.csv"),
    include_str!("../messages/null.csv"),
    include_str!("../messages/strategy.csv"),
    include_str!("../messages/coupling.csv"),
    include_str!("../messages/dependency.csv"),
    include_str!("../messages/data.csv"),
    include_str!("../messages/io.csv"),
    include_str!("../messages/cascade.csv"),
    include_str!("../messages/remedy.csv"),
    include_str!("../messages/whatif.csv"),
    include_str!("../messages/schedule.csv"),
    include_str!("../messages/references.csv"),
    include_str!("../messages/readings.csv"),
    include_str!("../messages/decisions.csv"),
    include_str!("../messages/portfolio.csv"),
    include_str!("../messages/audit.csv"),
    include_str!("../messages/glossary.csv"),
    include_str!("../messages/changed.csv"),
];

/// Names of a list that a sentence shows; `{name:all}` shows every one.
const LISTED: usize = 10;

impl Catalogue {
    /// The program's own catalogue.
    pub fn builtin() -> &'static Self {
        static BUILTIN: OnceLock<Catalogue> = OnceLock::new();
        BUILTIN.get_or_init(|| Self::parse(&FILES))
    }

    fn parse(files: &[&str]) -> Self {
        let mut texts = BTreeMap::new();
        for file in files {
            for record in csv::Reader::from_reader(file.as_bytes())
                .records()
                .flatten()
            {
                let field = |i| record.get(i).unwrap_or_default().to_owned();
                let earlier = texts.insert(field(0), [field(1), field(2)]);
                debug_assert!(earlier.is_none(), "message {} is written twice", field(0));
            }
        }
        Self { texts }
    }

    pub fn text(&self, id: &str, lang: Lang) -> Option<&str> {
        self.texts
            .get(id)
            .map(|t| t[lang as usize].as_str())
            .filter(|t| !t.is_empty())
    }

    /// The text of `id`, else words that are there already.
    pub fn text_or(&self, id: &str, lang: Lang, otherwise: &str) -> String {
        self.text(id, lang).unwrap_or(otherwise).to_owned()
    }

    pub fn ids(&self) -> impl Iterator<Item = &str> {
        self.texts.keys().map(String::as_str)
    }

    /// The message's text with its places filled. An unknown id shows itself, so that nothing is lost.
    pub fn render(&self, message: &Message, lang: Lang, names: &Names) -> String {
        let Some(text) = self.text(&message.id, lang) else {
            return format!("{} {:?}", message.id, message.args);
        };
        let mut out = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(open) = rest.find('{') {
            out.push_str(&rest[..open]);
            let Some(close) = rest[open..].find('}') else {
                break;
            };
            let place = &rest[open + 1..open + close];
            let (name, format) = place.split_once(':').unwrap_or((place, ""));
            match message.args.get(name) {
                Some(arg) => out.push_str(&self.show(arg, format, lang, names)),
                None => out.push_str(&rest[open..=open + close]),
            }
            rest = &rest[open + close + 1..];
        }
        out.push_str(rest);
        out
    }

    fn show(&self, arg: &Arg, format: &str, lang: Lang, names: &Names) -> String {
        match arg {
            Arg::Text(text) => text.clone(),
            Arg::Number(n) if format == "pct" => format!("{} %", per_cent(n * 100.0)),
            Arg::Number(n) if format == "int" => format!("{n:.0}"),
            Arg::Number(n) => short(*n),
            Arg::Entity(entity) => names.show(entity, lang),
            Arg::Entities(list) => {
                let most = if format == "all" { list.len() } else { LISTED };
                let shown: Vec<String> = list
                    .iter()
                    .take(most)
                    .map(|e| names.show(e, lang))
                    .collect();
                let mut text = shown.join(if lang == Lang::Zh { "、" } else { ", " });
                if list.len() > most {
                    let more = Message::new("list.more").with("n", list.len() - most);
                    text.push_str(&self.render(&more, lang, names));
                }
                text
            }
            Arg::Message(inner) => self.render(inner, lang, names),
        }
    }
}

/// A number for reading: up to three significant digits after the leading one, no trailing zeros.
pub fn short(n: f64) -> String {
    let magnitude = n.abs();
    let decimals = match magnitude {
        m if m >= 100.0 || m.fract() == 0.0 => 0,
        m if m >= 10.0 => 1,
        m if m >= 1.0 => 2,
        m if m >= 0.01 => 3,
        _ => return trim(&format!("{n:.5}")),
    };
    trim(&format!("{n:.decimals$}"))
}

/// Two significant digits are enough in a sentence; the table beside it has the rest.
fn per_cent(n: f64) -> String {
    let decimals = match n.abs() {
        m if m >= 10.0 => 0,
        m if m >= 1.0 => 1,
        _ => 2,
    };
    trim(&format!("{n:.decimals$}"))
}

fn trim(number: &str) -> String {
    let trimmed = if number.contains('.') {
        number.trim_end_matches('0').trim_end_matches('.')
    } else {
        number
    };
    if trimmed == "-0" {
        "0".to_owned()
    } else {
        trimmed.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn places(text: &str) -> BTreeSet<&str> {
        text.split('{')
            .skip(1)
            .filter_map(|t| t.split('}').next())
            .map(|p| p.split(':').next().unwrap_or(p))
            .collect()
    }

    #[test]
    fn every_message_is_written_in_both_languages_with_the_same_places() {
        for file in FILES {
            let mut reader = csv::Reader::from_reader(file.as_bytes());
            assert_eq!(reader.headers().expect("a header"), vec!["id", "en", "zh"]);
            for record in reader.records() {
                let record = record.expect("three columns in every row");
                let (id, en, zh) = (&record[0], &record[1], &record[2]);
                assert!(!en.trim().is_empty(), "{id}: no English");
                assert!(!zh.trim().is_empty(), "{id}: no Chinese");
                // A text that the evidence has in both languages.
                if (en, zh) == ("{en}", "{zh}") {
                    continue;
                }
                assert_eq!(places(en), places(zh), "{id}: places differ");
            }
        }
    }

    #[test]
    fn no_id_is_written_twice() {
        let rows: usize = FILES
            .iter()
            .map(|f| csv::Reader::from_reader(f.as_bytes()).records().count())
            .sum();
        assert_eq!(rows, Catalogue::builtin().texts.len());
    }

    #[test]
    fn places_are_filled() {
        let catalogue = Catalogue::parse(&["id,en,zh\na,share {x:pct} of {y},{y}的{x:pct}\n"]);
        let message = Message::new("a").with("x", 0.1257).with("y", "all");
        assert_eq!(
            catalogue.render(&message, Lang::En, &Names::default()),
            "share 13 % of all"
        );
        assert_eq!(
            catalogue.render(&message, Lang::Zh, &Names::default()),
            "all的13 %"
        );
    }

    #[test]
    fn short_numbers() {
        let shown: Vec<String> = [0.0, 1234.5, 12.345, 1.2345, 0.12345, 0.0004, -3.0]
            .iter()
            .map(|n| short(*n))
            .collect();
        assert_eq!(
            shown,
            ["0", "1234", "12.3", "1.23", "0.123", "0.0004", "-3"]
        );
    }
}
