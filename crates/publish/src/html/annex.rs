//! Explanations, evidence and sources: the places that numbers lead to.

use super::escape;
use super::writer::Writer;
use crate::document::{Document, EvidenceEntry, Explanation, SourceEntry};
use crate::words::word;

fn open(w: &mut Writer<'_>, id: &str) {
    let heading = word(id, w.lang);
    w.raw(&format!(
        "<section id=\"annex:{id}\" class=\"annex\">\n<h2>{}</h2>\n",
        escape::text(&heading)
    ));
}

fn term(w: &mut Writer<'_>, id: &str) {
    let term = word(id, w.lang);
    w.raw(&format!("<dt>{}</dt><dd>", escape::text(&term)));
}

pub(crate) fn explanations(w: &mut Writer<'_>, list: &[Explanation]) {
    if list.is_empty() {
        return;
    }
    open(w, "explanations");
    for explanation in list {
        let id = w.id(&explanation.anchor);
        w.raw(&format!(
            "<section class=\"explanation\"{id}>\n<h3>{}</h3>\n<dl>",
            escape::text(&explanation.title)
        ));
        if !explanation.formula.is_empty() {
            term(w, "formula");
            w.raw(&format!(
                "<code>{}</code></dd>\n",
                escape::text(&explanation.formula)
            ));
        }
        if !explanation.method.is_empty() {
            term(w, "method");
            w.text(&explanation.method);
            w.raw("</dd>\n");
        }
        if !explanation.parameters.is_empty() {
            term(w, "parameters");
            for (i, (name, value)) in explanation.parameters.iter().enumerate() {
                if i > 0 {
                    w.raw(" · ");
                }
                w.raw(&format!(
                    "<code>{} = {}</code>",
                    escape::text(name),
                    escape::text(value)
                ));
            }
            w.raw("</dd>\n");
        }
        if !explanation.inputs.is_empty() {
            term(w, "inputs");
            w.raw("<ul>");
            for input in &explanation.inputs {
                w.raw("<li>");
                w.link(&input.label, &input.target);
                w.raw("</li>");
            }
            w.raw("</ul></dd>\n");
        }
        w.raw("</dl>\n</section>\n");
    }
    w.raw("</section>\n");
}

/// Entries grouped by table, in the order in which tables first appear.
pub(crate) fn evidence(w: &mut Writer<'_>, document: &Document) {
    if document.evidence.is_empty() {
        return;
    }
    open(w, "evidence");
    let mut tables: Vec<&str> = Vec::new();
    for entry in &document.evidence {
        if !tables.contains(&entry.table.as_str()) {
            tables.push(&entry.table);
        }
    }
    for table in tables {
        w.raw("<h3>");
        w.text(table);
        w.raw("</h3>\n");
        for entry in document.evidence.iter().filter(|e| e.table == table) {
            evidence_entry(w, document, entry);
        }
    }
    w.raw("</section>\n");
}

fn evidence_entry(w: &mut Writer<'_>, document: &Document, entry: &EvidenceEntry) {
    let id = w.id(&entry.anchor);
    w.raw(&format!(
        "<div class=\"entry\"{id}><span class=\"key\">{}</span> ",
        escape::text(&entry.key)
    ));
    if entry.withheld {
        let reason = word("withheld", w.lang);
        w.text(&reason);
    } else {
        for (i, (heading, value)) in entry.fields.iter().enumerate() {
            if i > 0 {
                w.raw(" <span class=\"sep\">|</span> ");
            }
            w.raw(&format!(
                "<span class=\"f\">{}</span>",
                escape::text(heading)
            ));
            w.outward(value, value);
        }
    }
    if let Some(anchor) = &entry.source {
        let known = document.sources.iter().find(|s| s.anchor == *anchor);
        let name = known.map_or(anchor.as_str(), |s| {
            if s.title.is_empty() {
                &s.publisher
            } else {
                &s.title
            }
        });
        let term = word("source", w.lang);
        w.raw(&format!(
            " <span class=\"sep\">|</span> <span class=\"f\">{}</span>",
            escape::text(&term)
        ));
        w.link(name, anchor);
    }
    w.raw("</div>\n");
}

pub(crate) fn sources(w: &mut Writer<'_>, list: &[SourceEntry]) {
    if list.is_empty() {
        return;
    }
    open(w, "sources");
    for source in list {
        let id = w.id(&source.anchor);
        w.raw(&format!("<div class=\"entry\"{id}>"));
        let name: Vec<&str> = [&source.publisher, &source.title]
            .into_iter()
            .map(String::as_str)
            .filter(|t| !t.is_empty())
            .collect();
        w.raw(&format!(
            "<span class=\"key\">{}</span> ",
            escape::text(&name.join(" — "))
        ));
        w.outward(&source.url, &source.url);
        for (term, value) in [
            ("licence", &source.licence),
            ("redistributable", &source.redistributable),
            ("confidence", &source.confidence),
        ] {
            if !value.is_empty() {
                let term = word(term, w.lang);
                w.raw(&format!(
                    " <span class=\"sep\">|</span> <span class=\"f\">{}</span>{}",
                    escape::text(&term),
                    escape::text(value)
                ));
            }
        }
        w.raw("</div>\n");
    }
    w.raw("</section>\n");
}
