//! Figures in words: the table's rows, the line to copy, the browser's name.

use super::Found;
use crate::text::{fill, t};
use crate::trouble;

/// What is shown in the table: name, figure, remark.
pub(super) fn rows(found: &Found) -> Vec<(&'static str, String, String)> {
    let r = &found.report;
    let mut rows = vec![
        (
            t("bench.prompt"),
            pace(r.prompt),
            fill("bench.prompt-tokens", &[("n", &r.prompt_tokens)]),
        ),
        (
            t("bench.plain"),
            pace(r.plain),
            fill("bench.plain-tokens", &[("n", &r.decode_tokens)]),
        ),
    ];
    if r.both > 0.0 {
        rows.push((
            t("bench.both"),
            pace(r.both),
            fill("bench.both-what", &[("cost", &cost(r.cost))]),
        ));
    }
    rows.extend([
        (
            t("bench.on"),
            on(found),
            trouble::reason(&found.backend.why),
        ),
        (
            t("bench.weights"),
            megabytes(r.bytes_per_token),
            fill(
                "bench.weights-pace",
                &[("pace", &gigabytes(r.weights_per_second()))],
            ),
        ),
    ]);
    if let Some(share) = r.share() {
        rows.push((
            t("bench.memory"),
            gigabytes(r.bandwidth),
            fill("bench.memory-share", &[("share", &whole(share * 100.0))]),
        ));
    }
    if r.dispatches_per_token > 0.0 {
        rows.push((
            t("bench.dispatches"),
            whole(r.dispatches_per_token),
            String::new(),
        ));
    }
    rows
}

/// Everything in one line.
pub(super) fn line(found: &Found, browser: &str) -> String {
    let r = &found.report;
    let mut line = fill(
        "bench.line",
        &[
            ("version", &env!("CARGO_PKG_VERSION")),
            ("browser", &browser),
            ("on", &on(found)),
            ("model", &found.model),
            ("prompt", &r.prompt_tokens),
            ("prompt-pace", &pace(r.prompt)),
            ("tokens", &r.decode_tokens),
            ("pace", &pace(r.plain)),
        ],
    );
    if r.both > 0.0 {
        line += &fill(
            "bench.line.both",
            &[("pace", &pace(r.both)), ("cost", &cost(r.cost))],
        );
    }
    line += &fill(
        "bench.line.weights",
        &[
            ("size", &megabytes(r.bytes_per_token)),
            ("pace", &gigabytes(r.weights_per_second())),
        ],
    );
    if let Some(share) = r.share() {
        line += &fill(
            "bench.line.memory",
            &[
                ("memory", &gigabytes(r.bandwidth)),
                ("share", &whole(share * 100.0)),
            ],
        );
    }
    if r.dispatches_per_token > 0.0 {
        line += &fill(
            "bench.line.dispatches",
            &[("n", &whole(r.dispatches_per_token))],
        );
    }
    line
}

/// Backend and threads.
fn on(found: &Found) -> String {
    let r = &found.report;
    match (r.gpu, r.threads) {
        (true, _) => format!("WebGPU, {}", r.unit),
        (false, 1) => fill("bench.one-thread", &[("unit", &r.unit)]),
        (false, threads) => fill("bench.threads", &[("unit", &r.unit), ("threads", &threads)]),
    }
}

fn pace(pace: f32) -> String {
    let number = if pace < 100.0 {
        format!("{pace:.1}")
    } else {
        whole(pace)
    };
    fill("steer.speed", &[("n", &number)])
}

fn whole(number: f32) -> String {
    format!("{number:.0}")
}

fn cost(cost: f32) -> String {
    let percent = format!("{:+.1}", cost * 100.0).replace('-', "−");
    fill("bench.cost", &[("percent", &percent)])
}

fn megabytes(bytes: u64) -> String {
    format!("{:.1} MB", bytes as f64 / 1e6)
}

fn gigabytes(per_second: f32) -> String {
    format!("{:.1} GB/s", per_second / 1e9)
}

/// Name and version of a browser and its system, as far as it tells.
pub(super) fn browser(agent: &str) -> String {
    // Every browser also names those it descends from, so the youngest is looked for first.
    const NAMES: [(&str, &str); 6] = [
        ("Edg/", "Edge"),
        ("OPR/", "Opera"),
        ("Firefox/", "Firefox"),
        ("HeadlessChrome/", "Chromium (headless)"),
        ("Chrome/", "Chromium"),
        ("Version/", "Safari"),
    ];
    const SYSTEMS: [(&str, &str); 6] = [
        ("Android", "Android"),
        ("iPhone", "iOS"),
        ("iPad", "iPadOS"),
        ("Windows", "Windows"),
        ("Mac OS", "macOS"),
        ("Linux", "Linux"),
    ];
    let name = NAMES.iter().find_map(|(mark, name)| {
        let version = agent.split(mark).nth(1)?;
        let major = version.split(['.', ' ']).next().unwrap_or_default();
        Some(format!("{name} {major}"))
    });
    let system = SYSTEMS.iter().find(|(mark, _)| agent.contains(mark));
    match (name, system) {
        (Some(name), Some((_, system))) => {
            fill("bench.browser", &[("name", &name), ("system", system)])
        }
        (Some(name), None) => name,
        _ => t("bench.no-browser").to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use atlas_protocol::{BackendReport, BenchReport, Why};

    fn found() -> Found {
        Found {
            model: "atlas-lite".into(),
            backend: BackendReport {
                gpu: false,
                name: "CPU".into(),
                why: Why::Absent,
                self_test: 0.0,
            },
            report: BenchReport {
                prompt_tokens: 200,
                decode_tokens: 64,
                prompt: 1234.5,
                plain: 40.04,
                reading: 40.0,
                steering: 40.0,
                both: 39.5,
                cost: 0.012,
                gpu: false,
                unit: "simd128".into(),
                threads: 2,
                bytes_per_token: 98_400_000,
                dispatches_per_token: 0.0,
                bandwidth: 8e9,
            },
        }
    }

    #[test]
    fn the_line_holds_everything() {
        let line = line(&found(), "Firefox 141 on Linux");
        for part in [
            "Firefox 141 on Linux; CPU, simd128, 2 threads; atlas-lite;",
            "200 tokens 1234 tokens/s",
            "64 tokens written 40.0 tokens/s, read and steered 39.5 tokens/s (+1.2 % time)",
            "98.4 MB of weights per token, 3.9 GB/s of 8.0 GB/s measured (49 %)",
        ] {
            assert!(line.contains(part), "{part} in {line}");
        }
        assert!(!line.contains('\n') && !line.contains("dispatches"));
    }

    #[test]
    fn what_was_not_measured_is_not_shown() {
        let mut found = found();
        assert_eq!(rows(&found).len(), 6);
        found.report.bandwidth = 0.0;
        found.report.both = 0.0;
        found.report.gpu = true;
        found.report.dispatches_per_token = 180.0;
        let names: Vec<_> = rows(&found).into_iter().map(|row| row.0).collect();
        assert!(!names.contains(&"Memory") && !names.contains(&"Writing, read and steered"));
        assert!(names.contains(&"GPU dispatches per token"));
    }

    #[test]
    fn browsers_are_known_by_their_youngest_name() {
        let chrome = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36";
        assert_eq!(browser(chrome), "Chromium 141 on Linux");
        assert_eq!(
            browser(&format!("{chrome} Edg/141.0.2")),
            "Edge 141 on Linux"
        );
        let safari = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0 Safari/605.1.15";
        assert_eq!(browser(safari), "Safari 26 on macOS");
        assert_eq!(
            browser("Mozilla/5.0 (Windows NT 10.0; rv:141.0) Gecko/20100101 Firefox/141.0"),
            "Firefox 141 on Windows"
        );
        assert!(browser("x").contains("does not tell"));
    }
}
