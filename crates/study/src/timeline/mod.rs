//! A dated plan on its way to other programs: Microsoft Project, TaskJuggler, Mermaid, iCalendar, CSV.
//!
//! Dates are what the scheduler decided; every format pins them, so that no program moves them. Links say why.

mod date;
mod icalendar;
mod mermaid;
mod ms_project;
mod taskjuggler;

use std::str::FromStr;

pub use date::Date;

/// One bar, or a milestone where start and finish are the same day.
#[derive(Debug, Clone, PartialEq)]
pub struct Item {
    /// Letters, digits, and what the writers replace by `_`; unique.
    pub id: String,
    pub name: String,
    /// Layer or lane.
    pub group: String,
    pub start: Date,
    /// The day after the last one.
    pub finish: Date,
    pub critical: bool,
    /// What justifies it, and how sure its date is.
    pub note: String,
    pub after: Vec<Link>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LinkKind {
    FinishToStart,
    StartToStart,
}

/// To the position of the item that comes before, at least so many days earlier.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Link {
    pub to: usize,
    pub kind: LinkKind,
    pub days: i32,
}

#[derive(Debug, Clone, PartialEq, Default)]
pub struct Timeline {
    pub title: String,
    pub items: Vec<Item>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    MsProject,
    TaskJuggler,
    Mermaid,
    ICalendar,
    Csv,
}

impl FromStr for Format {
    type Err = String;

    fn from_str(word: &str) -> Result<Self, String> {
        match word {
            "ms-project" => Ok(Self::MsProject),
            "taskjuggler" => Ok(Self::TaskJuggler),
            "mermaid" => Ok(Self::Mermaid),
            "icalendar" => Ok(Self::ICalendar),
            "csv" => Ok(Self::Csv),
            _ => Err(format!(
                "`{word}` is not one of ms-project, taskjuggler, mermaid, icalendar, csv"
            )),
        }
    }
}

impl Timeline {
    pub fn render(&self, format: Format) -> String {
        match format {
            Format::MsProject => ms_project::render(self),
            Format::TaskJuggler => taskjuggler::render(self),
            Format::Mermaid => mermaid::render(self),
            Format::ICalendar => icalendar::render(self),
            Format::Csv => self.csv(),
        }
    }

    /// First and last day.
    fn span(&self) -> (Date, Date) {
        let first = self.items.iter().map(|i| i.start).min();
        let last = self.items.iter().map(|i| i.finish).max();
        (first.unwrap_or(Date(0)), last.unwrap_or(Date(0)))
    }

    /// Groups in the order of their first items, with the positions of their items.
    fn groups(&self) -> Vec<(&str, Vec<usize>)> {
        let mut groups: Vec<(&str, Vec<usize>)> = Vec::new();
        for (k, item) in self.items.iter().enumerate() {
            match groups.iter_mut().find(|g| g.0 == item.group) {
                Some(group) => group.1.push(k),
                None => groups.push((&item.group, vec![k])),
            }
        }
        groups
    }

    fn csv(&self) -> String {
        let mut out = String::from("id,name,group,start,finish,milestone,critical,after,note\n");
        for item in &self.items {
            let after: Vec<String> = item
                .after
                .iter()
                .map(|link| {
                    let kind = match link.kind {
                        LinkKind::FinishToStart => "FS",
                        LinkKind::StartToStart => "SS",
                    };
                    format!("{}:{kind}+{}d", self.items[link.to].id, link.days)
                })
                .collect();
            let fields = [
                item.id.clone(),
                item.name.clone(),
                item.group.clone(),
                item.start.to_string(),
                item.finish.to_string(),
                u8::from(item.start == item.finish).to_string(),
                u8::from(item.critical).to_string(),
                after.join(";"),
                item.note.clone(),
            ];
            let cells: Vec<String> = fields.iter().map(|f| cell(f)).collect();
            out += &cells.join(",");
            out.push('\n');
        }
        out
    }
}

/// Quoted where needed; text that a spreadsheet would take for a formula gets an apostrophe (OWASP, "CSV
/// Injection").
fn cell(text: &str) -> String {
    let risky = text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠']);
    let text = if risky {
        format!("'{text}")
    } else {
        text.to_owned()
    };
    if text.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text
    }
}

/// An identifier for the languages that allow letters, digits and `_`: equal ids stay equal, different ones may
/// not, so the position is part of it.
fn identifier(position: usize, id: &str) -> String {
    let plain: String = id
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { '_' })
        .collect();
    format!("t{}_{plain}", position + 1)
}

/// One line without control characters.
fn one_line(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect::<String>()
        .trim()
        .to_owned()
}
