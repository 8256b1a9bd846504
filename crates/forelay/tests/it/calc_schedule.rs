//! `calc schedule` through the binary: formats in, schedules and files for other programs out, errors by line.

use std::fs;
use std::path::Path;
use std::process::Output;

use serde_json::Value;

use crate::program::forelay;

/// Two real jobs of 3 and 2 that share one unit, between the dummies: 5 in all.
const SM: &str = "\
************************************************************************
jobs (incl. supersource/sink ):  4
RESOURCES
  - renewable                 :  1   R
  - nonrenewable              :  0   N
  - doubly constrained        :  0   D
************************************************************************
PRECEDENCE RELATIONS:
jobnr.    #modes  #successors   successors
   1        1          2           2   3
   2        1          1           4
   3        1          1           4
   4        1          0        
************************************************************************
REQUESTS/DURATIONS:
jobnr. mode duration  R 1
------------------------------------------------------------------------
  1      1     0       0
  2      1     3       1
  3      1     2       1
  4      1     0       0
************************************************************************
RESOURCEAVAILABILITIES:
  R 1
    1
************************************************************************
";

/// The same with a second mode of job 2: one period, 4 units of a store of 4.
const MM: &str = "\
RESOURCES
  - renewable                 :  1   R
  - nonrenewable              :  1   N
************************************************************************
PRECEDENCE RELATIONS:
jobnr.    #modes  #successors   successors
   1        1          2           2   3
   2        2          1           4
   3        1          1           4
   4        1          0        
************************************************************************
REQUESTS/DURATIONS:
jobnr. mode duration  R 1  N 1
------------------------------------------------------------------------
  1      1     0       0    0
  2      1     3       1    0
         2     1       1    4
  3      1     2       1    0
  4      1     0       0    0
************************************************************************
RESOURCEAVAILABILITIES:
  R 1  N 1
    1    4
************************************************************************
";

/// Job 2 has to start at most 1 after job 1, which takes 3 of the same unit: 2 comes first and 1 after it at
/// the earliest at 2, so 5 in all.
const SCH: &str = "2\t1\t0\t0\n0\t1\t2\t1\t2\t[0]\t[0]\n1\t1\t1\t3\t[3]\n2\t1\t2\t1\t3\t[-1]\t[2]\n3\t1\t0\n\
                   0\t1\t0\t0\n1\t1\t3\t1\n2\t1\t2\t1\n3\t1\t0\t0\n1\n";

fn calc(folder: &Path, name: &str, text: &str, more: &[&str]) -> Output {
    let file = folder.join(name);
    fs::write(&file, text).unwrap();
    forelay()
        .args(["calc", "schedule"])
        .arg(&file)
        .args(more)
        .output()
        .unwrap()
}

fn json(done: &Output) -> Value {
    serde_json::from_slice(&done.stdout)
        .unwrap_or_else(|e| panic!("{e}: {}", String::from_utf8_lossy(&done.stderr)))
}

#[test]
fn three_formats_by_hand() {
    let folder = tempfile::tempdir().unwrap();
    for (name, text, makespan) in [("a.sm", SM, 5), ("b.mm", MM, 3), ("c.sch", SCH, 5)] {
        let done = calc(folder.path(), name, text, &["--json"]);
        assert_eq!(done.status.code(), Some(0), "{name}");
        let report = json(&done);
        assert_eq!(report["status"], "optimal", "{name}");
        assert_eq!(report["makespan"], makespan, "{name}");
        assert_eq!(report["lower_bound"], makespan, "{name}");
        assert_eq!(report["rules_broken"], 0, "{name}");
        assert_eq!(report["starts"].as_object().unwrap().len(), 4, "{name}");
    }
    let done = calc(folder.path(), "b.mm", MM, &["--json"]);
    assert_eq!(json(&done)["modes"]["2"], 2);
    // The same answer again, to the byte but for the time it took.
    let strip = |done: &Output| {
        let mut value = json(done);
        value["seconds"] = Value::Null;
        value
    };
    let again = calc(folder.path(), "b.mm", MM, &["--json"]);
    assert_eq!(strip(&done), strip(&again));
}

#[test]
fn a_circle_of_lags_is_named() {
    let folder = tempfile::tempdir().unwrap();
    // 2 at least 3 after 1, and 1 at most 1 before 2.
    let text = SCH.replace("1\t1\t1\t3\t[3]", "1\t1\t2\t2\t3\t[3]\t[3]");
    let done = calc(folder.path(), "d.sch", &text, &["--json"]);
    assert_eq!(done.status.code(), Some(1));
    let report = json(&done);
    assert_eq!(report["status"], "infeasible");
    assert_eq!(report["circle"].as_array().unwrap().len(), 2);
    assert!(report["makespan"].is_null() && report["starts"].is_null());
}

#[test]
fn what_is_wrong_names_line_and_remedy() {
    let folder = tempfile::tempdir().unwrap();
    for (name, text, line, words) in [
        (
            "x.sm",
            SM.replace(
                "   2        1          1           4",
                "   2        1          1           9",
            ),
            "11",
            "from 1 to 4",
        ),
        (
            "x.sm",
            SM.replace("  2      1     3       1", "  2      1     3"),
            "19",
            "4 numbers",
        ),
        (
            "x.sm",
            SM.replace("  2      1     3       1", "  2      1     three       1"),
            "19",
            "whole number",
        ),
        ("x.sch", SCH.replace("[3]", "3 4"), "3", "5 numbers"),
        (
            "x.sch",
            SCH.lines().take(6).collect::<Vec<_>>().join("\n"),
            "6",
            "ends too early",
        ),
    ] {
        let done = calc(folder.path(), name, &text, &[]);
        let errors = String::from_utf8_lossy(&done.stderr).into_owned();
        assert_eq!(done.status.code(), Some(2), "{errors}");
        assert!(
            errors.contains(line) && errors.contains(words),
            "{line} {words}: {errors}"
        );
    }
    let done = calc(
        folder.path(),
        "x.sm",
        &SM.replace("REQUESTS", "requests"),
        &[],
    );
    assert!(String::from_utf8_lossy(&done.stderr).contains("REQUESTS/DURATIONS"));
    let done = calc(folder.path(), "x.txt", SM, &[]);
    assert!(String::from_utf8_lossy(&done.stderr).contains(".sch"));
}

#[test]
fn exports_hold_dates_and_links() {
    let folder = tempfile::tempdir().unwrap();
    let written = |format: &str| {
        let out = folder.path().join(format);
        let more = [
            "--export",
            format,
            "--export-file",
            out.to_str().unwrap(),
            "--start",
            "2027-02-26",
        ];
        let done = calc(folder.path(), "a.sm", SM, &more);
        assert_eq!(
            done.status.code(),
            Some(0),
            "{}",
            String::from_utf8_lossy(&done.stderr)
        );
        fs::read_to_string(out).unwrap()
    };
    // 5 days from 26 February 2027: the last bar ends on 3 March.
    let xml = written("ms-project");
    assert!(
        xml.contains("<FinishDate>2027-03-03T00:00:00</FinishDate>"),
        "{xml}"
    );
    assert_eq!(xml.matches("<PredecessorLink>").count(), 4);
    assert_eq!(
        xml.matches("<Task>").count(),
        xml.matches("</Task>").count()
    );
    let tj = written("taskjuggler");
    assert!(
        tj.contains("end 2027-03-03") && tj.contains("depends g1.t1_a1"),
        "{tj}"
    );
    let mermaid = written("mermaid");
    assert!(
        mermaid.starts_with("gantt\n") && mermaid.contains("2027-03-03"),
        "{mermaid}"
    );
    let ical = written("icalendar");
    assert!(ical.ends_with("END:VCALENDAR\r\n"));
    assert_eq!(
        ical.matches("RELATED-TO;RELTYPE=FINISHTOSTART;GAP=P0D:")
            .count(),
        4
    );
    let csv = written("csv");
    assert_eq!(csv.lines().count(), 5);
    let done = calc(
        folder.path(),
        "a.sm",
        SM,
        &["--export", "dot", "--export-file", "x"],
    );
    assert_eq!(done.status.code(), Some(2));
}
