//! `calc shock`.

use std::path::PathBuf;

use model::Lang;

use super::CalcError;
use super::out::CalcReport;

#[derive(Debug, Clone)]
pub struct ShockArgs {
    pub out: PathBuf,
}

pub fn shock(args: &ShockArgs, _lang: Lang) -> Result<CalcReport, CalcError> {
    Err(CalcError::argument(
        "calc shock",
        format!("nothing is written to {} yet", args.out.display()),
    ))
}
