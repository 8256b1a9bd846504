use libtest_mimic::Trial;

mod backtests;
mod goldens;
mod real;

pub fn trials() -> Vec<Trial> {
    [goldens::trials(), backtests::trials(), real::trials()]
        .into_iter()
        .flatten()
        .collect()
}
