//! The page in progress: what has been written, which anchors exist and which identifiers are taken.

use std::collections::{BTreeMap, BTreeSet};

use model::Lang;

use super::escape;
use crate::document::Document;

/// Identifiers of the page itself. An anchor of the same name is written with another first letter.
const RESERVED: [&str; 5] = [
    "content",
    "contents",
    "annex:explanations",
    "annex:evidence",
    "annex:sources",
];

/// A place behind the sections, by what it holds and its number from 1: a report leads to thousands of them, by names
/// longer than what they say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Place {
    Result(usize),
    Evidence(usize),
    Source(usize),
}

impl Place {
    /// What readers call it, where they call it anything.
    pub(crate) fn name(self) -> String {
        match self {
            Self::Result(n) => format!("R{n}"),
            Self::Evidence(n) => format!("E{n}"),
            Self::Source(_) => String::new(),
        }
    }

    /// Never that of an anchor: `~` is followed there by two hexadecimal digits.
    fn identifier(self) -> String {
        match self {
            Self::Result(n) => format!("~r{n}"),
            Self::Evidence(n) => format!("~v{n}"),
            Self::Source(n) => format!("~s{n}"),
        }
    }

    /// Is `next` the place after this one?
    pub(crate) fn before(self, next: Self) -> bool {
        match (self, next) {
            (Self::Result(a), Self::Result(b)) | (Self::Evidence(a), Self::Evidence(b)) => {
                a + 1 == b
            }
            _ => false,
        }
    }
}

pub(crate) struct Writer<'a> {
    out: String,
    anchors: BTreeSet<&'a str>,
    places: BTreeMap<&'a str, Place>,
    taken: BTreeSet<String>,
    pub(crate) lang: Lang,
}

/// `~x` never begins the identifier of an anchor, since `~` is followed there by two hexadecimal digits.
fn identifier(anchor: &str) -> String {
    if RESERVED.contains(&anchor) {
        format!("~x{anchor}")
    } else {
        escape::identifier(anchor)
    }
}

impl<'a> Writer<'a> {
    pub(crate) fn new(document: &'a Document) -> Self {
        let in_sections: BTreeSet<&str> = document.anchors_of_sections().into_iter().collect();
        let behind = (document.explanations.iter().map(|e| e.anchor.as_str()))
            .zip((1..).map(Place::Result))
            .chain(
                (document.evidence.iter().map(|e| e.anchor.as_str()))
                    .zip((1..).map(Place::Evidence)),
            )
            .chain(
                (document.sources.iter().map(|s| s.anchor.as_str())).zip((1..).map(Place::Source)),
            );
        let mut places = BTreeMap::new();
        for (anchor, place) in behind {
            if !in_sections.contains(anchor) {
                places.entry(anchor).or_insert(place);
            }
        }
        Self {
            out: String::new(),
            anchors: document.anchors().into_iter().collect(),
            places,
            taken: BTreeSet::new(),
            lang: document.lang,
        }
    }

    pub(crate) fn finish(self) -> String {
        self.out
    }

    /// Markup that is safe already.
    pub(crate) fn raw(&mut self, markup: &str) {
        self.out.push_str(markup);
    }

    pub(crate) fn text(&mut self, text: &str) {
        self.out.push_str(&escape::prose(text));
    }

    /// The place behind the sections that the anchor names.
    pub(crate) fn place(&self, anchor: &str) -> Option<Place> {
        self.places.get(anchor).copied()
    }

    fn identifier(&self, anchor: &str) -> String {
        match self.places.get(anchor) {
            Some(place) => place.identifier(),
            None => identifier(anchor),
        }
    }

    /// ` id="…"`, or nothing where the anchor was used before.
    pub(crate) fn id(&mut self, anchor: &str) -> String {
        let id = self.identifier(anchor);
        if self.taken.insert(id.clone()) {
            format!(" id=\"{id}\"")
        } else {
            String::new()
        }
    }

    /// `#…` where the document has the anchor.
    pub(crate) fn fragment(&self, anchor: &str) -> Option<String> {
        // Browsers decode `%`, which an identifier never holds.
        self.anchors
            .contains(anchor)
            .then(|| format!("#{}", self.identifier(anchor)))
    }

    /// A link to an anchor; plain text where the document lacks it.
    pub(crate) fn link(&mut self, text: &str, anchor: &str) {
        match self.fragment(anchor) {
            Some(href) => self.raw(&format!("<a href=\"{href}\">{}</a>", escape::text(text))),
            None => self.text(text),
        }
    }

    /// A link out of the document; plain text unless the address is `http` or `https`.
    pub(crate) fn outward(&mut self, text: &str, url: &str) {
        match escape::web_address(url) {
            Some(href) => {
                self.raw(&format!(
                    "<a href=\"{href}\" rel=\"noreferrer noopener\">{}</a>",
                    escape::text(text)
                ));
            }
            None => self.text(text),
        }
    }
}
