//! An invented report of realistic size in either language: 16 fields, 30 clusters, a chain of 45 nodes, 12 scenarios.
//! The numbers mean nothing; they follow from the position alone, so that every run draws the same page.
#![allow(
    clippy::unwrap_used,
    clippy::wildcard_imports,
    dead_code,
    unused_imports
)]

mod report;
mod words;

use model::Lang;
use publish::charts::Chart;
use publish::figures::*;
pub use report::report;
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

pub fn consensus(lang: Lang) -> Drawn {
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
    let frame = frame(
        lang,
        (
            "Nine of ten jurisdictions name artificial intelligence and quantum information",
            "十个经济体中有九个将人工智能与量子信息列入战略",
        ),
    );
    let input = Heatmap {
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
    };
    (heatmap(&frame, &input), input.charts())
}

pub fn chain(lang: Lang) -> Drawn {
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
    let frame = frame(
        lang,
        (
            "Five of 45 nodes of the chain are stuck necks; three of them are tools",
            "产业链45个节点中有5个卡脖子环节，其中3个为工具",
        ),
    );
    let input = ChainGraph {
        nodes,
        links,
        layers,
    };
    (chain_graph(&frame, &input), Vec::new())
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

pub fn exposure(lang: Lang, panels: usize) -> Drawn {
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
    let frame = frame(
        lang,
        (
            "The plan halves the loss in every scenario, and no range of it reaches the loss without it by week 20",
            "布局方案使各情景下的损失减半，至第20周其区间均低于无方案情形",
        ),
    );
    let input = BandOverTime {
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
    };
    (band_over_time(&frame, &input), input.charts(lang))
}

pub fn ranks(lang: Lang) -> Drawn {
    let rows = FIELDS
        .iter()
        .enumerate()
        .map(|(i, f)| {
            let raw: Vec<f64> = (0..16)
                .map(|r| (-((f64::from(r) - i as f64) / 2.2).powi(2)).exp())
                .collect();
            let sum: f64 = raw.iter().sum();
            RankRow {
                label: pick(lang, *f),
                ranks: raw.iter().map(|v| v / sum).collect(),
            }
        })
        .collect();
    let frame = frame(
        lang,
        (
            "The first four fields keep their rank over most accepted weights",
            "前四个领域在多数可接受权重下保持名次",
        ),
    );
    let input = Acceptability {
        rows: AcceptabilityRows::Ranks(rows),
        measure: pick(lang, ("share of draws", "抽样占比")),
    };
    (acceptability(&frame, &input), input.charts(lang))
}

pub fn top(lang: Lang) -> Drawn {
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
    let frame = frame(
        lang,
        (
            "Six fields are among the first six in at least 70 per cent of draws",
            "六个领域在七成以上抽样中进入前六",
        ),
    );
    let input = Acceptability {
        rows: AcceptabilityRows::Top { k: 6, rows },
        measure: pick(lang, ("share of draws", "抽样占比")),
    };
    (acceptability(&frame, &input), input.charts(lang))
}

pub fn map(lang: Lang) -> Drawn {
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
    let frame = frame(
        lang,
        (
            "Every cluster cultivates one or two industries; none is laid out in more than four places",
            "每个集群重点培育一至两个产业，同一产业布局不超过四地",
        ),
    );
    let input = ClusterMap { points, industries };
    (cluster_map(&frame, &input), Vec::new())
}

pub fn road(lang: Lang) -> Drawn {
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
    let node = |label, from: f64, until| LayerNode {
        label: pick(lang, label),
        from,
        until,
        years: until.map_or_else(
            || format!("{from:.0} –"),
            |u: f64| format!("{from:.0} – {u:.0}"),
        ),
    };
    let bands = vec![
        LayerBand {
            name: pick(lang, ("Market", "市场")),
            nodes: vec![
                node(("output target", "产值目标"), 2030.0, Some(2030.0)),
                node(("late target", "远期目标"), 2039.5, Some(2039.5)),
                node(("demand in place", "已有需求"), 2021.0, None),
            ],
        },
        LayerBand {
            name: pick(lang, ("Policy", "政策")),
            nodes: vec![
                node(("five-year plan", "五年规划"), 2026.0, Some(2031.0)),
                node(("long programme", "长期规划"), 2021.0, Some(2051.0)),
            ],
        },
    ];
    let frame = frame(
        lang,
        (
            "Half of the eight industries reach scale by 2035 in the middle case",
            "中间情形下，八个产业中半数在2035年前实现规模化",
        ),
    );
    let input = Roadmap {
        years: (2025.0, 2040.0),
        plan_end: None,
        bands,
        lanes_name: pick(lang, ("Stages by industry", "各产业阶段")),
        lanes,
        kinds: kinds.iter().map(|k| pick(lang, *k)).collect(),
    };
    (roadmap(&frame, &input), input.charts(lang))
}

pub fn plan(lang: Lang) -> Drawn {
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
    let frame = frame(
        lang,
        (
            "The plan lowers exposure in all twelve scenarios but one that cannot be estimated",
            "除一个无法估计的情景外，方案在全部情景下降低暴露度",
        ),
    );
    let input = BeforeAfter {
        rows,
        measure: pick(
            lang,
            (
                "output lost over a year, per cent",
                "一年内产出损失，百分比",
            ),
        ),
    };
    (before_after(&frame, &input), input.charts(lang))
}

/// A drawing and the same data as charts.
pub type Drawn = (Svg, Vec<Chart>);

pub fn drawn(lang: Lang) -> Vec<(&'static str, Drawn)> {
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

pub fn figures(lang: Lang) -> Vec<(&'static str, Svg)> {
    (drawn(lang).into_iter())
        .map(|(id, (svg, _))| (id, svg))
        .collect()
}
