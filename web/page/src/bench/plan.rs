//! What the address says about a measurement.

use atlas_protocol::{BackendChoice, BenchPlan};

/// The part of the address behind `?`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Query {
    pub plan: BenchPlan,
    pub backend: BackendChoice,
}

impl Query {
    /// Whether it asks for this view at all.
    pub fn is_wanted(search: &str) -> bool {
        parts(search).any(|(key, _)| key == "bench")
    }

    /// Reads it; what makes no sense is left out.
    pub fn read(search: &str) -> Self {
        let mut query = Self {
            plan: BenchPlan {
                plain_only: parts(search).any(|(key, _)| key == "plain"),
                ..BenchPlan::default()
            },
            backend: BackendChoice::Auto,
        };
        for (key, value) in parts(search) {
            let number = value.parse::<u32>().ok();
            let plan = &mut query.plan;
            match (key, number) {
                ("prompt", Some(n)) if n > 0 => plan.prompt = n,
                ("decode", Some(n)) if n > 0 => plan.decode = n,
                ("rounds", Some(n)) if n > 0 => plan.rounds = n,
                ("threads", Some(n)) => plan.threads = n,
                ("backend", _) if value == "cpu" => query.backend = BackendChoice::Cpu,
                ("backend", _) if value == "gpu" => query.backend = BackendChoice::Gpu,
                _ => {}
            }
        }
        query
    }

    /// The model that it names.
    pub fn model(search: &str) -> Option<String> {
        let (_, id) = parts(search).find(|(key, _)| *key == "model")?;
        Some(id.to_owned())
    }
}

fn parts(search: &str) -> impl Iterator<Item = (&str, &str)> {
    let parts = search.trim_start_matches('?').split('&');
    parts.map(|part| part.split_once('=').unwrap_or((part, "")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_query_says_what_is_measured() {
        assert!(Query::is_wanted("?bench") && Query::is_wanted("?backend=cpu&bench="));
        assert!(!Query::is_wanted("") && !Query::is_wanted("?benches"));
        let search =
            "?bench&plain&threads=2&prompt=0&decode=x&rounds=1&backend=cpu&model=atlas-lite";
        let query = Query::read(search);
        let plan = BenchPlan {
            threads: 2,
            rounds: 1,
            plain_only: true,
            ..BenchPlan::default()
        };
        assert_eq!(query.plan, plan);
        assert_eq!(query.backend, BackendChoice::Cpu);
        assert_eq!(Query::model(search).as_deref(), Some("atlas-lite"));
    }
}
