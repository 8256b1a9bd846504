//! Explanations, evidence and sources: the places that numbers lead to.

use std::collections::{BTreeMap, BTreeSet};

use super::escape;
use super::writer::{Place, Writer};
use crate::document::{Document, EvidenceEntry, Explanation, InputLink, SourceEntry};
use crate::paper;
use crate::words::word;

fn open(w: &mut Writer<'_>, id: &str) {
    let heading = word(id, w.lang);
    w.raw(&format!(
        "<section id=\"annex:{id}\" class=\"annex\">\n<h2>{}</h2>\n",
        escape::text(&heading)
    ));
}

/// Inputs of a number that are named before they are given by their numbers alone.
const FEW: usize = 4;
/// A setting of more characters is written once where several formulas use it.
const LONG: usize = 40;

type Parameter = (String, String);

/// Explanations one after another with the same formula and method: rows of one result.
fn groups(list: &[Explanation]) -> Vec<&[Explanation]> {
    list.chunk_by(|a, b| {
        (result(&a.title), &a.formula, &a.method) == (result(&b.title), &b.formula, &b.method)
    })
    .collect()
}

/// What the titles of the rows of one result begin with.
fn result(title: &str) -> &str {
    title.split('/').next().unwrap_or(title).trim()
}

/// Settings that all rows of a group share.
fn common(group: &[Explanation]) -> Vec<&Parameter> {
    let Some((first, others)) = group.split_first() else {
        return Vec::new();
    };
    let shared: Vec<BTreeSet<&Parameter>> = (others.iter())
        .map(|e| e.parameters.iter().collect())
        .collect();
    (first.parameters.iter())
        .filter(|parameter| shared.iter().all(|of| of.contains(parameter)))
        .collect()
}

pub(crate) fn explanations(w: &mut Writer<'_>, list: &[Explanation]) {
    if list.is_empty() {
        return;
    }
    open(w, "explanations");
    let lead = word("explanations.lead", w.lang);
    w.raw(&format!("<p>{}</p>\n", escape::text(&lead)));
    let groups: Vec<(&[Explanation], Vec<&Parameter>)> = (groups(list).into_iter())
        .map(|group| (group, common(group)))
        .collect();
    let settings = settings(&groups);
    for (i, (group, shared)) in (1..).zip(&groups) {
        let Some(first) = group.first() else { continue };
        w.raw(&format!(
            "<section class=\"result\"><h3 id=\"~g{i}\">{}</h3>\n<dl>",
            escape::text(result(&first.title))
        ));
        if !first.formula.is_empty() {
            term(w, "formula");
            w.raw(&format!(
                "<code>{}</code></dd>\n",
                escape::text(&first.formula)
            ));
        }
        if !first.method.is_empty() {
            term(w, "method");
            w.text(&first.method);
            w.raw("</dd>\n");
        }
        if !shared.is_empty() {
            term(w, "parameters");
            parameters(w, shared.iter().copied(), &settings);
            w.raw("</dd>\n");
        }
        w.raw("</dl>\n");
        for explanation in *group {
            let place = w
                .place(&explanation.anchor)
                .map_or_else(String::new, Place::name);
            let id = w.id(&explanation.anchor);
            w.raw(&format!(
                "<div class=\"entry\"{id}><b><a href=\"#~g{i}\">{place}</a> {}</b> ",
                escape::text(&explanation.title)
            ));
            let own = (explanation.parameters.iter()).filter(|p| !shared.contains(p));
            parameters(w, own, &settings);
            inputs(w, &explanation.inputs);
            w.raw("</div>\n");
        }
        w.raw("</section>\n");
    }
    if !settings.is_empty() {
        let heading = word("parameters", w.lang);
        w.raw(&format!("<h3>{}</h3>\n", escape::text(&heading)));
        for (parameter, n) in &settings {
            w.raw(&format!(
                "<div class=\"entry\" id=\"~p{n}\"><code>{} = {}</code></div>\n",
                escape::text(&parameter.0),
                escape::text(&parameter.1)
            ));
        }
    }
    w.raw("</section>\n");
}

/// Long settings that stand at more than one place, numbered.
fn settings<'a>(
    groups: &[(&'a [Explanation], Vec<&'a Parameter>)],
) -> BTreeMap<&'a Parameter, usize> {
    let mut places: BTreeMap<&Parameter, usize> = BTreeMap::new();
    for (group, shared) in groups {
        let own = group.iter().flat_map(|e| &e.parameters);
        let own = own.filter(|parameter| !shared.contains(parameter));
        for parameter in shared.iter().copied().chain(own) {
            if parameter.0.len() + parameter.1.len() > LONG {
                *places.entry(parameter).or_default() += 1;
            }
        }
    }
    places.retain(|_, places| *places > 1);
    (places.into_keys()).zip(1..).collect()
}

fn parameters<'a>(
    w: &mut Writer<'_>,
    list: impl Iterator<Item = &'a Parameter>,
    settings: &BTreeMap<&Parameter, usize>,
) {
    for (i, parameter) in list.enumerate() {
        if i > 0 {
            w.raw(" · ");
        }
        let name = escape::text(&parameter.0);
        match settings.get(parameter) {
            Some(n) => w.raw(&format!("<a href=\"#~p{n}\">{name}</a>")),
            None => w.raw(&format!("{name} = {}", escape::text(&parameter.1))),
        }
    }
}

/// What a number was computed from: a few by name, many by their numbers, neighbours as `E3–E7`.
fn inputs(w: &mut Writer<'_>, list: &[InputLink]) {
    if list.is_empty() {
        return;
    }
    let term = word("inputs", w.lang);
    w.raw(&format!(" <i>{}</i>", escape::text(&term)));
    if list.len() <= FEW {
        for (i, input) in list.iter().enumerate() {
            if i > 0 {
                w.raw(" · ");
            }
            w.link(&input.label, &input.target);
        }
        return;
    }
    // Tables in the order of their names, and in each the places one after another.
    let mut tables: BTreeMap<&str, BTreeMap<Place, &InputLink>> = BTreeMap::new();
    let mut nowhere = Vec::new();
    for input in list {
        match w.place(&input.target) {
            Some(place) => {
                let table = tables.entry(result(&input.label)).or_default();
                table.insert(place, input);
            }
            None => nowhere.push(input),
        }
    }
    let mut parts = 0;
    let mut part = |w: &mut Writer<'_>| {
        if parts > 0 {
            w.raw(" · ");
        }
        parts += 1;
    };
    for (table, places) in &tables {
        part(w);
        w.text(table);
        let places: Vec<(&Place, &&InputLink)> = places.iter().collect();
        for run in places.chunk_by(|a, b| a.0.before(*b.0)) {
            w.raw(" ");
            let ends = [run.first(), run.last().filter(|_| run.len() > 1)];
            for (i, (place, input)) in ends.into_iter().flatten().enumerate() {
                if i > 0 {
                    w.raw(if run.len() > 2 { "–" } else { " " });
                }
                w.link(&place.name(), &input.target);
            }
        }
    }
    for input in nowhere {
        part(w);
        w.link(&input.label, &input.target);
    }
}

fn term(w: &mut Writer<'_>, id: &str) {
    let term = word(id, w.lang);
    w.raw(&format!("<dt>{}</dt><dd>", escape::text(&term)));
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
    let place = w.place(&entry.anchor).map_or_else(String::new, Place::name);
    let id = w.id(&entry.anchor);
    w.raw(&format!(
        "<div class=\"entry\"{id}><b>{place} {}</b> ",
        escape::text(&entry.key)
    ));
    if entry.withheld {
        let reason = word("withheld", w.lang);
        w.text(&reason);
    } else {
        for (heading, value) in &entry.fields {
            w.raw(&format!(" <i>{}</i>", escape::text(heading)));
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
        w.raw(&format!(" <i>{}</i>", escape::text(&term)));
        w.link(name, anchor);
    }
    w.raw("</div>\n");
}

pub(crate) fn sources(w: &mut Writer<'_>, list: &[SourceEntry]) {
    if list.is_empty() {
        return;
    }
    open(w, "sources");
    let lead = word("sources.lead", w.lang);
    w.raw(&format!("<p>{}</p>\n", escape::text(&lead)));
    for source in list {
        let id = w.id(&source.anchor);
        w.raw(&format!("<div class=\"entry\"{id}>"));
        w.raw(&format!(
            "<b>{}</b>. {}. ",
            escape::text(&paper::source_line(source)),
            escape::text(&paper::source_terms(source))
        ));
        w.outward(&source.url, &source.url);
        w.raw("</div>\n");
    }
    w.raw("</section>\n");
}
