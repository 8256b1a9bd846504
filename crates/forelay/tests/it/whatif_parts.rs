//! The input–output and firm parts of `forelay shock` and `calc shock`, in whole runs: by hand, against `calc io`,
//! `calc inventory` and `calc cascade`, and what each refuses.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::answered::{close, codes, ends, part, plain, row, said, scenario};
use crate::io_runs;
use crate::program::{call, example, forelay, io_table, json, shrink};
use crate::whatif_trade::{COLUMNS, TRADE};

/// Japanese chips go into cars everywhere; output is the row sum.
fn table(folder: &Path) -> PathBuf {
    io_table(
        folder,
        "id,JPN_chips,JPN_cars,CHN_chips,CHN_cars\nJPN_chips,10,200,5,150\nJPN_cars,2,30,1,20\n\
         CHN_chips,4,10,8,60\nCHN_cars,1,15,3,40\n",
        "id,JPN_home,CHN_home\nJPN_chips,20,30\nJPN_cars,500,200\nCHN_chips,40,10\nCHN_cars,100,600\n",
    )
}

fn with_table(folder: &Path) -> PathBuf {
    let study = folder.join("study");
    shrink(&study);
    let table = table(folder);
    let arguments = [
        "add",
        table.to_str().unwrap(),
        "--as",
        "io",
        "--year",
        "2021",
    ];
    let source = ["--source", "forelay_editors"];
    let added = call(&study, &[&arguments[..], &source[..]].concat());
    assert!(added.status.success(), "{}", said(&added));
    study
}

#[test]
fn industries_by_extraction_and_with_stocks_in_a_study_and_on_files() {
    let folder = example();
    let study = with_table(folder.path());
    let table = folder.path().join("table_2021");
    let ask = |severity: &str, more: &[&str]| {
        let question = [
            "shock",
            "--stop",
            "JPN",
            "--industry",
            "chips",
            "--weeks",
            "4",
        ];
        let all = [
            "--horizon",
            "8",
            "--stock",
            "1..2..3",
            "--draws",
            "40",
            "--severity",
            severity,
        ];
        json(&study, &[&question[..], &all[..], more].concat(), 0)
    };
    let whole = ask("1", &[]);
    let found = part(&whole, "whatif.io");
    assert_eq!(codes(part(&whole, "whatif.chain")), ["whatif.no_good"]);
    // Over a year: the high end is the extraction of `calc io`, the low end the industry's own output.
    let out = folder.path().join("io");
    io_runs::done(&table, &["--set", "JPN_chips"], &out);
    for set in io_runs::rows(&out.join("set.csv")) {
        let (region, industry) = set[0].split_once('_').unwrap();
        let lost = row(found, "whatif.industries", &format!("{region}/{industry}"));
        let wanted: f64 = set[1].parse().unwrap();
        let [low, _, high] = ends(lost, "loss_io");
        assert!((high - wanted).abs() < 1e-9 * wanted, "{set:?}: {high}");
        let own = set[0] == "JPN_chips";
        assert!(if own {
            (low - high).abs() < 1e-9 * high
        } else {
            low == 0.0
        });
    }
    // Week by week: the centre is half-way between the two courses of `calc inventory` with the same numbers.
    let chips = row(found, "chain.inventory", "industry/JPN/chips");
    close(ends(chips, "peak"), [1.0; 3]);
    assert_eq!(chips["first_week_worst"], 1);
    let days = |stocks: &str, orders: &str| {
        let question = folder.path().join(format!("{stocks}.toml"));
        let text = format!(
            "horizon = 57\n[parameters]\nmain_inv_dur = 14\norder_type = \"{orders}\"\n[options]\nstocks = \"{stocks}\"\n\
             [[event]]\nkind = \"stop\"\nimpact = [{{ region = \"JPN\", sector = \"chips\", value = 1.0 }}]\n\
             occurrence = 1\nduration = 28\n"
        );
        fs::write(&question, text).unwrap();
        let out = folder.path().join(stocks);
        let done = forelay()
            .args(["calc", "inventory"])
            .arg(&table)
            .arg("--scenario")
            .arg(&question)
            .arg("--out")
            .arg(&out)
            .output()
            .unwrap();
        assert!(done.status.success(), "{}", said(&done));
        io_runs::rows(&out.join("production.csv"))
    };
    let courses = [days("region", "noalt"), days("product", "alt")];
    for (column, industry) in [(2, "JPN/cars"), (4, "CHN/cars")] {
        for week in 1..=8 {
            let lost = |made: &[Vec<String>]| {
                let at = |day: usize| made[day][column].parse::<f64>().unwrap();
                let lost: f64 = (0..7)
                    .map(|d| (at(0) - at(7 * week - 6 + d)).max(0.0))
                    .sum();
                lost / (7.0 * at(0))
            };
            let wanted = f64::midpoint(lost(&courses[0]), lost(&courses[1]));
            let key = format!("industry/{industry}/{week}");
            let [_, value, _] = ends(row(found, "chain.inventory_weeks", &key), "at_risk");
            assert!(
                (value - wanted).abs() < 1e-9,
                "{key}: {value}, not {wanted}"
            );
        }
    }
    let cars = part(&whole, "whatif.io")["tables"]["chain.inventory_binding"]
        .as_array()
        .unwrap();
    assert!(
        cars.iter()
            .any(|b| b["hit"] == "CHN cars" && b["binds"] == "JPN chips"),
        "{cars:?}"
    );
    // Nothing stops, nothing is lost; more stops, no less is lost; drawn inside the bounds.
    let none = ask("0", &[]);
    let none = part(&none, "whatif.io");
    for row in none["tables"]["chain.inventory"].as_array().unwrap() {
        assert!(ends(row, "peak")[1] < 1e-9, "{row}");
    }
    assert!(
        none["tables"]["whatif.industries"]
            .as_array()
            .unwrap()
            .is_empty()
    );
    let half = ask("0.5", &[]);
    for key in ["/all", "/demand", "region/CHN", "industry/CHN/cars"] {
        let of = |answer: &Value| {
            ends(
                row(part(answer, "whatif.io"), "chain.inventory", key),
                "cumulative",
            )
        };
        let (small, large) = (of(&half), of(&whole));
        assert!(
            small[0] <= large[0] + 1e-9 && small[2] <= large[2] + 1e-9,
            "{key}: {small:?} {large:?}"
        );
        let row = row(found, "chain.inventory", key);
        let (peak, drawn) = (ends(row, "peak"), ends(row, "peak_drawn"));
        assert!(
            peak[0] <= drawn[0] + 1e-9 && drawn[2] <= peak[2] + 1e-9,
            "{row}"
        );
    }
    let given = found["tables"]["chain.inventory_assumptions"]
        .as_array()
        .unwrap();
    let stock = given
        .iter()
        .find(|g| g["assumption"] == "inventory.stock_days")
        .unwrap();
    close(ends(stock, "assumed"), [7.0, 14.0, 21.0]);
    // One buyer: the others keep their chips.
    let buyer = ask("1", &["--buyer", "CHN"]);
    let lost = |answer: &Value, region: &str| {
        ends(
            row(part(answer, "whatif.io"), "chain.inventory", region),
            "cumulative",
        )[1]
    };
    assert!(lost(&buyer, "region/JPN") < lost(&whole, "region/JPN"));
    assert!(lost(&buyer, "region/CHN") > 0.1);
    // The same question on the files themselves.
    let event = "country = \"JPN\"\nindustry = \"chips\"";
    let plain_answer = plain(
        folder.path(),
        &scenario(event, "1", ""),
        &["--io", table.to_str().unwrap()],
        "plain",
    )
    .unwrap();
    let same = part(&plain_answer, "whatif.io");
    for key in ["/all", "industry/CHN/cars"] {
        let of = |part: &Value| ends(row(part, "chain.inventory", key), "cumulative");
        close(of(same), of(found));
    }
    for name in [
        "hit.csv",
        "hit_weeks.csv",
        "hit_binding.csv",
        "rules.csv",
        "assumptions.csv",
        "industries.csv",
        "answer.html",
    ] {
        assert!(folder.path().join("plain").join(name).is_file(), "{name}");
    }
}

#[test]
fn industries_answer_the_same_on_any_number_of_threads_and_in_a_run() {
    let folder = example();
    let study = with_table(folder.path());
    let ask = |threads: &str| {
        let done = forelay()
            .env("RAYON_NUM_THREADS", threads)
            .arg("--study")
            .arg(&study)
            .args([
                "shock",
                "--stop",
                "JPN",
                "--industry",
                "chips",
                "--weeks",
                "4",
                "--draws",
                "60",
            ])
            .args(["--severity", "0.5..1", "--json"])
            .output()
            .unwrap();
        assert!(done.status.success(), "{}", said(&done));
        done.stdout
    };
    let one = ask("1");
    assert_eq!(one, ask("1"), "two runs");
    assert_eq!(one, ask("3"), "three threads");
    // The step asks the scenarios that name an industry, and the suppliers abroad where none does.
    let inventory = |study: &Path| {
        let query = "select distinct scenario from chain.inventory order by 1";
        let rows = json(study, &["sql", query], 0)["rows"].clone();
        let rows = rows.as_array().unwrap().clone();
        rows.iter()
            .map(|r| r["scenario"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    json(&study, &["run"], 0);
    assert_eq!(inventory(&study), ["JPN_cars", "JPN_chips"]);
    fs::write(
        study.join("scenarios/chips.toml"),
        scenario("country = \"JPN\"\nindustry = \"chips\"", "1", ""),
    )
    .unwrap();
    json(&study, &["run"], 0);
    assert_eq!(inventory(&study), ["chips"]);
    let explained = call(&study, &["explain", "chain.inventory/chips/all#peak"]);
    let text = said(&explained);
    assert!(
        explained.status.success() && text.contains("forelay_editors"),
        "{text}"
    );
    for lang in ["en", "zh"] {
        json(&study, &["report", "--lang", lang], 0);
    }
}

#[test]
fn firms_on_files_lose_what_the_cascade_says() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        let path = folder.path().join(name);
        fs::write(&path, text).unwrap();
        path.display().to_string()
    };
    let edges = file(
        "e.csv",
        "supplier,customer,weight\nmine,smelter,6\nmine,foundry,2\nsmelter,chips,5\nfoundry,chips,3\nchips,phones,9\n",
    );
    let firms = file(
        "f.csv",
        "firm,sector,country,fd\nmine,01,AUS,0.5\nsmelter,02,CHN,0.2\nfoundry,02,CHN,0.5\nchips,03,CHN,0.2\nphones,04,DEU,0.9\n",
    );
    let essential = file("s.csv", "sector,essential\n01,1\n02,0\n03,1\n04,0\n");
    let shock = file("shock.csv", "shock,firm,remaining\nwhole,mine,0\n");
    let network = [
        "--edges",
        &edges,
        "--firms",
        &firms,
        "--essential",
        &essential,
        "--final-demand",
        "fd",
    ];
    let out = folder.path().join("cascade");
    let done = forelay()
        .args(["calc", "cascade", "--converged"])
        .args(network)
        .args(["--shock", &shock, "--out"])
        .arg(&out)
        .output()
        .unwrap();
    assert!(done.status.success(), "{}", said(&done));
    let index: f64 = io_runs::rows(&out.join("shocks.csv"))[0][1]
        .parse()
        .unwrap();
    let answer = plain(
        folder.path(),
        &scenario("firm = \"mine\"", "1", ""),
        &network,
        "shock",
    )
    .unwrap();
    let lost = ends(
        row(part(&answer, "whatif.firms"), "whatif.firm_network", "mine"),
        "output_lost",
    );
    assert!(
        index > 0.1 && (lost[0] - index).abs() < 1e-12,
        "{lost:?}, not {index}"
    );
    assert!(lost[2] - index < 1e-5);
    let losses = io_runs::rows(&out.join("losses.csv"));
    for loss in &losses {
        let found = ends(
            row(part(&answer, "whatif.firms"), "whatif.firms", &loss[1]),
            "output_lost",
        );
        let wanted: f64 = loss[3].parse().unwrap();
        assert!((found[0] - wanted).abs() < 1e-12, "{loss:?}: {found:?}");
    }
    let none = plain(
        folder.path(),
        &scenario("firm = \"mine\"", "0", ""),
        &network,
        "none",
    )
    .unwrap();
    let none = row(part(&none, "whatif.firms"), "whatif.firm_network", "mine");
    assert!(ends(none, "output_lost")[1] == 0.0);
    let country = row(part(&answer, "whatif.firms"), "whatif.firm_regions", "AUS");
    assert!((ends(country, "output_lost")[0] - 1.0).abs() < 1e-12);
    let unknown = plain(
        folder.path(),
        &scenario("firm = \"smelt\"", "1", ""),
        &network,
        "unknown",
    );
    assert!(unknown.unwrap_err().contains("smelt"));
}

/// What one kind of file cannot carry is refused beside the part that another can.
#[test]
fn files_refuse_what_they_cannot_carry() {
    let folder = tempfile::tempdir().unwrap();
    let table = table(folder.path());
    let trade = folder.path().join("trade.csv");
    fs::write(&trade, TRADE).unwrap();
    let io = ["--io", table.to_str().unwrap()];
    let of_trade = [
        "--trade",
        trade.to_str().unwrap(),
        "--trade-columns",
        COLUMNS,
    ];
    let buyer = "buyer = \"CHN\"";
    for (event, files, words) in [
        (
            "country = \"JPN\"\nfirm = \"Toyota\"",
            &io[..],
            "names a firm",
        ),
        (
            "country = \"JPN\"\nregion = \"Kyushu\"\nindustry = \"cars\"",
            &io[..],
            "Kyushu",
        ),
        (
            "country = \"JPN\"\nindustry = \"cars\"\nquantity = \"price\"",
            &io[..],
            "price",
        ),
        (
            "country = \"JPN\"\nproduct = \"000001\"",
            &io[..],
            "names a good",
        ),
        (
            "country = \"KOR\"\nindustry = \"cars\"",
            &io[..],
            "no region KOR",
        ),
        (
            "country = \"JPN\"\nindustry = \"ships\"",
            &io[..],
            "no industry ships",
        ),
        (
            "country = \"CHN\"\nindustry = \"cars\"",
            &io[..],
            "CHN is the buyer",
        ),
        (
            "country = \"JPN\"\nindustry = \"cars\"",
            &of_trade[..],
            "no product code",
        ),
        (
            "country = \"JPN\"\nproduct = \"000001\"\nfirm = \"Toyota\"",
            &of_trade[..],
            "Toyota",
        ),
        (
            "country = \"JPN\"\nproduct = \"000001\"\nregion = \"Kyushu\"",
            &of_trade[..],
            "Kyushu",
        ),
        (
            "country = \"JPN\"\nproduct = \"000009\"",
            &of_trade[..],
            "000009",
        ),
    ] {
        let refused = plain(
            folder.path(),
            &scenario(event, "1", buyer),
            files,
            "refused",
        );
        let text = refused.expect_err(event);
        assert!(text.contains(words), "{event}: {text}");
        assert!(
            !folder.path().join("refused").exists(),
            "{event}: something was written"
        );
    }
    // One question, two kinds of files: what the industries say stands, what trade cannot say is refused.
    let both = [&io[..], &of_trade[..]].concat();
    let text = scenario("country = \"JPN\"\nindustry = \"chips\"", "1", buyer);
    let answer = plain(folder.path(), &text, &both, "both").unwrap();
    assert_eq!(part(&answer, "whatif.io")["answered"], true);
    assert_eq!(codes(part(&answer, "whatif.trade")), ["whatif.no_code"]);
    // A good within a wider code: said, not divided.
    let text = scenario(
        "country = \"JPN\"\nnode = \"resist\"\nproduct = \"000001\"",
        "1",
        buyer,
    );
    let answer = plain(folder.path(), &text, &of_trade, "wider").unwrap();
    let notes = part(&answer, "whatif.trade")["notes"].to_string();
    assert!(
        notes.contains("resist") && notes.contains("0 to 1"),
        "{notes}"
    );
    // Assumptions outside what they may be name their key.
    let wrong = format!("{text}\n[inventory]\novershoot = 1\n");
    let refused = plain(folder.path(), &wrong, &io, "wrong").unwrap_err();
    assert!(refused.contains("overshoot"), "{refused}");
    let wrong =
        format!("{text}\n[inventory]\noverproduction = {{ low = 0.5, value = 1.0, high = 1.2 }}\n");
    let refused = plain(folder.path(), &wrong, &io, "wrong").unwrap_err();
    assert!(refused.contains("inventory.overproduction"), "{refused}");
}

/// China imports 5 chips, all from Japan, and 100 cars, none from Japan.
#[test]
fn shares_of_imports_over_several_industries_count_what_others_deliver() {
    let folder = example();
    let study = folder.path().join("study");
    shrink(&study);
    let table = io_table(
        folder.path(),
        "id,JPN_chips,JPN_cars,CHN_chips,CHN_cars,USA_chips,USA_cars\nJPN_chips,10,200,0,5,0,10\n\
         JPN_cars,2,30,0,0,1,20\nCHN_chips,4,10,8,60,0,0\nCHN_cars,1,15,3,40,0,0\n\
         USA_chips,0,10,0,0,20,50\nUSA_cars,0,0,0,0,5,30\n",
        "id,JPN_home,CHN_home,USA_home\nJPN_chips,20,0,5\nJPN_cars,500,0,100\nCHN_chips,40,10,0\n\
         CHN_cars,100,600,0\nUSA_chips,0,0,60\nUSA_cars,50,100,300\n",
    );
    let table = table.to_str().unwrap();
    let add = [
        "add",
        table,
        "--as",
        "io",
        "--year",
        "2021",
        "--source",
        "forelay_editors",
    ];
    let added = call(&study, &add);
    assert!(added.status.success(), "{}", said(&added));
    let question = [
        "shock",
        "--stop",
        "JPN",
        "--industry",
        "chips,cars",
        "--weeks",
        "4",
        "--draws",
        "5",
    ];
    let answer = json(&study, &question, 0);
    let io = part(&answer, "whatif.io");
    let chips = row(io, "whatif.direct", "/chips");
    close(ends(chips, "share_of_imports"), [1.0; 3]);
    let cars = row(io, "whatif.direct", "/cars");
    close(ends(cars, "imports"), [100.0; 3]);
    close(ends(cars, "share_of_imports"), [0.0; 3]);
    // 5 of 105.
    let text = answer["answer"].as_str().unwrap();
    assert!(
        text.contains("4.76 % of its imports") || text.contains("4.8 % of its imports"),
        "{text}"
    );

    // A whole stop of one industry says nothing of the other's low end.
    let event = |industry: &str, severity: f64| {
        format!(
            "[[event]]\ncountry = \"JPN\"\nindustry = \"{industry}\"\n\
             severity = {{ low = {severity:?}, value = {severity:?}, high = {severity:?} }}\nstart_week = 1\nweeks = 4\n"
        )
    };
    let text = format!(
        "title_en = \"q\"\ntitle_zh = \"q\"\nhorizon_weeks = 8\n\
         default_stock_weeks = {{ low = 1.0, value = 2.0, high = 3.0 }}\n{}{}",
        event("chips", 1.0),
        event("cars", 0.1)
    );
    let file = folder.path().join("unlike.toml");
    fs::write(&file, text).unwrap();
    let answer = json(
        &study,
        &["shock", file.to_str().unwrap(), "--draws", "5"],
        0,
    );
    let cars = row(part(&answer, "whatif.io"), "whatif.industries", "JPN/cars");
    let [low, _, high] = ends(cars, "loss_share");
    // A tenth stops, and the chips that need fewer cars take a little more.
    assert!((0.1..0.12).contains(&low) && high >= 0.1, "{cars}");
}
