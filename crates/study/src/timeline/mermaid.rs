//! Mermaid `gantt`: sections by group, bars by date, `crit` and `milestone` marks.

use super::{Timeline, identifier, one_line};

pub(super) fn render(timeline: &Timeline) -> String {
    let mut out = format!(
        "gantt\n    title {}\n    dateFormat YYYY-MM-DD\n    axisFormat %Y-%m\n",
        plain(&timeline.title)
    );
    for (group, items) in timeline.groups() {
        out += &format!("    section {}\n", plain(group));
        for k in items {
            let item = &timeline.items[k];
            let mut marks = String::new();
            if item.critical {
                marks += "crit, ";
            }
            let id = identifier(k, &item.id);
            let end = if item.start == item.finish {
                marks += "milestone, ";
                "0d".to_owned()
            } else {
                item.finish.to_string()
            };
            out += &format!(
                "    {} :{marks}{id}, {}, {end}\n",
                plain(&item.name),
                item.start
            );
        }
    }
    out
}

/// Without the characters that end a name.
fn plain(text: &str) -> String {
    let text = one_line(text).replace([':', ';', '#', ','], " ");
    let text = text.trim();
    if text.is_empty() {
        "-".to_owned()
    } else {
        text.to_owned()
    }
}
