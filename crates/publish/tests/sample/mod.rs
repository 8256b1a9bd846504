//! An invented report of realistic size in either language: 16 fields, 30 clusters, a chain of 45 nodes, 12 scenarios.
//! The numbers mean nothing; they follow from the position alone, so that every run draws the same page.
#![allow(clippy::unwrap_used, dead_code)]

mod words;

use model::{Basis, Lang};
use publish::document::*;
use publish::figures::*;
use words::{CHAIN, CLUSTERS, FIELDS, JURISDICTIONS, LAYERS, LINKS, SCENARIOS};

pub fn pick(lang: Lang, pair: (&str, &str)) -> String {
    match lang {
        Lang::En => pair.0.to_owned(),
        Lang::Zh => pair.1.to_owned(),
    }
}

/// A number in `[0, 1)` that depends on the arguments alone.
fn wave(a: usize, b: usize) -> f64 {
    ((a as f64 * 12.9898 + b as f64 * 78.233 + 1.0).sin() * 43_758.547)
        .abs()
        .fract()
}

fn ranged(value: f64, spread: f64) -> Ranged {
    Ranged {
        value,
        low: (value - spread).max(0.0),
        high: value + spread * 1.3,
        text: format!("{value:.2}"),
    }
}

fn frame(lang: Lang, finding: (&str, &str)) -> Frame {
    Frame {
        finding: pick(lang, finding),
        lang,
    }
}

pub fn consensus(lang: Lang) -> Svg {
    let columns = JURISDICTIONS
        .iter()
        .enumerate()
        .map(|(i, j)| HeatColumn {
            label: pick(lang, *j),
            home: i == 0,
        })
        .collect();
    let rows = FIELDS
        .iter()
        .enumerate()
        .map(|(i, f)| HeatRow {
            label: pick(lang, *f),
            bar: Some(ranged(0.95 - 0.05 * i as f64, 0.08)),
        })
        .collect();
    let cells = (0..FIELDS.len())
        .map(|i| {
            (0..JURISDICTIONS.len())
                .map(|j| {
                    let value = wave(i, j) * (1.0 - i as f64 / 20.0);
                    (wave(j, i + 7) > 0.08).then(|| HeatCell {
                        value,
                        text: format!("{value:.2}"),
                        range: Some(format!("{:.2}–{:.2}", value * 0.8, (value * 1.2).min(1.0))),
                    })
                })
                .collect()
        })
        .collect();
    heatmap(
        &frame(
            lang,
            (
                "Nine of ten jurisdictions name artificial intelligence and quantum information",
                "十个经济体中有九个将人工智能与量子信息列入战略",
            ),
        ),
        &Heatmap {
            rows,
            columns,
            cells,
            full: 1.0,
            measure: pick(
                lang,
                (
                    "share of strategy documents that name the field",
                    "提及该领域的战略文件占比",
                ),
            ),
            bar_heading: pick(lang, ("consensus, weighted", "加权共识度")),
        },
    )
}

pub fn chain(lang: Lang) -> Svg {
    let nodes: Vec<GraphNode> = CHAIN
        .iter()
        .enumerate()
        .map(|(i, (id, layer, kind, en, zh))| GraphNode {
            label: pick(lang, (en, zh)),
            layer: *layer,
            order: i,
            kind: *kind,
            neck: ["euv", "resist", "eda", "gpu", "hbm"]
                .contains(id)
                .then(|| format!("{:.2}", 0.6 + 0.4 * wave(i, 3))),
        })
        .collect();
    let at = |id: &str| CHAIN.iter().position(|n| n.0 == id).unwrap();
    let links = LINKS
        .lines()
        .filter_map(|line| {
            let mut words = line.split_whitespace();
            let (from, mark, to) = (words.next()?, words.next()?, words.next()?);
            Some(GraphLink {
                from: at(from),
                to: at(to),
                kind: if mark.contains('t') {
                    LinkKind::Tool
                } else {
                    LinkKind::Material
                },
                choice: if mark.contains('o') {
                    Choice::OneOf
                } else {
                    Choice::Needed
                },
            })
        })
        .collect();
    let layers = LAYERS.iter().map(|l| pick(lang, *l)).collect();
    chain_graph(
        &frame(
            lang,
            (
                "Five of 45 nodes of the chain are stuck necks; three of them are tools",
                "产业链45个节点中有5个卡脖子环节，其中3个为工具",
            ),
        ),
        &ChainGraph {
            nodes,
            links,
            layers,
        },
    )
}

fn path(role: BandRole, depth: f64, broken: bool) -> BandSeries {
    let points = (0..53)
        .map(|t| {
            let t = f64::from(t);
            let value = depth * (1.0 - (-t / 8.0).exp()) * (-((t - 26.0).max(0.0)) / 18.0).exp();
            let gap = broken && (30.0..34.0).contains(&t);
            (!gap).then_some(Band {
                low: value * 0.6,
                value,
                high: value * 1.35,
            })
        })
        .collect();
    BandSeries { role, points }
}

pub fn exposure(lang: Lang, panels: usize) -> Svg {
    let panels = (0..panels)
        .map(|i| {
            let depth = 12.0 + 30.0 * wave(i, 2);
            let series = if panels == 1 {
                vec![path(BandRole::Single, depth, false)]
            } else {
                vec![
                    path(BandRole::Before, depth, i == 3),
                    path(BandRole::After, depth * 0.5, false),
                ]
            };
            BandPanel {
                label: pick(lang, SCENARIOS[i % SCENARIOS.len()]),
                series,
            }
        })
        .collect();
    band_over_time(
        &frame(
            lang,
            (
                "The plan halves the loss in every scenario, and no range of it reaches the loss without it by week 20",
                "布局方案使各情景下的损失减半，至第20周其区间均低于无方案情形",
            ),
        ),
        &BandOverTime {
            panels,
            start: 0.0,
            step: 1.0,
            time_axis: pick(lang, ("weeks after the shock", "冲击后周数")),
            value_axis: pick(
                lang,
                (
                    "output lost, per cent of the week's plan",
                    "产出损失，占当周计划百分比",
                ),
            ),
        },
    )
}

pub fn ranks(lang: Lang) -> Svg {
    let rows = FIELDS
        .iter()
        .enumerate()
        .map(|(i, f)| {
            let raw: Vec<f64> = (0..16)
                .map(|r| (-((r as f64 - i as f64) / 2.2).powi(2)).exp())
                .collect();
            let sum: f64 = raw.iter().sum();
            RankRow {
                label: pick(lang, *f),
                ranks: raw.iter().map(|v| v / sum).collect(),
            }
        })
        .collect();
    acceptability(
        &frame(
            lang,
            (
                "The first four fields keep their rank over most accepted weights",
                "前四个领域在多数可接受权重下保持名次",
            ),
        ),
        &Acceptability {
            rows: AcceptabilityRows::Ranks(rows),
            measure: pick(lang, ("share of draws", "抽样占比")),
        },
    )
}

pub fn top(lang: Lang) -> Svg {
    let rows = FIELDS
        .iter()
        .enumerate()
        .map(|(i, f)| {
            let value = (1.05 - 0.07 * i as f64).clamp(0.0, 1.0);
            let share = (i != 9).then(|| Ranged {
                value,
                low: (value - 0.06).max(0.0),
                high: (value + 0.05).min(1.0),
                text: format!("{value:.2}"),
            });
            TopRow {
                label: pick(lang, *f),
                share,
            }
        })
        .collect();
    acceptability(
        &frame(
            lang,
            (
                "Six fields are among the first six in at least 70 per cent of draws",
                "六个领域在七成以上抽样中进入前六",
            ),
        ),
        &Acceptability {
            rows: AcceptabilityRows::Top { k: 6, rows },
            measure: pick(lang, ("share of draws", "抽样占比")),
        },
    )
}

pub fn map(lang: Lang) -> Svg {
    let points = CLUSTERS
        .iter()
        .enumerate()
        .map(|(i, (en, zh, lon, lat))| {
            let first = i % FIELDS.len();
            let second = (i * 5 + 3) % FIELDS.len();
            let industries = if i % 3 == 0 || first == second {
                vec![first]
            } else {
                vec![first, second]
            };
            ClusterPoint {
                label: pick(lang, (en, zh)),
                lon: *lon,
                lat: *lat,
                industries,
            }
        })
        .collect();
    let industries = FIELDS
        .iter()
        .map(|f| IndustryKey {
            label: pick(lang, *f),
        })
        .collect();
    cluster_map(
        &frame(
            lang,
            (
                "Every cluster cultivates one or two industries; none is laid out in more than four places",
                "每个集群重点培育一至两个产业，同一产业布局不超过四地",
            ),
        ),
        &ClusterMap { points, industries },
    )
}

pub fn road(lang: Lang) -> Svg {
    let kinds = [
        ("research", "研究"),
        ("prototype", "样机"),
        ("pilot use", "示范应用"),
        ("scale-up", "规模化"),
    ];
    let lanes = FIELDS
        .iter()
        .enumerate()
        .take(8)
        .map(|(i, f)| {
            let mut year = 2025.0 + 2.0 * wave(i, 4);
            let stages = (0..3 + i % 2)
                .map(|kind| {
                    let start = year;
                    year += 2.0 + 2.5 * wave(i, kind);
                    Stage {
                        label: if kind == 2 {
                            pick(
                                lang,
                                ("first hospital and port sites", "首批医院与港口场景"),
                            )
                        } else {
                            String::new()
                        },
                        kind,
                        start,
                        p50: year,
                        p80: year + 0.8 + 1.5 * wave(kind, i),
                    }
                })
                .collect();
            let milestones = vec![
                Milestone {
                    label: pick(lang, ("standard adopted", "标准发布")),
                    year: 2029.0 + wave(i, 9),
                },
                Milestone {
                    label: pick(lang, ("domestic tool qualified", "国产工具通过验证")),
                    year: 2030.0 + 4.0 * wave(i, 10),
                },
            ];
            Lane {
                label: pick(lang, *f),
                stages,
                milestones,
            }
        })
        .collect();
    roadmap(
        &frame(
            lang,
            (
                "Half of the eight industries reach scale by 2035 in the middle case",
                "中间情形下，八个产业中半数在2035年前实现规模化",
            ),
        ),
        &Roadmap {
            years: (2025.0, 2040.0),
            lanes,
            kinds: kinds.iter().map(|k| pick(lang, *k)).collect(),
        },
    )
}

pub fn plan(lang: Lang) -> Svg {
    let rows = SCENARIOS
        .iter()
        .enumerate()
        .map(|(i, s)| {
            let before = 10.0 + 40.0 * wave(i, 6);
            let after = before * (0.3 + 0.4 * wave(i, 8));
            let of = |v: f64| Ranged {
                value: v,
                low: v * 0.7,
                high: v * 1.3,
                text: format!("{v:.1} ({:.1}–{:.1})", v * 0.7, v * 1.3),
            };
            BeforeAfterRow {
                label: pick(lang, *s),
                before: Some(of(before)),
                after: (i != 5).then(|| of(after)),
            }
        })
        .collect();
    before_after(
        &frame(
            lang,
            (
                "The plan lowers exposure in all twelve scenarios but one that cannot be estimated",
                "除一个无法估计的情景外，方案在全部情景下降低暴露度",
            ),
        ),
        &BeforeAfter {
            rows,
            measure: pick(
                lang,
                (
                    "output lost over a year, per cent",
                    "一年内产出损失，百分比",
                ),
            ),
        },
    )
}

pub fn figures(lang: Lang) -> Vec<(&'static str, Svg)> {
    vec![
        ("consensus", consensus(lang)),
        ("chain", chain(lang)),
        ("exposure", exposure(lang, 6)),
        ("exposure-one", exposure(lang, 1)),
        ("ranks", ranks(lang)),
        ("top", top(lang)),
        ("map", map(lang)),
        ("roadmap", road(lang)),
        ("plan", plan(lang)),
    ]
}

fn behind(lang: Lang, id: &str) -> TableView {
    let columns = vec![
        ColumnView {
            heading: pick(lang, ("Field", "领域")),
            unit: String::new(),
            align: Align::Start,
        },
        ColumnView {
            heading: pick(lang, ("Consensus", "共识度")),
            unit: pick(lang, ("share", "占比")),
            align: Align::End,
        },
        ColumnView {
            heading: pick(
                lang,
                ("Lead of the leader over the second", "领先者对次席的优势"),
            ),
            unit: pick(lang, ("times", "倍")),
            align: Align::End,
        },
        ColumnView {
            heading: pick(lang, ("What it rests on", "依据")),
            unit: String::new(),
            align: Align::Start,
        },
    ];
    let rows = FIELDS
        .iter()
        .enumerate()
        .map(|(i, f)| {
            let target = Some(format!("calc/{}", i % 6));
            let estimated = CellView {
                text: format!("{:.2}", 0.95 - 0.05 * i as f64),
                range: Some(format!(
                    "{:.2}–{:.2}",
                    0.88 - 0.05 * i as f64,
                    0.99 - 0.04 * i as f64
                )),
                basis: Some([Basis::Derived, Basis::Assumed, Basis::Judged][i % 3]),
                target: target.clone(),
                note: None,
            };
            let missing = CellView {
                text: pick(lang, ("not estimated", "未估计")),
                note: Some(0),
                target: target.clone(),
                ..CellView::default()
            };
            let lead = if i % 4 == 2 {
                missing
            } else {
                CellView {
                    text: format!("{:.1}", 1.0 + 3.0 * wave(i, 1)),
                    range: Some("0.8–5.1".into()),
                    ..estimated.clone()
                }
            };
            let words = pick(
                lang,
                (
                    "named by seven of ten jurisdictions between 2019 and 2021",
                    "2019—2021年间十个经济体中有七个提及",
                ),
            );
            RowView {
                target,
                cells: vec![pick(lang, *f).into(), estimated, lead, words.into()],
            }
        })
        .collect();
    TableView {
        id: format!("table:{id}"),
        caption: pick(
            lang,
            ("Consensus and lead by field", "各领域共识度与领先优势"),
        ),
        columns,
        rows,
        folded: Folded::After(8),
        notes: vec![pick(
            lang,
            (
                "fewer than two countries are measured",
                "有测量值的国家不足两个",
            ),
        )],
    }
}

pub fn report(lang: Lang) -> Document {
    let number = |text: &str, range: &str, k: usize| Span::Number {
        text: text.into(),
        range: Some(range.into()),
        target: format!("calc/{k}"),
    };
    let text = |en: &str, zh: &str| Span::Text(pick(lang, (en, zh)));
    let mut sections = vec![Section {
        id: "limits".into(),
        number: "1".into(),
        heading: pick(lang, ("What this report cannot see", "本报告的局限")),
        blocks: vec![
            Block::Note {
                kind: NoteKind::Limit,
                spans: vec![
                    text(
                        "Strategies published only in the languages of the sources were read; ",
                        "仅阅读了来源所用语言发布的战略；",
                    ),
                    number("14", "12–17", 0),
                    text(
                        " documents name no field at all.",
                        " 份文件未提及任何领域。",
                    ),
                ],
            },
            Block::Note {
                kind: NoteKind::Refusal,
                spans: vec![text(
                    "Which firm fails first cannot be said: the evidence holds no links between firms.",
                    "无法判断哪家企业最先受影响：证据中没有企业间联系。",
                )],
            },
            Block::Note {
                kind: NoteKind::Approximate,
                spans: vec![text(
                    "The layout is proven within 0.1 per cent of the best.",
                    "布局方案与最优值的差距已证明不超过0.1%。",
                )],
            },
            Block::Cards(
                (0..4)
                    .map(|k| Card {
                        label: pick(
                            lang,
                            [
                                ("Stuck necks in the chain", "产业链卡脖子环节"),
                                ("Fields with wide consensus", "高共识领域"),
                                ("Loss in the worst scenario", "最坏情景损失"),
                                ("Clusters with a layout", "已布局集群"),
                            ][k],
                        ),
                        value: number(
                            ["5", "9", "31.4 %", "30"][k],
                            ["4–8", "7–11", "22.0–42.4 %", "28–30"][k],
                            k,
                        ),
                        note: vec![text(
                            "of those examined, with the range over all accepted inputs",
                            "为所考察对象中的数量，区间覆盖全部可接受输入",
                        )],
                    })
                    .collect(),
            ),
        ],
    }];
    let headings = [
        ("Trend", "大势"),
        ("Chain", "产业链"),
        ("Exposure", "暴露度"),
        ("Exposure of one chain", "单链暴露度"),
        ("Selection by rank", "名次选择"),
        ("Selection", "遴选"),
        ("Layout", "布局"),
        ("Roadmap", "路线图"),
        ("Effect of the plan", "方案效果"),
    ];
    for (i, (id, svg)) in figures(lang).into_iter().enumerate() {
        let mut blocks = vec![
            Block::Paragraph(vec![
                text("Consensus is ", "共识度为"),
                number("0.42", "0.31–0.55", i % 6),
                text(
                    " in the middle of the fields; the method is described under ",
                    "（各领域中位数）；方法见",
                ),
                Span::Link {
                    text: pick(lang, ("limits", "局限")),
                    href: "#limits".into(),
                },
                text(
                    ". A reader who doubts a number follows it to its formula, and from there to the row of evidence and its source.",
                    "。读者如有疑问，可由数字进入公式，再到证据行与来源。",
                ),
            ]),
            Block::Figure(Figure {
                id: format!("fig:{id}"),
                finding: svg
                    .markup()
                    .split("<title>")
                    .nth(1)
                    .unwrap()
                    .split("</title>")
                    .next()
                    .unwrap()
                    .to_owned(),
                svg,
                table: behind(lang, id),
                note: pick(
                    lang,
                    (
                        "Ranges cover all accepted inputs, not only chance.",
                        "区间覆盖全部可接受输入，而不仅是随机误差。",
                    ),
                ),
            }),
        ];
        if i == 0 {
            blocks.push(Block::Subheading(pick(lang, ("By field", "按领域"))));
            blocks.push(Block::Table(behind(lang, "by-field")));
            blocks.push(Block::List(vec![
                vec![
                    text("One list item with ", "列表项一，"),
                    Span::Strong(pick(lang, ("weight", "强调"))),
                ],
                vec![text("another", "列表项二")],
            ]));
        }
        sections.push(Section {
            id: format!("s{i}"),
            number: format!("{}", i + 2),
            heading: pick(lang, headings[i]),
            blocks,
        });
    }
    let explanations = (0..6)
        .map(|k| Explanation {
            anchor: format!("calc/{k}"),
            title: format!("trend.consensus / {}", pick(lang, FIELDS[k])),
            formula: "consensus(f) = Σ_j w_j · [f ∈ strategy_j] / Σ_j w_j".into(),
            method: pick(
                lang,
                (
                    "Share of jurisdictions whose strategies name the field",
                    "战略提及该领域的经济体占比",
                ),
            ),
            parameters: vec![
                ("weights".into(), "equal".into()),
                ("since".into(), "2019".into()),
            ],
            inputs: (0..5)
                .map(|e| InputLink {
                    label: format!("policies / usa_chips_{e}"),
                    target: format!("evidence/policies/{e}"),
                })
                .collect(),
        })
        .collect();
    let evidence = (0..5)
        .map(|e| EvidenceEntry {
            anchor: format!("evidence/policies/{e}"),
            table: pick(lang, ("policies", "政策")),
            key: format!("usa_chips_{e}"),
            fields: vec![
                ("year".into(), "2021".into()),
                ("title".into(), "An invented act on chips".into()),
                ("url".into(), "https://example.org/act?x=1&y=2".into()),
            ],
            source: Some(format!("source/{}", e % 2)),
            withheld: e == 3,
        })
        .collect();
    let sources = (0..2)
        .map(|k| SourceEntry {
            anchor: format!("source/{k}"),
            publisher: pick(lang, ("Office of Examples", "示例办公室")),
            title: pick(lang, ("Register of invented strategies", "虚构战略登记")),
            url: "https://example.org/register".into(),
            licence: "CC BY 4.0".into(),
            confidence: pick(lang, ("high", "高")),
            redistributable: pick(lang, ("yes", "是")),
        })
        .collect();
    Document {
        lang,
        title: pick(lang, ("Layout of future industries", "未来产业前瞻布局")),
        subtitle: pick(
            lang,
            (
                "An invented study that shows how a report looks",
                "用于展示报告样式的虚构研究",
            ),
        ),
        classification: Some(pick(lang, ("Internal use", "内部资料"))),
        meta: vec![
            (pick(lang, ("Study", "研究")), "sample".into()),
            (
                pick(lang, ("Evidence as of", "证据截至")),
                "2021-12-31".into(),
            ),
            (pick(lang, ("Seed", "种子")), "20210401".into()),
            (pick(lang, ("Run", "运行")), "3f9a1c".into()),
        ],
        sections,
        explanations,
        evidence,
        sources,
    }
}
