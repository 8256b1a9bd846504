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

/// What a text is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Piece<'a> {
    Words(&'a str),
    /// Stood between back-ticks: a name of a table, a key, a command.
    Code(&'a str),
}

/// The words of a text and the code in it, in their order. A back-tick without a second one is a letter like others.
pub(crate) fn pieces(text: &str) -> impl Iterator<Item = Piece<'_>> {
    let paired = text.matches('`').count() / 2 * 2;
    (text.splitn(paired + 1, '`').enumerate())
        .map(|(i, part)| match i % 2 {
            0 => Piece::Words(part),
            _ => Piece::Code(part),
        })
        .filter(|piece| !matches!(piece, Piece::Words("") | Piece::Code("")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_stands_between_two_back_ticks() {
        let of = |text| pieces(text).collect::<Vec<_>>();
        assert_eq!(
            of("rows in `chain_links`, and `io`"),
            [
                Piece::Words("rows in "),
                Piece::Code("chain_links"),
                Piece::Words(", and "),
                Piece::Code("io")
            ]
        );
        assert_eq!(of("one ` alone"), [Piece::Words("one ` alone")]);
        assert_eq!(of(""), []);
    }
}
