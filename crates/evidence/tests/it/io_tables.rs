//! Input–output tables in every form that is read, and broken ones.

#![allow(clippy::format_collect)] // short tables, written as they look

use std::fs;
use std::path::Path;

use evidence::io::{Empty, IoFiles, IoOptions, Layout, from_flows, read_io, to_flows};
use model::Diagnostic;

const Z: &str = "id,A_p,A_q,B_p,B_q\nA_p,1,2,3,4\nA_q,5,6,7,8\nB_p,9,10,11,12\nB_q,13,14,15,16\n";
const Y: &str = "id,A_f,B_f\nA_p,20,1\nA_q,21,2\nB_p,22,3\nB_q,23,4\n";
const X: &str = "id,output\nA_p,31\nA_q,49\nB_p,67\nB_q,85\n";

fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    for (name, text) in files {
        fs::write(dir.path().join(name), text).unwrap();
    }
    dir
}

fn read(files: &[(&str, &str)]) -> Result<IoFiles, Vec<Diagnostic>> {
    read_io(folder(files).path(), &IoOptions::default())
}

fn good(files: &[(&str, &str)]) -> IoFiles {
    read(files).unwrap_or_else(|found| panic!("{found:?}"))
}

/// One file with a whole table.
fn single(name: &str, text: &str) -> IoFiles {
    let dir = folder(&[(name, text)]);
    read_io(&dir.path().join(name), &IoOptions::default())
        .unwrap_or_else(|found| panic!("{found:?}"))
}

fn texts(labels: &[evidence::io::Label]) -> Vec<&str> {
    labels.iter().map(|l| l.text.as_str()).collect()
}

fn noted(table: &IoFiles, code: &str) -> bool {
    table.notes.iter().any(|n| n.code == code)
}

#[test]
fn matrices_with_any_prefix_and_case() {
    let plain = good(&[("Z.csv", Z), ("Y.csv", Y), ("x.csv", X)]);
    assert_eq!(texts(&plain.industries), ["A_p", "A_q", "B_p", "B_q"]);
    assert_eq!(plain.industries[2].region, "B");
    assert_eq!(plain.finals[1].region, "B");
    assert_eq!(plain.z[4..8], [5.0, 6.0, 7.0, 8.0]);
    assert_eq!(plain.y[2..4], [21.0, 2.0]);
    assert_eq!(plain.x, Some(vec![31.0, 49.0, 67.0, 85.0]));
    assert_eq!(plain.layout, Layout::Matrices);
    let tabs = |text: &str| text.replace(',', "\t");
    let (z, y, x) = (tabs(Z), tabs(Y), tabs(X));
    let named = good(&[
        ("wiot_2011_z.TSV", &z),
        ("wiot_2011_Y.txt", &y),
        ("other_X.tab", &x),
    ]);
    assert_eq!((named.z, named.y, named.x), (plain.z, plain.y, plain.x));
}

#[test]
fn packed_files_and_parquet_hold_the_same() {
    use std::io::Write;
    let plain = good(&[("Z.csv", Z), ("Y.csv", Y)]);
    let dir = folder(&[]);
    let gz = fs::File::create(dir.path().join("Z.csv.gz")).unwrap();
    let mut gz = flate2::write::GzEncoder::new(gz, flate2::Compression::fast());
    gz.write_all(Z.as_bytes()).unwrap();
    gz.finish().unwrap();
    let zst = zstd::encode_all(Y.as_bytes(), 3).unwrap();
    fs::write(dir.path().join("Y.csv.zst"), zst).unwrap();
    let packed = read_io(dir.path(), &IoOptions::default()).unwrap();
    assert_eq!((&packed.z, &packed.y), (&plain.z, &plain.y));
    let columns = |text: &str| {
        let rows: Vec<Vec<&str>> = text.lines().map(|l| l.split(',').collect()).collect();
        let column = |at: usize| rows[1..].iter().map(|r| r[at].parse().unwrap()).collect();
        let labels: Vec<String> = rows[1..].iter().map(|r| r[0].to_owned()).collect();
        let mut columns = vec![(
            "id".to_owned(),
            evidence::bulk::ResultColumn::Text {
                numbers: (0..labels.len() as u32).collect(),
                values: std::sync::Arc::new(labels),
            },
        )];
        columns.extend((1..rows[0].len()).map(|at| {
            (
                rows[0][at].to_owned(),
                evidence::bulk::ResultColumn::Number(column(at)),
            )
        }));
        columns
    };
    let dir = folder(&[]);
    let mut z = columns(Z);
    // A data frame's index stands behind its columns.
    z.rotate_left(1);
    evidence::bulk::write_columns(&dir.path().join("t_Z.parquet"), z).unwrap();
    evidence::bulk::write_columns(&dir.path().join("t_Y.parquet"), columns(Y)).unwrap();
    let parquet = read_io(dir.path(), &IoOptions::default()).unwrap();
    assert_eq!((parquet.z, parquet.y), (plain.z, plain.y));
}

#[test]
fn levels_of_headings_and_of_labels() {
    let z = "region\t\tA\tA\tB\tB\nsector\t\tp\tq\tp\tq\nregion\tsector\t\t\t\t\n\
             A\tp\t1\t2\t3\t4\nA\tq\t5\t6\t7\t8\nB\tp\t9\t10\t11\t12\nB\tq\t13\t14\t15\t16\n";
    let y = "region\t\tA\tB\ncategory\t\tf\tf\nregion\tsector\t\t\n\
             A\tp\t20\t1\nA\tq\t21\t2\nB\tp\t22\t3\nB\tq\t23\t4\n";
    let x = "region\tsector\tindout\nA\tp\t31\nA\tq\t49\nB\tp\t67\nB\tq\t85\n";
    let unit = "region\tsector\tunit\nA\tp\tM.EUR\nA\tq\tM.EUR\nB\tp\tM.EUR\nB\tq\tM.EUR\n";
    let saved = "{\"systemtype\": \"IOSystem\"}";
    let files = [
        ("Z.txt", z),
        ("Y.txt", y),
        ("x.txt", x),
        ("unit.txt", unit),
        ("file_parameters.json", saved),
    ];
    let two = good(&files);
    let plain = good(&[("Z.csv", Z), ("Y.csv", Y), ("x.csv", X)]);
    assert_eq!(two.layout, Layout::Pymrio);
    assert_eq!(two.unit, "M.EUR");
    assert_eq!(two.industries, plain.industries);
    assert_eq!((&two.z, &two.y, &two.x), (&plain.z, &plain.y, &plain.x));
    // pymrio's own test table: headings without names, the unit as a third column of labels.
    let z = "\t\t\tA\tA\tB\tB\n\t\t\tp\tq\tp\tq\n\
             A\tp\tMEUR\t1\t2\t3\t4\nA\tq\tMEUR\t5\t6\t7\t8\nB\tp\tMEUR\t9\t10\t11\t12\nB\tq\tMEUR\t13\t14\t15\t16\n";
    let y = "\t\t\tA\tB\n\t\t\tf\tf\nA\tp\tMEUR\t20\t1\nA\tq\tMEUR\t21\t2\nB\tp\tMEUR\t22\t3\nB\tq\tMEUR\t23\t4\n";
    let three = good(&[
        ("trade_flows_Z.txt", z),
        ("finald_demand_Y.txt", y),
        ("readme.txt", "words\n"),
    ]);
    assert_eq!(
        (three.industries, three.z, three.y),
        (plain.industries, plain.z, plain.y)
    );
}

#[test]
fn exiobase_is_told_by_its_regions_and_gated() {
    let regions = ["AT", "WA", "WL", "WE", "WF", "WM"];
    let heading = |cells: &str| {
        regions
            .iter()
            .map(|_| format!("\t{cells}"))
            .collect::<String>()
    };
    let names: String = regions.iter().map(|r| format!("\t{r}")).collect();
    let zeros = heading("1");
    let rows: String = regions
        .iter()
        .map(|r| format!("{r}\tPaddy rice{zeros}\n"))
        .collect();
    let empty = "\t".repeat(regions.len());
    let z = format!(
        "region\t{names}\nsector\t{}\nregion\tsector{empty}\n{rows}",
        heading("Paddy rice")
    );
    let y = format!(
        "region\t{names}\ncategory\t{}\nregion\tsector{empty}\n{rows}",
        heading("Exports: Total (fob)")
    );
    let found = good(&[("Z.txt", &z), ("Y.txt", &y)]);
    assert_eq!(found.layout, Layout::Exiobase3);
    assert!(found.gate.is_some());
    assert!(noted(&found, "io.noncommercial"));
    assert_eq!(found.unit, "million EUR");
}

#[test]
fn coefficients_with_output_become_flows() {
    let a = "id,p,q\np,0.5,0.1\nq,0.25,0.2\n";
    let found = good(&[
        ("A.csv", a),
        ("Y.csv", "id,f\np,1\nq,2\n"),
        ("x.csv", "id,x\np,10\nq,20\n"),
    ]);
    assert_eq!(found.z, [5.0, 2.0, 2.5, 4.0]);
    assert!(noted(&found, "io.coefficients"));
    assert_eq!(found.industries[0].region, "");
}

#[test]
fn oecd_icio_folds_the_parts_of_countries() {
    let text = "V1,CHN_A,CN1_A,CN2_A,USA_A,CHN_HFCE,CHN_GGFC,USA_HFCE,USA_GGFC,OUT\n\
                CHN_A,0,0,0,0,1,1,1,1,4\nCN1_A,0,1,2,3,4,0,1,0,11\nCN2_A,0,4,5,6,5,0,1,0,21\n\
                USA_A,0,1,1,1,2,0,9,0,14\nTLS,0,1,1,1,0,0,0,0,3\nVA,4,4,12,3,0,0,0,0,23\nOUT,4,11,21,14,22,1,12,1,86\n";
    let found = single("2020_SML.csv", text);
    assert_eq!(found.layout, Layout::OecdIcio);
    assert_eq!(texts(&found.industries), ["CHN_A", "USA_A"]);
    assert_eq!(found.z, [12.0, 9.0, 2.0, 1.0]);
    assert_eq!(
        texts(&found.finals),
        ["CHN_HFCE", "CHN_GGFC", "USA_HFCE", "USA_GGFC"]
    );
    assert_eq!(found.y, [10.0, 1.0, 3.0, 1.0, 2.0, 0.0, 9.0, 0.0]);
    assert_eq!(found.x, Some(vec![36.0, 14.0]));
    assert_eq!(found.value_added, Some(vec![20.0, 3.0]));
    assert!(noted(&found, "io.folded"));
}

#[test]
fn figaro_matrix_and_flat_hold_the_same() {
    let matrix = "rowLabels,AT_A01,AT_B,US_A01,US_B,AT_P3_S14,US_P3_S14\n\
                  AT_A01,1,2,3,4,5,1\nAT_B,6,7,8,9,2,1\nUS_A01,1,1,1,1,4,2\nUS_B,2,2,2,2,3,3\n\
                  W2_D21X31,1,1,1,1,0,0\nW2_D1,3,3,3,3,0,0\nW2_D29X39,1,1,1,1,0,0\nW2_B2A3G,2,2,2,2,0,0\n";
    let wide = single("matrix_eu-ic-io_ind-by-ind_23ed_2021.csv", matrix);
    assert_eq!(wide.layout, Layout::Figaro);
    assert_eq!(wide.value_added, Some(vec![6.0; 4]));
    let mut flat = "icioiRow,icioiCol,refArea,rowIi,counterpartArea,colIi,obsValue\n".to_owned();
    let lines: Vec<Vec<&str>> = matrix.lines().map(|l| l.split(',').collect()).collect();
    for row in &lines[1..] {
        for (at, value) in row.iter().enumerate().skip(1) {
            let (from, what) = row[0].split_once('_').unwrap();
            let (to, by) = lines[0][at].split_once('_').unwrap();
            flat += &format!(
                "{},{},{from},{what},{to},{by},{value}\n",
                row[0], lines[0][at]
            );
        }
    }
    let found = single("flatfile_eu-ic-io_ind-by-ind_23ed_2021.csv", &flat);
    assert_eq!(found.layout, Layout::FigaroFlat);
    assert_eq!((&found.industries, &found.z), (&wide.industries, &wide.z));
    assert_eq!((&found.y, &found.value_added), (&wide.y, &wide.value_added));
    // The order of the rows decides nothing.
    let mut rows: Vec<&str> = flat.lines().collect();
    rows[1..].reverse();
    assert_eq!(single("flat.csv", &(rows.join("\n") + "\n")).z, found.z);
}

#[test]
fn wiod_releases() {
    let z = "id,AUS_c1,AUS_c2\nAUS_c1,1,2\nAUS_c2,3,4\n";
    let old = good(&[
        ("wiot_2011_Z.csv", z),
        ("wiot_2011_Y.csv", "id,AUS_f1\nAUS_c1,5\nAUS_c2,6\n"),
        (
            "wiot_2011_x.csv",
            "id,country,sector,output\nAUS_c1,AUS,c1,8\nAUS_c2,AUS,c2,13\n",
        ),
    ]);
    assert_eq!(old.layout, Layout::Wiod2013);
    assert_eq!(old.x, Some(vec![8.0, 13.0]));
    let sheet = "\"Intercountry Input-Output Table, 2011\",,,,,,,\n,,,,AtB,C,,\n\
                 (industry-by-industry),,,,Agriculture,Mining,Households,Total\n(millions of US$),,,,AUS,AUS,AUS,TOT\n\
                 ,,,,c1,c2,c37,c62\n\
                 AtB,Agriculture,AUS,c1,1,2,5,8\nC,Mining,AUS,c2,3,4,6,13\n\
                 r60,Total intermediate consumption,TOT,r60,4,6,11,21\nr64,Value added at basic prices,TOT,r64,4,7,0,11\n\
                 r69,Output at basic prices,TOT,r69,8,13,0,21\n";
    let sheet = single("wiot11_row.csv", sheet);
    assert_eq!(sheet.layout, Layout::Wiod2013);
    assert_eq!(texts(&sheet.industries), ["AUS_c1", "AUS_c2"]);
    assert_eq!((&sheet.z, &sheet.x), (&old.z, &old.x));
    assert_eq!(sheet.value_added, Some(vec![4.0, 7.0]));
    assert_eq!(sheet.finals.len(), 1);
    let new = "IndustryCode,IndustryDescription,Country,RNr,Year,AUS1,AUS2,AUS57,TOT\n\
               A01,Crops,AUS,1,2014,1,2,5,8\nA02,Forestry,AUS,2,2014,3,4,6,13\n\
               II_fob,Total intermediate,TOT,65,2014,4,6,11,21\nVA,Value added,TOT,70,2014,4,7,0,11\n\
               GO,Output,TOT,73,2014,8,13,0,21\n";
    let new = single("WIOT2014.csv", new);
    assert_eq!(new.layout, Layout::Wiod2016);
    assert_eq!(texts(&new.industries), ["AUS1", "AUS2"]);
    assert_eq!(new.industries[0].region, "AUS");
    assert_eq!(new.finals[0].region, "AUS");
    assert_eq!(
        (new.z, new.x, new.value_added),
        (sheet.z, sheet.x, sheet.value_added)
    );
}

#[test]
fn national_tables() {
    let oecd = "Code,Description,01,02,HFCE,GGFC,EXPO,IMPO\n01,Farming,1,2,3,1,4,-2\n02,Mining,5,6,7,1,8,-9\n\
                TTL_INT_FNL,Total,6,8,0,0,0,0\nVALU,Value added,3,10,0,0,0,0\nOUTPUT,Output,9,18,0,0,0,0\n";
    let oecd = single("OECD21ed_CHN_2018.csv", oecd);
    assert_eq!(oecd.layout, Layout::OecdNational);
    assert_eq!(
        (oecd.x.clone(), oecd.value_added.clone()),
        (Some(vec![9.0, 18.0]), Some(vec![3.0, 10.0]))
    );
    assert_eq!(oecd.y[3], -2.0);
    assert!(noted(&oecd, "io.imports_inside"));
    let china = "Code,Description,DescriptionInChinese,Origin,01,02,TIU,TC,FU201,EX,TFU,GO\n\
                 01,Farming,农业,Domestic,1,2,3,4,5,6,15,18\n02,Mining,矿业,Domestic,3,4,7,1,1,1,3,10\n\
                 01,Farming,农业,Imports,1,0,1,1,0,0,1,2\n02,Mining,矿业,Imports,2,1,3,0,0,0,0,3\n\
                 TII,Total,合计,TOT,7,7,14,NA,NA,NA,NA,NA\nTVA,Value added,增加值,TOT,11,3,14,NA,NA,NA,NA,NA\nTI,Inputs,总投入,TOT,18,10,28,NA,NA,NA,NA,NA\n";
    let china = single("china_2020_42.csv", china);
    assert_eq!(china.layout, Layout::China);
    assert_eq!(china.z, [1.0, 2.0, 3.0, 4.0]);
    assert_eq!(texts(&china.finals), ["TC", "FU201", "EX"]);
    assert_eq!(
        (china.x, china.value_added),
        (Some(vec![18.0, 10.0]), Some(vec![11.0, 3.0]))
    );
    let imports = china.imports.unwrap();
    assert_eq!(
        (texts(&imports.products), imports.z),
        (vec!["01", "02"], vec![1.0, 0.0, 2.0, 1.0])
    );
    let positive = "Code,Description,001,002,THC,FU103,TC,FU201,FU202,GCF,EX,TFU,IM,GO\n\
                    001,a,1,2,3,1,4,1,1,2,2,8,1,10\n002,b,3,4,1,1,2,1,0,1,1,4,2,9\nTVA,v,6,3,NA,NA,NA,NA,NA,NA,NA,NA,NA,NA\n";
    let positive = single("china_2020_153.csv", positive);
    assert_eq!(
        texts(&positive.finals),
        ["THC", "FU103", "FU201", "FU202", "EX", "IM"]
    );
    assert_eq!(positive.y[5], -1.0);
    let split =
        "V1,01,02,HFCE,GGFC\nDOM_01,1,2,3,4\nDOM_02,5,6,7,8\nIMP_01,1,1,1,1\nIMP_02,2,2,2,2\n";
    assert_eq!(
        single("CHN2018dom.csv", split).imports.unwrap().y,
        [1.0, 1.0, 2.0, 2.0]
    );
}

#[test]
fn the_order_of_rows_and_columns_does_not_matter() {
    let plain = good(&[("Z.csv", Z), ("Y.csv", Y), ("x.csv", X)]);
    let mut y: Vec<&str> = Y.lines().collect();
    y[1..].reverse();
    let columns = "id,B_q,A_q,B_p,A_p\nA_p,4,2,3,1\nA_q,8,6,7,5\nB_p,12,10,11,9\nB_q,16,14,15,13\n";
    let turned = good(&[
        ("Z.csv", columns),
        ("Y.csv", &(y.join("\n") + "\n")),
        ("x.csv", X),
    ]);
    assert_eq!((&turned.z, &turned.y), (&plain.z, &plain.y));
    assert!(noted(&turned, "io.columns_reordered") && noted(&turned, "io.rows_reordered"));
}

#[test]
fn flows_come_back_as_the_same_table() {
    let plain = good(&[("Z.csv", Z), ("Y.csv", Y), ("x.csv", X)]);
    let mut flows = to_flows(&plain);
    flows.keys.reverse();
    flows.values.reverse();
    let back = from_flows(&flows, Layout::Study, "io").unwrap();
    assert_eq!(
        (&back.industries, &back.finals),
        (&plain.industries, &plain.finals)
    );
    assert_eq!((&back.z, &back.y, &back.x), (&plain.z, &plain.y, &plain.x));
    let dir = folder(&[]);
    let path = dir.path().join("io.parquet");
    let written = evidence::bulk::write_io_table(&path, &plain, 2020, "own").unwrap();
    let opened = evidence::bulk::BulkTable::open(&path).unwrap();
    assert_eq!(opened, written);
    let stored = evidence::bulk::read_io_table(&opened, 2020).unwrap();
    assert_eq!(
        (&stored.z, &stored.y, &stored.x),
        (&plain.z, &plain.y, &plain.x)
    );
    assert_eq!(stored.industries, plain.industries);
    let again = flows.keys[0].clone();
    flows.push(again, 1.0);
    assert_eq!(
        from_flows(&flows, Layout::Study, "io").unwrap_err()[0].code,
        "io.flow_twice"
    );
}

/// Each broken input has a finding of its own, with the place.
#[test]
fn broken_tables() {
    let code = |files: &[(&str, &str)]| {
        let found = read(files).expect_err("broken");
        (
            found[0].code.clone(),
            found[0].row,
            found[0].column.clone().unwrap_or_default(),
        )
    };
    let is = |files: &[(&str, &str)], wanted: &str, row: Option<u64>, column: &str| {
        assert_eq!(code(files), (wanted.to_owned(), row, column.to_owned()));
    };
    is(&[("readme.md", "x")], "io.no_table", None, "");
    is(&[("Z.csv", Z)], "io.no_final_demand", None, "");
    is(
        &[
            ("a_Z.csv", Z),
            ("a_Y.csv", Y),
            ("b_Z.csv", Z),
            ("b_Y.csv", Y),
        ],
        "io.several",
        None,
        "",
    );
    is(
        &[("Z.csv", Z), ("Z.txt", Z), ("Y.csv", Y)],
        "io.twice",
        None,
        "",
    );
    let with = |from: &str, to: &str| Z.replacen(from, to, 1);
    let z = |text: &str, wanted: &str, row: Option<u64>, column: &str| {
        is(&[("Z.csv", text), ("Y.csv", Y)], wanted, row, column);
    };
    z(&with("A_q,5,6", "A_q,5,"), "io.empty_cell", Some(3), "A_q");
    z(
        &with("A_q,5,6", "A_q,5,NA"),
        "io.empty_cell",
        Some(3),
        "A_q",
    );
    z(
        &with("A_q,5,6", "A_q,5,six"),
        "io.not_number",
        Some(3),
        "A_q",
    );
    z(
        &with("A_q,5,6", "A_q,5,inf"),
        "io.not_number",
        Some(3),
        "A_q",
    );
    z(&with("\nA_q", "\nA_p"), "io.label_twice", Some(3), "");
    z(&with("\nA_q", "\nC_q"), "io.not_square", Some(1), "");
    z(&with("\nA_q,", "\n,"), "io.label_empty", Some(3), "");
    z(&with(",8\n", "\n"), "row.ragged", Some(3), "");
    z("a;b\n", "io.no_numbers", Some(1), "");
    z("X0,X1\n1,2\n3,4\n", "io.no_labels", Some(2), "");
    let y = |text: &str, wanted: &str| {
        assert_eq!(code(&[("Z.csv", Z), ("Y.csv", text)]).0, wanted);
    };
    y("id,A_f\nA_p,1\nA_q,1\nB_p,1\n", "io.missing_row");
    y(
        "id,A_f\nA_p,1\nA_q,1\nB_p,1\nB_q,1\nC_q,1\n",
        "io.unknown_row",
    );
    y("id,A_p,A_q,B_p,B_q\nA_f,1,1,1,1\n", "io.transposed");
    let x = "id,a,b\nA_p,1,1\nA_q,1,1\nB_p,1,1\nB_q,1,1\n";
    assert_eq!(
        code(&[("Z.csv", Z), ("Y.csv", Y), ("x.csv", x)]).0,
        "io.several_columns"
    );
    assert_eq!(code(&[("table.csv", "id,a\nb,1\nc,2\n")]).0, "io.not_io");
}

#[test]
fn empty_cells_are_zero_only_when_asked() {
    let dir = folder(&[
        ("Z.csv", "id,p,q\np,1,\nq,,4\n"),
        ("Y.csv", "id,f\np,1\nq,2\n"),
    ]);
    let options = IoOptions {
        empty: Empty::Zero,
        ..IoOptions::default()
    };
    let found = read_io(dir.path(), &options).unwrap();
    assert_eq!(found.z, [1.0, 0.0, 0.0, 4.0]);
    assert!(noted(&found, "io.zero_filled"));
}

#[test]
fn a_turned_table_is_suspected() {
    let z = "id,p,q\np,0,50\nq,0,0\n";
    let y = "id,f\np,10\nq,100\n";
    let right = good(&[("Z.csv", z), ("Y.csv", y), ("x.csv", "id,x\np,60\nq,100\n")]);
    assert!(!noted(&right, "io.looks_transposed"));
    let turned = good(&[
        ("Z.csv", "id,p,q\np,0,0\nq,50,0\n"),
        ("Y.csv", y),
        ("x.csv", "id,x\np,60\nq,100\n"),
    ]);
    assert!(noted(&turned, "io.looks_transposed"));
}

#[test]
fn one_of_several_tables_by_its_prefix() {
    let dir = folder(&[
        ("a_Z.csv", Z),
        ("a_Y.csv", Y),
        ("b_Z.csv", "id,p,q\np,1,2\nq,3,4\n"),
        ("b_Y.csv", "id,f\np,1\nq,2\n"),
    ]);
    let options = IoOptions {
        prefix: Some("B".to_owned()),
        ..IoOptions::default()
    };
    assert_eq!(read_io(dir.path(), &options).unwrap().industries.len(), 2);
    assert!(Path::new(dir.path()).is_dir());
}
