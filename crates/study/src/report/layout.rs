//! Layout: which industries, where, on which roadmap.

use std::collections::{BTreeMap, BTreeSet};

use model::{Cell, Cluster, Entity, Kind, Message, ResultTable, Row};
use publish::document::{Block, Folded, NoteKind, Section, Span};
use publish::figures::{
    Acceptability, AcceptabilityRows, ClusterMap, ClusterPoint, IndustryKey, Lane, LayerBand,
    LayerNode, Milestone, RankRow, Roadmap, Stage, acceptability, cluster_map, roadmap,
};

use super::book::{Book, entity_of, only};
use super::together;
use crate::changed::Against;
use crate::config::LinkRole;
use crate::engine::output::{cell, entity, estimate};

/// Columns of the roadmap that stay where only a few fit: what, when, and with which certainty.
const ESSENTIAL: [&str; 7] = [
    "industry", "stage", "start", "finish", "p50", "p80", "holds",
];

pub fn section(book: &Book) -> Section {
    let mut blocks = vec![book.subheading("layout.select.heading")];
    blocks.extend(selection(book));
    blocks.push(book.subheading("layout.regions.heading"));
    blocks.extend(regions(book));
    blocks.push(book.subheading("layout.roadmap.heading"));
    blocks.extend(schedule(book));
    blocks.extend(together::blocks(book));
    blocks.extend(whole(book));
    Section {
        id: "layout".to_owned(),
        number: String::new(),
        heading: book.word("section.layout"),
        blocks,
    }
}

/// How firm the plan is as a whole; nothing where the study did not ask.
fn whole(book: &Book) -> Vec<Block> {
    let Some(settings) = &book.run.manifest.config.whole else {
        return Vec::new();
    };
    let intro = Message::new("layout.whole.intro")
        .with("draws", settings.draws)
        .with("core", settings.core_from)
        .with("frequent", settings.frequent_from);
    vec![
        book.subheading("layout.whole.heading"),
        book.paragraph(intro),
        book.block(&book.table("layout.whole_plan"), &[], Folded::Open),
        book.block(&book.table("layout.whole"), &[], Folded::After(10)),
        book.block(&book.table("layout.whole_drivers"), &[], Folded::Whole),
    ]
}

fn selection(book: &Book) -> Vec<Block> {
    let table = book.table("layout.acceptability");
    let ranks = book.table("layout.ranks");
    let settings = &book.run.manifest.config.selection;
    let rows: Vec<RankRow> = table
        .rows
        .iter()
        .map(|row| {
            let prefix = format!("{}/", row.key);
            RankRow {
                label: entity_of(&table, row, "field")
                    .map(|e| book.name(&e))
                    .unwrap_or_default(),
                ranks: ranks
                    .rows
                    .iter()
                    .filter(|rank| rank.key.starts_with(&prefix))
                    .filter_map(|rank| estimate(&ranks, rank, "acceptability").map(|e| e.value))
                    .collect(),
            }
        })
        .collect();
    let sure: Vec<Entity> = table
        .rows
        .iter()
        .filter(|row| entity(&table, row, "separation") == Some("separation.in"))
        .filter_map(|row| entity_of(&table, row, "field"))
        .collect();
    let open = table
        .rows
        .iter()
        .filter(|row| entity(&table, row, "separation") == Some("separation.not_separated"))
        .count();
    let id = if sure.is_empty() {
        "finding.select.none"
    } else {
        "finding.select"
    };
    let least = table
        .rows
        .iter()
        .filter(|row| entity(&table, row, "separation") == Some("separation.in"))
        .filter_map(|row| estimate(&table, row, "top_acceptability"))
        .map(|e| e.value)
        .fold(1.0, f64::min);
    let finding = Message::new(id)
        .with("least", least)
        .with("sure", sure)
        .with("open", open)
        .with("top", settings.top);
    let input = Acceptability {
        rows: AcceptabilityRows::Ranks(rows),
        measure: book.word("figure.select.measure"),
    };
    let view = book.view(&table, &[], Folded::Open);
    let mut blocks =
        vec![book.paragraph(
            Message::new("layout.select.intro").with("draws", settings.draws.to_string()),
        )];
    blocks.extend(
        which_go_on(book, &table)
            .into_iter()
            .map(|message| book.paragraph(message)),
    );
    blocks.extend([
        book.figure("select", finding, view, input.charts(book.lang), |frame| {
            acceptability(frame, &input)
        }),
        book.block(&book.table("layout.criteria"), &[], Folded::Whole),
    ]);
    blocks
}

/// Which fields the plan holds and by what rule, which stay in reserve, and which were never weighed.
fn which_go_on(book: &Book, acceptability: &ResultTable) -> Vec<Message> {
    let of = |laid_out: &str| -> Vec<Entity> {
        (acceptability.rows.iter())
            .filter(|row| entity(acceptability, row, "laid_out") == Some(laid_out))
            .filter_map(|row| entity_of(acceptability, row, "field"))
            .collect()
    };
    let regions = book.table("layout.regions");
    let mut planned: Vec<Entity> = (regions.rows.iter())
        .filter_map(|row| entity_of(&regions, row, "industry"))
        .collect();
    planned.sort();
    planned.dedup();
    let reserve = of("laid_out.reserve");
    let criteria = book.table("layout.criteria");
    let unweighed: Vec<Entity> = (criteria.rows.iter())
        .filter(|row| !acceptability.rows.is_empty() && acceptability.row(&row.key).is_none())
        .filter_map(|row| entity_of(&criteria, row, "field"))
        .collect();
    let mut found = Vec::new();
    if !planned.is_empty() {
        found.push(
            Message::new("layout.select.plan")
                .with("top", book.run.manifest.config.selection.top)
                .with("n", planned.len())
                .with("fields", planned),
        );
    }
    for (id, fields) in [
        ("layout.select.reserve", reserve),
        ("layout.select.unweighed", unweighed),
    ] {
        if !fields.is_empty() {
            found.push(Message::new(id).with("fields", fields));
        }
    }
    found
}

/// Placements that stand on paper.
const PLACEMENTS: usize = 80;

fn regions(book: &Book) -> Vec<Block> {
    let table = book.table("layout.regions");
    if table.rows.is_empty() {
        return vec![book.block(&table, &[], Folded::Open)];
    }
    let mut industries: Vec<Entity> = table
        .rows
        .iter()
        .filter_map(|row| entity_of(&table, row, "industry"))
        .collect();
    industries.sort();
    industries.dedup();
    let mut hosts: BTreeMap<Cluster, Vec<usize>> = BTreeMap::new();
    for row in &table.rows {
        if let (Some(cluster), Some(industry)) = (
            entity(&table, row, "cluster"),
            entity_of(&table, row, "industry"),
        ) && let Some(index) = industries.iter().position(|known| *known == industry)
        {
            hosts.entry(cluster.into()).or_default().push(index);
        }
    }
    let points: Vec<ClusterPoint> = hosts
        .iter()
        .filter_map(|(cluster, industries)| {
            let record = book.evidence.table("clusters")?.get(cluster.as_str())?;
            Some(ClusterPoint {
                label: book.name(&cluster.entity()),
                lon: record.number("lon")?,
                lat: record.number("lat")?,
                industries: industries.clone(),
            })
        })
        .collect();
    let input = ClusterMap {
        points,
        industries: industries
            .iter()
            .map(|e| IndustryKey {
                label: book.name(e),
            })
            .collect(),
    };
    let duplication = book.table("layout.duplication");
    let within = |key: &str| {
        duplication
            .row(key)
            .and_then(|row| estimate(&duplication, row, "within_region"))
            .map(|e| e.value)
    };
    let finding = match (within("uncoordinated"), within("plan")) {
        (Some(before), Some(after)) => Message::new("finding.regions")
            .with("before", before)
            .with("after", after)
            .with("clusters", hosts.len())
            .with("industries", industries.len()),
        _ => Message::new("finding.regions.short")
            .with("clusters", hosts.len())
            .with("industries", industries.len()),
    };
    // The plan itself: a map does not name every industry of every cluster.
    let view = book.view(&table, &[], Folded::After(PLACEMENTS));
    let certificate = book.table("layout.certificate");
    let links = book.run.manifest.config.regions.links;
    let counted = links.filter(|links| links.role == LinkRole::Plan);
    let mut blocks = vec![book.paragraph(Message::new("layout.regions.intro"))];
    if let Some(links) = counted {
        let hosted = match certificate
            .rows
            .first()
            .and_then(|row| cell(&certificate, row, "links_hosted"))
        {
            Some(Cell::Count(n)) => usize::try_from(*n).unwrap_or(0),
            _ => 0,
        };
        let said = Message::new("layout.regions.links")
            .with("weight", links.weight.value)
            .with("n", hosted);
        blocks.push(book.paragraph(said));
    }
    blocks.extend([
        book.figure("regions", finding, view, Vec::new(), |frame| {
            cluster_map(frame, &input)
        }),
        book.block(&certificate, &[], Folded::Open),
        book.block(&duplication, &[], Folded::Open),
    ]);
    blocks.push(book.paragraph(Message::new("layout.reasons.intro")));
    blocks.push(book.block(&reasons(book), &[], Folded::After(10)));
    blocks.push(book.block(&book.table("layout.rule_prices"), &[], Folded::Open));
    if let Some(settings) = links.filter(|_| !book.table("layout.linked_plan").rows.is_empty()) {
        let id = if counted.is_some() {
            "layout.linked.intro.plan"
        } else {
            "layout.linked.intro"
        };
        let intro = Message::new(id)
            .with("layouts", settings.layouts)
            .with("within", settings.within);
        blocks.extend([
            book.paragraph(intro),
            book.block(&book.table("layout.linked_plan"), &[], Folded::Open),
            book.block(&book.table("layout.linked_links"), &[], Folded::Whole),
            book.block(&book.table("layout.linked"), &[], Folded::Whole),
            book.block(&book.table("layout.alternatives"), &[], Folded::Open),
            book.block(&book.table("layout.alternative_places"), &[], Folded::Whole),
        ]);
    }
    blocks
}

fn schedule(book: &Book) -> Vec<Block> {
    let table = book.table("layout.roadmap");
    if table.rows.is_empty() {
        return vec![book.block(&table, &[], Folded::Open)];
    }
    let milestones = book.table("layout.milestones");
    let mut industries: Vec<Entity> = Vec::new();
    let mut kinds: Vec<Entity> = Vec::new();
    for row in &table.rows {
        for (list, column) in [(&mut industries, "industry"), (&mut kinds, "stage")] {
            if let Some(found) = entity_of(&table, row, column)
                && !list.contains(&found)
            {
                list.push(found);
            }
        }
    }
    let start = f64::from(book.run.manifest.config.study.start_year.0);
    let mut end = start + 5.0;
    let lanes: Vec<Lane> = industries
        .iter()
        .map(|industry| {
            let of_industry = only(&table, |row| {
                entity(&table, row, "industry") == Some(industry.id.as_str())
            });
            let stages: Vec<Stage> = of_industry
                .rows
                .iter()
                .filter_map(|row| stage(&of_industry, row, &kinds))
                .collect();
            for stage in &stages {
                end = end.max(stage.p80);
            }
            let milestone = milestones
                .row(&industry.id)
                .and_then(|row| estimate(&milestones, row, "p50"))
                .map(|p50| Milestone {
                    label: String::new(),
                    year: p50.value,
                });
            Lane {
                label: book.name(industry),
                stages,
                milestones: milestone.into_iter().collect(),
            }
        })
        .collect();
    let first = milestones
        .rows
        .iter()
        .filter_map(|row| Some((estimate(&milestones, row, "p50")?.value, row.key.clone())))
        .min_by(|a, b| a.0.total_cmp(&b.0));
    let bound = book.table("layout.schedule");
    let gap = bound
        .rows
        .first()
        .and_then(|row| estimate(&bound, row, "optimality_gap"))
        .map_or(0.0, |e| e.value);
    let holds = bound
        .rows
        .first()
        .and_then(|row| estimate(&bound, row, "holds"))
        .map_or(0.0, |e| e.value);
    let finding = match first {
        Some((year, industry)) => Message::new(if gap > 0.0 {
            "finding.roadmap"
        } else {
            "finding.roadmap.shortest"
        })
        .with("industry", Entity::new(Kind::Field, industry))
        .with("year", format!("{}", year.floor()))
        .with("holds", holds)
        .with("gap", gap),
        None => Message::new("finding.roadmap.none"),
    };
    let layers = book.table("layout.roadmap_layers");
    let of_kind = |kind: &Entity| {
        let row =
            (table.rows.iter()).find(|row| entity_of(&table, row, "stage").as_ref() == Some(kind));
        let layer = row.and_then(|row| entity_of(&table, row, "layer"));
        let name = book.name(kind);
        let layer = layer.map(|layer| book.name(&layer));
        // A stage may be called as its layer.
        match layer.filter(|layer| *layer != name) {
            Some(layer) => format!("{name} · {layer}"),
            None => name,
        }
    };
    let last = book.run.manifest.config.study.horizon_year.0;
    let late = late(book, &milestones, last);
    if !late.is_empty() {
        // The line at the end of the plan stands where something lies beyond it.
        end = end.max(f64::from(last) + 1.0);
    }
    let input = Roadmap {
        years: (start, end.ceil()),
        plan_end: (!late.is_empty()).then_some(last),
        bands: bands(book, &layers),
        lanes_name: book.word("roadmap.band.stages"),
        lanes,
        kinds: kinds.iter().map(of_kind).collect(),
    };
    let mut view = book.view(&table, &[], Folded::Open);
    // P80 is the date to commit to.
    view.essential = ESSENTIAL
        .iter()
        .filter_map(|name| table.column(name))
        .collect();
    let mut blocks = vec![book.paragraph(Message::new("layout.roadmap.intro"))];
    blocks.extend(late);
    blocks.extend([
        book.figure("roadmap", finding, view, input.charts(book.lang), |frame| {
            roadmap(frame, &input)
        }),
        book.block(&milestones, &[], Folded::Open),
        book.block(&layers, &[], Folded::Whole),
        book.block(&bound, &[], Folded::Open),
        book.block(
            &book.table("layout.roadmap_alternatives"),
            &[],
            Folded::Whole,
        ),
    ]);
    blocks
}

/// The reasons; those of the cities where a variant changed something come first.
fn reasons(book: &Book) -> ResultTable {
    let mut table = book.table("layout.reasons");
    if let Some(Against::Study(changed)) = &book.against {
        let placements = changed.placements.iter();
        let moved: BTreeSet<&str> = placements.map(|p| p.cluster.as_str()).collect();
        let at = table.column("cluster");
        let elsewhere = |row: &Row| match at.and_then(|at| row.cells.get(at)) {
            Some(Cell::Entity(cluster)) => !moved.contains(cluster.id.as_str()),
            _ => true,
        };
        table.rows.sort_by_key(elsewhere);
    }
    table
}

/// Industries whose capacity the tables show in a year after the last one of the plan: in the middle case, and further
/// ones with the margin.
fn late(book: &Book, milestones: &ResultTable, last: i32) -> Vec<Block> {
    let beyond = |row: &Row, column: &str| after(milestones, row, column, last);
    let with = |wanted: &dyn Fn(&Row) -> bool| -> Vec<Entity> {
        (milestones.rows.iter())
            .filter(|row| wanted(row))
            .filter_map(|row| entity_of(milestones, row, "industry"))
            .collect()
    };
    let middle = with(&|row| beyond(row, "p50"));
    let margin = with(&|row| beyond(row, "p80") && !beyond(row, "p50"));
    [("p50", middle), ("p80", margin)]
        .into_iter()
        .filter(|(_, industries)| !industries.is_empty())
        .map(|(case, industries)| {
            let said = Message::new(format!("layout.roadmap.late.{case}"))
                .with("end", last.to_string())
                .with("industries", industries);
            Block::Note {
                kind: NoteKind::Limit,
                spans: vec![Span::Text(book.say(said))],
            }
        })
        .collect()
}

/// Does the year of a milestone, as the tables show it, come after the plan?
pub(super) fn after(milestones: &ResultTable, row: &Row, column: &str, last: i32) -> bool {
    estimate(milestones, row, column).is_some_and(|e| e.value >= f64::from(last) + 1.0)
}

/// Market and policy: targets and policies one by one, demand and plans of places counted by field.
fn bands(book: &Book, layers: &ResultTable) -> Vec<LayerBand> {
    let mut bands = Vec::new();
    for layer in ["roadmap_layer.market", "roadmap_layer.policy"] {
        let mut nodes: Vec<LayerNode> = Vec::new();
        let mut counted: BTreeMap<(&str, Entity), (usize, f64)> = BTreeMap::new();
        for row in &layers.rows {
            let year = |column| match cell(layers, row, column) {
                Some(Cell::Count(year)) => Some(*year as f64),
                _ => None,
            };
            let (Some(kind), Some(from)) = (entity(layers, row, "node_kind"), year("from_year"))
            else {
                continue;
            };
            if entity(layers, row, "layer") != Some(layer) {
                continue;
            }
            let fields = match cell(layers, row, "fields") {
                Some(Cell::Entities(fields)) => fields.clone(),
                _ => Vec::new(),
            };
            if matches!(kind, "roadmap_node.demand" | "roadmap_node.plan") {
                for field in fields {
                    let (count, first) = counted.entry((kind, field)).or_insert((0, from));
                    *count += 1;
                    *first = first.min(from);
                }
                continue;
            }
            let names: Vec<String> = fields.iter().map(|field| book.name(field)).collect();
            let about = match cell(layers, row, "about") {
                Some(Cell::Entity(policy)) => book.name(policy),
                Some(Cell::Message(text)) => book.say(text.clone()),
                _ => String::new(),
            };
            let last = year("until_year");
            let years = match last {
                Some(last) if last > from => format!("{from:.0} – {last:.0}"),
                Some(_) => format!("{from:.0}"),
                None => format!("{from:.0} –"),
            };
            // A target is a date, a policy lasts to the end of its last year.
            let until = last.map(|last| if last > from { last + 1.0 } else { last });
            nodes.push(LayerNode {
                label: format!("{about} ({})", names.join(", ")),
                from,
                until,
                years,
            });
        }
        for ((kind, field), (count, first)) in counted {
            let text = Message::new(format!("roadmap.band.{}", model::short(kind)))
                .with("field", field)
                .with("n", count)
                .with("first", format!("{first:.0}"));
            nodes.push(LayerNode {
                label: book.say(text),
                from: first,
                until: None,
                years: format!("{first:.0} –"),
            });
        }
        if !nodes.is_empty() {
            bands.push(LayerBand {
                name: book.word(&format!("code.{layer}")),
                nodes,
            });
        }
    }
    bands
}

fn stage(table: &ResultTable, row: &Row, kinds: &[Entity]) -> Option<Stage> {
    let kind = entity_of(table, row, "stage")?;
    Some(Stage {
        label: String::new(),
        kind: kinds.iter().position(|known| *known == kind)?,
        start: estimate(table, row, "start")?.value,
        p50: estimate(table, row, "p50")?.value,
        p80: estimate(table, row, "p80")?.value,
    })
}
