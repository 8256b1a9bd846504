//! `[report]`: how documents are marked and set. Nothing here changes a result, so no run remembers it.

use std::path::PathBuf;

use model::{Lang, Message};
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ReportSection {
    /// Marking of every page, in both languages.
    pub classification_en: String,
    pub classification_zh: String,
    /// Grade of the data of the study as a whole, in the words of GB/T 43697-2024.
    pub data_grade: Option<DataGrade>,
    /// Font files for PDF, beside the built-in Latin faces; relative ones lie in the study.
    pub fonts: Vec<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DataGrade {
    General,
    Important,
    Core,
}

impl ReportSection {
    /// What every page says above its text; `None` where the study says nothing.
    pub fn marking(&self, lang: Lang) -> Option<String> {
        let classification = match lang {
            Lang::En => self.classification_en.trim(),
            Lang::Zh => self.classification_zh.trim(),
        };
        let grade = self.data_grade.map(|grade| {
            let id = match grade {
                DataGrade::General => "report.grade.general",
                DataGrade::Important => "report.grade.important",
                DataGrade::Core => "report.grade.core",
            };
            Message::new(id).render(lang, &model::Names::default())
        });
        let parts: Vec<&str> = [classification]
            .into_iter()
            .chain(grade.as_deref())
            .filter(|part| !part.is_empty())
            .collect();
        (!parts.is_empty()).then(|| parts.join(" · "))
    }

    pub(super) fn problem(&self) -> Option<String> {
        let [en, zh] =
            [&self.classification_en, &self.classification_zh].map(|t| t.trim().is_empty());
        (en != zh).then(|| {
            "report.classification_en and report.classification_zh: write both, or readers of one language do not see \
             the marking"
                .to_owned()
        })
    }
}
