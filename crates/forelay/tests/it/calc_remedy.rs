//! `calc chokepoints` and `calc remedy` through the program.

use std::fs;
use std::path::Path;
use std::process::Output;

use serde_json::Value;

use crate::program::forelay;

/// ore -> part -> car; ore from two firms of K and one of L, parts from M and N.
fn files(folder: &Path) {
    let write = |name: &str, text: &str| fs::write(folder.join(name), text).unwrap();
    write(
        "nodes.csv",
        "node,essential,stage\nore,yes,material\npart,yes,component\ncar,yes,product\n",
    );
    write(
        "links.csv",
        "from,to,relation\nore,part,material_for\npart,car,input_to\n",
    );
    write(
        "supply.csv",
        "node,provider,share,low,high,country\n\
         ore,alpha,0.4,,,K\nore,beta,0.3,,,K\nore,gamma,0.3,,,L\n\
         part,M,0.45,0.4,0.55,\npart,N,0.2,,,\npart,delta,,,,L\n",
    );
    write(
        "stocks.csv",
        "node,weeks,low,high\nore,3,2,4\npart,2,2,2\ncar,1,1,1\n",
    );
    write(
        "recovery.csv",
        "name,weeks,low,high\nK,10,8,12\nore,5,5,5\n",
    );
}

fn calc(method: &str, folder: &Path, more: &[&str], out: &str) -> Output {
    let file = |name: &str| folder.join(name);
    forelay()
        .args(["calc", method, "--nodes"])
        .arg(file("nodes.csv"))
        .arg("--links")
        .arg(file("links.csv"))
        .arg("--supply")
        .arg(file("supply.csv"))
        .args(more)
        .arg("--out")
        .arg(file(out))
        .output()
        .unwrap()
}

fn table(folder: &Path, name: &str) -> Vec<Vec<String>> {
    let text = fs::read_to_string(folder.join(name)).unwrap();
    let lines = text.lines().skip(1);
    lines
        .map(|l| l.split(',').map(str::to_owned).collect())
        .collect()
}

fn report(folder: &Path) -> Value {
    serde_json::from_str(&fs::read_to_string(folder.join("report.json")).unwrap()).unwrap()
}

#[test]
fn chokepoints_of_firms_and_countries() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    files(at);
    let stocks = at.join("stocks.csv").display().to_string();
    let recovery = at.join("recovery.csv").display().to_string();
    let more = [
        "--target",
        "car",
        "--stocks",
        &stocks,
        "--recovery",
        &recovery,
    ];
    let done = calc("chokepoints", at, &more, "k");
    assert!(
        done.status.success(),
        "{}",
        String::from_utf8_lossy(&done.stderr)
    );
    // K holds 0.7 of ore; M up to 0.55 of the parts.
    let singles = table(&at.join("k"), "single_points.csv");
    let named: Vec<[&str; 3]> = singles.iter().map(|r| [&*r[1], &*r[2], &*r[3]]).collect();
    assert_eq!(
        named,
        [
            ["node", "ore", "certain"],
            ["node", "part", "certain"],
            ["country", "K", "certain"],
            ["country", "M", "possible"],
        ]
    );
    let json = report(&at.join("k"));
    assert_eq!(json["threshold"], 0.5);
    assert_eq!(json["input"]["rows_without_share"], 1);
    assert_eq!(
        json["targets"][0]["n1"],
        serde_json::json!({"survives": 2, "undecided": 1, "stops": 1})
    );
    // Without ore: 3 + 2 + 1 weeks; low end 2 + 2 + 1. Back after 5: not exposed. K is back after 8 to 12 and loses 0.7.
    let survive = table(&at.join("k"), "survive.csv");
    let ore = survive.iter().find(|r| r[2] == "ore").unwrap();
    assert_eq!(ore[3..6], ["6", "5", "7"]);
    assert_eq!((&*ore[7], &*ore[10]), ("5", "no"));
    let k = survive.iter().find(|r| r[2] == "K").unwrap();
    let tts: f64 = k[3].parse().unwrap();
    assert!((tts - 6.0 / 0.7).abs() < 1e-9);
    assert_eq!(&*k[10], "undecided");
    assert!(
        survive
            .iter()
            .any(|r| r[2] == "L" && r[10] == "not estimated")
    );

    // Each firm by itself: none of them holds half of the ore.
    let done = calc(
        "chokepoints",
        at,
        &["--target", "car", "--by", "provider"],
        "p",
    );
    assert_eq!(
        done.status.code(),
        Some(0),
        "no stocks: how long they last was not asked"
    );
    let said = String::from_utf8_lossy(&done.stdout).into_owned();
    assert_eq!(
        said.matches("time to survive: not estimated").count(),
        1,
        "{said}"
    );
    assert!(!at.join("p/survive.csv").exists());
    let sets = table(&at.join("p"), "cut_sets.csv");
    let certain: Vec<&str> = sets
        .iter()
        .filter(|r| r[3] == "certain")
        .map(|r| &*r[2])
        .collect();
    assert_eq!(certain, ["M;N", "alpha;beta", "alpha;gamma", "beta;gamma"]);
    assert!(
        report(&at.join("p"))["survive"]
            .as_str()
            .unwrap()
            .starts_with("not estimated")
    );
    assert!(
        report(&at.join("p"))["nines"]
            .as_str()
            .unwrap()
            .starts_with("not estimated")
    );

    // Times to recover without stocks ask how long nothing lasts: that stays open, and what an earlier call wrote goes.
    let more = ["--target", "car", "--recovery", &recovery];
    let done = calc("chokepoints", at, &more, "k");
    assert_eq!(done.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&done.stderr).contains("--recovery"));
    assert!(!at.join("k/survive.csv").exists() && at.join("k/n2.csv").exists());
}

const PROBLEM: &str = r#"
cost_unit = "million EUR"
horizon_weeks = 26
default_stock_weeks = 0
draws = 10

[[target]]
node = "car"
loss_weeks = 3

[[scenario]]
id = "K stops"
[[scenario.event]]
country = "K"
node = "ore"
severity = 1.0
weeks = 10

[[stock]]
node = "ore"
cost_per_week = { low = 1.0, value = 2.0, high = 3.0 }
max_weeks = 20

[[source]]
node = "ore"
provider = "omega"
country = "O"
cost_per_share = 40
fixed_cost = 5
max_share = 0.5
"#;

#[test]
fn the_cheapest_remedy_and_its_prices() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    files(at);
    let problem = at.join("problem.toml");
    let path = problem.display().to_string();
    fs::write(&problem, PROBLEM).unwrap();
    let done = calc("remedy", at, &["--problem", &path], "r");
    assert!(
        done.status.success(),
        "{}",
        String::from_utf8_lossy(&done.stderr)
    );
    // Ten weeks at 0.7 are 7; four weeks of ore at 2 are cheaper than 5 + 40 * 4 / 7.
    let plan = table(&at.join("r"), "plan.csv");
    assert_eq!(plan.len(), 1);
    assert_eq!(plan[0][..2], ["stock", "ore"]);
    let amount: f64 = plan[0][3].parse().unwrap();
    assert!((amount - 4.0).abs() < 1e-4);
    let json = report(&at.join("r"));
    assert!((json["plan"]["cost"].as_f64().unwrap() - 8.0).abs() < 1e-3);
    assert!(json["plan"]["gap"].as_f64().unwrap() < 1e-3);
    assert_eq!(json["robustness"]["kept"], 10);
    let prices = table(&at.join("r"), "prices.csv");
    let day = prices
        .iter()
        .find(|r| r[0] == "stock_day" && r[1] == "ore")
        .unwrap();
    assert!((day[3].parse::<f64>().unwrap() - 2.0 / 7.0).abs() < 1e-6);
    let curve = table(&at.join("r"), "frontier.csv");
    let losses: Vec<f64> = curve.iter().map(|r| r[2].parse().unwrap()).collect();
    assert!(losses.windows(2).all(|w| w[1] <= w[0]) && losses[0] > 6.9 && losses[10] < 1e-3);
    let left = table(&at.join("r"), "remaining.csv");
    assert!(left[0][6].parse::<f64>().unwrap() <= 3.0 + 1e-5);

    // For a budget of 4: two weeks.
    fs::write(&problem, PROBLEM.replace("draws = 10", "budget = 4")).unwrap();
    let done = calc("remedy", at, &["--problem", &path], "b");
    assert!(done.status.success());
    assert!(
        (report(&at.join("b"))["plan"]["largest_loss_weeks"]
            .as_f64()
            .unwrap()
            - 5.0)
            .abs()
            < 1e-4
    );

    // Too little on offer: said, with what can be reached.
    let little = PROBLEM
        .replace("max_weeks = 20", "max_weeks = 1")
        .replace("max_share = 0.5", "max_share = 0.1");
    fs::write(&problem, little).unwrap();
    let done = calc("remedy", at, &["--problem", &path], "u");
    assert_eq!(done.status.code(), Some(1));
    let said = String::from_utf8_lossy(&done.stderr).into_owned();
    assert!(
        said.contains("car") && said.contains("K stops") && said.contains("5.300"),
        "{said}"
    );

    // A misspelt key has its line.
    fs::write(&problem, PROBLEM.replace("horizon_weeks", "horizon_week")).unwrap();
    let done = calc("remedy", at, &["--problem", &path], "x");
    assert_eq!(done.status.code(), Some(2));
}

/// The stop of K, and a stop of M that takes parts.
const TOGETHER: &str = r#"
cost_unit = "million EUR"
horizon_weeks = 26
default_stock_weeks = 0
frontier_points = 4

[[target]]
node = "car"
loss_weeks = 3
worst_week = 0.5

[[scenario]]
id = "K stops"
probability = 0.2
[[scenario.event]]
country = "K"
node = "ore"
severity = 1.0
weeks = 10

[[scenario]]
id = "M stops"
probability = 0.1
[[scenario.event]]
country = "M"
node = "part"
severity = 1.0
weeks = 8

[[stock]]
node = "ore"
cost_per_week = 2
max_weeks = 20

[[stock]]
node = "part"
cost_per_week = 5
max_weeks = 20
"#;

#[test]
fn one_plan_for_two_scenarios_with_both_bounds() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    files(at);
    let problem = at.join("problem.toml");
    let path = problem.display().to_string();
    let run = |text: &str, out: &str| {
        fs::write(&problem, text).unwrap();
        let done = calc("remedy", at, &["--problem", &path], out);
        let said = String::from_utf8_lossy(&done.stderr).into_owned();
        (done.status.code(), said)
    };
    let (code, said) = run(TOGETHER, "t");
    assert_eq!(code, Some(0), "{said}");
    // K takes 0.7 of ore for ten weeks: 3 weeks at most lost, and no week more than 0.5: 7 - 0.5 = 6.5 weeks of ore or of parts.
    // M takes up to 0.55 of the parts for eight: at worst 4.4, so 4.4 - 0.5 = 3.9 weeks of parts, which help against K too: the rest
    // of the 6.5 is ore. 3.9 * 5 + 2.6 * 2 = 24.7.
    let json = report(&at.join("t"));
    assert!(
        (json["plan"]["cost"].as_f64().unwrap() - 24.7).abs() < 1e-4,
        "{}",
        json["plan"]
    );
    assert_eq!(json["plan"]["proof"], "solved");
    assert!(json["plan"]["gap"].as_f64().unwrap() < 1e-5);
    let left = table(&at.join("t"), "remaining.csv");
    assert_eq!(left.len(), 2);
    for row in &left {
        let number = |i: usize| row[i].parse::<f64>().unwrap();
        assert!(
            number(6) <= number(2) + 1e-5 && number(11) <= number(7) + 1e-5,
            "{row:?}"
        );
    }
    let costs = table(&at.join("t"), "costs.csv");
    assert_eq!(costs.len(), 8);
    let spent: Vec<f64> = costs.iter().map(|r| r[4].parse().unwrap()).collect();
    assert!(spent.windows(2).all(|w| w[1] <= w[0]) && spent[7] == 0.0 && spent[0] > 24.7);
    assert!(
        !at.join("t/frontier.csv").exists(),
        "two kinds of bounds have no one loss"
    );

    // The average of the worst fifth: all of M's 4.4 and half of K's 7 - x; (4.4 + 7 - x) / 2 = 3 asks for 5.4 weeks of ore.
    let cvar = TOGETHER
        .replace("worst_week = 0.5\n", "")
        .replace("cost_unit", "risk = \"cvar\"\nalpha = 0.8\ncost_unit");
    let (code, said) = run(&cvar, "c");
    assert_eq!(code, Some(0), "{said}");
    let json = report(&at.join("c"));
    assert!(
        (json["plan"]["cost"].as_f64().unwrap() - 10.8).abs() < 1e-4,
        "{}",
        json["plan"]
    );
    let bought = json["files"].as_array().unwrap();
    assert!(bought.iter().any(|f| f == "frontier.csv") && bought.iter().any(|f| f == "costs.csv"));

    // What a target may lose has to be said, once for each scenario.
    let (code, said) = run(
        &TOGETHER.replace("loss_weeks = 3\nworst_week = 0.5\n", ""),
        "x",
    );
    assert!(
        code == Some(2) && said.contains("car") && said.contains("worst_week"),
        "{said}"
    );
    let (code, said) = run(&TOGETHER.replace("M stops", "K stops"), "x");
    assert!(code == Some(2) && said.contains("same id"), "{said}");
    let (code, said) = run(
        &TOGETHER.replace("worst_week = 0.5", "worst_week = 1.5"),
        "x",
    );
    assert!(code == Some(2) && said.contains("0..1"), "{said}");
    assert!(
        !at.join("x").exists(),
        "nothing is written for a wrong question"
    );
}
