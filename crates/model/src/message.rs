//! Text that is written once and shown in either language.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::catalogue::{Catalogue, Lang};
use crate::ids::{Entity, Kind};

/// A message of the catalogue with its arguments.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Message {
    pub id: String,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub args: BTreeMap<String, Arg>,
}

/// What fills a place in a message.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Arg {
    Text(String),
    Number(f64),
    Entity(Entity),
    Entities(Vec<Entity>),
    Message(Box<Message>),
}

impl Message {
    pub fn new(id: impl Into<String>) -> Self {
        Self {
            id: id.into(),
            args: BTreeMap::new(),
        }
    }

    #[must_use]
    pub fn with(mut self, name: &str, arg: impl Into<Arg>) -> Self {
        self.args.insert(name.to_owned(), arg.into());
        self
    }

    /// Several messages as one, in their order.
    pub fn joined(messages: &[Self]) -> Self {
        match messages {
            [] => Self::new("join.0"),
            [only] => only.clone(),
            [first, rest @ ..] => Self::new("join.2")
                .with("m1", first.clone())
                .with("m2", Self::joined(rest)),
        }
    }

    /// Words that are the same in every language; none for an empty text.
    pub fn verbatim(text: &str) -> Self {
        Self::new("verbatim").with("text", text)
    }

    /// Several messages as one, separated by semicolons.
    pub fn listed(messages: &[Self]) -> Self {
        match messages {
            [] => Self::new("join.0"),
            [only] => only.clone(),
            [first, rest @ ..] => Self::new("join.list")
                .with("m1", first.clone())
                .with("m2", Self::listed(rest)),
        }
    }

    /// The text in `lang`; entities are shown by their names.
    pub fn render(&self, lang: Lang, names: &Names) -> String {
        Catalogue::builtin().render(self, lang, names)
    }
}

impl From<&str> for Arg {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}
impl From<String> for Arg {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}
impl From<f64> for Arg {
    fn from(number: f64) -> Self {
        Self::Number(number)
    }
}
impl From<usize> for Arg {
    fn from(number: usize) -> Self {
        Self::Number(number as f64)
    }
}
impl From<i32> for Arg {
    fn from(number: i32) -> Self {
        Self::Number(f64::from(number))
    }
}
impl From<Entity> for Arg {
    fn from(entity: Entity) -> Self {
        Self::Entity(entity)
    }
}
impl From<Vec<Entity>> for Arg {
    fn from(entities: Vec<Entity>) -> Self {
        Self::Entities(entities)
    }
}
impl From<Message> for Arg {
    fn from(message: Message) -> Self {
        Self::Message(Box::new(message))
    }
}

/// Display names of entities, from the evidence. An entity without a name is shown by its id.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Names(BTreeMap<(Kind, String), (String, String)>);

impl Names {
    pub fn insert(&mut self, entity: Entity, en: impl Into<String>, zh: impl Into<String>) {
        self.0
            .insert((entity.kind, entity.id), (en.into(), zh.into()));
    }

    pub fn get(&self, entity: &Entity, lang: Lang) -> Option<&str> {
        let (en, zh) = self.0.get(&(entity.kind, entity.id.clone()))?;
        Some(match lang {
            Lang::Zh if !zh.is_empty() => zh,
            _ => en,
        })
    }

    /// The entity's name in `lang`; codes come from the catalogue.
    pub fn show(&self, entity: &Entity, lang: Lang) -> String {
        if entity.kind == Kind::Code {
            return Catalogue::builtin()
                .text(&format!("code.{}", entity.id), lang)
                .map_or_else(|| entity.id.clone(), str::to_owned);
        }
        self.get(entity, lang)
            .map_or_else(|| entity.id.clone(), str::to_owned)
    }

    /// Entities of `kind` that have no Chinese name.
    pub fn without_chinese(&self) -> impl Iterator<Item = (Kind, &str)> {
        self.0
            .iter()
            .filter(|(_, (_, zh))| zh.is_empty())
            .map(|((kind, id), _)| (*kind, id.as_str()))
    }
}
