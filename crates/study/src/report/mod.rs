//! The report of a run: limits first, then trend, foundation, layout, what the plan buys, sources, methods.
//!
//! Tables become text in one language here; `publish` draws. Every number leads to the explanation of its
//! row, every explanation to evidence rows or earlier results, every evidence row to its source.

pub(crate) mod book;
mod brief;
mod chain;
mod extract;
mod fonts;
mod foundation;
mod layout;
mod limits;
mod lineage;
mod methods;
mod plan;
mod sheets;
mod summary;
mod together;
mod trend;
mod variant;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use evidence::Evidence;
use model::{Catalogue, Cell, Lang, Message, Names, Quantity, Refusal};
use publish::document::{Document, Extent, Section};
pub use publish::docx::Template;
use serde_json::{Value, json};

use crate::changed::against_study;
use crate::engine::files::write_whole;
use crate::engine::run::Run;
use crate::error::StudyError;
use crate::folder::{BULK, Study};
use book::Book;

pub use extract::ReportKind;
use extract::Room;
pub use summary::summary;

/// A written report.
#[derive(Debug, Clone)]
pub struct Report {
    pub path: PathBuf,
    /// Evidence rows whose content the licence keeps out.
    pub withheld: usize,
    /// Fonts that the document names and the reader's machine must have.
    pub fonts: &'static [&'static str],
    /// Figures without a picture for programs that show no SVG: no font at hand has a character of theirs.
    pub unpainted: usize,
}

/// What a report is written as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    Html,
    Docx(Template),
    Pdf,
    Pptx,
    Xlsx,
}

impl Format {
    fn extension(self) -> &'static str {
        match self {
            Self::Html => "html",
            Self::Docx(_) => "docx",
            Self::Pdf => "pdf",
            Self::Pptx => "pptx",
            Self::Xlsx => "xlsx",
        }
    }
}

/// What a reader asked for.
#[derive(Debug, Clone)]
pub struct Order<'a> {
    pub lang: Lang,
    pub kind: ReportKind,
    pub format: Format,
    /// Without it: `reports/<kind>-<lang>.<format>` in the study, of a variant `reports/<kind>-<variant>-<lang>.<format>`.
    pub out: Option<&'a Path>,
}

/// Writes the report of `run`, or a part of it.
pub fn report(study: &Study, run: &Run, order: &Order<'_>) -> Result<Report, StudyError> {
    let Order { lang, format, .. } = *order;
    let evidence = evidence_of(study, run)?;
    let mut document = part(study, run, &evidence, lang, &order.kind, format)?;
    if format == Format::Pptx && order.kind == ReportKind::Full {
        // Slides show findings; methods have an annex of their own.
        document.sections.retain(|section| section.id != "methods");
    }
    let word = if lang == Lang::Zh { "zh" } else { "en" };
    let path = order.out.map_or_else(
        || {
            let mut stem = order.kind.stem();
            if let Some(variant) = &run.manifest.variant {
                stem = format!("{stem}-{}", variant.name);
            }
            let name = format!("{stem}-{word}.{}", format.extension());
            study.root.join("reports").join(name)
        },
        Path::to_path_buf,
    );
    let (bytes, unpainted) = write(study, &document, format, &path)?;
    write_whole(&path, &bytes).map_err(StudyError::io("write", &path))?;
    let withheld = document
        .evidence
        .iter()
        .filter(|entry| entry.withheld)
        .count();
    let fonts = match format {
        Format::Docx(template) => template.fonts(),
        Format::Pptx => publish::pptx::FONTS,
        Format::Html | Format::Pdf | Format::Xlsx => &[],
    };
    Ok(Report {
        path,
        withheld,
        fonts,
        unpainted,
    })
}

/// The report or a part of it, marked as the study wants; `format` says how much room its page has.
pub(crate) fn part(
    study: &Study,
    run: &Run,
    evidence: &Evidence,
    lang: Lang,
    kind: &ReportKind,
    format: Format,
) -> Result<Document, StudyError> {
    let names = crate::folder::names(evidence, &run.manifest.scenarios);
    let against = against_study(study, run, evidence, &names)?;
    let book = Book::new(run, evidence, &names, lang).beside(against);
    let whole = Document {
        classification: study.config.report.marking(lang),
        ..whole(&book)
    };
    let room = match format {
        Format::Docx(Template::Gb9704) => Room::Grid,
        _ => Room::Page,
    };
    extract::extract(whole, kind, &book, room)
}

/// The document in one format, and how many of its figures lack the picture that the format holds beside a drawing;
/// `path` is where it will lie.
pub(crate) fn write(
    study: &Study,
    document: &Document,
    format: Format,
    path: &Path,
) -> Result<(Vec<u8>, usize), StudyError> {
    let mut unpainted = 0;
    let written = match format {
        Format::Html => Ok(publish::html::to_html(document).into_bytes()),
        Format::Docx(template) => {
            let painter = fonts::painter(study, document);
            unpainted = painter.unpainted(document);
            publish::docx::to_docx_painted(document, template, &painter)
        }
        Format::Pdf => {
            let fonts = fonts::fonts(study, document)?;
            return Ok((publish::pdf::to_pdf(document, &fonts)?, 0));
        }
        Format::Pptx => {
            let painter = fonts::painter(study, document);
            unpainted = painter.unpainted(document);
            publish::pptx::to_pptx_painted(document, &painter)
        }
        Format::Xlsx => publish::xlsx::to_xlsx(document).map_err(std::io::Error::other),
    };
    let bytes = written.map_err(StudyError::io("write", path))?;
    Ok((bytes, unpainted))
}

/// The sections of the report without what its numbers lead to.
pub fn sections(run: &Run, evidence: &Evidence, lang: Lang) -> Vec<Section> {
    let names = crate::folder::names(evidence, &run.manifest.scenarios);
    write_sections(&Book::new(run, evidence, &names, lang))
}

fn write_sections(book: &Book) -> Vec<Section> {
    let mut sections = vec![
        limits::section(book),
        brief::section(book),
        trend::section(book),
        foundation::section(book),
        chain::section(book),
        layout::section(book),
        plan::section(book),
        methods::section(book),
    ];
    if let Some(against) = &book.against {
        sections.insert(0, variant::section(book, against));
    }
    for (i, section) in sections.iter_mut().enumerate() {
        section.number = (i + 1).to_string();
    }
    sections
}

/// The whole report as a document in one language.
pub fn document(run: &Run, evidence: &Evidence, lang: Lang) -> Document {
    let names = crate::folder::names(evidence, &run.manifest.scenarios);
    whole(&Book::new(run, evidence, &names, lang))
}

fn whole(book: &Book) -> Document {
    let (run, lang) = (book.run, book.lang);
    let sections = write_sections(book);
    let lineage = lineage::collect(book);
    let settings = &run.manifest.config.study;
    let mut meta = vec![
        (book.word("report.meta.run"), run.manifest.mark(lang)),
        (book.word("report.meta.scope"), scope(book)),
        (
            book.word("report.meta.program"),
            format!("forelay {} ({})", run.manifest.version, run.manifest.code),
        ),
        (book.word("report.meta.seed"), settings.seed.0.to_string()),
        (book.word("report.meta.evidence"), rows_read(book)),
    ];
    if let Some(variant) = &run.manifest.variant {
        let changes = variant::changes(book, variant);
        meta.insert(1, (book.word("report.meta.variant"), changes));
    }
    Document {
        lang,
        extent: Extent::Report,
        title: if lang == Lang::Zh {
            settings.title_zh.clone()
        } else {
            settings.title_en.clone()
        },
        subtitle: book.say(match &run.manifest.variant {
            None => Message::new("report.subtitle").with("home", settings.home.entity()),
            Some(variant) => Message::new("report.subtitle.variant")
                .with("home", settings.home.entity())
                .with("variant", variant.name.as_str()),
        }),
        classification: None,
        meta,
        sections,
        explanations: lineage.explanations,
        evidence: lineage.evidence,
        sources: lineage.sources,
    }
}

/// Tables and rows of evidence that the run read.
fn rows_read(book: &Book) -> String {
    let inputs = &book.run.manifest.inputs;
    let rows = inputs.iter().map(|i| i.rows).sum::<u64>();
    book.say(
        Message::new("report.meta.rows")
            .with("tables", inputs.len())
            .with("rows", rows.to_string()),
    )
}

/// Home, how far the evidence reaches, and the years of the plan.
fn scope(book: &Book) -> String {
    let settings = &book.run.manifest.config.study;
    let years = ["policies", "technology_indicators", "chain_supply"].map(|table| {
        let column = if table == "policies" {
            "published"
        } else {
            "year"
        };
        book.evidence
            .rows(table)
            .iter()
            .filter_map(|row| row.year(column))
            .max()
    });
    let until = years
        .into_iter()
        .flatten()
        .max()
        .unwrap_or(settings.start_year);
    book.say(
        Message::new("report.meta.scope.value")
            .with("home", settings.home.entity())
            .with("until", until.to_string())
            .with("start", settings.start_year.to_string())
            .with("end", settings.horizon_year.to_string()),
    )
}

/// The evidence that a run read, from its stored copies.
pub fn evidence_of(study: &Study, run: &Run) -> Result<Evidence, StudyError> {
    let mut tables = BTreeMap::new();
    let large = |table: &str| BULK.iter().any(|kind| kind.as_str() == table);
    for input in run.manifest.inputs.iter().filter(|i| !large(&i.table)) {
        let table = study
            .stored(&input.table, &input.content)
            .map_err(|problem| StudyError::Replay {
                id: run.manifest.id.clone(),
                problem,
            })?;
        tables.insert(input.table.clone(), table);
    }
    Ok(Evidence { tables })
}

/// A cell as plain English text, with its range and basis.
pub fn plain(cell: &Cell) -> String {
    let names = Names::default();
    match cell {
        Cell::Empty => "-".to_owned(),
        Cell::Text(text) => text.clone(),
        Cell::Count(n) => n.to_string(),
        Cell::Entity(entity) => names.show(entity, Lang::En),
        Cell::Entities(list) => list
            .iter()
            .map(|e| names.show(e, Lang::En))
            .collect::<Vec<_>>()
            .join(", "),
        Cell::Quantity(Quantity::Estimated(e)) => format!(
            "{} [{} to {}] ({})",
            number(e.value),
            number(e.low),
            number(e.high),
            crate::engine::flat::basis(e.basis)
        ),
        Cell::Quantity(Quantity::NotEstimated(reason)) => {
            format!("not estimated: {}", reason.render(Lang::En, &names))
        }
        Cell::Message(message) => message.render(Lang::En, &names),
    }
}

fn number(x: f64) -> String {
    if x.abs() >= 1000.0 {
        format!("{x:.1}")
    } else {
        format!("{x:.4}")
    }
}

/// A refusal in `lang`, for programs.
pub fn refusal_json(refusal: &Refusal, lang: Lang, names: &Names) -> Value {
    let show = |message: &Message| Catalogue::builtin().render(message, lang, names);
    json!({
        "code": refusal.code,
        "question": show(&refusal.question),
        "reason": show(&refusal.reason),
        "needed": show(&refusal.needed),
    })
}
