//! Printing, for people and for programs.

use std::io::IsTerminal;

use indicatif::{ProgressBar, ProgressStyle};
use model::phrases::phrase;
use model::{Diagnostic, Lang, Names};
use serde_json::{Value, json};
use study::{Progress, StudyError};

use super::{Cli, Global};

/// A failure with what to do about it.
#[derive(Debug)]
pub struct Failure {
    message: String,
    help: Option<String>,
    /// All problems at once, where the evidence is the problem.
    findings: Vec<Diagnostic>,
}

impl Failure {
    pub fn new(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            help: None,
            findings: Vec::new(),
        }
    }

    #[must_use]
    pub fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    #[must_use]
    pub fn with_findings(mut self, findings: Vec<Diagnostic>) -> Self {
        self.findings = findings;
        self
    }

    pub fn print(&self, cli: &Cli) {
        let lang = cli.global.lang();
        let message = phrase(&self.message, lang);
        let help = self.help.as_deref().map(|help| phrase(help, lang));
        if cli.global.json {
            let findings: Vec<Value> = self
                .findings
                .iter()
                .map(|d| diagnostic_json(d, lang))
                .collect();
            json_document(&json!({
                "schema": "forelay.error/1",
                "error": message,
                "help": help,
                "findings": findings,
            }));
        }
        for finding in &self.findings {
            anstream::eprintln!("{}", diagnostic_text(finding, lang));
        }
        let mut diagnostic = miette::MietteDiagnostic::new(message);
        if let Some(help) = help {
            diagnostic = diagnostic.with_help(help);
        }
        let shown = format!("{:?}", miette::Report::new(diagnostic));
        anstream::eprintln!(
            "{}",
            match lang {
                Lang::En => shown,
                // The label is miette's own.
                Lang::Zh => shown.replacen("help: ", "办法：", 1),
            }
        );
    }
}

impl From<serve::ServeError> for Failure {
    fn from(error: serve::ServeError) -> Self {
        match error {
            serve::ServeError::Study(error) => error.into(),
            error => Self {
                help: error.help(),
                ..Self::new(error.to_string())
            },
        }
    }
}

impl From<StudyError> for Failure {
    fn from(error: StudyError) -> Self {
        let help = error.help();
        let message = error.to_string();
        let findings = match error {
            StudyError::Evidence(findings) => findings,
            _ => Vec::new(),
        };
        Self {
            message,
            help,
            findings,
        }
    }
}

/// Text on standard output. A closed pipe is no failure.
pub fn text(text: &str) {
    use std::io::Write;
    let mut out = anstream::stdout().lock();
    let _ = out.write_all(text.as_bytes());
    if !text.ends_with('\n') {
        let _ = out.write_all(b"\n");
    }
    let _ = out.flush();
}

/// Lines for people, in their language.
pub fn lines(global: &Global, lines: &[String]) {
    text(&phrase(&lines.join("\n"), global.lang()));
}

/// A remark on standard error, in the reader's language.
pub fn remark(global: &Global, line: &str) {
    anstream::eprintln!("{}", phrase(line, global.lang()));
}

pub fn json_document(value: &Value) {
    text(&format!("{value:#}"));
}

/// One line per problem: where, what was found, what was expected, what to do.
pub fn diagnostic_text(d: &Diagnostic, lang: Lang) -> String {
    let names = Names::default();
    let mut place = d.file.clone();
    if let Some(row) = d.row {
        place.push_str(&format!(":{row}"));
    }
    if let Some(column) = &d.column {
        place.push_str(&format!(" [{column}]"));
    }
    let found = if d.found.is_empty() {
        String::new()
    } else {
        format!(" ({})", d.found)
    };
    format!(
        "{} {place}{found}: {} → {}  [{}]",
        d.severity.word(lang),
        d.expected.render(lang, &names),
        d.remedy.render(lang, &names),
        d.code
    )
}

pub fn diagnostic_json(d: &Diagnostic, lang: Lang) -> Value {
    let names = Names::default();
    json!({
        "code": d.code, "severity": d.severity, "file": d.file, "row": d.row, "column": d.column,
        "found": d.found, "expected": d.expected.render(lang, &names), "remedy": d.remedy.render(lang, &names),
    })
}

/// Shows progress on standard error: a bar on a terminal, a line per step elsewhere.
pub struct Reporter {
    bar: Option<ProgressBar>,
    lines: bool,
    lang: Lang,
}

impl Reporter {
    pub fn new(global: &Global) -> Self {
        let terminal = std::io::stderr().is_terminal();
        let bar = (terminal && !global.quiet).then(|| {
            let bar = ProgressBar::new(0);
            if let Ok(style) = ProgressStyle::with_template("{bar:24} {pos}/{len} {msg}") {
                bar.set_style(style);
            }
            bar
        });
        Self {
            bar,
            lines: !terminal && !global.quiet,
            lang: global.lang(),
        }
    }

    pub fn show(&self, progress: Progress) {
        let (message, at) = match progress {
            Progress::Reading => ("reading the evidence".to_owned(), None),
            Progress::Step { name, index, of } => (name.to_owned(), Some((index, of))),
            Progress::Reused { name, index, of } => {
                (format!("{name} (unchanged)"), Some((index, of)))
            }
            Progress::Writing => ("writing the results".to_owned(), None),
            // On a terminal only: elsewhere each step has its line.
            Progress::Part { name, done, of } => {
                if let Some(bar) = &self.bar {
                    bar.set_message(format!("{name} {} %", 100 * done / of.max(1)));
                }
                return;
            }
        };
        let message = phrase(&message, self.lang);
        if let Some(bar) = &self.bar {
            if let Some((index, of)) = at {
                bar.set_length(of as u64);
                bar.set_position(index as u64);
            }
            bar.set_message(message);
        } else if self.lines {
            let place = at
                .map(|(i, of)| format!("[{}/{of}] ", i + 1))
                .unwrap_or_default();
            anstream::eprintln!("{place}{message}");
        }
    }
}

impl Drop for Reporter {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
