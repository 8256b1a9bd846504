//! The description of the interface after OpenAPI 3.1, made from the table of endpoints.

use serde_json::{Map, Value, json};

use super::{Answer, ENDPOINTS, Endpoint, Method, Place};
use crate::gate::SIGN;

pub async fn get() -> Answer {
    Answer(description())
}

/// The whole description.
pub fn description() -> Value {
    let mut paths = Map::new();
    for endpoint in ENDPOINTS.iter().copied().flatten() {
        let method = match endpoint.method {
            Method::Get => "get",
            Method::Post => "post",
        };
        let entry = paths
            .entry(endpoint.path.to_owned())
            .or_insert_with(|| json!({}));
        entry[method] = operation(endpoint);
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Forelay workshop",
            "version": env!("CARGO_PKG_VERSION"),
            "license": { "name": "MIT OR Apache-2.0", "identifier": "MIT OR Apache-2.0" },
            "description": "A study over HTTP. Numbers carry their range; `command` is the command line that makes the same result.",
        },
        "servers": [{ "url": "/" }],
        "components": {
            "schemas": {
                "Problem": {
                    "type": "object",
                    "required": ["error", "message"],
                    "properties": {
                        "error": { "type": "string" },
                        "message": { "type": "string" },
                        "help": { "type": ["string", "null"] },
                    },
                },
            },
            "securitySchemes": {
                "token": { "type": "http", "scheme": "bearer", "description": "Beyond loopback only" },
                "sign": { "type": "apiKey", "in": "header", "name": SIGN },
            },
        },
        "paths": paths,
    })
}

/// A schema as it is written beside the endpoint; `"$SET"` stands for the settings that may be changed.
fn schema(text: &str) -> Value {
    serde_json::from_str(&text.replace("\"$SET\"", super::settings::SET))
        .unwrap_or(Value::Bool(true))
}

fn operation(endpoint: &Endpoint) -> Value {
    let parameters: Vec<Value> = endpoint
        .parameters
        .iter()
        .map(|p| {
            json!({
                "name": p.name,
                "in": if p.place == Place::Path { "path" } else { "query" },
                "required": p.place != Place::Query,
                "description": p.about,
                "schema": schema(p.schema),
            })
        })
        .collect();
    let properties: Map<String, Value> = endpoint
        .answer
        .iter()
        .map(|(name, kind)| ((*name).to_owned(), json!({ "type": kind })))
        .collect();
    let needed: Vec<&str> = endpoint.answer.iter().map(|(name, _)| *name).collect();
    let good = if endpoint.path.ends_with("/events") {
        json!({ "text/event-stream": { "schema": { "type": "string" } } })
    } else {
        json!({ "application/json": { "schema": {
            "type": "object", "required": needed, "properties": properties,
        } } })
    };
    let problem = json!({
        "description": "Why there is no answer, and what to do",
        "content": { "application/json": { "schema": { "$ref": "#/components/schemas/Problem" } } },
    });
    let mut operation = json!({
        "summary": endpoint.summary,
        "operationId": format!("{:?}{}", endpoint.method, endpoint.path.replace(['/', '{', '}'], "_")),
        "parameters": parameters,
        "responses": {
            "200": { "description": "The answer", "content": good },
            "4XX": problem.clone(),
            "5XX": problem,
        },
    });
    if endpoint.method == Method::Get && crate::kept::tagged(&endpoint.path.replace(['{', '}'], ""))
    {
        operation["responses"]["304"] =
            json!({ "description": "The answer with this tag (If-None-Match) still holds" });
        operation["responses"]["200"]["headers"] = json!({
            "ETag": { "description": "Stands for this answer about a finished run", "schema": { "type": "string" } },
        });
    }
    if endpoint.method == Method::Post {
        operation["security"] = json!([{ "sign": [] }, { "sign": [], "token": [] }]);
    }
    if let Some(body) = endpoint.body {
        operation["requestBody"] = json!({
            "required": true,
            "content": { "application/json": { "schema": schema(body) } },
        });
    }
    operation
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_schemas_of_the_table_are_json() {
        for endpoint in ENDPOINTS.iter().copied().flatten() {
            for text in endpoint
                .parameters
                .iter()
                .map(|p| p.schema)
                .chain(endpoint.body)
            {
                assert!(schema(text).is_object(), "{}: {text}", endpoint.path);
            }
            for p in endpoint
                .parameters
                .iter()
                .filter(|p| p.place == Place::Path)
            {
                assert!(endpoint.path.contains(&format!("{{{}}}", p.name)));
            }
        }
    }
}
