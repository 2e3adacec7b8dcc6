//! Every figure in one table.

use super::{LabResult, NullBand};

/// One line per figure, with a head, as comma-separated values.
#[must_use]
pub fn csv<'a>(results: impl IntoIterator<Item = &'a LabResult>) -> String {
    let mut out = String::from(
        "experiment,verdict,size,seed,figure,label,unit,estimate,low,high,chance,null_low,null_high,p,test,n\n",
    );
    for result in results {
        for f in &result.figures {
            let null = |of: fn(&NullBand) -> f64| {
                f.null.as_ref().map_or(String::new(), |n| of(n).to_string())
            };
            let size = format!("{:?}", result.size).to_lowercase();
            let fields = [
                quoted(&result.experiment),
                quoted(result.verdict.words()),
                size,
                result.seed.to_string(),
                quoted(&f.id),
                quoted(&f.label),
                quoted(&f.unit),
                f.estimate.to_string(),
                f.low.to_string(),
                f.high.to_string(),
                f.chance.to_string(),
                null(|n| n.low),
                null(|n| n.high),
                f.p.to_string(),
                quoted(&f.test),
                f.n.to_string(),
            ];
            out += &fields.join(",");
            out.push('\n');
        }
    }
    out
}

fn quoted(text: &str) -> String {
    if text.contains([',', '"', '\n']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commas_and_quotes_stay_within_their_field() {
        assert_eq!(quoted("a, \"b\""), "\"a, \"\"b\"\"\"");
        assert_eq!(quoted("plain"), "plain");
    }
}
