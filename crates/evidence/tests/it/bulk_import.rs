//! Publishers' files in, one Parquet table and a report out.

use std::path::{Path, PathBuf};

use evidence::ReadOptions;
use evidence::bulk::{
    BulkError, BulkKind, BulkTable, ColumnMap, Duplicates, Filter, Flow, Format, ImportParams,
    ImportReport, PublishedTotal, import, read_activity, read_totals, read_trade, recognise,
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

struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }
    fn put(&self, name: &str, text: &str) -> PathBuf {
        put(self.0.path(), name, text.as_bytes())
    }
    fn out(&self) -> PathBuf {
        self.0.path().join("out.parquet")
    }
    fn run(
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
    fn good(&self, inputs: &[PathBuf], params: &ImportParams) -> ImportReport {
        match self.run(inputs, params) {
            Ok(report) => report,
            Err(findings) => panic!("{findings:#?}"),
        }
    }
    fn bad(&self, inputs: &[PathBuf], params: &ImportParams) -> Vec<Diagnostic> {
        self.run(inputs, params).expect_err("an error")
    }
}

fn source() -> ImportParams {
    ImportParams {
        source: "cepii".to_owned(),
        ..ImportParams::default()
    }
}

/// Rows of a trade table as text.
fn trade_rows(path: &Path) -> Vec<String> {
    let t = read_trade(path, &Filter::default()).unwrap();
    (0..t.years.len())
        .map(|r| {
            let codes = [t.exporter.get(r), t.importer.get(r), t.product.get(r)].join(" ");
            format!("{} {codes} {} {}", t.years[r], t.value[r], t.quantity[r])
        })
        .collect()
}

fn activity_rows(path: &Path) -> Vec<String> {
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

const COMTRADE: &str = "typeCode,freqCode,refPeriodId,refYear,refMonth,period,reporterCode,reporterISO,reporterDesc,flowCode,flowDesc,partnerCode,partnerISO,partnerDesc,partner2Code,partner2ISO,partner2Desc,classificationCode,classificationSearchCode,isOriginalClassification,cmdCode,cmdDesc,aggrLevel,isLeaf,customsCode,customsDesc,mosCode,motCode,motDesc,qtyUnitCode,qtyUnitAbbr,qty,isQtyEstimated,altQtyUnitCode,altQtyUnitAbbr,altQty,isAltQtyEstimated,netWgt,isNetWgtEstimated,grossWgt,isGrossWgtEstimated,cifvalue,fobvalue,primaryValue,legacyEstimationFlag,isReported,isAggregate\n";

fn comtrade(
    reporter: &str,
    flow: &str,
    partner: &str,
    code: &str,
    level: u8,
    kilograms: &str,
    value: &str,
) -> String {
    format!(
        "C,A,20180101,2018,52,2018,1,{reporter},\"R, the\",{flow},f,2,{partner},P,0,W00,World,H5,HS,True,{code},\"d, e\",{level},True,C00,All,0,0,All,-1,,,False,-1,,,False,{kilograms},False,,False,,,{value},0,False,True\n"
    )
}

#[test]
fn comtrade_leaves_totals_and_the_other_side_out() {
    let f = Folder::new();
    let text = [
        COMTRADE.to_owned(),
        comtrade("CHN", "X", "USA", "850511", 6, "1500", "100.5"),
        comtrade("CHN", "X", "W00", "850511", 6, "1500", "100.5"),
        comtrade("CHN", "X", "USA", "8505", 4, "1500", "100.5"),
        comtrade("CHN", "X", "USA", "TOTAL", 0, "", "900"),
        comtrade("USA", "M", "CHN", "850511", 6, "", "110"),
    ]
    .concat();
    let inputs = [f.put("comtrade.csv", &text)];
    let report = f.good(&inputs, &source());
    assert_eq!(trade_rows(&f.out()), ["2018 CHN USA 850511 100.5 1.5"]);
    assert_eq!(report.licence.redistributable, "no");
    let left: u64 = report.left_out.iter().map(|l| l.rows).sum();
    assert_eq!(left, 4);
    let mut params = source();
    params.flow = Flow::Imports;
    f.good(&inputs, &params);
    assert_eq!(trade_rows(&f.out()), ["2018 CHN USA 850511 110 NaN"]);
    params = source();
    params
        .keep
        .insert("aggrLevel".to_owned(), vec!["4".to_owned()]);
    f.good(&inputs, &params);
    assert_eq!(trade_rows(&f.out()), ["2018 CHN USA 8505 100.5 1.5"]);
    std::fs::remove_file(f.out()).unwrap();
    params
        .keep
        .insert("aggrLevel".to_owned(), vec!["2".to_owned()]);
    expect(&f.bad(&inputs, &params), "bulk.no_rows", None, None);
}

#[test]
fn each_format_reads_its_own_layout() {
    let f = Folder::new();
    let legacy = "Classification,Year,Period,Period Desc.,Aggregate Level,Is Leaf Code,TradeFlow Code,TradeFlow,Reporter Code,Reporter,Reporter ISO,Partner Code,Partner,Partner ISO,2nd Partner Code,2nd Partner,2nd Partner ISO,Customs Proc. Code,Customs,Mode of Transport Code,Mode of Transport,Commodity Code,Commodity,Qty Unit Code,Qty Unit,Qty,Alt Qty Unit Code,Alt Qty Unit,Alt Qty,Netweightkg,GrossWeightkg,TradeValueUS,CIF TradeValue,FOB Trade Value (US$),Flag\n\
        H4,2016,2016,2016,6,1,2,Export,36,Australia,AUS,156,China,CHN,,,,,,,,010121,Horses,1,No Quantity,,,,,2000,,91128858,,,0\n\
        H4,2016,2016,2016,6,1,2,Export,36,Australia,AUS,0,World,WLD,,,,,,,,010121,Horses,1,No Quantity,,,,,2000,,91128858,,,0\n";
    let bilateral = "country_id,country_iso3_code,partner_country_id,partner_iso3_code,product_id,product_hs92_code,year,export_value,import_value\n4,AFG,8,ALB,650,010121,2020,1.5,2\n";
    let atlas = "country_id,country_iso3_code,product_id,product_hs92_code,year,export_value,import_value,global_market_share,export_rca,distance,cog,pci\n4,AFG,650,0101,2020,1.5,2,,,,,\n";
    let dataverse = "location_id\tproduct_id\tyear\texport_value\timport_value\texport_rca\tproduct_status\tcog\tdistance\tnormalized_distance\tnormalized_cog\tnormalized_pci\texport_rpop\tis_new\ths_eci\ths_coi\tpci\tlocation_code\ths_product_code\n0\t650\t1995\t0\t2\t\t\t\t\t\t\t\t\t\t\t\t\tABW\t0101\n";
    let patents = "year,country_iso_code,country_name,tech,count\n1906,NAM,Namibia,\"Engines, pumps, turbines\",1.25\n";
    let jobs = "region;nace;year;employment\nITC4;C26;2019;1200\n";
    for (name, text, id, row) in [
        (
            "old.csv",
            legacy,
            "comtrade_legacy",
            "2016 AUS CHN 010121 91128858 2",
        ),
        (
            "b.csv",
            bilateral,
            "atlas_bilateral",
            "2020 AFG ALB 010121 1.5 NaN",
        ),
        ("a.csv", atlas, "atlas", "2020 export AFG 0101 1.5"),
        ("a.tab", dataverse, "atlas", "1995 export ABW 0101 0"),
        (
            "p.csv",
            patents,
            "patents",
            "1906 technology NAM Engines, pumps, turbines 1.25",
        ),
        ("j.csv", jobs, "employment", "2019 employment ITC4 C26 1200"),
    ] {
        let path = f.put(name, text);
        assert_eq!(
            recognise(&path, &ReadOptions::default()).unwrap().format.id,
            id
        );
        let report = f.good(&[path], &source());
        let rows = match report.table.kind {
            BulkKind::Trade => trade_rows(&f.out()),
            BulkKind::Activity => activity_rows(&f.out()),
        };
        assert_eq!(rows, [row], "{name}");
        assert_eq!(
            report.table.fingerprint,
            Format::by_id(id).unwrap().fingerprint()
        );
        std::fs::remove_file(f.out()).unwrap();
    }
}

#[test]
fn the_user_may_name_the_columns() {
    let f = Folder::new();
    let text = "Jahr,Ort,Zweig,Wert,Rest\n2018,A,x,1,?\n2018,B,x,2,?\n";
    let mut params = source();
    params.layer = Some("jobs".to_owned());
    params.columns = Some(
        "year=Jahr,location=Ort,activity=Zweig,value=Wert"
            .parse::<ColumnMap>()
            .unwrap(),
    );
    f.good(&[f.put("a.csv", text)], &params);
    assert_eq!(
        activity_rows(&f.out()),
        ["2018 jobs A x 1", "2018 jobs B x 2"]
    );
    std::fs::remove_file(f.out()).unwrap();
    params.columns = Some(
        "year=Jahr,location=Ort,activity=Zweig,value=Wret"
            .parse::<ColumnMap>()
            .unwrap(),
    );
    let findings = f.bad(&[f.put("a.csv", text)], &params);
    expect(&findings, "bulk.column_missing", Some(1), Some("Wret"));
}

#[test]
fn forms_of_text_leave_no_trace() {
    let f = Folder::new();
    let plain = "year,location,activity,value\n2018,NA,\"x, y\",1\n2019,Å,z,2\n";
    let content = |name: &str, bytes: &[u8], params: &ImportParams| {
        let path = put(f.0.path(), name, bytes);
        f.good(&[path], params).table.content
    };
    let expected = content("a.csv", plain.as_bytes(), &source());
    let crlf = plain.replace('\n', "\r\n");
    let returns = plain.replace('\n', "\r");
    let marked = format!("\u{feff}{plain}\n\n,,,\n");
    let quoted = "\"year\",\"location\",\"activity\",\"value\"\n\"2018\",\"NA\",\"x, y\",\"1\"\n\"2019\",\"Å\",\"z\",\"2\"";
    let tabs = plain
        .replace("\"x, y\"", "x; y")
        .replace(',', "\t")
        .replace("x; y", "x, y");
    for text in [&crlf, &returns, &marked, quoted, &tabs] {
        assert_eq!(
            content("a.csv", text.as_bytes(), &source()),
            expected,
            "{text:?}"
        );
    }
    let utf16: Vec<u8> = [0xff, 0xfe]
        .into_iter()
        .chain(plain.encode_utf16().flat_map(u16::to_le_bytes))
        .collect();
    assert_eq!(content("a.csv", &utf16, &source()), expected);
    let latin: Vec<u8> = plain
        .chars()
        .map(|c| u8::try_from(u32::from(c)).unwrap())
        .collect();
    let mut params = source();
    params.read.encoding = Some("latin1".to_owned());
    assert_eq!(content("a.csv", &latin, &params), expected);
    std::fs::remove_file(f.out()).unwrap();
    let path = put(f.0.path(), "a.csv", &latin);
    expect(
        &f.bad(&[path], &source()),
        "encoding.undecodable",
        Some(3),
        None,
    );
}

#[test]
fn broken_texts_end_in_findings() {
    let f = Folder::new();
    let head = "year,location,activity,value\n";
    let huge = format!("{head}2018,A,x,{}\n", "1".repeat(2 << 20));
    let mut params = source();
    params.read.max_record_bytes = 1 << 20;
    for (text, code, row) in [
        (
            format!("{head}2018,A,\"x,1\n2018,B,y,1\n"),
            "row.unclosed_quote",
            Some(2),
        ),
        (format!("{head}2018,A,x\0,1\n"), "file.nul", Some(2)),
        (huge, "file.line_too_long", Some(2)),
        ("<!DOCTYPE html><html>".to_owned(), "file.html", None),
        (head.to_owned(), "bulk.no_rows", None),
        (format!("{head}1700,A,x,1\n"), "bulk.year_range", Some(2)),
    ] {
        params.chunk_bytes = 1 << 18;
        let path = f.put("a.csv", &text);
        let column = (code == "bulk.year_range").then_some("year");
        expect(&f.bad(&[path], &params), code, row, column);
    }
    expect(
        &f.bad(&[f.put("empty.csv", "")], &source()),
        "file.empty",
        None,
        None,
    );
}

#[test]
fn threads_and_chunks_leave_no_trace() {
    use std::fmt::Write;
    let f = Folder::new();
    let mut text = "t,i,j,k,v,q\n".to_owned();
    for n in 0..3000_u32 {
        let q = if n % 50 == 0 {
            String::new()
        } else {
            format!("{}.25", n % 97)
        };
        let year = 2018 + n / 2000;
        let _ = writeln!(
            text,
            "{year},{},{},{:06},{}.{:03},{q}",
            n % 200,
            (n * 7) % 226,
            n,
            n * 3,
            n % 1000
        );
    }
    let inputs = [f.put("baci.csv", &text)];
    let mut first: Option<(String, Vec<u8>, ImportReport)> = None;
    for (threads, chunk_bytes) in [(1, 4 << 20), (4, 4 << 20), (3, 1000), (1, 177)] {
        let mut params = source();
        params.threads = Some(threads);
        params.chunk_bytes = chunk_bytes;
        let report = f.good(&inputs, &params);
        let bytes = std::fs::read(f.out()).unwrap();
        assert_eq!(
            report.table.content,
            blake3::hash(&bytes).to_hex().to_string()
        );
        match &first {
            None => first = Some((report.table.content.clone(), bytes, report)),
            Some((content, same, whole)) => {
                assert_eq!(&report.table.content, content, "{threads} threads");
                assert_eq!(&bytes, same);
                let close = |a: f64, b: f64| (a - b).abs() <= 1e-12 * b.abs();
                for (a, b) in report.years.iter().zip(&whole.years) {
                    assert!(close(a.value, b.value) && close(a.quantity, b.quantity));
                    assert_eq!((a.rows, a.missing_quantity), (b.rows, b.missing_quantity));
                }
            }
        }
    }
    let only = read_trade(
        &f.out(),
        &Filter {
            years: Some(vec![2019]),
            layer: None,
        },
    )
    .unwrap();
    assert_eq!(only.years, vec![2019; 1000]);
    assert!(
        only.product
            .values
            .iter()
            .all(|code| code.as_str() >= "002000")
    );
    assert!(only.product.values.windows(2).all(|w| w[0] < w[1]));
}

#[test]
fn other_parquet_files_are_no_tables() {
    let f = Folder::new();
    let path = f.put("x.parquet", "PAR1 nonsense PAR1");
    assert!(BulkTable::open(&path).is_err());
    assert!(read_trade(&path, &Filter::default()).is_err());
    expect(&f.bad(&[path], &source()), "bulk.not_text", None, None);
    f.good(
        &[f.put("a.csv", "year,location,activity,value\n2018,A,x,1\n")],
        &source(),
    );
    let error = read_trade(&f.out(), &Filter::default()).unwrap_err();
    assert!(error.to_string().contains("trade"), "{error}");
}
