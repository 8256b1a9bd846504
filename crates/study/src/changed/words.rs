//! The comparison in words.

use std::collections::BTreeMap;

use model::{Catalogue, Cell, Cluster, Entity, Industry, Lang, Message, Names, Quantity};
use serde::Serialize;
use serde_json::Value;

use super::{Changed, Placement, PlanValue, RuleChange, RuleKind, RunName, Worth};
use crate::engine::manifest::mark;

/// Lines under a heading.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Passage {
    /// What it speaks of, for programs: `value`, `placements`, …
    pub about: &'static str,
    pub heading: String,
    pub lines: Vec<String>,
}

/// Tables that a passage names before the rest are counted.
const TABLES: usize = 12;
const SETTINGS: usize = 12;
/// Locks and vetoes whose price a sentence names.
const RULES: usize = 3;

struct Say<'a> {
    lang: Lang,
    names: &'a Names,
}

pub(super) fn passages(changed: &Changed, lang: Lang, names: &Names) -> Vec<Passage> {
    let say = Say { lang, names };
    let all = [
        ("value", say.value(changed)),
        ("placements", say.placements(&changed.placements)),
        ("rules", say.rules(changed)),
        ("industries", say.industries(changed)),
        ("settings", say.settings(changed)),
        ("numbers", say.numbers(changed)),
        ("tables", say.tables(changed)),
    ];
    let passage = |(about, lines): (&'static str, Vec<String>)| Passage {
        heading: say.word(&format!("changed.{about}.heading")),
        about,
        lines,
    };
    let told = all.into_iter().map(passage);
    told.filter(|p| !p.lines.is_empty()).collect()
}

pub(super) fn sentence(changed: &Changed, lang: Lang, names: &Names) -> String {
    let say = Say { lang, names };
    let came = changed.placements.iter().filter(|p| p.came).count();
    say.say(
        Message::new("changed.sentence")
            .with("after", say.worth_alone(changed.value.after.as_ref()))
            .with("before", say.worth_alone(changed.value.before.as_ref()))
            .with(
                "difference",
                say.quantity(&changed.value.difference, "points"),
            )
            .with("came", came)
            .with("went", changed.placements.len() - came)
            .with("prices", say.prices(changed)),
    )
}

impl Say<'_> {
    #[allow(clippy::needless_pass_by_value)] // messages are made where they are said
    fn say(&self, message: Message) -> String {
        Catalogue::builtin().render(&message, self.lang, self.names)
    }

    fn word(&self, id: &str) -> String {
        self.say(Message::new(id))
    }

    /// A word of the catalogue, or the name itself where it has none.
    fn known(&self, id: &str, name: &str) -> String {
        Catalogue::builtin().text_or(id, self.lang, name)
    }

    fn ranged(&self, text: String, range: Option<String>) -> String {
        match range {
            Some(range) => self.say(
                Message::new("changed.ranged")
                    .with("value", text)
                    .with("range", range),
            ),
            None => text,
        }
    }

    fn quantity(&self, quantity: &Quantity, unit: &str) -> String {
        match quantity {
            Quantity::Estimated(e) => {
                let (text, range) = publish::estimate(e, unit, self.lang);
                self.ranged(text, range)
            }
            Quantity::NotEstimated(reason) => {
                let reason = Message::new("changed.not_estimated").with("reason", reason.clone());
                self.say(reason)
            }
        }
    }

    fn worth_alone(&self, worth: Option<&Worth>) -> String {
        worth.map_or_else(
            || self.word("changed.no_plan"),
            |worth| self.quantity(&worth.objective.into(), "points"),
        )
    }

    fn value(&self, changed: &Changed) -> Vec<String> {
        let PlanValue {
            before,
            after,
            difference,
        } = &changed.value;
        let line = |id: &str, run: &RunName, worth: Option<&Worth>| {
            let gap = worth.and_then(|worth| worth.gap).map_or_else(
                || self.word("not_estimated"),
                |gap| self.say(Message::new("changed.share").with("share", gap.value)),
            );
            let message = Message::new(id)
                .with("run", mark(&run.id, run.variant.as_deref(), self.lang))
                .with("value", self.worth_alone(worth));
            self.say(message.with("gap", gap))
        };
        let of_difference =
            Message::new("changed.difference").with("value", self.quantity(difference, "points"));
        vec![
            line("changed.before", &changed.from, before.as_ref()),
            line("changed.after", &changed.to, after.as_ref()),
            self.say(of_difference),
        ]
    }

    /// One line for each placement; an industry that left one cluster for another moved.
    fn placements(&self, placements: &[Placement]) -> Vec<String> {
        let mut of_industry: BTreeMap<&Industry, Vec<&Placement>> = BTreeMap::new();
        for placement in placements {
            let of = of_industry.entry(&placement.industry);
            of.or_default().push(placement);
        }
        let mut asked = Vec::new();
        let mut others = Vec::new();
        for (industry, of) in of_industry {
            let (came, went): (Vec<&Placement>, Vec<&Placement>) =
                of.into_iter().partition(|p| p.came);
            if let ([to], [from]) = (came.as_slice(), went.as_slice()) {
                let message = Message::new("changed.moved")
                    .with("industry", industry.entity())
                    .with("from", from.cluster.entity())
                    .with("to", to.cluster.entity());
                let why = if from.why == to.why {
                    from.why.clone()
                } else {
                    Message::new("changed.why.both")
                        .with("from", from.cluster.entity())
                        .with("went", from.why.clone())
                        .with("to", to.cluster.entity())
                        .with("came", to.why.clone())
                };
                let line = self.with_why(message, why);
                if from.asked || to.asked {
                    asked.push(line);
                } else {
                    others.push(line);
                }
                continue;
            }
            for placement in came.into_iter().chain(went) {
                let id = if placement.came {
                    "changed.came"
                } else {
                    "changed.went"
                };
                let message = pair(id, &placement.cluster, industry);
                let line = self.with_why(message, placement.why.clone());
                if placement.asked {
                    asked.push(line);
                } else {
                    others.push(line);
                }
            }
        }
        asked.extend(others);
        if asked.is_empty() {
            asked.push(self.word("changed.same_plan"));
        }
        asked
    }

    fn with_why(&self, what: Message, why: Message) -> String {
        self.say(
            Message::new("changed.line")
                .with("what", what)
                .with("why", why),
        )
    }

    fn rules(&self, changed: &Changed) -> Vec<String> {
        let alone = alone(changed);
        let rules = changed.rules.iter();
        rules.map(|rule| self.rule(rule, alone)).collect()
    }

    /// The lock or veto, and what it costs where it is set.
    fn rule(&self, rule: &RuleChange, alone: bool) -> String {
        let what = rule_message(rule);
        match &rule.costs {
            Some(costs) if alone => self.say(
                Message::new("changed.rule.costs")
                    .with("rule", what)
                    .with("costs", self.quantity(&costs.beside, "points")),
            ),
            Some(costs) => self.say(
                Message::new("changed.rule.costs_beside")
                    .with("rule", what)
                    .with("alone", self.quantity(&costs.alone, "points"))
                    .with("beside", self.quantity(&costs.beside, "points")),
            ),
            None => self.say(what),
        }
    }

    /// What each lock and veto costs beside the other changes, as far as a sentence goes.
    fn prices(&self, changed: &Changed) -> Message {
        let priced = changed.rules.iter().filter_map(|rule| {
            let costs = rule.costs.as_ref()?;
            let price = Message::new("changed.sentence.price")
                .with("rule", rule_message(rule))
                .with("costs", self.quantity(&costs.beside, "points"));
            Some(self.say(price))
        });
        let priced: Vec<String> = priced.collect();
        if priced.is_empty() {
            return Message::verbatim("");
        }
        let separator = if self.lang == Lang::Zh { "；" } else { "; " };
        let more = match priced.len().saturating_sub(RULES) {
            0 => Message::verbatim(""),
            n => Message::new("changed.sentence.more").with("n", n),
        };
        let named = priced.iter().take(RULES).cloned().collect::<Vec<_>>();
        let id = if alone(changed) {
            "changed.sentence.price_alone"
        } else {
            "changed.sentence.prices"
        };
        Message::new(id)
            .with("prices", named.join(separator))
            .with("more", more)
    }

    fn industries(&self, changed: &Changed) -> Vec<String> {
        let found = &changed.industries;
        let lists = [
            ("changed.selected", &found.selected),
            ("changed.dropped", &found.dropped),
            ("changed.placed", &found.placed),
            ("changed.placed_nowhere", &found.placed_nowhere),
        ];
        let told = lists.into_iter().filter(|(_, list)| !list.is_empty());
        told.map(|(id, list)| {
            let list: Vec<Entity> = list.iter().map(Industry::entity).collect();
            self.say(Message::new(id).with("industries", list))
        })
        .collect()
    }

    /// Settings, evidence and the program, as far as they differ.
    fn settings(&self, changed: &Changed) -> Vec<String> {
        let mut lines: Vec<String> = (changed.settings.iter().take(SETTINGS))
            .map(|setting| {
                let message = Message::new("changed.setting")
                    .with("path", setting.path.as_str())
                    .with("from", self.setting(&setting.from))
                    .with("to", self.setting(&setting.to));
                self.say(message)
            })
            .collect();
        let more = changed.settings.len().saturating_sub(SETTINGS);
        if more > 0 {
            lines.push(self.say(Message::new("changed.more_settings").with("n", more)));
        }
        if !changed.evidence.is_empty() {
            let tables = changed.evidence.join(", ");
            lines.push(self.say(Message::new("changed.evidence").with("tables", tables)));
        }
        if changed.other_code {
            lines.push(self.word("changed.other_code"));
        }
        lines
    }

    fn setting(&self, value: &Value) -> String {
        match value {
            Value::Null => self.word("changed.unset"),
            other => other.to_string(),
        }
    }

    fn numbers(&self, changed: &Changed) -> Vec<String> {
        // What reads alike is no change to a reader.
        let numbers = changed.numbers.iter().filter(|number| {
            self.cell(&number.from, &number.unit) != self.cell(&number.to, &number.unit)
        });
        let lines = numbers.map(|number| {
            let about: Vec<String> = (number.about.iter())
                .map(|entity| self.names.show(entity, self.lang))
                .collect();
            let about = if about.is_empty() {
                self.title(&number.table)
            } else {
                format!("{} · {}", self.title(&number.table), about.join(" · "))
            };
            let column = self.known(
                &format!("column.{}", number.column),
                &number.column.replace('_', " "),
            );
            let unit = if number.unit.is_empty() {
                String::new()
            } else {
                let unit = self.known(&format!("unit.{}", number.unit), &number.unit);
                self.say(Message::new("changed.unit").with("unit", unit))
            };
            self.say(
                Message::new("changed.number")
                    .with("about", about)
                    .with("column", format!("{column}{unit}"))
                    .with("from", self.cell(&number.from, &number.unit))
                    .with("to", self.cell(&number.to, &number.unit)),
            )
        });
        lines.collect()
    }

    fn cell(&self, cell: &Cell, unit: &str) -> String {
        match cell {
            Cell::Count(n) => publish::number(*n as f64, unit, self.lang),
            Cell::Quantity(quantity) => self.quantity(quantity, unit),
            _ => String::new(),
        }
    }

    fn tables(&self, changed: &Changed) -> Vec<String> {
        let mut lines: Vec<String> = (changed.tables.iter().take(TABLES))
            .map(|table| {
                let message = Message::new("changed.table")
                    .with("table", self.title(&table.table))
                    .with("n", table.differing)
                    .with("before", table.rows_before)
                    .with("after", table.rows_after);
                self.say(message)
            })
            .collect();
        let more = changed.tables.len().saturating_sub(TABLES);
        if more > 0 {
            lines.push(self.say(Message::new("changed.more_tables").with("n", more)));
        }
        lines
    }

    fn title(&self, table: &str) -> String {
        self.known(&format!("table.{table}"), table)
    }
}

fn pair(id: &str, cluster: &Cluster, industry: &Industry) -> Message {
    Message::new(id)
        .with("cluster", cluster.entity())
        .with("industry", industry.entity())
}

/// What changed alone has one price.
fn alone(changed: &Changed) -> bool {
    changed.rules.len() == 1 && changed.settings.is_empty()
}

/// The lock or veto in a planner's words.
pub(crate) fn rule_message(rule: &RuleChange) -> Message {
    let id = match (rule.kind, rule.set) {
        (RuleKind::Lock, true) => "report.variant.lock",
        (RuleKind::Lock, false) => "report.variant.lock.lifted",
        (RuleKind::Veto, true) => "report.variant.veto",
        (RuleKind::Veto, false) => "report.variant.veto.lifted",
    };
    pair(id, &rule.cluster, &rule.industry)
}
