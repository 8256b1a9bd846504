//! The `forelay` program: commands over a study folder.
//!
//! Thin on purpose: it parses arguments, calls the `study` crate, and prints, for people or as one JSON
//! document. It knows terminals; it knows no method and no file format.
//!
//! Exit codes: 0 good; 1 worked and has something to say (findings, differences); 2 wrong usage or failure.

mod cli;

use std::process::ExitCode;

fn main() -> ExitCode {
    let cli = match cli::parsed() {
        Ok(cli) => cli,
        Err(code) => return code,
    };
    match cli::run(&cli) {
        Ok(code) => code,
        Err(failure) => {
            failure.print(&cli);
            ExitCode::from(2)
        }
    }
}
