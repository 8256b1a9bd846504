use std::process::ExitCode;

use clap::Args;

use super::print::{json_document, text};
use super::{Failure, Global};

#[derive(Debug, Args)]
pub struct Conditions {
    /// Countries (ISO 3166-1 alpha-3) or clusters of the evidence; home where none is named
    #[arg(value_name = "PLACE")]
    places: Vec<String>,
}

pub fn run(global: &Global, args: &Conditions) -> Result<ExitCode, Failure> {
    let study = global.open()?;
    let cards = study::conditions(&study, &args.places)?;
    if global.json {
        json_document(&cards.json(global.lang()));
    } else {
        text(&cards.text(global.lang()));
    }
    Ok(if cards.answered() {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(1)
    })
}
