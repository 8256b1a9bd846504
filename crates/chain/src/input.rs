//! What a chain is built from: nodes, links and country shares, each with the row it was read from.

use model::{Chain, Country, Estimate, Node, RowRef, Year};
use serde::{Deserialize, Serialize};

/// A code with its catalogue name: `code.<code>` is the text.
macro_rules! coded {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident => $code:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum $name { $($(#[$vdoc])* $variant),+ }

        impl $name {
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];
            /// Code of the message `code.<code>` that names it.
            pub fn code(self) -> &'static str {
                match self { $(Self::$variant => $code),+ }
            }
        }
    };
}
pub(crate) use coded;

coded! {
    /// What kind of thing a node is.
    Stage {
        Material => "chain.stage.material",
        Component => "chain.stage.component",
        Equipment => "chain.stage.equipment",
        Software => "chain.stage.software",
        Process => "chain.stage.process",
        Product => "chain.stage.product",
        Service => "chain.stage.service",
    }
}
coded! {
    /// Whether a node's users cannot do without it. A judgement: where it says no, results span both readings.
    Essential {
        Yes => "chain.essential.yes",
        No => "chain.essential.no",
    }
}
coded! {
    /// How the user of a link uses its input.
    Relation {
        /// Built into the user's output.
        InputTo => "chain.relation.input_to",
        /// Makes the user's output and is not used up week by week.
        ToolFor => "chain.relation.tool_for",
        /// Used up in making the user's output.
        MaterialFor => "chain.relation.material_for",
    }
}
coded! {
    /// What a country's share is a share of.
    SupplyBasis {
        Production => "chain.basis.production",
        Capacity => "chain.basis.capacity",
        Market => "chain.basis.market",
        Exports => "chain.basis.exports",
    }
}

/// A material, component, tool, process, product or service.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NodeSpec {
    pub node: Node,
    pub chain: Chain,
    pub stage: Stage,
    pub essential: Essential,
    /// Inputs of one user that share a group can replace one another.
    pub substitute_group: Option<String>,
    pub origin: RowRef,
}

/// `from` is needed by `to`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LinkSpec {
    pub from: Node,
    pub to: Node,
    pub relation: Relation,
    pub origin: RowRef,
}

/// A country's share of a node's supply, a fraction 0..1 with its range.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SupplySpec {
    pub node: Node,
    pub country: Country,
    pub share: Estimate,
    pub basis: SupplyBasis,
    pub year: Year,
    pub origin: RowRef,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct ChainInput {
    pub nodes: Vec<NodeSpec>,
    pub links: Vec<LinkSpec>,
    pub supply: Vec<SupplySpec>,
}
