use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, ValueEnum};
use model::{Message, Names};
use serde_json::json;
use study::{Format, Order, ReportKind, Template, open_run};

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
    /// What to write: one page, a Word file, PDF, slides, or a workbook of all tables
    #[arg(long, value_enum, default_value = "html")]
    format: FormatArg,
    /// The whole report or a part of it that stands alone
    #[arg(long, value_enum, default_value = "full")]
    kind: KindArg,
    /// The section of a chapter: limits, brief, trend, foundation, chain, layout, plan, methods
    #[arg(long, value_name = "ID", required_if_eq("kind", "chapter"))]
    section: Option<String>,
    /// How a Word file looks
    #[arg(long, value_enum, default_value = "international")]
    template: TemplateArg,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum KindArg {
    Full,
    /// Two pages: limits, finding, what to do
    Memo,
    /// One section; say which with --section
    Chapter,
    /// Methods with formulas, parameters and citations, and the licences of the data
    Methods,
    /// A page for each cluster: what it gets, what not, and the price of either
    WhyNot,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum FormatArg {
    Html,
    Docx,
    /// Tagged, for reading and printing
    Pdf,
    /// Slides with charts that can be edited
    Pptx,
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
        (FormatArg::Pdf, _) => Format::Pdf,
        (FormatArg::Pptx, _) => Format::Pptx,
        (FormatArg::Xlsx, _) => Format::Xlsx,
        (FormatArg::Docx, TemplateArg::International) => Format::Docx(Template::International),
        (FormatArg::Docx, TemplateArg::Gb9704) => Format::Docx(Template::Gb9704),
    }
}

fn kind(args: &ReportArgs) -> Result<ReportKind, Failure> {
    let kind = match (args.kind, &args.section) {
        (KindArg::Chapter, section) => ReportKind::Chapter(section.clone().unwrap_or_default()),
        (_, Some(_)) => {
            return Err(Failure::new("--section names the section of a chapter")
                .with_help("add --kind chapter, or leave --section out"));
        }
        (KindArg::Full, None) => ReportKind::Full,
        (KindArg::Memo, None) => ReportKind::Memo,
        (KindArg::Methods, None) => ReportKind::Methods,
        (KindArg::WhyNot, None) => ReportKind::WhyNot,
    };
    Ok(kind)
}

pub fn run(global: &Global, args: &ReportArgs) -> Result<ExitCode, Failure> {
    let study = global.open()?;
    let run = open_run(&study, &args.run)?;
    let order = Order {
        lang: global.lang(),
        kind: kind(args)?,
        format: format(args),
        out: args.out.as_deref(),
    };
    let report = study::report(&study, &run, &order)?;
    if global.json {
        json_document(&json!({
            "schema": "forelay.report/1",
            "run": run.manifest.id,
            "file": report.path,
            "withheld_rows": report.withheld,
            "fonts": report.fonts,
            "figures_without_picture": report.unpainted,
        }));
    } else {
        let message = Message::new("cli.report").with("file", report.path.display().to_string());
        text(&message.render(global.lang(), &Names::default()));
        if !report.fonts.is_empty() {
            let fonts = report.fonts.join(", ");
            let message = Message::new("cli.report.fonts").with("fonts", fonts);
            text(&message.render(global.lang(), &Names::default()));
        }
        if report.unpainted > 0 {
            let message = Message::new("cli.report.unpainted").with("n", report.unpainted);
            text(&message.render(global.lang(), &Names::default()));
        }
    }
    Ok(ExitCode::SUCCESS)
}
