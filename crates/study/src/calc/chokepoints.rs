//! `calc chokepoints`.

use std::path::PathBuf;

use model::Lang;

use super::CalcError;
use super::out::CalcReport;

#[derive(Debug, Clone)]
pub struct ChokepointsArgs {
    pub out: PathBuf,
}

pub fn chokepoints(args: &ChokepointsArgs, _lang: Lang) -> Result<CalcReport, CalcError> {
    Err(CalcError::argument(
        "calc chokepoints",
        format!("nothing is written to {} yet", args.out.display()),
    ))
}
