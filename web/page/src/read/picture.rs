//! A reading as a picture for a paper: SVG, and PNG made from it.

use std::fmt::Write;

use super::heat::Heat;
use atlas_protocol::lab::escaped;

/// Colours of the page, as CSS writes them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Ink {
    /// Paper.
    pub paper: String,
    /// Ink.
    pub ink: String,
    /// Soft ink.
    pub soft: String,
    /// Components of the colour for less.
    pub less: String,
    /// Components of the colour for more.
    pub more: String,
}

/// Height of a row.
const HIGH: f32 = 16.0;
/// Size of letters.
const TYPE: f32 = 11.0;
/// Room above for the title.
const HEAD: f32 = 26.0;

/// Width of words, near enough.
fn width(text: &str) -> f32 {
    text.chars().count() as f32 * TYPE * 0.56
}

fn escape(text: &str) -> String {
    // A line's end is a token to be seen.
    escaped(&text.replace(char::is_control, "\u{21B5}"))
}

/// The picture and its size: cells with the text written up under them.
#[must_use]
pub fn svg(heat: &Heat, title: &str, source: &str, ink: &Ink) -> (String, [f32; 2]) {
    let left = 12.0 + heat.rows.iter().map(|r| width(&r.name)).fold(0.0, f32::max);
    let low = 12.0
        + heat
            .columns
            .iter()
            .map(|c| width(&c.name))
            .fold(0.0, f32::max);
    let cell = (900.0 / heat.columns.len().max(1) as f32).clamp(13.0, 40.0);
    let across = cell * heat.columns.len() as f32;
    let down = HIGH * heat.rows.len() as f32;
    let wide = (left + across + 14.0)
        .max(width(source) + 24.0)
        .max(width(title) + 24.0);
    let high = HEAD + down + low + 40.0;
    let Ink {
        paper,
        ink: dark,
        soft,
        less,
        more,
    } = ink;
    let mut out = String::new();
    let _ = write!(
        out,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{wide:.0}\" height=\"{high:.0}\" viewBox=\"0 0 {wide:.0} {high:.0}\" \
         font-family=\"Helvetica, Arial, sans-serif\" font-size=\"{TYPE}\"><rect width=\"100%\" height=\"100%\" fill=\"{paper}\"/>\
         <text x=\"8\" y=\"17\" fill=\"{dark}\" font-weight=\"bold\">{}</text>",
        escape(title)
    );
    for (y, row) in heat.rows.iter().enumerate() {
        let top = HEAD + HIGH * y as f32;
        let _ = write!(
            out,
            "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\" fill=\"{dark}\">{}</text>",
            left - 6.0,
            top + HIGH * 0.74,
            escape(&row.name)
        );
        for (x, value) in row.values.iter().enumerate() {
            let Some(value) = value else { continue };
            let alpha = (value.abs() / row.full).min(1.0);
            if alpha < 0.02 {
                continue;
            }
            let colour = if *value < 0.0 { less } else { more };
            let _ = write!(
                out,
                "<rect x=\"{:.1}\" y=\"{top:.1}\" width=\"{cell:.1}\" height=\"{HIGH}\" fill=\"{colour}\" fill-opacity=\"{alpha:.3}\"/>",
                left + cell * x as f32
            );
        }
    }
    let _ = write!(
        out,
        "<rect x=\"{left:.1}\" y=\"{HEAD}\" width=\"{across:.1}\" height=\"{down:.1}\" fill=\"none\" stroke=\"{soft}\" stroke-width=\".6\"/>"
    );
    for (x, column) in heat.columns.iter().enumerate() {
        let (at, base) = (
            left + cell * (x as f32 + 0.5) + TYPE * 0.35,
            HEAD + down + 5.0,
        );
        let _ = write!(
            out,
            "<text transform=\"translate({at:.1} {base:.1}) rotate(-90)\" text-anchor=\"end\" fill=\"{dark}\">{}</text>",
            escape(&column.name)
        );
    }
    let _ = write!(
        out,
        "<text x=\"8\" y=\"{:.1}\" fill=\"{soft}\">{}</text></svg>",
        high - 10.0,
        escape(source)
    );
    (out, [wide, high])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read::heat::{Column, HeatRow};

    #[test]
    fn strangers_words_are_no_markup() {
        let heat = Heat {
            rows: vec![HeatRow {
                name: "a<b".into(),
                key: 0,
                values: vec![Some(0.5), None, Some(-2.0)],
                full: 1.0,
            }],
            columns: ["<script>", "&", "x\n"]
                .iter()
                .enumerate()
                .map(|(i, name)| Column {
                    name: (*name).to_owned(),
                    pieces: i..i + 1,
                    sentence: 0,
                })
                .collect(),
        };
        let (out, [wide, high]) = svg(&heat, "t \"q\"", "s", &Ink::default());
        assert!(
            !out.contains("<script") && out.contains("&lt;script&gt;") && out.contains("a&lt;b")
        );
        assert_eq!(
            out.matches("fill-opacity").count(),
            2,
            "what was not read is not drawn"
        );
        assert!(out.contains("fill-opacity=\"1.000\""));
        assert!(wide > 0.0 && high > 0.0);
    }
}
