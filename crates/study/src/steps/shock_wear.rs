//! What a stop of tools means: nothing stops at once, capacity wears out.

use std::collections::{BTreeMap, BTreeSet};

use chain::{ChainGraph, Relation, ShockResult};
use model::{Entity, Message, Node};

use super::shock::NEGLIGIBLE;

/// Tools that a note names.
const TOOLS: usize = 3;

/// What is said where one of the `users` loses with a tool: its capacity wears away, and comes back late. The tools that
/// lose most are named.
pub fn wear(
    graph: &ChainGraph,
    result: &ShockResult,
    users: impl Fn(&Node) -> bool,
) -> Option<Message> {
    let losing: BTreeMap<&Node, f64> = (result.nodes.iter())
        .filter(|course| course.peak.high > NEGLIGIBLE)
        .map(|course| (&course.node, course.peak.high))
        .collect();
    let users = graph
        .nodes()
        .iter()
        .filter(|node| losing.contains_key(&node.node) && users(&node.node));
    let inputs = users.flat_map(|node| node.groups.iter().flat_map(|g| &g.alternatives));
    let tools = inputs.filter(|input| input.relation == Relation::ToolFor);
    let tools: BTreeSet<&Node> = tools.map(|input| &input.node).collect();
    let mut tools: Vec<&Node> = (tools.into_iter())
        .filter(|tool| losing.contains_key(tool))
        .collect();
    tools.sort_by(|a, b| losing[b].total_cmp(&losing[a]).then_with(|| a.cmp(b)));
    let more = match tools.len().saturating_sub(TOOLS) {
        0 => Message::verbatim(""),
        n => Message::new("whatif.note.wear.more").with("n", n),
    };
    let named: Vec<Entity> = tools.iter().take(TOOLS).map(|tool| tool.entity()).collect();
    (!named.is_empty()).then(|| {
        Message::new("whatif.note.wear")
            .with("tools", named)
            .with("more", more)
    })
}
