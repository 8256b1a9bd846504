//! A small schema of its own, so that these tests do not move with the evidence; and what tests look at.

use std::fmt::Write as _;
use std::io::Write;
use std::path::{Path, PathBuf};

use evidence::{CheckParams, Checked, RawTable, ReadOptions, Schema, check, read_bytes};
use model::{Diagnostic, Lang, Names, Severity};

const HEAD: &str = "column,type,unit,required,key,references,accepted,min,max,default,description_en,description_zh\n";

const TABLES: &str = "table,file,row_en,row_zh,entity_kind,name_en_column,name_zh_column
sources,sources.csv,one source,一个来源,source,publisher,
countries,countries.csv,one country,一个国家,country,name,name_zh
chain_nodes,chain_nodes.csv,one node,一个节点,node,name,name_zh
chain_links,chain_links.csv,one link,一条连接,,,
chain_supply,chain_supply.csv,one share,一个份额,,,
reference_classes,reference_classes.csv,one value,一个数值,,,
things,things.csv,one of everything,各类型一例,,,
notes,notes.csv,one remark,一条备注,,,
";

const COLUMNS: [(&str, &str); 8] = [
    (
        "sources",
        "id,id,,true,true,,,,,,Identifier.,来源编号\nurl,url,,false,false,,,,,,Address.,网址\n\
        publisher,text,,true,false,,,,,,Publisher.,发布者\nlicence,text,,true,false,,,,,,Licence.,许可\n\
        redistributable,text,,true,false,,yes;facts_only;no,,,,What may be passed on.,可否对外提供\n\
        confidence,text,,true,false,,high;medium;low,,,,Trust.,可信度\n",
    ),
    (
        "countries",
        "id,country,,true,true,,,,,,Code.,代码\nname,text,,true,false,,,,,,Name.,名称\n\
        name_zh,text,,false,false,,,,,,Chinese name.,中文名称\n",
    ),
    (
        "chain_nodes",
        "id,id,,true,true,,,,,,Identifier.,节点编号\nname,text,,true,false,,,,,,Name.,名称\n\
        name_zh,text,,false,false,,,,,,Chinese name.,中文名称\nstage,text,,true,false,,material;component;product,,,,Stage.,环节\n\
        hs_codes,texts,,false,false,,,,,,HS codes.,海关编码\nessential,boolean,,true,false,,,,,,Essential.,是否关键\n\
        source,id,,true,false,sources.id,,,,,Source of the row.,来源\n",
    ),
    (
        "chain_links",
        "from_node,id,,true,true,chain_nodes.id,,,,,From.,上游节点\nto_node,id,,true,true,chain_nodes.id,,,,,To.,下游节点\n\
        source,id,,true,false,sources.id,,,,,Source.,来源\n",
    ),
    (
        "chain_supply",
        "node_id,id,,true,true,chain_nodes.id,,,,,Node.,节点\ncountry,country,,true,true,countries.id,,,,,Country.,国家\n\
        basis,text,,true,true,,production;capacity,,,,Basis.,口径\nyear,year,,true,true,,,1900,2100,,Year.,年份\n\
        share_pct,number,percent,true,false,,,0,100,,Share.,份额\nlow,number,percent,false,false,,,0,100,,Low.,下限\n\
        high,number,percent,false,false,,,0,100,,High.,上限\nleading_firms,texts,,false,false,,,,,,Firms.,主要企业\n\
        source,id,,true,false,sources.id,,,,,Source.,来源\n",
    ),
    (
        "reference_classes",
        "id,id,,true,true,,,,,,Identifier.,编号\nlow,number,,false,false,,,0,,,Low.,下限\n\
        central,number,,false,false,,,0,,,Central.,中值\nhigh,number,,false,false,,,0,,,High.,上限\n\
        ids,ids,,false,false,chain_nodes.id|=general,,,,,Nodes.,节点\nsource,id,,true,false,sources.id,,,,,Source.,来源\n",
    ),
    (
        "things",
        "id,id,,true,true,,,,,,Identifier.,编号\nwords,texts,,false,false,,,,,,Words.,词语\ntext,text,,false,false,,,,,,Text.,文本\n\
        whole,integer,,false,false,,,,,7,Whole.,整数\nnumber,number,t,false,false,,,,,,Number.,数字\nday,date,,false,false,,,,,,Day.,日期\n\
        from,date,,false,false,,,,,,From.,开始\nto,date,,false,false,,,,,,To.,结束\n\
        flag,boolean,,false,false,,,,,,Flag.,标记\ncountries,countries,,false,false,,,,,,Countries.,国家\n\
        address,url,,false,false,,,,,,Address.,网址\nyear,year,,false,false,,,1900,2100,,Year.,年份\n",
    ),
    (
        "notes",
        "id,id,,true,true,,,,,,Identifier.,编号\ntext,text,,true,false,,,,,,Remark.,备注\n",
    ),
];

pub fn schema() -> Schema {
    let files: Vec<(String, String)> = COLUMNS
        .iter()
        .map(|(name, columns)| (format!("{name}.csv"), format!("{HEAD}{columns}")))
        .chain([("tables.csv".to_owned(), TABLES.to_owned())])
        .collect();
    Schema::from_files(|name| {
        files
            .iter()
            .find(|(file, _)| file == name)
            .map(|(_, text)| text.as_str())
    })
    .unwrap()
}

pub const SOURCES: &str = "id,url,publisher,licence,redistributable,confidence\n\
    usgs,https://www.usgs.gov/x,USGS,public domain,yes,high\n\
    press,https://press.example.org,Press,all rights reserved,facts_only,low\n\
    eto,https://eto.tech,ETO,CC BY-NC 4.0,no,high\n";
pub const COUNTRIES: &str =
    "id,name,name_zh\nCHN,China,中国\nJPN,Japan,日本\nUSA,United States,美国\n";
pub const NODES: &str = "id,name,name_zh,stage,hs_codes,essential,source\n\
    ore,Ore,矿石,material,253090,true,usgs\nmagnet,Magnet,磁体,component,850511,true,press\n\
    motor,Motor,电机,product,850131;850132,false,usgs\n";
pub const LINKS: &str = "from_node,to_node,source\nore,magnet,usgs\nmagnet,motor,press\n";

/// The good tables that others refer to.
pub fn base() -> Vec<(String, RawTable)> {
    [
        ("sources", SOURCES),
        ("countries", COUNTRIES),
        ("chain_nodes", NODES),
    ]
    .map(|(name, text)| raw(name, text))
    .into()
}

pub fn raw(table: &str, text: &str) -> (String, RawTable) {
    let (raw, _) = read_bytes(
        &format!("{table}.csv"),
        text.as_bytes(),
        &ReadOptions::default(),
    )
    .unwrap();
    (table.to_owned(), raw)
}

/// Checks `text` as `table` together with the base tables, whose place it takes where it is one of them.
pub fn check_one(table: &str, text: &str) -> Checked {
    let mut tables = base();
    tables.retain(|(name, _)| name != table);
    tables.push(raw(table, text));
    check(&schema(), &tables, &CheckParams::default())
}

/// Looks for a finding; when it is not there, shows what is.
pub fn expect(
    findings: &[Diagnostic],
    code: &str,
    row: Option<u64>,
    column: Option<&str>,
) -> Diagnostic {
    let found = findings
        .iter()
        .find(|f| f.code == code && f.row == row && f.column.as_deref() == column);
    let mut shown = String::new();
    for f in findings {
        let _ = writeln!(
            shown,
            "{:?} {} row {:?} column {:?} found {:?}",
            f.severity, f.code, f.row, f.column, f.found
        );
    }
    let found = found
        .unwrap_or_else(|| panic!("no {code} at row {row:?}, column {column:?} among:\n{shown}"))
        .clone();
    readable(&found);
    found
}

/// Every finding has both texts in both languages, with every place filled.
pub fn readable(finding: &Diagnostic) {
    for message in [&finding.expected, &finding.remedy] {
        for lang in Lang::ALL {
            let text = message.render(lang, &Names::default());
            assert!(!text.starts_with("check."), "{}: no text", message.id);
            assert!(
                !text.contains('{') && !text.contains('}'),
                "{}: open place in {text:?}",
                message.id
            );
            assert!(text.len() > 5, "{}: {text:?}", message.id);
        }
    }
}

pub fn errors(checked: &Checked) -> Vec<&Diagnostic> {
    checked
        .diagnostics
        .iter()
        .filter(|d| d.severity == Severity::Error)
        .collect()
}

pub fn gz(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

pub fn put(dir: &Path, name: &str, bytes: &[u8]) -> PathBuf {
    let path = dir.join(name);
    std::fs::write(&path, bytes).unwrap();
    path
}

/// A zip archive with these parts, deflated.
pub fn archive(parts: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, bytes) in parts {
        let options = zip::write::SimpleFileOptions::default()
            .compression_method(zip::CompressionMethod::Deflated);
        zip.start_file(*name, options).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

/// An `OpenDocument` workbook with one sheet of (type, value) cells.
pub fn ods(rows: &[Vec<(&str, &str)>]) -> Vec<u8> {
    let mut body = String::new();
    for row in rows {
        body.push_str("<table:table-row>");
        for (kind, value) in row {
            let _ = match *kind {
                "float" => write!(
                    body,
                    r#"<table:table-cell office:value-type="float" office:value="{value}"><text:p>{value}</text:p></table:table-cell>"#
                ),
                "date" => write!(
                    body,
                    r#"<table:table-cell office:value-type="date" office:date-value="{value}"><text:p>{value}</text:p></table:table-cell>"#
                ),
                _ => write!(
                    body,
                    r#"<table:table-cell office:value-type="string"><text:p>{value}</text:p></table:table-cell>"#
                ),
            };
        }
        body.push_str("</table:table-row>");
    }
    let content = format!(
        r#"<?xml version="1.0" encoding="UTF-8"?><office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" office:version="1.2"><office:body><office:spreadsheet><table:table table:name="Sheet1">{body}</table:table></office:spreadsheet></office:body></office:document-content>"#
    );
    archive(&[
        ("mimetype", b"application/vnd.oasis.opendocument.spreadsheet"),
        ("content.xml", content.as_bytes()),
        ("META-INF/manifest.xml", br#"<?xml version="1.0"?><manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"><manifest:file-entry manifest:full-path="/" manifest:media-type="application/vnd.oasis.opendocument.spreadsheet"/></manifest:manifest>"#),
    ])
}
