//! `calc inventory`.

use std::path::PathBuf;

use model::Lang;

use super::CalcError;
use super::out::CalcReport;

#[derive(Debug, Clone)]
pub struct InventoryArgs {
    pub out: PathBuf,
}

pub fn inventory(args: &InventoryArgs, _lang: Lang) -> Result<CalcReport, CalcError> {
    Err(CalcError::argument(
        "calc inventory",
        format!("nothing is written to {} yet", args.out.display()),
    ))
}
