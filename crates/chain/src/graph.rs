//! The AND/OR graph of industrial chains.
//!
//! A node needs every one of its input groups (AND). A group holds the inputs that can replace one another for
//! this user (OR): those that share a `substitute_group`; any other input is a group of its own. A group is
//! required when at least one of its alternatives was judged essential. Links run from input to user and form no
//! cycle. Nodes are sorted by id and providers by country, so the order of input rows never matters.

use std::collections::{BTreeMap, BTreeSet};

use model::{Chain, Country, Node, RowRef, Year};
use serde::{Deserialize, Serialize};

use crate::input::{ChainInput, Essential, LinkSpec, Relation, Stage, SupplyBasis, SupplySpec};
use crate::problem::GraphProblem;
use crate::supply::{self, Supply};

/// Members of each bloc that sources list like a country.
pub type Blocs = BTreeMap<Country, BTreeSet<Country>>;

const EU27: [&str; 27] = [
    "AUT", "BEL", "BGR", "CYP", "CZE", "DEU", "DNK", "ESP", "EST", "FIN", "FRA", "GRC", "HRV",
    "HUN", "IRL", "ITA", "LTU", "LUX", "LVA", "MLT", "NLD", "POL", "PRT", "ROU", "SVK", "SVN",
    "SWE",
];

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct GraphParams {
    /// Which shares to prefer; a basis that is not listed comes last. Default: production, capacity, exports,
    /// market.
    pub basis_order: Vec<SupplyBasis>,
    /// The most recent year up to this one is chosen. Default: none, the most recent year.
    pub reference_year: Option<Year>,
    /// By how much rounding may lift the sum of shares above one. Default 0.005.
    pub rounding: f64,
    /// Default: `EU` with its 27 members since 2020.
    pub blocs: Blocs,
}

impl Default for GraphParams {
    fn default() -> Self {
        Self {
            basis_order: vec![
                SupplyBasis::Production,
                SupplyBasis::Capacity,
                SupplyBasis::Exports,
                SupplyBasis::Market,
            ],
            reference_year: None,
            rounding: 0.005,
            blocs: BTreeMap::from([(Country::from("EU"), EU27.map(Country::from).into())]),
        }
    }
}

/// One alternative of an input group.
#[derive(Debug, Clone, PartialEq)]
pub struct Input {
    pub(crate) index: usize,
    pub node: Node,
    pub relation: Relation,
    pub origin: RowRef,
}

/// Inputs of one user that can replace one another; by id.
#[derive(Debug, Clone, PartialEq)]
pub struct Group {
    /// `No` where every alternative was judged not essential.
    pub essential: Essential,
    pub alternatives: Vec<Input>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct GraphNode {
    pub node: Node,
    pub chain: Chain,
    pub stage: Stage,
    pub essential: Essential,
    pub origin: RowRef,
    /// `None`: no share is recorded, a gap of coverage.
    pub supply: Option<Supply>,
    pub groups: Vec<Group>,
    pub(crate) users: Vec<usize>,
}

impl GraphNode {
    pub(crate) fn inputs(&self) -> impl Iterator<Item = &Input> {
        self.groups.iter().flat_map(|group| &group.alternatives)
    }
}

#[derive(Debug, Clone, PartialEq)]
pub struct ChainGraph {
    /// By id.
    pub(crate) nodes: Vec<GraphNode>,
    /// Inputs before users.
    pub(crate) order: Vec<usize>,
    pub(crate) blocs: Blocs,
}

/// How much of what lies upstream of a node (itself included) has supply data.
#[derive(Debug, Clone, PartialEq)]
pub struct Coverage {
    pub upstream: usize,
    pub with_supply: usize,
    /// Nodes without a recorded share.
    pub gaps: Vec<Node>,
}

impl Coverage {
    /// `with_supply / upstream`, 0..1.
    pub fn share(&self) -> f64 {
        self.with_supply as f64 / self.upstream as f64
    }
}

impl ChainGraph {
    /// Whether one is the other, or a bloc that holds it.
    pub fn overlap(&self, a: &Country, b: &Country) -> bool {
        let holds = |bloc, member| self.blocs.get(bloc).is_some_and(|m| m.contains(member));
        a == b || holds(a, b) || holds(b, a)
    }

    /// Builds the graph, or says everything that is wrong with the input.
    pub fn build(input: ChainInput, params: &GraphParams) -> Result<Self, Vec<GraphProblem>> {
        let ChainInput {
            mut nodes,
            mut links,
            supply,
        } = input;
        let mut problems = Vec::new();
        nodes.sort_by(|a, b| (&a.node, &a.origin).cmp(&(&b.node, &b.origin)));
        for twins in nodes
            .chunk_by(|a, b| a.node == b.node)
            .filter(|c| c.len() > 1)
        {
            problems.push(GraphProblem::DuplicateNode {
                node: twins[0].node.clone(),
                origins: twins.iter().map(|spec| spec.origin.clone()).collect(),
            });
        }
        nodes.dedup_by(|b, a| a.node == b.node);
        let index: BTreeMap<Node, usize> = (0..nodes.len())
            .map(|i| (nodes[i].node.clone(), i))
            .collect();
        let known = |node: &Node, origin: &RowRef, problems: &mut Vec<GraphProblem>| {
            let found = index.contains_key(node);
            if !found {
                problems.push(GraphProblem::UnknownNode {
                    node: node.clone(),
                    origin: origin.clone(),
                });
            }
            found
        };

        links.sort_by(|a, b| (&a.from, &a.to, &a.origin).cmp(&(&b.from, &b.to, &b.origin)));
        for twins in links
            .chunk_by(|a, b| (&a.from, &a.to) == (&b.from, &b.to))
            .filter(|c| c.len() > 1)
        {
            problems.push(GraphProblem::DuplicateLink {
                from: twins[0].from.clone(),
                to: twins[0].to.clone(),
                origins: twins.iter().map(|link| link.origin.clone()).collect(),
            });
        }
        links.retain(|link| {
            let from = known(&link.from, &link.origin, &mut problems);
            known(&link.to, &link.origin, &mut problems) && from
        });

        let mut shares: BTreeMap<&Node, Vec<&SupplySpec>> = BTreeMap::new();
        let mut rows: Vec<&SupplySpec> = supply.iter().collect();
        rows.sort_by(|a, b| (&a.node, &a.origin).cmp(&(&b.node, &b.origin)));
        for row in rows {
            if known(&row.node, &row.origin, &mut problems) {
                shares.entry(&row.node).or_default().push(row);
            }
        }

        let mut built: Vec<GraphNode> = Vec::with_capacity(nodes.len());
        for spec in &nodes {
            let rows = shares.get(&spec.node).map_or(&[][..], Vec::as_slice);
            let supply = supply::choose(rows, params).unwrap_or_else(|faults| {
                problems.extend(faults);
                None
            });
            built.push(GraphNode {
                node: spec.node.clone(),
                chain: spec.chain.clone(),
                stage: spec.stage,
                essential: spec.essential,
                origin: spec.origin.clone(),
                supply,
                groups: Vec::new(),
                users: Vec::new(),
            });
        }
        let groups_of: Vec<Option<&str>> = nodes
            .iter()
            .map(|spec| spec.substitute_group.as_deref())
            .collect();
        for link in &links {
            attach(&mut built, &groups_of, link, &index);
        }
        let order = match topological(&built) {
            Ok(order) => order,
            Err(ring) => {
                problems.push(cycle(&built, &ring));
                Vec::new()
            }
        };
        if problems.is_empty() {
            Ok(Self {
                nodes: built,
                order,
                blocs: params.blocs.clone(),
            })
        } else {
            Err(problems)
        }
    }

    /// All nodes, by id.
    pub fn nodes(&self) -> &[GraphNode] {
        &self.nodes
    }

    pub fn get(&self, node: &Node) -> Option<&GraphNode> {
        self.index(node).map(|i| &self.nodes[i])
    }

    /// Every country with a chosen share somewhere, sorted.
    pub fn countries(&self) -> BTreeSet<&Country> {
        let supplies = self.nodes.iter().filter_map(|node| node.supply.as_ref());
        supplies
            .flat_map(|supply| supply.providers.iter().map(|p| &p.country))
            .collect()
    }

    /// The node itself and everything that feeds it, or `None` for an unknown node.
    pub fn upstream(&self, node: &Node) -> Option<Vec<&Node>> {
        let of = self.index(node)?;
        Some(
            self.upstream_of(of)
                .into_iter()
                .map(|i| &self.nodes[i].node)
                .collect(),
        )
    }

    /// How much of the upstream of `node` has supply data, or `None` for an unknown node.
    pub fn coverage(&self, node: &Node) -> Option<Coverage> {
        self.index(node).map(|i| self.coverage_of(i))
    }

    pub(crate) fn index(&self, node: &Node) -> Option<usize> {
        self.nodes.binary_search_by(|n| n.node.cmp(node)).ok()
    }

    /// Indices of the targets, each once and in their order.
    pub(crate) fn indices(&self, targets: &[Node]) -> Result<Vec<usize>, Vec<GraphProblem>> {
        let mut found = Vec::with_capacity(targets.len());
        let mut problems = Vec::new();
        for node in targets {
            match self.index(node) {
                Some(i) if found.contains(&i) => {}
                Some(i) => found.push(i),
                None => problems.push(GraphProblem::UnknownTarget { node: node.clone() }),
            }
        }
        if problems.is_empty() {
            Ok(found)
        } else {
            Err(problems)
        }
    }

    pub(crate) fn upstream_of(&self, of: usize) -> BTreeSet<usize> {
        let mut seen = BTreeSet::from([of]);
        let mut open = vec![of];
        while let Some(i) = open.pop() {
            for input in self.nodes[i].inputs() {
                if seen.insert(input.index) {
                    open.push(input.index);
                }
            }
        }
        seen
    }

    pub(crate) fn coverage_of(&self, of: usize) -> Coverage {
        let upstream = self.upstream_of(of);
        let gaps: Vec<Node> = upstream
            .iter()
            .filter(|i| self.nodes[**i].supply.is_none())
            .map(|i| self.nodes[*i].node.clone())
            .collect();
        Coverage {
            upstream: upstream.len(),
            with_supply: upstream.len() - gaps.len(),
            gaps,
        }
    }
}

/// Adds the link to its user's groups. Links arrive sorted, so groups and alternatives come sorted by id.
fn attach(
    nodes: &mut [GraphNode],
    groups_of: &[Option<&str>],
    link: &LinkSpec,
    index: &BTreeMap<Node, usize>,
) {
    let (from, to) = (index[&link.from], index[&link.to]);
    let essential = nodes[from].essential;
    nodes[from].users.push(to);
    let input = Input {
        index: from,
        node: link.from.clone(),
        relation: link.relation,
        origin: link.origin.clone(),
    };
    let same_group = |group: &&mut Group| {
        groups_of[from].is_some() && groups_of[group.alternatives[0].index] == groups_of[from]
    };
    if let Some(group) = nodes[to].groups.iter_mut().find(same_group) {
        group.alternatives.push(input);
        // `Yes` sorts before `No`: one essential alternative makes the group required.
        group.essential = group.essential.min(essential);
    } else {
        nodes[to].groups.push(Group {
            essential,
            alternatives: vec![input],
        });
    }
}

/// Inputs before users, smallest id first (Kahn 1962); `Err` holds the nodes on or behind a cycle.
fn topological(nodes: &[GraphNode]) -> Result<Vec<usize>, BTreeSet<usize>> {
    let mut missing: Vec<usize> = nodes.iter().map(|n| n.inputs().count()).collect();
    let mut ready: BTreeSet<usize> = (0..nodes.len()).filter(|i| missing[*i] == 0).collect();
    let mut order = Vec::with_capacity(nodes.len());
    while let Some(i) = ready.pop_first() {
        order.push(i);
        for user in &nodes[i].users {
            missing[*user] -= 1;
            if missing[*user] == 0 {
                ready.insert(*user);
            }
        }
    }
    if order.len() == nodes.len() {
        Ok(order)
    } else {
        Err((0..nodes.len()).filter(|i| missing[*i] > 0).collect())
    }
}

/// Names one cycle. Every node of `stuck` has an input in `stuck`, so walking upstream must close a ring.
fn cycle(nodes: &[GraphNode], stuck: &BTreeSet<usize>) -> GraphProblem {
    let mut walk: Vec<usize> = stuck.first().copied().into_iter().collect();
    while let Some(last) = walk.last() {
        let before = nodes[*last]
            .inputs()
            .map(|input| input.index)
            .find(|i| stuck.contains(i))
            .expect("invariant: a node that is never ready has an input that is never ready");
        if let Some(start) = walk.iter().position(|i| *i == before) {
            walk.drain(..start);
            break;
        }
        walk.push(before);
    }
    walk.reverse();
    let smallest = (0..walk.len()).min_by_key(|i| walk[*i]).unwrap_or(0);
    walk.rotate_left(smallest);
    let origins = (0..walk.len())
        .filter_map(|i| {
            let (from, to) = (walk[i], walk[(i + 1) % walk.len()]);
            let link = nodes[to].inputs().find(|input| input.index == from)?;
            Some(link.origin.clone())
        })
        .collect();
    GraphProblem::Cycle {
        nodes: walk.iter().map(|i| nodes[*i].node.clone()).collect(),
        origins,
    }
}
