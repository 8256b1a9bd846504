//! Instances of the format `forelay-layout/1`, for tests.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use layout::regions::{ClusterSpec, IndustrySpec, Instance, Link, RegionalCap, Resource};
use model::{Basis, Cluster, Estimate, Industry, Region};
use serde_json::Value;

pub fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/decisions/layout")
}

fn list(value: &Value) -> &Vec<Value> {
    value.as_array().unwrap()
}

fn at(value: &Value) -> usize {
    value.as_u64().unwrap() as usize
}

pub fn read(path: &Path) -> Instance {
    let file: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let id = |v: &Value| v["id"].as_str().unwrap().to_owned();
    let clusters: Vec<Cluster> = list(&file["clusters"])
        .iter()
        .map(|c| Cluster(id(c)))
        .collect();
    let industries: Vec<Industry> = list(&file["industries"])
        .iter()
        .map(|i| Industry::from(id(i)))
        .collect();
    let regions: Vec<Region> = list(&file["regions"])
        .iter()
        .map(|r| Region(id(r)))
        .collect();
    let pair = |v: &Value| (clusters[at(&v[0])].clone(), industries[at(&v[1])].clone());
    let mut suitability = BTreeMap::new();
    for (c, row) in list(&file["suitability"]).iter().enumerate() {
        for (i, s) in list(row).iter().enumerate() {
            let s = Estimate::exact(s.as_f64().unwrap(), Basis::Judged);
            suitability.insert((clusters[c].clone(), industries[i].clone()), s);
        }
    }
    let resources = &file["resources"];
    Instance {
        clusters: list(&file["clusters"])
            .iter()
            .enumerate()
            .map(|(c, spec)| ClusterSpec {
                cluster: clusters[c].clone(),
                region: regions[at(&spec["region"])].clone(),
                min: at(&file["min_per_cluster"]),
                max: at(&file["max_per_cluster"]),
            })
            .collect(),
        industries: list(&file["industries"])
            .iter()
            .enumerate()
            .map(|(i, spec)| IndustrySpec {
                industry: industries[i].clone(),
                floor: at(&spec["floor"]),
                cap: Some(at(&spec["cap"])),
                weight: 1.0,
            })
            .collect(),
        suitability,
        regional_cap: RegionalCap {
            limit: None,
            by_region: list(&file["regions"])
                .iter()
                .enumerate()
                .map(|(g, spec)| (regions[g].clone(), at(&spec["dup_cap"])))
                .collect(),
        },
        vetoes: list(&file["vetoed"]).iter().map(pair).collect(),
        commitments: list(&file["committed"]).iter().map(pair).collect(),
        least: file["tau"].as_f64(),
        resources: list(&resources["names"])
            .iter()
            .enumerate()
            .map(|(r, name)| Resource {
                name: name.as_str().unwrap().to_owned(),
                need: list(&resources["need"])
                    .iter()
                    .enumerate()
                    .map(|(i, row)| (industries[i].clone(), at(&row[r]) as u32))
                    .collect(),
                stock: list(&resources["stock"])
                    .iter()
                    .enumerate()
                    .map(|(c, row)| (clusters[c].clone(), at(&row[r]) as u32))
                    .collect(),
            })
            .collect(),
        links: list(&file["edges"])
            .iter()
            .map(|e| Link {
                from: industries[at(&e[0])].clone(),
                to: industries[at(&e[1])].clone(),
                weight: e[2].as_f64().unwrap() * file["lambda"].as_f64().unwrap(),
                range: None,
            })
            .collect(),
        neighbours: list(&file["neighbours"])
            .iter()
            .enumerate()
            .map(|(c, row)| {
                let row = list(row).iter().map(|d| clusters[at(d)].clone()).collect();
                (clusters[c].clone(), row)
            })
            .collect(),
        ..Instance::default()
    }
}
