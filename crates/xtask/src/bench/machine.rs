//! What this machine is.

use crate::shell;
use std::fs;
use std::process::Command;
use std::time::{SystemTime, UNIX_EPOCH};

/// Names and values for the table.
pub(super) fn describe() -> Vec<(String, String)> {
    let info = cpuinfo();
    let field = |key: &str| field(&info, key);
    let cores = info
        .lines()
        .filter(|line| line.starts_with("processor"))
        .count();
    let memory = fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let kilobytes = memory
        .lines()
        .next()
        .and_then(|line| line.split_whitespace().nth(1)?.parse::<u64>().ok());
    let mut rows = vec![
        (
            "processor".to_owned(),
            field("model name").unwrap_or_else(|| std::env::consts::ARCH.into()),
        ),
        ("cores".into(), cores.max(1).to_string()),
        (
            "instructions".into(),
            INTERESTING
                .into_iter()
                .filter(|flag| has(&info, flag))
                .collect::<Vec<_>>()
                .join(", "),
        ),
    ];
    if let Some(cache) = field("cache size") {
        rows.push(("cache".into(), cache));
    }
    if let Some(kilobytes) = kilobytes {
        rows.push(("memory".into(), format!("{} GB", kilobytes / 1_000_000)));
    }
    if let Some(system) = shell::ask(Command::new("uname").arg("-sr")) {
        rows.push(("system".into(), system));
    }
    rows
}

const INTERESTING: [&str; 10] = [
    "avx",
    "avx2",
    "fma",
    "f16c",
    "avx512f",
    "avx512bw",
    "avx512_vnni",
    "avx_vnni",
    "avx512_bf16",
    "amx_int8",
];

fn cpuinfo() -> String {
    fs::read_to_string("/proc/cpuinfo").unwrap_or_default()
}

fn field(info: &str, key: &str) -> Option<String> {
    let line = info.lines().find(|line| line.starts_with(key))?;
    Some(line.split_once(':')?.1.trim().to_owned())
}

fn has(info: &str, flag: &str) -> bool {
    field(info, "flags").is_some_and(|flags| flags.split_whitespace().any(|other| other == flag))
}

/// How llama.cpp is to be built here: for the best that the processor has, but for AMX, with which it crashes.
pub(super) fn llama_flags() -> String {
    flags(&cpuinfo())
}

fn flags(info: &str) -> String {
    let portable = "-DGGML_NATIVE=OFF";
    if has(info, "avx512f") && has(info, "avx512bw") {
        format!("{portable} -DGGML_AVX512=ON -DGGML_AMX_TILE=OFF")
    } else if has(info, "avx2") {
        format!("{portable} -DGGML_AVX2=ON -DGGML_FMA=ON -DGGML_F16C=ON")
    } else {
        // Another kind of processor: llama.cpp finds out itself.
        "-DGGML_NATIVE=ON".into()
    }
}

/// The load of the last minute.
pub(super) fn load() -> String {
    let text = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    text.split(' ').next().unwrap_or_default().to_owned()
}

/// The date, UTC.
pub(super) fn today() -> String {
    let seconds = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |d| d.as_secs());
    date(seconds / 86_400)
}

/// The day so many days after 1970 began.
fn date(days: u64) -> String {
    // Years that begin in March, so that the leap day is the last of a year; eras of 400 years.
    let days = days + 719_468;
    let (era, day) = (days / 146_097, days % 146_097);
    let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let (day, month) = (
        day - (153 * month + 2) / 5 + 1,
        if month < 10 { month + 3 } else { month - 9 },
    );
    let year = era * 400 + year + u64::from(month <= 2);
    format!("{year}-{month:02}-{day:02}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_have_dates() {
        assert_eq!(
            [0, 59, 11_016, 20_000].map(date),
            ["1970-01-01", "1970-03-01", "2000-02-29", "2024-10-04"]
        );
    }

    #[test]
    fn llama_cpp_is_built_for_the_processor() {
        let with =
            |flags: &str| super::flags(&format!("model name\t: X\nflags\t\t: fpu {flags} sse\n"));
        assert!(with("avx2 avx512f avx512bw amx_tile").contains("AVX512=ON -DGGML_AMX_TILE=OFF"));
        assert!(with("avx2 fma").contains("AVX2=ON") && !with("avx2").contains("AVX512"));
        assert_eq!(super::flags(""), "-DGGML_NATIVE=ON");
    }
}
