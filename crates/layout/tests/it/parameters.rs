//! Parameters as a study writes them: defaults for what is left out, no unknown keys.

use layout::regions::{ClusterSpec, ExplainParams, IndustrySpec, RegionalCap, SolveParams};
use layout::roadmap::{Limits, ScheduleParams, SimulateParams, Stage};
use layout::select::SelectParams;
use libtest_mimic::Trial;
use model::{Region, Year};

use crate::trial;

pub fn trials() -> Vec<Trial> {
    vec![
        trial("parameters::what_is_left_out_has_its_default", defaults),
        trial("parameters::unknown_keys_are_refused", unknown),
        trial("parameters::a_roadmap_limit_by_stage", by_stage),
    ]
}

fn defaults() {
    assert_eq!(
        toml::from_str::<SelectParams>("").unwrap(),
        SelectParams::default()
    );
    let select: SelectParams =
        toml::from_str("top = 3\n[[weights]]\ncriterion = \"benefit\"\nlow = 0.1").unwrap();
    assert_eq!(
        (select.top, select.draws),
        (3, SelectParams::default().draws)
    );
    assert_eq!((select.weights[0].low, select.weights[0].high), (0.1, 1.0));
    let solve: SolveParams = toml::from_str("node_limit = 10").unwrap();
    assert_eq!((solve.relative_gap, solve.node_limit), (1e-6, Some(10)));
    let cluster: ClusterSpec = toml::from_str("cluster = \"hefei\"\nregion = \"east\"").unwrap();
    assert_eq!((cluster.min, cluster.max), (1, 2));
    let industry: IndustrySpec = toml::from_str("industry = \"quantum\"").unwrap();
    assert_eq!(
        (industry.floor, industry.cap, industry.weight),
        (0, None, 1.0)
    );
    let cap: RegionalCap = toml::from_str("limit = 2\n[by_region]\neast = 3").unwrap();
    assert_eq!(cap.of(&Region::from("east")), Some(3));
    assert_eq!(cap.of(&Region::from("west")), Some(2));
}

fn unknown() {
    assert!(toml::from_str::<SelectParams>("tops = 3").is_err());
    assert!(toml::from_str::<ExplainParams>("[solve]\ngap = 0.1").is_err());
    assert!(toml::from_str::<RegionalCap>("limits = 1").is_err());
    assert!(toml::from_str::<ScheduleParams>("restart = 1").is_err());
    assert!(toml::from_str::<SimulateParams>("draw = 1").is_err());
    assert!(toml::from_str::<Limits>("start_year = 2026\nyear = 1").is_err());
}

fn by_stage() {
    let limits: Limits =
        toml::from_str("start_year = 2026\n[per_stage]\nresearch = 4\ncapacity = 2").unwrap();
    assert_eq!(limits.start_year, Year(2026));
    assert_eq!(limits.per_stage[&Stage::Capacity], 2);
    assert_eq!(limits.money, None);
}
