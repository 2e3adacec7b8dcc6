//! What went wrong, said where it happened.

use atlas_protocol::{Problem, Why};
use leptos::prelude::*;

use crate::state::{Place, atlas};
use crate::text::{fill, t};

/// A problem of the engine in the visitor's language; the engine itself knows English only.
#[must_use]
pub fn words(problem: &Problem) -> String {
    match problem {
        Problem::EmptyText => t("problem.empty").to_owned(),
        Problem::TooLong { tokens, limit } => {
            fill("problem.long", &[("tokens", tokens), ("limit", limit)])
        }
        Problem::Fetch { file, reason } => {
            fill("problem.fetch", &[("file", file), ("reason", reason)])
        }
        Problem::Damaged { file, reason } => {
            fill("problem.damaged", &[("file", file), ("reason", reason)])
        }
        Problem::Unusable { reason } => fill("problem.unusable", &[("reason", reason)]),
        Problem::OutOfMemory => t("problem.memory").to_owned(),
        Problem::NotReady => t("problem.not-ready").to_owned(),
        Problem::NoChat => t("problem.no-chat").to_owned(),
        Problem::Unknown { what } => fill("problem.unknown", &[("what", what)]),
        Problem::Experiment { reason } => fill("problem.experiment", &[("reason", reason)]),
        Problem::Cancelled => t("problem.cancelled").to_owned(),
        Problem::Engine { reason } => fill("problem.engine", &[("reason", reason)]),
    }
}

/// Why a model runs on what it runs on, in the visitor's language.
#[must_use]
pub fn reason(why: &Why) -> String {
    match why {
        Why::Passed => t("why.passed").to_owned(),
        Why::Chosen => t("why.chosen").to_owned(),
        Why::Insecure => t("why.insecure").to_owned(),
        Why::Absent => t("why.absent").to_owned(),
        Why::Silent => t("why.silent").to_owned(),
        Why::NoCard => t("why.no-card").to_owned(),
        Why::Software { name } => fill("why.software", &[("name", name)]),
        Why::Refused => t("why.refused").to_owned(),
        Why::NotBuilt => t("why.not-built").to_owned(),
        Why::Wrong { off } => fill("why.wrong", &[("off", off)]),
        Why::NoNumbers => t("why.no-numbers").to_owned(),
        Why::Failed { reason } => fill("why.failed", &[("reason", reason)]),
    }
}

/// The line for one place on the page; there is one problem at a time.
#[component]
pub fn Trouble(
    /// Where it stands.
    place: Place,
) -> impl IntoView {
    let atlas = atlas();
    let words = move || {
        atlas.problem.with(|p| {
            p.as_ref()
                .filter(|(at, _)| *at == place)
                .map(|(_, w)| w.clone())
        })
    };
    move || {
        words().map(|w| {
            view! {
                <p class="problem" id="problem" role="alert">
                    {w}
                </p>
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn in_english_a_problem_says_what_the_engine_says() {
        let (file, reason) = ("a.bin".to_owned(), "404".to_owned());
        let all = [
            Problem::EmptyText,
            Problem::TooLong {
                tokens: 9,
                limit: 8,
            },
            Problem::Fetch {
                file: file.clone(),
                reason: reason.clone(),
            },
            Problem::Damaged {
                file,
                reason: reason.clone(),
            },
            Problem::Unusable {
                reason: reason.clone(),
            },
            Problem::OutOfMemory,
            Problem::NotReady,
            Problem::NoChat,
            Problem::Unknown {
                what: "layer 99".to_owned(),
            },
            Problem::Experiment {
                reason: reason.clone(),
            },
            Problem::Cancelled,
            Problem::Engine { reason },
        ];
        for problem in all {
            assert_eq!(words(&problem), problem.to_string());
        }
    }

    #[test]
    fn in_english_a_reason_is_the_engines_own() {
        for why in Why::each() {
            assert_eq!(reason(&why), why.to_string());
        }
    }
}
