//! Formats of publishers and forms of text: each layout, compression, encoding, cutting and number of threads.

use evidence::ReadOptions;
use evidence::bulk::{
    BulkKind, BulkTable, ColumnMap, Filter, Flow, Format, ImportParams, ImportReport, read_trade,
    recognise,
};

use crate::bulk_import::{Folder, activity_rows, source, trade_rows};
use crate::helpers::{expect, put};

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
            BulkKind::Io => panic!("formats of rows give no io table"),
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
