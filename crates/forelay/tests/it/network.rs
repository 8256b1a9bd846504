//! Nothing leaves the machine (T57): the whole journey works where there is no network at all, and no
//! network socket is ever opened.

use std::process::Command;

use crate::program::{example, shrink};

/// Runs the journey in a network namespace that has no interface but a dead loopback, and reads the counters.
///
/// Needs the right to make a namespace (root, or user namespaces). Where that is missing the test says so and
/// fails unless `FORELAY_SKIP_NETNS` is set: it never passes unseen.
#[test]
fn no_packet_leaves() {
    let namespaces = Command::new("unshare")
        .args(["-r", "-n", "true"])
        .status()
        .is_ok_and(|s| s.success());
    if !namespaces {
        assert!(
            std::env::var_os("FORELAY_SKIP_NETNS").is_some(),
            "this machine makes no network namespace; set FORELAY_SKIP_NETNS=1 to leave the test out"
        );
        return;
    }
    let folder = example();
    let study = folder.path().join("study");
    shrink(&study);
    let script = r#"
        set -e
        for command in check run report "report --lang zh" replay "explain trend.consensus/quantum_information#consensus"; do
            "$0" --study "$1" --quiet $command >/dev/null
        done
        "$0" --study "$1" sql "select count(*) as n from policies" >/dev/null
        cat /proc/net/dev
    "#;
    let output = Command::new("unshare")
        .args(["-r", "-n", "bash", "-c", script])
        .arg(env!("CARGO_BIN_EXE_forelay"))
        .arg(&study)
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let counters = String::from_utf8_lossy(&output.stdout);
    let mut interfaces = 0;
    for line in counters.lines().filter(|line| line.contains(':')) {
        interfaces += 1;
        let numbers: Vec<u64> = line
            .split(':')
            .nth(1)
            .unwrap()
            .split_whitespace()
            .map(|n| n.parse().unwrap())
            .collect();
        assert_eq!((numbers[1], numbers[9]), (0, 0), "packets on {line}");
    }
    assert!(interfaces >= 1, "no counters were read: {counters}");
}
