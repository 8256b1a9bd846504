//! `calc io`.

use std::path::PathBuf;

use model::Lang;

use super::CalcError;
use super::out::CalcReport;

#[derive(Debug, Clone)]
pub struct IoArgs {
    pub out: PathBuf,
}

pub fn io(args: &IoArgs, _lang: Lang) -> Result<CalcReport, CalcError> {
    Err(CalcError::argument(
        "calc io",
        format!("nothing is written to {} yet", args.out.display()),
    ))
}
