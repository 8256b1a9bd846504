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
