use std::process::ExitCode;

use clap::Args;
use model::{Catalogue, Lang};
use study::{Explained, explain, open_run, plain};

use super::print::{self, json_document};
use super::{Failure, Global};

#[derive(Debug, Args)]
pub struct Explain {
    /// A number: table/row#column (or table/row), as in the report and the CSV files of a run
    id: String,
    /// A run: its id, the beginning of it, or `latest`
    #[arg(long, default_value = "latest")]
    run: String,
    /// Evidence rows shown per result
    #[arg(long, default_value_t = 12, value_name = "N")]
    most: usize,
    /// Levels of earlier results shown (text only; JSON has all)
    #[arg(long, default_value_t = 2, value_name = "N")]
    depth: usize,
}

pub fn run(global: &Global, args: &Explain) -> Result<ExitCode, Failure> {
    let study = global.open()?;
    let run = open_run(&study, &args.run)?;
    let evidence = study::evidence_of(&study, &run)?;
    let explained = explain(&run, &evidence, &args.id)?;
    if global.json {
        let mut value =
            serde_json::to_value(&explained).map_err(|e| Failure::new(e.to_string()))?;
        value["schema"] = "forelay.explain/1".into();
        value["run"] = run.manifest.id.clone().into();
        json_document(&value);
    } else {
        let mut lines = vec![format!("run {}", run.manifest.id)];
        write(&explained, 0, args, global.lang(), &mut lines);
        print::lines(global, &lines);
    }
    Ok(ExitCode::SUCCESS)
}

fn write(e: &Explained, depth: usize, args: &Explain, lang: Lang, lines: &mut Vec<String>) {
    let most = args.most;
    let pad = "  ".repeat(depth);
    lines.push(format!("{pad}{}", e.id));
    for cell in &e.cells {
        let unit = if cell.unit.is_empty() {
            String::new()
        } else {
            format!(" {}", cell.unit)
        };
        lines.push(format!(
            "{pad}  {} = {}{unit}",
            cell.column,
            plain(&cell.value)
        ));
    }
    if e.shown_before {
        lines.push(format!("{pad}  (its origins are shown above)"));
        return;
    }
    let id = format!("formula.{}", e.table);
    let formula = Catalogue::builtin().text_or(&id, lang, &e.formula);
    lines.push(format!("{pad}  formula: {formula}"));
    lines.push(format!("{pad}  method:  methods/{}.md", e.method));
    for (path, value) in &e.parameters {
        lines.push(format!("{pad}  setting {path} = {value}"));
    }
    for row in e.evidence.iter().take(most) {
        let fields: Vec<String> = row
            .fields
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        let shown = if row.withheld {
            "(withheld: its licence forbids it)".to_owned()
        } else {
            fields.join(" ")
        };
        lines.push(format!(
            "{pad}  evidence {}/{}: {shown}",
            row.table, row.key
        ));
        if let Some(source) = &row.source {
            lines.push(format!(
                "{pad}    source {}: {} {} [{}; confidence {}]",
                source.id, source.publisher, source.url, source.licence, source.confidence
            ));
        }
    }
    if e.evidence.len() > most {
        lines.push(format!(
            "{pad}  … and {} more evidence rows (--most)",
            e.evidence.len() - most
        ));
    }
    if depth == args.depth && !e.results.is_empty() {
        lines.push(format!(
            "{pad}  from {} earlier results (--depth shows them), e.g. {}",
            e.results.len(),
            e.results[0].id
        ));
        return;
    }
    for result in &e.results {
        write(result, depth + 1, args, lang, lines);
    }
}
