//! A question of regional layout from a JSON file of the format `forelay-layout/1`.
//!
//! Positions in its lists count from 0. Besides the fields of the format, a cluster may name its cooperation
//! `circle` and its own `min` and `max`, an industry may need a `lead`, and `fairness` may be given.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use layout::regions::{ClusterSpec, IndustrySpec, Instance, Link, RegionalCap, Resource};
use model::{Basis, Cluster, Diagnostic, Estimate, Industry, Message, Region, Severity};
use serde_json::Value;

use super::super::CalcError;

/// Is the rule on clusters next door to each other part of the question?
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NextDoor {
    Ignored,
    Kept,
}

/// The question, and the order of its clusters and industries in the file.
pub struct InstanceFile {
    pub instance: Instance,
    pub clusters: Vec<Cluster>,
    pub industries: Vec<Industry>,
}

/// Reads the file; everything that is wrong with it is said at once.
pub fn read(file: &Path, next_door: NextDoor) -> Result<InstanceFile, CalcError> {
    let bytes = fs::read(file)
        .map_err(|error| CalcError::argument("INSTANCE", format!("{}: {error}", file.display())))?;
    let mut reader = Reader {
        file: file.display().to_string(),
        findings: Vec::new(),
    };
    let read = match serde_json::from_slice::<Value>(&bytes) {
        Ok(value) if value["format"] == "forelay-layout/1" => {
            Some(reader.instance(&value, next_door))
        }
        Ok(value) => {
            let found = value["format"].to_string();
            reader.say("format", "format", &found);
            None
        }
        Err(error) => {
            reader.say("json", "", &error.to_string());
            None
        }
    };
    match read {
        Some(read) if reader.findings.is_empty() => Ok(read),
        _ => Err(CalcError::Input {
            file: reader.file,
            findings: reader.findings,
        }),
    }
}

struct Reader {
    file: String,
    findings: Vec<Diagnostic>,
}

impl Reader {
    fn say(&mut self, what: &str, place: &str, found: &str) {
        let code = format!("layout_file.{what}");
        self.findings.push(Diagnostic {
            severity: Severity::Error,
            file: self.file.clone(),
            row: None,
            column: (!place.is_empty()).then(|| place.to_owned()),
            found: found.chars().take(60).collect(),
            expected: Message::new(format!("check.{code}")),
            remedy: Message::new(format!("check.{code}.remedy")),
            code,
        });
    }

    fn list<'a>(&mut self, value: &'a Value, place: &str) -> &'a [Value] {
        match value {
            Value::Array(list) => list,
            other => {
                self.say("list", place, &other.to_string());
                &[]
            }
        }
    }

    /// A list that may be left out.
    fn some<'a>(&mut self, value: &'a Value, place: &str) -> &'a [Value] {
        if value.is_null() {
            &[]
        } else {
            self.list(value, place)
        }
    }

    fn number(&mut self, value: &Value, place: &str) -> f64 {
        value.as_f64().filter(|n| n.is_finite()).unwrap_or_else(|| {
            self.say("number", place, &value.to_string());
            0.0
        })
    }

    fn whole(&mut self, value: &Value, place: &str) -> usize {
        let whole = value.as_u64().and_then(|n| u32::try_from(n).ok());
        whole.map_or_else(
            || {
                self.say("whole", place, &value.to_string());
                0
            },
            |n| n as usize,
        )
    }

    fn position(&mut self, value: &Value, place: &str, count: usize) -> Option<usize> {
        let at = value
            .as_u64()
            .and_then(|n| usize::try_from(n).ok())
            .filter(|n| *n < count);
        if at.is_none() {
            self.say("position", place, &value.to_string());
        }
        at
    }

    fn ids(&mut self, list: &[Value], place: &str) -> Vec<String> {
        let mut seen = BTreeSet::new();
        let mut ids = Vec::new();
        for (n, item) in list.iter().enumerate() {
            let at = format!("{place}[{n}].id");
            let id = item["id"].as_str().unwrap_or_default().to_owned();
            if id.is_empty() {
                self.say("id", &at, &item["id"].to_string());
            } else if !seen.insert(id.clone()) {
                self.say("twice", &at, &id);
            }
            ids.push(id);
        }
        ids
    }

    fn pairs(
        &mut self,
        value: &Value,
        place: &str,
        left: usize,
        right: usize,
    ) -> Vec<(usize, usize)> {
        let mut pairs = Vec::new();
        for (n, item) in self.some(value, place).iter().enumerate() {
            let at = format!("{place}[{n}]");
            let l = self.position(&item[0], &at, left);
            let r = self.position(&item[1], &at, right);
            pairs.extend(l.zip(r));
        }
        pairs
    }

    fn same_length(&mut self, list: &[Value], place: &str, count: usize) {
        if list.len() != count {
            self.say("length", place, &format!("{} / {count}", list.len()));
        }
    }

    fn instance(&mut self, file: &Value, next_door: NextDoor) -> InstanceFile {
        let cluster_list = self.list(&file["clusters"], "clusters");
        let industry_list = self.list(&file["industries"], "industries");
        let region_list = self.list(&file["regions"], "regions");
        let clusters: Vec<Cluster> = self
            .ids(cluster_list, "clusters")
            .into_iter()
            .map(Cluster)
            .collect();
        let industries: Vec<Industry> = self
            .ids(industry_list, "industries")
            .into_iter()
            .map(Industry::from)
            .collect();
        let regions: Vec<Region> = self
            .ids(region_list, "regions")
            .into_iter()
            .map(Region)
            .collect();
        let (nc, ni) = (clusters.len(), industries.len());
        let mut instance = Instance::default();

        let least = self.whole(&file["min_per_cluster"], "min_per_cluster");
        let most = self.whole(&file["max_per_cluster"], "max_per_cluster");
        for (c, item) in cluster_list.iter().enumerate() {
            let at = |field: &str| format!("clusters[{c}].{field}");
            let region = self.position(&item["region"], &at("region"), regions.len());
            let own = |reader: &mut Self, field: &str, common: usize| {
                if item[field].is_null() {
                    common
                } else {
                    reader.whole(&item[field], &at(field))
                }
            };
            let spec = ClusterSpec {
                cluster: clusters[c].clone(),
                region: region.map_or_else(|| Region(String::new()), |g| regions[g].clone()),
                min: own(self, "min", least),
                max: own(self, "max", most),
            };
            match &item["circle"] {
                Value::Null => {}
                Value::String(circle) if !circle.is_empty() => {
                    instance
                        .circles
                        .insert(clusters[c].clone(), Region(circle.clone()));
                }
                other => self.say("text", &at("circle"), &other.to_string()),
            }
            instance.clusters.push(spec);
        }
        for (i, item) in industry_list.iter().enumerate() {
            let at = |field: &str| format!("industries[{i}].{field}");
            let floor = if item["floor"].is_null() {
                0
            } else {
                self.whole(&item["floor"], &at("floor"))
            };
            let cap = (!item["cap"].is_null()).then(|| self.whole(&item["cap"], &at("cap")));
            match &item["lead"] {
                Value::Null | Value::Bool(false) => {}
                Value::Bool(true) => {
                    instance.leads.insert(industries[i].clone());
                }
                other => self.say("yes_or_no", &at("lead"), &other.to_string()),
            }
            instance.industries.push(IndustrySpec {
                industry: industries[i].clone(),
                floor,
                cap,
                weight: 1.0,
            });
        }
        let mut by_region = BTreeMap::new();
        for (g, item) in region_list.iter().enumerate() {
            if !item["dup_cap"].is_null() {
                let cap = self.whole(&item["dup_cap"], &format!("regions[{g}].dup_cap"));
                by_region.insert(regions[g].clone(), cap);
            }
        }
        instance.regional_cap = RegionalCap {
            limit: None,
            by_region,
        };
        self.suitability(&file["suitability"], &clusters, &industries, &mut instance);
        instance.resources = self.resources(&file["resources"], &clusters, &industries);
        let pair = |(c, i): (usize, usize)| (clusters[c].clone(), industries[i].clone());
        let vetoed = self.pairs(&file["vetoed"], "vetoed", nc, ni);
        instance.vetoes = vetoed.into_iter().map(pair).collect();
        let committed = self.pairs(&file["committed"], "committed", nc, ni);
        instance.commitments = committed.into_iter().map(pair).collect();
        if next_door == NextDoor::Kept {
            let near = self.pairs(&file["near_pairs"], "near_pairs", nc, nc);
            let both = |(c, d): (usize, usize)| (clusters[c].clone(), clusters[d].clone());
            instance.next_door = near.into_iter().map(both).collect();
        }
        for (c, list) in self
            .some(&file["neighbours"], "neighbours")
            .iter()
            .enumerate()
        {
            let place = format!("neighbours[{c}]");
            let near: Vec<Cluster> = self
                .list(list, &place)
                .iter()
                .filter_map(|d| self.position(d, &place, nc))
                .map(|d| clusters[d].clone())
                .collect();
            if let Some(cluster) = clusters.get(c) {
                instance.neighbours.insert(cluster.clone(), near);
            }
        }
        let optional = |reader: &mut Self, field: &str| {
            (!file[field].is_null()).then(|| reader.number(&file[field], field))
        };
        instance.least = optional(self, "tau");
        instance.fairness = optional(self, "fairness").unwrap_or(0.0);
        let scale = optional(self, "lambda").unwrap_or(1.0);
        for (n, item) in self.some(&file["edges"], "edges").iter().enumerate() {
            let place = format!("edges[{n}]");
            let from = self.position(&item[0], &place, ni);
            let to = self.position(&item[1], &place, ni);
            let weight = scale * self.number(&item[2], &place);
            if let (Some(from), Some(to)) = (from, to) {
                instance.links.push(Link {
                    from: industries[from].clone(),
                    to: industries[to].clone(),
                    weight,
                    range: None,
                });
            }
        }
        InstanceFile {
            instance,
            clusters,
            industries,
        }
    }

    /// A matrix cluster × industry; an empty (null) place has no evidence.
    fn suitability(
        &mut self,
        value: &Value,
        clusters: &[Cluster],
        industries: &[Industry],
        instance: &mut Instance,
    ) {
        let rows = self.list(value, "suitability");
        self.same_length(rows, "suitability", clusters.len());
        for (c, row) in rows.iter().enumerate().take(clusters.len()) {
            let place = format!("suitability[{c}]");
            let row = self.list(row, &place);
            self.same_length(row, &place, industries.len());
            for (i, s) in row.iter().enumerate().take(industries.len()) {
                if s.is_null() {
                    continue;
                }
                let s = self.number(s, &format!("{place}[{i}]"));
                let pair = (clusters[c].clone(), industries[i].clone());
                instance
                    .suitability
                    .insert(pair, Estimate::exact(s, Basis::Assumed));
            }
        }
    }

    fn resources(
        &mut self,
        value: &Value,
        clusters: &[Cluster],
        industries: &[Industry],
    ) -> Vec<Resource> {
        if value.is_null() {
            return Vec::new();
        }
        let names = self.list(&value["names"], "resources.names");
        let mut resources: Vec<Resource> = names
            .iter()
            .map(|name| Resource {
                name: name.as_str().unwrap_or_default().to_owned(),
                ..Resource::default()
            })
            .collect();
        let need = self.list(&value["need"], "resources.need");
        self.same_length(need, "resources.need", industries.len());
        for (i, row) in need.iter().enumerate().take(industries.len()) {
            for (r, resource) in resources.iter_mut().enumerate() {
                let amount = self.whole(&row[r], &format!("resources.need[{i}][{r}]"));
                resource.need.insert(industries[i].clone(), amount as u32);
            }
        }
        let stock = self.list(&value["stock"], "resources.stock");
        self.same_length(stock, "resources.stock", clusters.len());
        for (c, row) in stock.iter().enumerate().take(clusters.len()) {
            for (r, resource) in resources.iter_mut().enumerate() {
                let amount = self.whole(&row[r], &format!("resources.stock[{c}][{r}]"));
                resource.stock.insert(clusters[c].clone(), amount as u32);
            }
        }
        resources
    }
}
