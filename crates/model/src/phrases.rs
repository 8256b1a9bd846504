//! English sentences that are made where they are needed, and their Chinese, found again by their shape.
//!
//! Findings, refusals and reports are messages of the [catalogue](crate::catalogue) and know nothing of a language until they are
//! shown. A failure or a line of help is an English sentence from the start; `phrases/*.csv` has each with its Chinese.
//! The English is the key. Its holes are `{1}`, `{2}`, … in the order in which they stand in the source, so that
//! `#[error("cannot {doing} {path}: {source}")]` is `cannot {1} {2}: {3}` here.

use std::collections::HashMap;
use std::sync::OnceLock;

use crate::catalogue::{Catalogue, Lang};

/// By where the English stands.
const FILES: [&str; 5] = [
    include_str!("../phrases/evidence.csv"),
    include_str!("../phrases/methods.csv"),
    include_str!("../phrases/study.csv"),
    include_str!("../phrases/program.csv"),
    include_str!("../phrases/workshop.csv"),
];

/// Shows an English sentence in `lang`: the longest phrase that it fits, its fillings shown in `lang` too. What no phrase fits stays
/// as it is; a text of several lines, or of parts between `; ` and `: `, is looked up part by part.
pub fn phrase(text: &str, lang: Lang) -> String {
    match lang {
        Lang::En => text.to_owned(),
        Lang::Zh => Phrases::builtin()
            .say(text)
            .unwrap_or_else(|| text.to_owned()),
    }
}

/// Whether the Chinese of the sentence is written, with `{1}` where it has holes. For tests.
pub fn is_written(english: &str) -> bool {
    let phrases = Phrases::builtin();
    phrases.whole.contains_key(english)
        || phrases.shapes.iter().any(|shape| shape.english == english)
}

/// A place in a template that a sentence fills.
struct Hole {
    /// Its number in the English order, from 0.
    number: usize,
    /// A name between back-ticks or quotes: shown as it is.
    literal: bool,
}

/// What may fill a hole: a sentence of several parts is first looked up part by part.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Filling {
    OnePart,
    Any,
}

/// A phrase with holes.
struct Shape {
    english: &'static str,
    /// What stands before, between and after the holes: one more than there are holes.
    pieces: Vec<&'static str>,
    holes: Vec<Hole>,
    chinese: &'static str,
    /// Letters that are not holes: the more, the surer.
    letters: usize,
}

struct Phrases {
    whole: HashMap<&'static str, &'static str>,
    /// The surest first.
    shapes: Vec<Shape>,
}

impl Phrases {
    fn builtin() -> &'static Self {
        static BUILTIN: OnceLock<Phrases> = OnceLock::new();
        BUILTIN.get_or_init(|| Self::of(rows(&FILES).chain(messages())))
    }

    fn of(rows: impl Iterator<Item = (&'static str, &'static str)>) -> Self {
        let mut whole = HashMap::new();
        let mut shapes = Vec::new();
        for (english, chinese) in rows {
            let (pieces, holes) = taken_apart(english);
            if holes.is_empty() {
                whole.insert(english, chinese);
            } else {
                shapes.push(Shape {
                    english,
                    letters: pieces.iter().map(|piece| piece.len()).sum(),
                    pieces,
                    holes,
                    chinese,
                });
            }
        }
        shapes.sort_by(|a, b| {
            b.letters
                .cmp(&a.letters)
                .then_with(|| a.english.cmp(b.english))
        });
        Self { whole, shapes }
    }

    fn say(&self, text: &str) -> Option<String> {
        self.fits(text, Filling::OnePart)
            .or_else(|| self.by_parts(text, "\n", "\n", 1))
            .or_else(|| self.indented(text))
            .or_else(|| self.by_parts(text, "; ", "；", 1))
            .or_else(|| self.fits(text, Filling::Any))
            .or_else(|| self.after_colon(text))
            // Names stand between commas too: only where every part is a phrase.
            .or_else(|| self.by_parts(text, ", ", "、", usize::MAX))
    }

    /// The sentence as a whole.
    fn fits(&self, text: &str, filling: Filling) -> Option<String> {
        if let Some(chinese) = self.whole.get(text) {
            return Some((*chinese).to_owned());
        }
        let fillings = |shape: &Shape| {
            let found = shape.fillings(text)?;
            // A filling of several parts is one where a phrase says it whole.
            let parts = |f: &&str| of_parts(f) && !self.has(f);
            (filling == Filling::Any || !found.iter().any(parts)).then_some(found)
        };
        self.shapes.iter().find_map(|shape| {
            let fillings = fillings(shape)?;
            let mut out = String::new();
            let (pieces, holes) = taken_apart(shape.chinese);
            for (place, piece) in pieces.iter().enumerate() {
                out.push_str(piece);
                let Some(number) = holes.get(place).map(|hole| hole.number) else {
                    continue;
                };
                let filling = fillings.get(number).copied().unwrap_or_default();
                let literal = shape.holes.get(number).is_some_and(|hole| hole.literal);
                match self.say(filling) {
                    Some(said) if !literal => out.push_str(&said),
                    _ => out.push_str(filling),
                }
            }
            Some(out)
        })
    }

    /// Whether a phrase says the text whole, with fillings of one part.
    fn has(&self, text: &str) -> bool {
        let shaped = |shape: &Shape| {
            let found = shape.fillings(text);
            found.is_some_and(|found| !found.into_iter().any(of_parts))
        };
        self.whole.contains_key(text) || self.shapes.iter().any(shaped)
    }

    fn indented(&self, text: &str) -> Option<String> {
        let inner = text.trim();
        if inner.is_empty() || inner.len() == text.len() {
            return None;
        }
        let start = text.len() - text.trim_start().len();
        let said = self.say(inner)?;
        Some(format!(
            "{}{said}{}",
            &text[..start],
            &text[start + inner.len()..]
        ))
    }

    /// Part by part, where at least so many of the parts are phrases.
    fn by_parts(&self, text: &str, between: &str, joined: &str, least: usize) -> Option<String> {
        let parts: Vec<&str> = text.split(between).collect();
        if parts.len() < 2 {
            return None;
        }
        let said: Vec<Option<String>> = parts.iter().map(|part| self.say(part)).collect();
        let found = said.iter().flatten().count();
        let shown = said
            .into_iter()
            .zip(&parts)
            .map(|(said, part)| said.unwrap_or_else(|| (*part).to_owned()));
        (found >= least.min(parts.len())).then(|| shown.collect::<Vec<_>>().join(joined))
    }

    fn after_colon(&self, text: &str) -> Option<String> {
        let (before, after) = text.split_once(": ")?;
        match (self.fits(before, Filling::Any), self.say(after)) {
            (None, None) => None,
            (said, then) => Some(format!(
                "{}：{}",
                said.unwrap_or_else(|| before.to_owned()),
                then.unwrap_or_else(|| after.to_owned())
            )),
        }
    }
}

fn of_parts(text: &str) -> bool {
    text.contains("; ") || text.contains('\n')
}

impl Shape {
    /// What fills the holes, where the text has this shape: each hole ends at the first place where the next piece stands.
    fn fillings<'t>(&self, text: &'t str) -> Option<Vec<&'t str>> {
        let (first, between) = self.pieces.split_first()?;
        let (last, between) = between.split_last()?;
        let mut rest = text.strip_prefix(first)?;
        let mut fillings = Vec::with_capacity(self.holes.len());
        for piece in between {
            // Two holes side by side: the first takes all.
            let at = if piece.is_empty() {
                rest.len()
            } else {
                rest.find(piece)?
            };
            fillings.push(&rest[..at]);
            rest = rest.get(at + piece.len()..)?;
        }
        fillings.push(rest.strip_suffix(last)?);
        Some(fillings)
    }
}

fn rows(files: &'static [&'static str]) -> impl Iterator<Item = (&'static str, &'static str)> {
    // Kept for as long as the program runs: read once, and every phrase points into it.
    files.iter().flat_map(|file| {
        csv::Reader::from_reader(file.as_bytes())
            .into_records()
            .flatten()
            .map(|record| {
                let field = |i: usize| -> &'static str {
                    Box::leak(
                        record
                            .get(i)
                            .unwrap_or_default()
                            .to_owned()
                            .into_boxed_str(),
                    )
                };
                (field(0), field(1))
            })
            .collect::<Vec<_>>()
    })
}

/// Messages that readers of plain files put into a failure before they know the language.
const MESSAGES: [&str; 5] = ["chain.problem.", "check.", "bulk.", "io.", "sql."];

/// Their texts as phrases: the places of the English in their order.
fn messages() -> impl Iterator<Item = (&'static str, &'static str)> {
    let catalogue = Catalogue::builtin();
    let wanted = |id: &&str| MESSAGES.iter().any(|beginning| id.starts_with(beginning));
    catalogue.ids().filter(wanted).filter_map(move |id| {
        let english = catalogue.text(id, Lang::En)?;
        let mut chinese = catalogue.text(id, Lang::Zh)?.to_owned();
        let mut numbered = String::new();
        let mut rest = english;
        let mut holes = 0;
        while let Some(open) = rest.find('{') {
            let close = open + rest[open..].find('}')?;
            holes += 1;
            numbered.push_str(&format!("{}{{{holes}}}", &rest[..open]));
            chinese = chinese.replace(&rest[open..=close], &format!("{{{holes}}}"));
            rest = &rest[close + 1..];
        }
        numbered.push_str(rest);
        // A text that is nothing but places fits everything.
        let letters = numbered.chars().filter(|c| c.is_alphabetic()).count();
        let kept = |text: String| -> &'static str { Box::leak(text.into_boxed_str()) };
        (letters >= 8).then(|| (kept(numbered), kept(chinese)))
    })
}

/// The pieces and holes of a template; `{` that begins no hole is a letter like others.
fn taken_apart(template: &'static str) -> (Vec<&'static str>, Vec<Hole>) {
    let (mut pieces, mut holes) = (Vec::new(), Vec::new());
    let (mut start, mut at) = (0, 0);
    while let Some(open) = template[at..].find('{').map(|i| at + i) {
        let close = template[open..].find('}').map(|i| open + i);
        let number = close.and_then(|close| template[open + 1..close].parse::<usize>().ok());
        let (Some(close), Some(number)) = (close, number.filter(|n| *n > 0)) else {
            at = open + 1;
            continue;
        };
        let quoted =
            |mark| template[..open].ends_with(mark) && template[close + 1..].starts_with(mark);
        holes.push(Hole {
            number: number - 1,
            literal: quoted('`') || quoted('\''),
        });
        pieces.push(&template[start..open]);
        start = close + 1;
        at = start;
    }
    pieces.push(&template[start..]);
    (pieces, holes)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn book() -> Phrases {
        Phrases::of(
            [
                ("cannot {1} {2}: {3}", "无法{1}{2}：{3}"),
                ("read", "读取"),
                ("there is no variant `{1}`", "没有名为 `{1}` 的方案变体"),
                ("there is no {1}", "没有{1}"),
                ("{1} of {2} rows", "{2} 行中的 {1} 行"),
                ("wait a minute", "请稍候一分钟"),
            ]
            .into_iter(),
        )
    }

    #[test]
    fn fillings_are_said_too_and_names_are_not() {
        let book = book();
        assert_eq!(
            book.say("cannot read a/b.csv: there is no file").as_deref(),
            Some("无法读取a/b.csv：没有file")
        );
        assert_eq!(
            book.say("there is no variant `read`").as_deref(),
            Some("没有名为 `read` 的方案变体")
        );
        assert_eq!(book.say("3 of 8 rows").as_deref(), Some("8 行中的 3 行"));
        assert_eq!(book.say("nothing of the kind"), None);
    }

    #[test]
    fn parts_are_looked_up_one_by_one() {
        let book = book();
        assert_eq!(
            book.say("x.toml: wait a minute; 1 of 2 rows").as_deref(),
            Some("x.toml：请稍候一分钟；2 行中的 1 行")
        );
        assert_eq!(
            book.say("first\n  wait a minute").as_deref(),
            Some("first\n  请稍候一分钟")
        );
    }

    #[test]
    fn every_phrase_is_written_once_in_both_languages_with_the_same_holes() {
        let mut seen = BTreeSet::new();
        for (english, chinese) in rows(&FILES) {
            assert!(seen.insert(english), "written twice: {english}");
            assert!(!chinese.trim().is_empty(), "no Chinese: {english}");
            let numbers = |text| {
                let mut numbers: Vec<usize> =
                    taken_apart(text).1.iter().map(|h| h.number).collect();
                numbers.sort_unstable();
                numbers
            };
            let holes = numbers(english);
            assert_eq!(holes, numbers(chinese), "holes differ: {english}");
            assert_eq!(holes, (0..holes.len()).collect::<Vec<_>>(), "{english}");
            let pieces = taken_apart(english).0.concat();
            assert!(
                pieces.chars().any(char::is_alphabetic),
                "fits everything: {english}"
            );
        }
    }

    #[test]
    fn every_phrase_is_found_again() {
        // Fillings that no piece of a phrase contains.
        let filled = |text: &str| {
            (1..20).fold(text.to_owned(), |text, n| {
                text.replace(&format!("{{{n}}}"), &format!("⟦{n}⟧"))
            })
        };
        for (english, chinese) in rows(&FILES) {
            assert_eq!(phrase(&filled(english), Lang::Zh), filled(chinese));
        }
    }
}
