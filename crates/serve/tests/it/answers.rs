//! What the interface answers is what the study says.

use serde_json::{Value, json};

use crate::server::{Server, study};

#[test]
fn every_endpoint_that_reads_answers_and_names_its_command() {
    let server = Server::shared();
    let description = server.get("/api/openapi.json").json();
    let id = server.get("/api/overview").json()["run"]
        .as_str()
        .unwrap()
        .to_owned();
    let paths = description["paths"].as_object().unwrap();
    let mut asked = 0;
    for (path, methods) in paths {
        if methods.get("get").is_none() || path.contains("{job}") {
            continue;
        }
        let path = path
            .replace("{section}", "layout")
            .replace("{figure}", &first_figure(server))
            .replace("{view}", &first_view(server))
            .replace("{run}", &id)
            .replace("{other}", &id)
            .replace("/tables/{table}", "/tables/layout.regions")
            .replace("{table}", "sources");
        // The partial run of these tests has no roadmap, and the study no table of activities.
        if path == "/api/roadmap" || path == "/api/space/{activity}" {
            continue;
        }
        let query = match path.as_str() {
            "/api/explain" => "?id=layout.certificate/plan%23objective",
            "/api/search" => "?q=lithography",
            _ => "",
        };
        let reply = server.get(&format!("{path}{query}"));
        let body = reply.json();
        assert_eq!(reply.status, 200, "{path}: {body}");
        assert_eq!(reply.headers["content-type"], "application/json", "{path}");
        for needed in
            methods["get"]["responses"]["200"]["content"]["application/json"]["schema"]["required"]
                .as_array()
                .unwrap()
        {
            assert!(
                !body[needed.as_str().unwrap()].is_null(),
                "{path} has no {needed}"
            );
        }
        asked += 1;
    }
    assert!(asked >= 20, "{asked} addresses");
}

fn first_figure(server: &Server) -> String {
    let figures = server.get("/api/figures").json();
    figures["figures"][0]["id"].as_str().unwrap().to_owned()
}

#[test]
fn a_table_is_paged_sorted_and_filtered_and_its_numbers_are_those_of_the_run() {
    let server = Server::shared();
    let opened = study::Study::open(study()).unwrap();
    let run = study::open_run(&opened, "latest").unwrap();
    let table = run
        .outputs
        .values()
        .find_map(|o| o.table("chain.exposure"))
        .unwrap();
    let column = table.column("look_through").unwrap();
    let mut values: Vec<f64> = table
        .rows
        .iter()
        .filter_map(|row| match &row.cells[column] {
            model::Cell::Quantity(q) => q.estimate().map(|e| e.value),
            _ => None,
        })
        .collect();
    values.sort_by(|a, b| b.total_cmp(a));
    let page = |offset: usize| {
        server
            .get(&format!(
                "/api/runs/latest/tables/chain.exposure?sort=-look_through&limit=7&offset={offset}"
            ))
            .json()
    };
    for offset in [0, 7, 14] {
        let answer = page(offset);
        assert_eq!(answer["total"], table.rows.len());
        for (i, row) in answer["rows"].as_array().unwrap().iter().enumerate() {
            let cell = &row["cells"][column];
            assert_eq!(cell["value"].as_f64(), Some(values[offset + i]), "{cell}");
            assert!(cell["low"].as_f64() <= cell["value"].as_f64());
            assert!(cell["value"].as_f64() <= cell["high"].as_f64());
        }
    }
    let some = server
        .get("/api/runs/latest/tables/chain.exposure?where=country:AUS&limit=1000")
        .json();
    let expected = table
        .rows
        .iter()
        .filter(|r| r.key.ends_with("/AUS"))
        .count();
    assert_eq!(some["total"], expected);
    assert!(expected > 0);
    let chinese = server
        .get("/api/runs/latest/tables/chain.exposure?q=%E6%BE%B3%E5%A4%A7%E5%88%A9%E4%BA%9A&lang=en&limit=1000")
        .json();
    assert_eq!(chinese["total"], expected, "found by the Chinese name");
    assert_eq!(
        server
            .get("/api/runs/latest/tables/chain.exposure?sort=no_such")
            .status,
        422
    );
    assert_eq!(server.get("/api/runs/latest/tables/no.such").status, 404);
}

#[test]
fn both_languages_say_the_same_numbers() {
    let server = Server::shared();
    let of = |lang| {
        server
            .get(&format!(
                "/api/runs/latest/tables/layout.regions?lang={lang}&limit=1000"
            ))
            .json()
    };
    let (en, zh) = (of("en"), of("zh"));
    assert_ne!(en["columns"][0]["heading"], zh["columns"][0]["heading"]);
    for (a, b) in en["rows"]
        .as_array()
        .unwrap()
        .iter()
        .zip(zh["rows"].as_array().unwrap())
    {
        assert_eq!(a["key"], b["key"]);
        assert_eq!(a["cells"][3]["value"], b["cells"][3]["value"]);
    }
}

#[test]
fn a_number_leads_to_evidence_and_every_row_to_its_source() {
    let server = Server::shared();
    let mut id = "layout.certificate/plan".to_owned();
    let mut walked = 0;
    // Walk down earlier results, at least one, until evidence rows are reached.
    let evidence = loop {
        let answer = server.get(&format!("/api/explain?id={id}")).json();
        let rows = answer["evidence"].as_array().unwrap();
        if walked >= 1 && !rows.is_empty() {
            break rows.clone();
        }
        id = answer["results"][0]["id"].as_str().unwrap().to_owned();
        walked += 1;
        assert!(walked < 10);
    };
    for row in evidence {
        assert!(
            !row["source"]["licence"].as_str().unwrap().is_empty(),
            "{row}"
        );
    }
    let graph = &server
        .get("/api/explain?id=layout.certificate/plan&depth=4")
        .json()["graph"];
    let nodes: Vec<&str> = graph["nodes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|n| n["id"].as_str().unwrap())
        .collect();
    assert!(nodes.len() > 10);
    for link in graph["links"].as_array().unwrap() {
        assert!(
            nodes.contains(&link[0].as_str().unwrap())
                && nodes.contains(&link[1].as_str().unwrap())
        );
    }
}

/// A source that forbids redistribution keeps its rows in: no answer of any address holds their words.
#[test]
fn restricted_rows_never_leave() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("study");
    study::init_example("china-2021", &root).unwrap();
    let path = root.join("evidence/sources.csv");
    let text = std::fs::read_to_string(&path).unwrap();
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let headings = reader.headers().unwrap().clone();
    let at = headings
        .iter()
        .position(|h| h == "redistributable")
        .unwrap();
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(&headings).unwrap();
    for row in reader.records() {
        let row = row.unwrap();
        let cells: Vec<&str> = row
            .iter()
            .enumerate()
            .map(|(i, c)| if i == at { "no" } else { c })
            .collect();
        writer.write_record(&cells).unwrap();
    }
    std::fs::write(&path, writer.into_inner().unwrap()).unwrap();
    let opened = study::Study::open(&root).unwrap();
    let run = study::run(&opened, &["trend.money".to_owned()], &|_| {}).unwrap();
    std::fs::write(root.join("runs/latest"), &run.manifest.id).unwrap();
    let loaded = opened.load().unwrap();
    let server = Server::with(|s| s.study.clone_from(&root));
    let tables = server.get("/api/evidence").json();
    let mut rows = 0;
    for table in tables["tables"].as_array().unwrap() {
        let name = table["name"].as_str().unwrap();
        // The name of a file, not where it lies.
        assert!(!table["file"].as_str().unwrap().contains('/'), "{table}");
        let has_source = loaded
            .evidence
            .table(name)
            .unwrap()
            .schema
            .source_columns()
            .next()
            .is_some();
        let answer = server
            .get(&format!("/api/evidence/{name}?limit=1000"))
            .json();
        for row in answer["rows"].as_array().unwrap() {
            if has_source || name == "sources" {
                assert_eq!(row["withheld"], true, "{name}: {row}");
                assert_eq!(row["fields"], json!([]), "{name}: {row}");
                rows += 1;
            }
        }
    }
    assert!(rows > 1000, "{rows} rows were looked at");
    let asked = server.get("/api/evidence/chain_supply?where=node_id:semi_photoresist");
    assert_eq!(
        asked.json()["total"],
        0,
        "kept in, yet found by what they hold"
    );
    // Restricted rows are not searched: what is found stands in tables of the study's own.
    let found = server.get("/api/search?q=quantum").json();
    for hit in found["hits"].as_array().unwrap() {
        assert_eq!(hit["withheld"], false, "{hit}");
        assert!(hit["source"].is_null(), "{hit}");
    }
    // Nor are firms named, where rows list them or where one that the reader knows is switched off.
    assert_eq!(
        server.get("/api/settings").json()["names"]["firms"],
        json!([])
    );
    let off = json!({ "off": [{ "firm": "asml" }] });
    let picture = server.post("/api/chain", &off.to_string());
    let text = String::from_utf8_lossy(&picture.body).into_owned();
    assert!(!picture.json()["firms_off"].as_array().unwrap().is_empty());
    assert!(!text.contains("ASML"), "{text:.800}");
}

/// A row may lean on several sources: it stays in where any of them forbids it.
#[test]
fn a_row_is_kept_in_by_any_of_its_sources() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("study");
    study::init_example("china-2021", &root).unwrap();
    let row = |evidence: &evidence::Evidence| {
        let row = evidence.rows("technologies").iter().find(|row| {
            row.text("trl_source")
                .is_some_and(|second| row.text("source") != Some(second))
        });
        let row = row.unwrap();
        (row.reference(), row.text("trl_source").unwrap().to_owned())
    };
    let loaded = study::Study::open(&root).unwrap().load().unwrap();
    let (reference, second) = row(&loaded.evidence);
    assert!(!study::explained_row(&loaded.evidence, &reference).withheld);
    let path = root.join("evidence/sources.csv");
    let text = std::fs::read_to_string(&path).unwrap();
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let headings = reader.headers().unwrap().clone();
    let at = headings
        .iter()
        .position(|h| h == "redistributable")
        .unwrap();
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(&headings).unwrap();
    for record in reader.records() {
        let record = record.unwrap();
        let forbidden = record[0] == second;
        let cells = record.iter().enumerate();
        let cells = cells.map(|(i, c)| if i == at && forbidden { "no" } else { c });
        writer.write_record(cells).unwrap();
    }
    std::fs::write(&path, writer.into_inner().unwrap()).unwrap();
    let loaded = study::Study::open(&root).unwrap().load().unwrap();
    let kept = study::explained_row(&loaded.evidence, &reference);
    assert!(kept.withheld && kept.fields.is_empty());
}

fn first_view(server: &Server) -> String {
    let section = server.get("/api/sections/layout").json();
    let blocks = section["section"]["blocks"].as_array().unwrap();
    let table = blocks.iter().find(|b| b["Table"].is_object()).unwrap();
    table["Table"]["id"].as_str().unwrap().replace('/', ":")
}

/// A section has the first rows of a table, its view all of them, the same ones first.
#[test]
fn a_section_has_the_rows_that_are_seen_and_a_view_all() {
    let server = Server::shared();
    let section = server.get("/api/sections/layout").json();
    let (mut cut, mut tables) = (0, 0);
    for block in section["section"]["blocks"].as_array().unwrap() {
        let table = match (&block["Table"], &block["Figure"]["table"]) {
            (Value::Null, Value::Null) => continue,
            (Value::Null, behind) => behind,
            (table, _) => table,
        };
        let id = table["id"].as_str().unwrap().replace('/', ":");
        let whole = server.get(&format!("/api/views/{id}")).json();
        let (some, all) = (&table["rows"], &whole["table"]["rows"]);
        let (some, all) = (some.as_array().unwrap(), all.as_array().unwrap());
        assert_eq!(table["total"], all.len(), "{id}");
        assert_eq!(some[..], all[..some.len()], "{id}");
        tables += 1;
        cut += usize::from(some.len() < all.len());
    }
    assert!(tables > 3 && cut > 0, "{tables} tables, {cut} of them cut");
    assert_eq!(server.get("/api/views/nothing").status, 404);
}

/// Rows by what a column holds: those and no others; a column that is none is refused.
#[test]
fn evidence_is_found_by_a_column() {
    let server = Server::shared();
    let rows = |query: &str| -> Vec<Value> {
        let reply = server.get(&format!("/api/evidence/chain_supply?limit=1000{query}"));
        reply.json()["rows"].as_array().unwrap().clone()
    };
    let of = |row: &Value| -> Option<String> {
        let fields = row["fields"].as_array()?;
        let node = fields.iter().find(|f| f["name"] == "node_id")?;
        Some(node["value"].as_str()?.to_owned())
    };
    let all = rows("");
    let node = of(&all[0]).unwrap();
    let wanted = all.iter().filter(|row| of(row).as_ref() == Some(&node));
    let found = rows(&format!("&where=node_id:{node}"));
    assert!(!found.is_empty() && found.len() < all.len());
    assert_eq!(found, wanted.cloned().collect::<Vec<_>>());
    let reply = server.get("/api/evidence/chain_supply?where=nodes:x");
    assert_eq!(reply.status, 422, "{}", reply.json());
    assert_eq!(server.get("/api/evidence/chain_supply?where=x").status, 400);
}

/// The parts of a section, one after the other, are the section; a part that does not exist is none.
#[test]
fn a_section_is_the_sum_of_its_parts() {
    let server = Server::shared();
    for lang in ["en", "zh"] {
        let blocks = |parts: &str| -> Vec<Value> {
            let path = format!("/api/sections/layout?lang={lang}{parts}");
            let section = server.get(&path).json();
            section["section"]["blocks"].as_array().unwrap().clone()
        };
        let all = "select,regions,roadmap,portfolio,sites,consortium,whole";
        assert_eq!(blocks(&format!("&parts={all}")), blocks(""), "{lang}");
        let single = all
            .split(',')
            .flat_map(|part| blocks(&format!("&parts={part}")));
        assert_eq!(single.collect::<Vec<_>>(), blocks(""), "{lang}");
        assert!(!blocks("&parts=roadmap").is_empty());
    }
    let reply = server.get("/api/sections/layout?parts=roadmaps");
    assert_eq!(reply.status, 404);
}

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

/// Runs hold no time, so that the same input gives the same files; the list says when each record was written.
#[test]
fn runs_are_listed_with_the_time_of_their_record_the_newest_first() {
    let runs = Server::shared().get("/api/runs").json();
    let written: Vec<u64> = (runs["runs"].as_array().unwrap().iter())
        .map(|run| run["written"].as_u64().unwrap())
        .collect();
    assert!(
        !written.is_empty() && written[0] > 1_700_000_000,
        "{written:?}"
    );
    assert!(written.is_sorted_by(|a, b| a >= b), "{written:?}");
}

#[test]
fn evidence_is_found_by_characters_by_their_sound_and_in_english() {
    let server = Server::shared();
    let keys = |q: &str| -> Vec<String> {
        let found = server.get(&format!("/api/search?q={q}")).json();
        let hits = found["hits"].as_array().unwrap();
        hits.iter()
            .map(|h| h["key"].as_str().unwrap().to_owned())
            .collect()
    };
    let resist = "semi_photoresist".to_owned();
    for q in [
        "%E5%85%89%E5%88%BB%E8%83%B6",
        "guangkejiao",
        "Photoresists",
        "photoresists%20guangke",
    ] {
        assert!(keys(q).contains(&resist), "{q}");
    }
    assert!(keys("guangkejiaox").is_empty());
    // Where no row holds all words, those with the most are given.
    let found = server
        .get("/api/search?q=Photoresists%20guangkejiaox%20guangkejiao")
        .json();
    assert_eq!((&found["words"], &found["held"]), (&json!(3), &json!(2)));
    assert!(keys("Photoresists%20guangkejiaox%20guangkejiao").contains(&resist));
    let results = server.get("/api/search?q=quantum&results=true").json();
    assert!(results["results_total"].as_u64() > Some(0), "{results}");
}

/// Filters take what the source says of itself; what a row names is shown by its name.
#[test]
fn evidence_is_filtered_by_its_source() {
    let server = Server::shared();
    let found = server.get("/api/search?confidence=low&year=2023").json();
    let hits = found["hits"].as_array().unwrap();
    assert!(!hits.is_empty(), "{found}");
    for hit in hits {
        assert_eq!(hit["source"]["confidence"], "low", "{hit}");
        let fields = hit["fields"].as_array().unwrap();
        let year = fields.iter().find(|f| f["name"] == "year").unwrap();
        assert_eq!(year["value"], "2023", "{hit}");
    }
    let of = |query: &str| -> u64 {
        let found = server.get(&format!("/api/evidence/chain_supply?limit=1{query}"));
        found.json()["total"].as_u64().unwrap()
    };
    let parts = ["high", "medium", "low"].map(|c| of(&format!("&confidence={c}")));
    assert_eq!(parts.iter().sum::<u64>(), of(""));
    let row = &server.get("/api/evidence/chain_supply?limit=1").json()["rows"][0];
    let fields = row["fields"].as_array().unwrap();
    let node = fields.iter().find(|f| f["name"] == "node_id").unwrap();
    assert_ne!(node["shown"], node["value"], "{row}");
    assert_ne!(row["label"], row["key"], "{row}");
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
        text.contains("Switched off: Japan") && text.contains("关闭：日本"),
        "{text}"
    );
    assert_eq!(ask(japan, "japan-off").status, 200);
    assert_eq!(ask(r#"{"country":"NLD"}"#, "japan-off").status, 409);
    assert_eq!(ask("", "nothing-off").status, 422);
    assert_eq!(ask(japan, "..").status, 422);
    // The study is shared by the tests.
    std::fs::remove_file(path).unwrap();
}

#[test]
fn a_study_without_activities_has_an_empty_space_and_says_what_it_needs() {
    let space = Server::shared().get("/api/space?lang=en").json();
    assert_eq!(space["keys"], json!([]));
    assert!(
        space["finding"]
            .as_str()
            .unwrap()
            .contains("forelay add FILE")
    );
}

#[test]
fn a_run_is_started_followed_and_stopped() {
    let server = Server::with(|_| {});
    let started = server
        .post("/api/jobs/start", r#"{"steps":["trend.money"]}"#)
        .json();
    let id = started["job"]["id"].as_u64().unwrap();
    let events = server.get(&format!("/api/jobs/{id}/events"));
    assert_eq!(events.headers["content-type"], "text/event-stream");
    let text = String::from_utf8(events.body).unwrap();
    let last = text
        .lines()
        .rfind(|line| line.starts_with("data:"))
        .unwrap();
    let last: Value = serde_json::from_str(last.trim_start_matches("data:")).unwrap();
    assert_eq!(last["state"], "done", "{text}");
    assert!(last["run"].as_str().is_some_and(|run| run.len() == 12));

    // A run of everything takes many seconds here: it is at work when the second one asks and when it is stopped.
    let started = server.post("/api/jobs/start", "{}").json();
    let id = started["job"]["id"].as_u64().unwrap();
    assert_eq!(server.post("/api/jobs/start", "{}").status, 409);
    assert_eq!(server.post(&format!("/api/jobs/{id}/stop"), "").status, 200);
    let _ = server.get(&format!("/api/jobs/{id}/events"));
    let end = server.get(&format!("/api/jobs/{id}")).json();
    assert_eq!(end["job"]["state"], "stopped");
    assert_eq!(server.get("/api/jobs/99").status, 404);
    assert_eq!(
        server
            .post("/api/jobs/start", r#"{"with":"no-such"}"#)
            .status,
        404
    );
    assert_eq!(
        server
            .post("/api/jobs/start", r#"{"steps":["no.such"]}"#)
            .status,
        422
    );
}

/// What a run said is not said twice to a page that has it; a new run, or an address about the folder as it is now, is.
#[test]
fn a_page_that_has_an_answer_is_told_that_it_still_holds() {
    let server = Server::shared();
    let path = "/api/runs/latest/tables/layout.regions?limit=3";
    let first = server.get(path);
    let tag = first.headers["etag"].clone();
    assert_eq!(first.headers["cache-control"], "no-store");
    let again = server.ask("GET", path, &[("If-None-Match", &tag)], b"");
    assert_eq!((again.status, again.body.len()), (304, 0));
    assert_eq!(again.headers["etag"], tag);
    assert_eq!(again.headers["cache-control"], "no-store");
    let other = server.ask("GET", path, &[("If-None-Match", "\"another\"")], b"");
    assert_eq!((other.status, &other.body), (200, &first.body));
    for now in [
        "/api/runs",
        "/api/roadmap",
        "/api/check",
        "/api/variants",
        "/api/session",
    ] {
        assert!(!server.get(now).headers.contains_key("etag"), "{now}");
    }
    let unknown = server.ask(
        "GET",
        "/api/settings?run=zzzz",
        &[("If-None-Match", &tag)],
        b"",
    );
    assert_eq!(unknown.status, 404);
}
