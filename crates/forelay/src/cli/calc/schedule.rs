//! Arguments of `calc schedule`.

use std::path::PathBuf;

use clap::Args;
use study::calc;
use study::timeline::{Date, Format};

#[derive(Debug, Args)]
pub struct Schedule {
    /// A project: .sm or .mm (PSPLIB), .sch (ProGen/max, with maximum time lags)
    file: PathBuf,
    /// Stop after so many seconds; the answer then depends on the machine, and says so
    #[arg(long, value_name = "SECONDS")]
    time_limit: Option<f64>,
    /// Stop after so many conflicts of each search: the same answer on every machine
    #[arg(long, value_name = "N")]
    conflicts: Option<u64>,
    /// At most so many schedules made from lists of activities
    #[arg(long, value_name = "N")]
    schedules: Option<u64>,
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Also write the report to this file
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Also write the schedule for another program: ms-project, taskjuggler, mermaid, icalendar, csv
    #[arg(long, value_name = "FORMAT", requires = "export_file")]
    export: Option<Format>,
    /// The file that --export writes
    #[arg(long, value_name = "FILE", requires = "export")]
    export_file: Option<PathBuf>,
    /// The day of time 0 in the exported file; one unit of time is a day there
    #[arg(long, value_name = "YYYY-MM-DD", default_value = "2026-01-01")]
    start: Date,
}

impl Schedule {
    pub fn arguments(&self) -> calc::ScheduleArgs {
        calc::ScheduleArgs {
            file: self.file.clone(),
            time_limit: self.time_limit,
            conflicts: self.conflicts,
            schedules: self.schedules,
            seed: self.seed,
            out: self.out.clone(),
            export: self.export.zip(self.export_file.clone()),
            start: self.start,
        }
    }
}
