//! Page, fonts and styles of a Word document.

/// How a Word document looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Template {
    /// A4 with even margins and common fonts.
    International,
    /// The page of Chinese official documents after descriptions of GB/T 9704-2012: A4, text block of
    /// 156 × 225 mm, 22 lines of 28 characters of size 3 (16 pt), fonts by name.
    Gb9704,
}

/// Lengths in twentieths of a point, sizes in half points.
#[derive(Debug, Clone, Copy)]
pub(super) struct Page {
    pub top: u32,
    pub bottom: u32,
    pub left: u32,
    pub right: u32,
    pub header: u32,
    pub footer: u32,
    /// `w:docGrid`, where lines and characters stand on a grid.
    pub grid: &'static str,
}

const WIDTH: u32 = 11_906;
const HEIGHT: u32 = 16_838;

/// Western and Chinese face of a style, half points.
#[derive(Debug, Clone, Copy)]
struct Face {
    ascii: &'static str,
    chinese: &'static str,
    size: u32,
    bold: bool,
}

impl Face {
    fn markup(self) -> String {
        let Self {
            ascii,
            chinese,
            size,
            bold,
        } = self;
        let bold = if bold { "<w:b/><w:bCs/>" } else { "" };
        format!(
            "<w:rFonts w:ascii=\"{ascii}\" w:hAnsi=\"{ascii}\" w:cs=\"{ascii}\" w:eastAsia=\"{chinese}\"/>{bold}\
             <w:sz w:val=\"{size}\"/><w:szCs w:val=\"{size}\"/>"
        )
    }
}

impl Template {
    pub(super) fn page(self) -> Page {
        match self {
            // 25 mm on all sides.
            Self::International => Page {
                top: 1417,
                bottom: 1417,
                left: 1417,
                right: 1417,
                header: 709,
                footer: 709,
                grid: "",
            },
            // Top 37 mm, left 28 mm; 210 − 28 − 156 = 26 mm, 297 − 37 − 225 = 35 mm. The grid: 225 mm / 22 =
            // 579.8 twips a line. 156 mm / 28 = 15.79 pt a character; the style of the body takes 0.25 pt off the
            // 16, because some office programs give a character wider than its cell two cells.
            Self::Gb9704 => Page {
                top: 2098,
                bottom: 1984,
                left: 1587,
                right: 1474,
                header: 1134,
                footer: 1304,
                grid: "<w:docGrid w:type=\"lines\" w:linePitch=\"579\"/>",
            },
        }
    }

    pub(super) fn text_width(self) -> u32 {
        let page = self.page();
        WIDTH - page.left - page.right
    }

    /// Of an upright page; the width of one that is laid on its side.
    pub(super) fn text_height(self) -> u32 {
        let page = self.page();
        HEIGHT - page.top - page.bottom
    }

    /// Twentieths of a point of an em of text in tables.
    pub(super) fn table_em(self) -> u32 {
        let [.., small, _] = self.faces();
        small.size * 10
    }

    /// Size, margins, header and footer of the pages of a section; `turned` lies on its side.
    pub(super) fn section(self, turned: bool) -> String {
        let page = self.page();
        let (size, [top, right, bottom, left]) = if turned {
            (
                format!("w:w=\"{HEIGHT}\" w:h=\"{WIDTH}\" w:orient=\"landscape\""),
                [page.left, page.top, page.right, page.bottom],
            )
        } else {
            (
                format!("w:w=\"{WIDTH}\" w:h=\"{HEIGHT}\""),
                [page.top, page.right, page.bottom, page.left],
            )
        };
        format!(
            "<w:sectPr><w:headerReference w:type=\"default\" r:id=\"rId4\"/><w:headerReference w:type=\"even\" r:id=\"rId4\"/>\
             <w:footerReference w:type=\"default\" r:id=\"rId5\"/><w:footerReference w:type=\"even\" r:id=\"rId6\"/>\
             <w:pgSz {size}/><w:pgMar w:top=\"{top}\" w:right=\"{right}\" w:bottom=\"{bottom}\" w:left=\"{left}\" \
             w:header=\"{}\" w:footer=\"{}\" w:gutter=\"0\"/>{}</w:sectPr>",
            page.header, page.footer, page.grid
        )
    }

    /// The fonts that the styles name.
    pub fn fonts(self) -> &'static [&'static str] {
        match self {
            Self::International => &["Arial", "SimSun"],
            Self::Gb9704 => &[
                "仿宋_GB2312",
                "方正小标宋简体",
                "黑体",
                "楷体_GB2312",
                "宋体",
                "Times New Roman",
            ],
        }
    }

    fn faces(self) -> [Face; 6] {
        let face = |ascii, chinese, size, bold| Face {
            ascii,
            chinese,
            size,
            bold,
        };
        match self {
            // Body, title, heading 1, heading 2, small (tables, captions), page number.
            Self::International => [
                face("Arial", "SimSun", 21, false),
                face("Arial", "SimSun", 44, true),
                face("Arial", "SimSun", 30, true),
                face("Arial", "SimSun", 24, true),
                face("Arial", "SimSun", 16, false),
                face("Arial", "SimSun", 18, false),
            ],
            Self::Gb9704 => [
                face("Times New Roman", "仿宋_GB2312", 32, false),
                face("Times New Roman", "方正小标宋简体", 44, false),
                face("Times New Roman", "黑体", 32, false),
                face("Times New Roman", "楷体_GB2312", 32, false),
                face("Times New Roman", "宋体", 18, false),
                face("宋体", "宋体", 28, false),
            ],
        }
    }

    /// `word/styles.xml`.
    /// Latin letters and digits are marked as such in Chinese too: marked as Chinese, LibreOffice breaks numbers at line ends.
    pub(super) fn styles(self) -> String {
        let faces = self.faces();
        let [body, title, first, second, small, number] = faces.map(Face::markup);
        // One point below tables.
        let list = Face {
            size: faces[4].size - 2,
            ..faces[4]
        };
        let list = list.markup();
        let official = self == Self::Gb9704;
        let (line, indent, centre) = if official {
            (
                "<w:spacing w:before=\"0\" w:after=\"0\" w:line=\"579\" w:lineRule=\"exact\"/>",
                "<w:ind w:firstLineChars=\"200\" w:firstLine=\"640\"/><w:jc w:val=\"both\"/>",
                "<w:jc w:val=\"center\"/>",
            )
        } else {
            (
                "<w:spacing w:before=\"0\" w:after=\"120\" w:line=\"288\" w:lineRule=\"auto\"/>",
                "",
                "",
            )
        };
        let tighter = if official {
            "<w:spacing w:val=\"-5\"/>"
        } else {
            ""
        };
        let heading = if official {
            line
        } else {
            "<w:spacing w:before=\"320\" w:after=\"120\"/>"
        };
        let tight = "<w:snapToGrid w:val=\"0\"/><w:spacing w:before=\"20\" w:after=\"20\" w:line=\"240\" w:lineRule=\"auto\"/>";
        let style = |id: &str, name: &str, based: &str, paragraph: &str, run: &str| {
            let based = if based.is_empty() {
                String::new()
            } else {
                format!("<w:basedOn w:val=\"{based}\"/>")
            };
            format!(
                "<w:style w:type=\"paragraph\" w:styleId=\"{id}\"><w:name w:val=\"{name}\"/>{based}<w:qFormat/>\
                 <w:pPr>{paragraph}</w:pPr><w:rPr>{run}</w:rPr></w:style>"
            )
        };
        let styles = [
            style("BodyText", "Body Text", "Normal", &format!("{line}{indent}"), tighter),
            style("Title", "Title", "Normal", &format!("{line}{centre}").replace("w:line=\"579\" w:lineRule=\"exact\"", "w:line=\"660\" w:lineRule=\"atLeast\""), &title),
            style("Subtitle", "Subtitle", "Normal", &format!("{line}{centre}"), &second),
            style("Heading1", "heading 1", "Normal", &format!("<w:keepNext/>{heading}<w:outlineLvl w:val=\"0\"/>"), &first),
            style("Heading2", "heading 2", "Normal", &format!("<w:keepNext/>{heading}<w:outlineLvl w:val=\"1\"/>"), &second),
            style("TOC1", "toc 1", "Normal", line, ""),
            style("Caption", "caption", "Normal", &format!("<w:keepNext/>{tight}"), &small.replace("<w:sz ", "<w:b/><w:sz ")),
            style("TableText", "Table Text", "Normal", tight, &small),
            style("TableNote", "Table Note", "Normal", &tight.replace("w:after=\"20\"", "w:after=\"160\""), &small),
            style("FootnoteText", "footnote text", "Normal", tight, &small),
            style("Source", "Source", "Normal", &tight.replace("\"20\"", "\"0\""), &list),
            style("Picture", "Picture", "Normal", "<w:keepNext/><w:snapToGrid w:val=\"0\"/><w:spacing w:before=\"60\" w:after=\"60\" w:line=\"240\" w:lineRule=\"auto\"/>", ""),
            style("Header", "header", "Normal", "<w:snapToGrid w:val=\"0\"/><w:jc w:val=\"center\"/>", &small),
            style("Footer", "footer", "Normal", "<w:snapToGrid w:val=\"0\"/>", &number),
        ]
        .concat();
        format!(
            "{XML}<w:styles {W}><w:docDefaults><w:rPrDefault><w:rPr>{body}<w:lang w:val=\"en-GB\" w:eastAsia=\"zh-CN\"/>\
             </w:rPr></w:rPrDefault><w:pPrDefault/></w:docDefaults>\
             <w:style w:type=\"paragraph\" w:default=\"1\" w:styleId=\"Normal\"><w:name w:val=\"Normal\"/><w:qFormat/></w:style>\
             {styles}<w:style w:type=\"character\" w:styleId=\"FootnoteReference\"><w:name w:val=\"footnote reference\"/>\
             <w:rPr><w:vertAlign w:val=\"superscript\"/></w:rPr></w:style></w:styles>"
        )
    }
}

pub(super) const XML: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n";
pub(super) const W: &str =
    "xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\"";
