use std::io::IsTerminal;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Subcommand};
use indicatif::{ProgressBar, ProgressStyle};
use model::phrases::phrase;
use study::data::{self, Acceptance, Outcome, Progress, Wanted};

use super::print::{self, json_document, text};
use super::{Failure, Global};

#[derive(Debug, Args)]
pub struct Data {
    #[command(subcommand)]
    command: DataCommand,
}

#[derive(Debug, Subcommand)]
enum DataCommand {
    /// Say where public sources are had and under which licence; opens no connection
    List(List),
    /// Download one file, with resume and checksum
    Get(Get),
}

#[derive(Debug, Args)]
struct List {
    /// One source; all of them where none is named
    id: Option<String>,
}

#[derive(Debug, Args)]
struct Get {
    /// A source of `forelay data list`
    #[arg(required_unless_present = "url")]
    id: Option<String>,
    /// The address of the file, where the source has none on record or another is meant
    #[arg(long)]
    url: Option<String>,
    /// Where the file goes
    #[arg(long, value_name = "FOLDER")]
    to: PathBuf,
    /// The file's name; else the end of the address
    #[arg(long, value_name = "FILE")]
    name: Option<String>,
    /// The SHA-256 that the publisher gives, in hex (or blake3: and hex)
    #[arg(long, value_name = "HEX")]
    sha256: Option<String>,
    /// I have read the terms of the source and accept them
    #[arg(long)]
    accept_licence: bool,
    /// Refuse files larger than this
    #[arg(long, value_name = "GIB")]
    max_gib: Option<u64>,
}

pub fn run(global: &Global, args: &Data) -> Result<ExitCode, Failure> {
    match &args.command {
        DataCommand::List(list) if global.json => {
            json_document(&data::list_json(list.id.as_deref())?);
        }
        DataCommand::List(list) => text(&data::list_text(list.id.as_deref(), global.lang())?),
        DataCommand::Get(args) => get(global, args)?,
    }
    Ok(ExitCode::SUCCESS)
}

fn get(global: &Global, args: &Get) -> Result<(), Failure> {
    let wanted = Wanted {
        id: args.id.clone(),
        url: args.url.clone(),
        folder: args.to.clone(),
        name: args.name.clone(),
        checksum: args.sha256.clone(),
        max_bytes: args.max_gib.map(|gib| gib.saturating_mul(1 << 30)),
        licence: if args.accept_licence {
            Acceptance::Given
        } else {
            Acceptance::NotGiven
        },
    };
    let bar = bar(global);
    let fetched = data::get(&wanted, &mut |progress| {
        show(global, bar.as_ref(), progress);
    });
    if let Some(bar) = &bar {
        bar.finish_and_clear();
    }
    let fetched = fetched?;
    if global.json {
        json_document(&data::fetched_json(&fetched));
        return Ok(());
    }
    let how = match fetched.outcome {
        Outcome::Loaded => String::new(),
        Outcome::Resumed { from } => format!(", resumed after {from} bytes"),
        Outcome::Here => ", here already".to_owned(),
    };
    let said = format!(
        "{}: {} bytes{how}\nSHA-256 {}\nlicence: {}; redistributable: {}\nrecord: {}",
        fetched.file.display(),
        fetched.record.bytes,
        fetched.record.sha256,
        fetched.record.licence,
        fetched.record.redistributable,
        fetched.record_file.display(),
    );
    print::lines(global, &[said]);
    Ok(())
}

fn bar(global: &Global) -> Option<ProgressBar> {
    if global.quiet || !std::io::stderr().is_terminal() {
        return None;
    }
    let bar = ProgressBar::new(0);
    if let Ok(style) = ProgressStyle::with_template("{bar:24} {bytes}/{total_bytes} {eta} {msg}") {
        bar.set_style(style);
    }
    Some(bar)
}

fn show(global: &Global, bar: Option<&ProgressBar>, progress: Progress) {
    match (progress, bar) {
        (Progress::Received { bytes, total }, Some(bar)) => {
            if let Some(total) = total {
                bar.set_length(total);
            }
            bar.set_position(bytes);
        }
        (Progress::Checking, Some(bar)) => {
            bar.set_message(phrase("computing checksums", global.lang()));
        }
        (Progress::Waiting { pause, reason }, bar) if !global.quiet => {
            let line = format!("{reason}; trying again in {} s", pause.as_secs().max(1));
            let line = phrase(&line, global.lang());
            match bar {
                Some(bar) => bar.println(line),
                None => anstream::eprintln!("{line}"),
            }
        }
        _ => {}
    }
}
