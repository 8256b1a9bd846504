//! The page in progress: what has been written, which anchors exist and which identifiers are taken.

use std::collections::BTreeSet;

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

pub(crate) struct Writer<'a> {
    out: String,
    anchors: BTreeSet<&'a str>,
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
        Self {
            out: String::new(),
            anchors: document.anchors().into_iter().collect(),
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
        self.out.push_str(&escape::text(text));
    }

    /// ` id="…"`, or nothing where the anchor was used before.
    pub(crate) fn id(&mut self, anchor: &str) -> String {
        let id = identifier(anchor);
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
            .then(|| format!("#{}", identifier(anchor)))
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
