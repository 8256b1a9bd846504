//! Publishers' files in, one Parquet table and a report out.

use std::path::{Path, PathBuf};

use evidence::ReadOptions;
use evidence::bulk::{
    BulkError, BulkKind, BulkTable, Duplicates, Filter, ImportParams, ImportReport, PublishedTotal,
    import, read_activity, read_totals, read_trade,
};
use model::{Diagnostic, Severity};

use crate::helpers::{archive, expect, gz, put, readable};

const BACI: &str = "t,i,j,k,v,q\n\
    2018,4,12,010121,123.456,1.5\n\
    2018,4,516,850511,.5,          NA\n\
    2018,842,156,850511,1000,2\n";
const COUNTRIES: &str = "country_code,country_name,country_iso2,country_iso3\n\
    4,Afghanistan,AF,AFG\n12,Algeria,DZ,DZA\n516,Namibia,NA,NAM\n842,USA,US,USA\n156,China,CN,CHN\n490,\"Other Asia, nes\",,S19\n";
const NAME: &str = "BACI_HS92_Y2018_V202001.csv";

pub(crate) struct Folder(pub(crate) tempfile::TempDir);

impl Folder {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }
    pub(crate) fn put(&self, name: &str, text: &str) -> PathBuf {
        put(self.0.path(), name, text.as_bytes())
    }
    pub(crate) fn out(&self) -> PathBuf {
        self.0.path().join("out.parquet")
    }
    pub(crate) fn run(
        &self,
        inputs: &[PathBuf],
        params: &ImportParams,
    ) -> Result<ImportReport, Vec<Diagnostic>> {
        let result = import(inputs, &self.out(), params, &mut |_| ());
        let findings = match &result {
            Ok(report) => &report.diagnostics,
            Err(BulkError::Refused(findings)) => {
                assert!(findings.iter().any(|f| f.severity == Severity::Error));
                assert!(!self.out().exists(), "no table where there is an error");
                findings
            }
            Err(other) => panic!("{other}"),
        };
        findings.iter().for_each(readable);
        let left: Vec<String> = std::fs::read_dir(self.0.path())
            .unwrap()
            .map(|e| e.unwrap().file_name().into_string().unwrap())
            .filter(|name| name.starts_with(".tmp"))
            .collect();
        assert!(left.is_empty(), "temporary files stay: {left:?}");
        result.map_err(|e| match e {
            BulkError::Refused(findings) => findings,
            BulkError::Store(e) => panic!("{e}"),
        })
    }
    pub(crate) fn good(&self, inputs: &[PathBuf], params: &ImportParams) -> ImportReport {
        match self.run(inputs, params) {
            Ok(report) => report,
            Err(findings) => panic!("{findings:#?}"),
        }
    }
    pub(crate) fn bad(&self, inputs: &[PathBuf], params: &ImportParams) -> Vec<Diagnostic> {
        self.run(inputs, params).expect_err("an error")
    }
}

pub(crate) fn source() -> ImportParams {
    ImportParams {
        source: "cepii".to_owned(),
        ..ImportParams::default()
    }
}

/// Rows of a trade table as text.
pub(crate) fn trade_rows(path: &Path) -> Vec<String> {
    let t = read_trade(path, &Filter::default()).unwrap();
    (0..t.years.len())
        .map(|r| {
            let codes = [t.exporter.get(r), t.importer.get(r), t.product.get(r)].join(" ");
            format!("{} {codes} {} {}", t.years[r], t.value[r], t.quantity[r])
        })
        .collect()
}

pub(crate) fn activity_rows(path: &Path) -> Vec<String> {
    let t = read_activity(path, &Filter::default()).unwrap();
    (0..t.years.len())
        .map(|r| {
            let codes = [t.layer.get(r), t.location.get(r), t.activity.get(r)].join(" ");
            format!("{} {codes} {}", t.years[r], t.value[r])
        })
        .collect()
}

#[test]
fn baci_in_dollars_and_tonnes_with_iso_codes() {
    let f = Folder::new();
    let inputs = [
        f.put(NAME, BACI),
        f.put("country_codes_V202001.csv", COUNTRIES),
    ];
    let report = f.good(&inputs, &source());
    assert_eq!(
        trade_rows(&f.out()),
        [
            "2018 AFG DZA 010121 123456 1.5",
            "2018 AFG NAM 850511 500 NaN",
            "2018 USA CHN 850511 1000000 2",
        ]
    );
    assert_eq!((report.rows, report.rejected, report.duplicates), (3, 0, 0));
    assert_eq!(report.revision.as_deref(), Some("HS92"));
    assert_eq!(report.release.as_deref(), Some("202001"));
    let year = &report.years[0];
    assert_eq!((year.year, year.rows, year.missing_quantity), (2018, 3, 1));
    assert_eq!((year.value, year.quantity), (1_123_956.0, 3.5));
    assert!(year.provisional, "2020 less two years");
    assert_eq!(report.distinct[2], ("product".to_owned(), 2));
    assert_eq!(report.licence.redistributable, "yes");
    assert_eq!(
        report.inputs[0].blake3,
        blake3::hash(BACI.as_bytes()).to_hex().to_string()
    );
    expect(&report.diagnostics, "bulk.provisional", None, None);
    let table = BulkTable::open(&f.out()).unwrap();
    assert_eq!(table, report.table);
    assert_eq!(
        (table.source.as_str(), table.kind),
        ("cepii", BulkKind::Trade)
    );
    table.verify().unwrap();
    let entry = table.lock_entry();
    assert_eq!((entry.table.as_str(), entry.rows), ("trade", 3));
    std::fs::write(f.out(), b"something else").unwrap();
    assert!(table.verify().is_err());
}

#[test]
fn a_zip_with_its_lists_gives_the_same_table_as_its_files() {
    let f = Folder::new();
    let apart = f.good(
        &[
            f.put(NAME, BACI),
            f.put("country_codes_V202001.csv", COUNTRIES),
        ],
        &source(),
    );
    let products = "code,description\n010121,Horses\n850511,Magnets\n";
    let zip = archive(&[
        (NAME, BACI.as_bytes()),
        ("country_codes_V202001.csv", COUNTRIES.as_bytes()),
        ("product_codes_HS92_V202001.csv", products.as_bytes()),
        (
            "Readme.txt",
            b"Name of the dataset : BACI\n\nVersion : 202001\n",
        ),
    ]);
    let path = put(f.0.path(), "BACI_HS92_V202001.zip", &zip);
    let zipped = f.good(std::slice::from_ref(&path), &source());
    assert_eq!(zipped.table.content, apart.table.content);
    assert_eq!(
        zipped.files[0].file,
        format!("BACI_HS92_V202001.zip/{NAME}")
    );
    expect(&zipped.diagnostics, "bulk.not_used", None, None);
    let packed = put(f.0.path(), &format!("{NAME}.gz"), &gz(BACI.as_bytes()));
    let packed = f.good(
        &[packed, f.put("country_codes_V202001.csv", COUNTRIES)],
        &source(),
    );
    assert_eq!(packed.table.content, apart.table.content);

    std::fs::remove_file(f.out()).unwrap();
    let cut = put(f.0.path(), "cut.zip", &zip[..zip.len() - 30]);
    expect(&f.bad(&[cut], &source()), "file.truncated", None, None);
    let packed = gz(BACI.as_bytes());
    let cut = put(
        f.0.path(),
        &format!("{NAME}.gz"),
        &packed[..packed.len() - 12],
    );
    expect(&f.bad(&[cut], &source()), "file.truncated", None, None);
    let mut broken = zip.clone();
    broken[80] ^= 0x55;
    let broken = put(f.0.path(), "broken.zip", &broken);
    assert!(f.run(&[broken], &source()).is_err());
}

#[test]
fn bombs_are_stopped() {
    let f = Folder::new();
    let mut text = b"year,location,activity,value\n2018,".to_vec();
    text.resize(80 << 20, b'x');
    let zip = archive(&[("long.csv", &text)]);
    let bomb = put(f.0.path(), "bomb.zip", &zip);
    let mut params = source();
    params.read.max_record_bytes = 1 << 30;
    let findings = f.bad(&[bomb], &params);
    expect(&findings, "file.bomb", None, None);
}

#[test]
fn releases_and_revisions_are_never_mixed() {
    let f = Folder::new();
    let later = BACI.replace("2018,", "2019,");
    for other in ["BACI_HS92_Y2019_V202101.csv", "BACI_HS17_Y2019_V202001.csv"] {
        let findings = f.bad(&[f.put(NAME, BACI), f.put(other, &later)], &source());
        expect(&findings, "bulk.releases_mixed", None, None);
    }
    let same = f.put("BACI_HS92_Y2019_V202001.csv", &later);
    let report = f.good(&[f.put(NAME, BACI), same], &source());
    assert_eq!(report.table.years, [2018, 2019]);
    assert_eq!(report.table.provisional_years, [2018, 2019]);
    std::fs::remove_file(f.out()).unwrap();
    let misnamed = f.put("BACI_HS92_Y2017_V202001.csv", BACI);
    let findings = f.bad(&[misnamed], &source());
    expect(&findings, "bulk.year_of_file", None, None);
    expect(&findings, "bulk.year_unnamed", None, None);
    let report = f.good(&[f.put("baci.csv", BACI)], &source());
    expect(&report.diagnostics, "bulk.release_unknown", None, None);
    expect(&report.diagnostics, "bulk.code_list_missing", None, None);
    assert_eq!(report.release, None);
}

#[test]
fn unknown_renamed_and_missing_columns_stop_the_import() {
    let f = Folder::new();
    for (header, code, column) in [
        ("t,i,j,k,v,q,w", "bulk.column_unknown", "w"),
        ("t,i,j,hs6,v,q", "bulk.column_unknown", "hs6"),
        ("t,i,j,hs6,v,q", "bulk.column_missing", "k"),
        ("t,i,j,k,v", "bulk.column_missing", "q"),
    ] {
        let findings = f.bad(
            &[f.put(NAME, &BACI.replace("t,i,j,k,v,q", header))],
            &source(),
        );
        expect(&findings, code, Some(1), Some(column));
    }
    let long = "yaer,location,activity,value\n2018,NA,x,1\n";
    let findings = f.bad(&[f.put("long.csv", long)], &source());
    let finding = expect(&findings, "bulk.column_unknown", Some(1), Some("yaer"));
    let text = finding
        .expected
        .render(model::Lang::En, &model::Names::default());
    assert!(text.contains("year"), "{text}");
    let findings = f.bad(&[f.put("x.csv", "alpha,beta\n1,2\n")], &source());
    expect(&findings, "bulk.format_unknown", Some(1), None);
    let mixed = [
        f.put(NAME, BACI),
        f.put("long.csv", &long.replace("yaer", "year")),
    ];
    expect(&f.bad(&mixed, &source()), "bulk.formats_mixed", None, None);
    let mut params = source();
    params.format = Some("bacci".to_owned());
    expect(&f.bad(&mixed, &params), "bulk.format_name", None, None);
    expect(
        &f.bad(&[f.0.path().join("no.csv")], &source()),
        "file.missing",
        None,
        None,
    );
}

#[test]
fn rejected_rows_are_listed_and_refuse_the_import_unless_allowed() {
    let f = Folder::new();
    let bad = format!(
        "{BACI}18,4,12,1,1,1\n2018,4,12,2,-1,1\n2018,4,12,3,inf,1\n2018,4,12,4,\"1,5\",1\n2018,4,12\n2018,4,,5,1,1\n2018,4,12,6,,1\n"
    );
    let path = f.put(NAME, &bad);
    let findings = f.bad(std::slice::from_ref(&path), &source());
    for (code, row, column) in [
        ("year.not_a_year", 5, Some("t")),
        ("bulk.negative", 6, Some("v")),
        ("number.not_finite", 7, Some("v")),
        ("number.decimal_comma", 8, Some("v")),
        ("row.ragged", 9, None),
        ("value.missing", 10, Some("j")),
        ("value.missing", 11, Some("v")),
    ] {
        expect(&findings, code, Some(row), column);
    }
    expect(&findings, "bulk.rejected", None, None);
    let mut params = source();
    params.most_rejected = 7;
    params.most_findings = 0;
    let report = f.good(&[path], &params);
    assert_eq!((report.rows, report.rejected), (3, 7));
    expect(&report.diagnostics, "bulk.rejected_allowed", None, None);
    expect(&report.diagnostics, "more", None, Some("t"));
}

#[test]
fn published_totals_are_compared() {
    let f = Folder::new();
    let inputs = [f.put(NAME, BACI)];
    let path = f.put(
        "totals.csv",
        "year,value,quantity,rows\n2018,1123956,3.5,3\n",
    );
    let mut params = source();
    params.totals = read_totals(&path, &ReadOptions::default()).unwrap();
    let report = f.good(&inputs, &params);
    assert_eq!(report.years[0].published.as_ref().unwrap().rows, Some(3));
    std::fs::remove_file(f.out()).unwrap();
    params.totals[0].value = Some(1_123_958.0);
    let finding = expect(
        &f.bad(&inputs, &params),
        "bulk.totals_differ",
        None,
        Some("value"),
    );
    assert_eq!(finding.found, "1123956");
    params.totals_tolerance = 1e-5;
    f.good(&inputs, &params);
    std::fs::remove_file(f.out()).unwrap();
    params.totals.push(PublishedTotal {
        year: 2017,
        value: Some(1.0),
        quantity: None,
        rows: None,
    });
    expect(
        &f.bad(&inputs, &params),
        "bulk.total_without_rows",
        None,
        None,
    );
}

#[test]
fn duplicates_are_refused_or_added() {
    let f = Folder::new();
    let text = "year,exporter,importer,product,value,quantity\n2018,A,B,0101,1,2\n2018,A,B,0102,5,\n2018,A,B,0101,10,3\n2018,A,B,0102,7,1\n2018,A,C,0101,1,\n";
    let inputs = [f.put("flows.csv", text)];
    let finding = expect(&f.bad(&inputs, &source()), "bulk.duplicates", None, None);
    assert_eq!(finding.found, "2");
    let mut params = source();
    params.duplicates = Duplicates::Sum;
    let report = f.good(&inputs, &params);
    assert_eq!((report.rows, report.duplicates), (3, 2));
    assert_eq!(
        trade_rows(&f.out()),
        [
            "2018 A C 0101 1 NaN",
            "2018 A B 0101 11 5",
            "2018 A B 0102 12 NaN"
        ]
    );
    let table = BulkTable::open(&f.out()).unwrap();
    assert_eq!((table.rows, table.content), (3, report.table.content));
}

#[test]
fn codes_keep_their_zeros_and_lost_ones_are_noticed() {
    let f = Folder::new();
    let report = f.good(&[f.put(NAME, &BACI.replace("010121", "10121"))], &source());
    expect(
        &report.diagnostics,
        "bulk.codes_padded",
        None,
        Some("product"),
    );
    assert!(trade_rows(&f.out())[0].contains(" 010121 "));
    std::fs::remove_file(f.out()).unwrap();
    let findings = f.bad(
        &[f.put(NAME, &BACI.replace("010121", "01012110"))],
        &source(),
    );
    expect(&findings, "bulk.code_width", None, Some("product"));
    let long = "location,activity,value,year\nNA,101,1,2018\nNA,8505,2,2018\n";
    let report = f.good(&[f.put("long.csv", long)], &source());
    expect(
        &report.diagnostics,
        "bulk.leading_zeros",
        None,
        Some("activity"),
    );
    assert_eq!(activity_rows(&f.out())[0], "2018 activity NA 101 1");
}
