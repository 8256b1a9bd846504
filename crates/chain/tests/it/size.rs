//! A chain as large as the embedded one: 160 nodes, 220 links, 60 countries.

use std::time::Instant;

use chain::{ChainInput, ChokepointParams, MustControlParams, Relation, ShockParams};
use model::{Node, Seed};
use rand::RngExt;

use crate::build::{built, exact, link, node, share};
use crate::weekly::{event, scenario};

#[test]
fn the_embedded_size_runs_in_well_under_a_second() {
    let mut rng = Seed(1).stream("size", 0);
    let mut input = ChainInput::default();
    let id = |i: usize| format!("n{i:03}");
    for i in 0..160 {
        input.nodes.push(node(&id(i)));
        for j in 0..usize::from(i > 0) + usize::from(i > 99) {
            let from = rng.random_range(i.saturating_sub(40)..i);
            if input
                .links
                .iter()
                .all(|l| l.to.0 != id(i) || l.from.0 != id(from))
            {
                let relation = if j == 0 {
                    Relation::InputTo
                } else {
                    Relation::ToolFor
                };
                input.links.push(link(&id(from), &id(i), relation));
            }
        }
        let mut left = 1.0;
        for _ in 0..rng.random_range(0..8) {
            let country = format!("C{:02}", rng.random_range(0..60));
            if input
                .supply
                .iter()
                .all(|s| s.node.0 != id(i) || s.country.0 != country)
            {
                let value = left * rng.random_range(0.1..0.6);
                left -= value;
                input.supply.push(share(&id(i), &country, exact(value)));
            }
        }
    }
    let g = built(input);
    let targets: Vec<Node> = (130..160).map(|i| Node(id(i))).collect();
    let names: Vec<String> = (130..160).map(id).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();

    let start = Instant::now();
    let cuts = chain::chokepoints(&g, &targets, &ChokepointParams::default()).unwrap();
    let cut_time = start.elapsed();
    let found: usize = cuts.iter().map(|t| t.cut_sets.len()).sum();
    let before = Instant::now();
    let exposure = chain::exposure(&g, &targets, Some(&"C00".into())).unwrap();
    let exposure_time = before.elapsed();
    let control =
        chain::must_control(&g, &targets, &"C00".into(), &MustControlParams::default()).unwrap();
    let s = scenario(
        vec![event(Some("C01"), None, exact(1.0), 1, 26)],
        104,
        4.0,
        &names,
    );
    let before = Instant::now();
    let result = chain::shock(&g, &s, &ShockParams::default()).unwrap();
    println!(
        "{} countries: {found} cut sets {cut_time:?}, {} exposures {exposure_time:?}, {} controls, {} courses {:?}",
        g.countries().len(),
        exposure.rows.len(),
        control.len(),
        result.nodes.len(),
        before.elapsed()
    );
    // A generous ceiling: the aim is well under a second, a loaded machine may take longer.
    assert!(start.elapsed().as_secs_f64() < 10.0);
}
