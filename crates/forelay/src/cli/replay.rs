use std::process::ExitCode;

use clap::Args;
use model::{Message, Names};
use serde_json::json;

use super::print::{Reporter, json_document, text};
use super::{Failure, Global};

#[derive(Debug, Args)]
pub struct ReplayArgs {
    /// A run: its id, the beginning of it, or `latest`
    #[arg(default_value = "latest")]
    run: String,
}

pub fn run(global: &Global, args: &ReplayArgs) -> Result<ExitCode, Failure> {
    let reporter = Reporter::new(global);
    let replay = study::replay(&global.open()?, &args.run, &|p| reporter.show(p))?;
    drop(reporter);
    let same = replay.different.is_empty();
    if global.json {
        json_document(&json!({
            "schema": "forelay.replay/1",
            "run": replay.run,
            "identical": same,
            "steps": replay.steps,
            "tables": replay.tables,
            "different": replay.different,
            "other_code": replay.other_code,
        }));
    } else {
        let id = if same {
            "cli.replay.same"
        } else {
            "cli.replay.different"
        };
        let message = Message::new(id)
            .with("run", replay.run.as_str())
            .with("steps", replay.steps)
            .with("tables", replay.tables)
            .with("different", replay.different.join(", "));
        let mut shown = message.render(global.lang(), &Names::default());
        if replay.other_code {
            shown.push('\n');
            shown.push_str(
                &Message::new("cli.replay.code").render(global.lang(), &Names::default()),
            );
        }
        text(&shown);
    }
    Ok(if same {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(1)
    })
}
