//! TaskJuggler 3 project files: tasks in containers by group, pinned dates, links as `depends` with gaps.

use super::{LinkKind, Timeline, identifier, one_line};

pub(super) fn render(timeline: &Timeline) -> String {
    let (first, last) = timeline.span();
    let days = (last.0 - first.0).max(1) + 1;
    let mut out = format!(
        "project plan \"{}\" {first} +{days}d {{\n  timezone \"UTC\"\n  timeformat \"%Y-%m-%d\"\n}}\n\n",
        quoted(&timeline.title)
    );
    let groups = timeline.groups();
    let mut paths = vec![String::new(); timeline.items.len()];
    for (number, (_, items)) in groups.iter().enumerate() {
        for k in items {
            let own = identifier(*k, &timeline.items[*k].id);
            paths[*k] = format!("g{}.{own}", number + 1);
        }
    }
    for (number, (group, items)) in groups.iter().enumerate() {
        out += &format!("task g{} \"{}\" {{\n", number + 1, quoted(group));
        for k in items {
            let item = &timeline.items[*k];
            let own = identifier(*k, &item.id);
            out += &format!("  task {own} \"{}\" {{\n", quoted(&item.name));
            if item.start == item.finish {
                out += &format!("    milestone\n    start {}\n", item.start);
            } else {
                out += &format!(
                    "    start {}\n    end {}\n    scheduled\n",
                    item.start, item.finish
                );
            }
            if !item.after.is_empty() {
                let links: Vec<String> = item
                    .after
                    .iter()
                    .map(|link| {
                        let mut options = Vec::new();
                        if link.kind == LinkKind::StartToStart {
                            options.push("onstart".to_owned());
                        }
                        if link.days > 0 {
                            options.push(format!("gapduration {}d", link.days));
                        }
                        let path = &paths[link.to];
                        if options.is_empty() {
                            path.clone()
                        } else {
                            format!("{path} {{ {} }}", options.join(" "))
                        }
                    })
                    .collect();
                out += &format!("    depends {}\n", links.join(", "));
            }
            if !item.note.is_empty() {
                out += &format!("    note \"{}\"\n", quoted(&item.note));
            }
            out += "  }\n";
        }
        out += "}\n\n";
    }
    out += "taskreport plan \"plan\" {\n  formats csv\n  columns id, name, start, end\n}\n";
    out
}

fn quoted(text: &str) -> String {
    one_line(text).replace('\\', "/").replace('"', "'")
}
