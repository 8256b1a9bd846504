//! What no figure should be asked to draw is drawn all the same.

use super::*;

/// Nothing, and numbers that are none, must not bring the drawing down.
#[test]
fn empty_and_absurd_inputs_are_drawn() {
    let bad = [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, -1e300, 1e300];
    for lang in Lang::ALL {
        let f = frame(lang);
        let mut drawn = vec![
            heatmap(
                &f,
                &Heatmap {
                    rows: vec![],
                    columns: vec![],
                    cells: vec![],
                    full: 0.0,
                    measure: String::new(),
                    bar_heading: String::new(),
                },
            ),
            chain_graph(
                &f,
                &ChainGraph {
                    nodes: vec![],
                    links: vec![GraphLink {
                        from: 0,
                        to: 9,
                        kind: LinkKind::Tool,
                        choice: Choice::OneOf,
                    }],
                    layers: vec!["x".into()],
                },
            ),
            band_over_time(
                &f,
                &BandOverTime {
                    panels: vec![],
                    start: 0.0,
                    step: 1.0,
                    time_axis: String::new(),
                    value_axis: String::new(),
                },
            ),
            acceptability(
                &f,
                &Acceptability {
                    rows: AcceptabilityRows::Ranks(vec![]),
                    measure: String::new(),
                },
            ),
            acceptability(
                &f,
                &Acceptability {
                    rows: AcceptabilityRows::Top { k: 0, rows: vec![] },
                    measure: String::new(),
                },
            ),
            cluster_map(
                &f,
                &ClusterMap {
                    points: vec![],
                    industries: vec![],
                },
            ),
            roadmap(
                &f,
                &Roadmap {
                    years: (2030.0, 2020.0),
                    plan_end: None,
                    bands: vec![],
                    lanes_name: String::new(),
                    lanes: vec![],
                    kinds: vec![],
                },
            ),
            before_after(
                &f,
                &BeforeAfter {
                    rows: vec![],
                    measure: String::new(),
                },
            ),
        ];
        for v in bad {
            let r = || Ranged {
                value: v,
                low: v,
                high: v,
                text: String::new(),
            };
            let cell = HeatCell {
                value: v,
                text: String::new(),
                range: None,
            };
            drawn.push(heatmap(
                &f,
                &Heatmap {
                    rows: vec![HeatRow {
                        label: String::new(),
                        bar: Some(r()),
                    }],
                    columns: vec![HeatColumn {
                        label: String::new(),
                        home: true,
                    }],
                    cells: vec![vec![Some(cell)]],
                    full: v,
                    measure: String::new(),
                    bar_heading: String::new(),
                },
            ));
            let points = vec![
                Some(Band {
                    low: v,
                    value: v,
                    high: v,
                }),
                None,
                Some(Band {
                    low: 0.0,
                    value: 1.0,
                    high: 2.0,
                }),
            ];
            let panels = vec![BandPanel {
                label: String::new(),
                series: vec![BandSeries {
                    role: BandRole::Single,
                    points,
                }],
            }];
            drawn.push(band_over_time(
                &f,
                &BandOverTime {
                    panels,
                    start: v,
                    step: 1.0,
                    time_axis: String::new(),
                    value_axis: String::new(),
                },
            ));
            drawn.push(acceptability(
                &f,
                &Acceptability {
                    rows: AcceptabilityRows::Ranks(vec![RankRow {
                        label: String::new(),
                        ranks: vec![v, v],
                    }]),
                    measure: String::new(),
                },
            ));
            drawn.push(acceptability(
                &f,
                &Acceptability {
                    rows: AcceptabilityRows::Top {
                        k: 1,
                        rows: vec![TopRow {
                            label: String::new(),
                            share: Some(r()),
                        }],
                    },
                    measure: String::new(),
                },
            ));
            drawn.push(before_after(
                &f,
                &BeforeAfter {
                    rows: vec![BeforeAfterRow {
                        label: String::new(),
                        before: Some(r()),
                        after: Some(r()),
                    }],
                    measure: String::new(),
                },
            ));
            let stage = Stage {
                label: "s".into(),
                kind: 99,
                start: v,
                p50: v,
                p80: v,
            };
            let lane = Lane {
                label: String::new(),
                stages: vec![stage],
                milestones: vec![Milestone {
                    label: "m".into(),
                    year: v,
                }],
            };
            let band = LayerBand {
                name: "band".into(),
                nodes: [None, Some(v), Some(2030.0)]
                    .map(|until| LayerNode {
                        label: "a label that is longer than its bar".into(),
                        from: v,
                        until,
                        years: String::new(),
                    })
                    .to_vec(),
            };
            drawn.push(roadmap(
                &f,
                &Roadmap {
                    years: (2025.0, v),
                    plan_end: None,
                    bands: vec![band],
                    lanes_name: "lanes".to_owned(),
                    lanes: vec![lane],
                    kinds: vec!["k".into()],
                },
            ));
            let point = ClusterPoint {
                label: "p".into(),
                lon: v,
                lat: v,
                industries: vec![7],
            };
            drawn.push(cluster_map(
                &f,
                &ClusterMap {
                    points: vec![point],
                    industries: vec![],
                },
            ));
        }
        for svg in drawn {
            Xml::parse(svg.markup()).unwrap();
            assert!(
                !svg.markup().contains("=\"NaN") && !svg.markup().contains("=\"inf"),
                "{}",
                svg.markup()
            );
            assert!(svg.height().is_finite() && svg.height() < 5000.0);
        }
    }
}
