//! Times the systemic risk index of the firms of a generated network.
//!
//! `bench_cascade FOLDER published|converged [--tolerance X] [--relative X] [--open] [--no-substitution]
//! [--mode gl|linear|leontief] [--every N] [--threads N] [--scores FILE]`; FOLDER holds edges.csv (supplier,customer,weight),
//! firms.csv (firm,sector) and essential.csv (sector,essential). "Open": 30 % of sales are final demand and
//! inputs are 60 % of costs.

#![allow(clippy::print_stdout, clippy::unwrap_used)]

use std::collections::HashMap;
use std::io::Write;
use std::path::Path;
use std::time::Instant;

use chain::cascade::{
    Cascade, Class, ConvergedParams, Essential, FirmNetwork, Firms, JacobiParams, Links, Model,
    Production, Score, Shocks, Substitution,
};

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let value = |name: &str| {
        let at = arguments.iter().position(|a| a == name)?;
        arguments.get(at + 1).map(String::as_str)
    };
    let has = |name: &str| arguments.iter().any(|a| a == name);
    if let Some(threads) = value("--threads") {
        rayon::ThreadPoolBuilder::new()
            .num_threads(threads.parse().unwrap())
            .build_global()
            .unwrap();
    }
    let started = Instant::now();
    let network = read(Path::new(&arguments[0]));
    let mut model = Model {
        production: match value("--mode").unwrap_or("gl") {
            "gl" => Production::GeneralisedLeontief,
            "linear" => Production::Linear,
            "leontief" => Production::Leontief,
            other => panic!("unknown mode {other}"),
        },
        substitution: if has("--no-substitution") {
            Substitution::None
        } else {
            Substitution::MarketShare
        },
        ..Model::default()
    };
    if has("--open") {
        model.revenue = Some(Model::final_demand(&network, 0.3).unwrap());
        model.costs = Some(network.purchases().iter().map(|p| p / 0.6).collect());
    }
    let read_in = started.elapsed().as_secs_f64();
    let (wall, cpu) = (Instant::now(), cpu_seconds());
    let cascade = Cascade::new(&network, &model).unwrap();
    let prepared = wall.elapsed().as_secs_f64();
    let n = network.firms().ids.len() as u32;
    let every: u32 = value("--every").map_or(1, |v| v.parse().unwrap());
    let shocks = Shocks::Firms((0..n).step_by(every as usize).collect());
    let tolerance = |default: f64| value("--tolerance").map_or(default, |v| v.parse().unwrap());
    let scores = if arguments[1] == "published" {
        let params = JacobiParams {
            tolerance: tolerance(1e-2),
            ..JacobiParams::default()
        };
        cascade.published(&shocks, &params).unwrap()
    } else {
        let params = ConvergedParams {
            tolerance: tolerance(1e-6),
            relative: value("--relative").map(|v| v.parse().unwrap()),
        };
        let done = cascade.converged(&shocks, &params).unwrap();
        println!("{:?}", done.summary);
        println!(
            "closed classes upstream {}, end components downstream {}",
            done.closed.upstream.len(),
            done.closed.downstream.len()
        );
        done.scores
    };
    let mean = scores.iter().map(|s| s.esri).sum::<f64>() / scores.len() as f64;
    let sweeps = scores.iter().map(|s| f64::from(s.iterations)).sum::<f64>() / scores.len() as f64;
    println!(
        "{n} firms, {} links; read {read_in:.2} s, prepared {prepared:.2} s; mean index {mean:.6e}, mean sweeps {sweeps:.2}",
        network.links().weight.len(),
    );
    println!(
        "| forelay {}, {} of {n} firms, threads {} | {:.2} | {:.2} | mean index {mean:.6e} |",
        arguments[1..].join(" ").trim_start_matches('-'),
        scores.len(),
        rayon::current_num_threads(),
        wall.elapsed().as_secs_f64(),
        cpu_seconds() - cpu,
    );
    if let Some(file) = value("--scores") {
        write(file, &scores);
    }
}

fn write(file: &str, scores: &[Score]) {
    let mut out = std::io::BufWriter::new(std::fs::File::create(file).unwrap());
    writeln!(out, "esri,down,up,iterations,bound,certified").unwrap();
    for s in scores {
        let bound = s
            .certainty
            .bound()
            .map_or(String::new(), |b| format!("{b:e}"));
        let certified = s.certainty.is_certified();
        writeln!(
            out,
            "{:e},{:e},{:e},{},{bound},{certified}",
            s.esri, s.down, s.up, s.iterations
        )
        .unwrap();
    }
}

fn rows(path: &Path) -> csv::Reader<std::fs::File> {
    csv::Reader::from_path(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

fn read(folder: &Path) -> FirmNetwork {
    let mut pairs = Vec::new();
    for row in rows(&folder.join("firms.csv"))
        .records()
        .map(Result::unwrap)
    {
        pairs.push((row[0].to_owned(), row[1].to_owned()));
    }
    let firms = Firms::from_pairs(pairs).unwrap();
    let mut flags = HashMap::new();
    for row in rows(&folder.join("essential.csv"))
        .records()
        .map(Result::unwrap)
    {
        flags.insert(
            row[0].to_owned(),
            Class::from_flag(row[1].parse().unwrap()).unwrap(),
        );
    }
    let mut links = Links::default();
    {
        let positions = firms.positions().unwrap();
        for row in rows(&folder.join("edges.csv"))
            .records()
            .map(Result::unwrap)
        {
            links.supplier.push(positions[&row[0]]);
            links.customer.push(positions[&row[1]]);
            links.weight.push(row[2].parse().unwrap());
        }
    }
    let essential = firms.sectors.iter().map(|s| flags[s]).collect();
    FirmNetwork::new(firms, links, Essential::Supplier(essential)).unwrap()
}

/// User and system seconds of this process so far.
fn cpu_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after = stat.rsplit(')').next().unwrap_or_default();
    let ticks: f64 = after
        .split_whitespace()
        .skip(11)
        .take(2)
        .filter_map(|t| t.parse::<f64>().ok())
        .sum();
    ticks / 100.0
}
