//! `calc select` through the program: the published antidepressants study, ranges, statements, votes, a composite.

use std::fs;
use std::path::Path;
use std::process::Output;

use serde_json::Value;

use crate::program::{forelay, records};

fn select(folder: &Path, args: &[(&str, &str)], more: &[&str]) -> Output {
    let mut command = forelay();
    command.args(["calc", "select"]);
    for (name, file) in args {
        command.arg(name).arg(folder.join(file));
    }
    command
        .args(more)
        .arg("--out")
        .arg(folder.join("out"))
        .output()
        .unwrap()
}

fn report(folder: &Path) -> Value {
    serde_json::from_str(&fs::read_to_string(folder.join("out/report.json")).unwrap()).unwrap()
}

fn table(folder: &Path, name: &str) -> Vec<std::collections::BTreeMap<String, String>> {
    records(&folder.join("out").join(name))
}

fn number(cell: &str) -> f64 {
    cell.parse().unwrap()
}

fn good(output: &Output) {
    let code = output.status.code();
    assert!(
        code == Some(0) || code == Some(1),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

fn said(output: &Output) -> String {
    assert_eq!(output.status.code(), Some(2));
    String::from_utf8_lossy(&output.stderr).into_owned()
}

const RANGES: &str = "alternative,criterion,value,low,high\n\
    chips,need,90,80,95\nchips,price,30,20,40\nchips,base,0.4,0.3,0.5\n\
    drugs,need,70,60,85\ndrugs,price,20,15,30\ndrugs,base,0.6,0.5,0.8\n\
    fusion,need,60,30,90\nfusion,price,60,40,80\nfusion,base,0.2,0.1,0.3\n\
    rail,need,40,35,45\nrail,price,10,8,12\nrail,base,0.9,0.8,0.95\n";

#[test]
fn ranges_with_everything_beside() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    fs::write(folder.join("r.csv"), RANGES).unwrap();
    fs::write(
        folder.join("p.toml"),
        "[sense]\nprice = \"cost\"\n[weights]\nbase = { low = 0.1, high = 0.6 }\n\
         [[statement]]\nmore = \"need\"\nthan = \"price\"\n\
         [preference.need]\nshape = \"linear\"\nq = 5.0\np = 30.0\n\
         [[limits.group]]\nmembers = [\"rail\", \"drugs\"]\nmost = 1\n",
    )
    .unwrap();
    let files = [("--ranges", "r.csv"), ("--preferences", "p.toml")];
    let more = [
        "--top",
        "2",
        "--draws",
        "3000",
        "--compare",
        "topsis,promethee",
        "--sobol",
        "256",
    ];
    let first = select(folder, &files, &more);
    good(&first);
    let rows = table(folder, "acceptability.csv");
    assert_eq!(rows.len(), 4);
    assert!(
        !rows[0].contains_key("score"),
        "no total score unless asked"
    );
    for row in &rows {
        let sum: f64 = (1..=4).map(|r| number(&row[&format!("rank_{r}")])).sum();
        assert!((sum - 1.0).abs() < 1e-9);
        let two = number(&row["rank_1"]) + number(&row["rank_2"]);
        assert!((two - number(&row["top"])).abs() < 1e-9);
        assert!(number(&row["top_low"]) <= number(&row["top"]));
    }
    let sets = table(folder, "sets.csv");
    assert!(
        sets.iter()
            .all(|s| !(s["set"].contains("rail") && s["set"].contains("drugs")))
    );
    let all: f64 = sets.iter().map(|s| number(&s["acceptability"])).sum();
    assert!((all - 1.0).abs() < 1e-9);
    let central = table(folder, "central_weights.csv");
    let of = |a: &str, c: &str| {
        let row = central
            .iter()
            .find(|r| r["alternative"] == a && r["criterion"] == c)
            .unwrap();
        number(&row["weight"])
    };
    assert!(of("chips", "need") > of("chips", "price"));
    let net: f64 = table(folder, "compare.csv")
        .iter()
        .map(|r| number(&r["promethee_net"]))
        .sum();
    assert!(net.abs() < 1e-9);
    let inputs = table(folder, "sobol.csv");
    assert!(
        inputs
            .iter()
            .any(|r| r["target"] == "membership" && r["input"] == "weights")
    );
    let before = fs::read(folder.join("out/report.json")).unwrap();
    // Rows in another order, another thread count: the same files.
    let mut lines: Vec<&str> = RANGES.lines().skip(1).collect();
    lines.reverse();
    let heading = RANGES.lines().next().unwrap();
    fs::write(
        folder.join("r.csv"),
        format!("{heading}\n{}\n", lines.join("\n")),
    )
    .unwrap();
    let acceptability = fs::read(folder.join("out/acceptability.csv")).unwrap();
    good(&select(folder, &files, &more));
    assert_eq!(
        acceptability,
        fs::read(folder.join("out/acceptability.csv")).unwrap()
    );
    let after: Value = serde_json::from_slice(&before).unwrap();
    assert_eq!(after["chosen_set"], report(folder)["chosen_set"]);
    good(&select(
        folder,
        &files,
        &["--top", "1", "--score", "--draws", "500"],
    ));
    assert!(table(folder, "acceptability.csv")[0].contains_key("score"));
}

#[test]
fn contradictions_and_bad_files_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    fs::write(folder.join("r.csv"), RANGES).unwrap();
    let circle = "[[statement]]\nmore = \"need\"\nthan = \"price\"\n\
        [[statement]]\nmore = \"price\"\nthan = \"base\"\n\
        [[statement]]\nmore = \"base\"\nthan = \"need\"\n\
        [[statement]]\nweight = \"need\"\nat_most = 0.9\n";
    fs::write(folder.join("p.toml"), circle).unwrap();
    let files = [("--ranges", "r.csv"), ("--preferences", "p.toml")];
    let words = said(&select(folder, &files, &[]));
    assert!(words.contains("need matters more than price"), "{words}");
    assert!(
        words.contains("3 statements") && !words.contains("0.9"),
        "{words}"
    );
    assert!(!folder.join("out").exists());
    fs::write(folder.join("p.toml"), "[sense]\nprise = \"cost\"\n").unwrap();
    assert!(said(&select(folder, &files, &[])).contains("prise"));
    fs::write(folder.join("p.toml"), "[[statement]]\nmore = \"need\"\n").unwrap();
    assert!(said(&select(folder, &files, &[])).contains("more with than"));
    fs::write(
        folder.join("r.csv"),
        "alternative,criterion,value\na,x,1\na,x,2\n",
    )
    .unwrap();
    let words = said(&select(folder, &[("--ranges", "r.csv")], &[]));
    assert!(words.contains("r.csv:3"), "{words}");
    fs::write(
        folder.join("s.csv"),
        "sample,alternative,criterion,value\n1,a,x,1\n1,b,x,2\n2,a,x,1\n",
    )
    .unwrap();
    let words = said(&select(folder, &[("--samples", "s.csv")], &[]));
    assert!(words.contains("sample `2` has no value for `b`"), "{words}");
    let words = said(&select(folder, &[], &[]));
    assert!(words.contains("--samples"), "{words}");
}

#[test]
fn votes_show_spread_and_dissent() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let mut text = "expert_id,alternative_id,criterion,date,value,reason,dissent\n".to_owned();
    for (expert, values) in [
        ("e1", [0.9, 0.5, 0.1]),
        ("e2", [0.8, 0.6, 0.2]),
        ("e3", [0.1, 0.5, 0.9]),
    ] {
        for (k, value) in values.iter().enumerate() {
            let dissent = if expert == "e3" {
                "the others forget cost"
            } else {
                ""
            };
            text +=
                &format!("{expert},a{k},needs,2026-03-01,{value},seen in the field,{dissent}\n");
        }
    }
    fs::write(folder.join("v.csv"), &text).unwrap();
    good(&select(
        folder,
        &[("--votes", "v.csv")],
        &["--draws", "900"],
    ));
    let rows = table(folder, "votes.csv");
    assert_eq!(rows[0]["median"], "0.8");
    assert_eq!(
        (&rows[0]["lowest"][..], &rows[0]["highest"][..]),
        ("0.1", "0.9")
    );
    assert_eq!(table(folder, "dissent.csv").len(), 3);
    // One voice a draw: a0 is first in about two thirds, a2 in one third, a1, the mean of all, never.
    let top: std::collections::BTreeMap<String, f64> = table(folder, "acceptability.csv")
        .iter()
        .map(|r| (r["alternative"].clone(), number(&r["top"])))
        .collect();
    assert!(
        (top["a0"] - 2.0 / 3.0).abs() < 0.06 && top["a1"] == 0.0,
        "{top:?}"
    );
    // Rank sums 7, 6, 5 (3+3+1, 2·3, 1+1+3): S = 2, W = 12·2/(9·24) = 1/9.
    let w = report(folder)["votes"]["agreement"][0]["kendall_w"]
        .as_f64()
        .unwrap();
    assert!((w - 1.0 / 9.0).abs() < 1e-12);
    fs::write(folder.join("v.csv"), text.replace("seen in the field", "")).unwrap();
    assert!(said(&select(folder, &[("--votes", "v.csv")], &[])).contains("reason"));
}

#[test]
fn a_composite_with_its_choices() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let mut text = "alternative,criterion,value,low,high\n".to_owned();
    for i in 0..12 {
        let (x, y, size) = (f64::from(i), f64::from((i * 5) % 12), f64::from(1 + i % 3));
        text += &format!(
            "u{i:02},x,{},,\nu{i:02},y,{y},{},{}\nu{i:02},size,{size},,\n",
            x * size,
            y - 0.5,
            y + 0.5
        );
    }
    fs::write(folder.join("r.csv"), text).unwrap();
    fs::write(
        folder.join("m.toml"),
        "[method.normalisation]\nkind = \"min_max\"\n\
         [choices]\nweight_spread = 0.25\naggregations = [\"arithmetic\", \"geometric\"]\nleave_out = \"one_indicator\"\n\
         [denominator]\nx = \"size\"\n\
         [[element]]\ncode = \"x\"\nparent = \"index\"\n[[element]]\ncode = \"y\"\nparent = \"index\"\n[[element]]\ncode = \"index\"\n",
    )
    .unwrap();
    let files = [("--ranges", "r.csv"), ("--composite", "m.toml")];
    good(&select(
        folder,
        &files,
        &["--top", "3", "--draws", "200", "--sobol", "64"],
    ));
    let rows = table(folder, "composite.csv");
    assert_eq!(rows.len(), 12);
    // x/size = i and y are both scaled by 11: the best of i + 5i mod 12 is 7 + 11 = 18 (i = 7).
    let best = rows.iter().find(|r| number(&r["rank"]) == 1.0).unwrap();
    let sum = |i: i32| i + (i * 5) % 12;
    let expected = (0..12).max_by_key(|i| sum(*i)).unwrap();
    assert_eq!(
        sum(expected),
        sum(best["alternative"][1..].parse().unwrap())
    );
    for name in [
        "scores.csv",
        "importance.csv",
        "drop_one.csv",
        "reversals.csv",
        "sobol.csv",
    ] {
        assert!(folder.join("out").join(name).is_file(), "{name}");
    }
    assert!(!table(folder, "scores.csv")[0].contains_key("index"));
}
