//! iCalendar (RFC 5545): one event of whole days for each bar; links as RELATED-TO with the relation types and gaps of
//! RFC 9253.

use super::{LinkKind, Timeline, identifier};

pub(super) fn render(timeline: &Timeline) -> String {
    let (first, _) = timeline.span();
    let mut lines = vec![
        "BEGIN:VCALENDAR".to_owned(),
        "VERSION:2.0".to_owned(),
        "PRODID:-//Forelay//Roadmap//EN".to_owned(),
        format!("X-WR-CALNAME:{}", escape(&timeline.title)),
    ];
    let uid = |k: usize| format!("{}@forelay", identifier(k, &timeline.items[k].id));
    for (k, item) in timeline.items.iter().enumerate() {
        lines.push("BEGIN:VEVENT".to_owned());
        lines.push(format!("UID:{}", uid(k)));
        // The plan's own first day, not the day of writing: equal plans give equal files.
        lines.push(format!("DTSTAMP:{}T000000Z", first.compact()));
        lines.push(format!("DTSTART;VALUE=DATE:{}", item.start.compact()));
        if item.finish > item.start {
            lines.push(format!("DTEND;VALUE=DATE:{}", item.finish.compact()));
        }
        lines.push(format!("SUMMARY:{}", escape(&item.name)));
        lines.push(format!("CATEGORIES:{}", escape(&item.group)));
        if !item.note.is_empty() {
            lines.push(format!("DESCRIPTION:{}", escape(&item.note)));
        }
        for link in &item.after {
            let kind = match link.kind {
                LinkKind::FinishToStart => "FINISHTOSTART",
                LinkKind::StartToStart => "STARTTOSTART",
            };
            lines.push(format!(
                "RELATED-TO;RELTYPE={kind};GAP=P{}D:{}",
                link.days,
                uid(link.to)
            ));
        }
        lines.push("TRANSP:TRANSPARENT".to_owned());
        lines.push("END:VEVENT".to_owned());
    }
    lines.push("END:VCALENDAR".to_owned());
    lines.iter().map(|line| fold(line)).collect()
}

fn escape(text: &str) -> String {
    text.replace('\\', "\\\\")
        .replace(';', "\\;")
        .replace(',', "\\,")
        .replace("\r\n", "\\n")
        .replace(['\n', '\r'], "\\n")
}

/// Lines of at most 75 octets, characters kept whole (RFC 5545, 3.1).
fn fold(line: &str) -> String {
    let mut out = String::new();
    let mut octets = 0;
    for c in line.chars() {
        if octets + c.len_utf8() > 75 {
            out += "\r\n ";
            octets = 1;
        }
        out.push(c);
        octets += c.len_utf8();
    }
    out + "\r\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_lines_are_folded_between_characters() {
        let line = format!("SUMMARY:{}", "量".repeat(60));
        let folded = fold(&line);
        assert!(folded.split("\r\n").all(|part| part.len() <= 75));
        assert_eq!(folded.replace("\r\n ", "").trim_end(), line);
        assert_eq!(escape("a;b,c\nd\\"), "a\\;b\\,c\\nd\\\\");
    }
}
