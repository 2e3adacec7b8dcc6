//! A result as a picture for a paper: what was expected, and every drawing.

use super::{Drawing, Figure, LabResult, Series};
use std::fmt::Write;

const WIDTH: f64 = 760.0;
const LEFT: f64 = 16.0;
/// Where names end and scales begin.
const NAMES: f64 = 330.0;
const RIGHT: f64 = 640.0;
const LINE: f64 = 20.0;
const INK: &str = "#22211d";
const SOFT: &str = "#6b6860";
/// More and less than nothing: orange and blue, which the colour-blind tell apart.
const MORE: [f64; 3] = [217.0, 95.0, 2.0];
const LESS: [f64; 3] = [33.0, 102.0, 172.0];

/// The picture, with white paper.
#[must_use]
pub fn svg(result: &LabResult, model: &str) -> String {
    let mut sheet = Sheet::default();
    sheet.words(&format!("{}: {model}", result.title), "bold", INK);
    sheet.words(result.verdict.words(), "bold", INK);
    sheet.words(&result.finding, "normal", INK);
    let claims = result.claims.iter().filter_map(|claim| {
        let figure = result.figures.iter().find(|f| f.id == claim.figure)?;
        let held = if claim.holds {
            "holds"
        } else {
            "does not hold"
        };
        Some(Row::of(&format!("{} ({held})", claim.words), figure))
    });
    sheet.dots("What was expected", &claims.collect::<Vec<_>>());
    for drawing in &result.drawings {
        match drawing {
            Drawing::Bars {
                title,
                unit,
                bars,
                null,
            } => {
                let row = |bar: &super::Bar| Row {
                    label: bar.label.clone(),
                    value: bar.value,
                    ends: [bar.low, bar.high],
                    null: null.as_ref().map(|n| [n.low, n.high]),
                    chance: 0.0,
                    unit: unit.clone(),
                };
                sheet.dots(title, &bars.iter().map(row).collect::<Vec<_>>());
            }
            Drawing::Curves {
                title,
                x,
                y,
                series,
            } => sheet.curves(title, (x, y), series),
            Drawing::Matrix {
                title,
                unit,
                rows,
                columns,
                values,
            } => sheet.matrix(&format!("{title} ({unit})"), rows, columns, values),
            Drawing::Texts { .. } => {}
        }
    }
    let source = format!(
        "Emotion Atlas, lab, {}; {}; seed {}; lines: 95 % intervals; grey: what chance gives",
        result.experiment, result.of, result.seed
    );
    sheet.words(&source, "normal", SOFT);
    sheet.done()
}

/// A number with its interval.
struct Row {
    label: String,
    value: f64,
    ends: [f64; 2],
    null: Option<[f64; 2]>,
    chance: f64,
    unit: String,
}

impl Row {
    fn of(label: &str, figure: &Figure) -> Self {
        Self {
            label: label.to_owned(),
            value: figure.estimate,
            ends: [figure.low, figure.high],
            null: figure.null.as_ref().map(|n| [n.low, n.high]),
            chance: figure.chance,
            unit: figure.unit.clone(),
        }
    }
}

#[derive(Default)]
struct Sheet {
    body: String,
    y: f64,
}

impl Sheet {
    fn text(&mut self, [x, y]: [f64; 2], (anchor, weight, fill): (&str, &str, &str), words: &str) {
        let _ = write!(
            self.body,
            "<text x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\" font-weight=\"{weight}\" fill=\"{fill}\">{}</text>",
            escaped(words)
        );
    }

    fn line(&mut self, [x1, y1]: [f64; 2], [x2, y2]: [f64; 2], (stroke, width): (&str, f64)) {
        let _ = write!(
            self.body,
            "<line x1=\"{x1:.1}\" y1=\"{y1:.1}\" x2=\"{x2:.1}\" y2=\"{y2:.1}\" stroke=\"{stroke}\" stroke-width=\"{width}\"/>"
        );
    }

    fn block(&mut self, [x, y]: [f64; 2], [w, h]: [f64; 2], fill: &str) {
        let _ = write!(
            self.body,
            "<rect x=\"{x:.1}\" y=\"{y:.1}\" width=\"{w:.1}\" height=\"{h:.1}\" fill=\"{fill}\"/>"
        );
    }

    /// A paragraph.
    fn words(&mut self, words: &str, weight: &str, fill: &str) {
        for line in wrapped(words, 110) {
            self.y += LINE;
            self.text([LEFT, self.y], ("start", weight, fill), &line);
        }
    }

    fn title(&mut self, title: &str) {
        self.y += LINE * 0.6;
        self.words(title, "bold", INK);
    }

    fn dots(&mut self, title: &str, rows: &[Row]) {
        if rows.is_empty() {
            return;
        }
        self.title(title);
        for row in rows {
            let all = rows.iter().filter(|r| r.unit == row.unit);
            let values = all.flat_map(|r| [r.ends, r.null.unwrap_or(r.ends), [r.chance; 2]]);
            let (low, high) = values
                .flatten()
                .fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), x| {
                    (l.min(x), h.max(x))
                });
            let x = |v: f64| NAMES + 10.0 + (RIGHT - NAMES - 10.0) * share(v, low, high);
            let lines = wrapped(&row.label, 48);
            let middle = self.y + LINE * (lines.len() as f64 + 1.0) / 2.0 - 4.0;
            for line in &lines {
                self.y += LINE;
                self.text([NAMES, self.y], ("end", "normal", INK), line);
            }
            if let Some([from, to]) = row.null {
                let wide = (x(to) - x(from)).max(1.0);
                self.block([x(from), middle - 7.0], [wide, 14.0], "#dedbd2");
            }
            let zero = x(row.chance);
            self.line([zero, middle - 8.0], [zero, middle + 8.0], (SOFT, 1.0));
            let [from, to] = row.ends.map(x);
            self.line([from, middle], [to, middle], (INK, 1.5));
            let _ = write!(
                self.body,
                "<circle cx=\"{:.1}\" cy=\"{middle:.1}\" r=\"3.5\" fill=\"{INK}\"/>",
                x(row.value)
            );
            let said = format!("{} {}", number(row.value), row.unit);
            self.text(
                [RIGHT + 10.0, middle + 4.0],
                ("start", "normal", INK),
                &said,
            );
        }
    }

    fn curves(&mut self, title: &str, (x, y): (&str, &str), series: &[Series]) {
        const HIGH: f64 = 180.0;
        const DASHES: [&str; 6] = ["", "7 3", "2 3", "10 3 2 3", "4 2", "1 4"];
        let points = || series.iter().flat_map(|s| &s.points);
        let mut across: Vec<f64> = points().map(|p| p[0]).collect();
        across.sort_by(f64::total_cmp);
        across.dedup();
        let least = points().map(|p| p[2]).fold(0.0, f64::min);
        let most = points().map(|p| p[3]).fold(least + 1e-9, f64::max);
        self.title(title);
        let (top, left) = (self.y + 10.0, LEFT + 60.0);
        let up = |v: f64| top + HIGH * (1.0 - share(v, least, most));
        let along = |v: f64| {
            let at = across.iter().position(|a| *a >= v).unwrap_or(0);
            left + (RIGHT - left) * at as f64 / across.len().saturating_sub(1).max(1) as f64
        };
        self.line([left, up(0.0)], [RIGHT, up(0.0)], (SOFT, 1.0));
        for (v, drop) in [(least, 0.0), (most, 8.0)] {
            self.text(
                [left - 6.0, up(v) + drop],
                ("end", "normal", SOFT),
                &number(v),
            );
        }
        for (at, s) in series.iter().enumerate() {
            let path: Vec<String> = s
                .points
                .iter()
                .map(|p| format!("{:.1},{:.1}", along(p[0]), up(p[1])))
                .collect();
            let _ = write!(
                self.body,
                "<polyline points=\"{}\" fill=\"none\" stroke=\"{INK}\" stroke-width=\"1.5\" stroke-dasharray=\"{}\"/>",
                path.join(" "),
                DASHES[at % DASHES.len()]
            );
            if let Some(last) = s.points.last() {
                let place = [along(last[0]) + 6.0, up(last[1]) + 4.0];
                self.text(place, ("start", "normal", INK), &s.label);
            }
        }
        self.y = top + HIGH + LINE;
        for v in &across {
            self.text(
                [along(*v), self.y],
                ("middle", "normal", SOFT),
                &v.to_string(),
            );
        }
        self.words(&format!("Across: {x}. Up: {y}."), "normal", SOFT);
    }

    fn matrix(&mut self, title: &str, rows: &[String], columns: &[String], values: &[f64]) {
        self.title(title);
        let left = LEFT + 110.0;
        let cell = ((WIDTH - left - LEFT) / columns.len().max(1) as f64).min(48.0);
        let most = values.iter().map(|v| v.abs()).fold(1e-9, f64::max);
        self.y += LINE;
        for (at, column) in columns.iter().enumerate() {
            // As much of the name as fits.
            let fits = (cell / 6.2) as usize;
            let name: String = column.chars().take(fits.max(1)).collect();
            self.text(
                [left + cell * (at as f64 + 0.5), self.y],
                ("middle", "normal", INK),
                &name,
            );
        }
        for (name, row) in rows.iter().zip(values.chunks(columns.len().max(1))) {
            self.y += LINE;
            self.text([left - 8.0, self.y], ("end", "normal", INK), name);
            for (at, v) in row.iter().enumerate() {
                let x = left + cell * at as f64;
                self.block(
                    [x, self.y - LINE + 5.0],
                    [cell - 1.0, LINE - 1.0],
                    &colour(v / most),
                );
                self.text(
                    [x + cell / 2.0, self.y],
                    ("middle", "normal", INK),
                    &format!("{v:.1}").replace('-', "\u{2212}"),
                );
            }
        }
    }

    fn done(self) -> String {
        let high = self.y + LINE;
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{WIDTH}\" height=\"{high:.0}\" viewBox=\"0 0 {WIDTH} {high:.0}\" \
             font-family=\"Helvetica, Arial, sans-serif\" font-size=\"12\"><rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>{}</svg>\n",
            self.body
        )
    }
}

/// Where a value lies between two others, 0 to 1.
fn share(value: f64, low: f64, high: f64) -> f64 {
    if high > low {
        ((value - low) / (high - low)).clamp(0.0, 1.0)
    } else {
        0.5
    }
}

/// White at 0.
fn colour(part: f64) -> String {
    let end = if part < 0.0 { LESS } else { MORE };
    let [r, g, b] = end.map(|c| 255.0 + (c - 255.0) * 0.8 * part.abs().min(1.0));
    format!("rgb({r:.0},{g:.0},{b:.0})")
}

fn number(x: f64) -> String {
    format!("{x:.2}").replace('-', "\u{2212}")
}

/// Lines of at most so many characters, broken between words.
fn wrapped(words: &str, most: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in words.split_whitespace() {
        let full = |line: &String| line.chars().count() + word.chars().count() >= most;
        match lines.last_mut() {
            Some(line) if line.is_empty() => word.clone_into(line),
            Some(line) if !full(line) => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

/// A text as it may stand in SVG or HTML, also in an attribute.
#[must_use]
pub fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '"' => out.push_str("&quot;"),
            c if c.is_control() => out.push(' '),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Bar, Claim, LabSize, Verdict};

    #[test]
    fn everything_drawn_lies_on_the_sheet_and_strangers_words_are_words() {
        let bar = |label: &str, value: f64| Bar {
            label: label.into(),
            value,
            low: value - 1.0,
            high: value + 1.0,
        };
        let result = LabResult {
            experiment: "e".into(),
            title: "<b>A & B</b>".into(),
            question: String::new(),
            paper: String::new(),
            finding: "It was found.".into(),
            verdict: Verdict::Weak,
            rule: String::new(),
            size: LabSize::Quick,
            seed: 1,
            of: "2 texts".into(),
            layers: vec![],
            claims: vec![Claim {
                words: "it is more".into(),
                paper: String::new(),
                figure: "f".into(),
                expect: 1,
                least: 0.0,
                p: 0.01,
                holds: true,
                why: String::new(),
            }],
            figures: vec![Figure {
                id: "f".into(),
                label: "f".into(),
                unit: "r".into(),
                estimate: 0.5,
                low: 0.4,
                high: 0.6,
                chance: 0.0,
                null: None,
                p: 0.01,
                test: String::new(),
                n: 2,
            }],
            drawings: vec![
                Drawing::Bars {
                    title: "bars".into(),
                    unit: "nats".into(),
                    bars: vec![bar("one", 2.0), bar("two", -3.0)],
                    null: None,
                },
                Drawing::Curves {
                    title: "curves".into(),
                    x: "strength".into(),
                    y: "shift".into(),
                    series: vec![Series {
                        label: "calm".into(),
                        points: vec![[-0.2, -1.0, -2.0, 0.0], [0.2, 1.0, 0.0, 2.0]],
                    }],
                },
                Drawing::Matrix {
                    title: "matrix".into(),
                    unit: "nats".into(),
                    rows: vec!["a".into(), "b".into()],
                    columns: vec!["a".into(), "b".into()],
                    values: vec![1.0, -1.0, 0.0, 0.5],
                },
            ],
        };
        let drawn = svg(&result, "tiny");
        assert!(drawn.contains("&lt;b&gt;A &amp; B&lt;/b&gt;: tiny") && !drawn.contains("<b>"));
        assert_eq!(drawn.matches("<circle").count(), 3);
        assert_eq!(drawn.matches("<polyline").count(), 1);
        assert!(!drawn.contains("NaN") && !drawn.contains("inf"));
        assert!(
            drawn.contains("fill=\"rgb(255,255,255)\""),
            "nothing is white"
        );
        let high: f64 = drawn.split("height=\"").nth(1).map_or(0.0, |h| {
            h.split('"').next().unwrap_or("0").parse().unwrap_or(0.0)
        });
        for y in drawn.split(" y=\"").skip(1) {
            let y: f64 = y.split('"').next().unwrap_or("").parse().unwrap_or(-1.0);
            assert!(y > 0.0 && y < high, "{y} of {high}");
        }
    }

    #[test]
    fn long_words_break_between_words() {
        assert_eq!(wrapped("one two three", 8), ["one two", "three"]);
        assert_eq!(wrapped("", 8), [""]);
        assert_eq!(
            wrapped("extraordinarily long", 5),
            ["extraordinarily", "long"]
        );
    }
}
