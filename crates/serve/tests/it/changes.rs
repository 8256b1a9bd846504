//! Changes of settings: their price, what they become, and what is refused.

use serde_json::{Value, json};

use crate::server::{Server, study};

#[test]
fn locks_and_vetoes_have_a_price_and_become_text() {
    let server = Server::shared();
    let objective = |answer: &Value| -> f64 {
        let tables = answer["tables"].as_array().unwrap();
        let table = tables
            .iter()
            .find(|t| t["name"] == "layout.certificate")
            .unwrap();
        let at = table["columns"]
            .as_array()
            .unwrap()
            .iter()
            .position(|c| c["name"] == "objective")
            .unwrap();
        table["rows"][0]["cells"][at]["value"].as_f64().unwrap()
    };
    let before = server
        .get("/api/runs/latest/tables/layout.certificate")
        .json();
    let before = before["rows"][0]["cells"][1]["value"].as_f64().unwrap();
    let placed = server
        .get("/api/runs/latest/tables/layout.regions?limit=1000")
        .json();
    let reasons = server
        .get("/api/runs/latest/tables/layout.reasons?where=question:question.why_this&sort=-cost&limit=1")
        .json();
    let same = server.get("/api/runs/latest/diff/latest?lang=zh").json();
    assert_eq!(same["passages"][0]["about"], "value");
    assert_eq!(same["passages"][1]["lines"][0], "布局相同。");
    assert!(same["steps"].as_array().unwrap().is_empty());
    // Forbid the placement whose loss costs most: the plan must lose exactly that.
    let key = reasons["rows"][0]["key"].as_str().unwrap();
    let cost = reasons["rows"][0]["cells"][3]["value"].as_f64().unwrap();
    let parts: Vec<&str> = key.split('/').collect();
    let (cluster, industry) = (parts[0], parts[2]);
    let body = json!({ "step": "layout.regions", "set": { "regions": { "vetoes": [[cluster, industry]] } } });
    let reply = server.post("/api/preview", &body.to_string());
    let answer = reply.json();
    assert_eq!(reply.status, 200, "{answer}");
    assert!(
        (before - objective(&answer) - cost).abs() < 1e-4,
        "{before} {cost} {answer:.300}"
    );
    // Placements that stay cancel: the price has the range of what moves, far less than that of two objectives.
    let price = |end: &str| answer["price"][end].as_f64().unwrap();
    assert!((price("value") - cost).abs() < 1e-4, "{}", answer["price"]);
    assert!(price("low") <= price("value") && price("value") <= price("high"));
    assert!(price("low") < price("high") && price("high") - price("low") < 0.5 * before);
    // The reasons of the run give the same change the same range.
    let reason = &reasons["rows"][0]["cells"][3];
    for end in ["low", "high"] {
        let said = reason[end].as_f64().unwrap();
        assert!((price(end) - said).abs() < 1e-4, "{end}: {reason}");
    }
    let after = answer["tables"]
        .as_array()
        .unwrap()
        .iter()
        .find(|t| t["name"] == "layout.regions")
        .unwrap();
    let has = |table: &Value| {
        let pair = format!("{cluster}/{industry}");
        table["rows"]
            .as_array()
            .unwrap()
            .iter()
            .any(|r| r["key"] == pair.as_str())
    };
    assert!(has(&placed) && !has(after));

    let reply = server.post(
        "/api/variants/save",
        &json!({ "name": "one-veto", "set": body["set"] }).to_string(),
    );
    let saved = reply.json();
    assert_eq!(reply.status, 200, "{saved}");
    let text = std::fs::read_to_string(study().join("variants/one-veto.toml")).unwrap();
    assert_eq!(saved["text"], text.as_str());
    assert!(text.contains("vetoes") && text.contains(cluster));
    assert_eq!(saved["command"], "forelay run --with one-veto");
    // Settings that decide how long a computation takes are closed.
    for set in [
        json!({ "selection": { "draws": 1_000_000_000 } }),
        json!({ "study": { "home": "DEU" } }),
        json!({}),
    ] {
        let reply = server.post(
            "/api/preview",
            &json!({ "step": "layout.regions", "set": set }).to_string(),
        );
        assert_eq!(reply.status, 422, "{set}");
    }
}

/// A change beside another one costs what the plan of both is worth less than that of the other alone.
#[test]
fn a_change_has_a_price_beside_another() {
    let server = Server::shared();
    let reasons = server
        .get("/api/runs/latest/tables/layout.reasons?where=question:question.why_this&sort=-cost&limit=2")
        .json();
    let pair = |i: usize| {
        let key = reasons["rows"][i]["key"].as_str().unwrap();
        let parts: Vec<&str> = key.split('/').collect();
        json!([parts[0], parts[2]])
    };
    let vetoes = |pairs: Value| json!({ "regions": { "vetoes": pairs } });
    let ask = |body: Value| {
        let reply = server.post("/api/preview", &body.to_string());
        let answer = reply.json();
        assert_eq!(reply.status, 200, "{answer}");
        answer
    };
    let (one, both) = (vetoes(json!([pair(0)])), vetoes(json!([pair(0), pair(1)])));
    let objective = |set: &Value| {
        let step = "layout.regions";
        let answer = ask(json!({ "step": step, "tables": ["layout.certificate"], "set": set }));
        let table = &answer["tables"][0];
        let columns = table["columns"].as_array().unwrap();
        let at = columns.iter().position(|c| c["name"] == "objective");
        let cell = &table["rows"][0]["cells"][at.unwrap()];
        cell["value"].as_f64().unwrap()
    };
    let answer = ask(json!({ "step": "layout.regions", "set": both, "beside": one }));
    let price = answer["price"]["value"].as_f64().unwrap();
    let lost = objective(&one) - objective(&both);
    assert!(lost > 1e-3 && (price - lost).abs() < 1e-4, "{price} {lost}");
}

/// A city or field that the evidence does not know is no change without a cost, and no variant.
#[test]
fn names_that_are_not_known_are_refused() {
    let server = Server::shared();
    for (pair, unknown) in [
        (json!(["atlantis", "artificial_intelligence"]), "atlantis"),
        (json!(["beijing", "alchemy"]), "alchemy"),
    ] {
        let set = json!({ "regions": { "commitments": [pair] } });
        for (path, body) in [
            (
                "/api/preview",
                json!({ "step": "layout.regions", "set": set }),
            ),
            (
                "/api/variants/save",
                json!({ "name": "unknown", "set": set }),
            ),
        ] {
            let reply = server.post(path, &body.to_string());
            assert_eq!(reply.status, 422, "{path}");
            let said = reply.json()["message"].to_string();
            assert!(said.contains(unknown), "{path}: {said}");
        }
    }
    assert!(!study().join("variants/unknown.toml").exists());
}
