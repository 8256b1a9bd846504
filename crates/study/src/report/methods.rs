//! The methods behind the numbers, one line each.

use std::collections::BTreeMap;

use model::Message;
use publish::document::{Block, Section, Span};

use super::book::Book;

pub fn section(book: &Book) -> Section {
    let mut methods: BTreeMap<String, Vec<(String, String)>> = BTreeMap::new();
    for table in book.run.outputs.values().flat_map(|output| &output.tables) {
        methods
            .entry(table.method.clone())
            .or_default()
            .push((table.name.clone(), book.formula(table)));
    }
    let mut blocks = vec![book.paragraph(Message::new("methods.intro"))];
    for (method, tables) in methods {
        blocks.push(Block::Subheading(book.word(&format!("method.{method}"))));
        let mut items: Vec<Vec<Span>> = tables
            .into_iter()
            .map(|(name, formula)| {
                let caption = book.word(&format!("table.{name}"));
                vec![
                    Span::Strong(caption),
                    Span::Text(format!(" ({name}): {formula}")),
                ]
            })
            .collect();
        items.push(vec![Span::Text(book.say(
            Message::new("methods.page").with("page", format!("methods/{method}.md")),
        ))]);
        blocks.push(Block::List(items));
    }
    Section {
        id: "methods".to_owned(),
        number: String::new(),
        heading: book.word("section.methods"),
        blocks,
    }
}
