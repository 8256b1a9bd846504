//! `calc audit`, `calc scenarios`, `calc adoption`, and the steps on plans and readings, through the program.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::program::{calc, finished, json, write};

fn report(folder: &Path, out: &str) -> Value {
    let text = fs::read_to_string(folder.join(out).join("report.json")).unwrap();
    serde_json::from_str(&text).unwrap()
}

const AUDIT: [&str; 13] = [
    "audit",
    "--plans",
    "plans.csv",
    "--clauses",
    "clauses.csv",
    "--items",
    "items.csv",
    "--actions",
    "actions.csv",
    "--today",
    "2026-11-28",
    "--out",
    "out",
];

fn sound(folder: &Path) {
    write(
        folder,
        "plans.csv",
        "id,level,place,from,to,budget,currency\nnation,national,CHN,2026,2035,,\neast,cluster,shanghai,2026,2030,50,CNY\n",
    );
    write(
        folder,
        "clauses.csv",
        "id,plan,fields,quantity,sense,amount,unit,deadline,instruments,budget,currency,serves\n\
         n1,nation,quantum,output,at_least,100,bn,2035,grant,,,\n\
         e1,east,quantum,output,at_least,120,bn,2030,grant,40,CNY,n1\n",
    );
    write(
        folder,
        "items.csv",
        "id,clauses,budget,currency,start,end,after\nlab,e1,10,CNY,2026,2028,\nline,e1,30,CNY,2028,2030,lab\n",
    );
    write(
        folder,
        "actions.csv",
        "id,item,status,owner,due,done,evidence\na1,lab,done,bureau,2026-06,2026-06-15,minutes\na2,line,planned,bureau,2027-01,,\n",
    );
}

#[test]
fn sound_plans_pass_the_audit_and_planted_faults_do_not() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    sound(folder);
    let output = calc(folder, &AUDIT);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{errors}");
    let traced = fs::read_to_string(folder.join("out/traceability.csv")).unwrap();
    assert!(traced.contains("n1,e1,lab; line,40"), "{traced}");

    // A slipped action, an item that nobody asked for, and a year outside the plan.
    write(
        folder,
        "actions.csv",
        "id,item,status,owner,due,done,evidence\na1,lab,done,bureau,2026-06,2026-06-15,minutes\na2,line,planned,bureau,2026-10,,\n",
    );
    let mut items = fs::read_to_string(folder.join("items.csv")).unwrap();
    items.push_str("folly,,7,CNY,,,\n");
    write(folder, "items.csv", &items);
    let clauses = fs::read_to_string(folder.join("clauses.csv")).unwrap();
    write(
        folder,
        "clauses.csv",
        &clauses.replace("bn,2030", "bn,2031"),
    );
    let output = calc(folder, &AUDIT);
    assert_eq!(output.status.code(), Some(1));
    let found = report(folder, "out");
    let counts = found["findings"].as_object().unwrap();
    let some: Vec<&String> = counts
        .iter()
        .filter(|(_, n)| **n != 0)
        .map(|(k, _)| k)
        .collect();
    assert_eq!(some, ["money_without_clause", "outside_plan", "slipped"]);
    let findings = fs::read_to_string(folder.join("out/findings.csv")).unwrap();
    assert!(
        findings.contains("items:4") && findings.contains("clauses:3; plans:3"),
        "{findings}"
    );

    // The same call gives the same bytes.
    let before = fs::read(folder.join("out/findings.csv")).unwrap();
    calc(folder, &AUDIT);
    assert_eq!(fs::read(folder.join("out/findings.csv")).unwrap(), before);
}

#[test]
fn wrong_cells_of_all_files_are_named_together_and_nothing_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    sound(folder);
    write(
        folder,
        "plans.csv",
        "id,level,place,from\nnation,imperial,CHN,2026\neast,cluster,shanghai,soon\n",
    );
    write(
        folder,
        "actions.csv",
        "id,item,status,due\na1,lab,done,June\n,lab,done,2026\n",
    );
    let output = calc(folder, &AUDIT);
    assert_eq!(output.status.code(), Some(2));
    let errors = String::from_utf8_lossy(&output.stderr);
    for part in [
        "imperial",
        "national, regional, cluster",
        "soon",
        "June",
        "plans.csv",
        "actions.csv",
    ] {
        assert!(errors.contains(part), "{part}: {errors}");
    }
    assert!(!folder.join("out").exists());
}

/// The published example of the manual of ScenarioWizard (Weimer-Jehle 2013, figure 2-2), block by block.
const SOMEWHERELAND: &str = "\
A1 B -2 1 1 E -2 1 1
A2 B 2 1 -3 C -2 -1 3 D -2 2 F 2 -1 -1
A3 C 0 2 -2 D 3 -3 E 2 -1 -1 F -2 2 0
B1 C -2 1 1
B2 C 0 1 -1 E 1 0 -1
B3 A 3 -1 -2 C 3 0 -3 E 3 -1 -2 F -2 1 1
C1 A 2 1 -3 D -2 2 E -3 1 2
C2 A -1 2 -1
C3 D -2 2 E 3 -1 -2
D1 E 3 -1 -2 F -2 1 1
D2 A 0 -3 3 E -3 1 2 F 2 -1 -1
E1 C -2 -1 3 F 2 -1 -1
E2 B -1 0 1 C 1 1 -2 F -1 0 1
E3 A 2 -1 -1 B -3 1 2 C 3 0 -3 F -2 -1 3
F1 A 0 3 -3 C -3 0 3 D -3 3 E -2 1 1
F2 A 1 -2 1 C -1 2 -1 D 2 -2 E 2 -1 -1
F3 C -1 2 -1 D 1 -1 E 2 -1 -1
";

fn judgments(folder: &Path) {
    let mut states = "descriptor,state\n".to_owned();
    let mut impacts = "from_descriptor,from_state,to_descriptor,to_state,impact\n".to_owned();
    for line in SOMEWHERELAND.lines() {
        let mut words = line.split(' ');
        let from = words.next().unwrap();
        let descriptor = &from[..1];
        states.push_str(&format!("{descriptor},{from}\n"));
        let (mut to, mut k) = ("", 0);
        for word in words {
            if word.chars().all(char::is_alphabetic) {
                (to, k) = (word, 0);
            } else {
                k += 1;
                impacts.push_str(&format!("{descriptor},{from},{to},{to}{k},{word}\n"));
            }
        }
    }
    write(folder, "states.csv", &states);
    write(folder, "impacts.csv", &impacts);
}

const SCENARIOS: [&str; 7] = [
    "scenarios",
    "--states",
    "states.csv",
    "--impacts",
    "impacts.csv",
    "--out",
    "out",
];

#[test]
fn the_published_example_has_its_ten_scenarios_with_proof() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    judgments(folder);
    let output = calc(folder, &SCENARIOS);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{errors}");
    let found = report(folder, "out");
    assert_eq!(found["at_values"]["scenarios"], 10);
    assert_eq!(
        (&found["at_values"]["all"], &found["at_values"]["complete"]),
        (&"486".into(), &true.into())
    );
    assert_eq!(found["chosen"]["least_distance"], found["chosen"]["bound"]);
    let table = fs::read_to_string(folder.join("out/scenarios.csv")).unwrap();
    assert!(
        table.contains("A1,B3,C1,D2,E3,F3,0,21") && table.lines().count() == 11,
        "{table}"
    );
    assert!(
        fs::read_to_string(folder.join("out/contradictions.csv"))
            .unwrap()
            .lines()
            .count()
            > 1
    );

    // A search that is cut short says so and exits with 1.
    let output = calc(folder, &[&SCENARIOS[..], &["--max-nodes", "5"]].concat());
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(report(folder, "out")["at_values"]["complete"], false);

    // Unknown and repeated states are named by row.
    let mut impacts = fs::read_to_string(folder.join("impacts.csv")).unwrap();
    impacts.push_str("A,A9,B,B1,1\nA,A1,B,B1,2\nA,A1,A,A2,1\n");
    write(folder, "impacts.csv", &impacts);
    let output = calc(folder, &SCENARIOS);
    assert_eq!(output.status.code(), Some(2));
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(
        errors.contains("A9") && errors.contains("3 problems"),
        "{errors}"
    );
}

#[test]
fn adoption_fits_tests_and_refuses() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let recorders = [840, 1470, 2110, 4000, 7590, 10950, 10530, 9470, 7790, 5890];
    let series = |n: usize| {
        let rows = recorders.iter().take(n).enumerate();
        let rows: String = rows.map(|(k, v)| format!("{},{v}\n", 1979 + k)).collect();
        write(folder, "series.csv", &format!("period,value\n{rows}"));
    };
    series(10);
    let run = |more: &[&str]| {
        calc(
            folder,
            &[
                &["adoption", "--series", "series.csv", "--out", "out"],
                more,
            ]
            .concat(),
        )
    };
    let output = run(&["--to", "rates"]);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{errors}");
    let found = report(folder, "out");
    // R's nls prints 6.80e4.
    assert!((found["fit"]["m"]["value"].as_f64().unwrap() - 6.80e4).abs() < 50.0);
    assert_eq!(found["experimental"], true);
    assert!(found["backtest"]["verdict"].is_string());
    assert!(folder.join("out/fan.csv").is_file());
    series(4);
    assert_eq!(run(&[]).status.code(), Some(1));
    write(folder, "series.csv", "period,value\n1979,1\n1981,3\n");
    let output = run(&[]);
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("1981"));
    let ranges = [
        "adoption",
        "--m",
        "80..100..120",
        "--p",
        "0.01..0.03..0.05",
        "--q",
        "0.2..0.38..0.5",
        "--out",
        "fan",
    ];
    assert_eq!(calc(folder, &ranges).status.code(), Some(0));
    assert_eq!(
        calc(
            folder,
            &[
                "adoption", "--m", "0..1..2", "--p", "1", "--q", "1", "--out", "x"
            ]
        )
        .status
        .code(),
        Some(2)
    );
}

fn number(run: &str) -> f64 {
    let value = json(finished(), &["sql", run], 0);
    value["rows"][0]["n"]
        .as_f64()
        .unwrap_or_else(|| panic!("{run}: {value}"))
}

#[test]
fn the_embedded_study_audits_its_plans_and_reads_its_rows() {
    let study = finished();
    let clauses = number("select count(*) as n from layout.traceability");
    assert!(clauses > 20.0);
    // Every clause without an item is a finding, and no other clause is.
    let orphans = number("select count(*) as n from layout.traceability where items = 0");
    let found =
        number("select faults as n from layout.audit_counts where fault = 'fault.orphan_clause'");
    assert_eq!(orphans, found);
    assert_eq!(
        number("select sum(faults) as n from layout.audit_counts"),
        number("select count(*) as n from layout.audit")
    );
    // An explanation leads from a traced clause to its row.
    let clause = "cn_15fyp_proposal_2025.quantum_information";
    let why = json(
        study,
        &["explain", &format!("layout.traceability/{clause}#items")],
        0,
    );
    assert!(why.to_string().contains("clauses"), "{why}");
    for table in [
        "stages",
        "coverage",
        "timing",
        "challenges",
        "boundary",
        "together",
        "map",
    ] {
        assert!(
            number(&format!("select count(*) as n from layout.{table}")) > 0.0,
            "{table}"
        );
    }
    assert_eq!(number("select count(*) as n from layout.challenges"), 4.0);
}
