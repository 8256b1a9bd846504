//! The run on one screen.

use std::path::Path;

use model::{Entity, Kind, Lang, Message};

use super::book::Book;
use super::evidence_of;
use crate::engine::output::{entity, estimate};
use crate::engine::run::Run;
use crate::error::StudyError;
use crate::folder::Study;

/// What a run found, in a screenful of text.
pub fn summary(study: &Study, run: &Run, lang: Lang) -> Result<String, StudyError> {
    let evidence = evidence_of(study, run)?;
    let names = crate::folder::names(&evidence, &run.manifest.scenarios);
    let book = Book::new(run, &evidence, &names, lang);
    let settings = &run.manifest.config;
    let title = if lang == Lang::Zh {
        &settings.study.title_zh
    } else {
        &settings.study.title_en
    };
    let mut lines = vec![title.clone(), String::new()];
    // A run of some steps says what these found, not that the others found nothing.
    let made: Vec<&str> = (run.tables()).map(|table| table.name.as_str()).collect();
    let mut line = |label: &str, needed: &str, message: Message| {
        if needed.is_empty() || made.contains(&needed) {
            lines.push(format!("  {:<12} {}", book.word(label), book.say(message)));
        }
    };

    let consensus = super::book::by_value(&book.table("trend.consensus"), "consensus");
    let top: Vec<Entity> = consensus
        .rows
        .iter()
        .take(4)
        .map(|row| Entity::new(Kind::Field, row.key.clone()))
        .collect();
    line(
        "summary.trend",
        "trend.consensus",
        Message::new("summary.consensus").with("top", top),
    );
    let necks = book.table("foundation.necks");
    let proven: Vec<Entity> = necks
        .rows
        .iter()
        .filter(|row| entity(&necks, row, "verdict") == Some("verdict.neck"))
        .take(5)
        .map(|row| Entity::new(Kind::Node, row.key.clone()))
        .collect();
    let open = necks
        .rows
        .iter()
        .filter(|row| entity(&necks, row, "verdict") == Some("verdict.open"))
        .count();
    line(
        "summary.foundation",
        "foundation.necks",
        Message::new("summary.necks")
            .with("necks", proven)
            .with("open", open),
    );
    let chosen = book.table("layout.acceptability");
    let with = |separation: &str| -> Vec<Entity> {
        chosen
            .rows
            .iter()
            .filter(|row| entity(&chosen, row, "separation") == Some(separation))
            .map(|row| Entity::new(Kind::Field, row.key.clone()))
            .collect()
    };
    line(
        "summary.layout",
        "layout.acceptability",
        Message::new("summary.select")
            .with("industries", with("separation.in"))
            .with("open", with("separation.not_separated")),
    );
    let certificate = book.table("layout.certificate");
    let placements = book.table("layout.regions");
    if let Some(row) = certificate.rows.first()
        && let Some(gap) = estimate(&certificate, row, "optimality_gap")
    {
        let mut clusters: Vec<&str> = placements
            .rows
            .iter()
            .filter_map(|row| entity(&placements, row, "cluster"))
            .collect();
        clusters.dedup();
        // The list of the memo, in its order.
        let placed = super::extract::placed(&book).into_iter();
        let industries: Vec<Entity> = placed.map(|(industry, _)| industry).collect();
        line(
            "summary.regions",
            "layout.regions",
            Message::new("summary.placed")
                .with("placements", placements.rows.len())
                .with("clusters", clusters.len())
                .with("industries", industries)
                .with("gap", gap.value),
        );
    }
    let effect = book.table("plan.effect");
    let high =
        |row: &model::Row, column: &str| estimate(&effect, row, column).map_or(0.0, |e| e.high);
    let improved = effect
        .rows
        .iter()
        .filter(|row| high(row, "peak_after") < high(row, "peak_before"))
        .count();
    line(
        "summary.plan",
        "plan.effect",
        Message::new("summary.effect")
            .with("improved", improved)
            .with("all", effect.rows.len()),
    );
    line(
        "summary.limits",
        "",
        Message::new("summary.refused").with("n", book.refusals().count()),
    );
    lines.push(String::new());
    lines.push(format!(
        "  {}",
        book.say(
            Message::new("summary.where")
                .with("run", run.manifest.id.as_str())
                .with("folder", run.folder.display().to_string())
                .with("study", option(&study.root))
                .with("reused", run.reused)
                .with("steps", run.manifest.steps.len()),
        )
    ));
    Ok(lines.join("\n"))
}

/// The option that names the study's folder; nothing for the folder one stands in.
fn option(root: &Path) -> String {
    if root == Path::new(".") {
        String::new()
    } else {
        format!("--study {} ", root.display())
    }
}
