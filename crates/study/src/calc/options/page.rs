//! One place on a page to print: who we are, what fits, whether the table can tell, what it cannot say.

use foundation::robustness::validity::{Finding, Validity};
use foundation::strategy::quadrants::{Placed, Quadrant, Quadrants};
use model::{
    Basis, Catalogue, Cell, Entity, Estimate, Kind, Lang, Message, Names, Origin, ResultTable,
    RowRef,
};
use publish::document::{Block, Document, Extent, Folded, NoteKind, Section, Span};
use publish::{TableSettings, table_view};

use super::super::table::{Period, Prepared};

/// Rows of a table on the page; the files hold all of them.
const ROWS: usize = 20;
/// Industries named in a sentence.
const NAMED: usize = 5;

/// What the page is about.
pub(super) struct Place<'a> {
    pub prepared: &'a Prepared,
    pub period: &'a Period,
    /// Position in the table of the period.
    pub home: usize,
    /// Location quotients, by location and activity.
    pub quotients: &'a [f64],
    pub found: &'a Quadrants,
    pub validity: Option<&'a Validity>,
}

/// What the table can tell about the options.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    Tells,
    /// Random tables with the same totals are as well ordered.
    Blind,
    /// There is an order, but nothing says which end of it is complex.
    Unsettled,
    /// The comparison with random tables could not be made.
    Unchecked,
}

impl Verdict {
    /// For programs, and the ending of the message that says it.
    pub fn code(self) -> &'static str {
        match self {
            Self::Tells => "tells",
            Self::Blind => "blind",
            Self::Unsettled => "unsettled",
            Self::Unchecked => "unchecked",
        }
    }
}

/// Fewer random tables than this are no comparison.
const LEAST_SAMPLES: usize = 10;

impl Place<'_> {
    /// The answer in a sentence: how many options are related and complex at every threshold, or why none can be named.
    pub fn finding(&self) -> Message {
        let (sure, maybe) = self.high_roads();
        let neither = self.known().count() - sure.len() - maybe.len();
        Message::new(format!("options.finding.{}", self.verdict().code()))
            .with("location", self.label())
            .with("all", self.known().count())
            .with("sure", named(&sure))
            .with("maybe", named(&maybe))
            .with("neither", neither)
    }

    /// Options that are related and complex at every threshold, and those that may be, the most related first.
    pub fn high_roads(&self) -> (Vec<&str>, Vec<&str>) {
        let labels = self.period.table.activities();
        let road = |p: &&Placed| p.possible.contains(&Quadrant::HighRoad);
        let (sure, maybe): (Vec<&Placed>, Vec<&Placed>) =
            self.known().filter(road).partition(|p| p.is_separated());
        let label = |p: &Placed| labels[p.candidate.activity].as_str();
        let labels = |list: Vec<&'_ Placed>| -> Vec<&str> { list.into_iter().map(label).collect() };
        (labels(sure), labels(maybe))
    }

    pub fn verdict(&self) -> Verdict {
        let Some(found) = self.validity else {
            return Verdict::Unchecked;
        };
        let has = |finding| found.findings.contains(&finding);
        if has(Finding::NoStructure) || has(Finding::NoOrder) {
            return Verdict::Blind;
        }
        if self.samples() < LEAST_SAMPLES || found.findings.iter().any(|f| f.is_fatal()) {
            return Verdict::Unchecked;
        }
        if has(Finding::SignUnsettled) {
            return Verdict::Unsettled;
        }
        Verdict::Tells
    }

    /// Random tables that the table was compared with, in structure and in order.
    fn samples(&self) -> usize {
        let chance = self.validity.and_then(|v| v.chance.as_ref());
        let compared = chance.map(|c| [&c.second_eigenvalue, &c.supermodularity]);
        let usable = |c: &foundation::robustness::validity::AgainstChance| {
            if c.observed.is_finite() { c.samples } else { 0 }
        };
        compared.map_or(0, |both| both.map(usable).into_iter().min().unwrap_or(0))
    }

    /// What the checks of the table found, and that they were made.
    pub fn warnings(&self) -> Vec<Message> {
        let verdict = self.verdict();
        let mut said: Vec<Message> = self.validity.map_or_else(Vec::new, |found| {
            found.findings.iter().map(|f| f.message()).collect()
        });
        match verdict {
            Verdict::Unchecked => said.insert(0, Message::new("options.unchecked")),
            Verdict::Blind => said.push(Message::new("options.blind.needed")),
            Verdict::Tells if said.is_empty() => {
                said.push(Message::new("options.sound").with("samples", self.samples()));
            }
            Verdict::Tells | Verdict::Unsettled => {}
        }
        let unknown = self.found.placed.len() - self.known().count();
        if unknown > 0 {
            let message = Message::new("options.unknown").with("location", self.label());
            said.push(message.with("n", unknown));
        }
        said
    }

    /// The options whose cell is on record: of an empty one nobody knows whether the place has it.
    fn known(&self) -> impl Iterator<Item = &Placed> {
        let table = &self.period.table;
        (self.found.placed.iter())
            .filter(|p| table.value(self.home, p.candidate.activity).is_finite())
    }

    pub fn document(&self, lang: Lang) -> Document {
        let catalogue = Catalogue::builtin();
        let names = Names::default();
        let say = |message: &Message| catalogue.render(message, lang, &names);
        let word = |id: &str| say(&Message::new(id));
        let section = |id: &str, blocks: Vec<Block>| Section {
            id: id.to_owned(),
            number: String::new(),
            heading: word(&format!("options.section.{id}")),
            blocks,
        };
        let table = |table: &ResultTable| {
            let ordered = table.name != "calc.options" || self.verdict() == Verdict::Tells;
            let caption = word(&if ordered {
                format!("table.{}", table.name)
            } else {
                format!("table.{}.list", table.name)
            });
            let settings = TableSettings {
                id: &table.name,
                caption: &caption,
                folded: Folded::Open,
                columns: &[],
            };
            let mut short = table.clone();
            short.rows.truncate(ROWS);
            let view = table_view(&short, &settings, lang, &names, |_| String::new());
            let rest = table.rows.len() - short.rows.len();
            let more = (rest > 0).then(|| say(&Message::new("more").with("n", rest)));
            Block::Table(view.without_links().and_more(more))
        };
        let list = |items: Vec<Message>| {
            let spans = items.iter().map(|m| vec![Span::Text(say(m))]);
            Block::List(spans.collect())
        };
        let (held, options) = (self.held(), self.options());
        let warned = self.warnings().iter().map(&say).collect::<Vec<_>>();
        let separator = if lang == Lang::Zh { "" } else { " " };
        let spans = vec![Span::Text(warned.join(separator))];
        let sound = self.verdict() == Verdict::Tells
            && self.validity.is_some_and(|v| v.findings.is_empty());
        let trust = if sound {
            Block::Paragraph(spans)
        } else {
            Block::Note {
                kind: NoteKind::Limit,
                spans,
            }
        };
        let cuts = Message::new("options.cuts")
            .with("density", self.found.relatedness_cut)
            .with("pci", self.found.complexity_cut)
            .with("all", self.found.placed.len());
        let cuts = Block::Paragraph(vec![Span::Text(say(&cuts))]);
        let limits = [
            "options.limit.exact",
            "options.limit.ranges",
            "options.limit.neighbours",
            "options.limit.next",
        ];
        let input = &self.prepared.input;
        let text = |key: &str| input[key].as_str().unwrap_or_default().to_owned();
        let source = Message::new("options.source")
            .with("file", text("file"))
            .with("hash", text("blake3"))
            .with("rows", input["rows"].as_f64().unwrap_or_default());
        Document {
            lang,
            extent: Extent::Brief,
            title: say(&Message::new("options.title").with("location", self.label())),
            subtitle: say(&self.finding()),
            classification: None,
            meta: self.meta(&word),
            sections: vec![
                section("trust", vec![trust]),
                section("who", vec![table(&held)]),
                section("fits", vec![table(&options), cuts]),
                section(
                    "limits",
                    vec![
                        list(limits.iter().map(|id| Message::new(*id)).collect()),
                        list(vec![source]),
                    ],
                ),
            ],
            explanations: Vec::new(),
            evidence: Vec::new(),
            sources: Vec::new(),
        }
    }

    fn meta(&self, word: &dyn Fn(&str) -> String) -> Vec<(String, String)> {
        let table = &self.period.table;
        let mut meta = vec![(
            word("options.meta.convention"),
            self.prepared.preset.code().to_owned(),
        )];
        if let Some(year) = self.period.year {
            meta.push((word("column.year"), year.0.to_string()));
        }
        let size = [table.locations().len(), table.activities().len()];
        meta.push((
            word("options.meta.size"),
            format!("{} × {}", size[0], size[1]),
        ));
        meta
    }

    fn label(&self) -> &str {
        &self.period.table.locations()[self.home]
    }

    fn origin(&self) -> Vec<Origin> {
        let file = self.prepared.input["file"].as_str().unwrap_or_default();
        vec![Origin::Evidence(RowRef::new("files", file))]
    }

    /// What the place has, the most specialised first.
    fn held(&self) -> ResultTable {
        let mut held = ResultTable::new(
            "calc.held",
            "specialisation",
            "quotient = (value / total of the location) / (total of the activity / total of the table)",
            &[
                ("activity", ""),
                ("cell_value", ""),
                ("cell_share", "share"),
                ("quotient", ""),
            ],
        );
        let table = &self.period.table;
        let width = table.activities().len();
        let total: f64 = (0..width).map(|a| known(table.value(self.home, a))).sum();
        let quotient = |a: usize| self.quotients[self.home * width + a];
        let mut order: Vec<usize> = (0..width)
            .filter(|a| known(table.value(self.home, *a)) > 0.0 && quotient(*a).is_finite())
            .collect();
        order.sort_by(|a, b| quotient(*b).total_cmp(&quotient(*a)).then(a.cmp(b)));
        for a in order {
            let value = table.value(self.home, a);
            let exact = |x: f64| Cell::from(Estimate::exact(x, Basis::Derived));
            held.push(
                table.activities()[a].clone(),
                vec![
                    table.activities()[a].clone().into(),
                    exact(value),
                    exact(value / total),
                    exact(quotient(a)),
                ],
                self.origin(),
            );
        }
        held
    }

    /// What it has not: surely related and complex first, then perhaps, each by density.
    fn options(&self) -> ResultTable {
        let mut options = ResultTable::new(
            "calc.options",
            "smart-specialisation",
            "density = Σ M φ / Σ φ of what the place does not have, beside PCI; quadrants cut at the means, ranges over RCA thresholds 0.75 to 1.25 times the convention's",
            &[
                ("activity", ""),
                ("density", "share"),
                ("pci", ""),
                ("possible_quadrants", ""),
            ],
        );
        let rank = |p: &Placed| match (p.is_separated(), p.quadrant) {
            (true, Quadrant::HighRoad) => 0,
            _ if p.possible.contains(&Quadrant::HighRoad) => 1,
            _ => 2,
        };
        let mut placed: Vec<&Placed> = self.known().collect();
        // Stable: within a rank the order of the densities stays.
        placed.sort_by_key(|p| rank(p));
        for p in placed {
            let label = &self.period.table.activities()[p.candidate.activity];
            let quadrants = p.possible.iter();
            options.push(
                label.clone(),
                vec![
                    label.clone().into(),
                    p.candidate.relatedness.into(),
                    p.candidate.complexity.into(),
                    if p.possible.len() == 4 {
                        Entity::new(Kind::Code, "quadrant.any").into()
                    } else {
                        let codes = quadrants.map(|q| Entity::new(Kind::Code, q.code()));
                        Cell::Entities(codes.collect())
                    },
                ],
                self.origin(),
            );
        }
        options
    }
}

fn known(value: f64) -> f64 {
    if value.is_finite() { value } else { 0.0 }
}

/// The first few by name.
fn named(labels: &[&str]) -> Message {
    if labels.is_empty() {
        return Message::new("options.none");
    }
    let word = |label: &&str| Message::verbatim(label);
    let mut items: Vec<Message> = labels.iter().take(NAMED).map(word).collect();
    if labels.len() > NAMED {
        items.push(Message::new("more").with("n", labels.len() - NAMED));
    }
    Message::listed(&items)
}
