//! Public data for `forelay data`: the sources on record in words, and the download of one file.

use std::path::PathBuf;
use std::str::FromStr;

use evidence::fetch::{Access, Checksum, Request, Source, Terms, catalogue, source};
use model::{Lang, Message, Names};
use serde_json::{Value, json};

pub use evidence::fetch::{Acceptance, Fetched, Outcome, Progress};

use crate::error::StudyError;

/// What to load, as typed.
#[derive(Debug, Clone)]
pub struct Wanted {
    /// Of the catalogue; its licence counts, also for an address of the user's own.
    pub id: Option<String>,
    pub url: Option<String>,
    pub folder: PathBuf,
    pub name: Option<String>,
    /// 64 hex digits (SHA-256), `sha256:…` or `blake3:…`.
    pub checksum: Option<String>,
    pub max_bytes: Option<u64>,
    pub licence: Acceptance,
}

/// Loads one file; nothing else in the program opens a connection.
pub fn get(wanted: &Wanted, progress: &mut dyn FnMut(Progress)) -> Result<Fetched, StudyError> {
    let fetch = |error| StudyError::Fetch(Box::new(error));
    let known = wanted.id.as_deref().map(find).transpose()?;
    let mut request = match (&wanted.url, known) {
        (Some(url), _) => Request {
            source: known.cloned(),
            ..Request::new(url, &wanted.folder)
        },
        (None, Some(source)) => Request::of(source, &wanted.folder).map_err(fetch)?,
        (None, None) => return Err(unknown("")),
    };
    request.name.clone_from(&wanted.name);
    request.checksum = wanted
        .checksum
        .as_deref()
        .map(Checksum::from_str)
        .transpose()?;
    if let Some(most) = wanted.max_bytes {
        request.limits.max_bytes = most;
    }
    request.licence = wanted.licence;
    evidence::fetch::get(&request, progress).map_err(fetch)
}

/// One source, or all of them, for people.
pub fn list_text(id: Option<&str>, lang: Lang) -> Result<String, StudyError> {
    let texts: Vec<String> = chosen(id)?.into_iter().map(|s| text(s, lang)).collect();
    Ok(texts.join("\n"))
}

/// One source, or all of them, for programs.
pub fn list_json(id: Option<&str>) -> Result<Value, StudyError> {
    Ok(json!({ "schema": "forelay.data.list/1", "sources": chosen(id)? }))
}

/// What came, for programs.
pub fn fetched_json(fetched: &Fetched) -> Value {
    let (outcome, from) = match fetched.outcome {
        Outcome::Loaded => ("loaded", 0),
        Outcome::Resumed { from } => ("resumed", from),
        Outcome::Here => ("here", 0),
    };
    json!({
        "schema": "forelay.data.get/1",
        "file": fetched.file, "record_file": fetched.record_file,
        "outcome": outcome, "resumed_from": from, "record": fetched.record,
    })
}

fn chosen(id: Option<&str>) -> Result<Vec<&'static Source>, StudyError> {
    match id {
        Some(id) => Ok(vec![find(id)?]),
        None => Ok(catalogue().iter().collect()),
    }
}

fn find(id: &str) -> Result<&'static Source, StudyError> {
    source(id).ok_or_else(|| unknown(id))
}

fn unknown(id: &str) -> StudyError {
    StudyError::UnknownSource {
        id: id.to_owned(),
        known: catalogue().iter().map(|s| s.id.clone()).collect(),
    }
}

fn text(source: &Source, lang: Lang) -> String {
    let say = |message: Message| message.render(lang, &Names::default());
    let terms = match source.terms {
        Terms::Open => "data.terms.open",
        Terms::Attribution => "data.terms.attribution",
        Terms::NonCommercial => "data.terms.non_commercial",
        Terms::Restricted => "data.terms.restricted",
    };
    let access = match source.access {
        Access::Free => "data.access.free",
        Access::Account => "data.access.account",
        Access::Key => "data.access.key",
        Access::Contract => "data.access.contract",
    };
    let redistribution = format!("data.redistributable.{}", source.redistributable);
    let licence = Message::new("data.list.licence")
        .with("licence", source.licence.as_str())
        .with("terms", Message::new(terms))
        .with("redistribution", Message::new(redistribution));
    let page = Message::new("data.list.page")
        .with("page", source.page.as_str())
        .with("access", Message::new(access));
    let file = if source.download.is_empty() {
        Message::new("data.list.by_hand")
    } else {
        let accept = if source.terms.must_be_accepted() {
            " --accept-licence"
        } else {
            ""
        };
        Message::new("data.list.file").with(
            "command",
            format!("forelay data get {} --to FOLDER{accept}", source.id),
        )
    };
    let facts = Message::new("data.list.facts")
        .with(
            "basis",
            Message::new(format!("data.basis.{}", basis(source))),
        )
        .with(
            "verified",
            match source.verified.as_str() {
                "not verified" => Message::new("data.list.not_verified"),
                day => Message::new("data.list.verified").with("day", day),
            },
        );
    let mut text = format!(
        "{}  {} ({})\n  {}\n",
        source.id,
        source.name(lang),
        source.publisher,
        source.holds(lang)
    );
    for line in [licence, page, file, facts] {
        text.push_str(&format!("  {}\n", say(line)));
    }
    if !source.note(lang).is_empty() {
        text.push_str(&format!("  {}\n", source.note(lang)));
    }
    text
}

fn basis(source: &Source) -> &'static str {
    match source.basis.as_str() {
        "publisher's page" => "publisher",
        "public repositories" => "repositories",
        "project notes" => "notes",
        _ => "memory",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_source_is_told_in_both_languages() {
        for lang in Lang::ALL {
            for source in catalogue() {
                let text = list_text(Some(&source.id), lang).expect("a text");
                // A message without text shows its id.
                let ids = ["terms", "access", "redistributable", "basis", "list"];
                let shown = ids.iter().any(|id| text.contains(&format!("data.{id}")));
                assert!(!shown && !text.contains('{'), "{text}");
                assert!(text.contains(&source.page), "{text}");
            }
        }
        let all = list_json(None).expect("a list");
        assert_eq!(
            all["sources"].as_array().map(Vec::len),
            Some(catalogue().len())
        );
        let error = list_text(Some("bacci-hs92"), Lang::En).expect_err("no such source");
        assert_eq!(error.help().as_deref(), Some("did you mean `baci-hs92`?"));
    }

    #[test]
    fn a_source_without_a_file_says_where_to_look() {
        let wanted = Wanted {
            id: Some("comtrade".to_owned()),
            url: None,
            folder: PathBuf::from("nowhere"),
            name: None,
            checksum: None,
            max_bytes: None,
            licence: Acceptance::NotGiven,
        };
        let error = get(&wanted, &mut |_| {}).expect_err("no file on record");
        assert!(
            error
                .help()
                .is_some_and(|help| help.contains("https://comtradeplus.un.org"))
        );
        let wanted = Wanted {
            checksum: Some("md5:1".to_owned()),
            id: Some("wdi".to_owned()),
            ..wanted
        };
        assert!(matches!(
            get(&wanted, &mut |_| {}),
            Err(StudyError::Checksum(_))
        ));
    }
}
