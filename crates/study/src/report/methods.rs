//! The methods behind the numbers: one line each in the report; with citations and parameters in the annex.

use std::collections::BTreeMap;

use include_dir::{Dir, include_dir};
use model::{Lang, Message};
use publish::document::{
    Align, Block, CellView, ColumnView, Folded, RowView, Section, Span, TableView,
};
use serde_json::Value;

use super::book::Book;

/// The pages of the methods, for their citations.
static PAGES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/../../methods");

/// Characters of a parameter that stand in the annex.
const LONGEST: usize = 200;

pub fn section(book: &Book) -> Section {
    let mut blocks = vec![book.paragraph(Message::new("methods.intro"))];
    for method in methods(book) {
        blocks.extend(entry(book, &method, Vec::new()));
    }
    Section {
        id: "methods".to_owned(),
        number: String::new(),
        heading: book.word("section.methods"),
        blocks,
    }
}

struct Method {
    name: String,
    /// Name and formula.
    tables: Vec<(String, String)>,
}

fn methods(book: &Book) -> Vec<Method> {
    let mut methods: BTreeMap<String, Vec<(String, String)>> = BTreeMap::new();
    for table in book.run.tables() {
        methods
            .entry(table.method.clone())
            .or_default()
            .push((table.name.clone(), book.formula(table)));
    }
    methods
        .into_iter()
        .map(|(name, tables)| Method { name, tables })
        .collect()
}

/// Heading, formulas, `more`, and where the page is.
fn entry(book: &Book, method: &Method, more: Vec<Vec<Span>>) -> [Block; 2] {
    let mut items: Vec<Vec<Span>> = method
        .tables
        .iter()
        .map(|(name, formula)| {
            let caption = book.word(&format!("table.{name}"));
            vec![
                Span::Strong(caption),
                Span::Text(format!(" ({name}): {formula}")),
            ]
        })
        .collect();
    items.extend(more);
    let page = Message::new("methods.page").with("page", method_page(&method.name, book.lang));
    items.push(vec![Span::Text(book.say(page))]);
    [
        Block::Subheading(book.word(&format!("method.{}", method.name))),
        Block::List(items),
    ]
}

/// Where the page of a method lies in the project, in the reader's language.
pub fn method_page(method: &str, lang: Lang) -> String {
    match lang {
        Lang::En => format!("methods/{method}.md"),
        Lang::Zh => format!("methods/zh/{method}.md"),
    }
}

/// The methods with the publications that their pages name.
pub fn with_citations(book: &Book) -> Vec<Block> {
    let mut blocks = vec![book.paragraph(Message::new("annex.intro"))];
    for method in methods(book) {
        let text = citation(&method.name).unwrap_or_else(|| book.word("annex.no_citation"));
        let line = vec![
            Span::Strong(format!("{} ", book.word("annex.citation"))),
            Span::Text(text),
        ];
        blocks.extend(entry(book, &method, vec![line]));
    }
    blocks
}

/// The paragraph of a method's page that names its publications, without marks.
fn citation(method: &str) -> Option<String> {
    let page = PAGES.get_file(format!("{method}.md"))?.contents_utf8()?;
    let paragraphs: Vec<String> = page
        .split("\n\n")
        .filter_map(|paragraph| paragraph.trim().strip_prefix("**Source.**"))
        .map(plain)
        .collect();
    (!paragraphs.is_empty()).then(|| paragraphs.join(" "))
}

/// Text without the marks of Markdown: emphasis, code, addresses of links.
fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text.trim();
    while let Some(c) = rest.chars().next() {
        let link = rest.strip_prefix('[').and_then(|inner| {
            let (label, after) = inner.split_once("](")?;
            let (_, after) = after.split_once(')')?;
            (!label.contains('[')).then_some((label, after))
        });
        match (c, link) {
            (_, Some((label, after))) => {
                out.push_str(label);
                rest = after;
                continue;
            }
            ('*' | '`', _) => {}
            ('\n', _) => out.push(' '),
            (c, _) => out.push(c),
        }
        rest = &rest[c.len_utf8()..];
    }
    out
}

/// What each step was told: every parameter with its value.
pub fn parameters(book: &Book) -> Vec<Block> {
    let mut rows = Vec::new();
    for step in &book.run.manifest.steps {
        let mut values = Vec::new();
        flatten(String::new(), &step.params, &mut values);
        rows.extend(values.into_iter().map(|(path, value)| RowView {
            target: None,
            cells: [step.step.clone(), path, value].map(CellView::from).into(),
        }));
    }
    let heading = |id: &str| ColumnView {
        heading: book.word(id),
        unit: String::new(),
        align: Align::Start,
    };
    let intro = Message::new("annex.parameters.intro")
        .with("seed", book.run.manifest.config.study.seed.0.to_string());
    vec![
        book.paragraph(intro),
        Block::Table(TableView {
            id: "annex/parameters".to_owned(),
            caption: book.word("annex.parameters"),
            columns: ["annex.step", "annex.parameter", "annex.value"]
                .map(heading)
                .into(),
            rows,
            folded: Folded::Open,
            notes: Vec::new(),
            essential: Vec::new(),
        }),
    ]
}

/// A leaf or a short list a line; a range (low, value, high) stays together.
fn flatten(path: String, value: &Value, out: &mut Vec<(String, String)>) {
    match value {
        Value::Object(map)
            if !(map.contains_key("low") && map.contains_key("high"))
                && map.values().any(|v| !v.is_null()) =>
        {
            for (key, inner) in map {
                let path = if path.is_empty() {
                    key.clone()
                } else {
                    format!("{path}.{key}")
                };
                flatten(path, inner, out);
            }
        }
        Value::Null => {}
        other => {
            let text = match other {
                Value::String(text) => text.clone(),
                other => other.to_string(),
            };
            let short: String = text.chars().take(LONGEST).collect();
            let cut = if short.len() < text.len() { "…" } else { "" };
            out.push((path, format!("{short}{cut}")));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn citations_lose_their_marks_and_keep_their_words() {
        assert_eq!(
            plain(" Chain model: [shock](shock.md); *H* by `f`. **Own:** [x] and more\nlines"),
            "Chain model: shock; H by f. Own: [x] and more lines"
        );
        let smaa = citation("selection").unwrap_or_default();
        assert!(smaa.starts_with("Lahdelma & Salminen (2001)"), "{smaa}");
        assert_eq!(citation("no-such-method"), None);
    }

    #[test]
    fn parameters_are_leaves_and_ranges_stay_whole() {
        let json = serde_json::json!({"a": {"b": 1, "r": {"low": 0.1, "value": 0.2, "high": 0.3}}, "n": null});
        let mut out = Vec::new();
        flatten(String::new(), &json, &mut out);
        let paths: Vec<&str> = out.iter().map(|(p, _)| p.as_str()).collect();
        assert_eq!(paths, ["a.b", "a.r"]);
        assert!(out[1].1.contains("0.2"));
    }
}
