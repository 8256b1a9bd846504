//! Writes the sample report in both languages and every figure by itself, to look at while working on the drawings:
//! `cargo run -p publish --example demo -- FOLDER`.

#[path = "../tests/sample/mod.rs"]
mod sample;

use std::path::PathBuf;

use model::Lang;
use publish::docx::{Template, to_docx};
use publish::html::to_html;
use publish::xlsx::to_xlsx;

fn main() -> std::io::Result<()> {
    let folder = PathBuf::from(std::env::args().nth(1).unwrap_or_else(|| "demo".to_owned()));
    std::fs::create_dir_all(&folder)?;
    for (lang, name) in [(Lang::En, "en"), (Lang::Zh, "zh")] {
        std::fs::write(
            folder.join(format!("report.{name}.html")),
            to_html(&sample::report(lang)),
        )?;
        let document = sample::report(lang);
        for (template, look) in [
            (Template::International, "international"),
            (Template::Gb9704, "gb9704"),
        ] {
            std::fs::write(
                folder.join(format!("report.{name}.{look}.docx")),
                to_docx(&document, template)?,
            )?;
        }
        let book = to_xlsx(&document).map_err(std::io::Error::other)?;
        std::fs::write(folder.join(format!("report.{name}.xlsx")), book)?;
        for (id, svg) in sample::figures(lang) {
            std::fs::write(folder.join(format!("{id}.{name}.svg")), svg.markup())?;
        }
    }
    Ok(())
}
