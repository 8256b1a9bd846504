//! Times the bulk import and the columns back, for benches/import.sh.
//!
//! `import_speed import IN… OUT.parquet`, `import_speed read TABLE.parquet`, `import_speed long FILE COLUMNS`,
//! `import_speed write ROWS OUT` (eight columns).
#![allow(clippy::print_stdout, clippy::unwrap_used)]

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use evidence::ReadOptions;
use evidence::bulk::{
    ColumnsWriter, Duplicates, Filter, Gaps, ImportParams, ResultColumn, ResultKind, import,
    read_long, read_trade,
};

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let paths = || arguments[1..].iter().map(PathBuf::from).collect::<Vec<_>>();
    let start = Instant::now();
    let rows = match arguments[0].as_str() {
        "import" => {
            let paths = paths();
            let (out, inputs) = paths.split_last().unwrap();
            // The generated file repeats keys; adding them is timed on its own (`import_sum`).
            let params = ImportParams {
                source: "generated".to_owned(),
                duplicates: Duplicates::Refuse,
                ..ImportParams::default()
            };
            import(inputs, out, &params, &mut |_| ()).unwrap().rows
        }
        "import_sum" => {
            let paths = paths();
            let (out, inputs) = paths.split_last().unwrap();
            let params = ImportParams {
                duplicates: Duplicates::Sum,
                ..ImportParams::default()
            };
            import(inputs, out, &params, &mut |_| ()).unwrap().rows
        }
        "read" => read_trade(&paths()[0], &Filter::default())
            .unwrap()
            .value
            .len() as u64,
        "long" => {
            let columns = arguments[2].parse().unwrap();
            let read = read_long(&paths()[0], &columns, Gaps::Refuse, &ReadOptions::default());
            read.unwrap().0.value.len() as u64
        }
        "write" => write(arguments[1].parse().unwrap(), &PathBuf::from(&arguments[2])),
        other => panic!("unknown task {other}"),
    };
    println!("{rows} rows in {:.2} s", start.elapsed().as_secs_f64());
}

/// Twenty batches, as a panel of twenty years gives them.
fn write(rows: usize, out: &std::path::Path) -> u64 {
    let kinds = [
        ("location", ResultKind::Text),
        ("activity", ResultKind::Text),
        ("rca", ResultKind::Number),
        ("density", ResultKind::Number),
        ("low", ResultKind::Number),
        ("high", ResultKind::Number),
        ("rank", ResultKind::Count),
        ("present", ResultKind::Flag),
    ];
    let kinds = kinds.map(|(name, kind)| (name.to_owned(), kind));
    let locations = Arc::new((0..226).map(|n| format!("L{n:03}")).collect::<Vec<_>>());
    let activities = Arc::new((0..5000).map(|n| format!("{n:06}")).collect::<Vec<_>>());
    let mut writer = ColumnsWriter::create(out, &kinds).unwrap();
    for year in 0..20_u32 {
        let rows = (rows / 20) as u32;
        // A cheap scramble that uses all bits of the fraction.
        let number = |salt: u32| {
            let x = |row: u32| f64::from((row ^ salt).wrapping_mul(2_654_435_761)) / 3.1e9;
            ResultColumn::Number((0..rows).map(|row| x(row + year)).collect())
        };
        let text = |values: &Arc<Vec<String>>, each: u32| ResultColumn::Text {
            values: Arc::clone(values),
            numbers: (0..rows)
                .map(|row| row / each % values.len() as u32)
                .collect(),
        };
        writer
            .write(vec![
                text(&locations, 5000),
                text(&activities, 1),
                number(1),
                number(2),
                number(3),
                number(4),
                ResultColumn::Count((0..rows).collect()),
                ResultColumn::Flag((0..rows).map(|row| row % 3 == 0).collect()),
            ])
            .unwrap();
    }
    writer.finish().unwrap().0
}
