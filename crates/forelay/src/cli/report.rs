use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, ValueEnum};
use model::{Message, Names};
use serde_json::json;
use study::{Format, Template, open_run};

use super::print::{json_document, text};
use super::{Failure, Global};

#[derive(Debug, Args)]
pub struct ReportArgs {
    /// A run: its id, the beginning of it, or `latest`
    #[arg(default_value = "latest")]
    run: String,
    /// Where to write it (default: reports/ in the study folder)
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// What to write: one page, a Word file, or a workbook of all tables
    #[arg(long, value_enum, default_value = "html")]
    format: FormatArg,
    /// How a Word file looks
    #[arg(long, value_enum, default_value = "international")]
    template: TemplateArg,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum FormatArg {
    Html,
    Docx,
    Xlsx,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum TemplateArg {
    /// A4, even margins, common fonts
    International,
    /// The page of Chinese official documents after GB/T 9704-2012
    Gb9704,
}

fn format(args: &ReportArgs) -> Format {
    match (args.format, args.template) {
        (FormatArg::Html, _) => Format::Html,
        (FormatArg::Xlsx, _) => Format::Xlsx,
        (FormatArg::Docx, TemplateArg::International) => Format::Docx(Template::International),
        (FormatArg::Docx, TemplateArg::Gb9704) => Format::Docx(Template::Gb9704),
    }
}

pub fn run(global: &Global, args: &ReportArgs) -> Result<ExitCode, Failure> {
    let study = global.open()?;
    let run = open_run(&study, &args.run)?;
    let report = study::report(
        &study,
        &run,
        global.lang(),
        format(args),
        args.out.as_deref(),
    )?;
    if global.json {
        json_document(&json!({
            "schema": "forelay.report/1",
            "run": run.manifest.id,
            "file": report.path,
            "withheld_rows": report.withheld,
            "fonts": report.fonts,
        }));
    } else {
        let message = Message::new("cli.report").with("file", report.path.display().to_string());
        text(&message.render(global.lang(), &Names::default()));
        if !report.fonts.is_empty() {
            let fonts = report.fonts.join(", ");
            let message = Message::new("cli.report.fonts").with("fonts", fonts);
            text(&message.render(global.lang(), &Names::default()));
        }
    }
    Ok(ExitCode::SUCCESS)
}
