//! What all slides share: theme, master, two layouts, the page of notes, the presentation itself.

use super::{Relation, SPACES, XML, related};

/// English metric units of a slide, 16:9.
const WIDTH: i64 = 12_192_000;
const HEIGHT: i64 = 6_858_000;

const FRAME: &str = "<p:nvGrpSpPr><p:cNvPr id=\"1\" name=\"\"/><p:cNvGrpSpPr/><p:nvPr/></p:nvGrpSpPr><p:grpSpPr><a:xfrm><a:off x=\"0\" y=\"0\"/>\
     <a:ext cx=\"0\" cy=\"0\"/><a:chOff x=\"0\" y=\"0\"/><a:chExt cx=\"0\" cy=\"0\"/></a:xfrm></p:grpSpPr>";
const MAP: &str = "bg1=\"lt1\" tx1=\"dk1\" bg2=\"lt2\" tx2=\"dk2\" accent1=\"accent1\" accent2=\"accent2\" accent3=\"accent3\" \
     accent4=\"accent4\" accent5=\"accent5\" accent6=\"accent6\" hlink=\"hlink\" folHlink=\"folHlink\"";

fn theme(name: &str) -> String {
    // Okabe–Ito, as in the figures.
    let colours: String = [
        ("dk1", "1B1B1B"),
        ("lt1", "FFFFFF"),
        ("dk2", "404040"),
        ("lt2", "ECECEC"),
        ("accent1", "0072B2"),
        ("accent2", "E69F00"),
        ("accent3", "009E73"),
        ("accent4", "D55E00"),
        ("accent5", "56B4E9"),
        ("accent6", "CC79A7"),
        ("hlink", "0B5394"),
        ("folHlink", "5B3A8C"),
    ]
    .iter()
    .map(|(name, value)| format!("<a:{name}><a:srgbClr val=\"{value}\"/></a:{name}>"))
    .collect();
    let fonts =
        "<a:latin typeface=\"Arial\"/><a:ea typeface=\"Microsoft YaHei\"/><a:cs typeface=\"\"/>";
    let fill = "<a:solidFill><a:schemeClr val=\"phClr\"/></a:solidFill>";
    let line = format!("<a:ln w=\"9525\">{fill}<a:prstDash val=\"solid\"/></a:ln>");
    let effect = "<a:effectStyle><a:effectLst/></a:effectStyle>";
    format!(
        "{XML}<a:theme xmlns:a=\"http://schemas.openxmlformats.org/drawingml/2006/main\" name=\"{name}\"><a:themeElements>\
         <a:clrScheme name=\"{name}\">{colours}</a:clrScheme><a:fontScheme name=\"{name}\"><a:majorFont>{fonts}</a:majorFont>\
         <a:minorFont>{fonts}</a:minorFont></a:fontScheme><a:fmtScheme name=\"{name}\"><a:fillStyleLst>{fill}{fill}{fill}</a:fillStyleLst>\
         <a:lnStyleLst>{line}{line}{line}</a:lnStyleLst><a:effectStyleLst>{effect}{effect}{effect}</a:effectStyleLst>\
         <a:bgFillStyleLst>{fill}{fill}{fill}</a:bgFillStyleLst></a:fmtScheme></a:themeElements></a:theme>"
    )
}

/// A placeholder with its place in millimetres.
fn place(id: u32, name: &str, kind: &str, at: [f64; 4], body: &str) -> String {
    let [x, y, w, h] = at.map(|mm| (mm * 36_000.0) as i64);
    format!(
        "<p:sp><p:nvSpPr><p:cNvPr id=\"{id}\" name=\"{name}\"/><p:cNvSpPr><a:spLocks noGrp=\"1\"/></p:cNvSpPr><p:nvPr><p:ph {kind}/></p:nvPr></p:nvSpPr>\
         <p:spPr><a:xfrm><a:off x=\"{x}\" y=\"{y}\"/><a:ext cx=\"{w}\" cy=\"{h}\"/></a:xfrm><a:prstGeom prst=\"rect\"><a:avLst/></a:prstGeom></p:spPr>\
         <p:txBody>{body}</p:txBody></p:sp>"
    )
}

const ANY: &str =
    "<a:bodyPr/><a:lstStyle/><a:p><a:r><a:rPr lang=\"en-GB\"/><a:t> </a:t></a:r></a:p>";
pub(super) const NUMBER: &str = "<a:bodyPr/><a:lstStyle/><a:p><a:pPr algn=\"r\"/><a:fld id=\"{B6F15528-21DE-4FAA-801E-634DDDAF4B2B}\" type=\"slidenum\">\
     <a:rPr lang=\"en-GB\" sz=\"1000\"/><a:t>‹#›</a:t></a:fld></a:p>";

/// Places in millimetres: x, y, width, height.
const TITLE: [f64; 4] = [14.0, 14.0, 310.0, 26.0];
pub(super) const BODY: [f64; 4] = [14.0, 43.0, 310.0, 126.0];
const NUMBER_AT: [f64; 4] = [290.0, 178.0, 34.0, 8.0];

fn master() -> String {
    let level = |n: u32, size: u32| {
        format!(
            "<a:lvl{n}pPr marL=\"{}\" indent=\"-228600\" algn=\"l\"><a:spcBef><a:spcPts val=\"600\"/></a:spcBef><a:buFont typeface=\"Arial\"/>\
             <a:buChar char=\"•\"/><a:defRPr sz=\"{size}\"><a:solidFill><a:schemeClr val=\"tx1\"/></a:solidFill><a:latin typeface=\"+mn-lt\"/>\
             <a:ea typeface=\"+mn-ea\"/></a:defRPr></a:lvl{n}pPr>",
            228_600 * n
        )
    };
    let levels: String = (1..=5).map(|n| level(n, 1600)).collect();
    let other: String = (1..=5)
        .map(|n| format!("<a:lvl{n}pPr><a:defRPr sz=\"1200\"/></a:lvl{n}pPr>"))
        .collect();
    format!(
        "{XML}<p:sldMaster {SPACES}><p:cSld><p:bg><p:bgPr><a:solidFill><a:schemeClr val=\"bg1\"/></a:solidFill><a:effectLst/></p:bgPr></p:bg>\
         <p:spTree>{FRAME}{}{}{}</p:spTree></p:cSld><p:clrMap {MAP}/><p:sldLayoutIdLst><p:sldLayoutId id=\"2147483649\" r:id=\"rId1\"/>\
         <p:sldLayoutId id=\"2147483650\" r:id=\"rId2\"/></p:sldLayoutIdLst><p:txStyles><p:titleStyle><a:lvl1pPr algn=\"l\"><a:defRPr sz=\"2200\" b=\"1\">\
         <a:solidFill><a:schemeClr val=\"tx1\"/></a:solidFill><a:latin typeface=\"+mj-lt\"/><a:ea typeface=\"+mj-ea\"/></a:defRPr></a:lvl1pPr></p:titleStyle>\
         <p:bodyStyle>{levels}</p:bodyStyle><p:otherStyle>{other}</p:otherStyle></p:txStyles></p:sldMaster>",
        place(
            2,
            "Title",
            "type=\"title\"",
            TITLE,
            &ANY.replace(
                "<a:bodyPr/>",
                "<a:bodyPr anchor=\"ctr\"><a:normAutofit/></a:bodyPr>"
            )
        ),
        place(
            3,
            "Text",
            "type=\"body\" idx=\"1\"",
            BODY,
            &ANY.replace("<a:bodyPr/>", "<a:bodyPr><a:normAutofit/></a:bodyPr>")
        ),
        place(
            4,
            "Number",
            "type=\"sldNum\" sz=\"quarter\" idx=\"4\"",
            NUMBER_AT,
            NUMBER
        ),
    )
}

fn layout(kind: &str, name: &str, shapes: &str) -> String {
    format!(
        "{XML}<p:sldLayout {SPACES} type=\"{kind}\" preserve=\"1\"><p:cSld name=\"{name}\"><p:spTree>{FRAME}{shapes}</p:spTree></p:cSld>\
         <p:clrMapOvr><a:masterClrMapping/></p:clrMapOvr></p:sldLayout>"
    )
}

fn notes_master() -> String {
    let picture = "<p:sp><p:nvSpPr><p:cNvPr id=\"2\" name=\"Slide\"/><p:cNvSpPr><a:spLocks noGrp=\"1\" noRot=\"1\" noChangeAspect=\"1\"/></p:cNvSpPr>\
         <p:nvPr><p:ph type=\"sldImg\" idx=\"2\"/></p:nvPr></p:nvSpPr><p:spPr><a:xfrm><a:off x=\"685800\" y=\"1143000\"/>\
         <a:ext cx=\"5486400\" cy=\"3086100\"/></a:xfrm><a:prstGeom prst=\"rect\"><a:avLst/></a:prstGeom></p:spPr></p:sp>";
    format!(
        "{XML}<p:notesMaster {SPACES}><p:cSld><p:bg><p:bgPr><a:solidFill><a:schemeClr val=\"bg1\"/></a:solidFill><a:effectLst/></p:bgPr></p:bg>\
         <p:spTree>{FRAME}{picture}{}</p:spTree></p:cSld><p:clrMap {MAP}/></p:notesMaster>",
        place(
            3,
            "Notes",
            "type=\"body\" sz=\"quarter\" idx=\"3\"",
            [19.0, 122.0, 152.0, 120.0],
            ANY
        )
    )
}

/// `ppt/presentation.xml`
pub(super) fn presentation(slides: &str) -> String {
    format!(
        "{XML}<p:presentation {SPACES} saveSubsetFonts=\"1\"><p:sldMasterIdLst><p:sldMasterId id=\"2147483648\" r:id=\"rId1\"/></p:sldMasterIdLst>\
         <p:notesMasterIdLst><p:notesMasterId r:id=\"rId2\"/></p:notesMasterIdLst><p:sldIdLst>{slides}</p:sldIdLst>\
         <p:sldSz cx=\"{WIDTH}\" cy=\"{HEIGHT}\"/><p:notesSz cx=\"6858000\" cy=\"9144000\"/></p:presentation>"
    )
}

/// Hands every shared part over: name, kind, text.
pub(super) fn write(part: &mut impl FnMut(&str, &str, String)) {
    let plain = ANY;
    let number = place(
        4,
        "Number",
        "type=\"sldNum\" sz=\"quarter\" idx=\"4\"",
        NUMBER_AT,
        NUMBER,
    );
    let opening = [
        place(2, "Title", "type=\"ctrTitle\"", [24.0, 52.0, 290.0, 40.0], &plain.replace("<a:lstStyle/>", "<a:lstStyle><a:lvl1pPr><a:defRPr sz=\"3600\"/></a:lvl1pPr></a:lstStyle>")),
        place(3, "Subtitle", "type=\"subTitle\" idx=\"1\"", [24.0, 96.0, 290.0, 60.0], &plain.replace("<a:lstStyle/>", "<a:lstStyle><a:lvl1pPr marL=\"0\" indent=\"0\"><a:buNone/><a:defRPr sz=\"1600\"/></a:lvl1pPr></a:lstStyle>")),
        number.clone(),
    ]
    .concat();
    let titled = [place(2, "Title", "type=\"title\"", TITLE, plain), number].concat();
    part("ppt/theme/theme1.xml", "theme", theme("Forelay"));
    part("ppt/theme/theme2.xml", "theme", theme("Forelay notes"));
    part(
        "ppt/slideMasters/slideMaster1.xml",
        "presentationml.slideMaster",
        master(),
    );
    part(
        "ppt/slideLayouts/slideLayout1.xml",
        "presentationml.slideLayout",
        layout("title", "Opening", &opening),
    );
    part(
        "ppt/slideLayouts/slideLayout2.xml",
        "presentationml.slideLayout",
        layout("titleOnly", "Finding", &titled),
    );
    part(
        "ppt/notesMasters/notesMaster1.xml",
        "presentationml.notesMaster",
        notes_master(),
    );
    part(
        "ppt/presProps.xml",
        "presentationml.presProps",
        format!("{XML}<p:presentationPr {SPACES}/>"),
    );
    part(
        "ppt/tableStyles.xml",
        "presentationml.tableStyles",
        format!(
            "{XML}<a:tblStyleLst xmlns:a=\"http://schemas.openxmlformats.org/drawingml/2006/main\" def=\"{{5C22544A-7EE6-4342-B048-85BDC9FD1C3A}}\"/>"
        ),
    );
}

/// Relations of the shared parts.
pub(super) fn relations() -> Vec<(&'static str, Vec<Relation>)> {
    vec![
        (
            "ppt/slideMasters/_rels/slideMaster1.xml.rels",
            vec![
                related("rId1", "slideLayout", "../slideLayouts/slideLayout1.xml"),
                related("rId2", "slideLayout", "../slideLayouts/slideLayout2.xml"),
                related("rId3", "theme", "../theme/theme1.xml"),
            ],
        ),
        (
            "ppt/slideLayouts/_rels/slideLayout1.xml.rels",
            vec![related(
                "rId1",
                "slideMaster",
                "../slideMasters/slideMaster1.xml",
            )],
        ),
        (
            "ppt/slideLayouts/_rels/slideLayout2.xml.rels",
            vec![related(
                "rId1",
                "slideMaster",
                "../slideMasters/slideMaster1.xml",
            )],
        ),
        (
            "ppt/notesMasters/_rels/notesMaster1.xml.rels",
            vec![related("rId1", "theme", "../theme/theme2.xml")],
        ),
    ]
}
