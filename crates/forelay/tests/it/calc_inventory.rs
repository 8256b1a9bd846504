//! `calc inventory` through the binary.

use std::fs;
use std::path::Path;
use std::process::Output;

use serde_json::Value;

use crate::program::forelay;

/// Two regions, two sectors; balanced by construction, since output is the row sum.
fn table(folder: &Path) {
    fs::write(
        folder.join("Z.csv"),
        "id,A_chips,A_cars,B_chips,B_cars\n\
         A_chips,10,200,5,150\n\
         A_cars,2,30,1,20\n\
         B_chips,4,10,8,60\n\
         B_cars,1,15,3,40\n",
    )
    .unwrap();
    fs::write(
        folder.join("Y.csv"),
        "id,A_home,B_home\nA_chips,20,30\nA_cars,500,200\nB_chips,40,10\nB_cars,100,600\n",
    )
    .unwrap();
}

fn calc(folder: &Path, scenario: &str, more: &[&str]) -> Output {
    let file = folder.join("s.toml");
    fs::write(&file, scenario).unwrap();
    forelay()
        .args(["calc", "inventory"])
        .arg(folder)
        .arg("--scenario")
        .arg(&file)
        .args(more)
        .arg("--out")
        .arg(folder.join("out"))
        .output()
        .unwrap()
}

fn errors(done: &Output) -> String {
    String::from_utf8_lossy(&done.stderr).into_owned()
}

fn rows(folder: &Path, name: &str) -> Vec<Vec<String>> {
    let text = fs::read_to_string(folder.join("out").join(name)).unwrap();
    text.lines()
        .map(|line| line.split(',').map(str::to_owned).collect())
        .collect()
}

fn report(folder: &Path) -> Value {
    serde_json::from_str(&fs::read_to_string(folder.join("out/report.json")).unwrap()).unwrap()
}

const CUT: &str = "horizon = 60\n\
                   [parameters]\nmain_inv_dur = 10\ninventory_restoration_tau = 20\n\
                   [[event]]\nkind = \"arbitrary\"\nimpact = [{ region = \"A\", sector = \"chips\", value = 0.8 }]\n\
                   occurrence = 5\nduration = 20\nrecovery_tau = 10\n";

#[test]
fn a_cut_in_one_country_costs_more_with_stocks_by_supplier() {
    let folder = tempfile::tempdir().unwrap();
    table(folder.path());
    let done = calc(folder.path(), CUT, &["--parity", "boario"]);
    assert!(done.status.success(), "{}", errors(&done));
    let production = rows(folder.path(), "production.csv");
    assert_eq!(
        production[0],
        ["day", "A_chips", "A_cars", "B_chips", "B_cars"]
    );
    assert_eq!(production.len(), 61);
    let made = |day: usize, at: usize| production[day + 1][at].parse::<f64>().unwrap();
    // The peer's model: a cut of 0.8 on day 5 reaches production on day 6.
    assert!((made(5, 1) / made(0, 1) - 1.0).abs() < 1e-3);
    assert!((made(6, 1) / made(0, 1) - 0.2).abs() < 1e-3);
    let pooled = report(folder.path())["lost_output"].as_f64().unwrap();

    let done = calc(folder.path(), CUT, &[]);
    assert!(done.status.success(), "{}", errors(&done));
    let by_supplier = report(folder.path());
    assert!(by_supplier["lost_output"].as_f64().unwrap() > pooled);
    let loss = rows(folder.path(), "loss.csv");
    assert_eq!(loss[0][..3], ["industry", "loss", "loss_share"]);
    let cars = loss.iter().find(|row| row[0] == "B_cars").unwrap();
    assert_eq!(cars.last().unwrap(), "A_chips");
}

#[test]
fn draws_and_bounds_lie_round_the_course_and_repeat() {
    let folder = tempfile::tempdir().unwrap();
    table(folder.path());
    let scenario = format!(
        "{CUT}[options]\nbounds = true\n[ranges]\nmain_inv_dur = [5, 20]\nseverity = [0.5, 1.25]\n"
    );
    let done = calc(folder.path(), &scenario, &["--draws", "50", "--seed", "3"]);
    assert!(done.status.success(), "{}", errors(&done));
    let first = report(folder.path());
    let drawn: Vec<f64> = first["draws"]["lost_output"]
        .as_array()
        .unwrap()
        .iter()
        .map(|v| v.as_f64().unwrap())
        .collect();
    assert!(drawn[0] < drawn[1] && drawn[1] < drawn[2]);
    let unmet = first["unmet_final_demand"].as_f64().unwrap();
    assert!(first["bounds"]["best"].as_f64().unwrap() <= unmet);
    assert!(unmet <= first["bounds"]["worst"].as_f64().unwrap());
    calc(folder.path(), &scenario, &["--draws", "50", "--seed", "3"]);
    assert_eq!(first, report(folder.path()));
}

#[test]
fn faults_name_the_key_and_the_remedy() {
    let folder = tempfile::tempdir().unwrap();
    table(folder.path());
    let mut faults = Vec::new();
    for (from, to, wanted) in [
        (
            "main_inv_dur",
            "main_inv_days",
            ["main_inv_days", "main_inv_dur"],
        ),
        (
            "\"chips\"",
            "\"chip\"",
            ["no sector `chip`", "did you mean `chips`"],
        ),
        ("value = 0.8", "value = 1.8", ["impact", "at most 1"]),
        (
            "duration = 20",
            "duration = 90",
            ["duration", "1 to 55 days"],
        ),
        (
            "kind = \"arbitrary\"",
            "kind = \"rebuild\"",
            ["rebuilding_sectors", "shares that sum to 1"],
        ),
    ] {
        let done = calc(folder.path(), &CUT.replace(from, to), &[]);
        assert!(!done.status.success());
        let said = errors(&done);
        if !wanted.iter().all(|text| said.contains(text)) {
            faults.push(format!("{wanted:?} not in: {said}"));
        }
    }
    let done = calc(
        folder.path(),
        &format!("{CUT}[options]\nbounds = true\n"),
        &["--parity", "boario"],
    );
    assert!(
        errors(&done).contains("leave out --parity"),
        "{}",
        errors(&done)
    );
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
