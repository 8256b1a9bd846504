//! `calc cascade`.

use std::path::PathBuf;

use model::Lang;

use super::CalcError;
use super::out::CalcReport;

#[derive(Debug, Clone)]
pub struct CascadeArgs {
    pub out: PathBuf,
}

pub fn cascade(args: &CascadeArgs, _lang: Lang) -> Result<CalcReport, CalcError> {
    Err(CalcError::argument(
        "calc cascade",
        format!("nothing is written to {} yet", args.out.display()),
    ))
}
