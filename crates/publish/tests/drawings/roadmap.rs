//! The axis of the roadmap: dates outside it, and the end of the plan.

use super::*;

/// The rim of the axis must not be read as a date, and a bar's tip must say what the table says.
#[test]
fn dates_outside_the_axis_are_arrows_and_tips_say_the_years_of_the_table() {
    let drawn = |from: f64, until: f64, years: &str| {
        let node = LayerNode {
            label: "node".into(),
            from,
            until: Some(until),
            years: years.into(),
        };
        let band = LayerBand {
            name: "band".into(),
            nodes: vec![node],
        };
        let input = Roadmap {
            years: (2025.0, 2040.0),
            plan_end: None,
            bands: vec![band],
            lanes_name: String::new(),
            lanes: vec![],
            kinds: vec![],
        };
        let svg = roadmap(&frame(Lang::En), &input);
        let xml = Xml::parse(svg.markup()).unwrap();
        let points: Vec<usize> = (xml.descendants())
            .filter(|n| {
                n.tag_name().name() == "polygon"
                    && n.parent_element().unwrap().tag_name().name() == "g"
            })
            .map(|n| n.attribute("points").unwrap().split(' ').count())
            .collect();
        (svg.markup().to_owned(), points)
    };
    let (markup, points) = drawn(2030.0, 2030.0, "2030");
    assert_eq!(points, [4], "a diamond");
    assert!(markup.contains("<title>node: 2030</title>") && markup.contains(">node</text>"));
    for year in [2020.0, 2050.0] {
        let (markup, points) = drawn(year, year, &format!("{year:.0}"));
        assert_eq!(points, [3], "an arrow");
        assert!(markup.contains(&format!(">node · {year:.0}</text>")));
    }
    let (markup, points) = drawn(2026.0, 2031.0, "2026 – 2030");
    assert!(points.is_empty() && markup.contains("<title>node: 2026 – 2030</title>"));
}

/// The plan ends with its last year; an axis that does not reach so far shows no line.
#[test]
fn the_roadmap_marks_the_end_of_the_plan() {
    let drawn = |last: f64| {
        let input = Roadmap {
            years: (2025.0, last),
            plan_end: Some(2045),
            bands: vec![],
            lanes_name: String::new(),
            lanes: vec![],
            kinds: vec![],
        };
        roadmap(&frame(Lang::En), &input).markup().to_owned()
    };
    let said = ">end of the plan (2045)</text>";
    // Below the line, and in the key.
    assert_eq!(drawn(2047.0).matches(said).count(), 2);
    assert!(drawn(2046.0).contains(">end of the plan (2045)</text>"));
    assert!(!drawn(2045.0).contains("end of the plan"));
}
