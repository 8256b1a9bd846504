use std::process::ExitCode;

use model::{Message, Names, Severity};
use serde_json::json;

use super::print::{diagnostic_json, diagnostic_text, json_document, text};
use super::{Failure, Global};

pub fn run(global: &Global) -> Result<ExitCode, Failure> {
    let loaded = global.open()?.load()?;
    let lang = global.lang();
    let count = |severity| {
        loaded
            .diagnostics
            .iter()
            .filter(|d| d.severity == severity)
            .count()
    };
    let (errors, warnings) = (count(Severity::Error), count(Severity::Warning));
    let rows: usize = loaded
        .evidence
        .tables
        .values()
        .map(|table| table.rows.len())
        .sum();
    if global.json {
        let findings: Vec<_> = loaded
            .diagnostics
            .iter()
            .map(|d| diagnostic_json(d, lang))
            .collect();
        json_document(&json!({
            "schema": "forelay.check/1",
            "tables": loaded.evidence.tables.len(),
            "rows": rows,
            "errors": errors,
            "warnings": warnings,
            "findings": findings,
        }));
    } else {
        let lines: Vec<String> = loaded
            .diagnostics
            .iter()
            .map(|d| diagnostic_text(d, lang))
            .collect();
        let summary = Message::new("cli.check")
            .with("tables", loaded.evidence.tables.len())
            .with("rows", rows.to_string())
            .with("errors", errors)
            .with("warnings", warnings)
            .render(lang, &Names::default());
        text(&format!(
            "{}{}{summary}",
            lines.join("\n"),
            if lines.is_empty() { "" } else { "\n" }
        ));
    }
    Ok(if errors > 0 {
        ExitCode::from(1)
    } else {
        ExitCode::SUCCESS
    })
}
