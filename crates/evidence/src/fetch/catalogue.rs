//! The sources on record: `sources.csv`, read once.

use std::sync::OnceLock;

use model::Lang;
use serde::{Deserialize, Serialize};

/// A public source of data.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    pub id: String,
    pub name_en: String,
    pub name_zh: String,
    pub publisher: String,
    pub holds_en: String,
    pub holds_zh: String,
    /// Where a person finds it.
    pub page: String,
    /// A file that [`super::get`] can load; empty where none is on record.
    pub download: String,
    pub access: Access,
    pub licence: String,
    pub terms: Terms,
    /// `yes`, `facts_only` or `no`: what the export gate will allow.
    pub redistributable: String,
    /// What of the program reads it.
    pub read_by: String,
    /// Where these facts are from: `publisher's page`, `public repositories`, `project notes` or `memory`.
    pub basis: String,
    /// The day the facts were last compared with the publisher's page or a stored copy of it, or `not verified`.
    pub verified: String,
    pub note_en: String,
    pub note_zh: String,
}

/// What a licence asks before the data are loaded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Terms {
    /// Free for any use.
    Open,
    /// Free for any use that names the source.
    Attribution,
    /// Not for commercial use.
    NonCommercial,
    /// Terms of its own, to be read first.
    Restricted,
}

impl Terms {
    /// Whether a person has to accept the terms before the data are loaded.
    pub fn must_be_accepted(self) -> bool {
        matches!(self, Self::NonCommercial | Self::Restricted)
    }
}

/// What it takes to get the data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Access {
    /// Anyone may load it.
    Free,
    /// An account of the user's own.
    Account,
    /// A key of the user's own.
    Key,
    /// A contract or a purchase.
    Contract,
}

/// A slip in the catalogue's file.
#[derive(Debug, thiserror::Error)]
#[error("sources.csv: {0}")]
pub struct CatalogueError(String);

impl Source {
    pub fn name(&self, lang: Lang) -> &str {
        match lang {
            Lang::En => &self.name_en,
            Lang::Zh => &self.name_zh,
        }
    }

    pub fn holds(&self, lang: Lang) -> &str {
        match lang {
            Lang::En => &self.holds_en,
            Lang::Zh => &self.holds_zh,
        }
    }

    pub fn note(&self, lang: Lang) -> &str {
        match lang {
            Lang::En => &self.note_en,
            Lang::Zh => &self.note_zh,
        }
    }
}

/// The sources on record, by id.
pub fn catalogue() -> &'static [Source] {
    static SOURCES: OnceLock<Vec<Source>> = OnceLock::new();
    SOURCES.get_or_init(|| {
        parse(include_str!("sources.csv")).expect("invariant: sources.csv is read by a test")
    })
}

/// The source with this id.
pub fn source(id: &str) -> Option<&'static Source> {
    catalogue().iter().find(|source| source.id == id)
}

fn parse(text: &str) -> Result<Vec<Source>, CatalogueError> {
    let mut sources: Vec<Source> = csv::Reader::from_reader(text.as_bytes())
        .deserialize()
        .collect::<Result<_, _>>()
        .map_err(|error| CatalogueError(error.to_string()))?;
    sources.sort_by(|a, b| a.id.cmp(&b.id));
    if let Some(pair) = sources.windows(2).find(|pair| pair[0].id == pair[1].id) {
        return Err(CatalogueError(format!("{} stands twice", pair[0].id)));
    }
    Ok(sources)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_source_is_told_whole_and_in_both_languages() {
        let sources = parse(include_str!("sources.csv")).expect("a catalogue");
        assert!(sources.len() >= 20);
        for s in &sources {
            for (field, text) in [
                ("id", &s.id),
                ("name_en", &s.name_en),
                ("name_zh", &s.name_zh),
                ("publisher", &s.publisher),
                ("holds_en", &s.holds_en),
                ("holds_zh", &s.holds_zh),
                ("licence", &s.licence),
                ("read_by", &s.read_by),
            ] {
                assert!(!text.trim().is_empty(), "{}: no {field}", s.id);
            }
            assert!(s.page.starts_with("https://"), "{}: page {}", s.id, s.page);
            assert!(
                s.download.is_empty() || super::super::address::checked(&s.download).is_ok(),
                "{}",
                s.id
            );
            assert!(
                s.download.is_empty() || s.access == Access::Free,
                "{}: a file behind an account",
                s.id
            );
            assert!(
                ["yes", "facts_only", "no"].contains(&s.redistributable.as_str()),
                "{}",
                s.id
            );
            assert!(
                [
                    "publisher's page",
                    "public repositories",
                    "project notes",
                    "memory"
                ]
                .contains(&s.basis.as_str()),
                "{}: basis {}",
                s.id,
                s.basis
            );
            // What is remembered was not verified.
            let day = s.verified.len() == 10 && s.verified.starts_with("20");
            assert!(
                s.verified == "not verified" || day,
                "{}: verified {}",
                s.id,
                s.verified
            );
            assert!(
                s.basis != "memory" || s.verified == "not verified",
                "{}",
                s.id
            );
            assert!(
                !(s.terms.must_be_accepted() && s.redistributable == "yes"),
                "{}: {:?}",
                s.id,
                s.terms
            );
            assert_eq!(
                s.note_en.is_empty(),
                s.note_zh.is_empty(),
                "{}: note in one language",
                s.id
            );
        }
    }

    #[test]
    fn a_slip_is_found() {
        let head = include_str!("sources.csv")
            .lines()
            .next()
            .expect("a header");
        assert!(parse(&format!("{head}\na,b\n")).is_err());
        let line = include_str!("sources.csv").lines().nth(1).expect("a row");
        assert!(parse(&format!("{head}\n{line}\n{line}\n")).is_err());
    }
}
