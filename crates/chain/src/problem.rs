//! What keeps a chain from being built or a question about it from being answered.

use model::{Country, Entity, Message, Node, RowRef, Year};

use crate::input::SupplyBasis;

/// A fault of the input. [`GraphProblem::message`] says it in words; [`GraphProblem::origins`] says where.
#[derive(Debug, Clone, PartialEq)]
pub enum GraphProblem {
    /// The nodes feed one another in a ring; listed along the links, starting at the smallest id.
    Cycle {
        nodes: Vec<Node>,
        origins: Vec<RowRef>,
    },
    /// A link or share names a node that is not there.
    UnknownNode {
        node: Node,
        origin: RowRef,
    },
    /// A target or addition names a node that is not there.
    UnknownTarget {
        node: Node,
    },
    DuplicateNode {
        node: Node,
        origins: Vec<RowRef>,
    },
    /// Two links join the same two nodes.
    DuplicateLink {
        from: Node,
        to: Node,
        origins: Vec<RowRef>,
    },
    /// Two rows give the same country a share of one node, basis and year.
    DuplicateShare {
        node: Node,
        country: Country,
        basis: SupplyBasis,
        year: Year,
        origins: Vec<RowRef>,
    },
    /// A share, or an end of its range, lies outside 0..1.
    ShareOutOfRange {
        node: Node,
        country: Country,
        share: f64,
        origin: RowRef,
    },
    /// The shares of one node, basis and year sum to more than one (often a bloc beside its members).
    SharesAboveOne {
        node: Node,
        basis: SupplyBasis,
        year: Year,
        sum: f64,
        origins: Vec<RowRef>,
    },
}

impl GraphProblem {
    pub fn message(&self) -> Message {
        let code = |basis: SupplyBasis| Entity::new(model::Kind::Code, basis.code());
        match self {
            Self::Cycle { nodes, .. } => Message::new("chain.problem.cycle").with(
                "nodes",
                nodes.iter().map(Node::entity).collect::<Vec<Entity>>(),
            ),
            Self::UnknownNode { node, .. } => {
                Message::new("chain.problem.unknown_node").with("node", node.as_str())
            }
            Self::UnknownTarget { node } => {
                Message::new("chain.problem.unknown_target").with("node", node.as_str())
            }
            Self::DuplicateNode { node, .. } => {
                Message::new("chain.problem.duplicate_node").with("node", node.entity())
            }
            Self::DuplicateLink { from, to, .. } => Message::new("chain.problem.duplicate_link")
                .with("from", from.entity())
                .with("to", to.entity()),
            Self::DuplicateShare {
                node,
                country,
                basis,
                year,
                ..
            } => Message::new("chain.problem.duplicate_share")
                .with("node", node.entity())
                .with("country", country.entity())
                .with("basis", code(*basis))
                .with("year", year.to_string()),
            Self::ShareOutOfRange {
                node,
                country,
                share,
                ..
            } => Message::new("chain.problem.share_out_of_range")
                .with("node", node.entity())
                .with("country", country.entity())
                .with("share", *share),
            Self::SharesAboveOne {
                node,
                basis,
                year,
                sum,
                ..
            } => Message::new("chain.problem.shares_above_one")
                .with("node", node.entity())
                .with("basis", code(*basis))
                .with("year", year.to_string())
                .with("sum", *sum),
        }
    }

    /// The rows at fault; empty where the question itself is.
    pub fn origins(&self) -> Vec<RowRef> {
        match self {
            Self::UnknownTarget { .. } => Vec::new(),
            Self::UnknownNode { origin, .. } | Self::ShareOutOfRange { origin, .. } => {
                vec![origin.clone()]
            }
            Self::Cycle { origins, .. }
            | Self::DuplicateNode { origins, .. }
            | Self::DuplicateLink { origins, .. }
            | Self::DuplicateShare { origins, .. }
            | Self::SharesAboveOne { origins, .. } => origins.clone(),
        }
    }
}
