//! Chains drawn with suppliers switched off, and what-ifs: the same answers as the engine and the command line give.

use serde_json::{Value, json};

use crate::server::{Server, study};

#[test]
fn a_chain_is_drawn_and_loses_what_the_engine_says_when_suppliers_are_off() {
    let server = Server::shared();
    let ask = |body: Value| {
        let reply = server.post("/api/chain", &body.to_string());
        (reply.status, reply.json())
    };
    let (status, whole) = ask(json!({}));
    assert_eq!(status, 200, "{whole:.300}");
    let nodes = whole["nodes"].as_array().unwrap();
    let of = |picture: &Value, id: &str| -> Value {
        let nodes = picture["nodes"].as_array().unwrap();
        nodes.iter().find(|n| n["id"] == id).unwrap().clone()
    };
    assert!(nodes.len() > 10 && nodes.iter().all(|n| n["loss"].is_null()));
    // Boxes lie in the picture, apart from each other, and links join nodes of the picture.
    let number = |n: &Value, name: &str| n[name].as_f64().unwrap();
    for (i, a) in nodes.iter().enumerate() {
        assert!(
            number(a, "x") >= 0.0 && number(a, "x") + number(a, "width") <= number(&whole, "width")
        );
        for b in &nodes[i + 1..] {
            let apart = |at: &str, size: &str| {
                number(a, at) + number(a, size) <= number(b, at)
                    || number(b, at) + number(b, size) <= number(a, at)
            };
            assert!(
                apart("x", "width") || apart("y", "height"),
                "{} {}",
                a["id"],
                b["id"]
            );
        }
    }
    let links = whole["links"].as_array().unwrap();
    assert!(!links.is_empty());
    for link in links {
        assert!(link["from"].as_u64().unwrap() < nodes.len() as u64);
        assert!(link["to"].as_u64().unwrap() < nodes.len() as u64);
    }

    // A country off at one node: the node loses what the study's engine says, and more switches never lose less.
    let one = json!({ "country": "JPN", "node": "semi_photoresist" });
    let (_, off) = ask(json!({ "chain": "semiconductors", "off": [one], "weeks": 26 }));
    // The command asks about the nodes that lose: on its line where they are few, else in the text that it takes as a file.
    let command = off["command"].as_str().unwrap();
    let losing = off["nodes"].as_array().unwrap().iter();
    let losing: Vec<&Value> = losing.filter(|n| !n["loss"].is_null()).collect();
    assert!(!losing.is_empty());
    let line = "forelay --lang en shock --stop JPN --node semi_photoresist --severity 1..1..1 --weeks 26 --stock 4..8..16 --horizon 52 --target ";
    let asked = if let Some(targets) = command.strip_prefix(line) {
        targets.to_owned()
    } else {
        assert_eq!(command, "forelay --lang en shock FILE.toml");
        off["text"].as_str().unwrap().to_owned()
    };
    for node in losing {
        assert!(asked.contains(node["id"].as_str().unwrap()), "{asked}");
    }
    let providers = of(&off, "semi_photoresist")["providers"].clone();
    assert!(
        providers.as_array().unwrap().contains(&json!("JPN")),
        "{providers}"
    );
    let chain = off["chain"]["id"].as_str().unwrap().to_owned();
    let hit = of(&off, "semi_photoresist");
    let opened = study::Study::open(study()).unwrap();
    let question = study::Question::Short(Box::new(study::Short {
        targets: vec!["semi_photoresist".to_owned()],
        ..resist(26)
    }));
    let answer = study::what_if(&opened, &question, 1).unwrap();
    let table = answer
        .parts
        .iter()
        .flat_map(|p| &p.tables)
        .find(|t| t.name == "chain.shock");
    let row = &table.unwrap().rows[0];
    let model::Cell::Quantity(peak) = &row.cells[table.unwrap().column("peak").unwrap()] else {
        panic!("a peak")
    };
    let peak = peak.estimate().unwrap();
    let near = |name: &str, x: f64| (hit["loss"]["peak"][name].as_f64().unwrap() - x).abs() < 1e-12;
    assert!(
        near("low", peak.low) && near("high", peak.high),
        "{hit} {peak:?}"
    );
    let more = json!([one, { "country": "CHN" }, { "node": nodes[0]["id"] }]);
    let (_, more) = ask(json!({ "chain": chain, "off": more, "weeks": 26 }));
    for node in off["nodes"].as_array().unwrap() {
        let Some(before) = node["loss"]["peak"]["high"].as_f64() else {
            continue;
        };
        let after = of(&more, node["id"].as_str().unwrap())["loss"]["peak"]["high"]
            .as_f64()
            .unwrap();
        assert!(after >= before - 1e-12, "{}", node["id"]);
    }

    // A firm off: at worst what its country loses there, at best nothing; its part stands beside.
    let seat = json!({ "firm": "asml", "node": "semi_euv_scanner" });
    let (_, firm) = ask(json!({ "chain": "semiconductors", "off": [seat], "weeks": 26 }));
    let seat = json!({ "country": "NLD", "node": "semi_euv_scanner" });
    let (_, whole) = ask(json!({ "chain": "semiconductors", "off": [seat], "weeks": 26 }));
    let loss = |picture: &Value| of(picture, "semi_euv_scanner")["loss"]["peak"].clone();
    assert_eq!(loss(&firm)["high"], loss(&whole)["high"]);
    assert_eq!(loss(&firm)["low"], 0.0);
    assert_eq!(firm["firms_off"][0]["name"], "ASML");
    assert_eq!(firm["firms_off"][0]["stated"], false);
    let text = firm["text"].as_str().unwrap();
    let named = text.contains("firm = \"ASML\"") && text.contains("Stop: ASML");
    assert!(named, "{text}");
    // Switched off twice, everywhere and at the node, it stops once; its neighbour takes the rest of the even split.
    let memory = |off: Value| {
        let (_, picture) = ask(json!({ "chain": "semiconductors", "off": off, "weeks": 26 }));
        let outside = picture["outside"].as_array().unwrap().iter();
        let nodes = picture["nodes"].as_array().unwrap().iter();
        let found = outside.chain(nodes).find(|n| n["id"] == "hbm_memory");
        let peak = found.unwrap()["loss"]["peak"].clone();
        [&peak["low"], &peak["value"], &peak["high"]].map(|x| x.as_f64().unwrap())
    };
    let hynix = json!({ "firm": "SK hynix" });
    let once = memory(json!([hynix]));
    let at_node = json!({ "firm": "sk hynix", "country": "KOR", "node": "hbm_memory" });
    let twice = memory(json!([hynix, at_node]));
    let same = once.iter().zip(twice).all(|(a, b)| (a - b).abs() < 1e-12);
    assert!(same, "{once:?} {twice:?}");
    let here = |firm: &str| json!({ "firm": firm, "node": "hbm_memory" });
    let half = memory(json!([here("SK hynix")]));
    // A part of two words stands in quotes on the line that asks the same.
    let (_, asked) = ask(json!({ "chain": "ai_servers", "off": [here("SK hynix")] }));
    let command = asked["command"].as_str().unwrap();
    assert!(
        command.contains("--node hbm_memory --firm 'SK hynix' "),
        "{command}"
    );
    let both = memory(json!([here("SK hynix"), here("Samsung")]));
    let korea = memory(json!([{ "country": "KOR", "node": "hbm_memory" }]));
    assert!(
        (2.0 * half[1] - korea[1]).abs() < 1e-9,
        "{half:?} {korea:?}"
    );
    assert!(
        (both[1] - korea[1]).abs() < 1e-9 && both[0] == 0.0,
        "{both:?} {korea:?}"
    );
    assert!((both[2] - korea[2]).abs() < 1e-9);
    let (_, nobody) = ask(json!({ "off": [{ "firm": "no such firm" }] }));
    assert_eq!(
        nobody["refusals"][0]["code"], "shock.firm_question",
        "{nobody:.500}"
    );

    let (status, none) = ask(json!({ "chain": "no-such-chain" }));
    assert_eq!(status, 404, "{none}");
    let (status, _) = ask(json!({ "off": [{}] }));
    assert_eq!(status, 422);
    let (_, unknown) = ask(json!({ "off": [{ "node": "no_such_node" }] }));
    assert!(!unknown["refusals"].as_array().unwrap().is_empty());
    // Nor is a country answered that is none, as supplier or as buyer.
    let resist = json!([{ "country": "JPN", "node": "semi_photoresist" }]);
    for body in [
        json!({ "off": [{ "country": "XYZ", "node": "semi_photoresist" }] }),
        json!({ "off": resist, "buyer": "XYZ" }),
    ] {
        let (_, none) = ask(body);
        assert_eq!(
            none["refusals"][0]["code"], "shock.no_country",
            "{none:.300}"
        );
        let losing = none["nodes"].as_array().unwrap().iter();
        assert!(losing.into_iter().all(|n| n["loss"].is_null()));
    }
}

/// Japan stops photoresists for so many weeks, with the stocks that the interface takes where nothing is said.
fn resist(weeks: u32) -> study::Short {
    study::Short {
        stop: vec!["JPN".to_owned()],
        nodes: vec!["semi_photoresist".to_owned()],
        weeks,
        ..study::Short::default()
    }
}

#[test]
fn a_what_if_answers_as_the_command_line_does() {
    let server = Server::shared();
    let body = json!({ "stop": ["JPN"], "nodes": ["semi_photoresist"], "weeks": 8, "draws": 20 });
    let answer = server.post("/api/what-if", &body.to_string()).json();
    let short = resist(8);
    let opened = study::Study::open(study()).unwrap();
    let expected = study::what_if(&opened, &study::Question::Short(Box::new(short)), 20).unwrap();
    assert_eq!(answer["answer"], expected.json(model::Lang::En));
    assert_eq!(
        answer["command"],
        "forelay shock --stop JPN --node semi_photoresist --severity 1..1..1 --from-week 1 --weeks 8 --stock 4..8..16 --draws 20"
    );
    // Several switches are one question, in the words of the command line.
    let off = json!([{ "country": "JPN", "node": "semi_photoresist" }, { "firm": "asml" }]);
    let body = json!({ "off": off, "weeks": 8, "draws": 20 });
    let answer = server.post("/api/what-if", &body.to_string()).json();
    let words = "--off 'JPN@semi_photoresist' --off 'asml~@'";
    let command = answer["command"].as_str().unwrap();
    assert!(
        command.starts_with(&format!("forelay shock {words} ")),
        "{command}"
    );
    let short = study::Short {
        off: words
            .split("--off ")
            .skip(1)
            .map(|off| off.trim().trim_matches('\'').parse().unwrap())
            .collect(),
        weeks: 8,
        ..study::Short::default()
    };
    let expected = study::what_if(&opened, &study::Question::Short(Box::new(short)), 20).unwrap();
    assert_eq!(answer["answer"], expected.json(model::Lang::En));
    let said = answer["answer"]["answer"].as_str().unwrap();
    assert!(said.contains(" of the draws lose it"), "{said}");
    let page = answer["page"].to_string();
    assert!(
        page.contains("capacity wears out"),
        "missing tools wear capacity"
    );
    // No tool stands behind photoresists, nor behind a battery where Japan makes tools for others.
    let said = |short: study::Short| {
        let question = study::Question::Short(Box::new(short));
        let answer = study::what_if(&opened, &question, 20).unwrap();
        (answer.text(model::Lang::En), answer.scenario)
    };
    let (text, answered) = said(resist(26));
    assert!(!text.contains("wears out"), "{text}");
    let battery = study::Short {
        stop: vec!["JPN".to_owned()],
        targets: vec!["battery_cell".to_owned()],
        ..study::Short::default()
    };
    let (text, _) = said(battery);
    assert!(!text.contains("wears out"), "{text}");
    // What the board keeps looks as far as what was answered.
    let off = json!([{ "country": "JPN", "node": "semi_photoresist" }]);
    let picture = server
        .post("/api/chain", &json!({ "off": off }).to_string())
        .json();
    let kept = picture["text"].as_str().unwrap();
    let horizon = format!("horizon_weeks = {}\n", answered.horizon_weeks);
    assert!(kept.contains(&horizon), "{kept}");
    let events = page.contains("Photoresists (all), from Japan;") && page.contains(", from ASML;");
    assert!(events, "{page:.2000}");

    for bad in [
        json!({}),
        json!({ "scenario": "../../etc/passwd.toml" }),
        json!({ "scenario": "/etc/passwd" }),
        json!({ "stop": ["JPN"], "weeks": 100_000 }),
        json!({ "stop": ["JPN"], "draws": 1_000_000 }),
        json!({ "stop": ["XXX"] }),
    ] {
        assert_eq!(
            server.post("/api/what-if", &bad.to_string()).status,
            422,
            "{bad}"
        );
    }
}

/// What is switched off is kept as a scenario once, under one name, and never replaced by another question.
#[test]
fn switched_off_suppliers_become_a_scenario() {
    let server = Server::with(|_| {});
    let ask = |off: &str, name: &str| {
        let body = format!(r#"{{"off":[{off}],"save":"{name}"}}"#);
        server.post("/api/chain", &body)
    };
    let japan = r#"{"country":"JPN"}"#;
    let reply = ask(japan, "japan-off");
    let saved = reply.json();
    assert_eq!(reply.status, 200, "{saved}");
    assert_eq!(saved["saved"]["file"], "scenarios/japan-off.toml");
    let command = saved["saved"]["command"].as_str().unwrap();
    assert_eq!(command, "forelay --lang en shock japan-off --out japan-off");
    let path = crate::server::study().join("scenarios/japan-off.toml");
    let text = std::fs::read_to_string(&path).unwrap();
    assert!(
        text.contains("Stop: Japan") && text.contains("中断：日本"),
        "{text}"
    );
    assert_eq!(ask(japan, "japan-off").status, 200);
    assert_eq!(ask(r#"{"country":"NLD"}"#, "japan-off").status, 409);
    assert_eq!(ask("", "nothing-off").status, 422);
    assert_eq!(ask(japan, "..").status, 422);
    // The study is shared by the tests.
    std::fs::remove_file(path).unwrap();
}
