//! The command line in the reader's language: help and wrong usage.
//!
//! `clap` writes its help from English doc comments before anything is parsed, and its errors in English. In Chinese every text is
//! replaced before parsing, by the phrases of the model, and what clap would add itself (defaults, possible values, variables of
//! the environment) is written into the help.

use std::ffi::OsString;
use std::process::ExitCode;

use clap::builder::{Str, StyledStr};
use clap::error::ErrorKind;
use clap::{Arg, Command, CommandFactory, FromArgMatches};
use model::Lang;
use model::phrases::phrase;

use super::Cli;

/// Parses the arguments of the process; prints help or what is wrong with them, with the exit code to end with.
pub fn parsed() -> Result<Cli, ExitCode> {
    let arguments: Vec<OsString> = std::env::args_os().collect();
    let lang = asked(&arguments);
    command(lang)
        .try_get_matches_from(&arguments)
        .and_then(|matches| Cli::from_arg_matches(&matches))
        .map_err(|error| show(&error, lang))
}

/// The language of help, which is shown before arguments are parsed: `--lang`, else `FORELAY_LANG`.
fn asked(arguments: &[OsString]) -> Lang {
    let words = || arguments.iter().filter_map(|word| word.to_str());
    let after = words().skip_while(|word| *word != "--lang").nth(1);
    let within = words().find_map(|word| word.strip_prefix("--lang="));
    let variable = || std::env::var("FORELAY_LANG").ok();
    match within.or(after).map(str::to_owned).or_else(variable) {
        Some(word) if word == "zh" => Lang::Zh,
        _ => Lang::En,
    }
}

/// The whole command line in `lang`.
pub fn command(lang: Lang) -> Command {
    match lang {
        Lang::En => Cli::command(),
        Lang::Zh => {
            let mut command = Cli::command();
            // What clap adds itself (`--help`, the command `help`) is there to be translated only now.
            command.build();
            chinese(command)
        }
    }
}

fn zh(text: &str) -> String {
    phrase(text, Lang::Zh)
}

fn chinese(mut command: Command) -> Command {
    if let Some(about) = command.get_about().map(StyledStr::to_string) {
        command = command.about(zh(&about));
    }
    if let Some(about) = command.get_long_about().map(StyledStr::to_string) {
        command = command.long_about(paragraphs(&about));
    }
    command
        .mut_args(argument)
        .mut_subcommands(chinese)
        .subcommand_help_heading("命令")
        .subcommand_value_name("命令")
        .help_template("{before-help}{about-with-newline}\n用法：{usage}\n\n{all-args}{after-help}")
}

/// Paragraphs of a long help, each a phrase.
fn paragraphs(text: &str) -> String {
    let shown: Vec<String> = text
        .split("\n\n")
        .map(|part| zh(&part.replace('\n', " ")))
        .collect();
    shown.join("\n\n")
}

fn argument(arg: Arg) -> Arg {
    let heading = arg.get_help_heading().map_or_else(
        || {
            if arg.is_positional() {
                "参数".to_owned()
            } else {
                "选项".to_owned()
            }
        },
        zh,
    );
    let added = added(&arg);
    let with = |text: String| {
        if text.is_empty() {
            added.clone()
        } else {
            format!("{text}{added}")
        }
    };
    let help = arg.get_help().map(StyledStr::to_string).unwrap_or_default();
    let long = arg.get_long_help().map(StyledStr::to_string);
    let arg = arg
        .help(with(zh(&help)))
        .help_heading(Str::from(&*heading.leak()))
        .hide_default_value(true)
        .hide_possible_values(true)
        .hide_env(true);
    match long {
        Some(long) => arg.long_help(with(paragraphs(&long))),
        None => arg,
    }
}

/// What clap writes behind a help: values to choose from, the default, the variable of the environment.
fn added(arg: &Arg) -> String {
    let mut out = String::new();
    let takes_value = arg.get_action().takes_values();
    let values: Vec<String> = arg
        .get_possible_values()
        .iter()
        .filter(|value| !value.is_hide_set())
        .map(|value| match value.get_help() {
            Some(help) => format!("{}（{}）", value.get_name(), zh(&help.to_string())),
            None => value.get_name().to_owned(),
        })
        .collect();
    if takes_value && !arg.is_hide_possible_values_set() && !values.is_empty() {
        out.push_str(&format!(" [可选值：{}]", values.join("、")));
    }
    let defaults: Vec<_> = arg
        .get_default_values()
        .iter()
        .map(|v| v.to_string_lossy())
        .collect();
    if takes_value && !arg.is_hide_default_value_set() && !defaults.is_empty() {
        out.push_str(&format!(" [默认：{}]", defaults.join(" ")));
    }
    if let Some(variable) = arg.get_env().filter(|_| !arg.is_hide_env_set()) {
        out.push_str(&format!(" [环境变量：{}]", variable.to_string_lossy()));
    }
    out
}

fn show(error: &clap::Error, lang: Lang) -> ExitCode {
    let helps = matches!(
        error.kind(),
        ErrorKind::DisplayHelp
            | ErrorKind::DisplayVersion
            | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand
    );
    if helps || lang == Lang::En {
        // A closed pipe is no failure.
        let _ = error.print();
    } else {
        anstream::eprint!("{}", zh(&error.render().to_string()));
    }
    ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every text of the command line is Chinese, but for formats that are written the same in both languages.
    fn untranslated(command: &Command, found: &mut Vec<String>) {
        let chinese = |text: &str| text.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c));
        let name = command.get_name();
        let texts = [command.get_about(), command.get_long_about()]
            .into_iter()
            .flatten();
        found.extend(
            texts
                .map(StyledStr::to_string)
                .filter(|text| !chinese(text))
                .map(|text| format!("{name}: {text}")),
        );
        for arg in command.get_arguments() {
            let texts = [arg.get_help(), arg.get_long_help()].into_iter().flatten();
            for text in texts.map(StyledStr::to_string) {
                // A list of column names reads the same in both languages.
                let sentence = text.contains(' ') && text.chars().any(char::is_alphabetic);
                if sentence && !chinese(&text) {
                    found.push(format!("{name} {}: {text}", arg.get_id()));
                }
            }
        }
        for below in command.get_subcommands() {
            untranslated(below, found);
        }
    }

    #[test]
    fn the_whole_help_is_chinese() {
        let mut found = Vec::new();
        untranslated(&command(Lang::Zh), &mut found);
        assert!(
            found.is_empty(),
            "{} texts:\n{}",
            found.len(),
            found.join("\n")
        );
    }

    #[test]
    fn both_command_lines_are_consistent_and_take_the_same_arguments() {
        for lang in Lang::ALL {
            command(lang).debug_assert();
            let matches = command(lang).try_get_matches_from([
                "forelay",
                "--lang",
                "zh",
                "run",
                "layout.select",
            ]);
            assert!(matches.is_ok(), "{lang:?}");
        }
    }

    #[test]
    fn the_language_of_help_is_found_before_parsing() {
        let words = |text: &str| text.split(' ').map(OsString::from).collect::<Vec<_>>();
        assert_eq!(asked(&words("forelay run --lang zh --help")), Lang::Zh);
        assert_eq!(asked(&words("forelay --lang=zh")), Lang::Zh);
        assert_eq!(asked(&words("forelay --lang en run")), Lang::En);
    }
}
