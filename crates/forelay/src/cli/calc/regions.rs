//! Arguments of `calc regions`.

use std::path::PathBuf;

use clap::Args;
use model::Lang;
use study::calc;

#[derive(Debug, Args)]
pub struct Regions {
    /// Clusters, industries, suitability, rules, chain links (JSON, format forelay-layout/1)
    instance: PathBuf,
    /// Seconds on two cores: the schedule of work is made for it, and the search stops there at the latest; reasons,
    /// alternatives and prices of rules take work beyond it, several times as much on large instances
    #[arg(long, value_name = "SECONDS", default_value_t = 60.0)]
    time_limit: f64,
    /// File for the plan with objective, bound, gap and assignment (JSON)
    #[arg(long, value_name = "FILE", required_unless_present = "check")]
    out: Option<PathBuf>,
    /// File for the plan as lines cluster,industry, by positions from 0
    #[arg(long, value_name = "FILE")]
    plan_csv: Option<PathBuf>,
    /// File for the certificate of the bound
    #[arg(long, value_name = "FILE")]
    certificate: Option<PathBuf>,
    /// Why this industry is, or is not, in this cluster, by their ids (repeat for more)
    #[arg(long, value_name = "CLUSTER,INDUSTRY")]
    why: Vec<String>,
    /// Why this cluster got what it got, and what everything else would cost (repeat for more)
    #[arg(long, value_name = "CLUSTER")]
    why_not_us: Vec<String>,
    /// Layouts that are nearly as good and as different as can be, the plan among them
    #[arg(long, value_name = "NUMBER")]
    alternatives: Option<usize>,
    /// Share of the objective that an alternative may lose
    #[arg(long, value_name = "SHARE", default_value_t = 0.01)]
    within: f64,
    /// The best neighbour score among layouts that lose at most this share of the objective
    #[arg(long, value_name = "SHARE")]
    neighbours_within: Option<f64>,
    /// What each kind of rule costs: a search without it, each in a quarter of the time limit
    #[arg(long)]
    rule_prices: bool,
    /// Prove this certificate again, without a solver, instead of a search
    #[arg(long, value_name = "CERTIFICATE", conflicts_with_all = ["out", "plan_csv", "certificate", "why", "why_not_us", "alternatives", "neighbours_within", "rule_prices"])]
    check: Option<PathBuf>,
    /// No same industry in two clusters of near_pairs
    #[arg(long)]
    next_door: bool,
    /// Seed of the search
    #[arg(long, value_name = "NUMBER", default_value_t = 1)]
    seed: u64,
}

impl Regions {
    pub fn run(&self, lang: Lang) -> Result<calc::CalcReport, calc::CalcError> {
        let next_door = if self.next_door {
            calc::NextDoor::Kept
        } else {
            calc::NextDoor::Ignored
        };
        if let Some(certificate) = &self.check {
            return calc::regions_check(&calc::RegionsCheckArgs {
                instance: self.instance.clone(),
                next_door,
                certificate: certificate.clone(),
            });
        }
        calc::regions(
            &calc::RegionsArgs {
                instance: self.instance.clone(),
                time_limit: self.time_limit,
                seed: self.seed,
                next_door,
                out: self.out.clone().unwrap_or_else(|| "plan.json".into()),
                plan_csv: self.plan_csv.clone(),
                certificate: self.certificate.clone(),
                also: calc::Also {
                    why: self.why.clone(),
                    why_not_us: self.why_not_us.clone(),
                    alternatives: self.alternatives,
                    within: self.within,
                    neighbours_within: self.neighbours_within,
                    rule_prices: if self.rule_prices {
                        calc::RulePrices::Asked
                    } else {
                        calc::RulePrices::Omitted
                    },
                },
            },
            lang,
        )
    }
}
