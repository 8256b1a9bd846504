use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use model::{Message, Names};
use serde_json::json;

use super::print::{json_document, text};
use super::{Failure, Global};

#[derive(Debug, Args)]
pub struct Init {
    /// The folder to make
    folder: PathBuf,
    /// Start from an example study
    #[arg(long, value_name = "NAME")]
    example: Option<String>,
    /// Home country of an empty study (ISO 3166-1 alpha-3)
    #[arg(long, default_value = "CHN", value_name = "CODE")]
    home: String,
}

pub fn run(global: &Global, args: &Init) -> Result<ExitCode, Failure> {
    let files = match &args.example {
        Some(name) => study::init_example(name, &args.folder)?,
        None => study::init_empty(&args.home, &args.folder)?,
    };
    if global.json {
        json_document(&json!({
            "schema": "forelay.init/1", "folder": args.folder, "files": files,
        }));
    } else {
        let message = Message::new("cli.init")
            .with("folder", args.folder.display().to_string())
            .with("files", files);
        text(&message.render(global.lang(), &Names::default()));
    }
    Ok(ExitCode::SUCCESS)
}
