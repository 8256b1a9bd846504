//! The sample figures in a report with tables, explanations, evidence and sources.

use model::{Basis, Lang};
use publish::document::*;

use super::words::FIELDS;
use super::{drawn, pick, wave};

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
                amount: None,
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
        essential: Vec::new(),
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
    for (i, (id, (svg, charts))) in drawn(lang).into_iter().enumerate() {
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
                charts,
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
            date: "2020".into(),
            url: "https://example.org/register".into(),
            licence: "CC BY 4.0".into(),
            confidence: pick(lang, ("high", "高")),
            standing: Standing::High,
            redistributable: pick(lang, ("yes", "是")),
        })
        .collect();
    Document {
        lang,
        extent: Extent::Report,
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
