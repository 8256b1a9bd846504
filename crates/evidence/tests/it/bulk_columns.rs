//! Plain long tables in, columns of results out.

use std::path::Path;
use std::sync::Arc;

use arrow::array::{
    ArrayRef, DictionaryArray, Float64Array, Int64Array, LargeStringArray, StringArray,
};
use arrow::datatypes::{Int8Type, Int16Type};
use arrow::record_batch::RecordBatch;
use evidence::ReadOptions;
use evidence::bulk::{
    ColumnMap, ColumnsWriter, Gaps, LongTable, MISSING, ResultColumn, ResultKind, read_long,
    write_columns,
};
use model::Diagnostic;
use parquet::arrow::ArrowWriter;
use proptest::prelude::*;

use crate::helpers::{expect, gz, put};

fn long(path: &Path, columns: &str) -> Result<LongTable, Vec<Diagnostic>> {
    let columns: ColumnMap = columns.parse().unwrap();
    read_long(path, &columns, Gaps::Refuse, &ReadOptions::default()).map(|(table, _)| table)
}

fn rows(t: &LongTable) -> Vec<String> {
    (0..t.value.len())
        .map(|r| {
            let year = t.years.as_ref().map_or(String::new(), |y| y[r].to_string());
            format!(
                "{} {} {year} {}",
                t.location.get(r),
                t.activity.get(r),
                t.value[r]
            )
        })
        .collect()
}

fn parquet(dir: &Path, columns: Vec<(&str, ArrayRef)>) -> std::path::PathBuf {
    let batch = RecordBatch::try_from_iter(columns).unwrap();
    let path = dir.join("t.parquet");
    let file = std::fs::File::create(&path).unwrap();
    let mut writer = ArrowWriter::try_new(file, batch.schema(), None).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
    path
}

#[test]
fn text_in_any_form_gives_one_table() {
    let dir = tempfile::tempdir().unwrap();
    let text = "land,code,usd,note\nNA,0011,1.5,a\nabw,0012,NA,b\nNA,0012,0,c\n";
    let map = "location=land,activity=code,value=usd";
    let expected = ["NA 0011  1.5", "abw 0012  NaN", "NA 0012  0"];
    for bytes in [
        text.as_bytes().to_vec(),
        gz(text.as_bytes()),
        text.replace('\n', "\r\n").into_bytes(),
    ] {
        let table = long(&put(dir.path(), "a.csv", &bytes), map).unwrap();
        assert_eq!(rows(&table), expected);
        assert_eq!(table.location.values, ["NA", "abw"]);
        assert_eq!(table.years, None);
    }
    let (chinese, _, _) = encoding_rs::GB18030.encode("location,activity,value,year\n北京市海淀区,光刻机零部件,1,2019\n上海市浦东新区,稀土永磁材料,2,2019\n");
    let table = long(&put(dir.path(), "a.csv", &chinese), "").unwrap();
    assert_eq!(rows(&table)[0], "北京市海淀区 光刻机零部件 2019 1");
}

#[test]
fn parquet_with_categories_numbers_and_plain_text() {
    let dir = tempfile::tempdir().unwrap();
    let value: ArrayRef = Arc::new(Float64Array::from(vec![Some(1.5), None, Some(0.0)]));
    let year: ArrayRef = Arc::new(Int64Array::from(vec![2018, 2019, 2018]));
    let category: DictionaryArray<Int8Type> = vec!["NA", "abw", "NA"].into_iter().collect();
    let large: ArrayRef = Arc::new(LargeStringArray::from(vec!["0011", "0012", "0012"]));
    let columns = vec![
        ("usd", Arc::clone(&value)),
        ("location", Arc::new(category) as ArrayRef),
        ("year", year),
        ("activity", large),
    ];
    let table = long(&parquet(dir.path(), columns), "value=usd").unwrap();
    assert_eq!(
        rows(&table),
        ["NA 0011 2018 1.5", "abw 0012 2019 NaN", "NA 0012 2018 0"]
    );

    let numbers: ArrayRef = Arc::new(Int64Array::from(vec![842, 4, 842]));
    let keys: DictionaryArray<Int16Type> = DictionaryArray::new(
        vec![1_i16, 0, 0].into(),
        Arc::new(Int64Array::from(vec![12, 11])),
    );
    let whole: ArrayRef = Arc::new(Int64Array::from(vec![1, 2, 3]));
    let columns = vec![
        ("location", numbers),
        ("activity", Arc::new(keys) as ArrayRef),
        ("value", whole),
    ];
    let table = long(&parquet(dir.path(), columns), "").unwrap();
    assert_eq!(rows(&table), ["842 11  1", "4 12  2", "842 12  3"]);
}

#[test]
fn what_cannot_be_used_is_said() {
    let dir = tempfile::tempdir().unwrap();
    let text = |name: Vec<Option<&str>>| Arc::new(StringArray::from(name)) as ArrayRef;
    let with_gap = vec![
        ("location", text(vec![Some("A"), None])),
        ("activity", text(vec![Some("x"), Some("y")])),
        (
            "value",
            Arc::new(Float64Array::from(vec![1.0, -2.0])) as ArrayRef,
        ),
    ];
    let findings = long(&parquet(dir.path(), with_gap), "").unwrap_err();
    expect(&findings, "bulk.cells_missing", None, Some("location"));
    expect(&findings, "bulk.negative", Some(3), Some("value"));
    let as_text = vec![
        ("location", text(vec![Some("A")])),
        ("activity", text(vec![Some("x")])),
        ("value", text(vec![Some("1")])),
    ];
    let findings = long(&parquet(dir.path(), as_text), "").unwrap_err();
    expect(&findings, "value.type_in_file", Some(1), Some("value"));
    let csv = put(
        dir.path(),
        "a.csv",
        b"location,activity,value\nA,x,1\nA,,2\nA,y,z\n",
    );
    let findings = long(&csv, "").unwrap_err();
    expect(&findings, "value.missing", Some(3), Some("activity"));
    expect(&findings, "number.not_a_number", Some(4), Some("value"));
    let finding = expect(
        &long(&csv, "value=vlue").unwrap_err(),
        "bulk.column_missing",
        Some(1),
        Some("vlue"),
    );
    assert!(finding.expected.args["hint"] != model::Arg::Text(String::new()));
    let cut = std::fs::read(dir.path().join("t.parquet")).unwrap();
    let path = put(dir.path(), "cut.parquet", &cut[..cut.len() / 2]);
    assert!(long(&path, "").is_err());
}

fn batch(from: u32) -> Vec<ResultColumn> {
    let values = Arc::new(vec![
        "=1+1".to_owned(),
        "a,\"b\"".to_owned(),
        "0101".to_owned(),
    ]);
    vec![
        ResultColumn::Text {
            values,
            numbers: vec![0, MISSING, 1, 2],
        },
        ResultColumn::Number(vec![0.1, f64::NAN, -0.0, 1e300]),
        ResultColumn::Count(vec![from, 0, 1_000_000, u32::MAX]),
        ResultColumn::Flag(vec![true, false, true, false]),
    ]
}

const KINDS: [(&str, ResultKind); 4] = [
    ("text", ResultKind::Text),
    ("number", ResultKind::Number),
    ("count", ResultKind::Count),
    ("flag", ResultKind::Flag),
];

fn kinds() -> Vec<(String, ResultKind)> {
    KINDS.map(|(name, kind)| (name.to_owned(), kind)).into()
}

#[test]
fn results_leave_as_safe_text_or_as_parquet() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("r.csv");
    let mut writer = ColumnsWriter::create(&path, &kinds()).unwrap();
    writer.write(batch(7)).unwrap();
    writer.write(batch(8)).unwrap();
    assert!(!path.exists(), "no name before it is whole");
    let (rows, hash) = writer.finish().unwrap();
    let text = std::fs::read_to_string(&path).unwrap();
    let one = "'=1+1,0.1,7,true\r\n,,0,false\r\n\"a,\"\"b\"\"\",0,1000000,true\r\n0101,1e+300,4294967295,false\r\n";
    assert_eq!(
        text,
        format!(
            "text,number,count,flag\r\n{one}{}",
            one.replace(",7,", ",8,")
        )
    );
    assert_eq!(
        (rows, hash),
        (8, blake3::hash(text.as_bytes()).to_hex().to_string())
    );

    let path = dir.path().join("r.parquet");
    let columns = kinds()
        .into_iter()
        .map(|(name, _)| name)
        .zip(batch(7))
        .collect();
    write_columns(&path, columns).unwrap();
    let (raw, _) = evidence::read_raw(&path, &ReadOptions::default()).unwrap();
    assert_eq!(raw.columns, ["text", "number", "count", "flag"]);
    let cells: Vec<Vec<&str>> = raw
        .rows
        .iter()
        .map(|r| (0..4).map(|c| r.raw(c)).collect())
        .collect();
    assert_eq!(cells[0], ["=1+1", "0.1", "7", "true"]);
    assert_eq!(cells[1], ["", "", "0", "false"]);
    assert_eq!(cells[3][2..], ["4294967295", "false"]);

    let mut writer = ColumnsWriter::create(&path, &kinds()).unwrap();
    assert!(writer.write(batch(7)[..3].to_vec()).is_err());
    let mut uneven = batch(7);
    uneven[1] = ResultColumn::Number(vec![1.0]);
    assert!(writer.write(uneven).is_err());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn numbers_survive_both_forms(numbers in proptest::collection::vec(any::<f64>().prop_filter("finite", |x| x.is_finite()), 1..50)) {
        let dir = tempfile::tempdir().unwrap();
        for name in ["r.csv", "r.parquet"] {
            let values: Vec<f64> = numbers.iter().map(|x| x.abs()).collect();
            let all = Arc::new(vec!["A".to_owned()]);
            let code = || ResultColumn::Text { values: Arc::clone(&all), numbers: vec![0; values.len()] };
            let path = dir.path().join(name);
            let columns = vec![
                ("location".to_owned(), code()),
                ("activity".to_owned(), code()),
                ("value".to_owned(), ResultColumn::Number(values.clone())),
            ];
            write_columns(&path, columns).unwrap();
            let table = long(&path, "").unwrap();
            prop_assert_eq!(table.value, values, "{}", name);
        }
    }
}
