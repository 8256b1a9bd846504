//! A variant in the report of its run: its name, what it changes beside the study, and what that changed in the plan.

use std::collections::BTreeSet;

use model::{Cluster, Industry, Lang, Message};

use publish::document::{Block, NoteKind, Section, Span};

use super::book::Book;
use crate::changed::{Against, Changed};
use crate::engine::manifest::mark;
use crate::variant::Variant;

/// What a variant changes beside the study, in the words of planners where it locks or forbids a placement.
pub fn changes(book: &Book, variant: &Variant) -> String {
    let mut items = Vec::new();
    for (path, value, was) in variant.changes() {
        let kind = match path.as_str() {
            "regions.commitments" => "lock",
            "regions.vetoes" => "veto",
            _ => {
                items.push(match was {
                    Some(was) => format!("{path} = {value} ({was})"),
                    None => format!("{path} = {value}"),
                });
                continue;
            }
        };
        let (before, now) = (was.as_ref().map(pairs).unwrap_or_default(), pairs(&value));
        let mut say = |of: &BTreeSet<Pair>, but: &BTreeSet<Pair>, id: String| {
            for (cluster, industry) in of.difference(but) {
                let message = Message::new(&id)
                    .with("cluster", cluster.entity())
                    .with("industry", industry.entity());
                items.push(book.say(message));
            }
        };
        say(&now, &before, format!("report.variant.{kind}"));
        say(&before, &now, format!("report.variant.{kind}.lifted"));
    }
    if items.is_empty() {
        items.push(book.word("report.variant.nothing"));
    }
    let [separator, colon] = match book.lang {
        Lang::Zh => ["；", "："],
        Lang::En => ["; ", ": "],
    };
    format!("{}{colon}{}", variant.name, items.join(separator))
}

/// The section that says what a variant changed in the plan.
pub const SECTION: &str = "changed";

/// What the variant changed in the plan against the last run of the study without it.
pub fn section(book: &Book, against: &Against) -> Section {
    let blocks = match against {
        Against::NoRun => vec![Block::Note {
            kind: NoteKind::Refusal,
            spans: vec![book.word("changed.section.no_run").into()],
        }],
        Against::Study(changed) => told(book, changed),
    };
    Section {
        id: SECTION.to_owned(),
        number: String::new(),
        heading: book.word("changed.section"),
        blocks,
    }
}

fn told(book: &Book, changed: &Changed) -> Vec<Block> {
    let base = mark(&changed.from.id, changed.from.variant.as_deref(), book.lang);
    let intro = Message::new("changed.section.intro").with("run", base);
    let mut blocks = vec![book.paragraph(intro)];
    let certificate = book.table("layout.certificate");
    if let Some(row) = certificate.rows.first() {
        let worth = format!("{} ", book.word("changed.section.worth"));
        let number = book.number(&certificate, row, "objective");
        blocks.push(Block::Paragraph(vec![worth.into(), number]));
    }
    // Which tables differ is for those who check the program, not for those who read the plan.
    let passages = changed.passages(book.lang, book.names).into_iter();
    for passage in passages.filter(|passage| passage.about != "tables") {
        // The section itself is headed so.
        if passage.about != "value" {
            blocks.push(Block::Subheading(passage.heading));
        }
        let lines = passage.lines.into_iter().map(|line| vec![Span::Text(line)]);
        blocks.push(Block::List(lines.collect()));
    }
    blocks
}

/// The same in one sentence, for a page with little room.
pub fn sentence(book: &Book) -> Option<Vec<Span>> {
    match &book.against {
        Some(Against::Study(changed)) => Some(vec![changed.sentence(book.lang, book.names).into()]),
        Some(Against::NoRun) | None => None,
    }
}

type Pair = (Cluster, Industry);

/// Pairs of names in a setting.
fn pairs(value: &toml::Value) -> BTreeSet<Pair> {
    let list = value.as_array().into_iter().flatten();
    let pair = |pair: &toml::Value| {
        let [cluster, industry] = [0, 1].map(|at| pair.get(at).and_then(toml::Value::as_str));
        Some((cluster?.into(), industry?.into()))
    };
    list.filter_map(pair).collect()
}
