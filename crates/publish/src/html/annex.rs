//! Explanations, evidence and sources: the places that numbers lead to.

use super::escape;
use super::writer::Writer;
use crate::document::{Document, EvidenceEntry, Explanation, SourceEntry};
use crate::words::{phrase, word};

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

/// The explanations by table, each table folded: a link to a row opens it. What all rows of a table share (formula, method,
/// settings) stands once before them.
pub(crate) fn explanations(w: &mut Writer<'_>, list: &[Explanation]) {
    if list.is_empty() {
        return;
    }
    open(w, "explanations");
    for group in list.chunk_by(|a, b| table_of(&a.title) == table_of(&b.title)) {
        let table = table_of(&group[0].title);
        fold(w, table, group.len());
        let (formula, method) = (&group[0].formula, &group[0].method);
        let formula = (group.iter().all(|e| e.formula == *formula)).then_some(formula.as_str());
        let method = (group.iter().all(|e| e.method == *method)).then_some(method.as_str());
        let shared: Vec<&(String, String)> = (group[0].parameters.iter())
            .filter(|setting| {
                group.len() > 1 && group.iter().all(|e| e.parameters.contains(setting))
            })
            .collect();
        w.raw("<dl>");
        how(
            w,
            formula.unwrap_or_default(),
            method.unwrap_or_default(),
            &shared,
        );
        w.raw("</dl>\n");
        for explanation in group {
            let id = w.id(&explanation.anchor);
            let key = explanation
                .title
                .strip_prefix(table)
                .unwrap_or(&explanation.title);
            w.raw(&format!(
                "<section class=\"explanation\"{id}>\n<h4>{}</h4>\n<dl>",
                escape::text(key.trim_start_matches('/'))
            ));
            let own: Vec<&(String, String)> = (explanation.parameters.iter())
                .filter(|setting| !shared.contains(setting))
                .collect();
            how(
                w,
                if formula.is_some() {
                    ""
                } else {
                    &explanation.formula
                },
                if method.is_some() {
                    ""
                } else {
                    &explanation.method
                },
                &own,
            );
            inputs(w, explanation);
            w.raw("</dl>\n</section>\n");
        }
        w.raw("</details>\n");
    }
    w.raw("</section>\n");
}

/// The table of a title `table/row`.
fn table_of(title: &str) -> &str {
    title.split('/').next().unwrap_or(title)
}

/// Begins a part that is closed until it is asked for, or until a link leads into it.
fn fold(w: &mut Writer<'_>, name: &str, count: usize) {
    let rows = phrase("row_count", w.lang, &[("count", &count.to_string())]);
    w.raw(&format!(
        "<details class=\"group\"><summary><h3>{}</h3> {}</summary>\n",
        escape::text(name),
        escape::text(&rows)
    ));
}

fn how(w: &mut Writer<'_>, formula: &str, method: &str, settings: &[&(String, String)]) {
    if !formula.is_empty() {
        term(w, "formula");
        w.raw(&format!("<code>{}</code></dd>\n", escape::text(formula)));
    }
    if !method.is_empty() {
        term(w, "method");
        w.text(method);
        w.raw("</dd>\n");
    }
    if !settings.is_empty() {
        term(w, "parameters");
        for (i, (name, value)) in settings.iter().enumerate() {
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
}

/// Links to what a row was computed from, the name of each table once.
fn inputs(w: &mut Writer<'_>, explanation: &Explanation) {
    if explanation.inputs.is_empty() {
        return;
    }
    term(w, "inputs");
    for group in (explanation.inputs).chunk_by(|a, b| table_of(&a.label) == table_of(&b.label)) {
        let table = table_of(&group[0].label);
        w.raw(&format!("<p>{}:", escape::text(table)));
        for input in group {
            let key = input.label.strip_prefix(table).unwrap_or(&input.label);
            w.raw(" ");
            w.link(key.trim_start_matches('/'), &input.target);
        }
        w.raw("</p>");
    }
    w.raw("</dd>\n");
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
        let entries = || document.evidence.iter().filter(|e| e.table == table);
        fold(w, table, entries().count());
        for entry in entries() {
            evidence_entry(w, document, entry);
        }
        w.raw("</details>\n");
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
