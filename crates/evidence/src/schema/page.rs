//! The documentation page of a table, written from its schema.

use std::fmt::Write;

use model::{Lang, Message, Names};

use super::{ColumnSchema, Reference, TableSchema};

/// The page of `table` in Markdown.
pub fn schema_page(table: &TableSchema, lang: Lang) -> String {
    let mut page = format!("# {}\n\n", table.name);
    let key: Vec<&str> = table
        .columns
        .iter()
        .filter(|c| c.key)
        .map(|c| c.name.as_str())
        .collect();
    let head = Message::new("schema.head")
        .with("file", table.file.clone())
        .with("row", table.row[lang as usize].clone())
        .with(
            "key",
            if key.is_empty() {
                "-".to_owned()
            } else {
                key.join("/")
            },
        );
    page += &text(&head, lang);
    page += "\n\n|";
    for heading in ["column", "type", "required", "values", "description"] {
        let _ = write!(
            page,
            " {} |",
            text(&Message::new(format!("schema.{heading}")), lang)
        );
    }
    page += "\n|---|---|---|---|---|\n";
    for column in &table.columns {
        let required = if column.required {
            text(&Message::new("schema.yes"), lang)
        } else {
            String::new()
        };
        let _ = writeln!(
            page,
            "| `{}` | {} | {required} | {} | {} |",
            column.name,
            kind(column, lang),
            escape(&values(column, lang)),
            escape(column.description(lang)),
        );
    }
    page
}

fn text(message: &Message, lang: Lang) -> String {
    message.render(lang, &Names::default())
}

fn kind(column: &ColumnSchema, lang: Lang) -> String {
    let word = text(
        &Message::new(format!("schema.type.{}", column.kind.as_str())),
        lang,
    );
    if column.unit.is_empty() {
        word
    } else {
        format!("{word} ({})", escape(&column.unit))
    }
}

/// Accepted words, ranges, references and the default, in this order.
fn values(column: &ColumnSchema, lang: Lang) -> String {
    let mut parts = Vec::new();
    if !column.accepted.is_empty() {
        parts.push(
            column
                .accepted
                .iter()
                .map(|word| format!("`{word}`"))
                .collect::<Vec<_>>()
                .join(" "),
        );
    }
    match (column.min, column.max) {
        (Some(min), Some(max)) => parts.push(format!("{min} – {max}")),
        (Some(min), None) => parts.push(format!("≥ {min}")),
        (None, Some(max)) => parts.push(format!("≤ {max}")),
        (None, None) => {}
    }
    for reference in &column.references {
        parts.push(match reference {
            Reference::Column { table, column } => format!("→ `{table}.{column}`"),
            Reference::Literal(word) => format!("`{word}`"),
        });
    }
    if let Some(default) = &column.default {
        parts.push(text(
            &Message::new("schema.default").with("value", default.clone()),
            lang,
        ));
    }
    parts.join("; ")
}

fn escape(cell: &str) -> String {
    cell.replace('|', "\\|").replace('\n', " ")
}
