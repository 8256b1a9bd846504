//! A chart part: bars, stacked bars or lines over the cells of the workbook behind it.

use model::Lang;
use rust_xlsxwriter::utility::{column_number_to_name, row_col_to_cell_absolute};

use super::book::{Columns, SHEET, columns};
use super::{OFFICE, XML};
use crate::charts::{Chart, ChartForm, ChartPoint, ChartSeries};
use crate::html::escape;

/// `Data!$B$2:$B$9`
fn range(column: u16, rows: usize) -> String {
    let name = column_number_to_name(column);
    format!("{SHEET}!${name}$2:${name}${}", rows + 1)
}

fn text_of(formula: &str, texts: &[&str]) -> String {
    let points: String = texts
        .iter()
        .enumerate()
        .map(|(i, text)| format!("<c:pt idx=\"{i}\"><c:v>{}</c:v></c:pt>", escape::text(text)))
        .collect();
    format!(
        "<c:strRef><c:f>{formula}</c:f><c:strCache><c:ptCount val=\"{}\"/>{points}</c:strCache></c:strRef>",
        texts.len()
    )
}

fn numbers(formula: &str, values: &[Option<f64>]) -> String {
    let points: String = values
        .iter()
        .enumerate()
        .filter_map(|(i, value)| {
            let value = value.filter(|v| v.is_finite())?;
            Some(format!("<c:pt idx=\"{i}\"><c:v>{value}</c:v></c:pt>"))
        })
        .collect();
    format!(
        "<c:numRef><c:f>{formula}</c:f><c:numCache><c:formatCode>General</c:formatCode>\
         <c:ptCount val=\"{}\"/>{points}</c:numCache></c:numRef>",
        values.len()
    )
}

fn hex(colour: &str) -> &str {
    colour.trim_start_matches('#')
}

/// How far the ranges reach below and above the values.
fn error_bars(form: ChartForm, series: &ChartSeries, at: (u16, u16)) -> String {
    let rows = series.points.len();
    let reach = |pick: fn(ChartPoint, f64, f64) -> f64| -> Vec<Option<f64>> {
        (series.points.iter())
            .map(|point| {
                let point = (*point)?;
                let (low, high) = point.range?;
                Some(pick(point, low, high).max(0.0))
            })
            .collect()
    };
    let above = reach(|p, _, high| high - p.value);
    let below = reach(|p, low, _| p.value - low);
    // Along a line the bars stand close: without caps, pale and broad, they read as a band.
    let (direction, cap, width, paint) = match (form, &series.colour) {
        (ChartForm::Lines, Some(colour)) => (
            "<c:errDir val=\"y\"/>",
            1,
            38_100,
            format!("{}\"><a:alpha val=\"30000\"/></a:srgbClr>", hex(colour)),
        ),
        _ => ("", 0, 12_700, "404040\"/>".to_owned()),
    };
    format!(
        "<c:errBars>{direction}<c:errBarType val=\"both\"/><c:errValType val=\"cust\"/><c:noEndCap val=\"{cap}\"/>\
         <c:plus>{}</c:plus><c:minus>{}</c:minus>\
         <c:spPr><a:ln w=\"{width}\"><a:solidFill><a:srgbClr val=\"{paint}</a:solidFill></a:ln></c:spPr></c:errBars>",
        numbers(&range(at.1, rows), &above),
        numbers(&range(at.0, rows), &below),
    )
}

fn series(chart: &Chart, i: usize, series: &ChartSeries, at: &Columns) -> String {
    let rows = chart.categories.len();
    let head = format!("{SHEET}!{}", row_col_to_cell_absolute(0, at.value));
    let line = chart.form == ChartForm::Lines;
    let look = match (&series.colour, line) {
        (None, _) => "<c:spPr><a:noFill/><a:ln><a:noFill/></a:ln></c:spPr>".to_owned(),
        (Some(colour), false) => format!(
            "<c:spPr><a:solidFill><a:srgbClr val=\"{}\"/></a:solidFill>\
             <a:ln w=\"6350\"><a:solidFill><a:srgbClr val=\"404040\"/></a:solidFill></a:ln></c:spPr>",
            hex(colour)
        ),
        (Some(colour), true) => format!(
            "<c:spPr><a:ln w=\"28575\" cap=\"rnd\"><a:solidFill><a:srgbClr val=\"{}\"/></a:solidFill>\
             <a:prstDash val=\"{}\"/><a:round/></a:ln></c:spPr>",
            hex(colour),
            if series.dashed { "dash" } else { "solid" }
        ),
    };
    let after_look = if line {
        "<c:marker><c:symbol val=\"none\"/></c:marker>"
    } else {
        "<c:invertIfNegative val=\"0\"/>"
    };
    let errors = at
        .reach
        .map_or(String::new(), |at| error_bars(chart.form, series, at));
    let categories: Vec<&str> = chart.categories.iter().map(String::as_str).collect();
    let values: Vec<Option<f64>> = series.points.iter().map(|p| p.map(|p| p.value)).collect();
    format!(
        "<c:ser><c:idx val=\"{i}\"/><c:order val=\"{i}\"/><c:tx>{}</c:tx>{look}{after_look}{errors}\
         <c:cat>{}</c:cat><c:val>{}</c:val>{}</c:ser>",
        text_of(&head, &[&series.name]),
        text_of(&range(0, rows), &categories),
        numbers(&range(at.value, rows), &values),
        if line { "<c:smooth val=\"0\"/>" } else { "" }
    )
}

fn words(size: u32) -> String {
    format!(
        "<c:txPr><a:bodyPr/><a:lstStyle/><a:p><a:pPr><a:defRPr sz=\"{size}\"><a:solidFill><a:srgbClr val=\"404040\"/>\
         </a:solidFill></a:defRPr></a:pPr><a:endParaRPr lang=\"en-US\"/></a:p></c:txPr>"
    )
}

fn title(text: &str, size: u32, lang: &str) -> String {
    format!(
        "<c:title><c:tx><c:rich><a:bodyPr/><a:lstStyle/><a:p><a:pPr><a:defRPr sz=\"{size}\" b=\"0\"/></a:pPr>\
         <a:r><a:rPr lang=\"{lang}\" sz=\"{size}\" b=\"0\"/><a:t>{}</a:t></a:r></a:p></c:rich></c:tx><c:overlay val=\"0\"/></c:title>",
        escape::text(text)
    )
}

/// Numbers of the value axis: whole where the axis is long, else as many decimals as it needs.
fn format_code(chart: &Chart) -> &'static str {
    let values = (chart.series.iter())
        .flat_map(|s| s.points.iter().flatten())
        .map(|p| p.value.abs());
    let largest = values.fold(0.0, f64::max);
    match (chart.axis, largest) {
        (Some((low, _)), _) if low >= 1000.0 => "0",
        (_, l) if l >= 20.0 => "0",
        (_, l) if l >= 2.0 => "0.0",
        (_, l) if l >= 0.05 => "0.00",
        _ => "General",
    }
}

/// Ends of the axis of bars: zero, or lengths say nothing of shares, and the ends of all ranges. A program that chooses looks
/// at the values alone and cuts the error bars.
fn whole(chart: &Chart) -> Option<(f64, f64)> {
    let points = chart.series.iter().flat_map(|s| s.points.iter().flatten());
    let ends = points.flat_map(|p| {
        let (low, high) = p.range.unwrap_or((p.value, p.value));
        [p.value, low, high]
    });
    let (low, high) = ends
        .filter(|end| end.is_finite())
        .fold((0.0, 0.0), |(low, high): (f64, f64), end| {
            (low.min(end), high.max(end))
        });
    // Not the negative: it writes nothing as "-0".
    (low < high).then(|| (0.0 - round_up(-low), round_up(high)))
}

/// The next round number.
fn round_up(length: f64) -> f64 {
    const STEPS: [f64; 9] = [1.0, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0];
    if length <= 0.0 {
        return 0.0;
    }
    let power = length.log10().floor() as i32;
    let unit = 10_f64.powi(power.abs());
    // 6 / 10 is the number that is written 0.6; 6 × 0.1 is not.
    let of = |step: f64| if power < 0 { step / unit } else { step * unit };
    let fits = |step: &f64| *step >= length * (1.0 - 1e-9);
    STEPS.into_iter().map(of).find(fits).unwrap_or(of(10.0))
}

/// `ppt/charts/chartN.xml`.
pub(super) fn markup(chart: &Chart, lang: Lang) -> String {
    let lang = match lang {
        Lang::En => "en-GB",
        Lang::Zh => "zh-CN",
    };
    let line = chart.form == ChartForm::Lines;
    let size = if chart.categories.len() > 14 {
        900
    } else {
        1100
    };
    let all: String = (chart.series.iter().zip(columns(chart)))
        .enumerate()
        .map(|(i, (one, at))| series(chart, i, one, &at))
        .collect();
    let plot = match chart.form {
        ChartForm::Lines => format!(
            "<c:lineChart><c:grouping val=\"standard\"/><c:varyColors val=\"0\"/>{all}<c:marker val=\"1\"/>\
             <c:axId val=\"111\"/><c:axId val=\"222\"/></c:lineChart>"
        ),
        ChartForm::Bars | ChartForm::Stacked => {
            let (grouping, overlap) = if chart.form == ChartForm::Stacked {
                ("stacked", "<c:overlap val=\"100\"/>")
            } else {
                ("clustered", "")
            };
            format!(
                "<c:barChart><c:barDir val=\"bar\"/><c:grouping val=\"{grouping}\"/><c:varyColors val=\"0\"/>{all}\
                 <c:gapWidth val=\"50\"/>{overlap}<c:axId val=\"111\"/><c:axId val=\"222\"/></c:barChart>"
            )
        }
    };
    let bars = || if line { None } else { whole(chart) };
    let ends = (chart.axis.or_else(bars)).map_or(String::new(), |(low, high)| {
        format!("<c:max val=\"{high}\"/><c:min val=\"{low}\"/>")
    });
    // Bars read from the top; the value axis then lies at their far end, the bottom.
    let (order, at_category, at_value, crosses) = if line {
        ("minMax", "b", "l", "autoZero")
    } else {
        ("maxMin", "l", "b", "max")
    };
    let skip = if line && chart.categories.len() > 12 {
        format!(
            "<c:tickLblSkip val=\"{}\"/>",
            chart.categories.len().div_ceil(8)
        )
    } else {
        String::new()
    };
    let legend = if chart.series.len() > 1 {
        format!(
            "<c:legend><c:legendPos val=\"b\"/><c:overlay val=\"0\"/>{}</c:legend>",
            words(size)
        )
    } else {
        String::new()
    };
    let heading = if chart.title.is_empty() {
        "<c:autoTitleDeleted val=\"1\"/>".to_owned()
    } else {
        format!(
            "{}<c:autoTitleDeleted val=\"0\"/>",
            title(&chart.title, 1100, lang)
        )
    };
    let rule = "<c:spPr><a:ln w=\"6350\"><a:solidFill><a:srgbClr val=\"808080\"/></a:solidFill></a:ln></c:spPr>";
    format!(
        "{XML}<c:chartSpace xmlns:c=\"http://schemas.openxmlformats.org/drawingml/2006/chart\" \
         xmlns:a=\"http://schemas.openxmlformats.org/drawingml/2006/main\" xmlns:r=\"{OFFICE}\"><c:date1904 val=\"0\"/>\
         <c:lang val=\"{lang}\"/><c:roundedCorners val=\"0\"/><c:chart>{heading}<c:plotArea><c:layout/>{plot}\
         <c:catAx><c:axId val=\"111\"/><c:scaling><c:orientation val=\"{order}\"/></c:scaling><c:delete val=\"0\"/>\
         <c:axPos val=\"{at_category}\"/><c:numFmt formatCode=\"General\" sourceLinked=\"0\"/><c:majorTickMark val=\"none\"/>\
         <c:minorTickMark val=\"none\"/><c:tickLblPos val=\"low\"/>{rule}{}<c:crossAx val=\"222\"/><c:crosses val=\"autoZero\"/>\
         <c:auto val=\"0\"/><c:lblAlgn val=\"ctr\"/><c:lblOffset val=\"100\"/>{skip}<c:noMultiLvlLbl val=\"1\"/></c:catAx>\
         <c:valAx><c:axId val=\"222\"/><c:scaling><c:orientation val=\"minMax\"/>{ends}</c:scaling><c:delete val=\"0\"/>\
         <c:axPos val=\"{at_value}\"/><c:majorGridlines><c:spPr><a:ln w=\"6350\"><a:solidFill><a:srgbClr val=\"D9D9D9\"/></a:solidFill>\
         </a:ln></c:spPr></c:majorGridlines>{}<c:numFmt formatCode=\"{}\" sourceLinked=\"0\"/><c:majorTickMark val=\"out\"/>\
         <c:minorTickMark val=\"none\"/><c:tickLblPos val=\"nextTo\"/>{rule}{}<c:crossAx val=\"111\"/><c:crosses val=\"{crosses}\"/>\
         <c:crossBetween val=\"{}\"/></c:valAx></c:plotArea>{legend}<c:plotVisOnly val=\"1\"/><c:dispBlanksAs val=\"gap\"/></c:chart>\
         <c:externalData r:id=\"rId1\"><c:autoUpdate val=\"0\"/></c:externalData></c:chartSpace>",
        words(size),
        title(&chart.measure, 1000, lang),
        format_code(chart),
        words(size),
        if line { "midCat" } else { "between" },
    )
}
