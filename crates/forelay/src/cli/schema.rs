use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use serde_json::json;

use super::print::{self, json_document, text};
use super::{Failure, Global};

#[derive(Debug, Args)]
pub struct Schema {
    /// A table; all of them where none is named
    table: Option<String>,
    /// Write the pages, in both languages, to a folder
    #[arg(long, value_name = "FOLDER")]
    out: Option<PathBuf>,
}

pub fn run(global: &Global, args: &Schema) -> Result<ExitCode, Failure> {
    if let Some(folder) = &args.out {
        let pages = study::write_schema_pages(folder)?;
        if global.json {
            json_document(
                &json!({ "schema": "forelay.schema/1", "folder": folder, "pages": pages }),
            );
        } else {
            print::lines(global, &[format!("{}: {pages} pages", folder.display())]);
        }
        return Ok(ExitCode::SUCCESS);
    }
    if global.json {
        json_document(&study::schema_json(args.table.as_deref(), global.lang())?);
    } else {
        text(&study::schema_text(args.table.as_deref(), global.lang())?);
    }
    Ok(ExitCode::SUCCESS)
}
