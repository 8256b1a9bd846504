//! Lines of a project file, and what is wrong with them: every finding names file, line and remedy.

use layout::roadmap::project::{LATEST, Project, Time};
use model::{Diagnostic, Message, Severity};

/// A project whose activities are numbered from `first` in its file.
pub(super) struct Named {
    pub project: Project,
    pub first: usize,
}

pub(super) struct Lines {
    file: String,
    all: Vec<String>,
    pub findings: Vec<Diagnostic>,
}

impl Lines {
    pub fn new(file: &str, text: &str) -> Self {
        Self {
            file: file.to_owned(),
            all: text.lines().map(str::to_owned).collect(),
            findings: Vec::new(),
        }
    }

    pub fn text(&self, at: usize) -> &str {
        &self.all[at]
    }

    pub fn find(&self, wanted: impl Fn(&str) -> bool) -> Option<usize> {
        self.all.iter().position(|l| wanted(l))
    }

    /// Positions of lines that are not empty.
    pub fn filled(&self) -> Vec<usize> {
        let all = self.all.iter().enumerate();
        all.filter(|(_, l)| !l.trim().is_empty())
            .map(|(at, _)| at)
            .collect()
    }

    /// The line of a section's heading.
    pub fn section(&mut self, name: &str) -> Option<usize> {
        let found = self.find(|l| l.starts_with(name));
        if found.is_none() {
            self.missing(name);
        }
        found
    }

    /// Lines of numbers of the section whose heading is at `heading`, up to its closing line of stars.
    pub fn block(&self, heading: usize) -> Vec<usize> {
        let starts_with_number = |l: &str| {
            let first = l.split_whitespace().next().unwrap_or_default();
            first.starts_with(|c: char| c.is_ascii_digit() || c == '-') && !first.starts_with("--")
        };
        (heading + 1..self.all.len())
            .take_while(|at| !self.all[*at].starts_with("***"))
            .filter(|at| starts_with_number(&self.all[*at]))
            .collect()
    }

    /// Whole numbers of a line; brackets around lags are dropped.
    pub fn numbers(&mut self, at: usize) -> Option<Vec<i64>> {
        let text = self.all[at].replace(['[', ']'], " ");
        let mut numbers = Vec::new();
        for word in text.split_whitespace() {
            if let Ok(number) = word.parse() {
                numbers.push(number);
            } else {
                let expected = Message::new("check.schedule.number");
                self.push(Some(at), "number", word.to_owned(), expected);
                return None;
            }
        }
        Some(numbers)
    }

    pub fn time(&mut self, at: usize, value: i64) -> Time {
        if value.abs() > i64::from(LATEST) {
            let flaw = format!("{value} > {LATEST}");
            let expected = Message::new("check.schedule.range").with("flaw", flaw);
            self.finding(at, "range", expected);
            return 0;
        }
        value as Time
    }

    pub fn count(&mut self, at: usize, count: usize) {
        let expected = Message::new("check.schedule.count").with("count", count);
        self.finding(at, "count", expected);
    }

    pub fn job(&mut self, at: usize, first: usize, last: usize) {
        let expected = Message::new("check.schedule.job")
            .with("first", first)
            .with("last", last);
        self.finding(at, "job", expected);
    }

    pub fn ends(&mut self, at: usize, section: &str, found: usize, count: usize) {
        let expected = Message::new("check.schedule.ends")
            .with("section", section)
            .with("found", found)
            .with("count", count);
        self.finding(at, "ends", expected);
    }

    pub fn missing(&mut self, section: &str) {
        let expected = Message::new("check.schedule.section").with("section", section);
        self.push(None, "section", String::new(), expected);
        if let Some(last) = self.findings.last_mut() {
            last.remedy = Message::new("check.schedule.section.remedy").with("section", section);
        }
    }

    pub fn finding(&mut self, at: usize, code: &str, expected: Message) {
        let found = self.all[at].trim().chars().take(60).collect();
        self.push(Some(at), code, found, expected);
    }

    pub fn push(&mut self, at: Option<usize>, code: &str, found: String, expected: Message) {
        self.findings.push(Diagnostic {
            code: format!("schedule.{code}"),
            severity: Severity::Error,
            file: self.file.clone(),
            row: at.map(|at| at as u64 + 1),
            column: None,
            found,
            expected,
            remedy: Message::new(format!("check.schedule.{code}.remedy")),
        });
    }
}
