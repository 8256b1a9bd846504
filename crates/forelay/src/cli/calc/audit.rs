//! Arguments of `calc audit`.

use std::path::PathBuf;

use clap::Args;
use study::calc;

#[derive(Debug, Args)]
pub struct Audit {
    /// Plans: id,level,place,from[,to,budget,currency]; level is national, regional or cluster
    #[arg(long, value_name = "FILE")]
    plans: PathBuf,
    /// Clauses: id,plan[,fields,challenges,quantity,sense,amount,low,high,unit,deadline,instruments,budget,currency,serves]
    #[arg(long, value_name = "FILE")]
    clauses: PathBuf,
    /// Items: id[,kind,field,clauses,budget,currency,start,end,after]
    #[arg(long, value_name = "FILE")]
    items: Option<PathBuf>,
    /// Caps: quantity,unit,level,place,year,amount[,low,high]
    #[arg(long, value_name = "FILE")]
    caps: Option<PathBuf>,
    /// Action register: id,item,status[,owner,due,done,evidence]
    #[arg(long, value_name = "FILE")]
    actions: Option<PathBuf>,
    /// What ought to be served: subject[,kind]; kind is field or challenge
    #[arg(long, value_name = "FILE")]
    wanted: Option<PathBuf>,
    /// Region of each cluster: cluster,region
    #[arg(long, value_name = "FILE")]
    clusters: Option<PathBuf>,
    /// The day on which the actions are looked at: 2026-11-28, 2026-11 or 2026
    #[arg(long, value_name = "DATE")]
    today: String,
    /// Clusters of a region that may choose the same industry
    #[arg(long, value_name = "N", default_value_t = 2)]
    regional_cap: usize,
    /// Instruments that cost money by themselves
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    costly: Vec<String>,
    /// Folder for findings.csv, traceability.csv, report.json
    #[arg(long, value_name = "FOLDER")]
    out: PathBuf,
}

impl Audit {
    pub fn arguments(&self) -> calc::AuditArgs {
        calc::AuditArgs {
            plans: self.plans.clone(),
            clauses: self.clauses.clone(),
            items: self.items.clone(),
            caps: self.caps.clone(),
            actions: self.actions.clone(),
            wanted: self.wanted.clone(),
            clusters: self.clusters.clone(),
            today: self.today.clone(),
            regional_cap: self.regional_cap,
            costly: self.costly.clone(),
            out: self.out.clone(),
        }
    }
}
