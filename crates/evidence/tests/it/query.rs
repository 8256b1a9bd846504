//! SQL: reading, joining, helping, refusing.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use arrow::array::{Float64Array, RecordBatch, StringArray};
use evidence::sql::{
    QueryParams, ResultSet, Source, SqlError, evidence_sources, query, query_with, tables_read,
};
use evidence::store::write_parquet_batches;
use evidence::{CheckParams, Evidence, check};
use model::{Lang, Names};

use crate::helpers::{LINKS, base, raw, schema};

struct World {
    evidence: Evidence,
    dir: tempfile::TempDir,
}

impl World {
    fn new() -> Self {
        let mut tables = base();
        tables.push(raw("chain_links", LINKS));
        let evidence = check(&schema(), &tables, &CheckParams::default()).evidence;
        let dir = tempfile::tempdir().unwrap();
        let world = Self { evidence, dir };
        let batch = RecordBatch::try_from_iter([
            (
                "technology",
                Arc::new(StringArray::from(vec!["ore", "motor"])) as _,
            ),
            (
                "consensus",
                Arc::new(Float64Array::from(vec![0.25, f64::NAN])) as _,
            ),
        ])
        .unwrap();
        write_parquet_batches(&world.result(), &batch.schema(), [batch]).unwrap();
        world
    }

    /// A name that patterns would trip over.
    fn result(&self) -> PathBuf {
        self.dir.path().join("run [1] trend.consensus.parquet")
    }

    fn sources(&self) -> Vec<(String, Source<'_>)> {
        let mut sources = evidence_sources(&self.evidence);
        sources.push(("trend.consensus".to_owned(), Source::Parquet(self.result())));
        sources
    }

    fn ask(&self, sql: &str) -> Result<ResultSet, SqlError> {
        query(sql, &self.sources())
    }

    fn texts(&self, sql: &str) -> Vec<Vec<String>> {
        self.ask(sql)
            .unwrap_or_else(|error| panic!("{sql}: {error}"))
            .texts()
    }
}

#[test]
fn a_table_answers_to_each_of_its_names() {
    let world = World::new();
    for name in [
        "chain_nodes",
        "evidence.chain_nodes",
        "EVIDENCE.Chain_Nodes",
        "forelay.evidence.chain_nodes",
    ] {
        assert_eq!(
            world.texts(&format!("SELECT id FROM {name} ORDER BY id")),
            [["magnet"], ["motor"], ["ore"]]
        );
    }
    for name in [
        "trend.consensus",
        "\"trend.consensus\"",
        "trend.\"consensus\"",
    ] {
        let sql = format!("SELECT technology FROM {name} ORDER BY consensus");
        assert_eq!(world.texts(&sql), [["ore"], ["motor"]]);
    }
}

#[test]
fn values_keep_their_types() {
    let world = World::new();
    let answer = world.ask("SELECT id, essential, consensus, 1 + 1 AS two, NULL AS none FROM chain_nodes JOIN trend.consensus ON id = technology ORDER BY id").unwrap();
    let kinds: Vec<&str> = answer.columns.iter().map(|c| c.kind.as_str()).collect();
    assert_eq!(kinds, ["Utf8", "Boolean", "Float64", "Int64", "Null"]);
    let json = serde_json::to_string(&answer.rows).unwrap();
    assert_eq!(
        json,
        r#"[["motor",false,"NaN",2,null],["ore",true,0.25,2,null]]"#
    );
    let reads: Vec<&str> = answer.reads.iter().map(String::as_str).collect();
    assert_eq!(reads, ["evidence.chain_nodes", "trend.consensus"]);
    assert_eq!(
        answer.evidence_tables().collect::<Vec<_>>(),
        ["chain_nodes"]
    );
    assert!(!answer.truncated);
}

#[test]
fn grouping_ctes_and_the_rest() {
    let world = World::new();
    assert_eq!(
        world
            .texts("SELECT stage, count(*) FROM chain_nodes GROUP BY stage ORDER BY stage")
            .len(),
        3
    );
    assert_eq!(
        world.texts("WITH n AS (SELECT id FROM chain_nodes) SELECT count(*) FROM n"),
        [["3"]]
    );
    assert_eq!(
        world.texts(
            "SELECT count(*) FROM chain_nodes WHERE id IN (SELECT from_node FROM chain_links)"
        ),
        [["2"]]
    );
    assert_eq!(world.texts("VALUES (1), (2)").len(), 2);
    assert!(!world.texts("EXPLAIN SELECT * FROM chain_nodes").is_empty());
    assert!(
        world
            .texts("SHOW TABLES")
            .iter()
            .any(|row| row.contains(&"chain_nodes".to_owned()))
    );
    assert!(
        world
            .texts("DESCRIBE chain_nodes")
            .iter()
            .any(|row| row[0] == "hs_codes")
    );
    let read = tables_read(
        "SELECT 1 FROM chain_links WHERE from_node IN (SELECT id FROM evidence.chain_nodes)",
        &world.sources(),
    )
    .unwrap();
    assert_eq!(
        read.into_iter().collect::<Vec<_>>(),
        ["evidence.chain_links", "evidence.chain_nodes"]
    );
}

#[test]
fn nothing_is_written_and_no_other_file_is_read() {
    let world = World::new();
    let target = world.dir.path().join("out.csv");
    let secret = crate::helpers::put(world.dir.path(), "secret.csv", b"a\nhidden\n");
    let (target_text, secret_text) = (target.display(), secret.display());
    for sql in [
        format!("COPY chain_nodes TO '{target_text}' STORED AS CSV"),
        format!("COPY (SELECT 1) TO '{target_text}'"),
        format!("CREATE EXTERNAL TABLE x STORED AS CSV LOCATION '{secret_text}'"),
        "CREATE TABLE x AS SELECT 1".to_owned(),
        "CREATE VIEW x AS SELECT 1".to_owned(),
        "DROP TABLE chain_nodes".to_owned(),
        "INSERT INTO chain_nodes (id) VALUES ('x')".to_owned(),
        "UPDATE chain_nodes SET id = 'x'".to_owned(),
        "DELETE FROM chain_nodes".to_owned(),
        "TRUNCATE TABLE chain_nodes".to_owned(),
        "SET datafusion.catalog.information_schema = false".to_owned(),
        "RESET datafusion.catalog.information_schema".to_owned(),
        "BEGIN".to_owned(),
        "EXPLAIN ANALYZE INSERT INTO chain_nodes (id) VALUES ('x')".to_owned(),
        format!("EXPLAIN COPY chain_nodes TO '{target_text}'"),
        "PREPARE p AS SELECT 1".to_owned(),
        "SELECT id INTO y FROM chain_nodes".to_owned(),
        "CREATE FUNCTION f() RETURNS INT RETURN 1".to_owned(),
    ] {
        let error = world.ask(&sql).unwrap_err();
        assert!(
            matches!(error.code.as_str(), "sql.not_read_only" | "sql.syntax"),
            "{sql}: {error:?}"
        );
    }
    for sql in [
        format!("SELECT * FROM '{secret_text}'"),
        format!("SELECT * FROM \"{secret_text}\""),
        format!("SELECT * FROM read_csv('{secret_text}')"),
        format!("SELECT * FROM parquet_metadata('{secret_text}')"),
    ] {
        let error = world.ask(&sql).unwrap_err();
        assert!(
            matches!(
                error.code.as_str(),
                "sql.unknown_table" | "sql.invalid" | "sql.syntax"
            ),
            "{sql}: {error:?}"
        );
    }
    assert!(!target.exists());
    assert_eq!(world.texts("SELECT count(*) FROM chain_nodes"), [["3"]]);
}

#[test]
fn the_nearest_name_is_offered() {
    let world = World::new();
    let said = |sql: &str, code: &str| {
        let error = world.ask(sql).unwrap_err();
        assert_eq!(error.code, code, "{error:?}");
        assert!(
            error
                .message
                .render(Lang::Zh, &Names::default())
                .contains("是否应为")
                || !sql.contains("chain_nod")
        );
        error.to_string()
    };
    assert_eq!(
        said("SELECT * FROM chain_nods", "sql.unknown_table"),
        "There is no table chain_nods. Did you mean: chain_nodes?"
    );
    assert!(
        said("SELECT * FROM consensus", "sql.unknown_table")
            .ends_with("Did you mean: trend.consensus?")
    );
    assert!(said("SELECT * FROM trend.consenus", "sql.unknown_table").contains("trend.consensus"));
    assert!(
        said("SELECT stag FROM chain_nodes", "sql.unknown_column")
            .ends_with("Did you mean: stage?")
    );
    assert!(
        said("SELECT n.stag FROM chain_nodes n", "sql.unknown_column")
            .ends_with("Did you mean: stage?")
    );
}

#[test]
fn every_input_ends_in_an_answer_or_a_word() {
    let world = World::new();
    let deep = format!("SELECT {}1{}", "(".repeat(5000), ")".repeat(5000));
    let chain = format!("SELECT {}1", "1+".repeat(9000));
    let or = format!(
        "SELECT count(*) FROM chain_nodes WHERE {}true",
        "essential OR ".repeat(1500)
    );
    let union = format!("{}SELECT 1", "SELECT 1 UNION ALL ".repeat(1000));
    let not = format!("SELECT {}true", "NOT ".repeat(4900));
    let minus = format!("SELECT {}1", "- ".repeat(9000));
    let nested = format!(
        "{}SELECT 1{}",
        "SELECT * FROM (".repeat(1000),
        ")".repeat(1000)
    );
    for (sql, code) in [
        ("", "sql.empty"),
        (" ;; ", "sql.empty"),
        ("SELECT 1; SELECT 2", "sql.several"),
        ("SELEC 1", "sql.syntax"),
        ("SELECT", "sql.syntax"),
        ("SELECT 'open", "sql.syntax"),
        ("SELECT \0", "sql.syntax"),
        ("SELECT nofunction(1)", "sql.invalid"),
        ("SELECT CAST('x' AS INT)", "sql.failed"),
        ("SELECT 1/0", "sql.failed"),
        ("SELECT 中文", "sql.unknown_column"),
        (deep.as_str(), "sql.syntax"),
        (chain.as_str(), ""),
        (or.as_str(), ""),
        (union.as_str(), ""),
        (not.as_str(), ""),
        (minus.as_str(), ""),
        (nested.as_str(), ""),
    ] {
        let begun = std::time::Instant::now();
        // Planning a chain of thousands of operators takes longer than anyone waits: the limit answers.
        let params = QueryParams {
            time: Duration::from_secs(3),
            ..QueryParams::default()
        };
        match query_with(sql, &world.sources(), &params) {
            Ok(_) => assert!(code.is_empty(), "{sql:.60}"),
            Err(error) => {
                assert!(
                    code.is_empty() || error.code == code,
                    "{sql:.60}: {error:?}"
                );
                assert!(!error.to_string().contains('{'), "{error}");
                assert!(
                    !error
                        .remedy
                        .render(Lang::Zh, &Names::default())
                        .contains('{'),
                    "{error:?}"
                );
            }
        }
        assert!(
            begun.elapsed() < Duration::from_secs(20),
            "{sql:.60} took {:?}",
            begun.elapsed()
        );
    }
    assert_eq!(
        world.ask(&"x".repeat(20_001)).unwrap_err().code,
        "sql.too_long"
    );
}

#[test]
fn limits_hold() {
    let world = World::new();
    let params = QueryParams {
        max_rows: 2,
        ..QueryParams::default()
    };
    let answer = query_with(
        "SELECT id FROM chain_nodes ORDER BY id",
        &world.sources(),
        &params,
    )
    .unwrap();
    assert!(answer.truncated);
    assert_eq!(answer.texts(), [["magnet"], ["motor"]]);
    let params = QueryParams {
        time: Duration::from_millis(300),
        ..QueryParams::default()
    };
    let slow = "SELECT count(*) FROM generate_series(1, 3000000) a, generate_series(1, 3000000) b WHERE a.value * b.value % 7 = 3";
    assert_eq!(
        query_with(slow, &world.sources(), &params)
            .unwrap_err()
            .code,
        "sql.time"
    );
    let params = QueryParams {
        memory_bytes: 1 << 16,
        ..QueryParams::default()
    };
    let large = "SELECT DISTINCT value FROM generate_series(1, 1000000)";
    let error = query_with(large, &world.sources(), &params).map(|a| a.rows.len());
    assert!(
        matches!(&error, Err(e) if e.code == "sql.memory") || matches!(error, Ok(1_000_000)),
        "{error:?}"
    );
    let missing = [(
        "trend.x".to_owned(),
        Source::Parquet(world.dir.path().join("no.parquet")),
    )];
    assert_eq!(
        query("SELECT * FROM trend.x", &missing).unwrap_err().code,
        "sql.source"
    );
}
