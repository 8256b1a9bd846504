//! Microsoft Project XML (the data interchange schema `http://schemas.microsoft.com/project`): elements in the order
//! of the schema, a calendar that works every day, tasks with manual dates, links with lags in tenths of a minute.

use super::{Date, LinkKind, Timeline};

const MINUTES_A_DAY: i64 = 1_440;

pub(super) fn render(timeline: &Timeline) -> String {
    let (first, last) = timeline.span();
    let title = escape(&timeline.title);
    let mut out = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n\
         <Project xmlns=\"http://schemas.microsoft.com/project\">\n\
         <SaveVersion>14</SaveVersion>\n<Name>{title}</Name>\n<Title>{title}</Title>\n\
         <ScheduleFromStart>1</ScheduleFromStart>\n<StartDate>{}</StartDate>\n<FinishDate>{}</FinishDate>\n\
         <CalendarUID>1</CalendarUID>\n<DefaultStartTime>00:00:00</DefaultStartTime>\n\
         <MinutesPerDay>{MINUTES_A_DAY}</MinutesPerDay>\n<MinutesPerWeek>{}</MinutesPerWeek>\n\
         <DaysPerMonth>30</DaysPerMonth>\n",
        moment(first),
        moment(last),
        7 * MINUTES_A_DAY
    );
    out += "<Calendars>\n<Calendar>\n<UID>1</UID>\n<Name>every day</Name>\n<IsBaseCalendar>1</IsBaseCalendar>\n\
            <BaseCalendarUID>-1</BaseCalendarUID>\n<WeekDays>\n";
    for day in 1..=7 {
        out += &format!(
            "<WeekDay><DayType>{day}</DayType><DayWorking>1</DayWorking><WorkingTimes><WorkingTime>\
             <FromTime>00:00:00</FromTime><ToTime>00:00:00</ToTime></WorkingTime></WorkingTimes></WeekDay>\n"
        );
    }
    out += "</WeekDays>\n</Calendar>\n</Calendars>\n<Tasks>\n";
    // Groups are summary tasks; their items follow, one level deeper.
    let mut row = 0;
    let mut rows = vec![0; timeline.items.len()];
    let groups = timeline.groups();
    for (_, items) in &groups {
        row += 1;
        for k in items {
            row += 1;
            rows[*k] = row;
        }
    }
    for (number, (group, items)) in groups.iter().enumerate() {
        let from = items.iter().map(|k| timeline.items[*k].start).min();
        let to = items.iter().map(|k| timeline.items[*k].finish).max();
        let (from, to) = (from.unwrap_or(first), to.unwrap_or(last));
        let summary = items.first().map_or(0, |k| rows[*k] - 1);
        out += &task(&Row {
            uid: summary,
            name: group,
            outline: format!("{}", number + 1),
            level: 1,
            from,
            to,
            summary: true,
            critical: false,
        });
        out += "</Task>\n";
        for (place, k) in items.iter().enumerate() {
            let item = &timeline.items[*k];
            out += &task(&Row {
                uid: rows[*k],
                name: &item.name,
                outline: format!("{}.{}", number + 1, place + 1),
                level: 2,
                from: item.start,
                to: item.finish,
                summary: false,
                critical: item.critical,
            });
            // Start no earlier than its date.
            out += &format!(
                "<ConstraintType>4</ConstraintType><ConstraintDate>{}</ConstraintDate>",
                moment(item.start)
            );
            if !item.note.is_empty() {
                out += &format!("<Notes>{}</Notes>", escape(&item.note));
            }
            for link in &item.after {
                let kind = match link.kind {
                    LinkKind::FinishToStart => 1,
                    LinkKind::StartToStart => 3,
                };
                out += &format!(
                    "<PredecessorLink><PredecessorUID>{}</PredecessorUID><Type>{kind}</Type>\
                     <CrossProject>0</CrossProject><LinkLag>{}</LinkLag><LagFormat>7</LagFormat></PredecessorLink>",
                    rows[link.to],
                    i64::from(link.days) * MINUTES_A_DAY * 10
                );
            }
            out += "</Task>\n";
        }
    }
    out += "</Tasks>\n</Project>\n";
    out
}

struct Row<'a> {
    uid: usize,
    name: &'a str,
    outline: String,
    level: u8,
    from: Date,
    to: Date,
    summary: bool,
    critical: bool,
}

/// The opening of a task, up to what only items have.
fn task(row: &Row) -> String {
    let duration = format!("PT{}H0M0S", i64::from(row.to.0 - row.from.0) * 24);
    let (from, to) = (moment(row.from), moment(row.to));
    let milestone = u8::from(row.from == row.to);
    format!(
        "<Task><UID>{uid}</UID><ID>{uid}</ID><Name>{name}</Name><Manual>{manual}</Manual><Type>1</Type>\
         <IsNull>0</IsNull><OutlineNumber>{outline}</OutlineNumber><OutlineLevel>{level}</OutlineLevel>\
         <Start>{from}</Start><Finish>{to}</Finish><Duration>{duration}</Duration>\
         <ManualStart>{from}</ManualStart><ManualFinish>{to}</ManualFinish>\
         <ManualDuration>{duration}</ManualDuration><DurationFormat>7</DurationFormat>\
         <Milestone>{milestone}</Milestone><Summary>{summary}</Summary><Critical>{critical}</Critical>",
        uid = row.uid,
        name = escape(row.name),
        manual = u8::from(!row.summary),
        outline = row.outline,
        level = row.level,
        summary = u8::from(row.summary),
        critical = u8::from(row.critical),
    )
}

fn moment(date: Date) -> String {
    format!("{date}T00:00:00")
}

fn escape(text: &str) -> String {
    super::one_line(text)
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}
