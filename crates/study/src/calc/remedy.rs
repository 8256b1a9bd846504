//! `calc remedy`.

use std::path::PathBuf;

use model::Lang;

use super::CalcError;
use super::out::CalcReport;

#[derive(Debug, Clone)]
pub struct RemedyArgs {
    pub out: PathBuf,
}

pub fn remedy(args: &RemedyArgs, _lang: Lang) -> Result<CalcReport, CalcError> {
    Err(CalcError::argument(
        "calc remedy",
        format!("nothing is written to {} yet", args.out.display()),
    ))
}
