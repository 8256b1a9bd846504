//! The crate's own words, from the catalogue (`publish.*`).

use model::{Catalogue, Lang, Message, Names};

/// The text of `publish.<id>`; an unknown id shows itself.
pub(crate) fn word(id: &str, lang: Lang) -> String {
    let id = format!("publish.{id}");
    Catalogue::builtin()
        .text(&id, lang)
        .map_or(id.clone(), str::to_owned)
}

/// The text of `publish.<id>` with its places filled.
pub(crate) fn phrase(id: &str, lang: Lang, args: &[(&str, &str)]) -> String {
    let message = args
        .iter()
        .fold(Message::new(format!("publish.{id}")), |m, (name, value)| {
            m.with(name, *value)
        });
    message.render(lang, &Names::default())
}

/// A label before what it labels.
pub(crate) const fn colon(lang: Lang) -> &'static str {
    match lang {
        Lang::En => ": ",
        Lang::Zh => "：",
    }
}

/// Between the items of a line.
pub(crate) const fn semicolon(lang: Lang) -> &'static str {
    match lang {
        Lang::En => "; ",
        Lang::Zh => "；",
    }
}
